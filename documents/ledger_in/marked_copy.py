"""The copy of a ledger that goes back to its sender: bad cells coloured, each with what would be right.

The original is never changed, and the mended copy can be read again as it is: the column that is
added is passed over.
"""

import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import date, datetime
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any

from documents.ledger_in.sheet_model import (
    RESULT_HEADING,
    Cell,
    CellError,
    CellProblem,
    LedgerReading,
    SheetRead,
    column_place,
)
from documents.ledger_in.workbook import Sheet, open_book
from engine.errors import BadFileError, system_reason
from engine.language import Text, t

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_ASIDE: ContextVar[Path | None] = ContextVar("aside", default=None)
"""Where sheets are put aside."""
FILL = "FFFFC7CE"
AUTHOR = "Qingling 清零"
_MOST_CELLS = 400_000
"""A larger workbook is copied by its values alone: its whole model would need gigabytes."""
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, zipfile.BadZipFile, SyntaxError)
"""What openpyxl dies of when other programs wrote the workbook; an XML error is a SyntaxError."""
_MOST_COMMENTS = 2_000
"""Each is a drawing of its own: further bad cells are coloured, and the last column says what is wrong."""
_RESULT_WIDTH = 44
_FORMULA_STARTS = ("=", "+", "-", "@")
_NO_TITLE = re.compile(r"[\\*?:/\[\]\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_LONGEST_TITLE = 31


def write_marked(
    path: Path,
    out: Path,
    reading: LedgerReading,
    *,
    problems: Iterable[CellProblem] = (),
    outcomes: Mapping[str, Text] | None = None,
) -> bool:
    """Write a copy of the ledger at *path* to *out* with all problems marked, in the language in use.

    An xlsx keeps its looks; what the program cannot rewrite (xls, et, csv, very long ledgers) is
    copied by its values. Formulas become the values they showed.

    Args:
        problems: More problems than the reading met, such as units that are not known.
        outcomes: What became of a row (`sheet!row`), for the column 导入结果.

    Returns:
        Whether the looks were kept.

    Raises:
        BadFileError: If the original cannot be read, *out* is the original, or it cannot be written.
    """
    if out.exists() and out.samefile(path):
        raise BadFileError(
            Text("{out} is the ledger itself; name another file", "{out} 就是原台账，请另起文件名").format(out=out)
        )
    found = _Marks((*reading.problems, *problems), outcomes or {})
    book = _with_looks(path)
    kept = book is not None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _putting_aside_in(out.parent):
            if book is None:
                book = _values_only(path, reading, found)
            else:
                for sheet in reading.sheets:
                    if sheet.name in book.sheetnames:
                        _mark(book[sheet.name], sheet, found)
            book.save(out)
    except OSError as error:
        reason = system_reason(error)
        sentence = Text("{out} cannot be written ({reason})", "{out} 无法写入（{reason}）")
        raise BadFileError(sentence.format(out=out, reason=reason)) from error
    return kept


@contextmanager
def _putting_aside_in(folder: Path) -> Iterator[None]:
    """Let openpyxl put its sheets aside, names and all, where the copy is made, and not where all put theirs.

    It asks for no place. To set that of the whole process would move the files of others, who work beside this one.
    """
    from openpyxl.worksheet import _writer

    _writer.create_temporary_file = _file_aside
    before = _ASIDE.set(folder)
    try:
        yield
    finally:
        _ASIDE.reset(before)


def _file_aside(suffix: str = "") -> str:
    """Return a new file for one sheet, which openpyxl takes away once it is read, or at its end."""
    from openpyxl.worksheet import _writer

    opened, name = mkstemp(prefix="openpyxl.", suffix=suffix, dir=_ASIDE.get())
    os.close(opened)
    _writer.ALL_TEMP_FILES.append(name)
    return name


class _Marks:
    """What is to be said at each cell and in each row."""

    def __init__(self, problems: Iterable[CellProblem], outcomes: Mapping[str, Text]) -> None:
        self.cells: dict[str, dict[tuple[int, int], list[str]]] = {}
        self._comments = 0
        self.results: dict[str, dict[int, list[str]]] = {}
        for problem in problems:
            sheet, row, column = _place(problem.at)
            said = t("{wrong}; right: {right}", "{wrong}；改法：{right}", wrong=problem.wrong, right=problem.right)
            letter = problem.at.rpartition(".")[2] + t(": ", "列：") if column is not None else ""
            self.results.setdefault(sheet, {}).setdefault(row, []).append(letter + said)
            if column is not None:
                self.cells.setdefault(sheet, {}).setdefault((row, column), []).append(said)
        for at, outcome in outcomes.items():
            sheet, row, _ = _place(at)
            self.results.setdefault(sheet, {}).setdefault(row, []).append(str(outcome))

    def may_comment(self) -> bool:
        """Return whether one more cell may be commented on, and count it."""
        self._comments += 1
        return self._comments <= _MOST_COMMENTS


def _place(at: str) -> tuple[str, int, int | None]:
    """Return the sheet, the row counted from 1 and the column counted from 0 that *at* names."""
    sheet, _, rest = at.rpartition("!")
    row, _, letters = rest.partition(".")
    return sheet, int(row), column_place(letters) if letters else None


def _with_looks(path: Path) -> "Workbook | None":
    """Return the workbook at *path* as it looks, or None if it cannot be had at a fair price."""
    import openpyxl

    book = open_book(path)
    if book.shape != "workbook" or path.read_bytes()[:2] != b"PK" or _cells_in(book.sheets) > _MOST_CELLS:
        return None
    try:
        with path.open("rb") as stream:
            return openpyxl.load_workbook(stream, data_only=True)
    except _UNREADABLE:  # its values can be copied all the same
        return None


def _cells_in(sheets: Iterable[Sheet]) -> int:
    return sum(len(row) for sheet in sheets for row in sheet.open_rows())


def _mark(sheet: "Worksheet", read: SheetRead, marks: _Marks) -> None:
    from openpyxl.styles import PatternFill

    _unmark(sheet)
    fill = PatternFill("solid", fgColor=FILL)
    anchors = {
        (row, column): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        for row, column in merged.cells
    }
    said: dict[tuple[int, int], list[str]] = {}
    for (row, column), texts in marks.cells.get(read.name, {}).items():
        said.setdefault(anchors.get((row, column + 1), (row, column + 1)), []).extend(texts)
    for (row, column), texts in said.items():
        cell = sheet.cell(row, column)
        cell.fill = fill
        before = f"{cell.comment.text}\n" if cell.comment else ""
        if marks.may_comment():
            cell.comment = _comment(before + "\n".join(dict.fromkeys(texts)))
    _add_results(sheet, read, _results_by_row(read, marks))


def _unmark(sheet: "Worksheet") -> None:
    """Take off the marks of an earlier copy: it comes back once the rows are put right."""
    from openpyxl.styles import PatternFill

    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment = None
                cell.fill = PatternFill()


def _comment(text: str) -> Any:
    from openpyxl.comments import Comment

    comment = Comment(text, AUTHOR)
    comment.width, comment.height = 320, 40 + 22 * (1 + len(text) // 22 + text.count("\n"))
    return comment


def _results_by_row(read: SheetRead, marks: _Marks) -> dict[int, list[str]]:
    """Return what is to be said of each row; of a form all of it, below the heading in the first row."""
    results = marks.results.get(read.name, {})
    if read.header:
        return {row: list(dict.fromkeys(texts)) for row, texts in results.items()}
    texts = [text for said in results.values() for text in said]
    return {2: list(dict.fromkeys(texts))} if texts else {}


def _add_results(sheet: "Worksheet", read: SheetRead, results: Mapping[int, list[str]]) -> None:
    """Fill the column 导入结果, the one of an earlier copy if there is one."""
    from openpyxl.styles import Alignment

    top = read.header[1] if read.header else 1
    column = next(
        (cell.column for row in sheet.iter_rows(max_row=top) for cell in row if cell.value in _RESULT_TITLES), None
    )
    if column is None:
        column = sheet.max_column + 1
    else:
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, column).value = None
    title: Any = sheet.cell(top, column, str(RESULT_HEADING))
    beside: Any = sheet.cell(top, max(column - 1, 1))
    title._style = copy(beside._style)  # noqa: SLF001 (openpyxl has no public way to copy a whole look)
    for row, texts in results.items():
        cell = sheet.cell(row, column, "\n".join(texts))
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        # Rows with wrapped text are cut off by some programs unless their height is given.
        needed = 16.0 * sum(1 + 2 * len(line) // _RESULT_WIDTH for text in texts for line in text.split("\n"))
        sheet.row_dimensions[row].height = max(sheet.row_dimensions[row].height or 0.0, needed, 16.0)
    sheet.column_dimensions[title.column_letter].width = _RESULT_WIDTH


_RESULT_TITLES = (RESULT_HEADING.zh, RESULT_HEADING.en)


def _values_only(path: Path, reading: LedgerReading, marks: _Marks) -> "Workbook":
    """Return a new workbook with the values of the sheets that were read."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    read = {sheet.name: sheet for sheet in reading.sheets}
    for sheet in open_book(path).sheets:
        if sheet.name in read:
            target = book.create_sheet(_title(sheet.name))
            target.freeze_panes = f"A{(read[sheet.name].header or (0, 0))[1] + 1}"
            for row in _value_rows(target, sheet, read[sheet.name], marks):
                target.append(row)
    return book


def _title(name: str) -> str:
    """Return the name of a sheet as one may be called: other programs, and forged files, know no such limits."""
    return _NO_TITLE.sub(" ", name)[:_LONGEST_TITLE].strip() or "Sheet"


def _value_rows(target: Any, sheet: Sheet, read: SheetRead, marks: _Marks) -> Iterator[list[Any]]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    left = sheet.first_column
    fill = PatternFill("solid", fgColor=FILL)
    said = marks.cells.get(read.name, {})
    top = read.header[1] if read.header else 1
    results = _results_by_row(read, marks)
    width, earlier = left, None
    for number, row in enumerate(sheet.open_rows(), 1):
        width = max(width, left + len(row))
        if number <= top and earlier is None:
            earlier = next((left + at for at, cell in enumerate(row) if cell in _RESULT_TITLES), None)
    column = width if earlier is None else earlier
    for number, row in enumerate(sheet.open_rows(), 1):
        cells = [WriteOnlyCell(target) for _ in range(left)]
        cells += [_written(target, cell) for cell in row]
        cells += [WriteOnlyCell(target) for _ in range(column + 1 - len(cells))]
        result = str(RESULT_HEADING) if number == top else "\n".join(results.get(number, ()))
        cells[column] = _written(target, result)
        cells[column].alignment = Alignment(wrap_text=bool(result))
        for at, cell in enumerate(cells):
            if number == top and read.header:
                cell.font = Font(bold=True)
            if texts := said.get((number, at)):
                cell.fill = fill
                if marks.may_comment():
                    cell.comment = _comment("\n".join(dict.fromkeys(texts)))
        yield cells


def _written(target: Any, cell: Cell) -> Any:
    """Return *cell* as it is written: text stays text, whatever sign it begins with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(cell, CellError):
        cell = cell.code
    if isinstance(cell, str):
        made = WriteOnlyCell(target, ILLEGAL_CHARACTERS_RE.sub("", cell) or None)
        if cell.startswith(_FORMULA_STARTS):
            made.data_type = "s"
            made.quotePrefix = True
        return made
    made = WriteOnlyCell(target)
    made.value = cell
    if isinstance(cell, date) and not isinstance(cell, datetime):
        made.number_format = "yyyy-mm-dd"
    return made
