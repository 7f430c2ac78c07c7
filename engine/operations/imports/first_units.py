"""Which cases were handed over: a row of a ledger stands for the case that its own unit's ledger brought."""

from collections.abc import Mapping

from engine.journal.case_events import CaseHandedOver
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.store import case_rows
from engine.store import house_rows as house


def handed_over(ledger: Ledger, workflow: str) -> Mapping[tuple[str, str], Case]:
    """Return the cases of a workflow that other units hold now, by their first unit and what its ledger knows them by.

    What a merged unit had is its successor's: nobody brings ledgers under the old code any more.
    """
    units = house.units(ledger.store)
    if len(units) < 2:
        return {}
    first: dict[int, str] = {}
    for case_id, body in case_rows.bodies(ledger.store, CaseHandedOver.kind):
        first.setdefault(case_id, CaseHandedOver.read(body).was_unit)
    standing = {each.code for each in units if each.closed_at is None}
    found = case_rows.by_ids(ledger.store, [case_id for case_id, unit in first.items() if unit in standing])
    return {
        (first[each.id], each.import_key): each
        for each in found.values()
        if each.workflow == workflow
        and each.import_key
        and each.unit != first[each.id]
        and each.clearance != Count.VOID
    }


def of_another_unit(case: Case) -> Text:
    """Return what is said of a row whose case was handed over: the ledger of its first unit changes it no more."""
    return Text(
        "it was handed over to unit {unit}, which keeps it now; nothing of the row is taken over",
        "本件已移交单位 {unit}，由其办理；本行内容未采用",
    ).format(unit=case.unit)
