"""What can happen to who reads a case, and to what is sealed in it after its term."""

from typing import ClassVar, Final

from engine.journal.case_events import CaseEvent


class CaseRestricted(CaseEvent, frozen=True, kw_only=True):
    """From then on only the officers named read the case, and who may read restricted cases."""

    kind: ClassVar[str] = "restricted"
    to: tuple[str, ...]
    """Codes of the officers."""
    reason: str


class RestrictionLifted(CaseEvent, frozen=True, kw_only=True):
    """The case is read again as any other."""

    kind: ClassVar[str] = "restriction_lifted"
    reason: str


class SealsDestroyed(CaseEvent, frozen=True, kw_only=True):
    """The sealed values of a case were destroyed after their term; all else of it stays, this row in their place."""

    kind: ClassVar[str] = "seals_destroyed"
    destroyed: tuple[tuple[str, int], ...]
    """Field, and journal row that brought the value; the digest of the value stands there."""
    proposed: int
    """The row of the house's chain in which another officer proposed it."""


READING_EVENTS: Final[tuple[type[CaseEvent], ...]] = (CaseRestricted, RestrictionLifted, SealsDestroyed)
