"""Letters as Word files: the shipped templates, those of a house's own, and what comes of them."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm
from ledgers import furnished
from letters import Letters

from documents.letters.draft import Context
from documents.letters.fill import SHIPPED, explained, filled, prove, template_of
from documents.letters.kinds import LetterKind, kind_called, kinds
from documents.letters.pdf import pdf_of
from engine.errors import BadFileError, NotFoundError
from tools.letter_templates.making import MAKERS, make_all

NUMBER = "示卫移〔2019〕1号"
ODD = "甲&乙<丙>“丁”'戊' {{ 己 }} {% 庚 %} 𠮷䶮"


def context(kind: LetterKind, words: str = "某事", count: int = 2) -> dict[str, str | list[str]]:
    """Return invented values for every placeholder of a kind."""
    values: dict[str, str | list[str]] = dict.fromkeys(kind.placeholders - {"number"}, words)
    return values | {each.name: [words] * count for each in kind.values.values() if each.split}


def text_of(paper: bytes) -> str:
    """Return all words of a Word file, tables included."""
    document = Document(BytesIO(paper))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_every_kind_is_a_word_file_with_all_its_values(kind: LetterKind) -> None:
    """It opens, shows the number, leaves no sign of the template, and every part of it is sound XML."""
    template = template_of(kind)
    shown = prove(template, kind)
    assert {each.name for each in kind.values.values() if each.needed is True} <= shown
    paper = filled(template, context(kind), number=NUMBER)
    words = text_of(paper)
    assert NUMBER in words
    assert "{" not in words
    assert "}" not in words
    assert not re.search("[a-z_]{5,}", words)


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_odd_words_stand_as_they_were_written(kind: LetterKind) -> None:
    """What means something in XML or in a template is only text, however long."""
    paper = filled(template_of(kind), context(kind, ODD * 200), number=NUMBER)
    assert ODD * 200 in text_of(paper)


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_empty_values_leave_a_whole_letter(kind: LetterKind) -> None:
    """Nothing that is not needed breaks a letter by its absence."""
    empty = context(kind, "", 0) | {each.name: "有" for each in kind.values.values() if each.needed and not each.split}
    assert NUMBER in text_of(filled(template_of(kind), empty, number=NUMBER))


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_the_page_is_that_of_official_documents(kind: LetterKind) -> None:
    """A4, margins 37, 35, 28 and 26 mm, page numbers in dashes on odd and even pages (GB/T 9704-2012)."""
    section = Document(str(template_of(kind))).sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    wanted = (Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26))
    for found, right in zip((*sizes, section.left_margin, section.right_margin), wanted, strict=True):
        assert found is not None
        assert abs(found - right) < Mm(0.1)
    assert section.different_first_page_header_footer is (kind.name in LETTER_FORM)
    for footer in (section.footer, section.even_page_footer):
        assert 'w:instr="PAGE"' in footer.paragraphs[0]._p.xml
        assert footer.paragraphs[0].text.startswith("—")


LETTER_FORM = ("transfer", "proposal_reply")
"""The kinds that are letters (函)."""


@pytest.mark.parametrize("name", LETTER_FORM)
def test_a_letter_has_the_letter_form(name: str) -> None:
    """GB/T 9704-2012 10.1: red mark 30 mm below the edge, double lines of 170 mm, number at right, no page number."""
    document = Document(str(SHIPPED / f"{name}.docx"))
    section = document.sections[0]
    (mark,), (foot,) = section.first_page_header.paragraphs, section.first_page_footer.paragraphs
    assert mark.text == "{{ sender }}"
    assert str(mark.runs[0].font.color.rgb) == "E60012"
    assert section.header_distance is not None
    assert abs(section.header_distance - Mm(30)) < Mm(0.1)
    for line, kind in ((mark, "thickThin"), (foot, "thinThick")):
        assert re.search(f'<w:bottom w:val="{kind}MediumGap"[^>]*w:color="E60012"', line._p.xml)
        left, right = line.paragraph_format.left_indent, line.paragraph_format.right_indent
        assert left is not None
        assert right is not None
        assert section.page_width is not None
        beside = (section.left_margin or 0) + left + (section.right_margin or 0) + right
        assert abs(section.page_width - beside - Mm(170)) < Mm(0.1)
    assert "PAGE" not in foot._p.xml
    number = document.paragraphs[0]
    assert (number.text, number.alignment) == ("{{ number }}", WD_ALIGN_PARAGRAPH.RIGHT)


def parts(file: Path) -> dict[str, bytes]:
    """Return the parts of a Word file."""
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_shipped_templates_are_what_the_maker_makes(tmp_path: Path) -> None:
    """Each kind has one, and none was changed by hand."""
    make_all(tmp_path)
    assert set(MAKERS) == set(kinds()) == {each.stem for each in SHIPPED.glob("*")}
    for name in MAKERS:
        assert parts(tmp_path / f"{name}.docx") == parts(SHIPPED / f"{name}.docx"), name


def test_a_template_that_did_not_change_stays_the_same_file(tmp_path: Path) -> None:
    """Made once more each has the same bytes and is not even written; no part carries the time of the run."""
    shutil.copytree(SHIPPED, tmp_path / "again")
    before = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in (tmp_path / "again").iterdir()}

    make_all(tmp_path / "again")
    make_all(tmp_path / "fresh")
    make_all(tmp_path / "other")

    assert {e.name: (e.read_bytes(), e.stat().st_mtime_ns) for e in (tmp_path / "again").iterdir()} == before
    for each in (tmp_path / "fresh").iterdir():
        assert each.read_bytes() == (tmp_path / "other" / each.name).read_bytes(), each.name
        with ZipFile(each) as archive:
            assert {part.date_time for part in archive.infolist()} == {(2019, 1, 1, 0, 0, 0)}


FAULTS: Mapping[str, tuple[str, str]] = {
    "an unknown placeholder": ("{{ number }} {{ recieving_body }}", "recieving_body（是否指“receiving_body”？）"),
    "no number": ("{{ receiving_body }}", "没有文号"),
    "a sealed field": ("{{ number }} {{ reporter }}", "未知的占位符：reporter"),
    "a broken tag": ("{{ number }} {% if subject %}", "无法填写"),
    "a filter that is none": ("{{ number | shout }}", "无法填写"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_template_is_proved_before_it_is_used(tmp_path: Path, case: str) -> None:
    """What is wrong with a house's own template is said with its name, in one line."""
    words, says = FAULTS[case]
    template = written(tmp_path / "transfer.docx", words)
    with pytest.raises(BadFileError) as refused:
        prove(template, kinds()["transfer"])
    assert says in refused.value.sentence.zh
    assert str(template) in refused.value.sentence.zh
    assert "\n" not in refused.value.sentence.zh + refused.value.sentence.en


