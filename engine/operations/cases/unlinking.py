"""Undoing a wrong link: the case counts again, and its first counts from what is left to it."""

from engine.deadlines.clock import Clock, Status
from engine.errors import RefusedError
from engine.journal.case_events import CaseUnlinked, CaseUnrepeated
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.cases.journal_body import journaled
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled_text
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_amend
from engine.rules.case import Case, Count, Decision
from engine.store import case_rows, clock_rows
from engine.workflow.deadline import Deadline


def unlink(acting: Acting, number: str, *, reason: str) -> Outcome:
    """Say that a case repeats no other after all; link and undoing both stay on record.

    Its deadlines run as if it had never been linked, with their reminders from the start. The first counts from
    the earliest receipt among itself and what still repeats it.

    Raises:
        RefusedError: If the officer may not in both units, or the case repeats no other.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case.
        ConflictError: If someone else changed either case since it was read.
    """
    ledger = acting.ledger
    case = acting.case(number)
    rules = ledger.rules_of(case)
    may_amend(rules, case, actor=acting.actor(case.unit_id))
    if case.clearance != Count.REPEATS or case.first_id is None:
        raise RefusedError(Text(f"{case.number} is not linked", f"{case.number} 未关联到其他事项"))
    reason = reason_given(reason)
    target = case_rows.by_id(ledger.store, case.first_id)
    try:
        may_amend(ledger.rules_of(target), target, actor=acting.actor(target.unit_id))
    except RefusedError as error:  # who reads the repetition need not read the first
        raise RefusedError(veiled_text(ledger.reader, error.sentence)) from error
    scope = rules.scope(case, case.fields, ledger.family(case, rules.counting), by=acting.by, today=acting.today)
    applies = rules.applies(scope)
    clocks = _revived(ledger, case, applies)
    event = CaseUnlinked(first=target.number, reason=reason, deadlines=journaled(clocks))
    decision = Decision(event, case.state, case.fields, int(rules.count(case.state, scope)), applies)
    with ledger.store.begin():
        clock_rows.write(ledger.store, clocks)
        case_rows.mark_repeat(ledger.store, case.id, None)
        after = write_decision(acting, case._replace(first_id=None), decision)
        _tell_first(acting, target, case)
    return Outcome(case=after, decision=decision)


def _revived(ledger: Ledger, case: Case, applies: dict[str, bool]) -> tuple[Clock, ...]:
    """Return the deadlines that the link cancelled, as they were before it if the case's state lets them."""
    declared = ledger.rules_of(case).workflow.deadlines
    newest = {each.name: each for each in clock_rows.of_case(ledger.store, case.id)}
    return tuple(
        _as_before(each)
        for each in newest.values()
        if each.status is Status.CANCELLED
        and each.name in declared  # else only an older version of the workflow has it
        and case.state in _standing_in(declared[each.name])
        and applies[each.name]
    )


def _as_before(clock: Clock) -> Clock:
    """Return a cancelled clock as it was: running, or at rest if it rested when it was cancelled."""
    pauses, status = clock.pauses, Status.RUNNING
    if pauses and pauses[-1].to_at == clock.ended_at:
        pauses, status = (*pauses[:-1], pauses[-1].replace(to_at=None)), Status.PAUSED
    return clock._replace(status=status, pauses=pauses, ended_at=None, arming=clock.arming + 1, rung=0, next_at=None)


def _standing_in(declared: Deadline) -> tuple[str, ...]:
    """Return the states in which a term runs or rests."""
    return *declared.runs_in, *declared.paused_in


def _tell_first(acting: Acting, target: Case, case: Case) -> None:
    """Journal on the first that *case* repeats it no more, and date it again."""
    ledger = acting.ledger
    rules = ledger.rules_of(target)
    others = (each for each in case_rows.repeats(ledger.store, target.id) if each.clearance != Count.VOID)
    own = str(target.fields.get(rules.workflow.dated_by, target.dated_on))
    dated = target._replace(dated_on=min((own, *(each.dated_on for each in others))))
    event = CaseUnrepeated(repeat=case.number)
    if dated.dated_on != target.dated_on:
        event = event.replace(dated_on=dated.dated_on, was_dated_on=target.dated_on)
        case_rows.date_back(ledger.store, target.id, dated.dated_on)
    scope = rules.scope(target, target.fields, ledger.family(target, rules.counting), by=acting.by, today=acting.today)
    decision = Decision(event, target.state, target.fields, target.clearance, rules.applies(scope))
    write_decision(acting, dated, decision)
