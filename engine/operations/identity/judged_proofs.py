"""Whether journal rows show what was demanded of their officers at that time, and whether what they show is so.

What a row claims is looked up in the house's chain, never in tables: which log-in, account or key it was, of whom, and
from when to when. A signature is computed again. The holder of the database can still write a claim that fits; only a
signature cannot be made so.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from engine.errors import QinglingError
from engine.journal.assertions import is_asserted, passkey_kept, passkey_of
from engine.journal.case_events import CaseOpened, StepTaken
from engine.journal.chain import Break, ChainRow
from engine.journal.event import Event, UnreadableEventError
from engine.journal.events import legible, read
from engine.journal.house_events import (
    CredentialRevoked,
    CredentialSet,
    HouseSetUp,
    LoggedIn,
    LoggedOut,
    OfficerAdded,
    OfficerLeft,
    OfficerReturned,
    ProofDemanded,
)
from engine.journal.migration_events import CaseMigrated
from engine.journal.signing import digest_of, is_signed
from engine.operations.identity.logging_in import SYSTEM
from engine.operations.identity.passwords import PHC
from engine.operations.identity.ways import ACCOUNT, PASSKEY, PASSWORD, SIGNING_KEYS
from engine.operations.ledger.demands import EXEMPT
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import identity_rows
from engine.workflow.proofs import PROOFS, Proof

PROGRAM: Final = "program"
"""How rows are counted that the program wrote by itself, such as reminders."""
SETTLING: Final = 600 * 1_000_000
"""For how long after a change what held before is still good, in microseconds: a command that was begun before it may
end after it."""

_MARK: Final = b'"proof":'
_STEP: Final = '"proof":'
_ASKED: Final = frozenset(
    each.kind
    for each in (
        HouseSetUp,
        ProofDemanded,
        OfficerAdded,
        OfficerLeft,
        OfficerReturned,
        CredentialSet,
        CredentialRevoked,
        LoggedIn,
        LoggedOut,
    )
)
_WAYS: Final[Mapping[Proof, AbstractSet[str]]] = {
    Proof.OS_ACCOUNT: {ACCOUNT},
    Proof.CONFIRMED: {PASSWORD},
    Proof.SIGNATURE: SIGNING_KEYS,
}


@dataclass(slots=True)
class _Span:
    """What somebody was known by, and from when to when; microseconds since 1970 UTC."""

    officer: str
    way: str
    said: str
    """Digest, account or public key; a passkey as it is kept."""
    since: int
    until: int | None = None
    credential: int = 0
    """Of a log-in: the row of its credential."""
    ended: bool = False
    """It was ended by a row, and not only by time."""


@dataclass(slots=True)
class _Known:
    """What the house's chain tells of who was known by what."""

    spans: dict[int, _Span] = field(default_factory=dict)
    """By the row that tells of it: credentials and log-ins."""
    demands: list[tuple[int, Proof]] = field(default_factory=list)
    """From when on what was demanded, oldest first."""
    is_rehearsal: bool = False
    promised: dict[int, int] = field(default_factory=dict)
    """When log-ins end by themselves at the latest, by the row that tells of each."""

    def demanded(self, at: int) -> Proof:
        """Return what was demanded at an instant, leniently just after a change."""
        return min(self._at(at), self._at(at - SETTLING))

    def _at(self, at: int) -> Proof:
        place = bisect_right(self.demands, at, key=lambda each: each[0])
        return self.demands[place - 1][1] if place else Proof.ASSERTED


