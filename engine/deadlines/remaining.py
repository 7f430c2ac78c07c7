"""What is left of a deadline, in the deadline's own unit."""

from datetime import date, datetime
from math import floor

from engine.deadlines.clock import Clock
from engine.workflow.model import Deadline, Within
from engine.working_days.calendars import Calendar
from engine.working_days.count import elapsed
from engine.working_days.instants import instant


def counted_in(declared: Deadline) -> str:
    """Return the unit in which a deadline's rest is given: its own; months in days."""
    unit = str(declared.due.term.unit) if isinstance(declared.due, Within) else "days"
    return "days" if unit == "months" else unit


def left(declared: Deadline, clock: Clock, *, now: datetime, today: date, calendar: Calendar) -> int:
    """Return how many whole units are left; 0 on the due day or in the last hour, negative when late.

    Args:
        now: Aware instant; decides terms in hours.
        today: Local date; decides all others.
    """
    unit = counted_in(declared)
    if clock.due_at is None:
        return int(elapsed(today, date.fromisoformat(clock.due_on), unit, calendar, unpublished="weekdays"))
    due = instant(clock.due_at)
    rest = floor(elapsed(now, due, unit, calendar, unpublished="weekdays"))
    return min(rest, -1) if due < now else rest
