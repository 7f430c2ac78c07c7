"""Who may act on a case: whether anybody is left to take a step (回避), and who has nothing to do with it."""

from collections.abc import Sequence
from typing import Final

from engine.errors import Reason, RefusedError
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Family, NextStep
from engine.rules.refusals import doers_of
from engine.store import house_rows as house
from engine.workflow.model import Transition
from engine.workflow.powers import PROGRAM

_WAITS: Final = Text(
    "nobody takes it: the program does, once its deadline has run out", "期限届满后由程序执行，不由人员办理"
)


def with_hands(
    ledger: Ledger, case: Case, family: Family, leaving: Sequence[Transition], steps: Sequence[NextStep]
) -> tuple[NextStep, ...]:
    """Return the possible steps; one that nobody is left to take says so among what it lacks.

    Args:
        leaving: The transitions of *steps*, in the same order.
    """
    if not any(each.not_by or PROGRAM in each.by for each in leaving):
        return tuple(steps)
    found = []
    for step, chosen in zip(steps, leaving, strict=True):
        said = _WAITS if chosen.by == (PROGRAM,) else _barred(ledger, case, family, chosen)
        found.append(step if said is None else step.replace(missing=(*step.missing, Reason.of(said, "who"))))
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
    for name in chosen.by:
        value = case.fields.get(name)
        able |= set(value) if isinstance(value, list) else set() if value is None else {str(value)}
    able &= present
    if not able or not able <= done:
        return None
    who, needs = sorted(able), list(chosen.by)
    return Text(
        f"someone else: {', '.join(who)} did an earlier step and may not; another needs: {', '.join(needs)}",
        f"须由他人办理：{'、'.join(who)} 已办理前一步骤，须回避；另一人须具备：{'、'.join(needs)}",
    )


def refuse_strangers(acting: Acting, case: Case) -> None:
    """Refuse officers who have nothing to do with a case: named in it, or with a role that writes in its unit."""
    roles, declared = acting.actor(case.unit_id).roles, acting.ledger.workflows.declared_roles()
    if any(each not in declared or not declared[each].only_reads for each in roles):
        return
    if not acting.ledger.names(acting.by, case):
        raise RefusedError(
            Text(
                f"{acting.by} has no role in unit {case.unit} that writes",
                f"{acting.by} 在单位 {case.unit} 没有可写入的角色",
            )
            if roles
            else Text(f"{acting.by} has no role in unit {case.unit}", f"{acting.by} 在单位 {case.unit} 没有任何角色")
        )
