"""The measures of a workflow in a report: rates by source and unit, and how many days stages take."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from documents.reports.section import Cell, ReportTable, Section
from engine.campaigns.campaign import percent
from engine.language import t
from engine.operations.figures.figure_values import Figures, MeasuredGroup, SplitRate, SplitSum, StageDays


def measured(figures: Figures, places: int) -> Iterator[Section]:
    """Yield the rates of all together, then by each thing that they are split by, and the same of the stages."""
    rates = [each for each in figures.rates if each.rows]
    whole = [each for each in rates if not each.by]
    if whole:
        yield _all_together(whole, places)
    for by in dict.fromkeys(each.by for each in rates if each.by):
        yield _rates_by([each for each in rates if each.by == by], places)
    sums = [each for each in figures.sums if each.rows]
    for by in dict.fromkeys(each.by for each in sums):
        yield _sums_by([each for each in sums if each.by == by])
    times = [each for each in figures.times if each.rows]
    for by in dict.fromkeys(each.by for each in times):
        yield _times_by([each for each in times if each.by == by])


def _all_together(rates: Sequence[SplitRate], places: int) -> Section:
    """Return the section with a row for each rate."""
    heads = (t("rate", "指标"), t("counted", "分子"), t("of", "分母"), t("rate in percent", "比率"))
    rows = [
        (str(each.title), top, bottom, percent(top, bottom, places)) for each in rates for _, top, bottom in each.rows
    ]
    received = t(
        "of the cases whose day of receipt lies in the period, as they stand at its end, without void ones and repeats",
        "收到日期在本期的事项，按期末情况统计，作废和重复件除外",
    )
    definitions = ((t("all", "总口径"), received), *((str(each.title), str(each.definition)) for each in rates))
    title = t("Rates of what was received in the period", "本期收到事项的各项比率")
    return _section("rates", title, heads, rows, definitions)


def _rates_by(rates: Sequence[SplitRate], places: int) -> Section:
    """Return the section with a row for each group, and a column for each rate."""
    first = rates[0]
    groups: dict[tuple[str | None, ...], MeasuredGroup] = {}
    known: dict[tuple[str, tuple[str | None, ...]], tuple[int, int]] = {}
    for each in sorted(rates, key=lambda rate: -len(rate.rows)):
        for group, top, bottom in each.rows:
            groups.setdefault(group.values, group)
            known[each.rate, group.values] = top, bottom
    heads = (*(str(each) for each in first.by_titles), *(str(each.title) for each in rates))
    rows: list[tuple[Cell, ...]] = [
        (*(str(each) for each in group.titles), *(_said(known.get((each.rate, values)), places) for each in rates))
        for values, group in groups.items()
    ]
    title = t("Rates by {by}", "各项比率（按{by}）", by=_by(first))
    return _section(f"rates_by_{'_'.join(first.by)}", title, heads, rows)


def _sums_by(sums: Sequence[SplitSum]) -> Section:
    """Return the section with a row for each group, and a column for each sum."""
    first = sums[0]
    groups: dict[tuple[str | None, ...], MeasuredGroup] = {}
    known: dict[tuple[str, tuple[str | None, ...]], Decimal] = {}
    for each in sorted(sums, key=lambda one: -len(one.rows)):
        for group, amount in each.rows:
            groups.setdefault(group.values, group)
            known[each.sum, group.values] = amount
    heads = (*(str(each) for each in first.by_titles), *(str(each.title) for each in sums))
    rows: list[tuple[Cell, ...]] = [
        (*(str(each) for each in group.titles), *(_plainly(known.get((each.sum, values), Decimal(0))) for each in sums))
        for values, group in groups.items()
    ]
    title = t("Sums of the period", "本期合计")
    if first.by:
        title = t("Sums of the period, by {by}", "本期合计（按{by}）", by=_by(first))
    definitions = () if first.by else tuple((str(each.title), str(each.definition)) for each in sums)
    return _section(f"sums_by_{'_'.join(first.by)}".removesuffix("_by_"), title, heads, rows, definitions)


def _plainly(amount: Decimal) -> Cell:
    """Return a sum as a whole number where it is one."""
    return int(amount) if amount == amount.to_integral_value() else f"{amount:f}"


def _times_by(times: Sequence[StageDays]) -> Section:
    """Return the section with a row for each stage and group."""
    first = times[0]
    heads = (
        t("stage", "阶段"), *(str(each) for each in first.by_titles),
        t("ended", "完成件次"), t("average days", "平均天数"), t("median days", "中位天数"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (str(each.title), *(str(one) for one in group.titles), count, f"{average:.1f}", f"{middle:.1f}")
        for each in times
        for group, count, average, middle in each.rows
    ]
    unknown = {str(each.title): each.unknown for each in times if each.unknown and not first.by}
    words = t("; ", "；").join(
        t("{title}: of {n} nobody knows when it began", "{title}：另有 {n} 件次起点不明，未计", title=title, n=n)
        for title, n in unknown.items()
    )
    definitions: tuple[tuple[str, str], ...] = (
        (
            t("days", "天数"),
            t(
                "calendar days from the beginning of a stage to its end, of each round whose end was recorded in the "
                "period; the median is the one in the middle, which a few very long ones do not move",
                "阶段起止之间的自然日，按在本期登记完成的各次统计；中位数居于正中，不受个别特长者影响",
            ),
        ),
    )
    title = t("Days that stages took", "各阶段用时")
    if first.by:
        title = t("Days that stages took, by {by}", "各阶段用时（按{by}）", by=_by(first))
        definitions = ()
    return _section(f"times_by_{'_'.join(first.by)}".removesuffix("_by_"), title, heads, rows, definitions, words)


def _section(
    name: str,
    title: str,
    heads: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    definitions: tuple[tuple[str, str], ...] = (),
    words: str = "",
) -> Section:
    """Return a section whose definitions are those of the measures themselves."""
    table = ReportTable(heads=tuple(heads), rows=tuple(rows))
    return Section(name=name, title=title, table=table, words=words, definitions=definitions)


def _by(measure: SplitRate | SplitSum | StageDays) -> str:
    """Return what a measure is split by, in words."""
    return t(" and ", "×").join(str(each) for each in measure.by_titles)


def _said(counted: tuple[int, int] | None, places: int) -> str:
    """Return a rate with what it was counted of."""
    if counted is None:
        return "—"
    return f"{percent(*counted, places)} ({counted[0]}/{counted[1]})"
