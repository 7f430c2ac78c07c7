"""Add the table of values that are given once, filled from the cases that are not void."""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_VOID = 3
_AT_ONCE = 5_000
_CASES = sa.table(
    "cases",
    sa.column("id", KEY),
    sa.column("workflow", sa.Text),
    sa.column("version", sa.Integer),
    sa.column("clearance", sa.Integer),
    sa.column("fields", sa.Text),
)
_KEPT = sa.table(
    "workflow_versions", sa.column("name", sa.Text), sa.column("version", sa.Integer), sa.column("plain", sa.Text)
)
_GIVE = sa.text(
    "INSERT INTO unique_values (workflow, field, digest, case_id) VALUES (:workflow, :field, :digest, :case_id)"
    " ON CONFLICT (workflow, field, digest) DO NOTHING"
)
"""Should two cases have one value all the same, the first has the row: verifying names the other."""


def upgrade() -> None:
    """Make it, and write what each case has in the fields that its version declares unique."""
    op.create_table(
        "unique_values",
        sa.Column("workflow", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("workflow", "field", "digest", name="pk_unique_values"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_unique_values_case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unique_values_case", "unique_values", ["case_id"])
    unique = _declared()
    if unique:
        _fill(unique)


def _declared() -> dict[tuple[str, int], list[str]]:
    """Return the fields that each version of a workflow declares unique, by its name and version."""
    found: dict[tuple[str, int], list[str]] = {}
    for name, version, plain in op.get_bind().execute(sa.select(_KEPT.c.name, _KEPT.c.version, _KEPT.c.plain)):
        fields = _read(plain).get("fields")
        declared = fields.items() if isinstance(fields, dict) else ()
        names = [field for field, each in declared if isinstance(each, dict) and each.get("unique") is True]
        if names:
            found[name, version] = names
    return found


def _fill(unique: dict[tuple[str, int], list[str]]) -> None:
    """Write what the cases have, in the order in which they were opened."""
    there = op.get_bind()
    columns = _CASES.c.id, _CASES.c.workflow, _CASES.c.version, _CASES.c.fields
    asked = sa.select(*columns).where(_CASES.c.clearance != _VOID).order_by(_CASES.c.id).limit(_AT_ONCE)
    last = 0
    while cases := there.execute(asked.where(_CASES.c.id > last)).fetchall():
        rows = []
        for case_id, workflow, version, fields in cases:
            names = unique.get((workflow, version))
            if not names or not any(name in fields for name in names):
                continue
            values = _read(fields)
            for name in names:
                value = values.get(name)
                if isinstance(value, str):
                    digest = sha256(value.encode()).hexdigest()
                    rows.append({"workflow": workflow, "field": name, "digest": digest, "case_id": case_id})
        if rows:
            there.execute(_GIVE, rows)
        last = cases[-1][0]


def _read(text: str) -> dict[str, object]:
    """Return what stands in a JSON text; nothing if it cannot be read, which verifying says."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def downgrade() -> None:
    """Take it away; what it says stands in the cases."""
    op.drop_table("unique_values")
