"""The children of a case as its own conditions can distinguish them, whatever their number.

A family is how many children (none, one, more) have each profile: where they stand and what they say, as far as the
parent asks. Families that answer every condition alike, and that the same births and the same moves of children lead
on alike, are one class (a bisimulation); the search of the parent knows only classes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from itertools import combinations, product
from typing import Final

from engine.expressions.atoms import ExpressionPiece
from engine.proving.child_profiles import ANYWHERE, ChildView, KnownFlow, Profile
from engine.proving.domains import TODAY, plain_after
from engine.workflow.children import EachChild
from engine.workflow.computed import COUNTS_DAYS
from engine.workflow.model import Workflow

MOST_FAMILIES: Final = 1_500
"""If there are more they are not folded, and the search of the parent finds those that there can be."""
MOST_UNFOLDED: Final = 6_000
"""If it finds more of them than this, nothing is said of the whole."""
MOST_PROFILES: Final = 40


Family = tuple[tuple[tuple[Profile, int], ...], Profile | None]
"""Profiles with their number, and the profile of the child that was born last, if that is asked."""


_NOBODY: Final[Family] = ((), None)


class Families:
    """All families of one workflow's cases under one parent, as classes; class 0 has no child."""

    def __init__(
        self,
        child: Workflow,
        *,
        flow: KnownFlow,
        births: Iterable[tuple[str, Mapping[str, object]]],
        pieces: Iterable[ExpressionPiece],
        fields: Mapping[str, list[object]],
        parent_values: Mapping[str, list[object]],
        along: Iterable[EachChild] = (),
    ) -> None:
        """Find the classes.

        Args:
            births: How such a case may be opened (`opening_key`), and with what values, as far as they are asked for.
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
        self.class_of_state: Mapping[str, str] = _state_classes(
            child, words | {each for one in self.along for each in one.states}
        )
        """By state of a child the one that stands for it, since the parent cannot distinguish them."""
        self._seeing = ChildView(
            self.class_of_state, {name: [_plain(each) for each in some] for name, some in fields.items()}
        )
        self._flow = flow.folded(self._seeing, self.along)
        self._above = tuple(sorted(each for each in self._flow.moves if each != ANYWHERE))
        self.is_sure = True
        """What a child is opened with, as far as it is seen, says all that it can come to."""
        self.births: tuple[Profile, ...] = tuple(dict.fromkeys(self._born(*each) for each in births))
        self.complete = True
        self._parent_values = parent_values
        self._unseen = frozenset(self._invisible())
        self._families: list[Family] = [_NOBODY]
        self._number: dict[Family, int] = {_NOBODY: 0}
        self._explore()
        self.is_folded = self.complete
        """Families that answer alike are one class; else each is a class, and is there once the search came to it."""
        if self.is_folded:
            self._classes = self._refined()
            self._tables()
        else:
            self._families, self._number, self.complete = [_NOBODY], {_NOBODY: 0}, True

    def shown(self, number: int) -> list[Mapping[str, object]]:
        """Return the children of a family of the class, the last born last."""
        return [self._seen(each) for each in _living(self._of_class(number))]

    def has_open(self, number: int) -> bool:
        """Say whether a child of such a family has not ended."""
        return any(self._is_open(profile) for profile, _ in self._of_class(number)[0])

    def _of_class(self, number: int) -> Family:
        """Return a family of a class."""
        return self._families[self._representative[number] if self.is_folded else number]

    def _is_open(self, profile: Profile) -> bool:
        """Say whether a child has neither ended nor stands where its parent declares that it may stay (`all_in`)."""
        return not (self.child.is_final(profile.state) or profile.state in self._let_be)

    def born(self, number: int, profile: Profile) -> int:
        """Return the class after another child is born."""
        if not self.is_folded:
            return self._met(self._with(self._families[number], profile))
        return self._added[number][profile]

    def went(self, number: int, each: EachChild) -> int | None:
        """Return the class after the children have taken a step with their parent; None if one of them cannot."""
        if not self.is_folded:
            after = self._gone_along(self._families[number], each)
            return None if after is None else self._met(after)
        return self._went[number][self.along.index(each)]

    def moved(self, number: int, above: str) -> tuple[int, ...]:
        """Return the classes to which children may lead by steps of their own while the parent stands in a state."""
        there = above if above in self._above else ANYWHERE
        if not self.is_folded:
            return tuple({self._met(each): None for each in self._moves(self._families[number], there)})
        return self._moved[number][there]

    def _met(self, family: Family) -> int:
        """Return the number of a family that the search came to; that of no child if there are too many."""
        if len(self._families) > MOST_UNFOLDED and family not in self._number:
            self.complete = False
            return 0
        return self._noted(family)

    def returns(self) -> bool:
        """Say whether a family to which a child was added can always come to be as it was, by moves of children."""
        return all(
            number in moved for number, added in enumerate(self._added) for after in added.values()
            for moved in self._moved[after].values()
        )  # fmt: skip

    def profile(self, opened_by: str, values: Mapping[str, object]) -> Profile:
        """Return the profile of a child that is born with values.

        Args:
            opened_by: The key of how it is opened (`opening_key`).
        """
        return self._born(opened_by, values)

    def __len__(self) -> int:
        return len(self._representative) if self.is_folded else len(self._families)

    def _born(self, opened_by: str, values: Mapping[str, object]) -> Profile:
        said = tuple(self._seeing.known(name, _plain(values.get(name))) for name in self.fields)
        bare = self._followed(Profile(self.class_of_state[self.child.initial], said))
        starts = [each for each in self._flow.starts.get(opened_by, ()) if each._replace(hidden=0) == bare]
        self.is_sure = self.is_sure and len(starts) == 1
        return Profile(bare.state, said, min((each.hidden for each in starts), default=0))

    def _followed(self, profile: Profile) -> Profile:
        """Return a profile as children were folded: without what they do not tell."""
        said = zip(self.fields, profile.said, strict=True)
        return profile._replace(said=tuple(value if name in self._flow.followed else None for name, value in said))

    def _seen(self, profile: Profile) -> Mapping[str, object]:
        """Return a child as conditions see it: what it does not say cannot be judged."""
        said = zip(self.fields, profile.said, strict=True)
        followed = {name: list(x) if isinstance(x, tuple) else x for name, x in said if x is not None}
        return {**followed, "state": profile.state, "number": "x", "unit": "u"}

    def _next(self, profile: Profile, above: str) -> Iterable[Profile]:
        """Yield where one move of a child leads it."""
        followed = self._followed(profile)
        targets = {followed}.union(*(self._flow.moves.get(each, {}).get(followed, ()) for each in {ANYWHERE, above}))
        for target in sorted(targets, key=repr):
            options = [
                [after]
                if name in self._flow.followed
                else self._seeing.fields[name]
                if name in self._flow.free
                else [before]
                for name, before, after in zip(self.fields, profile.said, target.said, strict=True)
            ]
            for said in product(*options):
                if (after := target._replace(said=said)) != profile:
                    yield after

    def _explore(self) -> None:
        """Find all families."""
        self._steps: list[dict[str, set[int]]] = []
        self._adds: list[dict[Profile, int]] = []
        self._gone: list[tuple[int | None, ...]] = []
        for family in self._families:  # grows while it is walked
            self._adds.append({each: self._noted(self._with(family, each)) for each in self.births})
            gone = [self._gone_along(family, each) for each in self.along]
            self._gone.append(tuple(None if each is None else self._noted(each) for each in gone))
            self._steps.append(
                {
                    above: {self._noted(each) for each in self._moves(family, above)}
                    for above in (ANYWHERE, *self._above)
                }
            )
            if len(self._families) > MOST_FAMILIES:
                self.complete = False
                return

    def _noted(self, family: Family) -> int:
        if family not in self._number:
            self._number[family] = len(self._families)
            self._families.append(family)
        return self._number[family]

    def _with(self, family: Family, born: Profile) -> Family:
        counts = dict(family[0])
        counts[born] = min(self.most, counts.get(born, 0) + 1)
        return self._family(counts, born if self.asks_last else None)

    def _gone_along(self, family: Family, each: EachChild) -> Family | None:
        """Return the family after all its children in some states have taken a step; None if one of them cannot."""
        counts: dict[Profile, int] = {}
        for profile, count in family[0]:
            after = self._went_along(profile, each)
            if after is None:
                return None
            counts[after] = min(self.most, counts.get(after, 0) + count)
        return self._family(counts, None if family[1] is None else self._went_along(family[1], each))

    def _went_along(self, profile: Profile, each: EachChild) -> Profile | None:
        """Return what becomes of a child that may have to take a step with its parent; None if it cannot."""
        if profile.state not in each.states:
            return profile
        found = self._flow.steps.get((each.step, self._followed(profile)))
        if not found:
            return None
        target = min(found, key=repr)
        said = zip(self.fields, profile.said, target.said, strict=True)
        return target._replace(
            said=tuple(after if name in self._flow.followed else before for name, before, after in said)
        )

    def _family(self, counts: Mapping[Profile, int], last: Profile | None) -> Family:
        """Return a family in the form in which equal ones are equal."""
        return tuple(sorted((each for each in counts.items() if each[0] not in self._unseen), key=repr)), last

    def _invisible(self) -> Iterable[Profile]:
        """Yield the profiles of children that have ended and that no condition sees, no matter who else there is."""
        if self.asks_last:
            return
        every = list(self.births)
        for profile in every:  # grows while it is walked
            for above in (ANYWHERE, *self._above):
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
        reach = {above: _closed([each[above] for each in self._steps]) for above in (ANYWHERE, *self._above)}
        self._reach = reach
        marks: list[object] = [self._answers(each) for each in range(len(self._families))]
        classes = _numbered(marks)
        while True:
            marks = [
                (
                    classes[each],
                    tuple(classes[self._adds[each][born]] for born in self.births),
                    tuple(None if other is None else classes[other] for other in self._gone[each]),
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
        living = _living(self._families[number])
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
            tuple(None if other is None else members[self._classes[other]] for other in self._gone[each])
            for each in self._representative
        ]
        self._moved = [
            {
                above: tuple(sorted({members[self._classes[other]] for other in self._reach[above][each]}))
                for above in self._reach
            }
            for each in self._representative
        ]


def _living(family: Family) -> list[Profile]:
    """Return the children of a family, the last born last."""
    living = [profile for profile, count in family[0] for _ in range(count)]
    if family[1] is not None:
        living.remove(family[1])
        living.append(family[1])
    return living


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
