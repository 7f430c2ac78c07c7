"""What can happen to a signature on a case: it is asked for, given by its officer or on paper, declined, or void."""

from typing import ClassVar, Final

from engine.journal.case_events import NOTHING, CaseEvent, CaseVoided, DeadlineExtended, StepTaken
from engine.journal.event import Values
from engine.workflow.deed_words import EXTENSION, VOIDING


def extension_field(deadline: str) -> str:
    """Return where a signature under an extension of a deadline stands; no field of a workflow is called so."""
    return f"{EXTENSION}:{deadline}"


class SignatureAsked(CaseEvent, frozen=True, kw_only=True):
    """A signature was asked for; who is named gives it in person, or it stands on paper."""

    kind: ClassVar[str] = "signature_asked"
    field: str
    of: str
    """Code of who is to sign."""
    step: str
    """The step that it is for, by its trigger; of an extension `extend`, of a voiding `void`."""
    covers: Values
    """What is signed: each field that the step takes, with its value; null is none. Of an extension its length, reason
    and the day on which it is due before; of a voiding its reason."""
    proposed: Values = NOTHING
    """Those of these values that the step is to bring."""
    asked_by: str | None = None
    """Code of who asked first, where the program asks again because what is signed has changed."""


def extension_asked(  # each is a part of what is signed
    deadline: str, *, of: str, was_due_on: str, amount: int, unit: str, reason: str, exception: bool
) -> SignatureAsked:
    """Return what is asked of who is to sign an extension."""
    covers = {
        "deadline": deadline,
        "was_due_on": was_due_on,
        "amount": amount,
        "unit": unit,
        "reason": reason,
        "exception": exception,
    }
    return SignatureAsked(field=extension_field(deadline), of=of, step=EXTENSION, covers=covers)


def voiding_asked(*, of: str, reason: str) -> SignatureAsked:
    """Return what is asked of who is to sign that a case is void."""
    return SignatureAsked(field=VOIDING, of=of, step=VOIDING, covers={"reason": reason})


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


class SignatureReminded(CaseEvent, frozen=True, kw_only=True):
    """The officer who is to sign was reminded of it."""

    kind: ClassVar[str] = "signature_reminded"
    field: str
    asked: int
    to: tuple[str, ...]
    """Codes of who gets a message: who is to sign, and after a week who asked."""


SIGNATURE_EVENTS: Final[tuple[type[CaseEvent], ...]] = (
    SignatureAsked,
    SignatureGiven,
    SignatureDeclined,
    SignatureVoid,
    SignatureReminded,
)
SIGNING: Final = frozenset(each.kind for each in SIGNATURE_EVENTS) | {
    StepTaken.kind,
    CaseVoided.kind,
    DeadlineExtended.kind,
}
"""Kinds of rows after which other signatures may stand than before."""

Standing = dict[str, tuple[int, str, int | None, int]]
"""Field -> of a signature that stands: the row that asked for it, of whom, the row that gave it, and when it was asked
or said last; microseconds since 1970 UTC."""


def follow_signatures(asked: Standing, seq: int, at: int, event: CaseEvent) -> None:
    """Tell what a row says of the signatures that stand.

    Args:
        at: When the row is dated; microseconds since 1970 UTC.

    Raises:
        LookupError: If one is given that nobody asked for.
    """
    match event:
        case StepTaken():
            for name in event.signed:
                asked.pop(name, None)
        case DeadlineExtended(signed=int()):
            asked.pop(extension_field(event.deadline), None)
        case CaseVoided(signed=int()):
            asked.pop(VOIDING, None)
        case SignatureAsked():
            asked[event.field] = seq, event.of, None, at if event.clock_at is None else event.clock_at
        case SignatureGiven():
            row, of, _, said_at = asked[event.field]
            asked[event.field] = row, of, seq, said_at
        case SignatureReminded() if event.field in asked:
            asked[event.field] = *asked[event.field][:3], at if event.clock_at is None else event.clock_at
        case SignatureDeclined() | SignatureVoid():
            asked.pop(event.field, None)
