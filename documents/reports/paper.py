"""A report as it is read: sentences, tables that add up and how each figure was counted; knows no file format.

The figures are counted by `engine.operations.figures`; what they are called stands in `wording`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from documents.reports import kept_terms, lists, rate_tables
from documents.reports.ranking import RANKED, ranking
from documents.reports.section import Cell, Section, section
from documents.reports.wording import (
    JUDGED,
    MET_LATE,
    ON_TIME,
    ON_TIME_RATE,
    STANDING_TITLES,
    TITLES,
    UNITS_HEAD,
    UNMET,
)
from engine.campaigns.campaign import percent
from engine.language import t
from engine.operations.figures.figure_values import (
    OPEN_STANDINGS,
    Figures,
    Filing,
    PeriodGroup,
    UnitFigures,
)
from engine.operations.figures.period import ReportKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report in the language in use."""

    figures: Figures
    title: str
    house: str
    span: str
    as_of: str
    made: str
    lead: tuple[str, ...]
    """What a reader should know first."""
    tiles: tuple[tuple[str, str, str, str], ...]
    """Label, figure, remark and tone."""
    sections: tuple[Section, ...]
    places: int
    """Decimals of a percentage: 1 in bulletins, else 2 (domain §9.3)."""
    footnotes: tuple[str, ...] = field(default=())
    mark: str = ""
    """What stands on every page, as that it comes from a ledger for rehearsal."""
    covered: str = ""
    """How far the newest checkpoint covers the journal, with its short code; empty if there is none."""
    checkpoint: str = ""
    """That checkpoint, to be printed as a QR code."""

    @property
    def defined(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """What is counted and how, by the title of a section; what several share is said once, with the first."""
        found: dict[str, list[tuple[str, str]]] = {}
        known: set[tuple[str, str]] = set()
        for each in self.sections:
            new = [line for line in each.definitions if line not in known]
            known.update(new)
            found |= {each.title: new} if new else {}
        return found


_CONTENTS: Final[Mapping[ReportKind, Sequence[str]]] = {
    ReportKind.ASSESSMENT: (),
    ReportKind.DAILY: (
        "flow",
        "overdue",
        "came_back",
        "weeks",
        "steps",
        "deadlines",
        "theirs",
        "missed",
        "due",
        "returns",
        "unfiled",
        "nil",
    ),
    ReportKind.BULLETIN: (
        "ranking",
        "standings",
        "measured",
        "overdue",
        "flow",
        "came_back",
        "punctual",
        "missed",
        "ages",
        "returns",
        "unfiled",
    ),
}
_WHOLE: Final = (
    "flow",
    "came_back",
    "standings",
    "overdue",
    "extended",
    "weeks",
    "ages",
    "punctual",
    "deadlines",
    "theirs",
    "missed",
    "due",
    "measured",
    "splits",
    "steps",
    "returns",
    "unfiled",
    "nil",
)


def places_of(kind: ReportKind) -> int:
    """Return how many decimals percentages have (domain §9.3)."""
    return 1 if kind is ReportKind.BULLETIN else 2


def paper_of(
    figures: Figures,
    *,
    house: str,
    now: datetime,
    ranked: Sequence[str] = RANKED,
    said: Sequence[str] = (),
    first: Sequence[Section] = (),
    mark: str = "",
) -> Report:
    """Return the report on *figures* in the language in use.

    Args:
        house: Name of the office.
        now: When it is made, as local time.
        ranked: Indicators by which a bulletin ranks the units, the weightiest first.
        said: What is said before anything else.
        first: Subjects that come before those of its kind.
        mark: What stands on every page.
    """
    period = figures.period
    places = places_of(period.kind)
    made: list[Section] = list(first)
    for name in _CONTENTS.get(period.kind, _WHOLE):
        if name == "ranking":
            made.append(ranking(figures, places, ranked))
        else:
            made.extend(_SECTIONS[name](figures, places))
    titled = TITLES[period.kind].format(workflow=figures.title)
    unit = figures.units[0].name if figures.unit is not None and figures.units else ""
    return Report(
        figures=figures,
        title=str(titled),
        house=t("{house}, {unit}", "{house}　{unit}", house=house, unit=unit) if unit else house,
        span=str(period.title),
        as_of=t("as of {day}", "截至 {day}", day=period.until)
        + ("" if period.is_over else t(" (the period is not over)", "（本期尚未结束）")),
        made=t("made on {at}", "{at} 生成", at=now.strftime("%Y-%m-%d %H:%M")),
        lead=(*said, *_lead(figures, places)),
        tiles=tuple(_tiles(figures, places)),
        sections=tuple(each for each in made if each.table.rows),
        places=places,
        footnotes=tuple(_footnotes(figures)),
        mark=mark,
    )


def _lead(figures: Figures, places: int) -> Iterator[str]:
    """Yield what a reader should know first."""
    flow, total = figures.total.flow, figures.total
    if flow.is_nil:
        nothing = t(
            "in this period nothing was received, registered, cleared or reopened.",
            "本期无新收、无登记、无办结、无回流。",
        )
        # The report of the whole house is its own nil return; of a unit it cannot be said that it filed one.
        own = figures.unit is None and figures.period.kind is not ReportKind.BULLETIN
        yield t("Nil return: ", "零报告：") + nothing if own else nothing[0].upper() + nothing[1:]
    else:
        yield t(
            "{received} received and {late} received earlier registered; {cleared} cleared; {returned} came back.",
            "本期收到 {received} 件，补登前期收到 {late} 件；办结 {cleared} 件，回流 {returned} 件。",
            received=flow.received,
            late=flow.late,
            cleared=flow.cleared,
            returned=flow.returned,
        )
    yield t(
        "{open} are open, {overdue} of them overdue. Cleared {rate} of the caseload; {on_time} of the deadlines kept.",
        "期末未结 {open} 件，其中超期 {overdue} 件。办结率 {rate}，按期率 {on_time}。",
        open=flow.open,
        overdue=total.standings[PeriodGroup.OVERDUE],
        rate=percent(total.cleared, total.caseload, places),
        on_time=percent(total.on_time, total.judged, places),
    )
    yield from _quiet(figures)


def _quiet(figures: Figures) -> Iterator[str]:
    """Yield which units filed a nil return, and in which nothing is registered though they filed none (W13)."""
    names = {each.unit: each.name for each in figures.units}
    filed = [names.get(code, code) for code in dict.fromkeys(each.unit for each in figures.nil)]
    between = t(", ", "、")
    if filed:
        yield t(
            "Nil returns received: {n}, from {units}.",
            "收到零报告 {n} 份：{units}。",
            n=len(figures.nil),
            units=between.join(filed),
        )
    reported = {each.unit for each in figures.nil}
    quiet = [each.name for each in figures.units if each.flow.is_nil and each.unit not in reported]
    if quiet and not figures.total.flow.is_nil and figures.unit is None:
        yield t(
            "Nothing is registered, and no nil return was received, from: {units}.",
            "登记簿无收办情况、也未收到零报告的单位：{units}。",
            units=between.join(quiet),
        )


def _tiles(figures: Figures, places: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield the figures that stand at the top."""
    flow, total = figures.total.flow, figures.total
    overdue = total.standings[PeriodGroup.OVERDUE]
    late = t("and {n} earlier ones registered", "另补登 {n} 件", n=flow.late) if flow.late else ""
    yield t("received", "本期收到"), str(flow.received), late, "plain"
    back = t("{n} came back", "回流 {n} 件", n=flow.returned) if flow.returned else ""
    yield t("cleared", "本期办结"), str(flow.cleared), back, "good"
    yield t("open at the end", "期末未结"), str(flow.open), t("{n} before", "期初 {n} 件", n=flow.carried), "plain"
    yield t("overdue", "超期未结"), str(overdue), "", "bad" if overdue else "good"
    rate = percent(total.cleared, total.caseload, places)
    of = t("{top} of {bottom}", "{top}／{bottom} 件", top=total.cleared, bottom=total.caseload)
    yield t("clear rate", "办结率"), rate, of, "plain"
    rate = percent(total.on_time, total.judged, places)
    of = t("{top} of {bottom}", "{top}／{bottom} 个期限", top=total.on_time, bottom=total.judged)
    yield t("on time", "按期率"), rate, of, "plain"


def _footnotes(figures: Figures) -> Iterator[str]:
    """Yield what a reader might else wonder about."""
    if figures.mistaken:
        yield t(
            "{n} were registered and taken out again in the period (void or repeats); they are in no other figure.",
            "本期登记后又作废或并案的 {n} 件，不计入任何数字。",
            n=figures.mistaken,
        )
    yield t(
        "This report names no reporter, no person reported and no officer, and tells no content.",
        "本报告不含举报人、被反映人和经办人姓名，不含线索内容。",
    )


def _by_unit(figures: Figures, cells: Callable[[UnitFigures], tuple[Cell, ...]]) -> dict[str, tuple[Cell, ...]]:
    """Return a row for each unit, and under an empty code their sum."""
    found = {each.unit: (f"{each.unit} {each.name}", *cells(each)) for each in figures.units}
    return {**found, "": (t("total", "合计"), *cells(figures.total))}


def _unit_section(
    figures: Figures, name: str, title: str, heads: Sequence[str], cells: Callable[[UnitFigures], tuple[Cell, ...]],
    words: str = "",
) -> Section:  # fmt: skip
    """Return a section with a row for each unit that has any figure, and their sum."""
    rows = _by_unit(figures, cells)
    total = rows.pop("")
    full = [each for each in rows.values() if any(cell not in {0, "—"} for cell in each[1:])]
    if 0 < len(full) < len(rows):
        left = t(
            "{n} units without any figure are not listed.", "另有 {n} 个单位无数字，未列。", n=len(rows) - len(full)
        )
        words = f"{words}{t('. ', '。') if words and words[-1] not in '.。' else ''}{left}"
    return section(name, title, (str(UNITS_HEAD), *heads), full or list(rows.values()), total, words)


def _flow(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield how the number of open cases came about."""
    heads = [
        t("open before", "期初未结"), t("received", "本期收到"), t("registered late", "补登"), t("came back", "回流"),
        t("cleared", "办结"), t("taken out", "核减"), t("open at the end", "期末未结"),
    ]  # fmt: skip

    def cells(each: UnitFigures) -> tuple[Cell, ...]:
        flow = each.flow
        return flow.carried, flow.received, flow.late, flow.returned, flow.cleared, flow.removed, flow.open

    words = t(
        "open before + received + registered late + came back − cleared − taken out = open at the end",
        "期初未结＋本期收到＋补登＋回流－办结－核减＝期末未结",
    )
    yield _unit_section(figures, "flow", t("Received and cleared by unit", "各单位收办情况"), heads, cells, words)


def _standings(figures: Figures, places: int) -> Iterator[Section]:
    """Yield where the caseload stands."""
    heads = [t("caseload", "应办"), *(str(STANDING_TITLES[each]) for each in PeriodGroup), t("clear rate", "办结率")]

    def cells(each: UnitFigures) -> tuple[Cell, ...]:
        rate = percent(each.cleared, each.caseload, places)
        return each.caseload, *(each.standings[one] for one in PeriodGroup), rate

    still = sum(figures.total.standings[each] for each in OPEN_STANDINGS)
    words = t(
        "The five add up to the caseload; the last three, {n}, are what is open.",
        "五类合计等于应办件数；后三类合计 {n} 件，即期末未结。",
        n=still,
    )
    yield _unit_section(figures, "standings", t("Cleared by unit", "各单位清零进度"), heads, cells, words)


def _weeks(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield what came and what was cleared, day by day, week by week or month by month."""
    inside = [each for each in figures.weeks if each.span.inside]
    heads = [t("from", "起"), t("to", "止"), t("registered", "登记"), t("cleared", "办结"), t("came back", "回流")]
    rows = [(str(w.span.first), str(w.span.last), w.entered, w.cleared, w.returned) for w in inside]
    sums = (sum(w.entered for w in inside), sum(w.cleared for w in inside), sum(w.returned for w in inside))
    title = t("Registered and cleared over time", "收办走势")
    yield section("weeks", title, heads, rows, (t("total", "合计"), "", *sums))


def _ages(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield how long what is open has been open."""
    rows = [(age_called(first, last), count) for first, last, count in figures.ages if count]
    heads = [t("days since receipt", "收到至今"), t("open", "未结")]
    total = (t("total", "合计"), sum(count for _, _, count in figures.ages))
    yield section("ages", t("Age of what is open", "未结线索在办时长"), heads, rows, total)


def age_called(first: int, last: int | None) -> str:
    """Return how a class of age is called."""
    if last is None:
        return t("over {n} days", "{n} 天以上", n=first - 1)
    return t("{a} to {b} days", "{a}～{b} 天", a=first, b=last)


def _punctual(figures: Figures, places: int) -> Iterator[Section]:
    """Yield how many deadlines each unit kept."""
    heads = [str(each) for each in (JUDGED, ON_TIME, MET_LATE, UNMET, ON_TIME_RATE)]

    def cells(each: UnitFigures) -> tuple[Cell, ...]:
        return *kept_terms.kept(each), percent(each.on_time, each.judged, places)

    yield _unit_section(figures, "punctual", t("Deadlines kept, by unit", "各单位按期率"), heads, cells)


def _due(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield what falls due."""
    rows: list[tuple[Cell, ...]] = [(_on(day), count) for day, count in figures.due.items()]
    if figures.later:
        rows.append((t("later", "以后"), figures.later))
    total = (t("total", "合计"), sum(figures.due.values()) + figures.later)
    heads = [t("day", "日期"), t("deadlines due", "到期期限数")]
    yield section("due", t("What falls due", "近期到期"), heads, rows, total)


def _on(day: date) -> str:
    """Return a day with its weekday."""
    names = t("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日").split()
    return f"{day} {names[day.weekday()]}"


def _splits(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield the cases by the workflow's own lists."""
    heads = [t("registered", "登记"), t("cleared", "办结"), t("open at the end", "期末未结")]
    few = figures.total.caseload < _FEW
    always = list(dict.fromkeys(each.field for each in figures.splits))[:_ALWAYS]
    for split in figures.splits:
        if few and split.field not in always:
            continue
        if len(split.shares) == 1 and split.of_list is None:
            continue  # a whole that is not split says nothing more than the whole
        rows = [(str(each.title), each.entered, each.cleared, each.open) for each in split.shares]
        total = (t("total", "合计"), *(sum(getattr(each, name) for each in split.shares) for name in _COUNTED))
        title = t("By {field}", "按{field}分", field=split.title)
        name = split.field if split.of_list is None else f"{split.field}_{split.of_list}"
        yield section(f"split_{name}", title, (str(split.title), *heads), rows, total)


_COUNTED: Final = ("entered", "cleared", "open")
_FEW: Final = 10
"""Of fewer cases not every list is split: the report would be longer than the cases."""
_ALWAYS: Final = 2
"""The lists by which any number is split, the first that the workflow declares: of leads source and category (W29)."""


def _steps(figures: Figures, _places: int) -> Iterator[Section]:
    """Yield which steps were taken."""
    rows = [(str(title), count) for title, count in figures.steps]
    total = (t("total", "合计"), sum(count for _, count in figures.steps))
    heads = [t("step", "办理动作"), t("times", "次数")]
    yield section("steps", t("Steps taken", "本期办理动作"), heads, rows, total)


def _returns(figures: Figures, places: int) -> Iterator[Section]:
    """Yield which returns came in."""
    if not figures.owed:
        return
    heads = [
        t("owed", "应报"), t("on time", "按期"), t("late", "迟报"), t("sent back", "退回未补"), t("missing", "未报"),
        t("due today", "今日到期"), t("filed", "报送率"),
    ]  # fmt: skip

    def cells(each: UnitFigures) -> tuple[Cell, ...]:
        owed = sum(each.filings.values())
        filed = each.filings[Filing.ON_TIME] + each.filings[Filing.LATE]
        return owed, *(each.filings[one] for one in Filing), percent(filed, owed, places)

    yield _unit_section(figures, "returns", t("Returns", "报表报送"), heads, cells)


_SECTIONS: Final[Mapping[str, Callable[[Figures, int], Iterator[Section]]]] = {
    "flow": _flow,
    "standings": _standings,
    "weeks": _weeks,
    "ages": _ages,
    "punctual": _punctual,
    "deadlines": kept_terms.deadlines,
    "theirs": kept_terms.theirs,
    "due": _due,
    "splits": _splits,
    "steps": _steps,
    "returns": _returns,
    "measured": rate_tables.measured,
    "nil": lists.nil,
    "overdue": lists.overdue,
    "extended": lists.extended,
    "missed": lists.missed,
    "came_back": lists.returned,
    "unfiled": lists.unfiled,
}
