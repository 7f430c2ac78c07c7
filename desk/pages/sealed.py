"""What is sealed in a case: its opening asked for, agreed to and done, shown once; and answers by a reporter's code."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import title_of
from desk.pages.house import tabs
from desk.signing import refuse_unsigned, ways_to_sign
from desk.steps import reasons_of, said
from desk.visit import Visit
from engine.errors import BadFileError, BadValueError, ConflictError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases import receipts
from engine.operations.cases.sealed_values import (
    OpeningStands,
    agree_to_open,
    ask_to_open,
    open_reporter,
    opening_that_stands,
    sealed_in,
)
from engine.operations.ledger.administrators import lacks_power
from engine.operations.ledger.free_text import IdentitySeenError
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.workflow.powers import Power
from engine.working_days.instants import microseconds
from presentation.case_view import when
from presentation.sealed_view import opened_pairs, sealed_title

_CAUGHT: Final = (BadValueError, BadFileError, NotFoundError, RefusedError, ConflictError)
_LONGEST: Final = 1000
"""Characters of a passphrase or a code that are looked at."""
_DONE: Final[Mapping[str, Text]] = {
    "ask": Text("Asked; another officer now agrees.", "已申请，请另一人同意。"),
    "agree": Text("Agreed; it holds for one opening.", "已同意，限启封一次。"),
    "answer": Text("Answered; who holds the code can read it.", "已答复，持查询码者可查看。"),
}


def sealed_page(visit: Visit) -> Answer:
    """Show what is sealed in a case, and how an opening stands; nothing of it is opened."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    return _page(visit, case, refused=None, status=HTTPStatus.OK)


def change_sealed(visit: Visit) -> Answer:
    """Ask for an opening, agree to one, open, give a code or answer by it; or say why that may not be."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    deeds: Mapping[str, Callable[[Visit, Case], PageShown | None]] = {
        "ask": _ask,
        "agree": _agree,
        "open": _open,
        "code": _give_code,
        "answer": _answer,
    }
    deed = visit.asked.one("_deed")
    try:
        if deed not in deeds:
            raise BadValueError(Text("choose what is to be done", "请选择要办理的事项"))
        shown = deeds[deed](visit, case)
    except _CAUGHT as refused:
        return _page(visit, case, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return shown or GoTo(to=f"/case/{case.number}/sealed?done={deed}")


def codes_page(visit: Visit) -> Answer:
    """Show the form into which a reporter's code is typed."""
    return _codes(visit, refused=None, status=HTTPStatus.OK)


