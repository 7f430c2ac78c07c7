"""Where another table begins on a sheet: a row of other headings behind an empty line or a title of its own."""

from collections.abc import Sequence
from typing import Final

from documents.ledger_in.layout.header import Header
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.sheet_model import Cell
from documents.ledger_in.text import cell_text, heading_key

_FEWEST: Final = 4
_SHARE: Final = 0.6
_REPEATED: Final = 0.9
_MOST_ABOVE: Final = 3
"""So many rows of one cell, titles and lines such as 填报单位, may stand above the next headings."""


class Further:
    """Looks for the next table among the rows below a header; remembers what came last from chunk to chunk."""

    def __init__(self, names: Names, header: Header) -> None:
        self._names = names
        self._keys = header.keys
        self._gap = 0
        """How many rows of at most one cell came last."""

    def begins(self, rows: Sequence[Sequence[Cell]]) -> int | None:
        """Return which of *rows* begins another table, with its title; None if none does."""
        for at, row in enumerate(rows):
            if len(row) - row.count("") - row.count(None) <= 1:
                self._gap += 1
                continue
            if self._gap and self._is_header(row):
                self._gap, gap = 0, self._gap
                above = [each for each in rows[max(0, at - min(gap, _MOST_ABOVE)) : at] if any(each)]
                return at - len(above)
            self._gap = 0
        return None

    def _is_header(self, row: Sequence[Cell]) -> bool:
        """Say whether a row holds headings that are not those of the table above it."""
        texts = [
            (column, text) for column, cell in enumerate(row) if isinstance(cell, str) and (text := cell_text(cell))
        ]
        if len(texts) < _FEWEST:
            return False
        same = sum(heading_key(text) in self._keys.get(column, ()) for column, text in texts)
        if same >= _REPEATED * len(texts):
            return False
        labels = sum(len(text) <= 16 and self._names.is_label(text) for _, text in texts)
        return labels >= max(_FEWEST, _SHARE * len(texts))
