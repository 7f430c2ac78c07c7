"""Ledgers saved as plain text: UTF-8, UTF-16 or GB18030; comma, semicolon or tab.

The separator and the encoding are found in the file, never asked for.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from documents.ledger_in.sheet_model import Cell
from engine.errors import BadFileError
from engine.language import Text

_SEPARATORS = (",", "\t", ";", "，", "|")
_LOOKED_AT = 60
_WEB_PAGE = re.compile(r"\s*(?:<\?xml|<!doctype|<html|<head|<table|<meta|mime-version:)", re.IGNORECASE)
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_CELL_LIMIT = 1 << 20
_MARKS = frozenset("='")
_FORMULA_SIGNS = frozenset("=+-@\t\r＝＋－＠")


def plain_sheet(path: Path, content: bytes) -> Callable[[], Iterator[list[Cell]]]:
    """Return the function that opens the rows of the text *content* of the file at *path*.

    Raises:
        BadFileError: If it is no text, or a web page under another name.
    """
    encoding = _encoding(path, content)
    start = content[: 1 << 16].decode(encoding, "ignore")
    if _WEB_PAGE.match(start):
        sentence = Text(
            "{path} is a web page or XML under another name; open it in Excel or WPS and save it as xlsx",
            "{path} 实为网页或 XML，请用 Excel 或 WPS 打开后另存为 xlsx",
        )
        raise BadFileError(sentence.format(path=path))
    separator, width = _separator(start)

    def open_rows() -> Iterator[list[Cell]]:
        csv.field_size_limit(_CELL_LIMIT)
        text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
        reader = csv.reader(text, delimiter=separator)
        try:
            for row in reader:
                yield _cells(row, width)
        except csv.Error as error:
            sentence = Text(
                "{path}, line {n}: a quotation mark is opened and never closed",
                "{path} 第 {n} 行：引号只有开头没有结尾",
            )
            raise BadFileError(sentence.format(path=path, n=reader.line_num)) from error

    return open_rows


def _encoding(path: Path, content: bytes) -> str:
    """Return the encoding that reads all of *content*; every GBK text is GB18030, not every other way round."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content.decode("utf-16")
        except UnicodeDecodeError as error:
            sentence = Text(
                "{path} is not whole: half a character at byte {n}; save it again as UTF-8 and send it again",
                "{path} 不完整：第 {n} 字节处字符残缺；请另存为 UTF-8 后重新报送",
            )
            raise BadFileError(sentence.format(path=path, n=error.start + 1)) from error
        return "utf-16"
    if b"\0" not in content and not content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"Rar!", b"7z")):
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                content.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    sentence = Text(
        "{path} is neither a workbook nor text; send the ledger as xlsx or csv",
        "{path} 既不是工作簿也不是文本，请以 xlsx 或 csv 报送台账",
    )
    raise BadFileError(sentence.format(path=path))


def _separator(start: str) -> tuple[str, int]:
    """Return the separator that gives the most rows of one same width above one, and the widest row's width."""
    best, best_score, best_width = ",", 0, 1
    for separator in _SEPARATORS:
        widths = [len(row) for row in _first_rows(start, separator)]
        counts = {width: widths.count(width) for width in widths if width > 1}
        width = max(counts, key=lambda w: (counts[w] * w, w), default=1)
        score = counts.get(width, 0) * width
        if score > best_score:
            best, best_score, best_width = separator, score, max(widths)
    return best, best_width


def _first_rows(start: str, separator: str) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(start, newline=""), delimiter=separator)):
            if number >= _LOOKED_AT:
                return
            yield row
    except csv.Error:
        return


def _cells(row: list[str], width: int) -> list[Cell]:
    """Return *row* at least *width* cells wide, what is marked as text without its mark.

    Such marks are `="007"`, which keeps leading zeros, and `'=1+1`, which keeps a text from being calculated.
    """
    cells: list[Cell] = [_forced_text(cell) if cell[:1] in _MARKS else cell for cell in row]
    cells.extend([""] * (width - len(cells)))
    return cells


def _forced_text(cell: str) -> str:
    if cell[:1] == "'":
        return cell[1:] if cell.lstrip("'")[:1] in _FORMULA_SIGNS else cell
    found = _FORCED_TEXT.fullmatch(cell)
    return found[1] if found else cell
