"""On which days a recurring case opens, and what period it is about: pure, over values."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.recurring_cases import HUNDRED, CampaignRun, Recurrence
from engine.working_days.calendars import Calendar

LONGEST_PERIOD: Final = {"day": 1, "working_day": 20, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days from one period to the next, at most; of working days, over the longest holidays."""

_DAY: Final = timedelta(days=1)
_SHORT: Final = {"begin": "begin", "report_on": "report", "clear_by": "end"}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


class Occurrence(FrozenStruct, frozen=True, kw_only=True):
    """One case that is to be opened."""

    opens_on: date
    period: str
    """2019-07-05, 2019-W27, 2019-07, 2019Q3, 2019, or the campaign, its year and which of its days."""
    begins_on: date
    """First day of the period, by the calendar or the campaign."""
    ends_on: date
    """Last day of the period; of one that is still under way, the day it is due."""
    due_on: date


def occurrences(
    recurs: Recurrence, first: date, last: date, calendar: Calendar, runs: Sequence[CampaignRun] = ()
) -> Iterator[Occurrence]:
    """Yield what opens from *first* to *last*, both included, in order.

    Args:
        first: Local date, like all dates here.
        calendar: Says which due days are off; years that are not published go by weekdays.
        runs: When the campaign runs that the recurrence names; without one, nothing of a campaign opens.
    """
    found = _of_campaign(recurs, calendar, runs) if recurs.moment else _of_calendar(recurs, first, last, calendar)
    for each in found:
        during = recurs.during is None or any(run.begins_on <= each.opens_on <= run.clear_by for run in runs)
        if first <= each.opens_on <= last and during:
            yield each


def newest(
    recurs: Recurrence, today: date, calendar: Calendar, runs: Sequence[CampaignRun] = ()
) -> tuple[Occurrence, ...]:
    """Return what opened last by *today*, as one or none."""
    back = timedelta(days=2 * LONGEST_PERIOD.get(recurs.every, 400))
    return tuple(occurrences(recurs, today - back, today, calendar, runs))[-1:]


def begins_on(recurs: Recurrence, ends_on: date, calendar: Calendar, runs: Sequence[CampaignRun] = ()) -> date:
    """Return the first day of a period: the one after the period before it ended, so that no day is in none.

    Of a campaign, the first day of the stage, or of the year that is reported.

    Args:
        ends_on: Last day of the period. A week still under way when it is reported ends on the day it is due, so
            that the days after it belong to the next.
    """
    length = timedelta(days=LONGEST_PERIOD.get(recurs.every, 400))
    found = list(occurrences(recurs, ends_on - 3 * length, ends_on + length, calendar, runs))
    if recurs.moment:
        return next((each.begins_on for each in found if each.ends_on == ends_on), ends_on.replace(month=1, day=1))
    before = [each.ends_on for each in found if each.ends_on < ends_on]
    if before:
        return max(before) + _DAY
    return next((each.begins_on for each in found if each.ends_on == ends_on), ends_on)


def _of_calendar(recurs: Recurrence, first: date, last: date, calendar: Calendar) -> Iterator[Occurrence]:
    """Yield the cases of each day, week, month, quarter or year that may open from *first* to *last*."""
    begin = _begin(recurs.every, first - 2 * _DAY if recurs.every in {"day", "working_day"} else first)
    while begin <= last:
        if recurs.every != "working_day" or _works(begin, calendar):
            yield _occurrence(recurs, begin, calendar)
        begin = _next(recurs.every, begin)


def _occurrence(recurs: Recurrence, begin: date, calendar: Calendar) -> Occurrence:
    """Return the case of the period that begins on *begin*."""
    every = recurs.every
    opens_on, due = _on(every, begin, recurs.opens_on), _on(every, begin, recurs.due_on)
    about = begin if recurs.covers == "this" else _before(every, begin, calendar)
    due = _moved(recurs, due, opens_on, calendar)
    ends_on = due if recurs.covers == "this" and every not in {"day", "working_day"} else _next(every, about) - _DAY
    return Occurrence(opens_on=opens_on, period=_named(every, about), begins_on=about, ends_on=ends_on, due_on=due)


def _of_campaign(recurs: Recurrence, calendar: Calendar, runs: Sequence[CampaignRun]) -> Iterator[Occurrence]:
    """Yield the cases of the days of a campaign, by the day on which they open."""
    assert recurs.moment is not None
    found = [
        _counted_from(recurs, *each, calendar) for run in runs for each in _moments(run, recurs.moment.at, calendar)
    ]
    yield from sorted(found, key=lambda each: (each.opens_on, each.period))


