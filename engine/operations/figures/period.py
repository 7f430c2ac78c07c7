"""The span of days that figures are about, as people name it, and how it is cut into weeks or months."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from unicodedata import normalize

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.dates import arabic_digits, chinese_number, read_span

_DAY: Final = timedelta(days=1)
_LONG: Final = 140
"""A longer span, in days, is cut into months."""
_CONTEXT_DAYS: Final = 14
_CONTEXT_WEEKS: Final = 12
"""A day or a week is shown with those before it, else there were nothing to compare it with."""


class ReportKind(StrEnum):
    """Which report (domain §10)."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    STAGE = "stage"
    YEAR = "year"
    BULLETIN = "bulletin"
    ASSESSMENT = "assessment"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A span of local days, both included."""

    kind: ReportKind
    first: date
    last: date
    until: date
    """The last day that figures can tell of: today, if the period is not over."""
    title: Text

    @property
    def is_over(self) -> bool:
        """Whether the figures are those of the whole period."""
        return self.until == self.last


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartSpan:
    """One day, week or month of a chart, both days included."""

    first: date
    last: date
    label: str
    inside: bool
    """False: it lies before the period and is shown to compare with."""


def period_of(kind: ReportKind, words: str | None, *, today: date) -> Period:
    """Return the period that *words* name; without words the current one.

    Args:
        words: `2019-07-05`, `2019-W28`, `2019-07`, `2019` or `2019-07-01..2019-09-30`; the same in Chinese
            (2019年第28周, 二〇一九年度, 2019年7月1日至9月30日 with its year); or 上月, 11月, 第三季度.
        today: Local date, from which such words count.

    Raises:
        BadValueError: If they name none, one of another kind, or one that has not begun.
    """
    shape, first, last = _span(kind, words, today)
    if first > today:
        raise BadValueError(
            Text(
                f"--period {words}: it has not begun; today is {today}",
                f"--period {words}：该期尚未开始，今天是 {today}",
            )
        )
    return Period(kind=kind, first=first, last=last, until=min(last, today), title=_title(shape, first, last))


def spans(period: Period) -> tuple[ChartSpan, ...]:
    """Return the days, weeks or months into which the period is cut, together with those before a short one."""
    length = (period.last - period.first).days + 1
    if length == 1:
        days = [period.until - _DAY * back for back in reversed(range(_CONTEXT_DAYS))]
        return tuple(_spanned(day, day, period, _short(day)) for day in days)
    if length <= 7:
        starts = [period.first - _DAY * 7 * back for back in reversed(range(_CONTEXT_WEEKS))]
        return tuple(_spanned(day, min(day + 6 * _DAY, period.until), period, _short(day)) for day in starts)
    cut = _months if length > _LONG else _weeks
    return tuple(
        _spanned(first, last, period, first.strftime("%y-%m") if length > _LONG else _short(first))
        for first, last in cut(period.first, period.until)
    )


def _spanned(first: date, last: date, period: Period, label: str) -> ChartSpan:
    """Return a span."""
    return ChartSpan(first=first, last=last, label=label, inside=first >= period.first)


def _span(kind: ReportKind, words: str | None, today: date) -> tuple[str, date, date]:
    """Return the shape of the words and the days that they name."""
    plain = _current(kind, today) if words is None else said_span(words, today) or _plain(words, today)
    for shape, pattern in _SHAPES.items():
        if shape in _TAKEN[kind] and (found := pattern.fullmatch(plain)):
            try:
                first, last = _READERS[shape](found)
            except (BadValueError, ValueError):
                break
            if first <= last and first.year >= _EARLIEST:
                return shape, first, last
            break
    takes = "、".join(_EXAMPLES[each] for each in _TAKEN[kind])
    raise BadValueError(
        Text(
            f"--period {words!r} names no period of a {kind} report; write {takes.replace('、', ', ')}",
            f"--period {words!r} 不是该报告的期间；请写 {takes}",
        )
    )


def said_span(words: str, today: date) -> str | None:
    """Return how a period is written that is named from today: 上月, 11月, 上周, 1至6月, 今年; None if it is none.

    A week, a month or a quarter without a year is the newest that has begun.
    """
    plain = "".join(_plain(words, today).split())
    if plain in _WEEKS_SAID:
        year, week, _ = (today + 7 * _DAY * _WEEKS_SAID[plain]).isocalendar()
        return f"{year:04}-W{week:02}"
    if plain in _MONTHS_SAID:
        before = today.replace(day=1) - _DAY if _MONTHS_SAID[plain] else today
        return f"{before.year:04}-{before.month:02}"
    if plain in _YEARS_SAID:
        return f"{today.year + _YEARS_SAID[plain]:04}"
    if found := _WEEK_SAID.fullmatch(plain):
        year, week, _ = today.isocalendar()
        number = chinese_number(found[1])
        return f"{year - (number > week):04}-W{number:02}"
    return _said_months(plain, today)


def _said_months(plain: str, today: date) -> str | None:
    """Return how months are written that are said with or without their year: 11月, 第三季度, 2019年1至6月."""
    if found := _MONTH_SAID.fullmatch(plain):
        month = chinese_number(found[1])
        return f"{today.year - (month > today.month):04}-{month:02}" if 1 <= month <= 12 else None
    found = _MONTHS_TOGETHER.fullmatch(plain)
    if found is None:
        return None
    first, last = _TOGETHER.get(found["which"]) or (chinese_number(found["from"]), chinese_number(found["to"]))
    if not 1 <= first <= last <= 12:
        return None
    year = int(found["year"] or today.year - (first > today.month))
    return f"{year:04}-{first:02}-01..{year:04}-{last:02}-{monthrange(year, last)[1]}"


def _plain(words: str, today: date) -> str:
    """Return words with plain digits in their year; 去年 before a month or a quarter is that year."""
    plain = normalize("NFKC", words).strip()
    if plain.isascii():
        return plain
    for said, ahead in _YEARS_SAID.items():
        if plain.startswith(said) and plain != said:
            plain = f"{today.year + ahead:04}年{plain.removeprefix(said)}"
    plain = _BLANKS.sub(r"\1", plain)
    return _CHINESE_YEAR.sub(lambda found: arabic_digits(found[0]), plain)


def _current(kind: ReportKind, today: date) -> str:
    """Return how the current period is named."""
    year, week, _ = today.isocalendar()
    match kind:
        case ReportKind.DAILY:
            return today.isoformat()
        case ReportKind.WEEKLY:
            return f"{year}-W{week:02}"
        case ReportKind.YEAR | ReportKind.ASSESSMENT:
            return f"{today.year:04}"
        case ReportKind.STAGE:
            raise BadValueError(
                Text(
                    "say which stage: --period 2019-08-01..2019-10-31",
                    "请写明阶段起止：--period 2019-08-01..2019-10-31",
                )
            )
        case _:
            return f"{today.year:04}-{today.month:02}"


def _week(found: re.Match[str]) -> tuple[date, date]:
    """Return the days of a week of ISO 8601."""
    monday = date.fromisocalendar(int(found[1]), chinese_number(found[2]), 1)
    return monday, monday + 6 * _DAY


def _month(found: re.Match[str]) -> tuple[date, date]:
    """Return the days of a month."""
    year, month = int(found[1]), chinese_number(found[2])
    first = date(year, month, 1)
    return first, first.replace(day=monthrange(year, month)[1])


def _year(found: re.Match[str]) -> tuple[date, date]:
    """Return the days of a year."""
    year = int(found[1])
    return date(year, 1, 1), date(year, 12, 31)


def _days(found: re.Match[str]) -> tuple[date, date]:
    """Return a day, or the days from one to another."""
    return read_span(found[0])


_EARLIEST: Final = 1900
"""The first year that a period lies in; before it there was nothing to report, and weeks before it may not exist."""

_WEEKS_SAID: Final = {"本周": 0, "这周": 0, "上周": -1, "上上周": -2, "上个星期": -1, "本星期": 0}
_MONTHS_SAID: Final = {"本月": 0, "当月": 0, "这个月": 0, "上月": -1, "上个月": -1}
_YEARS_SAID: Final = {"今年": 0, "本年度": 0, "本年": 0, "去年": -1, "上年度": -1, "上年": -1}
"""The longer word first where one begins with another."""
_NUMBER: Final = r"\d{1,2}|[一二三四五六七八九十元]{1,3}"
_WEEK_SAID: Final = re.compile(rf"第({_NUMBER})周")
_MONTH_SAID: Final = re.compile(rf"({_NUMBER})月份?")
_TOGETHER: Final = {
    **dict.fromkeys(("一季度", "1季度"), (1, 3)),
    **dict.fromkeys(("二季度", "2季度"), (4, 6)),
    **dict.fromkeys(("三季度", "3季度"), (7, 9)),
    **dict.fromkeys(("四季度", "4季度"), (10, 12)),
    "上半年": (1, 6),
    "下半年": (7, 12),
}
_BLANKS: Final = re.compile(r"\s*([^\x00-\x7f])\s*")
_CHINESE_YEAR: Final = re.compile(r"[〇○零Ο一二三四五六七八九]{4}(?=年)")
_MONTHS_TOGETHER: Final = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)(?:年度?)?)?"
    rf"(?:第?(?P<which>{'|'.join(_TOGETHER)})|(?P<from>{_NUMBER})月?[-—至到~](?P<to>{_NUMBER})月份?)"
)
_SHAPES: Final = {
    "week": re.compile(rf"(\d{{4}})(?:-?W(?=\d+$)|年第?(?=\w+周$))({_NUMBER})周?", re.IGNORECASE),
    "month": re.compile(rf"(\d{{4}})(?:[-/.]|年)({_NUMBER})(?:月份?)?"),
    "year": re.compile(r"(\d{4})(?:年度?)?"),
    "span": re.compile(r".+(?:\.\.|至|到|~|——).+"),
    "day": re.compile(r"(?!.*(?:\.\.|至|到|~|——)).+"),
}
"""What each shape looks like; of days and spans only where the dots stand, since dates are read elsewhere."""
_READERS: Final = {"day": _days, "week": _week, "month": _month, "year": _year, "span": _days}
_EXAMPLES: Final = {
    "day": "2019-07-05",
    "week": "2019-W28",
    "month": "2019-07",
    "year": "2019",
    "span": "2019-07-01..2019-09-30",
}
_TAKEN: Final = {
    ReportKind.DAILY: ("day",),
    ReportKind.WEEKLY: ("week",),
    ReportKind.MONTHLY: ("month",),
    ReportKind.STAGE: ("span", "month"),
    ReportKind.YEAR: ("year",),
    ReportKind.BULLETIN: ("month", "week", "year", "span"),
    ReportKind.ASSESSMENT: ("year", "month", "span"),
}


def _title(shape: str, first: date, last: date) -> Text:
    """Return how people call the period."""
    match shape:
        case "day":
            return Text(first.isoformat(), f"{first.year}年{first.month}月{first.day}日")
        case "week":
            year, week, _ = first.isocalendar()
            return Text(
                f"week {week} of {year} ({first} to {last})",
                f"{year}年第{week}周（{first.month}月{first.day}日至{last.month}月{last.day}日）",
            )
        case "month":
            return Text(first.strftime("%Y-%m"), f"{first.year}年{first.month}月")
        case "year":
            return Text(str(first.year), f"{first.year}年")
        case _:
            return Text(
                f"{first} to {last}",
                f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日",
            )


def _weeks(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the weeks from Monday to Sunday, the outer ones clipped."""
    while first <= last:
        sunday = first + _DAY * (6 - first.weekday())
        yield first, min(sunday, last)
        first = sunday + _DAY


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the months, the outer ones clipped."""
    while first <= last:
        end = first.replace(day=monthrange(first.year, first.month)[1])
        yield first, min(end, last)
        first = end + _DAY


def _short(day: date) -> str:
    """Return a day as it stands below a bar."""
    return f"{day.month}-{day.day:02}"
