"""The file of a case as a docx on the page of an official paper: cover, contents with page numbers, parts."""

from pathlib import Path
from typing import Final

from docx import Document
from docx.document import Document as Opened
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.case_file.sheets import FileBlock, FilePart, FileSheets
from documents.reports.official_page import (
    BODY,
    CENTRE,
    FANG,
    HEADLINE,
    HEI,
    KAI,
    LEFT,
    RIGHT,
    TITLE,
    WIDE,
    first_line,
    numbered,
    paragraph,
    run,
    set_page,
    table,
)
from documents.reports.section import ReportTable
from engine.language import t

_NARROW: Final = 40.0
"""Millimetres of the column of titles on the cover."""
_ABOVE: Final = 24.0
"""Points of space above the title of the cover."""


def write_case_file(sheets: FileSheets, file: Path) -> None:
    """Write the file of a case into *file*."""
    document = Document()
    set_page(document)
    if sheets.mark:
        header = document.sections[0].header.paragraphs[0]
        header.alignment = CENTRE
        run(header, sheets.mark, font=HEI, size=14)
    _cover(document, sheets)
    _contents(document, sheets)
    for place, part in enumerate(sheets.parts):
        _part(document, part, place)
    document.save(str(file))


def _cover(document: Opened, sheets: FileSheets) -> None:
    """Write the first page."""
    paragraph(document, sheets.marking, font=HEI)
    house = paragraph(document, sheets.house, font=TITLE, size=HEADLINE, align=CENTRE, line=36)
    house.paragraph_format.space_before = Pt(_ABOVE)
    paragraph(document, sheets.title, font=TITLE, size=36, align=CENTRE, line=54)
    number = paragraph(document, sheets.number, font=KAI, align=CENTRE)
    number.paragraph_format.space_after = Pt(_ABOVE / 2)
    made = document.add_table(rows=len(sheets.cover), cols=2)
    made.style = "Table Grid"
    made.autofit = False
    made.columns[0].width, made.columns[1].width = Mm(_NARROW), Mm(WIDE - _NARROW)
    for row, (title, value) in zip(made.rows, sheets.cover, strict=True):
        for cell, words, font, wide in zip(
            row.cells, (title, value), (HEI, FANG), (_NARROW, WIDE - _NARROW), strict=True
        ):
            cell.width = Mm(wide)
            line = cell.paragraphs[0]
            run(line, words, font=font, size=14)
            line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(4)
    printed = paragraph(document, sheets.made, font=KAI, size=12, align=RIGHT, line=20)
    printed.paragraph_format.space_before = Pt(12)


def _contents(document: Opened, sheets: FileSheets) -> None:
    """Write the list of contents; the numbers of pages are fields, which a word processor fills and keeps right."""
    title = paragraph(document, t("Contents", "卷内目录"), font=TITLE, size=HEADLINE, align=CENTRE, line=36)
    title.paragraph_format.page_break_before = True
    title.paragraph_format.space_after = Pt(10)
    heads = (t("no.", "序号"), t("contents", "内容"), t("page", "页码"))
    rows = tuple((str(place + 1), part.title, "") for place, part in enumerate(sheets.parts))
    table(document, ReportTable(heads=heads, rows=rows), widths=(18.0, WIDE - 38.0, 20.0))
    listed = document.tables[-1]
    for place, row in enumerate(listed.rows[1:]):
        line = row.cells[2].paragraphs[0]
        line.alignment = CENTRE
        _page_of(line, _bookmark(place))
    settings = document.settings.element
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    settings.append(update)


def _part(document: Opened, part: FilePart, place: int) -> None:
    """Write a part, with what the contents point at."""
    heading = paragraph(document, numbered(place) + part.title, font=HEI)
    first_line(heading)
    heading.paragraph_format.keep_with_next = True
    heading.paragraph_format.space_before = Pt(BODY)
    heading.paragraph_format.page_break_before = place == 0
    _mark_place(heading, place)
    level = OxmlElement("w:outlineLvl")  # what navigation goes by
    level.set(qn("w:val"), "0")
    heading._p.get_or_add_pPr().append(level)  # noqa: SLF001 - python-docx knows no levels
    for block in part.blocks:
        _block(document, block)


def _block(document: Opened, block: FileBlock) -> None:
    """Write a block; what is not there is said, so that nobody looks for it."""
    if block.title:
        line = paragraph(document, block.title, font=KAI, size=14, line=26)
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_before = Pt(6)
    if block.words:
        words = paragraph(document, block.words, font=FANG, size=12, align=LEFT, line=20)
        words.paragraph_format.keep_with_next = block.table is not None
    if block.table is not None:
        table(document, block.table, widths=block.widths)


def _bookmark(place: int) -> str:
    """Return the name of the place where a part begins."""
    return f"part_{place + 1}"


def _mark_place(heading: Paragraph, place: int) -> None:
    """Mark where a part begins."""
    for tag, attributes in (
        ("w:bookmarkStart", {"w:id": str(place), "w:name": _bookmark(place)}),
        ("w:bookmarkEnd", {"w:id": str(place)}),
    ):
        element = OxmlElement(tag)
        for name, value in attributes.items():
            element.set(qn(name), value)
        heading._p.append(element)  # noqa: SLF001 - python-docx knows no bookmarks


def _page_of(line: Paragraph, bookmark: str) -> None:
    """Write the field that says on which page a bookmark is; until it is filled, nothing is claimed."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f"PAGEREF {bookmark} \\h")
    field.set(qn("w:dirty"), "true")
    run(line, "…", font=FANG, size=10.5)
    field.append(line.runs[-1]._r)  # noqa: SLF001 - python-docx knows no fields
    line._p.append(field)  # noqa: SLF001 - "
