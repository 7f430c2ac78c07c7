"""Add the tables of who is named in which case, filled from the cases, and of forms that were begun."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_AT_ONCE = 5_000
_CASES = sa.table("cases", sa.column("id", KEY), sa.column("fields", sa.Text))


def upgrade() -> None:
    """Make both tables, and write whom the cases name."""
    named = op.create_table(
        "named_officers",
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("case_id", KEY, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("officer", "case_id", name="pk_named_officers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("case_id", KEY, nullable=False, autoincrement=False),
        sa.Column("trigger", sa.Text, nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("officer", "case_id", "trigger", name="pk_drafts"),
    )
    op.create_index("ix_drafts_at", "drafts", ["at"])
    _fill(named)


def _fill(named: sa.Table) -> None:
    """Write a row for each officer's code that stands whole in a value of a case.

    Which fields hold officers only the declarations say; a code that stands in another field does no harm, since
    who finds a case by this table looks at the case itself.
    """
    there = op.get_bind()
    codes = {each for (each,) in there.execute(sa.text("SELECT code FROM officers"))}
    last = 0
    while cases := there.execute(
        sa.select(_CASES.c.id, _CASES.c.fields).where(_CASES.c.id > last).order_by(_CASES.c.id).limit(_AT_ONCE)
    ).fetchall():
        found = [
            {"officer": code, "case_id": case_id}
            for case_id, fields in cases
            for code in sorted(codes.intersection(_texts(fields)))
        ]
        if found:
            op.bulk_insert(named, found)
        last = cases[-1][0]


def _texts(fields: str) -> set[str]:
    """Return the texts that stand whole in values; none of a row that cannot be read, which is said elsewhere."""
    try:
        values = json.loads(fields).values()
    except (ValueError, AttributeError):
        return set()
    several = (each if isinstance(each, list) else [each] for each in values)
    return {each for values in several for each in values if isinstance(each, str)}


def downgrade() -> None:
    """Take both away; whom a case names still stands in it."""
    op.drop_index("ix_drafts_at", "drafts")
    op.drop_table("drafts")
    op.drop_table("named_officers")
