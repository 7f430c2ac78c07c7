"""Keep the day on which a deadline was met, the lateness that the journal tells of, and find unheard reminders.

What older versions forgot when a deadline moved or ended stands in the journal, which told each due day when it
was set: a deadline that ran past it before its next row was late. Such breaches are marked as derived.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

RUNNING, PAUSED, MET, CANCELLED = range(4)
WHY = {PAUSED: "paused", MET: "met", CANCELLED: "cancelled"}
CHUNK = 500


def upgrade() -> None:
    """Add the column, fill it and the ledgers of deadlines from the journal."""
    unheard = sa.text("outcome = 'unheard'")
    columns = ["deadline_id", "rung", "arming"]
    op.create_index("ix_reminders_unheard", "reminders", columns, sqlite_where=unheard, postgresql_where=unheard)
    op.add_column("deadlines", sa.Column("met_on", sa.Text, nullable=True))
    connection = op.get_bind()
    zone = connection.execute(sa.text("SELECT value FROM settings WHERE name = 'zone'")).scalar()
    if zone is None:
        return  # a ledger that was never set up has no deadlines
    last = connection.execute(sa.text("SELECT coalesce(max(case_id), 0) FROM deadlines")).scalar() or 0
    for first in range(1, last + 1, CHUNK):
        _derive(connection, ZoneInfo(_text(zone)), first, first + CHUNK - 1)


def downgrade() -> None:
    """Take the column away; what stands in the ledgers of deadlines is read by no older version, and stays."""
    op.drop_index("ix_reminders_unheard", "reminders")
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.drop_column("met_on")


def _derive(connection: sa.Connection, zone: ZoneInfo, first: int, last: int) -> None:
    """Fill in the deadlines of the cases whose ids lie between *first* and *last*."""
    bounds = {"first": first, "last": last}
    rows = connection.execute(
        sa.text("SELECT case_id, at, body FROM journal WHERE case_id BETWEEN :first AND :last ORDER BY case_id, seq"),
        bounds,
    )
    told: dict[tuple[int, str, int], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for case_id, at, body in rows:
        if '"deadlines"' in body:
            for name, each in json.loads(body)["deadlines"].items():
                told[case_id, name, each["round"]].append((at, each))
    found = connection.execute(
        sa.text(
            "SELECT id, case_id, name, round, status, ended_at, ledger, provisional FROM deadlines"
            " WHERE case_id BETWEEN :first AND :last"
        ),
        bounds,
    ).all()
    for key, case_id, name, turn, status, ended_at, ledger, provisional in found:
        met_on = _day(ended_at, zone).isoformat() if status == MET and ended_at is not None else None
        breaches = list(_breaches(told[case_id, name, turn], zone, provisional=bool(provisional)))
        if met_on is None and not breaches:
            continue
        kept = json.loads(ledger) if breaches else {}
        text = json.dumps({**kept, "breaches": breaches}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute(
            sa.text("UPDATE deadlines SET met_on = :met_on, ledger = :ledger WHERE id = :key"),
            {"met_on": met_on, "ledger": text if breaches else ledger, "key": key},
        )


def _breaches(
    told: list[tuple[int, dict[str, Any]]], zone: ZoneInfo, *, provisional: bool
) -> Iterator[dict[str, object]]:
    """Yield the times in which a deadline ran past its day, as its rows tell; not one that still lasts."""
    for (_, before), (at, after) in pairwise(told):
        day, due_at = date.fromisoformat(before["due_on"]), before.get("due_at")
        today = _day(at, zone)
        late = due_at < at if due_at is not None else day < today
        same = (before["due_on"], due_at) == (after["due_on"], after.get("due_at"))
        if before["status"] != RUNNING or not late or (same and after["status"] == RUNNING):
            continue
        longer = after["extended"] > before["extended"]
        yield {
            "due_on": before["due_on"],
            "due_at": due_at,
            "first_late_on": (day if due_at is not None else day + timedelta(days=1)).isoformat(),
            "ended_on": today.isoformat(),
            "why": WHY.get(after["status"], "extended" if longer else "moved"),
            "provisional": provisional,
            "derived": True,
        }


def _day(stored: int, zone: ZoneInfo) -> date:
    """Return the local date of a stored instant, in microseconds since 1970 UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stored)).astimezone(zone).date()


def _text(value: str) -> str:
    """Return a setting's text, which is kept as JSON or as it is."""
    return str(json.loads(value)) if value.startswith('"') else value
