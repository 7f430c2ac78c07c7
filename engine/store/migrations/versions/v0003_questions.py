"""Add the table of questions: what ledgers left unclear about cases. No older row asks any."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "questions",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=True),
        sa.Column("closed_seq", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "field", "seq", name="pk_questions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_questions_case_id"),
    )
    unclosed = sa.text("closed_seq IS NULL")
    columns = ["case_id", "field"]
    op.create_index("ix_questions_open", "questions", columns, sqlite_where=unclosed, postgresql_where=unclosed)


def downgrade() -> None:
    """Take the table away; the journal still tells what was asked."""
    op.drop_index("ix_questions_open", "questions")
    op.drop_table("questions")
