"""What a chain says that a case, or the house, must look like: its rows replayed from the first one on.

A chain that holds proves that nobody rewrote it. Only replaying it shows whether the rows that people
work with were changed beside it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from engine.journal.canonical import canonical_bytes, parsed
from engine.journal.case_events import (
    CASE_EVENTS,
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseLinked,
    CaseOpened,
    CaseRepeated,
    CaseUnlinked,
    CaseUnrepeated,
    FileAttached,
    LetterCopied,
    LetterIssued,
    NoteWritten,
    OpeningRefused,
    QuestionClosed,
    ReminderSent,
    RowKept,
    SealsRenewed,
    StepTaken,
)
from engine.journal.chain import ChainRow
from engine.journal.event import SEALED
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.kept import Clocks, Kept, ReplayedCase
from engine.journal.ledger_row import ORIGINAL_SEAL, STATE, Question
from engine.journal.migration_events import MIGRATION_EVENTS, CaseMigrated
from engine.journal.reading_events import SealsDestroyed
from engine.journal.receipt_events import ReceiptAnswered, ReceiptGiven
from engine.journal.reminded import Climbing, promised_differently
from engine.journal.signature_events import SIGNING, follow_signatures

SILENT = frozenset(
    each.kind
    for each in (
        NoteWritten,
        OpeningRefused,
        LetterCopied,
        ReceiptGiven,
        ReceiptAnswered,
    )
)
"""Kinds of rows that leave the case as it is and take no role or power; they are not read, since there are many."""

TELLING = frozenset(
    each.kind
    for each in (
        CaseOpened,
        CaseAmended,
        CaseHandedOver,
        CaseRepeated,
        CaseUnrepeated,
        CaseLinked,
        CaseUnlinked,
        FileAttached,
        LetterIssued,
        RowKept,
        QuestionClosed,
        CaseMigrated,
    )
)
"""Kinds of rows that say more than values and deadlines."""


_RESEALING: Final = frozenset({SealsRenewed.kind, SealsDestroyed.kind})
"""Kinds of rows about values that rows before sealed."""


class _Says(NamedTuple):
    """What rows of a kind can say of values, so that the others need not be asked."""

    brings: bool
    replaces: bool
    seals: bool


_SAYS: Final[Mapping[str, _Says]] = {
    each.kind: _Says(
        brings=each.brought is not CaseEvent.brought,
        replaces=each.replaced is not CaseEvent.replaced,
        seals=each.seals is not CaseEvent.seals,
    )
    for each in (*CASE_EVENTS, *MIGRATION_EVENTS)
}
_SAYS_NOTHING: Final = _Says(brings=False, replaces=False, seals=False)
"""Of a kind that is not known."""


def differences(
    case: ReplayedCase, rows: Sequence[ChainRow], events: Sequence[CaseEvent | None], kept: Kept
) -> Generator[tuple[str, str], None, Mapping[str, object]]:
    """Yield what of a case is not as its whole chain says: what, and of it which one.

    Args:
        rows: Its rows, by seq; their hashes hold.
        events: What they say; None for silent kinds.
        kept: What stands in other tables about it.

    Returns:
        The values that it must have by its chain.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: If the rows are not those that this program writes.
    """
    seen = _of_chain(rows, events)
    begun = seen.begun
    if begun is None:
        raise ValueError("a chain begins with another row than the one that opens the case")
    if canonical_bytes(seen.fields) != case.fields:
        yield "fields", _fields_of(seen.fields, case.fields)
    said = (
        seen.unit, seen.dated_on, rows[0].at, rows[-1].at, begun.workflow, seen.version, begun.parent, seen.first,
        begun.import_key,
    )  # fmt: skip
    stands = (
        case.unit, case.dated_on, case.opened_at, case.changed_at, case.workflow, case.version, case.parent, case.first,
        case.import_key,
    )  # fmt: skip
    if said != stands:
        differing = (what for what, one, other in zip(_COMPARED, said, stands, strict=True) if one != other)
        yield from ((what, "") for what in dict.fromkeys(differing))
    yield from promised_differently(seen.kept, kept)
    if seen.kept[:_TABLES] == kept[:_TABLES]:
        return seen.fields
    _take_days_met(seen.kept.clocks, kept.clocks)
    _take_keys(seen.kept.sealed, kept.sealed)
    _take_house(seen.kept.occurrences, kept.occurrences)
    for what, said_so, stood in zip(_CALLED, seen.kept[:_TABLES], kept[:_TABLES], strict=True):
        if said_so != stood:
            places = _differing(dict(said_so), dict(stood))
            yield what, ", ".join(dict.fromkeys(str(each[0] if isinstance(each, tuple) else each) for each in places))
    return seen.fields


_CALLED: Final = ("deadlines", "sealed", "attachments", "questions", "occurrence", "signatures asked")
"""What a difference of each part of what is kept is called, in their order; the others are compared by themselves."""

_TABLES: Final = len(_CALLED)

_COMPARED: Final = (
    "unit", "dated_on", "opened_at", "changed_at", "workflow", "workflow", "parent", "first", "import_key",
)  # fmt: skip
"""What a difference of the case's own row is called, in the order in which `differences` compares; a workflow
stands there by name and version."""


class _OfChain:
    """A case as its chain tells it."""

    __slots__ = ("begun", "dated_on", "fields", "first", "kept", "unit", "version")

    def __init__(self) -> None:
        self.fields: dict[str, object] = {}
        self.kept = Kept({}, {}, {}, {}, {}, {}, {}, {}, set(), {})
        self.begun: CaseOpened | None = None
        self.dated_on: str | None = None
        self.first: str | None = None
        self.unit = ""
        self.version = 0


def _of_chain(rows: Sequence[ChainRow], events: Sequence[CaseEvent | None]) -> _OfChain:
    """Return a case as its chain tells it; hundreds of thousands of rows pass through here."""
    seen = _OfChain()
    fields = seen.fields
    clocks: dict[tuple[str, int], JournaledDeadline] = {}
    climbing = Climbing(seen.kept)
    for (_, seq, at, _, kind, _, to_state, *_), event in zip(rows, events, strict=True):
        if event is None:
            continue
        says = _SAYS.get(kind, _SAYS_NOTHING)
        if says.replaces:
            for name in event.replaced:
                fields.pop(name, None)
        if says.brings:
            fields.update(event.brought)
        if event.deadlines or kind == ReminderSent.kind:
            climbing.follow(clocks, event, at)
        if (says.seals and event.seals) or kind in _RESEALING:
            _seal(seen, seq, event)
        if kind in SIGNING and (seen.kept.asked or kind != StepTaken.kind):  # a step can only end some
            follow_signatures(seen.kept.asked, seq, at, event)
        if kind in TELLING:
            _follow(seen, seq, event, state=to_state or "")
    climbing.written(known=seen.begun is not None and seen.begun.house is not None)
    seen.kept.clocks.update({place: _as_kept(each) for place, each in clocks.items()})
    return seen


_as_kept: Final[Callable[[JournaledDeadline], tuple[object, ...]]] = attrgetter(
    "status", "original_due_on", "due_on", "due_at", "met_on", "extended", "breaches", "lifted"
)
"""What a row says of a deadline, as `Kept` holds what the table says."""


def _seal(seen: _OfChain, seq: int, event: CaseEvent) -> None:
    """Tell what a row seals, or seals again; the row of a ledger as it stood is no field."""
    if event.kind in _RESEALING:
        _seal_again(seen, event)
    for name, digest in event.seals.items():
        seen.kept.sealed[name, seq] = digest, event.sealed_to or ""
        if name != ORIGINAL_SEAL:
            seen.fields[name] = SEALED


def _seal_again(seen: _OfChain, event: CaseEvent) -> None:
    """Tell what of the values that rows before brought is sealed again, or was destroyed."""
    if isinstance(event, SealsDestroyed):
        for place in event.destroyed:
            seen.kept.sealed.pop(place, None)
    elif isinstance(event, SealsRenewed):
        for name, seq, digest in event.renewed:
            seen.kept.sealed[name, seq] = digest, event.sealed_to or ""


def _follow(seen: _OfChain, seq: int, event: CaseEvent, *, state: str) -> None:
    """Tell what a row says of receipt, links, files and questions."""
    seen.dated_on = event.receipt or seen.dated_on
    match event:
        case CaseOpened():
            seen.begun, seen.unit, seen.version = event, event.unit, event.version
            occurred = event.period or "", event.workflow, event.unit, event.parent or ""
            seen.kept.occurrences.update({event.recurs: occurred} if event.recurs else {})
            _ask(seen, seq, event.questions, state=state)
        case RowKept():
            _ask(seen, seq, event.questions, state=state)
        case QuestionClosed():
            for key, (said, state_then, closed) in seen.kept.questions.items():
                if key[0] == event.field and closed is None:
                    seen.kept.questions[key] = said, state_then, seq
        case CaseHandedOver():
            seen.unit = event.unit
        case CaseMigrated():
            seen.version = event.version
        case CaseLinked() | CaseUnlinked():
            seen.first = event.first if isinstance(event, CaseLinked) else None
        case FileAttached() | LetterIssued():
            seen.kept.files[seq] = (event.digest, event.name, event.size)


def _ask(seen: _OfChain, seq: int, questions: Sequence[Question], *, state: str) -> None:
    """Tell what a row asks; a question about the state is answered as soon as the case leaves it."""
    for each in questions:
        seen.kept.questions[each.field, seq] = each.plain(), state if each.field == STATE else None, None


def _take_days_met(seen: Clocks, kept: Clocks) -> None:
    """Take the day on which a deadline was met from what is kept, where the row was written before rows said it.

    `upgrade` derived it from the instant of that row.
    """
    for key, each in seen.items():
        if each[0] == _MET and each[_MET_ON] is None and key in kept:
            seen[key] = (*each[:_MET_ON], kept[key][_MET_ON], *each[_MET_ON + 1 :])


def _take_keys(seen: dict[tuple[str, int], tuple[str, str]], kept: Mapping[tuple[str, int], tuple[str, str]]) -> None:
    """Take the ids of keys from the table where the journal tells none: older versions did not write them."""
    for place, (digest, key) in seen.items():
        if not key and place in kept:
            seen[place] = digest, kept[place][1]


def _take_house(seen: dict[str, tuple[str, str, str, str]], kept: Mapping[str, tuple[str, str, str, str]]) -> None:
    """Take from the table that the whole house owes a case, or that it is owed alone: only its declaration says so."""
    for name, (period, workflow, unit, parent) in seen.items():
        _, _, owing, above = kept.get(name, ("", "", unit, parent))
        seen[name] = period, workflow, owing and unit, above and parent


_MET: Final = 2
"""The status of a deadline that was met."""
_MET_ON: Final = 4
"""Where the day on which it was met stands among what is said of it."""


def _fields_of(seen: Mapping[str, object], text: bytes | None) -> str:
    """Return the names of the fields that differ; nothing if *text* is no JSON of fields."""
    try:
        stands = parsed(text or b"")
    except ValueError:
        return ""
    return ", ".join(_differing(seen, stands)) if isinstance(stands, dict) else ""


def _differing(seen: Mapping[Any, object], stands: Mapping[Any, object]) -> list[Any]:
    """Return the keys under which two mappings do not hold the same."""
    return sorted(key for key in seen.keys() | stands.keys() if seen.get(key) != stands.get(key))
