"""How a question that a ledger left about a case is closed without a value."""

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import QuestionClosed
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.cases.open_questions import asked_fields
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_amend
from engine.rules.case import as_it_is
from engine.rules.questions import asked_title
from engine.store import question_rows


def close_question(acting: Acting, number: str, field: str, *, reason: str) -> Outcome:
    """Say that what a ledger left unclear stays empty, or in the state it is in, with a reason.

    Raises:
        NotFoundError: If no question stands on that field.
        RefusedError: If the officer may not amend the case, or it cannot do without the value.
        BadValueError: If there is no reason.
    """
    ledger = acting.ledger
    case = acting.case(number)
    rules = ledger.rules_of(case)
    may_amend(rules, case, actor=acting.actor(case.unit_id))
    reason = reason_given(reason)
    title = asked_title(rules.workflow, field)
    if field not in asked_fields(ledger, case):
        raise NotFoundError(
            Text(
                f"no question about '{title.en}' stands on {number}; see: qingling show {number}",
                f"{number} 没有关于“{title.zh}”的待核对问题；请查看：qingling show {number}",
            )
        )
    declared = rules.workflow.fields.get(field)
    if declared is not None and (declared.required or field == rules.workflow.dated_by):
        raise RefusedError(
            Text(
                f"{number} cannot do without '{title.en}'; give it: --{field.replace('_', '-')} VALUE",
                f"{number} 不能没有“{title.zh}”；请填写：--{field.replace('_', '-')} 值",
            )
        )
    event = QuestionClosed(field=field, reason=reason)
    decision = as_it_is(case, event)
    with ledger.store.begin():
        after = write_decision(acting, case, decision)
        question_rows.close(ledger.store, case.id, field, after.revision)
    return Outcome(case=after, decision=decision)
