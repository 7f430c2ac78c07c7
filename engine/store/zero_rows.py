"""What clearing to zero asks of the database: one scan that sorts the scope, and rows to rebuild a past day.

Fields are looked for in the canonical JSON as it stands: `"handler":` can only be a key there, because
a quotation mark inside a value is escaped, and values of a field are texts or truths whose end is
marked. That spares a million documents from being parsed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.campaigns.campaign import COUNTED_AS, Campaign, Condition, Rate, ZeroGroup
from engine.journal.canonical import canonical
from engine.journal.case_events import CaseAmended, CaseLinked, StepTaken
from engine.store.case_columns import CounterRecord
from engine.store.connection import Row, Store
from engine.store.past_columns import (
    CaseEntry,
    CaseNumber,
    ChainHead,
    ChildCase,
    MetDeadline,
    OpenChild,
    PastEntry,
    RegisteredCase,
    WorkflowVersion,
)
from engine.store.statements import listed, marks

_MET = f"SELECT {listed(MetDeadline._fields)} FROM deadlines WHERE case_id IN ({{}})"
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

CONDITIONS = 16
"""The bit of the first condition of the campaign's rates; the others follow."""

_GROUP = 7
_FIRST_END = 86_400 - 14 * 3600
"""Seconds from the midnight of a date in UTC to its earliest end anywhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """Cases of one unit that are alike in all that is counted."""

    unit_id: int
    group: int
    """A Group, VOID or REPEATS."""
    is_late: bool
    suits: int
    """A bit for each of the campaign's conditions that suits them."""
    met: tuple[int, ...]
    """For each rate of punctuality: 0 if no such deadline was met, 1 if all were on time, 2 if that is doubtful."""
    count: int
    ids: tuple[int, ...]
    """Only of the groups that block, and where punctuality is doubtful."""


def sort_scope(
    store: Store,
    campaign: Campaign,
    *,
    day: str,
    end_at: int,
    cut_off_at: int,
    unit_id: int | None,
    watched: Sequence[str],
) -> list[Sorted]:
    """Return the scope sorted as of the end of a local day, those cases left out that must be rebuilt.

    Args:
        day: Local date.
        end_at: Its end; cases that changed later are left out.
        cut_off_at: The end of the day of the cut-off.
        watched: States whose count may change by the passing of days; their cases are left out.
    """
    asked = _Statement(store)
    asked.add("WITH seen(unit_id, code, id) AS MATERIALIZED (SELECT c.unit_id, ")
    _add_group(asked, campaign, day)
    asked.add(f" + (CASE WHEN c.opened_at >= ? THEN {LATE} ELSE 0 END)", cut_off_at)
    for place, condition in enumerate(campaign.conditions):
        asked.add(" + (CASE WHEN ")
        _add_condition(asked, condition)
        asked.add(f" THEN {CONDITIONS << place} ELSE 0 END)")
    doubtful = 0
    for place, rate in enumerate(each for each in campaign.rates if each.on_time):
        unit = CONDITIONS << (len(campaign.conditions) + 2 * place)
        doubtful |= 2 * unit
        _add_met(asked, rate, unit)
    asked.add(", c.id FROM cases c WHERE c.changed_at < ?", end_at)
    _add_scope(asked, campaign, unit_id)
    if watched:
        asked.add(f" AND c.state NOT IN ({marks(watched)})", *watched)
    wanted = f"CASE WHEN (code & {_GROUP}) IN (3, 4, 5) OR (code & {doubtful}) <> 0 THEN id END"
    joined = f"string_agg(CAST({wanted} AS TEXT), ',')" if asked.is_postgres else f"group_concat({wanted})"
    asked.add(f") SELECT unit_id, code, count(*), {joined} FROM seen GROUP BY unit_id, code ORDER BY unit_id, code")
    return [_sorted(row, campaign) for row in store.query(asked.text, asked.values)]


