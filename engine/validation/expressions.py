"""Rules on expressions: each can be understood, names what exists, and asks what can be answered."""

from collections.abc import Iterable, Iterator

from engine.expressions.evaluate import FUNCTIONS, Call, calls, check, comparisons, names
from engine.language import Text
from engine.validation.known import FIELD, STATE, TRIGGER, WORKFLOW, Finding, Known, expressions, unknown
from engine.validation.values import OF_ANY_CASE
from engine.workflow.computed import OF_CHILDREN, STANDING_NAMES
from engine.workflow.field_traits import NUMBER_TYPES
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import Path, did_you_mean


def expressions_are_sound(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Every expression can be understood and names only what there is."""
    parents = known.parents_of(workflow)
    shared = set.intersection(*(set(each.fields) for each in parents)) if parents else set()
    above = {*shared, *OF_ANY_CASE} if parents and len(parents) == len(workflow.parents) else None
    standing = [name for name in STANDING_NAMES if name != "parent" or workflow.parents]
    for path, source in expressions(workflow):
        for sentence in check(source, (*workflow.fields, *standing), FUNCTIONS, parent=above):
            yield path, sentence


def calls_find_something(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Whatever an expression asks of children and of the past is a workflow, a state, a field, a trigger."""
    triggers = [each.trigger for each in workflow.transitions]
    for path, source in expressions(workflow):
        for call in calls(source):
            if call.function == "children":
                yield from _child_faults(workflow, known, path, call)
            elif call.function in {"done", "doers", "last_doer"}:
                for trigger in call.arguments:
                    if trigger not in triggers:
                        yield path, unknown(TRIGGER, str(trigger), triggers)
            elif call.function in OF_CHILDREN and call.workflow is None:
                yield (
                    path,
                    Text(
                        f"'{call.function}' is asked of children: children('…')|{call.function}('…')",
                        f"“{call.function}”只能用于下级事项：children('…')|{call.function}('…')",
                    ),
                )
            elif call.workflow is not None and call.workflow in known.with_itself(workflow):
                yield from _filter_faults(known.with_itself(workflow)[call.workflow], path, call)


def literals_can_be(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A field or state that is compared with a literal can have that value; else the answer is always the same."""
    parent = known.parent_of(workflow)
    for path, source in expressions(workflow):
        for name, literal in comparisons(source):
            whole, owner = (parent, name.removeprefix("parent.")) if name.startswith("parent.") else (workflow, name)
            if whole is None or literal is None:
                continue
            if owner == "state":
                values: list[str] = list(whole.states)
            elif owner in whole.fields and whole.fields[owner].choices:
                values = [each.value for each in whole.fields[owner].choices]
            else:
                continue
            if literal not in values:
                yield path, _never(name, literal, values)


def expressions_break_no_seal(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """No expression looks at a sealed field; whether a step is possible would tell what stands in it."""
    sealed = _sealed(workflow)
    above = {name for parent in known.parents_of(workflow) for name in _sealed(parent)}
    for path, source in expressions(workflow):
        found = [name for name in sealed if name in names(source)]
        found += [f"parent.{name}" for name in sorted(above) if f"parent.{name}" in source]
        for call in calls(source):
            child = known.workflows.get(call.workflow or "")
            found += [str(each) for each in call.arguments if child and each in _sealed(child)]
        for name in found:
            yield (
                path,
                Text(
                    f"'{name}' is sealed, so nothing may be decided by it",
                    f"“{name}”是密封字段，不得据以判断",
                ),
            )


def _child_faults(workflow: Workflow, known: Known, path: Path, call: Call) -> Iterator[Finding]:
    """Yield why `children('…')` would always be empty."""
    all_known = known.with_itself(workflow)
    for child in call.arguments:
        if child not in all_known:
            yield path, unknown(WORKFLOW, str(child), all_known)
        elif workflow.name not in all_known[str(child)].parents:
            yield (
                path,
                Text(
                    f"cases of '{workflow.name}' have no children of '{child}'",
                    f"“{workflow.name}”事项没有“{child}”类下级事项",
                ),
            )


def _filter_faults(child: Workflow, path: Path, call: Call) -> Iterator[Finding]:
    """Yield what a filter over children names that they do not have."""
    if call.function in {"all_in", "any_in"}:
        for state in call.arguments:
            if state not in child.states:
                yield path, unknown(STATE, str(state), child.states)
    elif call.function in OF_CHILDREN:
        yield from _sum_faults(child, path, call)
    elif call.function == "among" and call.arguments:
        name, *values = call.arguments
        field = child.fields.get(str(name))
        if field is None:
            yield path, unknown(FIELD, str(name), child.fields)
        else:
            yield from _among_faults(field, values, path)


def _sum_faults(child: Workflow, path: Path, call: Call) -> Iterator[Finding]:
    """Yield why a field of children has no sum, no first and no last day."""
    wanted = NUMBER_TYPES if call.function == "total" else frozenset({FieldType.DATE})
    named = " / ".join(sorted(wanted))
    for name in call.arguments:
        field = child.fields.get(str(name))
        if field is None:
            yield path, unknown(FIELD, str(name), [each.name for each in child.fields.values() if each.type in wanted])
        elif field.type not in wanted:
            yield (
                path,
                Text(
                    f"'{call.function}' is of {named} fields, and '{name}' of '{child.name}' is of type {field.type}",
                    f"“{call.function}”须用于 {named} 字段，而“{child.name}”的“{name}”类型是 {field.type}",
                ),
            )


def _among_faults(field: Field, values: list[object], path: Path) -> Iterator[Finding]:
    """Yield the values that *field* of a child can never have."""
    choices = [each.value for each in field.choices]
    for value in values:
        if choices and value is not None and value not in choices:
            yield path, _never(field.name, value, choices)


def _never(name: str, value: object, values: list[str]) -> Text:
    """Return the sentence that *name* is never *value*."""
    return Text("'{name}' is never '{value}'{guess}", "“{name}”不可能是“{value}”{guess}").format(
        name=name, value=value, guess=did_you_mean(str(value), values)
    )


def _sealed(workflow: Workflow) -> tuple[str, ...]:
    """Return the names of the sealed fields."""
    return tuple(each.name for each in workflow.fields.values() if each.type is FieldType.SEALED)
