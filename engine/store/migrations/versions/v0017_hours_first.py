"""Let terms with an hour come before those of the same day without one, which run to its end, on both databases.

SQLite sorts what is not there first and PostgreSQL last; an index of both kinds says it for both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"


def upgrade() -> None:
    """Make the index of live terms, with the end of time in the place of no hour."""
    _make(sa.text(f"coalesce(due_at, {2**63 - 1})"))


def downgrade() -> None:
    """Make it as it was."""
    _make("due_at")


def _make(hour: str | sa.TextClause) -> None:
    """Make the index of live terms by day, hour and id."""
    op.drop_index("ix_deadlines_due", "deadlines")
    runs = sa.text("status = 0")
    op.create_index("ix_deadlines_due", "deadlines", ["due_on", hour, "id"], sqlite_where=runs, postgresql_where=runs)
