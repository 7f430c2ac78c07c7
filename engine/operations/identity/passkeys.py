"""Passkeys and single sign-on of officers: registered, used to log in, and what a password typed again shows.

Each is a credential like a password: journaled, listed, revoked; several passkeys may be in force at a time.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.errors import BadValueError, RefusedError
from engine.journal.assertions import ALGORITHMS, Passkey, is_usable, passkey_kept
from engine.journal.house_events import CredentialSet
from engine.language import Text
from engine.operations.identity.credentials import Credential, credentials, keep_given, refuse_left_open
from engine.operations.identity.logging_in import begin_log_in, refuse_wrong_password
from engine.operations.identity.ways import PASSKEY, PASSWORD, SIGN_ON
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.evidence import Evidence
from engine.operations.ledger.free_text import seen_in
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import identity_rows
from engine.workflow.proofs import Proof

MOST: Final = 10
"""Passkeys that an officer may have at a time."""
LONGEST_NAME: Final = 40
_LONGEST: Final = 4000
"""Characters of issuer and subject, and of a passkey's id and key, that are taken."""


def register_passkey(acting: Acting, passkey: Passkey) -> int:
    """Let a passkey be the acting officer's, beside those that they have; return the row that tells of it.

    Raises:
        BadValueError: If its name is none, or one that says who somebody is.
        RefusedError: If it cannot sign what can be checked, is registered already, or there are too many.
    """
    ledger, name = acting.ledger, passkey.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or seen_in(None, (), {"words": name}):
        raise BadValueError(
            Text(
                "give the passkey a short name by which you know the device, such as phone; no number",
                "请给通行密钥起一个短名称以便辨认设备，如“手机”；不要写号码",
            )
        )
    passkey = passkey._replace(name=name)
    if passkey.algorithm not in ALGORITHMS or len(passkey.kept) > _LONGEST or not is_usable(passkey):
        raise RefusedError(
            Text("this device makes keys that cannot be checked here", "此设备的密钥类型不受支持，请换用其他设备")
        )
    every = [(each, passkey_kept(each.kept)) for each in identity_rows.in_force(ledger.store, PASSKEY)]
    if any(known.id == passkey.id or known.public == passkey.public for _, known in every):
        raise RefusedError(Text("it is registered already", "已登记，无须重复"))
    own = [known for each, known in every if each.officer == acting.by]
    if len(own) >= MOST or any(known.name == name and known.host == passkey.host for known in own):
        raise RefusedError(
            Text(
                f"there is one of that name already, or there are {MOST}; revoke one first, or take another name",
                f"已有同名通行密钥，或已达 {MOST} 个；请换名称，或先吊销一个",
            )
        )
    said = passkey.id, passkey.algorithm, passkey.host, passkey.name
    event = CredentialSet(code=acting.by, way=PASSKEY, public=passkey.public, passkey=said)
    return keep_given(acting, event, passkey.kept)


def passkeys(ledger: Ledger, officer: str | None = None) -> list[tuple[Credential, Passkey]]:
    """Return the passkeys in force, of one officer or of all, oldest first."""
    found = identity_rows.in_force(ledger.store, PASSKEY)
    return [(each, passkey_kept(each.kept)) for each in found if officer in {None, each.officer}]


def log_in_by_passkey(ledger: Ledger, shown: str, is_answer: Callable[[Passkey], bool], *, now: datetime) -> str:
    """Log an officer in who shows a passkey; return what shows the log-in from now on.

    Args:
        shown: The id of the passkey, as base64url.
        is_answer: Whether what came with it is an answer by that passkey to what was asked.
        now: The clock's aware instant.

    Raises:
        RefusedError: If it is no passkey of an officer here, or no answer; the same of all.
    """
    for each, known in passkeys(ledger):
        officer = house.officer(ledger.store, each.officer)
        if known.id == shown and officer is not None and officer.left_at is None and is_answer(known):
            return begin_log_in(ledger, each.officer, each.seq, now)[0]
    raise RefusedError(
        Text("this passkey is not registered here, or was revoked", "该通行密钥未在此登记，或已吊销；请用口令登录")
    )


def set_sign_on(acting: Acting, code: str, issuer: str, subject: str) -> int:
    """Let an account of a house's single sign-on be an officer's; return the row that tells of it.

    Args:
        issuer: Address of the provider (`iss`).
        subject: What the provider calls the account for ever (`sub`); never a name.

    Raises:
        BadValueError: If it is none.
        NotFoundError: If there is no such officer.
        RefusedError: As for `set_password`; or the account is another officer's.
    """
    words = f"{issuer} {subject}"
    if not (issuer and subject) or " " in issuer or len(words) > _LONGEST or not words.isprintable():
        raise BadValueError(Text("say issuer and subject", "请写明 issuer 和 subject"))
    refuse_left_open(acting, code)
    other = identity_rows.credential_kept(acting.ledger.store, SIGN_ON, words)
    if other is not None:
        raise RefusedError(Text(f"it is registered for {other.officer} already", f"已登记为 {other.officer} 的凭据"))
    return keep_given(acting, CredentialSet(code=code, way=SIGN_ON, account=words), words)


def log_in_by_sign_on(ledger: Ledger, issuer: str, subject: str, *, now: datetime) -> str:
    """Log the officer in whose account of single sign-on was shown; return what shows the log-in from now on.

    Raises:
        RefusedError: If it is no officer's.
    """
    found = identity_rows.credential_kept(ledger.store, SIGN_ON, f"{issuer} {subject}")
    officer = None if found is None else house.officer(ledger.store, found.officer)
    if found is None or officer is None or officer.left_at is not None:
        raise RefusedError(
            Text(
                "this account is no officer's here; who keeps officers registers it",
                "该账户未与本台账人员关联；请由人员管理者登记",
            )
        )
    return begin_log_in(ledger, found.officer, found.seq, now)[0]


def confirmed(ledger: Ledger, code: str, password: str, *, source: str, now: datetime) -> Evidence:
    """Return how an officer is known who is logged in and types the password again for one deed.

    Raises:
        RefusedError: If it is wrong, or there is none.
        MustWaitError: If there were too many failures.
    """
    own = refuse_wrong_password(ledger, code, lambda: password, source=source, now=now)
    return Evidence(code, Proof.CONFIRMED, own.seq)


def has_password(ledger: Ledger, code: str) -> bool:
    """Say whether an officer has a password in force."""
    return any(each.way == PASSWORD and each.ended_at is None for each in credentials(ledger, code))
