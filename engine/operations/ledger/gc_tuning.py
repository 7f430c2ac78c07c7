"""How often Python looks for what nobody needs any more, while rows go by in thousands."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SELDOM: Final = 50_000
"""Values made between two looks; each look goes over a chunk that is all still needed."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector look less often within the block, if it looks at all."""
    before = gc.get_threshold()
    if 0 < before[0] < SELDOM:
        gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
