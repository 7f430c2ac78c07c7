"""Which cases and deadlines of a period are named in its lists, so far as they come among the first."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.deadlines.clock import Status
from engine.operations.figures.figure_values import ListedCase, MissedTerm, PeriodGroup
from engine.operations.figures.listed_cases import missed_term, returned_case, standing_case, standing_term
from engine.operations.figures.longest import Longest
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import PeriodSums
from engine.operations.zero.past import Past, PastDeadline
from engine.rules.case import Count

LISTED: Final = (PeriodGroup.OVERDUE, PeriodGroup.EXTENDED)
"""The groups whose cases are named."""


def judged(sums: PeriodSums, period: Period, past: Past) -> Iterator[tuple[PastDeadline, bool]]:
    """Yield the deadlines of a case that there were to keep, and whether each was, but those that ended before."""
    for each in past.terms:
        ended = each.status not in {Status.RUNNING, Status.PAUSED}
        if not (ended and each.noted_at < sums.eve_at):
            kept = each.held(day=period.until, zone=sums.zone, at=sums.at)
            if kept is not None:
                yield each, kept


def note_missed(sums: PeriodSums, past: Past, term: PastDeadline) -> None:
    """Note the case of a deadline of ours that was not kept, if that comes among the first."""
    sums.missed.keep((term.original_due_on, past.case.number), past.case.id)


def note_standing(sums: PeriodSums, period: Period, past: Past, group: PeriodGroup) -> None:
    """Note a case that is overdue or extended, if it comes among the first."""
    term = standing_term(past, group, day=period.until, at=sums.at)
    list_of(sums, group).keep((term.due_on, past.case.number), past.case.id)


def list_of(sums: PeriodSums, group: PeriodGroup) -> Longest[int]:
    """Return the list of the cases that are overdue, or of those that are extended."""
    return sums.overdue_cases if group is PeriodGroup.OVERDUE else sums.extended_cases


def standing_of(past: Past, day: date, at: int) -> PeriodGroup:
    """Return where a case stands at the end of a day, or at the instant *at* if the day is not over."""
    if past.case.clearance == Count.FULLY_CLOSED:
        return PeriodGroup.FULLY_CLOSED
    if past.case.clearance == Count.CLEARED:
        return PeriodGroup.CLEARED
    if any(each.is_overdue(day=day, at=at) for each in past.terms):
        return PeriodGroup.OVERDUE
    return PeriodGroup.EXTENDED if past.extensions else PeriodGroup.IN_TIME


class NamedLists:
    """The rows of the lists of a period, of the cases that were noted for them."""

    def __init__(self, sums: PeriodSums, period: Period) -> None:
        """Begin without a row."""
        self._sums, self._period = sums, period
        self.overdue = Longest[ListedCase](sums.overdue_cases.limit)
        self.extended = Longest[ListedCase](sums.extended_cases.limit)
        self.returned = Longest[ListedCase](sums.returned_cases.limit)
        self.missed = Longest[MissedTerm](sums.missed.limit)
        self._days: dict[int, list[str]] = {}
        for (day, _), case_id in sums.returned_cases.entries():
            self._days.setdefault(case_id, []).append(day)

    @property
    def case_ids(self) -> list[int]:
        """The cases to be named, ascending."""
        sums = self._sums
        noted = (sums.overdue_cases, sums.extended_cases, sums.returned_cases, sums.missed)
        return sorted({case_id for each in noted for case_id in each.rows()})

    def add(self, past: Past) -> None:
        """Name a case and its deadlines in the lists that they stand in."""
        sums, day, at, number = self._sums, self._period.until, self._sums.at, past.case.number
        workflow, calendar = sums.workflow_of(past.case), sums.calendar_of(past.case.unit_id)
        group = standing_of(past, day, at)
        if group in LISTED:
            term = standing_term(past, group, day=day, at=at)
            row = standing_case(workflow, past, term, day=day, at=at, calendar=calendar)
            (self.overdue if group is PeriodGroup.OVERDUE else self.extended).keep((term.due_on, number), row)
        for each, kept in judged(sums, self._period, past):
            if not kept and not each.theirs:
                missed = missed_term(workflow, past, each, day=day, at=at, calendar=calendar)
                self.missed.keep((missed.original_due_on, number, missed.deadline.en), missed)
        for said in self._days.get(past.case.id, ()):
            self.returned.keep((said, number), returned_case(workflow, past, date.fromisoformat(said)))
