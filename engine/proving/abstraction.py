"""A workflow as the search walks it: what has to be known of a case in each state, and which values stand for all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache, cached_property
from typing import Final

from engine.expressions.atoms import SamePerson
from engine.language import Text
from engine.proving.asked_kin import AskedKin, copies
from engine.proving.child_profiles import KnownFlow
from engine.proving.counting_up import counted_by
from engine.proving.domains import TODAY, Domain, ValueClass, folded, raw_values
from engine.proving.families import MOST_UNFOLDED
from engine.proving.questions import CAME_FROM, Slot
from engine.proving.untried import is_one_sided, refined
from engine.validation.check import Known
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, is_copied
from engine.workflow.field_traits import DAY_TYPES
from engine.workflow.model import Transition, Workflow


class Abstraction(AskedKin):
    """What the search of one workflow knows and asks."""

    def __init__(
        self,
        workflow: Workflow,
        known: Known,
        flows: Mapping[str, KnownFlow],
        *,
        corrections: bool,
        above_state: str | None = None,
        never: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Prepare the search; see `AskedKin`."""
        super().__init__(workflow, known, flows, corrections=corrections, above_state=above_state, never=never)
        self.folds: dict[str, None] = {}
        self.state_number = {name: number for number, name in enumerate(workflow.states)}
        self.state_names = tuple(workflow.states)
        self.pairs = tuple(each for each in workflow.fields.values() if each.only_if is not None)
        self.domains = self._domains()
        self._note_folds()

    def possible(self, slot: Slot, source: str) -> Sequence[object]:
        """Return all that a condition, which the search need not ask, can find in a slot."""
        match slot.kind:
            case "field":
                field = self.workflow.fields[slot.name]
                return raw_values(self.workflow, field, [source], self.set_to(slot.name))
            case "kin":
                return range(len(self.kin[slot.name])) if slot.name in self.kin else (0,)
            case "parent":
                return self.above(slot.name)
            case "state":
                return tuple(self.workflow.states)
            case "came_from":
                return (None, *self.workflow.states)
        return (False, True)

    def _domains(self) -> dict[str, Domain]:
        """Return the classes of the values of every field that matters."""
        workflow = self.workflow
        copied = [source for step in workflow.transitions for each in step.opens for source in copies(each)]
        needed = {name for step in workflow.transitions for name in (*step.needs, *copied)}
        needed |= {name for step in workflow.transitions for name in step.by if name in workflow.fields}
        needed |= {each.name for each in self.pairs} | {str(each.only_if) for each in self.pairs}
        asked = {name for piece in self.pieces for name in piece.names if name in workflow.fields}
        people = {name for source in self.sources for one in self.question(source).parts.people for name in one.fields}
        fields = {
            name: raw_values(workflow, workflow.fields[name], self.sources, self.set_to(name))
            for name in workflow.fields
            if name in asked | needed | people
        }
        for name in self.ordered:
            # As many days behind and ahead as there are such dates, and one more: room for every order of them about
            # today.
            span = range(-len(self.ordered) - 1, len(self.ordered) + 2)
            days = [TODAY + timedelta(days=each) for each in span if each <= 0 or name != workflow.dated_by]
            fields[name] += [each for each in days if each not in fields[name]]
        fields = refined(fields, self.pieces, workflow.fields)
        fields |= {name: [None, *range(most + 1)] for name, most in self.counted.items() if name in fields}
        self.one_sided = {
            each.source for each in self.pieces if is_one_sided(each, self.pieces, fields, workflow.fields)
        }
        apart = self._passed_to_children(fields) | self.ordered | self.counted.keys()
        return folded(fields, self.pieces, needed=needed, kinds=workflow.fields, apart=apart)

    def _passed_to_children(self, fields: Mapping[str, list[object]]) -> set[str]:
        """Return the fields whose value children are born with, where it is asked for."""
        return {
            source
            for step in self.workflow.transitions
            for each in step.opens
            if each.workflow in self.kin
            for name, source in computed(each.sets).items()
            if is_copied(source) and source in fields and name in self.kin[each.workflow].fields
        }

    @cached_property
    def cuts(self) -> tuple[Text, ...]:
        """Why a case, or its children, may be able to do more than the search of this workflow sees; empty if not."""
        found = [
            _VALUES_CUT.format(source=source)
            for source in self.sources
            if any(each.source in self.one_sided for each in self.question(source).parts.pieces)
        ]
        found += self.not_worked_out()
        opened = {each.workflow for each in self.openings} & self.known.with_itself(self.workflow).keys()
        for name in sorted(opened):
            if name not in self._flows:
                found.append(_CYCLE.format(name=name))
            elif (cut := self._flows[name].cut) is not None:
                found.append(_CHILD_CUT.format(name=name, why=cut))
            elif name in self.kin and not self.kin[name].is_sure:
                found.append(_GIVEN_CUT.format(name=name))
            if name in self.kin and not self.kin[name].complete:
                found.append(_FAMILIES_CUT.format(name=name, n=MOST_UNFOLDED))
        return tuple(found)

    def _note_folds(self) -> None:
        """Note where a few values may not stand for all, so that what is found has to be read with care."""
        for source in self.sources:
            for form in sorted(self.question(source).parts.forms):
                self.folds.setdefault(f"{form}: {source}")
        for name, each in self.kin.items():
            if not each.complete:
                self.folds.setdefault(f"families: {name}")
        for step in self.workflow.transitions:
            if step.each is not None:
                self.folds.setdefault(f"each: {step.name}")
            for name, source in computed(step.sets).items():
                if name in self.domains and name not in self.counted and source not in {"today", "by"}:
                    self.folds.setdefault(f"sets: {step.name}.{name}")

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """All that may be known of a case, in the order of a configuration."""
        return tuple(dict.fromkeys(slot for some in self.live.values() for slot in sorted(some)))

    @cached_property
    def live(self) -> Mapping[str, frozenset[Slot]]:
        """By state what a later step may still ask of what is known there."""
        workflow = self.workflow
        live: dict[str, set[Slot]] = {name: set() for name in workflow.states}
        for state, sources in self.never.items():
            for source in sources:
                live[state] |= {each for each in self.question(source).slots if self._is_kept(each)}
        for state in workflow.states:
            # Whether a case ends over an open child is asked of every end, even if no step asks for children.
            live[state] |= {Slot("kin", name) for name in self.kin if workflow.is_final(state)}
        changed = True
        # Backwards along the steps until nothing is added: what may be forgotten makes two standings one.
        while changed:
            changed = False
            for step in workflow.transitions:
                kept, asked = self.killed(step), self.asked_before(step)
                for source in step.sources:
                    after = live[step.target or source]
                    fresh = (asked | {each for each in after if each not in kept}) - live[source]
                    if fresh:
                        live[source] |= fresh
                        changed = True
        return {name: frozenset(each) for name, each in live.items()}

    @cached_property
    def coarse(self) -> Mapping[str, tuple[int, ...]]:
        """By date field the class that stands for each class once the date is kept.

        A day behind is kept as yesterday, one ahead as tomorrow: a date that is brought later may still lie before, on
        or after it. Only where two kept dates are compared with each other, or days are counted, is each day kept.
        """
        exact = set(self.ordered)
        for step in self.workflow.transitions:
            brought = self.brought(step)
            for source in self.asked_by(step):
                parts = self.question(source).parts
                if parts.forms or ".days" in source:
                    exact |= parts.names - brought
        found: dict[str, tuple[int, ...]] = {}
        for name, domain in self.domains.items():
            if self._is_day(name) and name not in exact:
                near = {sign: domain.code(TODAY + timedelta(days=sign)) for sign in (-1, 1)}
                found[name] = tuple(_kept(code, each, near) for code, each in enumerate(domain.classes))
        return found

    @cached_property
    def ordered(self) -> frozenset[str]:
        """The dates that are compared with each other when both are kept; their order is never lost."""
        found: set[str] = set()
        for step in self.workflow.transitions:
            brought = self.brought(step)
            for source in self.asked_by(step):
                kept = {name for name in self.question(source).parts.names if self._is_date(name)} - brought
                if len(kept) > 1:
                    found |= {name for name in kept if not self.is_free(name)}
        return frozenset(found)

    def day_after(self, codes: Mapping[str, int]) -> Mapping[str, int]:
        """Return the classes of ordered dates when a day has gone by; those behind keep their order.

        Args:
            codes: Those that are known, by field.
        """
        offsets = {name: self.domains[name].classes[code].offsets for name, code in codes.items()}
        days = {name: some[0] - 1 for name, some in offsets.items() if some}
        behind = sorted({each for each in days.values() if each < 0}, reverse=True)
        moved = {name: -1 - behind.index(each) if each < 0 else each for name, each in days.items()}
        found: dict[str, int] = {}
        for name, each in moved.items():
            code = self.domains[name].code(TODAY + timedelta(days=each))
            found[name] = codes[name] if code is None else code
        return {**codes, **found}

    @cache  # noqa: B019 - lives as long as the search
    def later(self, name: str) -> tuple[tuple[int, ...], ...]:
        """Return into which classes each class of a date comes as time passes."""
        domain, coarse = self.domains[name], self.coarse.get(name)
        if name in self.ordered:
            return tuple(() for _ in domain.everything)
        return tuple(
            tuple(sorted({each if coarse is None else coarse[each] for each in domain.later(code)} - {code}))
            for code in domain.everything
        )

    def possible_codes(self, name: str) -> Sequence[int]:
        """Return the classes of what a field can hold if it is free; no correction empties what is required."""
        emptied = any(name in step.clears for step in self.workflow.transitions)
        needed = self.workflow.fields[name].required and not emptied
        return self.domains[name].filled if needed else self.domains[name].everything

    def _is_day(self, name: str) -> bool:
        return name in self.domains and self._is_date(name)

    def _is_date(self, name: str) -> bool:
        return name in self.workflow.fields and self.workflow.fields[name].type in DAY_TYPES

    def _is_kept(self, slot: Slot) -> bool:
        """Say whether a slot belongs to what is known of a case from step to step."""
        if slot.kind == "field":
            return not self.is_free(slot.name)
        if slot.kind == "same":
            return not self._is_anybody(slot)
        return slot.kind in {"done", "kin", "came_from"} and (slot.kind != "kin" or slot.name in self.kin)

    def _is_anybody(self, slot: Slot) -> bool:
        """Say whether a comparison of persons can come out either way at any time."""
        same = self.same[slot.name]
        return same.by or not same.fields or any(self.is_free(name) for name in same.fields)

    @cached_property
    def same(self) -> Mapping[str, SamePerson]:
        """The comparisons of persons, by key."""
        return {each.key: each for source in self.sources for each in self.question(source).parts.people}

    def changed_persons(self, step: Transition) -> set[Slot]:
        """Return the comparisons of persons that may come out otherwise after a step."""
        touched = {*self.brought(step), *step.sets}
        return {
            Slot("same", key)
            for key, each in self.same.items()
            if not touched.isdisjoint(each.fields) or step.trigger in each.steps
        }

    def killed(self, step: Transition) -> set[Slot]:
        """Return what a step replaces, whatever was before."""
        found = {Slot("field", name) for name in (*self.brought(step), *step.clears, *step.sets)}
        found |= self.changed_persons(step) | {Slot("done", step.trigger)}
        return found | ({CAME_FROM} if step.target is not None else set())

    def asked_before(self, step: Transition) -> set[Slot]:
        """Return what a step asks of what is known before it."""
        found: set[Slot] = set()
        for source in self.asked_by(step):
            found |= set(self.question(source).slots)
        found |= {Slot("field", name) for each in step.opens for name in copies(each) if self.is_asked(each, name)}
        found |= {Slot("field", name) for name in step.needs}
        brought = self.brought(step)
        found = {each for each in found if each.kind != "field" or each.name not in brought}
        found -= self.changed_persons(step)
        found |= {Slot("field", name) for name in (*self.entitling(step), *self.counting(step))}
        if step.came_from is not None:
            found.add(CAME_FROM)
        return {each for each in found if self._is_kept(each)}

    def counting(self, step: Transition) -> Iterator[str]:
        """Yield the numbers that a step counts up and that are followed."""
        yield from (name for name in self.counted if name in self.domains and counted_by(step, name) is not None)

    def counted_to(self, step: Transition, name: str, code: int) -> int | None:
        """Return the class to which a step counts a number up from a class; None if it does not count it."""
        more = counted_by(step, name) if name in self.counted else None
        if more is None:
            return None
        value = self.domains[name].classes[code].value
        return self.domains[name].code(min((value if isinstance(value, int) else 0) + more, self.counted[name]))

    def is_asked(self, opening: ChildOpening, name: str) -> bool:
        """Say whether the value of a field, copied to a child, must be there or is looked at."""
        child = self.known.with_itself(self.workflow).get(opening.workflow)
        for key, source in computed(opening.sets).items():
            if source == name and child is not None and key in child.fields:
                asked = opening.workflow in self.kin and key in self.kin[opening.workflow].fields
                if child.fields[key].required or asked:
                    return name in self.domains
        return False


_CYCLE: Final = Text(
    "the children '{name}' open such cases in turn, which were left out", "下级“{name}”又开立此类事项，未计入搜索"
)
_VALUES_CUT: Final = Text(
    "no value that was tried makes both outcomes of a part of `{source}`; others may",
    "`{source}` 中有一部分，所试的值只得出一种结果，其他值未必如此",
)
_CHILD_CUT: Final = Text("of the children '{name}': {why}", "下级“{name}”：{why}")
_GIVEN_CUT: Final = Text(
    "what a '{name}' can come to depends on what it is opened with, which its parent does not show",
    "“{name}”的去向取决于其登记内容，上级事项对此无从判断",
)
_FAMILIES_CUT: Final = Text(
    "more than {n} families of the children '{name}' differ; the others were left out",
    "下级“{name}”的组合超过 {n} 种，其余未计入搜索",
)


def _kept(code: int, each: ValueClass, near: Mapping[int, int | None]) -> int:
    """Return the class as which a day is kept."""
    if not each.offsets or 0 in each.offsets:
        return code
    found = near[-1 if max(each.offsets) < 0 else 1]
    return code if found is None else found
