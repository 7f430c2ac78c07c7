"""Ledgers saved as plain text: UTF-8, UTF-16 or GB18030; comma, semicolon or tab.

The separator and the encoding are found in the file, never asked for. A quotation mark that opens nothing swallows no
row: where a cell has taken in whole lines, its first line is read as it stands, and its row is named.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from documents.ledger_in.files.found import BLOCK, Block, FoundBook, FoundSheet, Plain, UnreadableError

_SEPARATORS = (",", "\t", ";", "，", "|")
_COMMA_OF_SENTENCES = "，"
_NEARLY_ALL = 0.8
_TITLE_LINES = 2
_LOOKED_AT = 60
_WEB_PAGE = re.compile(r"\s*(?:<\?xml|<!doctype|<html|<head|<table|<meta|mime-version:)", re.IGNORECASE)
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_CELL_LIMIT = 1 << 16
"""Twice what a cell of a spreadsheet holds; a longer one is a quotation that never ends."""
_LINE_LIMIT = 1 << 20
_MARKS = frozenset("='")
_FORMULA_SIGNS = frozenset("=+-@\t\r＝＋－＠")
_NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"Rar!", b"7z")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_STRANGE_SHARE = 0.02
"""Of the characters of a sound text hardly any is one that nobody was ever assigned."""


def plain_book(content: bytes, name: str) -> FoundBook:
    """Return the text *content* as a book of one sheet called *name*.

    Raises:
        UnreadableError: If it is no text, or a web page under another name.
    """
    text = _decoded(content)
    start = text[: 1 << 16]
    if _WEB_PAGE.match(start):
        raise UnreadableError("web_page")
    separator, columns = _separator(start)
    width = max((len(row) for row, _ in islice(_rows(text, separator, columns), _LOOKED_AT)), default=1)

    def blocks() -> Iterator[Block]:
        rows: list[list[Plain]] = []
        stray: list[int] = []
        first = 0
        for row, is_stray in _rows(text, separator, columns):
            if is_stray:
                stray.append(first + len(rows))
            rows.append(_cells(row, width))
            if len(rows) == BLOCK:
                yield Block(rows, stray=stray)
                first, rows, stray = first + len(rows), [], []
        if rows:
            yield Block(rows, stray=stray)

    sheet = FoundSheet(name=name, blocks=blocks, plain=True, height=content.count(b"\n"))
    return FoundBook(shape="text", sheets=[sheet])


def _rows(text: str, separator: str, columns: int) -> Iterator[tuple[list[str], bool]]:
    """Yield each row, and whether a stray quotation mark stands in it."""
    csv.field_size_limit(_CELL_LIMIT)
    lines = _LINE.findall(text)
    at = 0
    while at < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(at, len(lines))), delimiter=separator)
        begun = at
        while at < len(lines):
            try:
                row = next(reader, None)
                after = begun + reader.line_num
            except csv.Error:
                row, after = None, at + 2
            alone = after == at + 1 < len(lines)
            if row is not None and (alone or not _swallowed(lines[at:after], separator, columns, after == len(lines))):
                yield row, False
                at = after
                continue
            # The first line as it stands, and the next ones as if nothing had been opened.
            yield _as_it_stands(lines[at], separator, at), True
            at += 1
            break


def _swallowed(own: list[str], separator: str, columns: int, last: bool) -> bool:
    """Return whether the cell that spans the lines *own* is rows that a stray quotation mark has made one.

    It is if several of the lines are whole rows by themselves, or one in the middle is, or if the quotation is still
    open where the text ends.
    """
    whole = [at for at, line in enumerate(own) if columns > 1 and line.count(separator) + 1 == columns]
    if len(whole) >= 2 or any(0 < at < len(own) - 1 for at in whole):
        return True
    if not last:
        return False
    try:
        for _ in csv.reader(own, delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _as_it_stands(line: str, separator: str, at: int) -> list[str]:
    if len(line) > _LINE_LIMIT:
        raise UnreadableError("quote" if '"' in line else "long_line", line=at + 1)
    return line.rstrip("\r\n").split(separator)


def _decoded(content: bytes) -> str:
    """Return the text in the encoding that reads all of it; every GBK text is GB18030, not every other way round."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableError("not_whole", byte=error.start + 1) from error
        _refuse_shifted(text)
        return text
    if b"\0" not in content and not content.startswith(_NO_TEXT):
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UnreadableError("not_text")


def _refuse_shifted(text: str) -> None:
    """Refuse a text that lost or gained a byte: from there on every character is another."""
    strange = [at for at, sign in enumerate(text) if unicodedata.category(sign) in {"Cn", "Co", "Cs"} or sign == "\0"]
    if strange and (len(strange) > _STRANGE_SHARE * len(text) or "\0" in text):
        raise UnreadableError("not_whole", byte=2 * strange[0] + 3)


def _separator(start: str) -> tuple[str, int]:
    """Return the separator that gives the most rows of one same width above one, and that width."""
    best, best_score, best_columns = ",", 0, 1
    for separator in _SEPARATORS:
        # Quoted and unquoted: a quotation that is open at the wrong place makes many rows one, a sound one some longer.
        widths = [len(row) for row in _first_rows(start, separator)]
        widths += [line.count(separator) + 1 for line in islice(_LINE.findall(start), _LOOKED_AT)]
        counts = {width: widths.count(width) for width in widths if width > 1}
        width = max(counts, key=lambda w: (counts[w] * w, w), default=1)
        score = counts.get(width, 0) * width
        if separator == _COMMA_OF_SENTENCES and not _parts_every_line(start, width):
            continue
        if score > best_score:
            best, best_score, best_columns = separator, score, width
    return best, best_columns


def _parts_every_line(start: str, width: int) -> bool:
    """Say whether the comma of Chinese sentences parts the lines of a table; a text of one column holds it too."""
    lines = [line for line in islice(_LINE.findall(start), _LOOKED_AT) if line.strip()]
    same = sum(line.count(_COMMA_OF_SENTENCES) + 1 == width for line in lines)
    return width > 2 and same >= max(2, _NEARLY_ALL * (len(lines) - _TITLE_LINES))


def _first_rows(start: str, separator: str) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(start, newline=""), delimiter=separator)):
            if number >= _LOOKED_AT:
                return
            yield row
    except csv.Error:
        return


def _cells(row: list[str], width: int) -> list[Plain]:
    """Return *row* at least *width* cells wide, what is marked as text without its mark.

    Such marks are `="007"`, which keeps leading zeros, and `'=1+1`, which keeps a text from being calculated.
    """
    cells: list[Plain] = [_forced_text(cell) if cell[:1] in _MARKS else cell for cell in row]
    cells.extend([""] * (width - len(cells)))
    return cells


def _forced_text(cell: str) -> str:
    if cell[:1] == "'":
        return cell[1:] if cell.lstrip("'")[:1] in _FORMULA_SIGNS else cell
    found = _FORCED_TEXT.fullmatch(cell)
    return found[1] if found else cell
