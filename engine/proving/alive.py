"""Promise 3: nothing that is declared is dead: each step can be taken, each child opened, each term can apply."""

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Final

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.domains import MOST_COMBINATIONS
from engine.proving.paths import path_to
from engine.proving.proof_verdicts import PlayedStep, PromiseAnswer, PromiseVerdict
from engine.proving.questions import AskedQuestion
from engine.proving.search import Search
from engine.proving.steps import Step
from engine.workflow.model import Transition, Workflow


def dead(search: Search, *, others: Iterable[Workflow]) -> Iterator[PromiseVerdict]:
    """Yield what can never happen.

    Args:
        others: The workflows whose conditions may ask for the steps of this one.
    """
    workflow = search.space.workflow
    for step in workflow.transitions:
        if step.name not in search.surely_taken and step.came_from is None:
            yield from _dead_step(search, step)
    yield from _dead_births(search)
    for deadline in workflow.deadlines.values():
        if deadline.if_ is not None and not _can_hold(search.space, deadline.if_):
            yield PromiseVerdict(
                3,
                f"deadlines.{deadline.name}.if",
                PromiseAnswer.REFUTED,
                Text(f"`{deadline.if_}` never holds", f"`{deadline.if_}` 永不成立"),
                way_into(search, deadline.runs_in),
            )
    yield from _unmet_counts(search)
    yield from _idle(search, tuple(others))


def _dead_step(search: Search, step: Transition) -> Iterator[PromiseVerdict]:
    """Yield why a step is never taken; it may still be there for cases that a ledger brings."""
    about = f"transitions.{step.name}"
    reached = [each for each in step.sources if _first(search, (each,)) is not None]
    if not search.complete:
        yield PromiseVerdict(3, about, PromiseAnswer.NOT_DECIDED, search.cuts[0])
        return
    conditions = [Step(search.space, step, source) for source in step.sources]
    asked = [each.expression for each in step.when]
    undistinguished = search.space.undistinguished.keys() & set(asked)
    if reached and undistinguished and all(_can_hold(search.space, each) for each in asked):
        yield PromiseVerdict(3, about, PromiseAnswer.NOT_DECIDED, _ONE_MORE_CHILD.format(why=_reasons(conditions[0])))
        return
    if not undistinguished and any(each.anyhow() for each in conditions):
        said = Text("only a case that a ledger brings can take it", "仅由台账转入的事项可办此步骤")
        yield PromiseVerdict(3, about, PromiseAnswer.PROVED, said)
        return
    why = _reasons(conditions[0]) if reached else Text("no case comes to where it begins", "没有事项到达其起始状态")
    said = Text("this step can never be taken: {why}", "此步骤永远无法办理：{why}").format(why=why)
    yield PromiseVerdict(3, about, PromiseAnswer.REFUTED, said, way_into(search, tuple(reached) or step.sources))


_ONE_MORE_CHILD: Final = Text(
    "whether children can be such that it is taken: {why}; nothing else depends on it",
    "下级事项能否使其得以办理：{why}；其余不受影响",
)


def _reasons(step: Step) -> Text:
    """Return the conditions of a step that never hold."""
    if step.impossible():
        return Text("no term makes the program take it", "没有期限会使程序办理")
    shown = [f"`{each.question.source}`" for each in step.conditions if each.birth is None]
    return Text(", ".join(shown) or "its conditions", "、".join(shown) or "条件不成立")


def _dead_births(search: Search) -> Iterator[PromiseVerdict]:
    """Yield the children whose condition never holds when their step is taken."""
    for step in search.space.workflow.transitions:
        for place, opening in enumerate(step.opens):
            if opening.if_ is None or step.name not in search.taken or opening.workflow not in search.space.kin:
                continue
            if not search.bears(step.name, place):
                about = f"transitions.{step.name}.opens.{place}.if"
                if not search.complete:
                    yield PromiseVerdict(3, about, PromiseAnswer.NOT_DECIDED, search.cuts[0])
                    continue
                said = Text(f"`{opening.if_}` never holds, so it opens nothing", f"`{opening.if_}` 永不成立，不会开立")
                path = way_into(search, step.sources)
                yield PromiseVerdict(3, about, PromiseAnswer.REFUTED, said, path)


