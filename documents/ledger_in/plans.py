"""What is known of a ledger before its first record is read: for each sheet a plan, or why it is left out.

A plan says how a sheet is going to be read; reading it is left to `rows`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from types import MappingProxyType

from documents.ledger_in.dates import DateRules
from documents.ledger_in.layout.forms import TALLEST, Labels, Loose, asked_labels, forms_of, loose_cells, spots_of
from documents.ledger_in.layout.further import Further
from documents.ledger_in.layout.header import Header, find_header, header_by_shape
from documents.ledger_in.layout.headings import Names, names_of
from documents.ledger_in.layout.recalled import Memory, recalled, shape_of
from documents.ledger_in.layout.turned import alone, turned_columns
from documents.ledger_in.originals import may_tell_who
from documents.ledger_in.sheet_model import (
    Cell,
    Heading,
    LeftOut,
    SheetMarks,
    SheetRead,
    UnknownHeadingsError,
    WantedColumn,
)
from documents.ledger_in.skipped import stated_above, unit_of_sheet, why_above
from documents.ledger_in.text import cell_text, heading_key, narrow, without_brackets
from documents.ledger_in.workbook import Sheet, Span, Workbook
from engine.errors import BadFileError, BadValueError
from engine.language import Text
from engine.reading.heading_words import HeadingWords
from engine.working_days.loose_dates import StatedYear

_MOST_FORM_ROWS = 20_000
"""Beyond so many rows no further forms are looked for."""
_MONTHS = frozenset(range(1, 13))
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How one sheet is going to be read."""

    sheet: Sheet
    origin: SheetRead
    head: tuple[list[Cell], ...]
    """The rows already read to find the header."""
    rest: Iterator[list[Cell]]
    rules: DateRules
    header: Header | None
    labels: Labels
    """Where the labels stand, if the sheet is a form."""
    loose: tuple[Loose, ...] = ()
    """What stands in a form beside the labels that are known and their values."""
    first: int = 0
    """The row in which the table begins, of a sheet that holds several."""
    is_followed: bool = False
    """Whether another table stands below it on its sheet, so that empty lines at its end are none of the sheet's."""
    further: Further | None = None
    """Looks for another table below this one."""
    planner: "_Planner | None" = None

    def next_tables(self, first: int, head: tuple[list[Cell], ...], rest: Iterator[list[Cell]]) -> "list[Plan]":
        """Return the plans of tables that begin in the row *first* with the rows *head*; none if nothing does."""
        assert self.planner is not None
        header = self.planner.following(first, head)
        return [] if header is None else list(self.planner.tables(header, head, rest, first))


def plans_of(
    book: Workbook,
    columns: Sequence[WantedColumn],
    *,
    today: date,
    mapping: Mapping[str, str] | None,
    words: HeadingWords | None = None,
    memory: Memory = MappingProxyType({}),
) -> tuple[tuple[Plan, ...], tuple[LeftOut, ...]]:
    """Return a plan for each sheet of *book* that holds records, and the sheets left out.

    Raises:
        BadFileError: If no sheet has a header or labels that name the fields.
        UnknownHeadingsError: If one looks like a ledger all the same.
        BadValueError: If the mapping names a field or a heading that is not there.
    """
    names = names_of(columns, mapping, words)
    sealed = frozenset(column.name for column in columns if column.kind == "sealed")
    plans: list[Plan] = []
    left_out = [LeftOut(at=name, why="hidden") for name in book.hidden]
    left_out += [LeftOut(at=name, why="unread") for name in book.unread]
    seen: list[str] = []
    unknown: list[SheetRead] = []
    for sheet in book.sheets:
        planner = _Planner(book, sheet, names, today, sealed, memory)
        found, head = _plans(planner, sheet, names)
        if found:
            plans.extend(found)
        else:
            fullest: list[str] = max(([t for c in row if (t := cell_text(c))] for row in head), key=len, default=[])
            unknown.extend(planner.unknown(head))
            left_out.append(LeftOut(at=sheet.name, why="unknown" if fullest else "blank"))
            seen.extend(fullest)
    if not plans:
        raise _no_header(book, seen, unknown)
    _refuse_unused(mapping, plans)
    return tuple(plans), tuple(left_out)


