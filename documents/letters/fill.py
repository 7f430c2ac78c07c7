"""Papers as Word files: a template, its placeholders, and the paper that comes of it.

A template is a .docx that anybody can edit. It is proved before it is used: what it may show is
known by name, and what it says runs in a sandbox. Values are always escaped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import BadZipFile

from documents.letters.draft import Context
from documents.letters.kinds import LetterKind
from engine.errors import BadFileError, system_reason
from engine.language import Text
from engine.workflow.problems import did_you_mean

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph
    from docxtpl import DocxTemplate

    from engine.expressions.templates import TemplateSandbox

SHIPPED: Final = Path(__file__).with_name("templates")
_OWN_NUMBER: Final = re.compile(
    r"[（(](?:[一二三四五六七八九十]+|\d{1,2})[）)]"
    r"|(?:[一二三四五六七八九十]+|\d{1,2})[、．）)]"
    r"|\d{1,2}\.(?!\d)|[一二三四五六七八九十]+是|[①-⑳⒈-⒛]"
)
"""What numbers a point: （一）, 一、, 1., (1), 一是, ①."""


class KeptTemplate(NamedTuple):
    """A template that is no file any more: the ledger keeps it."""

    called: str
    """What messages call it."""
    content: bytes

    def __str__(self) -> str:
        return self.called


Template = Path | KeptTemplate
"""Where a template stands."""


def template_of(kind: LetterKind) -> Path:
    """Return the template of a kind that comes with the program; a ledger works by the one that it has adopted."""
    return SHIPPED / f"{kind.name}.docx"


def prove(template: Template, kind: LetterKind) -> frozenset[str]:
    """Return the placeholders of a template, or say what is wrong with it.

    Raises:
        BadFileError: If it is no Word file, cannot be understood, shows what is not known, or has no number.
    """
    with _said(template):
        found = frozenset(_opened(template).get_undeclared_template_variables(_environment()))
    unknown = sorted(found - kind.placeholders)
    if unknown:
        near = did_you_mean(unknown[0], kind.placeholders)
        names = ", ".join(unknown)
        raise BadFileError(
            Text(
                f"{template} shows what is not known: {names}{near.en}; see: qingling letter explain {kind.name}",
                f"{template} 含未知的占位符：{names}{near.zh}；可用的占位符见 qingling letter explain {kind.title.zh}",
            )
        )
    if "number" not in found:
        raise BadFileError(
            Text(
                f"{template} does not show the number of the letter; write {{{{ number }}}} into it",
                f"{template} 没有文号；请在模板中写入 {{{{ number }}}}",
            )
        )
    return found


def filled(
    template: Template, context: Context, *, number: str, mark: str = "", code: str = "", checkpoint: str = ""
) -> bytes:
    """Return the paper: the template with its values, as the content of a .docx.

    Args:
        mark: What stands above every page whatever the template says, as that it is of a ledger for rehearsal.
        code: What stands small above every page, at the right: the short code of the journal's checkpoint.
        checkpoint: That checkpoint as a signed note, which stands as a QR code above the first page, at the left.

    Raises:
        BadFileError: If the template cannot be filled.
    """
    from engine.expressions.templates import bounded_turns

    with _said(template), bounded_turns():
        document = _opened(template)
        if mark:  # before the rest: what is put into a header afterwards, a rendered one does not show
            _mark_pages(document, mark)
        if code:
            _mark_pages(document, code, small=True)
        document.render({**context, "number": number}, _environment(), autoescape=True)
        if checkpoint:
            _mark_first_page(document, checkpoint)
        made = BytesIO()
        document.save(made)
    return made.getvalue()


def _mark_pages(document: "DocxTemplate", mark: str, *, small: bool = False) -> None:
    """Write *mark* into the margin above every page, so that the layout of the letter stays as it is."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    opened = document.docx  # not get_docx: that would read the template again
    assert opened is not None
    for place, section in enumerate(opened.sections):
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        if opened.settings.odd_and_even_pages_header_footer:
            headers.append(section.even_page_header)
        for header in headers:
            if place == 0 or not header.is_linked_to_previous:
                line = header.paragraphs[0].insert_paragraph_before() if header.paragraphs else header.add_paragraph()
                if any(each.text for each in header.paragraphs):
                    _float(line, top=_UPPER if not small else _LOWER)
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT if small else WD_ALIGN_PARAGRAPH.CENTER
                run = line.add_run(mark)
                run.bold, run.font.size = (None, Pt(8)) if small else (True, None)


_UPPER, _LOWER = 500, 900
"""How far below the edge a line floats, in twentieths of a point: 9 and 16 mm."""


