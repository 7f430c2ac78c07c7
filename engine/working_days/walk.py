"""The way from a start to a due date, step by step along one scale after another; `count` says what for.

Days are proleptic ordinals, instants microseconds since 1970. What a step counts lies after its
first point up to and including its last.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.calendars import Calendar, Unpublished
from engine.working_days.dates import add_months, beyond_all_years, day_at, local_day, require_zone
from engine.working_days.scales import SECOND, Plain, Scale, at_instant, point_of

if TYPE_CHECKING:
    from fractions import Fraction

Roll = Literal["none", "forward", "backward"]
Moment = date | datetime
Pause = tuple[Moment, Moment | None]
"""Half-open: from the first up to, not including, the second; None while it lasts."""
Amount: TypeAlias = "int | Fraction"

DAY_UNITS = frozenset({"days", "working_days", "months"})
HOUR_UNITS = frozenset({"minutes", "hours", "working_hours"})

_Stops = list[tuple[int, int | None]]
"""Pauses as points: what lies after the first up to the second is not counted."""

_PLAIN = Plain()


class StandsStillError(Exception):
    """A pause that still lasts began before the term was used up; never leaves `engine.working_days.count`."""


class WalkSpan(FrozenStruct, frozen=True, kw_only=False):
    """One stretch of the way."""

    kind: Literal["counted", "paused"]
    unit: str
    first: int
    last: int
    """Before `first` when counting backwards."""
    part: int
    """0 for the term itself, 1 for its first extension, and so on."""

    @property
    def is_of_days(self) -> bool:
        """Say whether the points are days."""
        return self.unit in DAY_UNITS


class Way:
    """Walks, notes every stretch, and remembers whether it had to pass through unpublished years."""

    def __init__(self, calendar: Calendar, policy: Unpublished, pauses: Sequence[Pause]) -> None:
        """Begin with no stretch."""
        self.calendar = calendar
        self.policy = policy
        self.pauses = pauses
        self.spans: list[WalkSpan] = []
        self.is_provisional = False

    def days(self, anchor: int, cursor: int, amount: Amount, unit: str, part: int = 0) -> int:
        """Return the day reached from *cursor*; months turn into the days they have from *anchor*.

        Raises:
            BadValueError: If the amount is broken or a year that is needed is not published.
            StandsStillError: If a pause that still lasts is in the way.
        """
        steps = _whole(amount, unit)
        if unit == "months":
            # A month is as long as it is from the anchor, not from a day to which a pause or a day off has moved the
            # cursor.
            steps = add_months(day_at(anchor), steps).toordinal() - anchor
        scale = _PLAIN if unit == "months" else scale_of(unit, self.calendar)
        reached = self._walk(scale, cursor, steps, unit, self._stops_of_days(), part)
        if unit == "working_days" and reached != cursor:
            # The day from which it counts is not counted itself, so that its year need not be published.
            self.look(min(cursor + 1, reached), max(cursor - 1, reached))
        return reached

    def hours(self, cursor: int, amount: Amount, unit: str, part: int = 0) -> int:
        """Return the instant reached from *cursor* by hours, taken to the second.

        Raises:
            BadValueError: If a year that is needed is not published.
            StandsStillError: If a pause that still lasts is in the way.
        """
        from fractions import Fraction

        ticks = round(Fraction(amount) * seconds_of(unit)) * SECOND
        reached = self._walk(scale_of(unit, self.calendar), cursor, ticks, unit, self._stops_of_time(), part)
        if unit == "working_hours":
            self._look_between(cursor, reached)
        return reached

    def days_from_instant(self, cursor: int, amount: Amount, unit: str, part: int) -> int:
        """Return the instant with the local time of *cursor* on the day reached by a unit of days."""
        local = shown(cursor, self.calendar)
        first = local.toordinal()
        last = self.days(first, first, amount, unit, part)
        return point_of(datetime.combine(day_at(last), local.timetz()))

    def roll(self, day: int, how: Roll, *, past_pauses: bool = True) -> int:
        """Return where *day* goes if it is off; never into a pause.

        Raises:
            BadValueError: If a year that is needed is not published.
            StandsStillError: If a pause that still lasts is in the way.
        """
        if how == "none":
            return day
        self.look(day, day)
        scale = self.calendar.day_scale
        if scale.works(day):
            return day
        if how == "backward":
            rolled = scale.on_or_before(day)
        else:
            rolled = scale.on_or_after(day)
            for begins, ends in self._stops_of_days() if past_pauses else ():
                if begins < rolled and (ends is None or rolled <= ends):
                    if ends is None:
                        raise StandsStillError
                    rolled = scale.on_or_after(ends + 1)
        self.look(min(day, rolled), max(day, rolled))
        return rolled

    def roll_instant(self, point: int, how: Roll) -> int:
        """Return the next opening or the last closing if the instant's day is off; else the instant.

        Raises:
            BadValueError: If a year that is needed is not published.
            StandsStillError: If a pause that still lasts is in the way.
        """
        if how == "none":
            return point
        self._look_between(point, point)
        if self.calendar.day_scale.works(shown(point, self.calendar).toordinal()):
            return point
        clock = self.calendar.time_scale
        if how == "backward":
            rolled = clock.closing(point)
        else:
            rolled = clock.opening(point)
            for begins, ends in self._stops_of_time():
                if begins <= rolled and (ends is None or rolled < ends):
                    if ends is None:
                        raise StandsStillError
                    rolled = clock.opening(ends)
        self._look_between(point, rolled)
        return rolled

    def look(self, first: int, last: int) -> None:
        """Note that the days *first* to *last* had to be known.

        Raises:
            BadValueError: If one of them is not published and the policy is to refuse.
        """
        if self.calendar.published is None or first > last:
            return
        known_from, known_to = self.calendar.published
        begins, ends = day_at(first).year, day_at(last).year
        if known_from <= begins and ends <= known_to:
            return
        if self.policy == "refuse":
            raise _not_published(self.calendar, begins if begins < known_from else max(begins, known_to + 1))
        self.is_provisional = True

    def _look_between(self, point: int, reached: int) -> None:
        """Note that the local days between two instants had to be known."""
        if self.calendar.published is not None:
            first, last = shown(min(point, reached), self.calendar), shown(max(point, reached), self.calendar)
            self.look(first.toordinal(), last.toordinal())

    def _walk(self, scale: Scale, cursor: int, amount: int, unit: str, stops: _Stops, part: int) -> int:
        """Return the point reached by *amount* from *cursor*, not counting the *stops*."""
        if amount == 0:
            return cursor
        if amount < 0:
            reached = scale.backward(cursor, -amount)
            self.spans.append(WalkSpan("counted", unit, cursor, reached, part))
            return reached
        for begins, ends in stops:
            if ends is not None and ends <= cursor:
                continue
            stop = max(begins, cursor)
            if stop >= scale.forward(cursor, amount):
                break
            if ends is None:
                raise StandsStillError
            if stop > cursor:
                amount -= scale.between(cursor, stop)
                self.spans.append(WalkSpan("counted", unit, cursor, stop, part))
            self.spans.append(WalkSpan("paused", unit, stop, ends, part))
            cursor = ends
        reached = scale.forward(cursor, amount)
        self.spans.append(WalkSpan("counted", unit, cursor, reached, part))
        return reached

    def _stops_of_days(self) -> _Stops:
        """Return the pauses as days."""
        if not self.pauses:
            return []
        zone = self.calendar.zone
        return _merged(
            # The day on which it was stopped no longer counts; the one on which it goes on does.
            (local_day(a, zone).toordinal() - 1, None if b is None else local_day(b, zone).toordinal() - 1)
            for a, b in self.pauses
        )

    def _stops_of_time(self) -> _Stops:
        """Return the pauses as instants."""
        if not self.pauses:
            return []
        return _merged(
            (instant_of(a, self.calendar), None if b is None else instant_of(b, self.calendar)) for a, b in self.pauses
        )


def seconds_of(unit: str) -> int:
    """Return how long one of a unit of time is."""
    return 60 if unit == "minutes" else 3600


def scale_of(unit: str, calendar: Calendar) -> Scale:
    """Return what *unit* is counted along.

    Raises:
        BadValueError: If there is no such unit.
    """
    if unit == "working_days":
        return calendar.day_scale
    if unit == "working_hours":
        return calendar.time_scale
    if unit in {"days", "hours", "minutes"}:
        return _PLAIN
    raise BadValueError(
        Text(
            f"'{unit}' is not a unit; use days, working_days, months, minutes, hours or working_hours",
            f"“{unit}”不是计时单位；请用 days、working_days、months、minutes、hours 或 working_hours",
        )
    )


def instant_of(moment: Moment, calendar: Calendar) -> int:
    """Return a moment as microseconds since 1970; a date as its local midnight.

    Raises:
        BadValueError: If it is an instant without a zone.
    """
    if isinstance(moment, datetime):
        return point_of(require_zone(moment))
    return point_of(datetime.combine(moment, time(0), tzinfo=calendar.zone))


def shown(point: int, calendar: Calendar) -> datetime:
    """Return microseconds since 1970 as the calendar's local time.

    Raises:
        BadValueError: If it lies outside the years 1 to 9999.
    """
    try:
        return at_instant(point).astimezone(calendar.zone)
    except (OverflowError, ValueError):
        raise beyond_all_years() from None


def _merged(pauses: Iterable[tuple[int, int | None]]) -> _Stops:
    """Return the pauses in order, without overlaps and without empty ones.

    Raises:
        BadValueError: If one ends before it begins.
    """
    merged: _Stops = []
    for begins, ends in sorted(pauses, key=lambda pause: pause[0]):
        if ends is not None and ends < begins:
            raise BadValueError(
                Text("a pause ends before it begins; check its two dates", "暂停的结束早于开始；请核对两个日期")
            )
        if ends == begins:
            continue
        if merged and ((last := merged[-1])[1] is None or begins <= last[1]):
            merged[-1] = last[0], None if last[1] is None or ends is None else max(last[1], ends)
        else:
            merged.append((begins, ends))
    return merged


def _whole(amount: Amount, unit: str) -> int:
    """Return *amount* as an int.

    Raises:
        BadValueError: If it is broken.
    """
    if amount != int(amount):
        raise BadValueError(
            Text(
                f"{float(amount):g} {unit} is not possible: days and months are counted whole",
                f"{float(amount):g} {unit} 不可行：日和月只能按整数计算",
            )
        )
    return int(amount)


def _not_published(calendar: Calendar, year: int) -> BadValueError:
    """Return the refusal to guess the working days of *year*."""
    if calendar.published is not None and year < calendar.published[0]:
        return BadValueError(
            Text(
                f"the calendar {calendar.label} begins with {calendar.published[0]} and has no working days for "
                f"{year}, which this date needs; use a calendar file that goes back further",
                f"日历 {calendar.label} 自 {calendar.published[0]} 年起，没有 {year} 年的工作日安排，无法确定该日期；"
                "请改用起始更早的日历文件",
            )
        )
    return BadValueError(
        Text(
            f"the calendar {calendar.label} has no working days for {year}, which this date needs; wait for the "
            "official notice and update the calendar, or allow a provisional date (unpublished: weekdays)",
            f"日历 {calendar.label} 没有 {year} 年的工作日安排，无法确定该日期；请待官方通知公布后更新日历，"
            "或允许按周一至周五暂估（unpublished: weekdays）",
        )
    )
