"""Logging in and out. What a log-in is known by stays with the officer's machine; here is only its digest.

After some failures in a row who tries from there must wait, longer each time, and nobody else: an outsider cannot
lock an officer out. All instants are the clock's, never one that was set by hand.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from engine.errors import NotFoundError, QinglingError, RefusedError
from engine.journal.house_events import LoggedIn, LoggedOut, LogInRefused
from engine.language import Text
from engine.operations.identity.passwords import fits
from engine.operations.identity.ways import PASSWORD
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.evidence import Evidence
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import identity_rows
from engine.store.identity_columns import FailureRecord, LogInRecord
from engine.workflow.proofs import LogInLimits, Proof
from engine.working_days.instants import instant, microseconds

SEEN_EACH: Final = timedelta(minutes=3)
"""How exactly it is kept when one was used last."""
LONGEST_NUMBER: Final = 9
"""Digits of the number of a row."""
SYSTEM: Final = "qingling"
"""In whose name a streak of failures is journaled: nobody is known there."""


class MustWaitError(RefusedError):
    """The password was wrong too often in a row: one must wait, whatever it is now (exit 21)."""


def log_in(ledger: Ledger, code: str, password: Callable[[], str], *, source: str, now: datetime) -> tuple[str, int]:
    """Log an officer in; return what the officer's machine keeps, and the row that tells of it.

    Args:
        password: Asked for it, unless one must wait.
        source: Account and machine from which it is tried.
        now: The clock's aware instant.

    Raises:
        RefusedError: If the password is wrong; who has no password, or is no officer, gets the same answer after the
            same computation.
        MustWaitError: If there were too many failures.
    """
    own = refuse_wrong_password(ledger, code, password, source=source, now=now)
    return begin_log_in(ledger, code, own.seq, now)


def refuse_wrong_password(
    ledger: Ledger, code: str, password: Callable[[], str], *, source: str, now: datetime
) -> identity_rows.Credential:
    """Return the password of an officer that was typed; a failure is counted, and counts no more once it was right.

    Raises:
        RefusedError: As for `log_in`.
        MustWaitError: If there were too many failures.
    """
    store = ledger.store
    before = identity_rows.failures(store, code, source)
    refuse_hurry(ledger.workflows.log_in_limits(), before, microseconds(now))
    given = password()
    passwords = [
        each for each in identity_rows.credentials(store, code) if each.way == PASSWORD and each.ended_at is None
    ]
    own = passwords[-1] if passwords else None
    officer = house.officer(store, code)
    if not fits(own.kept if own else None, given) or own is None or officer is None or officer.left_at is not None:
        _remember_failure(ledger, code, source, now)
        raise RefusedError(
            Text(
                f"the password of {code} is wrong, or {code} has none",
                f"{code} 的口令不对，或尚未设口令",
            )
        )
    if before is not None:
        # Only by the password itself: who comes in by another way may go on guessing the password of that officer.
        with store.begin():
            identity_rows.forget_failures(store, code, source)
    return own


def log_out(acting: Acting, seq: int) -> None:
    """End a log-in.

    Args:
        seq: The row that tells of it.
    """
    with acting.ledger.store.begin():
        row = acting.note_in_house(LoggedOut(session=seq))
        identity_rows.end_log_in(acting.ledger.store, seq, row.at)


def end_log_ins_of(acting: Acting, code: str) -> None:
    """End every log-in of an officer that holds, wherever it is used; inside `begin`."""
    for each in log_ins(acting.ledger, code, now=acting.now):
        row = acting.note_in_house(LoggedOut(session=each.seq))
        identity_rows.end_log_in(acting.ledger.store, each.seq, row.at)


def log_ins(ledger: Ledger, code: str, *, now: datetime) -> list[LogInRecord]:
    """Return the log-ins of an officer that hold, oldest first.

    Args:
        now: The clock's aware instant.
    """
    now_at = microseconds(now)
    idle = timedelta(minutes=ledger.workflows.log_in_limits().idle_minutes)
    seen_from = now_at - idle // timedelta(microseconds=1)
    return identity_rows.log_ins(ledger.store, code, now_at=now_at, seen_from=seen_from)


def end_own_log_in(acting: Acting, seq: int, *, now: datetime) -> None:
    """End a log-in of the acting officer, wherever it is used.

    Args:
        seq: The row that tells of it.
        now: The clock's aware instant.

    Raises:
        NotFoundError: If it is none of theirs that holds.
    """
    if seq not in {each.seq for each in log_ins(acting.ledger, acting.by, now=now)}:
        raise NotFoundError(Text("you have no such log-in any more", "没有此登录，或已结束"))
    log_out(acting, seq)


def end_other_log_ins(acting: Acting, own: int | None, *, now: datetime) -> int:
    """End all log-ins of the acting officer but one; return how many were ended.

    Args:
        own: The row that tells of the one that goes on; None ends all.
        now: The clock's aware instant.
    """
    others = [each.seq for each in log_ins(acting.ledger, acting.by, now=now) if each.seq != own]
    for each in others:
        log_out(acting, each)
    return len(others)


def shown_by_session(ledger: Ledger, held: str, *, now: datetime) -> Evidence | None:
    """Return how the officer is known whose machine holds *held*; None if that is no log-in, or has ended.

    Args:
        now: The clock's aware instant.
    """
    seq, _, token = held.partition(".")
    is_number = seq.isascii() and seq.isdecimal() and len(seq) <= LONGEST_NUMBER
    found = identity_rows.log_in(ledger.store, int(seq)) if is_number else None
    if found is None or not compare_digest(found.token, _digest(token)):
        return None
    now_at = microseconds(now)
    idle = timedelta(minutes=ledger.workflows.log_in_limits().idle_minutes)
    if now_at >= found.until or now_at - found.seen_at > idle / timedelta(microseconds=1):
        return None
    if now_at - found.seen_at > SEEN_EACH / timedelta(microseconds=1):
        _see(ledger, found.seq, now)
    return Evidence(found.officer, Proof.SESSION, found.seq)


def logged_in_at(ledger: Ledger, seq: int) -> datetime | None:
    """Return the aware instant at which somebody logged in, however often the secret of it was renewed since.

    Args:
        seq: The row that tells of it.

    Returns:
        None if it is no log-in that holds.
    """
    found = identity_rows.log_in(ledger.store, seq)
    hours = timedelta(hours=ledger.workflows.log_in_limits().hours)
    return None if found is None else instant(found.until) - hours


def once_shown_by(ledger: Ledger, held: str) -> str | None:
    """Return the officer of a log-in that holds or has ended; None if what is *held* never was one."""
    seq, _, token = held.partition(".")
    is_number = seq.isascii() and seq.isdecimal() and len(seq) <= LONGEST_NUMBER
    found = identity_rows.once_logged_in(ledger.store, int(seq)) if is_number else None
    return None if found is None or not compare_digest(found.token, _digest(token)) else found.officer


def log_in_again(ledger: Ledger, held: str, *, now: datetime) -> str | None:
    """Let a log-in be shown by another secret, since its officer may do more now; it ends when it would have ended.

    Args:
        now: The clock's aware instant.

    Returns:
        What shows it from now on; None if it holds no more.
    """
    evidence = shown_by_session(ledger, held, now=now)
    before = None if evidence is None else identity_rows.log_in(ledger.store, evidence.seq)
    if before is None:
        return None
    fresh, _ = begin_log_in(ledger, before.officer, before.credential, now, until=before.until)
    ledger.forget()
    log_out(Acting(ledger, before.officer, now), before.seq)
    return fresh


def begin_log_in(
    ledger: Ledger, code: str, credential: int, now: datetime, *, until: int | None = None
) -> tuple[str, int]:
    """Write a new log-in of an officer who has shown a credential; return what shows it from now on, and its row.

    Args:
        credential: The row that tells of it.
        now: The clock's aware instant.
        until: When it ends at the latest, in microseconds since 1970 UTC; None: after the hours that are declared.
    """
    from secrets import token_urlsafe

    token, now_at = token_urlsafe(32), microseconds(now)
    until = until or microseconds(now + timedelta(hours=ledger.workflows.log_in_limits().hours))
    with ledger.store.begin():
        row = Acting(ledger, code, now).note_in_house(
            LoggedIn(credential=credential, until=until, token=_digest(token))
        )
        identity_rows.begin_log_in(
            ledger.store,
            LogInRecord(
                seq=row.seq,
                officer=code,
                credential=credential,
                token=_digest(token),
                seen_at=now_at,
                until=until,
                ended_at=None,
            ),
        )
    return f"{row.seq}.{token}", row.seq


def refuse_hurry(limits: LogInLimits, before: FailureRecord | None, now_at: int) -> None:
    """Refuse who was wrong too often in a row to try again at once."""
    if before is None or before.failures < limits.failures:
        return
    first, longest = timedelta(seconds=limits.wait_seconds), timedelta(minutes=limits.longest_wait_minutes)
    wait = min(first * 2 ** min(before.failures - limits.failures, 10), longest)
    left = before.last_at + wait // timedelta(microseconds=1) - now_at
    if left > 0:
        seconds = -(-left // 1_000_000)
        raise MustWaitError(
            Text(
                f"wrong {before.failures} times in a row: wait {seconds} seconds, then try again",
                f"已连续输错 {before.failures} 次：请等待 {seconds} 秒后再试",
            )
        )


def _remember_failure(ledger: Ledger, code: str, source: str, now: datetime) -> None:
    """Count a failure; the one from which on one must wait is journaled."""
    with ledger.store.begin():
        before = identity_rows.failures(ledger.store, code, source)
        failures = 1 if before is None else before.failures + 1
        identity_rows.keep_failures(ledger.store, FailureRecord(code, source, failures, microseconds(now)))
        if failures == ledger.workflows.log_in_limits().failures:
            Acting(ledger, SYSTEM, now).note_in_house(LogInRefused(code=code, failures=failures, source=source))


def _see(ledger: Ledger, seq: int, now: datetime) -> None:
    """Write that a log-in was used; where that cannot be written now, it ends earlier."""
    try:
        with ledger.store.begin():
            identity_rows.see_log_in(ledger.store, seq, microseconds(now))
    except QinglingError:
        return


def _digest(token: str) -> str:
    """Return what is kept of what a machine holds."""
    return sha256(token.encode()).hexdigest()
