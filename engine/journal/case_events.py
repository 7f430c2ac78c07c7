"""What can happen to a case, one frozen type for each kind of row in its chain."""

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec import field

from engine.journal.event import Event, Values
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.ledger_row import OriginalRow, Question

NOTHING: Final[Values] = {}
NO_SEALS: Final[Mapping[str, str]] = {}


class CaseEvent(Event, frozen=True, kw_only=True):
    """What every row of a case may say."""

    deadlines: Mapping[str, JournaledDeadline] = field(default_factory=dict)
    """Those that it started, moved or ended, by name."""
    sealed_to: str | None = None
    """Id of the custodian's key that it sealed values to; rows of older versions do not tell it."""
    cancelled: tuple[tuple[str, int, str], ...] = ()
    """Reminders taken back before they went out: deadline, rung, level."""
    house: tuple[int, str] | None = None
    """The house's newest row, by which it was judged: number, and 16 digits of its hash; older versions tell none."""

    @property
    def brought(self) -> Values:
        """The values that stand there after it and did not before."""
        return NOTHING

    @property
    def replaced(self) -> Values:
        """The values that stood there before and do not after it, unless it brought others."""
        return NOTHING

    @property
    def seals(self) -> Mapping[str, str]:
        """Sealed field -> SHA-256 of the ciphertext that it brought."""
        return NO_SEALS

    @property
    def receipt(self) -> str | None:
        """The local date, YYYY-MM-DD, from which the case counts after it; None if it changed none."""
        return None


class SealingEvent(CaseEvent, frozen=True, kw_only=True):
    """What a row says that may seal values."""

    sealed: Mapping[str, str] = field(default_factory=dict)
    """Field -> SHA-256 of the ciphertext."""

    @property
    def seals(self) -> Mapping[str, str]:
        """See `CaseEvent`."""
        return self.sealed


class ChangingEvent(CaseEvent, frozen=True, kw_only=True):
    """What a row says that may change values beside what it is about."""

    set: Values = field(default_factory=dict)
    was: Values = field(default_factory=dict)
    """What stood there before."""

    @property
    def brought(self) -> Values:
        """See `CaseEvent`."""
        return self.set

    @property
    def replaced(self) -> Values:
        """See `CaseEvent`."""
        return self.was


class CaseOpened(SealingEvent, frozen=True, kw_only=True):
    """A case was registered, by hand, by a ledger or by a step of its parent."""

    kind: ClassVar[str] = "opened"
    set: Values
    dated_on: str
    """Local date, YYYY-MM-DD."""
    unit: str
    workflow: str
    version: int
    parent: str | None = None
    by_hand: bool = False
    """An officer opened it under its parent; else a step of the parent did."""
    import_key: str | None = None
    file: Mapping[str, str] | None = None
    """The ledger that it came from: name and digest."""
    original: OriginalRow | None = None
    """The ledger's row as it stood."""
    questions: tuple[Question, ...] = ()
    """What the ledger left unclear."""
    recurs: str | None = None
    """The recurrence by which it opened by itself; None if people or a step opened it."""
    period: str | None = None
    """For which period."""

    @property
    def brought(self) -> Values:
        """See `CaseEvent`."""
        return self.set

    @property
    def receipt(self) -> str | None:
        """See `CaseEvent`."""
        return self.dated_on


class LegacyEntered(CaseEvent, frozen=True, kw_only=True):
    """A ledger said that a case had come as far as another state."""

    kind: ClassVar[str] = "legacy_entry"
    ledger_says: str
    at: str
    """Sheet and row, as the ledger's reader names places."""
    file: Mapping[str, str]
    set: Values

    @property
    def brought(self) -> Values:
        """See `CaseEvent`."""
        return self.set


class RowKept(SealingEvent, frozen=True, kw_only=True):
    """A ledger's row stood otherwise than the one that was kept before, or left something else unclear."""

    kind: ClassVar[str] = "row_kept"
    file: Mapping[str, str]
    """The ledger: name and digest."""
    original: OriginalRow | None = None
    questions: tuple[Question, ...] = ()


class QuestionClosed(CaseEvent, frozen=True, kw_only=True):
    """A question that a ledger left is answered without a value: it stays empty, for a reason."""

    kind: ClassVar[str] = "question_closed"
    field: str
    reason: str


