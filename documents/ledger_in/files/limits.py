"""What the reader's process may use at most; it sets its own limits before it looks at the first byte."""

from contextlib import suppress
from typing import Final

MEMORY: Final = 1 << 30
"""Bytes of address space."""
LONGEST_FRAME: Final = 1 << 26
MOST_SAID: Final = 1 << 31
"""Bytes over the whole pipe."""
MOST_ROWS: Final = 3_000_000
"""Of one file; a sheet of Excel has a third of it."""
LARGEST_FILE: Final = 1 << 28
MOST_PARTS: Final = 2_000
MOST_UNPACKED: Final = 512 << 20
STEEPEST: Final = 200
"""How many times larger a part of an archive may be than it is packed; texts come to five or ten."""
_SET_DUMPABLE: Final = 4
"""`PR_SET_DUMPABLE` of prctl."""
_SET_PARENT_DEATH_SIGNAL: Final = 1
"""`PR_SET_PDEATHSIG` of prctl."""
_KILL: Final = 9
STEEP_FROM: Final = 8 << 20
"""Bytes below which a part may be packed as tightly as it likes: some small parts are nothing but repetition."""


def processor_seconds(size: int) -> int:
    """Return how long the reader may calculate over a file of *size* bytes; sound ones take a tenth of it."""
    return 8 + 2 * (size >> 20)


def waiting_seconds(size: int) -> int:
    """Return how long the parent waits for the reader's next word, on a machine that has other work too."""
    return 4 * processor_seconds(size)


def keep_within(size: int) -> bool:
    """Limit this process; return whether the system enforces all of it (Windows knows none of these limits)."""
    try:
        import resource
    except ImportError:
        return False
    seconds = processor_seconds(size)
    kept = True
    for limit, most, last in (
        ("RLIMIT_AS", MEMORY, MEMORY),
        ("RLIMIT_CPU", seconds, seconds + 1),  # at the first a signal that is known from others, then the end
        ("RLIMIT_NOFILE", 16, 16),
        ("RLIMIT_FSIZE", 0, 0),
        ("RLIMIT_CORE", 0, 0),
    ):
        try:
            resource.setrlimit(getattr(resource, limit), (most, last))
        except (ValueError, OSError, AttributeError):  # macOS has no limit of address space that counts
            kept = False
    with suppress(ImportError, OSError, AttributeError):  # as `engine.system.secrecy`, which is not loaded here
        import ctypes

        prctl = ctypes.CDLL(None).prctl
        prctl(_SET_DUMPABLE, 0, 0, 0, 0)
        # Nobody waits for what it reads once its parent was killed. Elsewhere its next word, or the limit, ends it.
        prctl(_SET_PARENT_DEATH_SIGNAL, _KILL, 0, 0, 0)
    return kept
