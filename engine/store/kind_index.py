"""The indexes of few journal rows, by kind or by a clock set by hand: what they hold, and how they are asked."""

from collections.abc import Mapping
from typing import Final

COMMON: Final = ("moved", "opened", "reminded", "row_kept")
"""Kinds of journal rows of which every case has some: no index of kinds holds them, so that a step writes no more."""

RARE: Final = f"{{}} NOT IN ({', '.join(map(repr, COMMON))})"
"""The condition of the index of all other kinds, for a column's name: said word for word in what is asked of it."""

BY_HAND: Final[Mapping[str, str]] = {
    "sqlite": "instr({}, '\"real_at\":') > 0",
    "postgresql": "strpos({}, '\"real_at\":') > 0",
}
"""The condition of the index of rows written with a clock set by hand, by dialect, for a column's name."""


def of_kind(kind: str, column: str) -> str:
    """Return the condition that a journal row is of a kind, which is bound: by the index of kinds if that holds it."""
    return f"{column} = ?" if kind in COMMON else f"{column} = ? AND {RARE.format(column)}"
