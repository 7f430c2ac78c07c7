"""Which rows of a sheet look like headings, the likeliest first; each cell is looked at once.

A row is weighed by its words, by what stands in the rows below it, and against headings further
down, which would make it the first line of a form. Knows no field and no block.
"""

import re
from collections.abc import Sequence
from typing import Final

from documents.ledger_in.layout.below import CellKind, kind_of
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.sheet_model import Cell, Heading, column_letter
from documents.ledger_in.text import cell_text, heading_key
from documents.ledger_in.workbook import Span

_FIRST_ROWS: Final = 40
_NEXT_ROWS: Final = 13
_LOOKED_AT: Final = 6
"""So many rows below a heading say of what kind its column is."""
_LEAST_WORTH: Final = 0.28
_SURE: Final = 3
_LEAST_SCORE: Final = 1.2
_WIDE_SHARE: Final = 0.6
_LATER_MUST_BEAT: Final = 1.15
_CANDIDATES: Final = 3
_HALF: Final = 0.5
_COUNTING_SHARE: Final = 0.4
_NUMBERS_SHARE: Final = 0.6
_COUNTED = re.compile(r"(?:数|率|件次|人次|合计|总计|小计|占比)(?:\(.*\))?$")
_HAN = re.compile(r"[一-鿿]{2,10}(?:[(（/].{0,8})?")
_LATIN = re.compile(r"[A-Za-z][A-Za-z .]{1,24}")
_TELLING: Final[frozenset[CellKind]] = frozenset({"date", "number", "long", "code", "flag", "phone", "identity"})
_BODY: Final[frozenset[CellKind]] = frozenset({"date", "number", "long", "code", "phone", "identity"})


def likely_rows(head: Sequence[Sequence[Cell]], merges: Sequence[Span], names: Names, left: int) -> tuple[int, ...]:
    """Return the rows of *head* that may be the header, the likeliest first; none if no row is like one."""
    weigher = _Weigher(head, names, left)
    width = max((len(row) for row in head), default=0)
    titles = {
        row
        for r1, c1, r2, c2 in merges
        if min(c2, width - 1) - c1 + 1 > max(2, _WIDE_SHARE * width)
        for row in range(r1, r2 + 1)
    }
    scored: list[tuple[float, int]] = []
    best = 0.0
    seen: set[tuple[str, ...]] = set()
    for row in range(min(len(head), _FIRST_ROWS)):
        if row in titles:
            continue
        score = weigher.score(row)
        if score >= _LEAST_SCORE:
            # Where each block repeats the header, what stands below the first is no less a record.
            if (texts := weigher.texts(row)) in seen:
                continue
            seen.add(texts)
            # A later row is the header only if it is clearly more like one.
            scored.append((score if score > best * _LATER_MUST_BEAT else min(score, best * 0.99), row))
            best = max(best, score)
    scored.sort(key=lambda each: (-each[0], each[1]))
    return tuple(row for _, row in scored[:_CANDIDATES])


def looks_like_labels(cells: Sequence[Cell], names: Names) -> bool:
    """Return whether a row may belong to a header: words short enough, and nothing that records hold."""
    filled = [(cell, cell_text(cell)) for cell in cells if cell_text(cell)]
    if not filled or any(kind_of(cell) in _BODY for cell, _ in filled):
        return False
    return sum(_worth(text, names) for _, text in filled) / len(filled) >= _LEAST_WORTH


