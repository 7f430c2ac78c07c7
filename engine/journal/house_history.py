"""The house as it stood after any row of its own chain: who acted with which roles, and what was adopted.

Every row of a case names the newest row of the house that it was written under, so that a role, a rule or a day which
was changed beside the journal and changed back is found where it was used.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.events import read
from engine.journal.house_events import (
    CalendarUsed,
    DaysClosed,
    DaysOpened,
    DaysReleased,
    HouseSetUp,
    OfficerAdded,
    OfficerLeft,
    OfficerReturned,
    ProofDemanded,
    RoleGranted,
    RoleRevoked,
    TextsAdopted,
)
from engine.journal.house_head import SHORT
from engine.journal.migration_events import MigrationPlanned
from engine.journal.replayed_house import OwnDays, with_days
from engine.workflow.proofs import Proof


class Standing(NamedTuple):
    """How an officer stood from one row of the house on."""

    seq: int
    acts: bool
    """Registered, and has not left."""
    grants: frozenset[tuple[str, str]]
    """Role, and code of the unit; empty for all of them."""


class HouseHistory:
    """What the whole chain of the house tells of any moment, by the number of a row."""

    def __init__(self, entries: Sequence[ChainRow]) -> None:
        """Replay the chain.

        Raises:
            ValueError, LookupError, TypeError: If a body is not what this program writes.
        """
        self._hashes = [each.hash[:SHORT] for each in entries]
        self._standings: dict[str, list[Standing]] = {}
        self._adopted: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        self._calendars: list[tuple[int, str | None]] = [(0, None)]
        self._days: dict[str, list[tuple[int, OwnDays]]] = {}
        self._roles: dict[tuple[str, str, int], frozenset[str] | None] = {}
        self._versions: dict[tuple[str, str, int], tuple[int, ...]] = {}
        self._demands: list[tuple[int, bool]] = [(0, False)]
        self._least = ""
        self._rehearsal = False
        self._plans: dict[str, tuple[int, MigrationPlanned]] = {}
        for entry in entries:
            event = read(entry.kind, entry.body or b"")
            self._tell(entry.seq, event)
            if isinstance(event, MigrationPlanned) and event.digest == event.own_digest:
                self._plans.setdefault(event.digest, (entry.seq, event))
            if isinstance(event, HouseSetUp | ProofDemanded | OfficerAdded | OfficerReturned | OfficerLeft):
                self._demand(entry.seq, event)

    @property
    def length(self) -> int:
        """Return how many rows the chain has."""
        return len(self._hashes)

    def holds(self, seq: int, short: str) -> bool:
        """Say whether the row with that number is the one that is meant."""
        return 0 < seq <= len(self._hashes) and self._hashes[seq - 1] == short

    def roles(self, officer: str, unit: str, seq: int) -> frozenset[str] | None:
        """Return the roles of an officer in a unit after row *seq*; None if nobody of that code acted then.

        Args:
            unit: Its code; empty for what takes a role in all units.
        """
        key = officer, unit, seq
        if key not in self._roles:
            standing = self._at(officer, seq)
            if standing is None or not standing.acts:
                self._roles[key] = None
            else:
                self._roles[key] = frozenset(role for role, where in standing.grants if where in {"", unit})
        return self._roles[key]

    def roles_anywhere(self, officer: str, seq: int) -> frozenset[str]:
        """Return the roles that an officer had in any unit after row *seq*; none in a rehearsal: it demands nothing."""
        standing = None if self._rehearsal else self._at(officer, seq)
        return frozenset() if standing is None else frozenset(role for role, _ in standing.grants)

    def acts_alone(self, officer: str, seq: int) -> bool:
        """Say whether no other officer acted after row *seq*."""
        others = (self._at(each, seq) for each in self._standings if each != officer)
        return not any(each is not None and each.acts for each in others)

    def signed_in_person(self, seq: int) -> bool:
        """Say whether officers had to be known by more than a typed name after row *seq*, and so gave signatures."""
        return self._demands[bisect_right(self._demands, seq, key=lambda each: each[0]) - 1][1]

    def adopted(self, kind: str, name: str, seq: int) -> tuple[int, ...]:
        """Return the versions of a text that were adopted up to row *seq*, the newest last."""
        key = kind, name, seq
        if key not in self._versions:
            self._versions[key] = tuple(version for at, version, _ in self._adopted.get((kind, name), ()) if at <= seq)
        return self._versions[key]

    def in_force(self, kind: str, name: str, seq: int) -> tuple[str, str, int, str] | None:
        """Return the text that was adopted last up to row *seq*: kind, name, version, digest; None if none was."""
        found = [(version, digest) for at, version, digest in self._adopted.get((kind, name), ()) if at <= seq]
        return (kind, name, *found[-1]) if found else None

    def plan(self, digest: str, seq: int) -> MigrationPlanned | None:
        """Return the plan of that digest by which cases move to other versions; None if there was none by row *seq*."""
        at, found = self._plans.get(digest, (seq + 1, None))
        return found if at <= seq else None

    @property
    def ever_adopted(self) -> bool:
        """Whether the ledger holds its rules."""
        return bool(self._adopted)

    @property
    def counts_alike(self) -> bool:
        """Whether the house always counted by China's days; units may have had their own besides."""
        return len(self._calendars) == 1

    def every_own_days(self, unit: str) -> tuple[OwnDays, ...]:
        """Return the own days of a unit as they ever stood, none of them first."""
        stood = (own for _, own in self._days.get(unit, ()))
        return ({}, *({kind: each for kind, each in own.items() if each} for own in stood))

    def calendar(self, seq: int) -> str | None:
        """Return the digest of the calendar file by which the house counted after row *seq*; None for China's days."""
        return [digest for at, digest in self._calendars if at <= seq][-1]

    def own_days(self, unit: str, seq: int) -> OwnDays:
        """Return the own days of a unit after row *seq*: `off` and `working`, those of them that it had."""
        found = [own for at, own in self._days.get(unit, ()) if at <= seq]
        return {kind: each for kind, each in found[-1].items() if each} if found else {}

    def _at(self, officer: str, seq: int) -> Standing | None:
        """Return how an officer stood after row *seq*; None if not registered by then."""
        found = self._standings.get(officer, [])
        place = bisect_right(found, seq, key=lambda each: each.seq)
        return found[place - 1] if place else None

    def _tell(self, seq: int, event: Event) -> None:
        """Tell what one row says."""
        match event:
            case HouseSetUp():
                self._stands(event.officer[0], seq, acts=True, grants=frozenset((role, "") for role in event.roles))
            case OfficerAdded() | OfficerReturned():
                self._stands(event.code, seq, acts=True)
            case OfficerLeft():
                self._stands(event.code, seq, acts=False)
            case RoleGranted():
                self._stands(event.code, seq, more=frozenset({(event.role, event.unit or "")}))
            case RoleRevoked():
                self._stands(event.code, seq, less=frozenset({(event.role, event.unit or "")}))
            case TextsAdopted():
                for kind, name, version, digest in event.texts:
                    self._adopted.setdefault((kind, name), []).append((seq, version, digest))
            case CalendarUsed():
                self._calendars.append((seq, event.digest))
            case DaysOpened() | DaysClosed() | DaysReleased():
                found = self._days.setdefault(event.code, [])
                found.append((seq, with_days(found[-1][1] if found else {}, event)))

    def _demand(self, seq: int, event: Event) -> None:
        """Tell by what officers had to be known from a row on."""
        if isinstance(event, HouseSetUp):
            self._least, self._rehearsal = event.demands, event.rehearsal
        elif isinstance(event, ProofDemanded):
            self._least = event.least
        several = sum(each[-1].acts for each in self._standings.values()) > 1
        strict = several and not self._rehearsal and self._least not in {"", Proof.ASSERTED.word}
        self._demands.append((seq, strict))

    def _stands(
        self,
        officer: str,
        seq: int,
        *,
        acts: bool | None = None,
        grants: frozenset[tuple[str, str]] | None = None,
        more: frozenset[tuple[str, str]] = frozenset(),
        less: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """Write how an officer stands from a row on; what is not named stays."""
        found = self._standings.setdefault(officer, [])
        last = found[-1] if found else Standing(0, acts=False, grants=frozenset())
        held = last.grants if grants is None else grants
        found.append(Standing(seq, acts=last.acts if acts is None else acts, grants=(held | more) - less))