NUMBERED: Mapping[str, tuple[list[str], list[str]]] = {
    "none of their own": (["属实。", "不属实。"], ["1．属实。", "2．不属实。"]),
    "一、": (["一、属实。", "二、不属实。"], ["一、属实。", "二、不属实。"]),
    "headings only": (["（一）收费", "属实。"], ["（一）收费", "属实。"]),
    "1.": (["1. 属实。"], ["1. 属实。"]),
    "①": (["①属实。"], ["①属实。"]),
    "一是": (["一是属实。"], ["一是属实。"]),
    "an amount": (["3.5万元已退。"], ["1．3.5万元已退。"]),
    "a year": (["2019年6月属实。"], ["1．2019年6月属实。"]),
    "a word that begins with a number": (["一名医生、两名护士"], ["1．一名医生、两名护士"]),
}


@pytest.mark.parametrize("case", NUMBERED)
@pytest.mark.parametrize("name", ["results", "advice", "attachments"])
def test_nothing_is_numbered_twice(case: str, name: str) -> None:
    """Points are numbered, unless whoever wrote them did so."""
    given, written_as = NUMBERED[case]
    kind = kinds()["verification_report"]
    paper = filled(template_of(kind), {**context(kind), name: given}, number=NUMBER)
    assert "\n".join(written_as) in text_of(paper)


