"""The figures by which units are assessed (考核), each with its source; points only by the unit's own file.

The program supplies figures (domain §10); it weighs nothing and says of nobody how good they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from documents.reports.points import Points
from documents.reports.section import Cell, ReportTable, Section
from documents.reports.wording import UNITS_HEAD
from engine.campaigns.campaign import percent
from engine.campaigns.measures import UNIT, Measures
from engine.language import Text, t
from engine.operations.figures.figure_values import Figures, Filing, PeriodGroup, UnitFigures

_WIDE: Final = 5
"""Figures in one table; more would be too narrow to be read on paper."""
_FROM_FLOW: Final = Text("journal of the cases; report: received and cleared by unit", "事项日志；报告“各单位收办情况”")
_FROM_STANDINGS: Final = Text("journal of the cases; report: cleared by unit", "事项日志；报告“各单位清零进度”")
_FROM_TERMS: Final = Text(
    "journaled deadlines; report: deadlines not kept", "日志所载期限；报告“各单位按期率”“逾期期限清单”"
)
_FROM_RETURNS: Final = Text(
    "journaled returns; report: returns, missing returns", "报表事项日志；报告“报表报送”“未报清单”"
)
_FROM_MEASURES: Final = Text(
    "journal of the cases, by the measures of the workflow", "事项日志，按流程指标文件所定口径"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AssessedFigure:
    """One figure: what it is called, how it is counted, where it comes from, and its value by unit."""

    name: str
    title: Text
    definition: Text
    source: Text
    basis: str
    is_rate: bool
    is_average: bool
    values: Mapping[str, tuple[float, float | None]]
    """By code of the unit, the whole under an empty one: what was counted, of a rate with its bottom; of an average
    the days and how many they are of."""


def assessed(figures: Figures, measures: Measures) -> tuple[AssessedFigure, ...]:
    """Return the figures that the measures name for the assessment, in their order."""
    return tuple(_figure(figures, measures, name) for name in measures.assessment)


def assessment(figures: Figures, chosen: Sequence[AssessedFigure], points: Points | None) -> Iterator[Section]:
    """Yield the figures by unit, the source of each, and the points if the unit has a file of its own."""
    words = t(
        "Figures only: they are neither weighed nor ranked, and judge nobody.", "仅列数据，不加权、不排名、不作评价。"
    )
    parts = [chosen[start : start + _WIDE] for start in range(0, len(chosen), _WIDE)]
    for place, part in enumerate(parts, start=1):
        heads = (str(UNITS_HEAD), *(str(each.title) for each in part))
        rows = [(f"{unit.unit} {unit.name}", *(_said(each, unit.unit) for each in part)) for unit in figures.units]
        total = (t("total", "合计"), *(_said(each, "") for each in part))
        which = t(" ({n} of {all})", "（{n}/{all}）", n=place, all=len(parts)) if len(parts) > 1 else ""
        title = t("Figures for the assessment", "考核数据") + which
        yield _section(f"assessment_{place}", title, heads, rows, total, words if place == 1 else "")
    if points is not None:
        yield _points(figures, chosen, points)
    heads = (t("figure", "数据"), t("how it is counted", "口径"), t("source", "来源"), t("basis", "依据"))
    sources: list[tuple[Cell, ...]] = [
        (str(each.title), str(each.definition), str(each.source), each.basis) for each in chosen
    ]
    yield _section("assessment_sources", t("Source of each figure", "数据来源"), heads, sources)


def assessment_plain(figures: Figures, chosen: Sequence[AssessedFigure], points: Points | None) -> dict[str, object]:
    """Return the same for scripts."""
    codes = [each.unit for each in figures.units]
    return {
        "figures": [
            {
                "figure": each.name,
                "title": {"en": each.title.en, "zh": each.title.zh},
                "source": {"en": each.source.en, "zh": each.source.zh},
                "units": {code: _plain(each, code) for code in codes},
            }
            for each in chosen
        ],
        "points": None
        if points is None
        else {
            "file": points.name,
            "units": {code: {each.name: _earned(each, code, points) for each in chosen if each.name in points.items}
                      for code in codes},
        },
    }  # fmt: skip


def _points(figures: Figures, chosen: Sequence[AssessedFigure], points: Points) -> Section:
    """Return the section with the points of each unit by the unit's own file."""
    counted = [each for each in chosen if each.name in points.items]
    heads = (str(UNITS_HEAD), *(str(each.title) for each in counted), t("sum", "合计"))
    rows = []
    for unit in figures.units:
        earned = [_earned(each, unit.unit, points) for each in counted]
        whole = sum(each for each in earned if each is not None)
        rows.append((f"{unit.unit} {unit.name}", *(_number(each) for each in earned), _number(whole)))
    words = t(
        "By the unit's own file of points, {title} ({name}); — where there is nothing to rate, which adds nothing.",
        "按本单位自定的“{title}”（{name}）计分；无可计算的为“—”，不计入合计。",
        title=points.title,
        name=points.name,
    )
    return _section("assessment_points", t("Points", "计分"), heads, rows, None, words)


