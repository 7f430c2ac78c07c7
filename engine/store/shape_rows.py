"""Groups of cases that are alike by their shapes, and what is asked of a case by itself; statements only."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from engine.campaigns.campaign import Campaign
from engine.rules.case import Case
from engine.rules.shapes import CAME_BACK, LIVE, UNKNOWN, ShapedTerm
from engine.store.case_rows import CASES, case_of
from engine.store.connection import Row, Store
from engine.store.statements import Asked, listed, marks, records
from engine.store.zero_rows import add_narrowing

Besides = tuple[str, tuple[object, ...]]
"""A statement that gives ids of cases, and the values of its marks."""

_AT_ONCE: Final = 500
_GROUPS: Final = 50
_NOT_EXTENDED: Final = '"extensions":[]'


class CasesAlike(NamedTuple):
    """Cases of one unit that are alike in state, count and shape."""

    unit_id: int
    state: str
    clearance: int
    shape: int
    cases: int
    """How many there are."""
    late: int
    """How many of them were registered after the cut-off."""
    received: int
    """How many of them were received in the days of the campaign."""
    received_late: int
    """How many of these were registered after the cut-off."""


_ALIKE: Final = CasesAlike._fields[:4]


class ShapedCase(NamedTuple):
    """A case by itself, with what `CasesAlike` goes by."""

    id: int
    unit_id: int
    state: str
    clearance: int
    shape: int
    dated_on: str
    opened_at: int


class ShapeMeant(NamedTuple):
    """The values of one case of a shape."""

    id: int
    version: int
    fields: str
    """As canonical JSON."""


class ShapedChild(NamedTuple):
    """How the terms of a case stand that another opened."""

    parent_id: int
    id: int
    shape: int
    changed_at: int


class TermOfCase(NamedTuple):
    """A deadline of a case that is looked at by itself."""

    case_id: int
    workflow: str
    version: int
    term: ShapedTerm
    """Without its extensions: a term that is over has no use for them."""


_TERM: Final = tuple(name for name in ShapedTerm._fields if name != "extensions")
_TERMS: Final = (
    f"SELECT {listed(('case_id', 'workflow', 'version', *_TERM), 'd', workflow='c.workflow', version='c.version')}"
    " FROM deadlines d JOIN cases c ON c.id = d.case_id"
)


class LiveTerm(NamedTuple):
    """A deadline that runs or rests."""

    case_id: int
    name: str
    status: int
    due_on: str
    extended: int
    """1 if it was extended."""


class LateOfGroup(NamedTuple):
    """How many cases of a group have a term that runs or rests past its original day."""

    unit_id: int
    state: str
    clearance: int
    shape: int
    cases: int
    received: int
    """How many of them were received in the days of the campaign."""


class SeenMeanwhile(NamedTuple):
    """What decides which statements are needed."""

    has_questions: bool
    """There is a question that nobody has closed."""
    is_past: bool
    """Something was journaled since the end of the day as of which it is asked, or that day is over."""
    is_after_due: bool
    """Something was journaled since the end of the campaign's day."""


def seen_meanwhile(store: Store, *, end_at: int, due_at: int) -> SeenMeanwhile:
    """Return what there is to look at besides groups.

    Args:
        end_at: The end of the day as of which it is asked, in microseconds since 1970 UTC.
        due_at: The same of the campaign's day.
    """
    later = "EXISTS (SELECT 1 FROM journal WHERE at >= ?)"
    asked = f"SELECT EXISTS (SELECT 1 FROM questions WHERE closed_seq IS NULL), {later}, {later}"
    return SeenMeanwhile(*map(bool, store.query(asked, (end_at, due_at))[0]))


