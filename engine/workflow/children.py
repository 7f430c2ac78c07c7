"""What follows from steps: children that are opened, that take a step too, and what they tell; another unit."""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import field

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import As, Line

BACK: Final = "back"
"""In `hands_to`, the unit that handed the case over last."""


class ChildOpening(FrozenStruct, frozen=True, kw_only=True):
    """A child case that a transition opens in the same commit."""

    workflow: str
    sets: Annotated[Mapping[str, object], As(keys=("set",))]
    """Values of the child; a string `=name` copies the parent's field, `=expression` is worked out."""
    if_: Line | None = None
    """Expression over the parent that says whether the child is opened at all."""
    each: str | None = None
    """A field with several values: one child for each of them, which is called `it` in `set`."""


class FilingOpening(ChildOpening, frozen=True, kw_only=True):
    """A case that an extension opens in its commit: it is filed with others, who give a receipt."""

    writes: Mapping[str, object] = field(default_factory=dict)
    """Into which fields of it go `deadline`, `was_due_on`, `due_on`, `reason`, `signed_by`, `filed_on`."""


class EachChild(FrozenStruct, frozen=True, kw_only=True):
    """The step that children take in the commit of their parent's step: all of them or none."""

    children: str
    """The workflow of the children."""
    states: Annotated[tuple[str, ...], As(keys=("in",))]
    """Those that stand in one of these go along."""
    step: str
    """Its trigger."""
    sets: Mapping[str, object]
    """What it brings; `=name` copies from the parent after its step, `=expression` is worked out on it."""


class Gathering(FrozenStruct, frozen=True, kw_only=True):
    """What a list of a case is kept equal to: a value of those of its children that stand in some states."""

    workflow: str
    field: str
    states: tuple[str, ...]
    """The one in which they are opened is among them."""