def met_terms(store: Store, case_ids: Sequence[int], names: Sequence[str], *, end_at: int) -> Iterator[MetDeadline]:
    """Yield original day and instant of ending of the deadlines of those names that were met."""
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        asked = f"{_MET.format(marks(part))} AND name IN ({marks(names)}) AND status = 2 AND ended_at < ?"
        yield from map(MetDeadline._make, store.query(asked, (*part, *names, end_at)))


def to_rebuild(
    store: Store, campaign: Campaign, *, end_at: int, unit_id: int | None, watched: Sequence[str]
) -> list[int]:
    """Return the cases that `sort_scope` leaves out but that were there on that day, by id."""
    asked = _Statement(store)
    asked.add("SELECT c.id FROM cases c WHERE c.workflow = ? AND c.opened_at < ?", campaign.workflow, end_at)
    if watched:
        asked.add(f" AND (c.changed_at >= ? OR c.state IN ({marks(watched)}))", end_at, *watched)
    else:
        asked.add(" AND c.changed_at >= ?", end_at)
    if unit_id is not None:
        asked.add(" AND c.unit_id = ?", unit_id)
    return [row[0] for row in store.query(asked.text + " ORDER BY c.id", asked.values)]


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


def counted_before(store: Store, case_ids: Sequence[int], *, end_at: int) -> set[int]:
    """Return those of the cases that count as open and that a row before *end_at* had counted as cleared."""
    found: set[int] = set()
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        asked = (
            "SELECT DISTINCT j.case_id FROM journal j JOIN cases c ON c.id = j.case_id"
            f" WHERE j.case_id IN ({marks(part)}) AND j.clearance IN (1, 2) AND j.at < ? AND c.clearance = 0"
        )
        found.update(row[0] for row in store.query(asked, (*part, end_at)))
    return found


def versions(store: Store, workflow: str) -> list[int]:
    """Return the versions of a workflow that cases have begun with."""
    asked = "SELECT version FROM workflow_versions WHERE name = ? ORDER BY version"
    return [row[0] for row in store.query(asked, (workflow,))]


def heads(store: Store) -> Iterator[ChainHead]:
    """Yield number, length and hash of every case's chain, by id."""
    yield from map(ChainHead._make, store.query(_HEADS))


def open_children(store: Store, campaign: Campaign) -> list[OpenChild]:
    """Return workflow and number of cases that cases of the scope opened and that are not cleared themselves."""
    asked = _Statement(store)
    asked.add(f"SELECT {listed(OpenChild._fields, 'k')} FROM cases k JOIN cases c ON c.id = k.parent_id")
    asked.add(" WHERE k.clearance = 0 AND c.clearance < 3")
    _add_scope(asked, campaign, None)
    return list(map(OpenChild._make, store.query(asked.text + " ORDER BY k.workflow, k.id", asked.values)))


def unfinished(store: Store, campaign: Campaign) -> Iterator[str]:
    """Yield cases in a state that they should have left, all their children being fully closed."""
    asked = _Statement(store)
    states = sorted(campaign.follow_up)
    asked.add(f"SELECT c.number FROM cases c WHERE c.state IN ({marks(states)}) AND c.clearance < 3", *states)
    _add_scope(asked, campaign, None)
    asked.add(" AND EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance = 2)")
    asked.add(" AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id AND k.clearance IN (0, 1))")
    yield from (row[0] for row in store.query(asked.text + " ORDER BY c.id", asked.values))


def bulk_closings(store: Store, campaign: Campaign, *, since_at: int) -> Iterator[str]:
    """Yield cases of the scope that a step in bulk has cleared since an instant."""
    asked = _Statement(store)
    asked.add(f"SELECT DISTINCT {listed(CaseNumber._fields, 'c')} FROM journal j JOIN cases c ON c.id = j.case_id")
    asked.add(" WHERE j.at >= ?", since_at)
    steps = f" AND j.kind = '{StepTaken.kind}' AND j.clearance IN (1, 2)"
    asked.add(f"{steps} AND {asked.find}(j.body, ?) > 0", '"bulk":true')
    _add_scope(asked, campaign, None)
    found = store.query(asked.text + " ORDER BY c.id", asked.values)
    yield from (each.number for each in map(CaseNumber._make, found))


