"""From the rows below a header to those that hold records: merged cells filled, the rest accounted for.

Why a row is no record is left to `skipped`; here most rows are spared that question, since it is dear.
"""

from collections.abc import Mapping, Sequence

from documents.ledger_in.plans import Plan
from documents.ledger_in.sheet_model import RESULT_HEADING, SERIAL_KEYS, Cell, CellError, LeftOut, WantedColumn
from documents.ledger_in.skipped import SUSPECT_STARTS, Surroundings, unit_of_block, why_left_out
from documents.ledger_in.text import cell_text, compact, heading_key

CHUNK = 256
"""Rows taken at a time: enough to spare calls, few enough to stay in the processor's cache."""
_WIDE_SHARE = 0.6
_RESULT_KEYS = {heading_key(RESULT_HEADING.zh), heading_key(RESULT_HEADING.en)}


class TableRows:
    """The rows of one table on their way to being records; rows are counted from 0."""

    def __init__(self, plan: Plan, columns: Sequence[WantedColumn], skipped: list[LeftOut]) -> None:
        header = plan.header
        assert header is not None
        self._name = plan.sheet.name
        self._errors = plan.sheet.errors
        self._skipped = skipped
        self._blanks: list[LeftOut] = []
        above_first = plan.head[max(0, header.first - plan.first - 1) : header.first - plan.first]
        self._blocks = [(0, unit) for row in above_first if (unit := unit_of_block(row))]
        """From which row on which unit's records stand."""
        self._after_footer = False
        self._body: tuple[int, ...] | None = None
        self._width = max(len(row) for row in plan.head)
        self._results = [column for column, keys in header.keys.items() if keys & _RESULT_KEYS]
        serials = [header.places[c.name] for c in columns if c.kind == "serial" and c.name in header.places]
        serial = serials[0] if serials else _running_number(header.keys)
        self._places = sorted(set(header.places.values()) - {serial})
        self._leading = sorted({*header.keys, *self._places})[:2]
        wide = {
            row
            for r1, c1, r2, c2 in plan.sheet.merges
            if c2 - c1 + 1 >= max(3, _WIDE_SHARE * len(header.keys)) and r1 > header.last
            for row in range(r1, r2 + 1)
        }
        above = (cell_text(cell) for row in plan.head[: header.first - plan.first] for cell in row)
        titles = frozenset(compact(text) for text in above if text)
        self._around = Surroundings(
            keys=header.keys, wanted=self._places, serial=serial, wide=wide, body=header.last + 1, titles=titles
        )
        self._suspect = SUSPECT_STARTS | {text[:1] for h in header.headings for text in h.text.split("/")}
        self._merged: dict[int, list[tuple[int, int]]] = {}
        for r1, c1, r2, _ in plan.sheet.merges:
            if r2 > r1 > header.last and c1 >= 0:
                self._merged.setdefault(r1, []).append((c1, r2))
        self._fills: dict[int, list[tuple[int, Cell]]] = {}

    def records(self, first: int, chunk: list[list[Cell]]) -> tuple[Sequence[int], list[list[Cell]]]:
        """Return the numbers and the cells of the records among *chunk*, whose first row is number *first*."""
        for row in chunk:
            if len(row) < self._width:
                row.extend([""] * (self._width - len(row)))
        for column in self._results:
            for row in chunk:
                row[column] = ""
        if self._body is None:
            self._body = self._fullest(chunk)
        numbers: Sequence[int] = range(first, first + len(chunk))
        rows = chunk
        if self._all_records(first, chunk):
            self._skipped.extend(self._blanks)
            self._blanks.clear()
        else:
            numbers, rows = self._sorted_out(first, chunk)
        if self._merged or self._errors:
            self._complete(first, chunk)
        return numbers, rows

    @property
    def has_blocks(self) -> bool:
        """Say whether a line between the records has named a unit so far."""
        return any(first > 0 for first, _ in self._blocks)

    def unit_at(self, number: int) -> str:
        """Return the unit that the last line above row *number* names; empty if none does."""
        return next((unit for first, unit in reversed(self._blocks) if first <= number), "")

    def account_for_blanks(self) -> None:
        """Say of the blank rows at the end that they are left out: something follows them."""
        self._skipped.extend(self._blanks)
        self._blanks.clear()

    def _fullest(self, chunk: Sequence[Sequence[Cell]]) -> tuple[int, ...]:
        """Return the two wanted columns that are empty least often, the leading ones left out."""
        body = [place for place in self._places if place not in self._leading]
        return tuple(sorted(body, key=lambda at: sum(row[at] == "" for row in chunk))[:2])

    def _all_records(self, first: int, chunk: Sequence[Sequence[Cell]]) -> bool:
        """Return whether no row of *chunk* can be anything but a record; a look at four columns."""
        assert self._body is not None
        if (
            len(self._body) < 2
            or first == self._around.body
            or any(first <= row < first + len(chunk) for row in self._around.wide)
        ):
            return False
        if any("" in [row[at] for row in chunk] for at in self._body):
            return False
        return all(
            self._suspect.isdisjoint({c[:1] for row in chunk if type(c := row[at]) is str}) for at in self._leading
        )

    def _sorted_out(self, first: int, chunk: list[list[Cell]]) -> tuple[list[int], list[list[Cell]]]:
        """Return the numbers and cells of the rows that are records, and account for the others one by one."""
        assert self._body is not None
        numbers: list[int] = []
        records: list[list[Cell]] = []
        suspect, leading, body, wide = self._suspect, self._leading, self._body, self._around.wide
        for number, row in enumerate(chunk, first):
            doubtful = (
                len(body) < 2
                or number in wide
                or number == self._around.body
                or any(row[at] == "" for at in body)
                or any(type(c := row[at]) is str and c[:1] in suspect for at in leading)
            )
            why = why_left_out(row, number, self._around, after_footer=self._after_footer) if doubtful else None
            if why == "blank":
                # Blank rows below the last line are no part of the ledger: kept back until a line follows.
                self._blanks.append(LeftOut(at=f"{self._name}!{number + 1}", why=why))
                continue
            self._skipped.extend(self._blanks)
            self._blanks.clear()
            self._after_footer = why == "footer" or (self._after_footer and why is not None)
            if why in {"title", "meta"} and (unit := unit_of_block(row)):
                self._blocks.append((number, unit))
            if why is None:
                numbers.append(number)
                records.append(row)
            else:
                self._skipped.append(LeftOut(at=f"{self._name}!{number + 1}", why=why))
        return numbers, records

    def _complete(self, first: int, chunk: Sequence[list[Cell]]) -> None:
        """Set merged cells and error values into the rows; only now, since they are not what a row holds."""
        for number, row in enumerate(chunk, first):
            for column, code in self._errors.get(number, {}).items():
                row[column] = CellError(code)
            for column, value in self._fills.pop(number, ()):
                row[column] = value
            for column, last in self._merged.get(number, ()):
                for below in range(number + 1, last + 1):
                    self._fills.setdefault(below, []).append((column, row[column]))


def _running_number(keys: Mapping[int, frozenset[str]]) -> int | None:
    """Return the column of running numbers, though no field was wanted of it."""
    return next((column for column, own in keys.items() if own & SERIAL_KEYS), None)
