"""What officers are known by: given, taken away and listed; and what the house demands. Each change is journaled."""

from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.journal.house_events import CredentialRevoked, CredentialSet, ProofDemanded
from engine.journal.signing import digest_of
from engine.language import Text
from engine.operations.identity.logging_in import end_log_ins_of
from engine.operations.identity.passwords import SHORTEST, hashed
from engine.operations.identity.ways import ACCOUNT, KEY, PASSKEY, PASSWORD, SIGN_ON, TOKENS
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import officers_who_may, refuse_unless
from engine.operations.ledger.demands import least_in, shown_by, unproven
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.store import house_rows as house
from engine.store import identity_rows
from engine.workflow.powers import Power
from engine.workflow.proofs import Proof

Credential = identity_rows.Credential


def credentials(ledger: Ledger, officer: str | None = None) -> list[Credential]:
    """Return what officers are or were known by, or one of them, oldest first; never shown whole."""
    return identity_rows.credentials(ledger.store, officer)


def tokens_in_force(ledger: Ledger, code: str) -> tuple[str, ...]:
    """Return the kinds of secrets of an officer that programs and calendars hold."""
    held = {each.way for each in credentials(ledger, code) if each.ended_at is None}
    return tuple(way for way in TOKENS if way in held)


def set_password(acting: Acting, code: str, password: str, *, keeps_tokens: bool = False) -> int:
    """Give an officer a password in place of the one before; return the row that tells of it.

    Every log-in of the officer ends, and so do tokens and the address of the calendar: a password is changed because
    somebody may know the one before, and what they opened with it would outlast it. Passkeys and keys stay, which no
    password gives. Whether it is hard to guess is asked where it is typed, which knows what one who guesses knows.

    Args:
        keeps_tokens: Programs and calendars go on with what they hold.

    Raises:
        BadValueError: If it is too short.
        NotFoundError: If there is no such officer.
        RefusedError: If the acting officer is neither the same nor manages officers, is not known well enough, or
            has a password that was not typed again for this.
    """
    if len(password) < SHORTEST:
        raise BadValueError(
            Text(
                f"a password has at least {SHORTEST} characters; take some words that do not belong together",
                f"口令至少 {SHORTEST} 个字符；可用互不相干的几个词",
            )
        )
    refuse_left_open(acting, code)
    kept, store = hashed(password), acting.ledger.store
    event = CredentialSet(code=code, way=PASSWORD, digest=digest_of(kept))
    _refuse_to_give(acting, code)
    with store.begin():
        seq = _keep(acting, event, kept)
        end_log_ins_of(acting, code)
        for each in () if keeps_tokens else credentials(acting.ledger, code):
            if each.way in TOKENS and each.ended_at is None:
                _end(acting, each, "new password")
    acting.ledger.forget()
    return seq


def set_account(acting: Acting, code: str, account: str) -> int:
    """Let an account of this machine's operating system be an officer's; return the row that tells of it.

    Raises:
        BadValueError: If it is no name.
        NotFoundError: If there is no such officer.
        RefusedError: As for `set_password`; or the ledger is on a server, to which anybody brings an account of any
            name; or the account is another officer's.
    """
    if not account.strip() or not account.isprintable():
        raise BadValueError(Text("say which account it is", "请写明系统账户名"))
    if acting.ledger.store.dialect != "sqlite":
        raise RefusedError(
            Text(
                "the ledger is on a server, to which each machine brings accounts of any name: set a password instead",
                "台账在服务器上，各机器的系统账户名不可信：请改设口令",
            )
        )
    refuse_left_open(acting, code)
    _refuse_taken(acting.ledger, ACCOUNT, account, code)
    return keep_given(acting, CredentialSet(code=code, way=ACCOUNT, account=account), account)


def register_key(acting: Acting, code: str, public: str) -> int:
    """Register the public half of an officer's key, as base64; return the row that tells of it.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: As for `set_password`; or the key is another officer's.
    """
    refuse_left_open(acting, code)
    _refuse_taken(acting.ledger, KEY, public, code)
    return keep_given(acting, CredentialSet(code=code, way=KEY, public=public), public)


def revoke(acting: Acting, code: str, way: str, *, reason: str, number: int | None = None) -> Credential:
    """Take away what an officer is known by; log-ins with it end.

    Args:
        way: password, os-account, key, passkey, sign-on, token-read, token-write or feed.
        number: Which of several passkeys, by the row that tells of it.

    Raises:
        BadValueError: If there is no reason, or there are several.
        NotFoundError: If the officer has none in force.
        RefusedError: As for `set_password`; or nobody who manages officers could log in any more.
    """
    ledger = acting.ledger
    every = [each for each in credentials(ledger, code) if each.way == way and each.ended_at is None]
    meant = [each for each in every if number in {None, each.seq}]
    if len(meant) > 1:
        numbers = ", ".join(str(each.seq) for each in meant)
        raise BadValueError(
            Text(f"there are several: say which (--number): {numbers}", f"有多个，请写明编号（--number）：{numbers}")
        )
    found = meant[0] if meant else None
    if found is None:
        raise NotFoundError(
            Text(
                f"{code} has nothing of that kind in force; see: qingling credential list",
                f"{code} 没有此类有效凭据；请查看：qingling credential list",
            )
        )
    _refuse_others(acting, found.officer)
    _refuse_last(ledger, found)
    with ledger.store.begin():
        _end(acting, found, reason_given(reason))
    ledger.forget()
    return found


