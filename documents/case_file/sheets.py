"""What is on the sheets of a case's file, in the language in use: a cover, and parts with tables; knows no format."""

from dataclasses import dataclass

from documents.reports.section import ReportTable


@dataclass(frozen=True, kw_only=True, slots=True)
class FileBlock:
    """A table or a sentence of a part, under a heading of its own where the part has several."""

    title: str
    table: ReportTable | None
    """None: there is nothing, and `words` say so."""
    words: str = ""
    widths: tuple[float, ...] | None = None
    """Of the columns, in millimetres; None: by what is in them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePart:
    """One line of the contents."""

    title: str
    blocks: tuple[FileBlock, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSheets:
    """The whole file."""

    house: str
    title: str
    number: str
    marking: str
    """In the corner of the cover, such as the secrecy; may be empty."""
    cover: tuple[tuple[str, str], ...]
    """Titles and values; a value that is empty is left to be written by hand."""
    parts: tuple[FilePart, ...]
    made: str
    """When and by whom it was printed."""
    mark: str = ""
    """What stands on every page, as that it comes from a ledger for rehearsal."""
