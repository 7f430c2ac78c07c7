"""Days, instants and lengths of time as people write them; leaves working days to `engine.working_days.calendars`."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from engine.errors import BadValueError
from engine.language import Text, lazy_pattern

if TYPE_CHECKING:
    from fractions import Fraction

DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣─➖﹘", "-"))
"""What people type for a hyphen."""

LAST_YEAR = 9998
"""The last year that is read by itself: the next one has to begin within all years too."""

_BETWEEN = r"[-./、。,_·]"
_YEAR_FIRST = lazy_pattern(
    rf"(\d{{4}})\s*(?:年|{_BETWEEN})\s*(\d{{1,2}})\s*(?:月|{_BETWEEN})\s*(\d{{1,2}})\s*[日号]?\.?|(\d{{4}})(\d\d)(\d\d)"
)
_YEAR_LAST = lazy_pattern(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_CHINESE = lazy_pattern(
    r"([〇○零Ο0-9一二三四五六七八九]{4})年([0-9元一二三四五六七八九十]{1,3})月([0-9一二三四五六七八九十廿卅]{1,3})[日号]?"
)
_A_YEAR = lazy_pattern(r"([〇○零Ο0-9一二三四五六七八九]{4})\s*(?:年度?|年份)?")
_TO = lazy_pattern(r"\.{2,3}|至|到|~|——")
_CHINESE_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0", "Ο": "0"}
_MONTH_LAST = lazy_pattern(r"(?P<month>[a-z]{3,9})\.?\s(?P<day>\d{1,2}),?\s(?P<year>\d{4})", re.IGNORECASE)
_MONTH_AMID = lazy_pattern(
    r"(?P<day>\d{1,2})[-\s](?P<month>[a-z]{3,9})\.?(?:[-,\s]+(?P<year>\d{4})|-(?P<short>\d{2}))", re.IGNORECASE
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_TIME = lazy_pattern(
    r"(?:[Tt]|\s+|(?<=[日号]))"
    r"(?:(?P<h>\d{1,2})(?:[:时点](?:(?P<m>\d{1,2})(?:[:分](?P<s>\d{1,2}(?:\.\d{1,6})?)秒?|分)?)?)|(?P<plain>\d\d(?:\d\d){0,2}))"
    r"\s*(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?$"
)
_LENGTH = lazy_pattern(
    r"(?P<amount>[+-]?\d[\d./]*|[一二两三四五六七八九十]+(?=[^一二两三四五六七八九十]))\s*(?P<unit>\D.*)"
)

_UNITS: dict[str, tuple[str, int]] = {
    word: (unit, times)
    for unit, times, words in (
        ("days", 1, "day days d calendar_day calendar_days 日 天 自然日 日历日"),
        ("days", 7, "week weeks w 周 星期"),
        ("working_days", 1, "working_day working_days workday workdays wd business_day business_days 工作日 个工作日"),
        ("months", 1, "month months 月 个月"),
        ("months", 12, "year years y 年"),
        ("minutes", 1, "minute minutes min 分钟 分"),
        ("hours", 1, "hour hours h 小时 个小时"),
        ("working_hours", 1, "working_hour working_hours work_hours wh business_hours business_hour 工作小时 工时"),
    )
    for word in words.split()
}


def read_moment(text: str) -> date | datetime:
    """Return the day or the aware instant that *text* says.

    A day is written in one of the ways that `day_written` knows; an instant is a day and a time of it,
    as in ISO 8601 or as in 2019年6月30日15时, with its zone (`Z` or `+08:00`).

    Raises:
        BadValueError: If it is neither, is impossible, or is an instant without a zone.
    """
    day, at = _day_and_time(text)
    return day if at is None else require_zone(datetime.combine(day, at))


def read_instant(text: str, *, zone: Callable[[], tzinfo], opens: time) -> datetime:
    """Return the aware instant that *text* says: a day, a local time, or an instant with its zone.

    Args:
        zone: Asked for the zone of local dates if *text* names none.
        opens: Local time that a day alone means.

    Raises:
        BadValueError: If it is none of these, or is impossible.
    """
    day, at = _day_and_time(text)
    found = datetime.combine(day, opens if at is None else at)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone())


def read_day(text: str) -> date:
    """Return the local date that *text* says, in any of the ways `day_written` knows.

    Raises:
        BadValueError: If it says none, or one that no calendar has.
    """
    found = day_written(text)
    if found is None:
        raise BadValueError(
            Text(
                f"'{text}' is not a date; write it like 2019-06-30, 2019/6/30 or 2019年6月30日",
                f"“{text}”不是日期；请写成 2019-06-30、2019/6/30 或 2019年6月30日",
            )
        )
    try:
        return date(*found)
    except ValueError as error:
        raise BadValueError(
            Text(
                f"there is no {text} in the calendar; check the year, the month and the day",
                f"历法中没有“{text}”这一天；请核对年、月、日",
            )
        ) from error


def read_year(text: str) -> int:
    """Return the year from 1 to 9998 that *text* says: 2019, ２０１９, 2019年, 2019年度, 二〇一九年.

    Raises:
        BadValueError: If it says none.
    """
    found = _A_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    year = int(arabic_digits(found[1])) if found else 0
    if not 1 <= year <= LAST_YEAR:
        raise BadValueError(
            Text(f"'{text}' is not a year; write it like 2019 or 2019年", f"“{text}”不是年份；请写成 2019 或 2019年")
        )
    return year


def read_span(text: str) -> tuple[date, date]:
    """Return the first and the last local date of `2019-06-03..2019-06-09`, or of 2019年6月3日至6月9日.

    A day alone is both.

    Raises:
        BadValueError: If either is no date.
    """
    first, *last = _TO.split(unicodedata.normalize("NFKC", text), maxsplit=1)
    begins = read_day(first)
    if not last:
        return begins, begins
    in_that_year = f"{begins.year:04}年{last[0].strip()}"
    return begins, read_day(last[0] if day_written(in_that_year) is None else in_that_year)


def day_written(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of the one date that *text* writes, even if no calendar has it; None if it is none.

    This is the one grammar of dates, for every option, field and ledger: the year first (2019-06-30,
    2019/6/30, 2019.6.30, 2019年6月30日, 20190630, also in full width and with blanks), in Chinese
    numerals (二〇一九年六月三十日), the month in English (30 June 2019), or the year last where it is
    plain which of the two numbers is the month (30/6/2019, but not 6/7/2019, which is two days).
    """
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text).translate(DASHES)).strip()
    if found := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups() if part is not None)
        return year, month, day
    if found := _CHINESE.fullmatch(plain):
        return int(arabic_digits(found[1])), chinese_number(found[2]), chinese_number(found[3])
    if found := _YEAR_LAST.fullmatch(plain):
        first, second, year = (int(part) for part in found.groups())
        if first == second or second > 12:
            return year, first, second
        return (year, second, first) if first > 12 else None
    if found := _MONTH_AMID.fullmatch(plain) or _MONTH_LAST.fullmatch(plain):
        parts = found.groupdict()
        months = [place for place, known in enumerate(_MONTHS, start=1) if known.startswith(parts["month"].lower())]
        in_full = parts["year"] or f"20{parts['short']}"  # 3-Jun-19, as spreadsheets in English show a day
        return (int(in_full), months[0], int(parts["day"])) if months else None
    return None


