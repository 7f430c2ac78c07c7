"""Opening a ledger by what it is, not by what it is called: xlsx, xlsm, xlsb, xls, et, ods or text into sheets.

The file is read by a process of its own (`reader_process`); rows come from it while those before them are worked on.
Every file that is no ledger is refused in one sentence that says what it is instead.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from documents.ledger_in.files import frames, limits
from documents.ledger_in.files.found import Block, Span
from documents.ledger_in.reader_process import ReaderProcess, refused_before
from documents.ledger_in.sheet_model import Cell
from engine.errors import BadFileError, system_reason
from engine.language import Text

__all__ = ["Sheet", "Span", "Workbook", "open_book"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet, as rows of equal width; columns are counted from its first used one.

    Rows stream: what is said of single rows is there for those that have been given, the rest follows with them.
    """

    name: str
    first_column: int
    merges: tuple[Span, ...]
    errors: Mapping[int, Mapping[int, str]]
    """The error values by row and column: their cells are empty."""
    open_rows: Callable[[], Iterator[list[Cell]]]
    plain: bool = False
    """Whether it is plain text, where a cell beyond the header means that cells have moved."""
    height: int = 0
    """About how many rows it has."""
    hidden_columns: frozenset[int] = frozenset()
    hidden_rows: Collection[int] = frozenset()
    comments: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """By row and column; all of them from the start."""
    struck: Mapping[int, Collection[int]] = field(default_factory=dict)
    """By row the columns of cells that are struck through, wholly or in part."""
    stray_quotes: Collection[int] = frozenset()
    """The rows of plain text with a quotation mark that opens or closes nothing; they were read as they stand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """An opened ledger."""

    path: Path
    shape: Literal["workbook", "text"]
    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...]
    """The sheets left out because they are hidden."""
    from_1904: bool
    unread: tuple[str, ...] = ()
    """The sheets left out because they are missing or damaged."""


def open_book(path: Path, *, sheet: str | None = None) -> Workbook:
    """Open the ledger at *path*, whatever its extension says.

    Walking the rows of its sheets may raise the same error: much damage is found only on the way.

    Args:
        sheet: Read only this sheet, even if it is hidden.

    Raises:
        BadFileError: If it is missing, empty, protected, damaged, too large or no ledger at all, or has no such sheet.
    """
    stream = _Stream(path, sheet)
    said = stream.said
    try:
        sheets = tuple(_sheet(stream, place, each) for place, each in enumerate(said["sheets"]))
        return Workbook(
            path=path,
            shape="text" if said["shape"] == "text" else "workbook",
            sheets=sheets,
            hidden=tuple(map(str, said["hidden"])),
            from_1904=bool(said["from_1904"]),
            unread=tuple(map(str, said["unread"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise stream.process.refusal("damaged") from error


def _sheet(stream: "_Stream", place: int, said: Mapping[str, Any]) -> Sheet:
    """Return the sheet that the reader has described; what its rows bring with them is filled in on the way."""
    name = str(said["name"])
    comments: dict[int, dict[int, str]] = {}
    for row, at, text in said["comments"]:
        comments.setdefault(int(row), {})[int(at)] = str(text)
    marks = _RowMarks()
    return Sheet(
        name=name,
        first_column=int(said["left"]),
        merges=tuple((int(r1), int(c1), int(r2), int(c2)) for r1, c1, r2, c2 in said["merges"]),
        errors=marks.errors,
        open_rows=lambda: stream.rows(place, name, marks),
        plain=bool(said["plain"]),
        height=int(said["height"]),
        hidden_columns=frozenset(map(int, said["hidden_columns"])),
        hidden_rows=marks.hidden,
        comments=comments,
        struck=marks.struck,
        stray_quotes=marks.stray,
    )


@dataclass(slots=True)
class _RowMarks:
    """What is known of single rows so far."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    struck: dict[int, list[int]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    stray: set[int] = field(default_factory=set)

    def add(self, block: Block) -> None:
        """Take over what a block brings."""
        for row, at, code in block.errors:
            self.errors.setdefault(row, {})[at] = code
        for row, at in block.struck:
            own = self.struck.setdefault(row, [])
            if at not in own:
                own.append(at)
        self.hidden.update(block.hidden)
        self.stray.update(block.stray)


