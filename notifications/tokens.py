"""Tokens that an application is given for a while: kept until shortly before they end, renewed once at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from notifications.channels import Secret
from notifications.messages import Refused, RetryLater

EARLY = timedelta(minutes=5)
"""How long before its end a token is replaced."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What the vendor gave."""

    word: Secret
    seconds: int
    """How long it holds from now on."""


@dataclass(slots=True)
class Tokens:
    """The token of one application, for all threads of this process."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _word: Secret | None = None
    _until: datetime | None = None

    def token(
        self,
        fetch: Callable[[], Token | RetryLater | Refused],
        *,
        now: datetime,
        instead_of: Secret | None = None,
    ) -> Secret | RetryLater | Refused:
        """Return the token, fetched if there is none; who comes meanwhile waits and is given the same.

        Args:
            fetch: Asks the vendor for one.
            now: Aware instant.
            instead_of: A token that the vendor no longer takes; another thread may have replaced it already.
        """
        with self._lock:
            holds = self._until is not None and now < self._until
            if self._word is not None and holds and self._word != instead_of:
                return self._word
            found = fetch()
            if not isinstance(found, Token):
                return found
            self._word, self._until = found.word, now + timedelta(seconds=found.seconds) - EARLY
            return self._word


_KEPT: dict[str, Tokens] = {}
_DOOR = threading.Lock()


def kept_tokens(application: str, secret: Secret) -> Tokens:
    """Return where the token of *application* is kept while the process lives; another secret is another application.

    The file of channels is read again at every delivery: what was kept with a channel would be fetched every minute.
    """
    key = f"{application}#{sha256(secret.reveal().encode()).hexdigest()}"
    with _DOOR:
        return _KEPT.setdefault(key, Tokens())
