"""What can happen to who reads a case: rows of its chain that leave the case itself as it is."""

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


READING_EVENTS: Final[tuple[type[CaseEvent], ...]] = (CaseRestricted, RestrictionLifted)
