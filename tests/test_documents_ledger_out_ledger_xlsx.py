"""Ledgers that are written: how the sheet is made up, what its colours mean, and what no cell may do."""

import csv
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from documents.ledger_in.workbook import open_book
from documents.ledger_out.formats import LEVELS, SHIPPED, Format, parse_format
from documents.ledger_out.ledger_xlsx import FORMULA_STARTS, Front, plain_cell, write_csv, write_xlsx
from documents.ledger_out.rows import Directory, OutRow, Rows
from engine.deadlines.clock import Breach, Clock, Lift, Status
from engine.language import speaking
from engine.operations.cases.exporting import ExportedCase
from engine.reading.yaml_file import read
from engine.rules.case import Case
from engine.working_days.calendars import china
from workflows.loader import Declarations

TODAY = date(2019, 7, 5)
DIRECTORY = Directory.of(
    [("0101", "县医院"), ("0102", "县中医院")],
    [("li", "李某"), ("zhao", "赵某"), ("zhao2", "赵某"), ("gone", "吴某")],
)


def form_of(name: str) -> Format:
    """Return a shipped format."""
    plain, where, _ = read(SHIPPED / f"{name}.yaml", name)
    form, problems = parse_format(plain, Declarations().latest(str(plain["workflow"])), where=where)
    assert form is not None, [str(each) for each in problems]
    return form


def declared(**plain: object) -> Format:
    """Return a format of a user's own."""
    form, problems = parse_format({"ledger": "own", "workflow": "lead", **plain}, Declarations().latest("lead"))
    assert form is not None, [str(each) for each in problems]
    return form


def case(**fields: object) -> Case:
    """Return a lead."""
    return Case(
        id=1, number="0101-XS-2019-0001", workflow="lead", version=1, state="assigned", unit_id=1, unit="0101",
        parent_id=None, first_id=None, dated_on="2019-06-28", opened_at=0, changed_at=0, clearance=0,
        fields={"received_on": "2019-06-28", "source": "letter", "summary": "强揽生意", **fields},
        import_key=None, revision=3, head="",
    )  # fmt: skip


def clock(due_on: str, *, status: Status = Status.RUNNING, name: str = "verification", **more: Any) -> Clock:
    """Return a deadline."""
    first = Clock(
        id=1, case_id=1, name=name, round=1, status=status, starts_at=0, original_due_on=due_on,
        due_on=due_on, due_at=None, pauses=(), extensions=(), calendar="", provisional=False, arming=0, rung=0,
        next_at=None, ended_at=None,
    )  # fmt: skip
    return first._replace(**more)


def rows_of(form: Format, *standings: ExportedCase) -> list[OutRow]:
    """Return the rows of cases."""
    rows = written_by(form)
    return [rows.row(each) for each in standings]


def plain_of(form: Format, *standings: ExportedCase) -> list[dict[str, object]]:
    """Return cases for scripts."""
    rows = written_by(form)
    return [rows.plain(each) for each in standings]


def written_by(form: Format) -> Rows:
    """Return what makes the rows of a ledger."""
    return Rows(
        form,
        lambda _: Declarations().latest("lead"),
        DIRECTORY,
        calendar_of=lambda _: china(),
        today=TODAY,
        now=datetime(2019, 7, 5, 2, tzinfo=UTC),
    )


def written(folder: Path, form: Format, rows: Sequence[OutRow], *, officers: Sequence[str] = ("李某",)) -> Any:
    """Return the workbook as another library reads it."""
    front = Front(unit="县医院", as_of=TODAY, made_at=datetime(2019, 7, 5, tzinfo=UTC), officers=officers)
    write_xlsx(folder / "x.xlsx", form, front, rows, scratch=folder)
    return openpyxl.load_workbook(folder / "x.xlsx")


