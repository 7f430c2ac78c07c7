"""Rows as they stood, and questions, of cases that a ledger was taken in for before: kept again only if they differ."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.journal.case_events import CaseOpened, RowKept
from engine.journal.events import read_of_case
from engine.journal.ledger_row import ORIGINAL_SEAL, STATE, OriginalRow, Question
from engine.language import Text
from engine.operations.cases.commit import write_decision
from engine.operations.cases.opening import questions_asked
from engine.operations.imports.row import Row
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Decision
from engine.rules.questions import asked_title
from engine.rules.transitions import Rules
from engine.store import case_rows, question_rows


class KeptBefore(NamedTuple):
    """What earlier ledgers left with a case."""

    original: OriginalRow | None
    questions: frozenset[tuple[str, str | None, tuple[str, str]]]
    """Field, what stood there, and why it was asked."""


NOTHING_KEPT = KeptBefore(None, frozenset())


def kept_before(ledger: Ledger, cases: Sequence[Case]) -> Mapping[int, KeptBefore]:
    """Return what earlier ledgers left with cases, by the id of the case."""
    found: dict[int, KeptBefore] = {}
    for case_id, kind, body in case_rows.rows_of_kinds(
        ledger.store, [each.id for each in cases], (CaseOpened.kind, RowKept.kind)
    ):
        event = read_of_case(kind, body)
        if isinstance(event, CaseOpened | RowKept):
            before = found.get(case_id, NOTHING_KEPT)
            asked = before.questions.union(map(_as_asked, event.questions))
            found[case_id] = KeptBefore(event.original or before.original, asked)
    return found


def keep_again(
    acting: Acting, case: Case, row: Row, before: KeptBefore, *, file: Mapping[str, str], moved: bool
) -> tuple[Case, tuple[Question, ...], bool]:
    """Write how a row stands now and what it leaves unclear, if it did not before; inside `begin`.

    Args:
        case: The case after what the row says was taken over.
        moved: The case has taken a step, or was registered here: its state is no question of a ledger's.

    Returns:
        The case, the questions that were asked only now, and whether the row stands otherwise than before.
    """
    questions = tuple(
        each
        for each in row.questions
        if _as_asked(each) not in before.questions and not _is_answered(case, each, moved=moved)
    )
    differs = row.original is not None and not row.original.stands_as(before.original)
    if not (questions or differs):
        return case, (), False
    event = RowKept(file=dict(file), original=row.original if differs else None)
    case = _keep(acting, case, event, seal=row.seal if differs else None, questions=questions)
    return case, questions, differs


def passed_over(rules: Rules, case: Case, row: Row, *, moved: bool) -> Text | None:
    """Return what a row says unclearly where the register has a value, which stays; None if there is no such thing."""
    said = [
        Text("{title}: {why}", "{title}：{why}").format(title=asked_title(rules.workflow, each.field), why=each.reason)
        for each in row.questions
        if _is_answered(case, each, moved=moved)
    ]
    if not said:
        return None
    return Text("not taken over, the register's value stays ({en})", "未采用，保留系统内原值（{zh}）").format(
        en="; ".join(each.en for each in said), zh="；".join(each.zh for each in said)
    )


def _is_answered(case: Case, question: Question, *, moved: bool) -> bool:
    """Say whether the register knows already what a row leaves unclear."""
    return moved if question.field == STATE else case.fields.get(question.field) is not None


def _as_asked(question: Question) -> tuple[str, str | None, tuple[str, str]]:
    """Return what makes two questions the same, wherever they stand."""
    return question.field, question.stood, question.why


def _keep(
    acting: Acting, case: Case, event: RowKept, *, seal: str | None = None, questions: Sequence[Question] = ()
) -> Case:
    """Write how a ledger's row stands now, and what it leaves unclear; inside `begin`.

    Args:
        seal: The part of the row that is to be sealed.

    Raises:
        ConflictError: If someone else changed the case since it was read.
    """
    seals = {} if seal is None else {ORIGINAL_SEAL: seal}
    asking = event.replace(questions=tuple(questions))
    after = write_decision(acting, case, Decision(asking, case.state, case.fields, case.clearance, seals=seals))
    question_rows.ask(acting.ledger.store, questions_asked(case.id, after.revision, questions, state=case.state))
    return after
