"""Which step leads a case on to where it counts as cleared."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.rules.case import Case, NextStep
from engine.rules.transitions import Rules


class Act(NamedTuple):
    """The step that leads a case to clearing, on itself or on one that it opened."""

    case: Case
    step: NextStep


def nearest(case: Case, rules: Rules, possible: Sequence[NextStep]) -> list[Act]:
    """Return the step that leads on to clearing; none if nothing leads on.

    A step that something stands against, beyond what may be brought with it, comes after all others; among
    the rest the one that leads into a state that counts, then the one that is nearest to full closure, and of
    equals the one that lacks least. A step that stays in its state leads on only if it opens another case,
    such as a letter that was never written.
    """
    far, counting = rules.far, frozenset(rules.workflow.cleared.states)
    most = far.get(case.state, len(rules.workflow.states))

    def stays(each: NextStep) -> bool:
        return each.target in {None, case.state}

    def away(each: NextStep) -> int:
        return far.get(each.target or case.state, most + 1)

    def leads(each: NextStep) -> bool:
        return each.would_open if stays(each) else away(each) <= most or each.target in counting

    def rank(each: NextStep) -> tuple[bool, bool, int, int, bool]:
        leads_in = case.state not in counting and each.target in counting
        return each.is_barred, not leads_in, away(each), len(each.missing), stays(each)

    chosen = min(filter(leads, possible), key=rank, default=None)
    return [] if chosen is None else [Act(case=case, step=chosen)]
