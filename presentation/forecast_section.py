"""A forecast in words, as a section of a report, and as a picture; no decimals, and never 0 or 100 %."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from documents.reports.section import ReportTable, Section
from engine.campaigns.campaign import VERDICT_TITLES, Verdict
from engine.campaigns.forecasting.answers import (
    Backtest,
    Cost,
    Foreseen,
    NotForeseen,
    OneMore,
    WhyNot,
    rounded,
    rounded_outward,
)
from engine.language import Text, t

if TYPE_CHECKING:
    from engine.operations.zero.outlook import Outlook

_NAMED = 5
"""Leads, units and steps that are named as costing most."""
_WIDE = 340

_WHY = {
    WhyNot.NOTHING_OPEN: Text("nothing is open, so there is nothing to forecast", "没有在办未清事项，无须预测"),
    WhyNot.DAY_OVER: Text("the day of clearing is over or is today", "清零日已到或已过，无须预测"),
    WhyNot.TOO_LITTLE_HISTORY: Text(
        "too little history: the ledger holds {figure} weeks, and a forecast needs twice the time that is left and "
        "enough past weeks to be checked by",
        "历史太短：台账仅有 {figure} 周；预测须有剩余时间两倍以上的历史，并有足够的过去各周可供回测",
    ),
    WhyNot.BATCHES: Text(
        "work is closed in batches: {figure} % of all closings fell on the busiest 2 % of days, and nobody can say "
        "when the next batch comes",
        "集中办结：最忙 2% 的日子占办结的 {figure}%，下一次何时集中办结无从预测",
    ),
    WhyNot.UNEVEN_WEEKS: Text(
        "closings differ too much from week to week: {figure} times what chance alone would do",
        "各周办结件数相差过大：为偶然波动的 {figure} 倍",
    ),
    WhyNot.BAND_DID_NOT_HOLD: Text(
        "past bands did not hold 8 times in 10 on this ledger", "过去的区间在本台账上未能做到 10 次中 8 次落在其内"
    ),
    WhyNot.BAND_TOO_WIDE: Text(
        "the band is too wide to say anything: {figure} % of what is open",
        "区间过宽，说明不了问题：占未清件数的 {figure}%",
    ),
}


def why_not(answer: NotForeseen) -> str:
    """Return in a sentence why there is no forecast, with how it did in the past as far as that was tried."""
    said = str(_WHY[answer.why].format(figure=answer.figure))
    if answer.backtest is None or not answer.backtest.checked:
        return said
    return t("{said}; {backtest}", "{said}；{backtest}", said=said, backtest=backtest_said(answer.backtest))


def odds_said(odds: float) -> str:
    """Return odds in words and tenths."""
    if odds < 0.02:
        return t("almost impossible", "几乎不可能")
    if odds > 0.98:
        return t("almost certain", "几乎肯定")
    tenths = round(10 * odds)
    if tenths == 0:
        return t("very unlikely, less than 1 in 10", "很难，不到 1/10")
    if tenths == 10:
        return t("very likely, more than 9 in 10", "很有把握，超过 9/10")
    return t("about {n} in 10", "约 {n}/10", n=tenths)


def share_said(share: float) -> str:
    """Return a share in tenths."""
    # Never ten in ten: it is one of several, and rounding must not make it the only one.
    tenths = min(9, round(10 * share))
    return t("about {n} in 10", "约 {n}/10", n=tenths) if tenths else t("less than 1 in 10", "不到 1/10")


def backtest_said(backtest: Backtest) -> str:
    """Return how the same method did on this ledger."""
    return t(
        "tried on this ledger's own past: {held} of {checked} bands held, the centre was off by {error} % on average",
        "回测：过去 {checked} 次中 {held} 次落在区间内，平均误差 {error}%",
        held=backtest.held,
        checked=backtest.checked,
        error=max(1, round(100 * backtest.error)),
    )


def band_said(answer: Foreseen) -> str:
    """Return band and centre: the band first, since the centre alone would look surer than it is."""
    low, high = rounded_outward(answer.low, answer.high, answer.open_now)
    return t(
        "{low} to {high} (8 times in 10), most likely about {centre}",
        "{low}～{high} 件（10 次中 8 次），多半约 {centre} 件",
        low=low,
        high=high,
        centre=min(max(rounded(answer.centre), low), high),
    )


def forecast_pairs(answer: Foreseen) -> Iterator[tuple[str, str]]:
    """Yield what a forecast says: what, and how it is."""
    if answer.is_few:
        yield (
            t("open then", "届时未清零"),
            t(
                "fewer than 30 are open, so they are listed below in place of a number",
                "未清不足 30 件，不给数字，逐件列于下",
            ),
        )
    else:
        yield t("open then", "届时未清零"), band_said(answer)
    odds = answer.odds
    for verdict, share in (
        (Verdict.ZERO, odds.zero), (Verdict.EXTENDED, odds.extended), (Verdict.NOT_ZERO, odds.not_zero),
    ):  # fmt: skip
        yield str(VERDICT_TITLES[verdict]), odds_said(share)
    if answer.is_assumed:
        yield (
            t("resting on", "依据"),
            t(
                "ASSUMPTIONS that the measures declare (forecast:), not this ledger's past, which is too short",
                "指标文件中的假设，而非本台账的历史（历史太短）",
            ),
        )
    else:
        yield t("how far to trust it", "可信程度"), backtest_said(answer.backtest)


def forecast_notes(outlook: "Outlook") -> Iterator[str]:
    """Yield what a forecast supposes, or leaves out."""
    if outlook.incomplete:
        yield t(
            "{n} leads count as cleared but for their records; it supposes that these are completed",
            "另有 {n} 件仅因数据不全未计入清零，预测假定届时均已补全",
            n=outlook.incomplete,
        )
    if outlook.left:
        yield t(
            "{n} leads left the scope; while they are out of it the verdict is NOT zero, whatever the odds",
            "有 {n} 件已移出范围；在此期间不论概率如何，均不得认定清零",
            n=outlook.left,
        )
    if outlook.still_coming:
        yield t(
            "leads received from now on belong to the scope as well, and are not in it",
            "此后收到的线索也在范围内，预测未计入",
        )
    if outlook.is_provisional:
        yield t(
            "some days ahead lie in a year whose calendar is not published; the week stands for it",
            "部分日子所在年份的放假安排尚未公布，暂按周末推算",
        )
    yield t(
        "it knows the past only: no closing in bulk, no new order and no campaign can be seen coming; it decides "
        "nothing about people",
        "预测只知过去：集中办结、新的部署均无从预见；不作为评价任何人的依据",
    )


def forecast_tables(outlook: "Outlook", answer: Foreseen) -> Iterator[tuple[str, ReportTable]]:
    """Yield what costs most odds, and what would help, as titled tables."""
    cleared, costs = t("odds of being cleared", "届时办结的可能"), t("share of what costs odds", "影响占比")
    leads = answer.leads if answer.is_few else answer.leads[:_NAMED]
    yield (
        t("Leads that cost most odds", "最影响清零的线索"),
        ReportTable(
            heads=(t("number", "编号"), cleared),
            rows=tuple((outlook.numbers[each.name], odds_said(each.cleared)) for each in leads),
        ),
    )
    heads = t("open", "未清"), cleared, costs
    yield (
        t("Where they stand: steps that cost most odds", "最影响清零的环节"),
        ReportTable(
            heads=(t("state", "状态"), *heads),
            rows=_rows(answer.states, {name: str(title) for name, title in outlook.states.items()}),
        ),
    )
    yield (
        t("Units that cost most odds", "最影响清零的单位"),
        ReportTable(heads=(t("unit", "单位"), *heads), rows=_rows(answer.units, outlook.units)),
    )
    if answer.one_more:
        yield (
            t("One more closing on each working day", "每个工作日多办结 1 件"),
            ReportTable(
                heads=(t("unit", "单位"), t("fewer open then", "届时少未清"), t("odds of zero", "清零的可能")),
                rows=tuple(
                    (outlook.units.get(each.unit, each.unit), fewer_said(each), _change_said(answer, each))
                    for each in answer.one_more[:_NAMED]
                ),
            ),
        )


def forecast_sections(outlook: "Outlook") -> Iterator[Section]:
    """Yield a forecast as sections of a report, the first with its picture."""
    answer = outlook.answer
    title = t("Outlook for {day}", "{day} 预测", day=outlook.clear_by)
    heads = (t("what", "项目"), t("forecast", "预测"))
    if isinstance(answer, NotForeseen):
        rows = ((t("no forecast", "不作预测"), why_not(answer)),)
        yield Section(name="forecast", title=title, table=ReportTable(heads=heads, rows=rows))
        return
    yield Section(
        name="forecast",
        title=title,
        table=ReportTable(heads=heads, rows=tuple(forecast_pairs(answer))),
        words=t("; ", "；").join(forecast_notes(outlook)),
        picture="" if answer.is_few else band_picture(answer),
    )
    for place, (name, table) in enumerate(forecast_tables(outlook, answer)):
        yield Section(name=f"forecast_{place}", title=name, table=table)


def band_picture(answer: Foreseen) -> str:
    """Return band and centre over all that is open now as SVG, with the same in words for who cannot see it.

    Only attributes say how it looks, so that it may stand in pages that let no style in.
    """
    low, high = rounded_outward(answer.low, answer.high, answer.open_now)
    centre = min(max(rounded(answer.centre), low), high)
    most = answer.open_now

    def x(count: int) -> str:
        return f"{10 + _WIDE * count / most:.1f}"

    words = t(
        "of {most} open now, open then: {band}", "现未清 {most} 件，届时未清：{band}", most=most, band=band_said(answer)
    )
    # Labels that stand nearer than an eighth of the line would be printed over one another.
    labels = [(0, "0")] if low > 0.12 * most else []
    are_apart = high - low > 0.1 * most
    labels += [(low, str(low)), (high, str(high))] if are_apart else [((low + high) // 2, f"{low}–{high}")]
    labels += [(most, str(most))] if most - high > 0.12 * most else []
    texts = "".join(
        f'<text x="{x(count)}" y="46" font-size="11" text-anchor="middle" fill="currentColor">{label}</text>'
        for count, label in labels
    )
    return (
        f'<svg class="forecast" viewBox="0 0 {_WIDE + 20} 52" width="{_WIDE + 20}" height="52" role="img"'
        f' aria-label="{words}"><title>{words}</title>'
        f'<line x1="10" x2="{_WIDE + 10}" y1="25" y2="25" stroke="currentColor" stroke-opacity="0.35"/>'
        f'<rect x="{x(low)}" y="15" width="{max(2.0, _WIDE * (high - low) / most):.1f}" height="20" rx="4"'
        ' fill="#4f7fb8" fill-opacity="0.45"/>'
        f'<line x1="{x(centre)}" x2="{x(centre)}" y1="11" y2="33" stroke="#1f4f88" stroke-width="3"/>{texts}'
        f'<text x="{x(centre)}" y="9" font-size="11" text-anchor="middle" fill="currentColor">{centre}</text></svg>'
    )


def fewer_said(one_more: OneMore) -> str:
    """Return how many fewer are open if a unit closes one more on each working day."""
    fewer = rounded(round(one_more.fewer))
    return t("about {n}", "约 {n} 件", n=fewer) if fewer else t("fewer than 5", "不足 5 件")


def _change_said(answer: Foreseen, one_more: OneMore) -> str:
    """Return how the odds of zero change."""
    before, after = odds_said(answer.odds.zero), odds_said(one_more.zero)
    return t("no change", "无变化") if before == after else f"{before} → {after}"


def _rows(costs: Sequence[Cost], names: Mapping[str, str]) -> tuple[tuple[str | int, ...], ...]:
    """Return what costs odds as rows of a table."""
    return tuple(
        (names.get(each.name, each.name), each.count, odds_said(each.cleared), share_said(each.share))
        for each in costs[:_NAMED]
    )