class _Stream:
    """The rows of all sheets as they come out of one reading, handed to those who walk them.

    The reader gives the first rows of every sheet, then sheet by sheet the rest. They may be asked for in any order:
    what comes for a sheet that somebody walks is kept until it is asked for. What comes for one that nobody walks is
    dropped, and if it is asked for after all, the file is read once more.
    """

    def __init__(self, path: Path, wanted: str | None) -> None:
        self._path = path
        self._wanted = wanted
        self.process = _started(path, wanted)
        self._frames = self.process.frames()
        self.said: dict[str, Any] = {}
        self._kept: dict[int, deque[tuple[bytes, bytes]]] = {}
        self._walked: set[int] = set()
        self._gone: set[int] = set()
        self._done: set[int] = set()
        self._rows = 0
        for kind, payload in self._frames:
            if kind != frames.BOOK:
                raise self.process.refusal("damaged")
            self.said = frames.body_of(payload)
            break

    def rows(self, place: int, name: str, marks: _RowMarks) -> Iterator[list[Cell]]:
        """Yield the rows of the sheet at *place*; a second time they come from a reading of their own."""
        if place in self._gone or place in self._walked:
            again = _Stream(self._path, name if self.said["shape"] == "workbook" else self._wanted)
            return again._walk(0, marks)
        self._walked.add(place)
        return self._walk(place, marks)

    def _walk(self, place: int, marks: _RowMarks) -> Iterator[list[Cell]]:
        self._walked.add(place)
        given = 0
        try:
            while True:
                kind, payload = self._next_of(place)
                block = self._block(kind, payload, given)
                if block is None:
                    break
                marks.add(block)
                given += len(block.rows)
                self._rows += len(block.rows)
                if self._rows > limits.MOST_ROWS:
                    raise self.process.refusal("rows")
                yield from block.rows  # type: ignore[misc]  # a plain cell is a cell
        finally:
            self._gone.add(place)
            self._walked.discard(place)
            self._kept.pop(place, None)
        if len(self._done) == len(self.said["sheets"]):
            for _ in self._frames:  # the last frame says that nothing is missing
                pass

    def _block(self, kind: bytes, payload: bytes, given: int) -> Block | None:
        """Return the block that a frame holds; None if it says that all rows are *given*."""
        try:
            body = frames.body_of(payload)
            if kind != frames.DONE:
                return frames.block_of(body)
        except frames.BrokenFrameError:
            raise self.process.refusal("damaged") from None
        if body.get("count") != given:
            raise self.process.refusal("damaged")
        return None

    def _next_of(self, place: int) -> tuple[bytes, bytes]:
        """Return the next frame of the sheet at *place*, keeping those of others."""
        kept = self._kept.setdefault(place, deque())
        while not kept:
            found = next(self._frames, None)
            if found is None:
                raise self.process.refusal("damaged")
            kind, payload = found
            if kind not in {frames.HEAD, frames.ROWS, frames.DONE}:
                raise self.process.refusal("damaged")
            own = _place_of(payload)
            if kind == frames.DONE:
                self._done.add(own)
            if own == place:
                return found
            if own in self._walked or (kind == frames.HEAD and own not in self._gone):
                self._kept.setdefault(own, deque()).append(found)
            elif own not in self._walked:
                self._gone.add(own)
                self._kept.pop(own, None)
        return kept.popleft()


def _place_of(payload: bytes) -> int:
    """Return which sheet a frame belongs to, without reading all of it."""
    digits = payload[9:20].replace(b"}", b",").partition(b",")[0] if payload.startswith(b'{"sheet":') else b""
    return int(digits) if digits.isdigit() else -1


def _started(path: Path, wanted: str | None) -> ReaderProcess:
    """Start the reading of the file at *path*.

    Raises:
        BadFileError: If there is none, or it is a folder, or larger than any ledger.
    """
    if path.is_dir():
        sentence = Text("{path} is a folder; name the ledger file in it", "{path} 是文件夹，请指定其中的台账文件")
        raise BadFileError(sentence.format(path=path))
    try:
        size = path.stat().st_size
        if size > limits.LARGEST_FILE:
            raise refused_before(path, "memory")
        with path.open("rb") as file:
            return ReaderProcess(path, size, file, wanted)
    except FileNotFoundError as error:
        raise BadFileError(
            Text("{path} does not exist; check the name", "{path} 不存在，请核对文件名").format(path=path)
        ) from error
    except OSError as error:
        reason = system_reason(error)
        sentence = Text("{path} cannot be opened ({reason})", "{path} 无法打开（{reason}）")
        raise BadFileError(sentence.format(path=path, reason=reason)) from error
