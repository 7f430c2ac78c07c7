"""Rows of clock_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class DeadlineRecord(NamedTuple):
    """A declared term of one case, as it is stored."""

    id: int
    case_id: int
    name: str
    round: int
    """Counts the times the term began again."""
    status: int
    """0 running, 1 paused, 2 met, 3 cancelled, 4 lifted."""
    starts_at: int
    original_due_on: str
    """Changes only with a start that is corrected; the former one stays in the ledger."""
    due_on: str
    """Local date; the day itself is never overdue."""
    due_at: int | None
    """The instant, for terms in hours."""
    ledger: str
    """Pauses, extensions, breaches, times in which it was lifted and former starts, as JSON."""
    calendar: str
    """Name and version of the calendar that set the date."""
    provisional: int
    """1 if a year without a published calendar was counted by weekdays."""
    arming: int
    """Counts the times the due day moved."""
    rung: int
    """The next rung to take, counting repetitions."""
    next_at: int | None
    """When that rung comes due; NULL if none is left."""
    ended_at: int | None
    met_on: str | None
    """Local date of the act that met it."""


class NextRung(NamedTuple):
    """The next rung of a deadline that has just reminded, or that has none set."""

    rung: int
    """The next rung to take, counting repetitions."""
    next_at: int | None
    """When that rung comes due; NULL if none is left."""
    id: int


class DueDay(NamedTuple):
    """When a case is due."""

    number: str
    due_on: str
    """Local date; the day itself is never overdue."""
