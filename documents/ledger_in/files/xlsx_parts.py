"""A second look into an xlsx for what the reader of workbooks does not say.

Error values, comments, what is hidden or struck through, merged cells, and whether anything stands further out than
memory reaches.

Each sheet is gone through once, piece by piece, before its cells are read.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from documents.ledger_in.files.archive import ZipParts, attributes
from documents.ledger_in.files.found import MOST_CELLS, Marks, Span, UnreadableError

_PIECE = 1 << 20
_OVERLAP = 1 << 12
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_DATE_1904 = re.compile(r"<(?:\w+:)?workbookPr\b[^<>]*\bdate1904=\"(?:1|true)\"")
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="(?:([A-Z]{1,3})(\d{1,7}):)?([A-Z]{1,3})(\d{1,7})"')
_COLUMN = re.compile(r"<(?:\w+:)?col\s[^<>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*>")
_FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>/]*>')  # what is only coloured closes itself
_ERROR = re.compile(rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>(.{0,2000}?)</(?:\w+:)?c>', re.DOTALL)
_UNCOUNTED = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)><(?:\w+:)?f(?:\s[^<>]*)?>([^<]{1,500})</(?:\w+:)?f>"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_CODE = re.compile(rb"<(?:\w+:)?v[^<>]*>(#[^<>]+)</")
_STYLED = re.compile(rb'<(?:\w+:)?c\s[^<>]*\bs="(\d+)"[^<>/]*>')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SHARED_CELL = re.compile(rb'<(?:\w+:)?c\s([^<>]*\bt="s"[^<>]*)><(?:\w+:)?v>(\d+)</')
_ITEM = re.compile(r"<(?:\w+:)?si\b[^<>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_STRIKE = re.compile(r'<(?:\w+:)?strike(?:\s+val="(?:1|true)")?\s*/>')
_FONTS = re.compile(r"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(r"<(?:\w+:)?font\b[^<>]*?(?:/>|>.*?</(?:\w+:)?font>)", re.DOTALL)
_FORMATS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(r"<(?:\w+:)?xf\s[^<>]*>")
_COMMENT = re.compile(r"<(?:\w+:)?comment\s([^<>]*)>(.*?)</(?:\w+:)?comment>", re.DOTALL)
_TEXT = re.compile(r"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</")
_MOST_HIDDEN = 20_000
"""Rows; a filter that hides more is followed no further."""


class NamedSheet(NamedTuple):
    """A sheet as the workbook names it."""

    name: str
    part: str
    shown: bool
    """Whether it is a sheet of cells that is not hidden."""


class Survey(NamedTuple):
    """What one pass over a sheet's part finds."""

    marks: Marks
    corner: tuple[int, int] | None
    """Last row from 1 and last column from 0 as the sheet states them; None if it states none or begins after A."""


class Looks(NamedTuple):
    """The styles and shared strings that strike text through."""

    styles: frozenset[int]
    strings: frozenset[int]
    has_strings: bool
    """Whether there are shared strings at all."""


def sheets_of(parts: ZipParts, workbook: str) -> list[NamedSheet]:
    """Return the sheets that the *workbook* names, with the parts that hold them."""
    places = {name: (kind, place) for name, kind, place in parts.relations(workbook)}
    found = []
    for tag in _SHEET.findall(parts.text(workbook)):
        said = attributes(tag)
        relation = next((value for name, value in said.items() if name.rpartition(":")[2] == "id"), "")
        kind, place = places.get(relation, ("worksheet", ""))
        shown = kind == "worksheet" and said.get("state", "visible") == "visible"
        found.append(NamedSheet(said.get("name", ""), place, shown))
    return found


def uses_1904(parts: ZipParts, workbook: str) -> bool:
    """Return whether the workbook counts days from 1904, as old Macintosh programs did."""
    return _DATE_1904.search(parts.text(workbook)) is not None


def looks_of(parts: ZipParts, styles: str, strings: str) -> Looks:
    """Return which styles and which shared strings are struck through."""
    text = parts.text(styles)
    fonts, formats = _FONTS.search(text), _FORMATS.search(text)
    struck_styles = frozenset[int]()
    if fonts and formats and "strike" in fonts[0]:
        struck = {number for number, each in enumerate(_FONT.findall(fonts[0][6:])) if _STRIKE.search(each)}
        styled = [attributes(tag).get("fontId", "") for tag in _FORMAT.findall(formats[0])]
        struck_styles = frozenset(n for n, font in enumerate(styled) if font.isdigit() and int(font) in struck)
    struck_strings = frozenset[int]()
    content = parts.read(strings)
    if b"strike" in content:
        items = _ITEM.findall(content.decode("utf-8", "replace"))
        struck_strings = frozenset(number for number, each in enumerate(items) if _STRIKE.search(each))
    return Looks(struck_styles, struck_strings, parts.has(strings))


