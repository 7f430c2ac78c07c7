"""What the format of numbers is made of, and whether two formats could ever write the same number."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.language import lazy_pattern

FORMAT_PARTS: Final = ("unit", "year", "month", "day", "serial")
"""What the format of numbers may name; the serial counts within all else that stands there."""

_PART: Final = lazy_pattern(r"\{([a-z]+)(?::[^{}]*)?\}|(.)", re.DOTALL)
_LENGTHS: Final = {"year": 4, "month": 2, "day": 2}


class _Sign(NamedTuple):
    """One sign that a format writes."""

    literal: str
    """The sign itself; empty if any of a kind may stand there."""
    digits: bool = True
    """Of a kind: digits alone, or letters too."""
    more: bool = False
    """More of them may follow."""

    def meets(self, other: "_Sign") -> bool:
        """Say whether one sign can stand for both."""
        if self.literal and other.literal:
            return self.literal == other.literal
        literal, kind = (self.literal, other) if self.literal else (other.literal, self)
        return not literal or (literal.isdecimal() if kind.digits else literal.isalnum() or literal == "_")


def could_be_alike(first: str, second: str) -> bool:
    """Say whether two formats can write one number; a unit is taken to have no dash or dot in its code."""
    one, other = tuple(_signs(first)), tuple(_signs(second))
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        a, b = waiting.pop()
        if (a, b) == (len(one), len(other)):
            return True
        if (a, b) in seen or a == len(one) or b == len(other) or not one[a].meets(other[b]):
            continue
        seen.add((a, b))
        after_b = (b, b + 1) if other[b].more else (b + 1,)
        waiting += [(after, each) for after in ((a, a + 1) if one[a].more else (a + 1,)) for each in after_b]
    return False


def _signs(form: str) -> Iterator[_Sign]:
    """Yield what a format writes, sign by sign."""
    for name, literal in _PART.findall(form):
        if literal:
            yield _Sign(literal)
        elif name in _LENGTHS:
            yield from (_Sign("") for _ in range(_LENGTHS[name]))
        else:
            yield _Sign("", digits=name == "serial", more=True)
