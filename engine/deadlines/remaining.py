"""What is left of a deadline, or how late it is or was, in the deadline's own unit."""

from collections.abc import Mapping
from datetime import date, datetime, time
from math import floor

from engine.deadlines.acts import day_of, moment_of
from engine.deadlines.clock import Clock, Status, is_overdue, term_in
from engine.deadlines.lateness import was_met_late
from engine.workflow.deadline import Deadline, Term, TermUnit, WithinByValue
from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.calendars import Calendar
from engine.working_days.count import elapsed
from engine.working_days.instants import instant, local_day, microseconds


class Remaining(FrozenStruct, frozen=True, kw_only=True):
    """How a deadline stands at one moment, in its own unit."""

    overdue: bool
    """Whether it is late, and ours."""
    left: int
    """In `counted_in`; negative when late, 0 on the due day."""
    counted_in: str
    late_by: int
    """In `counted_in`: how late it is, or was when it was met; 0 if it is not or was not."""
    theirs: bool
    """It is the other side's time."""


def remaining(declared: Deadline, clock: Clock, *, now: datetime, today: date, calendar: Calendar) -> Remaining:
    """Return how a deadline stands.

    Args:
        now: Aware instant; decides terms in hours.
        today: Local date; decides all others.
    """
    return Remaining(
        overdue=is_late_here(declared, clock, now_at=microseconds(now), today=today),
        left=left(declared, clock, now=now, today=today, calendar=calendar),
        counted_in=counted_in(declared, clock),
        late_by=late_by(declared, clock, now=now, today=today, calendar=calendar),
        theirs=declared.is_theirs,
    )


def is_late_here(declared: Deadline, clock: Clock, *, now_at: int, today: date) -> bool:
    """Say whether a deadline runs past its day or instant and is ours: nobody here is late with the other side's."""
    return not declared.is_theirs and is_overdue(clock, now_at=now_at, today=today)


def counted_in(declared: Deadline, clock: Clock) -> str:
    """Return the unit in which a deadline's rest is given: its own; months in days."""
    return counting_unit(term_in(declared, clock))


def counting_unit(term: Term | None) -> str:
    """Return the unit in which the rest of a term is given; days for a fixed date, and for months."""
    return "days" if term is None or term.unit is TermUnit.MONTHS else str(term.unit)


def term_unit(declared: Deadline, fields: Mapping[str, object]) -> str:
    """Return the unit in which a deadline of a case with these values is counted."""
    if isinstance(declared.due, WithinByValue):
        return counting_unit(declared.due.chosen(fields))
    return counting_unit(next(iter(declared.lengths), None))


def left(
    declared: Deadline, clock: Clock, *, now: datetime, today: date, calendar: Calendar, unit: str | None = None
) -> int:
    """Return how many whole units are left; 0 on the due day or in the last hour, negative when late.

    Args:
        now: Aware instant; decides terms in hours.
        today: Local date; decides all others.
        unit: What `counted_in` says, if it was asked already.
    """
    unit = counted_in(declared, clock) if unit is None else unit
    if clock.due_at is None:
        return int(elapsed(today, date.fromisoformat(clock.due_on), unit, calendar, unpublished="weekdays"))
    due = instant(clock.due_at)
    rest = floor(elapsed(now, due, unit, calendar, unpublished="weekdays"))
    return min(rest, -1) if due < now else rest


def late_by(declared: Deadline, clock: Clock, *, now: datetime, today: date, calendar: Calendar) -> int:
    """Return how many whole units a deadline is late, or was when it was met; 0 if it is not or was not.

    At least one where it is late at all: a term of working days that is met on the day off after its day was late.

    Args:
        now: Aware instant; decides terms in hours.
        today: Local date; decides all others.
    """
    unit = counted_in(declared, clock)
    if clock.status is Status.RUNNING:
        is_late = is_overdue(clock, now_at=microseconds(now), today=today)
        return overrun(unit, clock.due_on, clock.due_at, day=today, at=now, calendar=calendar) if is_late else 0
    if clock.met_on is None or not was_met_late(clock, calendar.tz):
        return 0
    day, at = date.fromisoformat(day_of(clock.met_on)), None
    exact = moment_of(clock.met_on, calendar.tz)
    if exact is not None:
        at = instant(exact)
    elif clock.ended_at is not None:
        by_its_day = local_day(clock.ended_at, calendar.tz) != day
        at = datetime.combine(day, time(0), tzinfo=calendar.zone) if by_its_day else instant(clock.ended_at)
    return overrun(unit, clock.due_on, clock.due_at, day=day, at=at, calendar=calendar)


def overrun(unit: str, due_on: str, due_at: int | None, *, day: date, at: datetime | None, calendar: Calendar) -> int:
    """Return by how many whole units a day or an instant that is late lies after a due day; at least one.

    Args:
        unit: What the deadline is counted in.
        due_on: Local date, YYYY-MM-DD.
        due_at: Of a term in hours, the instant; microseconds since 1970 UTC.
        day: Local date until which is counted.
        at: Aware instant until which a term in hours is counted; None to count it by its day.
    """
    if due_at is None or at is None:
        return max(1, int(elapsed(date.fromisoformat(due_on), day, unit, calendar, unpublished="weekdays")))
    return max(1, floor(elapsed(instant(due_at), at, unit, calendar, unpublished="weekdays")))


def overdue_when_met(
    unit: str, due_on: str, due_at: int | None, *, met_on: str, met_at: int, calendar: Calendar
) -> int:
    """Return by how many whole units a deadline was late when it was met; 0 if it was not.

    Args:
        unit: What the deadline is counted in.
        due_on: Local date, YYYY-MM-DD.
        due_at: Of a term in hours, the instant; microseconds since 1970 UTC.
        met_on: Local date or moment of the act.
        met_at: When the journal has it; decides a term in hours that was met on that very day, if no moment is known.
    """
    day = date.fromisoformat(day_of(met_on))
    exact = moment_of(met_on, calendar.tz)
    met_at = met_at if exact is None else exact
    by_its_day = due_at is None or local_day(met_at, calendar.tz) != day
    if day_of(met_on) <= due_on if by_its_day else due_at is not None and met_at <= due_at:
        return 0
    at = datetime.combine(day, time(0), tzinfo=calendar.zone) if by_its_day else instant(met_at)
    return overrun(unit, due_on, due_at, day=day, at=at, calendar=calendar)
