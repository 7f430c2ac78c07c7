"""What becomes of a case's state and values when it moves to another version of its workflow: pure, over values.

What keeps its name is the same; a map says what is called otherwise. Nothing is dropped, emptied or guessed unless
the map says so. History speaks by the names of steps: a condition of the new version that asks whether a step was
done would quietly fail, and keep nobody away from what they did themselves, if the step was called otherwise before.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from engine.expressions.evaluate import calls
from engine.journal.migration_events import VersionMap
from engine.language import Text
from engine.rules.case import Case
from engine.rules.required import lacking_by_condition
from engine.workflow.computed import computed
from engine.workflow.model import Field, FieldType, Workflow

_OF_HISTORY: Final = frozenset({"done", "doers", "last_doer"})
"""Functions of expressions that look a step up by its name."""
_CHOOSING: Final = frozenset({FieldType.CHOICE, FieldType.CHOICES})


class Moved(NamedTuple):
    """A case's state and values in the new version."""

    state: str
    fields: Mapping[str, object]
    reasons: tuple[Text, ...]
    """Why it cannot move."""


def unknown_names(olds: Sequence[Workflow], new: Workflow, by: VersionMap) -> list[Text]:
    """Return which names of a map are in no version: to map from, in none of several; to map to, not in the new one."""
    states, fields = {name for old in olds for name in old.states}, {name for old in olds for name in old.fields}
    steps = {step.trigger for old in olds for step in old.transitions}
    found = [*_unknown("state", "状态", by.states, states, new.states)]
    found += _unknown("step", "动作", by.triggers, steps, {each.trigger for each in new.transitions})
    renamed = {name: to for name, to in by.fields.items() if to is not None}
    found += _unknown("field", "字段", dict.fromkeys(by.fields, ""), fields, {""})
    found += _unknown("field", "字段", renamed, fields, new.fields)
    found += _unknown("field", "字段", dict.fromkeys((*by.values, *by.set), ""), new.fields, {""})
    return list(dict.fromkeys(found))


def map_faults(old: Workflow, new: Workflow, by: VersionMap) -> list[Text]:
    """Return why a map does not lead from one version to another, whatever the cases are.

    What it says of names that this version never had is for cases of other versions, and harms none.
    """
    found: list[Text] = []
    for was, state in by.states.items():
        if was in old.states and state in new.states and old.is_final(was) != new.is_final(state):
            found.append(
                Text(
                    f"state {was} cannot become {state}: a move neither ends a case nor opens an ended one",
                    f"状态 {was} 不能改为 {state}：迁移既不使事项终结，也不使已终结事项重开",
                )
            )
    if by.fields.get(old.dated_by, old.dated_by) != new.dated_by:
        found.append(
            Text(
                f"cases are dated by '{new.dated_by}' and not by '{old.dated_by}'; that a map cannot say",
                f"收件日期字段由“{old.dated_by}”改为“{new.dated_by}”，不能通过对照表迁移",
            )
        )
    found += _lost_history(old, new, by)
    return found


def _unknown(
    en: str,
    zh: str,
    named: Mapping[str, str],
    left: Collection[str],
    right: Collection[str],
) -> Iterator[Text]:
    """Yield which names of a map are in neither version."""
    for was, now in named.items():
        if was not in left:
            yield Text(f"there is no {en} '{was}' to map from", f"对照表中的{zh}“{was}”不存在")
        if now not in right:
            yield Text(f"there is no {en} '{now}' to map to", f"对照表所指的{zh}“{now}”不存在")


def _lost_history(old: Workflow, new: Workflow, by: VersionMap) -> Iterator[Text]:
    """Yield the steps that conditions of the new version look up and that rows before cannot have by that name."""
    known = {by.triggers.get(each.trigger, each.trigger) for each in old.transitions} | set(by.new_steps)
    for name in sorted(set(_looked_up(new)) - known):
        yield Text(
            f"conditions ask whether '{name}' was done, and version {old.version} has no such step; map the step that"
            f" it was (triggers: {{…: {name}}}), or say that it is new (new_steps: [{name}])",
            f"条件中查看是否办过“{name}”，而第 {old.version} 版没有此动作；请对照原动作（triggers: {{…: {name}}}），"
            f"或注明为新增（new_steps: [{name}]）",
        )


def _looked_up(workflow: Workflow) -> Iterator[str]:
    """Yield the steps of its own cases that a workflow looks up in their history."""
    for step in workflow.transitions:
        for earlier in step.not_by:
            if not earlier.of_parent:
                yield earlier.trigger
                if earlier.mark:
                    yield earlier.mark
    for expression in _expressions(workflow):
        for call in calls(expression):
            if call.function in _OF_HISTORY:
                yield from (str(each) for each in call.arguments if isinstance(each, str))


