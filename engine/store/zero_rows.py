"""What clearing to zero asks of the database: one scan that sorts the scope, and rows to rebuild a past day.

Fields are looked for in the canonical JSON as it stands: `"handler":` can only be a key there, because
a quotation mark inside a value is escaped, and values of a field are texts or truths whose end is
marked. That spares a million documents from being parsed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.campaigns.campaign import COUNTED_AS, Campaign, Condition, Rate, ZeroGroup
from engine.journal.canonical import canonical
from engine.journal.case_events import StepTaken
from engine.store import question_rows
from engine.store.case_columns import CounterRecord
from engine.store.connection import Row, Store
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

Theirs = Mapping[tuple[str, int], tuple[str, ...]]
"""Names of the terms that are the other side's, by workflow and version."""
_PAST = f"SELECT {listed(PastEntry._fields)} FROM journal WHERE case_id IN ({{}})"
_CHILDREN = f"SELECT {listed(ChildCase._fields)} FROM cases WHERE parent_id IN ({{}})"
_HEADS = f"SELECT {listed(ChainHead._fields)} FROM cases ORDER BY id"
_REGISTERED = (
    f"SELECT {listed(RegisteredCase._fields, 'c', unit='u.code')} FROM cases c JOIN units u ON u.id = c.unit_id"
    " WHERE c.clearance < 3"
)
_COUNTERS = f"SELECT {listed(CounterRecord._fields)} FROM counters ORDER BY series"
_VERSIONS = f"SELECT {listed(WorkflowVersion._fields)} FROM workflow_versions ORDER BY name, version"

VOID, REPEATS = 6, 7
"""What stands in place of a group for a case that does not count."""

LATE = 8
"""The bit of a case that was registered after the cut-off though received before it."""

AFTER = 16
"""The bit of a cleared case that has changed since the campaign's day was over, and so may be late."""

FAMILY = 32
"""The bit of a case that opened others, asked for where a rate looks at their terms too."""

CONDITIONS = 64
"""The bit of the first condition of the campaign's rates; the others follow."""

_GROUP = 7
_FIRST_END = 86_400 - 14 * 3600
"""Seconds from the midnight of a date in UTC to its earliest end anywhere."""
_LAST_END = 86_400 + 12 * 3600
"""The same to its latest end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """Cases of one unit that are alike in all that is counted."""

    unit_id: int
    group: int
    """A Group, VOID or REPEATS."""
    is_late: bool
    suits: int
    """A bit for each of the campaign's conditions that suits them."""
    is_after: bool
    """Cleared, and changed since the campaign's day was over."""
    has_family: bool
    met: tuple[int, ...]
    """For each rate of punctuality a value as of `children_met`, of their own terms alone."""
    count: int
    ids: tuple[int, ...]
    """Only where a single case matters: it blocks, may be late, opened others, or its punctuality is doubtful."""


def sort_scope(
    store: Store,
    campaign: Campaign,
    *,
    day: str,
    end_at: int,
    cut_off_at: int,
    due_at: int,
    unit_id: int | None,
    watched: Sequence[str],
    theirs: Theirs,
) -> list[Sorted]:
    """Return the scope sorted as of the end of a local day, those cases left out that must be rebuilt.

    Args:
        day: Local date.
        end_at: Its end; cases that changed later are left out.
        cut_off_at: The end of the day of the cut-off.
        due_at: The end of the day by which all are to be cleared.
        watched: States whose count may change by the passing of days; their cases are left out.
        theirs: Terms that are the other side's.
    """
    asked = Asked(store)
    asked.add("WITH seen(unit_id, code, id) AS MATERIALIZED (SELECT c.unit_id, ")
    unanswered = question_rows.still_open(store) if question_rows.any_open(store) else ""
    _add_group(asked, campaign, day, unanswered=unanswered)
    asked.add(f" + (CASE WHEN c.opened_at >= ? THEN {LATE} ELSE 0 END)", cut_off_at)
    if end_at > due_at:  # until then nothing is late
        asked.add(f" + (CASE WHEN c.clearance IN (1, 2) AND c.changed_at >= ? THEN {AFTER} ELSE 0 END)", due_at)
    rates = [each for each in campaign.rates if each.is_of_terms]
    if any(each.every_term for each in rates):
        opened = "c.id IN (SELECT parent_id FROM cases WHERE parent_id IS NOT NULL)"
        asked.add(f" + (CASE WHEN c.clearance < 3 AND {opened} THEN {FAMILY} ELSE 0 END)")
    for place, condition in enumerate(campaign.conditions):
        asked.add(" + (CASE WHEN ")
        _add_condition(asked, condition)
        asked.add(f" THEN {CONDITIONS << place} ELSE 0 END)")
    doubtful = []
    for place, rate in enumerate(rates):
        unit = CONDITIONS << (len(campaign.conditions) + 2 * place)
        doubtful.append(f" OR (code & {3 * unit}) = {2 * unit}")
        _add_met(asked, rate, unit, day, theirs)
    asked.add(", c.id FROM cases c WHERE c.changed_at < ?", end_at)
    _add_scope(asked, campaign, unit_id)
    if watched:
        asked.add(f" AND c.state NOT IN ({marks(watched)})", *watched)
    single = f"(code & {_GROUP}) IN (3, 4, 5) OR (code & {AFTER | FAMILY}) <> 0{''.join(doubtful)}"
    wanted = f"CASE WHEN {single} THEN id END"
    joined = f"string_agg(CAST({wanted} AS TEXT), ',')" if asked.is_postgres else f"group_concat({wanted})"
    asked.add(f") SELECT unit_id, code, count(*), {joined} FROM seen GROUP BY unit_id, code ORDER BY unit_id, code")
    return [_sorted(row, campaign) for row in store.query(asked.text, asked.values)]


