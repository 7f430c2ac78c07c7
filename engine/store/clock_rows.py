"""Rows of deadlines; statements only, no rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from engine.deadlines.clock import Breach, Clock, Extended, FormerStart, Lift, Pause, Status, as_clock
from engine.journal.canonical import canonical, parsed
from engine.store.clock_columns import DeadlineRecord, DueDay, NextRung
from engine.store.connection import Row, Store
from engine.store.statements import assigned, inserted, listed, marks

_Part = Pause | Extended | Breach | Lift | FormerStart
"""What the history of a clock is made of."""
_NO_HISTORY: tuple[object, ...] = ((), (), (), None, None)
"""What follows the columns in a clock that was never late, lifted, corrected or given another day."""
COLUMNS = listed(Clock._fields[: -len(_NO_HISTORY)], "d", pauses="d.ledger", extensions="''")
"""In the order of a clock's fields; pauses, extensions and what its history holds besides stand in one column."""
OF_CASE = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id = ? ORDER BY d.id"
"""What `of_case` asks."""
_OF_CASES = f"SELECT {COLUMNS} FROM deadlines d WHERE d.case_id IN ({{}}) ORDER BY d.id"
_INSERT = inserted("deadlines", DeadlineRecord._fields)
_INSERT_UNNUMBERED = inserted("deadlines", [name for name in DeadlineRecord._fields if name != "id"])
"""Where the database gives ids by itself."""
_ID = DeadlineRecord._fields.index("id")
_LIFE = tuple(name for name in DeadlineRecord._fields if name not in {"id", "case_id", "name"})
"""What the life of a deadline changes."""
_UPDATE = f"UPDATE deadlines SET {assigned(_LIFE)} WHERE id = ?"
_CLIMB = f"UPDATE deadlines SET {assigned(name for name in NextRung._fields if name != 'id')} WHERE id = ?"
_DUE_DAYS = (
    f"SELECT {listed(DueDay._fields, 'd', number='c.number')} FROM deadlines d JOIN cases c ON c.id = d.case_id"
    " WHERE d.status IN (0, 1) AND d.provisional = 1 ORDER BY d.due_on, c.number LIMIT ?"
)
_CASE_ID, _STATUS, _PAUSES, _EXTENSIONS, _PROVISIONAL = map(
    Clock._fields.index, ("case_id", "status", "pauses", "extensions", "provisional")
)
_STATUSES = tuple(Status)
_EMPTY = '{"extensions":[],"pauses":[]}'

NO_HOUR: Final = 2**63 - 1
"""Stands for the instant of a term without an hour: it runs to the end of its day, after every hour of it."""
DUE_AT = f"coalesce(d.due_at, {NO_HOUR})"
"""The instant by which a term sorts within its day; NULL would sort first on SQLite, last on PostgreSQL."""
BY_DUE = f"d.due_on, {DUE_AT}, d.id"
"""What is due first before the others, in the order of the index of what runs."""
_FEW = 4
"""New rows that a file numbers by itself, where asking for the highest number first would cost a statement."""
_NEAR = 4
"""Ids that lie so near to one another are asked for as a range."""

ANY_DAY = "9999-12-31"
"""Later than any due day."""


def clock_of(row: Row) -> Clock:
    """Return the clock that a row of COLUMNS holds."""
    values = list(row)
    if values[_PAUSES] == _EMPTY:
        values[_PAUSES] = values[_EXTENSIONS] = ()
        values += _NO_HISTORY
    else:
        ledger = parsed(values[_PAUSES])
        values[_PAUSES] = tuple(Pause(**each) for each in ledger["pauses"])
        values[_EXTENSIONS] = tuple(Extended(**each) for each in ledger["extensions"])
        values += _history(ledger)
    values[_STATUS] = _STATUSES[values[_STATUS]]
    values[_PROVISIONAL] = bool(values[_PROVISIONAL])
    return as_clock(values)


def of_case(store: Store, case_id: int) -> tuple[Clock, ...]:
    """Return all clocks of one case, by id."""
    return tuple(map(clock_of, store.query(OF_CASE, (case_id,))))


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
    asked = (
        f"SELECT {COLUMNS} FROM deadlines d WHERE d.status <= 1 AND d.case_id {{}}"
        f" ORDER BY d.status DESC, d.due_on DESC, {DUE_AT} DESC, d.id DESC"
    )
    # The most urgent comes last and stays.
    found = {
        row[_CASE_ID]: row for which, values in _near(case_ids) for row in store.query(asked.format(which), values)
    }
    return {case_id: clock_of(row) for case_id, row in found.items()}


