"""Add the tables of who is who: credentials, log-ins, failures to log in, and signatures over journal rows."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "credentials",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("seq", name="pk_credentials"),
    )
    op.create_table(
        "log_ins",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("credential", sa.Integer, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("seq", name="pk_log_ins"),
    )
    op.create_table(
        "log_in_failures",
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("officer", "source", name="pk_log_in_failures"),
    )
    op.create_table(
        "signatures",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_signatures"),
    )


def downgrade() -> None:
    """Take the tables away; the journal still tells of credentials and log-ins, and which rows were signed."""
    for name in ("signatures", "log_in_failures", "log_ins", "credentials"):
        op.drop_table(name)
