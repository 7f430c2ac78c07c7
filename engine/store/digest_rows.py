"""Rows of digests: messages that say many reminders, and which of them each says; statements only, no rules.

A sweep promises one to each who hears of something. On PostgreSQL those of a chunk are written together, so that it
waits as often for ten officers as for ten thousand.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from engine.store.connection import Store
from engine.store.outbox_columns import DigestLineRecord, NewPromise, ReminderRef
from engine.store.outbox_rows import WAITING
from engine.store.statements import computed, inserted, listed

KIND: Final = "digest"
_UNSENT: Final = "o.status = 0 AND o.attempts = 0"
_WHICH: Final = ("key", "id")
_PROMISE: Final = {
    "sqlite": f"{inserted('outbox', NewPromise._fields)} ON CONFLICT (key) DO NOTHING RETURNING {listed(_WHICH)}",
    "postgresql": f"INSERT INTO outbox ({listed(NewPromise._fields)}) SELECT * FROM unnest(?::text[], ?::text[],"
    " ?::text[], ?::text[], ?::bigint[], ?::smallint[], ?::integer[], ?::bigint[], ?::integer[])"
    f" ON CONFLICT (key) DO NOTHING RETURNING {listed(_WHICH)}",
}
_ADD: Final = {
    "sqlite": f"UPDATE outbox AS o SET {computed({'payload': '?', 'open_lines': 'open_lines + ?'})}"
    f" WHERE o.key = ? AND {_UNSENT} AND o.next_try_at = ? RETURNING {listed(_WHICH)}",
    "postgresql": f"UPDATE outbox o SET {computed({'payload': 'v.payload', 'open_lines': 'o.open_lines + v.more'})}"
    " FROM unnest(?::text[], ?::integer[], ?::text[], ?::bigint[]) AS v(payload, more, key, send_at)"
    f" WHERE o.key = v.key AND {_UNSENT} AND o.next_try_at = v.send_at RETURNING {listed(_WHICH, 'o')}",
}
_SAY: Final = (
    f"{inserted('digest_lines', DigestLineRecord._fields)} ON CONFLICT ({listed(DigestLineRecord._fields)}) DO NOTHING"
)


class DigestPart(NamedTuple):
    """A digest with all its lines, of which some are new."""

    key: str
    recipient: str
    """The officer's code."""
    payload: str
    """All its lines, as canonical JSON."""
    send_at: int
    """When it goes out; the one who begins to send it moves that to the end of a claim."""
    says: Sequence[ReminderRef]
    """The reminder of each line that is new in it."""


def promise(store: Store, parts: Iterable[DigestPart], *, at: int) -> dict[str, int]:
    """Write digests to be sent; return the ids of those that were not promised before, by key."""
    rows = [
        NewPromise(
            key=each.key,
            kind=KIND,
            recipient=each.recipient,
            payload=each.payload,
            created_at=at,
            status=WAITING,
            attempts=0,
            next_try_at=each.send_at,
            open_lines=len(each.says),
        )
        for each in parts
    ]
    return _ids(store, _PROMISE[store.dialect], rows)


def add(store: Store, parts: Iterable[DigestPart]) -> dict[str, int]:
    """Give digests that nobody has begun to send further lines; return the ids of those for which it is not too late.

    They are by key, as `promise` has them.
    """
    rows = [(each.payload, len(each.says), each.key, each.send_at) for each in parts]
    return _ids(store, _ADD[store.dialect], rows)


def say(store: Store, lines: Sequence[DigestLineRecord]) -> None:
    """Write which reminders digests say: in the order of the key, so that one page of the table takes many."""
    if lines:
        store.change_many(_SAY, sorted(lines))


def _ids(store: Store, statement: str, rows: Sequence[tuple[object, ...]]) -> dict[str, int]:
    """Run a statement for each row, or once with all as lists of columns; return keys and ids of what it wrote."""
    if not rows:
        return {}
    if store.gives_ids:
        return dict(store.query(statement, [list(column) for column in zip(*rows, strict=True)]))
    return {key: outbox_id for row in rows for key, outbox_id in store.query(statement, row)}
