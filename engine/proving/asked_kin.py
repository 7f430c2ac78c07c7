"""The children of a case as the conditions of its workflow ask for them: which, and what can be followed of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property

from engine.expressions.atoms import ExpressionPiece
from engine.proving.child_profiles import FOLLOWED_TYPES, KnownFlow, Profile, opening_key
from engine.proving.conditions import AskedConditions
from engine.proving.domains import raw_values
from engine.proving.families import Families
from engine.proving.questions import AskedQuestion
from engine.validation.check import Known
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, is_copied, literal
from engine.workflow.model import FieldType, Transition, Workflow


class AskedKin(AskedConditions):
    """What the search of one workflow asks of children."""

    def __init__(
        self,
        workflow: Workflow,
        known: Known,
        flows: Mapping[str, KnownFlow],
        *,
        corrections: bool,
        above_state: str | None,
        never: Mapping[str, tuple[str, ...]] | None,
    ) -> None:
        """Prepare the children; see `AskedConditions`.

        Args:
            flows: How cases of the workflows that this one opens move.
        """
        super().__init__(workflow, known, corrections=corrections, above_state=above_state, never=never)
        self._flows = flows
        self.undistinguished: dict[str, str] = {}
        """Conditions by which families are not distinguished, with the workflow of the children: of no child they are
        judged, else they may hold or not."""
        self.kin = self._families()

    def _families(self) -> dict[str, Families]:
        """Return the classes of the children of each workflow that steps here open."""
        opened = dict.fromkeys(each.workflow for step in self.workflow.transitions for each in step.opens)
        # What a ladder proposes, such as a talk about lateness, goes its own way unless a condition asks for it.
        asked = {name for source in self.sources for name in self.question(source).parts.children}
        opened |= dict.fromkeys(each.workflow for _, each in self.proposed if each.workflow in asked)
        every = self.known.with_itself(self.workflow)
        found: dict[str, Families] = {}
        for name in opened:
            if name in every and name in self._flows:
                found[name] = self._plainest(every[name])
        return found

    def _plainest(self, child: Workflow) -> Families:
        """Return the classes of children, those that only say whether one more may be opened left out where they may.

        They may be left out where one more child is no harm: whatever it is, it can come to where nobody sees it.
        """
        besides = self.only_for_more(child.name)
        if besides:
            plainer = self._families_of(child, besides=besides)
            if plainer.is_folded and plainer.returns():
                self.undistinguished |= dict.fromkeys(besides & self._asking_of(child.name), child.name)
                return plainer
        return self._families_of(child)

    def _asking_of(self, child: str) -> set[str]:
        """Return the conditions that look at children of a workflow."""
        return {each for each in self.sources if child in self.question(each).parts.children}

    @cache  # noqa: B019 - lives as long as the search
    def families_for(self, source: str) -> Mapping[str, Families]:
        """Return the children as one condition tells them apart, whether the search asks it or not."""
        every = self.known.with_itself(self.workflow)
        named = self.question(source).parts.children & every.keys() & self._flows.keys()
        return {name: self._families_of(every[name], only=(source,)) for name in sorted(named)}

    @cached_property
    def proposals(self) -> tuple[tuple[frozenset[str], str, Profile], ...]:
        """The children that ladders propose: in which states, of which workflow, as which profile."""
        return tuple(
            dict.fromkeys(
                (states, each.workflow, self.kin[each.workflow].profile(opening_key(each.sets), birth))
                for states, each in self.proposed
                if each.workflow in self.kin
                for birth in self._births(each, self.kin[each.workflow].values)
            )
        )

    def _families_of(
        self, child: Workflow, *, besides: Collection[str] = (), only: Sequence[str] | None = None
    ) -> Families:
        """Return the classes of the children of one workflow, as the conditions distinguish them, or *only* some."""
        plain = [(each, AskedQuestion(self.workflow, each, self.shown)) for each in only or self.sources]
        asking = [
            (source, each) for source, each in plain if child.name in each.parts.children and source not in besides
        ]
        pieces = {
            piece.source: piece for _, each in asking for piece in each.parts.pieces if child.name in piece.children
        }
        asked = [name for name in child.fields if any(name in each.words for each in pieces.values())]
        named = {name for piece in pieces.values() for name in piece.names if name in self.workflow.fields}
        parent_values = {
            name: raw_values(self.workflow, self.workflow.fields[name], self.sources, self.set_to(name))
            for name in named
        }
        along = [
            step.each
            for step in self.workflow.transitions
            if step.each is not None and step.each.children == child.name
        ]

        def distinguishing(given: dict[str, list[object]]) -> Families:
            values = {name: self._child_values(child, name, pieces.values(), parent_values) for name in asked} | given
            openings = [each for each in self.openings if each.workflow == child.name]
            births = [(opening_key(each.sets), birth) for each in openings for birth in self._births(each, values)]
            return Families(
                child,
                flow=self._flows[child.name],
                births=births,
                pieces=pieces.values(),
                fields=values,
                parent_values=parent_values,
                along=along,
            )

        found = distinguishing({})
        given = {name: values for name, values in self._given(child).items() if name not in asked}
        # Where it matters to a child what it is given, that is followed too, though no condition of the parent asks.
        return found if found.is_sure or not given else distinguishing(given)

    def _given(self, child: Workflow) -> dict[str, list[object]]:
        """Return the values of the fields that children are given from values of their parent and can distinguish."""
        sets = [each.sets for each in self.openings if each.workflow == child.name]
        copied = dict.fromkeys(name for each in sets for name, source in computed(each).items() if is_copied(source))
        fields = [child.fields[name] for name in copied if child.fields[name].type in FOLLOWED_TYPES]
        nothing: list[object] = [None]
        truths: list[object] = [False, True]
        return {
            each.name: (nothing if not each.required else []) + ([one.value for one in each.choices] or truths)
            for each in fields
        }

    def only_for_more(self, child: str) -> set[str]:
        """Return the conditions that only say whether one more child may be opened, by steps that change nothing else.

        Taken or refused, such a step leaves the case where it was, and its children either as they were or with one
        more; so it opens no way and closes none, and families need not be distinguished by it.
        """
        alone: dict[str, bool] = {}
        for step in self.workflow.transitions:
            mine = self._changes_nothing_else(step, child)
            for guard in step.when:
                alone[guard.expression] = alone.get(guard.expression, True) and mine
            for source in (step.if_, *(each.if_ for each in step.opens)):
                if source is not None:
                    alone[source] = False
        return {source for source, only in alone.items() if only}

    def _changes_nothing_else(self, step: Transition, child: str) -> bool:
        """Say whether all that a step does that any other may ask for is to open children of one workflow."""
        if step.target is not None or not step.opens or any(each.workflow != child for each in step.opens):
            return False
        written = {*self.brought(step), *step.clears, *step.sets}
        for other in self.workflow.transitions:
            asked: set[str] = {*self.entitling(other)}
            for source in self.asked_by(other):
                asked |= {slot.name for slot in self.question(source).slots if slot.kind == "field"}
                if step.trigger in self.question(source).parts.done:
                    return False
            asked |= {name for each in other.opens for name in copies(each)}
            if other is not step and not written.isdisjoint(asked - self.brought(other)):
                return False
        return True

    def _child_values(
        self, child: Workflow, name: str, pieces: Iterable[ExpressionPiece], parent_values: Mapping[str, list[object]]
    ) -> list[object]:
        """Return the values of a child's field that the parent can distinguish; the last stands for all others."""
        field = child.fields[name]
        asking = [each for each in pieces if name in each.words]
        words = {word for each in asking for word in each.words}
        if field.type is FieldType.CHOICE:
            given = {each for some in parent_values.values() for each in some}
            every: list[object] = [each.value for each in field.choices]
            named = [each for each in every if each in words | given]
            others = [each for each in every if each not in named]
            return ([] if field.required else [None]) + named + others[:1]
        literals = [f"{name} == '{word}'" for word in sorted(words - {name})]
        literals += [f"{name} == {number}" for each in asking for number in each.numbers]
        found = raw_values(child, field, literals, [])
        found.sort(key=lambda each: each is not None and each not in words)  # a value that nobody names is the last
        return found[1:] if field.required and None in found else found

    def _births(self, opening: ChildOpening, values: Mapping[str, list[object]]) -> Iterable[Mapping[str, object]]:
        """Yield the values that children asked for may be born with; all of them where they are copied."""
        known = literal(opening.sets)
        worked = computed(opening.sets)
        some: list[dict[str, object]] = [{}]
        for name, possible in values.items():
            options = possible if name in worked else [known.get(name)]
            some = [{**each, name: value} for each in some for value in options]
        return some


def copies(opening: ChildOpening) -> Iterable[str]:
    """Yield the fields of the parent that an opening copies."""
    yield from (source for source in computed(opening.sets).values() if is_copied(source))
