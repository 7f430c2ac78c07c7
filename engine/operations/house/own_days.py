"""What keepers say of working days: by which calendar the house counts, and the own days of its units."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from engine.errors import BadFileError, BadValueError
from engine.journal.house_events import CalendarUsed, DaysClosed, DaysOpened, DaysReleased
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.store import day_rows as days
from engine.store import house_rows as house
from engine.workflow.powers import Power
from engine.working_days.calendars import Calendar

LONGEST_CLOSURE = 366
"""Days that can be closed or opened by one word."""


def use_calendar(acting: Acting, file: Path | None) -> Calendar:
    """Count by the calendar in *file* from now on, or by China's again; the text is kept in the ledger.

    Dates that stand are not moved by this; `moves` tells which would.

    Raises:
        RefusedError: If the officer does not keep the ledger.
        BadFileError: If the file cannot be read.
        InvalidWorkflowError: If it is not sound.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    before, declared = ledger.calendar.label, None
    if file is not None:
        from engine.reading.calendar_file import read_calendar

        read_calendar(file)
        declared = {"source": file.name, "text": _text_of(file)}
    with ledger.store.begin():
        house.put_setting(ledger.store, "calendar", declared)
        ledger.forget()
        calendar = ledger.calendar
        event = CalendarUsed(
            calendar=calendar.label,
            was_calendar=before,
            source=None if declared is None else declared["source"],
            digest=None if declared is None else sha256(declared["text"].encode()).hexdigest(),
        )
        acting.note_in_house(event)
    return calendar


def set_days(acting: Acting, unit: str, first: date, last: date, *, works: bool | None, reason: str) -> int:
    """Let a unit be closed or work on days of its own, or follow the house again; return how many changed.

    Args:
        first: Local date.
        last: Local date, included.
        works: None takes back what was said of these days.

    Raises:
        NotFoundError: If there is no such unit.
        RefusedError: If the officer does not keep the ledger.
        BadValueError: If there is no reason, or the days are reversed or too many.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    found = ledger.unit(unit)
    wanted = _days(first, last)
    reason = reason_given(reason)
    with ledger.store.begin():
        house.lock_house(ledger.store)
        _, own = days.own_days(ledger.store).get(found.id, (unit, {}))
        off, working = dict(own.get("off", {})), dict(own.get("working", {}))
        before = (dict(off), dict(working))
        for day in wanted:
            off.pop(day, None)
            working.pop(day, None)
            if works is not None:
                (working if works else off)[day] = reason
        changed = sum(
            before[0].get(each) != off.get(each) or before[1].get(each) != working.get(each) for each in wanted
        )
        if changed:
            days.put_own_days(ledger.store, found.id, {"off": off, "working": working})
            happened = {True: DaysOpened, False: DaysClosed, None: DaysReleased}[works]
            event = happened(code=unit, first=wanted[0], last=wanted[-1], reason=reason)
            acting.note_in_house(event)
    ledger.forget()
    return changed


def own_days_by_unit(ledger: Ledger) -> dict[str, days.OwnDays]:
    """Return the own days of each unit that has any, by the unit's code and in its order."""
    return dict(sorted(days.own_days(ledger.store).values(), key=lambda each: each[0]))


def last_published(calendar: Calendar) -> int | None:
    """Return the last year whose working days are known; None if every year is."""
    return None if calendar.published is None else calendar.published[1]


def _days(first: date, last: date) -> list[str]:
    """Return the days from *first* to *last*."""
    number = (last - first).days + 1
    if not 1 <= number <= LONGEST_CLOSURE:
        raise BadValueError(
            Text(
                f"{first}..{last}: write the earlier day first, at most {LONGEST_CLOSURE} days",
                f"{first}..{last}：请先写较早的日期，最多 {LONGEST_CLOSURE} 天",
            )
        )
    return [(first + timedelta(days=each)).isoformat() for each in range(number)]


def _text_of(file: Path) -> str:
    """Return the text of a calendar file that was read before."""
    raw = file.read_bytes()
    for encoding in ("utf-16",) if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFileError(Text(f"{file} is not text", f"{file} 不是文本"))
