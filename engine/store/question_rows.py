"""Rows of questions that ledgers left; statements only, no rules.

Whether one is open is asked of the case as it stands, so that no step has to look for questions: the field has
no value yet, or the state is still the one in which the case was left, and nobody has closed it.
"""

from collections.abc import Sequence

from engine.store.case_columns import QuestionRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed

_INSERT = inserted("questions", QuestionRecord._fields)
_SELECT = f"SELECT {listed(QuestionRecord._fields, 'q')} FROM questions q JOIN cases c ON c.id = q.case_id"
_CLOSE = "UPDATE questions SET closed_seq = ? WHERE case_id = ? AND field = ? AND closed_seq IS NULL"


def still_open(store: Store) -> str:
    """Return the condition under which a question `q` about a case `c` is open."""
    find = "strpos" if store.dialect == "postgresql" else "instr"
    unset = f"{find}(c.fields, '\"' || q.field || '\":') = 0"
    return f"q.closed_seq IS NULL AND (CASE WHEN q.state IS NULL THEN {unset} ELSE c.state = q.state END)"


def ask(store: Store, rows: Sequence[QuestionRecord]) -> None:
    """Write questions."""
    if rows:
        store.change_many(_INSERT, rows)


def close(store: Store, case_id: int, field: str, seq: int) -> None:
    """Write that the row *seq* has closed what is open about a field."""
    store.change(_CLOSE, (seq, case_id, field))


def of_case(store: Store, case_id: int) -> list[QuestionRecord]:
    """Return the open questions about a case, in the order in which they were asked."""
    return list(map(QuestionRecord._make, store.query(of_case_asks(store), (case_id,))))


def of_case_asks(store: Store) -> str:
    """Return what `of_case` asks."""
    return f"{_SELECT} WHERE q.case_id = ? AND {still_open(store)} ORDER BY q.seq, q.field"


def open_about(store: Store, workflow: str) -> dict[int, list[QuestionRecord]]:
    """Return all open questions about cases of a workflow that count, by case."""
    found: dict[int, list[QuestionRecord]] = {}
    asked = (
        f"{_SELECT} WHERE c.workflow = ? AND c.clearance < 3 AND {still_open(store)} ORDER BY q.case_id, q.seq, q.field"
    )
    for each in map(QuestionRecord._make, store.query(asked, (workflow,))):
        found.setdefault(each.case_id, []).append(each)
    return found
