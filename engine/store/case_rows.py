"""Rows of cases, their journal, sealed values and files; statements only, no rules."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter

from engine.errors import DatabaseError, QinglingError
from engine.journal.canonical import canonical, parsed
from engine.journal.case_events import StepTaken
from engine.journal.chain import JournalEntry
from engine.language import Text
from engine.rules.case import Case, Count
from engine.rules.shapes import UNKNOWN
from engine.store.case_columns import (
    AttachedFile,
    CaseChange,
    CaseRecord,
    ChainEnd,
    JournalRecord,
    KindBody,
)
from engine.store.connection import Row, Store
from engine.store.identity_columns import SignatureRecord
from engine.store.kind_index import of_kind
from engine.store.sessions import session
from engine.store.statements import assigned, inserted, listed, marks

CASE_COLUMNS = listed(Case._fields, "c", unit="u.code")
CASES = f"SELECT {CASE_COLUMNS} FROM cases c JOIN units u ON u.id = c.unit_id"
"""What `case_of` reads the rows of; a condition over `cases c` may follow."""
_BY_NUMBER = f"{CASES} WHERE c.number = ?"
_BY_ID = f"{CASES} WHERE c.id = ?"
_AMONG = {"postgresql": f"{CASES} WHERE c.id = ANY (?)", "sqlite": f"{CASES} WHERE c.id IN ({{}})"}
CHILDREN = f"{CASES} WHERE c.parent_id = ? ORDER BY c.id"
REPEATS = f"{CASES} WHERE c.first_id = ? ORDER BY c.id"
"""What `children` and `repeats` ask."""

_INSERT = inserted("cases", CaseRecord._fields)
_SHAPED = f"CASE shape WHEN {UNKNOWN} THEN {UNKNOWN} ELSE (shape & ?) | ? END"  # of what nobody knows, no half is known
_UPDATE = f"UPDATE cases SET {assigned(CaseChange._fields)}, shape = {_SHAPED} WHERE id = ? AND revision = ?"
_ADVANCE = f"UPDATE cases SET {assigned(ChainEnd._fields)} WHERE id = ?"
_APPEND = inserted("journal", JournalRecord._fields)
_SIGN = inserted("signatures", SignatureRecord._fields)
_ENTRY_COLUMNS = listed(JournalEntry._fields, "j", case="coalesce(c.number, '')")
_ENTRIES = f"SELECT {_ENTRY_COLUMNS} FROM journal j LEFT JOIN cases c ON c.id = j.case_id"
TIMELINE = f"{_ENTRIES} WHERE j.case_id = ? ORDER BY j.seq"
"""What `entries` asks of a whole case."""
LETTERS = (
    "SELECT j.body FROM journal j WHERE j.case_id = ? AND j.kind = 'letter_issued' AND j.seq > coalesce((SELECT"
    " max(m.seq) FROM journal m WHERE m.case_id = j.case_id AND m.from_state <> m.to_state), 0) ORDER BY j.seq"
)
"""What `newest_letters` asks."""
FILES = f"SELECT {listed(AttachedFile._fields)} FROM attachments WHERE case_id = ? ORDER BY seq"
"""What `attachments` asks."""
_NUMBER = Case._fields.index("number")
_FIELDS = Case._fields.index("fields")
_of_case = attrgetter(*(name for name in CaseRecord._fields if name != "shape"))
_STORED_FIELDS = CaseRecord._fields.index("fields")
Shaping = tuple[int, int]
"""Which bits of its shape a case keeps, and which are set; see `engine.rules.shapes`."""
_of_entry = attrgetter(*JournalRecord._fields)


def case_of(row: Row) -> Case:
    """Return the case that a row of CASE_COLUMNS holds.

    Raises:
        DatabaseError: If its values are not what this program writes.
    """
    values = list(row)
    try:
        values[_FIELDS] = parsed(values[_FIELDS])
    except ValueError:
        number = values[_NUMBER]
        raise DatabaseError(
            Text(
                f"the database was altered: the values of {number} cannot be read; see: qingling journal verify",
                f"数据库被改动：{number} 的内容无法读取；请核查：qingling journal verify",
            )
        ) from None
    return Case._make(values)


def find(store: Store, number: str) -> Case | None:
    """Return the case with that number, if there is one."""
    row = store.one(_BY_NUMBER, (number,))
    return case_of(row) if row else None


def foreseen(store: Store, number: str, asked: Sequence[str]) -> AbstractContextManager[None]:
    """Read the case with that number and, by its id, what else will be asked of it; answered when it is asked."""
    return store.foreseeing((_BY_NUMBER, (number,)), asked)


def numbers_like(store: Store, last: str) -> list[str]:
    """Return the numbers that end with these digits; more than are meant, since 13 ends with 3."""
    return store.column("SELECT number FROM cases WHERE number LIKE ?", ("%" + last,))


def by_id(store: Store, case_id: int) -> Case:
    """Return the case with that id, which is known to exist."""
    row = store.one(_BY_ID, (case_id,))
    assert row is not None
    return case_of(row)


def by_ids(store: Store, case_ids: Sequence[int]) -> dict[int, Case]:
    """Return the cases with those ids, which are known to exist."""
    if store.gives_ids and case_ids:
        return {case.id: case for case in map(case_of, store.query(_AMONG["postgresql"], (list(case_ids),)))}
    found: dict[int, Case] = {}
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        for case in map(case_of, store.query(_AMONG["sqlite"].format(marks(part)), part)):
            found[case.id] = case
    return found


def by_numbers(store: Store, numbers: Sequence[str]) -> dict[str, Case]:
    """Return those of the cases with some numbers that there are, by number."""
    found: dict[str, Case] = {}
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        for case in map(case_of, store.query(f"{CASES} WHERE c.number IN ({marks(part)})", part)):
            found[case.number] = case
    return found


def after(case: Case, entry: JournalEntry) -> Case:
    """Return the case with *entry* as its newest journal row, otherwise as it was."""
    return case._replace(changed_at=entry.at, revision=entry.seq, head=entry.hash)


def advance_heads(store: Store, cases: Iterable[Case]) -> None:
    """Write the chain heads of cases that got journal rows but did not change; inside `begin`, rows locked."""
    store.change_many(
        _ADVANCE,
        [
            (*ChainEnd(changed_at=each.changed_at, revision=each.revision, head=each.head), each.id)
            for each in {c.id: c for c in cases}.values()
        ],
    )


def children(store: Store, case_id: int) -> tuple[Case, ...]:
    """Return the cases that were opened by this one, in their order."""
    return tuple(map(case_of, store.query(CHILDREN, (case_id,))))


def repeats(store: Store, case_id: int) -> tuple[Case, ...]:
    """Return the cases that repeat this one, in their order."""
    return tuple(map(case_of, store.query(REPEATS, (case_id,))))


def by_keys(
    store: Store, workflow: str, unit_id: int, keys: Sequence[str], *, besides: Collection[int] = ()
) -> dict[str, Case]:
    """Return the cases that rows of a ledger stand for, by what the rows are known by.

    A void one is among them only where there is no other.

    Args:
        besides: The ids of cases that other units' ledgers brought.
    """
    found: dict[str, Case] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        known = f"c.workflow = ? AND c.unit_id = ? AND c.import_key IN ({marks(part)})"
        statement = f"{CASES} WHERE {known} ORDER BY c.id"
        for row in store.query(statement, (workflow, unit_id, *part)):
            case = case_of(row)
            before = found.get(str(case.import_key))
            if case.id not in besides and (before is None or before.clearance == Count.VOID):
                found[str(case.import_key)] = case
    return found


def has_keys(store: Store, workflow: str, unit_id: int) -> bool:
    """Say whether any case of the unit is known by what a row of a ledger is known by."""
    asked = "SELECT 1 FROM cases WHERE workflow = ? AND unit_id = ? AND import_key IS NOT NULL LIMIT 1"
    return store.one(asked, (workflow, unit_id)) is not None


def has_moved(store: Store, case_id: int, *, after: int = 0) -> bool:
    """Say whether a case has taken any step of its workflow, after the journal row *after*."""
    asked = f"SELECT 1 FROM journal WHERE case_id = ? AND seq > ? AND kind = '{StepTaken.kind}' LIMIT 1"
    return store.one(asked, (case_id, after)) is not None


def select(
    store: Store,
    *,
    workflow: str | None = None,
    unit_id: int | None = None,
    state: str | None = None,
    after_id: int = 0,
    limit: int | None = None,
) -> list[Case]:
    """Return the cases that match, by id, beginning after *after_id*."""
    where, values = ["c.id > ?"], [after_id]
    wanted: Sequence[tuple[str, object]] = (
        ("c.workflow", workflow),
        ("c.unit_id", unit_id),
        ("c.state", state),
    )
    for column, value in wanted:
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)  # type: ignore[arg-type]  # values of all kinds are bound
    tail = "" if limit is None else f" LIMIT {int(limit)}"
    found = store.query(f"{CASES} WHERE {' AND '.join(where)} ORDER BY c.id{tail}", values)
    return [case_of(row) for row in found]


def open_ids(store: Store, workflow: str, *, unit_id: int | None = None, state: str | None = None) -> list[int]:
    """Return the ids of the open cases of a workflow, in order; costs what is open, not what exists."""
    where, values = ["c.clearance = 0", "c.workflow = ?"], [workflow]
    for column, value in (("c.unit_id", unit_id), ("c.state", state)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)  # type: ignore[arg-type]  # values of all kinds are bound
    return sorted(store.column(f"SELECT c.id FROM cases c WHERE {' AND '.join(where)}", values))


def insert(store: Store, rows: Sequence[Case], shapes: Sequence[int]) -> None:
    """Write new cases, each with its shape."""
    store.change_many(_INSERT, list(map(_stored, rows, shapes)))


def update_one(
    store: Store,
    case: Case,
    *,
    state: str,
    clearance: int,
    fields: Mapping[str, object],
    entry: JournalEntry,
    shaping: Shaping,
    otherwise: Callable[[], QinglingError],
) -> None:
    """Write the case as *entry* left it; *otherwise* gives what is raised if it was changed since it was read."""
    store.change_all(_UPDATE, [_changed(case, state, clearance, fields, entry, shaping)], otherwise=otherwise)


def update_many(
    store: Store,
    rows: Sequence[tuple[Case, str, int, Mapping[str, object], JournalEntry, Shaping]],
    *,
    otherwise: Callable[[], QinglingError],
) -> None:
    """Write many cases; *otherwise* gives what is raised if any of them was changed since it was read."""
    store.change_all(_UPDATE, [_changed(*row) for row in rows], otherwise=otherwise)


def go_on_by(store: Store, case_id: int, version: int) -> None:
    """Let a case go on by another version of its workflow."""
    store.change("UPDATE cases SET version = ? WHERE id = ?", (version, case_id))


def mark_repeat(store: Store, case_id: int, first_id: int | None) -> None:
    """Say that one case repeats another, or none any more."""
    store.change("UPDATE cases SET first_id = ? WHERE id = ?", (first_id, case_id))


def date_back(store: Store, case_id: int, dated_on: str) -> None:
    """Let a case count from the earlier receipt of one that repeats it."""
    store.change("UPDATE cases SET dated_on = ? WHERE id = ?", (dated_on, case_id))


def hand_over(store: Store, case_id: int, unit_id: int) -> None:
    """Let a case belong to another unit."""
    store.change("UPDATE cases SET unit_id = ? WHERE id = ?", (unit_id, case_id))


def append(store: Store, entries: Iterable[JournalEntry]) -> None:
    """Write journal rows."""
    if store.sign is not None:
        entries = list(entries)
        signed = [(each.case_id, each.seq, store.sign(each.hash)) for each in entries if each.by == store.signs_for]
        store.change_many(_SIGN, signed)
    rows = list(map(_of_entry, entries))  # all but the number, which the case itself has
    if len(rows) == 1:
        store.put(_APPEND, rows[0])
    elif rows:
        store.change_many(_APPEND, rows)


def entries(store: Store, case_id: int, *, after: int = 0) -> list[JournalEntry]:
    """Return the journal of one case (or of the house, with id 0), oldest first, from the row that follows *after*."""
    if not after:
        return list(map(_entry, store.query(TIMELINE, (case_id,))))
    asked = f"{_ENTRIES} WHERE j.case_id = ? AND j.seq > ? ORDER BY j.seq"
    return list(map(_entry, store.query(asked, (case_id, after))))


def newest_letters(store: Store, case_id: int) -> list[str]:
    """Return what rows say of the letters of a case since its state became another one, oldest first."""
    return store.column(LETTERS, (case_id,))


def all_entries(store: Store, *, since: int = 0, kind: str | None = None) -> Iterator[JournalEntry]:
    """Yield the journal of all cases from *since* (microseconds UTC) on, by time."""
    narrowed = "" if kind is None else f" AND {of_kind(kind, 'j.kind')}"
    values: tuple[object, ...] = (since,) if kind is None else (since, kind)
    return map(
        _entry,
        store.stream(f"{_ENTRIES} WHERE j.at >= ?{narrowed} ORDER BY j.at, j.case_id, j.seq", values),
    )


def bodies(store: Store, kind: str) -> Iterator[tuple[int, str]]:
    """Yield the id of the case and the body of each journal row of a kind, in the order of each case."""
    asked = f"SELECT {listed(KindBody._fields)} FROM journal WHERE {of_kind(kind, 'kind')} ORDER BY case_id, seq"
    return ((each.case_id, each.body) for each in map(KindBody._make, store.query(asked, (kind,))))


def rows_of_kinds(store: Store, case_ids: Sequence[int], kinds: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield case, kind and body of the journal rows of some kinds, by case and in their order."""
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        asked = f"SELECT {listed(KindBody._fields)} FROM journal WHERE case_id IN ({marks(part)})"
        asked += f" AND kind IN ({marks(kinds)}) ORDER BY case_id, seq"
        yield from map(KindBody._make, store.query(asked, (*part, *kinds)))


