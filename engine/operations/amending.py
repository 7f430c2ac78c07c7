"""Values corrected outside a step, by an officer or a ledger; and the receipt that a case then counts from.

A case counts from the earliest receipt among it and those that repeat it (design: both arrivals stay on
record). Whoever corrects the day of receipt of one of them therefore goes through here.
"""

from collections.abc import Mapping
from datetime import datetime

from engine.cases import Case, Count, Decision
from engine.instants import microseconds
from engine.operations.beginnings import refuse_future
from engine.operations.commit import Outcome, write_decision
from engine.operations.ledger import Ledger
from engine.rules import Rules
from engine.store import cases as case_rows


def write_amendment(
    ledger: Ledger,
    rules: Rules,
    case: Case,
    fields: Mapping[str, object],
    body: Mapping[str, object],
    *,
    sealed: Mapping[str, str],
    by: str,
    now: datetime,
) -> Outcome:
    """Write corrected values, how the case counts with them, and the receipt it counts from; inside `begin`.

    Args:
        fields: All values after the correction.
        body: What the journal says of it, but for the receipt and the names of sealed fields.
        sealed: Values to be sealed.

    Raises:
        BadValueError: If the corrected receipt lies in the future.
        ConflictError: If someone else changed the case since it was read.
    """
    today, told = ledger.today(now), dict(body)
    if sealed:
        told["sealed"] = sorted(sealed)
    dated_on = case.dated_on
    received_on = str(fields[rules.workflow.dated_by])
    if case.fields.get(rules.workflow.dated_by) != received_on:
        refuse_future(rules.workflow, received_on, today=today)
        repeats = [each for each in case_rows.repeats(ledger.store, case.id) if each.clearance != Count.VOID]
        dated_on = min((received_on, *(each.dated_on for each in repeats)))
        told |= {"dated_on": dated_on, "was_dated_on": case.dated_on}
        case_rows.date_back(ledger.store, case.id, dated_on)
    scope = rules.scope(case, fields, ledger.family(case, rules.counting), by=by, today=today)
    count = case.clearance if case.clearance == Count.REPEATS else int(rules.count(case.state, scope))
    decision = Decision("amended", case.state, fields, count, told, rules.applies(scope), seals=sealed)
    dated = case._replace(dated_on=dated_on)
    after = write_decision(ledger, dated, decision, by=by, now_at=microseconds(now))
    return Outcome(case=after, decision=decision)


def write_imported(
    ledger: Ledger,
    rules: Rules,
    case: Case,
    fields: Mapping[str, object],
    differing: Mapping[str, object],
    *,
    sealed: Mapping[str, str],
    file: Mapping[str, str],
    by: str,
    now: datetime,
) -> Case:
    """Write what a ledger corrects, with the file in the journal, and return the case; inside `begin`.

    Args:
        differing: The values that the ledger changes; those of sealed fields stand in *sealed*.
        file: Name and digest of the ledger's file.

    Raises:
        BadValueError: If the corrected receipt lies in the future.
        ConflictError: If someone else changed the case since it was read.
    """
    body = {
        "reason": "import",
        "file": dict(file),
        "set": dict(differing),
        "was": {k: case.fields[k] for k in differing if k in case.fields},
    }
    return write_amendment(ledger, rules, case, fields, body, sealed=sealed, by=by, now=now).case
