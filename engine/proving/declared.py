"""Promise 6: what a workflow promises of itself (`promises:`), over states, values and history."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import product
from math import prod
from typing import Final

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.domains import MOST_COMBINATIONS
from engine.proving.paths import path_to
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.questions import STATE, AskedQuestion
from engine.proving.search import Search
from engine.proving.terms import is_no_longer
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.model import Workflow
from engine.workflow.own_promises import OwnPromise

Asked = Mapping[str, tuple[str, ...]]
"""Conditions by the state in which they have to be asked."""


def asked_in(space: Abstraction) -> Asked:
    """Return where the promises have to be asked: in each state in which what they name can hold at all."""
    found: dict[str, tuple[str, ...]] = {}
    for promise in space.workflow.promises.values():
        for source in filter(None, (promise.never, promise.after, promise.always)):
            for state in space.workflow.states:
                if source == promise.always or _possible(space, source, state):
                    found[state] = tuple(dict.fromkeys((*found.get(state, ()), source)))
    return found


def _possible(space: Abstraction, source: str, state: str) -> bool:
    """Say whether a condition can hold of a case in a state."""
    question = AskedQuestion(space.workflow, source, space.shown)
    some = [(state,) if slot == STATE else space.possible(slot, source) for slot in question.slots]
    if prod(map(len, some)) > MOST_COMBINATIONS:
        return True
    return any(question.holds(each) for each in product(*some))


def kept(search: Search) -> Iterator[PromiseVerdict]:
    """Yield what is to be said of each promise of the workflow itself."""
    for promise in search.space.workflow.promises.values():
        verdict = _never(search, promise) if promise.never is not None else _always(search, promise)
        if verdict.answer is PromiseAnswer.PROVED and not search.complete:
            verdict = verdict._replace(answer=PromiseAnswer.NOT_DECIDED, sentence=search.cuts[0])
        yield verdict


def _said(promise: OwnPromise, answer: PromiseAnswer, sentence: Text) -> PromiseVerdict:
    return PromiseVerdict(6, f"promises.{promise.name}", answer, sentence)


def _never(search: Search, promise: OwnPromise) -> PromiseVerdict:
    """Return what is to be said of what never holds."""
    holds = _asker(search, str(promise.never))
    for number in range(len(search.standings)):
        if holds(number):
            said = Text("`{source}` can hold", "`{source}` 可能成立").format(source=str(promise.never))
            return _said(promise, PromiseAnswer.REFUTED, said)._replace(path=path_to(search, number))
    if _voidable(search, str(promise.never)):
        voided = _asker(search, str(promise.never), voids=True)
        for number in range(len(search.standings)):
            if voided(number):
                verdict = _said(promise, PromiseAnswer.BY_CORRECTION, _IF_VOID.format(source=str(promise.never)))
                return verdict._replace(path=path_to(search, number))
    return _said(promise, PromiseAnswer.PROVED, promise.title)


_IF_VOID: Final = Text("`{source}` can hold, if a case under it is void", "`{source}` 可能成立（下级事项作废时）")


def _voidable(search: Search, source: str) -> bool:
    """Say whether a condition looks at children that somebody may void: nothing sees them from then on."""
    every = search.space.known.with_itself(search.space.workflow)
    named = search.space.question(source).parts.children & every.keys()
    return any(every[name].void_by or every[name].amend_by for name in named)


def _fewer(search: Search, name: str, code: int) -> tuple[int, ...]:
    """Return the classes of children that are left of one when some of them, or none, are void."""
    shown = search.space.shown(name, code)
    return tuple(
        other
        for other in range(len(search.space.kin[name]))
        if other == code or all(each in shown for each in search.space.shown(name, other))
    )


def _always(search: Search, promise: OwnPromise) -> PromiseVerdict:
    """Return what is to be said of what always follows: it can still be reached, and a term runs until then."""
    begun, reached = _asker(search, str(promise.after)), _asker(search, str(promise.always), surely=True)
    there = {number for number in range(len(search.standings)) if reached(number)}
    lost = set(search.lost_to(there))
    for number in range(len(search.standings)):
        if number in there or not begun(number):
            continue
        if number in lost:
            said = Text("from here `{source}` is never reached", "由此永远达不到 `{source}`")
            verdict = _said(promise, PromiseAnswer.REFUTED, said.format(source=str(promise.always)))
            return verdict._replace(path=path_to(search, number))
        state = search.state_of(number)
        if promise.within is not None and not _watched(search.space.workflow, state, promise.within):
            said = Text("in '{state}' no term of {term} or less runs", "在“{state}”没有不长于 {term} 的期限在计算")
            verdict = _said(promise, PromiseAnswer.REFUTED, said.format(state=state, term=promise.within))
            return verdict._replace(path=path_to(search, number))
    return _said(promise, PromiseAnswer.PROVED, promise.title)


def _watched(workflow: Workflow, state: str, within: str) -> bool:
    """Say whether a term that applies to every case and is no longer runs in a state."""
    return any(
        state in each.runs_in
        and each.if_ is None
        and each.lengths
        and all(is_no_longer(length, _term(within)) for length in each.lengths)
        for each in workflow.deadlines.values()
    )


def _term(within: str) -> Term:
    """Return the term that a promise names."""
    amount, unit = within.split()
    return Term(amount=int(amount), unit=TermUnit(f"{unit.removesuffix('s')}s"))


def _asker(search: Search, source: str, *, surely: bool = False, voids: bool = False) -> Callable[[int], bool]:
    """Return what says whether a condition can hold in a standing; with *surely*, whether it must.

    With *voids* it is asked as well of what is left when children are void.

    A field that may be corrected, or that nobody asks for there any more, may have any value.
    """
    space = search.space
    question = space.question(source)
    places = {slot: place + 1 for place, slot in enumerate(space.slots)}
    fewer = cache(partial(_fewer, search))

    def holds(number: int) -> bool:
        standing = search.standings[number]
        if source not in space.never.get(space.state_names[standing[0]], ()):
            return False
        some: list[tuple[object, ...]] = []
        for slot in question.slots:
            code = standing[places[slot]] if slot in places else -1
            if slot == STATE:
                some.append((space.state_names[standing[0]],))
            elif code < 0:
                some.append(tuple(space.possible(slot, source)))
            elif slot.kind == "field":
                some.append((space.domains[slot.name].classes[code].value,))
            elif slot.kind == "kin" and voids:
                some.append(fewer(slot.name, code))
            elif slot.kind == "came_from":
                some.append((space.state_names[code - 1] if code else None,))
            else:
                some.append((code,))
        answers = (question.holds(each) for each in product(*some))
        return all(answers) if surely else any(answers)

    return holds
