"""What some of the cases of a period come to, and which part takes what of which case."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from engine.operations.figures.live_terms import LiveTerms
from engine.operations.figures.measured import MeasureTally
from engine.operations.figures.period import Period
from engine.operations.figures.period_sums import PeriodSums

_Row = TypeVar("_Row")
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FiguresAsked:
    """Which cases are counted, and when."""

    workflow: str
    period: Period
    fields: Sequence[str]
    """Those whose values are counted."""
    unit_id: int | None
    """Of this unit only."""


@dataclass(slots=True)
class CountedPart:
    """What some cases of a period come to; those of all cases add up to the whole."""

    sums: PeriodSums
    tally: MeasureTally | None
    live: LiveTerms
    taken: Counter[str]
    """How often each step was taken, by trigger."""
    is_fleeting: bool = False
    """Not the day alone decides it, but the instant at which it is asked: a term in hours has not ended."""

    def apart(self) -> "CountedPart":
        """Return another, without cases, that counts the same of other cases."""
        sums = self.sums.apart()
        return CountedPart(sums, None if self.tally is None else self.tally.apart(), self.live.apart(sums), Counter())


class Takers:
    """The parts that are counted: the whole, or blocks of cases whose ids lie beside each other."""

    def __init__(self, whole: CountedPart | None, blocks: Mapping[int, CountedPart], bits: int) -> None:
        """Keep them.

        Args:
            whole: Takes all cases; None if blocks do.
            blocks: By the ids of their cases without the last bits; what lies in no block is not counted.
            bits: How many bits of an id say which case of a block it is.
        """
        self._whole, self._blocks, self.bits = whole, blocks, bits
        self.since: date | None = None
        """The first day that a chart compares with, if that lies before the period."""
        one = whole or next(iter(blocks.values()), None)
        if one is not None and not one.sums.spans[0].inside:
            self.since = one.sums.spans[0].first

    @property
    def are_blocks(self) -> bool:
        """Whether cases of one block are counted apart from others."""
        return self._whole is None

    def of(self, case_id: int) -> CountedPart | None:
        """Return the part that takes a case."""
        return self._whole or self._blocks.get(case_id >> self.bits)

    def sorted(
        self, rows: Iterable[_Row], case_of: Callable[[_Row], int]
    ) -> Iterator[tuple[CountedPart, Iterable[_Row]]]:
        """Yield parts with the rows that they take."""
        if self._whole is not None:
            yield self._whole, rows
            return
        waiting = iter(rows)
        while some := list(islice(waiting, _AT_ONCE)):
            found: dict[int, list[_Row]] = {}
            for each in some:
                found.setdefault(case_of(each) >> self.bits, []).append(each)
            yield from ((self._blocks[block], own) for block, own in found.items() if block in self._blocks)