def children_met(store: Store, case_ids: Sequence[int], *, day: str, end_at: int, theirs: Theirs) -> dict[int, int]:
    """Return how the terms of what cases opened stand at the end of a local day, by the case that opened it.

    Returns:
        0 if none was met or has run out, 1 if all were met by their original day, 2 if that is doubtful, 3 if not.
    """
    found: dict[int, int] = {}
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        asked = Asked(store)
        asked.add("SELECT k.parent_id, max(CASE WHEN k.changed_at >= ? THEN 2 ELSE coalesce((SELECT max(", end_at)
        _add_term(asked, day)
        asked.add(") FROM deadlines d WHERE d.case_id = k.id")
        _add_ours(asked, "k", theirs)
        asked.add("), 0) END) FROM cases k")
        asked.add(f" WHERE k.parent_id IN ({marks(part)}) AND k.opened_at < ? AND k.clearance <> 3", *part, end_at)
        found.update(store.query(asked.text + " GROUP BY k.parent_id", asked.values))
    return found


def to_rebuild(
    store: Store, campaign: Campaign, *, end_at: int, unit_id: int | None, watched: Sequence[str]
) -> list[int]:
    """Return the cases that `sort_scope` leaves out but that were there on that day, by id."""
    asked = Asked(store)
    asked.add("SELECT c.id FROM cases c WHERE c.workflow = ? AND c.opened_at < ?", campaign.workflow, end_at)
    if watched:
        asked.add(f" AND (c.changed_at >= ? OR c.state IN ({marks(watched)}))", end_at, *watched)
    else:
        asked.add(" AND c.changed_at >= ?", end_at)
    if unit_id is not None:
        asked.add(HELD_THEN, unit_id, end_at)
    return store.column(asked.text + " ORDER BY c.id", asked.values)


def rows_of(store: Store, case_ids: Sequence[int], *, end_at: int) -> dict[int, list[PastEntry]]:
    """Return what the journal says of cases before *end_at*, by seq."""
    found: dict[int, list[PastEntry]] = {}
    asked = f"{_PAST.format(marks(case_ids))} AND at < ? ORDER BY case_id, seq"
    for entry in map(PastEntry._make, store.query(asked, (*case_ids, end_at))):
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
    _add_scope(asked, campaign, None)
    return list(map(OpenChild._make, store.query(asked.text + " ORDER BY k.workflow, k.id", asked.values)))


def unfinished(store: Store, campaign: Campaign) -> Iterator[str]:
    """Yield cases in a state that they should have left, all their children being fully closed."""
    asked = Asked(store)
    states = sorted(campaign.follow_up)
    asked.add(f"SELECT c.number FROM cases c WHERE c.state IN ({marks(states)}) AND c.clearance < 3", *states)
    _add_scope(asked, campaign, None)
    asked.add(" AND EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance = 2)")
    asked.add(" AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance IN (0, 1))")
    yield from store.column(asked.text + " ORDER BY c.id", asked.values)


def bulk_closings(store: Store, campaign: Campaign, *, since_at: int) -> Iterator[str]:
    """Yield cases of the scope that a step in bulk has cleared since an instant."""
    asked = Asked(store)
    asked.add(f"SELECT DISTINCT {listed(CaseNumber._fields, 'c')} FROM journal j JOIN cases c ON c.id = j.case_id")
    asked.add(" WHERE j.at >= ?", since_at)
    steps = f" AND j.kind = '{StepTaken.kind}' AND j.clearance IN (1, 2)"
    asked.add(f"{steps} AND {asked.find}(j.body, ?) > 0", '"bulk":true')
    _add_scope(asked, campaign, None)
    found = store.query(asked.text + " ORDER BY c.id", asked.values)
    yield from (each.number for each in map(CaseNumber._make, found))


