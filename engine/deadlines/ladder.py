"""The climb of a deadline: which rungs have come due by now, and how it stands after one was taken."""

from typing import NamedTuple

from engine.deadlines.clock import Clock, ladder, rung_at
from engine.workflow.deadline import Deadline, Rung
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar


class DueRung(NamedTuple):
    """A rung that has come due."""

    place: int
    """Its position in the ladder, repetitions counted, from 0."""
    rung: Rung
    at: int
    """When it came due, in microseconds since 1970 UTC."""


def rungs_due(
    workflow: Workflow, declared: Deadline, clock: Clock, *, now_at: int, calendar: Calendar
) -> tuple[DueRung, ...]:
    """Return the rungs that have come due by now and are not yet taken, lowest first."""
    rungs = ladder(workflow, declared)
    found = []
    position = clock.rung
    while (step := rungs.step(position)) is not None:
        at = rung_at(step, clock, calendar)
        if at > now_at:
            break
        found.append(DueRung(position, step.rung, at))
        position += 1
    return tuple(found)


def climbed(workflow: Workflow, declared: Deadline, clock: Clock, taken: int, *, calendar: Calendar) -> Clock:
    """Return the clock after the rung at position *taken*, with the next one set."""
    following = taken + 1
    step = ladder(workflow, declared).step(following)
    return clock._replace(rung=following, next_at=None if step is None else rung_at(step, clock, calendar))
