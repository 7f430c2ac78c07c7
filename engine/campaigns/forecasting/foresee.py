"""What will be open on a day, from the past of one ledger; or why nobody can say.

Known for each open case: its state, how long it has stood there, its unit, and days before which it cannot end.
Landmarks of the past say how soon such cases ended, resampled weeks how much all of them together sped up or
slowed down, and past cut-offs of the same ledger how wide the band must be. Nothing after the cut-off is looked at.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.campaigns.forecasting import calibration, pace, simulating
from engine.campaigns.forecasting.answers import (
    FEW,
    STEP,
    Backtest,
    Cost,
    ForecastAsked,
    Foreseen,
    NotForeseen,
    Odds,
    OneMore,
    WhyNot,
)
from engine.campaigns.forecasting.assumed import assumed_hazards, assumed_paces
from engine.campaigns.forecasting.history import Landmarks, LedgerPast, groups_at, landmarks
from engine.campaigns.forecasting.survival import Estimate, Estimator, ended_after

Floats = NDArray[np.float64]

MOST_UNEVEN: Final = 15
"""Weeks that differ more than this, beside chance alone, cannot be drawn from,"""
MOST_VARYING: Final = 1.0
"""if the pace varies by more than itself as well: where very many end, any good week is beyond chance."""
BUSIEST: Final = 0.3
"""More of the ends than this on the busiest 2 % of days are work in batches."""
WIDEST: Final = 0.4
"""A band wider than this share of the open cases says nothing."""
CHECKED_AT_LEAST: Final = 5
"""Bands of the past that must have been judged before a band is given."""
_PLAYED_BEFORE: Final = 300
"""Runs at each past cut-off."""
_JUDGED_FROM: Final = 10
"""Open cases that a past cut-off must have to be judged."""
_ENDS: Final = 50
"""Ends below which nobody can say that they come in batches."""
_NAMED: Final = 8
"""Leads, units and states that are named as costing most."""
_RECENT: Final = 12
"""Weeks over which a unit's present pace is counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Past:
    """What was forecast at past cut-offs whose horizon is over, and what came."""

    places: NDArray[np.int64]
    means: Floats
    sds: Floats
    truths: Floats
    opened: Floats
    wider: Floats
    """By how much each band is made wider."""

    @property
    def misses(self) -> Floats:
        """What came beyond the mean, in standard deviations."""
        return (self.truths - self.means) / self.sds


def foresee(past: LedgerPast, asked: ForecastAsked) -> Foreseen | NotForeseen:
    """Return how many of the open cases will still be open after the horizon, with odds, or why nobody can say."""
    many, lived = len(asked.cases), past.elapsed[-1] - past.elapsed[past.begins]
    refusal = _refused_at_once(past, asked)
    if refusal is not None:
        return refusal
    # With less, no past cut-off had both a past to foresee from and a horizon that is over.
    if lived < 2 * asked.horizon:
        return _without_history(asked, lived)
    found = landmarks(past, asked.horizon, asked.units)
    estimator = Estimator(found, len(past.unit_codes))
    tried = _tried(estimator, found, asked)
    backtest = _rolling(tried, asked.horizon)
    if backtest.checked < CHECKED_AT_LEAST:
        return _without_history(asked, lived)
    estimate = estimator.at(len(found.grid) - 1, asked.horizon)
    refusal = _refused_by_backtest(estimate, backtest, asked)
    if refusal is not None:
        return refusal
    hazards = _hazards(past, estimate, asked)
    random = np.random.default_rng(asked.seed)
    paces = pace.drawn_paces(estimate.observed, estimate.expected, _weeks(asked.horizon), asked.runs, random)
    cases = simulating.alike(hazards)
    now = simulating.played(cases, paces)
    wider = pace.widened(pace.unevenness(estimate.observed, estimate.expected)[1])
    low, centre, high = calibration.band(now.mean, now.sd * wider, tried.misses, steps=_weeks(asked.horizon), most=many)
    factor = simulating.pace_for(cases, paces, centre)
    answer = _answer(
        asked, hazards * factor, paces, (low, centre, high), backtest, closings=_closings(past, found), is_assumed=False
    )
    return _unless_wide(answer)


def _refused_at_once(past: LedgerPast, asked: ForecastAsked) -> NotForeseen | None:
    """Return why nothing can be said whatever is estimated: nothing is open, the day is over, work comes in batches."""
    many, recent = len(asked.cases), past.ends_by_day[-2 * 366 :]
    if not many:
        return NotForeseen(why=WhyNot.NOTHING_OPEN, open_now=0)
    if asked.horizon <= 0:
        return NotForeseen(why=WhyNot.DAY_OVER, open_now=many)
    if recent.sum() < _ENDS:
        return None
    share = pace.busiest(recent, max(0, past.begins - (past.today + 1 - len(recent))))
    return NotForeseen(why=WhyNot.BATCHES, open_now=many, figure=round(100 * share)) if share > BUSIEST else None