def is_statistics(headings: Sequence[Heading], rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether this counts cases instead of listing them: mostly numbers, under headings such as 件数."""
    counting = sum(bool(_COUNTED.search(heading_key(each.text))) for each in headings)
    if counting < _COUNTING_SHARE * len(headings):
        return False
    kinds = [kind for row in rows[:_LOOKED_AT] for cell in row if (kind := kind_of(cell)) is not None]
    return bool(kinds) and sum(kind == "number" for kind in kinds) >= _NUMBERS_SHARE * len(kinds)


class _Weigher:
    """The first rows of a sheet, each distinct text weighed once."""

    def __init__(self, head: Sequence[Sequence[Cell]], names: Names, left: int) -> None:
        self._names = names
        self._texts = [[cell_text(cell) for cell in row] for row in head[: _FIRST_ROWS + _NEXT_ROWS]]
        self._kinds: dict[int, list[CellKind | None]] = {}
        self._head = head
        self._worths: dict[str, float] = {"": 0.0}
        self._mapped = {
            column
            for column in range(max((len(row) for row in head), default=0))
            if column_letter(column + left) in names.mapped
        }

    def texts(self, row: int) -> tuple[str, ...]:
        """Return what stands in *row*, cell by cell, without the empty ones at its end."""
        texts = self._texts[row]
        return tuple(texts[: max((at for at, text in enumerate(texts, 1) if text), default=0)])

    def score(self, row: int) -> float:
        """Return how much *row* is like headings; 0 if it cannot be any."""
        texts = self._texts[row]
        filled = [column for column, text in enumerate(texts) if text]
        if len(filled) < min(2, self._names.count):
            return 0.0
        worths = [1.0 if column in self._mapped else self._worth(texts[column]) for column in filled]
        # Groups are rarely known words: the headings under them count with them.
        known = sum(worth == 1.0 for worth in worths) + self._labels_under(row)
        total = sum(worths)
        if known < min(2, self._names.count) or (total / len(filled) < _LEAST_WORTH and known < _SURE):
            return 0.0
        own = {texts[column] for column in filled}
        telling, alike = self._below(row, filled)
        return total * len(own) / len(filled) + 0.5 * telling + 0.5 * alike - 0.6 * self._labels_after(row, own)

    def _labels_under(self, row: int) -> int:
        """Return how many known headings stand right below *row*, if that row holds nothing but headings."""
        if row + 1 >= len(self._texts) or not looks_like_labels(self._head[row + 1], self._names):
            return 0
        return sum(self._worth(text) == 1.0 for text in self._texts[row + 1] if text)

    def _worth(self, text: str) -> float:
        if text not in self._worths:
            self._worths[text] = _worth(text, self._names)
        return self._worths[text]

    def _below(self, row: int, filled: Sequence[int]) -> tuple[int, bool]:
        """Return how many columns hold cells of a telling kind, and whether a row like *row* stands below."""
        rows = [self._of_kind(at) for at in range(row + 1, min(row + 1 + _LOOKED_AT, len(self._texts)))]
        telling = 0
        for column in filled:
            kinds = [kinds[column] for kinds in rows if column < len(kinds) and kinds[column]]
            telling += bool(kinds) and sum(kind in _TELLING for kind in kinds) >= _HALF * len(kinds)
        alike = any(
            sum(column < len(kinds) and kinds[column] is not None for column in filled) >= _WIDE_SHARE * len(filled)
            for kinds in rows
        )
        return telling, alike

    def _of_kind(self, row: int) -> list[CellKind | None]:
        if row not in self._kinds:
            self._kinds[row] = [kind_of(cell) for cell in self._head[row]]
        return self._kinds[row]

    def _labels_after(self, row: int, own: set[str]) -> int:
        """Return how many known headings stand further down, each once: what a column repeats is a value, no label.

        Rows that repeat the header do not count.
        """
        found: set[str] = set()
        for texts in self._texts[row + 1 : row + 1 + _NEXT_ROWS]:
            filled = [text for text in texts if text]
            if sum(text in own for text in filled) < _WIDE_SHARE * len(filled):
                found |= {text for text in filled if self._worth(text) == 1.0}
        return len(found - own)


def _worth(text: str, names: Names) -> float:
    """Return how much a text is like a heading: 1 if it is known, less if it is only short enough."""
    if names.is_label(text):
        return 1.0
    key = heading_key(text)
    if _HAN.fullmatch(key):
        return 0.3
    return 0.1 if _LATIN.fullmatch(text) else 0.0
