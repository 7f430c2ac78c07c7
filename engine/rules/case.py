"""What is read of a case and what a rule decides about it: frozen values, no storage."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from engine.errors import Reason
from engine.journal.case_events import CaseEvent
from engine.language import Text
from engine.rules.naming import Naming
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Transition
from engine.workflow.proofs import Proof

_CODES: Final = Naming()


class Count(IntEnum):
    """How a case counts (domain §9.2)."""

    OPEN = 0
    CLEARED = 1
    FULLY_CLOSED = 2
    VOID = 3
    REPEATS = 4


class Case(NamedTuple):
    """A case as it stood when it was read.

    A named tuple, since a frozen dataclass of so many fields takes ten times as long to make, and
    thousands are made for one step in bulk.
    """

    id: int
    number: str
    workflow: str
    version: int
    state: str
    unit_id: int
    unit: str
    """The unit's code."""
    parent_id: int | None
    first_id: int | None
    dated_on: str
    """Local date of receipt, YYYY-MM-DD."""
    opened_at: int
    """Microseconds since 1970 UTC."""
    changed_at: int
    """Microseconds since 1970 UTC; when its last journal row was written."""
    clearance: int
    fields: Mapping[str, object]
    import_key: str | None
    revision: int
    head: str


class Actor(FrozenStruct, frozen=True, kw_only=True):
    """Who acts, and the roles that the officer has in the unit of the case."""

    code: str
    roles: frozenset[str]
    proof: Proof = Proof.ASSERTED
    """By what the officer is known."""
    naming: Naming = _CODES
    """What codes are called where a sentence names them."""

    @property
    def called(self) -> Text:
        """What the officer is called."""
        return self.naming.officer(self.code)


class Family(FrozenStruct, frozen=True, kw_only=True):
    """What a rule may look at besides the case itself; read only where a rule asks for it."""

    children: tuple[Case, ...] = ()
    parent: Case | None = None
    doers: Mapping[str, frozenset[str]] = MappingProxyType({})
    """Trigger -> codes of the officers who did it on this case."""
    parent_doers: Mapping[str, frozenset[str]] = MappingProxyType({})
    moves: tuple[tuple[str, str], ...] = ()
    """Trigger and code of the officer of each step that was taken on this case, in their order."""
    parent_moves: tuple[tuple[str, str], ...] = ()
    came_from: str | None = None
    """The state from which a step last led the case into the one where it stands; None if none did."""
    after: Callable[[date, str], date] | None = None
    """Counts a term such as `15 working_days` from a day, by the calendar of the case's unit."""


def doers_of(moves: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return who ever did which trigger.

    Args:
        moves: Trigger and code of the officer of each step.
    """
    found: dict[str, set[str]] = {}
    for trigger, by in moves:
        found.setdefault(trigger, set()).add(by)
    return {trigger: frozenset(codes) for trigger, codes in found.items()}


class Birth(FrozenStruct, frozen=True, kw_only=True):
    """A child case that a decision opens."""

    workflow: str
    values: Mapping[str, object]
    computed: frozenset[str] = frozenset()
    """Those of its values that an expression came to; they are judged by the child's fields as it is opened."""


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
"""An empty mapping that nobody can fill."""


class Decision(NamedTuple):
    """What is to happen to one case: a value, to be shown or to be committed; a named tuple as a case is one."""

    event: CaseEvent
    """What the journal will say; deadlines, sealed values and opened cases are filled in as it is committed."""
    state: str
    """The state after it."""
    fields: Mapping[str, object]
    """All values after it."""
    clearance: int
    applies: Mapping[str, bool] = _NONE
    """Of each declared deadline, whether its own condition holds after it."""
    births: tuple[Birth, ...] = ()
    further: Transition | None = None
    """The step, if more follows from it in its commit: children that go along, another unit."""
    seals: Mapping[str, str] = _NONE
    """Sealed fields and what is to be sealed into them; never shown, never journaled."""
    parent: Case | None = None
    """The parent as it was when it was judged on; None if the rules did not ask for it."""


def as_it_is(case: Case, event: CaseEvent) -> Decision:
    """Return the decision by which a row is written and the case stays as it is."""
    return Decision(event, case.state, case.fields, case.clearance)


class NextStep(FrozenStruct, frozen=True, kw_only=True):
    """A transition that leaves the case's state, what it still lacks, and for whom it is."""

    name: str
    """The transition's own; several may share a trigger."""
    trigger: str
    title: Text
    target: str | None
    by: tuple[str, ...]
    missing: tuple[Reason, ...]
    would_open: bool = False
    """It opens other cases, and no condition stands against it, though values may be missing."""
    is_barred: bool = False
    """A condition stands against it that no value which may be brought with it can meet."""
    asks: tuple[str, ...] = ()
    """Fields that must be brought with it: asked for each time, or needed and not there yet."""
    takes: tuple[str, ...] = ()
    """Fields that may be brought besides."""
    not_mine: tuple[Reason, ...] = ()
    """Why the officer for whom it is judged may not take it; nothing if they may, or if it is judged for nobody."""
    ends: tuple[str, ...] = ()
    """Deadlines that run in this state and that it ends."""

    @property
    def mine(self) -> bool:
        """Whether the officer for whom it is judged may take it."""
        return not self.not_mine

    @property
    def blocked(self) -> tuple[Reason, ...]:
        """The reasons among those missing that nothing which is brought with it can mend."""
        return tuple(each for each in self.missing if each.kind != "missing" and each.field is None)
