"""Promised messages: which are due and still true, what became of each, and another try for those that failed.

A reminder whose deadline was met, moved, extended or stopped since it was promised is taken out of its
message here, just before it goes out; it is then recorded as cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.language import t
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import only_readers
from engine.store import house_rows as house
from engine.store import outbox_rows
from engine.store.outbox_columns import ReminderRef
from engine.workflow.powers import Power
from engine.working_days.count import next_working_moment
from engine.working_days.instants import instant, microseconds

Promise = outbox_rows.Promise

WAITING, SENT, FAILED, CANCELLED = outbox_rows.WAITING, outbox_rows.SENT, outbox_rows.FAILED, outbox_rows.CANCELLED
"""How a promised message stands."""


_BLOCKED = "channels_blocked"
"""Under which name the ledger keeps until when channels take nothing."""


class CurrentMessage(NamedTuple):
    """A promise with what is still true of its payload."""

    promise: Promise
    payload: Mapping[str, object]


class _Checked(NamedTuple):
    """A promise with what still holds of its payload, and which reminders of it do not."""

    promise: Promise
    payload: Mapping[str, object] | None
    """None if nothing holds."""
    gone: Sequence[ReminderRef]


def promised(ledger: Ledger, *, failed_only: bool = False, limit: int | None = None) -> list[Promise]:
    """Return messages, newest first; all of them if there is no *limit*.

    Who neither keeps the ledger nor audits it finds their own: what is sent to others says what they must do.
    """
    reader = ledger.reader
    sees_all = reader is None or not reader.powers.isdisjoint({Power.KEEP_LEDGER, Power.READ_ACCESS_LOG})
    return outbox_rows.promises(
        ledger.store,
        status=FAILED if failed_only else None,
        recipient=None if reader is None or sees_all else reader.code,
        limit=limit,
    )


def waiting(ledger: Ledger, promise_id: int | None = None) -> list[CurrentMessage]:
    """Return the messages that wait, oldest first, as they would go out now; changes nothing."""
    found = [
        each
        for each in reversed(outbox_rows.promises(ledger.store, status=WAITING))
        if promise_id is None or each.id == promise_id
    ]
    return [CurrentMessage(each.promise, each.payload) for each in _checked(ledger, found) if each.payload is not None]


def claim(ledger: Ledger, *, now: datetime, limit: int, lease: timedelta) -> list[CurrentMessage]:
    """Take messages that are due, so that nobody else sends them within *lease*; none if nothing is due.

    What is no longer true is left out; a message with nothing left is cancelled. At night and on days off only what
    may wake people is taken; what was promised for the day and comes late, after a time without a scheduler or tried
    in vain till then, waits for the next working morning.

    Args:
        now: Aware instant.
        limit: How many are taken at most.
    """
    found: list[CurrentMessage] = []
    working_at = next_working_moment(now, ledger.calendar)
    while not found:
        taken = outbox_rows.claim(
            ledger.store, now_at=microseconds(now), limit=limit, until_at=microseconds(now + lease)
        )
        if not taken:
            break
        for promise, payload, gone in _checked(ledger, taken):
            if working_at > now and not promise.payload.get("night"):
                why = t("waits for the next working morning", "待下一工作日上午发送")
                mark_retry(ledger, promise.id, next_try_at=working_at, reason=why, counted=False)
                continue
            outbox_rows.cancel_reminders(ledger.store, gone)
            if payload is None:
                remark = t("what it said is no longer so", "所提醒的事项已办结、延期或暂停")
                outbox_rows.mark_cancelled(ledger.store, promise.id, remark=remark)
            else:
                found.append(CurrentMessage(promise, payload))
    return found


def mark_sent(ledger: Ledger, promise_id: int, *, at: datetime, channel: str, receipt: str) -> None:
    """Record that a channel has taken a message at an aware instant."""
    remark = f"{channel}: {receipt}" if receipt else channel
    outbox_rows.mark_sent(ledger.store, promise_id, at=microseconds(at), remark=remark)


def mark_retry(ledger: Ledger, promise_id: int, *, next_try_at: datetime, reason: str, counted: bool) -> None:
    """Put a message back until an aware instant.

    Args:
        counted: Whether it was tried, and this counts towards giving it up.
    """
    outbox_rows.mark_retry(
        ledger.store, promise_id, next_try_at=microseconds(next_try_at), remark=reason, counted=counted
    )


def blocked(ledger: Ledger) -> dict[str, datetime]:
    """Return until which aware instant channels take nothing, after too many messages; some may be over."""
    found = house.setting(ledger.store, _BLOCKED)
    return {name: instant(at) for name, at in found.items()} if isinstance(found, dict) else {}


def block(ledger: Ledger, channel: str, until: datetime) -> None:
    """Remember that a channel takes nothing until an aware instant."""
    with ledger.store.begin():
        found = house.setting(ledger.store, _BLOCKED)
        known = found if isinstance(found, dict) else {}
        house.put_setting(ledger.store, _BLOCKED, {**known, channel: microseconds(until)})


def send_again(ledger: Ledger, *, now: datetime, promise_id: int | None = None) -> int:
    """Let messages that failed wait again, due at the aware instant *now*; return how many.

    Args:
        promise_id: Only this one.
    """
    return outbox_rows.send_again(ledger.store, now_at=microseconds(now), promise_id=promise_id)


def trial(ledger: Ledger, recipient: str, *, now: datetime) -> Promise:
    """Return a test message to an officer, dated at the aware instant *now*; it is not written."""
    at = microseconds(now)
    local = now.astimezone(ledger.calendar.zone).isoformat(timespec="seconds")
    return Promise(
        id=0, key=f"test/{recipient}/{at}", kind="test", recipient=recipient, payload={"sent_at": local}, created_at=at,
        status=WAITING, attempts=0, next_try_at=at, sent_at=None, remark=None, open_lines=None,
    )  # fmt: skip


def _checked(ledger: Ledger, taken: Sequence[Promise]) -> Iterable[_Checked]:
    """Yield promises with what still holds of them, and what does not."""
    references = {
        each.id: [outbox_rows.reference(line) for line in outbox_rows.lines_of(each.payload)] for each in taken
    }
    named = [ref for refs in references.values() for ref in refs if ref is not None]
    standing = outbox_rows.still_due(ledger.store, named)
    readers = {case.number: officers for case, officers in only_readers(ledger)}
    for each in taken:
        refs = references[each.id]
        if not refs:
            yield _Checked(each, _read_by(readers, each), ())
            continue
        kept = [
            {key: value for key, value in line.items() if key != "ref"} if isinstance(line, dict) else line
            for line, ref in zip(outbox_rows.lines_of(each.payload), refs, strict=True)
            if (ref is None or ref in standing) and _reads(readers, each.recipient, line)
        ]
        gone = [ref for ref in refs if ref is not None and ref not in standing]
        yield _Checked(each, {**each.payload, "entries": kept} if kept else None, gone)


def _read_by(readers: Mapping[str, frozenset[str]], promise: Promise) -> Mapping[str, object] | None:
    """Return what a message tells of cases that its recipient may still read; None if it tells of others only.

    A case may have been restricted since it was promised; a program outside is never among those who read it.
    """
    found = dict(promise.payload)
    if not _reads(readers, promise.recipient, found):
        return None
    for name, lines in promise.payload.items():
        if isinstance(lines, list) and lines:
            found[name] = [line for line in lines if _reads(readers, promise.recipient, line)]
            if not found[name]:
                return None
    return found


def _reads(readers: Mapping[str, frozenset[str]], officer: str, line: object) -> bool:
    """Say whether an officer reads the case that a line of a message is about."""
    number = line.get("number") if isinstance(line, dict) else None
    return officer in readers.get(str(number), (officer,))