def clock_rows(store: Store, campaign: Campaign) -> Iterator[CaseEntry]:
    """Yield number, instant and body of rows of the scope that were written with a clock set by hand."""
    asked = _Statement(store)
    columns = listed(CaseEntry._fields, "j", number="c.number")
    asked.add(f"SELECT {columns} FROM journal j JOIN cases c ON c.id = j.case_id")
    asked.add(f" WHERE {asked.find}(j.body, ?) > 0", '"real_at":')
    _add_scope(asked, campaign, None)
    yield from map(CaseEntry._make, store.query(asked.text + " ORDER BY j.case_id, j.seq", asked.values))


def changed_or_linked(
    store: Store, campaign: Campaign, names: Sequence[str], *, end_at: int
) -> tuple[list[int], list[int]]:
    """Return the cases of the workflow that rows before *end_at* changed in one of those fields, and those linked.

    Args:
        names: The field of receipt, and after it what else decides the scope.

    Returns:
        Ids; of the latter also where the link was undone.
    """
    asked = _Statement(store)
    kinds = [CaseAmended.kind, StepTaken.kind] if len(names) > 1 else [CaseAmended.kind]  # no step changes the receipt
    asked.add(
        # The few rows are looked for first: SQLite would go through the cases and ask the journal of each.
        "SELECT DISTINCT j.case_id, CASE WHEN j.kind = ? THEN 1 ELSE 0 END FROM journal j"
        f" CROSS JOIN cases c WHERE c.id = j.case_id AND (j.kind = ? OR j.kind IN ({marks(kinds)})",
        CaseLinked.kind,
        CaseLinked.kind,
        *kinds,
    )
    keys = [f'"{name}":' for name in names]
    asked.add(" AND (" + " OR ".join(f"{asked.find}(j.body, ?) > 0" for _ in keys) + "))", *keys)
    asked.add(" AND c.workflow = ? AND j.at < ? ORDER BY 1", campaign.workflow, end_at)
    rows = store.query(asked.text, asked.values)
    return [key for key, is_link in rows if not is_link], [key for key, is_link in rows if is_link]


def uncounted(store: Store, campaign: Campaign) -> list[int]:
    """Return the ids of cases of the workflow that are void or repeat another."""
    asked = "SELECT id FROM cases WHERE workflow = ? AND clearance IN (3, 4) ORDER BY id"
    return [row[0] for row in store.query(asked, (campaign.workflow,))]


def counters(store: Store) -> list[CounterRecord]:
    """Return every series with the last number that was given in it."""
    return list(map(CounterRecord._make, store.query(_COUNTERS)))


def numbers_from(store: Store, before: str) -> Iterator[str]:
    """Yield the numbers of cases that begin with *before*."""
    if store.dialect == "sqlite":
        asked = "SELECT number FROM cases WHERE number >= ? AND number < ?"
        found = store.query(asked, (before, before + "\U0010ffff"))
    else:
        marked = before.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        found = store.query("SELECT number FROM cases WHERE number LIKE ?", (f"{marked}%",))
    yield from (row[0] for row in found)


def numbers_in_scope(store: Store, campaign: Campaign) -> list[RegisteredCase]:
    """Return what ledgers are compared with: of each case that the scope holds now, by id."""
    asked = _Statement(store)
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


class _Statement:
    """A statement put together with its values, each where its mark stands."""

    def __init__(self, store: Store) -> None:
        self.is_postgres = store.dialect == "postgresql"
        self.find = "strpos" if self.is_postgres else "instr"
        self.text = ""
        self.values: list[object] = []

    def add(self, text: str, *values: object) -> None:
        """Append *text* with the values of its marks."""
        self.text += text
        self.values.extend(values)


