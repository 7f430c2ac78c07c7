"""What is asked of a workflow's deadlines for every case, found once: ladders, and when their rungs come due.

A register holds thousands of cases that were received on the same day; the way to their dates is
gone once, and what was found is kept with the calendar that it was found by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from engine.workflow.model import Deadline, Rung, TermUnit, Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import add, next_working_moment
from engine.working_days.instants import instant, microseconds

MORNING: Final = time(9)
"""Local time at which a rung of a day comes due."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The deadlines of one workflow version, sorted for those who ask."""

    workflow: Workflow
    """Kept so that its id stays its own."""
    ladders: Mapping[str, tuple[tuple[Rung, int], ...]]
    """By deadline."""
    running: Mapping[str, tuple[Deadline, ...]]
    """By state, those that run in it, as declared."""
    order: Mapping[str, int]


def timetable(workflow: Workflow) -> Timetable:
    """Return the timetable of a workflow, which is made once."""
    known = _KNOWN.get(id(workflow))
    if known is None:
        if len(_KNOWN) >= _KNOWN_AT_MOST:
            _KNOWN.clear()
        declared = workflow.deadlines.values()
        known = Timetable(
            workflow=workflow,
            ladders={
                each.name: tuple(
                    (rung, turn)
                    for rung in (workflow.ladders[each.ladder] if each.ladder else ())
                    for turn in range(max(1, rung.times))
                )
                for each in declared
            },
            running={state: tuple(each for each in declared if state in each.runs_in) for state in workflow.states},
            order={name: place for place, name in enumerate(workflow.deadlines)},
        )
        _KNOWN[id(workflow)] = known
    return known


def rung_due_at(step: tuple[Rung, int], due_on: str, due_at: int | None, calendar: Calendar) -> int:
    """Return when a rung comes due, computed once for all deadlines that are due on the same day."""
    rung, turn = step
    asked = (due_on, due_at, rung.at.amount, rung.at.unit, turn, rung.every, rung.night)
    known: int | None = calendar.remembered.get(asked)
    if known is None:
        known = calendar.remember(asked, microseconds(_rung_moment(rung, turn, due_on, due_at, calendar)))
    return known


def _rung_moment(rung: Rung, turn: int, due_on: str, due_at: int | None, calendar: Calendar) -> datetime:
    """Return the moment at which a rung comes due."""
    amount, unit = rung.at.amount, rung.at.unit
    if unit in _HOURS:
        base = instant(due_at) if due_at is not None else _morning(date.fromisoformat(due_on), calendar)
        moment = add(base, amount, unit, calendar, unpublished="weekdays").due
        assert isinstance(moment, datetime)
    else:
        day = add(date.fromisoformat(due_on), amount, unit, calendar, unpublished="weekdays").due
        if rung.every is not None and turn:
            day = add(day, rung.every.amount * turn, rung.every.unit, calendar, unpublished="weekdays").due
        moment = _morning(day, calendar) if not isinstance(day, datetime) else day
    return moment if rung.night else next_working_moment(moment, calendar)


_HOURS: Final = frozenset({TermUnit.HOURS, TermUnit.WORKING_HOURS})
_KNOWN: dict[int, Timetable] = {}
_KNOWN_AT_MOST: Final = 64


def _morning(day: date, calendar: Calendar) -> datetime:
    """Return the morning of a local date."""
    return datetime.combine(day, MORNING, tzinfo=calendar.zone)