def _expressions(workflow: Workflow) -> Iterator[str]:
    """Yield the conditions by which a workflow judges its cases, and what its steps work out."""
    for step in workflow.transitions:
        yield from (each.expression for each in step.when)
        yield from (each for each in (step.if_, *(opening.if_ for opening in step.opens)) if each is not None)
        along = () if step.each is None else (step.each.sets,)
        for sets in (step.sets, *(opening.sets for opening in step.opens), *along):
            yield from computed(sets).values()
    for rule in (workflow.cleared, workflow.fully_closed):
        yield from (each.expression for each in rule.when)
    yield from (each.if_ for each in workflow.deadlines.values() if each.if_ is not None)
    yield from (each.expression for each in workflow.amend_when)


def moved(old: Workflow, new: Workflow, by: VersionMap, case: Case) -> Moved:
    """Return a case as a map leaves it in another version, and why it cannot move."""
    reasons: list[Text] = []
    state = by.states.get(case.state, case.state)
    if state not in new.states:
        reasons.append(
            Text(
                f"version {new.version} has no state '{case.state}'; map it: --map {case.state}=STATE",
                f"第 {new.version} 版没有状态“{case.state}”；请对照：--map {case.state}=状态",
            )
        )
    elif new.is_final(state):
        reasons.append(
            Text(f"'{state}' is an end in version {new.version}; a move ends no case",
                 f"“{state}”在第 {new.version} 版中为终结状态；迁移不使事项终结")
        )  # fmt: skip
    fields, wrong = _values(old, new, by, case.fields)
    reasons += wrong
    lacking = {each.name for each in _lacking(old, case.fields)}
    back = {to: was for was, to in by.fields.items() if to is not None}
    for each in _lacking(new, fields):
        if back.get(each.name, each.name) not in lacking:
            reasons.append(
                Text("'{title}' is required and has no value; give one: --set {name}=…",
                     "“{title}”为必填且没有值；请补填：--set {name}=…").format(title=each.title, name=each.name)
            )  # fmt: skip
    return Moved(state, fields, tuple(reasons))


def _lacking(workflow: Workflow, fields: Mapping[str, object]) -> list[Field]:
    """Return the required fields without a value."""
    plain = [each for each in workflow.fields.values() if each.required and fields.get(each.name) is None]
    return [*plain, *(each for each in lacking_by_condition(workflow, fields) if each not in plain)]


def _values(
    old: Workflow, new: Workflow, by: VersionMap, fields: Mapping[str, object]
) -> tuple[dict[str, object], list[Text]]:
    """Return the values of a case by the new version's names, and which of them it cannot have there."""
    found: dict[str, object] = {}
    reasons: list[Text] = []
    for was, value in fields.items():
        name = by.fields.get(was, was)
        before = old.fields.get(was)
        if name is None and before is not None and before.type is FieldType.SEALED and value is not None:
            reasons.append(
                Text("'{title}' is sealed; a move drops nothing that is sealed",
                     "“{title}”为密封内容，迁移不舍弃密封内容").format(title=before.title)
            )  # fmt: skip
        if name is None or before is None:
            continue
        if name not in new.fields:
            reasons.append(
                Text(
                    f"version {new.version} has no field '{was}', and it has a value; map it, or drop it"
                    f" (fields: {{{was}: ~}})",
                    f"第 {new.version} 版没有字段“{was}”，而本件有值；请对照，或注明舍弃（fields: {{{was}: ~}}）",
                )
            )
            continue
        after = new.fields[name]
        now = _translated(by.values.get(name, {}), value)
        if found.get(name) not in (None, now):
            if now is not None:
                reasons.append(
                    Text("two values would become '{title}', and one would be lost; drop one (fields: {{{was}: ~}})",
                         "有两项内容将成为“{title}”，其中一项会丢失；请注明舍弃其一（fields: {{{was}: ~}}）")
                    .format(title=after.title, was=was)
                )  # fmt: skip
            continue
        found[name] = now
        if why := _unfit(before, after, found[name]):
            reasons.append(Text("'{title}': {why}", "“{title}”：{why}").format(title=after.title, why=why))
    found.update({name: value for name, value in by.set.items() if found.get(name) is None})
    return found, reasons


def _translated(values: Mapping[str, str], value: object) -> object:
    """Return a value, or each of several, as it is called now."""
    if isinstance(value, list):
        return [values.get(each, each) if isinstance(each, str) else each for each in value]
    return values.get(value, value) if isinstance(value, str) else value


def _unfit(before: Field, after: Field, value: object) -> Text | None:
    """Return why a field of the new version cannot have a value of the old one; None if it can."""
    if before.type is not after.type:
        return Text("it is another kind of field now", "字段类型已改变")
    if after.type is FieldType.SEALED and before.name != after.name:
        return Text("it is sealed under its name, which stays", "密封内容按字段名密封，字段名不能更改")
    if after.type in _CHOOSING:
        allowed = {each.value for each in after.choices}
        for each in value if isinstance(value, list) else [value]:
            if each not in allowed:
                return Text(f"there is no value '{each}' any more; map it", f"已没有取值“{each}”；请对照")
    if after.pattern and after.pattern != before.pattern and not re.fullmatch(after.pattern, str(value)):
        return Text("it has not the form that it must have now", "不符合新的格式")
    return None
