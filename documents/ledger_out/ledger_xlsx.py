"""Ledgers written out: xlsx that a unit can fill in and send back, csv, json; row by row, in little memory.

Text stays text: a cell that begins like a formula is written as text in a workbook, and with an
apostrophe before it in a csv, where there is no other way to say so.
"""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal, assert_never

from documents.ledger_out.formats import ENDED, REVISION, Format, FormatColumn
from documents.ledger_out.rows import OutRow, Value, legend
from engine.language import t
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import FieldType

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula."""

SPARE_ROWS: Final = 100
"""Rows with drop-downs in a ledger that holds none."""

_FORMULA_MARKS: Final = frozenset(FORMULA_STARTS)
_PAGE: Final = 170
"""Characters that fit across A4 landscape in readable print, if there are several pages across."""
_ONE_PAGE: Final = 250
"""A ledger of so many is still printed on one page across, a little smaller; a wider one on several."""
_ACROSS: Final = 770.0
"""Points between the margins of A4 landscape."""
_SPARE: Final = 75
"""Hundredths of that room which are planned for: where Calibri is missing, another font makes columns wider."""
_LINE: Final = 15.0
"""Points of one line of text."""
_TALLEST: Final = 400.0
_LONGEST_LIST: Final = 255
"""Characters of a drop-down that stands in the rule itself; a longer one points at a hidden sheet."""
_EARLIEST_ON: Final = date(1990, 1, 1)
_LATE: Final = frozenset({"case.deadline", "case.due", "case.left", "case.level"})
"""What the colour of lateness falls on."""
_FROM_THE_LEFT: Final = frozenset({"case.unit", ENDED, REVISION})
"""Long texts, and what is hidden: centred, it would be drawn into the blank cell beside it."""
_ALIGN: Final = ByFieldType[Literal["left", "center", "right"]](
    text="left",
    date="center",
    moment="center",
    flag="center",
    number="right",
    choice="center",
    choices="left",
    officer="center",
    officers="left",
    unit="center",
    sealed="left",
)
_CODES: Final = ByFieldType(
    text="@",
    date="yyyy-mm-dd",
    moment="@",
    flag="@",
    number="General",
    choice="@",
    choices="@",
    officer="@",
    officers="@",
    unit="@",
    sealed="@",
)
"""How a cell shows its value; as a text where a program might take it for a number, such as a code with zeros."""
_EDGE: Final = "BFBFBF"


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What stands above the rows and beside them."""

    unit: str
    """Who reports: the name of a unit, or of the house."""
    as_of: date
    """Local date."""
    made_at: datetime
    officers: Sequence[str]
    """How those who can be named are written, for drop-downs."""
    scope: Sequence[str] = ()
    """Which rows were asked for, in words; empty for all."""
    mark: str = ""
    """What stands on every page, as that the ledger is for rehearsal."""


