"""What the officer logs in with: password, passkeys, log-ins; and passkeys of others, for their manager to revoke."""

from http import HTTPStatus
from secrets import token_bytes
from typing import Final

from desk.answers import Answer, DataGiven, GoTo, PageShown
from desk.ceremonies import KeyBegun
from desk.pages.own_log_ins import DONE, change_password, end_log_ins, log_ins_shown, refuse_long_open
from desk.passkeys import host_of, made_with, passkey_made
from desk.signing import refuse_unsigned, ways_to_sign
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.identity.credentials import revoke, tokens_in_force
from engine.operations.identity.passkeys import passkeys, register_passkey
from engine.operations.identity.ways import PASSKEY
from engine.workflow.powers import Power
from presentation.house_words import WAYS

HERE: Final = "/keys"
_CAUGHT: Final = (BadValueError, NotFoundError, RefusedError)


def keys_page(visit: Visit) -> Answer:
    """Show the officer's password, passkeys and log-ins."""
    return _page(visit, refused=None, status=HTTPStatus.OK)


def change_keys(visit: Visit) -> Answer:
    """Change the password, end log-ins, begin to make a passkey, register one that was made, or revoke one."""
    asked = visit.asked
    if asked.one("_begin"):
        return _begun(visit)
    try:
        if "_new" in asked.form:
            return change_password(visit)
        if asked.one("_end"):
            return end_log_ins(visit)
        if asked.one("_revoke"):
            _revoke(visit, whole_number(asked.one("_revoke"), least=1, most=999_999_999))
        else:
            _register(visit)
    except _CAUGHT as refused:
        return _page(visit, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return GoTo(to=HERE)


def _begun(visit: Visit) -> Answer:
    """Return what the browser is asked to make a passkey with, once it is known again who asks."""
    asked, ledger = visit.asked, visit.ledger
    try:
        host = host_of(asked.origin)
        ways = ways_to_sign(visit)
        if ways.password:  # who finds a desk left open makes no key of their own
            refuse_unsigned(visit)
        elif not ways.plain:
            refuse_long_open(visit)
    except _CAUGHT as refused:
        return DataGiven(values={"refused": str(refused.sentence)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    challenge = token_bytes(32)
    begun = KeyBegun(
        officer=visit.officer, held=asked.held, challenge=challenge, host=host, origin=asked.origin
    )  # fmt: skip
    options = made_with(
        challenge,
        host=host,
        house=str(ledger.settings.get("name") or ""),
        code=visit.officer,
        name=ledger.naming.person(visit.officer).name,
        known=[known for _, known in passkeys(ledger, visit.officer) if known.host == host],
    )
    secret = visit.ceremonies.begin(begun, now=visit.settings.real_now())
    return DataGiven(values={"nonce": secret, "options": options})


def _register(visit: Visit) -> None:
    """Register the passkey that a browser has made.

    Raises:
        RefusedError: If it took too long, or it is none.
        BadValueError: If its name is none.
    """
    asked = visit.asked
    begun = visit.ceremonies.end(asked.one("_made"), KeyBegun, now=visit.settings.real_now())
    if begun is None or (begun.officer, begun.held) != (visit.officer, asked.held):
        raise RefusedError(
            Text(
                "no passkey was made; a browser that knows passkeys and runs scripts makes one within five minutes",
                "未生成通行密钥；须使用支持通行密钥并启用脚本的浏览器，在五分钟内完成",
            )
        )
    made = passkey_made(
        asked.one("_id"),
        asked.one("_client"),
        asked.one("_attestation"),
        challenge=begun.challenge,
        host=begun.host,
        origin=begun.origin,
        name=asked.one("name"),
    )
    register_passkey(visit.looked_through(), made)


def _revoke(visit: Visit, number: int) -> None:
    """Revoke a passkey, by the row that tells of it.

    Raises:
        NotFoundError: If there is none.
        BadValueError: If there is no reason.
        RefusedError: If it is another officer's, and this one does not keep officers.
    """
    found = next((each for each, _ in passkeys(visit.ledger) if each.seq == number), None)
    if found is None:
        raise NotFoundError(Text("there is no such passkey in force", "没有此有效通行密钥"))
    acting = visit.looked_through(words={"reason": visit.asked.one("reason")})
    revoke(acting, found.officer, PASSKEY, reason=visit.asked.one("reason"), number=number)


def _page(visit: Visit, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page of passkeys."""
    ledger, asked = visit.ledger, visit.asked
    keeps = Power.MANAGE_OFFICERS in visit.reader.powers
    listed = [
        {
            "number": each.seq,
            "name": known.name,
            "host": known.host,
            "is_here": known.host == asked.host,
            "of": "" if each.officer == visit.officer else ledger.naming.person(each.officer).name,
        }
        for each, known in passkeys(ledger, None if keeps else visit.officer)
    ]
    try:
        host_of(asked.origin)
        why_not = None
    except RefusedError as error:
        why_not = error.sentence
    values = {
        "code": visit.officer,
        "own": [each for each in listed if not each["of"]],
        "others": [each for each in listed if each["of"]],
        "why_not": why_not,
        "signs": ways_to_sign(visit),
        "can_have_password": not ledger.is_rehearsal,
        "tokens": [WAYS[each] for each in tokens_in_force(ledger, visit.officer)],
        "log_ins": log_ins_shown(visit),
        "done": DONE.get(asked.one("done")) if refused is None else None,
        "name": asked.one("name"),
        "wrong": None if refused is None else refused.sentence,
    }
    return PageShown(template="keys.html", values=values, status=status)
