"""A second look into a workbook for what the reader of cells does not tell: error values, the 1904 system.

The reader shows `#REF!` as an empty cell; taken as empty, a lead would lose its content unnoticed.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator

from documents.ledger_in.sheet_model import column_place

MOST_CELLS = 30_000_000
"""Of one sheet, up to its last row and column; each takes the reader some thirty bytes."""

_BLOCK = 1 << 20
_OVERLAP = 1 << 12
_MARK = b't="e"'
_ERROR = re.compile(rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>(.{0,2000}?)</(?:\w+:)?c>', re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_CODE = re.compile(rb"<(?:\w+:)?v[^<>]*>(#[^<>]+)</")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_DATE_1904 = re.compile(r"<(?:\w+:)?workbookPr\b[^<>]*\bdate1904=\"(?:1|true)\"")
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"')
_HEAD = 1 << 12
_FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>/]*>')  # what is only coloured closes itself
_XLS_1904 = re.compile(rb"\x22\x00\x02\x00([\x00\x01])\x00")


def error_cells(content: bytes) -> dict[str, dict[int, dict[int, str]]]:
    """Return the error values of an xlsx by sheet name, row and column, counted from 0.

    Other workbooks give nothing: their cells cannot be looked at cheaply.
    """
    found: dict[str, dict[int, dict[int, str]]] = {}
    if not content.startswith(b"PK"):
        return found
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, part in _parts(archive):
            for row, column, code in _errors_in(archive, part):
                found.setdefault(name, {}).setdefault(row, {})[column] = code
    return found


def far_out(content: bytes) -> tuple[str, str] | None:
    """Return the sheet of an xlsx, and its far corner, that has no room in memory; None if all have.

    The reader lays out every cell up to the last one: one value typed by mistake in the last row or column
    of a sheet ends the program without a word.
    """
    if not content.startswith(b"PK"):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, part in _parts(archive):
            with archive.open(part) as stream:
                said = _DIMENSION.search(stream.read(_HEAD))
            if said is not None and int(said[2]) * (column_place(said[1].decode()) + 1) <= MOST_CELLS:
                continue
            row, column, letters = _last_cell(archive, part)
            if row * (column + 1) > MOST_CELLS:
                return name, f"{letters}{row}"
    return None


def uses_1904(content: bytes) -> bool:
    """Return whether the workbook counts days from 1904, as old Macintosh programs did."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _DATE_1904.search(_read(archive, "xl/workbook.xml")) is not None
    record = _XLS_1904.search(content)  # DATEMODE, in the globals that come before all cells
    return record is not None and record[1] == b"\x01"


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet with the part of the archive that holds it."""
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in _RELATION.findall(_read(archive, "xl/_rels/workbook.xml.rels"))
    }
    present = set(archive.namelist())
    for tag in _SHEET.findall(_read(archive, "xl/workbook.xml")):
        target = targets.get(_attribute(tag, "r:id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in present and part.endswith(".xml"):
            yield _attribute(tag, "name"), part


def _errors_in(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            window = tail + block
            if _MARK in window:
                for attributes, inside in _ERROR.findall(window):
                    reference, code = _REFERENCE.search(attributes), _CODE.search(inside)
                    if reference and code:
                        yield int(reference[2]) - 1, column_place(reference[1].decode()), code[1].decode()
            tail = window[-_OVERLAP:]


def _last_cell(archive: zipfile.ZipFile, part: str) -> tuple[int, int, str]:
    """Return the last row that holds a value, from 1, and the last column, from 0, with its letters."""
    row, columns, tail = 0, set[bytes](), b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            window = tail + block
            for letters, number in _FILLED.findall(window):
                row = max(row, int(number))
                columns.add(letters)
            tail = window[-_OVERLAP:]
    last = max(columns, key=lambda each: (len(each), each), default=b"A").decode()
    return row, column_place(last), last


def _read(archive: zipfile.ZipFile, part: str) -> str:
    try:
        return archive.read(part).decode("utf-8", "replace")
    except KeyError:
        return ""


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
