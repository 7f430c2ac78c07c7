"""Add the shape of each case, computed from its values, its deadlines and its journal, and the index that groups by it.

The index takes the place of the one by unit and state, with which it begins.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import sqlalchemy as sa
from alembic import op

from engine.rules.shapes import CAME_BACK, ShapedTerm, Shapes

revision = "0012"
down_revision = "0011"

AT_ONCE = 500
VALUED = {"choice", "flag"}


def upgrade() -> None:
    """Make the column, write it, and make the index."""
    op.add_column("cases", sa.Column("shape", sa.BigInteger, nullable=False, server_default="0"))
    op.drop_index("ix_cases_workflow_unit_state", "cases")
    _fill(op.get_bind())
    columns = ["workflow", "unit_id", "state", "clearance", "shape", "dated_on", "opened_at"]
    op.create_index("ix_cases_alike", "cases", columns)


def downgrade() -> None:
    """Take them away; a shape says nothing that the journal does not."""
    op.drop_index("ix_cases_alike", "cases")
    op.drop_column("cases", "shape")
    op.create_index("ix_cases_workflow_unit_state", "cases", ["workflow", "unit_id", "state"])


def _fill(there: sa.Connection) -> None:
    """Write the shape of every case; what cannot be read has none, and is looked at by itself."""
    shapes = _declared(there)
    asked = sa.text("SELECT id, workflow, version, fields FROM cases WHERE id > :last ORDER BY id LIMIT :size")
    last = 0
    while cases := there.execute(asked, {"last": last, "size": AT_ONCE}).all():
        between = {"first": cases[0].id, "last": cases[-1].id}
        last = cases[-1].id
        terms: dict[int, list[ShapedTerm]] = defaultdict(list)
        for case_id, ledger, name, status, first, due_at, ended_at, met_on in there.execute(
            sa.text(
                "SELECT case_id, ledger, name, status, original_due_on, due_at, ended_at, met_on FROM deadlines"
                " WHERE case_id BETWEEN :first AND :last"
            ),
            between,
        ):
            is_extended = '"extensions":[]' not in ledger
            terms[case_id].append(ShapedTerm(name, status, first, due_at, ended_at, met_on, is_extended))
        back = _came_back(
            there.execute(
                sa.text(
                    "SELECT case_id, clearance FROM journal WHERE case_id BETWEEN :first AND :last"
                    " ORDER BY case_id, seq"
                ),
                between,
            ).all()
        )
        rows = []
        for case_id, workflow, version, fields in cases:
            known, values = shapes.get((workflow, version)), _read(fields)
            if known is not None and values is not None:
                with suppress(ValueError, TypeError):  # a day that is none, a choice that is a list: changed by hand
                    bits = known.standing(terms[case_id]) | (CAME_BACK if case_id in back else 0)
                    rows.append({"shape": known.of(values, bits), "key": case_id})
        if rows:
            there.execute(sa.text("UPDATE cases SET shape = :shape WHERE id = :key"), rows)


def _declared(there: sa.Connection) -> dict[tuple[str, int], Shapes]:
    """Return what gives the shapes of the cases of each version that is kept."""
    found = {}
    for name, version, plain in there.execute(sa.text("SELECT name, version, plain FROM workflow_versions")):
        said = _read(plain)
        if said is not None and isinstance(said.get("fields"), dict):
            valued = [field for field, each in said["fields"].items() if each.get("type") in VALUED]
            terms = said.get("deadlines") or {}
            theirs = [term for term, each in terms.items() if each.get("whose") == "theirs"]
            found[name, version] = Shapes(version, valued, theirs)
    return found


def _read(text: str) -> dict[str, dict[str, dict[str, object]]] | None:
    """Return what a text of JSON says; None if it cannot be read, which is said elsewhere."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _came_back(rows: Iterable[tuple[int, int]]) -> set[int]:
    """Return the cases that a row counts as open after one that did not."""
    found, before = set[int](), (0, 0)
    for case_id, clearance in rows:
        if before[0] == case_id and before[1] and not clearance:
            found.add(case_id)
        before = (case_id, clearance)
    return found