def cells_of(form: Format, row: OutRow) -> Mapping[str, object]:
    """Return the cells of a row by what they show."""
    return {each.show: cell for each, cell in zip(form.columns, row.cells, strict=True)}


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("statistics", ["单位", "线索名称", "线索类型", "办结情况", "备注"]),
        ("discipline", ["被反映人", "单位和职务", "线索来源", "收到时间", "反映的主要问题", "处理情况"]),
        ("petitions", ["序号", "来信编号", "线索来源", "接件时间", "实名举报", "信访内容", "案件地点", "办理情况"]),
        ("returns", ["序号", "单位", "报告期", "报表种类", "报送时限", "当前状态", "零报告", "摸排线索数"]),
        ("rectification", ["序号", "存在问题", "整改措施", "责任领导", "责任单位（股室）", "完成时限"]),
    ],
)
def test_headings_stand_in_the_order_of_the_forms(name: str, headings: list[str]) -> None:
    """The shipped formats keep the order of the columns that the forms in use have."""
    assert [each.title.zh for each in form_of(name).columns][: len(headings)] == headings


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda each: each.stem)
def test_shipped_formats(path: Path) -> None:
    """Every shipped format shows no sealed field and carries the number by which it is known again."""
    form = form_of(path.stem)
    assert form.name == path.stem
    assert not [each.show for each in form.columns if each.field and each.field.type == "sealed"]
    assert {"case.number", "case.revision"} <= {each.show for each in form.columns}
    assert [each.show for each in form.columns if each.hidden] == ["case.revision"]


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ({}, "columns：台账至少要有一栏"),
        ({"columns": ["reporter"]}, "密封内容，任何台账不得列出"),
        ({"columns": ["sumary"]}, "没有字段“sumary”（是否指“summary”？）"),
        ({"columns": ["summary"], "where": "subject"}, "须同时写明"),
        ({"columns": ["summary"], "rows": "某些线索"}, "须同时写明"),
        ({"columns": ["summary"], "where": "sumary", "rows": "某些"}, "sumary"),
        ({"columns": ["summary"], "where": "reporter", "rows": "某些"}, "“reporter”为密封内容，不能作为条件"),
        ({"columns": ["case.number", "case.number"]}, "“case.number”重复"),
        ({"columns": ["summary"], "titel": "x"}, "此处没有名为“titel”的键（是否指“title”？）"),
        ({"columns": [{"show": "summary", "width": 0}]}, "width：请写 1 到 120 的数"),
        ({"columns": ["summary"], "head": ["seal"]}, "head.0：请写 unit, date 之一"),
        (
            {"columns": ["summary"], "late": [{"from": "soon", "colour": "red"}]},
            "from：请写 -10000 到 10000 的整数",
        ),
        (
            {"columns": ["source"], "grades": [{"field": "source", "value": "x", "colour": "C00000"}]},
            "不是线索来源的选项",
        ),
        ({"columns": ["summary"], "grades": [{"field": "reporter", "value": "x", "colour": "C00000"}]}, "密封内容"),
    ],
)
def test_what_is_wrong_with_a_format_is_said(plain: dict[str, object], told: str) -> None:
    """A template that cannot be is refused with what would be right."""
    form, problems = parse_format(plain, Declarations().latest("lead"))
    with speaking("zh"):
        assert form is None
        assert any(told in str(each) for each in problems), [str(each) for each in problems]


@pytest.mark.parametrize(
    ("name", "due_on", "status", "left", "level"),
    [
        ("verification", "2019-07-09", Status.RUNNING, "还有 4 天", None),
        ("verification", "2019-07-08", Status.RUNNING, "还有 3 天", 0),
        ("verification", "2019-07-05", Status.RUNNING, "今日到期", 0),
        ("verification", "2019-07-04", Status.RUNNING, "已超期 1 天", 1),
        ("verification", "2019-06-29", Status.RUNNING, "已超期 6 天", 1),
        ("verification", "2019-06-28", Status.RUNNING, "已超期 7 天", 2),
        ("verification", "2019-06-05", Status.RUNNING, "已超期 30 天", 3),
        ("verification", "2019-06-05", Status.PAUSED, "暂停中", None),
        ("acceptance_notice", "2019-07-10", Status.RUNNING, "还有 3 个工作日", 0),
        ("acceptance_notice", "2019-06-28", Status.RUNNING, "已超期 5 个工作日", 1),
        ("acceptance_notice", "2019-06-26", Status.RUNNING, "已超期 7 个工作日", 2),
    ],
)
def test_lateness(name: str, due_on: str, status: Status, left: str, level: int | None) -> None:
    """What is left is said as `show` says it and coloured in the deadline's own unit; the due day is never late."""
    form = form_of("full")
    row = rows_of(form, ExportedCase(case(), clock(due_on, status=status, name=name)))[0]
    assert (cells_of(form, row)["case.left"], row.level) == (left, level)


