"""What the rest of the register has against values that are brought: who is named, and what is taken already."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from engine.errors import BadValueError
from engine.language import Text
from engine.operations.house.unit_types import type_of
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.demands import signed_in_person
from engine.operations.ledger.free_text import refuse_values
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.refusals import not_for_many, not_held, not_unique, of_a_foreign_list
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from engine.store import case_rows, unique_rows
from engine.store import house_rows as house
from engine.workflow.model import Field


def objections(
    ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int, case_id: int = 0
) -> list[Text]:
    """Return why values cannot stand on a case of the unit; nothing if they can.

    Args:
        brought: Checked values.
        case_id: The case that they are brought to; 0 if it is only about to be opened.
    """
    reasons = _misnamed(ledger, rules, brought, unit_id=unit_id)
    if any(each.name in brought for each in rules.by_type):
        case = case_rows.by_id(ledger.store, case_id) if case_id else None
        reasons += _foreign_classes(ledger, rules, brought, unit=_code_of(ledger, unit_id), case=case)
    for name in rules.unique.intersection(brought):
        value = brought[name]
        if value is None:
            continue
        taken = unique_rows.having(ledger.store, rules.workflow.name, name, value, besides=case_id)
        if taken is not None:
            reasons.append(not_unique(rules.workflow.fields[name], ledger.called(taken)))
    return reasons


def objections_for_many(
    ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int, lists: Mapping[str, str]
) -> list[Text]:
    """Return why values cannot stand on several cases of the unit at once; nothing if they can.

    Args:
        lists: By field the list by which all of them are classed.
    """
    reasons = _misnamed(ledger, rules, brought, unit_id=unit_id) + foreign_to(rules, brought, lists)
    wanted = rules.unique.intersection(brought)
    if rules.signatures and signed_in_person(ledger):
        wanted |= rules.signatures.intersection(brought)
    reasons += [not_for_many(rules.workflow.fields[name]) for name in sorted(wanted) if brought[name] is not None]
    return reasons


def checked_values(
    acting: Acting, rules: Rules, given: Mapping[str, object], *, unit: str, case: Case | None = None
) -> Mapping[str, object]:
    """Return values as they are stored, each wording meant as the list by which the case is classed has it.

    Args:
        unit: Code of the unit whose case it is.
        case: The case that they are brought to; None if it is only about to be opened.

    Raises:
        BadValueError: As for `check_values`.
        IdentitySeenError: If a text shows who somebody is, and its writer has not insisted.
    """
    refuse_values(rules.workflow, given, acting.seen)
    officers, units = acting.ledger.known_codes()
    lists = own_lists(acting.ledger, rules, given, unit=unit, today=acting.today, case=case)
    return check_values(
        rules.workflow, given, officers=officers, units=units, today=acting.today, now=acting.local_now, lists=lists
    )


def own_lists(
    ledger: Ledger,
    rules: Rules,
    given: Mapping[str, object],
    *,
    unit: str,
    today: date,
    case: Case | None = None,
) -> Mapping[str, str]:
    """Return by which list a case is classed, for each field of *given* whose list goes by unit type and day.

    Args:
        given: Values as typed, the day of receipt among them.
        unit: Code of the unit whose case it is.
        today: Local date.
        case: The case that they are brought to; None if it is only about to be opened.
    """
    fields = [each for each in rules.by_type if each.name in given]
    if not fields:
        return _NO_LISTS
    dated_by = rules.workflow.dated_by
    dated_on = "" if case is None else case.dated_on
    typed = given.get(dated_by)
    if type(typed) is date:  # as every row of a ledger has it
        dated_on = typed.isoformat()
    elif typed:
        try:
            day = check_values(rules.workflow, {dated_by: typed}, officers=(), units=(), today=today)
            dated_on = str(day[dated_by] or dated_on)
        except BadValueError:
            pass  # it is refused with the other values
    if case is not None:
        return _lists_of_case(ledger, rules, fields, unit=unit, dated_on=dated_on, case=case)
    key = (rules.workflow.name, rules.workflow.version, unit, dated_on, *[each.name for each in fields])
    known = ledger.lists_in_force.get(key)
    if known is None:
        if len(ledger.lists_in_force) >= _MOST_LISTS:
            ledger.lists_in_force.clear()
        known = ledger.lists_in_force[key] = _lists_of_case(ledger, rules, fields, unit=unit, dated_on=dated_on)
    return known


_MOST_LISTS: Final = 1_000
"""Units and days of receipt whose lists are remembered at once."""


def _lists_of_case(
    ledger: Ledger, rules: Rules, fields: Iterable[Field], *, unit: str, dated_on: str, case: Case | None = None
) -> Mapping[str, str]:
    """Return the list by which a case is classed, for each of *fields* that one is in force for."""
    found = {each.name: _list_of_case(ledger, rules, each, unit=unit, dated_on=dated_on, case=case) for each in fields}
    return {name: wanted for name, wanted in found.items() if wanted is not None}


_NO_LISTS: Final[Mapping[str, str]] = MappingProxyType({})


def _foreign_classes(
    ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit: str, case: Case | None = None
) -> list[Text]:
    """Return which values stand in a list by which the case is not classed.

    A case keeps the list that it was classed by, whatever its unit becomes. One without a class goes by the type of
    its unit and its day of receipt.
    """
    dated_on = str(brought.get(rules.workflow.dated_by) or ("" if case is None else case.dated_on))
    lists = {
        each.name: _list_of_case(ledger, rules, each, unit=unit, dated_on=dated_on, case=case)
        for each in rules.by_type
        if brought.get(each.name) is not None
    }
    return foreign_to(rules, brought, {name: wanted for name, wanted in lists.items() if wanted is not None})


def foreign_to(rules: Rules, brought: Mapping[str, object], lists: Mapping[str, str]) -> list[Text]:
    """Return which values stand in another list than that of their field, by *lists*."""
    found = list[Text]()
    for name, wanted in lists.items():
        value = brought.get(name)
        if value is not None and rules.list_of(name, value) != wanted:
            found.append(of_a_foreign_list(rules.workflow.fields[name], str(value), wanted))
    return found


def _list_of_case(
    ledger: Ledger, rules: Rules, field: Field, *, unit: str, dated_on: str, case: Case | None = None
) -> str | None:
    """Return the list by which a case is classed; None if none is in force.

    Args:
        dated_on: Local date of receipt, YYYY-MM-DD; empty if it is not known.
    """
    kept = None if case is None else rules.list_of(field.name, case.fields.get(field.name))
    if kept is not None:
        return kept
    begun = [each.use for each in field.lists.get(type_of(ledger, unit) or "", ()) if each.from_on <= dated_on]
    return begun[-1] if begun else None


def _code_of(ledger: Ledger, unit_id: int) -> str:
    """Return the code of a unit."""
    return next(each.code for each in house.units(ledger.store) if each.id == unit_id)


def _misnamed(ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int) -> list[Text]:
    """Return whom values name without a role that their field asks for, in the unit or in all units."""
    found = list[Text]()
    for name, value in brought.items():
        field = rules.workflow.fields[name]
        if not field.held_by or value is None:
            continue
        for code in value if isinstance(value, list | tuple) else [value]:
            if ledger.actor(str(code), unit_id).roles.isdisjoint(field.held_by):
                titles = ledger.workflows.roles()
                roles = [titles.get(each) or Text(each, each) for each in field.held_by]
                unit = _code_of(ledger, unit_id)
                naming = ledger.naming
                found.append(not_held(field, naming.officer(str(code)), roles, naming.unit(unit)))
    return found
