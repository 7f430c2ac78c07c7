"""Life goes on: officers leave, hand over and return, units are renamed and merged; their cases go on."""

from collections.abc import Iterator, Mapping

from engine.errors import RefusedError
from engine.journal.case_events import CaseAmended
from engine.journal.house_events import (
    OfficerRenamed,
    OfficerReturned,
    RoleGranted,
    RoleRevoked,
    UnitClosed,
    UnitRenamed,
)
from engine.language import Text
from engine.operations.cases.amending import write_amendment
from engine.operations.cases.handing_over import hand_over_all
from engine.operations.cases.value_checks import objections
from engine.operations.house.registration import about_to_leave, named, officer, refuse_the_gone, said, write_leave
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled_text
from engine.rules.amendments import succession
from engine.rules.case import Case, Count
from engine.store import case_rows, named_rows
from engine.store import house_rows as house
from engine.workflow.model import FieldType, Workflow
from engine.workflow.powers import Power

PAGE = 1000
"""Cases read at once."""


def rename_unit(acting: Acting, code: str, name: str, *, reason: str) -> None:
    """Give a unit another name; its code stays, and with it the numbers of its cases.

    Raises:
        NotFoundError: If there is no such unit.
        BadValueError: If the name is not one, or there is no reason.
        RefusedError: If it is closed, or the officer does not keep the ledger.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    found, name = ledger.unit(code), named(name)
    with ledger.store.begin():
        house.rename_unit(ledger.store, found.id, name)
        acting.note_in_house(UnitRenamed(code=found.code, name=name, was=found.name, reason=said(reason)))
    ledger.forget()


def merge_unit(acting: Acting, code: str, into: str, *, reason: str) -> int:
    """Close a unit and hand what it has open over to another, with its officers' roles; return how many cases.

    What is finished stays with the unit that finished it. Nobody gives a role to themselves, in this way either.

    Raises:
        NotFoundError: If there is no such unit.
        BadValueError: If there is no reason.
        RefusedError: If one of them is closed, they are the same, or the officer does not keep the ledger or may
            not give roles.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    unit, target = ledger.unit(code), ledger.unit(into)
    if unit.id == target.id:
        raise RefusedError(Text("a unit is not merged into itself", "单位不能并入自身"))
    reason = said(reason)
    with ledger.store.begin():
        _take_roles_along(acting, unit, target)
        ledger.forget()  # those in charge are asked for the roles given just now
        count = hand_over_all(acting, unit, target, reason=reason)
        house.close_unit(ledger.store, unit.id, acting.now_at)
        acting.note_in_house(UnitClosed(code=unit.code, reason=reason, into=target.code))
    ledger.forget()
    return count


def rename_officer(acting: Acting, code: str, name: str, *, reason: str) -> None:
    """Give an officer another name; the code stays, and with it what they did.

    Raises:
        NotFoundError: If there is no such officer.
        BadValueError: If the name is not one, or there is no reason.
        RefusedError: If the acting officer may not manage officers.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    found, name = officer(ledger, code), named(name)
    with ledger.store.begin():
        house.rename_officer(ledger.store, found.id, name)
        acting.note_in_house(OfficerRenamed(code=code, name=name, was=found.name, reason=said(reason)))
    ledger.forget()


def return_(acting: Acting, code: str) -> None:
    """Let an officer who has left act again; the roles of before are taken away, to be given again.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: If the officer has not left, or the acting one may not manage officers.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    found = officer(ledger, code)
    if found.left_at is None:
        raise RefusedError(Text(f"officer {code} has not left", f"人员 {code} 并未离任"))
    unit_ids = {each.code: each.id for each in house.units(ledger.store)}
    with ledger.store.begin():
        for who, role, unit in house.grants(ledger.store):
            if who == code and house.revoke(ledger.store, found.id, role, unit_ids.get(unit, house.EVERYWHERE)):
                acting.note_in_house(RoleRevoked(code=code, role=role, unit=unit or None))
        house.come_back(ledger.store, found.id)
        acting.note_in_house(OfficerReturned(code=code))
    ledger.forget()


