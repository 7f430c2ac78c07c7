"""Sums over blocks of cases that are kept, so that a report of a long period need not count all of it again.

A sum is taken as it stands only while none of its cases, nor one that these opened or that opened them, has a row in
its journal that is dated in or before the period and that it does not know: cases change after a period without
changing what its report says. Everything else that decides the figures is in the key under which a sum is kept, the
program too: one that counts otherwise must not take what an older one counted.
A sum is worth what any other row beside the journal is: who can change one by SQL can change a report, as who changes
a case can, and `journal verify --tables` counts again and names it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

from engine.campaigns.measures import Measures
from engine.journal.canonical import canonical, parsed
from engine.language import Text
from engine.operations.figures.counted_part import CountedPart, FiguresAsked
from engine.operations.figures.part_plain import add_plain
from engine.operations.figures.period import Period, ReportKind, spans
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import end_of
from engine.store import day_rows, sum_rows, zero_rows
from engine.store.sum_columns import KeptSumRecord
from engine.store.sum_rows import Extent
from engine.system.program import digest_of_program
from engine.working_days.instants import microseconds

_WORTH_IT: Final = 20_000
"""Cases that must be looked at by themselves before their sums are kept: to count them takes about a second."""
_MOST: Final = 6
"""Reports of which sums are kept: those that were made last."""


class SumsAsked(NamedTuple):
    """Of what sums are kept."""

    workflow: str
    first: str
    """First day of the period (local date)."""
    last: str
    until: str
    """The last day that figures can tell of."""
    longest: int
    """How many rows a list names."""
    digest: str
    """Of all else that decides them."""

    @property
    def period(self) -> Period:
        """The period, whatever the report is called."""
        first, last, until = map(date.fromisoformat, (self.first, self.last, self.until))
        return Period(kind=ReportKind.BULLETIN, first=first, last=last, until=until, title=Text("", ""))


class UnreadableSumError(Exception):
    """A sum that is kept was changed by hand so that it cannot be added; the figures are counted without any."""


class KeptSums:
    """The sums that are kept of one report."""

    bits = sum_rows.BITS

    def __init__(self, ledger: Ledger, asked: SumsAsked, *, now: datetime) -> None:
        """Find what is kept; inside `reading`."""
        self._ledger, self._asked, self._made_at = ledger, asked, microseconds(now)
        self._key = canonical(list(asked))
        reader = ledger.reader
        self._may_keep = reader is None or reader.sees_everything
        hidden = () if reader is None else reader.hidden
        self._not_taken = {each >> self.bits for each in hidden}
        """Blocks with a case whose number this reader is not shown: its list is in another order."""
        self._before = sum_rows.extents_kept(ledger.store, self._key)
        self._extents: Mapping[int, Extent] | None = None
        self._made: list[KeptSumRecord] = []
        self._is_unreadable = False

    @property
    def blocks(self) -> Sequence[int]:
        """The blocks that had cases at the end of the period, ascending."""
        return sorted(self.extents)

    @property
    def extents(self) -> Mapping[int, Extent]:
        """How much there was of each block."""
        if self._extents is None:
            end_at = end_of(self._asked.period.until, self._ledger.zone)
            self._extents = sum_rows.extents(self._ledger.store, self._asked.workflow, end_at=end_at, bits=self.bits)
        return self._extents

    @property
    def holding(self) -> set[int]:
        """The blocks whose sums still hold."""
        return {block for block, extent in self._before.items() if self.extents.get(block) == extent}

    def add_what_holds(self, whole: CountedPart) -> Sequence[int] | None:
        """Add the sums that still hold; return the blocks that are counted again, or None if nothing is kept."""
        if not self._before:
            return None
        holding = self.holding - self._not_taken
        for block, text in sum_rows.sums(self._ledger.store, self._key):
            if block in holding:
                try:
                    add_plain(whole, parsed(text))
                except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
                    self._is_unreadable = True
                    raise UnreadableSumError from error
        return sorted(self.extents.keys() - holding)

    def texts(self) -> Iterable[tuple[int, str]]:
        """Yield the sums that are kept and hold, as they are stored, by block."""
        holding = self.holding
        return ((block, text) for block, text in sum_rows.sums(self._ledger.store, self._key) if block in holding)

    def is_worth_it(self, looked_at: int) -> bool:
        """Say whether sums are kept of a report that looks at so many cases by themselves."""
        return self._may_keep and looked_at > _WORTH_IT

    def take(self, block: int, text: str) -> None:
        """Take what a block comes to; it is written by `keep`."""
        if self._may_keep:
            self._made.append(KeptSumRecord(self._key, block, *self.extents[block], self._made_at, text))

    def keep(self) -> None:
        """Write what was taken, in the place of what was kept of the same days, and forget the oldest; after reading.

        Where that is refused nothing is kept, and nothing is missing.
        """
        if self._is_unreadable and self._may_keep:
            sum_rows.keep(self._ledger.store, (), without=[self._key])
        elif self._made:
            sum_rows.keep(self._ledger.store, self._made, without=self._outdated())

    def _outdated(self) -> list[str]:
        """Return of which reports the sums are forgotten."""
        same, others = list[str](), list[str]()
        for each in sum_rows.all_asked(self._ledger.store):
            if each != self._key:
                about = asked_in(each)
                of_these_days = about is None or about[:3] == self._asked[:3]
                (same if of_these_days else others).append(each)
        return same + others[_MOST - 1 :]


def asked_in(key: str) -> SumsAsked | None:
    """Return what a key says; None if it is none."""
    try:
        workflow, first, last, until, longest, digest = parsed(key)
        asked = SumsAsked(str(workflow), str(first), str(last), str(until), int(longest), str(digest))
        _ = asked.period
    except (ValueError, TypeError):
        return None
    return asked


def kept_of(
    ledger: Ledger, asked: FiguresAsked, measures: Measures, *, longest: int | None, now: datetime
) -> KeptSums | None:
    """Return the sums that are kept of figures; None if none are of such; inside `reading`."""
    about = sums_asked(ledger, asked, measures, longest=longest)
    return None if about is None else KeptSums(ledger, about, now=now)


def sums_asked(ledger: Ledger, asked: FiguresAsked, measures: Measures, *, longest: int | None) -> SumsAsked | None:
    """Return what is asked, with all that decides it; None if no sums are kept of that; inside `reading`.

    Kept are those of all units, for who reads them all, with lists of a certain length.
    """
    reader, period = ledger.reader, asked.period
    is_whole = asked.unit_id is None and (reader is None or reader.reads_all)
    if longest is None or not is_whole or not sum_rows.is_open_to(ledger.store):
        return None
    decides = [
        digest_of_program(), ledger.zone, spans(period)[0].first.isoformat(), list(asked.fields), measures,
        zero_rows.versions(ledger.store, asked.workflow), ledger.settings.get("calendar"),
        sorted(day_rows.own_days(ledger.store).items()),
    ]  # fmt: skip
    return SumsAsked(
        workflow=asked.workflow,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        until=period.until.isoformat(),
        longest=longest,
        digest=sha256(canonical(_plain(decides)).encode()).hexdigest(),
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON in which equal values are said in one way."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Text):
        return [value.en, value.zh]
    if isinstance(value, Mapping):
        return sorted(([str(name), _plain(each)] for name, each in value.items()), key=canonical)
    if isinstance(value, frozenset | set):
        return sorted((_plain(each) for each in value), key=canonical)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
