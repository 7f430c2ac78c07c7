"""The measures of a workflow in a period: rates of what was received in it, and how many days stages took.

A rate counts the cases received in the period (by their day of receipt, whatever day they were registered) as they
stand at its end, without those that are void or repeat another. A stage is counted in the period in which its end
was recorded, so that the reports of several months count each once.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from engine.campaigns.campaign import Condition, Rate
from engine.campaigns.measures import UNIT, Dimensions, Measures, Moment, StageTime, Total
from engine.language import Text
from engine.operations.figures.figure_values import MeasuredGroup, SplitRate, SplitSum, StageDays
from engine.operations.figures.measure_sums import MeasureKey, MeasureSums, Values
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import LocalDays
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import Past
from engine.operations.zero.punctuality import looked_at, standing
from engine.rules.case import Count
from engine.rules.shapes import KEPT, MISSED, NONE
from engine.store.past_columns import CountedEntry
from engine.workflow.model import FieldType, Workflow

_NOT_STATED: Final = Text("not stated", "未填")
_OUT: Final = (int(Count.VOID), int(Count.REPEATS))
_FEW: Final = 10_000
"""Cases that differ in what rates ask, remembered at a time."""
_FLAGS: Final = {"True": Text("yes", "是"), "False": Text("no", "否")}


class MeasuredCase(NamedTuple):
    """What measures ask of a case."""

    state: str
    clearance: int
    unit: str
    """The unit's code."""
    dated_on: str
    """Local date of receipt."""
    fields: Mapping[str, object]


class Judged(NamedTuple):
    """What a rate says of a case that its bottom counts."""

    rate: Rate
    is_top: bool
    """Its top counts it too; of a rate of terms that is not asked."""
    rows: tuple[MeasureKey, ...]


@dataclass(slots=True)
class _Alike:
    """What the measures say of cases that are alike in all that they ask but days."""

    stages: Sequence[tuple[StageTime, Sequence[Counter[int]]]]
    """Where the days of each stage are counted."""
    of_terms: Sequence[Judged]
    others: Sequence[Judged]
    received: int = 0
    """How many of them were received in the period."""