def write_xlsx(path: Path, form: Format, front: Front, rows: Iterable[OutRow], *, scratch: Path) -> int:
    """Write a workbook to *path* and return how many rows it has.

    Args:
        scratch: A folder for the rows on their way; theirs is no less secret than the ledger's.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "tmpdir": str(scratch)}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": str(form.title), "created": front.made_at.replace(tzinfo=None)})
        return _Sheet(book, form, front).write(rows)


def write_csv(path: Path, form: Format, rows: Iterable[OutRow], *, mark: str = "") -> int:
    """Write a csv (UTF-8 with a mark, as spreadsheets want it) to *path* and return how many rows it has.

    Args:
        mark: What a last column says in every row, as that the ledger is for rehearsal; a csv has no other place.
    """
    more = [mark] if mark else []
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([*(plain_cell(str(each.title)) for each in form.columns), *more])
        for row in rows:
            count += 1
            out.writerow([*(plain_cell(each) for each in row.cells), *more])
    return count


def write_json(path: Path, heads: dict[str, object], rows: Iterable[dict[str, object]]) -> int:
    """Write JSON to *path* row by row and return how many rows it has.

    Args:
        heads: What is said before the rows.
    """
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(heads, ensure_ascii=False)[:-1] + ', "rows": [')
        for row in rows:
            stream.write((",\n" if count else "\n") + json.dumps(row, ensure_ascii=False))
            count += 1
        stream.write("\n]}\n")
    return count


def plain_cell(value: Value) -> str | int | float:
    """Return a cell as a csv holds it; one apostrophe more than the text has, however many it begins with."""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'").startswith(FORMULA_STARTS) else value
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value


def text_width(text: str) -> int:
    """Return the room that a text takes at most, in characters of the usual size."""
    return len(text) if text.isascii() else 2 * len(text)


class _Sheet:
    """The sheet of one ledger."""

    def __init__(self, book: Any, form: Format, front: Front) -> None:
        self._book = book
        self._form = form
        self._front = front
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._page = book.add_worksheet(_sheet_name(form))
        self._halves = [each.width / 2 for each in form.columns]
        self._visible = [place for place, each in enumerate(form.columns) if not each.hidden]
        self._across = self._pages_across()
        kept = range(self._frozen_columns() if len(self._across) > 1 else 0)
        self._own = [[place for place in columns if place not in kept] for columns in self._across]

    def write(self, rows: Iterable[OutRow]) -> int:
        """Write everything and return the number of rows."""
        page, columns = self._page, self._form.columns
        for place, each in enumerate(columns):
            page.set_column(place, place, each.width, None, {"hidden": each.hidden})
        header = self._write_head()
        for place, each in enumerate(columns):
            page.write_string(header, place, str(each.title), self._header_format(each))
        lines = max(math.ceil(text_width(str(each.title)) / each.width) for each in columns)
        page.set_row(header, 8 + _LINE * min(lines, 4))
        count = self._write_rows(header + 1, rows)
        last = header + max(count, SPARE_ROWS if not count else 0)
        self._write_foot(last + 1, count)
        page.freeze_panes(header + 1, self._frozen_columns())
        page.autofilter(header, 0, last, len(columns) - 1)
        self._write_rules(header + 1, last)
        self._set_print(header, last + 2)
        return count

    def _write_head(self) -> int:
        """Write title, who reports, and the legend; return the row of the header."""
        page, end = self._page, self._visible[-1]
        title = "    ".join(filter(None, (str(self._form.title), self._front.mark)))
        wide = len(self._across) > 1
        look = self._look(bold=True, font_size=18, align="left" if wide else "center", valign="vcenter")
        page.set_row(0, 34)
        if wide or end == 0:
            page.write_string(0, 0, title, look)
        else:
            page.merge_range(0, 0, 0, end, title, look)
        row = 1
        lines = {
            "unit": t("Reporting unit: {unit}", "填报单位：{unit}", unit=self._front.unit),
            "date": t("Date of report: {day}", "填报时间：{day}", day=self._front.as_of.isoformat()),
        }
        said = [lines[each] for each in self._form.head]
        scope = [*([] if self._form.rows is None else [str(self._form.rows)]), *self._front.scope]
        if scope:
            said.append(t("Listed: {rows}", "列入范围：{rows}", rows=t("; ", "；").join(scope)))
        said.append(t("grey heading: not to be filled in", "灰色表头不必填写"))
        for columns in self._own:  # beside what is repeated, which would cut it off
            page.write_string(row, columns[0], "      ".join(said), self._look(font_size=11))
        page.set_row(row, 20)
        return self._write_legend(row + 1)

    def _write_legend(self, row: int) -> int:
        """Write what the colours mean, those of lateness as fills and those of grade as letters."""
        late, grades = legend(self._form)
        cells: list[tuple[str, dict[str, object]]] = [
            (str(each.title), {"bg_color": f"#{each.colour}"}) for each in late
        ]
        cells += [(str(each.title), {"font_color": f"#{each.colour}", "bold": True}) for each in grades]
        self._page.set_row(row, 2 * _LINE + 2)
        edges = {"border": 1, "border_color": f"#{_EDGE}", "align": "center", "valign": "vcenter", "text_wrap": True}
        for columns in self._own:  # once on every page across
            roomy = [place for place in columns if self._form.columns[place].width >= 9]
            for place, (words, look) in zip(roomy, cells, strict=False):
                self._page.write_string(row, place, words, self._look(font_size=9, **edges, **look))
        return row + 1

    def _write_rows(self, first: int, rows: Iterable[OutRow]) -> int:
        """Write the rows and return how many there were."""
        columns = self._form.columns
        plain = [self._cell_format(each) for each in columns]
        late = [
            {
                place: self._cell_format(each, bg_color=f"#{level.colour}")
                for place, each in enumerate(columns)
                if each.show in _LATE
            }
            for level in self._form.levels
        ]
        graded = [{"font_color": f"#{each.colour}", "bold": True} for each in self._form.grades]
        count = 0
        for count, (cells, level, grades) in enumerate(rows, 1):
            looks = plain
            if level is not None or grades:
                looks = plain.copy()
                for place, look in late[level].items() if level is not None else ():
                    looks[place] = look
                for place, grade in grades:
                    looks[place] = self._cell_format(columns[place], **graded[grade])
            self._write_row(first + count - 1, cells, looks)
        return count

    def _write_row(self, row: int, cells: Sequence[Value], looks: Sequence[Any]) -> None:
        """Write one row, as high as its longest text needs: not every program finds that out by itself."""
        page, lines, place = self._page, 1, -1
        for value, look, half in zip(cells, looks, self._halves, strict=True):
            place += 1
            if value is None:
                page.write_blank(row, place, None, look)
            elif value.__class__ is str:
                assert isinstance(value, str)
                if value[:1] in _FORMULA_MARKS:
                    look = self._cell_format(self._form.columns[place], quote_prefix=True)  # noqa: PLW2901
                page.write_string(row, place, value, look)
                if len(value) > half or "\n" in value:
                    lines = max(lines, _lines(value, 2 * half))
            elif isinstance(value, date):
                page.write_datetime(row, place, value, look)
            else:
                page.write_number(row, place, value, look)
        page.set_row(row, min(6 + _LINE * lines, _TALLEST))

    def _write_foot(self, row: int, count: int) -> None:
        """Write the total and who signs."""
        if count:
            look = self._look(bold=True, valign="vcenter")
            self._page.set_row(row, 20)
            self._page.write_string(row, 0, t("Total", "合计"), look)
            self._page.write_string(row, 1, t("{n} cases", "{n} 件", n=count), look)
            row += 1
        if str(self._form.foot):
            self._page.write_string(row, 0, str(self._form.foot), self._look())
            self._page.set_row(row, 22)

    def _write_rules(self, first: int, last: int) -> None:
        """Add drop-downs and date rules to what may be filled in."""
        lists = _Lists(self._book)
        for place, column in enumerate(self._form.columns):
            rule = self._rule(column, lists) if column.fillable else None
            if rule is not None:
                self._page.data_validation(first, place, last, place, rule)

    def _rule(self, column: FormatColumn, lists: "_Lists") -> dict[str, object] | None:
        """Return what may stand in a column; None if anything may."""
        field = column.field
        assert field is not None
        match field.type:
            case FieldType.CHOICE:
                return lists.rule(str(column.title), [str(each.title) for each in field.choices])
            case FieldType.FLAG:
                return lists.rule(str(column.title), [t("yes", "是"), t("no", "否")])
            case FieldType.OFFICER:
                return lists.rule(t("Officers", "人员"), self._front.officers) if self._front.officers else None
            case FieldType.DATE:
                return {
                    "validate": "date",
                    "criteria": ">=",
                    "value": _EARLIEST_ON,
                    "error_title": t("A date", "日期"),
                    "error_message": t("Write a date such as 2019-06-30", "请填日期，如 2019-06-30"),
                }
            case (
                FieldType.TEXT
                | FieldType.MOMENT
                | FieldType.NUMBER
                | FieldType.CHOICES
                | FieldType.OFFICERS
                | FieldType.UNIT
                | FieldType.SEALED
            ):
                return None
            case _:
                assert_never(field.type)

    def _set_print(self, header: int, end: int) -> None:
        """Let it print on A4 landscape, the header and the key of the colours on every page."""
        page = self._page
        page.set_landscape()
        page.set_paper(9)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        if len(self._across) == 1:
            page.fit_to_pages(1, 0)
        else:
            kept = sum(_points(self._form.columns[each].width) for each in range(self._frozen_columns()))
            widest = max(
                sum(_points(self._form.columns[each].width) for each in columns) + (kept if place else 0)
                for place, columns in enumerate(self._across)
            )
            page.set_print_scale(max(10, min(100, int(_SPARE * _ACROSS / widest))))
            page.set_v_pagebreaks([columns[0] for columns in self._across[1:]])
        page.repeat_rows(header - 1, header)
        page.print_area(0, 0, end, self._visible[-1])
        if self._frozen_columns():
            page.repeat_columns(0, self._frozen_columns() - 1)
        if self._front.mark:
            page.set_header(f"&C{self._front.mark.replace('&', '&&')}")
        page.set_footer(t("&CPage &P of &N", "&C第 &P 页 共 &N 页"))

    def _pages_across(self) -> list[list[int]]:
        """Return the visible columns of each page across; what stays in sight is repeated on every one."""
        widths = [each.width for each in self._form.columns]
        if sum(widths[each] for each in self._visible) <= _ONE_PAGE:
            return [self._visible]
        kept = sum(widths[: self._frozen_columns()])
        pages: list[list[int]] = [[]]
        room = float(_PAGE)
        for place in self._visible:
            if pages[-1] and widths[place] > room:
                pages.append([])
                room = _PAGE - kept
            pages[-1].append(place)
            room -= widths[place]
        return pages

    def _frozen_columns(self) -> int:
        """Return how many columns stay in sight: those up to the number, if it stands near the front."""
        for place, each in enumerate(self._form.columns[:3]):
            if each.show == "case.number":
                return place + 1
        return 0

    def _header_format(self, column: FormatColumn) -> Any:
        """Return the look of a heading."""
        fill = "#FFFFFF" if column.fillable else "#D9D9D9"
        edges = {"border": 1, "border_color": f"#{_EDGE}", "align": "center", "valign": "vcenter", "text_wrap": True}
        return self._look(bold=True, bg_color=fill, **edges)

    def _cell_format(self, column: FormatColumn, **more: object) -> Any:
        """Return the look of a cell."""
        kind = column.field.type if column.field is not None else None
        is_day = kind is FieldType.DATE or column.show == "case.due"
        code = _CODES[kind] if kind is not None else "yyyy-mm-dd" if is_day else "@"
        if column.show in {"case.serial", "case.revision"}:
            code = "0"
        align = _ALIGN[kind] if kind is not None else "left" if column.show in _FROM_THE_LEFT else "center"
        look: dict[str, object] = {"num_format": code, "border": 1, "border_color": f"#{_EDGE}", "valign": "vcenter"}
        return self._look(**look, align=align, text_wrap=not is_day, **more)

    def _look(self, **look: object) -> Any:
        """Return a look, made once."""
        said: dict[str, object] = {"font_name": t("Calibri", "宋体"), "font_size": 10, **look}
        key = tuple(sorted(said.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(said)
        return self._formats[key]


class _Lists:
    """Drop-downs; those too long for the rule itself stand on a hidden sheet."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._page: Any = None
        self._known: dict[tuple[str, ...], str] = {}

    def rule(self, title: str, choices: Sequence[str]) -> dict[str, object]:
        """Return the rule of a drop-down."""
        chosen = tuple(choices)
        short = len(",".join(chosen)) <= _LONGEST_LIST and not any("," in each for each in chosen)
        return {
            "validate": "list",
            "source": list(chosen) if short else self._place(chosen),
            "error_title": title,
            "error_message": t("Choose one of the list", "请从下拉列表中选择"),
        }

    def _place(self, chosen: tuple[str, ...]) -> str:
        """Return where a long list stands, writing it if it is new: a row, since rows are written in turn."""
        if chosen not in self._known:
            if self._page is None:
                self._page = self._book.add_worksheet(t("Choices", "选项"))
                self._page.hide()
            row = len(self._known)
            for place, each in enumerate(chosen):
                self._page.write_string(row, place, each)
            from xlsxwriter.utility import xl_range_abs

            name = t("Choices", "选项")
            self._known[chosen] = f"='{name}'!{xl_range_abs(row, 0, row, len(chosen) - 1)}"
        return self._known[chosen]


def _points(width: float) -> float:
    """Return how many points a column of that many characters is wide."""
    return 0.75 * (7 * width + 5)


def _lines(value: str, width: float) -> int:
    """Return how many lines a text takes in a cell of that width."""
    if "\n" not in value:
        return int((text_width(value) + 1) / width) + 1
    return sum(int((text_width(each) + 1) / width) + 1 for each in value.split("\n"))


def _sheet_name(form: Format) -> str:
    """Return a title as a sheet may be called."""
    return "".join(each for each in str(form.title) if each not in "[]:*?/\\'")[:31] or "Ledger"
