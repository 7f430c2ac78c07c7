"""A plain declaration becomes frozen data; all faults of shape are found at once, none of meaning."""

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from engine.language import Text, lazy_pattern
from engine.reading.choices import choices_of, plain_choice
from engine.reading.lists_by_type import chosen_by_type, lists_in_force_of
from engine.reading.recurring import recurrences_of
from engine.reading.short_forms import groups_of, ways_to_nowhere
from engine.reading.steps import guards_of
from engine.reading.terms import Part, Plain
from engine.reading.typed import read_as
from engine.workflow.expanding import expanded
from engine.workflow.field_traits import CHOICE_TYPES, OFFICER_TYPES, SEVERAL_TYPES
from engine.workflow.model import Choice, Clearance, Field, FieldType, State, Transition, Workflow
from engine.workflow.number_format import FORMAT_PARTS
from engine.workflow.problems import Problem, Where, did_you_mean, nowhere

_COUNTS: Final = ("cleared", "fully_closed")
_FORMAT: Final = lazy_pattern(r"[^{}\s]*(?:\{([a-z]+)(?::0?[1-9])?\}[^{}\s]*)+")
_FORMAT_PART: Final = lazy_pattern(r"\{([a-z]+)(:0?[1-9])?\}")


def parse_workflow(
    plain: Mapping[str, object],
    *,
    lists: Mapping[str, tuple[Choice, ...]],
    where: Where = nowhere,
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({}),
) -> tuple[Workflow | None, tuple[Problem, ...]]:
    """Return the workflow that *plain* declares, or None and every fault of its shape.

    `sketch_workflow` is the same for a declaration with faults: what it returns is judged, never used.

    The named lists are resolved and stand in the workflow's own `plain`, so that a stored version
    stays as it was when a list is changed. Synonyms do not: they only help to read ledgers.

    Args:
        lists: The choices of each named list.
        synonyms: More wordings of `fields`, `states` and `values`, by name.
    """
    workflow, problems = sketch_workflow(plain, lists=lists, where=where, synonyms=synonyms)
    return None if problems else workflow, problems


def sketch_workflow(
    plain: Mapping[str, object],
    *,
    lists: Mapping[str, tuple[Choice, ...]],
    where: Where = nowhere,
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({}),
) -> tuple[Workflow | None, tuple[Problem, ...]]:
    """Return what *plain* must have meant, with stand-ins for what cannot be read, and every fault of its shape.

    None if so much is missing that nothing can be said of the rest. For judging only: no case begins with it.

    Args:
        lists: The choices of each named list.
        synonyms: More wordings of `fields`, `states` and `values`, by name.
    """
    problems: list[Problem] = []
    part = Part(plain, (), problems, where)
    title = str(plain.get("workflow", ""))
    workflow = read_as(Workflow, part, name=title, given=partial(_given, part, plain, lists, synonyms))
    whole = workflow.fields and workflow.states and (workflow.transitions or not problems)
    if not (whole and workflow.name and workflow.number and workflow.dated_by and workflow.summary):
        return None, tuple(problems)
    for path, sentence in ways_to_nowhere(workflow):
        part.wrong(sentence, *path)
    return expanded(workflow), tuple(problems)


