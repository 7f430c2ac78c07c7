"""Rows that verifying compares: every case with its journal and all that stands about it; statements only."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby, takewhile
from math import inf
from operator import itemgetter
from typing import Any, Final, NamedTuple

from engine.journal.baseline_file import packed
from engine.journal.canonical import parsed
from engine.journal.chain import HOUSE, ChainRow
from engine.journal.kept import Climb, Kept, ReplayedCase
from engine.store.case_columns import (
    AskedSignatureRecord,
    CounterRecord,
    OccurrenceRecord,
    QuestionRecord,
    UniqueValueRecord,
)
from engine.store.chain_columns import (
    AttachedContent,
    AttachmentRecord,
    DeadlineProof,
    EntryPlace,
    MessageProof,
    RemindedProof,
    SealedProof,
    WorkflowProof,
)
from engine.store.connection import Store
from engine.store.house_columns import GrantedRole
from engine.store.kind_index import BY_HAND
from engine.store.statements import listed, marks, records

CHUNK: Final = 250
"""Cases that are compared at a time: with their rows they stay in the processor's cache, a thousand do not."""

STRETCH: Final = CHUNK
"""Ids of which what stands is one digest."""

Among = tuple[str, Sequence[int]]
"""Of which ids statements read rows: the condition, and the values of its marks."""

_BETWEEN: Final = "BETWEEN ? AND ?"
_CLOCKS = f"SELECT {listed(DeadlineProof._fields)} FROM deadlines WHERE case_id {{}}"
_SEALED = f"SELECT {listed(SealedProof._fields)} FROM sealed_values WHERE case_id {{}}"
_DIGESTS = _SEALED.replace("ciphertext", "ql_digest(case_id, field, seq)")
_FILES = f"SELECT {listed(AttachmentRecord._fields)} FROM attachments WHERE case_id {{}}"
_REMINDED = (
    f"SELECT {listed(RemindedProof._fields, 'r', case_id='d.case_id', name='d.name')} FROM reminders r"
    " JOIN deadlines d ON d.id = r.deadline_id WHERE d.case_id {}"
)
_HIGHEST_ID: Final = 2**63 - 1
_NEWEST = f"SELECT {listed(MessageProof._fields)} FROM outbox ORDER BY id DESC"
_REF = re.compile(r'"ref":\[(\d+),(\d+),(\d+)\]')
_QUESTIONS = f"SELECT {listed(QuestionRecord._fields)} FROM questions WHERE case_id {{}}"
_OCCURRED = listed(
    OccurrenceRecord._fields,
    "o",
    unit_id="CASE WHEN o.unit_id = 0 THEN '' ELSE coalesce(u.code, '#' || o.unit_id) END",
    parent_id="CASE WHEN o.parent_id = 0 THEN '' ELSE coalesce(p.number, '#' || o.parent_id) END",
)
_OCCURRENCES = (
    f"SELECT {_OCCURRED} FROM occurrences o LEFT JOIN units u ON u.id = o.unit_id LEFT JOIN cases p"
    " ON p.id = o.parent_id WHERE o.case_id {}"
)
_GIVEN = f"SELECT {listed(UniqueValueRecord._fields)} FROM unique_values WHERE case_id {{}}"
_SIGNATURES = f"SELECT {listed(AskedSignatureRecord._fields)} FROM asked_signatures WHERE case_id {{}}"
_WHOLE: Final = tuple(
    f"SELECT * FROM {table} WHERE case_id {_BETWEEN} ORDER BY {order}"
    for table, order in (
        ("deadlines", "id"),
        ("sealed_values", "case_id, field, seq"),
        ("attachments", "case_id, seq"),
        ("questions", "case_id, field, seq"),
        ("unique_values", "case_id, workflow, field, digest"),
        ("asked_signatures", "case_id, field"),
        ("signatures", "case_id, seq"),
    )
)
"""Tables of which rows of a case are read, in whole and in a certain order."""
_COUNTERS = f"SELECT {listed(CounterRecord._fields)} FROM counters"
_DECLARATIONS = f"SELECT {listed(WorkflowProof._fields)} FROM workflow_versions ORDER BY name, version"
_CONTENT = listed(AttachedContent._fields, "a", number="coalesce(c.number, '#' || a.case_id)")
_CONTENTS = f"SELECT {_CONTENT} FROM attachments a LEFT JOIN cases c ON c.id = a.case_id ORDER BY a.case_id, a.seq"
_GRANTED = listed(
    GrantedRole._fields,
    "g",
    officer="coalesce(o.code, '#' || g.officer_id)",
    unit="CASE WHEN g.unit_id = 0 THEN '' ELSE coalesce(u.code, '#' || g.unit_id) END",
)
_GRANTS = (
    f"SELECT {_GRANTED} FROM grants g LEFT JOIN officers o ON o.id = g.officer_id LEFT JOIN units u ON u.id = g.unit_id"
)
_ORPHANS = (
    f"SELECT {listed(EntryPlace._fields, 'j')} FROM journal j LEFT JOIN cases c ON c.id = j.case_id"
    " WHERE c.id IS NULL AND j.case_id <> 0 ORDER BY j.case_id, j.seq"
)
_EMPTY = '{"extensions":[],"pauses":[]}'
_NO_HISTORY: tuple[int, tuple[object, ...], tuple[object, ...]] = (0, (), ())
_NO_PAUSES: tuple[tuple[int, int | None], ...] = ()
_NO_ROWS: tuple[float, Iterator[ChainRow]] = (inf, iter(()))
_NOTHING = Kept({}, {}, {}, {}, {}, {}, {}, {}, set(), {})
_CASE_ID = itemgetter(ChainRow._fields.index("case_id"))
_NUMBER = itemgetter(ReplayedCase._fields.index("number"))


