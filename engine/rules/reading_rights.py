"""Who may read what: one table of deeds, and the one question that everything which shows something asks it.

Reading is a right (domain §12: need to know is by person). What a role may read is declared in `roles.yaml`; what an
officer may read is the widest of it. Nothing is allowed that no row of the table allows.

A restricted case is read by the officers whom the restriction names, and by roles that may `read_restricted` as far
as they read at all. Figures count it, or a campaign would be cleared while one of its leads is open; where they name
it to others, a mask stands for its number.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.workflow.powers import Power, ReadingScope


class Deed(StrEnum):
    """What is done to read something of a ledger, as the access log names it."""

    READ = "read"
    """One case, its deadlines, or what is written about it."""
    LIST = "list"
    SEARCH = "search"
    """A list that was narrowed by an expression over the fields."""
    JOURNAL = "journal"
    VERIFY = "verify"
    HOUSE = "house"
    """The units, and the officers with their roles."""
    REPORT = "report"
    ZERO = "zero"
    EXPORT = "export"
    PRINT = "print"
    """A letter, or a file that is kept with a case."""
    OUTBOX = "outbox"
    SEND = "send"
    """What waits in the outbox is sent, or tried again."""
    SWEEP = "sweep"
    BACKUP = "backup"
    RESTORE = "restore"
    FREEZE = "freeze"
    ACCESS = "access"
    """The access log itself."""


class Need(FrozenStruct, frozen=True, kw_only=True):
    """A row of the table: what a deed takes."""

    scope: ReadingScope
    """The least that the officer must be allowed to read; of a case, what it shows is narrowed to that anyway."""
    power: Power | None = None
    """A power that it takes besides."""


DEEDS: Final[Mapping[Deed, Need]] = MappingProxyType(
    {
        Deed.READ: Need(scope=ReadingScope.PART),
        Deed.LIST: Need(scope=ReadingScope.PART),
        Deed.SEARCH: Need(scope=ReadingScope.PART),
        Deed.JOURNAL: Need(scope=ReadingScope.PART),
        Deed.VERIFY: Need(scope=ReadingScope.ALL),
        Deed.HOUSE: Need(scope=ReadingScope.PART),
        Deed.REPORT: Need(scope=ReadingScope.UNIT),
        Deed.ZERO: Need(scope=ReadingScope.UNIT),
        Deed.EXPORT: Need(scope=ReadingScope.UNIT),
        Deed.PRINT: Need(scope=ReadingScope.PART),
        Deed.OUTBOX: Need(scope=ReadingScope.PART),
        Deed.SEND: Need(scope=ReadingScope.ALL, power=Power.KEEP_LEDGER),
        Deed.SWEEP: Need(scope=ReadingScope.ALL, power=Power.KEEP_LEDGER),
        Deed.BACKUP: Need(scope=ReadingScope.ALL),
        Deed.RESTORE: Need(scope=ReadingScope.ALL, power=Power.RESTORE),
        Deed.FREEZE: Need(scope=ReadingScope.ALL, power=Power.FREEZE),
        Deed.ACCESS: Need(scope=ReadingScope.ALL, power=Power.READ_ACCESS_LOG),
    }
)


COUNTS: Final = frozenset({Deed.REPORT, Deed.ZERO})
"""Deeds that count restricted cases for those who may not read them."""

_MASK: Final = "*"
"""With what stands for the number of a restricted case begins; no number begins so."""


def mask(case_id: int) -> str:
    """Return what stands for the number of a restricted case where it is only counted."""
    return f"{_MASK}{case_id}"


def is_masked(number: str) -> bool:
    """Say whether *number* stands for a restricted case that is only counted."""
    return number.startswith(_MASK)


class Reader(FrozenStruct, frozen=True, kw_only=True):
    """Somebody who asks to read."""

    code: str
    scope: ReadingScope
    """The widest that any role gives; NONE for those who are not registered, or have left."""
    units: frozenset[int] = frozenset()
    """Ids of the units of which all cases may be read."""
    powers: frozenset[Power] = frozenset()
    """What the officer's roles in all units may do."""
    trusted_in: frozenset[int] = frozenset()
    """Ids of the units of which restricted cases may be read without being named; all units if it is in `powers`."""
    given: frozenset[int] = frozenset()
    """Ids of the restricted cases that name this officer as one who reads them."""
    hidden: Mapping[int, str] = {}
    """Id -> number of the restricted cases that may not be read."""

    @property
    def reads_all(self) -> bool:
        """Whether this reader reads cases of all units; restricted ones may still be hidden."""
        return self.scope is ReadingScope.ALL

    @property
    def sees_everything(self) -> bool:
        """Whether nothing at all is hidden from this reader."""
        return self.reads_all and not self.hidden

    def veiled(self, words: str) -> str:
        """Return words with the numbers of cases masked that are hidden from this reader."""
        for case_id, number in self.hidden.items():
            if number in words:  # with a digit more it is the number of another case
                words = re.sub(f"(?<![0-9]){re.escape(number)}(?![0-9])", mask(case_id), words)
        return words

    def unveiled(self, words: str, held: str) -> str:
        """Return words with those masks written out that stood for numbers in what is held, and no other.

        So what was read with masks and comes back keeps the numbers, and a mask that is guessed tells nothing.
        """
        for case_id, number in self.hidden.items():
            if number in held:
                words = re.sub(f"{re.escape(mask(case_id))}(?![0-9])", number, words)
        return words


class Subject(FrozenStruct, frozen=True, kw_only=True):
    """A case that somebody asks to read."""

    unit_id: int
    people: frozenset[str] = frozenset()
    """Codes of the officers whom it names, and of those who took a step of it."""
    restricted_to: frozenset[str] | None = None
    """Codes of the only officers who read it; None if it is not restricted."""


def may(reader: Reader, deed: Deed, subject: Subject | None = None) -> bool:
    """Say whether somebody may do a deed: to one case, or at all if none is given.

    What is shown by a deed on no one case is narrowed to the cases that the reader may read.
    """
    need = DEEDS[deed]
    if reader.scope < max(need.scope, ReadingScope.PART) or (
        need.power is not None and need.power not in reader.powers
    ):
        return False
    if subject is None:
        return True
    if subject.restricted_to is not None:
        if reader.code in subject.restricted_to:
            return True
        if Power.READ_RESTRICTED not in reader.powers and subject.unit_id not in reader.trusted_in:
            return False
    if reader.reads_all:
        return True
    return subject.unit_id in reader.units or reader.code in subject.people


def named_readers(workflow: Workflow, fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return the codes that stand in the officer fields by which a workflow lets its readers in."""
    found: list[str] = []
    for name in workflow.restricted_to:
        value = fields.get(name) if name in workflow.fields else None
        found += [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)] if value else []
    return tuple(found)
