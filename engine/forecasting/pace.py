"""How much whole weeks differ: past weeks are drawn in blocks, since what holds up one case holds up many."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK: Final = 8
"""Weeks that are drawn together."""
WEEKS: Final = 104
"""Weeks of the past that are drawn from."""


def drawn_paces(observed: Floats, expected: Floats, steps: int, runs: int, random: np.random.Generator) -> Floats:
    """Return for each run how fast cases end, beside the mean of the past.

    Args:
        observed: Ended in each past week.
        expected: How many would have, at the mean pace.
        steps: Weeks to come.
        runs: How many are drawn.
        random: Where chance comes from.
    """
    observed, expected = observed[-WEEKS:], expected[-WEEKS:]
    size = len(observed)
    if size == 0:
        return np.ones(runs)
    block = min(BLOCK, size)
    many = -(-steps // block)
    starts = random.integers(0, size - block + 1, (runs, many))
    lengths = np.full(many, block)
    lengths[-1] = steps - block * (many - 1)
    sums = [np.concatenate([[0.0], np.cumsum(each)]) for each in (observed, expected)]
    ends = starts + lengths
    seen, due = ((each[ends] - each[starts]).sum(axis=1) for each in sums)
    found: Floats = (seen + 1.0) / (due + 1.0)
    return found


def unevenness(observed: Floats, expected: Floats) -> float:
    """Return how unevenly cases end from week to week: near 1 if by chance alone, above 15 in batches."""
    counted = expected > 0
    if not counted.any():
        return 0.0
    return float(np.mean((observed[counted] - expected[counted]) ** 2 / expected[counted]))


def busiest(ends_by_day: NDArray[np.int64], begins: int) -> float:
    """Return the share of all ends that fell on the busiest 2 % of days."""
    days = np.sort(ends_by_day[begins:])[::-1]
    total = int(days.sum())
    few = max(1, round(0.02 * len(days)))
    return float(days[:few].sum() / total) if total else 0.0
