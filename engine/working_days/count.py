"""Deadline arithmetic: from a start, an amount and a unit to the day or instant that is due.

The conventions on which systems silently differ, and what holds here (domain.md §13):

* The start day is not counted (民法典201); `count_start` makes it day 1. A month that counts its
  start day ends one day before the same date.
* A start on a day off stands as it is: the first working day counted is the next one. `start_roll`
  moves such a start before its days are counted; hours do not roll at the start.
* Months end on the same date, or on the last day of a month that has none (民法典202).
* The last day stands as it falls. `end_roll` moves a last day that is off: `forward` to the next
  working day (民法典203), `backward` to the one before. A term in working days ends on one anyhow,
  unless its amount is 0.
* Hours are hours that really pass, computed in UTC and shown in the calendar's zone. With an
  `end_roll`, an end on a day off goes to the next opening or to the last closing.
* Working hours pass while the calendar is open. A start outside begins at the next opening; an
  amount used up exactly at closing time ends at closing time.
* A day given as the start of hours means its local midnight, the earliest it can mean.
* A negative amount is the mirror image. The amount 0 ends where it starts, then rolls.
* Calendar days and months need no calendar unless they roll; whatever must look into a year that
  is not published is refused, or marked provisional if the policy says `weekdays`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.calendars import Calendar, Unpublished
from engine.working_days.dates import add_months, day_at, local_day, require_zone
from engine.working_days.scales import SECOND
from engine.working_days.walk import (
    DAY_UNITS,
    HOUR_UNITS,
    Amount,
    Moment,
    Pause,
    Roll,
    StandsStillError,
    WalkSpan,
    Way,
    instant_of,
    scale_of,
    seconds_of,
    shown,
)

NIGHT = (time(21), time(8))
"""When nobody is reminded: from and to, local."""


class Derivation(FrozenStruct, frozen=True, kw_only=True):
    """A due date with the way that led to it; `engine.working_days.explain` tells it day by day."""

    due: Moment
    """A local date, or an aware instant in the calendar's zone for units of hours."""
    unrolled: Moment
    """Where it fell before a day off moved it."""
    start: Moment
    """Where counting began: a local date or an instant; after `start_roll`."""
    given: Moment
    """The start as it was given."""
    amount: Amount
    unit: str
    count_start: bool
    calendar: Calendar
    provisional: bool
    """True if a year without a published calendar was counted by weekdays (暂估)."""
    spans: tuple[WalkSpan, ...]

    @property
    def rolled(self) -> Roll:
        """Which way the last day moved."""
        return "none" if self.due == self.unrolled else "forward" if self.due > self.unrolled else "backward"


def add(
    start: Moment,
    amount: Amount,
    unit: str,
    calendar: Calendar,
    *,
    count_start: bool = False,
    start_roll: Roll = "none",
    end_roll: Roll = "none",
    unpublished: Unpublished | None = None,
) -> Derivation:
    """Return when a term of *amount* *unit* from *start* is due.

    Args:
        start: A local date, or an aware instant; units of days take its date in the calendar's zone.
        amount: Whole for units of days; hours are taken to the second.
        unpublished: What a year without a published calendar does; the calendar's own policy if None.

    Raises:
        BadValueError: If the start has no zone, the amount does not fit the unit, or the calendar of
            a year that is needed has not been published.
    """
    way = Way(calendar, unpublished or calendar.unpublished, ())
    if unit in DAY_UNITS:
        return _in_days(way, start, amount, unit, (), count_start, start_roll, end_roll)
    return _in_hours(way, start, amount, unit, (), end_roll)


def due_with_pauses(
    start: Moment,
    amount: Amount,
    unit: str,
    calendar: Calendar,
    *,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[tuple[Amount, str]] = (),
    count_start: bool = False,
    start_roll: Roll = "none",
    end_roll: Roll = "none",
    unpublished: Unpublished | None = None,
) -> Derivation | None:
    """Return when a term is due whose clock was stopped and which was extended; None while it stands still.

    * What lies inside a pause is not counted: days for units of days (an instant stands for its
      local date), time for units of hours. Overlapping pauses count once; an empty one changes
      nothing, nor does one that begins when the term is already used up.
    * A term in months is turned into the calendar days it has without pauses, and these are counted.
    * Each extension is counted from the due date reached so far, before any roll: a month's
      extension of 2019-12-31 leads to 2020-01-31, wherever 2019-12-31 itself would roll (domain.md
      §7). Pauses hold it up in the same way. Only the last date of all is rolled, never into a pause.
    * A term in days cannot be extended by hours. A term in hours extended by days, working days or
      months keeps its time of day.

    Raises:
        BadValueError: As `add`; also if a pause ends before it begins, or if a term with pauses or
            an extension has a negative amount.
    """
    _refuse_backwards(amount, extensions, is_bound=bool(pauses or extensions))
    way = Way(calendar, unpublished or calendar.unpublished, pauses)
    try:
        if unit in DAY_UNITS:
            return _in_days(way, start, amount, unit, extensions, count_start, start_roll, end_roll)
        return _in_hours(way, start, amount, unit, extensions, end_roll)
    except StandsStillError:
        return None


def working_days_between(
    first: Moment, last: Moment, calendar: Calendar, *, unpublished: Unpublished | None = None
) -> int:
    """Return how many working days lie after *first* up to and including *last*; negative if reversed.

    Raises:
        BadValueError: If an instant has no zone or a year that is needed has not been published.
    """
    begin, end = local_day(first, calendar.zone).toordinal(), local_day(last, calendar.zone).toordinal()
    Way(calendar, unpublished or calendar.unpublished, ()).look(min(begin, end) + 1, max(begin, end))
    return calendar.day_scale.between(begin, end)


