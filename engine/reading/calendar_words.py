"""Weekdays and opening hours as people write them in a calendar file; knows nothing of files."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.scales import DAY_SECONDS, Segment

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE = re.compile(r"(?:周|星期|礼拜)?([一二三四五六日天])")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?")
_DASH = re.compile(r"\s*(?:-|–|—|~|至|到|\bto\b)\s*")


def read_weekdays(word: str) -> tuple[int, ...]:
    """Return the weekdays (1 is Monday) of a name, a number from 1 to 7, or a range such as mon-fri.

    Raises:
        BadValueError: If there is no such weekday.
    """
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    first, *rest = _DASH.split(plain)
    if len(rest) > 1:
        raise _no_weekday(word)
    begins = _weekday(first, word)
    ends = _weekday(rest[0], word) if rest else begins
    length = (ends - begins) % 7 + 1
    return tuple((begins - 1 + step) % 7 + 1 for step in range(length))


def is_clock(word: str) -> bool:
    """Say whether *word* is a time of day such as 9, 09:00 or 17:30:00."""
    return _CLOCK.fullmatch(unicodedata.normalize("NFKC", word).strip()) is not None and not word.strip().isdigit()


def read_hours(plain: object) -> tuple[Segment, ...]:
    """Return the opening hours of one day, in order.

    Taken are "09:00-17:00", several of these with commas or in a list, [from, to], {from:, to:} and
    a table of openings and closings. The end of the day is 24:00.

    Raises:
        BadValueError: If they cannot be read, overlap, or close before they open.
    """
    segments = sorted(_segments(plain))
    for opens, closes in segments:
        if not 0 <= opens < closes <= DAY_SECONDS:
            raise BadValueError(
                Text(
                    "opening hours must close after they open, by 24:00; split hours over midnight in two",
                    "办公时间的结束应晚于开始且不超过 24:00；跨零点的请分成两段",
                )
            )
    for (_, closes), (opens, _) in pairwise(segments):
        if opens < closes:
            raise BadValueError(Text("opening hours overlap; join them", "办公时间重叠；请合并"))
    return tuple(segments)


def _segments(plain: object) -> list[Segment]:
    """Return the opening hours of any of the forms, unchecked."""
    if isinstance(plain, Mapping):
        if plain.keys() == {"from", "to"}:
            return [(_second(plain["from"]), _second(plain["to"]))]
        return [(_second(opens), _second(closes)) for opens, closes in plain.items()]
    if isinstance(plain, str):
        found = []
        for part in re.split(r"[,;，；、]", plain):
            if part.strip().lower() not in {"", "none", "closed", "无", "休"}:
                ends = _DASH.split(unicodedata.normalize("NFKC", part).strip())
                if len(ends) != 2:
                    raise _no_hours(part)
                found.append((_second(ends[0]), _second(ends[1])))
        return found
    if isinstance(plain, Sequence):
        if len(plain) == 2 and all(isinstance(each, str) and _CLOCK.fullmatch(each.strip()) for each in plain):
            return [(_second(plain[0]), _second(plain[1]))]
        return [segment for each in plain for segment in _segments(each)]
    raise _no_hours(plain)


def _weekday(word: str, given: str) -> int:
    """Return the number of one weekday."""
    if chinese := _CHINESE.fullmatch(word):
        return "一二三四五六日".index(chinese[1].replace("天", "日")) + 1
    if word in {"1", "2", "3", "4", "5", "6", "7"}:
        return int(word)
    near = [number for number, name in enumerate(_NAMES, 1) if len(word) >= 2 and name.startswith(word.rstrip("."))]
    if len(near) != 1:
        raise _no_weekday(given)
    return near[0]


def _second(clock: object) -> int:
    """Return the seconds after midnight of a time of day."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", str(clock)).strip())
    if found is None:
        raise _no_hours(clock)
    hour, minute, second = (int(part or 0) for part in found.groups())
    if minute > 59 or second > 59 or hour * 3600 + minute * 60 + second > DAY_SECONDS:
        raise _no_hours(clock)
    return hour * 3600 + minute * 60 + second


def _no_weekday(word: str) -> BadValueError:
    """Return the refusal of what is no weekday."""
    return BadValueError(
        Text(
            f"'{word}' is not a weekday; use mon to sun, 周一 to 周日, or 1 for Monday to 7 for Sunday",
            f"“{word}”不是星期几；请用 周一 至 周日、mon 至 sun，或 1（周一）至 7（周日）",
        )
    )


def _no_hours(words: object) -> BadValueError:
    """Return the refusal of what are no opening hours."""
    return BadValueError(
        Text(
            f"'{words}' are not opening hours; write them like 08:30-12:00, 14:00-17:30",
            f"“{words}”不是办公时间；请写成 08:30-12:00, 14:00-17:30",
        )
    )
