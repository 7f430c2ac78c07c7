"""What figures ask of the cases that have not changed since before their period; statements only.

Of such a case only what is open or has a live deadline adds anything, so the database gives live deadlines one by one
and counts what is open by shape: no case is rebuilt. Which cases must be looked at by themselves instead is one
condition, so that each case is either here or there.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.rules.case import Count
from engine.rules.shapes import UNKNOWN
from engine.store.connection import Store
from engine.store.statements import Asked, listed, marks, records

OF_WORKFLOW = "CASE WHEN c.workflow = ? THEN 1 ELSE 0 END = 1"
"""That a case is of a workflow, where cases are gone through by id or found by something else: SQLite would look for
all of the workflow by index."""
_LIVE = ("d.status = 0 AND d.due_on > ''", "d.status = 1")
"""Deadlines that run, and those that rest: each status has an index of its own, and days are never empty texts."""
_NEVER = 2**63 - 1
"""Stands in the index of those that run for the hour of a term that has none."""
_IN_HOURS = (
    f"SELECT d.case_id FROM deadlines d WHERE {_LIVE[0]} AND coalesce(d.due_at, {_NEVER}) < {_NEVER}"
    f" UNION ALL SELECT d.case_id FROM deadlines d WHERE {_LIVE[1]} AND d.due_at IS NOT NULL"
)
"""Asked of the index, so that of terms in days nothing but that is read."""
_FEW = 1000
"""Cases with terms in hours up to which their ids are said; many are looked for by each statement."""
_NOT_EXTENDED = '"extensions":[]'


class Unchanged(NamedTuple):
    """Which cases of a workflow are not looked at by themselves."""

    workflow: str
    eve_at: int
    """The end of the day before the period, in microseconds since 1970 UTC: they have not changed since."""
    first: str
    """The first day of the period (local date): they were received before."""
    unit_id: int | None
    """Of this unit only."""
    watched: Sequence[str]
    """States whose count may change by the passing of days; cases in them are not among them."""
    unvalued: Sequence[int]
    """Versions whose shapes do not tell all values that are asked for; open cases of them are not among them."""
    in_hours: Sequence[int]
    """Cases with a live term in hours; they are not among them."""


class UnendedTerm(NamedTuple):
    """A deadline that runs or rests, of a case that is not void and repeats no other."""

    unit_id: int
    version: int
    name: str
    status: int
    due_on: str
    original_due_on: str
    case_id: int
    number: str
    clearance: int
    is_extended: int


class OpenAlike(NamedTuple):
    """Open cases of one unit that are alike in their values and were received on one day."""

    unit_id: int
    version: int
    shape: int
    dated_on: str
    first_id: int
    """One of them."""
    cases: int


class Recount(NamedTuple):
    """A row of the journal that opened a case, or changed whether it counts as open."""

    case_id: int
    at: int
    seq: int
    before: int
    """The case's Count before it."""
    clearance: int
    opened_at: int


def add_others(asked: Asked, unchanged: Unchanged) -> None:
    """Append the condition that a case is looked at by itself."""
    asked.add("(c.changed_at >= ? OR c.dated_on >= ?", unchanged.eve_at, unchanged.first)
    if unchanged.watched:
        asked.add(f" OR c.state IN ({marks(unchanged.watched)})", *unchanged.watched)
    versions = f" OR c.version IN ({marks(unchanged.unvalued)})" if unchanged.unvalued else ""
    asked.add(f" OR (c.clearance = {int(Count.OPEN)} AND (c.shape = {UNKNOWN}{versions}))", *unchanged.unvalued)
    if unchanged.in_hours:
        asked.add(f" OR c.id IN ({those_in_hours(unchanged)})")
    asked.add(")")


def those_in_hours(unchanged: Unchanged) -> str:
    """Return what stands in brackets for the cases that have a live term in hours; there is one."""
    few = len(unchanged.in_hours) <= _FEW
    return ", ".join(map(str, unchanged.in_hours)) if few else _IN_HOURS


def in_hours(store: Store) -> list[int]:
    """Return the cases that have a live term in hours, of whatever workflow."""
    return store.column(_IN_HOURS)


def live_terms(store: Store, unchanged: Unchanged) -> Iterator[UnendedTerm]:
    """Yield the live deadlines of unchanged cases, those of a case together in no certain order."""
    asked = Asked(store)
    own = _unended(asked)
    for place, live in enumerate(_LIVE):
        asked.add(" UNION ALL " if place else "")
        asked.add(f"SELECT {own} FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE {live}")
        asked.add(f" AND {OF_WORKFLOW} AND c.clearance <= {int(Count.FULLY_CLOSED)}", unchanged.workflow)
        _add_unchanged(asked, unchanged)
    return records(UnendedTerm, store.stream(asked.text, asked.values))


