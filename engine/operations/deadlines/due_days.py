"""What falls due on each of some days, with the days that are off; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.deadlines.clock import Clock
from engine.language import Text
from engine.operations.deadlines.standings import DeadlineView, standing
from engine.operations.ledger.acting import Acting
from engine.store import case_rows, due_rows
from engine.working_days.calendars import DayStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """A day, and what is due on it."""

    day: date
    standing: DayStatus
    """Whether it works, is off, or is not published."""
    reason: Text
    """Why it is what it is: its holiday, what it makes up for, or its weekday."""
    due: tuple[DeadlineView, ...]
    is_cut: bool
    """More is due than is here."""


def due_days(
    acting: Acting, first: date, days: int, *, unit: str | None = None, officer: str | None = None, limit: int
) -> Sequence[CalendarDay]:
    """Return days in a row, each with the running deadlines that are due on it, at most *limit*.

    It asks once for each day, and once for all cases: what is due on other days costs nothing.

    Args:
        first: The first of them, a local date.
        unit: Only cases of this unit; its own days off are marked then, else those of the house.
        officer: Only cases that name this officer.

    Raises:
        NotFoundError: If there is no such unit.
        RefusedError: If it is closed.
    """
    ledger = acting.ledger
    unit_id = None if unit is None else ledger.unit(unit).id
    calendar = ledger.calendar if unit_id is None else ledger.calendar_of(unit_id)
    found: dict[date, Sequence[Clock]] = {}
    for day in (first + timedelta(days=each) for each in range(days)):
        found[day] = due_rows.due_on(ledger.store, day.isoformat(), unit_id=unit_id, officer=officer, limit=limit + 1)
    cases = case_rows.by_ids(ledger.store, sorted({clock.case_id for clocks in found.values() for clock in clocks}))
    seen = {each.id: each for each in cases.values() if ledger.sees(each)}
    return [
        CalendarDay(
            day=day,
            standing=calendar.standing(day),
            reason=calendar.reason(day),
            due=tuple(
                standing(ledger, seen[clock.case_id], clock, now=acting.now)
                for clock in clocks[:limit]
                if clock.case_id in seen
            ),
            is_cut=len(clocks) > limit,
        )
        for day, clocks in found.items()
    ]
