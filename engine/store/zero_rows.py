"""What clearing to zero asks of the database besides shapes: which cases a scope holds, and rows of a past day.

Fields are looked for in the canonical JSON as it stands: `"handler":` can only be a key there, because
a quotation mark inside a value is escaped, and values of a field are texts or truths whose end is
marked. That spares a million documents from being parsed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.campaigns.campaign import Campaign
from engine.journal.canonical import canonical
from engine.journal.case_events import StepTaken
from engine.store.case_columns import CounterRecord
from engine.store.connection import Store
from engine.store.kind_index import BY_HAND
from engine.store.past_columns import (
    CaseEntry,
    CaseNumber,
    ChainHead,
    ChildCase,
    OpenChild,
    PastEntry,
    RegisteredCase,
    WorkflowVersion,
)
from engine.store.statements import HELD_THEN, Asked, listed, marks

_PAST = f"SELECT {listed(PastEntry._fields)} FROM journal WHERE case_id IN ({{}})"
_CHILDREN = f"SELECT {listed(ChildCase._fields)} FROM cases WHERE parent_id IN ({{}})"
_HEADS = f"SELECT {listed(ChainHead._fields)} FROM cases ORDER BY id"
CHANGED_SINCE: Final = "SELECT id FROM cases WHERE changed_at >= ?"
"""The cases that say of themselves that they changed from an instant on.

A past day asks them, though it costs a look at each: where rows of the journal were taken away, it would take a case
that has moved on for one that stood so then.
"""
JOURNALED_SINCE: Final = "SELECT j.case_id FROM journal j WHERE j.at >= ?"
"""The cases of which something was journaled from an instant on; costs what was."""
_REGISTERED = (
    f"SELECT {listed(RegisteredCase._fields, 'c', unit='u.code')} FROM cases c JOIN units u ON u.id = c.unit_id"
    " WHERE c.clearance < 3"
)
_COUNTERS = f"SELECT {listed(CounterRecord._fields)} FROM counters ORDER BY series"
_VERSIONS = f"SELECT {listed(WorkflowVersion._fields)} FROM workflow_versions ORDER BY name, version"

_KIND: Final = ("unit_id", "state", "clearance")
_OF_KINDS: Final = (
    f"FROM (WITH k AS MATERIALIZED (SELECT DISTINCT {listed(_KIND)} FROM cases WHERE workflow = ?)"
    " SELECT * FROM k WHERE {}) k"
    f" CROSS JOIN cases c WHERE c.workflow = ? AND {' AND '.join(f'c.{name} = k.{name}' for name in _KIND)}"
)
"""The cases of some kinds: SQLite steps from kind to kind by the index of cases alike, and reads what they hold."""


def to_rebuild(
    store: Store, campaign: Campaign, *, end_at: int, unit_id: int | None, watched: Sequence[str], is_past: bool
) -> list[int]:
    """Return the cases that were there on a day and that must be rebuilt to know how they stood, by id.

    Args:
        end_at: The end of the day, in microseconds since 1970 UTC.
        watched: States whose count may change by the passing of days.
        is_past: Something was journaled since the end of the day, or it is over, so that cases may have changed.
    """
    if not (is_past or watched):
        return []
    asked = Asked(store)
    # SQLite would go through all cases to find those of few states; unit by unit the index of cases alike holds them.
    among = "cases c" if is_past else "units u CROSS JOIN cases c"
    asked.add(f"SELECT c.id FROM {among} WHERE c.workflow = ? AND c.opened_at < ?", campaign.workflow, end_at)
    asked.add("" if is_past else " AND c.unit_id = u.id")
    which = []
    if is_past:
        which.append(f"c.id IN ({CHANGED_SINCE})")
        asked.add("", end_at)
    if watched:
        which.append(f"c.state IN ({marks(watched)})")
        asked.add("", *watched)
    asked.add(f" AND ({' OR '.join(which)})")
    if unit_id is not None:
        asked.add(HELD_THEN, unit_id, end_at)
    return sorted(store.column(asked.text, asked.values))


def rows_of(
    store: Store, case_ids: Sequence[int], *, end_at: int, since_at: int | None = None
) -> dict[int, list[PastEntry]]:
    """Return what the journal says of cases before *end_at*, by seq.

    Args:
        since_at: Nothing before is asked for; microseconds since 1970 UTC.
    """
    found: dict[int, list[PastEntry]] = {}
    since, at = ("", ()) if since_at is None else (" AND at >= ?", (since_at,))
    asked = f"{_PAST.format(marks(case_ids))} AND at < ?{since} ORDER BY case_id, seq"
    for entry in map(PastEntry._make, store.query(asked, (*case_ids, end_at, *at)) if case_ids else ()):
        found.setdefault(entry.case_id, []).append(entry)
    return found


def children_of(store: Store, case_ids: Sequence[int], *, end_at: int) -> dict[int, list[int]]:
    """Return the cases that others had opened before *end_at*, by the id of their parent, in their order."""
    found: dict[int, list[int]] = {}
    asked = f"{_CHILDREN.format(marks(case_ids))} AND opened_at < ? ORDER BY id"
    for each in map(ChildCase._make, store.query(asked, (*case_ids, end_at))):
        assert each.parent_id is not None  # it was asked for
        found.setdefault(each.parent_id, []).append(each.id)
    return found


def versions(store: Store, workflow: str) -> list[int]:
    """Return the versions of a workflow that cases have begun with."""
    asked = "SELECT version FROM workflow_versions WHERE name = ? ORDER BY version"
    return store.column(asked, (workflow,))


def heads(store: Store) -> Iterator[ChainHead]:
    """Yield number, length and hash of every case's chain, by id."""
    yield from map(ChainHead._make, store.query(_HEADS))


