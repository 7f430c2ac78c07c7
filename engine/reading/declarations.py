"""A plain declaration becomes frozen data; all faults of shape are found at once, none of meaning."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.reading.recurring import recurrences_of
from engine.reading.steps import deadline_of, guards_of, rung_of, transition_of
from engine.reading.terms import A_NAME, NAME, Part, Plain
from engine.workflow.model import Choice, Clearance, Field, FieldType, State, Workflow
from engine.workflow.problems import Problem, Where, did_you_mean, nowhere

FORMAT_PARTS: Final = ("unit", "year", "serial")
"""What the format of numbers may name."""

_KEYS: Final = (
    "workflow", "version", "title", "number", "dated_by", "summary", "import_key", "parent", "open", "amend", "void",
    "basis", "fields", "states", "transitions", "deadlines", "ladders", "clearance", "recurs",
)  # fmt: skip
_NEEDED: Final = (
    "workflow", "version", "number", "dated_by", "summary", "fields", "states", "transitions", "clearance",
)  # fmt: skip
_COUNTS: Final = ("cleared", "fully_closed")
_NAMING: Final = frozenset({FieldType.OFFICER, FieldType.OFFICERS})
_LISTS: Final = frozenset({FieldType.CHOICES, FieldType.OFFICERS})
_CHOOSING: Final = frozenset({FieldType.CHOICE, FieldType.CHOICES})
_FIELD_KEYS: Final = (
    "type", "title", "required", "list", "from_list", "values", "amend", "also", "pattern", "unique", "grows",
    "held_by", "basis",
)  # fmt: skip
_FORMAT: Final = re.compile(r"[^{}\s]*(?:\{([a-z]+)(?::0?[1-9])?\}[^{}\s]*)+")
_FORMAT_PART: Final = re.compile(r"\{([a-z]+)(:0?[1-9])?\}")


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
    part.only(_KEYS, _NEEDED)
    fields, resolved = _fields(part, lists, synonyms)
    states = _states(part, synonyms.get("states", {}))
    transitions = tuple(transition_of(name, each) for name, each in part.parts("transitions"))
    deadlines = {name: deadline_of(name, each) for name, each in part.parts("deadlines")}
    ladders = {name: tuple(rung_of(each) for each in rows) for name, rows in _ladders(part)}
    recurs = recurrences_of(part, fields)
    nothing = Clearance(states=(), when=())
    clearance = {**dict.fromkeys(_COUNTS, nothing), **{name: _clearance(each) for name, each in _clearances(part)}}
    name, number = part.name("workflow"), _number_format(part)
    dated_by, summary = part.name("dated_by"), part.name("summary")
    version, title = part.whole("version", 1), part.title("title", name or "")
    opening, amending = _who(part, "open", "takes"), _who(part, "amend", "when")
    open_by, open_takes = opening.names("by"), opening.names("takes")
    amend_by, amend_when = amending.names("by"), guards_of(amending, "when")
    void_by = _who(part, "void").names("by")
    parents, import_key, basis = part.names("parent"), part.name("import_key"), part.line("basis")
    whole = fields and states and (transitions or not problems)
    if not (whole and name and number and dated_by and summary):
        return None, tuple(problems)
    workflow = Workflow(
        name=name,
        version=version,
        title=title,
        number=number,
        dated_by=dated_by,
        summary=summary,
        initial=next(iter(states)),
        fields=MappingProxyType(fields),
        states=MappingProxyType(states),
        transitions=transitions,
        deadlines=MappingProxyType(deadlines),
        ladders=MappingProxyType(ladders),
        cleared=clearance["cleared"],
        fully_closed=clearance["fully_closed"],
        open_by=open_by,
        open_takes=open_takes,
        amend_by=amend_by,
        amend_when=amend_when,
        void_by=void_by,
        parents=parents,
        import_key=import_key,
        basis=basis,
        recurs=MappingProxyType(recurs),
        plain={**plain, "fields": resolved},
    )
    return workflow, tuple(problems)


def choices_of(part: Part, key: str, *, besides: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """Return the choices under *key*, each a text or a mapping with value, title, also and keys *besides*."""
    given = part.plain.get(key)
    if not isinstance(given, (list, tuple)):
        part.wrong(Text("write a list of values", "请写成取值的列表"), key)
        return ()
    found: dict[str, Choice] = {}
    for position, each in enumerate(given):
        row = part.below(each if isinstance(each, Mapping) else {"value": each}, key, position)
        row.only(("value", "title", "also", *besides), ("value",))
        written = row.plain.get("value")
        value = str(written) if isinstance(written, int) and not isinstance(written, bool) else row.line("value")
        if value is None:
            continue
        if value in found:
            row.wrong(Text("'{value}' stands here twice", "“{value}”重复").format(value=value))
        found[value] = Choice(value=value, title=row.title("title", value), also=row.lines("also"))
    if not given:
        part.wrong(Text("there are no values", "没有取值"), key)
    return tuple(found.values())


def _fields(
    part: Part,
    lists: Mapping[str, tuple[Choice, ...]],
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> tuple[dict[str, Field], dict[str, Plain]]:
    """Return the fields, and the same plain with their lists resolved."""
    fields, resolved = {}, {}
    for name, each in part.parts("fields"):
        each.only(_FIELD_KEYS, ("type",))
        kind = FieldType(each.one_of("type", tuple(FieldType), FieldType.TEXT))
        choices, plain = _choices(each, kind, lists)
        list_name = each.name("list") or each.name("from_list")
        _only_where_it_fits(each, kind)
        also = synonyms.get("values", {})
        fields[name] = Field(
            name=name,
            type=kind,
            title=each.title("title", name),
            required=each.flag("required", default=False),
            choices=tuple(_with_also(choice, name, also) for choice in choices) if also else choices,
            list_name=list_name,
            amend=each.flag("amend", default=True),
            also=_more(each.lines("also"), synonyms.get("fields", {}).get(name)),
            pattern=each.line("pattern"),
            unique=each.flag("unique", default=False),
            grows=each.flag("grows", default=False),
            held_by=each.names("held_by"),
            basis=each.line("basis"),
        )
        resolved[name] = plain
    if _is_bare(part.plain.get("fields")):
        part.wrong(Text("there are no fields", "没有字段"), "fields")
    return fields, resolved


def _only_where_it_fits(part: Part, kind: FieldType) -> None:
    """Find attributes that a field of this type cannot have."""
    if part.plain.get("pattern") is not None and kind is not FieldType.TEXT:
        part.wrong(Text("only a text has a pattern", "只有文字字段可以有 pattern"), "pattern")
    if part.plain.get("unique") is not None and kind is not FieldType.TEXT:
        part.wrong(Text("only a text can be unique", "只有文字字段可以是 unique"), "unique")
    if part.plain.get("grows") is not None and kind not in _LISTS:
        part.wrong(
            Text("only a list (choices, officers) grows", "只有多值字段（choices、officers）可以有 grows"), "grows"
        )
    if part.plain.get("held_by") is not None and kind not in _NAMING:
        part.wrong(Text("only a field that names officers has held_by", "只有人员字段可以有 held_by"), "held_by")


def _is_bare(value: object) -> bool:
    """Say whether *value* is a mapping without anything in it."""
    return isinstance(value, Mapping) and not value


def _choices(part: Part, kind: FieldType, lists: Mapping[str, tuple[Choice, ...]]) -> tuple[tuple[Choice, ...], Plain]:
    """Return the choices of a field, and its plain with the named list resolved."""
    named, given = part.name("list"), part.plain.get("values")
    if kind not in _CHOOSING:
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
    plain |= {"from_list": named, "values": [_plain_choice(each) for each in lists[named]]}
    return lists[named], plain


def _plain_choice(choice: Choice) -> Plain:
    """Return a choice as it would be written."""
    plain: dict[str, object] = {
        "value": choice.value,
        "title": {"en": choice.title.en, "zh": choice.title.zh},
    }
    return {**plain, "also": list(choice.also)} if choice.also else plain


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
        each.only(("title", "final", "also", "basis"))
        also, legacy_sets = _legacy(each)
        states[name] = State(
            name=name,
            title=each.title("title", name),
            final=each.flag("final", default=False),
            also=_more(also, synonyms.get(name)),
            legacy_sets=MappingProxyType(legacy_sets),
            basis=each.line("basis"),
        )
    if _is_bare(part.plain.get("states")):
        part.wrong(Text("there are no states", "没有状态"), "states")
    return states


def _legacy(part: Part) -> tuple[tuple[str, ...], dict[str, object]]:
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
    return tuple(dict.fromkeys(texts)), sets


def _ladders(part: Part) -> Iterable[tuple[str, list[Part]]]:
    """Return the rungs of each ladder."""
    found = part.part("ladders")
    ladders = []
    for name in found.plain if found else ():
        if found and isinstance(name, str) and NAME.fullmatch(name):
            ladders.append((name, list(found.rows(name))))
        else:
            part.wrong(A_NAME, "ladders", str(name))
    return ladders


def _clearances(part: Part) -> Iterable[tuple[str, Part]]:
    """Return the two counts, each with its part."""
    found = part.part("clearance")
    if found is None:
        return []
    found.only(_COUNTS, _COUNTS)
    return [(name, each) for name in _COUNTS if (each := found.part(name)) is not None]


def _clearance(part: Part) -> Clearance:
    """Return one of the two counts."""
    part.only(("states", "when"), ("states",))
    return Clearance(states=part.names("states"), when=guards_of(part, "when"))


def _who(part: Part, key: str, *besides: str) -> Part:
    """Return the part under `open`, `amend` or `void`: who may, and the keys *besides*."""
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
                "write the format of numbers with {{unit}}, {{year}} and once {{serial}}, without blanks: {example}",
                "编号格式由 {{unit}}、{{year}} 和一个 {{serial}} 组成，不含空格，如 {example}",
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
