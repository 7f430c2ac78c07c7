"""Voiding a mistaken entry: who may, and who signs it once the case has taken a step."""

from pathlib import Path
from typing import Final

from engine.errors import RefusedError
from engine.journal.case_events import CaseVoided
from engine.journal.signature_events import voiding_asked
from engine.language import Text
from engine.operations.cases.signatures import Page, StandingSignature, ask_or_enter, given_under
from engine.operations.cases.signed_deeds import may_sign, unsigned_deed, voiding_is_signed
from engine.operations.house.directory import officer_called
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_void
from engine.rules.case import Case, Count
from engine.store import case_rows
from engine.workflow.deed_words import VOIDING

_ASK: Final = Text(
    "qingling void {number} --reason WHY --ask OFFICER", "qingling void {number} --reason 理由 --ask 人员"
)


def ask_voiding(
    acting: Acting, number: str, officer: str, *, reason: str, page: tuple[Page, Path] | None = None
) -> StandingSignature:
    """Ask an officer to sign that a case is void, or enter the signature that they gave on paper.

    Args:
        officer: Code or name.
        page: The page with the signature, and where contents are kept; None to ask.

    Raises:
        RefusedError: If the case could not be voided, or the officer may not sign it.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case or officer.
        BadFileError: If the page cannot be read.
        ConflictError: If someone else changed the case first.
    """
    ledger = acting.ledger
    case, words = ledger.case(number), reason_given(reason)
    refuse_unvoidable(acting, case, moved=case_rows.has_moved(ledger.store, case.id))
    code = officer_called(ledger, officer)
    reasons = may_sign(ledger, case, ledger.rules_of(case).workflow.void_signed_by, code)
    if reasons:
        raise _not_voided(case, reasons)
    event = voiding_asked(of=code, reason=words)
    return ask_or_enter(acting, case, event, page)


def demands_signature(ledger: Ledger, case: Case) -> bool:
    """Say whether the voiding of a case is signed in person by a leader, as it stands now."""
    moved = case_rows.has_moved(ledger.store, case.id)
    return voiding_is_signed(ledger, ledger.rules_of(case).workflow, moved=moved)


def signed_voiding(acting: Acting, case: Case, reason: str) -> CaseVoided:
    """Return what the journal says of a voiding, with its signature.

    Args:
        reason: Empty for what was signed.

    Raises:
        RefusedError: If the officer may not, or its signature is missing.
        BadValueError: If there is no reason.
    """
    ledger = acting.ledger
    moved = case_rows.has_moved(ledger.store, case.id)
    refuse_unvoidable(acting, case, moved=moved)
    given = given_under(ledger, case, VOIDING)
    words = reason_given(reason or ("" if given is None else str(given.asked.covers["reason"])))
    if given is not None or voiding_is_signed(ledger, ledger.rules_of(case).workflow, moved=moved):
        ask = _ASK.format(number=case.number)
        reasons = unsigned_deed(None if given is None else given.asked, {"reason": words}, ask)
        if reasons:
            raise _not_voided(case, reasons)
    if given is None:
        return CaseVoided(reason=words)
    return CaseVoided(reason=words, signed=given.row.given_seq, seen=given.asked.seen)


def refuse_unvoidable(acting: Acting, case: Case, *, moved: bool) -> None:
    """Refuse to void a case that the officer may not void, or of which children or repeats are not void.

    Args:
        moved: It has taken a step; few may void it then.

    Raises:
        RefusedError: If so.
    """
    ledger, number = acting.ledger, case.number
    may_void(ledger.rules_of(case), case, actor=acting.actor(case.unit_id), moved=moved)
    veiled = ledger.naming.veiled
    living = [veiled(each.number) for each in case_rows.children(ledger.store, case.id) if each.clearance != Count.VOID]
    if living:
        raise RefusedError(
            Text(
                f"{number} has {', '.join(living)}; void these first",
                f"{number} 下有 {'、'.join(living)}；请先将其作废",
            )
        )
    repeats = [veiled(each.number) for each in case_rows.repeats(ledger.store, case.id) if each.clearance != Count.VOID]
    if repeats:  # they count nowhere else
        raise RefusedError(
            Text(
                f"{number} stands for {', '.join(repeats)} as well, which repeat it; void these first",
                f"{'、'.join(repeats)} 是 {number} 的重复件，随其计数；请先将其作废",
            )
        )


def _not_voided(case: Case, reasons: list[Text]) -> RefusedError:
    """Return the refusal of a voiding for its signature."""
    return RefusedError(Text(f"{case.number} is not voided", f"{case.number} 不能作废"), reasons)
