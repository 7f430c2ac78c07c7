"""A report as a workbook: one sheet for each subject, native charts, sums that the workbook itself adds up.

What it says is left to `paper`; ledgers are written by `ledger_out`, row by row.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from documents.reports.page import is_numeric
from documents.reports.paper import Report
from documents.reports.section import Section
from engine.language import t
from engine.operations.figures.figure_values import PeriodGroup

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

COLOURS: Final = {
    PeriodGroup.FULLY_CLOSED: "#17684B",
    PeriodGroup.CLEARED: "#5FAE8B",
    PeriodGroup.IN_TIME: "#4F7FB8",
    PeriodGroup.EXTENDED: "#E0A53A",
    PeriodGroup.OVERDUE: "#C0392F",
}
_FONT: Final = "Microsoft YaHei"
_HEAD_ROW: Final = 3
"""The row of the headings, from 0."""


def write_xlsx(paper: Report, file: Path) -> None:
    """Write the report into *file*."""
    from xlsxwriter import Workbook

    book = Workbook(str(file), {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False})
    try:
        book.set_properties({"title": f"{paper.title} {paper.span}", "author": paper.house})
        book.formats[0].set_font_name(_FONT)
        forms = _forms(book)
        _write_summary(book, forms, paper)
        taken: set[str] = set()
        for section in paper.sections:
            _write_section(book, forms, paper, section, taken)
        _write_definitions(book, forms, paper)
    finally:
        book.close()


def _forms(book: "Workbook") -> dict[str, Any]:
    """Return how cells look."""
    base = {"font_name": _FONT, "font_size": 10.5, "valign": "vcenter"}
    cell = {**base, "border": 1, "border_color": "#D5DBD8"}
    return {
        "title": book.add_format({**base, "font_size": 18, "bold": True}),
        "house": book.add_format({**base, "bold": True, "font_color": "#9C1F1F"}),
        "soft": book.add_format({**base, "font_color": "#5C6863"}),
        "words": book.add_format({**base, "text_wrap": True, "valign": "top"}),
        "label": book.add_format(
            {**base, "font_color": "#5C6863", "top": 2, "top_color": "#4F7FB8", "align": "center"}
        ),
        "figure": book.add_format({**base, "font_size": 18, "bold": True, "align": "center"}),
        "remark": book.add_format({**base, "font_size": 9, "font_color": "#5C6863", "align": "center"}),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#E8EFEB", "text_wrap": True, "align": "center"}),
        "cell": book.add_format({**cell, "text_wrap": True}),
        "number": book.add_format({**cell, "align": "right"}),
        "sum": book.add_format({**cell, "bold": True, "bg_color": "#F4F6F5", "top": 2}),
        "sum_number": book.add_format({**cell, "bold": True, "bg_color": "#F4F6F5", "top": 2, "align": "right"}),
    }


def _write_summary(book: "Workbook", forms: dict[str, Any], paper: Report) -> None:
    """Write the first sheet: what a reader should know first."""
    sheet = book.add_worksheet(t("summary", "概览"))
    _set_page(sheet, paper)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 5, 17)
    sheet.write_string(0, 0, "    ".join(filter(None, (paper.mark, paper.house))), forms["house"])
    sheet.set_row(1, 30)
    sheet.write_string(1, 0, paper.title, forms["title"])
    sheet.write_string(2, 0, f"{paper.span}    {paper.as_of}", forms["soft"])
    for place, (label, figure, remark, _) in enumerate(paper.tiles):
        sheet.write_string(4, place, label, forms["label"])
        sheet.write_string(5, place, figure, forms["figure"])
        sheet.write_string(6, place, remark, forms["remark"])
    sheet.set_row(5, 28)
    row = 8
    for each in (*paper.lead, "", *paper.footnotes, paper.made, *filter(None, [paper.covered])):
        sheet.merge_range(row, 0, row, 5, "", forms["words"])
        sheet.write_string(row, 0, each, forms["words"])
        sheet.set_row(row, 18 * -(-max(_wide(each), 1) // 100))
        row += 1


def _write_section(book: "Workbook", forms: dict[str, Any], paper: Report, section: Section, taken: set[str]) -> None:
    """Write one sheet: a table, its sum and its chart."""
    name = _sheet_name(section.title, taken)
    sheet = book.add_worksheet(name)
    _set_page(sheet, paper)
    table = section.table
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, section.title, forms["title"])
    sheet.write_string(1, 0, _under(paper, section), forms["soft"])
    for place, head in enumerate(table.heads):
        cells = [head, *(str(row[place]) for row in table.rows)]
        sheet.set_column(place, place, min(max(10, *(_wide(each) + 3 for each in cells)), 60))
        sheet.write_string(_HEAD_ROW, place, head, forms["head"])
    sheet.set_row(_HEAD_ROW, 22)
    first = _HEAD_ROW + 1
    for line, row in enumerate(table.rows, first):
        for place, value in enumerate(row):
            form = forms["number" if is_numeric(table, place) else "cell"]
            _write_cell(sheet, line, place, value, form)
    last = first + len(table.rows) - 1
    if table.total is not None:
        for place, value in enumerate(table.total):
            form = forms["sum_number" if is_numeric(table, place) else "sum"]
            if isinstance(value, int) and place > 0:
                letter = chr(ord("A") + place)
                sheet.write_formula(last + 1, place, f"=SUM({letter}{first + 1}:{letter}{last + 1})", form, value)
            else:
                _write_cell(sheet, last + 1, place, value, form)
    sheet.freeze_panes(first, 1)
    sheet.repeat_rows(_HEAD_ROW)
    _add_chart(book, sheet, name, section, first, last)


def _write_cell(sheet: "Worksheet", line: int, place: int, value: str | int, form: Any) -> None:
    """Write a figure as a number, and anything else as text whatever it begins with."""
    if isinstance(value, int):
        sheet.write_number(line, place, value, form)
    else:
        sheet.write_string(line, place, value, form)


def _add_chart(book: "Workbook", sheet: "Worksheet", name: str, section: Section, first: int, last: int) -> None:
    """Add the chart of a section, if it has one, below its table."""
    pieces: list[tuple[int, str]]
    match section.name:
        case "standings":
            kind, pieces = (
                {"type": "bar", "subtype": "stacked"},
                [(2 + n, COLOURS[s]) for n, s in enumerate(PeriodGroup)],
            )
        case "weeks" if last > first:
            kind, pieces = {"type": "column"}, [(2, "#4F7FB8"), (3, "#5FAE8B")]
        case "ages":
            kind, pieces = {"type": "column"}, [(1, "#D27A35")]
        case "due":
            kind, pieces = {"type": "column"}, [(1, "#D9822F")]
        case _:
            return
    chart = book.add_chart(kind)
    for column, colour in pieces:
        chart.add_series(
            {
                "name": [name, _HEAD_ROW, column],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    font = {"name": _FONT, "size": 9}
    chart.set_title({"name": section.title, "name_font": {**font, "size": 12}})
    chart.set_legend({"position": "bottom", "font": font} if len(pieces) > 1 else {"none": True})
    lying = kind["type"] == "bar"
    grid = {"visible": True, "line": {"color": "#DFE4E1", "width": 0.75}}
    most = max(sum(int(row[n]) for n, _ in pieces) for row in section.table.rows)
    figures = {"num_font": font, "major_gridlines": grid, "min": 0, "num_format": "0"}
    figures["major_unit"] = -(-max(most, 1) // 8)
    names = {"num_font": font, "major_gridlines": {"visible": False}, "reverse": lying}
    chart.set_x_axis(figures if lying else names)  # of a lying chart the x axis is still the horizontal one
    chart.set_y_axis(names if lying else figures)
    chart.set_size({"width": 720, "height": max(300, 130 + 26 * (last - first + 1)) if lying else 320})
    sheet.insert_chart(last + 3, 0, chart)


def _write_definitions(book: "Workbook", forms: dict[str, Any], paper: Report) -> None:
    """Write the last sheet: how each figure was counted."""
    sheet = book.add_worksheet(t("how counted", "统计口径"))
    _set_page(sheet, paper)
    for place, (head, wide) in enumerate(
        ((t("subject", "内容"), 26), (t("figure", "指标"), 20), (t("how it is counted", "口径"), 90))
    ):
        sheet.set_column(place, place, wide)
        sheet.write_string(0, place, head, forms["head"])
    rows = [(title, *line) for title, each in paper.defined.items() for line in each]
    for line, cells in enumerate(rows, 1):
        sheet.set_row(line, 17 * -(-_wide(cells[2]) // 86))
        for place, each in enumerate(cells):
            sheet.write_string(line, place, each, forms["cell"])
    sheet.freeze_panes(1, 0)


def _under(paper: Report, section: Section) -> str:
    """Return the line under the title of a sheet."""
    return "    ".join(filter(None, (paper.mark, paper.span, paper.as_of, section.words)))


def _set_page(sheet: "Worksheet", paper: Report) -> None:
    """Set a sheet up for printing on A4, lying."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L{paper.as_of.replace('&', '&&')}&R&P / &N")
    if paper.mark:
        sheet.set_header(f"&C{paper.mark.replace('&', '&&')}")


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may bear, and that no other bears."""
    bare = "".join(each for each in title if each not in "[]:*?/\\'")[:28]
    name, count = bare, 1
    while name.lower() in taken:
        count += 1
        name = f"{bare[:26]} {count}"
    taken.add(name.lower())
    return name


def _wide(words: str) -> int:
    """Return how wide words are, an East Asian character counting twice."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in words)
