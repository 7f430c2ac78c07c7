"""Say again in each case's shape how its terms stand: steps in bulk that moved no term wrote there those of another.

Values and coming back were always each case's own; the bits of terms are computed from the case's deadlines, as
every commit does. How many were put right is left for the journal, which says it with the upgrade.
"""

import json
from collections import defaultdict
from contextlib import suppress

import sqlalchemy as sa
from alembic import context, op

from engine.rules.shapes import EXTENDED, LIVE, TERMS, UNKNOWN, ShapedTerm, Shapes

revision = "0018"
down_revision = "0017"

AT_ONCE = 2_000
OF_TERMS = TERMS | LIVE | EXTENDED
CANCELLED = 3
MENDED = "mended"
"""Under which of Alembic's attributes `engine.store.schema` finds the number."""


def upgrade() -> None:
    """Put right every case whose bits are not those of its deadlines, and leave their number."""
    there, mended = op.get_bind(), 0
    theirs = _theirs(there)
    asked = sa.text("SELECT id, workflow, version, shape FROM cases WHERE id > :last ORDER BY id LIMIT :size")
    put = sa.text("UPDATE cases SET shape = :shape WHERE id = :key")
    last = 0
    while cases := there.execute(asked, {"last": last, "size": AT_ONCE}).all():
        terms = _terms(there, cases[0][0], cases[-1][0])
        last, wrong = cases[-1][0], []
        for case_id, workflow, version, shape in cases:
            shapes = theirs.get((workflow, version))
            if shape != UNKNOWN and shapes is not None:
                with suppress(ValueError, TypeError):  # a day that is none: changed by hand, which verifying names
                    found = (shape & ~OF_TERMS) | shapes.standing(terms.get(case_id, ()))
                    if found != shape:
                        wrong.append({"shape": found, "key": case_id})
        if wrong:
            there.execute(put, wrong)
            mended += len(wrong)
    context.config.attributes[MENDED] = mended


def downgrade() -> None:
    """Leave what is right."""


def _terms(there: sa.Connection, first: int, last: int) -> dict[int, list[ShapedTerm]]:
    """Return the deadlines that decide the bits, by case; the text of extensions stays in the database."""
    find = "strpos" if there.dialect.name == "postgresql" else "instr"
    asked = (
        "SELECT case_id, name, status, original_due_on, due_at, ended_at, met_on,"
        f" CASE WHEN status <= 1 AND {find}(ledger, :none) = 0 THEN 1 ELSE 0 END FROM deadlines"
        f" WHERE case_id BETWEEN :first AND :last AND status <> {CANCELLED}"
    )
    found: dict[int, list[ShapedTerm]] = defaultdict(list)
    for case_id, *term in there.execute(sa.text(asked), {"none": '"extensions":[]', "first": first, "last": last}):
        found[case_id].append(ShapedTerm._make(term))
    return found


def _theirs(there: sa.Connection) -> dict[tuple[str, int], Shapes]:
    """Return what knows the terms of the other side, by workflow and version; none of a text that cannot be read."""
    found = {}
    for name, version, plain in there.execute(sa.text("SELECT name, version, plain FROM workflow_versions")):
        with suppress(ValueError, AttributeError):
            terms = json.loads(plain).get("deadlines") or {}
            found[name, version] = Shapes(version, (), [term for term in terms if terms[term].get("whose") == "theirs"])
    return found
