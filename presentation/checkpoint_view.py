"""Checkpoints of the journal in words."""

from typing import TYPE_CHECKING

from engine.language import Text
from presentation.case_view import when

if TYPE_CHECKING:
    from engine.operations.house.checkpoints import Coverage
    from engine.operations.ledger.ledger import Ledger


def coverage_text(ledger: "Ledger", covered: "Coverage") -> Text:
    """Return how far checkpoints cover the journal, in both languages."""
    rest = covered.entries - covered.covered
    if covered.made_at is None:
        return Text(
            "no checkpoint covers the journal: its {n} rows hang together only by their own chains; make one:"
            " qingling journal checkpoint",
            "尚无检查点：{n} 行日志仅由各自的哈希链相互印证；请生成：qingling journal checkpoint",
        ).format(n=rest)
    en, zh = ", ".join(covered.witnesses), "、".join(covered.witnesses)
    signed = Text(f"co-signed by {en}", f"由 {zh} 见证") if en else Text("co-signed by nobody", "无人见证")
    return Text(
        "covered to row {covered} by the checkpoint {code} of {at}, {signed}; {n} newer rows hang together only by"
        " their own chains",
        "检查点 {code}（{at}，{signed}）涵盖至第 {covered} 行；其后 {n} 行仅由各自的哈希链相互印证",
    ).format(covered=covered.covered, code=covered.code, at=when(ledger, covered.made_at), signed=signed, n=rest)
