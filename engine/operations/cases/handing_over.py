"""A case goes to another unit: who sees and acts is another from then on; number, deadlines and past stay."""

from collections.abc import Collection, Iterator, Mapping

from engine.errors import RefusedError
from engine.journal.case_events import CaseHandedOver
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled_text
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import succession
from engine.rules.case import Case, Count, Decision, as_it_is
from engine.rules.refusals import lacks_role, missing_field, not_taken, refuse_the_dead
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.children import BACK
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Transition
from engine.workflow.powers import PROGRAM


class _Handing(FrozenStruct, frozen=True, kw_only=False):
    """What is done to a case and, alike, to those that it opened."""

    unit: house.HouseUnit
    values: Mapping[str, object]
    """Checked values: who is in charge from then on."""
    reason: str
    step: str | None = None
    """The step that declares it; None if an officer hands it over by itself."""


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
    case, target = acting.case(number), ledger.unit(unit)
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
    handing = _Handing(target, {}, reason)
    found = [
        case
        for workflow in ledger.workflows.names()
        for case in case_rows.select(ledger.store, workflow=workflow, unit_id=unit.id)
        if case.clearance not in {Count.VOID, Count.REPEATS} and not ledger.rules_of(case).workflow.is_final(case.state)
    ]
    ids = {each.id for each in found}
    for case in found:
        if case.parent_id not in ids:
            try:
                _hand(acting, case, handing)
            except RefusedError as error:  # who merges units need not read all that they have
                raise RefusedError(veiled_text(ledger.reader, error.sentence)) from error
    return len(found)


def destination(acting: Acting, case: Case, step: Transition) -> house.HouseUnit | None:
    """Return the unit to which a step hands its case over; None if it stays where it is.

    Args:
        case: As the step leaves it.

    Raises:
        RefusedError: If nobody there could go on, another case there bears the same number of a ledger, the unit is
            closed, or the case came from nowhere.
    """
    code = _unit_before(acting, case) if step.hands_to == BACK else case.fields.get(step.hands_to or "")
    if code is None or code == case.unit:
        return None
    ledger = acting.ledger
    unit = ledger.unit(str(code))
    rules = ledger.rules_of(case)
    reasons = []
    wanted = {name for each in rules.machine.leaving(case.state) for name in each.by} - {
        PROGRAM,
        *rules.workflow.fields,
    }
    if wanted and not _somebody(ledger, wanted, unit.code, or_everywhere=step.hands_to == BACK):
        roles = " or ".join(sorted(wanted)), "、".join(sorted(wanted))
        reasons.append(
            Text(
                f"nobody in unit {unit.code} could take the next step (needs role {roles[0]})",
                f"单位 {unit.code} 无人可办理下一步（须具有角色 {roles[1]}）",
            )
        )
    if case.import_key is not None:
        same = case_rows.by_keys(ledger.store, case.workflow, unit.id, [case.import_key])
        reasons += [
            Text(
                "{other} of unit {unit} bears the same number in its ledger ({key})",
                "单位 {unit} 的 {other} 台账编号相同（{key}）",
            ).format(other=ledger.called(each.number), unit=unit.code, key=case.import_key)
            for each in same.values()
            if each.clearance != Count.VOID
        ]
    if reasons:
        raise RefusedError(_refused(case), reasons)
    return unit


def hand_by_step(acting: Acting, case: Case, step: Transition) -> Case:
    """Hand a case over as the step that was just written declares; return it as it stands then; inside `begin`.

    Raises:
        RefusedError: As `destination` does.
    """
    unit = destination(acting, case, step)
    if unit is None:
        return case
    return _hand(acting, case, _Handing(unit, {}, step.trigger, step=step.trigger)).case


def _unit_before(acting: Acting, case: Case) -> str:
    """Return the unit that handed the case over last.

    Raises:
        RefusedError: If none did.
    """
    for row in reversed(case_rows.entries(acting.ledger.store, case.id)):
        if row.kind == CaseHandedOver.kind:
            return CaseHandedOver.read(row.body).was_unit
    raise RefusedError(
        _refused(case), [Text("no unit has handed it over, so it goes back to none", "本件未经移交，无从退回")]
    )


def _somebody(ledger: Ledger, roles: Collection[str], unit: str, *, or_everywhere: bool) -> bool:
    """Say whether an officer who has not left has one of the roles in this very unit.

    Who has it in all units, as the one who set the house up, is no hand that a case can be given to there.

    Args:
        or_everywhere: It may be one who has it in all units: the case goes back to where such a one sent it from.
    """
    where_it_counts = {unit, ""} if or_everywhere else {unit}
    there = {each.code for each in house.officers(ledger.store) if each.left_at is None}
    grants = house.grants(ledger.store)
    return any(code in there and role in roles and where in where_it_counts for code, role, where in grants)


def _against(acting: Acting, rules: Rules, case: Case, handing: _Handing) -> Iterator[Text]:
    """Yield why a case does not go to another unit."""
    workflow, target = rules.workflow, handing.unit
    if case.parent_id is not None:
        parent = acting.ledger.naming.veiled(case_rows.by_id(acting.ledger.store, case.parent_id).number)
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
        step=None if along_with is not None else handing.step,
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
    return as_it_is(case, CaseHandedOver(unit="", was_unit=case.unit, reason=""))


def _refused(case: Case) -> Text:
    """Return the sentence for a case that stays where it is."""
    return Text(f"{case.number} is not handed over", f"{case.number} 不能移交")
