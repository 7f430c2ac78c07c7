"""The children of a case as its own conditions can tell them apart, whatever their number.

A family is how many children (none, one, more) have each profile: where they stand and what they say, as far as the
parent asks. Families that answer every condition alike, and that the same births and the same moves of children lead
on alike, are one class (a bisimulation); the search of the parent knows only classes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from itertools import combinations, product
from typing import Final, NamedTuple

from engine.expressions.atoms import ExpressionPiece
from engine.language import Text
from engine.proving.domains import TODAY, plain_after
from engine.workflow.children import EachChild
from engine.workflow.computed import COUNTS_DAYS
from engine.workflow.model import Workflow

MOST_FAMILIES: Final = 1_500
"""If there are more to be distinguished, nothing is said of the whole."""


MOST_PROFILES: Final = 40


class Profile(NamedTuple):
    """What the parent can see of one child."""

    state: str
    """One that stands for all that the parent's conditions cannot tell from it."""
    said: tuple[object, ...]
    """The values of the fields that are asked for, in their order."""


class ChildFlow(NamedTuple):
    """How the cases of a workflow move, as its own search found it."""

    edges: frozenset[tuple[str, str, str]]
    """From state, to state, while the parent stands in this state (`*`: in any)."""
    written: frozenset[str]
    """Fields that may change after the birth."""
    cut: Text | None = None
    """Why it may lack moves; None if it has all."""


Family = tuple[tuple[tuple[Profile, int], ...], Profile | None]
"""Profiles with their number, and the profile of the child that was born last, if that is asked."""


