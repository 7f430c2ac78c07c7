"""Which cases stand behind a figure: the number of each, the unit that answers for it, and since when."""

from collections.abc import Iterable
from datetime import date

from engine.language import Text
from engine.operations.figures.figure_values import ListedCase, PeriodGroup
from engine.operations.zero.past import Past, PastDeadline
from engine.workflow.model import Workflow


def standing_case(workflow: Workflow, past: Past, group: PeriodGroup, *, day: date, at: int) -> ListedCase:
    """Return a case that stands as overdue or extended, with the deadline that puts it there.

    Args:
        workflow: Of the version that the case began with.
        day: Local date of the figures.
        at: Their instant, for terms in hours; microseconds since 1970 UTC.
    """
    extended = {each.deadline for each in past.extensions}
    term = _first(
        each
        for each in past.terms
        if (each.is_overdue(day=day, at=at) if group is PeriodGroup.OVERDUE else each.name in extended)
    )
    declared = workflow.deadlines.get(term.name)
    return ListedCase(
        number=past.case.number,
        unit=past.case.unit,
        state=workflow.states[past.case.state].title,
        deadline=Text(term.name, term.name) if declared is None else declared.title,
        original_due_on=term.original_due_on,
        due_on=term.due_on,
    )


def returned_case(workflow: Workflow, past: Past, day: date) -> ListedCase:
    """Return a case that came back on a local day."""
    state = workflow.states[past.case.state].title
    return ListedCase(number=past.case.number, unit=past.case.unit, state=state, since=day.isoformat())


def _first(terms: Iterable[PastDeadline]) -> PastDeadline:
    """Return the deadline that was due first."""
    return min(terms, key=lambda each: (each.due_on, each.name))