def _unmet_counts(search: Search) -> Iterator[PromiseVerdict]:
    """Yield the counts that no case ever reaches."""
    workflow = search.space.workflow
    for name, count in (("cleared", workflow.cleared), ("fully_closed", workflow.fully_closed)):
        never = [each.expression for each in count.when if not _can_hold(search.space, each.expression)]
        for source in never:
            said = Text(f"`{source}` never holds, so no case counts", f"`{source}` 永不成立，没有事项计入")
            yield PromiseVerdict(
                3, f"clearance.{name}.when", PromiseAnswer.REFUTED, said, way_into(search, count.states)
            )
        if not never and _first(search, count.states) is None:
            about = f"clearance.{name}.states"
            if not search.complete:
                yield PromiseVerdict(3, about, PromiseAnswer.NOT_DECIDED, search.cuts[0])
                continue
            said = Text("no case comes to any of these states", "没有事项能到达这些状态")
            yield PromiseVerdict(3, about, PromiseAnswer.REFUTED, said)


def _idle(search: Search, others: tuple[Workflow, ...]) -> Iterator[PromiseVerdict]:
    """Yield the steps that change nothing that anybody asks for, and the ladders that no term uses."""
    workflow = search.space.workflow
    asked = {each.trigger for other in others for step in other.transitions for each in step.not_by}
    asked |= {name for other in others for each in other.deadlines.values() if (name := each.then)}
    asked |= {step.each.step for other in others for step in other.transitions if step.each is not None}
    asked |= {
        name for each in others for one in each.recurs.values() for fill in one.fills.values() for name in fill.steps
    }
    for source in search.space.sources:
        asked |= search.space.question(source).parts.done
    for step in workflow.transitions:
        writes = (*step.asks, *step.needs, *step.takes, *step.sets, *step.clears)
        acts = step.target not in {None, *step.sources} or step.opens or step.each or step.hands_to
        if not (writes or acts or step.trigger in asked):
            said = Text(
                "it changes nothing, and nothing asks whether it was taken", "不改变任何内容，也无处查问是否办理"
            )
            path = way_into(search, step.sources)
            yield PromiseVerdict(3, f"transitions.{step.name}", PromiseAnswer.REFUTED, said, path, warning=True)
    used = {each.ladder for each in workflow.deadlines.values()}
    for name in workflow.ladders:
        if name not in used:
            said = Text("no term uses this ladder", "没有期限使用此预警级别表")
            path = way_into(search, (workflow.initial,))
            yield PromiseVerdict(3, f"ladders.{name}", PromiseAnswer.REFUTED, said, path, warning=True)


def _first(search: Search, states: Iterable[str]) -> int | None:
    """Return the first standing in one of some states."""
    wanted = {search.space.state_number[each] for each in states if each in search.space.state_number}
    return next((number for number, each in enumerate(search.standings) if each[0] in wanted), None)


def way_into(search: Search, states: Iterable[str]) -> tuple[PlayedStep, ...]:
    """Return the shortest way into one of some states; nothing if there is none."""
    number = _first(search, states)
    return () if number is None else path_to(search, number)


def _can_hold(space: Abstraction, source: str) -> bool:
    """Say whether a condition holds of any case; yes if there are too many to be tried."""
    kin = space.families_for(source)
    question = AskedQuestion(
        space.workflow, source, lambda name, number: kin[name].shown(number) if name in kin else []
    )
    some = [
        range(len(kin[slot.name])) if slot.kind == "kin" and slot.name in kin else space.possible(slot, source)
        for slot in question.slots
    ]
    if prod(map(len, some)) > MOST_COMBINATIONS * 10 or not all(each.is_folded for each in kin.values()):
        return True
    return any(question.holds(each) for each in product(*some))
