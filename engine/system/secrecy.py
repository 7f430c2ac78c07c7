"""What keeps a secret that this process holds from others: no image of its memory, nothing handed on by accident."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_OURS: Final = "QINGLING_"
_OF_DATABASE: Final = "PG"
_SET_DUMPABLE: Final = 4
"""`PR_SET_DUMPABLE` of Linux's prctl."""


def leave_no_image() -> None:
    """Let no crash leave an image of this process's memory anywhere, and no other process of the account read it.

    That no core file may be written does not keep a system from piping the image to a program of its own (Linux,
    `core_pattern`); there the process is marked as well. Elsewhere only the first holds.
    """
    with suppress(ImportError, OSError, ValueError, AttributeError):  # Windows writes none by itself
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        import ctypes

        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def environment_handed_on(*, database: bool = False) -> Mapping[str, str]:
    """Return the environment for a program that this one starts: without passphrases, and whatever else is ours.

    Args:
        database: It opens the database as well, so that what its driver asks for stays.
    """
    kept_back = (_OURS,) if database else (_OURS, _OF_DATABASE)
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(kept_back)}