def comments_of(parts: ZipParts, part: str) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of each comment on a sheet."""
    for _, kind, place in parts.relations(part):
        if kind != "comments":
            continue
        for tag, inside in _COMMENT.findall(parts.text(place)):
            place_of = _REFERENCE.search(f" {_reference(tag)}".encode())
            text = html.unescape("".join(_TEXT.findall(inside))).strip()
            if place_of and text:
                yield int(place_of[2]) - 1, column_place(place_of[1]), text


def survey(parts: ZipParts, sheet: NamedSheet, looks: Looks) -> Survey:
    """Go through a sheet's part once.

    Raises:
        UnreadableError: If a value stands so far out that no memory would hold the sheet, or its texts are missing.
    """
    marks = Marks(comments=list(comments_of(parts, sheet.part)))
    last, columns = 0, set[bytes]()
    with parts.open(sheet.part) as stream:
        window = stream.read(_PIECE)
        head = window.partition(b"sheetData>")[0]
        marks.hidden_columns += _hidden_columns(head[: 1 << 16].decode("utf-8", "replace"))
        stated, corner = _corner(head)
        in_rows = True
        while True:
            if in_rows:
                if not stated:
                    for letters, number in _FILLED.findall(window):
                        last = max(last, int(number))
                        columns.add(letters)
                    _refuse_far(sheet.name, last, columns)
                _look_at(window, marks, looks)
                if b't="s"' in window and not looks.has_strings:  # cells would be empty that are not
                    raise UnreadableError("damaged")
                in_rows = b"</sheetData" not in window
            if not in_rows and b"mergeCell" in window:
                marks.merges += _merges(window)
            piece = stream.read(_PIECE)
            if not piece:
                break
            window = window[-_OVERLAP:] + piece
    marks.merges = list(dict.fromkeys(marks.merges))  # where two pieces overlap it is seen twice
    return Survey(marks, corner)


def _corner(head: bytes) -> tuple[bool, tuple[int, int] | None]:
    """Return whether a sheet states how far it reaches, and that memory holds it; and where, if it begins in A."""
    said = _DIMENSION.search(head[:_OVERLAP])
    if said is None:
        return False, None
    row, column = int(said[4]), column_place(said[3])
    if row * (column + 1) > MOST_CELLS:
        return False, None
    begins = column_place(said[1]) if said[1] else column
    return True, (row, column) if begins == 0 else None


def column_place(letters: bytes) -> int:
    """Return the place, counted from 0, of the column with these *letters*."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _refuse_far(name: str, last: int, columns: set[bytes]) -> None:
    """Refuse a sheet whose cells span more than memory holds; its corner is named."""
    letters = max(columns, key=lambda each: (len(each), each), default=b"A")
    if last * (column_place(letters) + 1) > MOST_CELLS:
        raise UnreadableError("far", name=name, corner=f"{letters.decode()}{last}")


def _look_at(window: bytes, marks: Marks, looks: Looks) -> None:
    """Take over what is to be said of single cells and rows in one piece of a sheet."""
    for reference, code in _errors(window):
        own = marks.errors.setdefault(int(reference[2]) - 1, [])
        if (error := (column_place(reference[1]), html.unescape(code.decode("utf-8", "replace")))) not in own:
            own.append(error)
    if b"hidden=" in window and len(marks.hidden_rows) < _MOST_HIDDEN:
        marks.hidden_rows.update(_hidden_rows(window))
    if looks.styles:
        _strike(marks, (each[0] for each in _STYLED.finditer(window) if int(each[1]) in looks.styles))
    if looks.strings:
        _strike(marks, (each[1] for each in _SHARED_CELL.finditer(window) if int(each[2]) in looks.strings))


def _errors(window: bytes) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """Yield the place and the code of each error value, and of each formula that no program has worked out yet.

    Such a formula shows nothing where it is read; taken as empty, what it stands for would be lost unnoticed.
    """
    if b't="e"' in window:
        for said, inside in _ERROR.findall(window):
            reference, code = _REFERENCE.search(said), _CODE.search(inside)
            if reference and code:
                yield reference, code[1]
    if b"<f" in window or b":f" in window:
        for said, formula in _UNCOUNTED.findall(window):
            reference = _REFERENCE.search(said)
            if reference and b't="str"' not in said:  # which says that it came to an empty text
                yield reference, b"=" + formula


def _hidden_rows(window: bytes) -> Iterator[int]:
    for tag in _ROW.findall(window):
        if b"hidden=" in tag:
            said = attributes(tag.decode("utf-8", "replace"))
            if said.get("hidden") in {"1", "true"} and said.get("r", "").isdigit():
                yield int(said["r"]) - 1


def _strike(marks: Marks, tags: Iterable[bytes]) -> None:
    for tag in tags:
        reference = _REFERENCE.search(b" " + tag)
        if reference:
            own = marks.struck.setdefault(int(reference[2]) - 1, [])
            if (column := column_place(reference[1])) not in own:
                own.append(column)


def _merges(window: bytes) -> Iterator[Span]:
    for left, top, right, bottom in _MERGED.findall(window):
        yield int(top) - 1, column_place(left), int(bottom) - 1, column_place(right)


def _hidden_columns(head: str) -> Iterator[int]:
    for tag in _COLUMN.findall(head):
        said = attributes(tag)
        first, last = said.get("min", ""), said.get("max", "")
        if said.get("hidden") in {"1", "true"} and first.isdigit() and last.isdigit():
            yield from range(int(first) - 1, min(int(last), 16_384))


def _reference(tag: str) -> str:
    return f'r="{attributes(" " + tag).get("ref", "")}"'
