"""Passwords of officers: hashed by Argon2id, and compared so that neither time nor memory tells anything."""

import re
from functools import cache
from typing import Final
from unicodedata import normalize

MEMORY: Final = 19_456
"""KiB that one computation takes."""
ROUNDS: Final = 2
SHORTEST: Final = 12
"""Characters that a password must have at least."""

PHC: Final = "$"
"""With what that which is kept of a password begins."""

_COST: Final = re.compile(r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$")


def hashed(password: str) -> str:
    """Return what is kept of a password: salt, cost and hash, as a PHC string.

    Input methods type digits in full width: NFKC makes them one with the usual ones.
    """
    from secrets import token_bytes

    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(salt=token_bytes(16), length=32, iterations=ROUNDS, lanes=1, memory_cost=MEMORY)
    return kdf.derive_phc_encoded(_bytes(password))


def fits(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that *kept* was made of; where nothing is kept, after the same computation.

    What would cost more than ours is refused, so that a row put there cannot make the machine work for hours.
    """
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    cost = _COST.match(kept or "")
    bounded = cost is not None and int(cost[1]) <= MEMORY and int(cost[2]) <= ROUNDS and int(cost[3]) <= 1
    try:
        Argon2id.verify_phc_encoded(_bytes(password), kept if kept and bounded else _nobodys())
    except (InvalidKey, ValueError):
        return False
    return bounded


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has."""
    from secrets import token_hex

    return hashed(token_hex(16))


def _bytes(password: str) -> bytes:
    """Return a password as it is hashed."""
    return normalize("NFKC", password).encode()
