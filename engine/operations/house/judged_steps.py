"""Judges one step again by the rules alone: what was brought to it, what they say of that, and where it leads."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import StepTaken
from engine.journal.chain import ChainRow
from engine.journal.event import SEALED
from engine.language import Text
from engine.rules.case import Actor, Case, Decision, Family
from engine.rules.transitions import Rules, advance
from engine.workflow.model import Transition


class StepThen(NamedTuple):
    """What an officer did by a row, as rules judge it."""

    trigger: str
    brought: Mapping[str, object]
    filled: Mapping[str, object]
    day: date
    """Local date."""


def against_step_rules(
    rules: Rules,
    case: Case,
    said: tuple[ChainRow, StepTaken, Transition],
    step: StepThen,
    *,
    actor: Actor,
    family: Family,
) -> Text | None:
    """Return why the rules do not let a step happen, or lead elsewhere; None if they do neither.

    Args:
        said: The row, what it says, and the transition that it names.
        step: What was brought to it, and when.
        actor: Who took it, with the roles that they had then.
        family: The case's own history; a step that looks at other relatives is judged in part.
    """
    (row, event, chosen), (trigger, brought, filled, day) = said, step
    try:
        decision = advance(rules, case, trigger, brought, actor=actor, family=family, today=day, filled=filled)
    except RefusedError as refused:
        return next(iter(refused.reasons), refused.sentence)
    except NotFoundError as missing:
        return missing.sentence
    if (decision.state, int(decision.clearance)) != (row.to_state, row.clearance):
        return Text("{step} does not lead to where it stands", "{step} 的结果与规则不符").format(step=trigger)
    return _otherwise_set(rules.computed.get(chosen.name, ()), case.fields, event, decision)


def _otherwise_set(
    names: Iterable[str], before: Mapping[str, object], event: StepTaken, decision: Decision
) -> Text | None:
    """Return that a field does not hold what the step's expression comes to; None if all do."""
    for name in names:
        stands = event.set.get(name, None if name in event.was else before.get(name))
        if stands != decision.fields.get(name):
            return Text("'{field}' is not what {step} sets it to", "“{field}”与 {step} 所设定的值不符").format(
                field=name, step=event.trigger
            )
    return None


def brought_by(
    rules: Rules, chosen: Transition, before: Mapping[str, object], event: StepTaken
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what an officer brought to a step, and what the program filled in, as far as its row tells them apart."""
    takes = rules.takes[chosen.name]
    brought: dict[str, object] = {name: value for name, value in event.set.items() if name in takes}
    brought.update(dict.fromkeys((name for name in event.seals if name in takes), SEALED))
    emptied = (name for name in event.was if name not in event.set and name in takes and name not in chosen.clears)
    brought.update(dict.fromkeys((name for name in emptied if name not in event.seals and name in before), None))
    filled = {name: value for name, value in event.set.items() if name not in takes and name not in chosen.sets}
    return brought, filled
