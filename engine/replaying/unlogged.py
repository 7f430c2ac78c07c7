"""A workflow without what a log cannot show: conditions on values that no event carries are not asked.

Of most logs only the steps and their instants are known. What they say nothing of is neither held against a case nor
taken for granted: it is taken out of the declaration, counted, and named beside the answer. What is left is a workflow
like any other, judged by the same rules.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from engine.expressions.evaluate import calls, names
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, literal
from engine.workflow.deadline import Deadline, EndsByField, OnField, StartsByField, WithinByValue
from engine.workflow.model import Clearance, Guard, Transition, Workflow

_OF_HISTORY: Final = frozenset({"done", "doers", "last_doer", "length"})
_OF_STATES: Final = _OF_HISTORY | {"children", "all_in", "any_in"}
"""What an expression may call though no values are known: it looks at states and at history only."""
_OF_AROUND: Final = frozenset({"parent", "unit", "number"})
_OF_CHILD: Final = re.compile(r"[)\]]\s*\.")
"""What looks up a value of one child: `children('x')[0].finding`."""


class ShownWorkflow(NamedTuple):
    """A workflow as far as a log shows it."""

    workflow: Workflow
    said: Mapping[str, str]
    """The trigger that a history remembers, of transitions that are fired by their own name."""
    dropped: tuple[str, ...]
    """The conditions that are not asked, as they are declared, each once."""


def shown(
    workflow: Workflow, known: Collection[str], *, children_apart: bool, children_known: bool = True
) -> ShownWorkflow:
    """Return a workflow without what rests on values that a log does not carry.

    A transition whose condition is not asked is fired by its own name: the log says which of several was taken.

    Args:
        known: The fields that its events carry.
        children_apart: The log has the children as cases of their own, so no step opens or moves them here.
        children_known: It says under which case each stands.
    """
    alone = () if children_apart else _set_by_steps_alone(workflow)
    looker = _Looker(
        workflow, frozenset(known).union(alone), children_apart=children_apart, children_known=children_known
    )
    transitions: list[Transition] = []
    said: dict[str, str] = {}
    for each in workflow.transitions:
        if each.if_ and not looker.sees(each.if_):
            looker.dropped[each.if_] = None
        said[each.name] = each.trigger
        transitions.append(looker.step(each))
    opened = {"required": False, "required_if": None, "only_if": None, "unique": False, "gathers": None}
    fields = {name: each if name in looker.known else each.replace(**opened) for name, each in workflow.fields.items()}
    deadlines = {name: each for name, each in workflow.deadlines.items() if looker.times(each)}
    less = workflow.replace(
        transitions=tuple(transitions),
        fields=fields,
        deadlines=deadlines,
        cleared=looker.clearance(workflow.cleared),
        fully_closed=looker.clearance(workflow.fully_closed),
        open_when=looker.guards(workflow.open_when),
        open_sets=looker.values(workflow.open_sets),
    )
    return ShownWorkflow(less, said, tuple(looker.dropped))


def _set_by_steps_alone(workflow: Workflow) -> Iterator[str]:
    """Yield the fields that nothing but the steps themselves fill, with values that stand in the declaration."""
    brought = {name for each in workflow.transitions for name in (*each.asks, *each.needs, *each.takes)}
    worked = {name for each in workflow.transitions for name in computed(each.sets)}
    worked |= set(workflow.open_sets) | set(workflow.open_takes) | brought
    for name, each in workflow.fields.items():
        if name not in worked and not each.amend and not each.required and each.gathers is None:
            yield name


class _Looker:
    """Says what a log shows, and remembers what it does not."""

    def __init__(
        self, workflow: Workflow, known: frozenset[str], *, children_apart: bool, children_known: bool
    ) -> None:
        self.known = known
        self._callable = _OF_STATES if children_known else _OF_HISTORY
        self._children_apart = children_apart
        self.dropped: dict[str, None] = {}
        self._fields = frozenset(workflow.fields)

    def sees(self, source: str) -> bool:
        """Say whether an expression can be judged by what the log shows."""
        named = names(source)
        if not _OF_AROUND.isdisjoint(named) or not (named & self._fields) <= self.known:
            return False
        return all(each.function in self._callable for each in calls(source)) and _OF_CHILD.search(source) is None

    def guards(self, declared: Iterable[Guard]) -> tuple[Guard, ...]:
        """Return the conditions that can be judged."""
        kept = []
        for each in declared:
            if self.sees(each.expression):
                kept.append(each)
            else:
                self.dropped[each.expression] = None
        return tuple(kept)

    def values(self, sets: Mapping[str, object]) -> dict[str, object]:
        """Return the values that are known to be set."""
        worked = computed(sets)
        return {name: value for name, value in sets.items() if name in self.known and name not in worked}

    def clearance(self, declared: Clearance) -> Clearance:
        """Return when a case counts, as far as that can be judged."""
        return declared.replace(when=self.guards(declared.when))

    def step(self, each: Transition) -> Transition:
        """Return a transition that asks only for what the log shows."""
        return each.replace(
            trigger=each.name,
            asks=tuple(name for name in each.asks if name in self.known),
            needs=tuple(name for name in each.needs if name in self.known),
            sets=self.values(each.sets),
            clears=tuple(name for name in each.clears if name in self.known),
            when=self.guards(each.when),
            if_=each.if_ if each.if_ and self.sees(each.if_) else None,
            opens=() if self._children_apart else self._openings(each),
            each=None if self._children_apart else each.each,
            hands_to=None,
        )

    def _openings(self, each: Transition) -> tuple[ChildOpening, ...]:
        """Return what a step is sure to open, with the values that stand in the declaration."""
        sure = (one for one in each.opens if one.each is None and (one.if_ is None or self.sees(one.if_)))
        return tuple(one.replace(sets=literal(one.sets)) for one in sure)

    def times(self, each: Deadline) -> bool:
        """Say whether a deadline can be followed."""
        if each.if_ and not self.sees(each.if_):
            self.dropped[each.if_] = None
            return False
        fields = [
            part.field
            for part in (each.starts, each.due, each.ends)
            if isinstance(part, StartsByField | OnField | WithinByValue | EndsByField)
        ]
        return all(name in self.known for name in fields)
