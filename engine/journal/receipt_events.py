"""What can happen to the code by which a reporter without a name is answered."""

from typing import ClassVar, Final

from engine.journal.case_events import CaseEvent


class ReceiptGiven(CaseEvent, frozen=True, kw_only=True):
    """The reporter was given a code; nobody but its holder reads what is answered."""

    kind: ClassVar[str] = "receipt_given"
    key: str
    """The public key that was derived from the code, as base64."""


class ReceiptAnswered(CaseEvent, frozen=True, kw_only=True):
    """An answer was left for who holds the code."""

    kind: ClassVar[str] = "receipt_answered"
    answer: str
    """Sealed to the key of the code, as base64."""


RECEIPT_EVENTS: Final[tuple[type[CaseEvent], ...]] = (ReceiptGiven, ReceiptAnswered)
