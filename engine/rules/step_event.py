"""What the journal will say of a step that the rules decided."""

from collections.abc import Mapping
from itertools import compress
from operator import is_not

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
    # Values that nobody touched are the very objects that they were: these are passed over without a look at each.
    others = compress(fields, map(is_not, fields.values(), map(before.get, fields)))
    asked = dict.fromkeys((*others, *brought))
    changed = {k: fields[k] for k in asked if k in fields and (k in brought or before.get(k) != fields[k])}
    was = {k: before[k] for k in (*changed, *(before.keys() - fields.keys())) if k in before}
    return step_taken(chosen, changed, was)