class Stood(NamedTuple):
    """What stands about a few cases, without a look at what it says."""

    digest: str
    """SHA-256 over all rows that verifying reads of these cases, but of `named_officers`."""
    numbers: list[str]
    """Of the cases, in the order of their ids."""


def case_ranges(store: Store, size: int) -> Iterator[tuple[int, int]]:
    """Yield first and last id of ranges that hold all cases, by id, at most *size* ids each; ids may have gaps."""
    last = 0
    while (first := store.value("SELECT min(id) FROM cases WHERE id > ?", (last,))) is not None:
        last = min(first + size - 1, _HIGHEST_ID)
        yield first, last


def standings(
    store: Store, first: int, last: int, messages: "Messages"
) -> Iterator[tuple[ReplayedCase, Sequence[ChainRow], Kept]]:
    """Yield the cases from id *first* to *last* in their order: how each stands, its chain, and what else stands.

    Args:
        messages: What was read of messages; one for all ranges.
    """
    asked = _standings(store.UTF_8, _BETWEEN)
    while found := list(records(ReplayedCase, store.query(asked, (first, last)))):
        yield from _with_rows(store, found, (_BETWEEN, (first, found[-1].id)), messages)
        if found[-1].id == last:
            return
        first = found[-1].id + 1


def standings_of(
    store: Store, ids: Sequence[int], *, since_at: int
) -> Iterator[tuple[ReplayedCase, Sequence[ChainRow], Kept]]:
    """Yield the cases with these ids, in their order, as `standings` does.

    Args:
        since_at: Of reminders before this instant it is not asked whether messages tell; microseconds since 1970 UTC.
    """
    messages = Messages(store, since_at)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        is_run = part[-1] - part[0] == len(part) - 1
        among: Among = (_BETWEEN, (part[0], part[-1])) if is_run else (f"IN ({marks(part)})", part)
        if found := list(records(ReplayedCase, store.query(_standings(store.UTF_8, among[0]), among[1]))):
            yield from _with_rows(store, found, among, messages)


def _with_rows(
    store: Store, found: Sequence[ReplayedCase], among: Among, messages: "Messages"
) -> Iterator[tuple[ReplayedCase, Sequence[ChainRow], Kept]]:
    """Yield the cases with the ids that are *among* these, with the rows of their chains."""
    which, ids = among
    rows = groupby(records(ChainRow, store.query(_chained(store.UTF_8, which), ids)), key=_CASE_ID)
    kept = _kept(store, among, messages)
    case_id, chain = next(rows, _NO_ROWS)
    for case in found:
        while case_id < case.id:
            case_id, chain = next(rows, _NO_ROWS)
        yield case, [] if case_id != case.id else list(chain), kept.get(case.id, _NOTHING)


