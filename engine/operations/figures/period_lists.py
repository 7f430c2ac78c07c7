"""Which cases and deadlines of a period are named in its lists, so far as they come among the first."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.deadlines.clock import Status
from engine.operations.figures.figure_values import ListedCase, PeriodGroup
from engine.operations.figures.listed_cases import missed_term, standing_case, standing_term
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


def list_missed(sums: PeriodSums, period: Period, past: Past, term: PastDeadline) -> None:
    """Name a deadline of ours that was not kept, if it comes among the first."""
    if sums.missed.takes((term.original_due_on, past.case.number)):
        workflow, calendar = sums.workflow_of(past.case), sums.calendar_of(past.case.unit_id)
        found = missed_term(workflow, past, term, day=period.until, at=sums.at, calendar=calendar)
        sums.missed.keep((found.original_due_on, found.number, found.deadline.en), found)


def list_standing(sums: PeriodSums, period: Period, past: Past, group: PeriodGroup) -> None:
    """Name a case that is overdue or extended, if it comes among the first."""
    term = standing_term(past, group, day=period.until, at=sums.at)
    key, wanted = (term.due_on, past.case.number), list_of(sums, group)
    if wanted.takes(key):
        workflow, calendar = sums.workflow_of(past.case), sums.calendar_of(past.case.unit_id)
        wanted.keep(key, standing_case(workflow, past, term, day=period.until, at=sums.at, calendar=calendar))


def list_of(sums: PeriodSums, group: PeriodGroup) -> Longest[ListedCase]:
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


def list_unchanged(sums: PeriodSums, period: Period, past: Past) -> None:
    """Name a case that was counted without being looked at, and its deadlines, in the lists that it stands in."""
    group = standing_of(past, period.until, sums.at)
    if group in LISTED:
        list_standing(sums, period, past, group)
    for each, kept in judged(sums, period, past):
        if not kept and not each.theirs:
            list_missed(sums, period, past, each)
