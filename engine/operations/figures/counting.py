"""How the cases of a period are counted: what each adds to the figures, looked at by itself or with those like it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from engine.deadlines.clock import Status
from engine.journal.canonical import parsed
from engine.operations.figures.counted_part import CountedPart, FiguresAsked, Takers
from engine.operations.figures.figure_values import Flow, UnitFigures
from engine.operations.figures.kept_sums import KeptSums, UnreadableSumError
from engine.operations.figures.lapses import with_lapses
from engine.operations.figures.part_plain import add_plain, text_of
from engine.operations.figures.period import Period
from engine.operations.figures.period_lists import (
    LISTED,
    NamedLists,
    judged,
    list_of,
    note_missed,
    note_standing,
    standing_of,
)
from engine.operations.figures.period_sums import CLEARED, PeriodSums, Term, age_class, choice_value
from engine.operations.figures.settled import add_settled, settled_of
from engine.operations.figures.standing_pasts import counted_entries, pasts_of
from engine.operations.figures.steps_counted import StepsCounted
from engine.operations.figures.unchanged import add_unchanged, unchanged_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, rebuilt, watched
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import figure_rows as rows
from engine.store.past_columns import CountedEntry


class Counting:
    """Counts cases of a period into parts; used inside `reading`."""

    def __init__(self, ledger: Ledger, asked: FiguresAsked, whole: CountedPart) -> None:
        """Begin.

        Args:
            whole: What all cases come to; nothing is added to it yet.
        """
        self._ledger, self._asked, sums = ledger, asked, whole.sums
        self._eve_at, self._end_at = sums.eve_at, end_of(asked.period.until, ledger.zone)
        self._since_at = min(sums.eve_at, end_of(sums.spans[0].first - timedelta(days=1), ledger.zone))
        self._bound = frozenset(watched(ledger, asked.workflow))
        self._unchanged = unchanged_of(
            ledger, asked.workflow, asked.period, eve_at=sums.eve_at, unit_id=asked.unit_id, fields=asked.fields,
            watched=self._bound,
        )  # fmt: skip
        self._settled = settled_of(ledger, asked.workflow, whole.tally, eve_at=sums.eve_at)
        self._steps = StepsCounted(ledger, asked.workflow, from_at=sums.eve_at, end_at=self._end_at)

    def looked_at(self) -> Sequence[int]:
        """Return the cases that are looked at by themselves, ascending."""
        asked = self._asked
        return rows.opened_before(
            self._ledger.store, asked.workflow, end_at=self._end_at, unit_id=asked.unit_id, unchanged=self._unchanged
        )

    def add_unchanged(self, takers: Takers) -> None:
        """Add all cases that are not looked at by themselves."""
        add_unchanged(self._ledger, self._unchanged, self._asked, takers)

    def add(self, part: CountedPart, case_ids: Sequence[int]) -> None:
        """Add cases that are looked at by themselves, ascending."""
        for start in range(0, len(case_ids), CHUNK):
            self._add(part, case_ids[start : start + CHUNK])

    def pasts(self, case_ids: Sequence[int]) -> Iterator[Past]:
        """Yield cases as they stood at the end of the period."""
        day = self._asked.period.until
        return pasts_of(self._ledger, case_ids, eve_at=self._eve_at, end_at=self._end_at, day=day, bound=self._bound)

    def _add(self, part: CountedPart, case_ids: Sequence[int]) -> None:
        """Add so many cases as are looked at together."""
        ledger, asked, sums, tally, end_at = self._ledger, self._asked, part.sums, part.tally, self._end_at
        page = rows.page(ledger.store, case_ids, end_at=end_at, unchanged=self._unchanged, settled=self._settled)
        apart = [each for each in page.settled if asked.unit_id in {None, each.unit_id}]
        ids = sorted(page.others + add_settled(ledger, part, asked, apart, bound=self._bound))
        pasts = list(self.pasts(ids))
        counted = counted_entries(ledger, pasts, since_at=self._since_at, end_at=end_at, bound=self._bound)
        own = [each for each in pasts if asked.unit_id in {None, each.case.unit_id}]
        part.taken += self._steps.taken_in(sorted({each.id for each in apart} | {each.case.id for each in own}))
        begun = _standing_before(ledger, counted, self._bound, asked.period, self._eve_at)
        counted = with_lapses(ledger, counted, pasts, since_at=self._since_at, end_at=end_at, bound=self._bound)
        if sums.at < end_at and any(map(_is_fleeting, own)):
            part.is_fleeting = True
        for past in own:
            _add(sums, asked, past, counted[past.case.id], begun, end_at)
            if tally is not None:
                tally.add(past, counted[past.case.id], eve_at=self._eve_at)
        if tally is not None:
            tally.look_at_families(end_at=end_at)


def sum_up(
    ledger: Ledger, asked: FiguresAsked, begin: Callable[[], CountedPart], kept: KeptSums | None = None
) -> tuple[CountedPart, NamedLists]:
    """Return what all cases of the period come to, and the lists of those that are named; inside `reading`.

    Args:
        begin: Gives a part in which no case is yet.
        kept: Gives sums that still hold, and takes those that were counted; None if nothing is kept of such figures.
    """
    whole, stale = begin(), None
    if kept is not None:
        try:
            stale = kept.add_what_holds(whole)
        except UnreadableSumError:
            return sum_up(ledger, asked, begin)
    counting = Counting(ledger, asked, whole)
    looked_at = counting.looked_at() if stale is None or stale else ()
    if kept is not None and stale is None and kept.is_worth_it(len(looked_at)):
        stale = kept.blocks
    if kept is None or stale is None:
        counting.add_unchanged(Takers(whole, {}, 0))
        counting.add(whole, looked_at)
        whole.live.conclude()
    elif stale:
        for block, part in parts_of(counting, whole, stale, looked_at, bits=kept.bits):
            text = text_of(part)
            add_plain(whole, parsed(text))
            if not part.is_fleeting:
                kept.take(block, text)
    named = NamedLists(whole.sums, asked.period)
    for past in counting.pasts(named.case_ids):
        named.add(past)
    return whole, named


def parts_of(
    counting: Counting, whole: CountedPart, blocks: Sequence[int], looked_at: Sequence[int], *, bits: int
) -> Iterator[tuple[int, CountedPart]]:
    """Yield what each of some blocks of cases comes to; nothing is added to the whole; inside `reading`.

    Args:
        blocks: The ids of their cases without the last bits, ascending.
        looked_at: What `Counting.looked_at` returns.
    """
    parts = {block: whole.apart() for block in blocks}
    counting.add_unchanged(Takers(None, parts, bits))
    for block in blocks:
        part = parts.pop(block)
        first, last = (bisect_left(looked_at, each << bits) for each in (block, block + 1))
        counting.add(part, looked_at[first:last])
        part.live.conclude()
        yield block, part


def _is_fleeting(past: Past) -> bool:
    """Say whether the instant of asking decides how a deadline stands that has not ended."""
    return any(
        each.status in {Status.RUNNING, Status.PAUSED} and (each.due_at or each.original_due_at) is not None
        for each in past.terms
    )


def _standing_before(
    ledger: Ledger,
    counted: Mapping[int, list[CountedEntry]],
    bound: frozenset[str],
    period: Period,
    eve_at: int,
) -> dict[int, int]:
    """Return how cases counted when the period began, whose count the passing of days alone may have changed."""
    asked = []
    for case_id, entries in counted.items():
        before = [each.to_state for each in entries if each.at < eve_at]
        if before and before[-1] in bound:
            asked.append(case_id)
    eve = period.first - timedelta(days=1)
    return {each.case.id: each.case.clearance for each in rebuilt(ledger, asked, end_at=eve_at, day=eve)}


def _add(
    sums: PeriodSums,
    asked: FiguresAsked,
    past: Past,
    entries: list[CountedEntry],
    begun: Mapping[int, int],
    end_at: int,
) -> None:
    """Add one case."""
    case, eve_at, period = past.case, sums.eve_at, asked.period
    tally = sums.tallies[case.unit_id]
    before = [each.clearance for each in entries if each.at < eve_at]
    is_new, is_out = not before, _is_out(case.clearance)
    began = begun.get(case.id, before[-1] if before else int(Count.OPEN))
    changes = [(each.at, each.clearance) for each in entries if each.at >= eve_at]
    _add_context(sums, [(each.at, each.clearance) for each in entries if each.at < eve_at], case.opened_at)
    # Registered by mistake and taken back within the period: it would be received and removed though nothing came in.
    if is_new and is_out:
        sums.mistaken += 1
        return
    flow = tally.flow
    if is_new:
        is_late = case.dated_on < period.first.isoformat()
        flow.received, flow.late = flow.received + (not is_late), flow.late + is_late
        sums.entered[sums.day_of(case.opened_at)] += 1
    else:
        flow.carried += began == Count.OPEN
    # Days alone may change how a case counts, and no row says so: what it comes to is put at the end of the period.
    cleared, returned = _move(sums, flow, began, [*changes, (end_at - 1, case.clearance)])
    for day in returned:
        sums.returned_cases.count += 1
        sums.returned_cases.keep((day.isoformat(), case.number), case.id)
    for name in asked.fields:
        value = choice_value(case.fields, name)
        sums.choices[name, value, "entered"] += is_new
        sums.choices[name, value, "cleared"] += cleared
        sums.choices[name, value, "open"] += case.clearance == Count.OPEN
    if is_out:
        return
    if is_new or began == Count.OPEN or returned:
        group = standing_of(past, period.until, sums.at)
        tally.standings[group] += 1
        if group in LISTED:
            list_of(sums, group).count += 1
            note_standing(sums, period, past, group)
    if case.clearance == Count.OPEN:
        sums.ages[age_class((period.until - date.fromisoformat(case.dated_on)).days)] += 1
    _add_terms(sums, tally, past, period)


def _move(sums: PeriodSums, flow: Flow, was: int, changes: Iterable[tuple[int, int]]) -> tuple[int, list[date]]:
    """Add how the count of a case changed; return how often it was cleared, and the days on which it came back."""
    cleared = 0
    returned: list[date] = []
    for at, count in changes:
        day = sums.day_of(at)
        if was == Count.OPEN and count in CLEARED:
            cleared += 1
            sums.cleared[day] += 1
        elif was == Count.OPEN and _is_out(count):
            flow.removed += 1
        elif was != Count.OPEN and count == Count.OPEN:
            returned.append(day)
            sums.returned[day] += 1
        was = count
    flow.cleared += cleared
    flow.returned += len(returned)
    return cleared, returned


def _add_context(sums: PeriodSums, entries: list[tuple[int, int]], opened_at: int) -> None:
    """Add what happened before the period, so far as it is shown to compare with."""
    since = sums.spans[0].first
    if sums.spans[0].inside or not entries:
        return
    if (day := sums.day_of(opened_at)) >= since:
        sums.entered[day] += 1
    was = int(Count.OPEN)
    for at, count in entries:
        day = sums.day_of(at)
        if day >= since:
            sums.cleared[day] += was == Count.OPEN and count in CLEARED
            sums.returned[day] += was != Count.OPEN and count == Count.OPEN
        was = count


def _add_terms(sums: PeriodSums, tally: UnitFigures, past: Past, period: Period) -> None:
    """Add the deadlines of a case: those that ended in the period, and those that have not ended."""
    for each in past.terms:
        if each.status is Status.RUNNING:
            due = date.fromisoformat(each.due_on)
            sums.running[each.name, each.theirs] += 1
            sums.overdue[each.name, each.theirs] += each.is_past(day=period.until, at=sums.at)
            if due > period.until and not each.theirs:
                sums.due[due] += 1
    for each, kept in judged(sums, period, past):
        term: Term = (each.name, each.theirs)
        met = each.status is Status.MET
        sums.met[term] += met
        sums.on_time[term] += kept
        sums.unmet[term] += not met
        if each.theirs:
            continue
        tally.met += met
        tally.on_time += kept
        tally.unmet += not met
        if not kept:
            sums.missed.count += 1
            note_missed(sums, past, each)


def _is_out(count: int) -> bool:
    """Say whether it is void or repeats another."""
    return count in {Count.VOID, Count.REPEATS}