def stood(store: Store, first: int, last: int, messages: "Messages") -> Stood:
    """Return what stands about the cases from id *first* to *last*, which are no more than `CHUNK`.

    Nothing is parsed, and nothing compared with anything else.

    Args:
        messages: As of `standings`.
    """
    ids = first, last
    cases = store.query(_standings(store.UTF_8, _BETWEEN), ids)
    found = sha256(packed(cases))
    for asked in (_chained(store.UTF_8, _BETWEEN), *_WHOLE, f"{_OCCURRENCES.format(_BETWEEN)} ORDER BY o.case_id"):
        found.update(packed(store.query(asked, ids)))
    reminded = map(
        RemindedProof._make, store.query(f"{_REMINDED.format(_BETWEEN)} ORDER BY r.deadline_id, r.arming, r.rung", ids)
    )
    found.update(packed([(each, messages.hearing(each)) for each in reminded]))
    return Stood(found.hexdigest(), list(map(_NUMBER, cases)))


def house_chain(store: Store) -> list[ChainRow]:
    """Return the rows of the house's own chain."""
    return list(map(ChainRow._make, store.query(_chained(store.UTF_8, _BETWEEN), (HOUSE, HOUSE))))


def is_attached(store: Store, digest: str) -> bool:
    """Say whether a content of that SHA-256 is kept with any case."""
    return store.one("SELECT 1 FROM attachments WHERE digest = ? LIMIT 1", (digest,)) is not None


def attachments(store: Store) -> list[AttachedContent]:
    """Return all attachments by case and journal row; a case that is gone by its id."""
    return list(map(AttachedContent._make, store.query(_CONTENTS)))


def count_entries(store: Store) -> int:
    """Return how many rows the journal has."""
    return int(store.value("SELECT count(*) FROM journal"))


def bodies_by_hand(store: Store) -> Iterator[str]:
    """Yield the bodies of the rows that may be dated by a clock set by hand, by the index that holds them."""
    found = store.stream(f"SELECT body FROM journal WHERE {BY_HAND[store.dialect].format('body')}")
    yield from (body for (body,) in found)


def bodies_by(store: Store, case_id: int, kind: str, officer: str) -> list[str]:
    """Return the bodies of the rows of one kind that an officer wrote in a case, in order."""
    asked = "SELECT body FROM journal WHERE case_id = ? AND kind = ? AND by = ? ORDER BY seq"
    return store.column(asked, (case_id, kind, officer))


def orphans(store: Store) -> list[EntryPlace]:
    """Return the journal rows of cases that are not there; looks at every row."""
    return list(map(EntryPlace._make, store.query(_ORPHANS)))


def counters(store: Store) -> dict[str, int]:
    """Return the last number given in each series."""
    return {each.series: each.last for each in map(CounterRecord._make, store.query(_COUNTERS))}


def grants(store: Store) -> set[GrantedRole]:
    """Return who has which role where, by codes; an id that nobody has stands for itself."""
    return set(map(GrantedRole._make, store.query(_GRANTS)))


def declarations(store: Store) -> list[WorkflowProof]:
    """Return the kept declarations."""
    return list(map(WorkflowProof._make, store.query(_DECLARATIONS)))


@cache
def _standings(utf_8: str, which: str) -> str:
    """Return the statement for how cases stand, on the database that gives bytes of texts by *utf_8*."""
    joined = {"unit": "u.code", "parent": "p.number", "first": "f.number", "fields": utf_8.format("c.fields")}
    return (
        f"SELECT {listed(ReplayedCase._fields, 'c', **joined)} FROM cases c LEFT JOIN units u ON u.id = c.unit_id"
        " LEFT JOIN cases p ON p.id = c.parent_id LEFT JOIN cases f ON f.id = c.first_id"
        f" WHERE c.id {which} ORDER BY c.id LIMIT {CHUNK}"
    )


@cache
def _chained(utf_8: str, which: str) -> str:
    """Return the statement for the rows of chains, on the database that gives bytes of texts by *utf_8*."""
    asked = listed(ChainRow._fields, body=utf_8.format("body"))
    return f"SELECT {asked} FROM journal WHERE case_id {which} ORDER BY case_id, seq"