class Proofs:
    """Counts the rows of chains by what they show, and finds those that show too little or what is not so."""

    def __init__(self, ledger: Ledger, house_rows: Sequence[ChainRow]) -> None:
        """Read what the house's chain tells.

        Raises:
            UnreadableEventError: If it cannot be read.
        """
        self.counts: Counter[str] = Counter()
        self.claimed_until = 0
        """The latest clock of a row that shows something; microseconds since 1970 UTC."""
        self._ledger = ledger
        self._known = _known(house_rows)
        self._demands = any(proof for _, proof in self._known.demands)
        self._of_steps: dict[tuple[str, int], Mapping[str, Proof]] = {}

    def breaks(
        self,
        number: str,
        rows: Sequence[ChainRow],
        workflow: tuple[str, int] | None = None,
        events: Sequence[Event | None] = (),
    ) -> Iterator[Break]:
        """Count the rows of one chain, and yield those that show too little, or what is not so.

        Args:
            number: The case's number; empty for the house.
            workflow: Name and version of the case's workflow.
            events: What its rows say, if that was read; None for one that was not.
        """
        begun = events[0] if events else None
        if workflow is not None and isinstance(begun, CaseOpened):
            workflow = workflow[0], begun.version
        steps = self._steps(workflow) if workflow is not None else {}
        asserted = program = 0
        for place, row in enumerate(rows):
            body = row.body
            event = events[place] if events else None
            if workflow is not None and row.kind == CaseMigrated.kind and isinstance(event, CaseMigrated):
                steps = self._steps((workflow[0], event.version))
            if body is not None and _MARK in body:
                yield from self._claimed(number, row, steps, event)
            elif row.by == SYSTEM:
                program += 1
            else:
                asserted += 1
                if self._demands or steps:
                    yield from self._too_little(number, row, Proof.ASSERTED, steps, event)
        self.counts[PROGRAM] += program
        self.counts[Proof.ASSERTED.word] += asserted

    def of_credentials(self) -> Iterator[Break]:
        """Yield what officers are known by by the tables, and not by the journal, or the other way round."""
        journaled = {
            seq: (each.officer, each.way, each.said, each.until is not None)
            for seq, each in self._known.spans.items()
            if not each.credential
        }
        kept = {
            each.seq: (
                each.officer,
                each.way,
                digest_of(each.kept) if each.way == PASSWORD and not self._is_digest(each.kept) else each.kept,
                each.ended_at is not None,
            )
            for each in identity_rows.credentials(self._ledger.store)
        }
        for seq in self._to_judge(journaled, kept):
            if journaled.get(seq) != kept.get(seq):
                officer, way, *_ = journaled.get(seq) or kept[seq]
                yield Break(case="", seq=seq, what="credential", which=f"{officer} {way}")

    def _to_judge(self, journaled: Mapping[int, object], kept: Mapping[int, object]) -> list[int]:
        """Return which rows are compared: all, or under policies of the database those that it shows."""
        return sorted(journaled.keys() | kept.keys() if self._ledger.store.sees_log_ins else kept)

    def _is_digest(self, kept: str) -> bool:
        """Say whether the database gave the digest of a password's hash, since that is another officer's."""
        return self._ledger.store.is_under_policies and not kept.startswith(PHC)

    def of_log_ins(self) -> Iterator[Break]:
        """Yield the log-ins that the tables have otherwise than the journal; there are many of them."""
        spans = {seq: each for seq, each in self._known.spans.items() if each.credential}
        rows = {each.seq: each for each in identity_rows.every_log_in(self._ledger.store)}
        for seq in self._to_judge(spans, rows):
            said, row = spans.get(seq), rows.get(seq)
            if (
                said is None
                or row is None
                or (said.officer, said.credential, self._known.promised[seq], said.ended)
                != (row.officer, row.credential, row.until, row.ended_at is not None)
                or said.said not in {"", row.token}
            ):
                yield Break(case="", seq=seq, what="log-in", which=said.officer if said else row.officer if row else "")

    def _claimed(self, number: str, row: ChainRow, steps: Mapping[str, Proof], event: Event | None) -> Iterator[Break]:
        """Yield what is wrong with a row that seems to show something; *event* is what it says, if that was read."""
        event = _legible(row) if event is None else event
        claim = None if event is None else event.proof
        if event is None or claim is None:  # a field of a workflow may have that name as well
            self.counts[PROGRAM if row.by == SYSTEM else Proof.ASSERTED.word] += 1
            if row.by != SYSTEM:
                yield from self._too_little(number, row, Proof.ASSERTED, steps, event)
            return
        word, seq = claim
        self.counts[word if word in PROOFS else Proof.ASSERTED.word] += 1
        proof, span, at = PROOFS.get(word), self._known.spans.get(seq), clock_of(row, event)
        self.claimed_until = max(self.claimed_until, at)
        if proof is None or span is None or not self._fits(proof, span, row, at):
            yield Break(case=number, seq=row.seq, what="claim", which=word)
            return
        if proof is Proof.SIGNATURE:
            kept = identity_rows.signature(self._ledger.store, row.case_id, row.seq)
            if kept is None or not _is_by(span, row.hash, kept):
                yield Break(case=number, seq=row.seq, what="signature")
                return
        yield from self._too_little(number, row, proof, steps, event)

    def _fits(self, proof: Proof, span: _Span, row: ChainRow, at: int) -> bool:
        """Say whether the officer of a row had what it shows when it was written."""
        is_way = bool(span.credential) if proof is Proof.SESSION else span.way in _WAYS.get(proof, ())
        began = at >= span.since - SETTLING
        return is_way and span.officer == row.by and began and (span.until is None or at <= span.until + SETTLING)

    def _too_little(
        self, number: str, row: ChainRow, shown: Proof, steps: Mapping[str, Proof], event: Event | None
    ) -> Iterator[Break]:
        """Yield a row that shows less than the house demanded at that time, or the step does."""
        if self._known.is_rehearsal or row.kind in EXEMPT:
            return
        event = _legible(row) if event is None else event
        wanted = self._known.demanded(row.at if event is None else clock_of(row, event))
        if steps and isinstance(event, StepTaken):
            wanted = max(wanted, steps.get(event.transition or event.trigger, Proof.ASSERTED))
        if shown < wanted:
            yield Break(case=number, seq=row.seq, what="too little", which=wanted.word)

    def _steps(self, workflow: tuple[str, int]) -> Mapping[str, Proof]:
        """Return what the steps of a version of a workflow demand, those that demand anything."""
        if workflow not in self._of_steps:
            found: dict[str, Proof] = {}
            kept = house.kept_workflow(self._ledger.store, *workflow)
            # Reading a declaration takes longer than all rows of many a case: it is read only where it may demand.
            with suppress(QinglingError):  # a version that cannot be read is a break of its own
                for each in self._ledger.rules(*workflow).workflow.transitions if kept and _STEP in kept.plain else ():
                    if PROOFS[each.proof]:
                        found[each.name] = PROOFS[each.proof]
            self._of_steps[workflow] = found
        return self._of_steps[workflow]


