"""The cases that have not changed since before a period: counted by the database, and looked at only where listed.

Nothing happened in them, so they add what is open, which of their deadlines run, and what happened before so far as a
chart compares with it. Which of them stand in a list is known of their deadlines; those alone are read.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from heapq import nsmallest
from typing import NamedTuple

from engine.deadlines.clock import Status
from engine.journal.canonical import parsed
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.longest import Longest
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import CLEARED, PeriodSums, age_class, choice_value
from engine.operations.figures.standing_pasts import pasts_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import unchanged_rows as rows
from engine.store import zero_rows
from engine.store.unchanged_rows import Unchanged, UnendedTerm

_RUNNING = int(Status.RUNNING)
_COUNTED = 6
"""So many of the first parts of a term are counted together: all but of which case it is, and whether extended."""


class _Live(NamedTuple):
    """What the live deadlines of unchanged cases come to."""

    missed: Longest[int]
    """The cases of those that are past their original day, by that day and the number."""
    overdue: dict[int, tuple[str, str, int]]
    """By the id of an open case: day in force of the deadline of ours that is overdue first, number, and unit."""
    extended: dict[int, tuple[str, int]]
    """Number and unit of the open cases with an extended deadline, by id."""


def unchanged_of(
    ledger: Ledger, workflow: str, period: Period, *, eve_at: int, unit_id: int | None, fields: Sequence[str],
    watched: AbstractSet[str],
) -> Unchanged:  # fmt: skip
    """Return which cases are not looked at by themselves; inside `reading`.

    Args:
        eve_at: The end of the day before the period, in microseconds since 1970 UTC.
        fields: Those whose values are counted.
        watched: States whose count may change by the passing of days.
    """
    versions = [(each, ledger.rules(workflow, each)) for each in zero_rows.versions(ledger.store, workflow)]
    return Unchanged(
        workflow=workflow,
        eve_at=eve_at,
        first=period.first.isoformat(),
        unit_id=unit_id,
        watched=sorted(watched),
        unvalued=[
            version
            for version, rules in versions
            if any(name in rules.workflow.fields and name not in rules.shapes.valued for name in fields)
        ],
        in_hours=rows.in_hours(ledger.store),
    )


def add_unchanged(
    ledger: Ledger, sums: PeriodSums, period: Period, unchanged: Unchanged, fields: Sequence[str], *, end_at: int
) -> Iterator[Past]:
    """Add what unchanged cases come to; yield those that lists of the report may name; inside `reading`.

    Args:
        end_at: The end of the period, in microseconds since 1970 UTC.
    """
    if not sums.spans[0].inside:
        _add_context(ledger, sums, unchanged)
    live = _live(ledger, sums, unchanged, period)
    _add_open(ledger, sums, unchanged, period, fields)
    overdue, extended = [unit for *_, unit in live.overdue.values()], [unit for _, unit in live.extended.values()]
    for group, units in ((PeriodGroup.OVERDUE, overdue), (PeriodGroup.EXTENDED, extended)):
        for unit_id, count in Counter(units).items():
            sums.tallies[unit_id].standings[group] += count
            sums.tallies[unit_id].standings[PeriodGroup.IN_TIME] -= count
    sums.overdue_cases.count += len(live.overdue)
    sums.extended_cases.count += len(live.extended)
    named = sorted(_named(ledger, live, sums.missed.limit))
    yield from pasts_of(
        ledger, named, eve_at=unchanged.eve_at, end_at=end_at, day=period.until, bound=frozenset(unchanged.watched)
    )


def _live(ledger: Ledger, sums: PeriodSums, unchanged: Unchanged, period: Period) -> _Live:
    """Add the deadlines that run or rest; return what stands in lists."""
    until, counts = period.until.isoformat(), Counter[tuple[object, ...]]()
    found = _Live(Longest(sums.missed.limit), {}, {})
    theirs_of = _TheirsByVersion(ledger, unchanged.workflow)
    for each in rows.live_terms(ledger.store, unchanged):
        counts[each[:_COUNTED]] += 1
        is_ours = each.name not in theirs_of[each.version]
        if each.clearance == Count.OPEN:
            if is_ours and each.status == _RUNNING and each.due_on < until:
                mine = each.due_on, each.number, each.unit_id
                found.overdue[each.case_id] = min(mine, found.overdue.get(each.case_id, mine))
            if each.is_extended:
                found.extended[each.case_id] = each.number, each.unit_id
        if is_ours and each.original_due_on < until:
            found.missed.keep((each.original_due_on, each.number), each.case_id)
    for key, count in counts.items():
        _add_term(sums, UnendedTerm._make((*key, 0, "", 0, 0)), count, theirs_of, period)
    for case_id in found.overdue.keys() & found.extended.keys():
        del found.extended[case_id]  # what is overdue counts as that alone
    return found


class _TheirsByVersion(dict[int, AbstractSet[str]]):
    """The deadlines that are the other side's, by version."""

    def __init__(self, ledger: Ledger, workflow: str) -> None:
        super().__init__()
        self._ledger, self._workflow = ledger, workflow

    def __missing__(self, version: int) -> AbstractSet[str]:
        found = self[version] = self._ledger.rules(self._workflow, version).shapes.theirs
        return found


