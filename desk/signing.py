"""What stands under a form that is signed: a passkey's assertion over what it writes, or else the password again.

A browser must know what it signs before it is written. So what a form does is first rehearsed: done with the passkey
named as its proof, and undone, and the hashes of its rows become the challenge. Then it is done as of the same instant:
the same rows come out, or it is not done at all, since something has changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from desk.answers import Answer, DataGiven, GoTo
from desk.ceremonies import Ceremonies, SignatureBegun
from desk.passkeys import answer_of
from desk.visit import Visit
from engine.errors import RefusedError
from engine.journal.assertions import Passkey, base64url, challenge_of, is_answer
from engine.language import Text
from engine.operations.identity.credentials import Credential
from engine.operations.identity.passkeys import confirmed, has_password, passkeys
from engine.operations.identity.showing import act_as
from engine.operations.ledger.demands import shown_by
from engine.operations.ledger.evidence import Evidence
from engine.operations.ledger.sealed_once import SealedOnce
from engine.workflow.proofs import Proof


@dataclass(frozen=True, kw_only=True, slots=True)
class WaysToSign:
    """How the officer can sign here."""

    passkeys: list[tuple[int, str]]
    """Number and name, that of the log-in first."""
    password: bool
    plain: bool
    """In a rehearsal it is enough to press the button."""


def ways_to_sign(visit: Visit, *, demanded: bool = False) -> WaysToSign:
    """Return how the officer can sign here.

    Args:
        demanded: A signature is demanded by the workflow: the password again is none.
    """
    found = [(each.seq, known.name) for each, known in _usable(visit)]
    is_plain = visit.ledger.is_rehearsal
    return WaysToSign(
        passkeys=found,
        password=not is_plain and not demanded and has_password(visit.ledger, visit.officer),
        plain=is_plain,
    )


def answered(visit: Visit, page: Callable[[Visit], Answer], ceremonies: Ceremonies) -> Answer:
    """Return what a page answers to a form, which may bear what signs it, or ask what is to be signed."""
    if visit.asked.one("_prepare"):
        return _prepared(visit, page, ceremonies)
    visit.ceremonies, visit.authorise = ceremonies, partial(_authorise, visit, ceremonies)
    return page(visit)


def refuse_unsigned(visit: Visit) -> None:
    """Refuse a form that bears neither an assertion nor the password, but in a rehearsal.

    Raises:
        RefusedError: If so, or what it bears is wrong.
    """
    visit.authorise()
    if not visit.ledger.is_rehearsal and shown_by(visit.ledger, visit.officer) < Proof.CONFIRMED:
        raise RefusedError(
            Text("sign with your passkey, or type your password again", "请用通行密钥签字，或再次输入口令确认")
        )


def _usable(visit: Visit) -> list[tuple[Credential, Passkey]]:
    """Return the officer's passkeys that hang on the name under which the desk is open; that of the log-in first."""
    host = visit.asked.host
    return [(each, known) for each, known in passkeys(visit.ledger, visit.officer) if known.host == host]


def _prepared(visit: Visit, page: Callable[[Visit], Answer], ceremonies: Ceremonies) -> Answer:
    """Rehearse what a form does, and return what a passkey is to sign; nothing of it stays."""
    ledger, asked = visit.ledger, visit.asked
    found = next((each for each in _usable(visit) if str(each[0].seq) == asked.one("_prepare")), None)
    if found is None:
        return DataGiven(values={"refused": True}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    own, known = found
    rows: list[str] = []

    def collect(written: str) -> str:
        rows.append(written)
        return ""

    house, seals = ledger.house_stands, SealedOnce()
    with visit.rehearsing():
        act_as(ledger, Evidence(visit.officer, Proof.SIGNATURE, own.seq, collect, house, seals))
        answer = page(visit)
    act_as(ledger, None)
    if not rows or not isinstance(answer, GoTo):  # the form itself says why, when it is sent
        return DataGiven(values={"refused": True}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    begun = SignatureBegun(
        officer=visit.officer,
        held=asked.held,
        address=asked.address,
        key=own.seq,
        rows=tuple(rows),
        now=visit.now,
        real_at=ledger.real_at,
        house=house,
        origin=asked.origin,
        seals=seals,
    )
    secret = ceremonies.begin(begun, now=visit.settings.real_now())
    challenge = base64url(challenge_of(begun.rows))
    return DataGiven(values={"nonce": secret, "challenge": challenge, "host": known.host, "keys": [known.id]})


def _authorise(visit: Visit, ceremonies: Ceremonies) -> None:
    """Let what is written from now on bear what came with the form.

    Raises:
        RefusedError: If it is wrong, too late, or for something else.
    """
    visit.authorise = _nothing_more
    asked = visit.asked
    password = (asked.form.get("_password") or ("",))[0]  # not stripped: a password may begin with a blank
    if asked.one("_nonce"):
        _let_passkey_sign(visit, ceremonies.end(asked.one("_nonce"), SignatureBegun, now=visit.settings.real_now()))
    elif password:
        source, now = f"{asked.source} (desk)", visit.settings.real_now()
        act_as(visit.ledger, confirmed(visit.ledger, visit.officer, password[:1000], source=source, now=now))


def _let_passkey_sign(visit: Visit, begun: SignatureBegun | None) -> None:
    """Let the rows that were rehearsed, and no others, bear the assertion that came."""
    asked, ledger = visit.asked, visit.ledger
    here = visit.officer, asked.held, asked.address
    if begun is None or (begun.officer, begun.held, begun.address) != here:
        raise RefusedError(
            Text("that took too long, or was sent already; sign again", "已超过五分钟或已提交过，请重新签字")
        )
    rows = begun.rows
    found = answer_of(asked.form, rows)
    known = next((known for each, known in _usable(visit) if each.seq == begun.key), None)
    if known is None or not is_answer(known, challenge_of(rows), found, origin=begun.origin):
        raise RefusedError(
            Text("the passkey did not sign this; sign again, or use the password", "通行密钥签字无效，请重签或改用口令")
        )

    def sign(written: str) -> str:
        if written not in rows:
            raise RefusedError(
                Text(
                    "something changed while you signed; read it again and sign again",
                    "签字期间内容已有变化，请重新阅后签字",
                )
            )
        return found.kept

    act_as(ledger, Evidence(visit.officer, Proof.SIGNATURE, begun.key, sign, begun.house, begun.seals))
    # The hash that was signed covers the instant of the row: it is written with that of the rehearsal.
    visit.now, ledger.real_at = begun.now, begun.real_at


def _nothing_more() -> None:
    """Do nothing: what came with the form was looked at."""
