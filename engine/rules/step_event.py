"""What the journal will say of a step that the rules decided."""

from collections.abc import Mapping

from engine.journal.case_events import StepTaken
from engine.rules.case import Case
from engine.workflow.model import Transition


def step_taken(chosen: Transition, changed: Mapping[str, object], was: Mapping[str, object]) -> StepTaken:
    """Return what the journal says of a step: what it set, and what stood there before.

    Its own name is said only where the trigger does not say which transition it is.
    """
    name = chosen.name if chosen.name != chosen.trigger else None
    return StepTaken(trigger=chosen.trigger, transition=name, set=changed, was=was)


def event_of(case: Case, chosen: Transition, fields: Mapping[str, object], brought: Mapping[str, object]) -> StepTaken:
    """Return what the journal says of a step, from the values after it."""
    before = case.fields
    # What was brought is journaled even if it was so before: who signed a second time has signed again.
    changed = {k: v for k, v in fields.items() if before.get(k) != v or k in brought}
    was = {k: before[k] for k in (*changed, *(before.keys() - fields.keys())) if k in before}
    return step_taken(chosen, changed, was)
