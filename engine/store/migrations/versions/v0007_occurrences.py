"""Add the table of occurrences: which case was opened for which period. Those opened before are known by their key."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "occurrences",
        sa.Column("workflow", sa.Text, nullable=False),
        sa.Column("recurs", sa.Text, nullable=False),
        sa.Column("unit_id", KEY, nullable=False, autoincrement=False),
        sa.Column("parent_id", KEY, nullable=False, autoincrement=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("case_id", KEY, nullable=False, unique=True),
        sa.PrimaryKeyConstraint("workflow", "recurs", "unit_id", "parent_id", "period", name="pk_occurrences"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_occurrences_case_id"),
    )


def downgrade() -> None:
    """Take the table away; the journal still tells what opened for which period."""
    op.drop_table("occurrences")
