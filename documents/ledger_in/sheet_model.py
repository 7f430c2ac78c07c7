"""What the reading of a ledger is made of: wanted columns, rows, notes and problems; reads nothing.

A *note* says what was understood (a ditto mark, a dash of another width); a *problem* says what
could not be, and what would be right. Positions are written as people point at them:
`线索台账!5` is a row, `线索台账!5.C` a cell.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from engine.errors import BadFileError
from engine.language import Text

Kind = Literal[
    "text",
    "date",
    "flag",
    "number",
    "choice",
    "serial",
    "state",
    "officer",
    "unit",
    "sealed",
    "ledger_number",
]
How = Literal[
    "title",
    "remembered",
    "synonym",
    "mapping",
    "words",
    "guessed",
    "part",
    "kept",
    "ignored",
    "repeated",
    "asked",
    "unmatched",
]
NoteKind = Literal[
    "ditto",
    "dash_variant_normalised",
    "implied",
    "fullwidth_normalised",
    "placeholder_null",
    "serial_date_in_general_cell",
    "stray_quote",
    "year_supplied",
    "two_digit_year",
    "end_of_period",
    "length_counted",
    "no_end",
    "by_heading_unit",
]
Why = Literal["title", "meta", "header", "blank", "total", "footer", "example", "nil", "hidden", "unknown", "unread"]

RESULT_HEADING = Text("Import result", "导入结果")
"""The column that a marked copy adds, and that a reading passes over."""


SERIAL_KEYS = frozenset({"序号", "序列", "no", "#"})
"""Headings of running numbers: the ledger's own, passed over unless a column wants them."""


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value that stands in a cell, such as `#REF!`."""

    code: str


Cell = str | float | int | bool | date | datetime | time | timedelta | CellError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedColumn:
    """A column that is wanted of a ledger."""

    name: str
    """The field that its values are for."""
    kind: Kind
    titles: tuple[str, ...]
    """The headings that are the field's own, in any language."""
    synonyms: tuple[str, ...] = ()
    """Other headings it is known under."""
    due: bool = False
    """Whether its days are the due days of a deadline."""
    received: bool = False
    """Whether its days are those of receipt, from which deadlines are counted."""
    in_ten_thousands: bool = False
    """Whether the heading of the sheet says that its numbers count ten thousands (万元)."""
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Every way a value is written (title, code, synonym) with the value meant; for choice and state."""
    implies: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    """What is written in place of a value, with the values of other fields that it stands for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CellNote:
    """How a cell was understood that is not written plainly; one per kind and row."""

    at: str
    kind: NoteKind
    sentence: Text
    raw: Cell = None
    """What stands in the cell; nothing for a sealed field."""
    also: tuple[str, ...] = ()
    """The other cells of the same row understood in the same way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CellProblem:
    """What is wrong with a cell or a row, and what would be right."""

    at: str
    field: str
    """The field concerned; empty if it is the row as a whole."""
    wrong: Text
    right: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """One heading of a ledger and the field it was taken for."""

    text: str
    letter: str
    field: str | None
    how: How
    certainty: float = 1.0
    """From 0 to 1; from 0.8 on a field is taken without asking."""
    proposal: str | None = None
    """The field that it may mean, if it was not taken for certain."""
    sealed: bool = False
    """Whether what stands below says who somebody is, so that it must be kept sealed and never be shown."""
    key: str = ""
    """The form the heading is remembered by: its groups and itself, in common width."""
    samples: tuple[str, ...] = ()
    """Up to three values that stand below; never of a sealed column."""
    candidates: tuple[str, ...] = ()
    """The fields that a column may be that was taken for none, the likeliest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A row or a whole sheet that holds no record, and why."""

    at: str
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetMarks:
    """What a sheet says about its cells beside their values; rows and columns counted from 0, from its first used one.

    While rows stream, what is said of single rows is there for those that have been given.
    """

    comments: Mapping[int, Mapping[int, str]] = field(default_factory=lambda: MappingProxyType({}))
    """By row and column."""
    struck: Mapping[int, Collection[int]] = field(default_factory=lambda: MappingProxyType({}))
    """By row the columns of cells that are struck through."""
    hidden_rows: Collection[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def any_in(self, row: int) -> bool:
        """Say whether anything is said of a row or of its columns."""
        return bool(self.hidden_columns or row in self.comments or row in self.struck or row in self.hidden_rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRead:
    """How one sheet was understood."""

    name: str
    shape: Literal["table", "form"]
    header: tuple[int, int] | None
    """First and last row of the header, counted from 1; nothing for a form."""
    headings: tuple[Heading, ...]
    meta: Mapping[str, str]
    """What the lines above the header state: 填报单位, 填报时间 (an ISO date if it is one)."""
    first_column: int = 0
    """How many columns stand empty at the left."""
    fields: tuple[tuple[str, int], ...] = ()
    """Each field with the place of its column in a row as it was read."""
    sealed: frozenset[str] = frozenset()
    """The fields whose content must not be repeated anywhere."""
    runner_up: int | None = None
    """The row, counted from 1, that would be the header if it were another table; nothing if there is none."""
    marks: SheetMarks = field(default_factory=SheetMarks)
    block_unit: str = ""
    """The unit that a line above a block of its records names, if it names one."""
    column: int | None = None
    """Of a table turned by a quarter: the column, counted from 0, in which the lead stands."""
    spots: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Of a form: by name the cells of each label and its value, rows and columns counted from 0."""

    @property
    def unmatched(self) -> tuple[Heading, ...]:
        """Return the headings that no field was found for."""
        return tuple(h for h in self.headings if h.how in {"unmatched", "repeated", "asked"})


