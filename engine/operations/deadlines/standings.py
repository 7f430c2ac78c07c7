"""How deadlines stand, one and many; changes nothing, and is loaded by `show`, which changes nothing either."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice

from engine.deadlines.clock import Breach, Clock, Status, is_overdue
from engine.deadlines.lateness import breaches_by
from engine.deadlines.remaining import counted_in, late_by, left
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.older_versions import deadline_then
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.workflow.deadline import Deadline
from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.instants import instant, local_day, microseconds

PAGE = 200
"""Deadlines whose cases are read together."""


class DeadlineView(FrozenStruct, frozen=True, kw_only=True):
    """One deadline as it stands at one moment."""

    case: Case
    declared: Deadline
    clock: Clock
    overdue: bool
    """Whether it is late, and ours."""
    left: int
    """In `counted_in`; negative when late, 0 on the due day."""
    counted_in: str
    late_by: int
    """In `counted_in`: how late it is, or was when it was met; 0 if it is not or was not."""
    theirs: bool
    """It is the other side's time."""
    now: datetime
    """The moment, an aware instant."""
    zone: str
    """The time zone of its local days."""
    breaches: tuple[Breach, ...]
    """All times in which it was late, with the one that lasts."""


def standings(
    ledger: Ledger,
    *,
    overdue: bool = False,
    due_by: date | None = None,
    unit: str | None = None,
    number: str | None = None,
    now: datetime,
) -> Iterator[DeadlineView]:
    """Yield live deadlines, the most urgent first.

    Args:
        overdue: Only those past their due day by local date.
        due_by: Only those due on or before that local date.
        number: Only those of one case and, beside them, of the cases it opened.
    """
    today, now_at = ledger.today(now), microseconds(now)
    unit_id = None if unit is None else ledger.unit(unit).id
    # Where the clock was set back, a term is late by its case's last row (`standing`); the newest row bounds them all.
    known = local_day(max(now_at, case_rows.newest_at(ledger.store) or 0), ledger.zone) if overdue else None
    last = min(each for each in (due_by, known, date.max) if each is not None)
    cases: dict[int, Case] = {}
    if number is None:
        found = clock_rows.live(ledger.store, due_by=last.isoformat(), unit_id=unit_id)
    else:
        cases = _family(ledger, ledger.case(number))
        found = clock_rows.live_of(ledger.store, list(cases), due_by=last.isoformat())
    if overdue and known == today:
        found = (each for each in found if is_overdue(each, now_at=now_at, today=today))
    while page := list(islice(found, PAGE)):
        if number is None:
            cases = case_rows.by_ids(ledger.store, [each.case_id for each in page])
        for clock in page:
            view = standing(ledger, cases[clock.case_id], clock, now=now)
            if view.overdue or not overdue:
                yield view


def standing(ledger: Ledger, case: Case, clock: Clock, *, now: datetime) -> DeadlineView:
    """Return how one deadline stands now, with what is left in its own unit.

    Now is never before the last row of the case's journal: where the clock was set back, what was late is late.
    """
    now = max(now, instant(case.changed_at))
    declared = deadline_then(ledger, ledger.rules_of(case).workflow, clock.name)
    today, calendar, now_at = ledger.today(now), ledger.calendar_of(case.unit_id), microseconds(now)
    is_past = is_overdue(clock, now_at=now_at, today=today)
    # Of most deadlines nothing is late and nothing ever was: a list asks this of each of its rows.
    is_quiet = not is_past and clock.status is Status.RUNNING and not clock.breaches and clock.met_on is None
    unit = counted_in(declared, clock)
    return DeadlineView(
        case=case,
        declared=declared,
        clock=clock,
        overdue=is_past and not declared.is_theirs,
        left=left(declared, clock, now=now, today=today, calendar=calendar, unit=unit),
        counted_in=unit,
        late_by=0 if is_quiet else late_by(declared, clock, now=now, today=today, calendar=calendar),
        theirs=declared.is_theirs,
        now=now,
        zone=ledger.zone,
        breaches=() if is_quiet else breaches_by(clock, now_at=now_at, calendar=calendar),
    )


def _family(ledger: Ledger, case: Case) -> dict[int, Case]:
    """Return a case and all that was opened from it, by id."""
    found, waiting = {}, [case]
    while waiting:
        each = waiting.pop()
        found[each.id] = each
        waiting += case_rows.children(ledger.store, each.id)
    return found
