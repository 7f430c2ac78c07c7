"""Lists of units or officers in a spreadsheet: rows below one row of headings, found wherever it stands."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from documents.ledger_in.sheet_model import Cell
from documents.ledger_in.workbook import Sheet, open_book
from engine.errors import BadFileError
from engine.language import Text

HEADINGS_WITHIN = 20
"""Rows in which the headings are looked for; titles and remarks may stand above them."""


class Column(NamedTuple):
    """One column of a list."""

    name: str
    headings: tuple[str, ...]
    """How it may be headed, in small letters without blanks."""
    needed: bool = True


class ListRow(NamedTuple):
    """One row of a list."""

    at: str
    """`sheet!row`, as people point at it."""
    values: Mapping[str, str]
    """By the column's name; without those that are empty."""


def read_list(path: Path, columns: Sequence[Column]) -> list[ListRow]:
    """Return the rows of the first sheet that has the headings.

    Raises:
        BadFileError: If the file cannot be read, has no such headings or nothing below them, or has a column that
            is none of *columns*: what would be left out unseen is not taken.
    """
    for sheet in open_book(path).sheets:
        found = list(_rows(path, sheet, columns))
        if found:
            return found
    needed_en = ", ".join(each.headings[0] for each in columns if each.needed)
    needed_zh = "、".join(each.headings[-1] for each in columns if each.needed)
    raise BadFileError(
        Text(
            f"{path.name}: there is no row under the headings {needed_en}",
            f"{path.name}：未找到表头（{needed_zh}）及其下的内容",
        )
    )


def _rows(path: Path, sheet: Sheet, columns: Sequence[Column]) -> Iterator[ListRow]:
    """Yield the rows below the headings; none if the sheet has no headings."""
    places: Mapping[int, str] | None = None
    for number, row in enumerate(sheet.open_rows(), start=1):
        if places is None:
            places = _places(path, sheet, row, columns)
            if places is None and number >= HEADINGS_WITHIN:
                return
            continue
        values = {name: text for place, name in places.items() if (text := _text(row[place]))}
        if values:
            yield ListRow(f"{sheet.name}!{number}", values)


def _places(path: Path, sheet: Sheet, row: Sequence[Cell], columns: Sequence[Column]) -> Mapping[int, str] | None:
    """Return which column stands where; None if the row is not the headings."""
    named = {heading: each.name for each in columns for heading in each.headings}
    found: dict[int, str] = {}
    strange: list[str] = []
    for place, cell in enumerate(row):
        key = "".join(_text(cell).split()).lower()
        if key in named and named[key] not in found.values():
            found[place] = named[key]
        elif key:
            strange.append(_text(cell))
    if any(each.needed and each.name not in found.values() for each in columns):
        return None
    if strange:
        raise BadFileError(
            Text(
                f"{path.name}, {sheet.name}: unknown or repeated columns: {', '.join(strange)}",
                f"{path.name}，{sheet.name}：无法识别或重复的列：{'、'.join(strange)}",
            )
        )
    return found


def _text(cell: Cell) -> str:
    """Return what a cell says on one line; a whole number without a fraction."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""
