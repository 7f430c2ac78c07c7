"""Deadlines that a ledger states as a length of time: the day they come to, by a working calendar."""

from datetime import date

from engine.working_days.calendars import Calendar
from engine.working_days.count import add
from engine.working_days.loose_dates import LengthFound


def last_day(length: LengthFound, since: date, calendar: Calendar) -> date:
    """Return the local date on which a deadline of that length ends.

    Args:
        since: The local date of receipt, which is not counted itself.

    Raises:
        BadValueError: If the calendar of a year that is needed has not been published.
    """
    due = add(since, length.amount, length.unit, calendar).due
    assert isinstance(due, date)
    return due
