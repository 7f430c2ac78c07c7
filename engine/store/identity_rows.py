"""Rows of who is who: what officers are known by, their log-ins, failures, and signatures over journal rows; no rules.

Prepared statements, since every command may read a log-in, and a cold one loads no SQLAlchemy.
"""

from engine.store import identity_columns
from engine.store.connection import Store
from engine.store.identity_columns import LogInRecord, SignatureRecord
from engine.store.statements import inserted, listed

Credential = identity_columns.CredentialRecord
LogIn = identity_columns.LogInRecord
Failures = identity_columns.FailureRecord

_CREDENTIALS = f"SELECT {listed(Credential._fields)} FROM credentials"
_NARROWED = f"SELECT {listed(Credential._fields, kept='ql_kept(seq)')} FROM credentials"
"""For a log-in that the database shows its own password's hash only, and of others' the digest."""
_KEEP = inserted("credentials", Credential._fields)
_LOG_IN = (
    f"SELECT {listed(LogIn._fields, 'l')} FROM log_ins l JOIN officers o ON o.code = l.officer AND o.left_at IS NULL"
    " JOIN credentials c ON c.seq = l.credential AND c.ended_at IS NULL"
    " WHERE l.seq = ? AND l.ended_at IS NULL"
)
_LOG_INS = (
    f"SELECT {listed(LogIn._fields, 'l')} FROM log_ins l JOIN credentials c ON c.seq = l.credential"
    " AND c.ended_at IS NULL WHERE l.officer = ? AND l.ended_at IS NULL AND l.until > ? AND l.seen_at >= ?"
    " ORDER BY l.seq"
)
_BEGIN = inserted("log_ins", LogIn._fields)
_FAILURES = f"SELECT {listed(Failures._fields)} FROM log_in_failures WHERE officer = ? AND source = ?"
_FAIL = (
    f"{inserted('log_in_failures', Failures._fields)} ON CONFLICT (officer, source)"
    f" DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in Failures._fields[2:])}"
)
_SIGNATURE = f"SELECT {listed(SignatureRecord._fields)} FROM signatures WHERE case_id = ? AND seq = ?"


def _asked(store: Store) -> str:
    """Return what reads credentials, as far as this log-in may."""
    return _NARROWED if store.is_under_policies else _CREDENTIALS


def credentials(store: Store, officer: str | None = None) -> list[Credential]:
    """Return what officers are or were known by, or one of them, oldest first.

    Under policies of the database a digest stands for the hash of another officer's password.
    """
    if officer is None:
        return list(map(Credential._make, store.query(f"{_asked(store)} ORDER BY seq")))
    return list(map(Credential._make, store.query(f"{_asked(store)} WHERE officer = ? ORDER BY seq", (officer,))))


def credential_kept(store: Store, way: str, kept: str) -> Credential | None:
    """Return the credential in force that is this account or this public key; None if nobody's is."""
    which = "ql_kept(seq)" if store.is_under_policies else "kept"
    row = store.one(f"{_asked(store)} WHERE way = ? AND {which} = ? AND ended_at IS NULL", (way, kept))
    return Credential._make(row) if row else None


def in_force(store: Store, way: str) -> list[Credential]:
    """Return all credentials of one way that are in force, oldest first."""
    asked = f"{_asked(store)} WHERE way = ? AND ended_at IS NULL ORDER BY seq"
    return list(map(Credential._make, store.query(asked, (way,))))


def once_logged_in(store: Store, seq: int) -> LogIn | None:
    """Return a log-in whether it still holds or not; None if there was none."""
    row = store.one(f"SELECT {listed(LogIn._fields)} FROM log_ins WHERE seq = ?", (seq,))
    return LogIn._make(row) if row else None


def every_log_in(store: Store) -> list[LogIn]:
    """Return every log-in that ever was, oldest first."""
    return list(map(LogIn._make, store.query(f"SELECT {listed(LogIn._fields)} FROM log_ins ORDER BY seq")))


def keep_credential(store: Store, row: Credential) -> None:
    """Write what an officer is known by; inside `begin`."""
    store.change(_KEEP, row)


def end_credential(store: Store, seq: int, at: int) -> None:
    """Let a credential, and all log-ins with it, be in force no more; inside `begin`."""
    store.change("UPDATE credentials SET ended_at = ? WHERE seq = ?", (at, seq))
    store.change("UPDATE log_ins SET ended_at = ? WHERE credential = ? AND ended_at IS NULL", (at, seq))


def log_in(store: Store, seq: int) -> LogIn | None:
    """Return a log-in that was not ended, of an officer who has not left."""
    row = store.one(_LOG_IN, (seq,))
    return LogIn._make(row) if row else None


def log_ins(store: Store, officer: str, *, now_at: int, seen_from: int) -> list[LogIn]:
    """Return the log-ins of an officer that were not ended, oldest first.

    Args:
        now_at: Those that ended by themselves before it are left out; microseconds since 1970 UTC.
        seen_from: So are those that were not used since.
    """
    return list(map(LogIn._make, store.query(_LOG_INS, (officer, now_at, seen_from))))


def begin_log_in(store: Store, row: LogInRecord) -> None:
    """Write a log-in; inside `begin`."""
    store.change(_BEGIN, row)


def see_log_in(store: Store, seq: int, at: int) -> None:
    """Write that a log-in was used; inside `begin`."""
    store.change("UPDATE log_ins SET seen_at = ? WHERE seq = ?", (at, seq))


def end_log_in(store: Store, seq: int, at: int) -> None:
    """End a log-in; inside `begin`."""
    store.change("UPDATE log_ins SET ended_at = ? WHERE seq = ? AND ended_at IS NULL", (at, seq))


def failures(store: Store, officer: str, source: str) -> Failures | None:
    """Return how often in a row the password was wrong from one place; None if it was not."""
    row = store.one(_FAILURES, (officer, source))
    return Failures._make(row) if row else None


def keep_failures(store: Store, row: Failures) -> None:
    """Write how often it was wrong by now; inside `begin`."""
    store.change(_FAIL, row)


def forget_failures(store: Store, officer: str, source: str) -> None:
    """Forget failures, since the password was right; inside `begin`."""
    store.change("DELETE FROM log_in_failures WHERE officer = ? AND source = ?", (officer, source))


def signature(store: Store, case_id: int, seq: int) -> str | None:
    """Return the signature over a journal row as base64; None if there is none."""
    row = store.one(_SIGNATURE, (case_id, seq))
    return SignatureRecord._make(row).signature if row else None
