"""The remarks on a row: notes, one per kind, and problems; in the words people read.

What a cell means is left to `values`, where rows come from to `rows`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from documents.ledger_in.sheet_model import (
    Cell,
    CellNote,
    CellProblem,
    NoteKind,
    SheetRead,
    WantedColumn,
    column_letter,
)
from documents.ledger_in.values import DITTO, CellRemark
from engine.language import Text


def ditto_resolved(*, above_is_bad: bool, first: bool) -> CellRemark:
    """Return what a ditto mark comes to: the mark itself, or a problem if nothing good stands above."""
    if first:
        wrong = Text("a ditto mark with no row above it", "“同上”之上没有可引用的行")
        return CellRemark(wrong=wrong, right=Text("the value itself", "直接填写内容"))
    if above_is_bad:
        wrong = Text("a ditto mark under a cell that cannot be read", "“同上”所指的上格无法识别")
        return CellRemark(
            wrong=wrong, right=Text("put right the cell above, or write the value itself", "更正上格，或直接填写内容")
        )
    return DITTO


class RowRemarks:
    """Gathers the remarks on the rows of one chunk, by their place in it."""

    def __init__(self, origin: SheetRead) -> None:
        self._origin = origin
        self._by_row: dict[int, list[tuple[WantedColumn, int, CellRemark, int | None]]] = {}
        self._row_problems: dict[int, list[tuple[Text, Text]]] = {}
        self._stray = frozenset[int]()

    @property
    def any(self) -> bool:
        """Return whether there are any."""
        return bool(self._by_row or self._row_problems or self._stray)

    def add(self, place: int, column: WantedColumn, at: int, remark: CellRemark, *, row: int | None = None) -> None:
        """Keep a *remark* on the cell of *column*, which stands in column *at*.

        Args:
            row: Where the cell stands, if that is not the record's own row.
        """
        self._by_row.setdefault(place, []).append((column, at, remark, row))

    def implied(self, place: int, own: Mapping[str, object]) -> dict[str, object]:
        """Return the values for which cells of a row stand, where the row has none of its own."""
        remarks = (remark for _, _, remark, _ in self._by_row.get(place, ()))
        return {k: v for each in remarks for k, v in each.implies.items() if own.get(k) is None}

    def add_repeated(
        self,
        place: int,
        column: WantedColumn,
        at: int,
        seen: dict[object, tuple[str, int]],
        value: object,
        row: int,
        *,
        unit: object = None,
    ) -> None:
        """Keep that the ledger number *value* was *seen* before, or that it is seen now.

        Args:
            unit: Whose number it is, where a ledger is of several units.
        """
        sheet, number = seen.setdefault((unit, value), (self._origin.name, row))
        if (sheet, number) == (self._origin.name, row):
            return
        wrong = Text("{number} is already in {at}", "{number} 已见于 {at}")
        right = Text(
            "one row for each lead: correct the number or delete one of the rows", "一条线索一行：更正编号或删去一行"
        )
        remark = CellRemark(wrong=wrong.format(number=value, at=f"{sheet}!{number + 1}"), right=right)
        self._by_row.setdefault(place, []).append((column, at, remark, row))

    def add_overlong(self, rows: Sequence[Sequence[Cell]], width: int) -> None:
        """Keep which *rows* have more cells than the header: their cells may have moved."""
        for place, row in enumerate(rows):
            if any(cell not in {"", None} for cell in row[width:]):
                wrong = Text("{n} cells, the header has {width}", "有 {n} 格，表头只有 {width} 格")
                right = Text("cells that hold a separator in quotation marks", "含分隔符的内容应加引号")
                self._row_problems.setdefault(place, []).append((wrong.format(n=len(row), width=width), right))

    def add_stray(self, places: Iterable[int]) -> None:
        """Keep in which rows a quotation mark opens or closes nothing: their line was read as it stands."""
        self._stray = frozenset(places)

    def of_row(
        self, place: int, number: int, cells: Sequence[Cell] | Mapping[str, Cell]
    ) -> tuple[tuple[CellNote, ...], tuple[CellProblem, ...]]:
        """Return the notes and problems of the row at *place*, which is row *number* counted from 0."""
        problems = [
            CellProblem(at=f"{self._origin.name}!{number + 1}", field="", wrong=wrong, right=right)
            for wrong, right in self._row_problems.get(place, ())
        ]
        notes: dict[NoteKind, CellNote] = {}
        for column, at, remark, row in self._by_row.get(place, ()):
            letter = column_letter(at + self._origin.first_column)
            where = f"{self._origin.name}!{(number if row is None else row) + 1}.{letter}"
            if remark.wrong and remark.right:
                problems.append(CellProblem(at=where, field=column.name, wrong=remark.wrong, right=remark.right))
            elif remark.kind and remark.sentence:
                raw = cells[column.name] if isinstance(cells, Mapping) else cells[at]
                notes[remark.kind] = _noted(
                    notes.get(remark.kind), where, remark, None if column.kind == "sealed" else raw
                )
        if place in self._stray:
            sentence = Text(
                "a quotation mark opens or closes nothing here; the line was read as it stands",
                "此行引号不成对，已按原样读入，请核对",
            )
            notes["stray_quote"] = CellNote(
                at=f"{self._origin.name}!{number + 1}", kind="stray_quote", sentence=sentence
            )
        return tuple(notes.values()), tuple(problems)

    @staticmethod
    def counted(notes: Sequence[CellNote]) -> Counter[str]:
        """Return how many cells the *notes* speak of, by kind."""
        return Counter({note.kind: 1 + len(note.also) for note in notes})


def _noted(before: CellNote | None, at: str, remark: CellRemark, raw: Cell) -> CellNote:
    """Return the note on a cell; a row's further cells of the same kind are named in its first note."""
    assert remark.kind is not None
    assert remark.sentence is not None
    if before is None:
        return CellNote(at=at, kind=remark.kind, sentence=remark.sentence, raw=raw)
    return CellNote(at=before.at, kind=before.kind, sentence=before.sentence, raw=before.raw, also=(*before.also, at))
