"""Rules on values: what a step sets fits its field, numbers give nothing away, seals stay shut."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from string import Formatter
from typing import assert_never

from engine.language import Text
from engine.validation.known import FIELD, Finding, Known, listed, openings, unknown
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, is_copied, literal
from engine.workflow.field_traits import CHOICE_TYPES, SEVERAL_TYPES, TEXT_LIKE_TYPES
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.number_format import FORMAT_PARTS, could_be_alike
from engine.workflow.problems import Path, did_you_mean

_ONE_OF = {FieldType.CHOICES: FieldType.CHOICE, FieldType.OFFICERS: FieldType.OFFICER}
"""What one value of a field of several is."""


def number_is_sound(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A number has a serial, which counts within all else that stands there, and tells nothing of the case."""
    path: Path = ("number",)
    try:
        parts = [
            (name, spec, bool(turn)) for _, name, spec, turn in Formatter().parse(workflow.number) if name is not None
        ]
    except ValueError:
        yield path, Text("the braces do not match", "花括号不成对")
        return
    for name, spec, turned in parts:
        if name in workflow.fields:
            yield (
                path,
                Text(
                    f"a number is read by many, so it may not tell the field '{name}'",
                    f"编号人人可见，不得含有字段“{name}”的内容",
                ),
            )
        elif name not in FORMAT_PARTS:
            yield (
                path,
                Text(
                    f"'{{{name}}}' cannot stand in a number; it is made of {{unit}}, {{year}}, {{month}}, {{day}} and"
                    " {serial}",
                    f"编号只能由 {{unit}}、{{year}}、{{month}}、{{day}}、{{serial}} 组成，不能有“{{{name}}}”",
                ),
            )
        elif turned or not _formats(spec or "", number=name != "unit"):
            yield path, Text(f"'{{{name}:{spec}}}' is no way to write it", f"“{{{name}:{spec}}}”的写法不对")
    if re.search(r"\{unit\}\{serial|\{serial[^{}]*\}\{unit", workflow.number):
        yield (
            path,
            Text(
                "two cases could bear one number: something must stand between unit and serial",
                "可能出现重号：单位代码与流水号之间须有分隔",
            ),
        )
    for other in known.workflows.values():
        if other.name != workflow.name and could_be_alike(other.number, workflow.number):
            yield (
                path,
                Text(
                    f"two cases could bear one number: '{other.name}' could write the same numbers",
                    f"可能出现重号：“{other.name}”可能写出相同的编号",
                ),
            )