def elapsed(
    start: Moment, end: Moment, unit: str, calendar: Calendar, *, unpublished: Unpublished | None = None
) -> int | float:
    """Return how much of *unit* passes from *start* to *end*: "days left" in a deadline's own unit.

    Days, working days and full months are whole, hours are not. Negative if *end* lies before
    *start*. Pass `unpublished="weekdays"` where the answer is only shown or compared: a sweep must
    not stop for a missing notice.

    Raises:
        BadValueError: As `working_days_between`; also for a unit that does not exist.
    """
    if unit == "working_days":
        return working_days_between(start, end, calendar, unpublished=unpublished)
    begin, finish = local_day(start, calendar.zone), local_day(end, calendar.zone)
    if unit in HOUR_UNITS:
        if unit == "working_hours":
            days = sorted((begin.toordinal(), finish.toordinal()))
            Way(calendar, unpublished or calendar.unpublished, ()).look(days[0], days[1])
        passed = scale_of(unit, calendar).between(instant_of(start, calendar), instant_of(end, calendar))
        return passed / (seconds_of(unit) * SECOND)
    if unit == "months":
        return _full_months(begin, finish) if begin <= finish else -_full_months(finish, begin)
    return scale_of(unit, calendar).between(begin.toordinal(), finish.toordinal())


def next_working_moment(
    moment: datetime, calendar: Calendar, quiet_hours: tuple[time, time] | None = NIGHT
) -> datetime:
    """Return *moment* if people may be reminded then, else the morning of the next day on which they may.

    Never on a day off, never in the quiet hours (from, to; local; over midnight if from is later);
    the morning is when they end, or midnight if there are none. Years that are not published go by
    weekdays: a reminder waits for no notice.

    Raises:
        BadValueError: If the moment has no zone.
    """
    local = require_zone(moment).astimezone(calendar.zone)
    begins, ends = quiet_hours or (time(0), time(0))
    clock = local.time()
    is_quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    works = calendar.day_scale.works(local.toordinal())
    if works and not is_quiet:
        return local
    is_over_for_today = not works or clock >= ends
    day = day_at(calendar.day_scale.on_or_after(local.toordinal() + is_over_for_today))
    morning = datetime.combine(day, ends, tzinfo=calendar.zone)
    return morning.astimezone(UTC).astimezone(calendar.zone)  # a clock time that is skipped becomes the one shown


def _in_days(
    way: Way,
    given: Moment,
    amount: Amount,
    unit: str,
    extensions: Sequence[tuple[Amount, str]],
    count_start: bool,
    start_roll: Roll,
    end_roll: Roll,
) -> Derivation:
    """Count a term whose due date is a day."""
    start = way.roll(local_day(given, way.calendar.zone).toordinal(), start_roll, past_pauses=False)
    cursor = start if not count_start or amount == 0 else start - 1 if amount > 0 else start + 1
    reached = way.days(start, cursor, amount, unit)
    for part, (more, unit_of_more) in enumerate(extensions, 1):
        if unit_of_more not in DAY_UNITS:
            raise BadValueError(
                Text(
                    f"a term in days cannot be extended by {unit_of_more}; use days, working_days or months",
                    f"按日计算的期限不能延长 {unit_of_more}；请用 days、working_days 或 months",
                )
            )
        reached = way.days(reached, reached, more, unit_of_more, part)
    last = way.roll(reached, end_roll)
    unrolled = day_at(reached)
    return Derivation(
        due=unrolled if last == reached else day_at(last),
        unrolled=unrolled,
        start=day_at(start),
        given=given,
        amount=amount,
        unit=unit,
        count_start=count_start,
        calendar=way.calendar,
        provisional=way.is_provisional,
        spans=tuple(way.spans),
    )


def _in_hours(
    way: Way,
    given: Moment,
    amount: Amount,
    unit: str,
    extensions: Sequence[tuple[Amount, str]],
    end_roll: Roll,
) -> Derivation:
    """Count a term whose due date is an instant."""
    start = instant_of(given, way.calendar)
    reached = way.hours(start, amount, unit)
    for part, (more, unit_of_more) in enumerate(extensions, 1):
        if unit_of_more in DAY_UNITS:
            reached = way.days_from_instant(reached, more, unit_of_more, part)
        else:
            reached = way.hours(reached, more, unit_of_more, part)
    last = way.roll_instant(reached, end_roll)
    return Derivation(
        due=shown(last, way.calendar),
        unrolled=shown(reached, way.calendar),
        start=shown(start, way.calendar),
        given=given,
        amount=amount,
        unit=unit,
        count_start=False,
        calendar=way.calendar,
        provisional=way.is_provisional,
        spans=tuple(way.spans),
    )


def _refuse_backwards(amount: Amount, extensions: Sequence[tuple[Amount, str]], *, is_bound: bool) -> None:
    """Refuse amounts that would run a paused or extended term backwards, or shorten it."""
    if is_bound and amount < 0:
        raise BadValueError(
            Text(
                "a term that is paused or extended cannot run backwards; give an amount of 0 or more",
                "有暂停或延期的期限不能倒算；数量请用 0 或正数",
            )
        )
    for more, unit in extensions:
        if more < 0:
            raise BadValueError(
                Text(
                    f"an extension by {more} {unit} would shorten the term; give 0 or more",
                    f"延期 {more} {unit} 会缩短期限；请用 0 或正数",
                )
            )


def _full_months(first: date, last: date) -> int:
    """Return how many months fit from *first* to *last*, which is not earlier."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) <= last else months - 1