def _given(
    part: Part,
    plain: Mapping[str, object],
    lists: Mapping[str, tuple[Choice, ...]],
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> dict[str, object]:
    """Return what of a workflow depends on lists and synonyms, or is written in parts of its own."""
    fields, resolved = _fields(part, lists, synonyms)
    states = _states(part, synonyms.get("states", {}))
    opening, amending = _who(part, "open", "takes", "when", "sets", "alone"), _who(part, "amend", "when")
    handing, voiding = _who(part, "hand_over", "names"), _who(part, "void", "signed_by")
    clearances = part.part("clearance")
    if clearances:
        clearances.only(_COUNTS, _COUNTS)
    counts = {name: clearances and clearances.part(name) for name in _COUNTS}
    return {
        "number": _number_format(part) or "",
        "initial": next(iter(states), ""),
        "fields": MappingProxyType(fields),
        "states": MappingProxyType(states),
        "groups": MappingProxyType(groups_of(part, states)),
        "transitions": tuple(read_as(Transition, each, name=name) for name, each in part.parts("transitions")),
        **{name: read_as(Clearance, each) if each else Clearance(states=()) for name, each in counts.items()},
        "restricted_to": _restricted(part),
        "open_by": opening.names("by"),
        "open_takes": opening.names("takes"),
        "open_when": guards_of(opening, "when"),
        "open_sets": MappingProxyType(dict(opening.values("sets"))),
        "open_alone": opening.flag("alone", default=part.plain.get("parent") in (None, [])),
        "amend_by": amending.names("by"),
        "amend_when": guards_of(amending, "when"),
        "hand_over_by": handing.names("by"),
        "hand_over_names": handing.names("names"),
        "void_by": voiding.names("by"),
        "void_signed_by": voiding.names("signed_by"),
        "recurs": MappingProxyType(recurrences_of(part, fields)),
        "plain": {**plain, "fields": resolved},
    }


def _fields(
    part: Part,
    lists: Mapping[str, tuple[Choice, ...]],
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> tuple[dict[str, Field], dict[str, Plain]]:
    """Return the fields, and the same plain with their lists resolved."""
    fields: dict[str, Field] = {}
    resolved: dict[str, Plain] = {}
    for name, each in part.parts("fields"):
        fields[name] = read_as(
            Field, each, name=name, given=partial(_given_field, each, name, lists, synonyms, resolved)
        )
    if _is_bare(part.plain.get("fields")):
        part.wrong(Text("there are no fields", "没有字段"), "fields")
    return fields, resolved


def _given_field(
    part: Part,
    name: str,
    lists: Mapping[str, tuple[Choice, ...]],
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]],
    resolved: dict[str, Plain],
) -> dict[str, object]:
    """Return what of a field depends on its type, lists and synonyms; its plain goes to *resolved*."""
    kind = FieldType(part.one_of("type", tuple(FieldType), FieldType.TEXT))
    in_force = lists_in_force_of(part)
    choices, resolved[name] = chosen_by_type(part, in_force, lists) if in_force else _choices(part, kind, lists)
    if in_force and kind is not FieldType.CHOICE:
        part.wrong(Text("only a field of one choice has lists by type", "只有单选字段可以按单位类型设 lists"), "lists")
    _only_where_it_fits(part, kind)
    also = synonyms.get("values", {})
    return {
        "type": kind,
        "choices": tuple(_with_also(choice, name, also) for choice in choices) if also else choices,
        "lists": in_force,
        "list_name": part.name("list") or part.name("from_list"),
        "also": _more(part.lines("also"), synonyms.get("fields", {}).get(name)),
        "implies": MappingProxyType(_implied(part)),
    }


def _implied(part: Part) -> dict[str, Mapping[str, object]]:
    """Return the wordings that stand in place of a value, each with what it stands for."""
    below = part.part("implies")
    found: dict[str, Mapping[str, object]] = {}
    for words in below.plain if below else ():
        assert below is not None
        if isinstance(below.plain[words], Mapping) and below.plain[words]:
            found[str(words)] = MappingProxyType(dict(below.values(str(words))))
        else:
            below.wrong(
                Text("write which fields it sets: {kept_up: true}", "请写明所附取值，如 {kept_up: true}"), words
            )
    return found


def _only_where_it_fits(part: Part, kind: FieldType) -> None:
    """Find attributes that a field of this type cannot have."""
    if part.plain.get("pattern") is not None and kind is not FieldType.TEXT:
        part.wrong(Text("only a text has a pattern", "只有文字字段可以有 pattern"), "pattern")
    if part.plain.get("unique") is not None and kind is not FieldType.TEXT:
        part.wrong(Text("only a text can be unique", "只有文字字段可以是 unique"), "unique")
    if part.plain.get("grows") is not None and kind not in SEVERAL_TYPES:
        part.wrong(
            Text("only a list (choices, officers) grows", "只有多值字段（choices、officers）可以有 grows"), "grows"
        )
    if part.plain.get("gathers") is not None and kind is not FieldType.CHOICES:
        part.wrong(Text("only choices gather", "只有多选字段（choices）可以有 gathers"), "gathers")
    if part.plain.get("held_by") is not None and kind not in OFFICER_TYPES:
        part.wrong(Text("only a field that names officers has held_by", "只有人员字段可以有 held_by"), "held_by")
    if part.plain.get("signature") is not None and kind is not FieldType.OFFICER:
        part.wrong(Text("only an officer signs", "只有人员字段（officer）可以有 signature"), "signature")


def _is_bare(value: object) -> bool:
    """Say whether *value* is a mapping without anything in it."""
    return isinstance(value, Mapping) and not value


