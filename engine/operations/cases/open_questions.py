"""Questions that ledgers left about cases: which are open, and how one is closed without a value."""

from collections.abc import Mapping
from typing import NamedTuple

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import QuestionClosed
from engine.journal.ledger_row import Question
from engine.language import Text
from engine.operations.cases.commit import Outcome, write_decision
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_amend
from engine.rules.case import Case, as_it_is
from engine.rules.questions import asked_title
from engine.store import question_rows
from engine.store.case_columns import QuestionRecord


class OpenQuestion(NamedTuple):
    """A question that stands on a case."""

    case_id: int
    seq: int
    """The journal row that asked it."""
    question: Question


def open_questions(ledger: Ledger, case: Case) -> tuple[OpenQuestion, ...]:
    """Return the questions that stand on a case, in the order in which they were asked."""
    return tuple(map(_of, question_rows.of_case(ledger.store, case.id)))


def questions_of_workflow(ledger: Ledger, workflow: str) -> Mapping[int, tuple[OpenQuestion, ...]]:
    """Return the questions that stand on cases of a workflow that count, by the id of the case."""
    found = question_rows.open_about(ledger.store, workflow)
    return {case_id: tuple(map(_of, rows)) for case_id, rows in found.items()}


def asked_fields(ledger: Ledger, case: Case) -> frozenset[str]:
    """Return the fields of a case that a question stands on."""
    return frozenset(each.field for each in question_rows.of_case(ledger.store, case.id))


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


def _of(row: QuestionRecord) -> OpenQuestion:
    """Return the question that a row holds."""
    return OpenQuestion(row.case_id, row.seq, Question.parsed_from(row.said))