def _known(house_rows: Sequence[ChainRow]) -> _Known:
    """Return what the house's chain tells of who was known by what."""
    known = _Known()
    least, here = Proof.ASSERTED, set[str]()
    for row in house_rows:
        if row.kind not in _ASKED or row.body is None:
            continue
        event = read(row.kind, row.body)
        at = clock_of(row, event)
        match event:
            case HouseSetUp():
                least, here, known.is_rehearsal = _proof(event.demands), {event.officer[0]}, event.rehearsal
            case ProofDemanded():
                least = _proof(event.least)
            case OfficerAdded() | OfficerReturned():
                here.add(event.code)
            case OfficerLeft():
                here.discard(event.code)
            case _:
                _tell_span(known, row, event, at)
        wanted = least if len(here) > 1 and not known.is_rehearsal else Proof.ASSERTED
        if not known.demands or known.demands[-1][1] is not wanted:
            known.demands.append((max(at, known.demands[-1][0] if known.demands else at), wanted))
    return known


def _tell_span(known: _Known, row: ChainRow, event: Event, at: int) -> None:
    """Tell what somebody was known by from a row on, or no more."""
    match event:
        case CredentialSet():
            passkey = passkey_of(event)
            said = event.digest or event.account or (event.public if passkey is None else passkey.kept) or ""
            known.spans[row.seq] = _Span(event.code, event.way, said, at)
        case LoggedIn():
            known.spans[row.seq] = _Span(row.by, "", event.token or "", at, event.until, event.credential)
            known.promised[row.seq] = event.until
        case CredentialRevoked():
            _end(known, event.credential, at)
        case LoggedOut():
            _end(known, event.session, at)


def _end(known: _Known, seq: int, at: int) -> None:
    """End what a row tells of, and the log-ins with it."""
    for place, each in known.spans.items():
        if seq in {place, each.credential}:
            each.until, each.ended = at if each.until is None else min(each.until, at), True


def _is_by(span: _Span, written: str, kept: str) -> bool:
    """Say whether the hash of a row is signed by a key or a passkey, as the journal tells of it."""
    if span.way == PASSKEY:
        return is_asserted(passkey_kept(span.said), written, kept)
    return is_signed(span.said, written, kept)


def _proof(word: str) -> Proof:
    """Return the proof that a row names; of a word that is not known, the weakest."""
    return PROOFS.get(word, Proof.ASSERTED)


def _legible(row: ChainRow) -> Event | None:
    """Return what a row says; None if it cannot be read."""
    try:
        return None if row.body is None else legible(row.kind, row.body.decode())
    except (UnreadableEventError, UnicodeError):
        return None


def clock_of(row: ChainRow, event: Event) -> int:
    """Return what the clock said when a row was written; microseconds since 1970 UTC."""
    return event.real_at or event.clock_at or row.at
