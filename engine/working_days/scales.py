"""Counts working days and working hours between two points and finds points by count; cost independent of both.

A *scale* counts something along a line of whole numbers: days along ordinals (1 is 0001-01-01),
time along microseconds since 1970. On every scale the amount between two points is what lies
after the first, up to and including the second.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.dates import beyond_all_years

Segment = tuple[int, int]
"""From and to, in seconds after local midnight; 86400 is the end of the day."""

SECOND = 1_000_000
"""In microseconds."""

DAY_SECONDS = 86_400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FURTHEST_YEARS = 200


class Scale(Protocol):
    """Counts along a line of whole numbers."""

    def forward(self, point: int, amount: int) -> int:
        """Return the earliest point with *amount* (> 0) between *point* and it."""

    def backward(self, point: int, amount: int) -> int:
        """Return the latest point with *amount* (> 0) from it to *point*."""

    def between(self, first: int, last: int) -> int:
        """Return what lies after *first* up to and including *last*; negative if reversed."""


class Plain:
    """Counts every day, or all the time that passes."""

    def forward(self, point: int, amount: int) -> int:
        """Return the point *amount* later."""
        return point + amount

    def backward(self, point: int, amount: int) -> int:
        """Return the point *amount* earlier."""
        return point - amount

    def between(self, first: int, last: int) -> int:
        """Return how much later *last* is."""
        return last - first


class WorkingDays:
    """Counts working days: a week that repeats for ever, and the days that are turned round.

    The running count at each turned day is kept, so that any count and any n-th working day is a
    bisection and a little arithmetic.
    """

    __slots__ = ("_counts", "_per_week", "_places", "_shifts", "_so_far", "_turned", "_turned_at")

    def __init__(self, weekend: Collection[int], turned: Mapping[int, bool]) -> None:
        """Keep the week's days off (ISO, 1 is Monday) and the days (ordinals) that work or not in spite of it.

        At least one day of the week must work.
        """
        works = [number not in weekend for number in range(1, 8)]
        self._per_week = sum(works)
        self._places = [place for place, working in enumerate(works, 1) if working]
        self._so_far = [sum(works[:place]) for place in range(8)]
        self._turned = {day: works_then for day, works_then in turned.items() if works[(day - 1) % 7] is not works_then}
        self._turned_at = sorted(self._turned)
        self._shifts = [0]
        for day in self._turned_at:
            self._shifts.append(self._shifts[-1] + (1 if self._turned[day] else -1))
        self._counts = [self.count(day) for day in self._turned_at]

    def works(self, day: int) -> bool:
        """Say whether *day* is a working day."""
        turned = self._turned.get(day)
        return self._so_far[(day - 1) % 7 + 1] > self._so_far[(day - 1) % 7] if turned is None else turned

    def count(self, day: int) -> int:
        """Return the number of working days from ordinal 1 up to and including *day*."""
        return self._weekly(day) + self._shifts[bisect_right(self._turned_at, day)]

    def nth(self, number: int) -> int:
        """Return the day on which the count first reaches *number*."""
        place = bisect_left(self._counts, number)
        weeks, rest = divmod(number - self._shifts[place] - 1, self._per_week)
        day = weeks * 7 + self._places[rest]
        if place < len(self._turned_at) and day > self._turned_at[place]:
            return self._turned_at[place]
        return day

    def forward(self, point: int, amount: int) -> int:
        """Return the *amount*-th working day after *point*."""
        return self.nth(self.count(point) + amount)

    def backward(self, point: int, amount: int) -> int:
        """Return the *amount*-th working day before *point*."""
        return self.nth(self.count(point - 1) - amount + 1)

    def between(self, first: int, last: int) -> int:
        """Return the working days after *first* up to and including *last*; negative if reversed."""
        return self.count(last) - self.count(first)

    def on_or_after(self, day: int) -> int:
        """Return *day* if it works, else the next day that does."""
        return self.nth(self.count(day - 1) + 1)

    def on_or_before(self, day: int) -> int:
        """Return *day* if it works, else the last day before it that does."""
        return self.nth(self.count(day))

    def _weekly(self, day: int) -> int:
        """Return the count by the week alone."""
        return day // 7 * self._per_week + self._so_far[day % 7]


class _Year(FrozenStruct, frozen=True, kw_only=False):
    """The opening hours of one local year, in microseconds since 1970, and their running sums."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    reached: list[int]

    @property
    def total(self) -> int:
        """All working time of the year."""
        return self.reached[-1] if self.reached else 0

    def worked_by(self, point: int) -> int:
        """Return the working time of this year up to *point*."""
        place = bisect_right(self.opens, point) - 1
        return 0 if place < 0 else self.before[place] + min(point, self.closes[place]) - self.opens[place]


