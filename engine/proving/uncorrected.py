"""Whether every case can end though no field is ever corrected, asked of the search in which they are.

That search does not know what a field holds that may be corrected, so it has far fewer standings; but what it takes for
a way on may hang on a correction. Here a way counts only if one is open whatever such fields hold: for each of their
values some step leads to where the same is so. What follows is proved; what does not follow is not refuted by it.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Final

from engine.proving.questions import Slot
from engine.proving.search import Search, Standing
from engine.proving.steps import Step, StepOutcome

MOST_VALUES: Final = 2_000
"""Combinations of the values of fields that may be corrected, for one standing; beyond them nothing follows."""

_Values = tuple[tuple[Slot, int], ...]
_Ways = dict[tuple[int, tuple[int, ...], _Values], tuple[StepOutcome, ...]]


def ends_uncorrected(search: Search) -> bool:
    """Say whether it follows that from every standing an end can be reached without a correction."""
    return search.complete and not search.space.cuts and _Uncorrected(search).all_saved()


class _Uncorrected:
    """The standings from which an end is surely reached, grown backward from the ends."""

    def __init__(self, search: Search) -> None:
        self._search, self._space = search, search.space
        self._ways: dict[str, _Ways] = {}
        self._loose = {
            (state, place): tuple(self._loose_of(step))
            for state, steps in search.steps.items()
            for place, step in enumerate(steps)
        }

    def all_saved(self) -> bool:
        """Say whether all are among them."""
        search = self._search
        before = search.leading_to()
        saved = bytearray(len(search.standings))
        waiting = [n for n in range(len(search.standings)) if self._space.workflow.is_final(search.state_of(n))]
        for number in waiting:
            saved[number] = 1
        while waiting:
            for each in before[waiting.pop()]:
                if not saved[each] and self._is_saved(each, saved):
                    saved[each] = 1
                    waiting.append(each)
        return all(saved)

    def _loose_of(self, step: Step) -> Iterator[Slot]:
        """Yield what a step asks that a correction might change: fields, and comparisons of them as persons."""
        for slot in sorted(step.asked):
            if slot.kind == "field" and slot.name in self._space.domains and self._space.is_free(slot.name):
                yield slot
            elif slot.kind == "same":
                same = self._space.same[slot.name]
                if not same.by and any(map(self._space.is_free, same.fields)):
                    yield slot

    def _is_saved(self, number: int, saved: bytearray) -> bool:
        """Say whether a standing leads on to saved ones, whatever fields hold that may be corrected."""
        search = self._search
        standing, state = search.standings[number], search.state_of(number)
        if any(saved[other] for other in search.alone_to(number, standing, state)):
            return True
        open_steps = list(enumerate(search.steps[state]))
        sure = [each for each in open_steps if not self._loose[state, each[0]]]
        if any(self._leads(standing, state, *each, (), saved) for each in sure):
            return True
        loose = [each for each in open_steps if self._loose[state, each[0]]]
        slots = sorted({slot for place, _ in loose for slot in self._loose[state, place]})
        some = [self._values_of(slot) for slot in slots]
        if not loose or prod(map(len, some)) > MOST_VALUES:
            return False
        return all(
            any(self._leads(standing, state, *each, tuple(zip(slots, codes, strict=True)), saved) for each in loose)
            for codes in product(*some)
        )

    def _values_of(self, slot: Slot) -> Sequence[int]:
        """Return all that a slot may hold."""
        return (0, 1) if slot.kind == "same" else self._space.possible_codes(slot.name)

    def _leads(self, standing: Standing, state: str, place: int, step: Step, values: _Values, saved: bytearray) -> bool:
        """Say whether a step leads to a saved standing where what may be corrected holds some values."""
        mine = tuple(each for each in values if each[0] in self._loose[state, place])
        known = tuple(standing[each + 1] for each in step.reads)
        ways = self._ways.setdefault(state, {})
        found = ways.get((place, known, mine))
        if found is None:
            found = ways[place, known, mine] = step.outcomes_of(known, dict(mine))
        landed = (self._search.landed(standing, step, each) for each in found)
        numbers = (self._search.number_of(each) for each in landed if each is not None)
        return any(number is not None and saved[number] for number in numbers)