class UnknownHeadingsError(BadFileError):
    """No heading of a ledger is known; what its sheets would be is there to be asked about."""

    def __init__(self, sentence: Text, sheets: Sequence[SheetRead]) -> None:
        super().__init__(sentence)
        self.sheets = tuple(sheets)


class LedgerRow(NamedTuple):
    """One record of a ledger; its content is kept out of its `repr`.

    A named tuple, since a frozen dataclass costs a fifth of the whole reading of a long ledger.
    """

    origin: SheetRead
    row: int
    """Counted from 1, as the spreadsheet shows it."""
    values: Mapping[str, object]
    """A value for every wanted field that the sheet has a place for; None where it says nothing."""
    cells: Sequence[Cell] | Mapping[str, Cell]
    notes: tuple[CellNote, ...] = ()
    problems: tuple[CellProblem, ...] = ()

    def __repr__(self) -> str:
        return f"LedgerRow({self.at})"

    @property
    def sheet(self) -> str:
        """Return the name of the sheet it stands in."""
        return self.origin.name

    @property
    def at(self) -> str:
        """Return where it stands, as `sheet!row`; in a turned table as `sheet!row.column`."""
        column = self.origin.column
        at = f"{self.origin.name}!{self.row}"
        return at if column is None else f"{at}.{column_letter(column + self.origin.first_column)}"

    @property
    def raw(self) -> dict[str, Cell]:
        """Return what stands in the cell of each field, sealed fields left out."""
        hushed = self.origin.sealed
        cells = self.cells
        if isinstance(cells, Mapping):
            return {name: cell for name, cell in cells.items() if name not in hushed}
        return {name: cells[at] for name, at in self.origin.fields if name not in hushed}


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerReading:
    """A whole ledger as it was understood."""

    sheets: tuple[SheetRead, ...]
    rows: tuple[LedgerRow, ...]
    """Empty if the rows were streamed."""
    count: int
    """How many records were read, streamed or not."""
    problems: tuple[CellProblem, ...]
    skipped: tuple[LeftOut, ...]
    notes: Mapping[str, int]
    """How often each kind of note was made, by cell."""

    @property
    def meta(self) -> Mapping[str, str]:
        """Return what the sheets state above their headers; the first that says it counts."""
        merged: dict[str, str] = {}
        for sheet in self.sheets:
            for key, value in sheet.meta.items():
                merged.setdefault(key, value)
        return merged

    @property
    def header_row(self) -> int | None:
        """Return the last header row of the first sheet that is a table."""
        return next((sheet.header[1] for sheet in self.sheets if sheet.header), None)


def column_letter(place: int) -> str:
    """Return the letter of the column at *place*, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_place(letters: str) -> int:
    """Return the place, counted from 0, of the column with these *letters*."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
