"""Whether a case goes by a workflow, and a letter by a declaration and template, that was adopted by then."""

from engine.journal.case_events import CaseOpened, LetterIssued
from engine.journal.house_history import HouseHistory
from engine.language import Text
from engine.workflow.texts import TextKind


def against_texts(then: HouseHistory, event: CaseOpened | LetterIssued, seq: int) -> Text | None:
    """Return that a row does not go by the texts adopted up to row *seq* of the house; None if it does."""
    if isinstance(event, CaseOpened):
        if then.ever_adopted and event.version not in then.adopted(TextKind.WORKFLOW, event.workflow, seq):
            return Text("its workflow was not adopted", "所用流程当时未经采用")
        return None
    in_force = (then.in_force(kind, event.letter, seq) for kind in (TextKind.LETTER, TextKind.TEMPLATE))
    if event.made_from == tuple(each for each in in_force if each is not None):
        return None
    return Text("it was not made from the template in force then", "未按当时所采用的文书模板制作")
