"""Lengths of time in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from engine.language import Text

if TYPE_CHECKING:
    from fractions import Fraction

_UNITS: Final[Mapping[str, Text]] = {
    "days": Text("days", "天"),
    "working_days": Text("working days", "个工作日"),
    "months": Text("months", "个月"),
    "minutes": Text("minutes", "分钟"),
    "hours": Text("hours", "小时"),
    "working_hours": Text("working hours", "个工作小时"),
}


def length_said(amount: "int | Fraction", unit: str, *, signed: bool = False) -> Text:
    """Return a length of time, one or many; with its sign if it is counted from another moment.

    Args:
        unit: As terms name it, such as `working_days`.
    """
    words, many = f"{amount:+}" if signed and amount else str(amount), _UNITS[unit]
    return Text(f"{words} {many.en.removesuffix('s') if abs(amount) == 1 else many.en}", f"{words} {many.zh}")