class Messages:
    """Whom messages tell of which reminders: the newest are read first, all only where these do not tell of one."""

    def __init__(self, store: Store, since_at: int = 0) -> None:
        """Begin with nothing read.

        Args:
            since_at: Reminders before it need no message, which is no more asked; microseconds since 1970 UTC.
        """
        self._store = store
        self._since_at = since_at
        self._known: Mapping[tuple[int, int, int], tuple[str, ...]] | None = None
        self._is_whole = False

    def hearing(self, reminder: RemindedProof) -> tuple[str, ...]:
        """Return the codes of those whom a message tells of a reminder; no code if it is older than what is asked."""
        if reminder.at < self._since_at:
            return ("",)
        if self._known is None:
            self._read(self._since_at)
        place = reminder.deadline_id, reminder.arming, reminder.rung
        if not self._is_whole and place not in (self._known or ()):
            self._read(0)
        return (self._known or {}).get(place, ())

    def _read(self, since_at: int) -> None:
        """Read messages from the newest on, down to the first before an instant."""
        every = map(MessageProof._make, self._store.stream(_NEWEST))
        newest = takewhile(lambda each: each.created_at >= since_at, every)
        known: dict[tuple[int, int, int], tuple[str, ...]] = {}
        alike: dict[tuple[str, ...], tuple[str, ...]] = {}
        for each in newest:
            for deadline_id, arming, rung in _REF.findall(each.payload):
                place = int(deadline_id), int(arming), int(rung)
                heard = *known.get(place, ()), each.recipient
                known[place] = alike.setdefault(heard, heard)  # a few officers hear of a million reminders
        self._known = known
        self._is_whole = not since_at


def _kept(store: Store, among: Among, messages: "Messages") -> dict[int, Kept]:
    """Return what stands in other tables about the cases with the ids that are *among* these."""
    which, ids = among
    found: dict[int, Kept] = defaultdict(lambda: Kept({}, {}, {}, {}, {}, {}, {}, {}, set(), {}))
    for each in map(DeadlineProof._make, store.query(_CLOCKS.format(which), ids)):
        kept = found[each.case_id]
        # A second one of the same: no journal tells of it.
        place = each.name, each.round if (each.name, each.round) not in kept.clocks else -each.round
        history, pauses = (_NO_HISTORY, _NO_PAUSES) if each.ledger == _EMPTY else _history(each.ledger)
        kept.clocks[place] = (each.status, each.original_due_on, each.due_on, each.due_at, each.met_on, *history)
        kept.climbs[place] = Climb(each.rung, pauses, each.next_at, each.calendar, each.ended_at)
    for reminder in map(RemindedProof._make, store.query(_REMINDED.format(which), ids)):
        kept = found[reminder.case_id]
        key = reminder.name, reminder.rung, reminder.level
        kept.reminders[key] = kept.reminders.get(key, 0) + 1
        to = reminder.name, reminder.rung
        kept.promised[to] = (*kept.promised.get(to, ()), *messages.hearing(reminder))
    narrowed = store.is_under_policies  # who audits need not read what is sealed: the database says its digest
    for value in map(SealedProof._make, store.query((_DIGESTS if narrowed else _SEALED).format(which), ids)):
        digest = value.ciphertext if narrowed else sha256(value.ciphertext.encode()).hexdigest()
        found[value.case_id].sealed[value.field, value.seq] = digest, value.key_id
    for file in map(AttachmentRecord._make, store.query(_FILES.format(which), ids)):
        found[file.case_id].files[file.seq] = (file.digest, file.name, file.size)
    for asked in map(QuestionRecord._make, store.query(_QUESTIONS.format(which), ids)):
        found[asked.case_id].questions[asked.field, asked.seq] = asked.said, asked.state, asked.closed_seq
    for workflow, recurs, unit, parent, period, case_id in store.query(_OCCURRENCES.format(which), ids):
        found[case_id].occurrences[recurs] = period, workflow, unit, parent
    for once in map(UniqueValueRecord._make, store.query(_GIVEN.format(which), ids)):
        found[once.case_id].given.add(((once.workflow, once.field), once.digest))
    for signature in map(AskedSignatureRecord._make, store.query(_SIGNATURES.format(which), ids)):
        asking = signature.seq, signature.officer, signature.given_seq, signature.reminded_at
        found[signature.case_id].asked[signature.field] = asking
    return found


def _history(ledger: str) -> tuple[tuple[int, tuple[object, ...], tuple[object, ...]], tuple[Any, ...]]:
    """Return how often a deadline was extended, its breaches and lifts, as rows tell them; and its pauses.

    The number is -1 if what is written of them cannot be read. Breaches that were derived stand in no row.
    """
    try:
        found = parsed(ledger)
        breaches = tuple(
            (each["due_on"], each["first_late_on"], each["ended_on"], each["why"])
            for each in found.get("breaches", ())
            if not each["derived"]
        )
        lifted = tuple((each["from_at"], each["to_at"], each["why"]) for each in found.get("lifted", ()))
        pauses = tuple((each["from_at"], each["to_at"]) for each in found["pauses"] if each["by"])
        return (len(found["extensions"]), breaches, lifted), pauses
    except (ValueError, LookupError, TypeError, AttributeError):
        return (-1, (), ()), ()