def alike(
    store: Store,
    campaign: Campaign,
    *,
    cut_off_at: int,
    unit_id: int | None,
    besides: Sequence[Besides],
    watched: Sequence[str],
) -> list[CasesAlike]:
    """Return the cases of a workflow by unit, state, count and shape, asked of an index alone.

    Args:
        cut_off_at: The end of the day of the cut-off, in microseconds since 1970 UTC.
        besides: Which cases are left out, since they are looked at by themselves.
        watched: States whose cases are left out.
    """
    by = listed(_ALIKE, "c")
    received, values = _received(campaign)
    narrowed = Asked(store)
    _add_kept(narrowed, unit_id, watched)
    for condition, bound in besides:
        narrowed.add(f" AND c.id NOT IN ({condition})", *bound)
    asked = Asked(store)
    if asked.is_postgres:
        asked.add(f"SELECT {by}, count(*), count(*) FILTER (WHERE c.opened_at >= ?)", cut_off_at)
        asked.add(f", count(*) FILTER (WHERE {received})", *values)
        asked.add(f", count(*) FILTER (WHERE {received} AND c.opened_at >= ?)", *values, cut_off_at)
        asked.add(" FROM cases c WHERE c.workflow = ?", campaign.workflow)
        asked.add(f"{narrowed.text} GROUP BY {by}", *narrowed.values)
        return list(map(CasesAlike._make, store.query(asked.text, asked.values)))
    # SQLite steps from kind to kind by the index, and counts ranges of it in half the time that one grouping takes.
    asked.add(f"SELECT DISTINCT {by} FROM cases c WHERE c.workflow = ?", campaign.workflow)
    _add_kept(asked, unit_id, watched)
    found: dict[Row, list[int]] = {}
    groups = store.query(asked.text, asked.values)
    first, last = campaign.received_from, campaign.received_to.isoformat()
    ranges = [("c.dated_on > ?", (last,), 0), (received, values, 1)]
    ranges += [] if first is None else [("c.dated_on < ?", (first.isoformat(),), 0)]
    for start in range(0, len(groups), _GROUPS):
        asked = Asked(store)
        for place, group in enumerate(groups[start : start + _GROUPS], start):
            for days, bound, is_received in ranges:
                asked.add(" UNION ALL " if asked.text else "")
                asked.add(
                    f"SELECT {place}, {is_received}, count(*), count(*) FILTER (WHERE c.opened_at >= ?)", cut_off_at
                )
                asked.add(" FROM cases c WHERE c.workflow = ?", campaign.workflow)
                asked.add("".join(f" AND c.{name} = ?" for name in _ALIKE), *group)
                asked.add(f" AND {days}{narrowed.text}", *bound, *narrowed.values)
        for place, is_received, cases, late in store.query(asked.text, asked.values):
            sums = found.setdefault(groups[place], [0, 0, 0, 0])
            for to, count in ((0, cases), (1, late), (2, cases * is_received), (3, late * is_received)):
                sums[to] += count
    return [CasesAlike(*group, *sums) for group, sums in found.items() if sums[0]]


def examples(store: Store, campaign: Campaign, groups: Sequence[CasesAlike]) -> dict[int, int]:
    """Return a case of each of some groups, by shape."""
    found: dict[int, int] = {}
    alike = " AND ".join(f"{name} = ?" for name in _ALIKE)
    each = f"SELECT * FROM (SELECT {listed(ShapedCase._fields)} FROM cases WHERE workflow = ? AND {alike} LIMIT 1) e"
    for start in range(0, len(groups), _GROUPS):
        part = groups[start : start + _GROUPS]
        values = [value for group in part for value in (campaign.workflow, *group[:4])]
        rows = map(ShapedCase._make, store.query(" UNION ALL ".join([each] * len(part)), values))
        found.update((one.shape, one.id) for one in rows)
    return found


def by_themselves(
    store: Store,
    campaign: Campaign,
    *,
    unit_id: int | None,
    among: Sequence[Besides],
    but: Sequence[Besides] = (),
    watched: Sequence[str],
) -> list[ShapedCase]:
    """Return the cases of a workflow that stand in one of some lists and in none of others, by id."""
    asked = Asked(store)
    asked.add(f"SELECT {listed(ShapedCase._fields, 'c')} FROM cases c WHERE c.workflow = ?", campaign.workflow)
    _add_kept(asked, unit_id, watched)
    asked.add(f" AND c.id IN ({' UNION '.join(condition for condition, _ in among)})")
    for _, bound in among:
        asked.add("", *bound)
    for condition, bound in but:
        asked.add(f" AND c.id NOT IN ({condition})", *bound)
    return list(map(ShapedCase._make, store.query(asked.text + " ORDER BY c.id", asked.values)))


def in_groups(
    store: Store, campaign: Campaign, groups: Sequence[CasesAlike], *, besides: Sequence[Besides]
) -> Iterator[ShapedCase]:
    """Yield the cases of groups that the scope of the campaign holds, group by group.

    Each group is a statement of its own within one: so the index of cases alike answers, and not a row is looked up.
    """
    for start in range(0, len(groups), _GROUPS):
        asked = Asked(store)
        for group in groups[start : start + _GROUPS]:
            asked.add(" UNION ALL " if asked.text else "")
            _add_group(asked, campaign, group, ShapedCase._fields, besides)
        yield from records(ShapedCase, store.query(asked.text, asked.values))


