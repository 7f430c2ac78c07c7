"""What the journal says of cases over time, as arrays: spells in a state, and who was open at each landmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.campaigns.forecasting.answers import DAY_OFF, STEP

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AGE_BREAKS: Final = (5.0, 15.0, 40.0, 100.0)
"""Where classes of age in a state part, in working days."""
CLASSES: Final = len(AGE_BREAKS) + 1
REMEMBERED: Final = 100
"""Landmarks that an estimate looks back over: two years."""
KEPT: Final = 250
"""Landmarks that are kept at all: the estimates of past cut-offs need older ones."""
_NEVER: Final = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Moves:
    """Rows of the journal up to the cut-off, ordered by case and by their place in its chain."""

    cases: Sequence[int]
    instants: Sequence[int]
    """Microseconds since 1970 UTC."""
    states: Sequence[str]
    units: Sequence[str | None]
    """Codes, where the row says one."""
    open: Sequence[bool] | Sequence[int]
    """Whether the case counts as open after the row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spells:
    """Days through which a case stood unchanged at their end, by case and day."""

    case: Ints
    start: Ints
    stop: Ints
    """The first day on which it stood otherwise."""
    entered: Ints
    """The day on which it came into its state."""
    state: Ints
    unit: Ints
    open: NDArray[np.bool_]
    ends: Ints
    """The first day from then on at whose end it no longer counts as open; far ahead if there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmarks:
    """Counts of open cases by landmark, group (state and class of age) and unit."""

    grid: Ints
    """Day of each landmark; the last is the cut-off."""
    ended: NDArray[np.float64]
    """By landmark, group and step: how many of those open then ended in that step after it; the last: later or not."""
    pairs: Ints
    """Group of each pair of group and unit that occurs."""
    pair_units: Ints
    counts: NDArray[np.float64]
    """Open by landmark and pair."""
    soon: NDArray[np.float64]
    """Ended in the first step, by landmark and pair."""
    still_open: NDArray[np.float64]
    """By landmark: of the open ones that are counted, how many were open at the end of the horizon; -1 if not over."""
    counted: NDArray[np.bool_]
    """Pairs of the units that are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPast:
    """A ledger's past as a forecast needs it."""

    elapsed: Floats
    """Working time up to the end of each day."""
    state_codes: Mapping[str, int]
    unit_codes: Mapping[str, int]
    spells: Spells
    begins: int
    """Day of the first row."""
    ends_by_day: Ints = field(repr=False)
    """How many cases ended on each day."""

    @property
    def today(self) -> int:
        """The day of the cut-off."""
        return len(self.elapsed) - 1


def history(moves: Moves, day_ends: Sequence[int], is_working: Sequence[bool]) -> LedgerPast:
    """Return the past that rows tell.

    Args:
        moves: Rows of these days, none later.
        day_ends: The end of each local day up to the cut-off, in microseconds since 1970 UTC.
        is_working: For each of the same days whether it is a working day.
    """
    state_codes = {name: place for place, name in enumerate(sorted(set(moves.states)))}
    unit_codes = {name: place for place, name in enumerate(sorted({each for each in moves.units if each}))}
    elapsed = np.cumsum(np.where(np.asarray(is_working, dtype=bool), 1.0, DAY_OFF))
    days = np.searchsorted(day_ends, np.fromiter(moves.instants, np.int64, len(moves.instants)), side="right")
    spells = _spells(moves, days, state_codes, unit_codes)
    ending = _first_ends(spells)
    return LedgerPast(
        elapsed=elapsed,
        state_codes=state_codes,
        unit_codes=unit_codes,
        spells=spells,
        begins=int(days.min(initial=len(elapsed) - 1)),
        ends_by_day=np.bincount(ending, minlength=len(elapsed)),
    )


def _spells(moves: Moves, day: Ints, state_codes: Mapping[str, int], unit_codes: Mapping[str, int]) -> Spells:
    """Return the spells of rows; of the rows of one day the last one counts."""
    size = len(moves.cases)
    case = np.fromiter(moves.cases, np.int64, size)
    state = np.fromiter(map(state_codes.__getitem__, moves.states), np.int64, size)
    said = np.fromiter((-1 if each is None else unit_codes[each] for each in moves.units), np.int64, size)
    is_open = np.fromiter(moves.open, np.bool_, size)
    place = np.arange(size)
    begun = np.r_[True, case[1:] != case[:-1]][:size]
    # A row that names no unit keeps that of the row before; the first row of a case takes none from another case.
    unit = said[np.maximum.accumulate(np.where((said >= 0) | begun, place, 0))] if size else said
    into = begun | np.r_[True, state[1:] != state[:-1]][:size]
    entered = day[np.maximum.accumulate(np.where(into, place, 0))] if size else day
    last = np.r_[(case[1:] != case[:-1]) | (day[1:] != day[:-1]), True][:size]
    case, day, state, unit, entered, is_open = (each[last] for each in (case, day, state, unit, entered, is_open))
    size = len(case)
    same = np.r_[case[1:] == case[:-1], False][:size]
    stop = np.where(same, np.r_[day[1:], 0][:size], _NEVER)
    # Looked up from the last row back: the nearest row at or after each at which a case is not open, if it is its own.
    place = np.where(is_open, size, np.arange(size))
    following = np.minimum.accumulate(place[::-1])[::-1] if size else place
    known = (following < size) & (case[np.minimum(following, size - 1)] == case) if size else is_open
    ends = np.where(known, day[np.minimum(following, max(size - 1, 0))], _NEVER) if size else day
    return Spells(case=case, start=day, stop=stop, entered=entered, state=state, unit=unit, open=is_open, ends=ends)


