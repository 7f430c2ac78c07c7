"""What a report is made of: tables that add up and the subjects that they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

from documents.reports.wording import DEFINITIONS

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
    picture: str = ""
    """A finished drawing as SVG; pages show it above the words, which say the same."""


def section(
    name: str, title: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]],
    total: tuple[Cell, ...] | None = None, words: str = "",
) -> Section:  # fmt: skip
    """Return a section with what its figures mean."""
    definitions = tuple((str(what), str(how)) for what, how in DEFINITIONS.get(name, ()))
    table = ReportTable(heads=tuple(heads), rows=tuple(rows), total=total)
    return Section(name=name, title=title, table=table, words=words, definitions=definitions)
