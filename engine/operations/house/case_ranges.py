"""Cases checked range by range, so that two processes can share them; what they find is put together in order."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.journal.baseline_file import Stretch
from engine.journal.chain import Break
from engine.operations.house.checking import CHECKED, IN_PART, JUDGED, NAMED, Checking
from engine.operations.house.number_series import Series
from engine.operations.ledger.ledger import Ledger
from engine.store import chain_rows as chains

Known = Mapping[int, Stretch]
"""Stretches that held once and whose digest need only be the same, by their first id."""


class CaseRange(NamedTuple):
    """Cases that are checked in one piece."""

    first: int
    last: int
    known: Known | None = None
    """Of these stretches that held; None if nobody asks which do now."""


class RangeFound(NamedTuple):
    """What was found in one range of cases."""

    breaks: list[Break]
    """By case."""
    series: Series
    """The numbers that these cases have."""
    counted: Counter[str]
    """What `Checking.counted` counted of them."""
    held: list[Stretch]
    """The stretches in which nothing was found, if that was asked for; whom they name is not said."""
    spared: int
    """Journal rows of those that stand as they did, and were not judged again."""
    claimed_until: int
    """As of `Proofs`."""


class RangeChecker:
    """Checks ranges of cases of one ledger within one reading block."""

    def __init__(self, ledger: Ledger, checking: Checking) -> None:
        self._store = ledger.store
        self._checking = checking
        self._messages = chains.Messages(ledger.store)
        self._counters = chains.counters(ledger.store)

    def check(self, asked: CaseRange) -> RangeFound:
        """Check the cases of a range."""
        series, breaks, held, spared = Series(self._counters), list[Break](), list[Stretch](), 0
        before = self._checking.counted
        if asked.known is None:
            breaks += self._judged(asked.first, asked.last, series)
        else:
            for first, last in _stretches(asked):
                stretch, found = self._compared(first, last, asked.known.get(first), series)
                if stretch is not None:
                    held.append(stretch)
                    spared += stretch.counted[CHECKED] if found is None else 0
                breaks += found or ()
        counted = self._checking.counted
        counted.subtract(before)
        proofs = self._checking.proofs
        return RangeFound(breaks, series, counted, held, spared, 0 if proofs is None else proofs.claimed_until)

    def _judged(self, first: int, last: int, series: Series) -> list[Break]:
        """Return what is found in the cases from id *first* to *last*, all of it judged."""
        breaks = list[Break]()
        for case, rows, kept in chains.standings(self._store, first, last, self._messages):
            series.count(case.number)
            breaks.extend(self._checking.of_case(case, rows, kept))
        breaks.extend(self._checking.of_names(whole=False))
        return breaks

    def _compared(
        self, first: int, last: int, known: Stretch | None, series: Series
    ) -> tuple[Stretch | None, list[Break] | None]:
        """Return a stretch if nothing is found in it, and what is found; None if it stands as it did."""
        digest, numbers = chains.stood(self._store, first, last, self._messages)
        if known is not None and (known.last, known.digest) == (last, digest):
            for number in numbers:
                series.count(number)
            self._checking.count_besides(Counter(known.counted))
            return known, None
        before = self._checking.counted
        breaks = self._judged(first, last, series)
        counted = self._checking.counted
        counted.subtract({name: count for name, count in before.items() if name != NAMED})
        said = {name: count for name, count in counted.items() if name not in {JUDGED, IN_PART}}
        return (None if breaks else Stretch(first, last, digest, "", said)), breaks


def _stretches(asked: CaseRange) -> Iterator[tuple[int, int]]:
    """Yield the first and last ids of the stretches of a range; these begin at the same ids in every range."""
    first = asked.first
    while first <= asked.last:
        last = min(first - (first - 1) % chains.STRETCH + chains.STRETCH - 1, asked.last)
        yield first, last
        first = last + 1


def next_of(waiting: deque[int]) -> int | None:
    """Take the next range that nobody checks yet; None if none is left."""
    try:
        return waiting.popleft()
    except IndexError:  # asked for and taken in one, since two threads take them
        return None
