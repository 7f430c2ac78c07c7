"""Add the table of adopted texts: the rules by which the ledger works. `upgrade` then adopts what was in use."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "adopted",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("plain", sa.Text, nullable=False),
        sa.Column("shipped", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "version", name="pk_adopted"),
    )


def downgrade() -> None:
    """Take the table away; the journal still tells what was adopted, by digest."""
    op.drop_table("adopted")