LIFTED = Breach(
    due_on="2019-06-20", due_at=None, first_late_on="2019-06-21", ended_on="2019-06-25", why="lifted",
    provisional=False, derived=False,
)  # fmt: skip
ENDS: dict[str, tuple[Clock, str]] = {
    "in time": (
        clock("2019-06-28", status=Status.MET, met_on="2019-06-28", ended_at=0),
        "核查期限：2019-06-28 按期完成",
    ),
    "late": (
        clock("2019-06-28", status=Status.MET, met_on="2019-07-01", ended_at=0),
        "核查期限：2019-07-01 完成，超期 3 天",
    ),
    "late, in working days": (
        clock("2019-06-28", status=Status.MET, name="acceptance_notice", met_on="2019-07-01", ended_at=0),
        "告知受理：2019-07-01 完成，超期 1 个工作日",
    ),
    "ran out and ceased to be required": (
        clock("2019-06-20", status=Status.LIFTED, lifted=(Lift(from_at=1561428000000000, to_at=None, why="left"),),
              ended_at=0, breaches=(LIFTED,)),
        "核查期限：自 2019-06-25 起不再要求；2019-06-21 至 2019-06-25 曾超期（原到期日 2019-06-20）",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("name", ["full", "petitions"])
def test_a_ledger_says_when_each_term_was_met_and_how_late(name: str, how: str) -> None:
    """Met late never reads as met, and what ran out before it ceased to be required stays on record."""
    form, (ended, said) = form_of(name), ENDS[how]
    row = rows_of(form, ExportedCase(case(), None, (ended, ended)))[0]
    assert cells_of(form, row)["case.ended"] == f"{said}\n{said}"


def test_a_ledger_for_scripts_says_the_same_in_the_same_unit() -> None:
    """Under the keys of `show --json`: the day met, and how late with its unit; nothing is late by its own day."""
    ended = [each for each, _ in ENDS.values()]
    [plain] = plain_of(form_of("full"), ExportedCase(case(), clock("2019-06-28", name="acceptance_notice"), ended))
    due: Any = plain["due"]
    told: Any = plain["ended"]
    assert (due["left"], due["late_by"]) == (-5, {"amount": 5, "unit": "working_days"})
    assert [(each["status"], each["met_on"], each["late_by"]) for each in told] == [
        ("met", "2019-06-28", None),
        ("met", "2019-07-01", {"amount": 3, "unit": "days"}),
        ("met", "2019-07-01", {"amount": 1, "unit": "working_days"}),
        ("lifted", None, None),
    ]


def test_values_are_written_as_people_read_them() -> None:
    """Choices and officers stand by their titles, an officer whose name another has by the code."""
    form = form_of("full")
    fields = {"handler": "zhao", "responsible_leader": "li", "escalation": ["listed", "direct"], "real_name": False}
    row = cells_of(form, rows_of(form, ExportedCase(case(**fields), None))[0])
    assert (row["case.unit"], row["case.state"], row["source"]) == ("县医院", "已交办", "群众来信")
    assert (row["handler"], row["responsible_leader"], row["real_name"]) == ("zhao", "李某", "否")
    assert (row["escalation"], row["received_on"]) == ("挂牌督办、直查直办", date(2019, 6, 28))


HEAD = "填报单位：县医院      填报时间：2019-07-05      灰色表头不必填写"


@pytest.mark.parametrize("name", ["statistics", "discipline", "petitions", "rectification"])
def test_a_dozen_columns_are_one_page_across(tmp_path: Path, name: str) -> None:
    """Eleven columns are not spread over two pages; the ledger is as long as it must be."""
    page = written(tmp_path, form_of(name), []).worksheets[0]
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)


def test_the_sheet_is_ready_for_use_and_print(tmp_path: Path) -> None:
    """Header frozen and filtered, A4 landscape, header on every page, the revision out of sight."""
    form = form_of("full")
    book = written(tmp_path, form, rows_of(form, ExportedCase(case(), None), ExportedCase(case(), None)))
    page = book["问题线索台账"]
    assert [page[each].value for each in ("A1", "A2", "C2", "J2", "U2")] == ["问题线索台账", None, HEAD, HEAD, HEAD]
    keys = [cell.coordinate for cell in page[3] if cell.value == "剩余 3 天以内"]
    assert keys == ["C3", "J3", "U3"], "once on each page across, and not among the columns that are repeated"
    assert [page.cell(4, at).value for at in (1, 2, 3)] == ["序号", "清零编号", "单位"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("C5", "A4:AD6")
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$3:$4", "the key of the colours and the headings"
    assert [each.id for each in page.col_breaks.brk] == [9, 20], "three pages across, cut between columns"
    assert page.column_dimensions["AD"].hidden
    assert [page["A7"].value, page["B7"].value] == ["合计", "2 件"]


def test_columns_are_wide_enough_for_chinese() -> None:
    """A heading fits its column in two lines at most, a Chinese character taking the room of two."""
    for path in SHIPPED.glob("*.yaml"):
        for each in form_of(path.stem).columns:
            assert each.hidden or 2 * len(each.title.zh) <= 2 * each.width, each.show


def test_long_text_gets_the_height_it_needs(tmp_path: Path) -> None:
    """A row is as high as its longest text, line breaks counted: some programs cut it off otherwise."""
    form = form_of("full")
    texts = ("短", "甲\n乙\n丙", "长" * 88)
    page = written(tmp_path, form, rows_of(form, *(ExportedCase(case(summary=each), None) for each in texts)))[
        "问题线索台账"
    ]
    heights = [page.row_dimensions[row].height for row in (5, 6, 7)]
    assert heights[0] < heights[1] < heights[2]


def test_lateness_colours_cells_and_grade_colours_letters(tmp_path: Path) -> None:
    """A late lead of a high grade shows both, each in its own way, and the legend says what they mean."""
    form = form_of("full")
    row = rows_of(form, ExportedCase(case(escalation=["listed"]), clock("2019-06-28")))
    page = written(tmp_path, form, row)["问题线索台账"]
    at = {each.show: place for place, each in enumerate(form.columns, 1)}
    due, grade = page.cell(5, at["case.due"]), page.cell(5, at["escalation"])
    assert (due.fill.fgColor.rgb[-6:], due.font.b) == (LEVELS[2].colour, False)
    assert (grade.fill.fill_type, grade.font.color.rgb[-6:]) == (None, "C00000")
    legend = {cell.value: cell for cell in page[3] if cell.value}
    assert legend["超期 7 天以上"].fill.fgColor.rgb[-6:] == LEVELS[2].colour
    assert legend["挂牌督办"].font.color.rgb[-6:] == "C00000"


def test_a_unit_chooses_from_lists(tmp_path: Path) -> None:
    """What may be filled in has drop-downs; lists too long for a rule stand on a hidden sheet."""
    form = form_of("full")
    officers = [f"人员{each:03}" for each in range(100)]
    book = written(tmp_path, form, rows_of(form, ExportedCase(case(), None)), officers=officers)
    rules = {str(each.sqref).split(":")[0]: each for each in book["问题线索台账"].data_validations.dataValidation}
    at = {each.show: get_column_letter(place) for place, each in enumerate(form.columns, 1)}
    assert rules[f"{at['real_name']}5"].formula1 == '"是,否"'
    assert rules[f"{at['handler']}5"].formula1.startswith("选项!") or "选项" in rules[f"{at['handler']}5"].formula1
    assert rules[f"{at['received_on']}5"].type == "date"
    assert f"{at['finding']}5" not in rules, "only a step writes the finding"
    hidden = book["选项"]
    assert hidden.sheet_state == "hidden"
    assert officers in [[cell.value for cell in row if cell.value] for row in hidden.iter_rows()]


def test_an_empty_ledger_can_be_filled_in(tmp_path: Path) -> None:
    """A ledger without rows has the lists all the same, and no total."""
    page = written(tmp_path, form_of("full"), [])["问题线索台账"]
    assert page.max_row >= 104
    assert any(str(each.sqref).endswith("104") for each in page.data_validations.dataValidation)


@pytest.mark.parametrize("start", FORMULA_STARTS, ids=ascii)
def test_no_text_becomes_a_formula(tmp_path: Path, start: str) -> None:
    """A text that begins like a formula is text: in a workbook as such, in a csv behind an apostrophe."""
    form = declared(columns=["summary", "remark"])
    evil = f"{start}cmd|' /C calc'!A0"
    rows = rows_of(form, ExportedCase(case(summary=evil, remark="正常"), None))
    written(tmp_path, form, rows)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()
    write_csv(tmp_path / "x.csv", form, rows)
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream))[1] == [f"'{evil}", "正常"]


