"""Reading a whole ledger: every record typed and explained, every row left out accounted for.

Rows are streamed, a thousand at a time and column by column, so that a ledger of any length needs
the memory of its workbook only. Problems are gathered; nothing is put right in silence.
"""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice, repeat
from pathlib import Path
from types import MappingProxyType

from documents.ledger_in.columns import UNIT
from documents.ledger_in.layout.forms import TALLEST, form_cell
from documents.ledger_in.layout.parts import Parts
from documents.ledger_in.layout.recalled import Memory
from documents.ledger_in.notes import RowRemarks, ditto_resolved
from documents.ledger_in.plans import Plan, plans_of
from documents.ledger_in.sheet_model import (
    Cell,
    CellError,
    CellProblem,
    LedgerReading,
    LedgerRow,
    LeftOut,
    SheetRead,
    WantedColumn,
)
from documents.ledger_in.skipped import why_above
from documents.ledger_in.tables import CHUNK, TableRows
from documents.ledger_in.text import cell_text, heading_key
from documents.ledger_in.values import DITTO, ByRow, CellRemark, cell_reader, chunk_reader, counting
from documents.ledger_in.workbook import open_book
from engine.reading.heading_words import HeadingWords


def read_ledger(
    path: Path,
    columns: Sequence[WantedColumn],
    *,
    today: date,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    words: HeadingWords | None = None,
) -> LedgerReading:
    """Read the ledger at *path* whole; for long ledgers see `open_ledger`.

    Args:
        today: Days more than five years after it are not believed.
        mapping: Heading or column letter to field, for headings that are not known; an empty field
            passes the column over.
        sheet: Read only this sheet, even if it is hidden.
        words: How headings are composed; without them only titles, synonyms and the mapping are known.

    Raises:
        BadFileError: If it is no ledger, or no header can be found in it.
        BadValueError: If the mapping names a field or a heading that is not there.
    """
    stream = open_ledger(path, columns, today=today, mapping=mapping, sheet=sheet, words=words)
    return stream.reading(tuple(stream.iter_rows()))


def open_ledger(
    path: Path,
    columns: Sequence[WantedColumn],
    *,
    today: date,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    words: HeadingWords | None = None,
    memory: Memory = MappingProxyType({}),
) -> "LedgerStream":
    """Open the ledger at *path*: its headers are known at once, its rows come by `iter_rows`.

    Arguments and errors are those of `read_ledger`; *memory* is what was decided for earlier ledgers, by
    shape.
    """
    book = open_book(path, sheet=sheet)
    plans, left_out = plans_of(book, columns, today=today, mapping=mapping, words=words, memory=memory)
    return LedgerStream(plans, left_out, columns)


