"""Which of several conditions can hold at once, found by trying every case that they can tell apart.

A condition can only tell cases apart by the names, literals and calls that stand in it. So each
name is tried with the literals it is compared with, one value besides, and none; a child list with
the states and values that are asked of it; a call with every answer. What is found is a case that
could be, named in the sentence; what is not found cannot be.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, combinations_with_replacement, product
from math import prod

from engine.errors import BadValueError
from engine.expressions.evaluate import Call, calls, comparisons, compile_expression, names
from engine.language import Text
from engine.validation.known import Finding, Known, listed, mended
from engine.workflow.computed import OF_CHILDREN
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, Transition, Workflow

MOST_WORLDS = 6_000
"""Cases that are tried for one question; conditions that tell more apart are no longer readable."""

MOST_VALUES = 8
"""Of a choice with more values, only those are tried that stand in a condition, and one besides."""

Atom = tuple[str, ...]
"""What a world gives a value to: ("finding",), ("done", "verify"), ("children", "referral")."""

World = Mapping[Atom, object]


def triggers_choose(workflow: Workflow, known: Known) -> Iterator[Finding]:
    """Of the transitions that share a trigger, at most one applies to any case."""
    sound = mended(workflow)
    for first, second in combinations(sound.transitions if sound else (), 2):
        common = [state for state in first.sources if state in second.sources]
        if first.trigger != second.trigger or not common:
            continue
        both = [each for each in (first.if_, second.if_) if each is not None]
        sure = surely_given(workflow) | (_brought(first) & _brought(second))
        found: World | None = {}
        state = common[0]
        for state in common:
            found = find_world(workflow, known, state, sure=sure, holding=both)
            if found is not None:
                break
        if found is not None:
            yield (
                ("transitions", second.name, "if"),
                Text(
                    "in state '{state}' both '{first}' and '{second}' can apply to '{trigger}'{example}; "
                    "their `if` must exclude each other",
                    "在“{state}”状态，“{first}”与“{second}”都可能适用于动作“{trigger}”{example}，两者的 if 必须互斥",
                ).format(
                    state=state,
                    first=first.name,
                    second=second.name,
                    trigger=first.trigger,
                    example=described(found),
                ),
            )


def find_world(
    workflow: Workflow,
    known: Known,
    state: str,
    *,
    sure: Collection[str],
    holding: Collection[str] = (),
    failing: Collection[str] = (),
) -> World | None:
    """Return a case in *state* in which all of *holding* hold and none of *failing* does; None if none can be.

    Conditions that are not sound are left to the rule that says so: with one among them, nothing is found.
    If there are too many cases to be tried, an empty world is returned: that it cannot be is not shown.

    Args:
        sure: Fields that surely have a value.
    """
    sources = (*holding, *failing)
    domains = dict(_domains(workflow, known, state, sources, sure))
    if prod(len(each) for each in domains.values()) > MOST_WORLDS:
        return {}
    blank: dict[str, object] = dict.fromkeys(workflow.fields)
    wanted = [(compile_expression(each), True) for each in holding]
    wanted += [(compile_expression(each), False) for each in failing]
    try:
        for values in product(*domains.values()):
            world = dict(zip(domains, values, strict=True))
            scope = _scope(blank, world)
            if all(expression.verdict(scope).holds is holds for expression, holds in wanted):
                return world
    except BadValueError:
        return None
    return None


def surely_given(workflow: Workflow) -> frozenset[str]:
    """Return the fields that every case has at all times: required, and emptied by no step."""
    cleared = {name for each in workflow.transitions for name in each.clears}
    return frozenset(each.name for each in workflow.fields.values() if each.required) - cleared


def described(world: World) -> Text:
    """Return the example in words: as when finding = partly; nothing if it says nothing."""
    parts = [(_atom(atom), value) for atom, value in world.items() if atom != ("state",) and atom[0] != "children"]
    if not parts:
        return Text("", "")
    en = ", ".join(f"{name} = {_said(value).en}" for name, value in parts)
    zh = "、".join(f"{name} = {_said(value).zh}" for name, value in parts)
    return Text(f" (as when {en})", f"（例如 {zh}）")


def _brought(transition: Transition) -> frozenset[str]:
    """Return the fields without which a step is refused anyway."""
    return frozenset((*transition.needs, *transition.asks))


def _domains(
    workflow: Workflow, known: Known, state: str, sources: Collection[str], sure: Collection[str]
) -> Iterator[tuple[Atom, list[object]]]:
    """Yield what the conditions can tell cases apart by, with the values to be tried."""
    literals: dict[str, list[object]] = {}
    for source in sources:
        for name, literal in comparisons(source):
            literals.setdefault(name, []).extend(literal if isinstance(literal, list | tuple) else [literal])
    used = set().union(*(names(source) for source in sources))
    numbers = {float(each) for source in sources for each in re.findall(r"(?<![\w.])\d{1,9}(?:\.\d{1,9})?", source)}
    yield ("state",), [state]
    for name in sorted(used - {"state", "parent"}):
        if name in workflow.fields:
            none = [] if name in sure else [None]
            yield (name,), none + _field_values(workflow.fields[name], literals.get(name, []), numbers)
        elif name == "today":
            yield (name,), list(_DAYS)
        else:
            yield (name,), _with(literals.get(name, []), ["x", "y"])
    parent = known.parent_of(workflow)
    for name in sorted({each for source in sources for each in re.findall(r"\bparent\.(\w+)", source)}):
        above = literals.get(f"parent.{name}", [])
        field = parent.fields.get(name) if parent else None
        if name == "state":
            yield ("parent", name), _with(above, list(parent.states) if parent else ["x"])
        else:
            values = _field_values(field, above, numbers) if field else _with(above, ["x"])
            yield ("parent", name), [None, *values]
    yield from _called_domains(known, [call for source in sources for call in calls(source)])


def _called_domains(known: Known, called: list[Call]) -> Iterator[tuple[Atom, list[object]]]:
    """Yield the calls, each with the answers to be tried."""
    for call in dict.fromkeys(each for each in called if each.arguments):
        first = str(call.arguments[0])
        if call.function == "done":
            yield ("done", first), [False, True]
        elif call.function == "last_doer":
            yield ("last_doer", first), [None, "x", "y"]
        elif call.function == "doers":
            yield ("doers", first), [[], ["x"], ["y"], ["x", "y"]]
        elif call.function == "children":
            yield ("children", first), _families(known, first, [each for each in called if each.workflow == first])


def _families(known: Known, child: str, filters: list[Call]) -> list[object]:
    """Return lists of children, up to two, that the filters over them can tell apart."""
    declared = known.workflows.get(child)
    states = [each for call in filters if call.function in {"all_in", "any_in"} for each in call.arguments]
    columns: dict[str, list[object]] = {"state": _with(states, list(declared.states) if declared else ["x"])}
    for call in filters:
        if call.function in OF_CHILDREN and call.arguments:
            days = [each.isoformat() for each in _DAYS]
            columns.setdefault(str(call.arguments[0]), [None]).extend([1, 1_000] if call.function == "total" else days)
        elif call.function == "among" and len(call.arguments) == 2:
            columns.setdefault(str(call.arguments[0]), [None]).append(call.arguments[1])
    blank: dict[str, object] = {**dict.fromkeys(declared.fields if declared else ()), "number": "x"}
    # Twelve sorts of children give 91 families of up to two: a question still stays within MOST_WORLDS.
    rows = product(*(_unique(column) for column in columns.values()))
    profiles = [{**blank, **dict(zip(columns, row, strict=True))} for row in rows][:12]
    return [list(family) for size in range(3) for family in combinations_with_replacement(profiles, size)]


def _field_values(field: Field, literals: list[object], numbers: Collection[float]) -> list[object]:
    """Return the values of *field* that conditions with these literals can tell apart, besides none."""
    choices = [each.value for each in field.choices]
    few = _with(literals, choices)[:4]
    apart = _with(literals, ["x", "y"])
    values = ByFieldType[list[object]](
        text=apart,
        date=list(_DAYS),
        moment=list(_DAYS),
        flag=[True, False],
        number=_unique([0, 1, *(each + step for each in sorted(numbers) for step in (-1, 0, 1))]),
        choice=([*choices] if 0 < len(choices) <= MOST_VALUES else _with(literals, choices)) or apart,
        choices=[list(some) for size in range(len(few) + 1) for some in combinations(few, size)],
        officer=apart,
        officers=[[], ["x"], ["x", "y"]],
        unit=apart,
        sealed=apart,
    )
    return values[field.type]


def _with(literals: Sequence[object], others: list[str]) -> list[object]:
    """Return the literals, and the first value besides them (the first two, if there is no literal)."""
    besides = [each for each in others if each not in literals]
    return [*_unique(literals), *besides[: 1 if literals else 2]]


def _unique(values: Sequence[object]) -> list[object]:
    """Return *values*, each once, in their order."""
    found: list[object] = []
    for each in values:
        if each not in found:
            found.append(each)
    return found


def _scope(blank: Mapping[str, object], world: World) -> dict[str, object]:
    """Return what expressions may name in *world*."""
    plain = {atom[0]: value for atom, value in world.items() if len(atom) == 1}
    parent = {atom[1]: value for atom, value in world.items() if atom[0] == "parent"}
    return {
        **blank,
        "number": "x",
        "unit": "x",
        "by": "x",
        "today": _DAYS[0],
        "came_from": None,
        **plain,
        "parent": parent,
        "children": _answering(world, "children", []),
        "done": _answering(world, "done", False),
        "doers": _answering(world, "doers", []),
        "last_doer": _answering(world, "last_doer", None),
    }


def _answering(world: World, function: str, otherwise: object) -> Callable[[str], object]:
    """Return the function that answers as *world* says."""
    return lambda argument: world.get((function, argument), otherwise)


def _atom(atom: Atom) -> str:
    """Return an atom as it is written in an expression."""
    if len(atom) == 1:
        return atom[0]
    return f"parent.{atom[1]}" if atom[0] == "parent" else f"{atom[0]}('{atom[1]}')"


def _said(value: object) -> Text:
    """Return a value of an example as people say it."""
    if value is None:
        return Text("nothing", "空")
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    if isinstance(value, list):
        return listed([str(each) for each in value]) if value else Text("none", "无")
    return Text(str(value), str(value))


_DAYS = (date(2019, 6, 30), date(2019, 7, 1))
"""Two days, enough to have one before, on and after the other."""
