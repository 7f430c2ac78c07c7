"""How alike two texts are, by the pairs of characters that they share; pure."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Final

ALIKE: Final = 0.9
"""From which share on the shorter text is held to stand in the longer one: 16 of 20 hard pairs right."""
_FEWEST: Final = 6
"""Shorter texts are alike only if they are the same."""
_BESIDES: Final = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Return a text in common width, without blanks and signs."""
    return _BESIDES.sub("", unicodedata.normalize("NFKC", text)).lower()


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a bare text."""
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def are_alike(one: AbstractSet[str], text: str, count: int) -> bool:
    """Say whether of two texts the shorter one stands in the longer nearly whole.

    Args:
        one: The pairs of one.
        text: The other, bare: of a text that is kept to be compared, its pairs would take thirty times its room.
        count: How many different pairs it has.
    """
    fewer = min(len(one), count)
    shared = sum(map(text.__contains__, one))
    if fewer < _FEWEST:
        return shared == len(one) == count
    return shared >= ALIKE * fewer
