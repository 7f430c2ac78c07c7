"""How a paragraph of official paper is set: types, lines, indents and rules, in the terms of Word."""

from typing import Final

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from tools.letter_templates.word_xml import element

SONG, FANG, HEI, KAI, TITLE = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
LATIN: Final = "Times New Roman"
RED: Final = RGBColor(0xE6, 0x00, 0x12)

BODY: Final = 16.0
"""3号, in points."""
HEADLINE: Final = 22.0
"""2号."""
SMALL: Final = 14.0
"""4号."""
LINE: Final = 28.95
"""Points from line to line: 22 lines in 225 mm."""
LEFT, RIGHT = 28, 26
"""Millimetres of the margins beside the type area."""
WIDE: Final = 156
"""Millimetres of the type area."""

ALIGNED: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def write_run(paragraph: Paragraph, words: str, *, font: str, size: float, colour: RGBColor | None = None) -> None:
    """Write words in one font; 3号 is set a little closer so that 28 characters fill the line."""
    run = paragraph.add_run(words)
    run.font.name, run.font.size = LATIN, Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 - python-docx sets no East Asian fonts
    fonts = properties.find(qn("w:rFonts"))
    assert fonts is not None
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    if size == BODY:
        closer = element("w:spacing", val="-5")
        properties.insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")


def set_space(paragraph: Paragraph, points: float) -> None:
    """Set the distance of lines."""
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
    form.widow_control = False


def indent_first_line(paragraph: Paragraph) -> None:
    """Begin two characters in."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 - python-docx knows no characters
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(2 * BODY * 20)))


def indent(paragraph: Paragraph, *, left: float) -> None:
    """Set the left indent, in points."""
    paragraph.paragraph_format.left_indent = Pt(left)


def draw_rule(paragraph: Paragraph) -> None:
    """Draw the red rule below a paragraph."""
    _border(paragraph, "bottom", "single", 6, 18)


def _border(paragraph: Paragraph, side: str, kind: str, gap: int, size: int) -> None:
    """Draw a red line on one side of a paragraph; *size* in eighths of a point."""
    borders = element("w:pBdr")
    borders.append(element(f"w:{side}", val=kind, sz=str(size), space=str(gap), color="E60012"))
    paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001 - python-docx knows no borders
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"
    )


def draw_double_line(paragraph: Paragraph, *, kind: str, gap: int) -> None:
    """Draw a red double line of 170 mm below a paragraph, *gap* points away from it."""
    form = paragraph.paragraph_format
    form.left_indent, form.right_indent = Mm(20 - LEFT), Mm(20 - RIGHT)
    _border(paragraph, "bottom", kind, gap, 24)