def first_due(store: Store, case_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Return of each case with a running clock when the first is due: local date, instant or `NO_HOUR`.

    It is the one that `urgent` returns; *case_ids* ascending.
    """
    fields = listed(("case_id", "due_on"), "d")
    # What runs has status 0; so written, SQLite does not go through all that runs for some hundred cases.
    asked = f"SELECT {fields}, {DUE_AT} FROM deadlines d WHERE d.status < 1 AND d.case_id {{}}"
    return {
        case_id: (due_on, due_at)
        for which, values in _near(case_ids)
        for case_id, due_on, due_at in store.query(
            f"{asked.format(which)} ORDER BY d.due_on DESC, {DUE_AT} DESC", values
        )
    }


def ended(store: Store, case_ids: Sequence[int]) -> dict[int, list[Clock]]:
    """Return of each case the clocks that were met or lifted, by id; *case_ids* ascending."""
    asked = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status IN (2, 4) AND d.case_id {{}} ORDER BY d.id"
    found: dict[int, list[Clock]] = {}
    for which, values in _near(case_ids):
        for clock in map(clock_of, store.query(asked.format(which), values)):
            found.setdefault(clock.case_id, []).append(clock)
    return found


def _near(case_ids: Sequence[int]) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield how ascending ids are asked for: as a range where they lie near to one another, else one by one."""
    if case_ids and case_ids[-1] - case_ids[0] < _NEAR * len(case_ids):
        yield "BETWEEN ? AND ?", (case_ids[0], case_ids[-1])
        return
    for start in range(0, len(case_ids), 500):
        part = tuple(case_ids[start : start + 500])
        yield f"IN ({marks(part)})", part


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


def unarmed(store: Store, *, after: int, limit: int) -> list[Clock]:
    """Return running clocks without a next rung whose id lies above *after*, by id; locked on PostgreSQL."""
    asked = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status = 0 AND d.next_at IS NULL AND d.id > ? ORDER BY d.id"
    if store.dialect == "postgresql":
        asked = (
            f"SELECT {COLUMNS} FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 0"
            " AND d.next_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ? FOR UPDATE OF d, c SKIP LOCKED"
        )
        return [clock_of(row) for row in store.query(asked, (after, limit))]
    return [clock_of(row) for row in store.query(f"{asked} LIMIT ?", (after, limit))]


def run_out(store: Store, names: Sequence[str], *, today: str) -> list[Clock]:
    """Return running clocks of some names that are due by a local date, the longest over first."""
    asked = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status = 0 AND d.due_on <= ? AND d.name IN ({marks(names)})"
    return [clock_of(row) for row in store.query(f"{asked} ORDER BY {BY_DUE}", (today, *names))]


def running(store: Store, ids: Sequence[int]) -> list[Clock]:
    """Return those of some clocks that run, by id; they and their cases are locked on PostgreSQL."""
    asked = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status = 0 AND d.id IN ({marks(ids)}) ORDER BY d.id"
    if store.dialect == "postgresql":
        asked = (
            f"SELECT {COLUMNS} FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 0"
            f" AND d.id IN ({marks(ids)}) ORDER BY d.id FOR UPDATE OF d, c"
        )
    return [clock_of(row) for row in store.query(asked, ids)]


def live(store: Store, *, due_by: str, unit_id: int | None = None) -> Iterator[Clock]:
    """Yield running clocks due on or before a local date, by due day; without such a day (9999-12-31) paused ones too.

    Paused clocks come last: nothing is urgent about them.
    """
    joined, narrowed = ("", "") if unit_id is None else ("JOIN cases c ON c.id = d.case_id", " AND c.unit_id = ?")
    unit = () if unit_id is None else (unit_id,)
    asked = (
        f"SELECT {COLUMNS} FROM deadlines d {joined} WHERE d.status = 0 AND d.due_on <= ?{narrowed} ORDER BY {BY_DUE}"
    )
    yield from map(clock_of, store.stream(asked, (due_by, *unit)))
    if due_by == ANY_DAY:
        stopped = f"SELECT {COLUMNS} FROM deadlines d {joined} WHERE d.status = 1{narrowed} ORDER BY d.id"
        yield from map(clock_of, store.stream(stopped, unit))


def live_of(store: Store, case_ids: Sequence[int], *, due_by: str) -> Iterator[Clock]:
    """Yield the same of some cases only."""
    found = [each for clocks in of_cases(store, case_ids).values() for each in clocks]
    running = (each for each in found if each.status is Status.RUNNING and each.due_on <= due_by)
    yield from sorted(running, key=lambda each: (each.due_on, NO_HOUR if each.due_at is None else each.due_at, each.id))
    if due_by == ANY_DAY:
        yield from (each for each in found if each.status is Status.PAUSED)


def provisional(store: Store) -> int:
    """Return how many live deadlines have a date that was counted without a published calendar."""
    return int(store.value("SELECT count(*) FROM deadlines WHERE status IN (0, 1) AND provisional = 1"))


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
    if new and (store.gives_ids or len(new) <= _FEW):
        store.change_many(_INSERT_UNNUMBERED, _unnumbered(new))
    elif new:
        rows = _new(new)
        for key, row in zip(store.reserve("deadlines", len(new)), rows, strict=True):
            row[_ID] = key
        store.change_many(_INSERT, rows)
    if changed:
        store.change_many(_UPDATE, _changed(changed))


def _writer(fields: Sequence[str]) -> Callable[[Iterable[Clock]], list[list[object]]]:
    """Return what gives those columns of clocks as they are stored."""
    take = attrgetter(*("pauses" if name == "ledger" else name for name in fields))
    status, ledger, provisional = map(fields.index, ("status", "ledger", "provisional"))

    def written(clocks: Iterable[Clock]) -> list[list[object]]:
        texts: dict[tuple[object, ...], str] = {}
        rows = []
        for clock in clocks:
            values = list(take(clock))
            values[status] = int(clock.status)
            values[ledger] = _ledger(clock, texts)
            values[provisional] = int(clock.provisional)
            rows.append(values)
        return rows

    return written


def _history(ledger: Mapping[str, Any]) -> list[object]:
    """Return what a ledger column holds besides pauses and extensions; older rows have nothing else."""
    return [
        tuple(Breach(**each) for each in ledger.get("breaches", ())),
        tuple(Lift(**each) for each in ledger.get("lifted", ())),
        tuple(FormerStart(**each) for each in ledger.get("starts", ())),
        ledger.get("given_on"),
        ledger.get("term"),
    ]


def _ledger(clock: Clock, texts: dict[tuple[object, ...], str]) -> str:
    """Return a clock's history as JSON: pauses and extensions always, the rest where there is any.

    Args:
        texts: Those of the clocks that are written with it: what goes on alike in bulk has its history in common.
    """
    parts = (clock.pauses, clock.extensions, clock.breaches, clock.lifted, clock.starts)
    if not any(parts) and clock.term is None:
        return _EMPTY
    key = (
        *map(id, parts),
        clock.given_on,
        clock.term,
    )  # all clocks are held by the caller, so that no id is given twice
    text = texts.get(key)
    if text is None:
        text = texts[key] = _written(clock)
    return text


def _written(clock: Clock) -> str:
    """Return a clock's history as JSON, of which there is some."""
    body: dict[str, object] = {"pauses": _listed(clock.pauses), "extensions": _listed(clock.extensions)}
    if clock.breaches:
        body["breaches"] = _listed(clock.breaches)
    if clock.lifted:
        body["lifted"] = _listed(clock.lifted)
    if clock.starts:
        body["starts"] = _listed(clock.starts)
    if clock.given_on is not None:
        body["given_on"] = clock.given_on
    if clock.term is not None:
        body["term"] = clock.term
    return canonical(body)


def _listed(parts: Sequence[_Part]) -> list[dict[str, object]]:
    """Return parts of a history as JSON has them."""
    return [dict(zip(names, take(each), strict=True)) for each in parts for names, take in (_PARTS[type(each)],)]


_PARTS: Final = {
    kind: (kind.__struct_fields__, attrgetter(*kind.__struct_fields__))
    for kind in (Pause, Extended, Breach, Lift, FormerStart)
}
"""Type -> the names of its fields, and what takes them from one."""
_new = _writer(DeadlineRecord._fields)
_unnumbered = _writer([name for name in DeadlineRecord._fields if name != "id"])
_changed = _writer((*_LIFE, "id"))