def _figure(figures: Figures, measures: Measures, name: str) -> AssessedFigure:
    """Return one figure."""
    if name in _UNIT_FIGURES:
        title, definition, source, basis = _UNIT_FIGURES[name]
        units = {each.unit: _COUNTED[name](each) for each in figures.units}
        return AssessedFigure(
            name=name, title=title, definition=definition, source=source, basis=basis,
            is_rate=name in {"clear_rate", "on_time_rate"}, is_average=False,
            values={**units, "": _COUNTED[name](figures.total)},
        )  # fmt: skip
    for rate in measures.rates:
        if rate.name == name:
            values: dict[str, tuple[float, float | None]] = {
                (group.values[0] or "") if each.by else "": (top, bottom)
                for each in figures.rates
                if each.rate == name and each.by in {(), (UNIT,)}
                for group, top, bottom in each.rows
            }
            return AssessedFigure(
                name=name, title=rate.title, definition=rate.definition, source=_FROM_MEASURES,
                basis=rate.basis or "", is_rate=True, is_average=False, values=values,
            )  # fmt: skip
    stage = next(each for each in measures.times if each.name == name)
    days: dict[str, tuple[float, float | None]] = {
        (group.values[0] or "") if each.by else "": (average, count)
        for each in figures.times
        if each.stage == name and each.by in {(), (UNIT,)}
        for group, count, average, _ in each.rows
    }
    return AssessedFigure(
        name=name,
        title=Text(f"{stage.title.en}, average days", f"{stage.title.zh}平均天数"),
        definition=Text("calendar days, of those that ended in the period", "自然日，按本期完成的统计"),
        source=_FROM_MEASURES, basis=stage.basis or "", is_rate=False, is_average=True, values=days,
    )  # fmt: skip


def _said(figure: AssessedFigure, unit: str) -> Cell:
    """Return a figure of a unit as people read it."""
    found = figure.values.get(unit)
    if found is None:
        return "—" if figure.is_rate or figure.is_average else 0
    top, bottom = found
    if figure.is_rate:
        return f"{percent(int(top), int(bottom or 0))} ({int(top)}/{int(bottom or 0)})"
    return f"{top:.1f} ({bottom:.0f})" if figure.is_average else int(top)


def _plain(figure: AssessedFigure, unit: str) -> dict[str, float | None]:
    """Return a figure of a unit for scripts."""
    top, bottom = figure.values.get(unit, (0, 0) if figure.is_rate or figure.is_average else (0, None))
    names = ("top", "bottom") if figure.is_rate else ("days", "of") if figure.is_average else ("count", "")
    return {key: value for key, value in zip(names, (top, bottom), strict=True) if key}


def _earned(figure: AssessedFigure, unit: str, points: Points) -> float | None:
    """Return the points of a unit for a figure; None if there is nothing to rate."""
    top, bottom = figure.values.get(unit, (0, 0))
    if figure.is_average and not bottom:
        return None
    return points.items[figure.name].points(top, bottom if figure.is_rate else None)


def _number(points: float | None) -> str:
    """Return points as people read them."""
    return "—" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")


def _section(
    name: str, title: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]],
    total: tuple[Cell, ...] | None = None, words: str = "",
) -> Section:  # fmt: skip
    """Return a section; how its figures are counted stands in a section of its own."""
    table = ReportTable(heads=tuple(heads), rows=tuple(rows), total=total)
    return Section(name=name, title=title, table=table, words=words)


_COUNTED: Final[Mapping[str, Callable[[UnitFigures], tuple[float, float | None]]]] = {
    "received": lambda each: (each.flow.received, None),
    "open": lambda each: (each.flow.open, None),
    "overdue": lambda each: (each.standings[PeriodGroup.OVERDUE], None),
    "came_back": lambda each: (each.flow.returned, None),
    "clear_rate": lambda each: (each.cleared, each.caseload),
    "on_time_rate": lambda each: (each.on_time, each.judged),
    "terms_missed": lambda each: (each.judged - each.on_time, None),
    "returns_missing": lambda each: (each.filings[Filing.MISSING] + each.filings[Filing.SENT_BACK], None),
    "returns_late": lambda each: (each.filings[Filing.LATE], None),
}
"""What was counted of a unit; of a rate with its bottom."""

_UNIT_FIGURES: Final[Mapping[str, tuple[Text, Text, Text, str]]] = {
    "received": (
        Text("received", "本期收到"),
        Text("registered in the period and received in it", "收到日期和登记均在本期"),
        _FROM_FLOW, "S2 二(一)",
    ),
    "open": (
        Text("open at the end", "期末未结"),
        Text("open at the end of the period", "期末未办结"), _FROM_FLOW, "S2 一(一)",
    ),
    "overdue": (
        Text("overdue", "超期未结"),
        Text("open cases with a running deadline that is overdue", "有在计期限已超期的未结事项"),
        _FROM_STANDINGS, "S2 二(一)",
    ),
    "came_back": (
        Text("came back", "回流"),
        Text("cleared and open again in the period, each time", "办结后在本期重新办理的件次"), _FROM_FLOW, "S2 二(四)",
    ),
    "clear_rate": (
        Text("clear rate", "办结率"),
        Text("cleared or fully closed at the end ÷ caseload", "期末已办结或销号 ÷ 应办"), _FROM_STANDINGS, "S2 一(一)",
    ),
    "on_time_rate": (
        Text("on-time rate", "按期率"),
        Text("deadlines met by their original day ÷ those to keep", "按原定期限完成 ÷ 应完成期限"),
        _FROM_TERMS, "S2 二(一)",
    ),
    "terms_missed": (
        Text("deadlines missed", "逾期期限"),
        Text("deadlines met late, or past their original day and not met", "逾期完成和逾期未完成的期限"), _FROM_TERMS,
        "S2 二(一)",
    ),
    "returns_missing": (
        Text("returns missing", "未报报表"),
        Text("due in the period and not filed by its end, or sent back and not filed again", "应报未报和退回未补"),
        _FROM_RETURNS, "S3; W13",
    ),
    "returns_late": (
        Text("returns late", "迟报报表"), Text("filed after their day", "逾期报送"), _FROM_RETURNS, "S3; W13",
    ),
}  # fmt: skip
"""Title, definition, source and basis of the figures that every unit has."""
