"""The ground that measures stand on: a house of some units and officers, and leads by the thousand."""

import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commands.shared.rule_files import shipped_texts
from engine.journal.canonical import canonical
from engine.journal.chain import digest
from engine.operations.cases import casework as cases
from engine.operations.house import registration as house
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import schema
from engine.store.connection import Row, Store, open_store
from engine.working_days.instants import microseconds
from workflows.loader import Declarations

NOW = datetime(2019, 7, 1, 2, tzinfo=UTC)
OFFICER = "chen"
DUE_ON = "2019-06-30"
"""When deadlines are due that were not computed but written by the thousand."""
UNITS = ("0101", "0102", "0103", "0104", "0105")
LEAD = {
    "received_on": "2019-06-28",
    "source": "letter",
    "summary": "反映某院门口有人强揽病人转诊并收取费用，多次阻拦救护车辆",
    "category": "A3",
    "subject": "甲某等数人",
    "subject_unit": "某县第二人民医院",
    "suspected_crime": True,
    "real_name": False,
    "amount": 12500,
    "source_detail": "县信访局转办",
}
ASSIGN = {"responsible_leader": OFFICER, "handler": OFFICER}


def build(url: str) -> None:
    """Bring up a house."""
    schema.bring_up(url)
    ledger = opened(url)
    house.set_up(
        ledger,
        name="某县卫生健康局",
        unit=(UNITS[0], "单位一"),
        officer=(OFFICER, "陈某"),
        zone="Asia/Shanghai",
        custodian=None,
        now=NOW,
        rehearsal=True,
        adopts=shipped_texts(),
    )
    for place, code in enumerate(UNITS[1:], 2):
        house.add_unit(Acting(ledger, OFFICER, NOW), code, f"单位{place}")
    for place in range(20):
        code = f"officer{place:02}"
        house.add_officer(Acting(ledger, OFFICER, NOW), code, f"人员{place}")
        house.grant(Acting(ledger, OFFICER, NOW), code, "verifier", UNITS[place % len(UNITS)])
    ledger.store.close()


def opened(url: str, store: Store | None = None) -> Ledger:
    """Open the ledger at *url*."""
    return Ledger(open_store(url) if store is None else store, Declarations())


def copied(file: Path, name: str) -> str:
    """Return a fresh copy of a closed SQLite file, under another name beside it."""
    target = file.with_name(name)
    for each in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        each.unlink(missing_ok=True)
    shutil.copyfile(file, target)
    return str(target)


def fill(url: str, count: int, *, assigned: bool, due: int = 0, as_made: bool = False, now: datetime = NOW) -> None:
    """Write *count* leads like one that went the real way, each with its journal and deadlines.

    Args:
        assigned: They have been assigned already.
        due: So many of their deadlines, evenly scattered, have a rung that is due at NOW + 1 day.
        as_made: Deadlines and their rungs stay as the program made them, so that verifying finds nothing; else they
            are overdue and their rungs are set by hand.
        now: When all of it happened.
    """
    ledger = opened(url)
    first = cases.open_case(Acting(ledger, OFFICER, now), "lead", LEAD, unit=UNITS[0]).case
    if assigned:
        cases.advance(Acting(ledger, OFFICER, now + timedelta(minutes=1)), first.number, "assign", ASSIGN)
    store = ledger.store
    case = store.query("SELECT * FROM cases WHERE id = ?", (first.id,))[0]
    entries = store.query("SELECT * FROM journal WHERE case_id = ? ORDER BY seq", (first.id,))
    clocks = store.query("SELECT * FROM deadlines WHERE case_id = ? ORDER BY id", (first.id,))
    named = store.column("SELECT officer FROM named_officers WHERE case_id = ? ORDER BY officer", (first.id,))
    never = microseconds(datetime(2030, 1, 1, tzinfo=UTC))
    soon = microseconds(NOW + timedelta(hours=12))
    step = max(1, count // due) if due else 0
    clock_id = int(store.query("SELECT max(id) FROM deadlines")[0][0])
    chains = [_said(entries, [] if as_made else clocks, unit) for unit in UNITS]
    form = ledger.rules("lead").workflow.number.replace("{year}", str(NOW.year))
    given: dict[str, int] = dict(store.query("SELECT series, last FROM counters"))
    serials = [int(given.get(form.replace("{unit}", unit), 0)) for unit in UNITS]
    with store.begin():
        if not as_made:
            store.change("UPDATE deadlines SET next_at = ? WHERE next_at IS NOT NULL", (never,))
        for start in range(first.id + 1, first.id + count, 20_000):
            ids = range(start, min(start + 20_000, first.id + count))
            numbered, journal = [], []
            for each in ids:
                unit = each % len(UNITS)
                serials[unit] += 1
                number = form.format(unit=UNITS[unit], serial=serials[unit])
                chain = list(_chained(chains[unit], each, number))
                journal.extend(chain)
                numbered.append((each, number, *case[2:5], unit + 1, *case[6:-2], chain[-1][-1], case[-1]))
            running = [
                [clock_id + place, each, *clock[2:]]
                if as_made
                else _clock(clock, clock_id + place, each, next_at=soon if step and each % step == 0 else never)
                for place, (each, clock) in enumerate(itertools.product(ids, clocks), 1)
            ]
            clock_id += len(running)
            _insert(store, "cases", numbered)
            _insert(store, "journal", journal)
            _insert(store, "deadlines", running)
            _insert(store, "named_officers", list(itertools.product(named, ids)))
        for code, last in zip(UNITS, serials, strict=True):
            series = form.replace("{unit}", code)
            store.change("DELETE FROM counters WHERE series = ?", (series,))
            store.change("INSERT INTO counters VALUES (?, ?)", (series, last))
    if store.dialect == "postgresql":
        for table in ("cases", "deadlines"):
            store.query(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    store.change("ANALYZE")
    if store.dialect == "sqlite":
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _clock(clock: Row, clock_id: int, case_id: int, *, next_at: int) -> list[object]:
    """Return a deadline of the first case as that of another, its next rung at *next_at* if it runs."""
    row = [clock_id, case_id, *clock[2:]]
    if row[4] == 0:
        row[6] = row[7] = DUE_ON
        row[13], row[14] = 2, next_at
    return row


def _said(entries: Sequence[Row], clocks: Sequence[Row], unit: str) -> list[Row]:
    """Return the journal of the first case as one of another unit would tell it, with the deadlines of `_clock`."""
    running = {clock[2] for clock in clocks if clock[4] == 0}
    found = []
    for row in entries:
        body = json.loads(row[8])
        if "unit" in body:
            body["unit"] = unit
        for name, each in body.get("deadlines", {}).items():
            if name in running:
                each["due_on"] = each["original_due_on"] = DUE_ON
        found.append((*row[:8], canonical(body), *row[9:]))
    return found


def _chained(entries: Sequence[Row], case_id: int, number: str) -> Iterator[tuple[object, ...]]:
    """Yield the journal of the first case as that of another, with hashes of its own."""
    head = ""
    for row in entries:
        _, seq, at, by, kind, before, after, clearance, body, _ = row
        head = digest(head, number, seq, at, by, kind, before, after, clearance, body)
        yield (case_id, seq, at, by, kind, before, after, clearance, body, head)


def _insert(store: Store, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Write whole rows; into PostgreSQL by COPY, which takes a third of the time that statements take."""
    if not rows:
        return
    if store.dialect == "postgresql":
        with store.driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copying:
            for row in rows:
                copying.write_row(row)
    else:
        store.change_many(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
