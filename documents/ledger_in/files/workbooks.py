"""Workbooks of every kind as sheets of plain cells: what the reader of workbooks gives, and what it does not say.

A plain xlsx streams (`xlsx_rows`); all others are parsed whole, sheet by sheet.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, cast

from documents.ledger_in.files import ods_content, xls_records, xlsb_records, xlsx_parts
from documents.ledger_in.files.archive import ZipParts, with_usual_names
from documents.ledger_in.files.compound import Compound
from documents.ledger_in.files.found import BLOCK, Block, FoundBook, FoundSheet, Marks, Plain, UnreadableError, Why
from documents.ledger_in.files.xlsx_rows import DateStyles, NotPlainError, plain_rows, shared_strings

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_WORKBOOK, _STRINGS, _STYLES = "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml"


def archive_book(content: bytes, wanted: str | None, *, streamed: bool = True) -> FoundBook:
    """Return the sheets of a workbook that is an archive: xlsx, xlsm, xlsb, ods.

    Args:
        wanted: Read only this sheet, even if it is hidden.
        streamed: Whether a plain xlsx may take the fast way.

    Raises:
        UnreadableError: If it is no workbook, or damaged, protected or too large.
    """
    parts = ZipParts(content)
    workbook = parts.workbook()
    if workbook is None and parts.has("content.xml"):
        if b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise UnreadableError("protected")
        with parts.open("content.xml") as stream:
            marks = ods_content.marks_of(stream)
        return _parsed_book(content, wanted, marks, from_1904=False)
    if workbook is None:
        raise UnreadableError(_other_archive(parts))
    usual = with_usual_names(parts, workbook, content)
    if usual is not content:
        parts, content = ZipParts(usual), usual
    if workbook.lower().endswith(".bin"):
        named, from_1904 = xlsb_records.sheets_of(parts, "xl/workbook.bin")
        parts.read("xl/sharedStrings.bin")  # whose checksum the reader of workbooks does not look at
        looks = xlsb_records.looks_of(parts)
        marks = {each.name: xlsb_records.marks_of(parts, each.part, looks) for each in named if parts.has(each.part)}
        return _parsed_book(content, wanted, marks, from_1904=from_1904)
    return _Xlsx(parts, content, streamed=streamed).found(wanted)


def compound_book(content: bytes, wanted: str | None) -> FoundBook:
    """Return the sheets of an old workbook: xls, et.

    Args:
        wanted: Read only this sheet, even if it is hidden.

    Raises:
        UnreadableError: If it is no workbook, or damaged or protected.
    """
    records = _records_of(content) if content.startswith(b"\xd0\xcf\x11\xe0") else content
    old = xls_records.look_through(records)
    marks = dict(zip(_opened(content).sheet_names, old.marks, strict=False))
    return _parsed_book(content, wanted, marks, from_1904=old.from_1904)


def _other_archive(parts: ZipParts) -> Why:
    if parts.under("word"):
        return "word"
    if parts.under("ppt"):
        return "powerpoint"
    return "damaged" if parts.under("xl") else "archive"


def _records_of(content: bytes) -> bytes:
    """Return the stream of records of an old workbook.

    Raises:
        UnreadableError: If it is something else in the same outer form, or its outer form is damaged.
    """
    try:
        compound: Compound | None = Compound(content)
    except (UnreadableError, struct.error):
        compound = None

    def has(name: str) -> bool:
        # A damaged file is still known by what is written somewhere in it.
        return compound.has(name) if compound is not None else name.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise UnreadableError("protected")
    name = next((each for each in ("Workbook", "Book") if has(each)), None)
    if name is None and has("WordDocument"):
        raise UnreadableError("word")
    if name is None or compound is None:
        raise UnreadableError("powerpoint" if has("PowerPoint Document") else "damaged")
    return compound.stream(name)


def _chosen(names: Sequence[str], shown: Sequence[str], wanted: str | None, made: FoundBook) -> Sequence[str]:
    """Return the sheets to be read; those that are hidden are named in *made*."""
    if wanted is not None:
        if wanted not in names:
            raise UnreadableError("no_sheet", names=list(names))
        return [wanted]
    made.hidden = [name for name in names if name not in shown]
    return shown


def _parsed_book(content: bytes, wanted: str | None, marks: Mapping[str, Marks], *, from_1904: bool) -> FoundBook:
    """Return all chosen sheets of a workbook that is parsed whole, with the *marks* of each."""
    import python_calamine as calamine

    book = _opened(content)
    made = FoundBook(shape="workbook", sheets=[], from_1904=from_1904)
    shown = [
        meta.name
        for meta in book.sheets_metadata
        if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    for name in _chosen(book.sheet_names, shown, wanted, made):
        try:
            made.sheets.append(_parsed(book, name, marks.get(name, Marks())))
        except UnreadableError:
            made.unread.append(name)
    return _with_any(made)


def _with_any(made: FoundBook) -> FoundBook:
    """Return the book: one sheet that cannot be read does not take the others with it, but one must be left."""
    if not made.sheets and made.unread:
        raise UnreadableError("damaged")
    return made


class _Xlsx:
    """A workbook whose sheets stream where they are plain."""

    def __init__(self, parts: ZipParts, content: bytes, *, streamed: bool) -> None:
        self._parts = parts
        self._content = content
        self._streamed = streamed
        self._plain: tuple[list[str], DateStyles] | None = None

    @cached_property
    def _whole(self) -> "CalamineWorkbook":
        """The workbook for the reader that parses it; most need it never."""
        return _opened(self._content)

    def found(self, wanted: str | None) -> FoundBook:
        """Return all chosen sheets."""
        made = FoundBook(shape="workbook", sheets=[], from_1904=xlsx_parts.uses_1904(self._parts, _WORKBOOK))
        sheets = xlsx_parts.sheets_of(self._parts, _WORKBOOK)
        if not sheets:
            return _parsed_book(self._content, wanted, {}, from_1904=made.from_1904)
        named = {each.name: each for each in reversed(sheets)}
        looks = xlsx_parts.looks_of(self._parts, _STYLES, _STRINGS)
        shown = [each.name for each in sheets if each.shown]
        for name in _chosen([each.name for each in sheets], shown, wanted, made):
            sheet = named[name]
            try:
                made.sheets.append(self._sheet(sheet, xlsx_parts.survey(self._parts, sheet, looks), made))
            except (KeyError, UnreadableError, zipfile.BadZipFile, zlib.error) as error:
                if isinstance(error, UnreadableError) and error.why != "damaged":
                    raise
                made.unread.append(name)
        return _with_any(made)

    def _sheet(self, sheet: xlsx_parts.NamedSheet, seen: xlsx_parts.Survey, made: FoundBook) -> FoundSheet:
        """Return a sheet that streams if it is plain as far as can be seen; else one that is parsed whole."""
        if not self._streamed or seen.corner is None or made.from_1904:
            return _parsed(self._whole, sheet.name, seen.marks)
        height, last = seen.corner
        try:
            if self._plain is None:
                self._plain = shared_strings(self._parts, _STRINGS), DateStyles(self._parts, _STYLES)
        except NotPlainError:
            self._streamed = False
            return _parsed(self._whole, sheet.name, seen.marks)
        (strings, styles), marks = self._plain, seen.marks

        def blocks() -> Iterator[Block]:
            given = 0
            rows = plain_rows(self._parts, sheet.part, strings, styles, last + 1)
            for block in _as_far_as_plain(rows):
                if block is None:
                    yield from _remaining(_sheet_of(self._whole, sheet.name), given, marks, left=0)
                    return
                yield marks.moved(given, block, 0)
                given += len(block)

        return _described(sheet.name, marks, 0, height, blocks)


def _as_far_as_plain(rows: Iterator[list[Plain]]) -> Iterator[list[list[Plain]] | None]:
    """Yield the *rows* block by block; last of all None if there are more that are not plain."""
    block: list[list[Plain]] = []
    try:
        for row in rows:
            block.append(row)
            if len(block) == BLOCK:
                yield block
                block = []
    except NotPlainError:
        if block:
            yield block
        yield None
    else:
        if block:
            yield block


def _described(name: str, marks: Marks, left: int, height: int, blocks: Callable[[], Iterator[Block]]) -> FoundSheet:
    return FoundSheet(
        name=name,
        blocks=blocks,
        left=left,
        height=height,
        merges=[(r1, c1 - left, r2, c2 - left) for r1, c1, r2, c2 in marks.merges],
        hidden_columns=[at - left for at in marks.hidden_columns if at >= left],
        comments=[(row, at - left, text) for row, at, text in marks.comments if at >= left],
    )


def _parsed(book: "CalamineWorkbook", name: str, marks: Marks) -> FoundSheet:
    if not marks.whole:
        raise UnreadableError("damaged")
    sheet = _sheet_of(book, name)
    # An error value may stand where the reader of workbooks sees nothing, at the left of all or below all.
    wrong = [at for cells in marks.errors.values() for at, _ in cells]
    left = min([sheet.start[1], *wrong]) if sheet.start else 0
    if not marks.merges:
        marks.merges = [(r1, c1, r2, c2) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ()]
    return _described(name, marks, left, sheet.total_height, lambda: _remaining(sheet, 0, marks, left=left))


def _remaining(sheet: "CalamineSheet", given: int, marks: Marks, *, left: int) -> Iterator[Block]:
    """Yield the rows of a parsed sheet after those *given*, as columns counted from *left*."""
    lacking = (sheet.start[1] if sheet.start else 0) - left
    rows = cast("Iterator[list[Plain]]", islice(sheet.iter_rows(), given, None))
    while block := list(islice(rows, BLOCK)):
        if lacking > 0:
            block = [[*[""] * lacking, *row] for row in block]
        yield marks.moved(given, block, left)
        given += len(block)
    lowest = max(marks.errors, default=-1)
    while given <= lowest:
        block = [[] for _ in range(min(BLOCK, lowest + 1 - given))]
        yield marks.moved(given, block, left)
        given += len(block)


def _opened(content: bytes) -> "CalamineWorkbook":
    """Return the workbook as the reader of workbooks sees it.

    Raises:
        UnreadableError: If it is damaged or protected.
    """
    import python_calamine as calamine

    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise UnreadableError("protected") from error
    except calamine.CalamineError as error:
        raise UnreadableError("damaged") from error


def _sheet_of(book: "CalamineWorkbook", name: str) -> "CalamineSheet":
    import python_calamine as calamine

    try:
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableError("damaged") from error
    except BaseException as error:
        # The reader dies of some damage by a panic of its own language, which has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableError("damaged") from error
