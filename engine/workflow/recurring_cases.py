"""What is declared of cases that open by themselves, and of the figures that they are filled with."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import field

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import OwnName, given


class Filling(FrozenStruct, frozen=True, kw_only=True):
    """A figure of the register, of a recurring case's unit and period, that a field of it is filled with."""

    of: str
    """The workflow whose cases are counted."""
    counts: (
        Literal["carried", "received", "late", "entered", "returned", "cleared", "removed", "open", "overdue"] | None
    )
    """Which of their sums; None if steps are counted."""
    steps: tuple[str, ...] = ()
    """Triggers: how often they were taken in the period."""
    kept_in: str
    """The field that keeps what the register said, whatever people bring instead."""


class Recurrence(FrozenStruct, frozen=True, kw_only=True):
    """Cases that open by themselves, week by week or month by month, in every unit that owes them."""

    name: OwnName
    every: Literal["week", "month"]
    """week or month."""
    opens_on: Annotated[int, given("opens_on", needed=True)]
    """Day of the week (1 for Monday) or of the month on which they open."""
    due_on: Annotated[int, given("due_on", needed=True)]
    """Day on which they are due, in the same week or month."""
    off_day: Literal["stays", "before", "after"] = "stays"
    """stays, before or after: where a due day that is off goes."""
    covers: Literal["this", "last"] = "this"
    """this or last: which week or month they are about."""
    units_with: tuple[str, ...]
    """Roles: units in which an officer has one of them owe these cases."""
    writes: Annotated[Mapping[str, str], given("writes", needed=True)]
    """Into which fields go `period`, its last day `ends_on`, and `due_on`."""
    sets: Mapping[str, object]
    """Values that each of them has besides."""
    fills: Mapping[str, Filling] = field(default_factory=dict)
    """Number fields that are filled from the register: at opening, and again in each step that takes them."""
