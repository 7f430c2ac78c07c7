"""Seals of a form that is rehearsed before it is signed: done again, the same values come out as they did.

To seal draws at random, so that the same value never looks alike twice; and a signature is over the row that bears the
digest of what came out. So what came out in the rehearsal is kept until the form comes back with the signature: as
ciphertext, beside a keyed digest of what was sealed, and nothing of it in clear.
"""

import hmac
from secrets import token_bytes

from engine.journal.canonical import canonical_bytes
from engine.journal.sealing import PublicKey, seal


class SealedOnce:
    """Seals values, each of one field of one case only once."""

    def __init__(self) -> None:
        """Begin with none sealed."""
        self._secret = token_bytes(32)
        self._sealed: dict[bytes, str] = {}

    def seal(self, key: PublicKey, *, case: str, field: str, value: str) -> str:
        """Return a value sealed for one field of one case, as `engine.journal.sealing.seal` does."""
        said = canonical_bytes([key.id, key.value, case, field, value])
        place = hmac.digest(self._secret, said, "sha256")
        if place not in self._sealed:
            self._sealed[place] = seal(key, case=case, field=field, value=value)
        return self._sealed[place]


def sealed(seals: SealedOnce | None, key: PublicKey, *, case: str, field: str, value: str) -> str:
    """Return a value sealed for one field of one case; as in the rehearsal, where that is what was signed.

    Args:
        seals: What seals where rows are signed that were rehearsed.
    """
    return (seal if seals is None else seals.seal)(key, case=case, field=field, value=value)
