"""Add the lines of digests as rows, filled from the digests that wait, and an index of rare kinds of journal rows."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OUTBOX = sa.table(
    "outbox", sa.column("id", KEY), sa.column("payload", sa.Text), sa.column("status"), sa.column("open_lines")
)
_RARE = "kind NOT IN ('moved', 'opened', 'reminded', 'row_kept')"


def upgrade() -> None:
    """Make them, and write what each digest that waits says."""
    lines = op.create_table(
        "digest_lines",
        sa.Column("deadline_id", KEY, nullable=False, autoincrement=False),
        sa.Column("arming", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("rung", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("outbox_id", KEY, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("deadline_id", "arming", "rung", "outbox_id", name="pk_digest_lines"),
        sqlite_with_rowid=False,
    )
    op.add_column("outbox", sa.Column("open_lines", sa.Integer, nullable=True))
    op.create_index(
        "ix_journal_rare", "journal", ["kind", "at"], sqlite_where=sa.text(_RARE), postgresql_where=sa.text(_RARE)
    )
    _fill(lines)


def _fill(lines: sa.Table) -> None:
    """Write a row for each reminder that waits in a digest, and how many lines each such digest has.

    A line that names no reminder is one that nobody can take back, so that its digest is never cancelled for lack of
    lines; delivery looks at each by itself.
    """
    there = op.get_bind()
    asked = sa.select(_OUTBOX.c.id, _OUTBOX.c.payload).where(_OUTBOX.c.status == 0).order_by(_OUTBOX.c.id).limit(100)
    last = 0
    while waiting := there.execute(asked.where(_OUTBOX.c.id > last)).fetchall():
        for outbox_id, payload in waiting:
            said = _lines(payload)
            if said is None:
                continue
            refs = sorted({ref for ref in map(_reference, said) if ref is not None})
            if refs:
                names = ("deadline_id", "arming", "rung", "outbox_id")
                op.bulk_insert(lines, [dict(zip(names, (*ref, outbox_id), strict=True)) for ref in refs])
            there.execute(sa.update(_OUTBOX).where(_OUTBOX.c.id == outbox_id).values(open_lines=len(said)))
        last = waiting[-1][0]


def _lines(payload: str) -> list[object] | None:
    """Return the lines of a digest; None of what is none or cannot be read, which fails when it is to go out."""
    try:
        found = json.loads(payload).get("entries")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, list) else None


def _reference(line: object) -> tuple[int, int, int] | None:
    """Return which reminder a line stands for: deadline, arming and rung."""
    match line:
        case {"ref": [int(deadline_id), int(arming), int(rung)]}:
            return deadline_id, arming, rung
    return None


def downgrade() -> None:
    """Take them away; what a digest says still stands in it."""
    op.drop_index("ix_journal_rare", "journal")
    op.drop_column("outbox", "open_lines")
    op.drop_table("digest_lines")