def _plans(planner: "_Planner", sheet: Sheet, names: Names) -> tuple[list[Plan], tuple[list[Cell], ...]]:
    """Return the plans of *sheet*, one for each form or table, and its first rows."""
    rows = sheet.open_rows()
    head = tuple(islice(rows, TALLEST + 1))
    header = planner.header(head, sheet.merges)
    forms = forms_of(head[:TALLEST], sheet.merges, names, sheet.first_column, header)
    if len(head) > TALLEST and len(forms) > 1:
        # A long sheet of one form after another is read to its end.
        head = (*head, *islice(rows, _MOST_FORM_ROWS))
        forms = forms_of(head, sheet.merges, names, sheet.first_column, header)
    elif len(head) > TALLEST:
        forms = ()
    if forms:
        forms = planner.recalled_forms(head, forms, header)
        ends = [*(min(row for row, _, _ in each.values()) for each in forms[1:]), len(head)]
        runner_up = None if header is None else header.last + 1
        first = min(row for row, _, _ in forms[0].values())
        titles = frozenset(text for row in head[:first] for cell in row if (text := cell_text(cell)))
        if len(forms) == 1 and (columns := turned_columns(head, forms[0], names)):
            return [planner.turned(head, forms[0], each, titles) for each in columns], head
        return [planner.form(head, *each, titles, runner_up) for each in zip(forms, ends, strict=True)], head
    if header is None:
        return [], head
    return list(planner.tables(planner.above(header, head, sheet.merges), head, rows)), head


