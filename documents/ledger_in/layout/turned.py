"""Turned tables: fields down the left, one lead in each column; each lead is read as a form of its own."""

from collections.abc import Sequence
from typing import Final

from documents.ledger_in.layout.below import kind_of
from documents.ledger_in.layout.forms import Labels
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.sheet_model import Cell
from documents.ledger_in.text import cell_text

_FEWEST: Final = 3
_HALF: Final = 0.5
_MOST: Final = 0.65


def turned_columns(head: Sequence[Sequence[Cell]], labels: Labels, names: Names) -> tuple[int, ...]:
    """Return the columns of which each holds a lead; none if this is a form of one lead.

    What tells is that the labels stand in one column, and that two columns or more beside it say what happened, and
    when.
    """
    places = {column for _, column, heading in labels.values() if heading.field is not None}
    if len(places) != 1 or sum(heading.field is not None for _, _, heading in labels.values()) < _FEWEST:
        return ()
    (left,) = places
    own = {name: row for name, (row, column, _) in labels.items() if column == left}
    days = [row for name, row in own.items() if names.kinds.get(name) == "date"]
    if names.main_text not in own:
        return ()
    found = []
    when = 0
    for column in range(left + 1, max(len(head[row]) for row in own.values())):
        filled = [row for row in own.values() if column < len(head[row]) and cell_text(head[row][column])]
        if len(filled) < _HALF * len(own) and own[names.main_text] not in filled:
            continue
        dated = [row for row in days if row in filled]
        if any(names.is_label(cell_text(head[row][column])) for row in filled if row not in dated):
            return ()
        when += not dated or any(kind_of(head[row][column]) == "date" for row in dated)
        found.append(column)
    return tuple(found) if len(found) > 1 and when >= _MOST * len(found) else ()


def alone(
    head: Sequence[Sequence[Cell]], labels: Labels, column: int, last: int
) -> tuple[tuple[list[Cell], ...], Labels]:
    """Return the rows with nothing but the lead of one *column*, each label right before its value.

    Args:
        last: The row at which the table ends.
    """
    left = min(place for _, place, _ in labels.values())
    rows: list[list[Cell]] = []
    for cells in head[:last]:
        row: list[Cell] = [""] * (column + 1)
        row[column - 1] = cells[left] if left < len(cells) else ""
        row[column] = cells[column] if column < len(cells) else ""
        rows.append(row)
    moved = {name: (row, column - 1, heading) for name, (row, place, heading) in labels.items() if place == left}
    return tuple(rows), moved
