"""Tokens by which a program acts in an officer's name, and the secret address of an officer's calendar.

Each is a credential like a password: given by the officer, journaled, kept only as a digest, revoked by the same verb.
A random secret of 256 bits needs no slow hash: nobody can try so many.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from engine.errors import RefusedError
from engine.journal.house_events import CredentialSet
from engine.language import Text
from engine.operations.identity.credentials import keep_given, refuse_left_open
from engine.operations.identity.logging_in import begin_log_in
from engine.operations.identity.ways import READS, WRITES
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.store import identity_rows

LONGEST: Final = 100
"""Characters of a secret that are looked at."""


def make_token(acting: Acting, way: str) -> str:
    """Return a new secret of the acting officer in place of the one of that kind before; it is never shown again.

    Args:
        way: One of `ways.TOKENS`.

    Raises:
        RefusedError: If the officer is not known well enough, or has a password that was not typed again for this.
    """
    refuse_left_open(acting, acting.by)
    secret = token_urlsafe(32)
    kept = _digest(secret)
    keep_given(acting, CredentialSet(code=acting.by, way=way, digest=kept), kept)
    return secret


def officer_of(ledger: Ledger, secret: str, ways: Iterable[str]) -> tuple[str, str] | None:
    """Return whose secret it is and for what, if it is in force and the officer has not left; else None."""
    found = _found(ledger, secret, ways)
    return None if found is None else (found.officer, found.way)


def log_in_by_token(ledger: Ledger, secret: str, *, now: datetime) -> str:
    """Begin a log-in by a token, and return what shows it, as after a password.

    Args:
        now: The clock's aware instant.

    Raises:
        RefusedError: If the token is none in force.
    """
    found = _found(ledger, secret, (READS, WRITES))
    if found is None:
        raise RefusedError(Text("the token is not in force here", "令牌无效或已吊销"))
    held, _ = begin_log_in(ledger, found.officer, found.seq, now)
    return held


def _found(ledger: Ledger, secret: str, ways: Iterable[str]) -> identity_rows.Credential | None:
    """Return the credential that a secret is."""
    if not secret or len(secret) > LONGEST:
        return None
    kept = _digest(secret)
    each = next(filter(None, (identity_rows.credential_kept(ledger.store, way, kept) for way in ways)), None)
    officer = None if each is None else house.officer(ledger.store, each.officer)
    return None if officer is None or officer.left_at is not None else each


def _digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()
