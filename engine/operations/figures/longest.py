"""The first rows of a list in its order, out of ever so many that go by, and how many there are."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Generic, TypeVar

Key = tuple[str, ...]
_Row = TypeVar("_Row")
_SLACK = 64
"""Rows that are kept beyond twice the limit before they are sorted."""


class Longest(Generic[_Row]):
    """Keeps the rows with the least keys; of equal keys those that came first."""

    def __init__(self, limit: int | None) -> None:
        """Begin with none.

        Args:
            limit: How many are wanted; None: all.
        """
        self.limit = limit
        self.count = 0
        """How many there are, kept or not; counted by who finds them."""
        self._kept: list[tuple[Key, _Row]] = []
        self._last: Key | None = None

    def takes(self, key: Key) -> bool:
        """Say whether a row whose key begins so may be among the first."""
        return self.limit != 0 and (self._last is None or key <= self._last)

    def keep(self, key: Key, row: _Row) -> None:
        """Keep a row if it is among the first so far."""
        if not self.takes(key):
            return
        self._kept.append((key, row))
        if self.limit is not None and len(self._kept) > 2 * self.limit + _SLACK:
            self._sort()
            self._last = self._kept[-1][0]

    def rows(self) -> tuple[_Row, ...]:
        """Return the first rows, in the order of their keys."""
        self._sort()
        return tuple(row for _, row in self._kept)

    def entries(self) -> Sequence[tuple[Key, _Row]]:
        """Return the first rows, each with its key, in the order of these."""
        self._sort()
        return self._kept

    @property
    def more(self) -> int:
        """How many there are beyond the rows that are given."""
        return self.count - (self.count if self.limit is None else min(self.count, self.limit))

    def _sort(self) -> None:
        """Put the rows in order and drop those beyond the limit."""
        self._kept.sort(key=itemgetter(0))
        del self._kept[self.limit if self.limit is not None else len(self._kept) :]
