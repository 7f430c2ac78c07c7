"""How wide a band must be to have held 8 times in 10, learned from past cut-offs; and whether it did."""

from math import ceil, comb, floor
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALVED_AFTER: Final = 40
"""Cut-offs after which what was learned weighs half."""
NORMAL_WORTH: Final = 13.0
"""Cut-offs that a normal sample is worth beside those of the ledger."""
LEARNED_FROM: Final = 10
"""Cut-offs that must be over before a band is judged."""
LEVELS: Final = (0.1, 0.5, 0.9)
"""The ends of the band, and its centre."""
DOUBTED_BELOW: Final = 0.05
"""Chance below which what happened speaks against 8 times in 10."""

_SPREAD: Final = 1.5
"""Standard deviation of that sample: what is foreseen from one ledger's past is surer of itself than it may be."""
_NORMAL: Final = np.array([_SPREAD * NormalDist().inv_cdf((each + 0.5) / 99) for each in range(99)])


def scale(misses: Floats, steps: int) -> tuple[float, float, float]:
    """Return by how many standard deviations low end, centre and high end lie from the mean.

    The ends lie further out the fewer independent cut-offs they are learned from, as a quantile of few must.

    Args:
        misses: What came beyond the mean at past cut-offs, in standard deviations, the newest last.
        steps: How many cut-offs in a row look at much the same time, since their horizons overlap.
    """
    ages = np.arange(len(misses) - 1, -1, -1)
    weights = np.concatenate([0.5 ** (ages / HALVED_AFTER), np.full(len(_NORMAL), NORMAL_WORTH / len(_NORMAL))])
    values = np.concatenate([misses, _NORMAL])
    order = np.argsort(values, kind="stable")
    summed = np.cumsum(weights[order])
    places = (summed - weights[order] / 2) / summed[-1]
    worth = NORMAL_WORTH + float(weights[: len(misses)].sum()) / steps
    further = (LEVELS[2] - 0.5) / worth
    levels = (LEVELS[0] - further, LEVELS[1], LEVELS[2] + further)
    low, centre, high = np.interp(levels, places, values[order])
    return float(low), float(centre), float(high)


def band(mean: float, sd: float, misses: Floats, *, steps: int, most: int) -> tuple[int, int, int]:
    """Return low end, centre and high end: the whole cases that lie within, from 0 to *most*."""
    low, centre, high = (min(max(mean + each * sd, 0.0), most) for each in scale(misses, steps))
    middle = round(centre)
    return min(ceil(low), middle), middle, max(floor(high), middle)


def speaks_against(held: int, checked: int, *, steps: int = 1, share: float = 0.8) -> bool:
    """Say whether so many bands that held speak against a share of them (binomial, two-sided).

    Args:
        held: Bands that held.
        checked: Bands that were judged.
        steps: How many of them in a row look at much the same time; together they count as one, since a stretch
            that was bad for one was bad for all.
        share: How many should hold.
    """
    judged = max(1, round(checked / steps))
    held, checked = min(judged, round(held * judged / max(checked, 1))), judged
    chances = [comb(checked, k) * share**k * (1 - share) ** (checked - k) for k in range(checked + 1)]
    # Outcomes as unlikely as this one count too, though their products may differ in the last digit.
    limit = chances[held] * (1 + 1e-7)
    return sum(each for each in chances if each <= limit) < DOUBTED_BELOW
