"""What the journal says when cases move to another version of their workflow: the plan of the house, the move of each.

The plan is written before anything moves: from what to what, by which map, and of each case a digest of what is to
become of it. A case moves only as a plan said, and its row can be compared with that for ever.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import ClassVar, Final

from msgspec import Struct, field

from engine.journal.canonical import canonical
from engine.journal.case_events import CaseEvent, ChangingEvent
from engine.journal.event import Event, Values
from engine.journal.journaled_deadline import JournaledDeadline

DIGITS: Final = 16
"""Of the digest of what is to become of a case."""


class VersionMap(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of one version of a workflow is what of another; whatever is not named is what has the same name."""

    states: Mapping[str, str] = field(default_factory=dict)
    """State -> state."""
    triggers: Mapping[str, str] = field(default_factory=dict)
    """Step, as it stands in the journal -> what it is called now."""
    new_steps: tuple[str, ...] = ()
    """Steps that conditions ask about and that nobody can have taken before."""
    fields: Mapping[str, str | None] = field(default_factory=dict)
    """Field -> field; None: its value is dropped."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Field as it is called now -> value -> value."""
    set: Values = field(default_factory=dict)
    """Values of fields that have none."""


class CaseMigrated(ChangingEvent, frozen=True, kw_only=True):
    """The case goes on by another version of its workflow."""

    kind: ClassVar[str] = "migrated"
    version: int
    was_version: int
    plan: str
    """SHA-256 of the plan, which a row of the house tells."""
    reason: str
    states: Mapping[str, str] = field(default_factory=dict)
    """States that are called otherwise from now on."""
    triggers: Mapping[str, str] = field(default_factory=dict)
    """Steps of the rows before that are called otherwise from now on."""
    was_due: Mapping[str, str] = field(default_factory=dict)
    """Deadline -> the local day on which it was due before, of those that it changed."""
    rungs: Mapping[str, int] = field(default_factory=dict)
    """Deadline -> its next reminder, of those that it set; those before it are not sent any more."""
    with_parent: str | None = None
    """Number of the case with which it moved."""


Family = tuple[tuple[int, int, str], ...]
"""Cases that move together, the parent first: id, journal row, and digest of what becomes of each."""


class MigrationPlanned(Event, frozen=True, kw_only=True):
    """It was planned which cases move to another version, and what becomes of each; nothing has moved by it."""

    kind: ClassVar[str] = "migration_planned"
    workflow: str
    version: int
    digest: str
    """SHA-256 of the body of this row with an empty one in its place."""
    maps: Mapping[str, VersionMap]
    """Workflow -> what of it is called otherwise: the one that is planned for, and those of the cases under it."""
    not_before: str
    """Local date: the move makes nobody late up to it, and can be done up to it."""
    moves: tuple[Family, ...]
    refused: tuple[tuple[int, str], ...] = ()
    """Id, and digest of why it cannot move."""

    @property
    def count(self) -> int:
        """How many cases move."""
        return sum(map(len, self.moves))

    def digested(self) -> "MigrationPlanned":
        """Return the same with its own digest."""
        return self.replace(digest=self.own_digest)

    @property
    def own_digest(self) -> str:
        """The digest that it must have; whatever the row itself adds is not in it."""
        bare = MigrationPlanned(
            workflow=self.workflow,
            version=self.version,
            digest="",
            maps=self.maps,
            not_before=self.not_before,
            moves=self.moves,
            refused=self.refused,
        )
        return sha256(bare.body().encode()).hexdigest()


def line_digest(
    *,
    versions: tuple[int, int],
    states: tuple[str, str],
    clearance: int,
    event: CaseEvent,
    deadlines: Mapping[str, JournaledDeadline],
) -> str:
    """Return the digest of what becomes of a case, which its row must have as well.

    Args:
        versions: From and to.
        states: From and to.
        event: What it brings and takes away.
        deadlines: Those that it changes, as they become.
    """
    terms = {name: [each.round, each.status, each.due_on, each.due_at] for name, each in deadlines.items()}
    said = [*versions, *states, clearance, event.brought, event.replaced, terms]
    return sha256(canonical(said).encode()).hexdigest()[:DIGITS]


MIGRATION_EVENTS: Final[tuple[type[CaseEvent], ...]] = (CaseMigrated,)
