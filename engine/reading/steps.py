"""What no type describes in transitions, deadlines and clearances: guards, and when a term starts and ends."""

from collections.abc import Mapping

from engine.language import Text
from engine.reading.terms import Part
from engine.reading.typed import NO_TERM, reads
from engine.workflow.deadline import (
    EndsByEntering,
    EndsByField,
    OnDate,
    OnField,
    StartsByEntering,
    StartsByField,
    Within,
    WithinByValue,
)
from engine.workflow.model import Guard


@reads(tuple[Guard, ...])
def guards_of(part: Part, key: str) -> tuple[Guard, ...]:
    """Return the expressions under *key*, each with the sentence that says why not."""
    found = part.part(key)
    guards = []
    for expression, said in found.plain.items() if found else ():
        if found is None or not isinstance(expression, str):
            part.wrong(Text("write the expression in quotes", "请将表达式放在引号内"), key, str(expression))
            continue
        sentence = found.sentence(expression, besides=("basis",))
        if sentence is not None:
            basis = found.below(said, expression).line("basis") if isinstance(said, Mapping) else None
            guards.append(Guard(expression=expression, sentence=sentence, basis=basis))
        elif said is None:
            found.wrong(Text("write the sentence that says why not", "请写明不满足时的提示"), expression)
    return tuple(guards)


@reads(StartsByField | StartsByEntering)
def _starts(part: Part, key: str) -> StartsByField | StartsByEntering:
    """Return what starts the term: the date in a field, or entering a state."""
    found = part.part(key)
    if found is None:
        return StartsByEntering(states=())
    found.only(("field", "enter"))
    field, states = found.name("field"), found.names("enter")
    if (field is None) == (not states):
        part.wrong(Text("write {field: …} or {enter: …}", "请写 {field: …} 或 {enter: …}"), key)
    return StartsByField(field=field) if field and not states else StartsByEntering(states=states)


@reads(EndsByField | EndsByEntering)
def _ends(part: Part, key: str) -> EndsByField | EndsByEntering | None:
    """Return the act that meets the term: the date in a field, or entering a state; None if leaving does."""
    found = part.part(key)
    if found is None:
        return None
    found.only(("field", "enter"))
    field, states = found.name("field"), found.names("enter")
    if (field is None) == (not states):
        part.wrong(Text("write {field: …} or {enter: …}", "请写 {field: …} 或 {enter: …}"), key)
    return EndsByField(field=field) if field and not states else EndsByEntering(states=states)


@reads(Within | WithinByValue | OnDate | OnField)
def _due(part: Part, _key: str) -> Within | WithinByValue | OnDate | OnField:
    """Return when the term ends: after a length of time, on a date, or on the date in a field.

    A length may be chosen by a value: `{field: severity, ordinary: 15 days, major: 24 hours, else: 1 month}`.
    """
    within, on = part.plain.get("within"), part.plain.get("on")
    if (within is None) == (on is None):
        part.wrong(Text("write either within or on", "within 和 on 须写且只写一个"))
    elif isinstance(on, Mapping):
        found = part.below(on, "on")
        found.only(("field",), ("field",))
        if field := found.name("field"):
            return OnField(field=field)
    elif on is not None and (day := part.day("on")):
        return OnDate(on=day)
    elif isinstance(within, Mapping):
        return _by_value(part.below(within, "within"))
    elif within is not None and (term := part.term("within")):
        return Within(term=term)
    return Within(term=NO_TERM)


def _by_value(part: Part) -> WithinByValue:
    """Return the lengths of time among which the value of a field chooses."""
    found = {str(key).lower() if isinstance(key, bool) else str(key): key for key in part.plain if key != "field"}
    terms = {name: term for name, key in found.items() if name != "else" and (term := part.term(key)) is not None}
    if not terms:
        part.wrong(Text("write at least one value with its length of time", "请至少写明一个取值及其时长"))
    field = part.name("field")
    if field is None:
        part.wrong(Text("'{key}' is missing", "缺少“{key}”").format(key="field"))
    return WithinByValue(field=field or "", terms=terms, otherwise=part.term("else"))
