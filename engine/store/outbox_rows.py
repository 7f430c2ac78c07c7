"""Rows of reminders and of messages that were promised; statements only, no rules."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.deadlines.clock import Clock
from engine.journal.canonical import canonical
from engine.store.connection import Row, Store

WAITING, SENT, FAILED, CANCELLED = 0, 1, 2, 3
"""How a promised message stands."""

_COLUMNS = "id, key, kind, recipient, payload, created_at, status, attempts, next_try_at, sent_at, remark"
_CLAIM = (
    "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE status = 0 AND next_try_at <= ?"
    " ORDER BY next_try_at, id LIMIT ?{})"
    f" UPDATE outbox SET next_try_at = ? WHERE id IN (SELECT id FROM due) RETURNING {_COLUMNS}"
)
"""Chosen once: a plan that asked again for each row would pass over what is locked, and exceed the limit."""
_FEW = 10
"""Deadlines whose messages are looked for one by one."""
_REMIND = "INSERT INTO reminders (deadline_id, rung, arming, level, outcome, due_at, at) VALUES (?,?,?,?,?,?,?)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A message as it waits, was sent or has failed."""

    id: int
    key: str
    kind: str
    recipient: str
    """The officer's code."""
    payload: Mapping[str, object]
    created_at: int
    """Microseconds since 1970 UTC, like all instants here."""
    status: int
    attempts: int
    next_try_at: int
    sent_at: int | None
    remark: str | None


def remind(store: Store, rows: Sequence[tuple[int | None, int, int, str, str, int, int]]) -> None:
    """Write rungs taken or skipped: (deadline id, rung, arming, level, outcome, due at, at); each only once."""
    if rows:
        store.change_many(_REMIND, rows)


