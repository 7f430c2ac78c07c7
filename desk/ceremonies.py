"""What was begun with a passkey, or at a provider of log-ins, and is not finished: each once, within five minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock
from typing import Final, TypeVar

from engine.operations.ledger.sealed_once import SealedOnce

PATIENCE: Final = timedelta(minutes=5)
MOST: Final = 5000
"""How many of a kind are remembered at a time; of a flood only the newest. None at the door ends what officers do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogInBegun:
    """Somebody is asked to show a passkey."""

    challenge: bytes
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyBegun:
    """An officer is asked to make a passkey."""

    officer: str
    held: str
    """What their browser keeps."""
    challenge: bytes
    host: str
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureBegun:
    """An officer is asked to sign what a form would write."""

    officer: str
    held: str
    """What their browser keeps."""
    address: str
    """Where the form goes."""
    key: int
    """The passkey, by the row that tells of it."""
    rows: tuple[str, ...]
    """Hashes of the rows that would be written in their name."""
    now: datetime
    """Aware instant with which they are dated."""
    real_at: int | None
    """What the clock said then, if that instant is set by hand."""
    house: tuple[int, str] | None
    """How the house stood then."""
    origin: str
    seals: SealedOnce
    """What came out where they seal a value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOnBegun:
    """Somebody was sent to the provider of log-ins."""

    nonce: str
    verifier: str
    to: str
    """Where they wanted to go."""


Begun = TypeVar("Begun", LogInBegun, KeyBegun, SignatureBegun, SignOnBegun)


class Ceremonies:
    """All that is under way."""

    def __init__(self) -> None:
        """Nothing is."""
        self._lock = Lock()
        self._begun: dict[type[object], dict[str, tuple[datetime, object]]] = {}

    def begin(self, begun: Begun, *, now: datetime) -> str:
        """Remember what was begun, and return the secret by which it is finished.

        Args:
            now: The clock's aware instant.
        """
        secret = token_urlsafe(24)
        with self._lock:
            kept = self._begun.setdefault(type(begun), {})
            kept[secret] = now + PATIENCE, begun
            while len(kept) > MOST:
                del kept[next(iter(kept))]
        return secret

    def end(self, secret: str, kind: type[Begun], *, now: datetime) -> Begun | None:
        """Return what was begun, and forget it; None if it was not, is over, or was something else.

        Args:
            now: The clock's aware instant.
        """
        with self._lock:
            until, begun = self._begun.get(kind, {}).pop(secret, (now, None))
        return begun if isinstance(begun, kind) and now < until else None
