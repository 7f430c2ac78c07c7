"""Say of each term that ceased twice that it ended as it ceased: the tables had the later day, beside the journal.

The bits of terms in the shapes of such cases are computed from that again, as every commit does. How many were put
right is left for the journal.

Ledgers of before are brought up for what their rows count wrong as well: until then the state that a ledger named for
a case which was there already counted by the state before it. The rows that put this right stand in the journal, which
the program writes and no step of the tables: `upgrade` and `restore` write them with the row that says of this step,
and until that row is there zero reads every row of the ledger again.
"""

import json
from collections import defaultdict
from contextlib import suppress

import sqlalchemy as sa
from alembic import context, op

from engine.rules.shapes import EXTENDED, LIVE, TERMS, UNKNOWN, ShapedTerm, Shapes

revision = "0020"
down_revision = "0019"

MENDED = "mended"
"""Under which of Alembic's attributes `engine.store.schema` finds the number."""
OF_TERMS = TERMS | LIVE | EXTENDED
LIFTED = 4
CANCELLED = 3


def upgrade() -> None:
    """Put right each term that ceased twice, and what its case says of its terms."""
    there = op.get_bind()
    of_case = defaultdict[int, list[dict[str, int]]](list)
    asked = f"SELECT id, case_id, ended_at, ledger FROM deadlines WHERE status = {LIFTED}"
    for clock_id, case_id, ended_at, ledger in there.execute(sa.text(asked)):
        since = _since(ledger, ended_at)
        if since != ended_at:
            of_case[case_id].append({"since": since, "key": clock_id})
    theirs = _theirs(there) if of_case else {}
    for case_id, clocks in of_case.items():
        there.execute(sa.text("UPDATE deadlines SET ended_at = :since WHERE id = :key"), clocks)
        _shape(there, case_id, theirs)
    before = context.config.attributes.get(MENDED, 0)
    context.config.attributes[MENDED] = before + len(of_case)


def downgrade() -> None:
    """Leave what is right."""


def _since(ledger: str, ended_at: int) -> int:
    """Return since when a term has not been required without a break; when it ended if that cannot be read."""
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        *earlier, last = json.loads(ledger)["lifted"]
        since = last["from_at"]
        if since != ended_at:
            return ended_at
        for each in reversed(earlier):
            if each["to_at"] != since:
                break
            since = each["from_at"]
        return int(since)
    return ended_at


def _shape(there: sa.Connection, case_id: int, theirs: dict[tuple[str, int], Shapes]) -> None:
    """Let a case say how its terms stand."""
    of_case = {"key": case_id}
    asked = "SELECT workflow, version, shape FROM cases WHERE id = :key"
    workflow, version, shape = there.execute(sa.text(asked), of_case).one()
    shapes = theirs.get((workflow, version))
    if shape == UNKNOWN or shapes is None:
        return
    find = "strpos" if there.dialect.name == "postgresql" else "instr"
    terms = there.execute(
        sa.text(
            "SELECT name, status, original_due_on, due_at, ended_at, met_on,"
            f" CASE WHEN status <= 1 AND {find}(ledger, :none) = 0 THEN 1 ELSE 0 END FROM deadlines"
            f" WHERE case_id = :key AND status <> {CANCELLED}"
        ),
        of_case | {"none": '"extensions":[]'},
    ).all()
    with suppress(ValueError, TypeError):  # a day that is none: changed by hand, which verifying names
        found = (shape & ~OF_TERMS) | shapes.standing([ShapedTerm._make(term) for term in terms])
        there.execute(sa.text("UPDATE cases SET shape = :shape WHERE id = :key"), of_case | {"shape": found})


def _theirs(there: sa.Connection) -> dict[tuple[str, int], Shapes]:
    """Return what knows the terms of the other side, by workflow and version; none of a text that cannot be read."""
    found = {}
    for name, version, plain in there.execute(sa.text("SELECT name, version, plain FROM workflow_versions")):
        with suppress(ValueError, AttributeError):
            terms = json.loads(plain).get("deadlines") or {}
            found[name, version] = Shapes(version, (), [term for term in terms if terms[term].get("whose") == "theirs"])
    return found
