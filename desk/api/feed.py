"""The calendar of an officer's own days as iCalendar (RFC 5545): numbers and titles of deadlines, nothing of a case."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from engine.language import t
from engine.operations.deadlines.today import today
from engine.operations.deadlines.urgency import first_deadlines
from engine.operations.identity.tokens import officer_of
from engine.operations.identity.ways import FEED
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import digest_of, log_of, reader_called
from engine.rules.case import Case
from engine.rules.reading_rights import Deed, may
from engine.working_days.instants import instant, microseconds

MOST: Final = 200
"""Days in a calendar."""
_FOLD: Final = 75
"""Bytes after which a line goes on in the next."""


def feed_of(ledger: Ledger, secret: str, *, now: datetime, real_now: datetime) -> bytes | None:
    """Return the calendar to which a secret address leads; None if it leads to none.

    It is asked by programs that know nothing but the address, so it shows less than the officer may see: numbers and
    titles of deadlines of what the officer must do, and of what others owe them; what waits for the officer's signature
    stands on the first day on which its case is due.

    Args:
        now: The aware instant as of which days are shown.
        real_now: The clock's aware instant.
    """
    found = officer_of(ledger, secret, (FEED,))
    if found is None:
        return None
    code, _ = found
    reader = ledger.reader = reader_called(ledger, code)
    if not may(reader, Deed.LIST):
        return None
    acting = Acting(ledger, code, now)
    seen = today(acting, limit=MOST)
    events = [(each, True) for each in seen.do] + [(each, False) for each in seen.owed]
    lines = [*_HEAD, f"X-WR-CALNAME:{_text(t('Qingling', '清零') + ' ' + code)}"]
    numbers = []
    for task, mine in events:
        if task.deadline is None or not task.deadline.clock.due_on:
            continue
        clock, number = task.deadline.clock, task.case.number
        numbers.append(number)
        title = t(task.deadline.declared.title.en, task.deadline.declared.title.zh)
        words = f"{number} {title}" if mine else t("{what} (others)", "{what}（他人办理）", what=f"{number} {title}")
        lines += _event(f"{number}-{clock.name}-{clock.round}", date.fromisoformat(clock.due_on), words, task.case)
    waiting = [case for case, _ in seen.sign]
    first = first_deadlines(acting, waiting)
    for case in waiting:
        if case.id in first and first[case.id].clock.due_on:
            numbers.append(case.number)
            words = t("{number} waits for your signature", "{number} 待您签字", number=case.number)
            lines += _event(f"{case.number}-signature", date.fromisoformat(first[case.id].clock.due_on), words, case)
    lines.append("END:VCALENDAR")
    _write_down(ledger, code, numbers, real_now)
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


_HEAD: Final = (
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qingling//desk//EN", "METHOD:PUBLISH", "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
)  # fmt: skip


def _event(uid: str, day: date, words: str, case: Case) -> Iterator[str]:
    """Yield the lines of one day."""
    yield "BEGIN:VEVENT"
    plain = "".join(each if (each.isascii() and each.isalnum()) or each in "-_" else "." for each in uid)
    yield f"UID:{plain}@qingling"
    yield f"DTSTAMP:{instant(case.changed_at).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{case.revision}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(words)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(words: str) -> str:
    """Return words as a value takes any."""
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """Yield a line in parts of at most 75 bytes, cut between characters."""
    part = b""
    for each in map(str.encode, line):
        if len(part) + len(each) > _FOLD:
            yield part
            part = b" "
        part += each
    yield part


def _write_down(ledger: Ledger, code: str, numbers: list[str], real_now: datetime) -> None:
    """Write into the access log what is about to be shown."""
    log = log_of(ledger)
    try:
        log.append(
            at=microseconds(real_now), officer=code, way="feed", deed=Deed.LIST, subject="", answer="shown",
            asked={"count": len(numbers), "digest": digest_of(numbers)},
        )  # fmt: skip
    finally:
        log.close()
