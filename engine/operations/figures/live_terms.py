"""The deadlines that run or rest at the end of a period, of cases that are not rebuilt, and which lists they stand in.

Each is looked at once and counted with those that are like it. Which cases a list names is known of them too; those
alone are read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import islice
from operator import itemgetter

from engine.deadlines.clock import Status
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import PeriodSums
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK
from engine.rules.case import Count
from engine.store import unchanged_rows as rows
from engine.store.unchanged_rows import UnendedTerm

_RUNNING = int(Status.RUNNING)
_ALIKE = itemgetter(*range(6))
"""What deadlines are counted by: all but of which case one is, and whether it is extended."""
_AT_ONCE = 5_000


class LiveTerms:
    """What the live deadlines of cases come to that stood as they do now when the period ended."""

    def __init__(self, ledger: Ledger, workflow: str, sums: PeriodSums, period: Period) -> None:
        """Begin with none; until the end *sums* hold of them only the cases that were late."""
        self._ledger, self._workflow, self._sums, self._period = ledger, workflow, sums, period
        self._theirs_of = _TheirsByVersion(ledger, workflow)
        self._counts = Counter[tuple[object, ...]]()
        self._overdue: dict[int, tuple[str, str, int]] = {}
        """By the id of an open case: day in force of the deadline of ours that is overdue first, number, and unit."""
        self._extended: dict[int, tuple[str, int]] = {}
        """Number and unit of the open cases with an extended deadline, by id."""

    def apart(self, sums: PeriodSums) -> "LiveTerms":
        """Return another, without deadlines, that adds to other sums."""
        return LiveTerms(self._ledger, self._workflow, sums, self._period)

    def add(self, terms: Iterable[UnendedTerm]) -> set[int]:
        """Take deadlines in; return the cases with one of ours that is past its original day."""
        until, late = self._period.until.isoformat(), set[int]()
        for each in self._noted(terms, until):
            is_ours = each.name not in self._theirs_of[each.version]
            if each.clearance == Count.OPEN:
                if is_ours and each.status == _RUNNING and each.due_on < until:
                    mine = each.due_on, each.number, each.unit_id
                    self._overdue[each.case_id] = min(mine, self._overdue.get(each.case_id, mine))
                if each.is_extended:
                    self._extended[each.case_id] = each.number, each.unit_id
            if is_ours and each.original_due_on < until:
                late.add(each.case_id)
                self._sums.missed.keep((each.original_due_on, each.number), each.case_id)
        return late

    def _noted(self, terms: Iterable[UnendedTerm], until: str) -> Iterator[UnendedTerm]:
        """Count deadlines with those that are like them; yield the ones of which there is more to say."""
        waiting = iter(terms)
        while batch := list(islice(waiting, _AT_ONCE)):
            self._counts.update(map(_ALIKE, batch))
            yield from (
                each for each in batch if each.due_on < until or each.original_due_on < until or each.is_extended
            )

    def conclude(self) -> None:
        """Add what they come to, and note the cases that lists may name.

        Open cases have been counted as in time; those that are overdue or extended are moved from there.
        """
        sums = self._sums
        for key, count in self._counts.items():
            self._add_alike(UnendedTerm._make((*key, 0, "", 0, 0)), count)
        for case_id in self._overdue.keys() & self._extended.keys():
            del self._extended[case_id]  # what is overdue counts as that alone
        overdue, extended = [unit for *_, unit in self._overdue.values()], [unit for _, unit in self._extended.values()]
        for group, units in ((PeriodGroup.OVERDUE, overdue), (PeriodGroup.EXTENDED, extended)):
            for unit_id, count in Counter(units).items():
                sums.tallies[unit_id].standings[group] += count
                sums.tallies[unit_id].standings[PeriodGroup.IN_TIME] -= count
        sums.overdue_cases.count += len(overdue)
        sums.extended_cases.count += len(extended)
        if sums.missed.limit != 0:
            self._note()

    def _add_alike(self, each: UnendedTerm, count: int) -> None:
        """Add deadlines that are alike."""
        sums, term = self._sums, (each.name, each.name in self._theirs_of[each.version])
        until, is_ours = self._period.until.isoformat(), not term[1]
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

    def _note(self) -> None:
        """Note the cases for the lists that they stand in."""
        sums = self._sums
        for case_id, (day, number, _) in self._overdue.items():
            sums.overdue_cases.keep((day, number), case_id)
        extended = sorted(self._extended)
        for start in range(0, len(extended), CHUNK):
            for day, case_id in rows.first_extended(self._ledger.store, extended[start : start + CHUNK]):
                sums.extended_cases.keep((day, self._extended[case_id][0]), case_id)


class _TheirsByVersion(dict[int, AbstractSet[str]]):
    """The deadlines that are the other side's, by version."""

    def __init__(self, ledger: Ledger, workflow: str) -> None:
        super().__init__()
        self._ledger, self._workflow = ledger, workflow

    def __missing__(self, version: int) -> AbstractSet[str]:
        found = self[version] = self._ledger.rules(self._workflow, version).shapes.theirs
        return found
