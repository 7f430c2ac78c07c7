"""What the rest of the register has against values that are brought: who is named, and what is taken already."""

from collections.abc import Mapping

from engine.language import Text
from engine.operations.house.unit_types import type_of
from engine.operations.ledger.ledger import Ledger
from engine.rules.refusals import not_for_many, not_held, not_unique, of_a_foreign_list
from engine.rules.transitions import Rules
from engine.store import case_rows
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
    reasons += foreign_classes(ledger, rules, brought, unit_id=unit_id, case_id=case_id)
    for name in rules.unique.intersection(brought):
        value = brought[name]
        if value is None:
            continue
        taken = case_rows.having(ledger.store, rules.workflow.name, name, value, besides=case_id)
        if taken is not None:
            reasons.append(not_unique(rules.workflow.fields[name], taken))
    return reasons


def objections_for_many(ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int) -> list[Text]:
    """Return why values cannot stand on several cases of the unit at once; nothing if they can."""
    reasons = _misnamed(ledger, rules, brought, unit_id=unit_id)
    wanted = rules.unique.intersection(brought)
    reasons += [not_for_many(rules.workflow.fields[name]) for name in sorted(wanted) if brought[name] is not None]
    return reasons


def foreign_classes(
    ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int, case_id: int = 0
) -> list[Text]:
    """Return which values stand in a list by which the case is not classed.

    A case keeps the list that it was classed by, whatever its unit becomes. One without a class goes by the type of
    its unit and its day of receipt.
    """
    reasons = []
    for name, value in brought.items():
        field = rules.workflow.fields[name]
        if not field.lists or value is None:
            continue
        case = case_rows.by_id(ledger.store, case_id) if case_id else None
        wanted = None if case is None else _list_of(field, case.fields.get(name))
        if wanted is None:
            dated_on = str(brought.get(rules.workflow.dated_by) or ("" if case is None else case.dated_on))
            wanted = _in_force(ledger, field, unit_id, dated_on)
        if wanted is not None and _list_of(field, value) != wanted:
            reasons.append(of_a_foreign_list(field, str(value), wanted))
    return reasons


def _in_force(ledger: Ledger, field: Field, unit_id: int, dated_on: str) -> str | None:
    """Return the list by which a case of a unit is classed, by its day of receipt; None if none is in force."""
    unit = next(each.code for each in house.units(ledger.store) if each.id == unit_id)
    begun = [each.use for each in field.lists.get(type_of(ledger, unit) or "", ()) if each.from_on <= dated_on]
    return begun[-1] if begun else None


def _list_of(field: Field, value: object) -> str | None:
    """Return the list that a value of a field stands in."""
    return next((each.of_list for each in field.choices if each.value == value), None)


def _misnamed(ledger: Ledger, rules: Rules, brought: Mapping[str, object], *, unit_id: int) -> list[Text]:
    """Return whom values name without a role that their field asks for, in the unit or in all units."""
    found = []
    for name, value in brought.items():
        field = rules.workflow.fields[name]
        if not field.held_by or value is None:
            continue
        for code in value if isinstance(value, list | tuple) else [value]:
            if ledger.actor(str(code), unit_id).roles.isdisjoint(field.held_by):
                titles = ledger.workflows.roles()
                roles = [titles.get(each) or Text(each, each) for each in field.held_by]
                unit = next(each.code for each in house.units(ledger.store) if each.id == unit_id)
                naming = ledger.naming
                found.append(not_held(field, naming.officer(str(code)), roles, naming.unit(unit)))
    return found