@pytest.mark.parametrize(
    ("value", "plain"), [(-5, -5), (None, ""), (date(2019, 7, 5), "2019-07-05"), ("'甲", "'甲"), ("-5", "'-5")]
)
def test_cells_of_a_csv(value: str | int | date | None, plain: object) -> None:
    """Numbers stay numbers, days are written as ISO 8601, nothing is empty."""
    assert plain_cell(value) == plain


@pytest.mark.parametrize("words", ["=1", "'=1", "''=1", "'＋1", "'甲", "''", '="007"', '\'="007"', "-5", "甲'=1"])
def test_a_csv_gives_back_what_was_written(tmp_path: Path, words: str) -> None:
    """A text that has apostrophes of its own comes back with as many, under a heading that begins like a formula."""
    form = declared(columns=["summary", {"show": "remark", "title": words}])
    write_csv(tmp_path / "x.csv", form, rows_of(form, ExportedCase(case(summary=words, remark="正常"), None)))
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert not any(cell.startswith(FORMULA_STARTS) for row in csv.reader(stream) for cell in row)
    head, row = list(open_book(tmp_path / "x.csv").sheets[0].open_rows())
    assert (head[1], row) == (words, [words, "正常"])


def test_english(tmp_path: Path) -> None:
    """In English the ledger has English headings, choices and legend."""
    form = form_of("full")
    with speaking("en"):
        page = written(tmp_path, form, rows_of(form, ExportedCase(case(), clock("2019-07-04"))))["Ledger of leads"]
        assert (page["B4"].value, page["F5"].value) == ("Qingling number", "Letter")
