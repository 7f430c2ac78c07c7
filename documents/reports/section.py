"""What a report is made of: tables that add up and the subjects that they are about."""

from dataclasses import dataclass

Cell = str | int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportTable:
    """A table whose last row, if it has one, is the sum of those above it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One subject of a report."""

    name: str
    """Also the name of its chart, if it has one."""
    title: str
    table: ReportTable
    words: str = ""
    """What the table says, in a sentence."""
    definitions: tuple[tuple[str, str], ...] = ()
    """What is counted, and how."""
