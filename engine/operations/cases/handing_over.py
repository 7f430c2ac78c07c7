"""A case goes to another unit: who sees and acts is another from then on; number, deadlines and past stay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import RefusedError
from engine.journal.case_events import CaseHandedOver
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import succession
from engine.rules.case import Case, Count, Decision
from engine.rules.refusals import lacks_role, missing_field, not_taken, refuse_the_dead
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house


@dataclass(frozen=True, slots=True)
class _Handing:
    """What is done to a case and, alike, to those that it opened."""

    unit: house.HouseUnit
    values: Mapping[str, object]
    """Checked values: who is in charge from then on."""
    reason: str
    merging: bool = False
    """The whole unit goes, with its officers: nobody has to be named."""


def hand_over(
    acting: Acting, number: str, unit: str, values: Mapping[str, object], *, reason: str, dry_run: bool = False
) -> Outcome:
    """Hand a case and those that it opened over to another unit, in one commit.

    Deadlines go on as they are. Whatever was counted before stays counted to the unit that held the case then.

    Args:
        values: Officers that the workflow lists under `hand_over: {names: …}`, as typed. Each of them that the
            case has must be named again; it may be the same officer.

    Raises:
        RefusedError: If the officer may not in both units, the case cannot go by itself or is there already,
            somebody is not named, or may not be.
        BadValueError: If there is no reason or a value is wrong.
        NotFoundError: If there is no such case or unit.
        ConflictError: If someone else changed the case first.
    """
    ledger = acting.ledger
    case, target = ledger.case(number), ledger.unit(unit)
    rules = ledger.rules_of(case)
    refuse_the_dead(case)
    checked = checked_values(acting, rules, values, unit=target.code, case=case)
    handing = _Handing(target, checked, reason_given(reason))
    reasons = list(_against(acting, rules, case, handing))
    if reasons:
        raise RefusedError(_refused(case), reasons)
    if dry_run:
        fields = _succeeded(acting, rules, case, handing)
        return Outcome(case=case._replace(unit_id=target.id, unit=target.code, fields=fields), decision=_as_it_is(case))
    with ledger.store.begin():
        return _hand(acting, case, handing)


def hand_over_all(acting: Acting, unit: house.HouseUnit, target: house.HouseUnit, *, reason: str) -> int:
    """Hand over whatever a unit has open, as it is merged into another; return how many; inside `begin`.

    Raises:
        RefusedError: If somebody in charge of a case may not be.
        ConflictError: If someone else changed a case first.
    """
    ledger = acting.ledger
    handing = _Handing(target, {}, reason, merging=True)
    found = [
        case
        for workflow in ledger.workflows.names()
        for case in case_rows.select(ledger.store, workflow=workflow, unit_id=unit.id)
        if case.clearance not in {Count.VOID, Count.REPEATS} and not ledger.rules_of(case).workflow.is_final(case.state)
    ]
    ids = {each.id for each in found}
    for case in found:
        if case.parent_id not in ids:
            _hand(acting, case, handing)
    return len(found)


def _against(acting: Acting, rules: Rules, case: Case, handing: _Handing) -> Iterator[Text]:
    """Yield why a case does not go to another unit."""
    workflow, target = rules.workflow, handing.unit
    if case.parent_id is not None:
        parent = case_rows.by_id(acting.ledger.store, case.parent_id).number
        yield Text(f"it goes with {parent}; hand that one over", f"它随 {parent} 一并移交；请移交该件")
    if case.unit_id == target.id:
        yield Text(f"it belongs to unit {target.code} already", f"本件已属单位 {target.code}")
    for unit_id, code in ((case.unit_id, case.unit), (target.id, target.code)):
        yield from lacks_role(workflow.hand_over_by, acting.actor(unit_id), code)
    yield from (not_taken(workflow, name) for name in handing.values if name not in workflow.hand_over_names)
    for name in workflow.hand_over_names:
        if case.fields.get(name) is not None and handing.values.get(name) is None:
            yield missing_field(workflow, name, now=True)


def _hand(acting: Acting, case: Case, handing: _Handing, *, along_with: str | None = None) -> Outcome:
    """Write that a case belongs to another unit, and those that it opened; inside `begin`."""
    ledger = acting.ledger
    rules, target = ledger.rules_of(case), handing.unit
    fields = _succeeded(acting, rules, case, handing)
    event = CaseHandedOver(
        unit=target.code,
        was_unit=case.unit,
        reason=handing.reason,
        set={k: v for k, v in fields.items() if case.fields.get(k) != v},
        was={k: v for k, v in case.fields.items() if fields.get(k) != v},
        with_parent=along_with,
    )
    taken = case._replace(unit_id=target.id, unit=target.code)
    scope = rules.scope(taken, fields, ledger.family(case, rules.counting), by=acting.by, today=acting.today)
    counts = case.clearance if case.clearance > Count.FULLY_CLOSED else int(rules.count(case.state, scope))
    decision = Decision(event, case.state, fields, counts, rules.applies(scope))
    # First, since the rows written below read the case again.
    case_rows.hand_over(ledger.store, case.id, target.id)
    after = write_decision(acting, taken, decision)
    for child in case_rows.children(ledger.store, case.id):
        if child.unit_id == case.unit_id and child.clearance != Count.VOID:
            _hand(acting, child, handing, along_with=case.number)
    return Outcome(case=case_rows.by_id(ledger.store, after.id), decision=decision)


def _succeeded(acting: Acting, rules: Rules, case: Case, handing: _Handing) -> Mapping[str, object]:
    """Return the values of a case with those in charge of it from now on.

    Raises:
        RefusedError: If one of them may not be.
    """
    ledger = acting.ledger
    brought = {k: v for k, v in handing.values.items() if k in rules.workflow.fields and case.fields.get(k)}
    if case.parent_id is None:
        brought = dict(handing.values)
    against = objections(ledger, rules, brought, unit_id=handing.unit.id, case_id=case.id)
    family = ledger.family(case, rules.asks_to_amend)
    return succession(rules, case, brought, by=acting.by, family=family, today=acting.today, besides=against)


def _as_it_is(case: Case) -> Decision:
    """Return the decision of a trial, which changes nothing."""
    return Decision(CaseHandedOver(unit="", was_unit=case.unit, reason=""), case.state, case.fields, case.clearance)


def _refused(case: Case) -> Text:
    """Return the sentence for a case that stays where it is."""
    return Text(f"{case.number} is not handed over", f"{case.number} 不能移交")