class _Planner:
    """Makes the plans of one sheet."""

    def __init__(
        self, book: Workbook, sheet: Sheet, names: Names, today: date, sealed: frozenset[str], memory: Memory
    ) -> None:
        self._sheet = sheet
        self._names = names
        self._today = today
        self._sealed = sealed
        self._memory = memory
        self._stem = book.path.stem
        self._from_1904 = book.from_1904
        self._unit = unit_of_sheet(sheet.name) if len(book.sheets) > 1 else None
        self._marks = SheetMarks(
            comments=sheet.comments,
            struck=sheet.struck,
            hidden_rows=sheet.hidden_rows,
            hidden_columns=sheet.hidden_columns,
        )

    def header(self, head: Sequence[list[Cell]], merges: Sequence[Span]) -> Header | None:
        """Return the header among the first rows of a table, as an earlier ledger of its shape was understood."""
        return recalled(
            lambda names: find_header(head[:TALLEST], merges, names, self._sheet.first_column),
            self._names,
            self._memory,
        )

    def unknown(self, head: tuple[list[Cell], ...]) -> Iterator[SheetRead]:
        """Yield what a table would be of which no word is known; nothing if it is none."""
        header = header_by_shape(head[:TALLEST], self._sheet.merges, self._names, self._sheet.first_column)
        if header is not None:
            yield self._table(header, head, iter(()), 0).origin

    def above(self, header: Header, head: Sequence[list[Cell]], merges: Sequence[Span]) -> Header:
        """Return the first header among the rows *head*: a table may stand above the one that is most like a ledger."""
        earlier = self.header(head[: header.first], merges) if header.first > 1 else None
        if earlier is None:
            return header
        below = earlier.last + 1
        cut = Further(self._names, earlier).begins(head[below : header.last + 1])
        return header if cut is None or not cut else self.above(earlier, head, merges)

    def form(
        self,
        head: tuple[list[Cell], ...],
        labels: Labels,
        last: int,
        titles: frozenset[str],
        runner_up: int | None,
    ) -> Plan:
        """Return the plan of a form that ends before the row *last*."""
        merges = self._sheet.merges
        spots = spots_of(head, merges, labels)
        loose = loose_cells(head, merges, labels, spots, last, titles)
        meta, rules = self._stated(head, form=True)
        origin = SheetRead(
            name=self._sheet.name,
            shape="form",
            header=None,
            headings=(
                *(heading for _, _, heading in labels.values()),
                *asked_labels(labels, loose, self._names, self._sheet.first_column),
            ),
            meta=meta,
            first_column=self._sheet.first_column,
            sealed=self._sealed
            | {name for name, (_, _, heading) in labels.items() if heading.sealed}
            | {each.name for each in loose if self._tells_who(each)},
            runner_up=runner_up,
            marks=self._marks,
            spots=spots | {each.name: each.spots for each in loose},
        )
        return Plan(
            sheet=self._sheet,
            origin=origin,
            head=head,
            rest=iter(()),
            rules=rules,
            header=None,
            labels=labels,
            loose=loose,
        )

    def _tells_who(self, loose: Loose) -> bool:
        """Say whether a label that is not known, or what stands under it, may say who reports."""
        meaning = self._names.composed((loose.heading,))
        return may_tell_who(loose.heading, cell_text(loose.cell)) or bool(meaning and meaning.sealed)

    def recalled_forms(
        self, head: tuple[list[Cell], ...], forms: tuple[Labels, ...], header: Header | None
    ) -> tuple[Labels, ...]:
        """Return the labels of each form as those of an earlier ledger of its shape were understood."""
        if not self._memory:
            return forms
        ends = [*(min(row for row, _, _ in each.values()) for each in forms[1:]), len(head)]
        shape = shape_of(self.form(head, forms[0], ends[0], frozenset(), None).origin.headings)
        if (decided := self._memory.get(shape)) is None:
            return forms
        names = replace(self._names, remembered=decided)
        return forms_of(head, self._sheet.merges, names, self._sheet.first_column, header) or forms

    def turned(self, head: tuple[list[Cell], ...], labels: Labels, column: int, titles: frozenset[str]) -> Plan:
        """Return the plan of the lead that stands in one *column* of a turned table."""
        plan = self.form(*alone(head, labels, column, len(head)), len(head), titles, None)
        # A label stands beside the first lead only: what is said at its cell is no lead's.
        spots = {name: tuple(at for at in each if at[1] == column) for name, each in plan.origin.spots.items()}
        return replace(plan, origin=replace(plan.origin, column=column, spots=spots))

    def tables(
        self, header: Header, head: tuple[list[Cell], ...], rest: Iterator[list[Cell]], first: int = 0
    ) -> Iterator[Plan]:
        """Yield the plan of the table with that header, and of those that begin among the rows *head*, too."""
        below = header.last + 1 - first
        cut = Further(self._names, header).begins(head[below:])
        if cut is not None and (following := self.following(first + below + cut, head[below + cut :])) is not None:
            above = self._table(replace(header, runner_up=None), head[: below + cut], iter(()), first)
            yield replace(above, is_followed=True)
            yield from self.tables(following, head[below + cut :], rest, first + below + cut)
        else:
            yield self._table(header, head, rest, first)

    def following(self, first: int, head: Sequence[list[Cell]]) -> Header | None:
        """Return the header of a table whose first rows are *head*, which begin in the row *first* of the sheet."""
        merges = [(r1 - first, c1, r2 - first, c2) for r1, c1, r2, c2 in self._sheet.merges if r1 >= first]
        found = self.header(head, merges)
        if found is None:
            return None
        found = self.above(found, head, merges)
        return replace(found, first=found.first + first, last=found.last + first)

    def _table(self, header: Header, head: tuple[list[Cell], ...], rest: Iterator[list[Cell]], first: int) -> Plan:
        meta, rules = self._stated(head[: header.first - first], form=False)
        origin = SheetRead(
            name=self._sheet.name,
            shape="table",
            header=(header.first + 1, header.last + 1),
            headings=header.headings,
            meta=meta,
            first_column=self._sheet.first_column,
            fields=tuple(header.places.items()),
            sealed=self._sealed,
            runner_up=None if header.runner_up is None else header.runner_up + 1 + first,
            marks=self._marks,
        )
        return Plan(
            sheet=self._sheet,
            origin=origin,
            head=head,
            rest=rest,
            rules=rules,
            header=header,
            labels={},
            first=first,
            further=Further(self._names, header),
            planner=self,
        )

    def _stated(self, above: Sequence[list[Cell]], *, form: bool) -> tuple[Mapping[str, str], DateRules]:
        """Return what the lines above state, and how dates are read for it."""
        meta = stated_above(above)
        if self._unit is not None:
            meta.setdefault("填报单位", self._unit)
        titles = [text for row in above[:10] if why_above(row) == "title" for c in row if (text := cell_text(c))]
        stated = _stated_year(self._sheet.name, titles[:1] if form else titles, meta, self._stem)
        return meta, DateRules(today=self._today, stated=stated, from_1904=self._from_1904)


