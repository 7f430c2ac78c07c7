"""The figures of a period: what came, what was cleared and what is open, as of its end; who is meant is in none.

Everything is read from the journal as it stood at the end of the last day, by the same rebuilding as the
check of clearing to zero, so that a report of last July says today what it said then, and the next one
begins with what it ended on: open before + received + registered late + returned − cleared − removed = open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from engine.campaigns.measures import Measures
from engine.deadlines.clock import Status
from engine.language import Text
from engine.operations.figures.field_splits import splits_of
from engine.operations.figures.figure_values import (
    AHEAD,
    Figures,
    Flow,
    Punctuality,
    Split,
    UnitFigures,
    Week,
    total_of,
)
from engine.operations.figures.filed_returns import returns_of
from engine.operations.figures.lapses import with_lapses
from engine.operations.figures.listed_cases import returned_case
from engine.operations.figures.live_terms import LiveTerms
from engine.operations.figures.longest import Longest
from engine.operations.figures.measured import MeasureTally
from engine.operations.figures.period import ChartSpan, Period, spans
from engine.operations.figures.period_lists import (
    LISTED,
    judged,
    list_missed,
    list_of,
    list_standing,
    list_unchanged,
    standing_of,
)
from engine.operations.figures.period_sums import AGES, CLEARED, LocalDays, PeriodSums, Term, age_class, choice_value
from engine.operations.figures.settled import add_settled, settled_of
from engine.operations.figures.standing_pasts import counted_entries, pasts_of
from engine.operations.figures.steps_counted import StepsCounted
from engine.operations.figures.unchanged import add_unchanged, unchanged_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, rebuilt, watched
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import figure_rows as rows
from engine.store import house_rows as house
from engine.store.past_columns import CountedEntry
from engine.workflow.model import Field, FieldType, Workflow
from engine.working_days.instants import microseconds


def figures(
    ledger: Ledger, workflow: str, period: Period, *, unit: str | None = None, nil: tuple[str, str] | None = None,
    measures: Measures | None = None, longest: int | None = None, now: datetime,
) -> Figures:  # fmt: skip
    """Return the figures of a period, as of the end of its last day or as of today.

    Args:
        unit: Code of the only unit to look at; one that was closed since had its figures.
        measures: Rates and times of stages that are counted too.
        nil: Fields of recurring cases: the flag that says that nothing occurred, and what was done.
        longest: How many rows a list names: those that come first, the others are counted; None: all.
        now: Aware instant.

    Raises:
        NotFoundError: If there is no such workflow or unit.
    """
    declared = ledger.rules(workflow).workflow
    unit_id = None if unit is None else ledger.unit_ever(unit).id
    known = [each for each in house.units(ledger.store) if unit_id in {None, each.id}]
    fields = [name for name, each in declared.fields.items() if each.type is FieldType.CHOICE]
    tally = MeasureTally(ledger, declared, measures or Measures(), period, {each.code: each.name for each in known})
    with ledger.store.reading():
        sums = _begun(ledger, period, known, spans(period), longest=longest, now=now)
        taken = _sum_up(ledger, sums, workflow, period, fields, unit_id, tally=tally)
        owed, said = returns_of(ledger, period, unit_id=unit_id, nil=nil, now=now)
    sums.add_owed(owed)
    return Figures(
        workflow=workflow,
        title=declared.title,
        period=period,
        unit=unit,
        units=_units(sums, known),
        total=total_of(sums.tallies.values()),
        weeks=tuple(_week(sums, each) for each in sums.spans),
        ages=tuple(_ages(sums)),
        splits=tuple(_splits(ledger, [declared.fields[name] for name in fields], sums)),
        deadlines=tuple(_punctuality(declared, sums)),
        due={day: sums.due[day] for day in sorted(sums.due) if (day - period.until).days <= AHEAD},
        days_off=_days_off(ledger, period.until),
        later=sum(count for day, count in sums.due.items() if (day - period.until).days > AHEAD),
        steps=tuple(_titled(declared, taken)),
        mistaken=sums.mistaken,
        overdue=sums.overdue_cases.rows(),
        extended=sums.extended_cases.rows(),
        returned=sums.returned_cases.rows(),
        missed=sums.missed.rows(),
        more=sums.more,
        owed=owed,
        nil=said,
        rates=tuple(tally.rates()),
        times=tuple(tally.times()),
        sums=tuple(tally.sums()),
    )


def _units(sums: PeriodSums, known: Iterable[house.HouseUnit]) -> tuple[UnitFigures, ...]:
    """Return the units by code; those that were closed before the period only if there is something to say of them."""
    closed = {each.code for each in known if each.closed_at is not None and each.closed_at < sums.eve_at}
    tallies = (
        each
        for each in sums.tallies.values()
        if each.unit not in closed or each.caseload or each.filings or not each.flow.is_nil
    )
    return tuple(sorted(tallies, key=lambda each: each.unit))


def tally_of(
    ledger: Ledger, workflow: str, period: Period, unit: house.HouseUnit, *, now: datetime
) -> tuple[UnitFigures, Mapping[str, int]]:
    """Return the sums of one unit, as its reports tell them, and how often each step was taken, by trigger.

    Args:
        unit: It may be closed.
        now: Aware instant.

    Raises:
        NotFoundError: If there is no such workflow.
    """
    ledger.rules(workflow)
    alone = (ChartSpan(first=period.first, last=period.until, label="", inside=True),)
    with ledger.store.reading():
        sums = _begun(ledger, period, [unit], alone, longest=0, now=now)
        taken = _sum_up(ledger, sums, workflow, period, (), unit.id)
    return sums.tallies[unit.id], taken


def _begun(
    ledger: Ledger,
    period: Period,
    units: Iterable[house.HouseUnit],
    shown: tuple[ChartSpan, ...],
    *,
    longest: int | None,
    now: datetime,
) -> PeriodSums:
    """Return sums in which no case is yet."""
    return PeriodSums(
        tallies={each.id: UnitFigures(each.code, each.name) for each in units},
        spans=shown,
        zone=ledger.zone,
        day_of=LocalDays(ledger.zone).of,
        workflow_of=lambda case: ledger.rules_of(case).workflow,
        calendar_of=ledger.calendar_of,
        eve_at=end_of(period.first - timedelta(days=1), ledger.zone),
        at=min(end_of(period.until, ledger.zone), microseconds(now)),
        overdue_cases=Longest(longest),
        extended_cases=Longest(longest),
        returned_cases=Longest(longest),
        missed=Longest(longest),
    )


def _sum_up(
    ledger: Ledger,
    sums: PeriodSums,
    workflow: str,
    period: Period,
    fields: Sequence[str],
    unit_id: int | None,
    *,
    tally: MeasureTally | None = None,
) -> Counter[str]:
    """Add all cases of the period; return how often each step was taken; inside `reading`."""
    eve_at, end_at = sums.eve_at, end_of(period.until, ledger.zone)
    bound = frozenset(watched(ledger, workflow))
    since_at = min(eve_at, end_of(sums.spans[0].first - timedelta(days=1), ledger.zone))
    unchanged = unchanged_of(ledger, workflow, period, eve_at=eve_at, unit_id=unit_id, fields=fields, watched=bound)
    live = LiveTerms(ledger, workflow, sums, period)
    add_unchanged(ledger, sums, period, unchanged, fields, live)
    looked_at = rows.opened_before(ledger.store, workflow, end_at=end_at, unit_id=unit_id, unchanged=unchanged)
    settled = settled_of(ledger, workflow, tally, eve_at=eve_at)
    steps = StepsCounted(ledger, workflow, from_at=eve_at, end_at=end_at)
    for start in range(0, len(looked_at), CHUNK):
        part = looked_at[start : start + CHUNK]
        page = rows.page(ledger.store, part, end_at=end_at, unchanged=unchanged, settled=settled)
        apart = [each for each in page.settled if unit_id in {None, each.unit_id}]
        ids = sorted(page.others + add_settled(ledger, sums, period, apart, fields, tally, live, bound=bound))
        pasts = list(pasts_of(ledger, ids, eve_at=eve_at, end_at=end_at, day=period.until, bound=bound))
        counted = counted_entries(ledger, pasts, since_at=since_at, end_at=end_at, bound=bound)
        steps.add(
            sorted(
                {each.id for each in apart} | {each.case.id for each in pasts if unit_id in {None, each.case.unit_id}}
            )
        )
        begun = _standing_before(ledger, counted, bound, period, eve_at)
        counted = with_lapses(ledger, counted, pasts, since_at=since_at, end_at=end_at, bound=bound)
        for past in pasts:
            if unit_id in {None, past.case.unit_id}:
                _add(sums, period, past, counted[past.case.id], begun, fields, end_at)
                if tally is not None:
                    tally.add(past, counted[past.case.id], eve_at=eve_at)
        if tally is not None:
            tally.look_at_families(end_at=end_at)
    for past in pasts_of(ledger, live.conclude(), eve_at=eve_at, end_at=end_at, day=period.until, bound=bound):
        list_unchanged(sums, period, past)
    return steps.taken


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
    period: Period,
    past: Past,
    entries: list[CountedEntry],
    begun: Mapping[int, int],
    fields: Iterable[str],
    end_at: int,
) -> None:
    """Add one case."""
    case, eve_at = past.case, sums.eve_at
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
        sums.returned_cases.keep((day.isoformat(), case.number), returned_case(sums.workflow_of(case), past, day))
    for name in fields:
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
            list_standing(sums, period, past, group)
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
            list_missed(sums, period, past, each)


def _is_out(count: int) -> bool:
    """Say whether it is void or repeats another."""
    return count in {Count.VOID, Count.REPEATS}


def _week(sums: PeriodSums, span: ChartSpan) -> Week:
    """Return the sums of a span."""

    def within(counts: Counter[date]) -> int:
        return sum(count for day, count in counts.items() if span.first <= day <= span.last)

    return Week(span=span, entered=within(sums.entered), cleared=within(sums.cleared), returned=within(sums.returned))


def _ages(sums: PeriodSums) -> Iterator[tuple[int, int | None, int]]:
    """Yield the classes of age."""
    for place, start in enumerate((-1, *AGES)):
        yield start + 1, AGES[place] if place < len(AGES) else None, sums.ages[place]


def _punctuality(workflow: Workflow, sums: PeriodSums) -> Iterator[Punctuality]:
    """Yield the deadlines that ran, were met or ran out, in declared order; those of the other side after ours."""
    found = set(sums.met + sums.unmet + sums.running)
    names = [*workflow.deadlines, *sorted({name for name, _ in found} - set(workflow.deadlines))]
    for theirs in (False, True):
        for term in ((name, theirs) for name in names):
            if term in found:
                name = term[0]
                yield Punctuality(
                    deadline=name,
                    title=workflow.deadlines[name].title if name in workflow.deadlines else Text(name, name),
                    met=sums.met[term],
                    on_time=sums.on_time[term],
                    unmet=sums.unmet[term],
                    running=sums.running[term],
                    overdue=sums.overdue[term],
                    theirs=theirs,
                )


def _titled(workflow: Workflow, taken: Counter[str]) -> Iterator[tuple[Text, int]]:
    """Yield the steps by how often they were taken."""
    titles = {each.trigger: each.title for each in reversed(workflow.transitions)}
    for less, trigger in sorted((-count, trigger) for trigger, count in taken.items()):
        yield titles.get(trigger, Text(trigger, trigger)), -less


def _splits(ledger: Ledger, fields: Iterable[Field], sums: PeriodSums) -> Iterator[Split]:
    """Yield the cases by each field of one choice."""
    types = ledger.workflows.unit_types()
    for each in fields:
        yield from splits_of(each, sums.choices, types)


def _days_off(ledger: Ledger, day: date) -> frozenset[date]:
    """Return the days off among those to come, by weekdays where no calendar of the year is published."""
    ahead = [day + timedelta(days=each) for each in range(1, AHEAD + 8)]
    calendar = ledger.calendar
    return frozenset(each for each in ahead if not calendar.day_scale.works(each.toordinal()))