class Families:
    """All families of one workflow's cases under one parent, as classes; class 0 has no child."""

    def __init__(
        self,
        child: Workflow,
        *,
        flow: ChildFlow,
        births: Iterable[Mapping[str, object]],
        pieces: Iterable[ExpressionPiece],
        fields: Mapping[str, list[object]],
        parent_values: Mapping[str, list[object]],
        along: Iterable[EachChild] = (),
    ) -> None:
        """Find the classes.

        Args:
            births: The values with which a step may open such a case, as far as they are asked for.
            pieces: The parts of the parent's conditions that look at these children.
            fields: The values by field of the child that are asked for.
            parent_values: The values of the parent's fields that stand in the same parts.
            along: The steps that these children take with a step of their parent.
        """
        self.child = child
        self.fields = tuple(fields)
        self.values = fields
        self._pieces = tuple(pieces)
        all_in = {word for each in self._pieces if "all_in" in each.filters for word in each.words}
        self._let_be = frozenset(child.states) & all_in
        self.asks_last = any("last" in each.filters for each in self._pieces)
        counted = any(each.filters & {"length", "count"} for each in self._pieces)
        numbers = [number for each in self._pieces for number in each.numbers]
        # More of one profile than any condition counts are alike; two at least, so that one may go and one stay.
        self.most = max([2, *(each + 1 for each in numbers if counted and 0 <= each < 4)])
        self.along = tuple(along)
        words = {word for each in self._pieces for word in each.words}
        self._class_of_state = _state_classes(child, words | {each for one in self.along for each in one.states})
        self._edges: dict[str, dict[str, set[str]]] = {}
        for source, target, above in flow.edges:
            a, b = self._class_of_state[source], self._class_of_state[target]
            self._edges.setdefault(above, {}).setdefault(a, set()).add(b)
        self._written = flow.written
        self._above = tuple(sorted({above for _, _, above in flow.edges if above != "*"}))
        self.births: tuple[Profile, ...] = tuple(dict.fromkeys(self._born(each) for each in births))
        self.complete = True
        self._parent_values = parent_values
        self._unseen = frozenset(self._invisible())
        self._explore()
        self._classes = self._refined()
        self._tables()

    def shown(self, number: int) -> list[Mapping[str, object]]:
        """Return the children of a family of the class, the last born last."""
        counts, last = self._families[self._representative[number]]
        living = [profile for profile, count in counts for _ in range(count)]
        if last is not None:
            living.remove(last)
            living.append(last)
        return [self._seen(each) for each in living]

    def has_open(self, number: int) -> bool:
        """Say whether a child of such a family has not ended."""
        counts, _ = self._families[self._representative[number]]
        return any(self._is_open(profile) for profile, _ in counts)

    def _is_open(self, profile: Profile) -> bool:
        """Say whether a child has neither ended nor stands where its parent declares that it may stay (`all_in`)."""
        return not (self.child.is_final(profile.state) or profile.state in self._let_be)

    def born(self, number: int, profile: Profile) -> int:
        """Return the class after another child is born."""
        return self._added[number][profile]

    def went(self, number: int, each: EachChild) -> int:
        """Return the class after the children have taken a step with their parent."""
        return self._went[number][self.along.index(each)]

    def moved(self, number: int, above: str) -> tuple[int, ...]:
        """Return the classes to which children may lead by steps of their own while the parent stands in a state."""
        return self._moved[number][above if above in self._above else "*"]

    def profile(self, values: Mapping[str, object]) -> Profile:
        """Return the profile of a child that is born with values."""
        return self._born(values)

    def __len__(self) -> int:
        return len(self._representative)

    def _born(self, values: Mapping[str, object]) -> Profile:
        state = self._class_of_state[self.child.initial]
        return Profile(state, tuple(self._known(name, _plain(values.get(name))) for name in self.fields))

    def _known(self, name: str, value: object) -> object:
        """Return a value of a child, or the one that stands for all that nobody names."""
        every = [_plain(each) for each in self.values[name]]
        return value if value in every else every[-1]

    def _seen(self, profile: Profile) -> Mapping[str, object]:
        said = {name: list(x) if isinstance(x, tuple) else x for name, x in zip(self.fields, profile.said, strict=True)}
        return {**dict.fromkeys(self.child.fields), **said, "state": profile.state, "number": "x", "unit": "u"}

    def _next(self, profile: Profile, above: str) -> Iterable[Profile]:
        """Yield where one step of a child leads it."""
        changed = [self.values[name] if name in self._written else None for name in self.fields]
        saying: list[tuple[object, ...]] = [profile.said]
        if any(each is not None for each in changed):
            options = [
                [profile.said[place]] if values is None else [_plain(each) for each in values]
                for place, values in enumerate(changed)
            ]
            saying = list(product(*options))
        targets = set().union(*(self._edges.get(each, {}).get(profile.state, ()) for each in {"*", above}))
        for state in sorted({*targets, profile.state}):
            for said in saying:
                if (state, said) != profile:
                    yield Profile(state, said)

    def _explore(self) -> None:
        """Find all families."""
        start: Family = ((), None)
        self._families: list[Family] = [start]
        self._number: dict[Family, int] = {start: 0}
        self._steps: list[dict[str, set[int]]] = []
        self._adds: list[dict[Profile, int]] = []
        self._gone: list[tuple[int, ...]] = []
        for family in self._families:  # grows while it is walked
            self._adds.append({each: self._noted(self._with(family, each)) for each in self.births})
            self._gone.append(tuple(self._noted(self._gone_along(family, each)) for each in self.along))
            self._steps.append(
                {above: {self._noted(each) for each in self._moves(family, above)} for above in ("*", *self._above)}
            )
            if len(self._families) > MOST_FAMILIES:
                self.complete = False
                break
        # Families beyond the bound lead nowhere but to themselves; that they may do more is what `complete` says.
        while len(self._steps) < len(self._families):
            self._steps.append({above: set() for above in ("*", *self._above)})
            self._adds.append(dict.fromkeys(self.births, len(self._steps) - 1))
            self._gone.append((len(self._steps) - 1,) * len(self.along))

    def _noted(self, family: Family) -> int:
        if family not in self._number:
            self._number[family] = len(self._families)
            self._families.append(family)
        return self._number[family]

    def _with(self, family: Family, born: Profile) -> Family:
        counts = dict(family[0])
        counts[born] = min(self.most, counts.get(born, 0) + 1)
        return self._family(counts, born if self.asks_last else None)

    def _gone_along(self, family: Family, each: EachChild) -> Family:
        """Return the family after all its children in some states have taken a step with their parent."""
        targets = {
            self._class_of_state[state]: self._class_of_state[step.target or state]
            for step in reversed(self.child.transitions)
            for state in each.states
            if step.trigger == each.step and state in step.sources
        }
        counts: dict[Profile, int] = {}
        for profile, count in family[0]:
            after = profile._replace(state=targets.get(profile.state, profile.state))
            counts[after] = min(self.most, counts.get(after, 0) + count)
        last = family[1]
        return self._family(counts, last and last._replace(state=targets.get(last.state, last.state)))

    def _family(self, counts: Mapping[Profile, int], last: Profile | None) -> Family:
        """Return a family in the form in which equal ones are equal."""
        return tuple(sorted((each for each in counts.items() if each[0] not in self._unseen), key=repr)), last

    def _invisible(self) -> Iterable[Profile]:
        """Yield the profiles of children that have ended and that no condition sees, no matter who else there is."""
        if self.asks_last:
            return
        every = list(self.births)
        for profile in every:  # grows while it is walked
            for above in ("*", *self._above):
                every += [each for each in self._next(profile, above) if each not in every]
            if len(every) > MOST_PROFILES:
                return
        groups = [some for size in range(3) for some in combinations(every, size)]
        for profile in every:
            if self.child.is_final(profile.state) and all(
                self._said_of((*some, profile)) == self._said_of(some) for some in groups
            ):
                yield profile

    def _moves(self, family: Family, above: str) -> Iterable[Family]:
        """Yield the families after one child has moved on."""
        counts, last = dict(family[0]), family[1]
        for profile, count in family[0]:
            for target in self._next(profile, above):
                after = dict(counts)
                after[target] = min(self.most, after.get(target, 0) + 1)
                # `most` stands for any number from there on: after one has gone there may still be as many.
                kept = {count - 1, count} if count == self.most else {count - 1}
                for left in kept:
                    rest = {k: v for k, v in {**after, profile: left}.items() if v}
                    # The last born moves, or another of its profile.
                    if last == profile:
                        yield self._family(rest, target)
                        if left:
                            yield self._family(rest, profile)
                    else:
                        yield self._family(rest, last)

    def _refined(self) -> list[int]:
        """Return the class of each family."""
        reach = {above: _closed([each[above] for each in self._steps]) for above in ("*", *self._above)}
        self._reach = reach
        marks: list[object] = [self._answers(each) for each in range(len(self._families))]
        classes = _numbered(marks)
        while True:
            marks = [
                (
                    classes[each],
                    tuple(classes[self._adds[each][born]] for born in self.births),
                    tuple(classes[other] for other in self._gone[each]),
                    tuple(frozenset(classes[other] for other in reach[above][each]) for above in reach),
                )
                for each in range(len(self._families))
            ]
            finer = _numbered(marks)
            if len(set(finer)) == len(set(classes)):
                return finer
            classes = finer

    def _answers(self, number: int) -> object:
        """Return what every condition says of a family."""
        counts, last = self._families[number]
        living = [profile for profile, count in counts for _ in range(count)]
        if last is not None:
            living.remove(last)
            living.append(last)
        if any(not self._is_plain(piece) for piece in self._pieces):
            return number  # what stands in it besides is not known here, so nothing is made one by it
        return any(map(self._is_open, living)), self._said_of(tuple(living))

    def _is_plain(self, piece: ExpressionPiece) -> bool:
        """Say whether a part of a condition looks at these children and at values of the parent only."""
        return piece.children == {self.child.name} and not piece.names - self._parent_values.keys() - {"today"}

    def _said_of(self, living: tuple[Profile, ...]) -> tuple[object, ...]:
        """Return what every plain part of a condition says of children."""
        seen = [self._seen(each) for each in living]
        said: list[object] = []
        for piece in self._pieces:
            named = sorted(piece.names & self._parent_values.keys())
            for combination in product(*(self._parent_values[each] for each in named)):
                scope: dict[str, object] = {"today": TODAY, "children": _always(seen), COUNTS_DAYS: plain_after}
                scope.update(zip(named, combination, strict=True))
                found = piece.compiled.values(scope) if self._is_plain(piece) else None
                said.append(None if found is None else found[0])
        return tuple(said)

    def _tables(self) -> None:
        """Note what the classes lead to."""
        self._representative: list[int] = []
        members: dict[int, int] = {}
        for number, each in enumerate(self._classes):
            if each not in members:
                members[each] = len(self._representative)
                self._representative.append(number)
        self._added = [
            {born: members[self._classes[self._adds[each][born]]] for born in self.births}
            for each in self._representative
        ]
        self._went = [
            tuple(members[self._classes[other]] for other in self._gone[each]) for each in self._representative
        ]
        self._moved = [
            {
                above: tuple(sorted({members[self._classes[other]] for other in self._reach[above][each]}))
                for above in self._reach
            }
            for each in self._representative
        ]


