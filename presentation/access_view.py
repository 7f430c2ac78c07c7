"""How a row of the access log is shown: who, when, by which way, what, and the answer."""

import json
from typing import TYPE_CHECKING

from engine.language import Text, t
from presentation.case_view import iso, when

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.ledger.need_to_know import AccessRow

_ANSWERS = {"shown": Text("shown", "已显示"), "refused": Text("REFUSED", "已拒绝")}


def access_line(ledger: "Ledger", row: "AccessRow") -> tuple[str, ...]:
    """Return the cells of a row: when, by whom, what, of which case, how it was answered, and what else was asked."""
    from engine.operations.ledger.need_to_know import DOES
    from engine.rules.reading_rights import Deed

    asked = json.loads(row.asked)
    deed = str(DOES[Deed(row.deed)]) if row.deed in set(Deed) else row.deed
    said = " ".join(f"{name}={value}" for name, value in asked.items() if name != "digest")
    answer = str(_ANSWERS.get(row.answer, row.answer))
    return when(ledger, row.at), row.officer or t("nobody named", "未署名"), row.way, deed, row.subject, answer, said


def access_json(ledger: "Ledger", row: "AccessRow") -> dict[str, object]:
    """Return a row for scripts."""
    return {
        "seq": row.seq,
        "at": iso(ledger, row.at),
        "officer": row.officer,
        "way": row.way,
        "deed": row.deed,
        "case": row.subject or None,
        "answer": row.answer,
        "asked": json.loads(row.asked),
        "hash": row.hash,
    }
