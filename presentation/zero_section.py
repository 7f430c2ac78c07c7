"""How a campaign stands at the end of a report's period: verdict, whole scope, five groups by unit, who was late."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from documents.reports.section import Cell, ReportTable, Section
from engine.campaigns.campaign import CLEARED, GROUP_TITLES, VERDICT_TITLES, ZeroGroup, percent
from engine.campaigns.stated_scope import filters
from engine.language import t

if TYPE_CHECKING:
    from engine.operations.zero.verdict import Statement, ZeroTally


def verdict_line(statement: "Statement") -> str:
    """Return the verdict in one sentence, with the days and every filter of its scope."""
    campaign, total = statement.campaign, statement.total
    said = t(
        "{title}, as of {day}: {verdict}; {scope} in scope, {left} not cleared, {late} cleared late",
        "{title}，截至 {day}：{verdict}；纳入 {scope} 件，未清 {left} 件，逾期清零 {late} 件",
        title=campaign.title,
        day=statement.day,
        verdict=VERDICT_TITLES[statement.verdict],
        scope=total.scope,
        left=total.blocking,
        late=total.overdue,
    )
    return t("{said} ({scope}).", "{said}（{scope}）。", said=said, scope=t("; ", "；").join(_scope(statement)))


def _scope(statement: "Statement") -> Iterator[str]:
    """Yield what decides the scope."""
    campaign = statement.campaign
    if campaign.received_from is not None:
        yield t("received from {day}", "{day} 起收到", day=campaign.received_from)
    yield t("received up to {day}", "{day}（含）以前收到", day=campaign.received_to)
    yield t("to be cleared by {day}", "{day} 前清零", day=campaign.clear_by)
    if campaign.extend_to is not None:
        yield t("extensions to {day} at most", "延期最迟至 {day}", day=campaign.extend_to)
    if statement.unit is not None:
        yield t("only unit {unit}", "仅单位 {unit}", unit=statement.unit)
    yield from map(str, filters(campaign))


def zero_sections(statement: "Statement", places: int) -> Iterator[Section]:
    """Yield the five groups by unit, and the cases that were cleared after their day.

    Args:
        places: Decimals of a percentage.
    """

    def cells(each: "ZeroTally") -> tuple[Cell, ...]:
        cleared = sum(each.groups[group] for group in CLEARED)
        groups = (each.groups[group] for group in ZeroGroup)
        return each.scope, *groups, each.overdue, percent(cleared, each.scope, places)

    heads = (
        t("unit", "单位"), t("in scope", "纳入"), *(str(GROUP_TITLES[each]) for each in ZeroGroup),
        t("of these cleared late", "其中逾期清零"), t("cleared", "清零率"),
    )  # fmt: skip
    rows = tuple((f"{each.unit} {each.name}", *cells(each)) for each in statement.units)
    yield Section(
        name="zero",
        title=t("Clear to zero: {verdict}", "清零核对：{verdict}", verdict=VERDICT_TITLES[statement.verdict]),
        table=ReportTable(heads=heads, rows=rows, total=(t("total", "合计"), *cells(statement.total))),
        words=verdict_line(statement),
    )
    late = tuple(
        (each.number, each.unit, each.due_on.isoformat(), each.cleared_on.isoformat(), each.days)
        for each in statement.overdue
    )
    late_heads = (
        t("number", "编号"),
        t("unit", "单位"),
        t("its day", "应清日期"),
        t("cleared on", "清零日期"),
        t("days late", "逾期天数"),
    )
    yield Section(
        name="zero_late",
        title=t("Cleared late", "逾期清零事项"),
        table=ReportTable(heads=late_heads, rows=late),
    )
