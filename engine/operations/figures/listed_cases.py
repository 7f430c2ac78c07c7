"""Which cases and terms stand behind a figure: the number of each, the unit that answers for it, and since when."""

from collections.abc import Iterable
from datetime import date

from engine.deadlines.acts import day_of, moment_of
from engine.deadlines.clock import Status
from engine.deadlines.remaining import overrun, term_unit
from engine.language import Text
from engine.operations.figures.figure_values import ListedCase, MissedTerm, PeriodGroup
from engine.operations.zero.past import Past, PastDeadline
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import instant, local_day


def standing_term(past: Past, group: PeriodGroup, *, day: date, at: int) -> PastDeadline:
    """Return the deadline that lets a case stand as overdue or extended: of several, the one that was due first.

    Args:
        day: Local date of the figures.
        at: Their instant, for terms in hours; microseconds since 1970 UTC.
    """
    extended = {each.deadline for each in past.extensions}
    return _first(
        each
        for each in past.terms
        if (each.is_overdue(day=day, at=at) if group is PeriodGroup.OVERDUE else each.name in extended)
    )


def standing_case(
    workflow: Workflow, past: Past, term: PastDeadline, *, day: date, at: int, calendar: Calendar
) -> ListedCase:
    """Return a case that stands as overdue or extended, with the deadline that puts it there.

    Args:
        workflow: Of the version that the case began with.
        day: Local date of the figures.
        at: Their instant, for terms in hours; microseconds since 1970 UTC.
        calendar: The working days of its unit.
    """
    late = term.is_overdue(day=day, at=at)
    return ListedCase(
        number=past.case.number,
        unit=past.case.unit,
        state=workflow.states[past.case.state].title,
        deadline=_title(workflow, term),
        original_due_on=term.original_due_on,
        due_on=term.due_on,
        late_by=_late_by(workflow, past, term, day, at, calendar) if late else 0,
        counted_in=_unit(workflow, past, term),
    )


def missed_term(
    workflow: Workflow, past: Past, term: PastDeadline, *, day: date, at: int, calendar: Calendar
) -> MissedTerm:
    """Return a deadline that was not kept, with how late it is, or was when it ended, by the day in force.

    Args:
        workflow: Of the version that the case began with.
        day: Local date of the figures.
        at: Their instant, for terms in hours; microseconds since 1970 UTC.
        calendar: The working days of its unit.
    """
    ended_on = ""
    if term.status not in {Status.RUNNING, Status.PAUSED}:
        noted_on = local_day(term.noted_at, calendar.tz).isoformat()
        act = term.met_on or noted_on
        exact, ended_on = moment_of(act, calendar.tz), day_of(act)
        day, at = date.fromisoformat(ended_on), term.noted_at if exact is None else exact
    late = term.due_on < day.isoformat() if term.due_at is None else term.due_at < at
    return MissedTerm(
        number=past.case.number,
        unit=past.case.unit,
        deadline=_title(workflow, term),
        status=term.status,
        original_due_on=term.original_due_on,
        due_on=term.due_on,
        ended_on=ended_on,
        late_by=_late_by(workflow, past, term, day, at, calendar) if late and term.status is not Status.PAUSED else 0,
        counted_in=_unit(workflow, past, term),
    )


def returned_case(workflow: Workflow, past: Past, day: date) -> ListedCase:
    """Return a case that came back on a local day."""
    state = workflow.states[past.case.state].title
    return ListedCase(number=past.case.number, unit=past.case.unit, state=state, since=day.isoformat())


def _title(workflow: Workflow, term: PastDeadline) -> Text:
    """Return the title of a deadline."""
    declared = workflow.deadlines.get(term.name)
    return Text(term.name, term.name) if declared is None else declared.title


def _unit(workflow: Workflow, past: Past, term: PastDeadline) -> str:
    """Return the unit that a deadline is counted in."""
    declared = workflow.deadlines.get(term.name)
    return "days" if declared is None else term_unit(declared, past.case.fields)


def _late_by(workflow: Workflow, past: Past, term: PastDeadline, day: date, at: int, calendar: Calendar) -> int:
    """Return how late a deadline is on a day or at an instant, in its own unit."""
    unit = _unit(workflow, past, term)
    return overrun(unit, term.due_on, term.due_at, day=day, at=instant(at), calendar=calendar)


def _first(terms: Iterable[PastDeadline]) -> PastDeadline:
    """Return the deadline that was due first."""
    return min(terms, key=lambda each: (each.due_on, each.name))
