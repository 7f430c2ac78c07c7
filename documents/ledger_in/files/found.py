"""What the reader finds in a file, before anything is understood: sheets of plain cells, and why there are none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

Plain = str | float | int | bool | date | datetime | time | timedelta | None
Span = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0."""

MOST_CELLS = 30_000_000
"""Of one sheet, up to its last row and column; each takes the reader of workbooks some thirty bytes."""
BLOCK = 256
"""Rows handed over at a time."""

Why = Literal[
    "archive", "damaged", "empty", "far", "long_line", "memory", "no_sheet", "not_text", "not_whole", "powerpoint",
    "protected", "quote", "swollen", "web_page", "word",
]  # fmt: skip


class UnreadableError(Exception):
    """The file cannot be read; why, and what the sentence that says so is made of."""

    def __init__(self, why: Why, **details: object) -> None:
        super().__init__(why)
        self.why = why
        self.details = details


class Block(NamedTuple):
    """Some rows of a sheet; places are counted from 0, columns from the sheet's first used one."""

    rows: list[list[Plain]]
    errors: Sequence[tuple[int, int, str]] = ()
    """Row, column and code of each error value; its cell in `rows` is empty."""
    struck: Sequence[tuple[int, int]] = ()
    """Row and column of each cell that is struck through, wholly or in part."""
    hidden: Sequence[int] = ()
    """The rows that are hidden."""
    stray: Sequence[int] = ()
    """The rows in which a quotation mark stands that opens or closes nothing; plain text only."""


@dataclass(kw_only=True, slots=True)
class FoundSheet:
    """One sheet; its rows are walked once."""

    name: str
    blocks: Callable[[], Iterator[Block]]
    left: int = 0
    """How many columns stand empty at the left."""
    height: int = 0
    """About how many rows there are."""
    merges: Sequence[Span] = ()
    hidden_columns: Sequence[int] = ()
    comments: Sequence[tuple[int, int, str]] = ()
    """Row, column and text."""
    plain: bool = False


@dataclass(kw_only=True, slots=True)
class FoundBook:
    """All that is read of a file."""

    shape: Literal["workbook", "text"]
    sheets: list[FoundSheet]
    hidden: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """The sheets that are named but missing or damaged."""
    from_1904: bool = False


@dataclass(kw_only=True, slots=True)
class Marks:
    """What the reader of workbooks does not say of a sheet; columns are counted from A."""

    errors: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    struck: dict[int, list[int]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    comments: list[tuple[int, int, str]] = field(default_factory=list)
    merges: list[Span] = field(default_factory=list)
    whole: bool = True
    """Whether the sheet comes to its own end; else rows may be missing."""

    def moved(self, first: int, rows: list[list[Plain]], left: int) -> Block:
        """Return the block of *rows*, the first of which is number *first*, with what stands in it marked."""
        if not (self.errors or self.struck or self.hidden_rows):
            return Block(rows)
        numbers = range(first, first + len(rows))
        errors = [(row, at - left, code) for row in numbers for at, code in self.errors.get(row, ()) if at >= left]
        for row, at, _ in errors:
            cells = rows[row - first]
            cells.extend([""] * (at + 1 - len(cells)))
            cells[at] = ""
        struck = [(row, at - left) for row in numbers for at in self.struck.get(row, ()) if at >= left]
        return Block(rows, errors, struck, [row for row in numbers if row in self.hidden_rows])
