"""${message}.

Written by hand; tests/test_engine_store_migrations.py compares the sum of all steps with engine/store/tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """${message}."""


def downgrade() -> None:
    """Go back, keeping every row."""
