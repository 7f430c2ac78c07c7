"""How many cases begin and end in a month, and how long they stay in each state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from engine.working_days.instants import local_time, quarter_begun

_DAY: Final = 86_400_000_000


class Stay(NamedTuple):
    """How long cases stay in a state, in days; only stays that are over are counted."""

    state: str
    ended: int
    median: float
    ninety: float
    """Nine of ten are not longer."""
    lasting: int
    """Stays that the log does not see the end of."""


class Month(NamedTuple):
    """What began and ended in a month."""

    month: str
    """YYYY-MM, local."""
    begun: int
    ended: int


class Throughput:
    """Counts the cases of a log as they are played."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._begun: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._stays: dict[str, list[float]] = {}
        self._lasting: Counter[str] = Counter()

    def add(self, stays: Sequence[tuple[str, int]], *, ended: bool, fits: bool) -> None:
        """Count a case.

        Args:
            stays: The states that it entered and when, in microseconds since 1970 UTC, in this order.
            ended: The last of them is final.
            fits: What is known of it is all that happened; else how long it stayed in the last is unknown.
        """
        if not stays:
            return
        self._begun[_month(quarter_begun(stays[0][1]), self._zone)] += 1
        for (state, since), (_, until) in pairwise(stays):
            self._stays.setdefault(state, []).append((until - since) / _DAY)
        if ended:
            self._ended[_month(quarter_begun(stays[-1][1]), self._zone)] += 1
        elif fits:
            self._lasting[stays[-1][0]] += 1

    def months(self) -> tuple[Month, ...]:
        """Return the months in which anything began or ended."""
        return tuple(
            Month(each, self._begun[each], self._ended[each])
            for each in sorted(self._begun.keys() | self._ended.keys())
        )

    def stays(self, order: Mapping[str, object]) -> tuple[Stay, ...]:
        """Return how long cases stay, in the order of the declared states."""
        found = []
        for state in order:
            days = sorted(self._stays.get(state, ()))
            if days or self._lasting[state]:
                found.append(Stay(state, len(days), quantile(days, 0.5), quantile(days, 0.9), self._lasting[state]))
        return tuple(found)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the least of some ordered values that a share of them does not exceed; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


@lru_cache(maxsize=65_536)
def _month(at: int, zone: str) -> str:
    return local_time(at, zone).strftime("%Y-%m")
