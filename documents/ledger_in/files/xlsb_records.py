"""A second look into binary workbooks (xlsb), whose reader hands over cells only ([MS-XLSB]).

Walks the records: error values, comments, hidden rows and columns, what is struck through, the count of days from
1904.
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
_FIRST_CELL, _LAST_CELL = 1, 11
_FONT, _FORMAT, _CELL_FORMATS, _END_OF_CELL_FORMATS = 43, 47, 617, 618
_STRING_ITEM = 19
_COMMENT, _COMMENT_TEXT = 635, 637
_STRUCK, _RICH = 0x08, 0x01
_RUN = 4


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


class BinaryLooks(NamedTuple):
    """Which formats of cells and which shared texts are struck through, all of it or some words."""

    formats: frozenset[int]
    strings: frozenset[int]


def looks_of(parts: ZipParts) -> BinaryLooks:
    """Return what the whole workbook says of how its cells look."""
    fonts: list[bool] = []
    formats: list[int] = []
    of_cells = False
    content = parts.read("xl/styles.bin")
    for kind, at, length in _records(content):
        if kind in {_CELL_FORMATS, _END_OF_CELL_FORMATS}:
            of_cells = kind == _CELL_FORMATS
        elif kind == _FONT and length >= 4:
            fonts.append(bool(struct.unpack_from("<H", content, at + 2)[0] & _STRUCK))
        elif kind == _FORMAT and of_cells and length >= 6:
            formats.append(*struct.unpack_from("<H", content, at + 4))
    struck = frozenset(number for number, font in enumerate(formats) if font < len(fonts) and fonts[font])
    return BinaryLooks(struck, frozenset(_struck_strings(parts, fonts)) if any(fonts) else frozenset())


def _struck_strings(parts: ZipParts, fonts: list[bool]) -> Iterator[int]:
    """Yield the numbers of the shared texts of which some words are struck through."""
    content = parts.read(_STRINGS)
    number = 0
    for kind, at, length in _records(content):
        if kind != _STRING_ITEM or not length:
            continue
        if content[at] & _RICH:
            _, after = _string(content, at + 1)
            runs = range(after + 4, at + length - _RUN + 1, _RUN)
            own = [struct.unpack_from("<H", content, run + 2)[0] for run in runs]
            if any(font < len(fonts) and fonts[font] for font in own):
                yield number
        number += 1


def _comments(parts: ZipParts, part: str) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of each comment on a sheet."""
    for _, relation, place in parts.relations(part):
        if relation != "comments":
            continue
        content = parts.read(place)
        where: tuple[int, int] | None = None
        for kind, at, length in _records(content):
            if kind == _COMMENT and length >= 20:
                row, _, column, _ = struct.unpack_from("<4I", content, at + 4)
                where = row, column
            elif kind == _COMMENT_TEXT and length and where is not None:
                text = _string(content, at + 1)[0].strip()
                if text:
                    yield *where, text
                where = None


def marks_of(parts: ZipParts, part: str, looks: BinaryLooks) -> Marks:
    """Return what the records of a sheet say."""
    found = Marks(comments=list(_comments(parts, part)))
    content = parts.read(part)
    row = 0
    for kind, at, length in _records(content):
        if _FIRST_CELL <= kind <= _LAST_CELL and length >= 8 and (looks.formats or looks.strings):
            column, style = struct.unpack_from("<II", content, at)
            shared = struct.unpack_from("<I", content, at + 8)[0] if kind == _SHARED_STRING and length >= 12 else -1
            if style & 0xFFFFFF in looks.formats or shared in looks.strings:
                found.struck.setdefault(row, []).append(column)
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
