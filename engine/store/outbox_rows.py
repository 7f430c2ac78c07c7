"""Rows of reminders and of messages that were promised; statements only, no rules."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.deadlines.clock import Clock
from engine.journal.canonical import canonical
from engine.store import outbox_columns
from engine.store.connection import Store
from engine.store.outbox_columns import (
    DeadlineArming,
    NewPromise,
    ReachedRung,
    ReminderRecord,
    ReminderRef,
    WaitingLine,
)
from engine.store.sessions import session
from engine.store.statements import assigned, computed, inserted, listed, marks

if TYPE_CHECKING:
    from engine.store.tables import OutboxRow

Promise = outbox_columns.Promise

WAITING, SENT, FAILED, CANCELLED = 0, 1, 2, 3
"""How a promised message stands."""

# Prepared statements, not a session: messages are promised and taken back by the step, the sweep and the import, which
# load no SQLAlchemy, and claimed by a plan that skips what others hold. What happens to one message alone, once it has
# been tried, goes through a session below.
_COLUMNS = listed(Promise._fields)
_CLAIM = (
    "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE status = 0 AND next_try_at <= ?"
    " ORDER BY next_try_at, id LIMIT ?{})"
    f" UPDATE outbox SET next_try_at = ? WHERE id IN (SELECT id FROM due) RETURNING {_COLUMNS}"
)
"""Chosen once: a plan that asked again for each row would pass over what is locked, and exceed the limit."""
_PROMISE = f"{inserted('outbox', NewPromise._fields)} ON CONFLICT (key) DO NOTHING"
_FEWER_LINES = {
    "open_lines": "open_lines - ?",
    "status": f"CASE WHEN open_lines > ? THEN status ELSE {CANCELLED} END",
    "remark": "CASE WHEN open_lines > ? THEN remark ELSE ? END",
}
_SAYS_LESS = f"UPDATE outbox SET {computed(_FEWER_LINES)} WHERE id = ? AND status = 0 AND open_lines IS NOT NULL"
_PAYLOAD = Promise._fields.index("payload")
_LINES = f"SELECT {listed(WaitingLine._fields, 'l', level='r.level')} FROM"
_STANDS = (
    " digest_lines l CROSS JOIN outbox o CROSS JOIN reminders r WHERE {} AND o.id = l.outbox_id AND o.status = 0"
    " AND r.deadline_id = l.deadline_id AND r.arming = l.arming AND r.rung = l.rung"
    " AND r.outcome IN ('sent', 'unheard')"
)
_WAITING = f"{_LINES}{_STANDS.format('l.deadline_id IN ({})')}"
"""Joined crosswise, which to SQLite means in this order: by what is about these deadlines, not by what waits."""
WAITING_OF_CASE = f"{_LINES} deadlines d CROSS JOIN{_STANDS.format('d.case_id = ? AND l.deadline_id = d.id')}"
"""The same of all deadlines of a case, which can be asked with the case itself; what `take_back` asks of one."""
_REMIND = inserted("reminders", ReminderRecord._fields)
_REACHED = (
    f"SELECT {listed(ReachedRung._fields)} FROM reminders WHERE deadline_id = ? AND arming = ?"
    " AND outcome <> 'cancelled' ORDER BY rung"
)
_CANCEL = "UPDATE reminders SET outcome = 'cancelled' WHERE deadline_id = ? AND arming = ? AND rung = ?"
_UNHEARD = (
    f"SELECT {listed(ReminderRef._fields, 'r')} FROM reminders r"
    " JOIN deadlines d ON d.id = r.deadline_id AND d.arming = r.arming"
    " WHERE r.outcome = 'unheard' AND d.status = 0 ORDER BY r.deadline_id, r.rung"
)
_HEARD = {
    "sqlite": "UPDATE reminders AS r SET outcome = 'sent' WHERE r.deadline_id = ? AND r.arming = ? AND r.rung = ?"
    f" AND r.outcome = 'unheard' RETURNING {listed(ReminderRef._fields)}",
    "postgresql": "UPDATE reminders r SET outcome = 'sent'"
    f" FROM unnest(?::bigint[], ?::integer[], ?::integer[]) AS v({listed(ReminderRef._fields)})"
    " WHERE r.deadline_id = v.deadline_id AND r.arming = v.arming AND r.rung = v.rung AND r.outcome = 'unheard'"
    f" RETURNING {listed(ReminderRef._fields, 'r')}",
}
_ARMED = f"SELECT {listed(DeadlineArming._fields)} FROM deadlines WHERE status = 0 AND id IN ({{}})"


def remind(store: Store, rows: Sequence[ReminderRecord]) -> None:
    """Write rungs taken or skipped; each only once."""
    if rows:
        store.change_many(_REMIND, rows)


def reached(store: Store, clock: Clock) -> list[ReachedRung]:
    """Return what was reached since a deadline was last moved, sent or skipped; lowest first."""
    return list(map(ReachedRung._make, store.query(_REACHED, (clock.id, clock.arming))))


def still_due(store: Store, refs: Iterable[ReminderRef]) -> set[ReminderRef]:
    """Return which reminders still stand: their deadline runs and was not moved."""
    wanted = list(refs)
    running: set[DeadlineArming] = set()
    for start in range(0, len(wanted), 500):
        ids = [each.deadline_id for each in wanted[start : start + 500]]
        running.update(map(DeadlineArming._make, store.query(_ARMED.format(marks(ids)), ids)))
    return {each for each in wanted if DeadlineArming(each.deadline_id, each.arming) in running}


def cancel_reminders(store: Store, refs: Sequence[ReminderRef]) -> None:
    """Write that reminders never went out because their deadline was met, moved or stopped before."""
    if refs:
        with store.begin():
            store.change_many(_CANCEL, refs)


def unheard(store: Store) -> list[ReminderRef]:
    """Return the rungs of running deadlines for which there was nobody, by deadline, the lowest first."""
    return list(map(ReminderRef._make, store.query(_UNHEARD)))


def heard(store: Store, refs: Sequence[ReminderRef]) -> set[ReminderRef]:
    """Write that somebody hears of rungs for which there was nobody; return those that nobody else wrote so before."""
    if not refs:
        return set()
    if store.gives_ids:
        return set(map(ReminderRef._make, store.query(_HEARD["postgresql"], [*map(list, zip(*refs, strict=True))])))
    return {ReminderRef._make(row) for ref in refs for row in store.query(_HEARD["sqlite"], ref)}


def take_back(
    store: Store, gone: Sequence[tuple[int, int]], *, remark: str, case_id: int | None = None
) -> list[tuple[int, int, str]]:
    """Cancel the reminders of deadlines (id, arming) that wait to go out, and messages that say nothing else.

    What is read here is written as it was read: whatever reminds of a deadline moves its case's revision on, and one
    that is sent meanwhile tells what was so.

    Args:
        case_id: The case of all of them, if it is one: then the answer may have come with the case.

    Returns:
        (deadline id, rung, level) of each; inside `begin`. The cost follows what waits.
    """
    wanted = set(gone)
    ids = sorted({deadline_id for deadline_id, _ in wanted})
    levels: dict[ReminderRef, str] = {}
    gone_of: dict[int, int] = {}
    for line in _waiting(store, ids) if case_id is None else _waiting_of(store, case_id):
        if (line.deadline_id, line.arming) in wanted:
            levels[ReminderRef(deadline_id=line.deadline_id, arming=line.arming, rung=line.rung)] = line.level
            gone_of[line.outbox_id] = gone_of.get(line.outbox_id, 0) + 1
    if not levels:
        return []
    refs = sorted(levels)
    store.change_many(_CANCEL, refs)
    if not store.is_under_policies:  # who may not change others' messages leaves an empty one to delivery
        store.change_many(_SAYS_LESS, [(lines, lines, lines, remark, key) for key, lines in sorted(gone_of.items())])
    return [(ref.deadline_id, ref.rung, levels[ref]) for ref in refs]


def _waiting_of(store: Store, case_id: int) -> Iterator[WaitingLine]:
    """Yield the lines about the deadlines of a case in messages that wait."""
    return map(WaitingLine._make, store.query(WAITING_OF_CASE, (case_id,)))


def _waiting(store: Store, deadline_ids: Sequence[int]) -> Iterator[WaitingLine]:
    """Yield the lines about some deadlines in messages that wait."""
    for start in range(0, len(deadline_ids), 500):
        part = deadline_ids[start : start + 500]
        yield from map(WaitingLine._make, store.query(_WAITING.format(marks(part)), part))


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
    """Write a message to be sent; False if the same was promised before. Digests are those of `digest_rows`.

    Args:
        payload: What the message tells, or the same as canonical JSON.
        send_at: Not before that instant; at once if left out.
    """
    new = NewPromise(
        key=key,
        kind=kind,
        recipient=recipient,
        payload=_text(payload),
        created_at=at,
        status=WAITING,
        attempts=0,
        next_try_at=at if send_at is None else send_at,
        open_lines=None,
    )
    return store.change(_PROMISE, new) == 1


def add_to_promise(store: Store, key: str, payload: Mapping[str, object] | str, *, send_at: int) -> bool:
    """Give a message that nobody has begun to send another content; False if it is too late for that.

    Args:
        send_at: When it was to go out; who begins to send it moves that to the end of a claim.
    """
    asked = (
        f"UPDATE outbox SET {assigned(('payload',))} WHERE key = ? AND status = 0 AND attempts = 0 AND next_try_at = ?"
    )
    return store.change(asked, (_text(payload), key, send_at)) == 1


def give_up_unclaimed(store: Store, *, due_before: int, remark: str) -> int:
    """Cancel the digests that were to go out before an instant and that nobody has ever claimed; return how many."""
    asked = (
        f"UPDATE outbox SET {computed({'status': str(CANCELLED), 'remark': '?'})}"
        " WHERE status = 0 AND next_try_at < ? AND attempts = 0 AND open_lines IS NOT NULL"
    )
    return store.change(asked, (remark, due_before))


def claim(store: Store, *, now_at: int, limit: int, until_at: int) -> list[Promise]:
    """Take messages that are due; nobody else gets them before *until_at*."""
    statement = _CLAIM.format(" FOR UPDATE SKIP LOCKED" if store.dialect == "postgresql" else "")
    with store.begin():
        found = [_promise(row) for row in store.query(statement, (now_at, limit, until_at))]
    return sorted(found, key=lambda each: each.id)


def mark_sent(store: Store, promise_id: int, *, at: int, remark: str) -> None:
    """Write that a message went out."""
    with _message(store, promise_id) as message:
        message.status = SENT
        message.attempts += 1
        message.sent_at = at
        message.remark = remark


def mark_retry(store: Store, promise_id: int, *, next_try_at: int, remark: str, counted: bool) -> None:
    """Put a message back until *next_try_at*; what has been sent stays sent."""
    with _message(store, promise_id) as message:
        if message.status == WAITING:
            message.next_try_at = next_try_at
            message.remark = remark
            message.attempts += counted


def mark_failed(store: Store, promise_id: int, *, remark: str, report: Callable[[], None]) -> None:
    """Write that a message is given up, and its report beside it; what has been sent stays sent."""
    with _message(store, promise_id) as message:
        if message.status == WAITING:
            message.status = FAILED
            message.attempts += 1
            message.remark = remark
            report()


def mark_bounced(store: Store, promise_id: int, *, remark: str, report: Callable[[Promise], None]) -> bool:
    """Write that a message which was sent has come back, and its report beside it; False if it was not sent."""
    from engine.store.tables import OutboxRow

    with store.begin(), session(store) as opened:
        message = opened.get(OutboxRow, promise_id, with_for_update=True)
        if message is None or message.status != SENT:
            return False
        sent = _promise([getattr(message, name) for name in Promise._fields])
        message.status, message.remark = FAILED, remark
        report(sent)
    return True


def mark_cancelled(store: Store, promise_id: int, *, remark: str) -> None:
    """Write that nothing is left to be said in a message."""
    with _message(store, promise_id) as message:
        if message.status == WAITING:
            message.status = CANCELLED
            message.remark = remark


def send_again(store: Store, *, now_at: int, promise_id: int | None = None) -> int:
    """Put failed messages back into waiting; return how many."""
    from sqlmodel import select

    from engine.store.tables import OutboxRow

    wanted = select(OutboxRow).where(OutboxRow.status == FAILED)
    if promise_id is not None:
        wanted = wanted.where(OutboxRow.id == promise_id)
    with store.begin(), session(store) as opened:
        found = opened.exec(wanted.with_for_update()).all()
        for each in found:
            each.status, each.attempts, each.next_try_at = WAITING, 0, now_at
    return len(found)


@contextmanager
def _message(store: Store, promise_id: int) -> "Iterator[OutboxRow]":
    """Lend a message in a transaction of its own, locked, to be changed."""
    from engine.store.tables import OutboxRow

    with store.begin(), session(store) as opened:
        yield opened.get_one(OutboxRow, promise_id, with_for_update=True)


def promises(
    store: Store, *, status: int | None = None, recipient: str | None = None, limit: int | None = None
) -> list[Promise]:
    """Return messages, newest first; all of them if there is no *limit*.

    Args:
        recipient: Code of the officer whose messages alone are returned.
    """
    held = [] if status is None else [f"status = {int(status)}"]  # written out: an index holds one of them
    held += [] if recipient is None else ["recipient = ?"]
    narrowed = f" WHERE {' AND '.join(held)}" if held else ""
    values = [each for each in (recipient, limit) if each is not None]
    asked = f"SELECT {_COLUMNS} FROM outbox{narrowed} ORDER BY id DESC{'' if limit is None else ' LIMIT ?'}"
    return [_promise(row) for row in store.query(asked, values)]


def lines_of(payload: Mapping[str, object]) -> list[object]:
    """Return the lines of a digest; none for other kinds."""
    found = payload.get("entries")
    return found if isinstance(found, list) else []


def reference(line: object) -> ReminderRef | None:
    """Return which reminder a line of a digest stands for; None if it names none."""
    match line:
        case {"ref": [int(deadline_id), int(arming), int(rung)]}:
            return ReminderRef(deadline_id=deadline_id, arming=arming, rung=rung)
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


def _promise(row: Sequence[Any]) -> Promise:
    """Return the message that a row of _COLUMNS holds."""
    values = list(row)
    values[_PAYLOAD] = _payload(values[_PAYLOAD])
    return Promise._make(values)
