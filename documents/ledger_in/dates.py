"""The dates of spreadsheets, read as one day or refused with the sentence that says why.

What a whole date looks like is said once, in `engine.working_days.dates`. Here stands what only
ledgers have: day numbers of cells that lost their format, years stated elsewhere in the sheet, times
and weekdays beside a date, and what each slip of the pen is answered.

Nothing is guessed: a month is not a day, a day without a year needs a year that the ledger
states, and what cannot exist is a problem.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from documents.ledger_in.sheet_model import Cell, NoteKind
from documents.ledger_in.text import cell_text, compact, dashed, narrow, quoted, tidy
from engine.language import Text
from engine.working_days.dates import day_written

EARLIEST_ON = date(1990, 1, 1)
"""Older days are slips of the pen: no lead still open is older."""
YEARS_AHEAD = 5
"""A deadline lies no further in the future than this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedYear:
    """The year that a ledger states for days written without one."""

    year: int
    where: Text
    latest_on: date | None = None
    """If only the day of reporting states the year: no such day can lie after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DateRules:
    """What the reading of dates depends on besides the cell."""

    today: date
    stated: StatedYear | None = None
    from_1904: bool = False
    """Whether bare day numbers count from 1904, as in workbooks of old Macintosh programs."""

    @property
    def latest_on(self) -> date:
        """Return the last day that is believed."""
        year = self.today.year + YEARS_AHEAD
        return date(year, self.today.month, min(self.today.day, calendar.monthrange(year, self.today.month)[1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFound:
    """A day, with the note that says how it was understood, if it needs one."""

    day: date
    note: NoteKind | None = None
    sentence: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoDay:
    """Why a cell is not one day, and what would be."""

    wrong: Text
    right: Text


_EXAMPLE = Text("a whole date such as 2019-06-30", "写明年月日，如 2019-06-30")
_EMPTY_SERIAL = date(1899, 12, 30)
_DAYS_BETWEEN_SYSTEMS = 1462
_HOURS = re.compile(r"[T\s]+\d{1,2}[:：时点]\d{1,2}(?:[:：分]\d{1,2}(?:\.\d+)?秒?|分)?(?:Z|[+-]\d\d:?\d\d)?$")
_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$")
_YMD = re.compile(r"(\d{4})(?:年|[-./、。,_·])(\d{1,2})(?:月|[-./、。,_·])(\d{1,2})[日号]?\.?")
_EITHER_WAY = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_MD = re.compile(r"(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_YM = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})月?(?:份)?")
_YY = re.compile(r"(\d{2})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_VAGUE = re.compile(r"[前后底初起止]|左右|上旬|中旬|下旬|以内|之内|长期|每|年度|季度|不定|约|大概|至今|[~～至到]")


def day_reader(rules: DateRules) -> Callable[[Cell], DayFound | NoDay]:
    """Return the function that reads one cell as a day under *rules*."""
    latest_on = rules.latest_on

    def read(cell: Cell) -> DayFound | NoDay:
        found = _read(cell, rules)
        if isinstance(found, NoDay) or EARLIEST_ON <= found.day <= latest_on:
            return found
        return NoDay(
            wrong=Text(
                "“{raw}” lies before 1990 or more than {n} years ahead", "“{raw}”早于 1990 年或晚于今后 {n} 年"
            ).format(raw=quoted(cell), n=YEARS_AHEAD),
            right=_EXAMPLE,
        )

    return read


def whole_day(text: str) -> date | None:
    """Return the day that *text* states whole, or None; for meta lines, which nothing hangs on."""
    found = _read(text, DateRules(today=EARLIEST_ON))
    return found.day if isinstance(found, DayFound) else None


def _read(cell: Cell, rules: DateRules) -> DayFound | NoDay:
    if isinstance(cell, datetime):
        return DayFound(day=cell.date())
    if isinstance(cell, date):
        return DayFound(day=cell)
    if isinstance(cell, str):
        return _of_text(cell, rules)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _of_number(float(cell), cell, rules)
    return _not_a_day(cell)


def _of_number(number: float, cell: Cell, rules: DateRules) -> DayFound | NoDay:
    """Read a bare number: 20190630, or the day number behind a cell that lost its date format."""
    if 19_000_101 <= number <= 29_991_231 and number.is_integer():
        digits = str(int(number))
        return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]), cell)
    if 25_569 <= number < 109_575:  # 1970 to 2199: outside, a number is no day number anyone meant
        shift = _DAYS_BETWEEN_SYSTEMS if rules.from_1904 else 0
        day = _EMPTY_SERIAL + timedelta(days=int(number) + shift)
        sentence = Text("the day number {n} is {day}", "序列数 {n} 即 {day}").format(n=cell_text(cell), day=day)
        return DayFound(day=day, note="serial_date_in_general_cell", sentence=sentence)
    return _refused_number(number, cell)


def _refused_number(number: float, cell: Cell) -> NoDay:
    if 1900 <= number < 2200 or 190_001 <= number < 220_013:
        return _no_day_in_month(cell)
    if 1 <= number < 13:
        wrong = Text(
            "“{raw}” is a number: 6.1 and 6.10 look alike, and the year is missing",
            "“{raw}”是数值：6.1 与 6.10 无法区分，且缺年份",
        )
        return NoDay(wrong=wrong.format(raw=quoted(cell)), right=_EXAMPLE)
    return _not_a_day(cell)


def _of_text(cell: str, rules: DateRules) -> DayFound | NoDay:
    spaced = dashed(narrow(tidy(cell)))
    text = _WEEKDAY.sub("", compact(_HOURS.sub("", spaced)))
    if text.isdecimal():
        return _of_number(float(text[:8] if len(text) == 14 else text), cell, rules)
    if found := day_written(text) or day_written(spaced):
        return _day(*found, cell)
    if month_and_day := _MD.fullmatch(text):
        return _with_stated_year(int(month_and_day[1]), int(month_and_day[2]), cell, rules.stated)
    if _EITHER_WAY.fullmatch(text):
        wrong = Text("“{raw}” may mean two days", "“{raw}”可读作两个日期").format(raw=quoted(cell))
        return NoDay(wrong=wrong, right=_EXAMPLE)
    return _refused_text(text, cell)


def _with_stated_year(month: int, day: int, cell: str, stated: StatedYear | None) -> DayFound | NoDay:
    if stated is None:
        wrong = Text("“{raw}” has no year, and the ledger states none", "“{raw}”没有年份，台账中也未写明")
        return NoDay(wrong=wrong.format(raw=quoted(cell)), right=_EXAMPLE)
    found = _day(stated.year, month, day, cell)
    if isinstance(found, NoDay):
        return found
    if stated.latest_on and found.day > stated.latest_on:
        wrong = Text(
            "“{raw}” has no year, and in {year} it would lie after the day of reporting",
            "“{raw}”没有年份，按 {year} 年则晚于填报时间",
        )
        return NoDay(wrong=wrong.format(raw=quoted(cell), year=stated.year), right=_EXAMPLE)
    sentence = Text("the year {year} is taken from {where}", "年份 {year} 取自{where}")
    sentence = sentence.format(year=stated.year, where=stated.where)
    return DayFound(day=found.day, note="year_supplied", sentence=sentence)


def _day(year: int, month: int, day: int, cell: Cell) -> DayFound | NoDay:
    try:
        return DayFound(day=date(year, month, day))
    except ValueError:
        pass
    if 1 <= month <= 12 and 1 <= year <= 9999:
        last = calendar.monthrange(year, month)[1]
        right = Text("{m}/{y} has {n} days: write one of them", "{y} 年 {m} 月只有 {n} 天，请写实有的日期")
        right = right.format(y=year, m=month, n=last)
    else:
        right = _EXAMPLE
    return NoDay(wrong=Text("“{raw}” does not exist", "“{raw}”这一天不存在").format(raw=quoted(cell)), right=right)


def _refused_text(text: str, cell: str) -> NoDay:  # noqa: PLR0911 (one answer per slip)
    whole = list(_YMD.finditer(text))
    if len(whole) > 1:
        wrong = Text("“{raw}” holds more than one date", "“{raw}”含不止一个日期").format(raw=quoted(cell))
        return NoDay(wrong=wrong, right=Text("one date in one cell", "一格只写一个日期"))
    if whole or _VAGUE.search(text):
        wrong = Text("“{raw}” is not one day", "“{raw}”不是确切的某一天").format(raw=quoted(cell))
        if not whole:
            return NoDay(wrong=wrong, right=_EXAMPLE)
        found = _day(int(whole[0][1]), int(whole[0][2]), int(whole[0][3]), cell)
        if isinstance(found, NoDay):
            return found
        right = Text("the day alone: {day}", "只写日期：{day}").format(day=found.day)
        return NoDay(wrong=wrong, right=right)
    if _YM.fullmatch(text):
        return _no_day_in_month(cell)
    if _YY.fullmatch(text):
        wrong = Text("“{raw}” has a year of two digits", "“{raw}”的年份只有两位").format(raw=quoted(cell))
        return NoDay(wrong=wrong, right=_EXAMPLE)
    return _not_a_day(cell)


def _no_day_in_month(cell: Cell) -> NoDay:
    wrong = Text("“{raw}” names no day", "“{raw}”没有写到日").format(raw=quoted(cell))
    return NoDay(wrong=wrong, right=_EXAMPLE)


def _not_a_day(cell: Cell) -> NoDay:
    return NoDay(wrong=Text("“{raw}” is not a date", "“{raw}”不是日期").format(raw=quoted(cell)), right=_EXAMPLE)
