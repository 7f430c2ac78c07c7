"""A sheet of official paper on which the shipped templates are written; knows type sizes, no contents."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Opened
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from tools.letter_templates.paragraphs import (
    ALIGNED,
    BODY,
    FANG,
    HEADLINE,
    HEI,
    KAI,
    LATIN,
    LEFT,
    LINE,
    RED,
    RIGHT,
    SMALL,
    SONG,
    TITLE,
    WIDE,
    draw_double_line,
    draw_rule,
    indent,
    indent_first_line,
    set_space,
    write_run,
)
from tools.letter_templates.word_xml import element, repeated, whole

MADE_AT: Final = datetime(2019, 1, 1)  # noqa: DTZ001 - the file format knows no zone; fixed so that the files stay the same


class LetterSheet:
    """A document that grows downwards."""

    def __init__(self) -> None:
        self._document: Opened = Document()
        _set_page(self._document)

    def save(self, file: Path) -> None:
        """Write the document."""
        last = self._document.paragraphs[-1]
        if not last.text and last._p.getnext() is not None and isinstance(last._p.getprevious(), type(last._p)):  # noqa: SLF001 - python-docx shows no neighbours otherwise
            last._p.getparent().remove(last._p)  # noqa: SLF001 - "
        made = BytesIO()
        self._document.save(made)
        _keep(made, file)

    def head(self, beside: str = "") -> None:
        """Write who sends it in red, the number, and the red rule; *beside* stands right of the number."""
        mark = self.paragraph("{{ sender }}", font=TITLE, size=34, align="center", colour=RED, line=44)
        mark.paragraph_format.space_after = Pt(20)
        if beside:
            number = self.paragraph("　{{ number }}\t" + beside)
            number.paragraph_format.tab_stops.add_tab_stop(Mm(WIDE - 6), WD_TAB_ALIGNMENT.RIGHT)
        else:
            number = self.paragraph("{{ number }}", align="center")
        draw_rule(number)
        number.paragraph_format.space_after = Pt(LINE)

    def letter_head(self) -> None:
        """Write the head of a letter (信函格式, GB/T 9704-2012 10.1) on the first page, and the number below it.

        The sender's mark lies 30 mm below the edge of the page, a red double line of 170 mm 4 mm below it and
        another 20 mm above the lower edge; the first page shows no number of its own.
        """
        section = self._document.sections[0]
        section.different_first_page_header_footer = True
        section.header_distance = Mm(30)
        mark = section.first_page_header.paragraphs[0]
        write_run(mark, "{{ sender }}", font=TITLE, size=34, colour=RED)
        set_space(mark, 44)
        mark.alignment = ALIGNED["center"]
        draw_double_line(mark, kind="thickThinMediumGap", gap=11)
        foot = section.first_page_footer.paragraphs[0]
        set_space(foot, 6)
        draw_double_line(foot, kind="thinThickMediumGap", gap=8)
        number = self.paragraph("{{ number }}", align="right")
        number.paragraph_format.space_before = Pt(BODY * 7 / 8)
        number.paragraph_format.space_after = Pt(2 * LINE)

    def minutes_head(self, who: str, words: str) -> None:
        """Write the head of minutes (纪要格式, GB/T 9704-2012 10.3): the red mark, below it the number and the day."""
        self.paragraph(who, font=TITLE, size=26, align="center", colour=RED, line=40)
        mark = self.paragraph(words, font=TITLE, size=34, align="center", colour=RED, line=48)
        mark.paragraph_format.space_after = Pt(20)
        number = self.paragraph("　{{ number }}\t{{ dated_on }}　")
        number.paragraph_format.tab_stops.add_tab_stop(Mm(WIDE), WD_TAB_ALIGNMENT.RIGHT)
        draw_rule(number)
        number.paragraph_format.space_after = Pt(LINE)

    def people(self, label: str, names: str, *, last: bool = False) -> None:
        """Write who came, or did not: the label in 黑体, further lines below the first name (10.3)."""
        line = self.paragraph("")
        write_run(line, f"{label}：", font=HEI, size=BODY)
        write_run(line, names, font=FANG, size=BODY)
        form = line.paragraph_format
        form.left_indent, form.first_line_indent = Pt(5 * BODY), Pt(-3 * BODY)
        form.keep_together, form.keep_with_next = True, not last

    def title(self, words: str) -> None:
        """Write the title of a letter or report."""
        title = self.paragraph(words, font=TITLE, size=HEADLINE, align="center", line=36)
        title.paragraph_format.space_after = Pt(LINE)
        title.paragraph_format.keep_with_next = True

    def form_title(self, words: str, *, new_page: bool = False) -> None:
        """Write the title of a form."""
        self.paragraph("{{ sender }}", font=KAI, align="center").paragraph_format.page_break_before = new_page
        title = self.paragraph(words, font=TITLE, size=HEADLINE, align="center", line=36)
        title.paragraph_format.space_after = Pt(10)

    def form_number(self, beside: str = "") -> None:
        """Write the number of a form above its table."""
        number = self.paragraph("编号：{{ number }}\t" + (beside or "{{ dated_on }}"), size=SMALL)
        number.paragraph_format.tab_stops.add_tab_stop(Mm(WIDE), WD_TAB_ALIGNMENT.RIGHT)
        number.paragraph_format.keep_with_next = True

    def addressee(self, words: str) -> None:
        """Write whom it is addressed to."""
        self.paragraph(words)

    def say(self, words: str, *, hold: bool = False) -> None:
        """Write a paragraph of the body; *hold* keeps it on one page with what follows."""
        said = self.paragraph(words, align="both")
        indent_first_line(said)
        said.paragraph_format.keep_with_next = hold

    def heading(self, words: str) -> None:
        """Write a heading of the first level."""
        heading = self.paragraph(words, font=HEI)
        indent_first_line(heading)
        heading.paragraph_format.keep_with_next = True

    def each(self, name: str, *, numbered: bool = False, otherwise: str = "", hold: bool = False) -> None:
        """Write each paragraph of a value; *otherwise* if there is none.

        Args:
            hold: Keep the last one on one page with what follows, so that no signature stands alone.
        """
        every = f"({name} | numbered)" if numbered else name
        self.paragraph(f"{{%p for each in {every}{'[:-1]' if hold else ''} %}}")
        self.say("{{ each }}")
        self.paragraph("{%p endfor %}")
        if hold:
            self.paragraph(f"{{%p if {name} %}}")
            self.say(f"{{{{ {every}[-1] }}}}", hold=True)
            self.paragraph("{%p endif %}")
        if otherwise:
            self.paragraph(f"{{%p if not {name} %}}")
            self.say(otherwise, hold=hold)
            self.paragraph("{%p endif %}")

    def hanging(self, *lines: str) -> None:
        """Write the list of annexes; further lines stand below the first entry."""
        for place, words in enumerate(lines):
            line = self.paragraph(words)
            indent(line, left=2 * BODY if place == 0 else 5 * BODY)
            line.paragraph_format.keep_with_next = True

    def blank(self) -> None:
        """Leave a line free; what stands above it stays on one page with what follows."""
        above = self._document.paragraphs[-1]
        if above._p is self._document.element.body[-2]:  # noqa: SLF001 - a table may stand between
            above.paragraph_format.keep_with_next = True
        else:
            _hold_end(self._document.tables[-1])
        self.paragraph("").paragraph_format.keep_with_next = True

    def subtitle(self, words: str) -> None:
        """Write what stands below a title."""
        self._document.paragraphs[-1].paragraph_format.space_after = Pt(0)
        below = self.paragraph(words, font=KAI, align="center")
        below.paragraph_format.space_after = Pt(LINE)

    def gap(self) -> None:
        """Part two tables."""
        self.paragraph("", size=6, line=16)

    def signature(self) -> None:
        """Write who sends it and the day, the one centred above the other, with room for the seal."""
        self.sealed_by("{{ sender }}", "{{ dated_on }}")

    def sealed_by(self, who: str, day: str) -> None:
        """Write two lines for a seal, kept on one page with what is above them."""
        self.blank()
        for place, words in enumerate((who, day)):
            line = self.paragraph(words, align="center")
            indent(line, left=190)
            line.paragraph_format.keep_with_next = place == 0

    def contact(self, words: str) -> None:
        """Write whom to ask, on one page with the signature."""
        self._document.paragraphs[-1].paragraph_format.keep_with_next = True
        indent_first_line(self.paragraph(words))

    def note(self, words: str) -> None:
        """Write a small remark below a form, on one page with what stands above it."""
        above = self._document.paragraphs[-1]
        if above._p is self._document.element.body[-2]:  # noqa: SLF001 - a table may stand between
            above.paragraph_format.keep_with_next = True
        self.paragraph(words, size=12, line=20).paragraph_format.space_before = Pt(4)

    def annex(self, label: str, words: str) -> None:
        """Begin an annex on a page of its own."""
        self.paragraph(label, font=HEI).paragraph_format.page_break_before = True
        title = self.paragraph(words, font=TITLE, size=HEADLINE, align="center", line=36)
        title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(8), Pt(10)

    def grid(self, widths: Sequence[int], rows: Sequence[Sequence[str]], *, tall: bool = False) -> None:
        """Write a table of labels and values.

        Args:
            widths: Millimetres of the columns.
            rows: A row with fewer cells has its last one stretched. A cell `#name` has each paragraph of a
                value, `##name` numbers them, `^words` leaves room to write by hand and has *words* below it.
        """
        table = self._table(widths)
        for cells in rows:
            row = _row(table)
            _least(row, 10 if tall else 9)
            free = any(each[:1] == "#" for each in cells)
            if not free:
                whole(row)
            for place, words in enumerate(cells):
                self._fill(row.cells[place], words, label=place % 2 == 0)
        _set_widths(table, widths)
        for row, cells in zip(table.rows, rows, strict=True):
            if len(cells) < len(widths):
                row.cells[len(cells) - 1].merge(row.cells[-1])

    def rows(self, widths: Sequence[int], heads: Sequence[str], name: str) -> None:
        """Write a table with one row for each line of a value, numbered; its head is repeated on every page."""
        table = self._table(widths)
        head = _row(table)
        repeated(head)
        for cell, words in zip(head.cells, heads, strict=True):
            self._fill(cell, words, label=True)
        _row(table).cells[0].paragraphs[0].add_run(f"{{%tr for each in {name} %}}")
        row = _row(table)
        _least(row, 10)
        whole(row)
        for place, words in enumerate(("{{ loop.index }}", "{{ each }}", "", "")):
            self._fill(row.cells[place], words, centred=place == 0)
        _row(table).cells[0].paragraphs[0].add_run("{%tr endfor %}")
        _set_widths(table, widths)

    def keep_together(
        self, words: str, widths: Sequence[int], heads: Sequence[str], empty: int, *, filled: Sequence[str] = ()
    ) -> None:
        """Write a table to write into by hand, on one page; its heading is its first row, so they stay together."""
        self.gap()
        self._document.paragraphs[-1].paragraph_format.keep_with_next = True
        table = self._table(widths)
        lines = [(words,) + ("",) * (len(heads) - 1), tuple(heads), *[tuple(filled) or ("",) * len(heads)] * empty]
        for place, cells in enumerate(lines):
            row = _row(table)
            _least(row, 11)
            whole(row)
            for cell, each in zip(row.cells, cells, strict=True):
                self._fill(cell, each, label=place < 2, centred=True)
                cell.paragraphs[0].paragraph_format.keep_with_next = place < len(lines) - 1
        _set_widths(table, widths)
        table.rows[0].cells[0].merge(table.rows[0].cells[-1])
        for extra in table.rows[0].cells[0].paragraphs[1:]:
            extra._p.getparent().remove(extra._p)  # noqa: SLF001 - python-docx removes no paragraphs

    def paragraph(
        self,
        words: str,
        *,
        font: str = FANG,
        size: float = BODY,
        align: str = "left",
        colour: RGBColor | None = None,
        line: float = LINE,
    ) -> Paragraph:
        """Write one paragraph and return it."""
        made = self._document.add_paragraph()
        write_run(made, words, font=font, size=size, colour=colour)
        set_space(made, line)
        made.alignment = ALIGNED[align]
        return made

    def _table(self, widths: Sequence[int]) -> Table:
        """Begin a table with lines."""
        table: Table = self._document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        return table

    def _fill(self, cell: Any, words: str, *, label: bool = False, centred: bool = False) -> None:
        """Write a cell."""
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        first = cell.paragraphs[0]
        lines = words.split("\n")
        if words.startswith("#"):
            name = words.lstrip("#")
            numbers = " | numbered" if words.startswith("##") else ""
            lines = [f"{{%p for each in {name}{numbers} %}}", "{{ each }}", "{%p endfor %}"]
        elif words.startswith("^"):
            lines = ["", words[1:]]
        for place, each in enumerate(lines):
            line = first if place == 0 else cell.add_paragraph()
            write_run(line, each, font=HEI if label else FANG, size=SMALL)
            set_space(line, 22)
            if words.startswith("^"):
                line.alignment = ALIGNED["right"]
            else:
                line.alignment = ALIGNED["center" if label or centred else "left"]


def _set_page(document: Opened) -> None:
    """Set page, grid, page numbers and the words that the file carries about itself."""
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance, section.header_distance = Mm(23), Mm(15)
    grid = section._sectPr.find(qn("w:docGrid"))  # noqa: SLF001 - python-docx knows no grid
    if grid is not None:
        section._sectPr.remove(grid)  # noqa: SLF001 - "
    section._sectPr.append(element("w:docGrid", type="lines", linePitch=str(round(LINE * 20))))  # noqa: SLF001 - "
    document.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        _number_page(footer.paragraphs[0], align)
    style = document.styles["Normal"]
    for each in ("w:autoSpaceDE", "w:autoSpaceDN"):  # else 28 characters would not fit beside a date
        style.element.get_or_add_pPr().append(element(each, val="0"))
    style.font.name, style.font.size = LATIN, Pt(BODY)
    style.element.get_or_add_rPr().find(qn("w:rFonts")).set(qn("w:eastAsia"), FANG)
    _in_chinese(document)
    about = document.core_properties
    about.author = about.title = about.comments = about.last_modified_by = ""
    about.created = about.modified = MADE_AT
    about.revision, about.language = 1, "zh-CN"


def _in_chinese(document: Opened) -> None:
    """Say that its East Asian text is Chinese: where a font is missing, others' signs are taken for it else."""
    for tag, root in (("w:lang", document.styles.element), ("w:themeFontLang", document.settings.element)):
        for each in root.iter(qn(tag)):
            each.set(qn("w:eastAsia"), "zh-CN")


