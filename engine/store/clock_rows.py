"""Rows of deadlines; statements only, no rules."""

import json
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from engine.deadlines.clock import Clock, Extended, Pause, Status
from engine.journal.canonical import canonical
from engine.store.clock_columns import DeadlineRecord, DueDay, NextRung
from engine.store.connection import Row, Store
from engine.store.statements import assigned, inserted, listed, marks

COLUMNS = listed(DeadlineRecord._fields, "d")
_OF_CASE = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id = ? ORDER BY d.id"
_OF_CASES = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id IN ({{}}) ORDER BY d.id"
_INSERT = inserted("deadlines", DeadlineRecord._fields)
_LIFE = tuple(name for name in DeadlineRecord._fields if name not in {"id", "case_id", "name"})
"""What the life of a deadline changes."""
_UPDATE = f"UPDATE deadlines SET {assigned(_LIFE)} WHERE id = ?"
_changing = attrgetter(*_LIFE)
_CLIMB = f"UPDATE deadlines SET {assigned(name for name in NextRung._fields if name != 'id')} WHERE id = ?"
_DUE_DAYS = (
    f"SELECT {listed(DueDay._fields, 'd', number='c.number')} FROM deadlines d JOIN cases c ON c.id = d.case_id"
    " WHERE d.status IN (0, 1) AND d.provisional = 1 ORDER BY d.due_on, c.number LIMIT ?"
)
_CASE_ID = DeadlineRecord._fields.index("case_id")
_STATUSES = tuple(Status)
_EMPTY = '{"extensions":[],"pauses":[]}'

_NEAR = 4
"""Ids that lie so near to one another are asked for as a range."""

ANY_DAY = "9999-12-31"
"""Later than any due day."""


def clock_of(row: Row) -> Clock:
    """Return the clock that a row of COLUMNS holds."""
    kept = DeadlineRecord._make(row)
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extended, ...] = ()
    if kept.ledger != _EMPTY:
        ledger = json.loads(kept.ledger)
        pauses = tuple(Pause(**each) for each in ledger["pauses"])
        extensions = tuple(Extended(**each) for each in ledger["extensions"])
    return Clock(
        id=kept.id,
        case_id=kept.case_id,
        name=kept.name,
        round=kept.round,
        status=_STATUSES[kept.status],
        starts_at=kept.starts_at,
        original_due_on=kept.original_due_on,
        due_on=kept.due_on,
        due_at=kept.due_at,
        pauses=pauses,
        extensions=extensions,
        calendar=kept.calendar,
        provisional=bool(kept.provisional),
        arming=kept.arming,
        rung=kept.rung,
        next_at=kept.next_at,
        ended_at=kept.ended_at,
    )


def of_case(store: Store, case_id: int) -> tuple[Clock, ...]:
    """Return all clocks of one case, by id."""
    return tuple(map(clock_of, store.query(_OF_CASE, (case_id,))))


def of_cases(store: Store, case_ids: Sequence[int]) -> dict[int, list[Clock]]:
    """Return all clocks of many cases, by id."""
    found: dict[int, list[Clock]] = {}
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        for clock in map(clock_of, store.query(_OF_CASES.format(marks(part)), part)):
            found.setdefault(clock.case_id, []).append(clock)
    return found


def urgent(store: Store, case_ids: Sequence[int]) -> dict[int, Clock]:
    """Return of each case the live clock that is due first, running ones before paused; *case_ids* ascending."""
    found: dict[int, Row] = {}
    asked = (
        f"SELECT {COLUMNS} FROM deadlines d WHERE d.status <= 1 AND d.case_id {{}}"
        " ORDER BY d.status DESC, d.due_on DESC"
    )
    if case_ids and case_ids[-1] - case_ids[0] < _NEAR * len(case_ids):
        parts: list[tuple[str, Sequence[int]]] = [("BETWEEN ? AND ?", (case_ids[0], case_ids[-1]))]
    else:
        chunks = (tuple(case_ids[start : start + 500]) for start in range(0, len(case_ids), 500))
        parts = [(f"IN ({marks(each)})", each) for each in chunks]
    for which, values in parts:
        for row in store.query(asked.format(which), values):
            found[row[_CASE_ID]] = row  # the most urgent comes last and stays
    return {case_id: clock_of(row) for case_id, row in found.items()}