def leave_to(acting: Acting, code: str, successor: str) -> tuple[str, ...]:
    """Let an officer leave and a successor be named in their place; return the numbers of the cases that now do.

    These are the cases that are not finished and name the officer as one who acts or is reminded. Each of them is
    journaled; either all of them name the successor, or nothing happens.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: If the officer has left before, the successor has or may not be named in one of the cases,
            or the acting one may not manage officers.
    """
    ledger = acting.ledger
    found = about_to_leave(acting, code)
    if successor == code:
        raise RefusedError(Text("nobody hands over to themselves", "不能移交给本人"))
    refuse_the_gone(officer(ledger, successor))
    with ledger.store.begin():
        cases = list(in_charge(ledger, code))
        _hand_on(acting, cases, code, successor)
        write_leave(acting, found, handed_to=successor)
    ledger.forget()
    return tuple(each.number for each in cases)


def in_charge(ledger: Ledger, code: str) -> Iterator[Case]:
    """Yield the cases that are not finished and name an officer as one who acts or is reminded, by id."""
    ids = sorted(named_rows.of(ledger.store, code))
    for start in range(0, len(ids), PAGE):
        part = ids[start : start + PAGE]
        for case in map(case_rows.by_ids(ledger.store, part).__getitem__, part):
            workflow = ledger.rules_of(case).workflow
            goes_on = case.clearance not in {Count.VOID, Count.REPEATS} and not workflow.is_final(case.state)
            if goes_on and _replaced(workflow, case, code, ""):
                yield case


def _hand_on(acting: Acting, cases: list[Case], code: str, successor: str) -> None:
    """Name the successor in cases; inside `begin`.

    Raises:
        RefusedError: If one of them may not name the successor; each is named.
    """
    ledger = acting.ledger
    refused: list[Text] = []
    for case in cases:
        rules = ledger.rules_of(case)
        brought = _replaced(rules.workflow, case, code, successor)
        against = objections(ledger, rules, brought, unit_id=case.unit_id, case_id=case.id)
        family = ledger.family(case, rules.asks_to_amend)
        try:
            fields = succession(rules, case, brought, by=acting.by, family=family, today=acting.today, besides=against)
        except RefusedError as error:
            refused.append(veiled_text(ledger.reader, error.sentence))
            continue
        event = CaseAmended(
            reason=f"{code} → {successor}",
            set={k: v for k, v in fields.items() if case.fields.get(k) != v},
            was={k: v for k, v in case.fields.items() if fields.get(k) != v},
        )
        now = case_rows.by_id(ledger.store, case.id)  # a child of it may have been handed on before
        write_amendment(acting, rules, now, fields, event, sealed={})
    if refused:
        leaves, follows = (ledger.naming.person(each).name for each in (code, successor))
        words = Text("{leaves} cannot hand over to {follows}", "{leaves}不能移交给{follows}")
        raise RefusedError(words.format(leaves=leaves, follows=follows), refused)


def _replaced(workflow: Workflow, case: Case, code: str, successor: str) -> Mapping[str, object]:
    """Return the values of a case in which *code* is in charge, with the successor in the place."""
    acts = {name for each in workflow.transitions for name in each.by}
    acts |= {name for rungs in workflow.ladders.values() for rung in rungs for name in rung.to}
    found: dict[str, object] = {}
    for name in acts & workflow.fields.keys():
        value = case.fields.get(name)
        if value == code:
            found[name] = successor
        elif workflow.fields[name].type is FieldType.OFFICERS and isinstance(value, list) and code in value:
            found[name] = list(dict.fromkeys(successor if each == code else each for each in value))
    return found


def _take_roles_along(acting: Acting, unit: house.HouseUnit, target: house.HouseUnit) -> None:
    """Give the officers of a unit their roles in another as well; inside `begin`."""
    store = acting.ledger.store
    here = {each.code: each.id for each in house.officers(store) if each.left_at is None}
    for who, role, where in house.grants(store):
        if where == unit.code and who in here and who != acting.by and house.grant(store, here[who], role, target.id):
            acting.note_in_house(RoleGranted(code=who, role=role, unit=target.code))
