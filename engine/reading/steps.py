"""Transitions, deadlines and ladders of a plain declaration, read into frozen data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.reading.terms import AMOUNT_AT_MOST, ROW, Part
from engine.workflow.model import (
    Authority,
    ChildOpening,
    Deadline,
    Extension,
    Guard,
    OnDate,
    OnField,
    Rung,
    StartsByEntering,
    StartsByField,
    Term,
    TermUnit,
    Transition,
    Within,
)

_TRANSITION_KEYS: Final = (
    "trigger", "title", "from", "to", "by", "not_by", "needs", "asks", "takes", "sets", "clears", "if", "when",
    "opens", "bulk", "basis",
)  # fmt: skip
_DEADLINE_KEYS: Final = (
    "title", "starts", "runs_in", "within", "on", "if", "count_start", "end_roll", "paused_in", "reopen",
    "extend", "ladder", "authority", "law", "unpublished", "basis",
)  # fmt: skip
_NO_TERM: Final = Term(amount=1, unit=TermUnit.DAYS)
"""Stands in for a term that was told of as a problem, so that the rest can still be read."""


def transition_of(name: str, part: Part) -> Transition:
    """Return one step."""
    part.only(_TRANSITION_KEYS, ("from", "by"))
    return Transition(
        name=name,
        trigger=part.name("trigger") or name,
        title=part.title("title", name),
        sources=part.names("from"),
        target=part.name("to"),
        by=part.names("by"),
        not_by=part.names("not_by", prefix="parent:"),
        needs=part.names("needs"),
        asks=part.names("asks"),
        takes=part.names("takes"),
        sets=MappingProxyType(dict(part.values("sets"))),
        clears=part.names("clears"),
        if_=part.line("if"),
        when=guards_of(part, "when"),
        opens=tuple(_opening(each) for each in part.rows("opens")),
        bulk=part.flag("bulk", default=True),
        basis=part.line("basis"),
    )


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


def _opening(part: Part) -> ChildOpening:
    """Return a child case that a step opens."""
    part.only(("workflow", "set", "if"), ("workflow",))
    return ChildOpening(
        workflow=part.name("workflow") or "",
        sets=MappingProxyType(dict(part.values("set"))),
        if_=part.line("if"),
    )


def deadline_of(name: str, part: Part) -> Deadline:
    """Return one declared term."""
    part.only(_DEADLINE_KEYS, ("starts", "runs_in"))
    extend = part.part("extend")
    part.name("law", pattern=ROW)
    return Deadline(
        name=name,
        title=part.title("title", name),
        starts=_starts(part) or StartsByEntering(states=()),
        runs_in=part.names("runs_in"),
        due=_due(part) or Within(term=_NO_TERM),
        if_=part.line("if"),
        count_start=part.flag("count_start", default=False),
        end_roll=part.one_of("end_roll", ("none", "forward", "backward"), "none"),
        paused_in=part.names("paused_in"),
        reopen=part.one_of("reopen", ("restart", "continue", "none"), "restart"),
        extend=None if extend is None else _extension(extend),
        ladder=part.name("ladder"),
        authority=Authority(part.one_of("authority", tuple(Authority), Authority.DEFAULT)),
        unpublished=part.one_of("unpublished", ("refuse", "weekdays"), "refuse"),
        basis=part.line("basis"),
    )


def _starts(part: Part) -> StartsByField | StartsByEntering | None:
    """Return what starts the term: the date in a field, or entering a state."""
    found = part.part("starts")
    if found is None:
        return None
    found.only(("field", "enter"))
    field, states = found.name("field"), found.names("enter")
    if (field is None) == (not states):
        part.wrong(Text("write {field: …} or {enter: …}", "请写 {field: …} 或 {enter: …}"), "starts")
        return None
    return StartsByField(field=field) if field else StartsByEntering(states=states)


def _due(part: Part) -> Within | OnDate | OnField | None:
    """Return when the term ends: after a length of time, on a date, or on the date in a field."""
    within, on = part.plain.get("within"), part.plain.get("on")
    if (within is None) == (on is None):
        part.wrong(Text("write either within or on", "within 和 on 须写且只写一个"))
        return None
    if within is not None:
        term = part.term("within")
        return None if term is None else Within(term=term)
    if isinstance(on, Mapping):
        found = part.below(on, "on")
        found.only(("field",), ("field",))
        field = found.name("field")
        return None if field is None else OnField(field=field)
    day = part.day("on")
    return None if day is None else OnDate(on=day)


def _extension(part: Part) -> Extension:
    """Return how a deadline may be extended."""
    part.only(("at_most", "times", "before_expiry", "needs", "by", "beyond_by", "signed_by"), ("at_most", "by"))
    return Extension(
        at_most=part.term("at_most") or _NO_TERM,
        times=part.whole("times", 1),
        before_expiry=part.flag("before_expiry", default=True),
        needs=part.names("needs"),
        by=part.names("by"),
        beyond_by=part.names("beyond_by"),
        signed_by=part.names("signed_by"),
    )


def rung_of(part: Part) -> Rung:
    """Return one step of reminding."""
    part.only(("at", "level", "to", "every", "times", "paper", "night"), ("at", "level", "to"))
    return Rung(
        at=part.term("at", least=-AMOUNT_AT_MOST) or _NO_TERM,
        level=part.name("level") or "",
        to=part.names("to"),
        every=part.term("every"),
        times=part.whole("times", 1),
        paper=part.name("paper"),
        night=part.flag("night", default=False),
    )