def clock_rows(store: Store, campaign: Campaign) -> Iterator[CaseEntry]:
    """Yield number, instant and body of rows of the scope that were written with a clock set by hand."""
    asked = Asked(store)
    columns = listed(CaseEntry._fields, "j", number="c.number")
    asked.add(f"SELECT {columns} FROM journal j JOIN cases c ON c.id = j.case_id")
    asked.add(f" WHERE {asked.find}(j.body, ?) > 0", '"real_at":')
    _add_scope(asked, campaign, None)
    yield from map(CaseEntry._make, store.query(asked.text + " ORDER BY j.case_id, j.seq", asked.values))


def uncounted(store: Store, campaign: Campaign) -> list[int]:
    """Return the ids of cases of the workflow that are void or repeat another."""
    asked = "SELECT id FROM cases WHERE workflow = ? AND clearance IN (3, 4) ORDER BY id"
    return store.column(asked, (campaign.workflow,))


def counters(store: Store) -> list[CounterRecord]:
    """Return every series with the last number that was given in it."""
    return list(map(CounterRecord._make, store.query(_COUNTERS)))


def numbers_in_scope(store: Store, campaign: Campaign) -> list[RegisteredCase]:
    """Return what ledgers are compared with: of each case that the scope holds now, by id."""
    asked = Asked(store)
    asked.add(_REGISTERED)
    _add_scope(asked, campaign, None)
    return list(map(RegisteredCase._make, store.query(asked.text + " ORDER BY c.id", asked.values)))


def register_of(store: Store, workflow: str) -> list[RegisteredCase]:
    """Return the same of each case of a workflow that counts, in the scope or not, by id."""
    found = store.query(f"{_REGISTERED} AND c.workflow = ? ORDER BY c.id", (workflow,))
    return list(map(RegisteredCase._make, found))


def all_versions(store: Store) -> list[WorkflowVersion]:
    """Return name and version of every declaration in use."""
    return list(map(WorkflowVersion._make, store.query(_VERSIONS)))


def _add_scope(asked: Asked, campaign: Campaign, unit_id: int | None) -> None:
    """Append which cases belong to the scope, after a first condition."""
    asked.add(" AND c.workflow = ? AND (c.dated_on <= ?", campaign.workflow, campaign.received_to.isoformat())
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


def _add_group(asked: Asked, campaign: Campaign, day: str, *, unanswered: str) -> None:
    """Append the group that a case falls into, as in `engine.campaigns.group_of`.

    Args:
        unanswered: When a question is open; empty if there is none at all, which spares a look for each case.
    """
    asked.add(f"(CASE WHEN c.clearance = 3 THEN {VOID} WHEN c.clearance = 4 THEN {REPEATS}")
    for name in campaign.deciding:
        asked.add(f" WHEN {asked.find}(c.fields, ?) = 0 THEN {ZeroGroup.INCOMPLETE:d}", f'"{name}":')
    if unanswered and campaign.mattering:
        named = sorted(campaign.mattering)
        asked.add(f" WHEN EXISTS (SELECT 1 FROM questions q WHERE q.case_id = c.id AND {unanswered}")
        asked.add(f" AND q.field IN ({marks(named)})) THEN {ZeroGroup.INCOMPLETE:d}", *named)
    for each in campaign.complete:
        asked.add(" WHEN ")
        if each.states:
            asked.add(f"c.state IN ({marks(each.states)}) AND ", *sorted(each.states))
        if each.apart:
            asked.add(f"c.state NOT IN ({marks(each.apart)}) AND ", *sorted(each.apart))
        keys = [f'"{name}":' for name in each.fields]
        asked.add("(" + " OR ".join(f"{asked.find}(c.fields, ?) = 0" for _ in keys) + ")", *keys)
        asked.add(f" THEN {ZeroGroup.INCOMPLETE:d}")
    asked.add(f" WHEN c.clearance = 2 THEN {ZeroGroup.FULLY_CLOSED:d} WHEN c.clearance = 1 THEN {ZeroGroup.CLEARED:d}")
    if campaign.extend_to is not None:
        asked.add(
            " WHEN EXISTS (SELECT 1 FROM deadlines d WHERE d.case_id = c.id AND d.status IN (0, 1)"
            " AND d.due_on >= ? AND d.due_on <= ? AND substr(d.ledger, 1, 16) <> '{\"extensions\":[]'",
            day,
            campaign.extend_to.isoformat(),
        )
        names = sorted(campaign.extend_deadlines)
        if names:
            asked.add(f" AND d.name IN ({marks(names)})", *names)
        asked.add(f") THEN {ZeroGroup.EXTENDED:d}")
    asked.add(f" ELSE {ZeroGroup.OPEN:d} END)")


