"""Which days work, which are off and which nobody has published yet; leaves counting to `engine.working_days.count`.

China's calendar is laid down in `data/cn.json`: year by year the days off, the make-up
days (调休) and the State Council notices behind them. A new notice is a few lines there and a new
version.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.scales import Segment, WorkingDays, WorkingTime

Unpublished = Literal["refuse", "weekdays"]
"""What a year without a published calendar does: refuses, or goes by weekdays as a provisional date (暂估)."""

WEEKDAYS = (
    Text("Monday", "周一"),
    Text("Tuesday", "周二"),
    Text("Wednesday", "周三"),
    Text("Thursday", "周四"),
    Text("Friday", "周五"),
    Text("Saturday", "周六"),
    Text("Sunday", "周日"),
)

OFFICE_HOURS: tuple[Segment, ...] = ((9 * 3600, 17 * 3600),)
"""09:00 to 17:00 without a break: eight hours, the default of a calendar that says nothing else."""

_UNTITLED = Text("", "")
_ALL_WEEK = 7
_REMEMBERED_AT_MOST = 50_000

Answer = TypeVar("Answer")


class DayStatus(StrEnum):
    """What a day is: three answers, not two."""

    WORK = "work"
    OFF = "off"
    NOT_PUBLISHED = "not_published"


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """Working days and hours of one place, with the years for which they are published."""

    name: str
    version: str = ""
    title: Text = _UNTITLED
    tz: str = "Asia/Shanghai"
    weekend: frozenset[int] = frozenset({6, 7})
    """The week's days off, 1 for Monday to 7 for Sunday."""
    holidays: Mapping[date, Text] = field(default_factory=dict, hash=False)
    extra_working_days: Mapping[date, Text] = field(default_factory=dict, hash=False)
    """Days that work in spite of the week: make-up days (调休), with what they make up for."""
    published: tuple[int, int] | None = None
    """First and last year that are known; None if every year is."""
    hours: tuple[tuple[Segment, ...], ...] = (OFFICE_HOURS,) * _ALL_WEEK
    """Opening hours, Monday first."""
    hours_on: Mapping[date, tuple[Segment, ...]] = field(default_factory=dict, hash=False)
    """Opening hours of single days."""
    unpublished: Unpublished = "refuse"
    notices: Mapping[int, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """The papers behind each year, where they are known."""
    label: str = field(init=False, repr=False, compare=False)
    """Name and version, as it is kept with every date that was counted by this calendar."""
    zone: ZoneInfo = field(init=False, repr=False, compare=False)
    day_scale: WorkingDays = field(init=False, repr=False, compare=False)
    """Counts the working days; goes by weekdays in years that are not published."""
    time_scale: WorkingTime = field(init=False, repr=False, compare=False)
    """Counts the working hours."""
    remembered: dict[Hashable, Any] = field(init=False, repr=False, compare=False)
    """What was asked of these days before, with the answer; a register asks the same very often."""

    def __post_init__(self) -> None:
        if self.weekend >= set(range(1, 8)):
            raise BadValueError(
                Text(
                    f"calendar {self.name} has no working day in its week; leave one out of `weekend`",
                    f"日历 {self.name} 一周没有工作日；请在 weekend 中留出一天",
                )
            )
        turned = {day.toordinal(): False for day in self.holidays}
        turned.update((day.toordinal(), True) for day in self.extra_working_days)
        object.__setattr__(self, "label", f"{self.name} {self.version}".rstrip())
        object.__setattr__(self, "zone", ZoneInfo(self.tz))
        object.__setattr__(self, "day_scale", WorkingDays(self.weekend, turned))
        object.__setattr__(self, "time_scale", WorkingTime(self.segments, self.zone))
        object.__setattr__(self, "remembered", {})

    def remember(self, asked: Hashable, answer: Answer) -> Answer:
        """Keep *answer* under what was asked, and return it; old answers go when there are too many."""
        if len(self.remembered) >= _REMEMBERED_AT_MOST:
            self.remembered.clear()
        self.remembered[asked] = answer
        return answer

    def is_published(self, year: int) -> bool:
        """Say whether the calendar of *year* is known."""
        return self.published is None or self.published[0] <= year <= self.published[1]

    def standing(self, day: date) -> DayStatus:
        """Return whether *day* works, is off or is not published yet.

        A day that is named is known, whatever the year.
        """
        if not self.is_published(day.year) and day not in self.holidays and day not in self.extra_working_days:
            return DayStatus.NOT_PUBLISHED
        return DayStatus.WORK if self.day_scale.works(day.toordinal()) else DayStatus.OFF

    def reason(self, day: date) -> Text:
        """Return why *day* is what it is: its holiday, what it makes up for, or its weekday."""
        if day in self.extra_working_days:
            name = self.extra_working_days[day]
            if not name.en:
                return Text("make-up working day", "调休上班")
            return Text(f"make-up working day ({name.en})", f"调休上班（{name.zh}）")
        if day in self.holidays:
            return self.holidays[day] if self.holidays[day].en else Text("holiday", "放假")
        return WEEKDAYS[day.weekday()]

    def segments(self, day: date) -> tuple[Segment, ...]:
        """Return the opening hours of *day*; none on a day off.

        A day off that is made to work has the hours of its weekday, or, if that has none, those of
        the first weekday that has.
        """
        if not self.day_scale.works(day.toordinal()):
            return ()
        if day in self.hours_on:
            return self.hours_on[day]
        own = self.hours[day.weekday()]
        if own or day.isoweekday() not in self.weekend:
            return own
        return next((hours for hours in self.hours if hours), ())

    def with_days(
        self,
        *,
        off: Mapping[date, Text] | Iterable[date] = (),
        working: Mapping[date, Text] | Iterable[date] = (),
        version: str | None = None,
    ) -> "Calendar":
        """Return this calendar with a unit's own days laid over it; they win over what is published."""
        own_off, own_working = _named(off), _named(working)
        holidays = {day: why for day, why in self.holidays.items() if day not in own_working} | own_off
        extra = {day: why for day, why in self.extra_working_days.items() if day not in own_off} | own_working
        return replace(
            self,
            version=self.version if version is None else version,
            holidays=MappingProxyType({day: why for day, why in holidays.items() if day not in own_working}),
            extra_working_days=MappingProxyType(extra),
        )


@lru_cache(maxsize=1)
def china() -> Calendar:
    """Return China's official working days since 2004, with the notices behind them."""
    import json
    from pathlib import Path

    text = Path(__file__).with_name("data").joinpath("cn.json").read_text(encoding="utf-8")
    declared = json.loads(text)
    names = {key: Text(**title) for key, title in declared["names"].items()}
    off: dict[date, Text] = {}
    work: dict[date, Text] = {}
    for year, days in declared["years"].items():
        off.update(_laid_down(year, days["off"], names))
        work.update(_laid_down(year, days["work"], names))
    years = [int(year) for year in declared["years"]]
    return Calendar(
        name=declared["name"],
        version=declared["version"],
        title=Text(**declared["title"]),
        tz=declared["tz"],
        holidays=MappingProxyType(off),
        extra_working_days=MappingProxyType(work),
        published=(min(years), max(years)),
        notices=MappingProxyType({int(year): tuple(days["notices"]) for year, days in declared["years"].items()}),
    )


def _laid_down(year: str, lines: Iterable[str], names: Mapping[str, Text]) -> Iterable[tuple[date, Text]]:
    """Yield the days of lines such as "spring_festival 02-04..02-10"."""
    for line in lines:
        name, _, days = line.partition(" ")
        first, _, last = days.partition("..")
        day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        while day <= end:
            yield day, names[name]
            day += timedelta(days=1)


def _named(days: Mapping[date, Text] | Iterable[date]) -> dict[date, Text]:
    """Return *days* with names, empty where none were given."""
    return dict(days) if isinstance(days, Mapping) else dict.fromkeys(days, _UNTITLED)