def _float(line: "Paragraph", *, top: int) -> None:
    """Let a line of a header stand in the margin by itself, so that it moves nothing of what else is there."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    frame = parse_xml(
        f'<w:framePr {nsdecls("w")} w:w="8845" w:wrap="around" w:hAnchor="page" w:vAnchor="page" w:x="1587"'
        f' w:y="{top}"/>'
    )
    line._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001
        frame, *("w:widowControl", "w:pBdr", "w:spacing", "w:ind", "w:jc", "w:rPr")
    )


def _mark_first_page(document: "DocxTemplate", checkpoint: str) -> None:
    """Put the checkpoint into the margin above the first page, over no text, so that the layout stays as it is."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Mm
    from docx.text.paragraph import Paragraph

    from documents.checkpoint_marks import png_of

    opened = document.docx
    assert opened is not None
    left, top, wide = Mm(28), Mm(4), Mm(25)  # ends above the sender of a letter, 30 mm below the edge (10.1)
    run = Paragraph(next(opened.element.body.iter(qn("w:p"))), opened._body).add_run()  # noqa: SLF001
    inline = run.add_picture(BytesIO(png_of(checkpoint)), width=wide)._inline  # noqa: SLF001
    anchor = parse_xml(
        f'<wp:anchor {nsdecls("wp")} distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1"'
        ' behindDoc="1" locked="1" layoutInCell="0" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="page"><wp:posOffset>{left}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{top}</wp:posOffset></wp:positionV></wp:anchor>'
    )
    parts = {each.tag: each for each in inline}
    parts[qn("wp:docPr")].set("descr", "journal checkpoint")
    anchor.append(parts.pop(qn("wp:extent")))
    anchor.append(parse_xml(f"<wp:wrapNone {nsdecls('wp')}/>"))
    anchor.extend(parts.values())
    inline.getparent().replace(inline, anchor)


def explained(kind: LetterKind) -> Mapping[str, tuple[Text, str]]:
    """Return each placeholder of a kind with its title and how it is written into a template."""
    from documents.letters.kinds import STANDING

    found = {name: (title, f"{{{{ {name} }}}}") for name, title in STANDING.items()}
    for name, value in kind.values.items():
        loop = f"{{%p for each in {name} %}} … {{{{ each }}}} … {{%p endfor %}}"
        found[name] = (value.title, loop if value.split else f"{{{{ {name} }}}}")
    return found


def words_of(template: Template) -> list[str]:
    """Return what a template says, paragraph by paragraph, with that of its tables, its headers and its footers.

    Raises:
        BadFileError: If it is no Word file.
    """
    from docx.oxml.ns import qn

    with _said(template):
        opened = _opened(template).docx
        assert opened is not None
        roots = [opened.element.body]
        for section in opened.sections:
            edges = (section.header, section.footer, section.first_page_header, section.first_page_footer)
            roots += [each._element for each in edges if not each.is_linked_to_previous]  # noqa: SLF001
    found = (
        "".join(node.text or "" for node in line.iter(qn("w:t"))) for root in roots for line in root.iter(qn("w:p"))
    )
    return [line for line in found if line.strip()]


def _opened(template: Template) -> "DocxTemplate":
    """Return a template, read."""
    from docx.opc.exceptions import OpcError
    from docxtpl import DocxTemplate

    opened = DocxTemplate(str(template) if isinstance(template, Path) else BytesIO(template.content))
    try:
        opened.init_docx()
    except (ValueError, SyntaxError) as error:  # a file of the same make, such as a workbook; XML that is none
        raise OpcError(str(error)) from error
    return opened


def _environment() -> "TemplateSandbox":
    """Return where templates run: values escaped, gaps refused, nothing of Python within reach, nothing without end."""
    from jinja2 import StrictUndefined

    from engine.expressions.templates import TemplateSandbox

    environment = TemplateSandbox(autoescape=True, undefined=StrictUndefined)
    environment.filters["numbered"] = _numbered
    return environment


def _numbered(parts: Sequence[str]) -> list[str]:
    """Return *parts* with numbers before them; as they are if their author numbered any of them."""
    if any(_OWN_NUMBER.match(each) for each in parts):
        return list(parts)
    return [f"{place}．{each}" for place, each in enumerate(parts, 1)]


@contextmanager
def _said(template: Template) -> "Iterator[None]":
    """Say what is wrong with a template in one sentence."""
    from docx.opc.exceptions import OpcError
    from jinja2 import TemplateError

    try:
        yield
    except (OpcError, BadZipFile, KeyError, OSError) as error:
        why = system_reason(error) if isinstance(error, OSError) else None
        raise BadFileError(
            Text(
                f"{template} is no Word file that can be read{f' ({why.en})' if why else ''}; save it as .docx",
                f"{template} 不是可读取的 Word 文件{f'（{why.zh}）' if why else ''}；请另存为 .docx",
            )
        ) from error
    except (
        TemplateError,
        SyntaxError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        IndexError,
        RecursionError,
        MemoryError,
    ) as error:
        plain = " ".join(str(error).split())[:160] or type(error).__name__
        said: Text = getattr(error, "sentence", Text(plain, plain))
        raise BadFileError(
            Text(
                f"the template {template} cannot be filled: {said.en}; see the placeholders: qingling letter explain",
                f"模板 {template} 无法填写：{said.zh}；占位符写法见 qingling letter explain",
            )
        ) from error
