"""Whether anybody is left who may take a step: what was done before may bar the only one who could (回避)."""

from collections.abc import Sequence

from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Family, NextStep
from engine.rules.refusals import doers_of
from engine.store import house_rows as house
from engine.workflow.model import Transition


def with_hands(
    ledger: Ledger, case: Case, family: Family, leaving: Sequence[Transition], steps: Sequence[NextStep]
) -> tuple[NextStep, ...]:
    """Return the possible steps; one that nobody is left to take says so among what it lacks.

    Args:
        leaving: The transitions of *steps*, in the same order.
    """
    if not any(each.not_by for each in leaving):
        return tuple(steps)
    found = []
    for step, chosen in zip(steps, leaving, strict=True):
        said = _barred(ledger, case, family, chosen)
        found.append(step if said is None else step.replace(missing=(*step.missing, said)))
    return tuple(found)


def _barred(ledger: Ledger, case: Case, family: Family, chosen: Transition) -> Text | None:
    """Return that all who could take a step did an earlier one that bars them; None if somebody is left."""
    done = {code for declared in chosen.not_by for code in doers_of(declared, family)}
    if not done:
        return None
    present = {each.code for each in house.officers(ledger.store) if each.left_at is None}
    able = {
        each.officer for each in house.grants(ledger.store) if each.role in chosen.by and each.unit in {"", case.unit}
    }
    able |= {str(case.fields[name]) for name in chosen.by if case.fields.get(name) is not None}
    able &= present
    if not able or not able <= done:
        return None
    who, needs = sorted(able), list(chosen.by)
    return Text(
        f"someone else: {', '.join(who)} did an earlier step and may not; another needs: {', '.join(needs)}",
        f"须由他人办理：{'、'.join(who)} 已办理前一步骤，须回避；另一人须具备：{'、'.join(needs)}",
    )
