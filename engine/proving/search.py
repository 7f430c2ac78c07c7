"""Every way in which cases of a workflow can stand, breadth first, and from which of them no end can be reached."""

from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.beginnings import CaseBeginning, beginnings
from engine.proving.questions import Slot
from engine.proving.steps import DEAD, Step, StepOutcome
from engine.proving.trials import Had
from engine.workflow.children import EachChild
from engine.workflow.field_traits import DAY_TYPES

MOST_STANDINGS: Final = 150_000
"""Beyond so many nothing is said of the whole."""

Standing = tuple[int, ...]
"""The number of the state, then a code for each slot."""


class SearchWay(NamedTuple):
    """How one standing comes from another."""

    before: int
    """The number of the standing before; -1 of the first."""
    kind: str
    """`open`, `step`, `wait` (days go by) or `kin` (children move on)."""
    step: int
    """Which step; of `open` which beginning, of `wait` and `kin` which slot (-1: all dates)."""
    outcome: int
    """Which of its outcomes."""


class Search:
    """What was found."""

    def __init__(self, space: Abstraction, *, most: int = MOST_STANDINGS) -> None:
        """Search.

        Args:
            most: Standings after which it gives up.
        """
        self.space = space
        self.standings: list[Standing] = []
        self.ways: list[SearchWay] = []
        self.edges: set[tuple[str, str]] = set()
        self.taken: set[str] = set()
        self.complete = True
        self.looked_at = 0
        """Standings of which every way on is known."""
        self._number: dict[Standing, int] = {}
        # Numbers side by side: as pairs of objects a million steps would take several times the room.
        self._from = array("l")
        self._to = array("l")
        self.beginnings: tuple[CaseBeginning, ...] = tuple(beginnings(space))
        self.steps: dict[str, tuple[Step, ...]] = {}
        self._begin()
        self._run(most)

    def _begin(self) -> None:
        width = len(self.space.slots)
        first = self.space.state_number[self.space.workflow.initial]
        for place, beginning in enumerate(self.beginnings):
            for number, each in enumerate(beginning.outcomes(())):
                codes = [DEAD] * width
                for slot, code in zip(beginning.writes, each.codes, strict=True):
                    codes[slot] = code
                self._noted((first, *codes), SearchWay(-1, "open", place, number))

    def _noted(self, standing: Standing, way: SearchWay) -> int:
        number = self._number.get(standing)
        if number is None:
            number = self._number[standing] = len(self.standings)
            self.standings.append(standing)
            self.ways.append(way)
        return number

    def _run(self, most: int) -> None:
        space = self.space
        live = {name: tuple(slot in space.live[name] for slot in space.slots) for name in space.workflow.states}
        for number, standing in enumerate(self.standings):  # grows while it is walked
            if number >= most:
                self.complete = False
                return
            self.looked_at = number + 1
            state = space.state_names[standing[0]]
            if state not in self.steps:
                self.steps[state] = tuple(Step(space, each, state) for each in space.workflow.transitions_from(state))
            for place, step in enumerate(self.steps[state]):
                self._take(number, standing, place, step, live[step.target])
            for after, way in self._by_themselves(number, standing, state):
                self._joined(number, self._noted(after, way))

    def _take(self, number: int, standing: Standing, place: int, step: Step, kept: tuple[bool, ...]) -> None:
        """Note all that one step leads to."""
        known = tuple(standing[each + 1] for each in step.reads)
        found = step.outcomes(known)
        if not found:
            return
        self.taken.add(step.transition.name)
        self.edges.add((step.source, step.target))
        # What no later step asks is forgotten, so that standings which differ in nothing else become one.
        base = [code if keep else DEAD for code, keep in zip(standing[1:], kept, strict=True)]
        target = self.space.state_number[step.target]
        writes, each = step.writes, step.transition.each
        for which, outcome in enumerate(found):
            after = base.copy()
            for slot, code in zip(writes, outcome.codes):  # noqa: B905 - half of the time of a search is spent here
                after[slot] = code
            if each is not None:
                self._go_along(each, after)
            if outcome.births:
                self._bear(outcome, after)
            self._joined(number, self._noted((target, *after), SearchWay(number, "step", place, which)))

    def _go_along(self, each: EachChild, after: list[int]) -> None:
        """Let the children take the step that they take with their parent."""
        place = self._kin_places.get(each.children)
        if place is not None and after[place] != DEAD:
            after[place] = self.space.kin[each.children].went(after[place], each)

    def _bear(self, outcome: StepOutcome, after: list[int]) -> None:
        """Add the children that are born."""
        for name, profile in outcome.births:
            place = self._kin_places.get(name)
            if place is not None and after[place] != DEAD:
                after[place] = self.space.kin[name].born(after[place], profile)

    @cached_property
    def _kin_places(self) -> Mapping[str, int]:
        return {slot.name: place for place, slot in enumerate(self.space.slots) if slot.kind == "kin"}

    def _by_themselves(self, number: int, standing: Standing, state: str) -> Iterator[tuple[Standing, SearchWay]]:
        """Yield what becomes of a case while nobody takes a step with it: days go by, children move on or are born."""
        if self.space.workflow.is_final(state):
            return  # what becomes of its children later is their own matter
        yield from self._a_day_later(number, standing)
        for place, other, kind in (*self._born(standing, state), *self._moved(standing, state)):
            if other != standing[place + 1]:
                yield (*standing[: place + 1], other, *standing[place + 2 :]), SearchWay(number, kind, place, other)

    def _a_day_later(self, number: int, standing: Standing) -> Iterator[tuple[Standing, SearchWay]]:
        """Yield the standing of which the dates that keep their order have moved on together."""
        dated = {slot.name: standing[place + 1] for place, slot in self._ordered if standing[place + 1] != DEAD}
        if dated:
            later = self.space.day_after(dated)
            moved = list(standing)
            for place, slot in self._ordered:
                moved[place + 1] = later.get(slot.name, DEAD)
            if tuple(moved) != standing:
                yield tuple(moved), SearchWay(number, "wait", -1, 0)

    def _born(self, standing: Standing, state: str) -> Iterator[tuple[int, int, str]]:
        """Yield the slot and class of the children after a ladder has proposed one."""
        for states, name, profile in self.space.proposals:
            place = self._kin_places.get(name, DEAD)
            if state in states and place != DEAD and standing[place + 1] != DEAD:
                yield place, self.space.kin[name].born(standing[place + 1], profile), "kin"

    def _moved(self, standing: Standing, state: str) -> Iterator[tuple[int, int, str]]:
        """Yield the slots that change by themselves, and what they become."""
        for place, slot in self._moving:
            code = standing[place + 1]
            if code == DEAD:
                continue
            if slot.kind == "kin":
                yield from ((place, other, "kin") for other in self.space.kin[slot.name].moved(code, state))
            else:
                yield from ((place, other, "wait") for other in self.space.later(slot.name)[code])

    @cached_property
    def _ordered(self) -> tuple[tuple[int, Slot], ...]:
        """The slots of dates that move on together."""
        names = self.space.ordered
        return tuple((p, s) for p, s in enumerate(self.space.slots) if s.kind == "field" and s.name in names)

    @cached_property
    def _moving(self) -> tuple[tuple[int, Slot], ...]:
        """The slots that change by themselves."""
        fields = self.space.workflow.fields
        return tuple(
            (place, slot)
            for place, slot in enumerate(self.space.slots)
            if slot.kind == "kin" or (slot.kind == "field" and fields[slot.name].type in DAY_TYPES)
        )

    def _joined(self, one: int, other: int) -> None:
        if one != other:
            self._from.append(one)
            self._to.append(other)

    @property
    def cuts(self) -> tuple[Text, ...]:
        """What was left out; empty if every way was looked at."""
        own = Text(
            f"more than {self.looked_at} standings; it was not searched to the end",
            f"超过 {self.looked_at} 种情形，未搜索完毕",
        )
        return (*(() if self.complete else (own,)), *self.space.cuts)

    @property
    def width(self) -> int:
        """How many steps lead from one standing to another."""
        return len(self._from)

    def trapped(self) -> list[int]:
        """Return the standings from which surely no end can be reached, in the order in which they were found.

        A standing whose ways on were not looked at may lead anywhere.
        """
        final = {number for name, number in self.space.state_number.items() if self.space.workflow.is_final(name)}
        return self.lost_to({number for number, each in enumerate(self.standings) if each[0] in final})

    def lost_to(self, wanted: set[int]) -> list[int]:
        """Return the standings from which surely none of some standings can be reached, in the order they were found.

        Args:
            wanted: The numbers of the standings to be reached.
        """
        count, before = len(self.standings), self.leading_to()
        saved = bytearray(count)
        waiting = [number for number in range(count) if number in wanted or number >= self.looked_at]
        for number in waiting:
            saved[number] = 1
        while waiting:
            for each in before[waiting.pop()]:
                if not saved[each]:
                    saved[each] = 1
                    waiting.append(each)
        return [number for number in range(count) if not saved[number]]

    def leading_to(self) -> list[list[int]]:
        """Return for each standing those from which one step leads to it."""
        before: list[list[int]] = [[] for _ in self.standings]
        for one, other in zip(self._from, self._to, strict=True):
            before[other].append(one)
        return before

    def landed(self, standing: Standing, step: Step, outcome: StepOutcome) -> Standing:
        """Return the standing to which one outcome of a step leads."""
        live = self.space.live[step.target]
        after = [code if slot in live else DEAD for code, slot in zip(standing[1:], self.space.slots, strict=True)]
        for slot, code in zip(step.writes, outcome.codes, strict=True):
            after[slot] = code
        if step.transition.each is not None:
            self._go_along(step.transition.each, after)
        self._bear(outcome, after)
        return (self.space.state_number[step.target], *after)

    def number_of(self, standing: Standing) -> int | None:
        """Return the number of a standing; None if no case comes to it."""
        return self._number.get(standing)

    def alone_to(self, number: int, standing: Standing, state: str) -> Iterator[int]:
        """Yield the standings to which one leads while nobody takes a step: days go by, children move on."""
        for after, _ in self._by_themselves(number, standing, state):
            yield self._number[after]

    def bears(self, name: str, place: int) -> bool:
        """Say whether a step ever opens the child that stands at a place of its `opens`."""
        return any(
            place not in outcome.refused
            for steps in self.steps.values()
            for step in steps
            if step.transition.name == name
            for outcome in step.known_outcomes()
        )

    def state_of(self, number: int) -> str:
        """Return the state of a standing."""
        return self.space.state_names[self.standings[number][0]]

    def path(self, number: int) -> list[tuple[SearchWay, int]]:
        """Return the ways that lead to a standing, shortest first, each with the standing that it leads to."""
        found: list[tuple[SearchWay, int]] = []
        while number >= 0:
            found.append((self.ways[number], number))
            number = self.ways[number].before
        return found[::-1]

    def witness(self, way: SearchWay) -> tuple[Had, ...]:
        """Return the values that one way of a path brings."""
        if way.kind == "open":
            return self.beginnings[way.step].outcomes(())[way.outcome].witness
        if way.kind != "step":
            return ()
        standing = self.standings[way.before]
        step = self.steps[self.space.state_names[standing[0]]][way.step]
        return step.outcomes(tuple(standing[each + 1] for each in step.reads))[way.outcome].witness
