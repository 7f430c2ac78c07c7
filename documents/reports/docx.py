"""A report as an official paper (GB/T 9704): page, type sizes and page numbers as letters have them.

What it says is left to `paper`, the page to `official_page`.
"""

from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as Opened
from docx.shared import Mm, Pt

from documents.checkpoint_marks import MILLIMETRES, png_of
from documents.reports.official_page import (
    BODY,
    CELL,
    CENTRE,
    HEADLINE,
    HEI,
    KAI,
    LINE,
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
from documents.reports.paper import Report
from documents.reports.section import ReportTable
from engine.language import t


def write_docx(paper: Report, file: Path) -> None:
    """Write the report into *file*."""
    document = Document()
    set_page(document)
    if paper.mark:
        header = document.sections[0].header.paragraphs[0]
        header.alignment = CENTRE
        run(header, paper.mark, font=HEI, size=14)
    title = paragraph(document, paper.title, font=TITLE, size=HEADLINE, align=CENTRE, line=36)
    title.paragraph_format.keep_with_next = True
    span = paragraph(document, f"{paper.span}　{paper.as_of}", font=KAI, align=CENTRE)
    span.paragraph_format.space_after = Pt(LINE / 2)
    for each in paper.lead:
        first_line(paragraph(document, each))
    for place, section in enumerate(paper.sections):
        heading = paragraph(document, numbered(place) + section.title, font=HEI)
        first_line(heading)
        heading.paragraph_format.keep_with_next = True
        if section.words:
            words = paragraph(document, section.words, font=KAI, size=12, line=20)
            words.paragraph_format.keep_with_next = True
        is_last = place == len(paper.sections) - 1
        table(document, section.table, hold=is_last)
        paragraph(document, "", size=6, line=10).paragraph_format.keep_with_next = is_last
    _sign(document, paper)
    _define(document, paper)
    document.save(str(file))


def _sign(document: Opened, paper: Report) -> None:
    """Write who made it, with room for the seal, the signature of the main leader and the day on which it is given.

    The day of the paper (成文日期) is that of the signature (GB/T 9704-2012, 7.3.5.4), so it is left to be written;
    when the figures were made is another day, and stands below.
    """
    paragraph(document, "", size=CELL, line=15).paragraph_format.keep_with_next = True
    day = t("date of signature: ", "　　　　年　　月　　日")
    for words in (paper.house, t("signed by the main person in charge: ", "主要负责人签字：　　　　　　"), day):
        line = paragraph(document, words, align=RIGHT)
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.right_indent = Pt(2 * BODY)
    for each in (*paper.footnotes, paper.made):
        note = paragraph(document, each, font=KAI, size=12, line=20)
        note.paragraph_format.keep_with_next = each != paper.made
    if paper.checkpoint:
        _mark_checkpoint(document, paper)


def _mark_checkpoint(document: Opened, paper: Report) -> None:
    """Write how far the journal is covered, with the checkpoint itself as a QR code beneath."""
    words = paragraph(document, paper.covered, font=KAI, size=CELL, line=15)
    words.paragraph_format.space_before = Pt(LINE / 2)
    words.paragraph_format.keep_with_next = True
    document.add_paragraph().add_run().add_picture(BytesIO(png_of(paper.checkpoint)), width=Mm(MILLIMETRES))


def _define(document: Opened, paper: Report) -> None:
    """Write on a page of its own how each figure was counted."""
    head = paragraph(document, t("Annex", "附件"), font=HEI)
    head.paragraph_format.page_break_before = True
    title = paragraph(document, t("How it was counted", "统计口径"), font=TITLE, size=HEADLINE, align=CENTRE, line=36)
    title.paragraph_format.space_after = Pt(10)
    rows = tuple((title, *line) for title, each in paper.defined.items() for line in each)
    heads = (t("subject", "内容"), t("figure", "指标"), t("how it is counted", "口径"))
    table(document, ReportTable(heads=heads, rows=rows), widths=(34.0, 28.0, WIDE - 62))
