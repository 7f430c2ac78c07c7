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
    for position in range(clock.rung, len(rungs)):
        at = rung_at(rungs[position], clock, calendar)
        if at > now_at:
            break
        found.append((position, rungs[position][0], at))
    return tuple(found)


def climbed(workflow: Workflow, declared: Deadline, clock: Clock, taken: int, *, calendar: Calendar) -> Clock:
    """Return the clock after the rung at position *taken*, with the next one set."""
    rungs = ladder(workflow, declared)
    following = taken + 1
    if following >= len(rungs):
        return clock._replace(rung=following, next_at=None)
    return clock._replace(rung=following, next_at=rung_at(rungs[following], clock, calendar))
