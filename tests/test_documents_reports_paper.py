"""Reports as html, xlsx and docx: whole, without any network, with sums that agree and nobody's name."""

import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from zero_house import Office, at, office_in

from documents.reports import lists
from documents.reports.charts import WIDE, flow_columns
from documents.reports.docx import write_docx
from documents.reports.page import html_of
from documents.reports.paper import Report, paper_of
from documents.reports.ranking import RANKED
from documents.reports.report_xlsx import write_xlsx
from documents.reports.wording import DEFINITIONS
from engine.language import Language, speaking
from engine.operations.cases.lookup import list_cases
from engine.operations.deadlines.extending import extend
from engine.operations.figures.figure_values import Filing, PeriodGroup
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.house import registration as house
from engine.operations.ledger.acting import Acting
from engine.operations.returns.filing import open_returns
from engine.workflow.deadline import Term, TermUnit

NOW = at("2019-07-10", 17)
PERIODS = {
    "daily": "2019-07-05",
    "weekly": "2019-W27",
    "monthly": "2019-06",
    "stage": "2019-06-01..2019-07-10",
    "year": "2019",
    "bulletin": "2019-06",
}
MARKED = "医院门口有人强揽生意"
"""What the leads of these tests say; no report tells it."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return an office in whose units something happened, one of them with a treacherous name."""
    made = office_in(tmp_path)
    house.add_unit(Acting(made.ledger, "chen", at("2019-06-01")), "0103", '=1+1 <script>alert("x")</script> & 分院')
    first = made.register("2019-06-03", "2019-06-03", category="A3", subject="被反映人丁")
    made.assign("2019-06-04", first)
    made.verify("2019-06-18", first)
    made.dismiss(("2019-06-19", "2019-06-20"), first)
    made.assign("2019-06-26", made.register("2019-06-25", "2019-06-24", unit="0103"))
    made.assign("2019-07-05", made.register("2019-07-04", "2019-06-01", unit="0102"))
    yield made
    made.close()


def paper(office: Office, kind: str, language: Language = "zh", ranked: tuple[str, ...] = RANKED) -> Report:
    """Return a report."""
    period = period_of(ReportKind(kind), PERIODS[kind], today=NOW.date())
    found = figures(office.ledger, "lead", period, nil=("nil_return", "work_done"), now=NOW)
    with speaking(language):
        return paper_of(found, house="某县卫健局", now=NOW, ranked=ranked)


@pytest.mark.parametrize("kind", PERIODS)
def test_every_total_is_the_sum_of_its_column(office: Office, kind: str) -> None:
    """Each figure of a last row is the sum of the figures above it."""
    for section in paper(office, kind).sections:
        table = section.table
        for place, total in enumerate(table.total or ()):
            if isinstance(total, int):
                assert total == sum(int(row[place]) for row in table.rows), (section.name, place)


