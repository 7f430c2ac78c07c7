"""What a workflow asks: its conditions, each prepared once, and what its steps take, set and ask for."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from engine.expressions.atoms import ExpressionPiece
from engine.language import Text
from engine.proving.counting_up import counted_up
from engine.proving.domains import raw_values
from engine.proving.families import Families
from engine.proving.questions import AskedQuestion
from engine.validation.check import Known
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, literal
from engine.workflow.model import Transition, Workflow

PROGRAM: Final = "program"
"""In `by` of a step: what a deadline does by itself."""


class AskedConditions:
    """All that steps of one workflow ask."""

    kin: Mapping[str, Families]
    """The classes of the children of each workflow."""

    def __init__(
        self,
        workflow: Workflow,
        known: Known,
        *,
        corrections: bool,
        above_state: str | None = None,
        never: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Prepare the conditions.

        Args:
            corrections: A field that may be amended has any value at any time.
            above_state: Where the parent stands; None if anywhere.
            never: What is asked besides of a case that stands in a state: conditions by state.
        """
        self.workflow = workflow
        self.known = known
        self.corrections = corrections and bool(workflow.amend_by)
        self.above_state = above_state
        self.never = never or {}
        self._questions: dict[str, AskedQuestion] = {}

    def question(self, source: str) -> AskedQuestion:
        """Return the condition; each is prepared once."""
        if source not in self._questions:
            self._questions[source] = AskedQuestion(self.workflow, source, self.shown)
        return self._questions[source]

    def is_free(self, name: str) -> bool:
        """Say whether a field may have any value at any time, since it may be corrected."""
        return self.corrections and self.workflow.fields[name].amend

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Every condition that the search asks."""
        workflow = self.workflow
        found = [each.expression for each in workflow.open_when]
        for step in workflow.transitions:
            found += [each for each in (step.if_, *(one.if_ for one in step.opens)) if each is not None]
            found += [each.expression for each in step.when]
        found += [each.if_ for each in workflow.deadlines.values() if each.if_ and each.then]
        found += [each for some in self.never.values() for each in some]
        return tuple(dict.fromkeys(found))

    @cached_property
    def pieces(self) -> tuple[ExpressionPiece, ...]:
        """The parts of all conditions."""
        found = {each.source: each for source in self.sources for each in self.question(source).parts.pieces}
        return tuple(found.values())

    def set_to(self, name: str) -> list[object]:
        """Return the values that the declarations give a field; of a choice that children are compared with, all."""
        every = [self.workflow.open_sets, *(each.sets for each in self.workflow.transitions)]
        every += [each.sets for each in self.openings_here]
        every += [each.sets for each in self.workflow.recurs.values()]
        found = [value for sets in every for key, value in literal(sets).items() if key == name]
        beside_kin = any(piece.children and name in piece.names for piece in self.pieces)
        return found + ([each.value for each in self.workflow.fields[name].choices] if beside_kin else [])

    @cached_property
    def proposed(self) -> tuple[tuple[frozenset[str], ChildOpening], ...]:
        """The children that ladders propose, with the states in which one of their terms runs."""
        return tuple(
            (frozenset(deadline.runs_in), rung.opens)
            for deadline in self.workflow.deadlines.values()
            for rung in self.workflow.ladders.get(deadline.ladder or "", ())
            if rung.opens is not None
        )

    @cached_property
    def extensions_here(self) -> tuple[tuple[Mapping[str, object], frozenset[str]], ...]:
        """How extensions open cases of this one: what they set, and which fields they write."""
        return tuple(
            (each.extend.opens.sets, frozenset(map(str, each.extend.opens.writes.values())))
            for other in self.known.with_itself(self.workflow).values()
            for each in other.deadlines.values()
            if each.extend is not None and each.extend.opens is not None
            if each.extend.opens.workflow == self.workflow.name
        )

    @cached_property
    def openings_here(self) -> tuple[ChildOpening, ...]:
        """How steps and ladders of other workflows open cases of this one."""
        found: list[ChildOpening] = []
        for other in self.known.with_itself(self.workflow).values():
            every = [each for step in other.transitions for each in step.opens]
            every += [rung.opens for rungs in other.ladders.values() for rung in rungs if rung.opens is not None]
            found += [each for each in every if each.workflow == self.workflow.name]
        return tuple(found)

    def above(self, name: str) -> list[object]:
        """Return what a name of the parent may be."""
        parents = [self.known.workflows[each] for each in self.workflow.parents if each in self.known.workflows]
        if name == "state":
            every = [state for each in parents for state in each.states]
            return list(every) if self.above_state is None else [self.above_state]
        field = next((each.fields[name] for each in parents if name in each.fields), None)
        if field is None:
            return [None, "x"]
        return raw_values(parents[0], field, [each.replace(f"parent.{name}", name) for each in self.sources], [])

    def shown(self, name: str, number: int) -> list[Mapping[str, object]]:
        """Return the children of a workflow as a class of families shows them."""
        return self.kin[name].shown(number) if name in self.kin else []

    def brought(self, step: Transition) -> frozenset[str]:
        """Return the fields that may be brought with a step."""
        return frozenset((*step.needs, *step.asks, *step.takes))

    def entitling(self, step: Transition) -> tuple[str, ...]:
        """Return the fields of which one must name somebody for the step to be taken; none if a role may."""
        if not step.by or any(each not in self.workflow.fields for each in step.by):
            return ()
        return step.by

    def asked_by(self, step: Transition) -> Iterable[str]:
        """Yield the conditions of a step."""
        for each in self.workflow.transitions:
            if each.trigger == step.trigger and each.if_ is not None:
                yield each.if_
            if each is step:
                break
        yield from (each.expression for each in step.when)
        yield from (each.if_ for each in step.opens if each.if_ is not None)
        if step.by == (PROGRAM,):
            yield from (each.if_ for each in self.workflow.deadlines.values() if each.then == step.trigger and each.if_)

    @cached_property
    def openings(self) -> tuple[ChildOpening, ...]:
        """The children that steps and ladders open."""
        by_steps = (each for step in self.workflow.transitions for each in step.opens)
        return (*by_steps, *(each for _, each in self.proposed))

    def not_worked_out(self) -> Iterable[Text]:
        """Yield what conditions look at and the search does not follow, so that what hangs on it is not decided."""
        gathered = {each.name for each in self.workflow.fields.values() if each.gathers is not None}
        grown = {each.name for each in self.workflow.fields.values() if each.grows}
        several = {each.workflow for each in self.openings if each.each is not None}
        for source in self.sources:
            parts = self.question(source).parts
            people = {name for one in parts.people for name in one.fields}
            for name in sorted((parts.names | people) & gathered):
                yield _GATHERED.format(name=name, source=source)
            for name in sorted({name for each in parts.pieces if each.form != "there" for name in each.names} & grown):
                yield _GROWN.format(name=name, source=source)
            for name in sorted(parts.children & several):
                yield _SEVERAL.format(name=name, source=source)
            for name in sorted(parts.names & self.worked_out.keys()):
                yield _WORKED_OUT.format(name=name, source=source, by=self.worked_out[name])
        for source in dict.fromkeys(each for step in self.workflow.transitions for each in self.asked_by(step)):
            for name in sorted(self.question(source).parts.parent - _OF_EVERY_PARENT):
                yield _OF_PARENT.format(name=name, source=source)

    @cached_property
    def worked_out(self) -> Mapping[str, str]:
        """The fields that steps set to what an expression gives, which is not followed: the first such expression.

        The day and who acts are followed, and so is what is counted up; what may be corrected may be anything.
        """
        return {
            name: source
            for step in self.workflow.transitions
            for name, source in computed(step.sets).items()
            if source not in {"today", "by"} and name not in self.counted and not self.is_free(name)
        }

    @cached_property
    def counted(self) -> Mapping[str, int]:
        """The numbers that steps count up, each with the greatest that any condition can distinguish from the next."""
        return counted_up(self)


_GATHERED: Final = Text(
    "`{source}` looks at '{name}', which is gathered from children and was not worked out",
    "`{source}` 查看由下级事项汇总的“{name}”，未予推算",
)
_GROWN: Final = Text(
    "`{source}` looks at '{name}', of which nothing is ever taken out; that was not followed",
    "`{source}` 查看只增不减的“{name}”，未予推算",
)
_WORKED_OUT: Final = Text(
    "`{source}` looks at '{name}', which a step works out as `{by}`; that was not followed",
    "`{source}` 查看“{name}”，其值由步骤按 `{by}` 推算，未予跟踪",
)
_OF_PARENT: Final = Text(
    "`{source}` looks at '{name}' of the parent, which was not followed together with it",
    "`{source}` 查看上级事项的“{name}”，未与上级一并跟踪",
)
_OF_EVERY_PARENT: Final = frozenset({"state", "number", "unit"})
"""Of a parent these are followed, or are of no matter."""
_SEVERAL: Final = Text(
    "`{source}` looks at children '{name}' opened for each value of a list; how many was not worked out",
    "`{source}` 查看按列表逐项开立的下级“{name}”，其件数未予推算",
)
