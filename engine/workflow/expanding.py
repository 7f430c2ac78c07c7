"""A declaration as its writer shortened it becomes the one that is judged and run: groups of states, and `back`.

The stored text keeps the short form; journals name states, never groups.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from engine.language import lazy_pattern
from engine.workflow.children import ChildOpening
from engine.workflow.deadline import Deadline, EndsByEntering, Rung, StartsByEntering
from engine.workflow.model import Clearance, Field, Guard, Transition, Workflow
from engine.workflow.own_promises import OwnPromise

BACK: Final = "back"
"""As a target: the state in which the case stood before it entered the present one."""

_PIECE: Final = lazy_pattern(r"'[^']*'|\"[^\"]*\"|(?<![\w.])[a-z][a-z0-9_]*(?![\w(])")


def with_states(workflow: Workflow, named: Iterable[str]) -> tuple[str, ...]:
    """Return states, each once, with those of a group in its place; in a circle each group is looked at once."""
    seen: set[str] = set()
    return tuple(state for each in named for state in _members(each, workflow.groups, seen))


def expanded(workflow: Workflow) -> Workflow:
    """Return *workflow* with the states of groups in their places, and each way back as a step of its own.

    What it cannot make sense of is left as it is, for those who judge.
    """
    if workflow.groups:
        groups = {name: with_states(workflow, (name,)) for name in workflow.groups}
        workflow = _without_groups(workflow, groups)
    if any(each.target == BACK for each in workflow.transitions):
        workflow = workflow.replace(transitions=tuple(_without_back(workflow.transitions)))
    return workflow


def origins(transitions: Iterable[Transition]) -> dict[str, tuple[str, ...]]:
    """Return from which other states each state is entered, ways back included, in declared order."""
    steps = tuple(transitions)
    found: dict[str, dict[str, None]] = {}
    for each in steps:
        if each.target is not None and each.target != BACK:
            found.setdefault(each.target, {}).update(dict.fromkeys(s for s in each.sources if s != each.target))
    returning = [source for each in steps if each.target == BACK for source in each.sources]
    grown = True
    while grown:
        grown = False
        for source in returning:
            for origin in tuple(found.get(source, ())):
                if source != origin and source not in found.setdefault(origin, {}):
                    found[origin][source] = None
                    grown = True
    return {state: tuple(all_of_them) for state, all_of_them in found.items()}


def _members(name: str, groups: Mapping[str, tuple[str, ...]], seen: set[str]) -> Iterable[str]:
    """Yield the states of a group, each once."""
    if name not in groups:
        yield from () if name in seen else (name,)
        seen.add(name)
    elif f"group {name}" not in seen:
        seen.add(f"group {name}")
        for each in groups[name]:
            yield from _members(each, groups, seen)


def _without_back(transitions: tuple[Transition, ...]) -> Iterable[Transition]:
    """Yield the steps, a way back once for each state that it may lead to."""
    entered_from = origins(transitions)
    for each in transitions:
        if each.target != BACK:
            yield each
            continue
        for source in each.sources:
            for origin in entered_from.get(source, ()):
                condition = f"came_from == '{origin}'"
                yield each.replace(
                    sources=(source,),
                    target=origin,
                    came_from=origin,
                    if_=condition if each.if_ is None else f"{condition} and ({each.if_})",
                )


class _Spelt:
    """Writes the states of groups where a group is named."""

    def __init__(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        self._groups = groups

    def states(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """Return states, each once."""
        return tuple(dict.fromkeys(state for each in named for state in self._groups.get(each, (each,))))

    def words(self, source: str) -> str:
        """Return an expression."""
        groups = self._groups
        return _PIECE.sub(lambda found: _listed(groups[found[0]]) if found[0] in groups else found[0], source)

    def guards(self, rules: tuple[Guard, ...]) -> tuple[Guard, ...]:
        """Return what must hold."""
        return tuple(each.replace(expression=self.words(each.expression)) for each in rules)

    def values(self, sets: Mapping[str, object]) -> Mapping[str, object]:
        """Return values, some of which expressions come to."""
        return MappingProxyType({name: self._value(value) for name, value in sets.items()})

    def _value(self, value: object) -> object:
        return self.words(value) if isinstance(value, str) and value.startswith("=") else value

    def opening(self, each: ChildOpening) -> ChildOpening:
        """Return the opening of a case."""
        return each.replace(sets=self.values(each.sets), if_=each.if_ and self.words(each.if_))

    def step(self, each: Transition) -> Transition:
        """Return a step; the states of children that go along are not its own."""
        return each.replace(
            sources=self.states(each.sources),
            sets=self.values(each.sets),
            if_=each.if_ and self.words(each.if_),
            when=self.guards(each.when),
            opens=tuple(map(self.opening, each.opens)),
            each=each.each and each.each.replace(sets=self.values(each.each.sets)),
        )

    def term(self, each: Deadline) -> Deadline:
        """Return a deadline."""
        starts, ends = each.starts, each.ends
        if isinstance(starts, StartsByEntering):
            starts = starts.replace(states=self.states(starts.states))
        return each.replace(
            starts=starts,
            ends=ends.replace(states=self.states(ends.states)) if isinstance(ends, EndsByEntering) else ends,
            runs_in=self.states(each.runs_in),
            paused_in=self.states(each.paused_in),
            if_=each.if_ and self.words(each.if_),
        )

    def rungs(self, ladder: tuple[Rung, ...]) -> tuple[Rung, ...]:
        """Return the rungs of a ladder."""
        return tuple(each.replace(opens=each.opens and self.opening(each.opens)) for each in ladder)

    def count(self, each: Clearance) -> Clearance:
        """Return when cases count as cleared."""
        return each.replace(states=self.states(each.states), when=self.guards(each.when))

    def promise(self, each: OwnPromise) -> OwnPromise:
        """Return what is promised."""
        never, after, always = (one and self.words(one) for one in (each.never, each.after, each.always))
        return each.replace(never=never, after=after, always=always)

    def column(self, each: Field) -> Field:
        """Return a field."""
        return each if each.required_if is None else each.replace(required_if=self.words(each.required_if))


def _without_groups(workflow: Workflow, groups: Mapping[str, tuple[str, ...]]) -> Workflow:
    """Return a workflow with the states of groups in their places."""
    spelt = _Spelt(groups)
    return workflow.replace(
        fields=MappingProxyType({name: spelt.column(each) for name, each in workflow.fields.items()}),
        transitions=tuple(map(spelt.step, workflow.transitions)),
        deadlines=MappingProxyType({name: spelt.term(each) for name, each in workflow.deadlines.items()}),
        ladders=MappingProxyType({name: spelt.rungs(each) for name, each in workflow.ladders.items()}),
        promises=MappingProxyType({name: spelt.promise(each) for name, each in workflow.promises.items()}),
        cleared=spelt.count(workflow.cleared),
        fully_closed=spelt.count(workflow.fully_closed),
        open_when=spelt.guards(workflow.open_when),
        open_sets=spelt.values(workflow.open_sets),
        amend_when=spelt.guards(workflow.amend_when),
    )


def _listed(states: Iterable[str]) -> str:
    """Return states as an expression lists them."""
    return f"[{', '.join(repr(each) for each in states)}]"
