"""By which working days a house counts: China's or a calendar file's, with each unit's own days over them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from hashlib import sha256

from engine.language import Text
from engine.store import day_rows as days
from engine.store.connection import Store
from engine.working_days.calendars import Calendar, china


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
            self._of_units = {each: laid_over(self.house, code, own) for each, (code, own) in found.items()}
        return self._of_units.get(unit_id, self.house)


@lru_cache(maxsize=8)
def _china(zone: str) -> Calendar:
    """Return China's calendar with the local dates of *zone*."""
    return china() if china().tz == zone else replace(china(), tz=zone)


@lru_cache(maxsize=8)
def _declared(text: str, source: str, zone: str) -> Calendar:
    """Return the calendar that *text* declares, with the local dates of the house."""
    from engine.reading.calendar_file import parse_calendar

    calendar = parse_calendar(text, file=source)
    return calendar if calendar.tz == zone else replace(calendar, tz=zone)


def label_of(calendar: Calendar, code: str, own: days.OwnDays) -> str:
    """Return what the calendar of a unit is called that has these own days over those of the house."""
    return (laid_over(calendar, code, own) if own else calendar).label


def laid_over(calendar: Calendar, code: str, own: days.OwnDays) -> Calendar:
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
