"""What the figures of a period ask of the database: which cases there were, and how the journal counted them."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from engine.deadlines.clock import Status
from engine.journal.case_events import StepTaken
from engine.rules.shapes import CAME_BACK, KEPT, NONE, TERMS, UNKNOWN
from engine.store.clock_columns import DeadlineRecord
from engine.store.connection import Store
from engine.store.past_columns import CountedEntry
from engine.store.statements import HELD_THEN, Asked, listed, marks, records
from engine.store.unchanged_rows import Unchanged, add_others, those_in_hours

_STANDS_IN = listed(("workflow", "version", "state"))
_TERMS = f"SELECT {listed(DeadlineRecord._fields)} FROM deadlines"
_COUNTED = f"SELECT {listed(CountedEntry._fields)} FROM journal"


class SettledRow(NamedTuple):
    """What figures ask of a case that is settled."""

    id: int
    is_settled: int
    state: str
    unit_id: int
    clearance: int
    shape: int
    dated_on: str
    opened_at: int
    fields: str
    """As canonical JSON."""


class CasePage(NamedTuple):
    """Cases of one page, ascending."""

    settled: list[SettledRow]
    others: list[int]
    """Ids."""


class Settled(NamedTuple):
    """Which cases are plain: of their terms that are over nothing is to be said but which were met, all in time.

    They were opened in the period, have not changed since its end and never came back; none of their terms is in hours.
    """

    eve_at: int
    """The end of the day before the period, in microseconds since 1970 UTC."""
    childless: bool
    """Those that opened others are not."""
    theirs: Sequence[str]
    """Deadlines that are the other side's in some version; cases that have one are not."""


def opened_before(
    store: Store, workflow: str, *, end_at: int, unit_id: int | None, unchanged: Unchanged | None = None
) -> Sequence[int]:
    """Return the cases of a workflow that were opened before *end_at*, ascending; asked of an index alone.

    Args:
        unit_id: A unit; cases that were handed over since are among them, whichever unit held them then.
        unchanged: Which cases are left out; None if none is.
    """
    asked = Asked(store)
    asked.add("SELECT c.id FROM cases c WHERE c.workflow = ? AND c.opened_at < ?", workflow, end_at)
    if unit_id is not None:
        asked.add(HELD_THEN, unit_id, end_at)
    if unchanged is not None:
        asked.add(" AND ")
        add_others(asked, unchanged)
    # `+`: to spare the sorting, SQLite would read the cases of all workflows by id.
    rows = store.stream(f"{asked.text} ORDER BY +c.id", asked.values)
    return array("q", (case_id for (case_id,) in rows))


def page(
    store: Store,
    case_ids: Sequence[int],
    *,
    end_at: int,
    unchanged: Unchanged | None = None,
    settled: Settled | None = None,
) -> CasePage:
    """Return some cases, those apart that are settled.

    Args:
        settled: Which cases are set apart; None if none is.
    """
    if settled is None or unchanged is None:
        return CasePage([], list(case_ids))
    asked = Asked(store)
    is_settled, bound = _is_settled(settled, end_at, unchanged)
    asked.add(f"SELECT {listed(SettledRow._fields, 'c', is_settled=is_settled)} FROM cases c", *bound)
    asked.add(f" WHERE c.id IN ({marks(case_ids)}) ORDER BY c.id", *case_ids)
    found = list(records(SettledRow, store.query(asked.text, asked.values)))
    return CasePage([each for each in found if each.is_settled], [each.id for each in found if not each.is_settled])


def _is_settled(settled: Settled, end_at: int, unchanged: Unchanged) -> tuple[str, tuple[object, ...]]:
    """Return what says of a case whether it is plain, and the values of its marks."""
    watched = unchanged.watched
    asked = f"c.opened_at >= ? AND c.changed_at < ? AND c.shape <> {UNKNOWN}"
    asked += f" AND (c.shape & {TERMS | CAME_BACK}) IN ({NONE}, {KEPT})"
    if watched:
        asked += f" AND c.state NOT IN ({marks(watched)})"
    if unchanged.in_hours:
        asked += f" AND c.id NOT IN ({those_in_hours(unchanged)})"
    if settled.childless:
        asked += " AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id)"
    if settled.theirs:
        names = marks(settled.theirs)
        asked += f" AND NOT EXISTS (SELECT 1 FROM deadlines t WHERE t.case_id = c.id AND t.name IN ({names}))"
    return f"CASE WHEN {asked} THEN 1 ELSE 0 END", (settled.eve_at, end_at, *watched, *settled.theirs)


def entries(store: Store, case_ids: Sequence[int]) -> Iterator[list[CountedEntry]]:
    """Yield when, as what and in which state the journal counted each of some cases, in the order of their ids."""
    asked = f"{_COUNTED} WHERE case_id IN ({marks(case_ids)}) ORDER BY case_id, seq"
    rows = records(CountedEntry, store.query(asked, tuple(case_ids)))
    yield from (list(own) for _, own in groupby(rows, key=itemgetter(0)))


def met(store: Store, case_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """Return how many deadlines of some cases were met: by the id of the unit, and name."""
    asked = (
        "SELECT c.unit_id, d.name, count(*) FROM deadlines d JOIN cases c ON c.id = d.case_id"
        f" WHERE d.case_id IN ({marks(case_ids)}) AND d.status = {int(Status.MET)} GROUP BY c.unit_id, d.name"
    )
    return [(int(unit), str(name), int(count)) for unit, name, count in store.query(asked, tuple(case_ids))]


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


def steps(
    store: Store, case_ids: Sequence[int], *, from_at: int, end_at: int, read_of: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str | None, int]]:
    """Return how often a step of some cases led from which state to which in a time, by its trigger where it is read.

    Args:
        read_of: From which state to which a step led whose trigger is read.
    """
    asked = Asked(store)
    said = "json_extract(j.body, '$.trigger')" if store.dialect == "sqlite" else "CAST(j.body AS jsonb) ->> 'trigger'"
    pairs = " OR ".join(["(j.from_state = ? AND j.to_state = ?)"] * len(read_of)) or "1 = 0"
    asked.add(
        f"SELECT {listed(('from_state', 'to_state'), 'j')}, CASE WHEN {pairs} THEN {said} END, count(*) FROM journal j"
    )
    asked.add(f" WHERE j.case_id IN ({marks(case_ids)})", *(state for pair in read_of for state in pair), *case_ids)
    # `+ 0`: else SQLite goes through all rows of that time for each page of cases.
    asked.add(f" AND j.at + 0 >= ? AND j.at + 0 < ? AND j.kind = '{StepTaken.kind}' GROUP BY 1, 2, 3", from_at, end_at)
    return store.query(asked.text, asked.values) if case_ids else []


def by_version(store: Store, *, below: int) -> list[tuple[str, int, str, int]]:
    """Return how many cases that count below a clearance stand where: workflow, version, state, cases."""
    asked = f"SELECT {_STANDS_IN}, count(*) FROM cases WHERE clearance < ? GROUP BY {_STANDS_IN} ORDER BY {_STANDS_IN}"
    return [
        (str(name), int(version), str(state), int(count))
        for name, version, state, count in store.query(asked, (below,))
    ]