def _stated_year(name: str, titles: Sequence[str], meta: Mapping[str, str], stem: str) -> StatedYear | None:
    """Return the one year that the sheet states; None if it states none, or more than one.

    The title and the sheet's name speak first, then the day of reporting, then the file's name.
    """
    reported = meta.get("填报时间", "")
    sources = (
        ([*titles, name], Text("the title or the sheet's name", "标题或工作表名"), None),
        ([reported], Text("the day of reporting", "填报时间"), _iso(reported)),
        ([stem], Text("the file's name", "文件名"), None),
    )
    for texts, where, latest_on in sources:
        years = {int(year) for text in texts for year in _YEAR.findall(narrow(text))}
        if years:
            months = {int(month) for text in (*titles, name) for month in _MONTH.findall(narrow(text))}
            month = months.pop() if len(months) == 1 and months <= _MONTHS else None
            stated = StatedYear(year=years.pop(), where=where, latest_on=latest_on, month=month)
            return None if years else stated
    return None


def _iso(text: str) -> date | None:
    """Return an ISO date as a day; None for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _no_header(book: Workbook, seen: Sequence[str], unknown: Sequence[SheetRead]) -> BadFileError:
    """Return the refusal of a ledger in which nothing names a field."""
    if not seen:
        sentence = Text("{path} holds no rows; send the ledger again", "{path} 中没有任何内容，请重新报送")
        return BadFileError(sentence.format(path=book.path))
    sentence = Text(
        "{path} has no header that is known (the fullest row reads: {texts}); say what its columns are with "
        "--map FILE; --map-to FILE writes one to be filled in",
        "{path} 中找不到可识别的表头（最满的一行是：{texts}），请用 --map 文件指明各列；用 --map-to 文件可先生成一份",
    )
    # A row that is no header may name people: only words short enough for headings are repeated.
    texts = "、".join(text if len(text) <= 8 else text[:7] + "…" for text in seen[:12])
    sentence = sentence.format(path=book.path, texts=texts)
    return UnknownHeadingsError(sentence, unknown) if unknown else BadFileError(sentence)


def _refuse_unused(mapping: Mapping[str, str] | None, plans: Sequence[Plan]) -> None:
    """Refuse a mapping whose headings are in no sheet: it would be passed over in silence."""
    if not mapping:
        return
    there = ", ".join(dict.fromkeys(h.text for plan in plans for h in plan.origin.headings))
    missing = [
        given for given in mapping if not any(_names_heading(given, h) for p in plans for h in p.origin.headings)
    ]
    if missing:
        sentence = Text(
            "the ledger has no heading {missing}; it has: {there}", "台账中没有表头“{missing}”，现有：{there}"
        )
        raise BadValueError(sentence.format(missing=", ".join(missing), there=there))


def _names_heading(given: str, heading: Heading) -> bool:
    """Return whether a mapping's *given* name, a heading or a letter, means *heading*."""
    key = heading_key(given)
    parts = [heading_key(part) for part in heading.text.split("/")]
    own = {*parts, "".join(parts), heading_key(heading.text), *map(without_brackets, parts)}
    return key in own or given.strip().upper() == heading.letter
