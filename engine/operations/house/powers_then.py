"""Who could do what beyond the steps of workflows at any moment: by the roles and the list of roles of that moment."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.errors import DatabaseError
from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.house_events import (
    BackupKeysDeclared,
    CalendarUsed,
    ContactChanged,
    CredentialRevoked,
    CredentialSet,
    CustodianReplaced,
    DatabaseRolesMade,
    DaysClosed,
    DaysOpened,
    DaysReleased,
    DestructionProposed,
    EscrowMade,
    HandClockAllowed,
    HandClockForbidden,
    LetterheadChanged,
    OfficerAdded,
    OfficerLeft,
    OfficerRenamed,
    OfficerReturned,
    ProofDemanded,
    RestrictionsChanged,
    RoleGranted,
    RoleRevoked,
    StatementFrozen,
    TextsAdopted,
    UnitAdded,
    UnitClosed,
    UnitRenamed,
    UnitTyped,
)
from engine.journal.house_history import HouseHistory
from engine.journal.migration_events import MigrationPlanned
from engine.language import Text
from engine.operations.house.judged_restrictions import JudgedRestrictions
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.workflow.powers import Power, Role
from engine.workflow.proofs import Proof
from engine.workflow.texts import KeptText, TextKind

_ROLES: Final = "roles"

TAKES: Final[Mapping[type[Event], tuple[Power, ...]]] = {
    **dict.fromkeys(
        (
            UnitAdded,
            UnitRenamed,
            UnitTyped,
            LetterheadChanged,
            CalendarUsed,
            DaysOpened,
            DaysClosed,
            DaysReleased,
            TextsAdopted,
            MigrationPlanned,
            DatabaseRolesMade,
        ),
        (Power.KEEP_LEDGER,),
    ),
    **dict.fromkeys(
        (UnitClosed, HandClockAllowed, HandClockForbidden, ProofDemanded, BackupKeysDeclared), (Power.KEEP_LEDGER,)
    ),
    **dict.fromkeys(
        (
            OfficerAdded,
            OfficerRenamed,
            OfficerLeft,
            OfficerReturned,
            ContactChanged,
            RoleGranted,
            RoleRevoked,
            CredentialSet,
            CredentialRevoked,
        ),
        (Power.MANAGE_OFFICERS,),
    ),
    StatementFrozen: (Power.FREEZE,),
    EscrowMade: (Power.OPEN_SEALS,),
    DestructionProposed: (Power.DESTROY_SEALS,),
}
"""What rows of the house take; the others take no power that the house's chain alone can judge, or one by what they
say."""
_THEIR_OWN: Final = (ContactChanged, CredentialSet, CredentialRevoked)
"""Rows that an officer writes about themselves without any power."""


def powerless(officer: str, power: Power) -> Text:
    """Return that an officer could not do at that time what takes a power."""
    return Text("{by} could not {power} then", "{by} 当时无权{power}").format(by=officer, power=power.says)


class PowersThen:
    """Tells who had which power after any row of the house."""

    def __init__(self, ledger: Ledger, history: HouseHistory) -> None:
        self._ledger = ledger
        self._history = history
        self._texts = AdoptedTexts(ledger.store)
        self._restrictions = JudgedRestrictions(ledger.store)
        self._lists: dict[int, Mapping[str, Role] | None] = {}
        self._demanding: dict[int, Mapping[str, Proof]] = {}

    def against(self, row: ChainRow, event: Event) -> Text | None:
        """Return why a row of the house was not allowed; None if it was, or cannot be judged by the chain alone."""
        if isinstance(event, RestrictionsChanged):
            able = self.any_of(row.by, row.seq - 1, (Power.RESTRICT,))
            return self._restrictions.against(row, event, has_power=able)
        wanted = TAKES.get(type(event), ())
        if isinstance(event, CustodianReplaced):
            wanted = (Power.OPEN_SEALS if event.by_way == "passphrase" else Power.KEEP_LEDGER,)
        if not wanted or (isinstance(event, _THEIR_OWN) and event.code == row.by):
            return None
        if self.any_of(row.by, row.seq - 1, wanted):
            return None
        return powerless(row.by, wanted[0])

    def any_of(self, officer: str, seq: int, powers: Sequence[Power], unit: str = "") -> bool:
        """Say whether an officer had one of some powers after a row; if that cannot be known, so.

        Args:
            unit: Code of the unit in which it is needed; empty for all units.
        """
        roles = self._history.roles(officer, unit, seq)
        if roles is None:
            return False
        declared = self._declared(seq)
        if declared is None:
            return True
        return any(not declared[each].may.isdisjoint(powers) for each in roles if each in declared)

    def demanded_of(self, officer: str, seq: int) -> Proof:
        """Return by what an officer had to be known after a row, by the roles that they had in any unit."""
        if seq not in self._demanding:
            declared = self._declared(seq) or {}
            self._demanding[seq] = {name: each.proof for name, each in declared.items() if each.proof}
        demanding = self._demanding[seq]
        if not demanding:
            return Proof.ASSERTED
        roles = self._history.roles_anywhere(officer, seq)
        return max((proof for name, proof in demanding.items() if name in roles), default=Proof.ASSERTED)

    def _declared(self, seq: int) -> Mapping[str, Role] | None:
        """Return the list of roles that was in force after a row; None if it cannot be read any more."""
        versions = self._history.adopted(TextKind.LIST, _ROLES, seq)
        version = versions[-1] if versions else 0
        if version not in self._lists:
            self._lists[version] = self._read(version)
        return self._lists[version]

    def _read(self, version: int) -> Mapping[str, Role] | None:
        """Return the list of roles of one version; the program's own if none was adopted."""
        from engine.reading.choice_lists import roles_in

        try:
            if not version:
                return None if self._history.ever_adopted else self._ledger.workflows.declared_roles()
            text = self._texts.text(TextKind.LIST, _ROLES, version)
        except DatabaseError:
            return None
        return None if text is None else (roles_in(KeptText(_ROLES, text), _ROLES)[0] or None)
