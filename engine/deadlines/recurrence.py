"""On which days a recurring case opens, and what period it is about: pure, over values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.workflow.recurring_cases import Recurrence
from engine.working_days.calendars import Calendar


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One case that is to be opened."""

    opens_on: date
    period: str
    """2019-W27 or 2019-07."""
    ends_on: date
    """Last day of the period; of one that is still under way, the day it is due."""
    due_on: date


def occurrences(recurs: Recurrence, first: date, last: date, calendar: Calendar) -> Iterator[Occurrence]:
    """Yield what opens from *first* to *last*, both included, in order.

    Args:
        first: Local date, like all dates here.
        calendar: Says which due days are off; years that are not published go by weekdays.
    """
    begin = _begin(recurs, first)
    while begin <= last:
        opens_on = _on(recurs, begin, recurs.opens_on)
        if first <= opens_on <= last:
            yield _occurrence(recurs, begin, opens_on, calendar)
        begin = _next(recurs, begin)


def begins_on(recurs: Recurrence, ends_on: date, calendar: Calendar) -> date:
    """Return the first day of a period: the one after the period before it ended, so that no day is in none.

    Args:
        ends_on: Last day of the period. A week still under way when it is reported ends on the day it is due, so
            that the days after it belong to the next.
    """
    before = [
        each.ends_on
        for each in occurrences(recurs, ends_on - timedelta(days=100), ends_on + timedelta(days=31), calendar)
        if each.ends_on < ends_on
    ]
    return max(before) + timedelta(days=1)


def _occurrence(recurs: Recurrence, begin: date, opens_on: date, calendar: Calendar) -> Occurrence:
    """Return the case of the week or month that begins on *begin*."""
    about = begin if recurs.covers == "this" else _begin(recurs, begin - timedelta(days=1))
    due = _on(recurs, begin, recurs.due_on)
    if recurs.off_day != "stays":
        rolled = _rolled(due, -1 if recurs.off_day == "before" else 1, calendar)
        # In a week that is off as a whole nobody could hand it in before it opens.
        due = rolled if rolled >= opens_on else _rolled(due, 1, calendar)
    if recurs.every == "week":
        year, week, _ = about.isocalendar()
        period = f"{year}-W{week:02}"
    else:
        period = f"{about:%Y-%m}"
    ends_on = due if recurs.covers == "this" else _next(recurs, about) - timedelta(days=1)
    return Occurrence(opens_on=opens_on, period=period, ends_on=ends_on, due_on=due)


def _rolled(day: date, step: int, calendar: Calendar) -> date:
    """Return *day*, or the nearest working day before it (step -1) or after it (step 1)."""
    while not calendar.day_scale.works(day.toordinal()):
        day += timedelta(days=step)
    return day


def _begin(recurs: Recurrence, day: date) -> date:
    """Return the first day of the week or month of *day*."""
    return day - timedelta(days=day.weekday()) if recurs.every == "week" else day.replace(day=1)


def _next(recurs: Recurrence, begin: date) -> date:
    """Return the first day of the next week or month."""
    if recurs.every == "week":
        return begin + timedelta(days=7)
    return (begin.replace(day=28) + timedelta(days=4)).replace(day=1)


def _on(recurs: Recurrence, begin: date, number: int) -> date:
    """Return the day with that number of the week (1 for Monday) or month; its last day if it has none."""
    return min(begin + timedelta(days=number - 1), _next(recurs, begin) - timedelta(days=1))