def _counted_from(
    recurs: Recurrence, day: date, period: str, begin: date, end: date | None, calendar: Calendar
) -> Occurrence:
    """Return the case that is opened and due so many days from *day*."""
    opens_on = day + _DAY * recurs.opens_on
    due = _moved(recurs, day + _DAY * recurs.due_on, opens_on, calendar)
    return Occurrence(opens_on=opens_on, period=period, begins_on=begin, ends_on=end or due, due_on=due)


def _moments(run: CampaignRun, at: str, calendar: Calendar) -> Iterator[tuple[date, str, date, date | None]]:
    """Yield the days of a campaign that are meant, each with name, first and last day of its period."""
    name = f"{run.name}-{run.clear_by.year}" if str(run.clear_by.year) not in run.name else run.name
    if at == "stage_end":
        for number, (begin, end) in enumerate(run.stages, 1):
            yield end, f"{name}-stage-{number}", begin, end
    elif at in {"check_in", "bulletin"}:
        every = run.check_in if at == "check_in" else run.bulletin
        if every is None:
            return
        begin = _begin(every, run.begins_on)
        while begin <= run.clear_by:
            if every != "working_day" or _works(begin, calendar):
                following = _next(every, begin)
                yield begin, _named(every, begin), max(begin, run.begins_on), min(following - _DAY, run.clear_by)
            begin = _next(every, begin)
    else:
        day = {"begin": run.begins_on, "report_on": run.report_on}.get(at, run.clear_by)
        if day is not None:
            yield day, f"{name}-{_SHORT[at]}", day.replace(month=1, day=1), None


def _moved(recurs: Recurrence, due: date, opens_on: date, calendar: Calendar) -> date:
    """Return the due day where it is off: as it stands, or the working day before or after."""
    if recurs.off_day == "stays":
        return due
    rolled = _rolled(due, -1 if recurs.off_day == "before" else 1, calendar)
    # In a week that is off as a whole nobody could hand it in before it opens.
    return rolled if rolled >= opens_on else _rolled(due, 1, calendar)


def _rolled(day: date, step: int, calendar: Calendar) -> date:
    """Return *day*, or the nearest working day before it (step -1) or after it (step 1)."""
    while not _works(day, calendar):
        day += timedelta(days=step)
    return day


def _works(day: date, calendar: Calendar) -> bool:
    """Say whether people work on a day."""
    return calendar.day_scale.works(day.toordinal())


def _named(every: str, begin: date) -> str:
    """Return how people name the period that begins on *begin*."""
    if every == "week":
        year, week, _ = begin.isocalendar()
        return f"{year}-W{week:02}"
    if every in {"day", "working_day"}:
        return begin.isoformat()
    if every == "quarter":
        return f"{begin.year}Q{(begin.month + 2) // 3}"
    return f"{begin:%Y}" if every == "year" else f"{begin:%Y-%m}"


def _begin(every: str, day: date) -> date:
    """Return the first day of the period of *day*."""
    if every in {"day", "working_day"}:
        return day
    if every == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[every]
    return day.replace(month=day.month - (day.month - 1) % months, day=1)


def _before(every: str, begin: date, calendar: Calendar) -> date:
    """Return the first day of the period before the one that begins on *begin*."""
    day = begin - _DAY
    while every == "working_day" and not _works(day, calendar):
        day -= _DAY
    return _begin(every, day)


def _next(every: str, begin: date) -> date:
    """Return the first day of the next period."""
    if every in {"day", "working_day"}:
        return begin + _DAY
    if every == "week":
        return begin + timedelta(days=7)
    return _months_on(begin, _MONTHS[every])


def _months_on(begin: date, months: int) -> date:
    """Return the first day of the month so many months on."""
    years, month = divmod(begin.month - 1 + months, 12)
    return date(begin.year + years, month + 1, 1)


def _on(every: str, begin: date, number: int) -> date:
    """Return the day with that number of the period (1 for Monday); the last of its month if that has none."""
    if every in {"day", "working_day"}:
        return begin + _DAY * number
    if every == "week":
        return begin + _DAY * (number - 1)
    month, day = divmod(number, HUNDRED)
    first = _months_on(begin, max(month, 1) - 1)
    return min(first + _DAY * (day - 1), _months_on(first, 1) - _DAY)
