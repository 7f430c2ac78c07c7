"""Which of the steps that can be taken next is the likely one, for the officer who looks; from the declaration alone.

How often a step was taken says no more than this order does, and would have to be counted. Tried on a year of
one county, the step that was taken stood first in 26 of 38 cases and among the first three in 37; in declared
order in 19 and 23.
"""

from collections.abc import Collection, Sequence

from engine.errors import Reason
from engine.rules.case import Actor, Case, Family, NextStep
from engine.rules.refusals import wrong_hands
from engine.rules.transitions import Rules
from engine.workflow.deadline import Deadline, EndsByEntering, EndsByField
from engine.workflow.model import Transition


def likely_first(
    rules: Rules,
    case: Case,
    family: Family,
    possible: Sequence[NextStep],
    *,
    actor: Actor | None = None,
    running: Collection[str] | None = None,
) -> tuple[NextStep, ...]:
    """Return the possible steps, the likely one first, with whom each is for and which deadlines it ends.

    Before others come steps against which nothing stands that no form could mend, then those that the officer may
    take, that are not rare, that end a deadline, that clear nothing that an earlier step brought, that move the case or
    open one; then the declared order.

    Args:
        possible: As `engine.rules.transitions.steps` returns them, for the same case and family.
        actor: The officer who looks; None if nobody does.
        running: Names of the deadlines that run; None if that is not known.
    """
    declared = {each.name: each for each in rules.workflow.transitions}
    judged = []
    for each in possible:
        step = declared[each.name]
        ends = deadlines_ended(rules, case.state, step, running)
        judged.append(each.replace(ends=ends, not_mine=_not_mine(rules, step, case, actor, family)))
    return tuple(sorted(judged, key=lambda each: _unlikely(each, declared[each.name], case)))


def lies_elsewhere(possible: Sequence[NextStep]) -> bool:
    """Say whether no step that is possible now ends a deadline: then its open children go first.

    What can still be done with the case is beside the work: it waits for what they bring.

    Args:
        possible: As `likely_first` returns them.
    """
    return not any(each.ends for each in possible if not each.blocked)


def _unlikely(step: NextStep, declared: Transition, case: Case) -> tuple[bool, ...]:
    """Return what puts a step behind others, the weightiest first."""
    moves = step.target not in {None, case.state} or bool(declared.opens)
    undoes = any(case.fields.get(name) is not None for name in declared.clears)
    return (bool(step.blocked), not step.mine, declared.rare, not step.ends, undoes, not moves)


def _not_mine(rules: Rules, step: Transition, case: Case, actor: Actor | None, family: Family) -> tuple[Reason, ...]:
    """Return why an officer may not take a step; how they are known is no reason, since they can still show more."""
    if actor is None:
        return ()
    said = map(Reason.of, wrong_hands(rules.workflow, step, case, actor=actor, family=family))
    return tuple(each for each in said if each.kind == "who")


def deadlines_ended(
    rules: Rules, state: str, step: Transition, running: Collection[str] | None = None
) -> tuple[str, ...]:
    """Return the deadlines that run in a state and that a step from it ends.

    Args:
        running: Names of the deadlines that run; None if that is not known.
    """
    key = (state, step.name)
    if key not in rules.ending:
        target, brings = step.target or state, rules.takes[step.name]
        rules.ending[key] = tuple(
            each.name
            for each in rules.workflow.deadlines.values()
            if state in each.runs_in and _ends(each, state, target, brings, step)
        )
    return tuple(each for each in rules.ending[key] if running is None or each in running)


def _ends(declared: Deadline, state: str, target: str, brings: Collection[str], step: Transition) -> bool:
    """Say whether a step is the act that meets a deadline, or leaves where its time counts if it has no act."""
    match declared.ends:
        case EndsByEntering(states=states):
            return target != state and target in states
        case EndsByField(field=field):
            return field in brings or field in step.sets
        case None:
            return target not in declared.runs_in and target not in declared.paused_in
