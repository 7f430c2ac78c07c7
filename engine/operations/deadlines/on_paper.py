"""A signature that was asked for and that its officer then gave on paper: entered for what stands asked."""

from pathlib import Path

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.cases.signatures import Page, StandingSignature, enter_paper, standing_of
from engine.operations.cases.voiding import ask_voiding
from engine.operations.deadlines.extending import ask_extension
from engine.operations.ledger.acting import Acting
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.deed_words import EXTENSION, VOIDING


def enter_asked(acting: Acting, number: str, field: str, page: Page, *, folder: Path) -> StandingSignature:
    """Enter the page on which an officer signed what they are asked for on a case; the request is judged once more.

    Args:
        field: Where the signature stands.
        folder: Where contents are kept.

    Raises:
        RefusedError: If no such signature is asked for and still open, or it could not be asked for so any more.
        QinglingError: As for `enter_paper`, `ask_extension` and `ask_voiding`.
    """
    case = acting.case(number)
    standing = standing_of(acting.ledger, case).get(field)
    if standing is None or standing.row.given_seq is not None:
        raise RefusedError(
            Text(
                f"no such signature is asked for on {number} any more; open the page again",
                f"{number} 没有待签的此项签字，请重新打开页面",
            )
        )
    asked, officer = standing.asked, standing.row.officer
    covers = asked.covers
    if asked.step == VOIDING:
        return ask_voiding(acting, number, officer, reason=str(covers["reason"]), page=(page, folder))
    if asked.step == EXTENSION:
        return ask_extension(
            acting,
            number,
            str(covers["deadline"]),
            officer,
            length=Term(amount=int(str(covers["amount"])), unit=TermUnit(str(covers["unit"]))),
            reason=str(covers["reason"]),
            exception=bool(covers["exception"]),
            page=(page, folder),
        )
    return enter_paper(acting, number, field, officer, page, folder=folder, step=asked.step, values=asked.proposed)
