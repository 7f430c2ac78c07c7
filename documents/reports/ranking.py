"""Which unit stands where by declared indicators; the figures judge nobody."""

from collections.abc import Sequence
from typing import Final

from documents.reports.section import Cell, Section, section
from documents.reports.wording import UNITS_HEAD
from engine.campaigns.campaign import percent
from engine.language import Text, t
from engine.operations.figures.figure_values import Figures, Filing, PeriodGroup, UnitFigures

RANKED: Final = ("clear_rate", "on_time_rate", "overdue", "missing_returns")
"""The indicators by which units can be ranked, in the order that counts if none is given."""


def ranking(figures: Figures, places: int, ranked: Sequence[str]) -> Section:
    """Return the units ranked by declared indicators; those with nothing to rank are named without a rank."""
    total = figures.total
    ordered = sorted(figures.units, key=lambda each: (*(_weight(each, name) for name in ranked), each.unit))
    weights = [tuple(_weight(each, name) for name in ranked) for each in ordered]
    rows: list[tuple[Cell, ...]] = []
    unranked: list[str] = []
    for place, (each, weight) in enumerate(zip(ordered, weights, strict=True)):
        if not any(_share(each, name)[1] for name in ranked):
            unranked.append(each.name)
            continue
        assert place >= weights.index(weight)
        rows.append(
            (weights.index(weight) + 1, f"{each.unit} {each.name}", *(_shown(each, name, places) for name in ranked))
        )
    heads = [t("rank", "名次"), str(UNITS_HEAD), *(str(INDICATORS[name]) for name in ranked)]
    whole = ("", t("all units", "全部单位"), *(_shown(total, name, places) for name in ranked))
    words = t("Ranked by {first}; equal ones by what stands to the right.", "先比{first}，相同者依次比右侧各项。",
              first=INDICATORS[ranked[0]])  # fmt: skip
    if unranked:
        names = t(", ", "、").join(unranked)
        words += t(" Without any figure, and without a rank: {names}.", "无数字、不排名的单位：{names}。", names=names)
    return section("ranking", t("Units by indicators", "各单位指标排序"), heads, rows, whole, words)


INDICATORS: Final = {
    "clear_rate": Text("clear rate", "办结率"),
    "on_time_rate": Text("on-time rate", "按期率"),
    "overdue": Text("overdue", "超期未结"),
    "missing_returns": Text("missing returns", "未报报表"),
}

_COUNTS: Final = frozenset({"overdue", "missing_returns"})
"""Indicators that are read as they are, the fewer the better."""


def _weight(each: UnitFigures, indicator: str) -> tuple[int, float]:
    """Return by what a unit is put in order: the better, the less; nothing of nothing comes last."""
    top, bottom = _share(each, indicator)
    if bottom == 0:
        return 1, 0.0
    return 0, float(top) if indicator in _COUNTS else -top / bottom


def _shown(each: UnitFigures, indicator: str, places: int) -> Cell:
    """Return an indicator as it is read."""
    top, bottom = _share(each, indicator)
    return top if indicator == "overdue" or (indicator in _COUNTS and bottom) else percent(top, bottom, places)


def _share(each: UnitFigures, indicator: str) -> tuple[int, int]:
    """Return top and bottom of an indicator."""
    match indicator:
        case "clear_rate":
            return each.cleared, each.caseload
        case "on_time_rate":
            return each.on_time, each.judged
        case "overdue":
            return each.standings[PeriodGroup.OVERDUE], each.caseload
        case _:
            return each.filings[Filing.MISSING] + each.filings[Filing.SENT_BACK], sum(each.filings.values())
