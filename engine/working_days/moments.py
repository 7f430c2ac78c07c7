"""A day with its time as people write it: 2019-06-03 14:30, 6月3日14时30分, 昨天下午3点, today 3 pm.

The day is read by `engine.working_days.loose_dates`; here stands the time behind it. Nothing is guessed that has two
readings: 3点 without 上午 or 下午 is refused, as is a day without a time.
"""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Final

from engine.errors import BadValueError
from engine.language import Text, lazy_pattern
from engine.working_days.dates import DASHES
from engine.working_days.loose_dates import day_meant, shortened

EXAMPLE_OF_A_MOMENT: Final = Text(
    "a day and its time such as 2019-06-30 14:30", "写明日期和时刻，如 2019-06-30 14:30 或 6月30日下午2点半"
)

_TIME: Final = lazy_pattern(
    r"(?:(?<=\d)T|[\s,，]|(?<=[日号天\u4e00-\u9fff]))\s*(?P<part>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚)?\s*"
    r"(?P<hour>\d{1,2}|[一二三四五六七八九十两]{1,3})\s*(?:(?P<mark>[:时点])(?:(?P<minute>\d{1,2})[:分]?(?:\d{1,2}(?:\.\d+)?秒?)?"
    r"|(?P<broken>半|一刻|三刻)|整)?)?\s*(?P<half>am|pm)?$",
    re.IGNORECASE,
)
_BROKEN: Final = {"半": 30, "一刻": 15, "三刻": 45}
_DIGITS: Final = {each: place for place, each in enumerate("零一二三四五六七八九")} | {"两": 2}
_MORNING: Final = frozenset({"凌晨", "清晨", "早上", "上午", "am"})
_AFTERNOON: Final = frozenset({"下午", "傍晚", "晚上", "晚", "pm"})
NOON: Final = 12
_AT_NOON: Final = frozenset({1, 2, 11, 12, 13, 14})


def moment_meant(words: str, *, today: date) -> datetime:
    """Return the local time, without a zone, that somebody means who types *words* on the local date *today*.

    Raises:
        BadValueError: If there is no day, no time, or it has two readings.
    """
    plain = unicodedata.normalize("NFKC", words).translate(DASHES).strip(" \t\n。;；")
    found = _TIME.search(plain)
    if found is None or not (found["mark"] or found["half"]) or not plain[: found.start()].strip():
        raise _no_moment(words, Text("names no time, or no day", "没有写明日期和时刻"))
    hour, minute = _number(found["hour"]), _BROKEN.get(found["broken"], int(found["minute"] or 0))
    part = (found["half"] or found["part"] or "").lower()
    if not part and found["mark"] == "点" and hour <= NOON:
        raise _no_moment(words, Text("may be in the morning or in the afternoon", "未写明上午还是下午"))
    if (part in _MORNING and hour > NOON) or (part == "中午" and hour not in _AT_NOON):
        raise _no_moment(words, Text("has no such hour", "没有这个钟点"))
    if hour == NOON and part in {"凌晨", "晚上", "晚", "清晨", "早上", "傍晚"}:
        raise _no_moment(words, Text("may be noon or midnight", "未写明中午还是半夜"))
    if hour == NOON and part == "am":
        hour = 0
    elif (part in _AFTERNOON and hour < NOON) or (part == "中午" and hour < NOON - 1):
        hour += NOON
    try:
        at = time(hour, minute)
    except ValueError:
        raise _no_moment(words, Text("has no such hour", "没有这个钟点")) from None
    return datetime.combine(day_meant(plain[: found.start()].strip(), today=today), at)


def _number(written: str) -> int:
    """Return the number of an hour, in digits or in Chinese."""
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.partition("十")
    if not ten:
        return _DIGITS.get(written, 99)
    return 10 * _DIGITS.get(tens or "一", 9) + _DIGITS.get(ones or "零", 9)


def _no_moment(words: str, why: Text) -> BadValueError:
    """Return the refusal of what is no moment, and what would be one."""
    return BadValueError(
        Text("“{words}” {why}; write {right}", "“{words}”{why}；请{right}").format(
            words=shortened(words), why=why, right=EXAMPLE_OF_A_MOMENT
        )
    )
