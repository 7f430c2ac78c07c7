"""The figures of a period: what came, what was cleared and what is open, as of its end; who is meant is in none.

Everything is read from the journal as it stood at the end of the last day, by the same rebuilding as the
check of clearing to zero, so that a report of last July says today what it said then, and the next one
begins with what it ended on: open before + received + registered late + returned − cleared − removed = open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from engine.campaigns.measures import Measures
from engine.deadlines.clock import Status
from engine.language import Text
from engine.operations.figures.field_splits import splits_of
from engine.operations.figures.figure_values import (
    AHEAD,
    Figures,
    Flow,
    PeriodGroup,
    Punctuality,
    Split,
    UnitFigures,
    Week,
    total_of,
)
from engine.operations.figures.filed_returns import returns_of
from engine.operations.figures.listed_cases import missed_term, returned_case, standing_case
from engine.operations.figures.measured import MeasureTally
from engine.operations.figures.period import ChartSpan, Period, spans
from engine.operations.figures.period_sums import LocalDays, PeriodSums, Term
from engine.operations.figures.settled import add_settled, settled_of
from engine.operations.figures.standing_pasts import counted_entries, pasts_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, rebuilt, watched
from engine.operations.zero.verdict import end_of
from engine.rules.case import Count
from engine.store import figure_rows as rows
from engine.store import house_rows as house
from engine.store.past_columns import CountedEntry
from engine.workflow.model import Field, FieldType, Workflow
from engine.working_days.instants import microseconds

AGES: Final = (30, 60, 90, 180)
"""Where the classes of age end, in days since receipt; what is older is in a class of its own."""


def figures(
    ledger: Ledger,
    workflow: str,
    period: Period,
    *,
    unit: str | None = None,
    nil: tuple[str, str] | None = None,
    measures: Measures | None = None,
    now: datetime,
) -> Figures:
    """Return the figures of a period, as of the end of its last day or as of today.

    Args:
        unit: Code of the only unit to look at.
        measures: Rates and times of stages that are counted too.
        nil: Fields of recurring cases: the flag that says that nothing occurred, and what was done.
        now: Aware instant.

    Raises:
        NotFoundError: If there is no such workflow or unit.
        RefusedError: If the unit is closed.
    """
    declared = ledger.rules(workflow).workflow
    chosen = None if unit is None else ledger.unit(unit)
    eve_at = end_of(period.first - timedelta(days=1), ledger.zone)
    known = [each for each in house.units(ledger.store) if chosen is None or each.id == chosen.id]
    unit_id = None if chosen is None else chosen.id
    fields = [name for name, each in declared.fields.items() if each.type is FieldType.CHOICE]
    tally = MeasureTally(ledger, declared, measures or Measures(), period, {each.code: each.name for each in known})
    with ledger.store.reading():
        sums, taken = _summed(ledger, workflow, period, known, spans(period), fields, unit_id, tally=tally, now=now)
        owed, said = returns_of(ledger, period, unit_id=unit_id, nil=nil, now=now)
    for each in owed:
        sums.tallies[each.unit_id].filings[each.filing] += 1
    return Figures(
        workflow=workflow,
        title=declared.title,
        period=period,
        unit=unit,
        units=_units(sums, known, eve_at),
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
        overdue=tuple(sorted(sums.overdue_cases, key=lambda each: (each.due_on, each.number))),
        extended=tuple(sorted(sums.extended_cases, key=lambda each: (each.due_on, each.number))),
        returned=tuple(sorted(sums.returned_cases, key=lambda each: (each.since, each.number))),
        missed=tuple(sorted(sums.missed, key=lambda each: (each.original_due_on, each.number, each.deadline.en))),
        owed=owed,
        nil=said,
        rates=tuple(tally.rates()),
        times=tuple(tally.times()),
        sums=tuple(tally.sums()),
    )


def _units(sums: PeriodSums, known: Iterable[house.HouseUnit], eve_at: int) -> tuple[UnitFigures, ...]:
    """Return the units by code; those that were closed before the period only if there is something to say of them."""
    closed = {each.code for each in known if each.closed_at is not None and each.closed_at < eve_at}
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
        sums, taken = _summed(ledger, workflow, period, [unit], alone, (), unit.id, now=now)
    return sums.tallies[unit.id], taken


def _summed(
    ledger: Ledger,
    workflow: str,
    period: Period,
    units: Iterable[house.HouseUnit],
    shown: tuple[ChartSpan, ...],
    fields: Sequence[str],
    unit_id: int | None,
    *,
    tally: MeasureTally | None = None,
    now: datetime,
) -> tuple[PeriodSums, Counter[str]]:
    """Return the sums of all cases of the period and how often each step was taken; inside `reading`."""
    eve_at, end_at = end_of(period.first - timedelta(days=1), ledger.zone), end_of(period.until, ledger.zone)
    tallies_of = {each.id: UnitFigures(each.code, each.name) for each in units}
    sums = PeriodSums(
        tallies=tallies_of,
        spans=shown,
        zone=ledger.zone,
        day_of=LocalDays(ledger.zone).of,
        workflow_of=lambda case: ledger.rules_of(case).workflow,
        calendar_of=ledger.calendar_of,
        eve_at=eve_at,
        at=min(end_at, microseconds(now)),
    )
    bound = frozenset(watched(ledger, workflow))
    settled_before = min(eve_at, end_of(sums.spans[0].first - timedelta(days=1), ledger.zone))
    pages = rows.pages(
        ledger.store,
        workflow,
        end_at=end_at,
        unit_id=unit_id,
        size=CHUNK,
        settled_before=settled_before,
        watched=sorted(bound),
        settled=settled_of(ledger, workflow, tally, eve_at=eve_at),
    )
    for page in pages:
        apart = [each for each in page.settled if unit_id in {None, each.unit_id}]
        ids = sorted(page.others + add_settled(ledger, sums, period, apart, fields, tally))
        pasts = list(pasts_of(ledger, ids, eve_at=eve_at, end_at=end_at, day=period.until, bound=bound))
        counted = counted_entries(ledger, pasts, since_at=settled_before, end_at=end_at, bound=bound)
        begun = _standing_before(ledger, counted, bound, period, eve_at)
        for past in pasts:
            if unit_id in {None, past.case.unit_id}:
                _add(sums, period, past, counted[past.case.id], begun, fields, (eve_at, end_at))
                if tally is not None:
                    tally.add(past, counted[past.case.id], eve_at=eve_at)
        if tally is not None:
            tally.look_at_families(end_at=end_at)
    taken = Counter(rows.steps_taken(ledger.store, workflow, from_at=eve_at, end_at=end_at, unit_id=unit_id))
    return sums, taken


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
    bounds: tuple[int, int],
) -> None:
    """Add one case."""
    eve_at, end_at = bounds
    case = past.case
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
    workflow = sums.workflow_of(case)
    sums.returned_cases += [returned_case(workflow, past, day) for day in returned]
    for name in fields:
        value = _value(case.fields, name)
        sums.choices[name, value, "entered"] += is_new
        sums.choices[name, value, "cleared"] += cleared
        sums.choices[name, value, "open"] += case.clearance == Count.OPEN
    if is_out:
        return
    if is_new or began == Count.OPEN or returned:
        group = _standing(past, period.until, sums.at)
        tally.standings[group] += 1
        wanted = {PeriodGroup.OVERDUE: sums.overdue_cases, PeriodGroup.EXTENDED: sums.extended_cases}
        if group in wanted:
            calendar = sums.calendar_of(case.unit_id)
            wanted[group].append(standing_case(workflow, past, group, day=period.until, at=sums.at, calendar=calendar))
    if case.clearance == Count.OPEN:
        age = (period.until - date.fromisoformat(case.dated_on)).days
        sums.ages[sum(age > each for each in AGES)] += 1
    _add_terms(sums, tally, past, period, eve_at)


def _move(sums: PeriodSums, flow: Flow, was: int, changes: Iterable[tuple[int, int]]) -> tuple[int, list[date]]:
    """Add how the count of a case changed; return how often it was cleared, and the days on which it came back."""
    cleared = 0
    returned: list[date] = []
    for at, count in changes:
        day = sums.day_of(at)
        if was == Count.OPEN and _is_cleared(count):
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
            sums.cleared[day] += was == Count.OPEN and _is_cleared(count)
            sums.returned[day] += was != Count.OPEN and count == Count.OPEN
        was = count


def _add_terms(sums: PeriodSums, tally: UnitFigures, past: Past, period: Period, eve_at: int) -> None:
    """Add the deadlines of a case: those that ended in the period, and those that have not ended."""
    for each in past.terms:
        term: Term = (each.name, each.theirs)
        if each.status is Status.RUNNING:
            due = date.fromisoformat(each.due_on)
            sums.running[term] += 1
            sums.overdue[term] += each.is_past(day=period.until, at=sums.at)
            if due > period.until and not each.theirs:
                sums.due[due] += 1
        ended = each.status not in {Status.RUNNING, Status.PAUSED}
        if ended and each.noted_at < eve_at:
            continue
        kept, met = each.held(day=period.until, zone=sums.zone, at=sums.at), each.status is Status.MET
        if kept is None:
            continue
        sums.met[term] += met
        sums.on_time[term] += kept
        sums.unmet[term] += not met
        if each.theirs:
            continue
        tally.met += met
        tally.on_time += kept
        tally.unmet += not met
        if not kept:
            workflow, calendar = sums.workflow_of(past.case), sums.calendar_of(past.case.unit_id)
            sums.missed.append(missed_term(workflow, past, each, day=period.until, at=sums.at, calendar=calendar))


def _standing(past: Past, day: date, at: int) -> PeriodGroup:
    """Return where a case stands at the end of a day, or at the instant *at* if the day is not over."""
    if past.case.clearance == Count.FULLY_CLOSED:
        return PeriodGroup.FULLY_CLOSED
    if past.case.clearance == Count.CLEARED:
        return PeriodGroup.CLEARED
    if any(each.is_overdue(day=day, at=at) for each in past.terms):
        return PeriodGroup.OVERDUE
    return PeriodGroup.EXTENDED if past.extensions else PeriodGroup.IN_TIME


def _is_cleared(count: int) -> bool:
    """Say whether it counts as cleared."""
    return count in {Count.CLEARED, Count.FULLY_CLOSED}


def _is_out(count: int) -> bool:
    """Say whether it is void or repeats another."""
    return count in {Count.VOID, Count.REPEATS}


def _value(fields: Mapping[str, object], name: str) -> str | None:
    """Return the value of a choice."""
    value = fields.get(name)
    return None if value is None else str(value)


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