def _without_history(asked: ForecastAsked, lived: float) -> Foreseen | NotForeseen:
    """Return what declared priors say, or that there is too little history."""
    if asked.assumed is None:
        weeks = int(lived // STEP)
        return NotForeseen(why=WhyNot.TOO_LITTLE_HISTORY, open_now=len(asked.cases), figure=weeks)
    random = np.random.default_rng(asked.seed)
    hazards = assumed_hazards(asked, asked.assumed)
    paces = assumed_paces(asked.assumed, asked.runs, random)
    now = simulating.played(simulating.alike(hazards), paces)
    drawn = now.means + np.sqrt(now.variances) * random.standard_normal(asked.runs)
    low, centre, high = (round(min(max(each, 0), len(asked.cases))) for each in np.quantile(drawn, calibration.LEVELS))
    nothing = Backtest(checked=0, held=0, error=0.0, width=0.0)
    return _unless_wide(_answer(asked, hazards, paces, (low, centre, high), nothing, closings={}, is_assumed=True))


def _refused_by_backtest(estimate: Estimate, backtest: Backtest, asked: ForecastAsked) -> NotForeseen | None:
    """Return why what is estimated cannot be trusted: weeks differ too much, or past bands did not hold."""
    many = len(asked.cases)
    uneven, varying = pace.unevenness(estimate.observed, estimate.expected)
    if uneven > MOST_UNEVEN and varying > MOST_VARYING:
        return NotForeseen(why=WhyNot.UNEVEN_WEEKS, open_now=many, backtest=backtest, figure=round(uneven))
    if calibration.speaks_against(backtest.held, backtest.checked, steps=_weeks(asked.horizon)):
        return NotForeseen(why=WhyNot.BAND_DID_NOT_HOLD, open_now=many, backtest=backtest)
    return None


def _unless_wide(answer: Foreseen) -> Foreseen | NotForeseen:
    """Return an answer, unless its band says nothing; a few cases are listed without one."""
    wide = answer.high - answer.low
    if answer.is_few or wide <= WIDEST * answer.open_now:
        return answer
    share = round(100 * wide / answer.open_now)
    return NotForeseen(why=WhyNot.BAND_TOO_WIDE, open_now=answer.open_now, backtest=answer.backtest, figure=share)


def _tried(estimator: Estimator, found: Landmarks, asked: ForecastAsked) -> _Past:
    """Return what the same method would have said at past cut-offs, from what was known then, and what came."""
    random = np.random.default_rng(asked.seed)
    steps = _weeks(asked.horizon)
    rows = []
    for place in range(steps, len(found.grid)):
        counts = np.where(found.counted, found.counts[place], 0.0)
        if found.still_open[place] < 0 or counts.sum() < _JUDGED_FROM:
            continue
        estimate = estimator.at(place, asked.horizon)
        hazards = _hazard(estimate, found.pairs, found.pair_units, asked.horizon)
        paces = pace.drawn_paces(estimate.observed, estimate.expected, steps, _PLAYED_BEFORE, random)
        said = simulating.played(simulating.alike(hazards[counts > 0], counts[counts > 0]), paces)
        wider = pace.widened(pace.unevenness(estimate.observed, estimate.expected)[1])
        rows.append((place, said.mean, said.sd, found.still_open[place], counts.sum(), wider))
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    return _Past(
        places=table[:, 0].astype(np.int64),
        means=table[:, 1],
        sds=table[:, 2],
        truths=table[:, 3],
        opened=table[:, 4],
        wider=table[:, 5],
    )


def _rolling(tried: _Past, horizon: float) -> Backtest:
    """Judge each past band by those whose horizon was over when it would have been given."""
    steps, misses = _weeks(horizon), tried.misses
    checked = held = 0
    error = width = 0.0
    for turn, place in enumerate(tried.places):
        before = misses[tried.places + steps <= place]
        if len(before) < calibration.LEARNED_FROM:
            continue
        opened, truth = int(tried.opened[turn]), tried.truths[turn]
        low, centre, high = calibration.band(
            tried.means[turn], tried.sds[turn] * tried.wider[turn], before, steps=steps, most=opened
        )
        checked += 1
        held += int(low <= truth <= high)
        error += float(abs(truth - centre)) / opened
        width += (high - low) / opened
    return Backtest(checked=checked, held=held, error=error / max(checked, 1), width=width / max(checked, 1))


def _weeks(horizon: float) -> int:
    """Return how many weeks a horizon touches."""
    return int(np.ceil(horizon / STEP))


def _hazard(estimate: Estimate, groups: NDArray[np.int64], units: NDArray[np.int64], horizon: Floats | float) -> Floats:
    """Return the hazard up to a horizon of cases of groups and units; those of an unknown unit end like all."""
    # A curve that has come to 1 would make the hazard infinite, and the sums of all cases with it.
    ended = np.minimum(ended_after(estimate.curves, groups, horizon), 1 - 1e-9)
    known = np.concatenate([estimate.factors, [1.0]])
    found: Floats = -np.log1p(-ended) * known[units]
    return found


def _hazards(past: LedgerPast, estimate: Estimate, asked: ForecastAsked) -> Floats:
    """Return the hazard of each case that is asked about, from how it stands in the journal."""
    spells, today = past.spells, past.today
    here = np.flatnonzero((spells.start <= today) & (today < spells.stop))
    place_of = dict(zip(spells.case[here].tolist(), here.tolist(), strict=True))
    which = np.array([place_of[each.case_id] for each in asked.cases], dtype=np.int64)
    groups = groups_at(past, which, today)
    units = np.array([past.unit_codes.get(each.unit, -1) for each in asked.cases], dtype=np.int64)
    left = np.array([max(asked.horizon - each.not_before, 0.0) for each in asked.cases])
    return _hazard(estimate, groups, units, left)


def _closings(past: LedgerPast, found: Landmarks) -> dict[str, float]:
    """Return how many cases each unit ended on a working day of late."""
    last = slice(max(0, len(found.grid) - 1 - _RECENT), len(found.grid) - 1)
    ended = np.bincount(found.pair_units, found.soon[last].sum(axis=0), minlength=len(past.unit_codes))
    days = STEP * max(1, last.stop - last.start)
    return {code: float(ended[place]) / days for code, place in past.unit_codes.items()}


def _answer(
    asked: ForecastAsked,
    hazards: Floats,
    paces: Floats,
    band: tuple[int, int, int],
    backtest: Backtest,
    *,
    closings: dict[str, float],
    is_assumed: bool,
) -> Foreseen:
    """Put an answer together, with what costs odds and what would help."""
    cases = simulating.alike(hazards)
    low, centre, high = band
    bare = np.array([not each.is_extended for each in asked.cases])
    zero = simulating.odds_of_all(cases, paces)
    # Putting cases together that hardly differ may turn the two round by a hair, and odds are never below nothing.
    kept = max(zero, simulating.odds_of_all(simulating.alike(hazards[bare]), paces))
    # A case that cannot end in time would cost infinitely much and leave no share to any other.
    costs = -np.log(np.maximum(-np.expm1(-hazards), 1e-6))
    return Foreseen(
        open_now=len(asked.cases),
        low=low,
        high=high,
        centre=centre,
        odds=Odds(zero=zero, extended=kept - zero, not_zero=1 - kept),
        backtest=backtest,
        is_assumed=is_assumed,
        leads=_costs((str(each.case_id) for each in asked.cases), costs, FEW if len(asked.cases) < FEW else _NAMED),
        units=_costs((each.unit for each in asked.cases), costs, _NAMED),
        states=_costs((each.state for each in asked.cases), costs, _NAMED),
        one_more=_one_more(asked, hazards, paces, closings),
    )


def _costs(names: Iterable[str], costs: Floats, most: int) -> tuple[Cost, ...]:
    """Return what costs most, the most first."""
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    cleared: dict[str, float] = defaultdict(float)
    for name, cost in zip(names, costs.tolist(), strict=True):
        sums[name] += cost
        counts[name] += 1
        cleared[name] += exp(-cost)
    total = sum(sums.values()) or 1.0
    ordered = sorted(sums, key=lambda name: (-sums[name], name))[:most]
    return tuple(
        Cost(name=name, count=counts[name], share=sums[name] / total, cleared=cleared[name] / counts[name])
        for name in ordered
    )


def _one_more(asked: ForecastAsked, hazards: Floats, paces: Floats, closings: dict[str, float]) -> tuple[OneMore, ...]:
    """Return what one more closing on each working day would change, for each unit; the most helpful first."""
    few = paces[:: max(1, len(paces) // 500)]
    units = np.array([each.unit for each in asked.cases])
    before = simulating.played(simulating.alike(hazards), few).mean
    found = []
    for unit in sorted(closings.keys() & set(units.tolist())):
        # A unit that ended none of late: as if it were one in all that time, or one more would be infinitely faster.
        speed = closings[unit] or 1 / (STEP * _RECENT)
        faster = np.where(units == unit, hazards * (speed + 1) / speed, hazards)
        cases = simulating.alike(faster)
        fewer = before - simulating.played(cases, few).mean
        found.append(OneMore(unit=unit, fewer=min(fewer, asked.horizon), zero=simulating.odds_of_all(cases, few)))
    return tuple(sorted(found, key=lambda each: (-each.fewer, each.unit))[:_NAMED])
