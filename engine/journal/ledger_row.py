"""What a ledger's row leaves with a case: the row as it stood, and what in it nobody could be sure of."""

from typing import Final

from msgspec import Struct, convert, structs, to_builtins

from engine.journal.canonical import canonical, parsed
from engine.language import Text

ORIGINAL_SEAL: Final = "(original)"
"""Under which the sealed cells of an original are kept among the sealed values; no field can be called so."""

RUNNING_NUMBERS: Final = frozenset({"序号", "序列", "No", "No.", "NO", "NO.", "no", "#"})
"""Headings of columns that count the rows of a sheet."""

STATE: Final = "state"
"""What a question names that asks how far a case had come; no field can be called so."""


class OriginalRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of a ledger as it stood; empty cells are left out, places are counted from 0 among the others."""

    at: str
    """Sheet and row."""
    cells: tuple[tuple[str, str], ...]
    """Heading and text, in the order of the sheet; the text is empty where it is sealed."""
    sealed_at: tuple[int, ...] = ()
    """The places whose texts and comments are sealed together, as `original_seal` writes them."""
    struck: tuple[int, ...] = ()
    """The places of what is struck through."""
    comments: tuple[tuple[int, str], ...] = ()
    """Place and comment."""
    concealed: tuple[int, ...] = ()
    """The places that stand in a hidden column."""
    is_hidden: bool = False
    """The row itself was hidden."""

    def stands_as(self, before: "OriginalRow | None") -> bool:
        """Say whether a row stands as before, wherever in the sheet; what is sealed cannot be compared."""
        return before is not None and self.unnumbered() == before.unnumbered()

    def sealing(self, places: frozenset[int], comments: tuple[tuple[int, str], ...]) -> "OriginalRow":
        """Return the row with the texts at *places* taken out, to be sealed, and only these comments in clear."""
        cells = tuple((head, "" if at in places else text) for at, (head, text) in enumerate(self.cells))
        return structs.replace(self, cells=cells, sealed_at=tuple(sorted(places)), comments=comments)

    def unnumbered(self) -> "OriginalRow":
        """Return the row without its place and its running number, which change when another is put in above."""
        cells = tuple((heading, "" if heading in RUNNING_NUMBERS else text) for heading, text in self.cells)
        return structs.replace(self, at="", cells=cells)


class Question(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a ledger left unclear about a case."""

    field: str
    """The field that it is about, or `state`."""
    at: str
    """Sheet, row and column."""
    why: tuple[str, str]
    """In English and in Chinese."""
    answer: tuple[str, str]
    """What would answer it, in English and in Chinese."""
    stood: str | None = None
    """What stood there; never of a sealed field."""

    @property
    def reason(self) -> Text:
        """Return why it is asked."""
        return Text(*self.why)

    @property
    def wanted(self) -> Text:
        """Return what would answer it."""
        return Text(*self.answer)

    def quiet(self) -> "Question":
        """Return the question without what stood there."""
        return structs.replace(self, stood=None)

    def plain(self) -> str:
        """Return it as canonical JSON, as the table of questions holds it."""
        return canonical(to_builtins(self))

    @classmethod
    def parsed_from(cls, text: str) -> "Question":
        """Return the question that such a text holds.

        Raises:
            ValueError: If it holds none.
        """
        return convert(parsed(text), cls)


def original_seal(texts: list[str], comments: list[tuple[int, str]]) -> str:
    """Return the sealed part of an original as it is sealed: its texts in their order, and its comments."""
    return canonical({"cells": texts, "comments": [list(each) for each in comments]})


def opened_original(row: OriginalRow, seal: str) -> OriginalRow:
    """Return an original with the sealed part that was opened.

    Raises:
        ValueError, LookupError, TypeError: If it is not the sealed part of such a row.
    """
    plain = parsed(seal)
    cells = list(row.cells)
    for place, text in zip(row.sealed_at, plain["cells"], strict=True):
        cells[place] = cells[place][0], str(text)
    comments = sorted((*row.comments, *((int(place), str(text)) for place, text in plain["comments"])))
    return OriginalRow(
        at=row.at,
        cells=tuple(cells),
        struck=row.struck,
        comments=tuple(comments),
        concealed=row.concealed,
        is_hidden=row.is_hidden,
    )