def demand(acting: Acting, least: Proof, *, reason: str) -> Proof:
    """Say by what officers must at least be known once there are two; return what was demanded before.

    Raises:
        BadValueError: If there is no reason.
        RefusedError: If the officer does not keep the ledger, is known by less than that, or it is a rehearsal.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    if ledger.is_rehearsal:
        raise RefusedError(
            Text("a rehearsal ledger takes a typed name; nothing to demand", "演练台账只填姓名即可，不设身份要求")
        )
    was, shown = least_in(ledger), shown_by(ledger, acting.by)
    if shown < least:  # nobody could act any more, not even to take it back
        raise unproven(acting.by, least, shown)
    with ledger.store.begin():
        house.put_setting(ledger.store, "proof", least.word)
        acting.note_in_house(ProofDemanded(least=least.word, was=was.word, reason=reason_given(reason)))
    ledger.forget()
    return was


def keep_given(acting: Acting, event: CredentialSet, kept: str) -> int:
    """Write a credential, in place of the one in force of the same way; return the row that tells of it.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: As for `set_password`.
    """
    _refuse_to_give(acting, event.code)
    with acting.ledger.store.begin():
        seq = _keep(acting, event, kept)
    acting.ledger.forget()
    return seq


def _refuse_to_give(acting: Acting, code: str) -> None:
    """Refuse to give anything to nobody, to who has left, or by who may not."""
    found = house.officer(acting.ledger.store, code)
    if found is None:
        raise NotFoundError(
            Text(
                f"no officer has the code '{code}'; see: qingling officer list",
                f"没有代码为“{code}”的人员；请查看：qingling officer list",
            )
        )
    if found.left_at is not None:
        raise RefusedError(Text(f"officer {code} has left", f"人员 {code} 已离任"))
    _refuse_others(acting, code)


def _keep(acting: Acting, event: CredentialSet, kept: str) -> int:
    """Write a credential in place of the one before, and return the row that tells of it; inside `begin`."""
    ledger, code = acting.ledger, event.code
    for each in credentials(ledger, code):
        if each.way == event.way and each.way != PASSKEY and each.ended_at is None:
            _end(acting, each, "replaced")
    row = acting.note_in_house(event)
    identity_rows.keep_credential(
        ledger.store, Credential(seq=row.seq, officer=code, way=event.way, kept=kept, ended_at=None)
    )
    return row.seq


def must_confirm(acting: Acting, code: str) -> bool:
    """Say whether an officer must type the password again before anything more is given to be known by.

    Who finds a machine left open would else have something that outlasts the log-in, or keep the officer out.
    """
    ledger = acting.ledger
    if acting.by != code or ledger.is_rehearsal or shown_by(ledger, code) >= Proof.CONFIRMED:
        return False
    return any(each.way == PASSWORD and each.ended_at is None for each in credentials(ledger, code))


def refuse_left_open(acting: Acting, code: str) -> None:
    """Refuse an officer who must type the password again and has not.

    Raises:
        RefusedError: If so.
    """
    if must_confirm(acting, code):
        raise RefusedError(
            Text(
                "type your present password for this: --own-password-file FILE, or - for standard input",
                "须再次输入本人现用口令：--own-password-file 文件，或 - 表示标准输入",
            )
        )


def end_ways_in(acting: Acting, code: str, *, reason: str) -> None:
    """Let nothing be in force any more that lets in by itself: passkeys, single sign-on, tokens; inside `begin`.

    Else a program that was given a token would act again as soon as its officer comes back.
    """
    for each in credentials(acting.ledger, code):
        if each.way in {PASSKEY, SIGN_ON, *TOKENS} and each.ended_at is None:
            _end(acting, each, reason)


def _end(acting: Acting, found: Credential, reason: str) -> None:
    """Let a credential be in force no more; inside `begin`."""
    row = acting.note_in_house(CredentialRevoked(code=found.officer, credential=found.seq, reason=reason))
    identity_rows.end_credential(acting.ledger.store, found.seq, row.at)


def _refuse_others(acting: Acting, code: str) -> None:
    """Refuse who is neither the officer, and known as that, nor manages officers.

    Who has something to be known by already must be known by something: else the next one who types the name would
    replace the password.
    """
    ledger = acting.ledger
    if acting.by != code:
        refuse_unless(acting, Power.MANAGE_OFFICERS)
        return
    acting.actor(house.EVERYWHERE)
    has_any = any(each.ended_at is None for each in credentials(ledger, code))
    if has_any and not ledger.is_rehearsal and shown_by(ledger, code) is Proof.ASSERTED:
        raise unproven(code, Proof.OS_ACCOUNT, Proof.ASSERTED)


def _refuse_taken(ledger: Ledger, way: str, kept: str, code: str) -> None:
    """Refuse what another officer is known by."""
    other = identity_rows.credential_kept(ledger.store, way, kept)
    if other is not None:
        raise RefusedError(
            Text(f"it is registered for {other.officer} already", f"已登记为 {other.officer} 的凭据")
            if other.officer != code
            else Text("it is registered already", "已登记，无须重复")
        )


def _refuse_last(ledger: Ledger, gone: Credential) -> None:
    """Refuse to leave a ledger that demands proof without anybody who manages officers and could show any."""
    if not least_in(ledger):
        return
    managers = officers_who_may(ledger, Power.MANAGE_OFFICERS)
    ways = {PASSWORD, ACCOUNT}
    left = [each for each in credentials(ledger) if each.ended_at is None and each.way in ways]
    if not any(each.officer in managers and each.seq != gone.seq for each in left):
        raise RefusedError(
            Text(
                "nobody who manages officers could log in any more; set another credential first",
                "将无人能登录管理人员；请先设置其他凭据",
            )
        )
