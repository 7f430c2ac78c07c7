"""Yes and no, and numbers, as people write them; one reader for ledgers, options, answers and prompts.

Days have one of their own (`engine.working_days.loose_dates`). Pure functions; what has two readings has none here:
about 50,000 and 5 to 6 are no numbers.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from engine.language import lazy_pattern

_YES: Final = frozenset(
    {"是", "是的", "有", "已", "对", "√", "✓", "✔", "☑", "yes", "y", "true", "t", "1", "v", "☑是", "☑有"}
)
_NO: Final = frozenset(
    {"否", "无", "未", "没有", "没", "不", "不是", "不对", "非", "错", "×", "✗", "✘", "no", "n", "false", "f", "0", "x"}
)
_TICKED_BEFORE: Final = lazy_pattern(r"[☑√✓✔■]([是有否无])")
_TICKED_AFTER: Final = lazy_pattern(r"([是有否无])[☑√✓✔■]")
_UNSEEN: Final = lazy_pattern("[\\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")

_PLAIN: Final = lazy_pattern(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,16})(?:\.\d{1,9})?")
_GROUPED: Final = lazy_pattern(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_BEFORE: Final = lazy_pattern(r"(?:人民币|rmb|[¥￥])*(?=.)")
_BEHIND: Final = lazy_pattern(r"(?<=.)(?:[元圆]整?|块钱?|人民币|人次|人|[件名条个次份起家天日例])$")
_DIGITS: Final = {
    **{each: value for value, each in enumerate("零一二三四五六七八九")},
    **{each: value for value, each in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0,
    "○": 0,
    "两": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_UNITS: Final = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "万": 10**4,
    "萬": 10**4,
    "亿": 10**8,
}
_MYRIAD: Final = 10**4
_TOKEN: Final = lazy_pattern(
    rf"(?P<digits>\d{{1,16}}(?:\.\d{{1,9}})?)|(?P<digit>[{''.join(_DIGITS)}])|(?P<unit>[{''.join(_UNITS)}])"
)
_SPELT_OUT: Final = 3
"""So many signs without a unit are digits one by one (二〇一九); fewer may mean three to five (三五)."""


def said_flag(written: str) -> bool | None:
    """Return the yes or no that is written (是, √, 已, y; 否, ×, 未, n; 是☑ 否□); None if it is neither."""
    word = _narrow(written).strip("。.")
    if word in _YES or word in _NO:
        return word in _YES
    if not word:
        return None
    marks = _TICKED_AFTER if word[0] in "是有否无" else _TICKED_BEFORE
    ticked = {answer in {"是", "有"} for answer in marks.findall(word)}
    return ticked.pop() if len(ticked) == 1 else None


def said_number(written: str) -> int | float | None:
    """Return the number that is written in digits of any width or in Chinese, with what it counts; None if it is none.

    3,000 · 1.2万元 · 三万五 · 壹仟贰佰元整 · 12件 are numbers.
    """
    if written.isdecimal() and written.isascii() and len(written) <= 16:
        return int(written)
    plain = _narrow(written).replace("\N{MINUS SIGN}", "-")
    bare = _BEHIND.sub("", _BEFORE.sub("", plain, count=1))
    if _PLAIN.fullmatch(bare):
        digits = bare.replace(",", "")
        return float(digits) if "." in digits else int(digits)
    found = _counted(_GROUPED.sub(lambda each: each.group().replace(",", ""), bare))
    if found is None:
        return None
    return int(found) if found == found.to_integral_value() else float(found)


def _counted(text: str) -> Decimal | None:
    """Return the number that is written with units (万, 千 …) or in Chinese digits; None if it is none."""
    tokens: list[re.Match[str]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        tokens.append(token)
        at = token.end()
    if not tokens:
        return None
    if not any(each["unit"] for each in tokens):
        return _spelt_out([each["digit"] for each in tokens])
    return _with_units(tokens)


def _spelt_out(signs: list[str | None]) -> Decimal | None:
    """Return a number that is written sign by sign: 二〇一九, or one sign alone."""
    digits = [_DIGITS[each] for each in signs if each is not None]
    if len(digits) < len(signs) or (1 < len(digits) < _SPELT_OUT and 0 not in digits):
        return None
    return Decimal("".join(map(str, digits)))


def _with_units(tokens: list[re.Match[str]]) -> Decimal | None:
    """Return the sum of digits times their units, which must fall from left to right."""
    whole, section = Decimal(0), Decimal(0)
    held: Decimal | None = None
    big, small, last, gap = 10**12, _MYRIAD, 0, False
    for token in tokens:
        if token["unit"] is None:
            value = Decimal(token["digits"] or _DIGITS[token["digit"]])
            if held is not None:
                return None
            gap, held = (True, None) if token["digit"] and not value else (gap, value)
            continue
        unit = _UNITS[token["unit"]]
        if unit < _MYRIAD:
            if held is None and not (unit == 10 and not section):
                return None
            if unit >= small:
                return None
            section, small = section + (1 if held is None else held) * unit, unit
        else:
            section += held or 0
            if not section or unit >= big:
                return None
            whole, section, big, small = whole + section * unit, Decimal(0), unit, _MYRIAD
        held, last, gap = None, unit, False
    if held is not None:
        if tokens[-1]["digits"]:
            return None  # 1万2 may be 12,000, or 10,002
        held *= last // 10 if last > 10 and not gap else 1
    return whole + section + (held or 0)


def _narrow(written: str) -> str:
    """Return *written* in common width, small letters, without blanks and unseen marks."""
    return _UNSEEN.sub("", written if written.isascii() else unicodedata.normalize("NFKC", written)).casefold()
