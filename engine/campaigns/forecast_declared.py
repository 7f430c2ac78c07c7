"""What measures declare for forecasts: assumptions for a first year, and values that say when a case cannot end yet."""

from dataclasses import dataclass
from typing import Final

from engine.language import Text
from engine.reading.terms import Part
from engine.workflow.deadline import Deadline, TermUnit, Within, WithinByValue
from engine.workflow.graph import successors
from engine.workflow.model import FieldType, Workflow
from engine.workflow.problems import did_you_mean


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastDeclared:
    """What a forecast takes from a file."""

    half_done_at: float
    """Half of the cases are cleared when this share of the terms before them has passed."""
    pace_spread: float
    """Standard deviation of the logarithm of the pace, which no week of the first year narrows."""
    without_term: int
    """Working days that stand for the terms of a state which has none before it."""
    not_before_fields: tuple[str, ...] = ()
    """Date fields: a case with a day that lies ahead in one is not cleared before it."""
    not_before_deadlines: tuple[str, ...] = ()
    """Deadlines: while one runs, a case is not cleared before its day."""


def forecast_in(declared: Part, workflow: Workflow) -> ForecastDeclared | None:
    """Return what a file of measures declares for forecasts; None if it declares nothing."""
    part = declared.part("forecast")
    if part is None:
        return None
    part.only(("half_done_at", "pace_spread", "without_term", "not_before", "basis"))
    bound = part.part("not_before") or part.below({}, "not_before")
    bound.only(("fields", "deadlines"))
    fields, deadlines = bound.names("fields"), bound.names("deadlines")
    dates = [name for name, each in workflow.fields.items() if each.type is FieldType.DATE]
    for key, named, known in (("fields", fields, dates), ("deadlines", deadlines, list(workflow.deadlines))):
        for name in named:
            if name not in known:
                near = did_you_mean(name, known)
                bound.wrong(Text(f"there is no '{name}'{near.en}", f"没有“{name}”{near.zh}"), key)
    return ForecastDeclared(
        half_done_at=part.number("half_done_at", 0.8, least=0.05, most=5),
        pace_spread=part.number("pace_spread", 0.7, least=0.05, most=3),
        without_term=part.whole("without_term", 40, most=2000),
        not_before_fields=fields,
        not_before_deadlines=deadlines,
    )


def half_days(declared: ForecastDeclared, workflow: Workflow) -> dict[str, float]:
    """Return for each state after how many working days half of the cases that stand there are assumed to be cleared.

    The terms that lie before a case are those of its state and of the states on the longest way onward, in the order
    in which the workflow declares its states, up to one that counts as cleared.
    """
    order = list(workflow.states)
    cleared = {*workflow.cleared.states, *workflow.fully_closed.states}
    onward = successors(workflow)
    left: dict[str, float] = {}
    for place in range(len(order) - 1, -1, -1):
        state = order[place]
        # Only ways onward: along one that leads back the same terms would be added for ever.
        following = [left[each] for each in onward[state] if order.index(each) > place and each not in cleared]
        left[state] = _term_of(workflow, state) + max(following, default=0.0)
    return {state: declared.half_done_at * (days or declared.without_term) for state, days in left.items()}


def _term_of(workflow: Workflow, state: str) -> float:
    """Return the longest term that runs in a state, in working days; 0 if there is none."""
    running = (each for each in workflow.deadlines.values() if state in each.runs_in)
    return max((_working_days(each) for each in running), default=0.0)


def _working_days(deadline: Deadline) -> float:
    """Return about how many working days a deadline gives; 0 if people set its day."""
    due = deadline.due
    if isinstance(due, Within):
        terms = [due.term]
    elif isinstance(due, WithinByValue):
        terms = [*due.terms.values(), *([due.otherwise] if due.otherwise else [])]
    else:
        return 0.0
    return max(each.amount * _A_UNIT[each.unit] for each in terms)


_A_UNIT: Final = {
    TermUnit.MINUTES: 1 / 1440,
    TermUnit.HOURS: 1 / 24,
    TermUnit.WORKING_HOURS: 1 / 8,
    TermUnit.DAYS: 5 / 7,
    TermUnit.WORKING_DAYS: 1.0,
    TermUnit.MONTHS: 21.0,
}