def patterns_are_sound(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What a text must look like is a regular expression."""
    for field in workflow.fields.values():
        if field.pattern is not None and _pattern(field) is None:
            yield (
                ("fields", field.name, "pattern"),
                Text("this is no regular expression", "不是正确的正则表达式"),
            )


def seals_stay_shut(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A sealed field is shown nowhere and decides nothing: neither summary nor key, and no step sets it."""
    sealed = {field.name for field in workflow.fields.values() if field.type is FieldType.SEALED}
    for key, name in (("summary", workflow.summary), ("import_key", workflow.import_key)):
        if name in sealed:
            yield (
                (key,),
                Text(
                    f"'{name}' is sealed and may be shown nowhere",
                    f"“{name}”是密封字段，不得在任何地方显示",
                ),
            )
    for name, value in workflow.open_sets.items():
        for parent in (known.workflows[each] for each in workflow.parents if each in known.workflows):
            field = parent.fields.get(str(value).removeprefix("=parent."))
            is_copied_from_one = str(value).startswith("=parent.") and workflow.parent is None
            if field is not None and is_copied_from_one and field.type is FieldType.SEALED:
                yield ("open", "sets", name), _sealed_stays(field.name)
    for at, opening in openings(workflow):
        for name, value in opening.sets.items():
            if isinstance(value, str) and value.startswith("=") and value[1:] in sealed:
                yield (*at, "set", name), _sealed_stays(value[1:])


def _sealed_stays(name: str) -> Text:
    """Return the sentence that a sealed field is not copied."""
    return Text(
        f"'{name}' is sealed and may not be copied out of its case",
        f"“{name}”是密封字段，不得复制到其他事项",
    )


def values_fit(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What a step or a legacy entry sets is something that the field can hold."""
    for transition in workflow.transitions:
        for name, value in literal(transition.sets).items():
            yield from misfit(("transitions", transition.name, "sets", name), workflow.fields.get(name), value)
        for name, source in computed(transition.sets).items():
            path: Path = ("transitions", transition.name, "sets", name)
            if name in workflow.fields:
                yield from worked_misfit(workflow, workflow.fields[name], source, path)
    for place, name, value in _implied(workflow):
        yield from misfit(place, workflow.fields.get(name), value)


def _implied(workflow: Workflow) -> Iterator[tuple[Path, str, object]]:
    """Yield the values that wordings of ledgers stand for, each with its place."""
    for field in workflow.fields.values():
        for words, sets in field.implies.items():
            yield from ((("fields", field.name, "implies", words), name, value) for name, value in sets.items())
    for state in workflow.states.values():
        for implied in state.legacy_sets.values():
            if isinstance(implied, Mapping):
                yield from ((("states", state.name, "also"), name, value) for name, value in implied.items())


def growing_lists_stay(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Nothing is taken out of a list that only grows: no step empties it or puts another in its place."""
    growing = {field.name for field in workflow.fields.values() if field.grows}
    for transition in workflow.transitions:
        for key, named in (("clears", transition.clears), ("sets", tuple(transition.sets))):
            for name in named:
                if name in growing:
                    yield (
                        ("transitions", transition.name, key),
                        Text(
                            f"'{name}' only grows; no step may empty or replace it",
                            f"“{name}”只增不减，任何步骤都不得清空或替换",
                        ),
                    )


def signatures_are_given(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A signature is put there by a step that takes it: no correction writes one, and no step sets one."""
    signed = {field.name for field in workflow.fields.values() if field.signature}
    for name in signed:
        if workflow.fields[name].amend:
            yield (
                ("fields", name, "amend"),
                Text(
                    f"'{name}' is a signature, which no correction writes; declare amend: false",
                    f"“{name}”是签字，不得更正；请声明 amend: false",
                ),
            )
    for transition in workflow.transitions:
        for name in signed.intersection(transition.sets):
            yield (
                ("transitions", transition.name, "sets"),
                Text(f"'{name}' is a signature; no step sets it", f"“{name}”是签字，步骤不得自行填写"),
            )


def births_fit(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What cases are given at birth fits; what is copied, every known parent has, and it fits too."""
    parents = [known.workflows[name] for name in workflow.parents if name in known.workflows]
    sets = {name: value for name, value in workflow.open_sets.items() if name in workflow.fields}
    for name, value in literal(sets).items():
        yield from misfit(("open", "sets", name), workflow.fields[name], value)
    for name, source in computed(sets).items():
        field, path = workflow.fields[name], ("open", "sets", name)
        copied = source.removeprefix("parent.")
        if source == copied or not copied.isidentifier():
            yield from worked_misfit(workflow, field, source, path)
        elif field.type is FieldType.SEALED:
            yield from misfit(path, field, value=source)
        elif copied not in OF_ANY_CASE:
            # Where there is one parent only, the rule on expressions finds a name that it has not.
            there_are = (each for each in parents if len(workflow.parents) > 1 or copied in each.fields)
            for parent in there_are:
                yield from copy_faults(parent, field, copied, path)
        elif field.type is not FieldType.TEXT and (copied, field.type) != ("unit", FieldType.UNIT):
            yield path, _no_such(value=source, field=field)


OF_ANY_CASE = frozenset({"number", "state", "unit"})
"""What expressions may name of a case beside its fields."""


def children_begin_well(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What a step gives to a child exists here, fits there, and is all that the child must have."""
    for at, opening in openings(workflow):
        child = known.with_itself(workflow).get(opening.workflow)
        if child is not None:
            yield from _opening_faults(workflow, child, opening, (*at, "set"))
        several = workflow.fields.get(opening.each or "")
        if opening.each is not None and (several is None or several.type not in SEVERAL_TYPES):
            words = [each.name for each in workflow.fields.values() if each.type in SEVERAL_TYPES]
            yield (*at, "each"), unknown(FIELD, opening.each, words)


def _opening_faults(workflow: Workflow, child: Workflow, opening: ChildOpening, at: Path) -> Iterator[Finding]:
    """Yield what is wrong with the values that *opening* gives to its child."""
    for name, value in opening.sets.items():
        field = child.fields.get(name)
        if field is None:
            yield (*at, name), unknown(FIELD, name, child.fields)
        elif value == "=it" and opening.each is not None:
            yield from copy_faults(workflow, field, opening.each, (*at, name), one_of=True)
        elif name in computed(opening.sets):
            yield from worked_misfit(workflow, field, computed(opening.sets)[name], (*at, name))
        else:
            yield from misfit((*at, name), field, value)
    given = {*opening.sets, *child.open_sets, child.dated_by}  # the day of the step, if nothing else is said
    lacking = [each.name for each in child.fields.values() if each.required and each.name not in given]
    if lacking:
        yield (
            at,
            Text(
                "a case of '{child}' cannot be opened without {fields}",
                "开立“{child}”事项必须给出{fields}",
            ).format(child=child.name, fields=listed(lacking)),
        )


def worked_misfit(workflow: Workflow, field: Field, source: str, path: Path) -> Iterator[Finding]:
    """Yield why what an expression comes to cannot stand in *field*, as far as that shows before any case is there."""
    if field.type is FieldType.SEALED:
        yield from misfit(path, field, source)
    elif source == "today" and field.type not in {FieldType.DATE, FieldType.TEXT}:
        yield path, _no_such(source, field)
    elif is_copied(source) and (path[2] != "sets" or source in workflow.fields):
        yield from copy_faults(workflow, field, source, path)


def copy_faults(workflow: Workflow, field: Field, name: str, path: Path, *, one_of: bool = False) -> Iterator[Finding]:
    """Yield why the field *name* of this workflow cannot be copied into *field* of a child.

    Args:
        one_of: Each of its values goes to a child of its own.
    """
    source = workflow.fields.get(name)
    if source is None:
        yield path, unknown(FIELD, name, workflow.fields)
        return
    if source.type is FieldType.SEALED:
        return
    kind = _ONE_OF.get(source.type, source.type) if one_of else source.type
    as_text = field.type is FieldType.TEXT and kind in TEXT_LIKE_TYPES
    left_out = {each.value for each in source.choices} - {each.value for each in field.choices}
    if kind is not field.type and not as_text:
        yield (
            path,
            Text(
                f"'{source.name}' is of type {kind} and does not fit '{field.name}', of type {field.type}",
                f"类型不符：“{source.name}”是 {kind}，“{field.name}”是 {field.type}",
            ),
        )
    elif not as_text and left_out:
        yield (
            path,
            Text("'{field}' of the child cannot be {values}", "下级字段“{field}”没有{values}这些取值").format(
                field=field.name, values=listed(sorted(left_out))
            ),
        )


def misfit(path: Path, field: Field | None, value: object) -> Iterator[Finding]:
    """Yield why *field* cannot hold *value*; an undeclared field is the matter of another rule."""
    if field is None:
        return
    if field.type is FieldType.SEALED:
        yield (
            path,
            Text(
                f"'{field.name}' is sealed; a declaration may not say what stands in it",
                f"“{field.name}”是密封字段，不得在流程中写明其内容",
            ),
        )
    elif isinstance(value, str) and value.startswith("="):
        yield (
            path,
            Text(
                f"'{value}' is worked out, which only a step can do",
                f"“{value}”须由步骤计算得出，此处不能使用",
            ),
        )
    elif field.type in CHOICE_TYPES:
        values = [each.value for each in field.choices]
        given = value if field.type is FieldType.CHOICES and isinstance(value, list | tuple) else [value]
        for each in given:
            if values and each not in values:
                yield (
                    path,
                    Text(
                        "'{value}' is not one of the values of '{field}'{guess}",
                        "“{value}”不在“{field}”的取值之内{guess}",
                    ).format(value=each, field=field.name, guess=did_you_mean(str(each), values)),
                )
        if field.type is FieldType.CHOICES and not isinstance(value, list | tuple):
            yield path, _no_such(value, field)
    elif not _holds(field, value):
        yield path, _no_such(value, field)


def _no_such(value: object, field: Field) -> Text:
    """Return the sentence that *field* is of a type that cannot hold *value*."""
    return Text(
        f"'{field.name}' is of type {field.type} and cannot be {value!r}",
        f"“{field.name}”的类型是 {field.type}，不能为 {value!r}",
    )


def _holds(field: Field, value: object) -> bool:
    """Say whether a field can hold *value*; choices and sealed fields were judged before."""
    match field.type:
        case FieldType.FLAG:
            return isinstance(value, bool)
        case FieldType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case FieldType.DATE | FieldType.MOMENT:
            return _is_day(field.type, value)
        case FieldType.OFFICERS:
            return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        case FieldType.TEXT | FieldType.OFFICER | FieldType.UNIT:
            pattern = _pattern(field)
            return isinstance(value, str) and (pattern is None or pattern.fullmatch(value) is not None)
        case FieldType.CHOICE | FieldType.CHOICES | FieldType.SEALED:
            return True
        case _:
            assert_never(field.type)


def _is_day(kind: FieldType, value: object) -> bool:
    """Say whether *value* is a date, or a local moment, as it is stored."""
    if isinstance(value, date):
        return kind is FieldType.DATE
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    stored = "%Y-%m-%d" if kind is FieldType.DATE else "%Y-%m-%dT%H:%M"
    return found is not None and found.strftime(stored) == value


def _pattern(field: Field) -> re.Pattern[str] | None:
    """Return what a text must look like; None if nothing is asked, or nothing that can be understood."""
    try:
        return re.compile(field.pattern) if field.pattern is not None else None
    except (re.error, OverflowError, RecursionError):
        return None


def _formats(spec: str, *, number: bool) -> bool:
    """Say whether *spec* can write a number or a text without changing what it says."""
    return re.fullmatch(r"0?[1-9]?d?" if number else r"", spec) is not None