class LedgerStream:
    """A ledger on its way through: rows are given once, what was met is gathered."""

    def __init__(self, plans: Sequence[Plan], left_out: Sequence[LeftOut], columns: Sequence[WantedColumn]) -> None:
        self._plans = list(plans)
        self._columns = tuple(columns)
        self._problems: list[CellProblem] = []
        self._skipped: list[LeftOut] = list(left_out)
        self._notes: Counter[str] = Counter()
        self._seen: dict[object, tuple[str, int]] = {}
        self._count = 0
        self._of_units: dict[tuple[int, str], SheetRead] = {}

    @property
    def sheets(self) -> tuple[SheetRead, ...]:
        """Return how each sheet was understood."""
        return tuple(plan.origin for plan in self._plans)

    @property
    def expected(self) -> int:
        """Return about how many records there are, for showing how far the reading has come."""
        return sum(plan.sheet.height - (plan.header.last + 1) if plan.header else 1 for plan in self._plans)

    def iter_rows(self) -> Iterator[LedgerRow]:
        """Yield every record in the order of the file; to be walked once."""
        for plan in tuple(self._plans):
            if plan.header is None:
                yield from self._form_row(plan)
                continue
            waiting = [plan]
            while waiting:
                waiting += yield from self._table_rows(waiting.pop(0))

    def reading(self, rows: tuple[LedgerRow, ...] = ()) -> LedgerReading:
        """Return what was met on the way; complete once `iter_rows` has come to its end."""
        return LedgerReading(
            sheets=self.sheets,
            rows=rows,
            count=self._count,
            problems=tuple(self._problems),
            skipped=tuple(self._skipped),
            notes=dict(self._notes),
        )

    def _table_rows(self, plan: Plan) -> Generator[LedgerRow, None, list[Plan]]:
        """Yield the records of a table, chunk by chunk; what is no record is accounted for on the way.

        Returns:
            The plans of the tables that were found below it.
        """
        header = plan.header
        assert header is not None
        for place, cells in enumerate(plan.head[: header.last + 1 - plan.first], plan.first):
            why = why_above(cells) if place < header.first else "header"
            self._skipped.append(LeftOut(at=f"{plan.sheet.name}!{place + 1}", why=why))
        below: Iterator[list[Cell]] = chain(plan.head[header.last + 1 - plan.first :], plan.rest)
        table = TableRows(plan, self._columns, self._skipped)
        records = _Records(plan, self._columns, self._seen)
        first = header.last + 1
        following: list[Plan] = []
        while chunk := list(islice(below, CHUNK)):
            cut = plan.further.begins(chunk) if plan.further else None
            if cut is not None and not following:
                ahead = tuple(islice(below, TALLEST))
                following = plan.next_tables(first + cut, (*chunk[cut:], *ahead), below)
                chunk, below = (chunk[:cut], iter(())) if following else (chunk, chain(ahead, below))
            numbers, rows = table.records(first, chunk) if chunk else ((), [])
            first += len(chunk)
            if not rows:
                continue
            self._count += len(rows)
            values, remarks = records.read(numbers, rows)
            shown = [number + 1 for number in numbers]
            origins = islice(self._origins(plan.origin, table, numbers), len(rows))
            if not remarks.any:
                yield from map(LedgerRow, origins, shown, values, rows)
                continue
            for place, (origin, number, own, cells) in enumerate(zip(origins, shown, values, rows, strict=True)):
                notes, problems = remarks.of_row(place, number - 1, cells)
                self._gather(notes_by_kind=remarks.counted(notes), problems=problems)
                own.update(remarks.implied(place, own))
                yield LedgerRow(origin, number, own, cells, notes, problems)
        if following or plan.is_followed:
            table.account_for_blanks()
        self._plans += following
        return following

    def _origins(self, origin: SheetRead, table: TableRows, numbers: Sequence[int]) -> Iterator[SheetRead]:
        """Yield the origin of each row: the sheet, or the part of it that a line above gives to a unit."""
        if not table.has_blocks:
            return repeat(origin)
        for number in numbers:
            unit = table.unit_at(number)
            self._of_units.setdefault((id(origin), unit), replace(origin, block_unit=unit) if unit else origin)
        return (self._of_units[id(origin), table.unit_at(number)] for number in numbers)

    def _form_row(self, plan: Plan) -> Iterator[LedgerRow]:
        """Yield the one record of a form; an unfilled form holds none."""
        values: dict[str, object] = {}
        raw: dict[str, Cell] = {}
        by_row: list[tuple[WantedColumn, int, CellRemark, int]] = []
        first = min(row for row, _, _ in plan.labels.values())
        remarks = RowRemarks(plan.origin)
        for column in self._columns:
            if column.name not in plan.labels:
                continue
            row, place, cell = form_cell(plan.head, plan.sheet.merges, plan.labels, column.name)
            code = plan.sheet.errors.get(row, {}).get(place)
            raw[column.name] = CellError(code) if code else cell
            said = heading_key(plan.labels[column.name][2].text)
            value = cell_reader(counting(column, (said,)), plan.rules)(raw[column.name])
            if isinstance(value, CellRemark):
                remark = ditto_resolved(above_is_bad=False, first=True) if value is DITTO else value
                if remark.by_row is not None:
                    by_row.append((column, place, remark, row))
                    continue
                remarks.add(0, column, place, remark, row=row)
                value = remark.value
            values[column.name] = value
        _read_by_row(by_row, values, _received(self._columns, values), remarks)
        values |= remarks.implied(0, values)
        for name, (_, _, heading) in plan.labels.items():
            if heading.field is None:
                raw[name] = form_cell(plan.head, plan.sheet.merges, plan.labels, name)[2]
        raw |= {each.name: each.cell for each in plan.loose}
        if all(cell_text(cell) == "" for cell in raw.values()):
            self._skipped.append(LeftOut(at=plan.sheet.name, why="blank"))
            return
        self._count += 1
        for column in self._columns:
            if column.kind == "ledger_number" and values.get(column.name) is not None:
                row, place, _ = plan.labels[column.name]
                unit = values.get(UNIT)
                remarks.add_repeated(0, column, place, self._seen, values[column.name], row, unit=unit)
        notes, problems = remarks.of_row(0, first, raw)
        self._gather(notes_by_kind=remarks.counted(notes), problems=problems)
        yield LedgerRow(plan.origin, first + 1, values, raw, notes, problems)

    def _gather(self, *, notes_by_kind: Mapping[str, int], problems: Sequence[CellProblem]) -> None:
        """Keep what was met in one row for the summary of the whole ledger."""
        self._notes.update(notes_by_kind)
        self._problems.extend(problems)


def _read_by_row(
    waiting: Sequence[tuple[WantedColumn, int, CellRemark, int]],
    values: dict[str, object],
    since: date | None,
    remarks: RowRemarks,
) -> None:
    """Read the deadlines of a form that wait for its day of receipt."""
    for column, place, remark, row in waiting:
        assert remark.by_row is not None
        read = remark.by_row(since)
        remarks.add(0, column, place, read, row=row)
        values[column.name] = read.value