ATTACKS = [
    "{{ number.__class__.__mro__ }}",
    "{{ ''.__class__.__base__.__subclasses__() }}",
    "{{ material.append('x') }}",
    "{{ material[0].nothing.more }}",
    "{% for each in range(10 ** 9) %}x{% endfor %}",
    "{{ 'x' * 10 ** 9 }}",
    "{% for one in range(9 ** 5) %}{% for two in range(9 ** 5) %}{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize("words", ATTACKS)
def test_a_template_reaches_nothing_of_python(tmp_path: Path, words: str) -> None:
    """What it may say runs in a sandbox; a step out of it is refused."""
    kind = kinds()["transfer"]
    template = written(tmp_path / "transfer.docx", words + "{{ number }}")
    assert prove(template, kind)
    with pytest.raises(BadFileError, match="无法填写"):
        filled(template, context(kind), number=NUMBER)


@pytest.mark.parametrize(
    "content", [b"", b"no zip at all", b"PK\x03\x04 broken", None], ids=["empty", "text", "half", "zip"]
)
def test_what_is_no_word_file_is_said_so(tmp_path: Path, content: bytes | None) -> None:
    """A text, a half file and a zip of something else are refused in one sentence."""
    file = tmp_path / "transfer.docx"
    if content is None:
        with ZipFile(file, "w") as archive:
            archive.writestr("hello.txt", "x")
    else:
        file.write_bytes(content)
    with pytest.raises(BadFileError, match="不是可读取的 Word 文件"):
        prove(file, kinds()["transfer"])


@pytest.mark.parametrize("name", ["transfer", "pass_on"])
def test_every_page_bears_the_marks(name: str) -> None:
    """That of a rehearsal and the short code: above each page, the first too where that has a head of its own."""
    kind = kinds()[name]
    paper = filled(template_of(kind), context(kind), number=NUMBER, mark="演练台账", code="核验码 1234")
    archive = ZipFile(BytesIO(paper))
    pages = [archive.read(each).decode() for each in archive.namelist() if "/header" in each]
    assert pages
    assert all("演练台账" in each and "核验码 1234" in each for each in pages)


def test_a_kind_is_called_by_name_or_title() -> None:
    """A misspelt one is answered with a guess."""
    assert kind_called("transfer") is kind_called("线索移送函") is kinds()["transfer"]
    assert kind_called("chase-letter") is kinds()["chase_letter"]
    with pytest.raises(NotFoundError, match="transfer"):
        kind_called("tranfer")


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_every_placeholder_is_explained(kind: LetterKind) -> None:
    """Each has a title in both languages and the way it is written into a template."""
    told = explained(kind)
    assert set(told) == kind.placeholders
    for name, (title, way) in told.items():
        assert title.en
        assert title.zh
        assert name in way


def written(file: Path, words: str) -> Path:
    """Write a Word file with one paragraph."""
    document = Document()
    document.add_paragraph(words)
    document.save(str(file))
    return file


Contexts = Mapping[str, Context]
"""By kind, what a letter says."""


@pytest.fixture(scope="module")
def contexts(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    """Return what a letter of each kind says, with values of a ledger."""
    place = shutil.copy(sqlite_template, tmp_path_factory.mktemp("letters") / "ledger.db")
    with furnished(str(place)) as ledger:
        letters = Letters(ledger)
        return {name: letters.gathered(name).context for name in kinds()}


@pytest.fixture(scope="module")
def papers(contexts: Contexts) -> dict[str, bytes]:
    """Return one letter of each kind."""
    return {name: filled(template_of(kind), contexts[name], number=NUMBER) for name, kind in kinds().items()}


@pytest.fixture(scope="module")
def printed(papers: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of their PDFs: LibreOffice is started once for all of them."""
    place = tmp_path_factory.mktemp("printed")
    for name, paper in papers.items():
        (place / f"{name}.docx").write_bytes(paper)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{place}/profile", "--headless", "--convert-to", "pdf", "--outdir",
         str(place), *map(str, sorted(place.glob("*.docx")))],
        check=True, capture_output=True, timeout=200,
    )  # fmt: skip
    return place


@pytest.mark.office("soffice", "pdftotext")
@pytest.mark.parametrize(
    ("name", "most"), [(name, {"transfer": 4, "verification_report": 3}.get(name, 2)) for name in kinds()]
)
def test_libreoffice_prints_it(papers: Mapping[str, bytes], printed: Path, name: str, most: int) -> None:
    """The PDF has all words of the letter, no missing sign, and no more pages than it should."""
    file = printed / f"{name}.pdf"
    pages = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    said = re.sub(r"\s", "", pages)
    assert NUMBER in said
    assert "\ufffd" not in said
    assert 1 <= pages.count("\f") <= most
    for page in range(2 if name in LETTER_FORM else 1, pages.count("\f") + 1):
        assert f"—{page}—" in said
    assert ("—1—" in said) is (name not in LETTER_FORM)
    for line in text_of(papers[name]).splitlines():
        assert re.sub(r"\s", "", line)[:6] in said
    assert set(re.sub(r"\s", "", text_of(papers[name]))) <= set(said)


@pytest.mark.office("soffice", "pdftotext")
def test_long_words_take_more_pages(tmp_path: Path) -> None:
    """A report of many pages is printed whole."""
    kind = kinds()["verification_report"]
    words = "核查组查阅了合同、票据和录像，走访了门诊、住院、后勤等部门。" * 4
    paper = filled(
        template_of(kind), context(kind, "某事") | {"course": [words] * 20, "results": ["末段"]}, number=NUMBER
    )
    (tmp_path / "long.pdf").write_bytes(pdf_of(paper).content)
    pages = subprocess.run(
        ["pdftotext", str(tmp_path / "long.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert pages.count("\f") >= 4
    assert re.sub(r"\s", "", pages).count("核查组查阅了") == 80


GROWING = {
    # the value that makes a letter longer: paragraph by paragraph until the signature has gone over to the next page
    "transfer": "facts",
    "supervision_notice": "demands",
    "verification_report": "course",
    "closing_report": "course",
    "proposal_reply": "measures",
    "pass_on": "facts",
    "chase_letter": "demands",
    "talk_notice": "bring",
    "criticism_circular": "facts",
}
CLOSING = re.compile("专此函达。|特此函复。|特此报告。|附件：.*|流转登记.*|签收单位.*|有关要求|第.联")
"""What is no text of a letter: the formula at its end, the list of annexes, empty tables to write into."""


@pytest.mark.office("soffice", "pdftotext")
def test_no_signature_stands_alone_on_a_page(contexts: Contexts, tmp_path: Path) -> None:
    """However long a letter is, the page of its signature has text of the letter above it (GB/T 9704 7.3.5)."""
    files = []
    for name, grows in GROWING.items():
        for count in range(1, 25, 4):
            values = {**contexts[name], grows: [f"第{place}段事由。" for place in range(count)]}
            files.append(tmp_path / f"{name}-{count:02}.docx")
            files[-1].write_bytes(filled(template_of(kinds()[name]), values, number=NUMBER))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)],
        check=True, capture_output=True, timeout=400,
    )  # fmt: skip
    over = set()
    for file in files:
        name = file.stem.rsplit("-", 1)[0]
        said = subprocess.run(
            ["pdftotext", "-layout", str(file.with_suffix(".pdf")), "-"], capture_output=True, text=True, check=True
        ).stdout
        signature = re.sub(r"\s", "", f"{contexts[name]['sender']}{contexts[name]['dated_on']}")
        pages = [re.sub(r"\s", "", each) for each in said.split("\f")]
        signed = [place for place, each in enumerate(pages) if signature in each]
        assert len(signed) == (2 if name == "chase_letter" else 1)
        for place in signed:
            above = CLOSING.sub("", pages[place].split(signature)[0])
            assert len(above) >= 8, (file.stem, pages[place])
            over.add((name, place if place == signed[0] else 0))
    assert {name for name, place in over if place > 0} == set(GROWING)


@pytest.mark.office("soffice", "pdftotext")
def test_each_copy_of_a_form_is_one_page(papers: Mapping[str, bytes], tmp_path: Path) -> None:
    """A chase letter is two pages, the copy that is kept and the one that is sent, each with all of it."""
    (tmp_path / "a.pdf").write_bytes(pdf_of(papers["chase_letter"]).content)
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = said.split("\f")[:-1]
    assert len(pages) == 2
    for page, copy in zip(pages, ("第一联", "第二联"), strict=True):
        assert copy in re.sub(r"\s", "", page)
        assert "本单一式两份" in re.sub(r"\s", "", page)


def test_without_libreoffice_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, and what to do instead."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadFileError, match="LibreOffice"):
        pdf_of(b"")


@pytest.mark.parametrize("name", MAKERS)
def test_east_asian_text_is_chinese(name: str) -> None:
    """Where a font is missing, another is chosen by the language: not Japanese, not Traditional forms."""
    inside = parts(SHIPPED / f"{name}.docx")
    for part in ("word/styles.xml", "word/settings.xml"):
        assert set(re.findall(rb'w:eastAsia="([a-z]+-[A-Z]+)"', inside[part])) == {b"zh-CN"}, part
