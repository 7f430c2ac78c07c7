"""How soon open cases end: Kaplan-Meier over landmarks, by state and class of age, shrunk to the state and to all."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.campaigns.forecasting.answers import STEP
from engine.campaigns.forecasting.history import CLASSES, REMEMBERED, Landmarks

Floats = NDArray[np.float64]

SHRUNK: Final = 20.0
"""How many independent cases an estimate of few must bring to weigh as much as that of the many it belongs to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What was known at a cut-off of how soon cases end."""

    curves: Floats
    """By group and number of steps, from 0 on: the share that has ended by then."""
    factors: Floats
    """By unit: how much faster than all it ends cases."""
    observed: Floats
    """Ended in each past week."""
    expected: Floats
    """How many would have, at the mean pace."""


class Estimator:
    """Estimates at any landmark, from what was known then; sums over landmarks are made once."""

    def __init__(self, found: Landmarks, units: int) -> None:
        """Sum up.

        Args:
            found: The landmarks.
            units: How many units there are.
        """
        self._found, self._units = found, units
        self._ended = _summed(found.ended)
        self._all = self._ended.sum(axis=2)
        self._gone = np.cumsum(self._ended, axis=2)
        self._counts, self._soon = _summed(found.counts), _summed(found.soon)

    def at(self, place: int, horizon: float) -> Estimate:
        """Return what was known at the landmark in a place; nothing later is looked at.

        Args:
            place: Index of the landmark.
            horizon: Working days; the longer, the more the landmarks of one case say the same.
        """
        first = max(0, place - REMEMBERED)
        steps = self._found.ended.shape[2] - 1
        kinds = self._found.ended.shape[1]
        ended, at_risk = np.zeros((kinds, steps)), np.zeros((kinds, steps))
        for step in range(steps):
            # What ends in step k after a landmark is known here only of landmarks that lie k steps back.
            past = place - step
            if past <= first:
                break
            ended[:, step] = self._ended[past, :, step] - self._ended[first, :, step]
            gone = (self._gone[past, :, step - 1] - self._gone[first, :, step - 1]) if step else 0.0
            at_risk[:, step] = self._all[past] - self._all[first] - gone
        alone = _shares(ended, at_risk)
        by_state = [each.reshape(-1, CLASSES, steps).sum(axis=1) for each in (ended, at_risk)]
        state, every = _shares(*by_state), _shares(ended.sum(axis=0)[None], at_risk.sum(axis=0)[None])
        worth = (self._all[place] - self._all[first]) * min(1.0, STEP / max(horizon, STEP))
        state = _mixed(state, every, worth.reshape(-1, CLASSES).sum(axis=1))
        curves = _mixed(alone, np.repeat(state, CLASSES, axis=0), worth)
        weekly = curves[:, min(1, steps)]
        weeks = slice(first, place)
        pairs = weekly[self._found.pairs]
        return Estimate(
            curves=curves,
            factors=self._factors(pairs, first, place),
            observed=self._found.soon[weeks].sum(axis=1),
            expected=self._found.counts[weeks] @ pairs,
        )

    def _factors(self, weekly: Floats, first: int, place: int) -> Floats:
        """Return how much faster than all each unit ended cases."""
        units = self._found.pair_units
        soon = np.bincount(units, self._soon[place] - self._soon[first], minlength=self._units)
        due = np.bincount(units, (self._counts[place] - self._counts[first]) * weekly, minlength=self._units)
        # Cases that ended just as expected stand beside its own, so that a unit with few of them counts as like the
        # rest.
        found: Floats = (soon + SHRUNK) / (due + SHRUNK)
        return found


def ended_after(curves: Floats, groups: NDArray[np.int64], working_days: Floats | float) -> Floats:
    """Return the share of each group that has ended after some working days, between steps by an even hazard."""
    steps = np.clip(np.asarray(working_days) / STEP, 0.0, curves.shape[1] - 1)
    low = np.floor(steps).astype(np.int64)
    high = np.minimum(low + 1, curves.shape[1] - 1)
    # Where all have ended the logarithm would be infinite, and the difference of two such no number.
    alive = np.log1p(-np.minimum(curves, 1 - 1e-9))
    found: Floats = -np.expm1(alive[groups, low] + (steps - low) * (alive[groups, high] - alive[groups, low]))
    return found


def _summed(counts: Floats) -> Floats:
    """Return sums over the landmarks before each place."""
    return np.concatenate([np.zeros((1, *counts.shape[1:])), np.cumsum(counts, axis=0)])


def _shares(ended: Floats, at_risk: Floats) -> Floats:
    """Return the share that has ended by each number of steps, from 0 on (Kaplan and Meier)."""
    hazard = np.divide(ended, at_risk, out=np.zeros_like(ended), where=at_risk > 0)
    alive = np.cumprod(1.0 - np.minimum(hazard, 1.0), axis=1)
    return np.concatenate([np.zeros((len(ended), 1)), 1.0 - alive], axis=1)


def _mixed(own: Floats, wider: Floats, worth: Floats) -> Floats:
    """Return estimates shrunk to those of what they belong to."""
    weight = (worth / (worth + SHRUNK))[:, None]
    found: Floats = weight * own + (1.0 - weight) * wider
    return found
