"""How cases begin: by hand, by a step of a parent, or by themselves."""

from collections.abc import Iterator, Mapping

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.child_profiles import opening_key
from engine.proving.questions import Slot
from engine.proving.steps import Step
from engine.proving.trials import Had, StepCondition
from engine.workflow.computed import literal
from engine.workflow.model import Transition


class CaseBeginning(Step):
    """One way in which a case is opened: by hand, by a step of its parent, or by itself."""

    def __init__(
        self, space: Abstraction, sets: Mapping[str, object], *, by_hand: bool, surely: frozenset[str]
    ) -> None:
        """Prepare it.

        Args:
            sets: Values that it is opened with, beside those that are brought.
            by_hand: People open it, and bring what may be brought.
            surely: Fields that are given some value.
        """
        self._sets = sets
        self.opened_by = "" if by_hand else opening_key(sets)
        self._by_hand = by_hand
        self._surely = surely
        workflow = space.workflow
        nothing = Transition(
            name="",
            trigger="",
            title=Text("", ""),
            sources=(workflow.initial,),
            target=workflow.initial,
            by=(),
            sets={},
        )
        super().__init__(space, nothing, workflow.initial)
        self.reads = ()
        self.writes = tuple(place for place, slot in enumerate(space.slots) if slot in space.live[workflow.initial])

    def _conditions(self) -> Iterator[StepCondition]:
        for guard in self.space.workflow.open_when if self._by_hand else ():
            if "parent" not in guard.expression:
                yield StepCondition(self.space.question(guard.expression), wanted=True, after=True)

    def _variables(self) -> Iterator[str]:
        live = self.space.live[self.space.workflow.initial]
        named = {slot.name for each in self.conditions for slot in each.question.slots if slot.kind == "field"}
        named |= {slot.name for slot in live if slot.kind == "field"}
        pairs = {name for each in self.space.pairs for name in (each.name, str(each.only_if))}
        yield from (each for each in self.space.domains if each in named | (pairs if named & pairs else set()))

    def _options(self, name: str, codes: dict[Slot, int]) -> Iterator[Had]:
        del codes
        space, domain = self.space, self.space.domains[name]
        field = space.workflow.fields[name]
        given = {**space.workflow.open_sets, **self._sets}
        fixed = literal(given).get(name)
        possible: tuple[int, ...] = (domain.empty,)
        if fixed is not None and domain.code(fixed) is not None:
            possible = (domain.code(fixed) or 0,)
        elif name in given or name in self._surely:
            possible = domain.filled if name in self._surely or field.required else domain.everything
        brought = self._by_hand and (field.amend or field.required or name in space.workflow.open_takes)
        if brought:
            possible = tuple(dict.fromkeys((*possible, *domain.everything)))
        if field.required:
            possible = tuple(each for each in possible if domain.classes[each].filled is not None)
        possible = tuple(sorted(possible, key=lambda each: self._kept(name, each) != each))
        yield from (Had(name, domain.empty, code, brought=True) for code in possible)

    @property
    def _persons(self) -> tuple[Slot, ...]:
        live = self.space.live[self.space.workflow.initial]
        asked = {slot for each in self.conditions for slot in each.question.slots if slot.kind == "same"}
        return tuple(sorted(asked | {slot for slot in live if slot.kind == "same"}))

    def _pair(self, name: str, flag: str) -> StepCondition | None:
        if name not in self._names or flag not in self._names:
            return None
        return StepCondition(self.space.question(f"{name} is none or {flag}"), wanted=True, after=True)

    def _written(self, slot: Slot, after: dict[Slot, int], codes: dict[Slot, int]) -> int:
        del codes
        return after.get(slot, 0)


def beginnings(space: Abstraction) -> Iterator[CaseBeginning]:
    """Yield every way in which a case is opened."""
    workflow = space.workflow
    if workflow.open_by and (workflow.open_alone or workflow.parents):
        yield CaseBeginning(space, {}, by_hand=True, surely=frozenset())
    for each in space.openings_here:
        yield CaseBeginning(space, each.sets, by_hand=False, surely=frozenset())
    for sets, written in space.extensions_here:
        yield CaseBeginning(space, sets, by_hand=False, surely=written | {workflow.dated_by})
    for recurrence in workflow.recurs.values():
        surely = frozenset((*recurrence.writes.values(), *recurrence.fills))
        yield CaseBeginning(space, recurrence.sets, by_hand=False, surely=surely)
