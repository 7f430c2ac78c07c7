"""Asks at a terminal, before anything of a ledger goes in, about texts in which it can be read who somebody is."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from commands.console.output import can_ask, talk
from commands.console.prompts import ask_yes
from engine.errors import RefusedError
from engine.language import Text, t
from engine.workflow.model import Workflow

if TYPE_CHECKING:
    from engine.journal.ledger_row import Question

_SHOWN: Final = 10
"""So many of the texts are named."""


def agree_to_masking(workflow: Workflow, masked: "Sequence[Question]") -> None:
    """Name the texts that go in masked, and ask whether they may; where nobody can be asked, they go in so.

    Raises:
        RefusedError: If they may not: then nothing of the ledger goes in.
    """
    if not masked or not can_ask():
        return
    for each in islice(masked, _SHOWN):
        title = workflow.fields[each.field].title
        talk(t("! {at}  {title}: {why}", "! {at}  {title}：{why}", at=each.at, title=title, why=Text(*each.why)))
    said = t(
        "{n} texts show who somebody is; they go in masked, the rows as they stood are sealed. Import them so?",
        "有 {n} 处文字可看出身份；导入时隐去，原行密封保存。这样导入吗？",
        n=len(masked),
    )
    if not ask_yes(said):
        raise RefusedError(
            Text(
                "nothing was written; change these cells in the ledger, then import it again",
                "未写入任何内容；请先在台账中修改上列单元格，再重新导入",
            )
        )
