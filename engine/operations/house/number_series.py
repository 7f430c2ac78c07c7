"""Which numbers of each series are in use, so that a case that is gone leaves a gap."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from engine.journal.chain import Break
from engine.store import number_rows
from engine.store.connection import Store

NAMED: Final = 20
"""Missing numbers of one series that are named; after them it is clear enough."""

_AT_ONCE: Final = 500
"""Numbers that are looked for at a time."""
_SERIAL: Final = re.compile(r"\{serial(?::[^{}]*)?\}")


class Series:
    """Counts the numbers in use while the cases go by, so that a case that is gone leaves a gap."""

    def __init__(self, counters: dict[str, int]) -> None:
        self._last = {each: last for each, last in counters.items() if _SERIAL.search(each)}
        self.counted = dict.fromkeys(self._last, 0)
        self.highest = dict.fromkeys(self._last, 0)
        self._by_head: dict[tuple[str, str], str] = {}
        self._tails = set[str]()
        for each in self._last:
            head, tail = _SERIAL.split(each, maxsplit=1)
            self._by_head[head, tail] = each
            self._tails.add(tail)
        self.strange: list[str] = []

    def count(self, number: str) -> None:
        """Count one number as used."""
        for tail in self._tails:
            if number.endswith(tail):
                bare = number[: len(number) - len(tail)] if tail else number
                head = bare.rstrip("0123456789")
                name = self._by_head.get((head, tail))
                if name is not None and len(head) < len(bare):
                    serial = int(bare[len(head) :])
                    self.counted[name] += 1
                    self.highest[name] = max(self.highest[name], serial)
                    return
        if not self._count_after_digits(number):
            self.strange.append(number)

    def count_besides(self, other: "Series") -> None:
        """Count what was counted of the cases that follow."""
        for name, counted in other.counted.items():
            self.counted[name] += counted
            self.highest[name] = max(self.highest[name], other.highest[name])
        self.strange += other.strange

    def _count_after_digits(self, number: str) -> bool:
        """Count a number whose serial stands behind other digits; say whether it is one of a series."""
        for (head, tail), name in self._by_head.items():
            serial = number[len(head) : len(number) - len(tail)]
            if serial.isdecimal() and name.format(serial=int(serial)) == number:
                self.counted[name] += 1
                self.highest[name] = max(self.highest[name], int(serial))
                return True
        return False

    def newest_gone(self, store: Store) -> Iterator[Break]:
        """Yield what is wrong with the numbers counted, and the newest number of each series if no case has it.

        That a number in between is gone is found only where all are counted.
        """
        yield from (Break(case=number, seq=0, what="counter") for number in self.strange[:NAMED])
        newest: list[str] = []
        for name, last in self._last.items():
            if self.highest[name] > last:
                yield Break(case=name.format(serial=self.highest[name]), seq=0, what="counter")
            elif last:
                newest.append(name.format(serial=last))
        there = number_rows.among(store, newest)
        yield from (Break(case=number, seq=0, what="gone") for number in newest if number not in there)

    def breaks(self, store: Store) -> Iterator[Break]:
        """Yield the numbers that are gone, and the series that have given more numbers than they say."""
        yield from (Break(case=number, seq=0, what="counter") for number in self.strange[:NAMED])
        for name, last in self._last.items():
            if self.highest[name] > last:
                yield Break(case=name.format(serial=self.highest[name]), seq=0, what="counter")
            elif self.counted[name] != last:
                missing = (name.format(serial=each) for each in range(1, last + 1))
                yield from _gone(store, missing)


def _gone(store: Store, numbers: Iterator[str]) -> Iterator[Break]:
    """Yield the first of *numbers* that no case has."""
    named = 0
    while part := list(islice(numbers, _AT_ONCE)):
        there = number_rows.among(store, part)
        for number in part:
            if number not in there:
                yield Break(case=number, seq=0, what="gone")
                named += 1
                if named == NAMED:
                    return
