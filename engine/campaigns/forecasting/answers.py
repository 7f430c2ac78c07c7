"""What a forecast is asked with and what it answers; plain values, so that nobody who shows them needs NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

STEP = 5
"""Working days between two landmarks: a working week."""
DAY_OFF = 0.03
"""What a day off weighs beside a working day: some cases end even then."""
FEW = 30
"""Fewer open cases than these are listed, since a rounded band of them says nothing."""


class WhyNot(StrEnum):
    """Why no forecast is given."""

    NOTHING_OPEN = "nothing_open"
    DAY_OVER = "day_over"
    TOO_LITTLE_HISTORY = "too_little_history"
    BATCHES = "batches"
    UNEVEN_WEEKS = "uneven_weeks"
    BAND_DID_NOT_HOLD = "band_did_not_hold"
    BAND_TOO_WIDE = "band_too_wide"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenNow:
    """A case that is open on the day of the cut-off."""

    case_id: int
    state: str
    unit: str
    """Code."""
    not_before: float = 0.0
    """Working days, after the cut-off, before which it is known not to end."""
    is_extended: bool = False
    """An extension excuses it still on the day that is asked about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumed:
    """What stands in place of a history: half of the cases in a state end within so many working days."""

    half_days: Mapping[str, float]
    """By state."""
    otherwise: float
    """Of a state that is not named."""
    pace_spread: float
    """Standard deviation of the logarithm of the pace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastAsked:
    """What is asked of a history."""

    cases: tuple[OpenNow, ...]
    horizon: float
    """Working time from the cut-off to the day; a day off weighs `DAY_OFF`."""
    units: frozenset[str]
    """Codes of those whose cases the backtest counts; empty: all."""
    assumed: Assumed | None
    runs: int = 10_000
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Backtest:
    """How the same method did at past cut-offs of the same ledger, each from what was known then."""

    checked: int
    """Cut-offs whose band can be judged; those before only taught how wide it must be."""
    held: int
    """Those whose band held."""
    error: float
    """Mean distance of the centre from what came, as a share of those open then."""
    width: float
    """Mean width of the bands, as a share of those open then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Odds:
    """Odds of each verdict, from 0 to 1; they add up to 1."""

    zero: float
    extended: float
    not_zero: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What takes part of the odds of zero: the sum of -ln p over its cases, as a share of the sum of all."""

    name: str
    """Code of a unit, name of a state, or id of a case."""
    count: int
    share: float
    cleared: float
    """Odds that one of its cases is cleared by the day, on average."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OneMore:
    """What one more closing on each working day in a unit would change."""

    unit: str
    fewer: float
    """Cases fewer that are open on the day."""
    zero: float
    """Odds of zero then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """A forecast."""

    open_now: int
    low: int
    """Ends of the band that holds 8 times in 10, as whole cases, not yet rounded outward."""
    high: int
    centre: int
    odds: Odds
    backtest: Backtest
    is_assumed: bool
    """It rests on declared priors, not on this ledger."""
    leads: tuple[Cost, ...]
    units: tuple[Cost, ...]
    states: tuple[Cost, ...]
    one_more: tuple[OneMore, ...]

    @property
    def is_few(self) -> bool:
        """Whether the cases are to be listed in place of a number."""
        return self.open_now < FEW


@dataclass(frozen=True, kw_only=True, slots=True)
class NotForeseen:
    """No forecast, and why; that is an answer too."""

    why: WhyNot
    open_now: int
    backtest: Backtest | None = None
    figure: int = 0
    """What the reason rests on, as a whole number: weeks of history, per cent of the ends, times too uneven."""


def rounded_outward(low: int, high: int, most: int) -> tuple[int, int]:
    """Return a band as it is said: to 5 below 200 and to 10 from there on, outward, never beyond what is open."""
    return low // _step(low) * _step(low), min(most, -(-high // _step(high)) * _step(high))


def rounded(count: int) -> int:
    """Return a number of cases as it is said."""
    step = _step(count)
    return (2 * count + step) // (2 * step) * step


def tenths(share: float) -> int:
    """Return odds in tenths, from 1 to 9; 0 and 10 for what is said in words alone."""
    return round(10 * share)


def _step(count: int) -> int:
    """Return to which step a number is rounded."""
    return 5 if count < 200 else 10
