"""Days, instants and lengths of time as people write them; leaves working days to `engine.working_days.calendars`."""

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction

from engine.errors import BadValueError
from engine.language import Text

_DAY = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})"
    r"|\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})|年(?P<m4>\d{1,2})月(?P<d4>\d{1,2})日?|(?P<m5>\d{2})(?P<d5>\d{2}))"
)
_INSTANT = re.compile(r"\d{4}-?\d\d-?\d\d[Tt ]\d.*")
_LENGTH = re.compile(r"(?P<amount>[+-]?\d[\d./]*)\s*(?P<unit>\D.*)")

_UNITS: dict[str, tuple[str, int]] = {
    word: (unit, times)
    for unit, times, words in (
        ("days", 1, "day days d calendar_day calendar_days 日 天 自然日 日历日"),
        ("days", 7, "week weeks w 周 星期"),
        ("working_days", 1, "working_day working_days workday workdays wd business_day business_days 工作日 个工作日"),
        ("months", 1, "month months 月 个月"),
        ("months", 12, "year years y 年"),
        ("hours", 1, "hour hours h 小时 个小时"),
        ("working_hours", 1, "working_hour working_hours work_hours wh business_hours business_hour 工作小时 工时"),
    )
    for word in words.split()
}


def read_moment(text: str) -> date | datetime:
    """Return the day or the aware instant that *text* says.

    A day: 2019-06-30, 2019/6/30, 2019.6.30, 2019年6月30日 or 20190630. An instant: ISO 8601 with
    its zone (`Z` or `+08:00`).

    Raises:
        BadValueError: If it is neither, is impossible, or is an instant without a zone.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _INSTANT.fullmatch(plain):
        return _instant(plain)
    return read_day(text)


def read_day(text: str) -> date:
    """Return the local date that *text* says, in any of the ways `read_moment` knows.

    Raises:
        BadValueError: If it says none, or one that no calendar has.
    """
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise BadValueError(
            Text(
                f"'{text}' is not a date; write it like 2019-06-30, 2019/6/30 or 2019年6月30日",
                f"“{text}”不是日期；请写成 2019-06-30、2019/6/30 或 2019年6月30日",
            )
        )
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise BadValueError(
            Text(
                f"there is no {text} in the calendar; check the year, the month and the day",
                f"历法中没有“{text}”这一天；请核对年、月、日",
            )
        ) from error


def read_amount(text: str) -> Fraction:
    """Return the whole, decimal or broken number that *text* says, such as 15, -3, 1.5 or 1/4.

    Raises:
        BadValueError: If it says none.
    """
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
                f"'{text}' is not a unit; use days, working_days, months, hours or working_hours",
                f"“{text}”不是计时单位；请用 days（日）、working_days（工作日）、months（月）、hours（小时）"
                "或 working_hours（工作小时）",
            )
        ) from None


def read_length(text: str) -> tuple[int | Fraction, str]:
    """Return the amount and the unit of a length such as "1 month", "-3 days" or "15个工作日".

    Raises:
        BadValueError: If it cannot be read.
    """
    found = _LENGTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise BadValueError(
            Text(
                f"'{text}' is not a length of time; write it like '1 month' or '15 working_days'",
                f"“{text}”不是时间长度；请写成“1 month”或“15 working_days”",
            )
        )
    unit, times = read_unit(found["unit"])
    return whole_if_it_can(read_amount(found["amount"]) * times), unit


def whole_if_it_can(amount: Fraction) -> int | Fraction:
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


def beyond_all_years() -> BadValueError:
    """Return the refusal of a date that cannot be written."""
    return BadValueError(
        Text(
            "the date lies outside the years 1 to 9999; give a smaller amount",
            "日期超出公元 1 年至 9999 年；请减小数量",
        )
    )


def _instant(plain: str) -> datetime:
    """Return the aware instant that ISO text says."""
    try:
        moment = datetime.fromisoformat(plain.upper())
    except ValueError as error:
        raise BadValueError(
            Text(
                f"'{plain}' is not an instant; write it like 2019-06-30T09:00:00+08:00",
                f"“{plain}”不是时刻；请写成 2019-06-30T09:00:00+08:00",
            )
        ) from error
    return require_zone(moment)


def _last_of_month(year: int, month: int) -> int:
    """Return how many days the month has."""
    first = date(year, month, 28) + timedelta(days=4) if (year, month) != (9999, 12) else None
    return 31 if first is None else (first - timedelta(days=first.day)).day
