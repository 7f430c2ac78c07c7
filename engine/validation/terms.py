"""How long a term is, as far as that can be said without a calendar; decides no due day."""

from datetime import date
from functools import cache

from engine.workflow.deadline import Term, TermUnit

HOURS_OF_A_DAY = 24
WORKING_HOURS_OF_A_DAY = 8
MINUTES_OF_AN_HOUR = 60


def usual_hours(term: Term) -> float:
    """Return about how many hours *term* takes; negative before the due day."""
    return term.amount * _USUAL_HOURS[term.unit]


def may_be_longer(term: Term, limit: Term) -> bool:
    """Say whether *term* could, in some year, last longer than *limit* from the same start."""
    if term.unit is limit.unit:
        return term.amount > limit.amount
    return _longest_hours(term) > _shortest_hours(limit)


def written(term: Term) -> str:
    """Return *term* as a declaration writes it: `1 month`, `15 working_days`."""
    unit = term.unit.value
    return f"{term.amount} {unit[:-1] if abs(term.amount) == 1 else unit}"


_USUAL_HOURS = {
    TermUnit.MINUTES: 1 / MINUTES_OF_AN_HOUR,
    TermUnit.HOURS: 1.0,
    # A week of 168 hours has five working days of eight working hours.
    TermUnit.WORKING_HOURS: 168 / 40,
    TermUnit.DAYS: 24.0,
    TermUnit.WORKING_DAYS: 168 / 5,
    TermUnit.MONTHS: 730.5,
}

_LONGEST_HOLIDAY = 10
"""Days off in a row: the Spring Festival of 2020, which was prolonged."""


def _shortest_hours(term: Term) -> int:
    """Return the least hours that *term* can last; working days may stand side by side."""
    match term.unit:
        case TermUnit.MINUTES:
            return term.amount // MINUTES_OF_AN_HOUR
        case TermUnit.HOURS:
            return term.amount
        case TermUnit.WORKING_HOURS:
            return (term.amount // WORKING_HOURS_OF_A_DAY) * HOURS_OF_A_DAY
        case TermUnit.DAYS | TermUnit.WORKING_DAYS:
            return term.amount * HOURS_OF_A_DAY
        case TermUnit.MONTHS:
            return _month_days(term.amount)[0] * HOURS_OF_A_DAY


def _longest_hours(term: Term) -> int:
    """Return the most hours that *term* can last; a term in days ends with its last day."""
    match term.unit:
        case TermUnit.MINUTES:
            return -(-term.amount // MINUTES_OF_AN_HOUR)
        case TermUnit.HOURS:
            return term.amount
        case TermUnit.WORKING_HOURS:
            return _working_days(-(-term.amount // WORKING_HOURS_OF_A_DAY)) * HOURS_OF_A_DAY
        case TermUnit.DAYS:
            return term.amount * HOURS_OF_A_DAY
        case TermUnit.WORKING_DAYS:
            return _working_days(term.amount) * HOURS_OF_A_DAY
        case TermUnit.MONTHS:
            return _month_days(term.amount)[1] * HOURS_OF_A_DAY


def _working_days(amount: int) -> int:
    """Return how many days *amount* working days can take at most, with two long holidays a year."""
    weeks = amount // 5 + 1
    return amount + 2 * weeks + _LONGEST_HOLIDAY * (1 + amount // 125)


@cache
def _month_days(amount: int) -> tuple[int, int]:
    """Return how few and how many days *amount* months can have, looked at from each month of four years."""
    months = min(max(amount, 0), _LONGEST_MONTHS)
    spans = [(_first_day(start + months) - _first_day(start)).days for start in range(48)]
    return min(spans), max(spans)


def _first_day(month: int) -> date:
    """Return the first day of the month that many months after January 2000."""
    return date(2000 + month // 12, month % 12 + 1, 1)


_LONGEST_MONTHS = 12 * 1000
"""A term longer than that is compared as if it lasted so long; dates end with the year 9999."""