def read_answers(visit: Visit) -> Answer:
    """Show what was answered to who holds a code, and nothing else of the case."""
    try:
        _refuse_to_rehearse(visit)
        found = receipts.read_answers(visit.acting, _raw(visit, "_code"))
    except _CAUGHT as refused:
        visit.write_down(Deed.READ, "", "refused", by="receipt")
        return _codes(visit, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    visit.write_down(Deed.READ, found.number, "shown", by="receipt")
    answers = [(when(visit.ledger, at), words) for at, words in found.answers]
    return PageShown(template="opened.html", values={"kind": "answers", "pairs": answers, "number": ""})


def _ask(visit: Visit, case: Case) -> None:
    reason = visit.asked.one("reason")
    ask_to_open(visit.looked_through(words={"reason": reason}), case.number, reason=reason)


def _agree(visit: Visit, case: Case) -> None:
    refuse_unsigned(visit)
    agree_to_open(visit.acting, case.number)


def _open(visit: Visit, case: Case) -> PageShown:
    _refuse_to_rehearse(visit)
    reason = visit.asked.one("reason")
    opened = open_reporter(
        visit.looked_through(words={"reason": reason}),
        case.number,
        locked=_key(visit),
        passphrase=_raw(visit, "_passphrase"),
        reason=reason,
    )
    pairs = list(opened_pairs(visit.ledger, case, opened))
    return PageShown(template="opened.html", values={"kind": "sealed", "pairs": pairs, "number": case.number})


def _give_code(visit: Visit, case: Case) -> PageShown:
    _refuse_to_rehearse(visit)
    code = receipts.give_receipt(visit.acting, case.number)
    return PageShown(template="opened.html", values={"kind": "code", "pairs": [("", code)], "number": case.number})


def _answer(visit: Visit, case: Case) -> None:
    receipts.answer(visit.acting, case.number, visit.asked.one("_answer"))


def _refuse_to_rehearse(visit: Visit) -> None:
    """Refuse to show what is undone at once: it would be seen, and nothing would say so.

    Raises:
        RefusedError: If what is done is undone again.
    """
    if visit.is_rehearsing:
        raise RefusedError(Text("no passkey signs this", "此项不用通行密钥签字"))


def _raw(visit: Visit, name: str) -> str:
    """Return what was typed as a secret, which may begin with a blank."""
    return (visit.asked.form.get(name) or ("",))[0][:_LONGEST]


def _key(visit: Visit) -> bytes:
    """Return the custodian's key file, locked: the one that was sent, else the one at the desk's machine.

    Raises:
        BadValueError: If there is neither.
        BadFileError: If it cannot be read.
    """
    sent = visit.asked.files.get("key")
    if sent:
        return sent[0].content
    place = visit.settings.custodian_key
    if place is None or not place.is_file():
        raise BadValueError(Text("choose the custodian's key file", "请选择保管人密钥文件"))
    try:
        return place.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text("the custodian's key file cannot be read; choose it here", "无法读取保管人密钥文件，请在此选择")
        ) from error


def _page(visit: Visit, case: Case, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page of a case's sealed parts."""
    ledger, acting, place = visit.ledger, visit.acting, visit.settings.custodian_key
    fields = sealed_in(acting, case.number)
    stands = opening_that_stands(acting, case.number)
    opens = bool(fields) and lacks_power(acting, Power.OPEN_SEALS, unit_id=case.unit_id) is None
    agrees = lacks_power(acting, Power.AGREE_TO_OPEN, unit_id=case.unit_id) is None
    is_asked = stands is not None and stands.agreed_by is None and stands.by != visit.officer
    values = {
        "number": case.number,
        "title": title_of(visit, case),
        "sealed": [sealed_title(ledger, case, each) for each in fields],
        "stands": None if stands is None else _stands(visit, stands),
        "opens": opens,
        "signs": ways_to_sign(visit) if agrees and is_asked else None,
        "has_key": place is not None and place.is_file(),
        "days": ledger.workflows.house_terms().opening_days,
        "takes_part": receipts.may_answer(acting, case.number),
        "has_code": receipts.has_receipt(ledger, case.number),
        "said": [] if refused is None else said(reasons_of(refused), ()),
        "insists": isinstance(refused, IdentitySeenError),
        "typed": {name: visit.asked.one(name) for name in ("reason", "_answer", "_deed")},
        "done": _DONE.get(visit.asked.one("done")) if refused is None else None,
    }
    return PageShown(template="sealed.html", values=values, status=status)


def _stands(visit: Visit, stands: OpeningStands) -> Mapping[str, object]:
    """Return how an opening stands, in names and words."""
    naming = visit.ledger.naming
    return {
        "by": naming.person(stands.by).name,
        "is_mine": stands.by == visit.officer,
        "at": when(visit.ledger, stands.at),
        "reason": stands.reason,
        "agreed_by": "" if stands.agreed_by is None else naming.person(stands.agreed_by).name,
        "until": "" if stands.until is None else when(visit.ledger, microseconds(stands.until)),
        "is_over": stands.until is not None and stands.until < visit.now,
    }


def _codes(visit: Visit, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page of codes."""
    values = {"tabs": tabs(visit), "said": [] if refused is None else said(reasons_of(refused), ())}
    return PageShown(template="codes.html", values=values, status=status)
