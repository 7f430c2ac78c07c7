"""A form whose session had ended when it was sent: kept with the browser, locked, until its officer is back.

Nothing of it stays here, and nothing of it stands in a page that can be read: the page of the entrance bears it locked
by a key of this process, for its officer and its address alone. So no other page can bring one along either.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final
from zlib import compress, decompress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from msgspec import MsgspecError, Struct
from msgspec.json import Decoder, encode

from engine.journal.assertions import base64url, from_base64url
from engine.working_days.instants import microseconds

KEPT: Final = timedelta(hours=24)
MOST: Final = 600_000
"""Characters of a locked form; one that is longer is not kept."""
LEFT_OUT: Final = frozenset(
    {
        *("_token", "_nonce", "_prepare", "_authenticator", "_client", "_signature", "_kept"),
        *("password", "_password", "_new", "_again", "_passphrase", "_code"),
    }
)
"""What belongs to the session that ended, or is no one's to keep."""
_NONCE: Final = 12


class KeptForm(Struct, frozen=True, kw_only=True):
    """What was sent."""

    officer: str
    """Whose session had ended; empty in a rehearsal, where nobody proves who they are."""
    address: str
    form: Mapping[str, tuple[str, ...]]
    until: int
    """Microseconds since 1970 UTC."""


_DECODER: Final = Decoder(KeptForm)


class FormLock:
    """Locks forms and opens them again, as long as the process lives."""

    def __init__(self) -> None:
        """Make a key that nobody knows."""
        self._cipher = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())

    def locked(self, officer: str, address: str, form: Mapping[str, tuple[str, ...]], *, now: datetime) -> str:
        """Return a form as the browser keeps it; empty if it is too long.

        Args:
            now: The clock's aware instant.
        """
        typed = {name: values for name, values in form.items() if name not in LEFT_OUT}
        kept = KeptForm(officer=officer, address=address, form=typed, until=microseconds(now + KEPT))
        nonce = token_bytes(_NONCE)
        found = base64url(nonce + self._cipher.encrypt(nonce, compress(encode(kept), 1), None))
        return found if len(found) <= MOST else ""

    def opened(self, locked: str, *, now: datetime) -> KeptForm | None:
        """Return the form that a browser kept; None if it is none of ours, or was kept too long.

        Args:
            now: The clock's aware instant.
        """
        try:
            value = from_base64url(locked[:MOST])
            kept = _DECODER.decode(decompress(self._cipher.decrypt(value[:_NONCE], value[_NONCE:], None)))
        except (InvalidTag, MsgspecError, ValueError):
            return None
        return kept if microseconds(now) < kept.until else None
