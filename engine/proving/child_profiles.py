"""What a parent can see of one child, and how such children move."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from engine.language import Text
from engine.workflow.children import EachChild
from engine.workflow.model import FieldType

ANYWHERE: Final = "*"
"""Wherever the parent stands."""
FOLLOWED_TYPES: Final = frozenset({FieldType.CHOICE, FieldType.FLAG})
"""Types of which a child's own search knows which value it has; of others that may change, any is possible."""


class Profile(NamedTuple):
    """What the parent can see of one child, and a number that distinguishes what it cannot see."""

    state: str
    """One that stands for all that the parent's conditions cannot tell from it."""
    said: tuple[object, ...]
    """The values of the fields that are asked for, in their order; None of those that are not followed."""
    hidden: int = 0


class ChildView(NamedTuple):
    """How a parent looks at children of one workflow."""

    class_of_state: Mapping[str, str]
    fields: Mapping[str, Sequence[object]]
    """The values of each field that it can distinguish; the last of them stands for all others."""

    def known(self, name: str, value: object) -> object:
        """Return a value of a child, or the one that stands for all that nobody names."""
        every = self.fields[name]
        return value if value in every else every[-1]


class FoldedFlow(NamedTuple):
    """What children can do, as the parent tells them apart."""

    starts: Mapping[str, frozenset[Profile]]
    """By how a child is opened (its `set` as text) how it may look then."""
    moves: Mapping[str, Mapping[Profile, frozenset[Profile]]]
    """By the state of the parent (or `ANYWHERE`) to what one move leads."""
    steps: Mapping[tuple[str, Profile], frozenset[Profile]]
    """To what a step, by trigger, leads that children take with their parent."""
    followed: frozenset[str]
    """Fields whose value is part of what is folded."""
    free: frozenset[str]
    """Fields that may have any value at any time; what is neither stays as it was at the beginning."""


class KnownFlow(Protocol):
    """How cases of a workflow move, for any parent."""

    @property
    def cut(self) -> Text | None:
        """Why not all is known of these children; None if all is."""

    def folded(self, seeing: ChildView, along: Iterable[EachChild]) -> FoldedFlow:
        """Return what the children can do as a parent sees them."""


def opening_key(sets: Mapping[str, object]) -> str:
    """Return what tells the ways in which cases are opened apart: what they are opened with."""
    return repr(sorted(sets.items()))
