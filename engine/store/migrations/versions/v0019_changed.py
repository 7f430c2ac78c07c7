"""Let the index of cases that are alike say when each changed and how often, and add the table of sums that are kept.

The index holds what decides whether a report looks at a case, and whether a sum still holds: a walk through it reads a
tenth of what the cases take.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ALIKE = ["workflow", "unit_id", "state", "clearance", "shape", "dated_on", "opened_at"]


def upgrade() -> None:
    """Make the index with both at its end, and the table, without a row."""
    _make([*ALIKE, "changed_at", "revision"])
    op.create_table(
        "kept_sums",
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("block", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("kin", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("sums", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("asked", "block", name="pk_kept_sums"),
    )


def downgrade() -> None:
    """Make the index as it was, and forget the sums."""
    op.drop_table("kept_sums")
    _make(ALIKE)


def _make(columns: list[str]) -> None:
    """Make the index of some columns in the place of the one that is there."""
    op.drop_index("ix_cases_alike", "cases")
    op.create_index("ix_cases_alike", "cases", columns)
