"""Cases by what is due of them first, and what falls due on which day; statements only, no rules.

Each is found by walking the running deadlines in the order of the index that holds them, and ends when a page is full.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.deadlines.clock import Clock
from engine.store.clock_rows import ANY_DAY, BY_DUE, COLUMNS, DUE_AT, NO_HOUR, clock_of
from engine.store.connection import Store
from engine.store.waiting_rows import HEAD, Heads, heads

Place = tuple[str, int, int]
"""By what a case stands in the order of what is due: day, instant or `NO_HOUR`, and id of its deadline."""
_FIRST: Final = (
    "NOT EXISTS (SELECT 1 FROM deadlines e WHERE e.case_id = d.case_id AND e.status = 0"
    f" AND (e.due_on < d.due_on OR (e.due_on = d.due_on AND (coalesce(e.due_at, {NO_HOUR}), e.id) < ({DUE_AT}, d.id))))"
)
"""Of a case with several running deadlines only the first one counts."""
_LATER: Final = f"d.due_on >= ? AND (d.due_on > ? OR {DUE_AT} > ? OR ({DUE_AT} = ? AND d.id > ?))"
"""Stands behind a place; the day is said twice, for the index begins with it."""
_RUNS: Final = "EXISTS (SELECT 1 FROM deadlines d WHERE d.case_id = c.id AND d.status = 0)"
_OTHERS: Final = "c.clearance < 3"
"""Void and repeating cases stand in no list."""

FEW: Final = 2_000
"""Cases of a unit or a state up to which each is looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """Of which cases something is asked."""

    workflow: str
    unit_id: int | None = None
    state: str | None = None
    open_only: bool = True
    due_by: str = ANY_DAY
    """Only those with a running deadline that is due on or before this local date."""

    def written(self) -> tuple[str, list[object]]:
        """Return it as a condition over `cases c`, with its values; the day is not in it."""
        where: list[str] = ["c.workflow = ?", "c.clearance = 0" if self.open_only else _OTHERS]
        values: list[object] = [self.workflow]
        for column, value in (("c.unit_id", self.unit_id), ("c.state", self.state)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        return " AND ".join(where), values


def place_of(store: Store, case_id: int) -> Place | None:
    """Return by what a case stands in the order of what is due; None if no deadline of its own runs."""
    asked = f"SELECT {BY_DUE} FROM deadlines d WHERE d.case_id = ? AND d.status = 0 ORDER BY {BY_DUE} LIMIT 1"
    return next(((str(day), int(at), int(deadline)) for day, at, deadline in store.query(asked, (case_id,))), None)


def is_few(store: Store, which: Narrowing) -> bool:
    """Say whether so few cases are meant that it costs less to look at each than to walk what is due first."""
    if which.unit_id is None and which.state is None:
        return False
    where, values = which.written()
    asked = f"SELECT count(*) FROM (SELECT 1 FROM cases c WHERE {where} LIMIT ?) few"
    return int(store.value(asked, (*values, FEW + 1))) <= FEW


def due_first(store: Store, which: Narrowing, *, after: Place | None, limit: int, few: bool = False) -> Heads:
    """Return the cases with a running deadline, what is due first before the others.

    Args:
        few: Whether `is_few`.
    """
    where, values = which.written()
    behind: tuple[object, ...] = ()
    if after is not None:
        where += f" AND {_LATER}"
        day, at, deadline = after
        behind = (day, day, at, at, deadline)
    # CROSS keeps SQLite from walking all cases of the workflow first, and sorting them; or all that is due.
    tables = "cases c CROSS JOIN deadlines d" if few else "deadlines d CROSS JOIN cases c"
    asked = (
        f"SELECT {HEAD} FROM {tables} WHERE d.status = 0 AND d.due_on <= ? AND c.id = d.case_id"
        f" AND {where} AND {_FIRST} ORDER BY {BY_DUE} LIMIT ?"
    )
    return heads(store.query(asked, (which.due_by, *values, *behind, limit)))


def without_day(store: Store, which: Narrowing, *, after_id: int, limit: int) -> Heads:
    """Return the cases without a running deadline, by id."""
    where, values = which.written()
    asked = f"SELECT {HEAD} FROM cases c WHERE c.id > ? AND {where} AND NOT {_RUNS} ORDER BY c.id LIMIT ?"
    return heads(store.query(asked, (after_id, *values, limit)))


def count(store: Store, which: Narrowing) -> int:
    """Return how many cases there are; costs what is counted."""
    where, values = which.written()
    asked = f"SELECT count(*) FROM cases c WHERE {where}"
    if which.due_by != ANY_DAY:
        asked += f" AND {_RUNS[:-1]} AND d.due_on <= ?)"
        values.append(which.due_by)
    return int(store.value(asked, values))


def due_on(
    store: Store, day: str, *, unit_id: int | None = None, officer: str | None = None, limit: int
) -> Sequence[Clock]:
    """Return running deadlines that are due on a local date, by id.

    Args:
        officer: Only of cases that name this officer.
    """
    joined, where, values = "", "", list[object]()
    if unit_id is not None:
        joined, where, values = " JOIN cases c ON c.id = d.case_id", " AND c.unit_id = ?", [unit_id]
    if officer is not None:
        where += " AND EXISTS (SELECT 1 FROM named_officers n WHERE n.officer = ? AND n.case_id = d.case_id)"
        values.append(officer)
    asked = f"SELECT {COLUMNS} FROM deadlines d{joined} WHERE d.status = 0 AND d.due_on = ?{where}"
    asked += " ORDER BY d.id LIMIT ?"
    return [clock_of(row) for row in store.query(asked, (day, *values, limit))]
