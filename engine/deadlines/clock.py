"""What becomes of a case's deadlines when the case changes or time passes: pure, over values.

A declared deadline runs as a *clock*: a budget of time, the ledger of its pauses and extensions, and
the dates that follow from them. The original date is never overwritten. Dates are computed by
`engine.working_days.count` from the ledger alone, so that they can be explained and computed again.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import IntEnum
from functools import lru_cache, partial
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from engine.deadlines.timetable import Ladder, LadderStep, rung_due_at, timetable
from engine.workflow.deadline import Deadline, OnDate, OnField, StartsByField, Term, TermUnit, WithinByValue
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import Derivation, add, due_with_pauses, working_days_between
from engine.working_days.dates import local_day
from engine.working_days.instants import instant, microseconds

_HOURS = frozenset({TermUnit.MINUTES, TermUnit.HOURS, TermUnit.WORKING_HOURS})


class Status(IntEnum):
    """How a clock stands."""

    RUNNING = 0
    PAUSED = 1
    MET = 2
    """The act that it waited for was done."""
    CANCELLED = 3
    """Its case is void or repeats another."""
    LIFTED = 4
    """No longer required: its condition ceased, or its states were left without the act (不再要求)."""


class Pause(FrozenStruct, frozen=True, kw_only=True):
    """A time that does not count."""

    from_at: int
    """Microseconds since 1970 UTC."""
    to_at: int | None
    """None while it lasts."""
    reason: str
    by: str
    noted_at: int
    """When it was entered; later than `from_at` if it was dated back."""


class Extended(FrozenStruct, frozen=True, kw_only=True):
    """One extension (domain §7)."""

    amount: int
    unit: str
    reason: str
    signed_by: str
    filed_on: str
    """Local date."""
    by: str
    noted_at: int
    exception: bool
    """Longer or more often than the cap; shown as such."""


class Breach(FrozenStruct, frozen=True, kw_only=True):
    """A time in which the term was late; once on record it stays."""

    due_on: str
    """The local due day as it stood then."""
    due_at: int | None
    """For terms in hours, the instant."""
    first_late_on: str
    """Local date."""
    ended_on: str | None
    """Local date on which it was late no more, before `first_late_on` if it was met in time; None while it is late."""
    why: str
    """What ended it: met, lifted, moved, extended, paused or cancelled; empty while it lasts."""
    provisional: bool
    """The day had been counted without a published calendar."""
    derived: bool
    """Found afterwards in the journal of an older version."""


class Lift(FrozenStruct, frozen=True, kw_only=True):
    """A time in which the term was not required."""

    from_at: int
    """Microseconds since 1970 UTC."""
    to_at: int | None
    """None while it lasts."""
    why: str
    """condition, left, ran_out or waiting: it ceased; left without the act; by the program; never held yet."""


class FormerStart(FrozenStruct, frozen=True, kw_only=True):
    """A start that was corrected, with the first due day that followed from it."""

    starts_at: int
    original_due_on: str
    until_at: int
    """When it was corrected."""


class Clock(NamedTuple):
    """One running of a declared deadline of one case; a named tuple for the same reason as a case is one."""

    id: int | None
    """None until it is written."""
    case_id: int
    name: str
    round: int
    status: Status
    starts_at: int
    """Microseconds since 1970 UTC; a local day stands for its midnight."""
    original_due_on: str
    """Follows from the start alone: neither a pause, an extension, a calendar nor a later day given moves it."""
    due_on: str
    """Local date; the day itself is never overdue."""
    due_at: int | None
    """For terms in hours, the instant."""
    pauses: tuple[Pause, ...]
    extensions: tuple[Extended, ...]
    calendar: str
    provisional: bool
    arming: int
    """Counts how often the rungs were set."""
    rung: int
    """The next rung to take, repetitions counted."""
    next_at: int | None
    """When that rung comes due; None if none is left or the clock stands still."""
    ended_at: int | None
    """When it was met, lifted or cancelled, as the journal has it."""
    met_on: str | None = None
    """Local date of the act, or its local moment where the field that ends the term holds one; None unless met."""
    breaches: tuple[Breach, ...] = ()
    lifted: tuple[Lift, ...] = ()
    starts: tuple[FormerStart, ...] = ()
    given_on: str | None = None
    """Of a term that is due on a given day and was extended, the day that was given."""
    term: str | None = None
    """Of a term that a value chooses, the one it runs by, as `15 days`."""


as_clock: Final[Callable[[Iterable[object]], Clock]] = partial(tuple.__new__, Clock)
"""Does what `Clock._make` does, for each of very many in half its time; the values must be all there."""


def term_in(declared: Deadline, clock: Clock) -> Term | None:
    """Return the length of time that a clock runs by; None for a fixed date."""
    if isinstance(declared.due, WithinByValue):
        return None if clock.term is None else Term.of(clock.term)
    return next(iter(declared.lengths), None)


def _graded(declared: Deadline, clock: Clock, fields: Mapping[str, object]) -> Clock:
    """Return the clock with the term that a value chooses now; the same one if it has that already."""
    chosen = declared.due.chosen(fields) if isinstance(declared.due, WithinByValue) else None
    return clock if chosen is None or str(chosen) == clock.term else clock._replace(term=str(chosen))


def derivation(declared: Deadline, clock: Clock, *, calendar: Calendar) -> Derivation | None:
    """Return how the due date of a clock follows from its start and its ledger; None for a fixed date."""
    term = term_in(declared, clock)
    if term is None:
        return None
    hours = term.unit in _HOURS
    rested = clock.status is Status.CANCELLED and clock.pauses and clock.pauses[-1].to_at == clock.ended_at
    pauses = clock.pauses[:-1] if rested else clock.pauses  # set aside while it was paused, it keeps its day
    return due_with_pauses(
        instant(clock.starts_at) if hours else _day(clock.starts_at, calendar),
        term.amount,
        term.unit,
        calendar,
        pauses=tuple(
            (instant(each.from_at), None if each.to_at is None else instant(each.to_at))
            if hours
            else (_day(each.from_at, calendar), None if each.to_at is None else _day(each.to_at, calendar))
            for each in pauses
        ),
        extensions=tuple((each.amount, each.unit) for each in clock.extensions),
        count_start=declared.count_start,
        end_roll=declared.end_roll,
        unpublished=declared.unpublished,
    )


def recomputed(
    workflow: Workflow,
    declared: Deadline,
    clock: Clock,
    fields: Mapping[str, object],
    *,
    calendar: Calendar,
    before: Clock | None = None,
    now_at: int = 0,
    woken: bool = False,
) -> Clock:
    """Return the clock with the dates that follow from its ledger and the case's values, armed again if they moved.

    A clock of which nothing changed that its date follows from keeps its date, whatever the calendar says by now.

    Args:
        clock: With its pauses and extensions as they are now.
        before: The clock as it stood; None if it is to be counted as a whole by *calendar* (a new one, or one that
            is moved to another calendar).
        now_at: When it changes; kept with a start that is corrected.
        woken: It stood still until now: armed again even if its date stays, since delivery drops what was promised.
    """
    starts_at = clock.starts_at
    if clock.round == 1 and isinstance(declared.starts, StartsByField) and fields.get(declared.starts.field):
        starts_at = begins_at(str(fields[declared.starts.field]), calendar.zone)
    is_restarted = before is not None and starts_at != clock.starts_at
    asked, clock = clock, _graded(declared, clock, fields)
    given = fields.get(declared.due.field) if isinstance(declared.due, OnField) else None
    if before is None or is_restarted or clock is not asked or (given is not None and str(given) != given_day(clock)):
        dates, label = _dates(declared, clock, starts_at, fields, calendar), calendar.label
    else:
        dates, label = _kept_or_shifted(declared, before, clock, fields, calendar)
    moved = woken or dates.due_on != clock.due_on or dates.due_at != clock.due_at
    rung = 0 if moved else clock.rung
    next_at = None
    if clock.status is Status.RUNNING and (step := ladder(workflow, declared).step(rung)) is not None:
        is_armed = not moved and clock.next_at is not None
        next_at = clock.next_at if is_armed else rung_due_at(step, dates.due_on, dates.due_at, calendar)
    given_on = str(given) if given is not None and clock.extensions else clock.given_on
    as_it_was = (clock.starts_at, clock.provisional, clock.calendar, clock.next_at, clock.given_on)
    if not moved and clock is asked and (starts_at, dates.provisional, label, next_at, given_on) == as_it_was:
        return clock
    first, starts = clock.original_due_on or dates.due_on, clock.starts
    if is_restarted and declared.lengths:
        first = _dates(declared, clock._replace(pauses=(), extensions=()), starts_at, fields, calendar).due_on
        former = FormerStart(starts_at=clock.starts_at, original_due_on=clock.original_due_on, until_at=now_at)
        starts = (*starts, former)
    return clock._replace(
        starts_at=starts_at,
        due_on=dates.due_on,
        due_at=dates.due_at,
        provisional=dates.provisional,
        calendar=label,
        original_due_on=first,
        arming=clock.arming + moved,
        rung=rung,
        next_at=next_at,
        starts=starts,
        given_on=given_on,
    )


def ladder(workflow: Workflow, declared: Deadline) -> Ladder:
    """Return the rungs of a deadline with their repetitions, in declared order."""
    return timetable(workflow).ladders[declared.name]


def rung_at(step: LadderStep, clock: Clock, calendar: Calendar) -> int:
    """Return when a rung comes due, in microseconds since 1970 UTC.

    A rung of days comes due in the morning; one of hours at its instant. Neither at night nor on a
    day off, but on the next working morning, unless the rung says so (domain §8).
    """
    return rung_due_at(step, clock.due_on, clock.due_at, calendar)


def paused(clock: Clock, *, from_at: int, reason: str, by: str, noted_at: int) -> Clock:
    """Return the clock standing still from an instant on; nothing reminds while it does."""
    pause = Pause(from_at=from_at, to_at=None, reason=reason, by=by, noted_at=noted_at)
    return clock._replace(status=Status.PAUSED, pauses=(*clock.pauses, pause), next_at=None)


def resumed(
    workflow: Workflow,
    declared: Deadline,
    clock: Clock,
    fields: Mapping[str, object],
    *,
    to_at: int,
    calendar: Calendar,
) -> Clock:
    """Return a paused clock running again from an instant on, with its new date."""
    awoken = awake(clock, to_at)
    stood = _unpaused(clock)
    return recomputed(workflow, declared, awoken, fields, calendar=calendar, before=stood, now_at=to_at, woken=True)


def extended(
    workflow: Workflow,
    declared: Deadline,
    clock: Clock,
    fields: Mapping[str, object],
    extension: Extended,
    *,
    calendar: Calendar,
) -> Clock:
    """Return the clock with one more extension in its ledger, and its new date."""
    longer = clock._replace(extensions=(*clock.extensions, extension))
    return recomputed(workflow, declared, longer, fields, calendar=calendar, now_at=extension.noted_at, before=clock)


def ended(clock: Clock, status: Status, *, at: int, met_on: str | None = None) -> Clock:
    """Return the clock met, lifted or cancelled, at an instant; *met_on* as a clock has it, what it had if None."""
    pauses = clock.pauses and tuple(each if each.to_at is not None else each.replace(to_at=at) for each in clock.pauses)
    return clock._replace(status=status, pauses=pauses, next_at=None, ended_at=at, met_on=met_on or clock.met_on)


def is_overdue(clock: Clock, *, now_at: int, today: date) -> bool:
    """Say whether a running clock is past its due day by local date, or past its due instant."""
    if clock.status is not Status.RUNNING:
        return False
    return clock.due_at < now_at if clock.due_at is not None else clock.due_on < today.isoformat()


class _Dates(NamedTuple):
    """When a clock is due."""

    due_on: str
    due_at: int | None
    provisional: bool


def _dates(
    declared: Deadline, clock: Clock, starts_at: int, fields: Mapping[str, object], calendar: Calendar
) -> _Dates:
    """Return the dates that follow from a start and the clock's ledger, counted as a whole.

    Of a clock that stands still these are the dates without the pause that lasts.
    """
    term = term_in(declared, clock)
    if term is None:
        due_on, provisional = _fixed(declared, clock, fields, calendar)
        return _Dates(due_on, None, provisional)
    if clock.pauses or clock.extensions:
        way = derivation(declared, _unpaused(clock)._replace(starts_at=starts_at), calendar=calendar)
        assert way is not None  # no pause is left open
        return _Dates(*due_by(way, calendar), way.provisional)
    # Many cases begin on the same day: the way to their due date is gone once.
    asked = (starts_at, term.amount, term.unit, declared.count_start, declared.end_roll, declared.unpublished)
    known: _Dates | None = calendar.remembered.get(asked)
    if known is None:
        way = derivation(declared, clock._replace(starts_at=starts_at), calendar=calendar)
        assert way is not None
        known = calendar.remember(asked, _Dates(*due_by(way, calendar), way.provisional))
    return known


def _kept_or_shifted(
    declared: Deadline, before: Clock, clock: Clock, fields: Mapping[str, object], calendar: Calendar
) -> tuple[_Dates, str]:
    """Return the dates of a clock that starts when it did, and the label of the calendar by which they are counted."""
    if clock.pauses == before.pauses and clock.extensions == before.extensions:
        return _Dates(clock.due_on, clock.due_at, clock.provisional), clock.calendar
    label = clock.calendar if before.calendar != calendar.label else calendar.label
    return _shifted(declared, before, clock, fields, calendar), label


def _shifted(
    declared: Deadline, before: Clock, clock: Clock, fields: Mapping[str, object], calendar: Calendar
) -> _Dates:
    """Return the dates of a clock whose pauses or extensions changed: it moves by what these changes take, no more.

    If the calendar changed since the date was set, only the difference is counted by the present one: what the
    calendar itself would move is moved by hand (`calendar reproject`), never by a step on the side.
    """
    was = _dates(declared, before, before.starts_at, fields, calendar)
    now = _dates(declared, clock, clock.starts_at, fields, calendar)
    if (was.due_on, was.due_at) == (clock.due_on, clock.due_at):
        return now
    term = term_in(declared, clock)
    if term is None or term.unit is not TermUnit.WORKING_DAYS:
        if clock.due_at is not None and was.due_at is not None and now.due_at is not None:
            due_at = clock.due_at + now.due_at - was.due_at
            return _Dates(_day(due_at, calendar).isoformat(), due_at, now.provisional)
        days = (date.fromisoformat(now.due_on) - date.fromisoformat(was.due_on)).days
        moved = add(
            date.fromisoformat(clock.due_on), days, "days", calendar, end_roll=_roll(declared), unpublished="weekdays"
        )
    else:
        days = working_days_between(
            date.fromisoformat(was.due_on), date.fromisoformat(now.due_on), calendar, unpublished="weekdays"
        )
        moved = add(date.fromisoformat(clock.due_on), days, "working_days", calendar, unpublished="weekdays")
    return _Dates(local_day(moved.due, calendar.zone).isoformat(), None, now.provisional)


def _fixed(declared: Deadline, clock: Clock, fields: Mapping[str, object], calendar: Calendar) -> tuple[str, bool]:
    """Return the date of a deadline that is due on a date, extended; pauses do not move it."""
    if isinstance(declared.due, OnDate):
        day = declared.due.on
    else:
        assert isinstance(declared.due, OnField)
        day = date.fromisoformat(str(fields.get(declared.due.field) or given_day(clock)))
    way = due_with_pauses(
        day,
        0,
        "days",
        calendar,
        extensions=tuple((each.amount, each.unit) for each in clock.extensions),
        unpublished=declared.unpublished,
    )
    assert way is not None
    return way.due.isoformat(), way.provisional


def _roll(declared: Deadline) -> Literal["none", "forward", "backward"]:
    """Return where a last day that is off goes; a given day never moves for it."""
    return declared.end_roll if declared.lengths else "none"


def given_day(clock: Clock) -> str:
    """Return the day that was given to a term which is due on one."""
    if clock.given_on is not None:
        return clock.given_on
    return clock.original_due_on if clock.extensions else clock.due_on


def _unpaused(clock: Clock) -> Clock:
    """Return the clock without the pause that lasts, if one does."""
    if not clock.pauses or clock.pauses[-1].to_at is not None:
        return clock
    return clock._replace(pauses=tuple(each for each in clock.pauses if each.to_at is not None))


def due_by(way: Derivation, calendar: Calendar) -> tuple[str, int | None]:
    """Return the local due date, and the instant for a term in hours."""
    if isinstance(way.due, datetime):
        return way.due.astimezone(calendar.zone).date().isoformat(), microseconds(way.due)
    return way.due.isoformat(), None


def awake(clock: Clock, to_at: int) -> Clock:
    """Return a paused clock with its pause ended at an instant."""
    pauses = tuple(
        each if each.to_at is not None else each.replace(to_at=max(to_at, each.from_at)) for each in clock.pauses
    )
    return clock._replace(status=Status.RUNNING, pauses=pauses)


def _day(stored: int, calendar: Calendar) -> date:
    """Return the local date of a stored instant."""
    return instant(stored).astimezone(calendar.zone).date()


@lru_cache(maxsize=4096)
def begins_at(day: str, zone: ZoneInfo) -> int:
    """Return when a stored local date begins, or the instant of a stored local moment, in microseconds since 1970 UTC.

    Remembered: thousands of cases were received on the same days.
    """
    return microseconds(datetime.fromisoformat(day).replace(tzinfo=zone))
