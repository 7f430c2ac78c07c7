"""Cases checked range by range, so that two processes can share them; what they find is put together in order."""

from collections import Counter, deque
from typing import NamedTuple

from engine.journal.chain import Break
from engine.operations.house.checking import Checking
from engine.operations.house.number_series import Series
from engine.operations.ledger.ledger import Ledger
from engine.store import chain_rows as chains


class RangeFound(NamedTuple):
    """What was found in one range of cases."""

    breaks: list[Break]
    """By case."""
    series: Series
    """The numbers that these cases have."""
    counted: Counter[str]
    """What `Checking.counted` counted of them."""


class RangeChecker:
    """Checks ranges of cases of one ledger within one reading block."""

    def __init__(self, ledger: Ledger, checking: Checking) -> None:
        self._store = ledger.store
        self._checking = checking
        self._messages = chains.Messages(ledger.store)
        self._counters = chains.counters(ledger.store)

    def check(self, first: int, last: int) -> RangeFound:
        """Check the cases from id *first* to *last*."""
        series, breaks = Series(self._counters), list[Break]()
        before = self._checking.counted
        for case, rows, kept in chains.standings(self._store, first, last, self._messages):
            series.count(case.number)
            breaks.extend(self._checking.of_case(case, rows, kept))
        breaks.extend(self._checking.of_names(whole=False))
        counted = self._checking.counted
        counted.subtract(before)
        return RangeFound(breaks, series, counted)


def next_of(waiting: deque[int]) -> int | None:
    """Take the next range that nobody checks yet; None if none is left."""
    try:
        return waiting.popleft()
    except IndexError:  # asked for and taken in one, since two threads take them
        return None
