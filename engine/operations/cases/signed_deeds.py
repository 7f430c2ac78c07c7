"""Signatures under what is no step of a workflow: an extension of a deadline, and the voiding of a case."""

from collections.abc import Mapping, Sequence

from engine.deadlines.clock import Status
from engine.journal.signature_events import SignatureAsked
from engine.language import Text
from engine.operations.ledger.demands import signed_in_person
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.rules.naming import DEED_PARTS
from engine.rules.signed_values import changed
from engine.store import clock_rows
from engine.store import house_rows as house
from engine.workflow.deadline import Deadline
from engine.workflow.deed_words import VOIDING
from engine.workflow.model import Workflow

_LIVE = frozenset({Status.RUNNING, Status.PAUSED})


def may_sign(ledger: Ledger, case: Case, roles: Sequence[str], signed_by: str) -> list[Text]:
    """Return why an officer cannot sign for the case's unit.

    Args:
        roles: Of which one is needed; any officer may sign if there are none.
    """
    signatory = house.actor(ledger.store, signed_by, case.unit_id)
    name = ledger.naming.officer(signed_by).zh
    if signatory is None:
        return [Text(f"{signed_by} has left and signs nothing", f"{name} 已离任，不能签批")]
    if not roles or signatory.roles & set(roles):
        return []
    titles = [ledger.workflows.roles().get(each) or Text(each, each) for each in roles]
    return [
        Text(
            f"{signed_by} may not sign it; it is signed by: {', '.join(each.en for each in titles)}",
            f"{name} 无权签批；须由{'、'.join(each.zh for each in titles)}签批",
        )
    ]


def covers_now(ledger: Ledger, case: Case, asked: SignatureAsked) -> dict[str, object] | None:
    """Return what the signature under a deed would cover as the case stands; None if it can be done no more."""
    if case.clearance == Count.VOID:
        return None
    if asked.step == VOIDING:
        return dict(asked.covers)
    name = str(asked.covers.get("deadline"))
    live = [each for each in clock_rows.of_case(ledger.store, case.id) if each.name == name and each.status in _LIVE]
    return {**asked.covers, "was_due_on": live[-1].due_on} if live else None


def extension_is_signed(ledger: Ledger, declared: Deadline) -> bool:
    """Say whether an extension is signed in person here."""
    return declared.extend is not None and declared.extend.signature and signed_in_person(ledger)


def voiding_is_signed(ledger: Ledger, workflow: Workflow, *, moved: bool) -> bool:
    """Say whether the voiding of a case is signed in person here.

    Args:
        moved: The case has taken a step.
    """
    return moved and bool(workflow.void_signed_by) and signed_in_person(ledger)


def unsigned_deed(given: SignatureAsked | None, covers: Mapping[str, object], ask: Text) -> list[Text]:
    """Return why a deed is not done with the signature as it is.

    Args:
        given: What was signed; None if nothing was.
        covers: What is to be done.
        ask: The command that asks for the signature.
    """
    if given is None:
        return [
            Text(
                "it is signed in person, not typed; ask for it: {ask}", "须由本人签字，不能代填；请提请签字：{ask_zh}"
            ).format(ask=ask.en, ask_zh=ask.zh)
        ]
    if differing := changed(given.covers, covers):
        names = [DEED_PARTS[each] for each in differing if each in DEED_PARTS]
        return [
            Text(
                "it was signed with another {names}; ask for it again: {ask}",
                "签字后{names_zh}有变化；请重新提请签字：{ask_zh}",
            ).format(
                names=", ".join(each.en for each in names),
                names_zh="、".join(each.zh for each in names),
                ask=ask.en,
                ask_zh=ask.zh,
            )
        ]
    return []
