"""Several columns that are one sealed field: name, telephone and address of the reporter, joined into one text."""

from collections.abc import Mapping, Sequence

from documents.ledger_in.layout.header import Header
from documents.ledger_in.sheet_model import Cell
from documents.ledger_in.text import DITTOS, PLACEHOLDERS, cell_text, without_apostrophe


class Parts:
    """The cells of a sealed field's columns on their way to being one; keeps what a ditto mark refers to."""

    def __init__(self, header: Header) -> None:
        self._columns = header.parts
        self._places = header.places
        # Headings stand in the order of their columns, which are those that have a key.
        self._titles = {
            column: heading.text.rpartition("/")[2]
            for column, heading in zip(sorted(header.keys), header.headings, strict=True)
        }
        self._last: dict[int, str] = {}

    def joined(self, field: str, by_place: Sequence[Sequence[Cell]]) -> Sequence[Cell]:
        """Return the cells of *field*, each with what its further columns say behind it."""
        place = self._places[field]
        further = self._columns.get(field, ())
        if not further:
            return by_place[place]
        columns = {column: self._said(column, by_place[column]) for column in further}
        return [
            self._one(own, {column: texts[row] for column, texts in columns.items()})
            for row, own in enumerate(by_place[place])
        ]

    def _said(self, column: int, cells: Sequence[Cell]) -> list[str]:
        """Return the texts of one further column, ditto marks resolved."""
        texts = []
        for cell in cells:
            text = without_apostrophe(cell_text(cell))
            if text in DITTOS:
                text = self._last.get(column, "")
            self._last[column] = text
            texts.append("" if text in PLACEHOLDERS else text)
        return texts

    def _one(self, own: Cell, further: Mapping[int, str]) -> Cell:
        """Return one row's cell: its own text, then each further one behind its heading."""
        said = [f"{self._titles[column]}：{text}" for column, text in sorted(further.items()) if text]
        first = cell_text(own)
        if not said or first in DITTOS:
            return own
        return "；".join([first, *said] if first and first not in PLACEHOLDERS else said)
