"""What the rules decide of one step, with all that the register says of it."""

from collections.abc import Mapping

from engine.operations.cases.letter_values import with_letter
from engine.operations.cases.signed_steps import (
    against_signed,
    seen_when_signed,
    signatures_for,
    with_signatures,
    with_signed,
)
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.figures.prefilling import filled_for
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, Decision
from engine.rules.transitions import advance


def decided(
    acting: Acting, case: Case, trigger: str, values: Mapping[str, object], *, parent: Case | None = None
) -> Decision:
    """Return what the rules decide of one step.

    Args:
        values: What it brings, as typed.
        parent: The case's parent as it would be; None: as it is.

    Raises:
        QinglingError: If the step may not be taken.
    """
    ledger = acting.ledger
    rules = ledger.rules_of(case)
    today = acting.today
    checked: Mapping[str, object] = {}
    signed = signatures_for(ledger, rules, case, trigger)
    insisted = seen_when_signed(signed, values)
    values = with_signed(signed, values)
    values = with_letter(ledger, rules, case, trigger, values)
    if values:
        checked = checked_values(acting.insisting(insisted), rules, values, unit=case.unit, case=case)
    filled = filled_for(ledger, rules, case, trigger, now=acting.now)
    besides = objections(ledger, rules, checked, unit_id=case.unit_id, case_id=case.id)
    if signed.taken:
        besides += against_signed(signed, rules, case, checked, filled)
    family = ledger.family(case, rules.asks_for(trigger))
    if parent is not None and family.parent is not None:
        family = family.replace(parent=parent)
    decision = advance(
        rules,
        case,
        trigger,
        checked,
        actor=acting.actor(case.unit_id),
        family=family,
        today=today,
        filled=filled,
        besides=besides,
    )
    return with_signatures(decision, signed, insisted)