def _always(seen: list[Mapping[str, object]]) -> Callable[[str], list[Mapping[str, object]]]:
    """Return the function `children` that shows these."""
    return lambda _: seen


def _plain(value: object) -> object:
    """Return a value as a child shows it, fit to be a key."""
    if isinstance(value, date):
        return value.isoformat()
    return tuple(value) if isinstance(value, list) else value


def _numbered(marks: list[object]) -> list[int]:
    """Return numbers that are equal where marks are, the first being 0."""
    found: dict[object, int] = {}
    return [found.setdefault(each, len(found)) for each in marks]


def _closed(steps: list[set[int]]) -> list[frozenset[int]]:
    """Return what any number of steps leads to, none included."""
    found: list[frozenset[int]] = []
    for start in range(len(steps)):
        seen, waiting = {start}, [start]
        while waiting:
            fresh = steps[waiting.pop()] - seen
            seen |= fresh
            waiting.extend(fresh)
        found.append(frozenset(seen))
    return found


def _state_classes(child: Workflow, named: Collection[str]) -> dict[str, str]:
    """Return of each state the first of those that conditions and the end cannot tell from it.

    Args:
        named: The states that are named, among other words.
    """
    first: dict[tuple[str, bool], str] = {}
    return {
        name: first.setdefault((name if name in named else "", each.final), name) for name, each in child.states.items()
    }
