"""Values tried one after another, and given up as soon as a condition says no."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.proving.questions import AskedQuestion, Slot


class Had(NamedTuple):
    """What a field had before a step and has after it, as classes of its values."""

    name: str
    before: int
    """As the step's `if` sees it."""
    after: int
    brought: bool


class StepCondition(NamedTuple):
    """What a step asks, and when."""

    question: AskedQuestion
    wanted: bool
    after: bool
    """It sees the values after the step."""
    birth: int | None = None
    """It says whether this child is opened, so it may come out either way."""


class ValueTrial:
    """All ways to give some slots values that meet some conditions."""

    def __init__(
        self,
        slots: Sequence[Slot],
        conditions: Sequence[StepCondition],
        options: Mapping[str, Sequence[Had]],
        holds: "Callable[[StepCondition, ValueTrial], bool]",
    ) -> None:
        """Prepare it.

        Args:
            options: What each field can have; a comparison of persons comes out either way.
            holds: Says whether a condition holds of what is tried so far.
        """
        self.waiting = sorted(slots, key=lambda each: len(options[each.name]) if each.kind == "field" else 2)
        self.had: dict[str, Had] = {}
        self.same: dict[Slot, int] = {}
        self._options = options
        self._holds = holds
        place = {slot: number for number, slot in enumerate(self.waiting)}
        self._due: list[list[StepCondition]] = [[] for _ in range(len(self.waiting) + 1)]
        for each in conditions:
            known = max((place[slot] + 1 for slot in each.question.slots if slot in place), default=0)
            self._due[known].append(each)

    def ways(self, depth: int = 0, refused: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
        """Yield for each way the places of the children that are not opened; `had` and `same` hold it meanwhile."""
        for condition in self._due[depth]:
            holds = self._holds(condition, self)
            if condition.birth is not None:
                refused = refused if holds else (*refused, condition.birth)
            elif holds is not condition.wanted:
                return
        if depth == len(self.waiting):
            yield refused
            return
        slot = self.waiting[depth]
        if slot.kind != "field":
            for truth in (1, 0):
                self.same[slot] = truth
                yield from self.ways(depth + 1, refused)
            return
        for option in self._options[slot.name]:
            self.had[slot.name] = option
            yield from self.ways(depth + 1, refused)
