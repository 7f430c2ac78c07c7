"""What is asked of a workflow's deadlines for every case, found once: ladders, and when their rungs come due.

A register holds thousands of cases that were received on the same day; the way to their dates is
gone once, and what was found is kept with the calendar that it was found by.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final, NamedTuple

from engine.workflow.deadline import AFTERWARDS, Deadline, OnField, Rung, StartsByField, TermUnit
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import add, next_working_moment
from engine.working_days.instants import instant, microseconds

MORNING: Final = time(9)
"""Local time at which a rung of a day comes due."""


class LadderStep(NamedTuple):
    """A rung, and which of its comings is meant."""

    rung: Rung
    turn: int
    """Counted from 0."""
    more: int = 0
    """How often it has come again by `AFTERWARDS` after its last declared coming, this time counted."""


class Ladder(FrozenStruct, frozen=True, kw_only=False):
    """The steps of one deadline's reminders, in declared order, and without an end unless there are none.

    A last rung that is declared with an end is continued by `AFTERWARDS`.
    """

    steps: tuple[LadderStep, ...] = ()
    """Rungs with their repetitions; of one that goes on, its first coming."""

    def step(self, position: int) -> LadderStep | None:
        """Return what is taken at a position, counted from 0; None if there is no rung at all."""
        if position < len(self.steps):
            return self.steps[position]
        if not self.steps:
            return None
        rung, turn, _ = self.steps[-1]
        past = position - len(self.steps) + 1
        return LadderStep(rung, past) if rung.goes_on else LadderStep(rung, turn, past)


class Timetable(FrozenStruct, frozen=True, kw_only=False):
    """The deadlines of one workflow version, sorted for those who ask."""

    workflow: Workflow
    """Kept so that its id stays its own."""
    ladders: Mapping[str, Ladder]
    """By deadline."""
    inside: Mapping[str, tuple[Deadline, ...]]
    """By state, those that run or rest in it, as declared."""
    order: Mapping[str, int]
    given: tuple[str, ...]
    """The fields that hold the day on which a deadline is due."""
    remembering: frozenset[str]
    """Deadlines whose case may go on, before they are required, to where its state no longer tells what it entered."""


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
                each.name: Ladder(
                    tuple(
                        LadderStep(rung, turn)
                        for rung in (workflow.ladders[each.ladder] if each.ladder else ())
                        for turn in range(max(1, rung.times or 1))
                    )
                )
                for each in declared
            },
            inside={
                state: tuple(each for each in declared if state in (*each.runs_in, *each.paused_in))
                for state in workflow.states
            },
            order={name: place for place, name in enumerate(workflow.deadlines)},
            given=tuple(each.due.field for each in declared if isinstance(each.due, OnField)),
            remembering=frozenset(
                each.name
                for each in declared
                if (starts := entered(each)) and not {*each.runs_in, *each.paused_in} <= {*starts}
            ),
        )
        _KNOWN[id(workflow)] = known
    return known


def entered(declared: Deadline) -> tuple[str, ...]:
    """Return the states that start a deadline when they are entered."""
    return () if isinstance(declared.starts, StartsByField) else declared.starts.states


def rung_due_at(step: LadderStep, due_on: str, due_at: int | None, calendar: Calendar) -> int:
    """Return when a rung comes due, computed once for all deadlines that are due on the same day."""
    rung, turn, more = step
    asked = (due_on, due_at, rung.at.amount, rung.at.unit, turn, more, rung.every, rung.night)
    known: int | None = calendar.remembered.get(asked)
    if known is None:
        known = calendar.remember(asked, microseconds(_rung_moment(step, due_on, due_at, calendar)))
    return known


def _rung_moment(step: LadderStep, due_on: str, due_at: int | None, calendar: Calendar) -> datetime:
    """Return the moment at which a rung comes due."""
    rung, turn, more = step
    base: date | datetime = date.fromisoformat(due_on)
    if rung.at.unit in _HOURS:
        base = instant(due_at) if due_at is not None else _morning(base, calendar)
    moment = _later(base, rung.at.amount, rung.at.unit, calendar)
    if rung.every is not None and turn:
        moment = _later(moment, rung.every.amount * turn, rung.every.unit, calendar)
    if more:
        moment = _afterwards(moment, more, base, calendar)
    if not isinstance(moment, datetime):
        moment = _morning(moment, calendar)
    return moment if rung.night else next_working_moment(moment, calendar)


def _afterwards(last: date | datetime, more: int, due: date | datetime, calendar: Calendar) -> date | datetime:
    """Return when the last rung comes again, counted from its last declared coming.

    If that lies before the due day or instant, it comes then for the first time, and is counted from there.
    """
    if _as_instant(last, calendar) < _as_instant(due, calendar):
        last, more = due, more - 1
    return _later(last, AFTERWARDS.amount * more, AFTERWARDS.unit, calendar) if more else last


def _as_instant(at: date | datetime, calendar: Calendar) -> datetime:
    """Return an instant; of a day its morning."""
    return at if isinstance(at, datetime) else _morning(at, calendar)


def _later(begin: date | datetime, amount: int, unit: TermUnit, calendar: Calendar) -> date | datetime:
    """Return what lies *amount* units after a day or an instant, a day being begun in the morning.

    Days and months after an instant keep its time of day.
    """
    if unit in _HOURS:
        start = begin if isinstance(begin, datetime) else _morning(begin, calendar)
        return add(start, amount, unit, calendar, unpublished="weekdays").due
    if not isinstance(begin, datetime):
        return add(begin, amount, unit, calendar, unpublished="weekdays").due
    local = begin.astimezone(calendar.zone)
    day = add(local.date(), amount, unit, calendar, unpublished="weekdays").due
    return datetime.combine(day, local.time(), tzinfo=calendar.zone)


_HOURS: Final = frozenset({TermUnit.MINUTES, TermUnit.HOURS, TermUnit.WORKING_HOURS})
_KNOWN: dict[int, Timetable] = {}
_KNOWN_AT_MOST: Final = 64


def _morning(day: date, calendar: Calendar) -> datetime:
    """Return the morning of a local date."""
    return datetime.combine(day, MORNING, tzinfo=calendar.zone)