def _choices(part: Part, kind: FieldType, lists: Mapping[str, tuple[Choice, ...]]) -> tuple[tuple[Choice, ...], Plain]:
    """Return the choices of a field, and its plain with the named list resolved."""
    named, given = part.name("list"), part.plain.get("values")
    if kind not in CHOICE_TYPES:
        for key in ("list", "values", "from_list"):
            if part.plain.get(key) is not None:
                part.wrong(Text("only choice and choices have values", "只有 choice 和 choices 有取值"), key)
        return (), part.plain
    if given is not None and part.plain.get("list") is not None:
        part.wrong(Text("write list or values, not both", "list 和 values 只能写一个"), "values")
    if given is not None:
        return choices_of(part, "values"), part.plain
    if named is None:
        if part.plain.get("list") is None:
            part.wrong(Text("write the list or the values to choose from", "请写明可选取值：list 或 values"))
        return (), part.plain
    if named not in lists:
        part.wrong(
            Text("no list is called '{name}'{guess}", "没有名为“{name}”的列表{guess}").format(
                name=named, guess=did_you_mean(named, lists)
            ),
            "list",
        )
        return (), part.plain
    plain = {key: value for key, value in part.plain.items() if key != "list"}
    plain |= {"from_list": named, "values": [plain_choice(each) for each in lists[named]]}
    return lists[named], plain


def _with_also(choice: Choice, field: str, synonyms: Mapping[str, tuple[str, ...]]) -> Choice:
    """Return *choice* with the synonyms for its value, anywhere or in this field."""
    more = (*synonyms.get(choice.value, ()), *synonyms.get(f"{field}.{choice.value}", ()))
    return Choice(value=choice.value, title=choice.title, also=_more(choice.also, more)) if more else choice


def _more(also: tuple[str, ...], synonyms: Iterable[str] | None) -> tuple[str, ...]:
    """Return *also* and the synonyms, each once."""
    return tuple(dict.fromkeys((*also, *synonyms))) if synonyms else also


def _states(part: Part, synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, State]:
    """Return the states."""
    states = {}
    for name, each in part.parts("states"):
        states[name] = read_as(State, each, name=name, given=partial(_legacy, each, synonyms.get(name)))
    if _is_bare(part.plain.get("states")):
        part.wrong(Text("there are no states", "没有状态"), "states")
    return states


def _legacy(part: Part, synonyms: Iterable[str] | None) -> dict[str, object]:
    """Return how ledgers write a state, and the values that some of the wordings imply."""
    given = part.plain.get("also")
    texts: list[str] = []
    sets: dict[str, object] = {}
    for position, each in enumerate(given if isinstance(given, (list, tuple)) else [] if given is None else [given]):
        if isinstance(each, Mapping):
            row = part.below(each, "also", position)
            row.only(("text", "sets"), ("text", "sets"))
            text = row.line("text")
            if text is not None:
                texts.append(text)
                sets[text] = row.values("sets")
        else:
            texts.extend(part.below({"also": each}, "also", position).lines("also"))
    return {"also": _more(tuple(dict.fromkeys(texts)), synonyms), "legacy_sets": MappingProxyType(sets)}


def _restricted(part: Part) -> tuple[str, ...]:
    """Return the roles that alone read the cases."""
    found = part.part("restricted")
    if found is None:
        return ()
    found.only(("to",), ("to",))
    return found.names("to")


def _who(part: Part, key: str, *besides: str) -> Part:
    """Return the part under `open`, `amend`, `hand_over` or `void`: who may, and the keys *besides*."""
    found = part.part(key)
    if found is None:
        return part.below({}, key)
    found.only(("by", *besides), ("by",))
    return found


def _number_format(part: Part) -> str | None:
    """Return the format of numbers."""
    written = part.line("number")
    if written is None:
        return None
    named = [match[1] for match in _FORMAT_PART.finditer(written)]
    if len(written) > 100 or not _FORMAT.fullmatch(written) or named.count("serial") != 1:
        part.wrong(
            Text(
                "write the format of numbers with one {{serial}}, and {{unit}}, {{year}}, {{month}}, {{day}},"
                " without blanks: {example}",
                "编号格式须有一个 {{serial}}，可加 {{unit}}、{{year}}、{{month}}、{{day}}，不含空格，如 {example}",
            ).format(example="{unit}-XS-{year}-{serial:04}"),
            "number",
        )
        return None
    for name in named:
        if name not in FORMAT_PARTS:
            part.wrong(
                Text("a number cannot contain '{name}'{guess}", "编号中不能有“{name}”{guess}").format(
                    name=name, guess=did_you_mean(name, FORMAT_PARTS)
                ),
                "number",
            )
    return written