def excused_in(
    store: Store, campaign: Campaign, groups: Sequence[CasesAlike], *, day: str, besides: Sequence[Besides]
) -> set[int]:
    """Return those cases of groups whose extension excuses them on a local day, as `is_valid` says."""
    found: set[int] = set()
    for start in range(0, len(groups) if campaign.extend_to else 0, _GROUPS):
        asked = Asked(store)
        for group in groups[start : start + _GROUPS]:
            asked.add(" UNION ALL " if asked.text else "")
            _add_group(asked, campaign, group, ("id",), besides)
            asked.add(" AND EXISTS (SELECT 1 FROM deadlines d")
            _add_excusing(asked, campaign, day)
            asked.add(" AND d.case_id = c.id)")
        found.update(store.column(asked.text, asked.values))
    return found


def late_in_groups(
    store: Store,
    campaign: Campaign,
    *,
    unit_id: int | None,
    day: str,
    theirs: Sequence[str],
    besides: Sequence[Besides],
) -> list[LateOfGroup]:
    """Return how many cases of each group with live terms have one of ours past its original day.

    What lives is read once for all of them: of very many cases that is cheaper than to look for the deadlines of each,
    most of which are over.

    Args:
        day: The local day before which the original day lies.
        theirs: The deadlines that are the other side's.
    """
    asked = Asked(store)
    received, values = _received(campaign)
    by = listed(_ALIKE, "g")
    asked.add(f"SELECT {by}, count(*), count(*) FILTER (WHERE {received})", *values)
    asked.add(f" FROM (WITH g AS MATERIALIZED (SELECT DISTINCT {listed(_ALIKE)} FROM cases WHERE workflow = ?)",
              campaign.workflow)  # fmt: skip
    asked.add(f" SELECT * FROM g WHERE (shape & {LIVE}) <> 0) g CROSS JOIN cases c WHERE c.workflow = ?",
              campaign.workflow)  # fmt: skip
    asked.add(f" AND {' AND '.join(f'c.{name} = g.{name}' for name in _ALIKE)}")
    _add_kept(asked, unit_id, ())
    for condition, bound in besides:
        asked.add(f" AND c.id NOT IN ({condition})", *bound)
    # The sum keeps SQLite from looking up the row of each such deadline's case, group by group.
    asked.add(" AND c.id + 0 IN (")
    for status in (0, 1):  # each by its own index
        asked.add(" UNION ALL " if status else "")
        asked.add(f"SELECT d.case_id FROM deadlines d WHERE d.status = {status} AND d.original_due_on < ?", day)
        asked.add(f" AND d.name NOT IN ({marks(theirs)})" if theirs else "", *theirs)
    return list(map(LateOfGroup._make, store.query(f"{asked.text}) GROUP BY {by}", asked.values)))


def live_terms_of_all(store: Store) -> int:
    """Return how many deadlines run or rest; costs what is counted."""
    counted = "(SELECT count(*) FROM deadlines WHERE status = {})"  # each status by its own index
    return int(store.value(f"SELECT {counted.format(0)} + {counted.format(1)}"))


def meanings(store: Store, case_ids: Sequence[int]) -> dict[int, ShapeMeant]:
    """Return version and values of some cases, by id."""
    asked = f"SELECT {listed(ShapeMeant._fields)} FROM cases WHERE id"
    return {each.id: each for each in map(ShapeMeant._make, _of_cases(store, asked, case_ids))}


def children(store: Store, case_ids: Sequence[int], *, end_at: int) -> list[ShapedChild]:
    """Return what cases had opened before *end_at* and is not void."""
    asked = f"SELECT {listed(ShapedChild._fields, 'k')} FROM cases k WHERE k.opened_at < ? AND k.clearance <> 3"
    return list(map(ShapedChild._make, _of_cases(store, f"{asked} AND k.parent_id", case_ids, end_at)))


def terms_of(store: Store, case_ids: Sequence[int]) -> list[TermOfCase]:
    """Return the deadlines of cases that are looked at by themselves, each with the version of its case."""
    return list(map(_term, _of_cases(store, f"{_TERMS} WHERE d.case_id", case_ids)))


def plain(store: Store, case_ids: Sequence[int], *, end_at: int) -> list[Case]:
    """Return those of some cases of which their own rows tell all, as they stood at *end_at*.

    They have not changed since, never came back, have neither parent nor children, and no question about them is open.
    """
    asked = (
        f"{CASES} WHERE c.shape <> {UNKNOWN} AND (c.shape & {CAME_BACK}) = 0 AND c.changed_at < ?"
        " AND c.parent_id IS NULL AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.parent_id = c.id) AND NOT EXISTS"
        " (SELECT 1 FROM questions q WHERE q.case_id = c.id AND q.closed_seq IS NULL) AND c.id"
    )
    return list(map(case_of, _of_cases(store, asked, case_ids, end_at)))


