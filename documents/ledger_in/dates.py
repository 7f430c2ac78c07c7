"""The dates of spreadsheets, read as one day or refused with the sentence that says why.

What people write for a day is read by `engine.working_days.loose_dates`. Here stands what only cells
have: day numbers that lost their format, and numbers in which 2019.1 and 2019.10 look alike.
"""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from documents.ledger_in.sheet_model import Cell, NoteKind
from documents.ledger_in.text import cell_text, narrow, quoted, tidy
from engine.language import Text
from engine.working_days.loose_dates import (
    EXAMPLE,
    DayContext,
    DayFound,
    How,
    LengthFound,
    NoDay,
    StatedYear,
    Written,
    existing_day,
    written_day,
)

EARLIEST_ON = date(1990, 1, 1)
"""Older days are slips of the pen: no lead still open is older."""
YEARS_AHEAD = 5
"""A deadline lies no further in the future than this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DateRules:
    """What the reading of dates depends on besides the cell."""

    today: date
    stated: StatedYear | None = None
    due: bool = False
    """Whether the column holds deadlines: then a month is its last day."""
    since: date | None = None
    """The day on which the row was received: deadlines without a year follow it, and lengths are counted from it."""
    from_1904: bool = False
    """Whether bare day numbers count from 1904, as in workbooks of old Macintosh programs."""

    @property
    def latest_on(self) -> date:
        """Return the last day that is believed."""
        year = self.today.year + YEARS_AHEAD
        return date(year, self.today.month, min(self.today.day, calendar.monthrange(year, self.today.month)[1]))


_EMPTY_SERIAL = date(1899, 12, 30)
_DAYS_BETWEEN_SYSTEMS = 1462
NOTES: Mapping[How, NoteKind] = {
    "day_number": "serial_date_in_general_cell",
    "year_supplied": "year_supplied",
    "two_digit_year": "two_digit_year",
    "end_of_period": "end_of_period",
}
"""The kind of note on a day that did not stand there plainly."""


def day_reader(rules: DateRules) -> Callable[[Cell], Written]:
    """Return the function that reads one cell as a day under *rules*; only deadlines may be lengths or endless."""
    latest_on = rules.latest_on

    def read(cell: Cell) -> Written:
        found = _read(cell, rules)
        if not isinstance(found, DayFound) or EARLIEST_ON <= found.day <= latest_on:
            return found
        return NoDay(
            wrong=Text(
                "“{raw}” lies before 1990 or more than {n} years ahead", "“{raw}”早于 1990 年或晚于今后 {n} 年"
            ).format(raw=quoted(cell), n=YEARS_AHEAD),
            right=EXAMPLE,
        )

    return read


def goes_by_row(cell: Cell) -> bool:
    """Say whether a deadline reads otherwise from row to row, by the day of receipt."""
    if not isinstance(cell, str) or narrow(tidy(cell)).isdecimal():
        return False
    alone = written_day(cell, DayContext(due=True))
    return isinstance(alone, LengthFound) or alone != written_day(cell, DayContext(due=True, since=EARLIEST_ON))


def whole_day(text: str) -> date | None:
    """Return the day that *text* states whole, or None; for meta lines, which nothing hangs on."""
    found = _read(text, DateRules(today=EARLIEST_ON))
    return found.day if isinstance(found, DayFound) else None


def _read(cell: Cell, rules: DateRules) -> Written:
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
        return existing_day(int(digits[:4]), int(digits[4:6]), int(digits[6:]), cell_text(cell))
    if 25_569 <= number < 109_575:  # 1970 to 2199: outside, a number is no day number anyone meant
        shift = _DAYS_BETWEEN_SYSTEMS if rules.from_1904 else 0
        day = _EMPTY_SERIAL + timedelta(days=int(number) + shift)
        sentence = Text("the day number {n} is {day}", "序列数 {n} 即 {day}").format(n=cell_text(cell), day=day)
        return DayFound(day=day, how="day_number", sentence=sentence)
    return _refused_number(number, cell)


def _refused_number(number: float, cell: Cell) -> NoDay:
    if 1900 <= number < 2200 or 190_001 <= number < 220_013:
        return _no_day_in_month(cell)
    if 1 <= number < 13:
        wrong = Text(
            "“{raw}” is a number: 6.1 and 6.10 look alike, and the year is missing",
            "“{raw}”是数值：6.1 与 6.10 无法区分，且缺年份",
        )
        return NoDay(wrong=wrong.format(raw=quoted(cell)), right=EXAMPLE)
    return _not_a_day(cell)


def _of_text(cell: str, rules: DateRules) -> Written:
    """Read what somebody wrote as a text, and a text of digits as the number that it is."""
    digits = narrow(tidy(cell))
    if digits.isdecimal() and len(digits) != 14:
        return _of_number(float(digits), cell, rules)
    return written_day(cell, DayContext(due=rules.due, stated=rules.stated, since=rules.since))


def _no_day_in_month(cell: Cell) -> NoDay:
    wrong = Text("“{raw}” names no day", "“{raw}”没有写到日").format(raw=quoted(cell))
    return NoDay(wrong=wrong, right=EXAMPLE)


def _not_a_day(cell: Cell) -> NoDay:
    return NoDay(wrong=Text("“{raw}” is not a date", "“{raw}”不是日期").format(raw=quoted(cell)), right=EXAMPLE)
