"""What may be changed outside a step: values corrected, a case voided; pure decisions as in `transitions`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from engine.errors import RefusedError
from engine.expressions.evaluate import guards, names
from engine.journal.event import SEALED
from engine.language import Text
from engine.rules.case import Actor, Case, Count, Family
from engine.rules.paired_values import unpaired
from engine.rules.refusals import lacks_role, missing_field, not_voided, refuse_the_dead, written_by_steps
from engine.rules.required import failing, lacking_by_condition
from engine.rules.transitions import Rules, emptied, grown
from engine.workflow.model import Field


def amendment(
    rules: Rules,
    case: Case,
    brought: Mapping[str, object],
    *,
    actor: Actor,
    family: Family,
    today: date,
    besides: Sequence[Text] = (),
    asked: Collection[str] = (),
) -> Mapping[str, object]:
    """Return the values of the case with *brought* corrected outside a transition.

    Args:
        family: With what `Rules.asks_to_amend` names.
        today: Local date.
        besides: What is wrong with the values as the rest of the register shows.
        asked: Fields that a ledger left unclear: what answers a question may be written though steps write the rest.

    Raises:
        RefusedError: If the officer may not, nothing changes, a field is set by transitions only, or what is
            declared of corrections does not hold after it.
    """
    refuse_the_dead(case)
    workflow = rules.workflow
    reasons = [*lacks_role(workflow.amend_by, actor, case.unit), *besides, *emptied(rules, case.fields, brought)]
    brought = grown(rules, case.fields, brought)
    for name, value in brought.items():
        field = workflow.fields[name]
        if not field.amend and name not in asked:
            reasons.append(written_by_steps(field))
        if value is None and field.required:
            reasons.append(missing_field(workflow, name, now=False))
    after = {k: v for k, v in {**case.fields, **brought}.items() if v is not None}
    wanted = lacking_by_condition(workflow, after)
    reasons.extend(missing_field(workflow, each.name, now=False) for each in wanted if _is_touched(each, brought))
    reasons.extend(_failing_after(rules, case, after, by=actor.code, family=family, today=today))
    reasons.extend(unpaired(rules.pairs, case.fields, after))
    if after == case.fields and not reasons and not any(name in rules.sealed for name in brought):
        reasons.append(Text("nothing would change", "没有任何变化"))
    if reasons:
        raise RefusedError(Text(f"{case.number} is not amended", f"{case.number} 不能修改"), reasons)
    return {k: SEALED if k in rules.sealed else v for k, v in after.items()}


def _is_touched(field: Field, brought: Mapping[str, object]) -> bool:
    """Say whether a correction empties a field, or changes what decides whether it is required."""
    return field.name in brought or not names(str(field.required_if)).isdisjoint(brought)


def succession(
    rules: Rules,
    case: Case,
    brought: Mapping[str, object],
    *,
    by: str,
    family: Family,
    today: date,
    besides: Sequence[Text] = (),
) -> Mapping[str, object]:
    """Return the values of the case with others in charge of it, as officers leave or the case goes to another unit.

    The officer who hands over needs no role in the case; what is declared of corrections holds all the same.

    Args:
        brought: Checked values of officer fields.
        by: Code of the officer who acts.
        family: With what `Rules.asks_to_amend` names.
        today: Local date.
        besides: What is wrong with the values as the rest of the register shows.

    Raises:
        RefusedError: If somebody named may not be.
    """
    after = {k: v for k, v in {**case.fields, **brought}.items() if v is not None}
    reasons = [*besides, *_failing_after(rules, case, after, by=by, family=family, today=today)]
    if reasons:
        raise RefusedError(Text(f"{case.number} is not handed over", f"{case.number} 不能移交"), reasons)
    return after


def may_amend(rules: Rules, case: Case, *, actor: Actor) -> None:
    """Refuse an officer who may not amend or link the case, and a case that is void.

    Raises:
        RefusedError: If so.
    """
    if case.clearance == Count.VOID:
        refuse_the_dead(case)
    reasons = lacks_role(rules.workflow.amend_by, actor, case.unit)
    if reasons:
        raise RefusedError(Text(f"{case.number} is not changed", f"{case.number} 不能更改"), reasons)


def may_void(rules: Rules, case: Case, *, actor: Actor, moved: bool) -> None:
    """Refuse an officer who may not void the case: after a step, voiding undoes what others did.

    Args:
        moved: The case has taken a step.

    Raises:
        RefusedError: If so, or if the case is void.
    """
    if case.clearance == Count.VOID:
        refuse_the_dead(case)
    reasons = lacks_role(rules.workflow.void_by if moved else rules.workflow.amend_by, actor, case.unit)
    if reasons:
        raise RefusedError(not_voided(case, moved=moved), reasons)


def _failing_after(
    rules: Rules, case: Case, after: Mapping[str, object], *, by: str, family: Family, today: date
) -> list[Text]:
    """Return what is declared of corrections and does not hold with the values after one."""
    asked = tuple(guard for guard, named in rules.amending if _changes(case.fields, after, named))
    if not asked:
        return []
    scope = rules.scope(case, after, family, by=by, today=today)
    return failing(
        asked, guards(tuple(each.expression for each in asked)), scope, rules.said, taken=tuple(rules.workflow.fields)
    )


def _changes(before: Mapping[str, object], after: Mapping[str, object], named: Collection[str]) -> bool:
    """Say whether any of the fields named has another value than before."""
    return any(before.get(name) != after.get(name) for name in named)
