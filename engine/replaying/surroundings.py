"""What a house knows and a log does not bring along: who there is, how terms are counted; and the order of events."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Final

from engine.replaying.logged import LoggedEvent
from engine.working_days.calendars import Calendar
from engine.working_days.count import add
from engine.working_days.instants import local_day


class Everybody:
    """Stands for lists of officers and units that a log does not bring along."""

    def __contains__(self, code: object) -> bool:
        """Everybody who is named is known."""
        return True

    def __iter__(self) -> Iterator[str]:
        """Nobody is known by name."""
        return iter(())


EVERYBODY: Final = Everybody()


def counting(calendar: Calendar) -> Callable[[date, str], date]:
    """Return what counts terms such as `15 working_days` from a day."""

    def after(day: date, term: str) -> date:
        amount, unit = term.split()
        due = add(day, int(amount), unit if unit.endswith("s") else f"{unit}s", calendar).due
        return due.date() if isinstance(due, datetime) else due

    return after


def in_time(events: list[LoggedEvent], zone: str) -> list[LoggedEvent]:
    """Return the events of a case in the order of time, those at one time as they stand in the file.

    If only the day is known of one, the days alone are compared: what has a time was not therefore later.
    """
    if any(each.day_only for each in events) and not all(each.day_only for each in events):
        return sorted(events, key=lambda each: local_day(each.at, zone))
    return sorted(events, key=lambda each: each.at)
