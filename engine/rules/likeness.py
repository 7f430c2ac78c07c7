"""How alike two texts are, by the pairs of characters that they share; pure."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

ALIKE: Final = 0.9
"""From which share on the shorter text is held to stand in the longer one: 16 of 20 hard pairs right."""
_FEWEST: Final = 6
"""Shorter texts are alike only if they are the same."""
_BITS: Final = 255
"""The highest bit of an outline: a summary has some 40 pairs, so that few of them share a bit."""
_BESIDES: Final = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Return a text in common width, without blanks and signs."""
    return _BESIDES.sub("", unicodedata.normalize("NFKC", text)).lower()


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a bare text."""
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def are_alike(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Say whether of two texts, as their pairs, the shorter one stands in the longer nearly whole."""
    fewer = min(len(one), len(other))
    if fewer < _FEWEST:
        return one == other
    return len(one & other) >= ALIKE * fewer


class Outline(NamedTuple):
    """A short mark of a text's pairs; of use within one process only, since each marks them in its own way."""

    bits: int
    count: int


def outline(of: AbstractSet[str]) -> Outline:
    """Return the outline of a text's pairs."""
    bits = 0
    for each in of:
        bits |= 1 << (hash(each) & _BITS)
    return Outline(bits, len(of))


def may_be_alike(one: Outline, other: Outline) -> bool:
    """Say whether two texts may be alike; of those that are alike, always.

    A bit that only one text has stands for at least one pair that only it has: so many of them are not shared.
    """
    shared = min(
        one.count - (one.bits & ~other.bits).bit_count(),
        other.count - (other.bits & ~one.bits).bit_count(),
    )
    return shared >= ALIKE * min(one.count, other.count)
