"""Rows of deadlines; statements only, no rules."""

import json
from collections.abc import Iterable, Iterator, Sequence

from engine.deadlines.clock import Clock, Extended, Pause, Status
from engine.journal.canonical import canonical
from engine.store.connection import Row, Store

COLUMNS = (
    "d.id, d.case_id, d.name, d.round, d.status, d.starts_at, d.original_due_on, d.due_on, d.due_at, d.ledger,"
    " d.calendar, d.provisional, d.arming, d.rung, d.next_at, d.ended_at"
)
_OF_CASE = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id = ? ORDER BY d.id"
_OF_CASES = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id IN ({{}}) ORDER BY d.id"
_INSERT = (
    "INSERT INTO deadlines (id, case_id, name, round, status, starts_at, original_due_on, due_on, due_at, ledger,"
    " calendar, provisional, arming, rung, next_at, ended_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_UPDATE = (
    "UPDATE deadlines SET round = ?, status = ?, starts_at = ?, original_due_on = ?, due_on = ?, due_at = ?,"
    " ledger = ?, calendar = ?, provisional = ?, arming = ?, rung = ?, next_at = ?, ended_at = ? WHERE id = ?"
)
_STATUSES = tuple(Status)
_EMPTY = '{"extensions":[],"pauses":[]}'

_NEAR = 4
"""Ids that lie so near to one another are asked for as a range."""

ANY_DAY = "9999-12-31"
"""Later than any due day."""


def clock_of(row: Row) -> Clock:
    """Return the clock that a row of COLUMNS holds."""
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extended, ...] = ()
    if row[9] != _EMPTY:
        ledger = json.loads(row[9])
        pauses = tuple(Pause(**each) for each in ledger["pauses"])
        extensions = tuple(Extended(**each) for each in ledger["extensions"])
    status = _STATUSES[row[4]]
    return Clock._make((*row[:4], status, *row[5:9], pauses, extensions, row[10], bool(row[11]), *row[12:]))


def of_case(store: Store, case_id: int) -> tuple[Clock, ...]:
    """Return all clocks of one case, by id."""
    return tuple(map(clock_of, store.query(_OF_CASE, (case_id,))))


def of_cases(store: Store, case_ids: Sequence[int]) -> dict[int, list[Clock]]:
    """Return all clocks of many cases, by id."""
    found: dict[int, list[Clock]] = {}
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        for row in store.query(_OF_CASES.format(",".join("?" * len(part))), part):
            found.setdefault(row[1], []).append(clock_of(row))
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
        parts = [(f"IN ({','.join('?' * len(each))})", each) for each in chunks]
    for which, values in parts:
        for row in store.query(asked.format(which), values):
            found[row[1]] = row  # the most urgent comes last and stays
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


def provisional_dates(store: Store, limit: int) -> list[tuple[str, str]]:
    """Return number and due day of the first of them."""
    found = store.query(
        "SELECT c.number, d.due_on FROM deadlines d JOIN cases c ON c.id = d.case_id"
        " WHERE d.status IN (0, 1) AND d.provisional = 1 ORDER BY d.due_on, c.number LIMIT ?",
        (limit,),
    )
    return [(row[0], row[1]) for row in found]


def climb(store: Store, rungs: Sequence[tuple[int, int | None, int | None]]) -> None:
    """Write the next rungs of clocks that have just reminded: (position, when it comes due, the clock's id)."""
    store.change_many("UPDATE deadlines SET rung = ?, next_at = ? WHERE id = ?", rungs)


def write(store: Store, clocks: Iterable[Clock]) -> None:
    """Write clocks: those without an id are new, the others are changed; inside `begin`."""
    new: list[Clock] = []
    changed: list[Clock] = []
    for each in clocks:
        (new if each.id is None else changed).append(each)
    if new:
        ids = store.reserve("deadlines", len(new))
        rows = [(key, each.case_id, each.name, *_values(each)) for key, each in zip(ids, new, strict=True)]
        store.change_many(_INSERT, rows)
    if changed:
        store.change_many(_UPDATE, [(*_values(each), each.id) for each in changed])


def _values(clock: Clock) -> tuple[object, ...]:
    """Return the columns that a clock's life changes."""
    return (
        clock.round,
        int(clock.status),
        clock.starts_at,
        clock.original_due_on,
        clock.due_on,
        clock.due_at,
        _ledger(clock),
        clock.calendar,
        int(clock.provisional),
        clock.arming,
        clock.rung,
        clock.next_at,
        clock.ended_at,
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
