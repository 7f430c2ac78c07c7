"""Promise 4: where some are kept from a step by an earlier one, somebody is left to take it.

Persons are searched apart from data: each condition is taken as true, each person as holding every role. So what is
found holds for houses in which everybody may do everything; fewer roles only make it harder.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from engine.language import Text
from engine.proving.paths import sample
from engine.proving.proof_verdicts import PlayedStep, PromiseAnswer, PromiseVerdict
from engine.proving.search import Search
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.model import FieldType, Transition, Workflow

MOST_PERSONS: Final = 4
MOST: Final = 60_000

Persons = frozenset[int]


class _Place(NamedTuple):
    """Where a case stands and who is kept from what."""

    state: str
    barred: tuple[Persons, ...]
    """Of each earlier step that `not_by` names, who did it in the rounds that are meant."""
    so_far: tuple[Persons, ...]
    """Of each of those, who did it at any time."""


def left_over(search: Search) -> Iterator[PromiseVerdict]:
    """Yield with how many persons every case can end, or that no number suffices.

    Workflow satisfiability counts persons by patterns, not by names (Crampton, Gutin); resiliency asks that no choice
    of persons so far leaves nobody.
    """
    workflow = search.space.workflow
    named = tuple(dict.fromkeys(each for step in workflow.transitions for each in step.not_by))
    if not named:
        compares = any(each.by for each in search.space.same.values())
        yield PromiseVerdict(4, "", PromiseAnswer.PROVED, _ONE_IF if compares else _ONE)
        return
    if not search.complete and any(each.name not in search.taken for each in workflow.transitions):
        yield PromiseVerdict(4, "", PromiseAnswer.NOT_DECIDED, search.cuts[0])
        return
    failed: tuple[PlayedStep, ...] = ()
    fixed = _named_for_good(workflow)
    for persons in range(max(1, len(fixed)), MOST_PERSONS + 1):
        found = _Persons(workflow, named, persons, search.taken, fixed)
        trapped = found.trapped()
        if trapped is None:
            yield PromiseVerdict(
                4, "", PromiseAnswer.NOT_DECIDED, Text("too many persons and steps", "人员与步骤组合过多")
            )
            return
        if not trapped:
            yield PromiseVerdict(4, "", PromiseAnswer.PROVED, _ENOUGH.format(n=persons))
            return
        # Two make the shortest story; with more of them it is the same one, only longer.
        failed = failed or trapped if persons > len((1, 2)) else trapped
    barred = Text(", ".join(map(str, named)), "、".join(map(str, named)))
    if fixed and not _Persons(workflow, named, MOST_PERSONS, search.taken, {}).trapped():
        fields = Text(", ".join(fixed), "、".join(fixed))
        yield PromiseVerdict(4, "", PromiseAnswer.REFUTED, _NAMED.format(steps=barred, fields=fields), failed)
        return
    yield PromiseVerdict(4, "", PromiseAnswer.REFUTED, _NEVER.format(n=MOST_PERSONS, steps=barred), failed)


def _named_for_good(workflow: Workflow) -> dict[str, int]:
    """Return the officer fields that alone say who takes some step and never change, each with a person of its own."""
    changing = {*workflow.hand_over_names}
    for step in workflow.transitions:
        changing |= {*step.asks, *step.takes, *step.needs, *step.clears, *step.sets}
    alone = dict.fromkeys(each.by[0] for each in workflow.transitions if len(each.by) == 1)
    found = [
        name
        for name in alone
        if name in workflow.fields
        and workflow.fields[name].type is FieldType.OFFICER
        and not (workflow.fields[name].amend and workflow.amend_by)
        and name not in changing
    ]
    return {name: person for person, name in enumerate(found)} if len(found) <= MOST_PERSONS else {}


_ONE: Final = Text("one person can close every case", "一人即可办结任何事项")
_ONE_IF: Final = Text(
    "no step keeps anybody from another (not_by); what conditions ask of who acts is left out of account",
    "没有步骤要求回避（not_by）；条件中对办理人的比较不计",
)
_ENOUGH: Final = Text(
    "with {n} persons who may take every step every case can end, no matter who did what before, conditions on values "
    "left out of account; with fewer not",
    "有 {n} 人可办各步骤即可办结任何事项，无论此前由谁办理（不计对取值的条件）；人数再少则不能",
)
_NAMED: Final = Text(
    "a case can come to where nobody is left: who is named in '{fields}' is kept from a step that nobody else may take "
    "(not_by: {steps})",
    "事项可能无人可办：“{fields}”所指定的人员须回避，而该步骤只能由其办理（not_by：{steps}）",
)
_NEVER: Final = Text(
    "even with {n} persons who may take every step a case can come to where nobody is left: each round bars another "
    "(not_by: {steps})",
    "即使有 {n} 人可办各步骤，事项仍可能无人可办：每一轮都多一人须回避（not_by：{steps}）",
)


class _Persons:
    """The search with a number of persons."""

    def __init__(
        self,
        workflow: Workflow,
        named: tuple[EarlierStep, ...],
        persons: int,
        taken: Iterable[str],
        fixed: Mapping[str, int],
    ) -> None:
        self._workflow = workflow
        self._named = named
        self._persons = range(persons)
        alive = set(taken)
        self._steps = tuple(each for each in workflow.transitions if each.name in alive)
        self._fixed = fixed

    def trapped(self) -> tuple[PlayedStep, ...] | None:
        """Return the way to where nobody is left; empty if there is none, None if there was too much to look at."""
        above = tuple(frozenset({0}) if each.of_parent else frozenset() for each in self._named)
        start = _Place(self._workflow.initial, above, above)
        before: dict[_Place, tuple[_Place, str, int] | None] = {start: None}
        onward: dict[_Place, list[_Place]] = {}
        waiting = [start]
        for place in waiting:  # grows while it is walked
            onward[place] = []
            for step, person, after in self._next(place):
                onward[place].append(after)
                if after not in before:
                    before[after] = (place, step.name, person)
                    waiting.append(after)
            if len(waiting) > MOST:
                return None
        stuck = _stuck(onward, {each for each in waiting if self._workflow.is_final(each.state)})
        first = next((each for each in waiting if each in stuck), None)
        return () if first is None else tuple(self._way_to(before, first))

    def _next(self, place: _Place) -> Iterator[tuple[Transition, int, _Place]]:
        """Yield each step that somebody may take, with the person and where it leads."""
        for step in self._steps:
            if place.state not in step.sources:
                continue
            kept_away = frozenset().union(*(place.barred[self._named.index(each)] for each in step.not_by))
            alone = self._fixed.get(step.by[0]) if len(step.by) == 1 else None
            for person in self._persons if alone is None else (alone,):
                if person not in kept_away:
                    yield step, person, self._after(place, step, person)

    def _after(self, place: _Place, step: Transition, person: int) -> _Place:
        barred, so_far = list(place.barred), list(place.so_far)
        for at, each in enumerate(self._named):
            if each.of_parent:
                continue
            if each.side in {"since", "before"} and step.trigger == each.mark:
                barred[at] = so_far[at] if each.side == "before" else frozenset()
            if step.trigger == each.trigger:
                so_far[at] |= {person}
                if each.side == "last":
                    barred[at] = frozenset({person})
                elif each.side != "before":
                    barred[at] |= {person}
        return _Place(step.target or place.state, tuple(barred), tuple(so_far))

    def _way_to(self, before: dict[_Place, tuple[_Place, str, int] | None], place: _Place) -> Iterator[PlayedStep]:
        """Yield how a case comes to a place."""
        ways: list[PlayedStep] = []
        here: _Place | None = place
        while here is not None:
            came = before[here]
            if came is None:
                required = [each for each in self._workflow.fields.values() if each.required]
                values = {each.name: sample(each) for each in required}
                values |= {name: f"p{person + 1}" for name, person in self._fixed.items()}
                ways.append(PlayedStep("open", "", "p1", 0, values, here.state))
                here = None
            else:
                step = next(each for each in self._steps if each.name == came[1])
                values = {name: sample(self._workflow.fields[name]) for name in (*step.asks, *step.needs)}
                ways.append(PlayedStep("step", step.trigger, f"p{came[2] + 1}", 0, values, here.state))
                here = came[0]
        yield from reversed(ways)


def _stuck(onward: dict[_Place, list[_Place]], ended: set[_Place]) -> set[_Place]:
    """Return the places from which no end can be reached."""
    back: dict[_Place, list[_Place]] = {}
    for place, others in onward.items():
        for each in others:
            back.setdefault(each, []).append(place)
    saved, waiting = set(ended), list(ended)
    while waiting:
        for each in back.get(waiting.pop(), ()):
            if each not in saved:
                saved.add(each)
                waiting.append(each)
    return set(onward) - saved