@pytest.mark.parametrize("kind", PERIODS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_html_is_one_file_without_network(office: Office, kind: str, language: Language) -> None:
    """The page brings all it needs, forbids itself the rest, and sets what it shows in as text."""
    with speaking(language):
        page = html_of(paper(office, kind, language))

    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|<script|<link|@import|url\(|src=", page)
    assert "&lt;script&gt;" in page
    assert MARKED not in page
    assert not re.search("被反映人丁|赵某|陈某|李某", page)
    assert page.count("<svg") == page.count("</svg>") > 0
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


def test_html_speaks_the_language_asked_for(office: Office) -> None:
    """An English report has no Chinese but the names of house and units."""
    with speaking("en"):
        page = html_of(paper(office, "monthly", "en"))
    names = "某县卫健局|县医院|县中医院|分院"

    assert re.findall("[\u4e00-\u9fff]+", re.sub(names, "", re.sub("(?s)<style>.*?</style>", "", page))) == []


def test_nothing_of_nothing_is_a_dash(office: Office) -> None:
    """A unit without a case has neither a rate nor a rank; it is named, and takes no line of the table."""
    ranking = next(each for each in paper(office, "bulletin").sections if each.name == "ranking")

    assert [(row[0], str(row[1])[:4], row[2]) for row in ranking.table.rows] == [
        (1, "0101", "100.0%"),
        (2, "0103", "0.0%"),
    ]
    assert ranking.words.endswith("无数字、不排名的单位：县中医院。")
    assert "—" in ranking.table.rows[0]


def test_units_are_ranked_as_asked_and_equals_share_a_rank(office: Office) -> None:
    """The first indicator decides, and units that are equal in all have the same rank."""
    ranking = next(each for each in paper(office, "bulletin", ranked=("overdue",)).sections if each.name == "ranking")

    assert ranking.table.heads == ("名次", "单位", "超期未结")
    assert [(row[0], str(row[1])[:4], row[2]) for row in ranking.table.rows] == [
        (1, "0101", 0),
        (1, "0103", 0),
    ]


def test_no_return_due_is_no_return_missing(office: Office) -> None:
    """A unit that was asked for no return is neither praised for it nor ranked by it."""
    ranked = ("missing_returns",)

    assert "ranking" not in {each.name for each in paper(office, "bulletin", ranked=ranked).sections}


def test_labels_below_the_columns_are_not_cut_off(office: Office) -> None:
    """The last label has room for its half, however many columns there are."""
    for kind, days in PERIODS.items():
        with speaking("zh"):
            period = period_of(ReportKind(kind), days, today=NOW.date())
            drawn = flow_columns(figures(office.ledger, "lead", period, now=NOW))
        assert all(x + 3 * len(words) <= WIDE for x, words in drawn.labels), kind


def test_every_section_says_how_it_was_counted(office: Office) -> None:
    """No table of figures stands without its definition, apart from those by the workflow's own lists."""
    for kind in PERIODS:
        for section in paper(office, kind).sections:
            assert section.definitions or section.name.startswith("split_"), section.name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rules_are_in_the_words_of_the_reader(language: Language) -> None:
    """No definition names a column, a stored value or a key: neither a dot, an underscore nor a code in it."""
    for section, definitions in DEFINITIONS.items():
        for what, how in definitions:
            for words in (what, how):
                said = words.zh if language == "zh" else words.en
                assert not re.search(r"[a-z]+[._][a-z]+|→|\bstatus\b|\bkind\b|\btrigger\b|\bjournal\b", said), section
                if language == "zh":
                    assert not re.search("[A-Za-z]", said), said


def test_a_nil_report_says_so(office: Office) -> None:
    """When nothing occurred the report says so first."""
    period = period_of(ReportKind.DAILY, "2019-05-05", today=NOW.date())
    found = figures(office.ledger, "lead", period, now=NOW)
    with speaking("zh"):
        told = paper_of(found, house="某县卫健局", now=NOW)

    assert told.lead[0].startswith("零报告：本期无新收")
    assert "—" in told.lead[1]


def test_only_who_filed_a_nil_return_is_said_to_have(office: Office) -> None:
    """A unit in which nothing is registered is no nil return; one that filed it is named, with how many."""
    register = Acting(office.ledger, "chen", at("2019-06-03", 8))
    for unit in ("0102", "0103"):
        house.grant(register, "zhao", "liaison", unit)
    house.add_unit(register, "0104", "县疾控中心")
    open_returns(office.ledger, now=at("2019-06-03", 8))
    for each in list_cases(office.ledger, "return", now=at("2019-06-03")):
        if each.unit == "0102" and each.fields["due_on"] == "2019-06-06":
            office.step("2019-06-06", each.number, "submit", by="zhao", submitted_on="2019-06-06", nil_return=True,
                        work_done="走访三个科室", signed_by="li")  # fmt: skip
    lead = paper(office, "bulletin").lead

    assert [each for each in lead if "零报告" in each] == [
        "收到零报告 1 份：县中医院。",
        "登记簿无收办情况、也未收到零报告的单位：县疾控中心。",
    ]


def test_a_unit_is_not_said_to_have_filed_what_its_register_lacks(office: Office) -> None:
    """The report on a unit without any case says that nothing is registered, not that it filed a nil return."""
    period = period_of(ReportKind.MONTHLY, "2019-05", today=NOW.date())
    with speaking("zh"):
        told = paper_of(figures(office.ledger, "lead", period, unit="0102", now=NOW), house="某县卫健局", now=NOW)

    assert told.lead[0] == "本期无新收、无登记、无办结、无回流。"


def test_xlsx_holds_figures_as_figures_and_words_as_words(office: Office, tmp_path: Path) -> None:
    """Sums are formulas over numbers; a name that begins like a formula stays a name."""
    file = tmp_path / "report.xlsx"
    with speaking("zh"):
        write_xlsx(paper(office, "monthly"), file)
    book = load_workbook(file)
    sheet = book["各单位收办情况"]
    cached = load_workbook(file, data_only=True)["各单位收办情况"]

    names = [str(row[0].value) for row in sheet.iter_rows(min_row=5, max_row=6)]
    assert names[1].startswith("0103 =1+1 <script>")
    assert all(cell.data_type == "s" for row in sheet.iter_rows(min_row=5, max_row=7, max_col=1) for cell in row)
    assert sheet["C7"].value == "=SUM(C5:C6)"
    assert cached["C7"].value == sum(int(str(cached[f"C{row}"].value)) for row in (5, 6)) == 2
    assert sheet.freeze_panes == "B5"
    text = "".join(str(cell.value) for each in book for row in each.iter_rows() for cell in row)
    assert MARKED not in text


def test_docx_holds_every_table(office: Office, tmp_path: Path) -> None:
    """The paper has each table with its head and its sum, and the definitions at its end."""
    file = tmp_path / "report.docx"
    told = paper(office, "bulletin")
    with speaking("zh"):
        write_docx(told, file)
    tables = Document(str(file)).tables

    assert len(tables) == len(told.sections) + 1
    for table, section in zip(tables, told.sections, strict=False):
        assert tuple(cell.text for cell in table.rows[0].cells) == section.table.heads
        if section.table.total is not None:
            assert [cell.text.replace("\u00a0", " ") for cell in table.rows[-1].cells] == list(
                map(str, section.table.total)
            )


@pytest.fixture
def busy(office: Office) -> Office:
    """Return an office with two cases overdue, one extended, one that came back and a return that is missing."""
    register = Acting(office.ledger, "chen", at("2019-06-03", 8))
    house.grant(register, "zhao", "liaison", "0101")
    house.grant(register, "li", "unit_head", "0101")
    open_returns(office.ledger, now=at("2019-06-03", 8))
    office.register("2019-05-06", "2019-05-06", category="A3")
    office.register("2019-05-07", "2019-05-07", unit="0102", category="A3")
    later = office.register("2019-06-04", "2019-06-04", category="A3")
    office.assign("2019-06-05", later)
    extend(
        Acting(office.ledger, "chen", at("2019-06-06")), later, "verification",
        length=Term(amount=10, unit=TermUnit.DAYS), reason="知情人员外出", signed_by="li", filed_on=date(2019, 6, 6),
    )  # fmt: skip
    office.reopen("2019-06-24", "0101-XS-2019-0001")
    return office


LISTS = {
    "overdue": [
        ("县医院", "0101-XS-2019-0002", "已受理", "处置期限", "2019-06-06", "2019-06-06", "24 天"),
        ("县中医院", "0102-XS-2019-0002", "已受理", "处置期限", "2019-06-10", "2019-06-10", "20 天"),
    ],
    "extended": [("县医院", "0101-XS-2019-0003", "已交办", "核查期限", "2019-08-05", "2019-08-15")],
    "came_back": [("县医院", "0101-XS-2019-0001", "已交办", "2019-06-24")],
}
"""What stands behind the figures of June, worked out by hand: whose, which, and since when."""


@pytest.mark.parametrize("name", LISTS)
def test_behind_each_figure_stands_a_list(busy: Office, name: str) -> None:
    """Overdue, extended and returned cases are listed, as many as the figure says; none is named but by its number."""
    told = paper(busy, "monthly")
    (found,) = (each for each in told.sections if each.name == name)
    total = told.figures.total
    counted = {
        "overdue": total.standings[PeriodGroup.OVERDUE],
        "extended": total.standings[PeriodGroup.EXTENDED],
        "came_back": total.flow.returned,
    }

    assert list(found.table.rows) == LISTS[name]
    assert len(found.table.rows) == counted[name]
    assert f"（{counted[name]} 件" in found.title


def test_behind_the_on_time_rate_stands_a_list(busy: Office) -> None:
    """Two terms that ran out in June are listed, counted as not met, and part of the rate."""
    told = paper(busy, "bulletin")
    found = {each.name: each.table for each in told.sections}

    assert list(found["missed"].rows) == [
        ("县医院", "0101-XS-2019-0002", "处置期限", "2019-06-06", "2019-06-06", "未完成", "24 天"),
        ("县中医院", "0102-XS-2019-0002", "处置期限", "2019-06-10", "2019-06-10", "未完成", "20 天"),
    ]
    assert found["punctual"].rows == PUNCTUAL
    assert found["ranking"].total is not None
    assert "71.4%" in found["ranking"].total


PUNCTUAL = (
    # unit, to be kept, on time, met late, not met, rate
    # the first met three: disposal, verification and what came after it; the third its disposal; the second's ran out
    ("0101 县医院", 5, 4, 0, 1, "80.0%"),
    ("0102 县中医院", 1, 0, 0, 1, "0.0%"),
    ('0103 =1+1 <script>alert("x")</script> & 分院', 1, 1, 0, 0, "100.0%"),
)


@pytest.mark.parametrize("kind", PERIODS)
def test_the_annex_defines_every_label_of_deadlines(busy: Office, kind: str) -> None:
    """What a column of deadlines is called is what the annex defines, and the columns are one sum."""
    for each in paper(busy, kind).sections:
        if each.name in {"punctual", "deadlines"}:
            defined = [label for label, _ in each.definitions]
            assert set(each.table.heads[1:6]) <= set(defined), each.name
            for row in (*each.table.rows, each.table.total or ()):
                assert row[1] == sum(int(cell) for cell in row[2:5])


def test_missing_returns_are_listed(busy: Office) -> None:
    """Each return that was due and did not come in is a row, with whose it is and since when it is due."""
    told = paper(busy, "bulletin")
    (found,) = (each for each in told.sections if each.name == "unfiled")
    missing = told.figures.total.filings[Filing.MISSING]

    assert len(found.table.rows) == missing > 0
    assert ("县医院", "报表", "2019-W23", "2019-06-06", "未报") in found.table.rows


def test_a_long_list_is_cut_and_says_so(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait longest are listed, and how many are not; the figure stays whole."""
    monkeypatch.setattr(lists, "LONGEST", 1)
    (found,) = (each for each in paper(busy, "monthly").sections if each.name == "overdue")

    assert [row[1] for row in found.table.rows] == ["0101-XS-2019-0002"]
    assert (found.title, found.words) == ("超期未结清单（2 件）", "列前 1 行，另有 1 行未列。")


def test_units_without_any_figure_take_no_line(office: Office) -> None:
    """A table of units lists those that have something to tell, says how many have not, and still adds up."""
    for number in range(10):
        house.add_unit(Acting(office.ledger, "chen", at("2019-06-02")), f"02{number:02}", f"第{number}卫生院")
    for section in paper(office, "monthly").sections:
        if section.table.heads[0] == "单位" and section.table.total is not None:
            assert len(section.table.rows) <= 3, section.name
            assert re.search(r"另有 \d+ 个单位无数字，未列。", section.words), section.name


def test_the_day_of_a_paper_is_that_of_its_signature(office: Office, tmp_path: Path) -> None:
    """Where the main leader signs, the day is left to be written (GB/T 9704); when it was made stands apart."""
    file = tmp_path / "report.docx"
    with speaking("zh"):
        write_docx(paper(office, "monthly"), file)
    lines = [each.text for each in Document(str(file)).paragraphs]
    place = next(at for at, each in enumerate(lines) if "主要负责人签字" in each)

    assert lines[place - 1] == "某县卫健局"
    assert lines[place + 1].split() == ["年", "月", "日"]
    assert lines.index("2019-07-10 17:00 生成") > place + 1


@pytest.mark.office("soffice", "pdftotext")
@pytest.mark.parametrize(("kind", "most"), [("daily", 4), ("monthly", 5), ("bulletin", 4)])
def test_a_report_of_few_leads_is_short(office: Office, tmp_path: Path, kind: str, most: int) -> None:
    """Of three leads it is a few pages with its annex, however many units there are, and signed below a table."""
    for number in range(12):
        house.add_unit(Acting(office.ledger, "chen", at("2019-06-02")), f"02{number:02}", f"第{number}卫生院")
    file = tmp_path / "report.docx"
    with speaking("zh"):
        write_docx(paper(office, kind), file)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = ["".join(each.split()) for each in said.split("\f")[:-1]]

    assert len(pages) <= most
    (signed,) = (each for each in pages if "主要负责人签字" in each)
    assert "合计" in signed.split("主要负责人签字")[0] or "全部单位" in signed.split("主要负责人签字")[0]


@pytest.mark.office("soffice", "pdftotext")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_day_and_no_number_breaks_in_print(busy: Office, tmp_path: Path, language: Language) -> None:
    """In the lists of a printed report every number of a case and every day stands on one line."""
    told, file = paper(busy, "monthly", language), tmp_path / "report.docx"
    with speaking(language):
        write_docx(told, file)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    listed = [each.table for each in told.sections if each.name in {"overdue", "extended", "missed", "came_back"}]
    parts = [str(cell) for table in listed for row in table.rows for cell in row if str(cell)[:4].isdigit()]

    assert len(listed) == 4
    assert sorted({each for each in parts if said.count(each) < parts.count(each)}) == []


def test_the_annex_says_each_rule_once(busy: Office) -> None:
    """What several sections count by the same rule is defined with the first of them."""
    told = paper(busy, "bulletin")
    rules = [each for shared in told.defined.values() for each in shared]

    assert len(rules) == len(set(rules))
    assert set(rules) == {each for section in told.sections for each in section.definitions}


CHROMIUM = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.mark.office("chromium")
@pytest.mark.parametrize(("kind", "width"), [("bulletin", 360), ("monthly", 390), ("year", 768), ("bulletin", 1200)])
def test_no_width_needs_scrolling(office: Office, tmp_path: Path, kind: str, width: int) -> None:
    """At a phone's width and at a screen's the page is no wider than the window."""
    page = html_of(paper(office, kind))
    page = re.sub("<meta http-equiv[^>]*>", "", page)  # a script may look at it here
    script = (
        "<script>onload=()=>parent.postMessage((e=>e.scrollWidth-e.clientWidth)(document.documentElement),'*')</script>"
    )
    inner = page.replace("</body>", f"{script}</body>").replace("&", "&amp;").replace('"', "&quot;")
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<meta charset=utf-8><script>onmessage=e=>document.title='beyond:'+e.data</script>"
        f'<iframe width={width} height=800 style="border:0" srcdoc="{inner}"></iframe>',
        "utf-8",
    )
    seen = subprocess.run(
        [*CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom",
         outer.as_uri()],
        capture_output=True, text=True, check=True, timeout=90,
    ).stdout  # fmt: skip

    assert "<title>beyond:0</title>" in seen


@pytest.mark.office("soffice")
@pytest.mark.parametrize("ending", ["xlsx", "docx"])
def test_libreoffice_opens_it(office: Office, tmp_path: Path, ending: str) -> None:
    """LibreOffice makes a PDF of it."""
    file = tmp_path / f"report.{ending}"
    (write_xlsx if ending == "xlsx" else write_docx)(paper(office, "monthly"), file)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
