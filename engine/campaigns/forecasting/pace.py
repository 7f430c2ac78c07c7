"""How much whole weeks differ: past weeks are drawn in blocks, since what holds up one case holds up many."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK: Final = 8
"""Weeks that are drawn together."""
CALM: Final = 0.12
"""How much the pace of ordinary weeks varies, squared: a third up or down, and a hurried December."""
WIDENED_BY: Final = 2.7
"""How much wider a band is made for what goes beyond."""
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
    # One more on both sides: weeks in which nothing was due would divide by nothing, and a few cases say little.
    found: Floats = (seen + 1.0) / (due + 1.0)
    return found


def unevenness(observed: Floats, expected: Floats) -> tuple[float, float]:
    """Return how unevenly cases end from week to week.

    Returns:
        How much more weeks differ than by chance alone (1; in batches above 15), which grows with the number of
        cases; and by what share of itself the pace varies, squared, which does not (in batches above 1).
    """
    counted = expected > 0
    if not counted.any():
        return 0.0, 0.0
    seen, due = observed[counted], expected[counted]
    beyond = float(((seen - due) ** 2).sum() - due.sum()) / float((due**2).sum())
    return float(np.mean((seen - due) ** 2 / due)), max(beyond, 0.0)


def widened(varying: float) -> float:
    """Return by how much a band must be wider than the past alone says, where the pace of weeks varies much.

    Such swings last, so that two years hold few of them; and of ledgers like that the ones are answered that happened
    to look calm (a wide band is refused).
    """
    return 1.0 + WIDENED_BY * max(0.0, varying - CALM)


def busiest(ends_by_day: NDArray[np.int64], begins: int) -> float:
    """Return the share of all ends that fell on the busiest 2 % of days."""
    days = np.sort(ends_by_day[begins:])[::-1]
    total = int(days.sum())
    few = max(1, round(0.02 * len(days)))
    return float(days[:few].sum() / total) if total else 0.0