def last_entry(store: Store, case_id: int) -> JournalEntry | None:
    """Return the newest journal row of one case (or of the house, with id 0)."""
    row = store.one(f"{_ENTRIES} WHERE j.case_id = ? ORDER BY j.seq DESC LIMIT 1", (case_id,))
    return _entry(row) if row else None


def place_of_body(store: Store, kind: str, words: str) -> int | None:
    """Return the id of the case with a journal row of one kind whose body holds *words*; looks at every row."""
    find = "instr" if store.dialect == "sqlite" else "strpos"
    found = store.value(
        f"SELECT case_id FROM journal WHERE {of_kind(kind, 'kind')} AND {find}(body, ?) > 0", (kind, words)
    )
    return None if found is None else int(found)


def founding_hash(store: Store) -> str:
    """Return the hash of the row by which the house was set up; empty if it was not."""
    return str(store.value("SELECT hash FROM journal WHERE case_id = 0 AND seq = 1") or "")


def last_of_house(store: Store, kinds: Sequence[str]) -> JournalEntry | None:
    """Return the newest row of the house's chain that is of one of *kinds*."""
    asked = f"{_ENTRIES} WHERE j.case_id = 0 AND j.kind IN ({marks(kinds)}) ORDER BY j.seq DESC LIMIT 1"
    row = store.one(asked, kinds)
    return _entry(row) if row else None


