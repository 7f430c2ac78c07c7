"""Messages about signatures: to the officer who is to sign, and to the one who asked for one that was not given."""

from collections.abc import Sequence

from engine.journal.signature_events import SignatureAsked
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.naming import signature_called, step_called
from engine.store import house_rows as house
from engine.working_days.count import next_working_moment
from engine.working_days.instants import microseconds

WHY = {
    "declined": Text("declined", "未予签字"),
    "void": Text(
        "void: the step cannot follow any more, or the officer has left", "已失效：该动作已不能办理，或签字人已离任"
    ),
    "waiting": Text("not given yet", "尚未签字"),
}
"""Why a signature is missing."""


def ask_for_it(acting: Acting, case: Case, asked: SignatureAsked) -> None:
    """Promise who is to sign a message; inside `begin`."""
    remind(acting, asked.of, [(case, asked)])


def remind(acting: Acting, officer: str, waiting: Sequence[tuple[Case, SignatureAsked]]) -> None:
    """Promise an officer one message about all that is asked of them; inside `begin`."""
    lines = [_line(acting, case, asked) for case, asked in waiting]
    case, asked = waiting[0]
    _promise(acting, "to_sign", officer, lines, f"{case.id}.{case.revision}.{asked.field}")


def tell_who_asked(acting: Acting, case: Case, asked: SignatureAsked, asker: str, why: str) -> None:
    """Promise who asked for a signature a message that it is missing; inside `begin`."""
    said = WHY[why]
    line = {**_line(acting, case, asked), "of": str(acting.ledger.naming.officer(asked.of))}
    line["why"] = {"en": said.en, "zh": said.zh}
    _promise(acting, "unsigned", asker, [line], f"{case.id}.{case.revision}.{asked.field}.{why}")


def _line(acting: Acting, case: Case, asked: SignatureAsked) -> dict[str, object]:
    """Return what a message says of one signature: never a value of the case."""
    workflow = acting.ledger.rules_of(case).workflow
    steps = [each.title for each in workflow.transitions if each.trigger == asked.step]
    titles = {
        "case": workflow.title,
        "signature": signature_called(workflow, asked.field),
        "step": steps[0] if steps else step_called(workflow, asked.step),
    }
    return {"number": case.number, **{key: {"en": title.en, "zh": title.zh} for key, title in titles.items()}}


def _promise(acting: Acting, kind: str, officer: str, lines: list[dict[str, object]], fact: str) -> None:
    """Promise one message, to be sent on the next working morning; nobody who has left is written to."""
    from engine.store import outbox_rows

    ledger = acting.ledger
    known = house.officer(ledger.store, officer)
    if known is None or known.left_at is not None:
        return
    send_at = microseconds(next_working_moment(acting.now, ledger.calendar))
    key = f"{kind}/{officer}/{fact}/{acting.now_at}"
    outbox_rows.promise(ledger.store, key, kind, officer, {"signatures": lines}, acting.now_at, send_at=send_at)
