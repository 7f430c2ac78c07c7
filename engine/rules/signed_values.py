"""What a signature covers, and whether that has changed; pure."""

from collections.abc import Mapping, Sequence

from engine.journal.signature_events import SignatureAsked
from engine.rules.transitions import Rules
from engine.workflow.deed_words import EXTENSION, VOIDING
from engine.workflow.field_traits import DAY_TYPES
from engine.workflow.model import Workflow


def steps_signed(rules: Rules, state: str, field: str) -> tuple[str, ...]:
    """Return the triggers of the steps that leave *state* and take a signature."""
    leaving = rules.machine.leaving(state)
    return tuple(dict.fromkeys(each.trigger for each in leaving if field in rules.takes[each.name]))


def signatures_taken(rules: Rules, state: str, trigger: str) -> frozenset[str]:
    """Return the signatures that a step takes."""
    if not rules.signatures:
        return rules.signatures
    taken = (rules.takes[each.name] for each in rules.machine.plan(trigger).get(state, ()))
    return rules.signatures.intersection(*[frozenset().union(*taken)])


def signing_roles(workflow: Workflow, asked: SignatureAsked) -> Sequence[str]:
    """Return one of which roles an officer needs to sign what is no step; none if any officer may, or it is one."""
    if asked.step == VOIDING:
        return workflow.void_signed_by
    declared = workflow.deadlines.get(str(asked.covers.get("deadline"))) if asked.step == EXTENSION else None
    return () if declared is None or declared.extend is None else declared.extend.signed_by


def covered(rules: Rules, state: str, trigger: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return what who signs a step signs: all that it needs, asks for or takes, as it stands or is proposed.

    Other signatures are not covered, nor what is sealed, for nobody reads it. A day that is not known yet may follow:
    nobody knows beforehand on which day it will be signed.

    Args:
        values: All values that the step is to be taken with.
    """
    fields = rules.workflow.fields
    taken = (rules.takes[each.name] for each in rules.machine.plan(trigger).get(state, ()))
    return {
        name: values.get(name)
        for name in sorted(frozenset().union(*taken) - rules.signatures - rules.sealed)
        if not (fields[name].type in DAY_TYPES and values.get(name) is None)
    }


def changed(covers: Mapping[str, object], values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the fields that a signature covers and that have another value now.

    Args:
        covers: What was signed.
    """
    return tuple(name for name, value in covers.items() if values.get(name) != value)


def unproposed(rules: Rules, state: str, trigger: str, proposed: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a step asks for and who is to sign it would not see: neither a day, a signature nor sealed."""
    asked = (frozenset(each.asks) for each in rules.machine.plan(trigger).get(state, ()))
    wanted = frozenset.union(*asked) - rules.signatures - rules.sealed
    fields = rules.workflow.fields
    return tuple(name for name in sorted(wanted) if proposed.get(name) is None and fields[name].type not in DAY_TYPES)