def newest_at(store: Store) -> int | None:
    """Return the latest instant at which anything was journaled, of any case or of the house."""
    at: int | None = store.value("SELECT MAX(at) FROM journal")
    return at


def keep_attachment(store: Store, case_id: int, seq: int, digest: str, name: str, size: int) -> None:
    """Write that a file belongs to a case; inside `begin`."""
    from engine.store.tables import AttachmentRow

    with session(store) as opened:
        opened.add(AttachmentRow(case_id=case_id, seq=seq, digest=digest, name=name, size=size))


def attachments(store: Store, case_id: int) -> list[AttachedFile]:
    """Return the files of one case, by journal row."""
    return list(map(AttachedFile._make, store.query(FILES, (case_id,))))


def chains(store: Store) -> Iterator[tuple[Case, list[JournalEntry]]]:
    """Yield every case with its whole journal, by id."""
    after = 0
    while found := select(store, after_id=after, limit=1000):
        after = found[-1].id
        rows = store.query(
            f"{_ENTRIES} WHERE j.case_id BETWEEN ? AND ? ORDER BY j.case_id, j.seq", (found[0].id, after)
        )
        by_case: dict[int, list[JournalEntry]] = {}
        for entry in map(_entry, rows):
            by_case.setdefault(entry.case_id, []).append(entry)
        for case in found:
            yield case, by_case.get(case.id, [])


def _entry(row: Row) -> JournalEntry:
    """Return the journal entry that a row of _ENTRIES holds."""
    return JournalEntry._make(row)


def _stored(case: Case, shape: int) -> list[object]:
    """Return a case as a row: its values as JSON, and nothing of its unit but the id."""
    values = [*_of_case(case), shape]
    values[_STORED_FIELDS] = canonical(case.fields)
    return values


def _changed(
    case: Case, state: str, clearance: int, fields: Mapping[str, object], entry: JournalEntry, shaping: Shaping
) -> tuple[object, ...]:
    """Return the values of _UPDATE."""
    change = CaseChange(state, clearance, canonical(fields), entry.at, entry.seq, entry.hash)
    return (*change, *shaping, case.id, case.revision)
