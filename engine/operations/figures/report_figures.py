"""The figures of a period: what came, what was cleared and what is open, as of its end; who is meant is in none.

Everything is read from the journal as it stood at the end of the last day, by the same rebuilding as the
check of clearing to zero, so that a report of last July says today what it said then, and the next one
begins with what it ended on: open before + received + registered late + returned − cleared − removed = open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from engine.campaigns.measures import Measures
from engine.language import Text
from engine.operations.figures.counted_part import CountedPart, FiguresAsked
from engine.operations.figures.counting import sum_up
from engine.operations.figures.field_splits import splits_of
from engine.operations.figures.figure_values import (
    AHEAD,
    Figures,
    Punctuality,
    Split,
    UnitFigures,
    Week,
    total_of,
)
from engine.operations.figures.filed_returns import returns_of
from engine.operations.figures.kept_sums import kept_of
from engine.operations.figures.live_terms import LiveTerms
from engine.operations.figures.longest import Longest
from engine.operations.figures.measured import MeasureTally
from engine.operations.figures.period import ChartSpan, Period, spans
from engine.operations.figures.period_sums import AGES, LocalDays, PeriodSums
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import end_of
from engine.store import house_rows as house
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
    asked = FiguresAsked(workflow=workflow, period=period, fields=choice_fields(declared), unit_id=unit_id)
    counted = measures or Measures()
    with ledger.store.reading():
        kept = kept_of(ledger, asked, counted, longest=longest, now=now)
        begin = partial(begun_part, ledger, asked, known, counted, longest=longest, now=now)
        whole, named = sum_up(ledger, asked, begin, kept)
        owed, said = returns_of(ledger, period, unit_id=unit_id, nil=nil, now=now)
    if kept is not None:
        kept.keep()
    sums, tally = whole.sums, whole.tally
    assert tally is not None  # it was made with the part
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
        splits=tuple(_splits(ledger, [declared.fields[name] for name in asked.fields], sums)),
        deadlines=tuple(_punctuality(declared, sums)),
        due={day: sums.due[day] for day in sorted(sums.due) if (day - period.until).days <= AHEAD},
        days_off=_days_off(ledger, period.until),
        later=sum(count for day, count in sums.due.items() if (day - period.until).days > AHEAD),
        steps=tuple(_titled(declared, whole.taken)),
        mistaken=sums.mistaken,
        overdue=named.overdue.rows(),
        extended=named.extended.rows(),
        returned=named.returned.rows(),
        missed=named.missed.rows(),
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
        asked = FiguresAsked(workflow=workflow, period=period, fields=(), unit_id=unit.id)
        whole = CountedPart(sums, None, LiveTerms(ledger, workflow, sums, period), Counter())
        sum_up(ledger, asked, lambda: whole)
    return sums.tallies[unit.id], whole.taken


def choice_fields(declared: Workflow) -> list[str]:
    """Return the fields by whose values the cases of a workflow are counted."""
    return [name for name, each in declared.fields.items() if each.type is FieldType.CHOICE]


def begun_part(
    ledger: Ledger,
    asked: FiguresAsked,
    units: Sequence[house.HouseUnit],
    measures: Measures,
    *,
    longest: int | None,
    now: datetime,
) -> CountedPart:
    """Return a part of the figures in which no case is yet.

    Args:
        units: Those that may have cases.
        longest: How many rows a list names; None: all.
        now: Aware instant.
    """
    period = asked.period
    sums = _begun(ledger, period, units, spans(period), longest=longest, now=now)
    names = {each.code: each.name for each in units}
    tally = MeasureTally(ledger, ledger.rules(asked.workflow).workflow, measures, period, names)
    return CountedPart(sums, tally, LiveTerms(ledger, asked.workflow, sums, period), Counter())


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
