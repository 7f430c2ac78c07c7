"""Questions that ledgers left about cases, and which of them are open."""

from collections.abc import Mapping
from typing import NamedTuple

from engine.journal.ledger_row import Question
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
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


def _of(row: QuestionRecord) -> OpenQuestion:
    """Return the question that a row holds."""
    return OpenQuestion(row.case_id, row.seq, Question.parsed_from(row.said))
