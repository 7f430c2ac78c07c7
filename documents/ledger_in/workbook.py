"""Opening a ledger by what it is, not by what it is called: xlsx, xls, et, ods or csv into sheets.

Leaves what stands in the sheets to others. Every file that is no ledger is refused in one
sentence that says what it is instead.
"""

import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from documents.ledger_in.csv_sheet import plain_sheet
from documents.ledger_in.sheet_model import Cell
from documents.ledger_in.xlsx_errors import error_cells, far_out, uses_1904
from engine.errors import BadFileError
from engine.language import Text

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Span = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet, as rows of equal width; columns are counted from its first used one."""

    name: str
    first_column: int
    merges: tuple[Span, ...]
    errors: Mapping[int, Mapping[int, str]]
    """The error values by row and column: the reader of workbooks shows them as empty."""
    open_rows: Callable[[], Iterator[list[Cell]]]
    plain: bool = False
    """Whether it is plain text, where a cell beyond the header means that cells have moved."""
    height: int = 0
    """About how many rows it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """An opened ledger."""

    path: Path
    shape: Literal["workbook", "text"]
    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...]
    """The sheets left out because they are hidden."""
    from_1904: bool


def open_book(path: Path, *, sheet: str | None = None) -> Workbook:
    """Open the ledger at *path*, whatever its extension says.

    Args:
        sheet: Read only this sheet, even if it is hidden.

    Raises:
        BadFileError: If it is missing, empty, protected, damaged or no ledger at all, or has no such sheet.
    """
    content = _content(path)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_other_archives(path, content)
        return _workbook(path, content, sheet)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse_other_compounds(path, content)
        return _workbook(path, content, sheet)
    if content.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")):
        return _workbook(path, content, sheet)
    found = plain_sheet(path, content)
    named = Sheet(
        name=path.stem, first_column=0, merges=(), errors={}, open_rows=found, plain=True, height=content.count(b"\n")
    )
    if sheet is not None and sheet != named.name:
        raise _no_such_sheet(path, sheet, [named.name])
    return Workbook(path=path, shape="text", sheets=(named,), hidden=(), from_1904=False)


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise BadFileError(
            Text("{path} is a folder; name the ledger file in it", "{path} 是文件夹，请指定其中的台账文件").format(
                path=path
            )
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BadFileError(
            Text("{path} does not exist; check the name", "{path} 不存在，请核对文件名").format(path=path)
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sentence = Text("{path} cannot be opened ({reason})", "{path} 无法打开（{reason}）")
        raise BadFileError(sentence.format(path=path, reason=reason)) from error
    if not content.strip(b"\0\r\n\t "):
        raise BadFileError(
            Text("{path} is empty; send the ledger again", "{path} 是空文件，请重新报送").format(path=path)
        )
    return content


def _refuse_other_archives(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:  # the last: a way of packing it cannot undo
        raise _damaged(path) from error
    if any(name.startswith("word/") for name in names):
        raise _is_other(path, Text("a Word document", "Word 文档"))
    if any(name.startswith("ppt/") for name in names):
        raise _is_other(path, Text("a presentation", "演示文稿"))
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise _is_other(path, Text("an archive", "压缩包"))


def _refuse_other_compounds(path: Path, content: bytes) -> None:
    """Refuse what shares its outer form with old workbooks: protected files, Word documents."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _protected(path)
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Workbook")):
        if "WordDocument".encode("utf-16-le") in content:
            raise _is_other(path, Text("a Word document", "Word 文档"))
        raise _damaged(path)


def _workbook(path: Path, content: bytes, wanted: str | None) -> Workbook:
    import python_calamine as calamine

    try:
        with _silenced():
            return _loaded(path, content, wanted)
    except calamine.PasswordError as error:
        raise _protected(path) from error
    except (calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise _damaged(path) from error
    except BaseException as error:
        # The reader dies of some damage by a panic of its own language, which has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path) from error


def _loaded(path: Path, content: bytes, wanted: str | None) -> Workbook:
    from concurrent.futures import ThreadPoolExecutor

    import python_calamine as calamine

    far = far_out(content)
    if far is not None:
        sentence = Text(
            "{path}, sheet {name}: its cells reach as far as {corner}; delete what stands out there and save it again",
            "{path} 的工作表“{name}”一直延伸到 {corner}；请删除远处多余的内容后另存",
        )
        raise BadFileError(sentence.format(path=path, name=far[0], corner=far[1]))
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    shown = [
        meta.name
        for meta in book.sheets_metadata
        if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if wanted is not None and wanted not in book.sheet_names:
        raise _no_such_sheet(path, wanted, book.sheet_names)
    chosen = shown if wanted is None else [wanted]
    # The reader lets other threads run meanwhile, so that the second look costs no time of its own.
    with ThreadPoolExecutor(1) as beside:
        looking = beside.submit(error_cells, content)
        found = [book.get_sheet_by_name(name) for name in chosen]
        errors = looking.result()
    sheets = tuple(_sheet(sheet, errors.get(sheet.name, {})) for sheet in found)
    hidden = tuple(name for name in book.sheet_names if name not in shown) if wanted is None else ()
    return Workbook(path=path, shape="workbook", sheets=sheets, hidden=hidden, from_1904=uses_1904(content))


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what the reader says of its own panics off standard error: one sentence of ours is to stand there."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to keep clean
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _sheet(sheet: "CalamineSheet", errors: Mapping[int, Mapping[int, str]]) -> Sheet:
    left = sheet.start[1] if sheet.start else 0
    merges = tuple((r1, c1 - left, r2, c2 - left) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
    moved = {row: {at - left: code for at, code in cells.items()} for row, cells in errors.items()}
    rows = cast("Callable[[], Iterator[list[Cell]]]", sheet.iter_rows)
    height = sheet.total_height
    return Sheet(name=sheet.name, first_column=left, merges=merges, errors=moved, open_rows=rows, height=height)


def _no_such_sheet(path: Path, wanted: str, names: list[str]) -> BadFileError:
    sentence = Text("{path} has no sheet {name}; it has: {names}", "{path} 中没有工作表“{name}”，现有：{zh}")
    en, zh = ", ".join(names), "、".join(names)
    return BadFileError(sentence.format(path=path, name=wanted, names=en, zh=zh))


def _damaged(path: Path) -> BadFileError:
    sentence = Text(
        "{path} is damaged or no workbook; open it in Excel or WPS and save it as xlsx",
        "{path} 已损坏或不是工作簿，请用 Excel 或 WPS 打开后另存为 xlsx",
    )
    return BadFileError(sentence.format(path=path))


def _protected(path: Path) -> BadFileError:
    sentence = Text(
        "{path} is protected by a password; save it without one",
        "{path} 有打开密码，请取消密码后另存再导入",
    )
    return BadFileError(sentence.format(path=path))


def _is_other(path: Path, what: Text) -> BadFileError:
    sentence = Text("{path} is {what}, not a ledger; send it as xlsx", "{path} 是{what}，不是台账，请以 xlsx 报送")
    return BadFileError(sentence.format(path=path, what=what))
