"""Terms that an older version of the program took for met when their condition ceased; nothing was done that met them.

The present one calls them lifted, and lets them run on with their day. Their rows of the journal cannot be written
again, so they are known by what stands there: the case was still where the term runs when it ended.
"""

from collections.abc import Sequence

from engine.deadlines.clock import Clock, Lift, Status
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Decision
from engine.store import case_rows
from engine.workflow.deadline import Deadline, EndsByField
from engine.workflow.model import Workflow


def as_lifted(
    ledger: Ledger, workflow: Workflow, case: Case, decision: Decision, clocks: Sequence[Clock]
) -> Sequence[Clock]:
    """Return the clocks of a case as the present rules see them, before a decision is applied.

    Only those are looked at that the decision requires again where the case stands and goes on standing.
    """
    back = [
        each
        for each in clocks
        if each.status is Status.MET
        and (declared := workflow.deadlines.get(each.name)) is not None  # else only an older version has it
        and _comes_back(declared, case, decision)
    ]
    if not back:
        return clocks
    newest = {each.name: each.id for each in clocks}
    met = {each.id for each in back if newest[each.name] == each.id}
    states = {entry.at: entry.to_state for entry in case_rows.entries(ledger.store, case.id)}
    return [
        _lifted(each) if each.id in met and _stood_inside(workflow.deadlines[each.name], states, each) else each
        for each in clocks
    ]


def _comes_back(declared: Deadline, case: Case, decision: Decision) -> bool:
    """Say whether a decision requires a term again whose states the case does not leave."""
    inside = {*declared.runs_in, *declared.paused_in}
    is_conditional = declared.if_ is not None and not isinstance(declared.ends, EndsByField)
    return is_conditional and decision.applies[declared.name] and {case.state, decision.state} <= inside


def _stood_inside(declared: Deadline, states: dict[int, str | None], clock: Clock) -> bool:
    """Say whether the case was where the term runs when the clock ended."""
    return clock.ended_at is not None and states.get(clock.ended_at) in {*declared.runs_in, *declared.paused_in}


def _lifted(clock: Clock) -> Clock:
    """Return a clock as one that was not required since it ended."""
    assert clock.ended_at is not None
    lift = Lift(from_at=clock.ended_at, to_at=None, why="condition")
    return clock._replace(status=Status.LIFTED, met_on=None, lifted=(*clock.lifted, lift))
