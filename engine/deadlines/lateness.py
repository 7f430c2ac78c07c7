"""Lateness that stays on record: a breach is noted before anything moves its term, and never taken back.

Pure in the clock and the instant: no sweep is needed, and no time without one loses a breach.
"""

from datetime import date, timedelta

from engine.deadlines.acts import day_of, moment_of
from engine.deadlines.clock import Breach, Clock, Status, is_overdue
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day

_CLOSED_BY = {
    Status.MET: "met",
    Status.LIFTED: "lifted",
    Status.PAUSED: "paused",
    Status.CANCELLED: "cancelled",
}
_ONE_DAY = timedelta(days=1)


def recorded(before: Clock | None, after: Clock, *, now_at: int, calendar: Calendar) -> Clock:
    """Return the clock as it became, with the lateness of the clock that it was on record.

    It is asked before a changed clock is written. A breach that lasted is closed with the day on which
    lateness ended and with what ended it.

    Args:
        before: As it stood; None if it is new.
        after: As it becomes.
        now_at: When, in microseconds since 1970 UTC.
    """
    zone = calendar.tz
    today = local_day(now_at, zone)
    breaches = after.breaches
    if before is not None and is_overdue(before, now_at=now_at, today=today) and not _is_noted(before):
        breaches = (*breaches, _breach(before, zone))
    if (
        breaches
        and any(each.ended_on is None for each in breaches)
        and not (_same_day(before, after) and is_overdue(after, now_at=now_at, today=today))
    ):
        ended_on = today.isoformat() if after.met_on is None else day_of(after.met_on)
        why = _why(before, after)
        breaches = tuple(
            [each.replace(ended_on=ended_on, why=why) if each.ended_on is None else each for each in breaches]
        )
    if after.met_on is not None and was_met_late(after, zone):
        day = day_of(after.met_on)
        if not any((each.due_on, each.ended_on) == (after.due_on, day) for each in breaches):
            breaches = (*breaches, _breach(after, zone).replace(ended_on=day, why="met"))
    return after if breaches == after.breaches else after._replace(breaches=breaches)


def breaches_by(clock: Clock, *, now_at: int, calendar: Calendar) -> tuple[Breach, ...]:
    """Return the breaches of a clock, with the one that is happening at an instant."""
    return recorded(clock, clock, now_at=now_at, calendar=calendar).breaches


def was_met_late(clock: Clock, zone: str) -> bool:
    """Say whether the act was done after the due day, or after the instant of a term in hours.

    Its instant is that which was entered for it; else that of the entry, if it was made on the day of the act.
    """
    if clock.status is not Status.MET or clock.met_on is None:
        return False
    at = moment_of(clock.met_on, zone)
    if at is None and clock.ended_at is not None and local_day(clock.ended_at, zone).isoformat() == clock.met_on:
        at = clock.ended_at
    if clock.due_at is None or at is None:
        return day_of(clock.met_on) > clock.due_on
    return at > clock.due_at


def _breach(clock: Clock, zone: str) -> Breach:
    """Return the breach of a clock that is late, as it lasts."""
    day = date.fromisoformat(clock.due_on)
    first = day if clock.due_at is not None else day + _ONE_DAY
    if clock.status is Status.RUNNING and (clock.pauses or clock.lifted):
        ends = (*(each.to_at for each in clock.pauses), *(each.to_at for each in clock.lifted))
        rests = [each for each in ends if each is not None]
        if rests:
            first = max(first, local_day(max(rests), zone))
    if clock.breaches:
        # What was late before and is late again by the same day, after it was cancelled, is not late twice at once.
        earlier = [
            each.ended_on for each in clock.breaches if each.due_on == clock.due_on and each.ended_on is not None
        ]
        first = max(first, date.fromisoformat(max(earlier, default=clock.due_on)))
    return Breach(
        due_on=clock.due_on,
        due_at=clock.due_at,
        first_late_on=first.isoformat(),
        ended_on=None,
        why="",
        provisional=clock.provisional,
        derived=False,
    )


def _is_noted(clock: Clock) -> bool:
    """Say whether the lateness that lasts is on record already."""
    return any(each.ended_on is None and each.due_on == clock.due_on for each in clock.breaches)


def _same_day(before: Clock | None, after: Clock) -> bool:
    """Say whether both are due at the same time."""
    return before is not None and (before.due_on, before.due_at) == (after.due_on, after.due_at)


def _why(before: Clock | None, after: Clock) -> str:
    """Return what ended a lateness."""
    longer = before is not None and len(after.extensions) > len(before.extensions)
    return _CLOSED_BY.get(after.status, "extended" if longer else "moved")
