"""An invented county written into a ledger: its rows are those of one real case, moved to other cases and days.

By real steps a year of a county would take an hour; nothing here is hashed, so `verify` finds that it is invented.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from engine.store.case_columns import CaseRecord
from engine.store.connection import Store
from engine.working_days.instants import microseconds
from tools.counties import STATES, Lived

_JOURNAL = ("case_id", "seq", "at", "by", "kind", "from_state", "to_state", "clearance", "body", "hash")


def write_county(store: Store, county: Lived, pattern: int, *, begun: date, zone: str) -> int:
    """Write a county's cases after those that are there; return how many.

    Args:
        pattern: Id of a case that was opened on *begun* by the first unit and came through all `STATES`, a row each.
        begun: Its day of opening and of receipt.
        zone: Of the ledger.
    """
    (case,) = store.query(f"SELECT {', '.join(CaseRecord._fields)} FROM cases WHERE id = ?", (pattern,))
    like = CaseRecord._make(case)
    rows = store.query(f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE case_id = ? ORDER BY seq", (pattern,))
    assert len(rows) == len(STATES), "a row for each state"
    units: dict[str, int] = dict(store.query("SELECT code, id FROM units"))
    first_unit = next(code for code, unit in units.items() if unit == like.unit_id)
    before = int(store.value("SELECT max(id) FROM cases"))
    cases: dict[int, list[Any]] = {}
    entries: list[Sequence[Any]] = []
    for number, day, state, unit, _ in county.rows:
        case_id = before + number
        at = microseconds(datetime.combine(county.days[day], time(10), tzinfo=ZoneInfo(zone)))
        _, _, _, by, kind, from_state, to_state, clearance, body, digest = rows[STATES.index(state)]
        if unit is not None:
            holder = f"01{unit}" if f"01{unit}" in units else first_unit
            opened_on = county.days[day].isoformat()
            body = body.replace(begun.isoformat(), opened_on).replace(f'"unit":"{first_unit}"', f'"unit":"{holder}"')
            fields = like.fields.replace(begun.isoformat(), opened_on)
            named = like._replace(
                id=case_id, number=f"{holder}-X-{number:06}", unit_id=units[holder], dated_on=opened_on, opened_at=at,
                revision=0, fields=fields,
            )  # fmt: skip
            cases[number] = list(named)
        seen = CaseRecord._make(cases[number])
        entries.append((case_id, seen.revision + 1, at, by, kind, from_state, to_state, clearance, body, digest))
        cases[number] = list(
            seen._replace(state=to_state, clearance=clearance, changed_at=at, revision=seen.revision + 1)
        )
    with store.begin():
        for table, columns, written in (
            ("cases", CaseRecord._fields, list(cases.values())),
            ("journal", _JOURNAL, entries),
        ):
            marks = ", ".join("?" * len(columns))
            store.change_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", written)
    return len(cases)
