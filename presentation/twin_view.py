"""Leads that may be the same one come twice, in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.language import t

if TYPE_CHECKING:
    from engine.operations.cases.twins import Twin


def twin_words(name: str, twins: "Sequence[Twin]") -> str:
    """Return that a lead may be the same as others, with what to do.

    Args:
        name: Its number, or where its row stands.
    """
    said = t("; ", "；").join(t("{other} ({why})", "{other}（{why}）", other=each.name, why=each.why) for each in twins)
    return t(
        "{name} may be the same lead as {said}; if so: qingling link NUMBER FIRST",
        "{name} 疑似与 {said} 为同一线索；确认后：qingling link 编号 首件编号",
        name=name,
        said=said,
    )
