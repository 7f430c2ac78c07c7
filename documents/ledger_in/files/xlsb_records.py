"""A second look into binary workbooks (xlsb): error values, hidden rows, the count of days from 1904 ([MS-XLSB]).

Comments and what is struck through are not looked for in this format.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from documents.ledger_in.files.archive import ZipParts
from documents.ledger_in.files.found import Marks
from documents.ledger_in.files.xls_records import ERRORS, UNKNOWN_ERROR

_ROW_HEADER, _CELL_ERROR, _FORMULA_ERROR, _COLUMN_INFO = 0, 3, 11, 60
_SHARED_STRING, _STRINGS = 7, "xl/sharedStrings.bin"
_BOOK_PROPERTIES, _SHEET = 153, 156
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x10, 0x01


class BinarySheet(NamedTuple):
    """A sheet as the workbook names it."""

    name: str
    part: str


def sheets_of(parts: ZipParts, workbook: str) -> tuple[list[BinarySheet], bool]:
    """Return the sheets that the *workbook* names, and whether it counts days from 1904."""
    places = {name: place for name, _, place in parts.relations(workbook)}
    found: list[BinarySheet] = []
    from_1904 = False
    content = parts.read(workbook)
    for kind, at, length in _records(content):
        if kind == _BOOK_PROPERTIES and length:
            from_1904 = bool(content[at] & 1)
        elif kind == _SHEET and length >= 12:
            relation, after = _string(content, at + 8)
            name, _ = _string(content, after)
            found.append(BinarySheet(name, places.get(relation, "")))
    return found, from_1904


def marks_of(parts: ZipParts, part: str) -> Marks:
    """Return what the records of a sheet say."""
    found = Marks()
    content = parts.read(part)
    row = 0
    for kind, at, length in _records(content):
        if kind == _ROW_HEADER and length >= 13:
            (row,) = struct.unpack_from("<I", content, at)
            if content[at + 11] & _HIDDEN_ROW:
                found.hidden_rows.add(row)
        elif kind == _SHARED_STRING:
            found.whole = parts.has(_STRINGS)  # else cells would be empty that are not
        elif kind in {_CELL_ERROR, _FORMULA_ERROR} and length >= 9:
            (column,) = struct.unpack_from("<I", content, at)
            found.errors.setdefault(row, []).append((column, ERRORS.get(content[at + 8], UNKNOWN_ERROR)))
        elif kind == _COLUMN_INFO and length >= 18:
            first, last = struct.unpack_from("<II", content, at)
            if content[at + 16] & _HIDDEN_COLUMN:
                found.hidden_columns.extend(range(first, min(last, 16_383) + 1))
    return found


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the kind, the place and the length of each record; both numbers take one byte or more."""
    at, end = 0, len(content)
    while at < end:
        kind = content[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        length = 0
        for turn in range(4):
            if at >= end:
                return
            piece = content[at]
            at += 1
            length |= (piece & 0x7F) << 7 * turn
            if not piece & 0x80:
                break
        if at + length > end:
            return
        yield kind, at, length
        at += length


def _string(content: bytes, at: int) -> tuple[str, int]:
    """Return the text that begins at *at*, and where it ends; empty where there is none."""
    if at + 4 > len(content):
        return "", at
    (length,) = struct.unpack_from("<I", content, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le", "replace"), end