def open_children(store: Store, campaign: Campaign) -> list[OpenChild]:
    """Return workflow and number of cases that cases of the scope opened and that are not cleared themselves."""
    asked = Asked(store)
    asked.add(f"SELECT {listed(OpenChild._fields, 'k')} FROM cases k JOIN cases c ON c.id = k.parent_id")
    asked.add(" WHERE k.clearance = 0 AND c.clearance < 3")
    add_scope(asked, campaign, None)
    return list(map(OpenChild._make, store.query(asked.text + " ORDER BY k.workflow, k.id", asked.values)))


def unfinished(store: Store, campaign: Campaign) -> Iterator[str]:
    """Yield cases in a state that they should have left, all their children being fully closed."""
    asked = Asked(store)
    states = sorted(campaign.follow_up)
    of_kinds = _OF_KINDS.format(f"state IN ({marks(states)}) AND clearance < 3")
    asked.add(f"SELECT c.number {of_kinds}", campaign.workflow, *states, campaign.workflow)
    add_narrowing(asked, campaign, None)
    asked.add(" AND EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance = 2)")
    asked.add(" AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance IN (0, 1))")
    yield from store.column(asked.text + " ORDER BY c.id", asked.values)


def bulk_closings(store: Store, campaign: Campaign, *, since_at: int) -> Iterator[str]:
    """Yield cases of the scope that a step in bulk has cleared since an instant."""
    asked = Asked(store)
    # The few rows are looked for first: SQLite would go through the cases and ask the journal of each.
    asked.add(f"SELECT DISTINCT {listed(CaseNumber._fields, 'c')} FROM journal j CROSS JOIN cases c")
    asked.add(" WHERE c.id = j.case_id AND j.at >= ?", since_at)
    steps = f" AND j.kind = '{StepTaken.kind}' AND j.clearance IN (1, 2)"
    asked.add(f"{steps} AND {asked.find}(j.body, ?) > 0", '"bulk":true')
    add_scope(asked, campaign, None)
    found = store.query(asked.text + " ORDER BY c.id", asked.values)
    yield from (each.number for each in map(CaseNumber._make, found))


