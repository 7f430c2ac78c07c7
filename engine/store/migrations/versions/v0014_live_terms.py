"""Let live terms be read in their order, and paused and provisional ones be found without walking through all terms.

Indexes of the few that are meant: a term that is over stands in none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make them; the first takes the place of the one by due day alone."""
    op.drop_index("ix_deadlines_due", "deadlines")
    _make("ix_deadlines_due", ["due_on", "due_at", "id"], "status = 0")
    _make("ix_deadlines_paused", ["id"], "status = 1")
    _make("ix_deadlines_provisional", ["due_on"], "status IN (0, 1) AND provisional = 1")


def downgrade() -> None:
    """Take them away."""
    for name in ("ix_deadlines_provisional", "ix_deadlines_paused", "ix_deadlines_due"):
        op.drop_index(name, "deadlines")
    _make("ix_deadlines_due", ["due_on"], "status = 0")


def _make(name: str, columns: list[str], where: str) -> None:
    """Make an index of the rows for which a condition holds."""
    op.create_index(name, "deadlines", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
