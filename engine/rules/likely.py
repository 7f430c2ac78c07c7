"""Which of the steps that can be taken next is the likely one, for the officer who looks; from the declaration alone.

How often a step was taken says no more than this order does, and would have to be counted. Tried on a year of
one county, the step that was taken stood first in 26 of 38 cases and among the first three in 37; in declared
order in 19 and 23.
"""

from collections.abc import Collection, Iterator, Sequence

from engine.errors import Reason
from engine.rules.case import Actor, Case, Family, NextStep
from engine.rules.refusals import wrong_hands
from engine.rules.transitions import Rules
from engine.workflow.model import Deadline, EndsByEntering, EndsByField, Transition


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
    take, that are not rare, that end a deadline, that move the case or open one; then the declared order.

    Args:
        possible: As `engine.rules.transitions.steps` returns them, for the same case and family.
        actor: The officer who looks; None if nobody does.
        running: Names of the deadlines that run; None if that is not known.
    """
    declared = {each.name: each for each in rules.workflow.transitions}
    judged = []
    for each in possible:
        step = declared[each.name]
        ends = tuple(_ended(rules.workflow.deadlines.values(), case.state, step, rules.takes[each.name], running))
        judged.append(each.replace(ends=ends, not_mine=_not_mine(rules, step, case, actor, family)))
    return tuple(sorted(judged, key=lambda each: _unlikely(each, declared[each.name], case.state)))


def _unlikely(step: NextStep, declared: Transition, state: str) -> tuple[bool, ...]:
    """Return what puts a step behind others, the weightiest first."""
    moves = step.target not in {None, state} or bool(declared.opens)
    return (bool(step.blocked), not step.mine, declared.rare, not step.ends, not moves)


def _not_mine(rules: Rules, step: Transition, case: Case, actor: Actor | None, family: Family) -> tuple[Reason, ...]:
    """Return why an officer may not take a step; how they are known is no reason, since they can still show more."""
    if actor is None:
        return ()
    said = map(Reason.of, wrong_hands(rules.workflow, step, case, actor=actor, family=family))
    return tuple(each for each in said if each.kind == "who")


def _ended(
    deadlines: Collection[Deadline],
    state: str,
    step: Transition,
    brings: Collection[str],
    running: Collection[str] | None,
) -> Iterator[str]:
    """Yield the deadlines that run in a state and that a step from it ends."""
    target = step.target or state
    for each in deadlines:
        if state not in each.runs_in or (running is not None and each.name not in running):
            continue
        match each.ends:
            case EndsByEntering(states=states):
                ends = target != state and target in states
            case EndsByField(field=field):
                ends = field in brings or field in step.sets
            case None:
                ends = target not in each.runs_in and target not in each.paused_in
        if ends:
            yield each.name
