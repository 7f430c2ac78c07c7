"""Counties that are invented, day by day, for judging forecasts: they know nothing of the method that is judged.

Leads come in by chance and go through states at the speed of their unit, of the season and of weeks that are good or
bad for all; some come back. Spring Festival and the week of October stand still, December is in a hurry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from engine.campaigns.forecasting.history import LedgerPast, Moves, history
from engine.working_days.calendars import china

STATES = ("received", "assigned", "verified", "waiting", "closed")
"""In the order in which leads go through them; the last is cleared."""
SPEEDS = (0.25, 0.045, 0.09, 0.05)
"""Share of the leads in each state that go on, on a working day."""
_ENDED = len(STATES) - 1


@dataclass(frozen=True, kw_only=True)
class County:
    """What kind of county."""

    begins: date = date(2021, 1, 4)
    until: date = date(2023, 12, 31)
    a_day: float = 3.0
    """Leads that come in on a working day."""
    units: int = 6
    unruly: float = 0.25
    """How much good and bad weeks differ."""
    lasting: float = 0.7
    """How much a week is like the one before."""
    rush: float = 1.8
    """How much faster December is."""
    batches: bool = False
    """Nothing ends but on the last days of a quarter."""


@dataclass(kw_only=True)
class Lived:
    """What happened in a county, row by row."""

    days: list[date]
    working: list[bool]
    rows: list[tuple[int, int, str, str | None, bool]] = field(default_factory=list)
    """Case, day, state, unit where it is said, and whether the case is open; by day."""

    def until(self, day: int) -> LedgerPast:
        """Return what was known at the end of a day."""
        known = sorted((each for each in self.rows if each[1] <= day), key=lambda each: each[0])
        cases, days, states, units, are_open = zip(*known, strict=True)
        moves = Moves(cases=cases, instants=days, states=states, units=units, open=are_open)
        return history(moves, range(1, day + 2), self.working[: day + 1])

    def open_at(self, day: int) -> dict[int, tuple[str, str]]:
        """Return state and unit of the cases that are open at the end of a day."""
        found: dict[int, tuple[str, str]] = {}
        for case, at, state, unit, is_open in self.rows:
            if at > day:
                break
            if is_open:
                found[case] = state, unit or found[case][1]
            elif case in found:
                found[case] = "", found[case][1]
        return {case: each for case, each in found.items() if each[0]}


def lived(county: County, seed: int) -> Lived:
    """Let a county live."""
    random = np.random.default_rng(seed)
    calendar = china()
    count = (county.until - county.begins).days + 1
    days = [county.begins + timedelta(days=each) for each in range(count)]
    working = [calendar.day_scale.works(day.toordinal()) for day in days]
    unit_speeds = np.exp(random.normal(0, 0.5, county.units))
    found = Lived(days=days, working=working)
    states: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    units: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    mood = 0.0
    for place, day in enumerate(days):
        if day.weekday() == 0:
            mood = county.lasting * mood + random.normal(0, county.unruly)
        if not working[place]:
            continue
        came = int(random.poisson(county.a_day))
        new = random.integers(0, county.units, came)
        found.rows += [
            (len(states) + 1 + each, place, STATES[0], f"0{1 + unit}", True) for each, unit in enumerate(new)
        ]
        speed = np.exp(mood) * (county.rush if day.month == 12 else 1.0) * unit_speeds[units]
        chance = np.where(states < _ENDED, np.append(SPEEDS, 0.0)[states] * speed, 0.0004)
        chance = np.where((states == 1) & (random.random(len(states)) < 0.3), 0.0, chance)
        if county.batches:
            is_last = day.month % 3 == 0 and day.day >= 26
            chance = np.where(states == _ENDED - 1, 0.4 if is_last else 0.0, chance)
        for each in np.flatnonzero(random.random(len(states)) < chance):
            states[each] = states[each] + 1 if states[each] < _ENDED else 2
            found.rows.append((int(each) + 1, place, STATES[states[each]], None, bool(states[each] < _ENDED)))
        states, units = np.append(states, np.zeros(came, dtype=np.int64)), np.append(units, new)
    return found


def cut_offs(found: Lived, horizons: tuple[int, ...], *, first: int) -> Iterator[tuple[int, int]]:
    """Yield days of cut-offs with the day that is asked about: each horizon in turn, none overlapping the one before.

    Args:
        horizons: Calendar days.
        first: The first cut-off.
    """
    at, turn = first, 0
    while at + horizons[turn % len(horizons)] < len(found.days):
        yield at, at + horizons[turn % len(horizons)]
        at += horizons[turn % len(horizons)]
        turn += 1