def _add_term(sums: PeriodSums, each: UnendedTerm, count: int, theirs_of: _TheirsByVersion, period: Period) -> None:
    """Add deadlines that are alike."""
    term = each.name, each.name in theirs_of[each.version]
    until, is_ours = period.until.isoformat(), not term[1]
    if each.status == _RUNNING:
        sums.running[term] += count
        sums.overdue[term] += count * (each.due_on < until)
        if is_ours and each.due_on > until:
            sums.due[date.fromisoformat(each.due_on)] += count
    if each.original_due_on < until:
        sums.unmet[term] += count
        if is_ours:
            sums.tallies[each.unit_id].unmet += count
            sums.missed.count += count


def _add_open(ledger: Ledger, sums: PeriodSums, unchanged: Unchanged, period: Period, fields: Sequence[str]) -> None:
    """Add the open cases as they stood all through the period, each as one that is in time."""
    found = list(rows.open_alike(ledger.store, unchanged))
    examples = {each.shape: each.first_id for each in found}
    ids = sorted(examples.values())
    texts = dict[int, str]()
    for start in range(0, len(ids), CHUNK):
        texts |= rows.values_of(ledger.store, ids[start : start + CHUNK])
    values = {shape: parsed(texts[case_id]) for shape, case_id in examples.items()}
    for each in found:
        tally = sums.tallies[each.unit_id]
        tally.flow.carried += each.cases
        tally.standings[PeriodGroup.IN_TIME] += each.cases
        sums.ages[age_class((period.until - date.fromisoformat(each.dated_on)).days)] += each.cases
        for name in fields:
            sums.choices[name, choice_value(values[each.shape], name), "open"] += each.cases


def _add_context(ledger: Ledger, sums: PeriodSums, unchanged: Unchanged) -> None:
    """Add what happened before the period, so far as it is shown to compare with."""
    since = sums.spans[0].first
    since_at = end_of(since - timedelta(days=1), ledger.zone)
    for each in rows.recounts(ledger.store, unchanged, since_at=since_at):
        day = sums.day_of(each.at)
        if each.seq == 1:
            opened = sums.day_of(each.opened_at)
            sums.entered[opened] += opened >= since
        if each.before == Count.OPEN:
            sums.cleared[day] += each.clearance in CLEARED
        else:
            sums.returned[day] += each.clearance == Count.OPEN


def _named(ledger: Ledger, live: _Live, limit: int | None) -> set[int]:
    """Return the ids of the cases that lists may name."""
    if limit is None:
        return {*live.missed.rows(), *live.overdue, *live.extended}
    late = nsmallest(limit, ((day, number, case_id) for case_id, (day, number, _) in live.overdue.items()))
    extended = sorted(live.extended)
    if len(extended) > limit > 0:
        dues: list[tuple[str, str, int]] = []
        for start in range(0, len(extended), CHUNK):
            found = rows.first_extended(ledger.store, extended[start : start + CHUNK])
            dues += [(day, live.extended[case_id][0], case_id) for day, case_id in found]
        extended = [case_id for *_, case_id in nsmallest(limit, dues)]
    return {*live.missed.rows(), *(case_id for *_, case_id in late), *extended[:limit]}
