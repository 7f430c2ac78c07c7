"""Add the tree over the journal, and its checkpoints; both are filled after this, from the journal as it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; no entry has a place yet."""
    op.create_table(
        "tree_leaves",
        sa.Column("position", KEY, nullable=False, autoincrement=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_tree_leaves"),
        sa.UniqueConstraint("case_id", "seq", name="uq_tree_leaves_case_id_seq"),
    )
    op.create_table(
        "tree_tiles",
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("place", KEY, nullable=False, autoincrement=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("hashes", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_tree_tiles"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", KEY, nullable=False, autoincrement=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_checkpoints"),
    )


def downgrade() -> None:
    """Take the tables away; checkpoints that left the ledger stay where they are."""
    for each in ("checkpoints", "tree_tiles", "tree_leaves"):
        op.drop_table(each)