def _number_page(paragraph: Paragraph, align: str) -> None:
    """Write the number of the page between dashes, one character in from the outer edge."""
    paragraph.alignment = ALIGNED[align]
    side = paragraph.paragraph_format
    side.left_indent, side.right_indent = (Pt(SMALL), None) if align == "left" else (None, Pt(SMALL))
    write_run(paragraph, "— ", font=SONG, size=SMALL)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    write_run(paragraph, "1", font=SONG, size=SMALL)
    field.append(paragraph.runs[-1]._r)  # noqa: SLF001 - python-docx knows no fields
    paragraph._p.append(field)  # noqa: SLF001 - "
    write_run(paragraph, " —", font=SONG, size=SMALL)


def _set_widths(table: Table, widths: Sequence[int]) -> None:
    """Set the widths of the columns, in millimetres, where every program looks for them."""
    for column, each in zip(table.columns, widths, strict=True):
        column.width = Mm(each)
    for row in table.rows:
        for cell, each in zip(row.cells, widths, strict=True):
            cell.width = Mm(each)


def _row(table: Table) -> Any:
    """Add a row."""
    return table.add_row()  # type: ignore[no-untyped-call]  # python-docx gave it no types


def _hold_end(table: Table) -> None:
    """Keep the last rows of a table on one page with what follows it."""
    for row in table.rows[-3:]:
        for cell in row.cells:
            for line in cell.paragraphs:
                line.paragraph_format.keep_with_next = True


def _least(row: Any, height: int) -> None:
    """Set the least height of a row, in millimetres."""
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(height)


def _keep(made: BytesIO, file: Path) -> None:
    """Write what was made with one time for all its parts; a file that has the same parts already is left alone.

    Else each run would change every template, and a look at the history would not show which one was changed. Files
    with the same parts may still differ in how they are compressed, from one machine to the next.
    """
    with ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if file.exists():
        with ZipFile(file) as before:
            if [(each.filename, each.date_time, before.read(each)) for each in before.infolist()] == [
                (name, MADE_AT.timetuple()[:6], content) for name, content in parts.items()
            ]:
                return
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name, MADE_AT.timetuple()[:6]), content, ZIP_DEFLATED)
