"""Which program this is: the digest of its own texts, for what another one may judge or count otherwise."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

_ROOMS: Final = ("engine", "workflows")
"""The rooms whose texts decide what is found and counted."""
_TEXTS: Final = frozenset({".json", ".py", ".yaml"})
"""What they are written in: of days that are off and of workflows the program has data besides."""


@cache
def digest_of_program() -> str:
    """Return the SHA-256 of the program's texts; the same wherever the same program is installed."""
    root = Path(__file__).resolve().parents[2]
    found = sha256()
    for room in _ROOMS:
        for each in sorted(each for each in (root / room).rglob("*") if each.suffix in _TEXTS):
            text = each.read_bytes()
            found.update(f"{each.relative_to(root).as_posix()} {len(text)}\n".encode())
            found.update(text)
    return found.hexdigest()