def due(store: Store, *, now_at: int, limit: int) -> list[Clock]:
    """Return running clocks whose next rung is due, the longest waiting first; locked on PostgreSQL.

    On PostgreSQL the cases are locked too, and what another sweep has locked is left to it.
    """
    if store.dialect == "postgresql":
        asked = (
            f"SELECT {COLUMNS} FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 0"
            " AND d.next_at <= ? ORDER BY d.next_at LIMIT ? FOR UPDATE OF d, c SKIP LOCKED"
        )
    else:
        asked = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status = 0 AND d.next_at <= ? ORDER BY d.next_at LIMIT ?"
    return [clock_of(row) for row in store.query(asked, (now_at, limit))]


def live(store: Store, *, due_by: str, unit_id: int | None = None) -> Iterator[Clock]:
    """Yield running clocks due on or before a local date, by due day; without such a day (9999-12-31) paused ones too.

    Paused clocks come last: nothing is urgent about them.
    """
    joined, narrowed = ("", "") if unit_id is None else ("JOIN cases c ON c.id = d.case_id", " AND c.unit_id = ?")
    unit = () if unit_id is None else (unit_id,)
    asked = (
        f"SELECT {COLUMNS} FROM deadlines d {joined} WHERE d.status = 0 AND d.due_on <= ?{narrowed}"
        " ORDER BY d.due_on, d.due_at, d.id"
    )
    yield from map(clock_of, store.query(asked, (due_by, *unit)))
    if due_by == ANY_DAY:
        stopped = f"SELECT {COLUMNS} FROM deadlines d {joined} WHERE d.status = 1{narrowed} ORDER BY d.id"
        yield from map(clock_of, store.query(stopped, unit))


def live_of(store: Store, case_ids: Sequence[int], *, due_by: str) -> Iterator[Clock]:
    """Yield the same of some cases only."""
    found = [each for clocks in of_cases(store, case_ids).values() for each in clocks]
    running = (each for each in found if each.status is Status.RUNNING and each.due_on <= due_by)
    yield from sorted(running, key=lambda each: (each.due_on, each.due_at or 0, each.id))
    if due_by == ANY_DAY:
        yield from (each for each in found if each.status is Status.PAUSED)


def provisional(store: Store) -> int:
    """Return how many live deadlines have a date that was counted without a published calendar."""
    row = store.one("SELECT count(*) FROM deadlines WHERE status IN (0, 1) AND provisional = 1")
    assert row is not None
    found: int = row[0]
    return found


def provisional_dates(store: Store, limit: int) -> list[DueDay]:
    """Return number and due day of the first of them."""
    return list(map(DueDay._make, store.query(_DUE_DAYS, (limit,))))


def climb(store: Store, rungs: Sequence[NextRung]) -> None:
    """Write the next rungs of clocks that have just reminded."""
    store.change_many(_CLIMB, rungs)


def write(store: Store, clocks: Iterable[Clock]) -> None:
    """Write clocks: those without an id are new, the others are changed; inside `begin`."""
    new: list[Clock] = []
    changed: list[Clock] = []
    for each in clocks:
        (new if each.id is None else changed).append(each)
    if new:
        ids = store.reserve("deadlines", len(new))
        store.change_many(_INSERT, [_stored(each, key) for key, each in zip(ids, new, strict=True)])
    if changed:
        store.change_many(_UPDATE, [(*_changing(_stored(each, 0)), each.id) for each in changed])


def _stored(clock: Clock, key: int) -> DeadlineRecord:
    """Return a clock as a row, with *key* as its id."""
    return DeadlineRecord(
        id=key,
        case_id=clock.case_id,
        name=clock.name,
        round=clock.round,
        status=int(clock.status),
        starts_at=clock.starts_at,
        original_due_on=clock.original_due_on,
        due_on=clock.due_on,
        due_at=clock.due_at,
        ledger=_ledger(clock),
        calendar=clock.calendar,
        provisional=int(clock.provisional),
        arming=clock.arming,
        rung=clock.rung,
        next_at=clock.next_at,
        ended_at=clock.ended_at,
    )


def _ledger(clock: Clock) -> str:
    """Return pauses and extensions as JSON."""
    if not clock.pauses and not clock.extensions:
        return _EMPTY
    return canonical(
        {
            "pauses": [{name: getattr(each, name) for name in Pause.__slots__} for each in clock.pauses],
            "extensions": [{name: getattr(each, name) for name in Extended.__slots__} for each in clock.extensions],
        }
    )