def read_amount(text: str) -> "Fraction":
    """Return the whole, decimal or broken number that *text* says, such as 15, -3, 1.5 or 1/4.

    Raises:
        BadValueError: If it says none.
    """
    from fractions import Fraction  # few commands read a broken number, and it is not cheap to load

    try:
        return Fraction(unicodedata.normalize("NFKC", text).strip())
    except (ValueError, ZeroDivisionError) as error:
        raise BadValueError(
            Text(
                f"'{text}' is not an amount; write a number such as 15, -3 or 1.5",
                f"“{text}”不是数量；请写数字，如 15、-3 或 1.5",
            )
        ) from error


def read_unit(text: str) -> tuple[str, int]:
    """Return the unit that *text* names, and how many of it one is (a week is 7 days, a year 12 months).

    Raises:
        BadValueError: If no unit is called so.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("-", "_").replace(" ", "_")
    try:
        return _UNITS[plain]
    except KeyError:
        raise BadValueError(
            Text(
                f"'{text}' is not a unit; use days, working_days, months, minutes, hours or working_hours",
                f"“{text}”不是计时单位；请用 days（日）、working_days（工作日）、months（月）、minutes（分钟）、"
                "hours（小时）或 working_hours（工作小时）",
            )
        ) from None


def read_length(text: str) -> "tuple[int | Fraction, str]":
    """Return the amount and the unit of a length such as "1 month", "-3 days" or "15个工作日".

    Raises:
        BadValueError: If it cannot be read.
    """
    found = _LENGTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise BadValueError(
            Text(
                f"'{text}' is not a length of time; write it like '1 month' or '15 working_days'",
                f"“{text}”不是时间长度；请写成“1个月”或“15个工作日”",
            )
        )
    unit, times = read_unit(found["unit"])
    written = found["amount"]
    amount = read_amount(written if written[-1].isascii() else str(chinese_number(written.replace("两", "二"))))
    return whole_if_it_can(amount * times), unit


def whole_if_it_can(amount: "Fraction") -> "int | Fraction":
    """Return *amount* as an int where it is whole."""
    return amount.numerator if amount.denominator == 1 else amount


def add_months(day: date, months: int) -> date:
    """Return the same day of the month *months* later or earlier, or that month's last day if it has none.

    Source: 民法典 202 (L-民法典202).

    Raises:
        BadValueError: If that lies outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise beyond_all_years()
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year, month + 1, _last_of_month(year, month + 1))


