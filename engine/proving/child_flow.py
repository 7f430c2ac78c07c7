"""How the cases of a workflow move, as the parent of one can tell: their own search, folded.

Where a child stands and what it says is what its parent sees. Two standings of a child that look alike are one only if
what the child can come to from them looks alike as well (a bisimulation over ways of any length). Else they are
distinguished, though the parent cannot see it: a child that can no longer end must not pass for one that can.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.child_profiles import ANYWHERE, FOLLOWED_TYPES, ChildView, FoldedFlow, Profile
from engine.proving.questions import Slot
from engine.proving.search import Search, Standing
from engine.workflow.children import EachChild
from engine.workflow.model import Field, Workflow

MOST_FOLDED: Final = 4_000
"""Standings of a child beyond which they are not folded, and nothing is said of its parent."""


Spaces = Callable[[str, Mapping[str, tuple[str, ...]]], Abstraction]
"""Returns what a search of the child walks, its parent in a state, with conditions to be kept by state."""


class ChildFlow:
    """The searches of one workflow of children."""

    def __init__(self, child: Workflow, spaces: Spaces, above: Sequence[str] = (ANYWHERE,), *, most: int) -> None:
        """Search nothing yet.

        Args:
            above: The states of the parent that make a difference to the child, or `ANYWHERE` alone.
            most: Standings after which a search gives up.
        """
        self.child = child
        self.above = tuple(above)
        self._spaces = spaces
        self._most = most
        self._searched: dict[tuple[str, ...], dict[str, Search]] = {}
        self._cut: Text | None = None

    @property
    def cut(self) -> Text | None:
        """Why not all is known of these children; None if all is."""
        if not self._searched:
            self._searches({})
        return self._cut

    def free(self, fields: Iterable[str], along: Iterable[EachChild]) -> frozenset[str]:
        """Return which of some fields may have any value at any time: by corrections, or as it is not followed."""
        workflow, given = self.child, {name for each in along for name in each.sets}
        written = {
            name
            for each in workflow.transitions
            for name in (*each.needs, *each.asks, *each.takes, *each.sets, *each.clears)
        }
        return frozenset(
            name
            for name in fields
            if (workflow.fields[name].amend and workflow.amend_by)
            or (name in written | given and (workflow.fields[name].type not in FOLLOWED_TYPES or name in given))
        )

    def folded(self, seeing: ChildView, along: Iterable[EachChild]) -> FoldedFlow:
        """Return what the children can do as a parent sees them."""
        along = tuple(along)
        free = self.free(seeing.fields, along)
        tracked = {
            name: values for name, values in seeing.fields.items() if self._is_followed(name) and name not in free
        }
        return _Folding(self, self._searches(tracked), seeing, (frozenset(tracked), free)).result(along)

    def _is_followed(self, name: str) -> bool:
        return self.child.fields[name].type in FOLLOWED_TYPES

    def _searches(self, tracked: Mapping[str, Sequence[object]]) -> dict[str, Search]:
        """Return a search for each state of the parent; what stands in one may go on in another."""
        asked = tuple(
            condition
            for name, values in sorted(tracked.items())
            for condition in _distinguishing(self.child.fields[name], values)
        )
        if asked in self._searched:
            return self._searched[asked]
        never = dict.fromkeys(self.child.states, asked) if asked else {}
        found: dict[str, Search] = {}
        standings: dict[Standing, None] = {}
        while True:
            before = len(standings)
            for above in self.above:
                if above not in found or len(found[above].standings) < len(standings):
                    space = self._spaces(above, never)
                    found[above] = Search(space, most=self._most, besides=tuple(standings))
                    self._cut = self._cut or next(iter(found[above].cuts), None)
                    standings |= dict.fromkeys(found[above].standings)
            if len(self.above) == 1 or self._cut is not None or len(standings) == before:
                break
        if len(standings) > MOST_FOLDED:
            self._cut = self._cut or Text(f"more than {MOST_FOLDED} standings", f"超过 {MOST_FOLDED} 种情形")
        self._searched[asked] = found
        return found


def _distinguishing(field: Field, values: Sequence[object]) -> Iterable[str]:
    """Yield conditions that tell values of a field apart."""
    for value in values:
        if isinstance(value, bool):
            yield f"{field.name} == {str(value).lower()}"
        elif isinstance(value, str):
            yield f"{field.name} == '{value}'"
        else:
            yield f"{field.name} is none"


class _Folding:
    """Folds what the searches of a child found."""

    def __init__(
        self,
        flow: ChildFlow,
        searches: Mapping[str, Search],
        seeing: ChildView,
        fields: tuple[frozenset[str], frozenset[str]],
    ) -> None:
        self._child = flow.child
        self._searches = searches
        self._seeing = seeing
        self._tracked, self._free = fields
        self._number: dict[Standing, int] = {}
        for search in searches.values():
            for standing in search.standings:
                self._number.setdefault(standing, len(self._number))
        self._first = next(iter(searches.values()))
        self._labels = [self._label(standing) for standing in self._number]
        self._next = {above: self._following(each) for above, each in searches.items()}
        blocks = self._blocks() if flow.cut is None else list(map(_numbers(), self._labels))
        hidden: dict[tuple[str, tuple[object, ...]], dict[int, int]] = {}
        self._seen = []
        for label, block in zip(self._labels, blocks, strict=True):
            some = hidden.setdefault(label, {})
            self._seen.append(Profile(*label, some.setdefault(block, len(some))))

    def _label(self, standing: Standing) -> tuple[str, tuple[object, ...]]:
        """Return what the parent sees of a child that stands so; of what it cannot tell, nothing."""
        space, seeing = self._first.space, self._seeing
        said: list[object] = []
        for name in seeing.fields:
            slot = Slot("field", name)
            if name not in self._tracked or slot not in space.slots:
                said.append(None)
                continue
            code = standing[space.slots.index(slot) + 1]
            value = space.domains[name].classes[max(code, 0)].value
            said.append(seeing.known(name, value))
        return seeing.class_of_state[space.state_names[standing[0]]], tuple(said)

    def _following(self, search: Search) -> list[set[int]]:
        """Return to which standings one move leads from each."""
        found: list[set[int]] = [set() for _ in self._number]
        here = [self._number[standing] for standing in search.standings]
        for other, some in enumerate(search.leading_to()):
            for one in some:
                found[here[one]].add(here[other])
        return found

    def _blocks(self) -> list[int]:
        """Return the block of each standing: those in one look alike, and so does all that they can come to."""
        blocks = list(map(_numbers(), self._labels))
        reach = [_closed(each) for each in self._next.values()]
        while True:
            masks: dict[int, int] = {}
            for number, block in enumerate(blocks):
                masks[block] = masks.get(block, 0) | 1 << number
            marked = [
                (block, tuple(tuple(each for each, mask in masks.items() if some[number] & mask) for some in reach))
                for number, block in enumerate(blocks)
            ]
            finer = list(map(_numbers(), marked))
            if len(set(finer)) == len(masks):
                return finer
            blocks = finer

    def result(self, along: Sequence[EachChild]) -> FoldedFlow:
        """Return what was folded."""
        moves: dict[str, dict[Profile, set[Profile]]] = {}
        for above, following in self._next.items():
            mine = moves.setdefault(above, {})
            for number, others in enumerate(following):
                mine.setdefault(self._seen[number], set()).update(self._seen[each] for each in others)
        return FoldedFlow(
            starts={name: frozenset(each) for name, each in self._starts().items()},
            moves={above: {k: frozenset(v) for k, v in each.items()} for above, each in moves.items()},
            steps={key: frozenset(each) for key, each in self._steps(along).items()},
            followed=self._tracked,
            free=self._free,
        )

    def _starts(self) -> dict[str, set[Profile]]:
        found: dict[str, set[Profile]] = {}
        for search in self._searches.values():
            for key, standing in search.begun():
                found.setdefault(key, set()).add(self._seen[self._number[standing]])
        return found

    def _steps(self, along: Sequence[EachChild]) -> dict[tuple[str, Profile], set[Profile]]:
        """Return to what the steps lead that children take with their parent."""
        found: dict[tuple[str, Profile], set[Profile]] = {}
        for each in along:
            for search in self._searches.values():
                for standing in search.standings:
                    state = search.space.state_names[standing[0]]
                    if state in each.states:
                        key = (each.step, self._seen[self._number[standing]])
                        found.setdefault(key, set()).update(
                            self._seen[self._number[after]]
                            for after in search.stepped(standing, each.step)
                            if after in self._number
                        )
        return found


def _numbers() -> Callable[[object], int]:
    """Return what numbers different things in the order in which they come."""
    found: dict[object, int] = {}
    return lambda each: found.setdefault(each, len(found))


def _closed(following: Sequence[set[int]]) -> list[int]:
    """Return as bits what any number of moves leads to from each, itself included."""
    reach = [1 << number for number in range(len(following))]
    changed = True
    while changed:
        changed = False
        for number in range(len(following) - 1, -1, -1):
            after = reach[number]
            for each in following[number]:
                after |= reach[each]
            if after != reach[number]:
                reach[number], changed = after, True
    return reach