def _first_ends(spells: Spells) -> Ints:
    """Return the days on which cases ended that had been open at the end of a day before."""
    was_open = np.r_[False, spells.open[:-1] & (spells.case[1:] == spells.case[:-1])][: len(spells.case)]
    found: Ints = spells.start[was_open & ~spells.open]
    return found


def groups_at(past: LedgerPast, spells_at: Ints, day: Ints | int) -> Ints:
    """Return the group of cases in some spells on days: state and class of age."""
    age = past.elapsed[day] - past.elapsed[past.spells.entered[spells_at]]
    found: Ints = past.spells.state[spells_at] * CLASSES + np.searchsorted(AGE_BREAKS, age, side="right")
    return found


def landmarks(past: LedgerPast, horizon: float, units: frozenset[str]) -> Landmarks:
    """Return who was open at each landmark and how soon they ended.

    Args:
        horizon: Working days.
        units: Codes of those that are counted; empty: all.
    """
    elapsed, spells = past.elapsed, past.spells
    steps = int(np.ceil(horizon / STEP))
    most = int((elapsed[-1] - elapsed[past.begins]) // STEP)
    # A hair earlier: sums of 0.03 are not exact, and a landmark must not slip to the next day by the last digit.
    grid = np.searchsorted(elapsed, elapsed[-1] - STEP * np.arange(min(most, KEPT), -1, -1) - 1e-9)
    first, last = np.searchsorted(grid, spells.start), np.searchsorted(grid, spells.stop)
    times = np.where(spells.open, last - first, 0)
    which = np.repeat(np.arange(len(times)), times)
    at = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(first, times)
    groups = groups_at(past, which, grid[at])
    later = spells.ends[which]
    after = np.searchsorted(grid, later) - 1 - at  # the step that ends at a landmark holds what ended up to its day
    step = np.where(later <= past.today, np.minimum(after, steps), steps)
    kinds = len(past.state_codes) * CLASSES
    size = len(grid)
    ended = np.bincount((at * kinds + groups) * (steps + 1) + step, minlength=size * kinds * (steps + 1))
    # A ledger without units, or without open cases, must not divide by nothing below.
    wide = max(len(past.unit_codes), 1)
    pairs, pair = np.unique(groups * wide + spells.unit[which], return_inverse=True)
    many = max(len(pairs), 1)
    counted = np.isin(pairs % wide, [past.unit_codes[each] for each in units if each in past.unit_codes])
    counted = counted if units else np.ones(len(pairs), dtype=bool)
    counts = np.bincount(at * many + pair, minlength=size * many).reshape(size, many)
    soon = np.bincount(at * many + pair, weights=step == 0, minlength=size * many).reshape(size, many)
    return Landmarks(
        grid=grid,
        ended=ended.reshape(size, kinds, steps + 1).astype(np.float64),
        pairs=pairs // wide,
        pair_units=pairs % wide,
        counts=counts[:, : len(pairs)].astype(np.float64),
        soon=soon[:, : len(pairs)].astype(np.float64),
        still_open=_still_open(past, grid, horizon, which, at, counted[pair] if len(pairs) else counted),
        counted=counted,
    )


def _still_open(
    past: LedgerPast, grid: Ints, horizon: float, which: Ints, at: Ints, counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return how many of those open at each landmark were open when its horizon was over; -1 if it is not."""
    spells, elapsed = past.spells, past.elapsed
    over = np.searchsorted(elapsed, elapsed[grid] + horizon - 1e-9)
    is_over = over < len(elapsed)
    kept = counted & is_over[at]
    which, at = which[kept], at[kept]
    long = len(elapsed) + 1
    rank = np.unique(spells.case, return_inverse=True)[1]
    place = np.searchsorted(rank * long + spells.start, rank[which] * long + over[at], side="right") - 1
    still = np.bincount(at, weights=spells.open[place], minlength=len(grid))
    return np.where(is_over, still, -1.0)
