"""The climb of a deadline: which rungs have come due by now, and how it stands after one was taken."""

from engine.deadlines.clock import Clock, ladder, rung_at
from engine.workflow.model import Deadline, Rung, Workflow
from engine.working_days.calendars import Calendar


def rungs_due(
    workflow: Workflow, declared: Deadline, clock: Clock, *, now_at: int, calendar: Calendar
) -> tuple[tuple[int, Rung, int], ...]:
    """Return the rungs that have come due by now and are not yet taken: (position, rung, due at)."""
    rungs = ladder(workflow, declared)
    found = []
    position = clock.rung
    while (step := rungs.step(position)) is not None:
        at = rung_at(step, clock, calendar)
        if at > now_at:
            break
        found.append((position, step[0], at))
        position += 1
    return tuple(found)


def climbed(workflow: Workflow, declared: Deadline, clock: Clock, taken: int, *, calendar: Calendar) -> Clock:
    """Return the clock after the rung at position *taken*, with the next one set."""
    following = taken + 1
    step = ladder(workflow, declared).step(following)
    return clock._replace(rung=following, next_at=None if step is None else rung_at(step, clock, calendar))