def _received(columns: Sequence[WantedColumn], values: Mapping[str, object]) -> date | None:
    """Return the day of receipt that a record states."""
    found = next((values.get(column.name) for column in columns if column.received), None)
    return found if isinstance(found, date) else None


class _Records:
    """The cells of records turned into values, column by column."""

    def __init__(self, plan: Plan, columns: Sequence[WantedColumn], seen: dict[object, tuple[str, int]]) -> None:
        header = plan.header
        assert header is not None
        there = [column for column in columns if column.name in header.places]
        self._names = tuple(column.name for column in there)
        self._origin = plan.origin
        self._stray_quotes = plan.sheet.stray_quotes
        self._columns = there
        self._places = [header.places[column.name] for column in there]
        self._readers = [
            chunk_reader(counting(column, header.keys.get(place, ())), plan.rules)
            for column, place in zip(there, self._places, strict=True)
        ]
        self._parts = Parts(header)
        self._last: dict[str, tuple[object, bool]] = {}
        self._last_by_row: dict[str, ByRow | None] = {}
        # Deadlines may follow the day of receipt, which is therefore read before them.
        self._turns = sorted(range(len(there)), key=lambda at: not there[at].received)
        self._received = next((at for at, column in enumerate(there) if column.received), None)
        self._seen = seen
        self._width = max(header.keys) + 1 if plan.sheet.plain else None
        self._unit = self._names.index(UNIT) if UNIT in self._names else None

    def read(
        self, numbers: Sequence[int], rows: Sequence[list[Cell]]
    ) -> tuple[Iterator[dict[str, object]], RowRemarks]:
        """Return the values of each row by field, and the remarks on them."""
        remarks = RowRemarks(self._origin)
        if self._stray_quotes:
            remarks.add_stray(place for place, number in enumerate(numbers) if number in self._stray_quotes)
        by_place = list(zip(*rows, strict=False))
        if self._width is not None:
            remarks.add_overlong(rows, self._width)
        parsed: list[list[object]] = [[]] * len(self._columns)
        for turn in self._turns:
            column, place = self._columns[turn], self._places[turn]
            values, remarked = self._readers[turn](self._parts.joined(column.name, by_place))
            bad = False
            if not remarked:
                self._last_by_row.pop(column.name, None)
            else:
                since = parsed[self._received] if column.due and self._received is not None else ()
                bad = self._keep(remarks, column, place, values, remarked, since)
            self._last[column.name] = values[-1], bad
            parsed[turn] = values
        self._repeated(remarks, parsed, numbers)
        return map(dict, map(zip, repeat(self._names), zip(*parsed, strict=True))), remarks

    def _keep(
        self,
        remarks: RowRemarks,
        column: WantedColumn,
        at: int,
        values: list[object],
        remarked: Mapping[int, CellRemark],
        since: Sequence[object],
    ) -> bool:
        """Resolve in *values* what goes by other cells, and keep the remarks; return whether the last cell is bad.

        Args:
            since: For a column of deadlines the day of receipt of each row; empty if there is none.
        """
        bad_at: set[int] = set()
        by_row = {-1: self._last_by_row.get(column.name)}
        for place in sorted(remarked):
            one = remarked[place]
            read = by_row[place] = by_row.get(place - 1) if one is DITTO else one.by_row
            if read is not None:  # the same words again are counted from this row's own day
                received = since[place] if since else None
                one = read(received if isinstance(received, date) else None)
                values[place] = one.value
            elif one is DITTO:
                above, is_bad = (
                    (values[place - 1], place - 1 in bad_at) if place else self._last.get(column.name, (None, False))
                )
                first = place == 0 and column.name not in self._last
                one = ditto_resolved(above_is_bad=is_bad, first=first)
                values[place] = None if one.wrong else above
            if one.wrong:
                bad_at.add(place)
            remarks.add(place, column, at, one)
        self._last_by_row[column.name] = by_row.get(len(values) - 1)
        return len(values) - 1 in bad_at

    def _repeated(self, remarks: RowRemarks, parsed: Sequence[Sequence[object]], numbers: Sequence[int]) -> None:
        """Keep every ledger number with its row; remark on those that were there before.

        Where the ledger has a column of units, each unit numbers for itself.
        """
        for column, at, own in zip(self._columns, self._places, parsed, strict=True):
            if column.kind != "ledger_number":
                continue
            units = parsed[self._unit] if self._unit is not None else [None] * len(own)
            given = {key for key in zip(units, own, strict=True) if key[1] is not None}
            # Nearly always no number stands twice: then a chunk is kept in one call instead of row by row.
            if len(given) == len(own) and self._seen.keys().isdisjoint(given):
                self._seen.update(
                    zip(zip(units, own, strict=True), zip(repeat(self._origin.name), numbers), strict=False)
                )
                continue
            for place, (unit, value, number) in enumerate(zip(units, own, numbers, strict=True)):
                if value is not None:
                    remarks.add_repeated(place, column, at, self._seen, value, number, unit=unit)
