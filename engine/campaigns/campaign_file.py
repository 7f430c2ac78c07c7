"""Campaigns and their measures become frozen values; every fault is found, with its line."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from engine.campaigns.campaign import Campaign, Condition, FallingDue, Rate, Requirement, Stage
from engine.campaigns.forecast_declared import forecast_in
from engine.campaigns.measures import UNIT, Dimensions, Measures, Moment, StageTime, Total
from engine.errors import BadValueError, InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.reading.terms import Part
from engine.reading.yaml_file import read
from engine.rules.case import Count
from engine.rules.questions import mattering
from engine.workflow.expanding import with_states
from engine.workflow.field_traits import NUMBER_TYPES
from engine.workflow.model import FieldType, Workflow
from engine.workflow.problems import Problem, did_you_mean
from engine.workflow.texts import Source

EARLIEST, LATEST = 1990, 2199

_KEYS = (
    "campaign", "title", "workflow", "measures", "received", "units", "where", "falling_due", "clear_by", "extend",
    "report_on", "check_in", "bulletin", "stages", "basis",
)  # fmt: skip
_COUNTS = {each.name.lower(): int(each) for each in (Count.OPEN, Count.CLEARED, Count.FULLY_CLOSED)}
UNIT_FIGURES: Final = (
    "received", "open", "overdue", "came_back", "clear_rate", "on_time_rate", "terms_missed", "returns_missing",
    "returns_late",
)  # fmt: skip
"""Figures that every unit has, whatever its workflow measures."""
_SPLITTING: Final = (FieldType.CHOICE, FieldType.FLAG)
_RHYTHMS = ("daily", "weekly", "monthly", "quarterly")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedCampaign:
    """A campaign as it is listed, before its year is known."""

    name: str
    title: Text
    takes_year: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignContext:
    """What a campaign may name outside its file."""

    workflow: Callable[[str], Workflow]
    """Gives a declaration by name; raises NotFoundError."""
    measures: Callable[[str], Source | None]
    """Gives the file of measures of that name; None if there is none."""
    units: Callable[[], Collection[str]] | None = None
    """Gives the codes of all units; None: they are not checked."""


def listed_in(path: Source) -> ListedCampaign:
    """Return how the campaign in a file is listed.

    Raises:
        InvalidWorkflowError: If it cannot be read.
    """
    plain = _plain(path)
    return ListedCampaign(name=path.stem, title=_title(plain.get("title"), path.stem), takes_year=takes_year(plain))


def campaign_in(path: Source, year: int | None, around: CampaignContext) -> Campaign:
    """Return the campaign that a file declares, its year filled in.

    Raises:
        BadValueError: If it takes a year and none was given, or takes none and one was.
        InvalidWorkflowError: If the file is not sound; every problem is named.
    """
    plain, where, wrong = read(path, path.name)
    problems = list(wrong)
    if plain:
        _refuse_year(path.stem, plain, year)
        filled = plain if year is None else in_year(plain, year)
        made = _campaign(Part(filled, (), problems, where), path.stem, year, problems, around)
        if made is not None and not problems:
            return made
    raise InvalidWorkflowError([each.text for each in problems])


def _campaign(
    part: Part, named: str, year: int | None, problems: list[Problem], around: CampaignContext
) -> Campaign | None:
    """Return the campaign that a file declares; None if too much is missing."""
    part.only(_KEYS, ("campaign", "workflow", "received", "clear_by"))
    # A file that was copied for another campaign must bear its new name inside as well.
    part.one_of("campaign", (named,), named)
    name = part.name("workflow")
    try:
        workflow = None if name is None else around.workflow(name)
    except NotFoundError as error:
        part.wrong(error.sentence, "workflow")
        workflow = None
    received, clear_by = part.part("received"), part.day("clear_by")
    if workflow is None or received is None or clear_by is None:
        return None
    received.only(("from", "to"), ("to",))
    received_to = received.day("to")
    extend = part.part("extend")
    if extend is not None:
        extend.only(("to", "deadlines"), ("to",))
    measures = _measures(part, workflow, problems, around)
    where = _values(part, "where", workflow)
    if received_to is None:
        return None
    if clear_by < received_to:
        part.wrong(Text("it ends before its cut-off", "清零日早于纳入截止日"), "clear_by")
    received_from, extend_to = received.day("from"), extend.day("to") if extend else None
    if received_from is not None and received_from > received_to:
        received.wrong(Text("it lies after 'to', so nothing is in scope", "晚于 to，范围内不会有案件"), "from")
    if extend is not None and extend_to is not None and extend_to < clear_by:
        extend.wrong(Text("it lies before the campaign's own day (clear_by)", "早于清零日（clear_by）"), "to")
    return Campaign(
        name=named,
        title=part.title("title", named),
        year=year,
        workflow=workflow.name,
        received_from=received_from,
        received_to=received_to,
        units=_codes(part, around),
        where=where,
        falling_due=_falling_due(part, workflow),
        clear_by=clear_by,
        extend_to=extend_to,
        extend_deadlines=_known(extend, "deadlines", workflow.deadlines) if extend else frozenset(),
        report_on=part.day("report_on"),
        check_in=part.one_of("check_in", _RHYTHMS, "") or None,
        bulletin=part.one_of("bulletin", _RHYTHMS, "") or None,
        stages=tuple(_stages(part)),
        complete=measures.complete,
        follow_up=measures.follow_up,
        rates=measures.rates,
        words=_words(workflow),
        dated_by=workflow.dated_by,
        mattering=mattering(workflow),
        basis=part.line("basis"),
    )


def _words(workflow: Workflow) -> Mapping[str, Text]:
    """Return what people call fields, the values that can be chosen, and deadlines."""
    words = {name: each.title for name, each in workflow.deadlines.items()}
    for name, declared in workflow.fields.items():
        words[name] = declared.title
        words |= {f"{name}={each.value}": each.title for each in declared.choices}
    return MappingProxyType(words)


def _codes(part: Part, around: CampaignContext) -> frozenset[str]:
    """Return the units that a campaign names; a code that no unit has is wrong."""
    codes = part.lines("units")
    known = codes if around.units is None or not codes else around.units()
    for code in codes:
        if code not in known:
            near = did_you_mean(code, known)
            part.wrong(Text(f"no unit has the code '{code}'{near.en}", f"没有代码为“{code}”的单位{near.zh}"), "units")
    return frozenset(codes)


def _measures(part: Part, workflow: Workflow, problems: list[Problem], around: CampaignContext) -> Measures:
    """Return the measures that a campaign names."""
    name = part.name("measures")
    if name is None:
        return Measures()
    path = around.measures(name)
    if path is None:
        part.wrong(Text(f"there is no file measures/{name}.yaml", f"没有文件 measures/{name}.yaml"), "measures")
        return Measures()
    measures, wrong = measures_in(path, name, workflow)
    problems.extend(wrong)
    return measures


def measures_in(path: Source, name: str, workflow: Workflow) -> tuple[Measures, tuple[Problem, ...]]:
    """Return the measures in a file, and what is wrong with them."""
    plain, where, wrong = read(path, f"measures/{name}.yaml")
    problems = list(wrong)
    declared = Part(plain, (), problems, where)
    declared.only(
        (
            "measures",
            "workflow",
            "title",
            "complete",
            "follow_up",
            "by",
            "rates",
            "times",
            "sums",
            "assessment",
            "forecast",
            "basis",
        )
    )
    usual = _splits(declared, workflow)
    rows, times = tuple(declared.parts("rates")), tuple(_times(declared, workflow, usual))
    splits = {each: _splits(row, workflow, usual) for each, row in rows}
    by_unit = {**splits, **{each.name: each.splits for each in times}}
    assessed = tuple(
        each
        for each in declared.names("assessment")
        if _is_known(declared, "assessment", each, (*UNIT_FIGURES, *by_unit))
    )
    for each in assessed:
        if each in by_unit and (UNIT,) not in by_unit[each]:
            sentence = Text(
                f"units are assessed by '{each}', so it must be split by [unit]", f"“{each}”列入考核，须按 [unit] 分组"
            )
            declared.wrong(sentence, "assessment")
    measures = Measures(
        complete=tuple(_requirements(declared, workflow)),
        follow_up=_states(declared, "follow_up", workflow),
        rates=tuple(_rates(rows, workflow)),
        splits=MappingProxyType(splits),
        times=times,
        sums=tuple(_sums(declared, workflow, usual)),
        assessment=assessed,
        forecast=forecast_in(declared, workflow),
    )
    return measures, tuple(problems)


def _splits(part: Part, workflow: Workflow, usual: tuple[Dimensions, ...] = ()) -> tuple[Dimensions, ...]:
    """Return what a measure is split by: names that are crossed, or a list of such lists; without the key the usual."""
    given = part.plain.get("by")
    if given is None:
        return usual
    if not isinstance(given, (list, tuple)):
        part.wrong(Text("write a list of fields, or of such lists", "请写字段列表，或若干字段列表"), "by")
        return usual
    nested = all(isinstance(each, (list, tuple)) for each in given)
    found = []
    for place, each in enumerate(given if nested else [given]):
        names = tuple(str(name) for name in each)
        for name in names:
            declared = workflow.fields.get(name)
            if name != UNIT and (declared is None or declared.type not in _SPLITTING):
                sentence = Text(
                    f"measures are split by unit, or by a field of one choice or a flag, not by '{name}'",
                    f"指标只能按 unit、单选字段或是否字段分组，不能按“{name}”",
                )
                part.wrong(sentence, "by", *([place] if nested else []))
        found.append(names)
    return tuple(each for each in found if each)


def _times(part: Part, workflow: Workflow, usual: tuple[Dimensions, ...]) -> Iterable[StageTime]:
    """Return how long which stages take."""
    for name, row in part.parts("times"):
        row.only(("title", "from", "to", "by", "basis"), ("title", "from", "to"))
        yield StageTime(
            name=name,
            title=row.title("title", name),
            start=_moment(row, "from", workflow),
            end=_moment(row, "to", workflow),
            splits=_splits(row, workflow, usual),
            basis=row.line("basis"),
        )


def _sums(part: Part, workflow: Workflow, usual: tuple[Dimensions, ...]) -> Iterable[Total]:
    """Return what is added up over which cases."""
    numbers = [each.name for each in workflow.fields.values() if each.type in NUMBER_TYPES]
    for name, row in part.parts("sums"):
        row.only(("title", "definition", "adds", "of", "by", "basis"), ("title", "definition"))
        adds = row.name("adds")
        yield Total(
            name=name,
            title=row.title("title", name),
            definition=row.title("definition", name),
            adds=adds if adds is None or _is_known(row, "adds", adds, numbers) else None,
            of=_condition(row.part("of"), workflow),
            splits=_splits(row, workflow, usual),
            basis=row.line("basis"),
        )


def _moment(part: Part, key: str, workflow: Workflow) -> Moment:
    """Return when a stage begins or ends."""
    if not isinstance(part.plain.get(key), Mapping):
        return Moment(states=_states(part, key, workflow))
    below = part.part(key)
    assert below is not None
    below.only(("field",), ("field",))
    name = below.name("field")
    dates = [each.name for each in workflow.fields.values() if each.type is FieldType.DATE]
    if name is None or not _is_known(below, "field", name, dates):
        return Moment()
    return Moment(field=name)


def _requirements(part: Part, workflow: Workflow) -> Iterable[Requirement]:
    """Return what makes records complete."""
    for row in part.rows("complete"):
        row.only(("needs", "in", "except_in", "sentence", "basis"), ("needs", "sentence"))
        yield Requirement(
            fields=tuple(each for each in row.names("needs") if _is_known(row, "needs", each, workflow.fields)),
            sentence=row.title("sentence", "?"),
            states=_states(row, "in", workflow),
            apart=_states(row, "except_in", workflow),
            basis=row.line("basis"),
        )


def _rates(rows: Iterable[tuple[str, Part]], workflow: Workflow) -> Iterable[Rate]:
    """Return the rates."""
    for name, row in rows:
        row.only(("title", "definition", "by", "top", "bottom", "on_time", "basis"), ("title", "definition"))
        every = row.plain.get("on_time") == "all"
        yield Rate(
            name=name,
            title=row.title("title", name),
            definition=row.title("definition", name),
            top=_condition(row.part("top"), workflow),
            bottom=_condition(row.part("bottom"), workflow),
            on_time=() if every else tuple(sorted(_known(row, "on_time", workflow.deadlines))),
            every_term=every,
            basis=row.line("basis"),
        )


def _condition(part: Part | None, workflow: Workflow) -> Condition:
    """Return which cases one side of a rate counts."""
    if part is None:
        return Condition()
    part.only(("counts", "has", "values", "except_in"))
    return Condition(
        counts=frozenset(_COUNTS[each] for each in _known(part, "counts", _COUNTS)),
        has=tuple(each for each in part.names("has") if _is_known(part, "has", each, workflow.fields)),
        values=_values(part, "values", workflow),
        apart=_states(part, "except_in", workflow),
    )


def _states(part: Part, key: str, workflow: Workflow) -> frozenset[str]:
    """Return the states in a list, those of a group in its place."""
    return frozenset(with_states(workflow, _known(part, key, (*workflow.states, *workflow.groups))))


def _values(part: Part, key: str, workflow: Workflow) -> Mapping[str, tuple[str | bool, ...]]:
    """Return fields with the values they may have: texts or truths."""
    found: dict[str, tuple[str | bool, ...]] = {}
    below = part.part(key)
    for name, given in below.plain.items() if below else ():
        assert below is not None
        values = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        if name not in workflow.fields:
            below.wrong(_unknown(name, workflow.fields), name)
        elif not values or not all(isinstance(each, (str, bool)) for each in values):
            below.wrong(Text("write texts, true or false", "请写文字、true 或 false"), name)
        else:
            choices = [each.value for each in workflow.fields[name].choices]
            for each in values:
                if choices and each not in choices:
                    below.wrong(_unknown(str(each), choices), name)
            found[name] = values
    return MappingProxyType(found)


def _falling_due(part: Part, workflow: Workflow) -> FallingDue | None:
    """Return the span in which cases of the scope fall due."""
    below = part.part("falling_due")
    if below is None:
        return None
    below.only(("field", "from", "to"), ("field", "from", "to"))
    name, first, last = below.name("field"), below.day("from"), below.day("to")
    if name is None or first is None or last is None or not _is_known(below, "field", name, workflow.fields):
        return None
    return FallingDue(field=name, from_on=first, to_on=last)


def _stages(part: Part) -> Iterable[Stage]:
    """Return the stages."""
    for row in part.rows("stages"):
        row.only(("title", "from", "to"), ("title", "from", "to"))
        first, last = row.day("from"), row.day("to")
        if first is not None and last is not None:
            yield Stage(title=row.title("title", ""), from_on=first, to_on=last)


def _known(part: Part, key: str, known: Iterable[str]) -> frozenset[str]:
    """Return the names under a key; those that are not known are wrong."""
    names = set(known)
    return frozenset(each for each in part.names(key) if _is_known(part, key, each, names))


def _is_known(part: Part, key: str, name: str, known: Iterable[str]) -> bool:
    """Say whether a name is known; remember it if not."""
    if name in known:
        return True
    part.wrong(_unknown(name, known), key)
    return False


def _unknown(name: str, known: Iterable[str]) -> Text:
    """Return the sentence about a name that the workflow does not have."""
    near = did_you_mean(name, known)
    return Text(f"the workflow has no '{name}'{near.en}", f"流程中没有“{name}”{near.zh}")


def _refuse_year(name: str, plain: Mapping[str, object], year: int | None) -> None:
    """Refuse a year where none belongs, its absence where one does, and years out of reach."""
    called = _title(plain.get("title"), name).zh.replace("{year}年度", "年度").replace("{year}年", "")
    if takes_year(plain) and year is None:
        raise BadValueError(Text(f"{name} is for a year: --year 2024", f"“{called}”须指明年度：--year 2024"))
    if not takes_year(plain) and year is not None:
        raise BadValueError(Text(f"{name} takes no --year; its days are fixed", f"“{called}”的日期固定，不用 --year"))
    if year is not None and not EARLIEST <= year <= LATEST:
        raise BadValueError(Text(f"--year: {year} is no year of a campaign", f"--year：{year} 不是可用年度"))


def takes_year(plain: object) -> bool:
    """Say whether a date or title leaves the year open."""
    if isinstance(plain, str):
        return "{year}" in plain or "{next_year}" in plain
    if isinstance(plain, Mapping):
        return any(map(takes_year, plain.values()))
    return isinstance(plain, list) and any(map(takes_year, plain))


def in_year(plain: Any, year: int) -> Any:
    """Return a declaration with its year written in."""
    if isinstance(plain, str):
        return plain.replace("{year}", str(year)).replace("{next_year}", str(year + 1))
    if isinstance(plain, Mapping):
        return {key: in_year(value, year) for key, value in plain.items()}
    return [in_year(each, year) for each in plain] if isinstance(plain, list) else plain


def _plain(path: Source) -> dict[str, Any]:
    """Return what a file says."""
    plain, _, wrong = read(path, path.name)
    if wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    return plain


def _title(given: object, name: str) -> Text:
    """Return a title in both languages."""
    if isinstance(given, Mapping):
        return Text(str(given.get("en") or name), str(given.get("zh") or name))
    return Text(str(given or name), str(given or name))
