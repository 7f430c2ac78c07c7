"""A first year: declared priors in place of a history, and a pace that is as uncertain as they are."""

import numpy as np
from numpy.typing import NDArray

from engine.campaigns.forecasting.answers import Assumed, ForecastAsked

Floats = NDArray[np.float64]


def assumed_hazards(asked: ForecastAsked, assumed: Assumed) -> Floats:
    """Return how likely each case is to end by the day: half of those in a state within its declared time."""
    left = np.array([max(asked.horizon - each.not_before, 0.0) for each in asked.cases])
    halves = np.array([assumed.half_days.get(each.state, assumed.otherwise) for each in asked.cases])
    found: Floats = np.log(2.0) * left / halves
    return found


def assumed_paces(assumed: Assumed, runs: int, random: np.random.Generator) -> Floats:
    """Return a pace for each run; it is not narrowed by what few weeks have shown, since that did not hold."""
    return np.exp(assumed.pace_spread * random.standard_normal(runs))
