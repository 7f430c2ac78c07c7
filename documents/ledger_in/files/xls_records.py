"""A second look into old workbooks (xls, et): what the reader of workbooks does not say of them.

Walks the records ([MS-XLS]): error values, comments, hidden rows and columns, what is struck through, the count of days
from 1904, a password. Knows BIFF8 and the fields that BIFF5 has in common with it.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from documents.ledger_in.files.found import Marks, UnreadableError

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""The error values of all formats of Excel by their code."""
UNKNOWN_ERROR = "#ERROR!"

_NO_RECORD = 0x0000
"""No kind of record: where one stands in a sheet, something was overwritten, and readers stop there without a word."""
_BOF = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_EOF, _FILEPASS, _DATEMODE, _BOUNDSHEET, _FONT, _XF = 0x0A, 0x2F, 0x22, 0x85, 0x31, 0xE0
_BOOLERR, _ROW, _COLINFO, _NOTE, _OBJ, _TXO, _CONTINUE = 0x205, 0x208, 0x7D, 0x1C, 0x5D, 0x1B6, 0x3C
_FORMULAS = frozenset({0x006, 0x206, 0x406})
_CELLS = frozenset({0x201, 0x203, 0x204, 0x205, 0xFD, 0x27E, 0xD6, *_FORMULAS})
_MULRK = 0xBD
"""A run of numbers in one row."""
_STRUCK = 0x0008
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x01
_LAST_COLUMN = 255
_BIFF8 = 0x0600

Record = tuple[int, int, int]
"""Its kind, where its content starts and how long that is."""


class OldBook(NamedTuple):
    """What was found, sheet by sheet in the order of the workbook."""

    from_1904: bool
    marks: list[Marks]


def look_through(stream: bytes) -> OldBook:
    """Return what the records of a workbook's *stream* say.

    Raises:
        UnreadableError: If it is encrypted.
    """
    from_1904, starts, fonts, formats, biff = False, list[int](), list[bool](), list[int](), _BIFF8
    for kind, at, length in _records(stream, 0):
        if kind in _BOF and length >= 2:
            (biff,) = struct.unpack_from("<H", stream, at)
        elif kind == _FILEPASS:
            raise UnreadableError("protected")
        elif kind == _DATEMODE and length >= 2:
            from_1904 = stream[at] == 1
        elif kind == _BOUNDSHEET and length >= 4:
            starts.append(*struct.unpack_from("<I", stream, at))
        elif kind == _FONT and length >= 4:
            fonts.append(bool(struct.unpack_from("<H", stream, at + 2)[0] & _STRUCK))
        elif kind == _XF and length >= 2:
            formats.append(*struct.unpack_from("<H", stream, at))
    struck = {number for number, font in enumerate(formats) if _is_struck(font, fonts)}
    return OldBook(from_1904, [_marks(stream, start, struck, biff) for start in starts])


def _is_struck(font: int, fonts: list[bool]) -> bool:
    """Return whether a font strikes through; their numbers leave out 4, for no reason that is known."""
    at = font - (font > 4)
    return font != 4 and at < len(fonts) and fonts[at]


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """Yield the records of one part of the stream, from its beginning to its end mark."""
    last, depth = len(stream) - 4, 0
    unpack = struct.Struct("<HH").unpack_from
    while at <= last:
        kind, length = unpack(stream, at)
        if at + 4 + length > len(stream):
            return
        yield kind, at + 4, length
        if kind in _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + length


def _marks(stream: bytes, start: int, struck: set[int], biff: int) -> Marks:
    """Return what is said of the sheet whose records begin at *start*.

    A sheet whose records break off before their end mark, or are none somewhere on the way, is not whole.
    """
    found = Marks(whole=False)
    comments = _Comments(stream)
    depth = 0
    for kind, at, length in _records(stream, start):
        if kind == _NO_RECORD or (kind == _EOF and length):  # an end mark holds nothing
            break
        depth += (kind in _BOF) - (kind == _EOF)
        if depth != 1:  # a chart inside the sheet, or its end
            found.whole = depth == 0
            continue
        if kind in _CELLS and length >= 6:
            if not _take_cell(found, stream, kind, at, length, struck):
                break
        elif kind == _MULRK and struck and length >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            styles = [struct.unpack_from("<H", stream, at + 4 + 6 * n)[0] for n in range((length - 6) // 6)]
            found.struck.setdefault(row, []).extend(column + n for n, style in enumerate(styles) if style in struck)
        elif kind in {_ROW, _COLINFO}:
            _take_hidden(found, stream, kind, at, length)
        elif biff == _BIFF8:
            comments.take(kind, at, length)
    found.comments = comments.found()
    return found


def _take_cell(found: Marks, stream: bytes, kind: int, at: int, length: int, struck: set[int]) -> bool:
    """Keep what is said of one cell; False if there is no such cell in a sheet of this format."""
    row, column, style = struct.unpack_from("<HHH", stream, at)
    if column > _LAST_COLUMN:
        return False
    code = _error(stream, kind, at, length)
    if code is not None:
        found.errors.setdefault(row, []).append((column, code))
    if style in struck:
        found.struck.setdefault(row, []).append(column)
    return True


def _take_hidden(found: Marks, stream: bytes, kind: int, at: int, length: int) -> None:
    if kind == _ROW and length >= 14 and struct.unpack_from("<H", stream, at + 12)[0] & _HIDDEN_ROW:
        found.hidden_rows.update(struct.unpack_from("<H", stream, at))
    elif kind == _COLINFO and length >= 10:
        first, last, _, _, flags = struct.unpack_from("<5H", stream, at)
        if flags & _HIDDEN_COLUMN:
            found.hidden_columns.extend(range(first, min(last, _LAST_COLUMN) + 1))


class _Comments:
    """The comments of a sheet, put together from the records that they are scattered over."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._notes: dict[int, tuple[int, int]] = {}
        self._texts: dict[int, str] = {}
        self._shape = self._awaited = 0

    def take(self, kind: int, at: int, length: int) -> None:
        """Take note of a record: where a comment stands, which shape holds it, how long its text is, the text."""
        stream = self._stream
        if kind == _NOTE and length >= 8:
            row, column, _, number = struct.unpack_from("<4H", stream, at)
            self._notes[number] = row, column
        elif kind == _OBJ and length >= 8:
            (self._shape,) = struct.unpack_from("<H", stream, at + 6)
        elif kind == _TXO and length >= 12:
            (self._awaited,) = struct.unpack_from("<H", stream, at + 10)
            self._texts[self._shape] = ""
        elif kind == _CONTINUE and self._awaited > 0 and length > 1:
            coding = "utf-16-le" if stream[at] & 1 else "latin-1"
            piece = stream[at + 1 : at + length].decode(coding, "replace")[: self._awaited]
            self._texts[self._shape] = self._texts.get(self._shape, "") + piece
            self._awaited -= len(piece)

    def found(self) -> list[tuple[int, int, str]]:
        """Return row, column and text of each."""
        return [(*self._notes[number], text) for number, text in self._texts.items() if text and number in self._notes]


def _error(stream: bytes, kind: int, at: int, length: int) -> str | None:
    """Return the error value that a cell's record holds; None if it holds another value."""
    if kind == _BOOLERR and length >= 8 and stream[at + 7]:
        return ERRORS.get(stream[at + 6], UNKNOWN_ERROR)
    if kind in _FORMULAS and length >= 14 and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
        return ERRORS.get(stream[at + 8], UNKNOWN_ERROR)
    return None
