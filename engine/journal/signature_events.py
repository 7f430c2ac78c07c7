"""What can happen to a signature on a case: it is asked for, given by its officer or on paper, declined, or void."""

from typing import ClassVar, Final

from engine.journal.case_events import NOTHING, CaseEvent, StepTaken
from engine.journal.event import Values


class SignatureAsked(CaseEvent, frozen=True, kw_only=True):
    """A signature was asked for; who is named gives it in person, or it stands on paper."""

    kind: ClassVar[str] = "signature_asked"
    field: str
    of: str
    """Code of who is to sign."""
    step: str
    """The step that it is for, by its trigger; of an extension `extend`."""
    covers: Values
    """What is signed: each field that the step takes, with its value; null is none."""
    proposed: Values = NOTHING
    """Those of these values that the step is to bring."""
    asked_by: str | None = None
    """Code of who asked first, where the program asks again because what is signed has changed."""


class SignatureGiven(CaseEvent, frozen=True, kw_only=True):
    """A signature was given: by its officer in person, or on paper, of which the page is kept."""

    kind: ClassVar[str] = "signature_given"
    field: str
    of: str
    asked: int
    """The row that asked for it."""
    page: str | None = None
    """SHA-256 of the scanned page, which a row before it attached; None if it was not given on paper."""
    on: str | None = None
    """Local date, YYYY-MM-DD, that stands on the paper."""


class SignatureDeclined(CaseEvent, frozen=True, kw_only=True):
    """A signature that was asked for is refused by its officer."""

    kind: ClassVar[str] = "signature_declined"
    field: str
    asked: int
    reason: str


class SignatureVoid(CaseEvent, frozen=True, kw_only=True):
    """A signature, asked for or given, stands no more, because what it covers has changed or it is for no step."""

    kind: ClassVar[str] = "signature_void"
    field: str
    asked: int
    changed: tuple[str, ...] = ()
    """Fields that it covers and that have changed."""


SIGNATURE_EVENTS: Final[tuple[type[CaseEvent], ...]] = (
    SignatureAsked,
    SignatureGiven,
    SignatureDeclined,
    SignatureVoid,
)
SIGNING: Final = frozenset(each.kind for each in SIGNATURE_EVENTS) | {StepTaken.kind}
"""Kinds of rows after which other signatures may stand than before."""

Standing = dict[str, tuple[int, str, int | None]]
"""Field -> of a signature that stands: the row that asked for it, of whom, the row that gave it."""


def follow_signatures(asked: Standing, seq: int, event: CaseEvent) -> None:
    """Tell what a row says of the signatures that stand.

    Raises:
        LookupError: If one is given that nobody asked for.
    """
    match event:
        case StepTaken():
            for name in event.signed:
                asked.pop(name, None)
        case SignatureAsked():
            asked[event.field] = seq, event.of, None
        case SignatureGiven():
            asked[event.field] = *asked[event.field][:2], seq
        case SignatureDeclined() | SignatureVoid():
            asked.pop(event.field, None)