class StepTaken(SealingEvent, frozen=True, kw_only=True):
    """A step of the workflow was taken."""

    kind: ClassVar[str] = "moved"
    trigger: str
    set: Values
    transition: str | None = None  # its name, if that is not the trigger's
    was: Values = field(default_factory=dict)
    opened: tuple[str, ...] = ()  # numbers of the cases that it opened
    bulk: bool = False
    ran_out: str | None = None
    """The deadline that had run out, by which the program took the step."""
    ran_out_on: str | None = None  # the local date on which that deadline was due
    signed: Mapping[str, int] = field(default_factory=dict)
    """Field -> the row by which the signature that stands in it was given."""
    because: str | None = None
    """Number and journal row of the parent's step with which the case went along: `0101-HY-2019-001#3`."""

    @property
    def brought(self) -> Values:
        """See `CaseEvent`."""
        return self.set

    @property
    def replaced(self) -> Values:
        """See `CaseEvent`."""
        return self.was


class CaseAmended(SealingEvent, frozen=True, kw_only=True):
    """Values were corrected outside a step."""

    kind: ClassVar[str] = "amended"
    reason: str
    set: Values
    was: Values
    file: Mapping[str, str] | None = None
    dated_on: str | None = None
    was_dated_on: str | None = None
    recounts: tuple[int, ...] = ()  # rows that older programs counted by another state; this one counts by the rules

    @property
    def brought(self) -> Values:
        """See `CaseEvent`."""
        return self.set

    @property
    def replaced(self) -> Values:
        """See `CaseEvent`."""
        return self.was

    @property
    def receipt(self) -> str | None:
        """See `CaseEvent`."""
        return self.dated_on


class CaseHandedOver(ChangingEvent, frozen=True, kw_only=True):
    """The case belongs to another unit from now on; its number stays."""

    kind: ClassVar[str] = "handed_over"
    unit: str
    was_unit: str
    reason: str
    with_parent: str | None = None
    """Number of the case that took it along."""
    step: str | None = None
    """The step of the row before, which declares it; None if an officer handed it over by itself."""


class NoteWritten(CaseEvent, frozen=True, kw_only=True):
    """A remark was written."""

    kind: ClassVar[str] = "noted"
    words: str


class FileAttached(CaseEvent, frozen=True, kw_only=True):
    """A file was kept with a case."""

    kind: ClassVar[str] = "attached"
    name: str
    digest: str
    size: int  # bytes


class CaseVoided(CaseEvent, frozen=True, kw_only=True):
    """A mistaken entry counts no more."""

    kind: ClassVar[str] = "voided"
    reason: str
    signed: int | None = None  # the row by which the signature that its workflow demands was given


class CaseLinked(CaseEvent, frozen=True, kw_only=True):
    """A case repeats another."""

    kind: ClassVar[str] = "linked"
    first: str
    reason: str


class CaseUnlinked(CaseEvent, frozen=True, kw_only=True):
    """A case repeats no other after all."""

    kind: ClassVar[str] = "unlinked"
    first: str
    reason: str


class RepeatEvent(CaseEvent, frozen=True, kw_only=True):
    """What a row says of another case that repeats this one, or does no more."""

    repeat: str
    dated_on: str | None = None
    was_dated_on: str | None = None

    @property
    def receipt(self) -> str | None:
        """See `CaseEvent`."""
        return self.dated_on


class CaseRepeated(RepeatEvent, frozen=True, kw_only=True):
    """Another case was linked to this one."""

    kind: ClassVar[str] = "repeated"


class CaseUnrepeated(RepeatEvent, frozen=True, kw_only=True):
    """Another case is linked to this one no more."""

    kind: ClassVar[str] = "unrepeated"


class ChildMoved(ChangingEvent, frozen=True, kw_only=True):
    """A case that this one opened has changed."""

    kind: ClassVar[str] = "child_moved"
    child: str
    workflow: str
    state: str


class ChildrenOpened(ChangingEvent, frozen=True, kw_only=True):
    """Officers, a deadline's ladder or a recurrence opened cases under this one."""

    kind: ClassVar[str] = "children_opened"
    opened: tuple[str, ...]
    workflow: str
    deadline: str | None = None
    rung: int | None = None
    """The deadline whose ladder proposed them, and the rung, repetitions counted; None if none did."""


class LetterIssued(CaseEvent, frozen=True, kw_only=True):
    """A letter was written, numbered and kept."""

    kind: ClassVar[str] = "letter_issued"
    letter: str
    letter_number: str
    digest: str
    name: str
    size: int  # bytes
    about: Values
    """Of a deadline: its name and the row of the reminder that asked."""
    reason: str | None = None
    brings: Values = NOTHING
    """What the step that records it takes from it, by field: its number, and what was entered for it."""
    made_from: tuple[tuple[str, str, int, str], ...] = ()  # kind, name, version and SHA-256 of each adopted text


