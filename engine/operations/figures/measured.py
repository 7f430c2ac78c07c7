"""The measures of a workflow in a period: rates of what was received in it, and how many days stages took.

A rate counts the cases received in the period (by their day of receipt, whatever day they were registered) as they
stand at its end, without those that are void or repeat another. A stage is counted in the period in which its end
was recorded, so that the reports of several months count each once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import fmean, median
from typing import Final

from engine.campaigns.campaign import Condition, Rate
from engine.campaigns.measures import UNIT, Dimensions, Measures, Moment, StageTime, Total
from engine.language import Text
from engine.operations.figures.figure_values import MeasuredGroup, SplitRate, SplitSum, StageDays
from engine.operations.figures.period import Period
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import Past
from engine.operations.zero.punctuality import looked_at, standing
from engine.rules.case import Count
from engine.rules.shapes import KEPT, MISSED, NONE
from engine.store.past_columns import CountedEntry
from engine.workflow.model import FieldType, Workflow
from engine.working_days.instants import local_day

Values = tuple[str | None, ...]
_NOT_STATED: Final = Text("not stated", "未填")
_FLAGS: Final = {"True": Text("yes", "是"), "False": Text("no", "否")}


class MeasureTally:
    """What is counted for measures while the cases go by."""

    def __init__(
        self, ledger: Ledger, workflow: Workflow, measures: Measures, period: Period, units: Mapping[str, str]
    ) -> None:
        """Begin with nothing.

        Args:
            workflow: The newest version; its words are used.
            units: Names of units by code.
        """
        self._ledger, self._workflow, self._measures, self._period = ledger, workflow, measures, period
        self._units = units
        self._tops: Counter[tuple[str, Dimensions, Values]] = Counter()
        self._bottoms: Counter[tuple[str, Dimensions, Values]] = Counter()
        self._days: dict[tuple[str, Dimensions, Values], list[int]] = {}
        self._unknown: Counter[str] = Counter()
        self._sums: dict[tuple[str, Dimensions, Values], Decimal] = {}
        self._waiting: dict[str, dict[int, tuple[Past, int]]] = {}
        """Of rates that look at what cases opened: the cases whose own terms say nothing against them, and how those
        stand."""

    def add(self, past: Past, entries: Sequence[CountedEntry], *, eve_at: int) -> None:
        """Add one case.

        Args:
            entries: How the journal counted it, oldest first, before the end of the period.
            eve_at: The end of the day before the period, in microseconds since 1970 UTC.
        """
        case = past.case
        if case.clearance in {Count.VOID, Count.REPEATS}:
            return
        for stage in self._measures.times:
            for days in self._lasted(stage, past, entries, eve_at):
                self._count_days(stage, past, days)
        if not self._period.first.isoformat() <= case.dated_on <= self._period.until.isoformat():
            return
        for total in self._measures.sums:
            self._add_up(total, past)
        for rate in self._measures.rates:
            if not _suits(rate.bottom, past):
                continue
            if not rate.is_of_terms:
                self._count(rate, past, is_top=_suits(rate.top, past))
                continue
            code = standing(rate, past, day=self._period.until, zone=self._ledger.zone)
            if code == MISSED or not rate.every_term:
                self._count_terms(rate, past, code)
            else:
                self._waiting.setdefault(rate.name, {})[case.id] = (past, code)

    def look_at_families(self, *, end_at: int) -> None:
        """Count the cases that wait for what they opened to be looked at; inside `reading`."""
        for rate in self._measures.rates:
            waiting = self._waiting.pop(rate.name, {})
            own = {case_id: code for case_id, (_, code) in waiting.items()}
            codes = looked_at(self._ledger, rate, list(own), self._period.until, end_at, own=own) if own else {}
            for case_id, (past, _) in waiting.items():
                self._count_terms(rate, past, codes[case_id])

    def rates(self) -> Iterator[SplitRate]:
        """Yield each rate of all together, and by what it is split by."""
        for rate in self._measures.rates:
            for by in ((), *self._measures.splits.get(rate.name, ())):
                groups = [each for name, one, each in self._bottoms if (name, one) == (rate.name, by)]
                rows = tuple(
                    (self._group(by, each), self._tops[rate.name, by, each], self._bottoms[rate.name, by, each])
                    for each in sorted(groups, key=self._order(by))
                )
                yield SplitRate(
                    rate=rate.name,
                    title=rate.title,
                    definition=rate.definition,
                    by=by,
                    by_titles=self._titles(by),
                    rows=rows,
                )

    def sums(self) -> Iterator[SplitSum]:
        """Yield what was added up, of all together, and by what it is split by."""
        for total in self._measures.sums:
            for by in ((), *total.splits):
                groups = [each for name, one, each in self._sums if (name, one) == (total.name, by)]
                yield SplitSum(
                    sum=total.name,
                    title=total.title,
                    definition=total.definition,
                    by=by,
                    by_titles=self._titles(by),
                    rows=tuple(
                        (self._group(by, each), self._sums[total.name, by, each])
                        for each in sorted(groups, key=self._order(by))
                    ),
                )

    def times(self) -> Iterator[StageDays]:
        """Yield how long each stage took, of all together, and by what it is split by."""
        for stage in self._measures.times:
            for by in ((), *stage.splits):
                groups = [each for name, one, each in self._days if (name, one) == (stage.name, by)]
                found = [(each, self._days[stage.name, by, each]) for each in sorted(groups, key=self._order(by))]
                yield StageDays(
                    stage=stage.name,
                    title=stage.title,
                    by=by,
                    by_titles=self._titles(by),
                    rows=tuple(
                        (self._group(by, each), len(days), round(fmean(days), 1), round(float(median(days)), 1))
                        for each, days in found
                    ),
                    unknown=self._unknown[stage.name],
                )

    def _lasted(
        self, stage: StageTime, past: Past, entries: Sequence[CountedEntry], eve_at: int
    ) -> Iterator[int | None]:
        """Yield how many calendar days each round of a stage took whose end was recorded in the period."""
        zone, newly = self._ledger.zone, _entered(entries)
        end = stage.end.field
        if end is not None:
            day = _day_in(past, end)
            if day is not None and past.noted.get(end, 0) >= eve_at:
                # Of several rounds the one that ended on that day is the newest that had begun by then.
                starts = (local_day(at, zone) for at, state in newly if state in stage.start.states)
                begun = max((each for each in starts if each <= day), default=None)
                yield _between(self._began(stage.start, past, begun), day)
            return
        first: date | None = None
        for at, state in newly:
            if state in stage.end.states:
                if at >= eve_at:
                    yield _between(self._began(stage.start, past, first), local_day(at, zone))
                first = None
            elif state in stage.start.states and first is None:
                first = local_day(at, zone)

    def _began(self, start: Moment, past: Past, entered: date | None) -> date | None:
        """Return the local day on which a stage began: that in its field, or on which its state was entered."""
        return entered if start.field is None else _day_in(past, start.field)

    def _count(self, rate: Rate, past: Past, *, is_top: bool) -> None:
        """Count a case in all groups of a rate."""
        for by in ((), *self._measures.splits.get(rate.name, ())):
            key = (rate.name, by, _values(past, by))
            self._bottoms[key] += 1
            self._tops[key] += is_top

    def _add_up(self, total: Total, past: Past) -> None:
        """Add what a case has to a sum that counts it, in all its groups; one without the number adds nothing."""
        value = 1 if total.adds is None else past.case.fields.get(total.adds)
        if value is None or not _suits(total.of, past):
            return
        for by in ((), *total.splits):
            key = (total.name, by, _values(past, by))
            self._sums[key] = self._sums.get(key, Decimal(0)) + Decimal(str(value))

    def _count_terms(self, rate: Rate, past: Past, code: int) -> None:
        """Count a case whose terms stand so; one without any is not counted."""
        if code != NONE:
            self._count(rate, past, is_top=code == KEPT)

    def _count_days(self, stage: StageTime, past: Past, days: int | None) -> None:
        """Count how long a stage took in all its groups."""
        if days is None:
            self._unknown[stage.name] += 1
            return
        for by in ((), *stage.splits):
            self._days.setdefault((stage.name, by, _values(past, by)), []).append(days)

    def _group(self, by: Dimensions, values: Values) -> MeasuredGroup:
        """Return a group with what its values are called."""
        titles = tuple(self._called(name, value) for name, value in zip(by, values, strict=True))
        return MeasuredGroup(values=values, titles=titles)

    def _called(self, name: str, value: str | None) -> Text:
        """Return what a value of a field, or a unit, is called."""
        if value is None:
            return _NOT_STATED
        if name == UNIT:
            said = f"{value} {self._units.get(value, '')}".strip()
            return Text(said, said)
        field = self._workflow.fields[name]
        titles = _FLAGS if field.type is FieldType.FLAG else {each.value: each.title for each in field.choices}
        return titles.get(value, Text(value, value))

    def _titles(self, by: Dimensions) -> tuple[Text, ...]:
        """Return what a measure is split by, in words."""
        return tuple(Text("unit", "单位") if each == UNIT else self._workflow.fields[each].title for each in by)

    def _order(self, by: Dimensions) -> Callable[[Values], tuple[tuple[int, str], ...]]:
        """Return the key by which groups are sorted: as values are declared, units by code, what is not stated last."""
        places: list[dict[str, int]] = [
            {} if name == UNIT else {value: place for place, value in enumerate(self._declared(name))} for name in by
        ]

        def key(values: Values) -> tuple[tuple[int, str], ...]:
            return tuple(
                (_LAST + 1, "") if value is None else (known.get(value, 0 if not known else _LAST), value)
                for known, value in zip(places, values, strict=True)
            )

        return key

    def _declared(self, name: str) -> Sequence[str]:
        """Return the values that a field may have, in order."""
        field = self._workflow.fields[name]
        return ("True", "False") if field.type is FieldType.FLAG else [each.value for each in field.choices]


_LAST: Final = 10**6
"""Stands behind every place in a list of choices."""


def _values(past: Past, by: Dimensions) -> Values:
    """Return what a case has of what a measure is split by."""
    given = (past.case.unit if name == UNIT else past.case.fields.get(name) for name in by)
    return tuple(None if each is None else str(each) for each in given)


def _suits(condition: Condition, past: Past) -> bool:
    """Say whether one side of a rate counts a case."""
    counted = not condition.counts or past.case.clearance in condition.counts
    return counted and condition.suits(past.case.state, past.case.fields)


def _day_in(past: Past, name: str) -> date | None:
    """Return the local date in a field."""
    value = past.case.fields.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def _entered(entries: Sequence[CountedEntry]) -> list[tuple[int, str]]:
    """Return which states were entered when, in microseconds since 1970 UTC."""
    found: list[tuple[int, str]] = []
    before: str | None = None
    for each in entries:
        if each.to_state is not None and each.to_state != before:
            found.append((each.at, each.to_state))
            before = each.to_state
    return found


def _between(first: date | None, last: date) -> int | None:
    """Return the calendar days between two days; None if nobody knows the first, or it lies after the last."""
    return None if first is None or first > last else (last - first).days