def _add_met(asked: Asked, rate: Rate, unit: int, day: str, theirs: Theirs) -> None:
    """Append up to three units for how the terms of a case stand; only of cases that the bottom counts."""
    groups = [int(each) for each in COUNTED_AS if rate.bottom.counts_group(each)]
    counts = sorted({int(COUNTED_AS[ZeroGroup(each)]) for each in groups})
    asked.add(f" + {unit} * (CASE WHEN c.clearance IN ({marks(counts)}) THEN coalesce((SELECT max(", *counts)
    _add_term(asked, day)
    asked.add(") FROM deadlines d WHERE d.case_id = c.id")
    _add_ours(asked, "c", theirs)
    if not rate.every_term:
        asked.add(f" AND d.name IN ({marks(rate.on_time)})", *rate.on_time)
    asked.add("), 0) ELSE 0 END)")


def _add_ours(asked: Asked, case: str, theirs: Theirs) -> None:
    """Append that a term is not the other side's, of cases under the alias *case*."""
    for (workflow, version), names in theirs.items():
        asked.add(f" AND NOT ({case}.workflow = ? AND {case}.version = ?", workflow, version)
        asked.add(f" AND d.name IN ({marks(names)}))", *names)


def _add_term(asked: Asked, day: str) -> None:
    """Append how a term stands, as `children_met` tells.

    Surely late is what was met when its day was over everywhere on earth, surely on time what was met before
    it was over anywhere (of a term in hours: before it began anywhere). The caller looks at the zone of the
    rest. A term that has not been met by its original day was not kept, whether it still runs, rests or was
    lifted later; one that was lifted in time asks for nothing.
    """
    date = "CAST(d.original_due_on AS date)" if asked.is_postgres else "d.original_due_on"
    over = f"extract(epoch from {date})" if asked.is_postgres else f"CAST(strftime('%s', {date}) AS INTEGER)"
    first = f"(CASE WHEN d.due_at IS NULL THEN {_FIRST_END} ELSE {_FIRST_END - 86_400} END)"
    asked.add("CASE WHEN d.status < 2 THEN CASE WHEN d.original_due_on < ? THEN 3 ELSE 0 END", day)
    asked.add(" WHEN d.status IN (2, 4) THEN CASE")
    asked.add(f" WHEN d.ended_at < ({over} + {first}) * 1000000 THEN CASE d.status WHEN 2 THEN 1 ELSE 0 END")
    asked.add(f" WHEN d.ended_at < ({over} + {_LAST_END}) * 1000000 THEN 2 ELSE 3 END ELSE 0 END")


def _add_condition(asked: Asked, condition: Condition) -> None:
    """Append whether state and values suit, as in `Condition.suits`."""
    asked.add("(1 = 1")
    if condition.apart:
        asked.add(f" AND c.state NOT IN ({marks(condition.apart)})", *sorted(condition.apart))
    for name in condition.has:
        asked.add(f" AND {asked.find}(c.fields, ?) > 0", f'"{name}":')
    _add_values(asked, condition.values, " AND ")
    asked.add(")")


def _add_values(asked: Asked, wanted: Mapping[str, tuple[str | bool, ...]], before: str) -> None:
    """Append that fields have one of their values."""
    for name, values in wanted.items():
        written = [f'"{name}":{canonical(each)}' for each in values]
        asked.add(before + "(" + " OR ".join(f"{asked.find}(c.fields, ?) > 0" for _ in written) + ")", *written)


def _sorted(row: Row, campaign: Campaign) -> Sorted:
    """Return what a row of the scan says."""
    unit_id, code, count, ids = row
    conditions = len(campaign.conditions)
    rest = code // CONDITIONS
    rates = sum(each.is_of_terms for each in campaign.rates)
    return Sorted(
        unit_id=unit_id,
        group=code & _GROUP,
        is_late=bool(code & LATE),
        is_after=bool(code & AFTER),
        has_family=bool(code & FAMILY),
        suits=rest & ((1 << conditions) - 1),
        met=tuple(rest >> (conditions + 2 * place) & 3 for place in range(rates)),
        count=count,
        ids=tuple(map(int, ids.split(","))) if ids else (),
    )