class MeasureTally:
    """What is counted for measures while the cases go by."""

    def __init__(
        self,
        ledger: Ledger,
        workflow: Workflow,
        measures: Measures,
        period: Period,
        units: Mapping[str, str],
    ) -> None:
        """Begin with nothing.

        Args:
            workflow: The newest version; its words are used.
            units: Names of units by code.
        """
        self._ledger, self._workflow, self._measures, self._period = ledger, workflow, measures, period
        self._units, self._day_of = units, LocalDays(ledger.zone).of
        self._first, self._until = period.first.isoformat(), period.until.isoformat()
        self.found = MeasureSums()
        """What was counted so far, but for what `count_alike` adds."""
        self._waiting: dict[str, dict[int, tuple[Judged, int]]] = {}
        """Of rates that look at what cases opened: the rows of cases whose own terms say nothing against them, and how
        those stand."""
        self._asked = _asked(measures)
        self._known: dict[tuple[object, ...], _Alike] = {}
        """What the measures say of cases, by all that they ask of one but days."""

    def apart(self) -> "MeasureTally":
        """Return another that counts the same of other cases."""
        found = MeasureTally(self._ledger, self._workflow, self._measures, self._period, self._units)
        found._day_of = self._day_of
        return found

    @property
    def sees_every_term(self) -> bool:
        """Whether rates of terms look at all of them, so that the shape of a case says how they stand."""
        return all(each.every_term or not each.on_time for each in self._measures.rates)

    @property
    def sees_families(self) -> bool:
        """Whether a rate looks at what cases opened."""
        return any(each.every_term for each in self._measures.rates)

    def add(self, past: Past, entries: Sequence[CountedEntry], *, eve_at: int) -> None:
        """Add one case.

        Args:
            entries: How the journal counted it, oldest first, before the end of the period.
            eve_at: The end of the day before the period, in microseconds since 1970 UTC.
        """
        case = past.case
        measured = MeasuredCase(case.state, case.clearance, case.unit, case.dated_on, case.fields)
        for judged in self._add(measured, entered_states(entries), past.noted, eve_at):
            code = standing(judged.rate, past, day=self._period.until, zone=self._ledger.zone)
            if code == MISSED or not judged.rate.every_term:
                self._count_terms(judged, code)
            else:
                self._waiting.setdefault(judged.rate.name, {})[case.id] = (judged, code)

    def add_settled(self, case: MeasuredCase, entered: Sequence[tuple[int, str]], code: int) -> None:
        """Add a case that was opened in the period, opened no others and has no term that runs or was not kept.

        Args:
            entered: Which states it entered when, in microseconds since 1970 UTC.
            code: How its terms stand, as `engine.rules.shapes` says.
        """
        for judged in self._add(case, entered, None, 0):
            self._count_terms(judged, code)

    def _add(
        self, case: MeasuredCase, entered: Sequence[tuple[int, str]], noted: Mapping[str, int] | None, eve_at: int
    ) -> Sequence[Judged]:
        """Add a case but for the rates of terms that count it; return those.

        Args:
            noted: When its values were noted; None if all of them were in the period.
        """
        if case.clearance in _OUT:
            return ()
        alike = self._alike(case)
        for stage, groups in alike.stages:
            for days in self._lasted(stage, case, entered, noted, eve_at):
                if days is None:
                    self.found.unknown[stage.name] += 1
                else:
                    for counted in groups:
                        counted[days] += 1
        if not self._first <= case.dated_on <= self._until:
            return ()
        for total in self._measures.sums:
            self._add_up(total, case)
        alike.received += 1
        return alike.of_terms

    def _alike(self, case: MeasuredCase) -> _Alike:
        """Return what the measures say of cases that are like this one in all that they ask but days."""
        fields = case.fields
        key: tuple[object, ...] = (case.unit, case.state, case.clearance, *fields, *map(fields.get, self._asked))
        try:
            found = self._known.get(key)
        except TypeError:  # one of the values is a list
            key = (repr(key),)
            found = self._known.get(key)
        if found is None:
            if len(self._known) >= _FEW:
                self.count_alike()
            judged = list(self._judge(case))
            found = self._known[key] = _Alike(
                stages=[(each, self._days_of(each, case)) for each in self._measures.times],
                of_terms=[each for each in judged if each.rate.is_of_terms],
                others=[each for each in judged if not each.rate.is_of_terms],
            )
        return found

    def _judge(self, case: MeasuredCase) -> Iterator[Judged]:
        """Yield what each rate says whose bottom counts a case."""
        for rate in self._measures.rates:
            if _suits(rate.bottom, case):
                ways = ((), *self._measures.splits.get(rate.name, ()))
                rows = tuple((rate.name, by, _values(case, by)) for by in ways)
                yield Judged(rate, not rate.is_of_terms and _suits(rate.top, case), rows)

    def look_at_families(self, *, end_at: int) -> None:
        """Count the cases that wait for what they opened to be looked at; inside `reading`."""
        for rate in self._measures.rates:
            waiting = self._waiting.pop(rate.name, {})
            own = {case_id: code for case_id, (_, code) in waiting.items()}
            codes = looked_at(self._ledger, rate, list(own), self._period.until, end_at, own=own) if own else {}
            for case_id, (judged, _) in waiting.items():
                self._count_terms(judged, codes[case_id])

    def rates(self) -> Iterator[SplitRate]:
        """Yield each rate of all together, and by what it is split by."""
        self.count_alike()
        tops, bottoms = self.found.tops, self.found.bottoms
        for rate in self._measures.rates:
            for by in ((), *self._measures.splits.get(rate.name, ())):
                groups = [each for name, one, each in bottoms if (name, one) == (rate.name, by)]
                rows = tuple(
                    (self._group(by, each), tops[rate.name, by, each], bottoms[rate.name, by, each])
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
                groups = [each for name, one, each in self.found.sums if (name, one) == (total.name, by)]
                yield SplitSum(
                    sum=total.name,
                    title=total.title,
                    definition=total.definition,
                    by=by,
                    by_titles=self._titles(by),
                    rows=tuple(
                        (self._group(by, each), self.found.sums[total.name, by, each])
                        for each in sorted(groups, key=self._order(by))
                    ),
                )

    def times(self) -> Iterator[StageDays]:
        """Yield how long each stage took, of all together, and by what it is split by."""
        for stage in self._measures.times:
            for by in ((), *stage.splits):
                own = (each for each in self.found.days if each[:2] == (stage.name, by))
                counted = {values: self.found.days[name, way, values] for name, way, values in own}
                found = [(each, counted[each]) for each in sorted(counted, key=self._order(by)) if counted[each]]
                yield StageDays(
                    stage=stage.name,
                    title=stage.title,
                    by=by,
                    by_titles=self._titles(by),
                    rows=tuple(
                        (self._group(by, each), days.total(), round(_mean(days), 1), round(_median(days), 1))
                        for each, days in found
                    ),
                    unknown=self.found.unknown[stage.name],
                )

    def _lasted(
        self,
        stage: StageTime,
        case: MeasuredCase,
        entered: Sequence[tuple[int, str]],
        noted: Mapping[str, int] | None,
        eve_at: int,
    ) -> Iterator[int | None]:
        """Yield how many calendar days each round of a stage took whose end was recorded in the period."""
        end = stage.end.field
        if end is not None:
            day = _day_in(case, end)
            if day is not None and (noted is None or noted.get(end, 0) >= eve_at):
                # Of several rounds the one that ended on that day is the newest that had begun by then.
                starts = (self._day_of(at) for at, state in entered if state in stage.start.states)
                begun = max((each for each in starts if each <= day), default=None)
                yield _between(_began(stage.start, case, begun), day)
            return
        first: date | None = None
        for at, state in entered:
            if state in stage.end.states:
                if at >= eve_at:
                    yield _between(_began(stage.start, case, first), self._day_of(at))
                first = None
            elif state in stage.start.states and first is None:
                first = self._day_of(at)

    def count_alike(self) -> None:
        """Count the cases of which was only noted that they are like others, and forget what they are like."""
        for alike in self._known.values():
            for judged in alike.others if alike.received else ():
                self._count(judged, alike.received, is_top=judged.is_top)
        self._known.clear()

    def _count(self, judged: Judged, cases: int, *, is_top: bool) -> None:
        """Count cases in all groups of a rate."""
        for row in judged.rows:
            self.found.bottoms[row] += cases
            self.found.tops[row] += cases * is_top

    def _add_up(self, total: Total, case: MeasuredCase) -> None:
        """Add what a case has to a sum that counts it, in all its groups; one without the number adds nothing."""
        value = 1 if total.adds is None else case.fields.get(total.adds)
        if value is None or not _suits(total.of, case):
            return
        for by in ((), *total.splits):
            key = (total.name, by, _values(case, by))
            self.found.sums[key] = self.found.sums.get(key, Decimal(0)) + Decimal(str(value))

    def _count_terms(self, judged: Judged, code: int) -> None:
        """Count a case whose terms stand so; one without any is not counted."""
        if code != NONE:
            self._count(judged, 1, is_top=code == KEPT)

    def _days_of(self, stage: StageTime, case: MeasuredCase) -> list[Counter[int]]:
        """Return where the days of a stage are counted, of all together and of the groups of a case."""
        rows = ((stage.name, by, _values(case, by)) for by in ((), *stage.splits))
        return [self.found.days.setdefault(row, Counter()) for row in rows]

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


def _asked(measures: Measures) -> tuple[str, ...]:
    """Return the fields whose values, and not only whether there is one, decide where measures count a case."""
    ways = [by for split in (*measures.splits.values(), *(each.splits for each in measures.times)) for by in split]
    found = {name for by in ways for name in by if name != UNIT}
    for rate in measures.rates:
        found |= {*rate.bottom.values, *rate.top.values}
    return tuple(sorted(found))


def _values(case: MeasuredCase, by: Dimensions) -> Values:
    """Return what a case has of what a measure is split by."""
    given = [case.unit if name == UNIT else case.fields.get(name) for name in by]
    return tuple([None if each is None else str(each) for each in given])


def _suits(condition: Condition, case: MeasuredCase) -> bool:
    """Say whether one side of a rate counts a case."""
    counted = not condition.counts or case.clearance in condition.counts
    return counted and condition.suits(case.state, case.fields)


def _began(start: Moment, case: MeasuredCase, entered: date | None) -> date | None:
    """Return the local day on which a stage began: that in its field, or on which its state was entered."""
    return entered if start.field is None else _day_in(case, start.field)


def _day_in(case: MeasuredCase, name: str) -> date | None:
    """Return the local date in a field."""
    value = case.fields.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def entered_states(entries: Sequence[CountedEntry]) -> list[tuple[int, str]]:
    """Return which states were entered when, in microseconds since 1970 UTC."""
    found: list[tuple[int, str]] = []
    before: str | None = None
    for each in entries:
        if each.to_state is not None and each.to_state != before:
            found.append((each.at, each.to_state))
            before = each.to_state
    return found


def _mean(days: Counter[int]) -> float:
    """Return the average of days, by how often each occurred."""
    return sum(each * count for each, count in days.items()) / days.total()


def _median(days: Counter[int]) -> float:
    """Return the median of days, by how often each occurred."""
    ordered = sorted(days)
    reached = list(accumulate(days[each] for each in ordered))
    middle = days.total() + 1
    low, high = (ordered[bisect_left(reached, place)] for place in (middle // 2, (middle + 1) // 2))
    return (low + high) / 2


def _between(first: date | None, last: date) -> int | None:
    """Return the calendar days between two days; None if nobody knows the first, or it lies after the last."""
    return None if first is None or first > last else (last - first).days
