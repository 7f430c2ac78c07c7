"""The page of an official paper (GB/T 9704): its margins, fonts, sizes, headings, tables and page numbers.

What stands on it is left to those who write reports and case files; letters are filled from templates.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from docx.document import Document as Opened
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.reports.page import is_numeric
from documents.reports.section import ReportTable
from engine.language import language

SONG, FANG, HEI, KAI, TITLE = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
LATIN: Final = "Times New Roman"
WIDE: Final = 156.0
"""Millimetres of the type area."""
BODY, HEADLINE, CELL, LINE = 16.0, 22.0, 10.5, 28.95
"""Sizes of type and the height of a line, in points."""
LEFT, RIGHT, CENTRE = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_SMALL, _MANY = 9.0, 7
"""The type size of tables with so many columns or more."""
_WHOLE: Final = 14
"""A table of so many lines at most stays on one page."""
_DIGITS: Final = "一二三四五六七八九十"


def set_page(document: Opened) -> None:
    """Set page, page numbers and the words that the file carries about itself."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance, section.header_distance = Mm(23), Mm(15)
    footer = section.footer.paragraphs[0]
    footer.alignment = CENTRE
    run(footer, "— ", font=SONG, size=14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run(footer, "1", font=SONG, size=14)
    field.append(footer.runs[-1]._r)  # noqa: SLF001 - python-docx knows no fields
    footer._p.append(field)  # noqa: SLF001 - "
    run(footer, " —", font=SONG, size=14)
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(BODY)
    style.element.get_or_add_rPr().find(qn("w:rFonts")).set(qn("w:eastAsia"), FANG)
    _in_chinese(document)
    about = document.core_properties
    about.author = about.title = about.comments = about.last_modified_by = ""


def _in_chinese(document: Opened) -> None:
    """Say that the East Asian text is Chinese: where a font is missing, Japanese signs would be taken for it else."""
    for tag, root in (("w:lang", document.styles.element), ("w:themeFontLang", document.settings.element)):
        for each in root.iter(qn(tag)):
            each.set(qn("w:eastAsia"), "zh-CN")


def numbered(place: int) -> str:
    """Return the number of a heading of the first level."""
    if language() != "zh":
        return f"{place + 1}. "
    tens, ones = divmod(place + 1, 10)
    if tens == 0:
        return f"{_DIGITS[ones - 1]}、"
    return ("" if tens == 1 else _DIGITS[tens - 1]) + "十" + (_DIGITS[ones - 1] if ones else "") + "、"


def table(document: Opened, table: ReportTable, *, widths: Sequence[float] | None = None, hold: bool = False) -> None:
    """Write a table with lines; its head is repeated on every page, and *hold* keeps its end with what follows."""
    widths = _widths(table) if widths is None else widths
    lines = [table.heads, *table.rows, *([] if table.total is None else [table.total])]
    made = document.add_table(rows=len(lines), cols=len(table.heads))
    made.style = "Table Grid"
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    _narrow_cells(made)
    for column, wide in zip(made.columns, widths, strict=True):
        column.width = Mm(wide)
    cells = [list(row.cells) for row in made.rows]
    size = _size(table)
    for line, values in enumerate(lines):
        is_head, is_sum = line == 0, table.total is not None and line == len(lines) - 1
        for place, value in enumerate(values):
            align = CENTRE if is_head else (RIGHT if is_numeric(table, place) else LEFT)
            words = str(value).replace(" %", "\u00a0%")
            font = HEI if is_head or is_sum else FANG
            least = size - 1 if is_head and language() == "en" else size  # nor must those of headings
            filled = _fill(cells[line][place], words, align=align, font=font, size=least)
            is_end = line >= len(lines) - 2
            together = len(lines) <= _WHOLE and line < len(lines) - 1
            filled.paragraph_format.keep_with_next = together or (hold and is_end)
            cells[line][place].width = Mm(widths[place])
    for row in made.rows:
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))  # noqa: SLF001 - python-docx does not know it
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - "


def _narrow_cells(table: Any) -> None:
    """Leave one millimetre between the lines of a table and its words."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")  # noqa: SLF001 - python-docx knows no cell margins


def _widths(table: ReportTable) -> list[float]:
    """Return the widths of columns: figures take what they need, words share the rest, and no day or number breaks."""
    figures = [place for place in range(len(table.heads)) if is_numeric(table, place)]
    words = [place for place in range(len(table.heads)) if place not in figures]
    narrow = min(26.0, (WIDE - 34.0 * min(len(words), 2)) / max(len(figures), 1))
    cells = {place: [str(row[place]) for row in (table.heads, *table.rows)] for place in words}
    least = {place: _millimetres(max(map(_unbroken, cells[place])), table) for place in words}
    wanted = {place: max(least[place], _millimetres(min(max(map(_wide, cells[place])), 48), table)) for place in words}
    rest = WIDE - narrow * len(figures)
    if (needed := sum(least.values())) > rest:
        least = {place: each * rest / needed for place, each in least.items()}
    shared = max(sum(wanted[place] - least[place] for place in words), 1.0)
    spare = rest - sum(least.values())
    return [
        narrow if place in figures else least[place] + spare * (wanted[place] - least[place]) / shared
        for place in range(len(table.heads))
    ]


def _size(table: ReportTable) -> float:
    """Return the size of the letters of a table, in points."""
    if len(table.heads) < _MANY:
        return CELL
    return _SMALL if language() == "zh" else _SMALL - 1  # long words must not break


def _millimetres(signs: int, table: ReportTable) -> float:
    """Return how wide so many signs are in a cell of a table, its margins included; Latin ones by a wide font."""
    return signs * _size(table) * 0.6 * 0.3528 + 3


def _unbroken(words: str) -> int:
    """Return how wide the longest part of words is that should stand on one line: a day, a number, a Latin word."""
    return max(2 * _wide("字"), *(len(each) for each in re.split("[ \u2e80-\U0003ffff]", words)))


def _wide(words: str) -> int:
    """Return how wide words are, an East Asian character counting twice."""
    return sum(2 if each > "\u2e7f" else 1 for each in words)


def _fill(cell: Any, words: str, *, align: WD_ALIGN_PARAGRAPH, font: str, size: float) -> Paragraph:
    """Write a cell and return its line."""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    line: Paragraph = cell.paragraphs[0]
    run(line, words, font=font, size=size)
    line.alignment = align
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)
    line.paragraph_format.line_spacing_rule, line.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(15)
    return line


def paragraph(
    document: Opened,
    words: str,
    *,
    font: str = FANG,
    size: float = BODY,
    align: WD_ALIGN_PARAGRAPH = LEFT,
    line: float = LINE,
) -> Paragraph:
    """Write one paragraph."""
    made = document.add_paragraph()
    run(made, words, font=font, size=size)
    made.alignment = align
    form = made.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    return made


def run(paragraph: Paragraph, words: str, *, font: str, size: float) -> None:
    """Write words in one font."""
    run = paragraph.add_run(words)
    run.font.name, run.font.size = LATIN, Pt(size)
    fonts = run._r.get_or_add_rPr().find(qn("w:rFonts"))  # noqa: SLF001 - python-docx sets no East Asian fonts
    assert fonts is not None
    fonts.set(qn("w:eastAsia"), font)
    if language() == "zh":
        fonts.set(qn("w:hint"), "eastAsia")


def first_line(paragraph: Paragraph) -> None:
    """Begin two characters in."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 - python-docx knows no characters
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(2 * BODY * 20)))