class LetterCopied(CaseEvent, frozen=True, kw_only=True):
    """A letter was printed again."""

    kind: ClassVar[str] = "letter_copied"
    letter: str
    letter_number: str
    digest: str
    reason: str


class SealOpened(CaseEvent, frozen=True, kw_only=True):
    """The sealed values of a case were opened."""

    kind: ClassVar[str] = "seal_opened"
    reason: str
    agreed: int | None = None
    """The journal row in which another officer agreed; None in rows of older versions, and if there is no other."""
    alone: bool = False  # nobody else was registered who could have agreed


class OpeningAsked(CaseEvent, frozen=True, kw_only=True):
    """An officer who may open seals asked for consent to open those of the case."""

    kind: ClassVar[str] = "opening_asked"
    reason: str


class OpeningAgreed(CaseEvent, frozen=True, kw_only=True):
    """Another officer, of another role, agreed to an opening."""

    kind: ClassVar[str] = "opening_agreed"
    asked: int
    """The journal row that asked."""


class SealsRenewed(CaseEvent, frozen=True, kw_only=True):
    """The sealed values of a case were sealed again, to another custodian's key (`sealed_to`)."""

    kind: ClassVar[str] = "seals_renewed"
    renewed: tuple[tuple[str, int, str], ...]
    """Field, journal row that brought the value, SHA-256 of the new ciphertext."""


class OpeningRefused(CaseEvent, frozen=True, kw_only=True):
    """Sealed values were asked for and stayed closed."""

    kind: ClassVar[str] = "opening_refused"
    reason: str


class ReminderSent(CaseEvent, frozen=True, kw_only=True):
    """A rung of a deadline's ladder was taken."""

    kind: ClassVar[str] = "reminded"
    deadline: str
    due_on: str
    level: str
    rung: int
    to: tuple[str, ...]
    skipped: tuple[tuple[int, str], ...] = ()
    """Earlier rungs that came due and were not taken for themselves: rung, level."""
    paper: str | None = None
    lacking: tuple[str, ...] = ()
    """Roles and officer fields of rungs for which there was nobody, so that the office heard of them."""
    again: bool = False
    """Said again, to those who have got such a role since."""


class TermEvent(CaseEvent, frozen=True, kw_only=True):
    """What a row says of one deadline that somebody changed."""

    deadline: str
    reason: str


class DeadlineExtended(TermEvent, frozen=True, kw_only=True):
    """A deadline was extended."""

    kind: ClassVar[str] = "deadline_extended"
    was_due_on: str
    amount: int
    unit: str
    signed_by: str
    filed_on: str
    exception: bool
    signed: int | None = None  # the row by which `signed_by` signed; None if the name was typed


class ExtensionWithdrawn(TermEvent, frozen=True, kw_only=True):
    """The newest extension of a deadline was withdrawn."""

    kind: ClassVar[str] = "extension_withdrawn"
    was_due_on: str


class DeadlinePaused(TermEvent, frozen=True, kw_only=True):
    """An officer stopped a deadline."""

    kind: ClassVar[str] = "deadline_paused"
    from_at: int
    dated_back: bool
    since: str | None = None
    exception: bool = False


class DeadlineResumed(TermEvent, frozen=True, kw_only=True):
    """An officer let a deadline run again."""

    kind: ClassVar[str] = "deadline_resumed"
    to_at: int
    was_due_on: str
    dated_back: bool
    since: str | None = None


class DeadlineMoved(TermEvent, frozen=True, kw_only=True):
    """Another calendar moved a deadline."""

    kind: ClassVar[str] = "deadline_moved"
    was_due_on: str
    calendar: str
    was_calendar: str


CASE_EVENTS: Final[tuple[type[CaseEvent], ...]] = (
    CaseOpened, LegacyEntered, RowKept, QuestionClosed, StepTaken, CaseAmended, CaseHandedOver, NoteWritten,
    FileAttached, CaseVoided, CaseLinked, CaseUnlinked, CaseRepeated, CaseUnrepeated, ChildMoved, ChildrenOpened,
    LetterIssued, LetterCopied, OpeningAsked, OpeningAgreed, SealOpened, SealsRenewed, OpeningRefused, ReminderSent,
    DeadlineExtended, ExtensionWithdrawn, DeadlinePaused, DeadlineResumed, DeadlineMoved,
)  # fmt: skip
