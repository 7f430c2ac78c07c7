"""Values corrected outside a step, by an officer or a ledger; and the receipt that a case then counts from.

A case counts from the earliest receipt among it and those that repeat it (design: both arrivals stay on
record). A correction of the day of receipt of one of them therefore goes through here.
"""

from collections.abc import Mapping

from engine.errors import BadValueError
from engine.journal.case_events import CaseAmended
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count, Decision
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.working_days.instants import local_day


def write_amendment(
    acting: Acting,
    rules: Rules,
    case: Case,
    fields: Mapping[str, object],
    event: CaseAmended,
    *,
    sealed: Mapping[str, str],
    moves: bool = False,
) -> Outcome:
    """Write corrected values, how the case counts with them, and the receipt it counts from; inside `begin`.

    Args:
        fields: All values after the correction.
        event: What the journal says of it, but for the receipt and what is sealed.
        sealed: Values to be sealed.
        moves: Another state follows in the same commit: how the case counts is said with it, and not for the moment
            between the two, which nobody saw.

    Raises:
        BadValueError: If the corrected receipt lies after the day on which the case was registered.
        ConflictError: If someone else changed the case since it was read.
        RefusedError: If it would give more time to a term that is over.
    """
    ledger, today = acting.ledger, acting.today
    dated_on = case.dated_on
    received_on = fields.get(rules.workflow.dated_by)  # a ledger may have left it open
    if isinstance(received_on, str) and case.fields.get(rules.workflow.dated_by) != received_on:
        _refuse_after_registration(ledger, rules, case, received_on)
        repeats = [each for each in case_rows.repeats(ledger.store, case.id) if each.clearance != Count.VOID]
        dated_on = min((received_on, *(each.dated_on for each in repeats)))
        event = event.replace(dated_on=dated_on, was_dated_on=case.dated_on)
        case_rows.date_back(ledger.store, case.id, dated_on)
    scope = rules.scope(case, fields, ledger.family(case, rules.counting), by=acting.by, today=today)
    stays = moves or case.clearance == Count.REPEATS
    count = case.clearance if stays else int(rules.count(case.state, scope))
    decision = Decision(event, case.state, fields, count, rules.applies(scope), seals=sealed)
    dated = case._replace(dated_on=dated_on)
    after = write_decision(acting, dated, decision)
    return Outcome(case=after, decision=decision)


def _refuse_after_registration(ledger: Ledger, rules: Rules, case: Case, dated_on: str) -> None:
    """Refuse a corrected receipt after the day of registration: opening asks the same of that day.

    A case that was opened ahead, as those that recur are, keeps the later day that it was given at most.

    Raises:
        BadValueError: If *dated_on* (local date, YYYY-MM-DD) lies later.
    """
    dated_by = rules.workflow.dated_by
    registered = local_day(case.opened_at, ledger.zone).isoformat()
    if dated_on > max(registered, str(case.fields.get(dated_by, ""))):
        title = rules.workflow.fields[dated_by].title
        raise BadValueError(
            Text(
                f"{title.en}: {dated_on} lies after {case.number} was registered ({registered})",
                f"{title.zh}：{dated_on} 晚于 {case.number} 的登记日期（{registered}）",
            )
        )


def write_imported(
    acting: Acting,
    rules: Rules,
    case: Case,
    fields: Mapping[str, object],
    differing: Mapping[str, object],
    *,
    sealed: Mapping[str, str],
    file: Mapping[str, str],
    moves: bool = False,
) -> Case:
    """Write what a ledger corrects, with the file in the journal, and return the case; inside `begin`.

    Args:
        differing: The values that the ledger changes; those of sealed fields stand in *sealed*.
        file: Name and digest of the ledger's file.
        moves: The ledger names another state too, whose entry says how the case counts with these values.

    Raises:
        BadValueError: If the corrected receipt lies after the day on which the case was registered.
        ConflictError: If someone else changed the case since it was read.
        RefusedError: If it would give more time to a term that is over.
    """
    was = {k: case.fields[k] for k in differing if k in case.fields}
    event = CaseAmended(reason="import", file=dict(file), set=dict(differing), was=was)
    return write_amendment(acting, rules, case, fields, event, sealed=sealed, moves=moves).case