def clock_rows(store: Store, campaign: Campaign) -> Iterator[CaseEntry]:
    """Yield number, instant and body of rows of the scope that were written with a clock set by hand."""
    asked = Asked(store)
    columns = listed(CaseEntry._fields, "j", number="c.number")
    # The few rows are looked for first: SQLite would go through the cases and ask the journal of each.
    asked.add(f"SELECT {columns} FROM journal j CROSS JOIN cases c WHERE c.id = j.case_id")
    asked.add(f" AND {BY_HAND[store.dialect].format('j.body')}")
    add_scope(asked, campaign, None)
    yield from map(CaseEntry._make, store.query(asked.text + " ORDER BY j.case_id, j.seq", asked.values))


def uncounted(store: Store, campaign: Campaign) -> list[int]:
    """Return the ids of cases of the workflow that are void or repeat another."""
    asked = f"SELECT c.id {_OF_KINDS.format('clearance IN (3, 4)')} ORDER BY c.id"
    return store.column(asked, (campaign.workflow, campaign.workflow))


def counters(store: Store) -> list[CounterRecord]:
    """Return every series with the last number that was given in it."""
    return list(map(CounterRecord._make, store.query(_COUNTERS)))


def numbers_in_scope(store: Store, campaign: Campaign) -> list[RegisteredCase]:
    """Return what ledgers are compared with: of each case that the scope holds now, by id."""
    asked = Asked(store)
    asked.add(_REGISTERED)
    add_scope(asked, campaign, None)
    return list(map(RegisteredCase._make, store.query(asked.text + " ORDER BY c.id", asked.values)))


def register_of(store: Store, workflow: str) -> list[RegisteredCase]:
    """Return the same of each case of a workflow that counts, in the scope or not, by id."""
    found = store.query(f"{_REGISTERED} AND c.workflow = ? ORDER BY c.id", (workflow,))
    return list(map(RegisteredCase._make, found))


def all_versions(store: Store) -> list[WorkflowVersion]:
    """Return name and version of every declaration in use."""
    return list(map(WorkflowVersion._make, store.query(_VERSIONS)))


def add_scope(asked: Asked, campaign: Campaign, unit_id: int | None) -> None:
    """Append which cases, called c, belong to the scope, after a first condition."""
    asked.add(" AND c.workflow = ?", campaign.workflow)
    add_narrowing(asked, campaign, unit_id)


def add_narrowing(asked: Asked, campaign: Campaign, unit_id: int | None) -> None:
    """Append which cases of the campaign's workflow, called c, belong to the scope, after a first condition."""
    asked.add(" AND (c.dated_on <= ?", campaign.received_to.isoformat())
    if campaign.received_from is not None:
        asked.add(" AND c.dated_on >= ?", campaign.received_from.isoformat())
    if campaign.dated_by:  # nobody knows yet whether it belongs
        asked.add(f" OR {asked.find}(c.fields, ?) = 0", f'"{campaign.dated_by}":')
    asked.add(")")
    if campaign.units:
        units = sorted(campaign.units)
        asked.add(f" AND c.unit_id IN (SELECT id FROM units WHERE code IN ({marks(units)}))", *units)
    if unit_id is not None:
        asked.add(" AND c.unit_id = ?", unit_id)
    for name in campaign.where:
        asked.add(f" AND ({asked.find}(c.fields, ?) = 0", f'"{name}":')
        _add_values(asked, {name: campaign.where[name]}, " OR ")
        asked.add(")")
    span = campaign.falling_due
    if span is not None:
        key, first, last = f'"{span.field}":"', span.from_on.isoformat(), span.to_on.isoformat()
        day = f"substr(c.fields, {asked.find}(c.fields, ?) + {len(key)}, 10)"
        asked.add(f" AND (CASE WHEN {asked.find}(c.fields, ?) = 0 THEN c.clearance = 0 OR c.dated_on >= ?", key, first)
        asked.add(f" ELSE {day} >= ? AND {day} <= ? END)", key, first, key, last)


def _add_values(asked: Asked, wanted: Mapping[str, tuple[str | bool, ...]], before: str) -> None:
    """Append that fields have one of their values."""
    for name, values in wanted.items():
        written = [f'"{name}":{canonical(each)}' for each in values]
        asked.add(before + "(" + " OR ".join(f"{asked.find}(c.fields, ?) > 0" for _ in written) + ")", *written)