def day_at(ordinal: int) -> date:
    """Return the day of a proleptic ordinal (1 is 0001-01-01).

    Raises:
        BadValueError: If that lies outside the years 1 to 9999.
    """
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError):
        raise beyond_all_years() from None


def chinese_day(day: date) -> str:
    """Return a local date as official documents write it: 2019年7月1日, without leading zeros (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def require_zone(moment: datetime) -> datetime:
    """Return *moment* if it has a zone.

    Raises:
        BadValueError: If it has none.
    """
    if moment.tzinfo is None:
        raise BadValueError(
            Text(
                f"{moment.isoformat()} has no time zone; write one, such as {moment.isoformat()}+08:00",
                f"{moment.isoformat()} 没有时区；请写明时区，如 {moment.isoformat()}+08:00",
            )
        )
    return moment


def local_day(moment: date | datetime, zone: tzinfo) -> date:
    """Return the date that *moment* has in *zone*; a date stays what it is.

    Raises:
        BadValueError: If the moment is an instant without a zone.
    """
    if isinstance(moment, datetime):
        return require_zone(moment).astimezone(zone).date()
    return moment


def arabic_digits(text: str) -> str:
    """Return *text* with each Chinese digit as an Arabic one: 二〇一九 is 2019."""
    return "".join(_CHINESE_DIGITS.get(each, each) for each in text)


def chinese_number(text: str) -> int:
    """Return the number that *text* writes in Chinese (二十一, 廿一, 元) or in digits; 0 if it is none.

    初三 and 正月 are of the lunar calendar: another day than the third, or January.
    """
    text = text.replace("廿", "二十").replace("卅", "三十").replace("元", "一")
    text = arabic_digits(text)
    tens, ten, ones = text.partition("十")
    plain = f"{tens or '1'}{ones or '0'}" if ten else text
    return int(plain) if plain.isdecimal() and len(plain) <= 2 else 0


def beyond_all_years() -> BadValueError:
    """Return the refusal of a date that cannot be written."""
    return BadValueError(
        Text(
            "the date lies outside the years 1 to 9999; give a smaller amount",
            "日期超出公元 1 年至 9999 年；请减小数量",
        )
    )


def _day_and_time(text: str) -> tuple[date, time | None]:
    """Return the day that *text* says, and the time of it with the zone, as far as it says them.

    Raises:
        BadValueError: If it says no day, or one or a time that there is not.
    """
    plain = unicodedata.normalize("NFKC", text).translate(DASHES).strip()
    found = _TIME.search(plain)
    if found is None or day_written(plain) is not None:
        return read_day(text), None
    day = read_day(plain[: found.start()])
    clock = found["plain"] or ":".join(f"{part:0>2}" for part in found.group("h", "m", "s") if part)
    try:
        return day, time.fromisoformat(clock + (found["zone"] or "").upper())
    except ValueError as error:
        raise BadValueError(
            Text(
                f"'{text}' is not an instant; write it like 2019-06-30T09:00:00+08:00",
                f"“{text}”不是时刻；请写成 2019-06-30T09:00:00+08:00",
            )
        ) from error


def _last_of_month(year: int, month: int) -> int:
    """Return how many days the month has."""
    first = date(year, month, 28) + timedelta(days=4) if (year, month) != (9999, 12) else None
    return 31 if first is None else (first - timedelta(days=first.day)).day
