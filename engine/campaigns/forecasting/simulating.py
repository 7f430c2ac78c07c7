"""How many cases are open on the day, run by run: in each run all end at the pace of that run."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FINE: Final = 0.03
"""Cases are alike whose hazards differ by less than this share."""
_LEAST: Final = 1e-9
"""The hazard of a case that is known not to end in time."""
_CHUNK: Final = 2_000
"""Runs worked out together, so that memory stays small."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Cases with the same hazard, together."""

    hazards: Floats
    counts: Floats

    @property
    def total(self) -> float:
        """How many cases."""
        return float(self.counts.sum())


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What all runs give for the number that is open."""

    means: Floats
    """By run."""
    variances: Floats

    @property
    def mean(self) -> float:
        """Of all runs."""
        return float(self.means.mean())

    @property
    def sd(self) -> float:
        """Of all runs, with what differs between them; at least a third of a case, so that none is sure."""
        return float(max(np.sqrt(self.means.var() + self.variances.mean()), 1 / 3))


def alike(hazards: Floats, counted: Floats | None = None) -> Alike:
    """Return cases by hazard, those together that hardly differ; a case for each hazard if there are no counts."""
    counts: Floats = np.ones(len(hazards)) if counted is None else counted
    hazards = np.maximum(hazards, _LEAST)
    classes, place = np.unique(np.round(np.log(hazards) / _FINE).astype(np.int64), return_inverse=True)
    many: Floats = np.bincount(place, counts, minlength=len(classes)).astype(np.float64)
    sums: Floats = np.bincount(place, counts * hazards, minlength=len(classes)).astype(np.float64)
    kept = many > 0
    return Alike(hazards=sums[kept] / many[kept], counts=many[kept])


def played(cases: Alike, paces: Floats) -> Played:
    """Return mean and variance of the number that is open, for each run."""
    means, variances = np.empty(len(paces)), np.empty(len(paces))
    for start in range(0, len(paces), _CHUNK):
        part = slice(start, start + _CHUNK)
        alive = np.exp(-np.outer(paces[part], cases.hazards))
        means[part] = alive @ cases.counts
        variances[part] = (alive * (1.0 - alive)) @ cases.counts
    return Played(means=means, variances=variances)


def odds_of_all(cases: Alike, paces: Floats) -> float:
    """Return the odds that none of the cases is open: the mean over runs, since they all share a run's pace."""
    if not cases.total:
        return 1.0
    total = 0.0
    for start in range(0, len(paces), _CHUNK):
        ended = -np.expm1(-np.outer(paces[start : start + _CHUNK], cases.hazards))
        total += float(np.exp(np.log(ended) @ cases.counts).sum())
    return total / len(paces)


def pace_for(cases: Alike, paces: Floats, centre: float) -> float:
    """Return the factor on all paces at which the mean of those open is *centre*; within a hundredth to a hundred."""
    few = paces[:: max(1, len(paces) // 500)]
    low, high = np.log(0.01), np.log(100.0)
    for _ in range(30):
        middle = (low + high) / 2
        if played(cases, few * np.exp(middle)).mean > centre:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