def live_terms(store: Store, case_ids: Sequence[int]) -> Iterator[LiveTerm]:
    """Yield the deadlines of some cases that run or rest."""
    asked = Asked(store)
    extended = f"CASE WHEN {asked.find}(d.ledger, ?) = 0 THEN 1 ELSE 0 END"
    columns = listed(LiveTerm._fields, "d", extended=extended)
    asked.add(f"SELECT {columns} FROM deadlines d WHERE d.status IN (0, 1)", _NOT_EXTENDED)
    return records(LiveTerm, _of_cases(store, f"{asked.text} AND d.case_id", case_ids, *asked.values))


def late_terms(store: Store, case_ids: Sequence[int], *, day: str) -> list[TermOfCase]:
    """Return the deadlines of some cases that run or rest, and whose original day lies before a local day."""
    asked = f"{_TERMS} WHERE d.status IN (0, 1) AND d.original_due_on < ? AND d.case_id"
    return list(map(_term, _of_cases(store, asked, case_ids, day)))


def extended_on(store: Store, campaign: Campaign, case_ids: Sequence[int], *, day: str) -> set[int]:
    """Return those of some cases whose extension excuses them on a local day, as `is_valid` says."""
    if campaign.extend_to is None:
        return set()
    asked = Asked(store)
    asked.add("SELECT d.case_id FROM deadlines d")
    _add_excusing(asked, campaign, day)
    return {case_id for (case_id,) in _of_cases(store, f"{asked.text} AND d.case_id", case_ids, *asked.values)}


def _add_excusing(asked: Asked, campaign: Campaign, day: str) -> None:
    """Append of which deadlines the extension excuses a case on a local day; the campaign has such."""
    assert campaign.extend_to is not None
    names = sorted(campaign.extend_deadlines)
    asked.add(" WHERE d.status IN (0, 1)")
    asked.add(" AND d.due_on >= ? AND d.due_on <= ?", day, campaign.extend_to.isoformat())
    asked.add(f" AND {asked.find}(d.ledger, ?) = 0", _NOT_EXTENDED)
    asked.add(f" AND d.name IN ({marks(names)})" if names else "", *names)


def _add_group(
    asked: Asked, campaign: Campaign, group: CasesAlike, columns: Sequence[str], besides: Sequence[Besides]
) -> None:
    """Append what asks for the cases of a group that the scope holds."""
    asked.add(f"SELECT {listed(columns, 'c')} FROM cases c WHERE c.workflow = ?", campaign.workflow)
    asked.add("".join(f" AND c.{name} = ?" for name in _ALIKE), *group[:4])
    add_narrowing(asked, campaign, None)  # the workflow said twice, SQLite takes the index of open cases
    for condition, bound in besides:
        asked.add(f" AND c.id NOT IN ({condition})", *bound)


def _term(row: Row) -> TermOfCase:
    """Return a row of `_TERMS`."""
    case_id, workflow, version, *term = row
    return TermOfCase(case_id, workflow, version, ShapedTerm(*term))


def _of_cases(store: Store, asked: str, case_ids: Sequence[int], *values: object) -> Iterator[Row]:
    """Yield what a statement, which ends with the id to look for, finds of some cases: of so many at once as it may.

    Args:
        values: Those of its marks.
    """
    for start in range(0, len(case_ids), _AT_ONCE):
        part = case_ids[start : start + _AT_ONCE]
        yield from store.query(f"{asked} IN ({marks(part)})", (*values, *part))


def _add_kept(asked: Asked, unit_id: int | None, watched: Sequence[str]) -> None:
    """Append the narrowing to a unit, and without some states."""
    if unit_id is not None:
        asked.add(" AND c.unit_id = ?", unit_id)
    if watched:
        asked.add(f" AND c.state NOT IN ({marks(watched)})", *watched)


def _received(campaign: Campaign) -> tuple[str, tuple[str, ...]]:
    """Return the condition that a case was received in the days of a campaign, and the values of its marks."""
    if campaign.received_from is None:
        return "c.dated_on <= ?", (campaign.received_to.isoformat(),)
    return "c.dated_on BETWEEN ? AND ?", (campaign.received_from.isoformat(), campaign.received_to.isoformat())