def reached(store: Store, clock: Clock) -> list[tuple[int, int, int]]:
    """Return (rung, due at, at) of what was reached since a deadline was last moved, sent or skipped; lowest first."""
    rows = store.query(
        "SELECT rung, due_at, at FROM reminders WHERE deadline_id = ? AND arming = ? AND outcome <> 'cancelled'"
        " ORDER BY rung",
        (clock.id, clock.arming),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def still_due(store: Store, refs: Iterable[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    """Return which reminders (deadline id, arming, rung) still stand: their deadline runs and was not moved."""
    wanted = list(refs)
    running: set[tuple[int, int]] = set()
    for start in range(0, len(wanted), 500):
        ids = [each[0] for each in wanted[start : start + 500]]
        asked = f"SELECT id, arming FROM deadlines WHERE status = 0 AND id IN ({','.join('?' * len(ids))})"
        running.update((row[0], row[1]) for row in store.query(asked, ids))
    return {each for each in wanted if each[:2] in running}


def cancel_reminders(store: Store, refs: Sequence[tuple[int, int, int]]) -> None:
    """Write that reminders never went out because their deadline was met, moved or stopped before."""
    if refs:
        with store.begin():
            store.change_many(
                "UPDATE reminders SET outcome = 'cancelled' WHERE deadline_id = ? AND arming = ? AND rung = ?", refs
            )


def take_back(store: Store, gone: Sequence[tuple[int, int]], *, remark: str) -> list[tuple[int, int, str]]:
    """Cancel the reminders of deadlines (id, arming) that wait to go out, and messages that say nothing else.

    Returns:
        (deadline id, rung, level) of each; inside `begin`. The cost follows what waits.
    """
    wanted = set(gone)
    refs: set[tuple[int, int, int]] = set()
    messages: dict[int, list[tuple[int, int, int] | None]] = {}
    for key, payload in _waiting(store, gone):
        messages[key] = [reference(each) for each in lines_of(_payload(payload))]
        refs.update(each for each in messages[key] if each is not None and each[:2] in wanted)
    for key, lines in messages.items():
        others = [each for each in lines if each not in refs]
        if None not in others and not still_due(store, [each for each in others if each is not None]):
            store.change("UPDATE outbox SET status = 3, remark = ? WHERE id = ? AND status = 0", (remark, key))
    found = []
    for ref in sorted(refs):
        changed = store.query(
            "UPDATE reminders SET outcome = 'cancelled' WHERE deadline_id = ? AND arming = ? AND rung = ?"
            " AND outcome = 'sent' RETURNING level",
            ref,
        )
        found += [(ref[0], ref[2], str(row[0])) for row in changed]
    return found


def _waiting(store: Store, gone: Sequence[tuple[int, int]]) -> Iterator[Row]:
    """Yield id and payload of messages that wait with a line about one of these deadlines; of many, with any line."""
    each_by_itself = [f'%"ref":[{deadline_id},{arming},%' for deadline_id, arming in gone]
    for pattern in each_by_itself if len(gone) <= _FEW else ['%"ref":[%']:
        yield from store.query(
            "SELECT id, payload FROM outbox WHERE status = 0 AND next_try_at >= 0 AND payload LIKE ?", (pattern,)
        )


def mark_cancelled(store: Store, promise_id: int, *, remark: str) -> None:
    """Write that nothing is left to be said in a message."""
    with store.begin():
        store.change("UPDATE outbox SET status = 3, remark = ? WHERE id = ? AND status = 0", (remark, promise_id))


def promise(
    store: Store,
    key: str,
    kind: str,
    recipient: str,
    payload: Mapping[str, object] | str,
    at: int,
    *,
    send_at: int | None = None,
) -> bool:
    """Write a message to be sent; False if the same was promised before.

    Args:
        payload: What the message tells, or the same as canonical JSON.
        send_at: Not before that instant; at once if left out.
    """
    return (
        store.change(
            "INSERT INTO outbox (key, kind, recipient, payload, created_at, status, attempts, next_try_at)"
            " VALUES (?,?,?,?,?,0,0,?) ON CONFLICT (key) DO NOTHING",
            (key, kind, recipient, _text(payload), at, at if send_at is None else send_at),
        )
        == 1
    )


def add_to_promise(store: Store, key: str, payload: Mapping[str, object] | str, *, send_at: int) -> bool:
    """Give a message that nobody has begun to send another content; False if it is too late for that.

    Args:
        send_at: When it was to go out; who begins to send it moves that to the end of a claim.
    """
    return (
        store.change(
            "UPDATE outbox SET payload = ? WHERE key = ? AND status = 0 AND attempts = 0 AND next_try_at = ?",
            (_text(payload), key, send_at),
        )
        == 1
    )


def claim(store: Store, *, now_at: int, limit: int, until_at: int) -> list[Promise]:
    """Take messages that are due; nobody else gets them before *until_at*."""
    statement = _CLAIM.format(" FOR UPDATE SKIP LOCKED" if store.dialect == "postgresql" else "")
    with store.begin():
        found = [_promise(row) for row in store.query(statement, (now_at, limit, until_at))]
    return sorted(found, key=lambda each: each.id)


def mark_sent(store: Store, promise_id: int, *, at: int, remark: str) -> None:
    """Write that a message went out."""
    with store.begin():
        store.change(
            "UPDATE outbox SET status = 1, attempts = attempts + 1, sent_at = ?, remark = ? WHERE id = ?",
            (at, remark, promise_id),
        )


def mark_retry(store: Store, promise_id: int, *, next_try_at: int, remark: str, counted: bool) -> None:
    """Put a message back until *next_try_at*; what has been sent stays sent."""
    with store.begin():
        store.change(
            "UPDATE outbox SET next_try_at = ?, remark = ?, attempts = attempts + ? WHERE id = ? AND status = 0",
            (next_try_at, remark, int(counted), promise_id),
        )


def mark_failed(store: Store, promise_id: int, *, remark: str) -> None:
    """Write that a message is given up; what has been sent stays sent."""
    with store.begin():
        store.change(
            "UPDATE outbox SET status = 2, attempts = attempts + 1, remark = ? WHERE id = ? AND status = 0",
            (remark, promise_id),
        )


def send_again(store: Store, *, now_at: int, promise_id: int | None = None) -> int:
    """Put failed messages back into waiting; return how many."""
    narrowed, values = ("", (now_at,)) if promise_id is None else (" AND id = ?", (now_at, promise_id))
    with store.begin():
        return store.change(
            f"UPDATE outbox SET status = 0, attempts = 0, next_try_at = ? WHERE status = 2{narrowed}", values
        )


def promises(store: Store, *, status: int | None = None, limit: int | None = None) -> list[Promise]:
    """Return messages, newest first; all of them if there is no *limit*."""
    narrowed = "" if status is None else f" WHERE status = {int(status)}"
    most, values = ("", ()) if limit is None else (" LIMIT ?", (limit,))
    return [
        _promise(row) for row in store.query(f"SELECT {_COLUMNS} FROM outbox{narrowed} ORDER BY id DESC{most}", values)
    ]


def lines_of(payload: Mapping[str, object]) -> list[object]:
    """Return the lines of a digest; none for other kinds."""
    found = payload.get("entries")
    return found if isinstance(found, list) else []


def reference(line: object) -> tuple[int, int, int] | None:
    """Return which reminder (deadline id, arming, rung) a line of a digest stands for; None if it names none."""
    match line:
        case {"ref": [int(deadline_id), int(arming), int(rung)]}:
            return deadline_id, arming, rung
    return None


def _payload(text: str) -> dict[str, Any]:
    """Return what a message tells; nothing if it was spoilt, so that it fails alone for what it lacks."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def count(store: Store, status: int) -> int:
    """Return how many messages stand so."""
    return int(store.query("SELECT count(*) FROM outbox WHERE status = ?", (status,))[0][0])


def count_waiting_since(store: Store, at: int) -> int:
    """Return how many messages wait that should have gone out by *at*, or were tried and were promised by then."""
    asked = "SELECT count(*) FROM outbox WHERE status = 0 AND (next_try_at <= ? OR (attempts > 0 AND created_at <= ?))"
    return int(store.query(asked, (at, at))[0][0])


def _text(payload: Mapping[str, object] | str) -> str:
    """Return the payload as it is stored."""
    return payload if isinstance(payload, str) else canonical(payload)


def _promise(row: Row) -> Promise:
    """Return the message that a row of _COLUMNS holds."""
    return Promise(
        id=row[0],
        key=row[1],
        kind=row[2],
        recipient=row[3],
        payload=_payload(row[4]),
        created_at=row[5],
        status=row[6],
        attempts=row[7],
        next_try_at=row[8],
        sent_at=row[9],
        remark=row[10],
    )
