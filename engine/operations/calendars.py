"""By which working days a house counts: China's or a calendar file's, with each unit's own days over them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from engine.calendars import Calendar, china
from engine.errors import BadFileError, BadValueError
from engine.instants import microseconds
from engine.language import Text
from engine.operations.keepers import refuse_unless_keeper
from engine.store import days, house
from engine.store.connection import Store

if TYPE_CHECKING:
    from engine.operations.ledger import Ledger

LONGEST_CLOSURE = 366
"""Days that can be closed or opened by one word."""


class Calendars:
    """The calendars of a house as they stand; read once, units only when they are asked for."""

    def __init__(self, store: Store, declared: object, zone: str) -> None:
        """Remember what the house declared.

        Args:
            declared: What stands in the settings under `calendar`; None for China's days.
            zone: The zone of local dates.
        """
        self.house = (
            _declared(str(declared["text"]), str(declared["source"]), zone)
            if isinstance(declared, dict)
            else _china(zone)
        )
        self._store = store
        self._of_units: dict[int, Calendar] | None = None

    def of_unit(self, unit_id: int) -> Calendar:
        """Return the calendar of a unit: the house's, with the unit's own days over it."""
        if self._of_units is None:
            found = days.own_days(self._store)
            self._of_units = {each: _laid_over(self.house, code, own) for each, (code, own) in found.items()}
        return self._of_units.get(unit_id, self.house)


def use_calendar(ledger: "Ledger", file: Path | None, *, by: str, now: datetime) -> Calendar:
    """Count by the calendar in *file* from now on, or by China's again; the text is kept in the ledger.

    Dates that stand are not moved by this; `moves` tells which would.

    Raises:
        RefusedError: If the officer does not keep the ledger.
        BadFileError: If the file cannot be read.
        InvalidWorkflowError: If it is not sound.
    """
    refuse_unless_keeper(ledger, by)
    before, declared = ledger.calendar.label, None
    if file is not None:
        from engine.calendar_files import read_calendar

        read_calendar(file)
        declared = {"source": file.name, "text": _text_of(file)}
    with ledger.store.begin():
        house.put_setting(ledger.store, "calendar", declared)
        ledger.forget()
        calendar = ledger.calendar
        body = {
            "calendar": calendar.label,
            "was_calendar": before,
            "source": None if declared is None else declared["source"],
            "digest": None if declared is None else sha256(declared["text"].encode()).hexdigest(),
        }
        ledger.note_in_house(kind="calendar_used", by=by, now_at=microseconds(now), body=body)
    return calendar


def set_days(
    ledger: "Ledger", unit: str, first: date, last: date, *, works: bool | None, reason: str, by: str, now: datetime
) -> int:
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
    refuse_unless_keeper(ledger, by)
    found = ledger.unit(unit)
    wanted = _days(first, last)
    if not reason.strip():
        raise BadValueError(Text("give a reason (--reason)", "请写明理由（--reason）"))
    with ledger.store.begin():
        house.lock_house(ledger.store)
        _, own = days.own_days(ledger.store).get(found.id, (unit, {}))
        off, working = dict(own.get("off", {})), dict(own.get("working", {}))
        before = (dict(off), dict(working))
        for day in wanted:
            off.pop(day, None)
            working.pop(day, None)
            if works is not None:
                (working if works else off)[day] = reason.strip()
        changed = sum(
            before[0].get(each) != off.get(each) or before[1].get(each) != working.get(each) for each in wanted
        )
        if changed:
            days.put_own_days(ledger.store, found.id, {"off": off, "working": working})
            kind = {True: "days_opened", False: "days_closed", None: "days_released"}[works]
            body = {"code": unit, "from": wanted[0], "to": wanted[-1], "reason": reason.strip()}
            ledger.note_in_house(kind=kind, by=by, now_at=microseconds(now), body=body)
    ledger.forget()
    return changed


def last_published(calendar: Calendar) -> int | None:
    """Return the last year whose working days are known; None if every year is."""
    return None if calendar.published is None else calendar.published[1]


@lru_cache(maxsize=8)
def _china(zone: str) -> Calendar:
    """Return China's calendar with the local dates of *zone*."""
    return china() if china().tz == zone else replace(china(), tz=zone)


@lru_cache(maxsize=8)
def _declared(text: str, source: str, zone: str) -> Calendar:
    """Return the calendar that *text* declares, with the local dates of the house."""
    from engine.calendar_files import parse_calendar

    calendar = parse_calendar(text, file=source)
    return calendar if calendar.tz == zone else replace(calendar, tz=zone)


def _laid_over(calendar: Calendar, code: str, own: days.OwnDays) -> Calendar:
    """Return *calendar* with a unit's own days; its label says so."""
    digest = sha256(repr(sorted((kind, sorted(each.items())) for kind, each in own.items())).encode()).hexdigest()
    return calendar.with_days(
        off=_named(own.get("off", {})),
        working=_named(own.get("working", {})),
        version=f"{calendar.version}+{code}.{digest[:6]}",
    )


def _named(given: Mapping[str, str]) -> dict[date, Text]:
    """Return days with their reasons as names."""
    return {date.fromisoformat(day): Text(reason, reason) for day, reason in given.items()}


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
