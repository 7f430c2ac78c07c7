"""What the figures of a period ask of the database: which cases there were, and how the journal counted them."""

from collections.abc import Iterator, Sequence

from engine.journal.case_events import StepTaken
from engine.store.clock_columns import DeadlineRecord
from engine.store.connection import Store
from engine.store.past_columns import CountedEntry
from engine.store.statements import HELD_THEN, listed, marks, records

_STANDS_IN = listed(("workflow", "version", "state"))
_OF_WORKFLOW = "CASE WHEN c.workflow = ? THEN 1 ELSE 0 END = 1"
"""That a case is of a workflow, where cases are gone through by id: without statistics, SQLite would look for all of
the workflow by index and sort them, for each chunk once more."""
_TERMS = f"SELECT {listed(DeadlineRecord._fields)} FROM deadlines"
_COUNTED = f"SELECT {listed(CountedEntry._fields)} FROM journal"


def chunks(
    store: Store,
    workflow: str,
    *,
    end_at: int,
    unit_id: int | None,
    size: int,
    settled_before: int = 0,
    watched: Sequence[str] = (),
) -> Iterator[list[int]]:
    """Yield the ids of the cases that were opened before *end_at*, ascending, *size* at a time.

    Args:
        unit_id: A unit; cases that were handed over since are among them, whichever unit held them then.
        settled_before: Cases are left out that do not count as open, have not changed since and have no
            live deadline: they are in no figure. So a register may grow over the years.
        watched: States whose count may change by the passing of days; their cases are never left out.
    """
    narrowed, unit = ("", ()) if unit_id is None else (HELD_THEN, (unit_id, end_at))
    states = f" AND c.state NOT IN ({marks(watched)})" if watched else ""
    asked = (
        f"SELECT c.id FROM cases c WHERE {_OF_WORKFLOW} AND c.opened_at < ? AND c.id > ?{narrowed}"
        f" AND NOT (c.changed_at < ? AND c.clearance <> 0{states} AND NOT EXISTS"
        " (SELECT 1 FROM deadlines d WHERE d.case_id = c.id AND d.status IN (0, 1))) ORDER BY c.id LIMIT ?"
    )
    last = 0
    while found := store.column(asked, (workflow, end_at, last, *unit, settled_before, *watched, size)):
        yield found
        last = found[-1]


def counted(store: Store, case_ids: Sequence[int], *, end_at: int) -> dict[int, list[CountedEntry]]:
    """Return when, as what and in which state the journal counted cases before *end_at*, in its order."""
    if not case_ids:
        return {}
    asked = f"{_COUNTED} WHERE case_id IN ({marks(case_ids)}) AND at < ? ORDER BY case_id, seq"
    found: dict[int, list[CountedEntry]] = {}
    for each in map(CountedEntry._make, store.query(asked, (*case_ids, end_at))):
        found.setdefault(each.case_id, []).append(each)
    return found


def terms(store: Store, case_ids: Sequence[int]) -> dict[int, list[DeadlineRecord]]:
    """Return the deadlines of some cases as they are kept, by case, name and round."""
    found: dict[int, list[DeadlineRecord]] = {}
    if case_ids:
        asked = f"{_TERMS} WHERE case_id IN ({marks(case_ids)}) ORDER BY case_id, name, round"
        for each in records(DeadlineRecord, store.query(asked, tuple(case_ids))):
            found.setdefault(each.case_id, []).append(each)
    return found


def steps_taken(store: Store, workflow: str, *, from_at: int, end_at: int, unit_id: int | None) -> dict[str, int]:
    """Return how often each step was taken in a time, by its trigger."""
    narrowed, unit = ("", ()) if unit_id is None else (" AND c.unit_id = ?", (unit_id,))
    said = "json_extract(j.body, '$.trigger')" if store.dialect == "sqlite" else "CAST(j.body AS jsonb) ->> 'trigger'"
    asked = (
        f"SELECT {said}, count(*) FROM journal j JOIN cases c ON c.id = j.case_id"
        f" WHERE j.at >= ? AND j.at < ? AND j.kind = '{StepTaken.kind}' AND c.workflow = ?{narrowed} GROUP BY 1"
    )
    return {str(trigger): int(count) for trigger, count in store.query(asked, (from_at, end_at, workflow, *unit))}


def by_version(store: Store, *, below: int) -> list[tuple[str, int, str, int]]:
    """Return how many cases that count below a clearance stand where: workflow, version, state, cases."""
    asked = f"SELECT {_STANDS_IN}, count(*) FROM cases WHERE clearance < ? GROUP BY {_STANDS_IN} ORDER BY {_STANDS_IN}"
    return [
        (str(name), int(version), str(state), int(count))
        for name, version, state, count in store.query(asked, (below,))
    ]
