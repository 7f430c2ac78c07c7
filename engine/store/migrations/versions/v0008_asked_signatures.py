"""Add the table of signatures that were asked for; no older row asks any."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "asked_signatures",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("given_seq", sa.Integer),
        sa.Column("reminded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "field", name="pk_asked_signatures"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_asked_signatures_case_id"),
    )
    waiting = sa.text("given_seq IS NULL")
    columns = ["officer"]
    op.create_index(
        "ix_asked_signatures_waiting", "asked_signatures", columns, sqlite_where=waiting, postgresql_where=waiting
    )


def downgrade() -> None:
    """Take the table away; the journal still tells what was asked and given."""
    op.drop_index("ix_asked_signatures_waiting", "asked_signatures")
    op.drop_table("asked_signatures")
