"""Forms: sheets that hold one record, each label with its value to the right of it or below.

Which field a label means is left to `headings`, what its value comes to to `values`.
"""

import re
from collections.abc import Mapping, Sequence

from documents.ledger_in.header import Header
from documents.ledger_in.headings import Names
from documents.ledger_in.sheet_model import Cell, Heading, column_letter
from documents.ledger_in.text import cell_text
from documents.ledger_in.workbook import Span

TALLEST = 80
"""A longer sheet is a table."""
_INLINE = re.compile(r"([^:：]{1,20})[:：]\s*(.+)", re.DOTALL)


def form_labels(
    head: Sequence[Sequence[Cell]], names: Names, left: int, header: Header | None
) -> dict[str, tuple[int, int, Heading]] | None:
    """Return where each field's label stands if the sheet is a form, or None if it is a table.

    A form names further fields below what would be its header; a table does not.
    """
    if len(head) > TALLEST:
        return None
    labels: dict[str, tuple[int, int, Heading]] = {}
    for row, cells in enumerate(head):
        for column, cell in enumerate(cells):
            text = cell_text(cell)
            if not text or len(text) > 40:
                continue
            inline = _INLINE.fullmatch(text)
            letter = column_letter(column + left)
            found = names.known((inline[1] if inline else text,), "")
            if found and found[0] is not None and found[0] not in labels:
                heading = Heading(text=inline[1] if inline else text, letter=letter, field=found[0], how=found[1])
                labels[found[0]] = row, column, heading
    if header is None:
        return labels if len(labels) >= min(2, names.count) else None
    further = [field for field, (row, _, _) in labels.items() if not header.first <= row <= header.last]
    rows_named = {row for row, _, _ in labels.values()}
    inside = len(labels) - len(further)
    return labels if len(further) >= max(1, inside / 2) and len(rows_named) >= 2 else None


def form_cell(
    head: Sequence[Sequence[Cell]],
    merges: Sequence[Span],
    labels: Mapping[str, tuple[int, int, Heading]],
    field: str,
) -> tuple[int, int, Cell]:
    """Return where the value of *field* stands, and what it is: empty if there is none."""
    row, column, heading = labels[field]
    inline = _INLINE.fullmatch(cell_text(head[row][column]))
    if inline and inline[1] == heading.text:
        return row, column, inline[2]
    taken = {(r, c) for r, c, _ in labels.values()}
    _, _, bottom, right = next(
        (m for m in merges if m[0] <= row <= m[2] and m[1] <= column <= m[3]), (row, column, row, column)
    )
    beside, below = (row, right + 1), (bottom + 1, column)
    for at in (beside, below):
        if at in taken or at[0] >= len(head) or at[1] >= len(head[at[0]]):
            continue
        # What stands below belongs to the label on its left, if there is one.
        if at == below and beside not in taken and (at[0], at[1] - 1) in taken:
            continue
        cell = head[at[0]][at[1]]
        if cell_text(cell):
            return at[0], at[1], cell
    return beside[0], beside[1], None