def live_terms_of(store: Store, case_ids: Sequence[int]) -> Iterator[UnendedTerm]:
    """Yield the live deadlines of some cases."""
    asked = Asked(store)
    asked.add(f"SELECT {_unended(asked)} FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status IN (0, 1)")
    asked.add(f" AND d.case_id IN ({marks(case_ids)})", *case_ids)
    return records(UnendedTerm, store.query(asked.text, asked.values) if case_ids else ())


def open_alike(store: Store, unchanged: Unchanged, *, bits: int | None = None) -> Iterator[OpenAlike]:
    """Yield the open cases that have not changed, by unit, version, shape and day of receipt.

    Args:
        bits: Those are apart whose ids differ in more than so many last bits; None: none are.
    """
    asked, by = Asked(store), listed(OpenAlike._fields[:4], "c")
    asked.add(f"SELECT {by}, min(c.id), count(*) FROM cases c WHERE c.clearance = {int(Count.OPEN)}")
    asked.add(" AND c.workflow = ?", unchanged.workflow)
    _add_unchanged(asked, unchanged)
    blocks = "" if bits is None else f", c.id >> {bits}"
    return records(OpenAlike, store.stream(f"{asked.text} GROUP BY {by}{blocks}", asked.values))


def recounts(store: Store, unchanged: Unchanged, *, since_at: int) -> Iterator[Recount]:
    """Yield when unchanged cases were opened, cleared or came back, between an instant and the period.

    Args:
        since_at: Microseconds since 1970 UTC.
    """
    asked = Asked(store)
    before = "coalesce(p.clearance, 0)"
    own = listed(Recount._fields, "j", before=before, opened_at="c.opened_at")
    asked.add(f"SELECT {own} FROM journal j JOIN cases c ON c.id = j.case_id")
    asked.add(" LEFT JOIN journal p ON p.case_id = j.case_id AND p.seq = j.seq - 1")
    asked.add(" WHERE j.at >= ? AND j.at < ?", since_at, unchanged.eve_at)
    asked.add(f" AND (j.seq = 1 OR ({before} = 0) <> (j.clearance = 0)) AND {OF_WORKFLOW}", unchanged.workflow)
    _add_unchanged(asked, unchanged)
    return records(Recount, store.stream(asked.text, asked.values))


def values_of(store: Store, case_ids: Sequence[int]) -> dict[int, str]:
    """Return the values of some cases as canonical JSON, by id."""
    asked = f"SELECT {listed(('id', 'fields'))} FROM cases WHERE id IN ({marks(case_ids)})"
    return dict(store.query(asked, tuple(case_ids))) if case_ids else {}


def first_extended(store: Store, case_ids: Sequence[int]) -> list[tuple[str, int]]:
    """Return of cases the earliest day among all rounds of the deadlines that are extended and live, with their id."""
    if not case_ids:
        return []
    asked = Asked(store)
    asked.add(f"SELECT min(d.due_on), d.case_id FROM deadlines d WHERE d.case_id IN ({marks(case_ids)})", *case_ids)
    asked.add(" AND EXISTS (SELECT 1 FROM deadlines e WHERE e.case_id = d.case_id AND e.name = d.name")
    asked.add(f" AND e.status IN (0, 1) AND {asked.find}(e.ledger, '{_NOT_EXTENDED}') = 0) GROUP BY d.case_id")
    return [(str(day), int(case_id)) for day, case_id in store.query(asked.text, asked.values)]


def _unended(asked: Asked) -> str:
    """Return what is asked of a live deadline and its case."""
    extended = f"CASE WHEN {asked.find}(d.ledger, '{_NOT_EXTENDED}') > 0 THEN 0 ELSE 1 END"
    return listed(
        UnendedTerm._fields, "d", unit_id="c.unit_id", version="c.version", number="c.number", clearance="c.clearance",
        is_extended=extended,
    )  # fmt: skip


def _add_unchanged(asked: Asked, unchanged: Unchanged) -> None:
    """Append the condition that a case is not looked at by itself."""
    if unchanged.unit_id is not None:
        asked.add(" AND c.unit_id = ?", unchanged.unit_id)
    asked.add(" AND NOT ")
    add_others(asked, unchanged)