def _add_scope(asked: _Statement, campaign: Campaign, unit_id: int | None) -> None:
    """Append which cases belong to the scope, after a first condition."""
    asked.add(" AND c.workflow = ? AND c.dated_on <= ?", campaign.workflow, campaign.received_to.isoformat())
    if campaign.received_from is not None:
        asked.add(" AND c.dated_on >= ?", campaign.received_from.isoformat())
    if campaign.units:
        units = sorted(campaign.units)
        asked.add(f" AND c.unit_id IN (SELECT id FROM units WHERE code IN ({marks(units)}))", *units)
    if unit_id is not None:
        asked.add(" AND c.unit_id = ?", unit_id)
    _add_values(asked, campaign.where, " AND ")
    span = campaign.falling_due
    if span is not None:
        key = f'"{span.field}":"'
        day = f"substr(c.fields, {asked.find}(c.fields, ?) + {len(key)}, 10)"
        asked.add(f" AND {asked.find}(c.fields, ?) > 0", key)
        asked.add(f" AND {day} >= ?", key, span.from_on.isoformat())
        asked.add(f" AND {day} <= ?", key, span.to_on.isoformat())


def _add_group(asked: _Statement, campaign: Campaign, day: str) -> None:
    """Append the group that a case falls into, as in `engine.campaigns.group_of`."""
    asked.add(f"(CASE WHEN c.clearance = 3 THEN {VOID} WHEN c.clearance = 4 THEN {REPEATS}")
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


def _add_met(asked: _Statement, rate: Rate, unit: int) -> None:
    """Append 0, 1 or 2 units: no such deadline met, all on time, or perhaps late.

    Only cases that the bottom counts are looked at. Perhaps late is what ended no earlier than the day
    was over at the first place on earth; whoever asks looks at the zone.
    """
    day = "CAST(d.original_due_on AS date)" if asked.is_postgres else "d.original_due_on"
    over = f"extract(epoch from {day})" if asked.is_postgres else f"CAST(strftime('%s', {day}) AS INTEGER)"
    groups = [int(each) for each in COUNTED_AS if rate.bottom.counts_group(each)]
    counts = sorted({int(COUNTED_AS[ZeroGroup(each)]) for each in groups})
    asked.add(f" + {unit} * (CASE WHEN c.clearance IN ({marks(counts)}) THEN coalesce((SELECT max(", *counts)
    asked.add(f"CASE WHEN d.ended_at >= ({over} + {_FIRST_END}) * 1000000 THEN 2 ELSE 1 END) FROM deadlines d")
    asked.add(f" WHERE d.case_id = c.id AND d.status = 2 AND d.name IN ({marks(rate.on_time)})), 0)", *rate.on_time)
    asked.add(" ELSE 0 END)")


def _add_condition(asked: _Statement, condition: Condition) -> None:
    """Append whether state and values suit, as in `Condition.suits`."""
    asked.add("(1 = 1")
    if condition.apart:
        asked.add(f" AND c.state NOT IN ({marks(condition.apart)})", *sorted(condition.apart))
    for name in condition.has:
        asked.add(f" AND {asked.find}(c.fields, ?) > 0", f'"{name}":')
    _add_values(asked, condition.values, " AND ")
    asked.add(")")


def _add_values(asked: _Statement, wanted: Mapping[str, tuple[str | bool, ...]], before: str) -> None:
    """Append that fields have one of their values."""
    for name, values in wanted.items():
        written = [f'"{name}":{canonical(each)}' for each in values]
        asked.add(before + "(" + " OR ".join(f"{asked.find}(c.fields, ?) > 0" for _ in written) + ")", *written)


def _sorted(row: Row, campaign: Campaign) -> Sorted:
    """Return what a row of the scan says."""
    unit_id, code, count, ids = row
    conditions = len(campaign.conditions)
    rest = code // CONDITIONS
    rates = sum(bool(each.on_time) for each in campaign.rates)
    return Sorted(
        unit_id=unit_id,
        group=code & _GROUP,
        is_late=bool(code & LATE),
        suits=rest & ((1 << conditions) - 1),
        met=tuple(rest >> (conditions + 2 * place) & 3 for place in range(rates)),
        count=count,
        ids=tuple(map(int, ids.split(","))) if ids else (),
    )