class WorkingTime:
    """Counts working hours as they really pass, whatever the clocks do; years are laid out when first needed."""

    __slots__ = ("_laid_out", "_segments", "_zone")

    def __init__(self, segments: Callable[[date], tuple[Segment, ...]], zone: ZoneInfo) -> None:
        """Keep who knows the opening hours of a local day."""
        self._segments = segments
        self._zone = zone
        self._laid_out: dict[int, _Year] = {}

    def forward(self, point: int, amount: int) -> int:
        """Return the earliest instant with *amount* of working time between *point* and it.

        An amount that is used up exactly at closing time ends at closing time.
        """
        number = self._local_year(point)
        wanted = self._year(number).worked_by(point) + amount
        for year in range(number, number + _FURTHEST_YEARS):
            laid_out = self._year(year)
            if wanted <= laid_out.total:
                place = bisect_left(laid_out.reached, wanted)
                return laid_out.opens[place] + wanted - laid_out.before[place]
            wanted -= laid_out.total
        raise beyond_all_years()

    def backward(self, point: int, amount: int) -> int:
        """Return the latest instant with *amount* of working time from it to *point*.

        An amount that is used up exactly at opening time ends at opening time.
        """
        number = self._local_year(point)
        wanted = self._year(number).worked_by(point) - amount
        for year in range(number - 1, number - 1 - _FURTHEST_YEARS, -1):
            if wanted >= 0 and (laid_out := self._year(year + 1)).opens:
                place = bisect_right(laid_out.before, wanted) - 1
                return laid_out.opens[place] + wanted - laid_out.before[place]
            wanted += self._year(year).total
        raise beyond_all_years()

    def between(self, first: int, last: int) -> int:
        """Return the working time after *first* up to *last*; negative if reversed."""
        if last < first:
            return -self.between(last, first)
        years = range(self._local_year(first), self._local_year(last))
        whole = sum(self._year(number).total for number in years)
        return whole + self._year(self._local_year(last)).worked_by(last) - self._year(years.start).worked_by(first)

    def opening(self, point: int) -> int:
        """Return *point* if it lies in working time, else the next opening."""
        number = self._local_year(point)
        for year in range(number, number + _FURTHEST_YEARS):
            laid_out = self._year(year)
            place = bisect_right(laid_out.closes, point)
            if place < len(laid_out.opens):
                return max(point, laid_out.opens[place])
        raise beyond_all_years()

    def closing(self, point: int) -> int:
        """Return *point* if working time has just passed then, else the last closing before it."""
        number = self._local_year(point)
        for year in range(number, number - _FURTHEST_YEARS, -1):
            laid_out = self._year(year)
            place = bisect_left(laid_out.opens, point) - 1
            if place >= 0:
                return min(point, laid_out.closes[place])
        raise beyond_all_years()

    def spans(self, day: date) -> list[tuple[int, int]]:
        """Return the opening hours of a local *day* as they really pass."""
        found = []
        for opens, closes in self._segments(day):
            span = self._at(day, opens), self._at(day, closes)
            if span[0] < span[1]:  # the clocks may have skipped it
                found.append(span)
        return found

    def _year(self, number: int) -> _Year:
        """Return the year's opening hours, laid out once."""
        if number not in self._laid_out:
            if not 1 < number < 9999:
                raise beyond_all_years()
            first = date(number, 1, 1).toordinal()
            last = date(number, 12, 31).toordinal()
            opens, closes, before, reached, so_far = [], [], [], [], 0
            for ordinal in range(first, last + 1):
                for begins, ends in self.spans(date.fromordinal(ordinal)):
                    opens.append(begins)
                    closes.append(ends)
                    before.append(so_far)
                    so_far += ends - begins
                    reached.append(so_far)
            self._laid_out[number] = _Year(opens, closes, before, reached)
        return self._laid_out[number]

    def _local_year(self, point: int) -> int:
        """Return the local year of *point*."""
        return at_instant(point).astimezone(self._zone).year

    def _at(self, day: date, second: int) -> int:
        """Return the instant at which the local clock shows *second* of *day*; the first, if it does so twice."""
        if second == DAY_SECONDS:
            day, second = day + timedelta(days=1), 0
        minute, second = divmod(second, 60)
        local = datetime(day.year, day.month, day.day, *divmod(minute, 60), second, tzinfo=self._zone)
        return int(local.timestamp()) * SECOND


def point_of(moment: datetime) -> int:
    """Return an aware instant as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def at_instant(point: int) -> datetime:
    """Return the instant (UTC) of microseconds since 1970.

    Raises:
        BadValueError: If it lies outside the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(microseconds=point)
    except OverflowError:
        raise beyond_all_years() from None
