"""Rows of ledgers as they stood, and what is unclear in them: kept, asked, listed and answered, by the real program."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from databases import stored
from houses import House, built_house, house
from ledger_maker import saved
from openpyxl.comments import Comment
from openpyxl.styles import Font

__all__ = ["built_house", "house"]

HEAD = ["线索编号", "收到时间", "线索来源", "反映的主要问题", "办理情况"]
FIRST = "0101-XS-2019-0001"


def row(**changed: Any) -> list[Any]:
    """Return a row that is clear but for what is changed, by heading."""
    clear = dict(zip(HEAD, ["1", "2019-06-03", "信箱", "反映号贩子在门诊楼揽客", "已受理"], strict=True))
    return list({**clear, **changed}.values())


def taken(house: House, folder: Path, *rows: list[Any], head: list[str] = HEAD, args: tuple[str, ...] = ()) -> Any:
    """Import a ledger for good, and return the report."""
    file = saved(folder / "台账.xlsx", [head, *rows])
    given = () if "--unit" in args else ("--unit", "0101")
    result = house.run("import", str(file), *given, *args, "--apply", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def standing(house: House, number: str = FIRST) -> list[str]:
    """Return the fields on which questions stand."""
    return [each["field"] for each in house.found("show", number)["questions"]]


UNCLEAR = [
    ("收到时间", "2019-02-30", "received_on"),
    ("收到时间", "6月前", "received_on"),
    ("收到时间", "", "received_on"),
    ("收到时间", "2031-01-01", "received_on"),
    ("线索来源", "神秘人", "source"),
    ("线索来源", None, "source"),
    ("反映的主要问题", "", "summary"),
    ("办理情况", "阶段性办结", "state"),
    ("办理情况", "部分整改", "state"),
]


@pytest.mark.parametrize(("heading", "written", "field"), UNCLEAR)
def test_what_is_unclear_is_a_question(house: House, tmp_path: Path, heading: str, written: Any, field: str) -> None:
    """The lead comes in with everything else; the question stands on it with what stood there; nothing is guessed."""
    found = taken(house, tmp_path, row(**{heading: written}))

    seen = house.found("show", FIRST)
    assert (found["counts"]["opened"], found["counts"]["questioned"]) == (1, 1)
    assert [(each["field"], each["stood"]) for each in seen["questions"]] == [(field, written or None)]
    assert field not in seen["fields"]
    assert (seen["state"], len(seen["fields"])) == ("received", 4 if field == "state" else 3)
    assert house.run("journal", "verify").exit_code == 0


def test_a_lead_of_unknown_receipt_has_no_term_that_hangs_on_it(house: House, tmp_path: Path) -> None:
    """It counts from the day it was registered, no deadline runs by that day, and once it is known they begin."""
    taken(house, tmp_path, row(收到时间="六月初"))
    before = house.found("show", FIRST)
    house.done("amend", FIRST, "--received-on", "2019-06-03", "--reason", "查登记簿")
    after = house.found("show", FIRST)

    assert before["dated_on"] == before["opened_at"][:10]
    assert (after["dated_on"], standing(house)) == ("2019-06-03", [])
    assert {each["name"] for each in before["deadlines"]} < {each["name"] for each in after["deadlines"]}
    assert house.run("journal", "verify").exit_code == 0


def test_a_question_is_answered_by_a_value(house: House, tmp_path: Path) -> None:
    """A value for the field answers, also where only steps write it; what nobody asked about stays with the steps."""
    head = [*HEAD, "核查结论"]
    taken(house, tmp_path, [*row(), "说不清"], head=head)
    assert standing(house) == ["finding"]
    refused = house.run("amend", FIRST, "--measures", "约谈", "--reason", "x")
    house.done("amend", FIRST, "--finding", "查否", "--reason", "查核查报告")

    assert refused.exit_code != 0
    assert (standing(house), house.found("show", FIRST)["fields"]["finding"]) == ([], "unsubstantiated")


def test_a_question_is_answered_by_saying_that_it_stays_empty(house: House, tmp_path: Path) -> None:
    """With a reason, which the journal tells; but a lead cannot do without what every lead needs."""
    head = [*HEAD, "责任人"]
    taken(house, tmp_path, [*row(收到时间="不清楚"), "孙某"], head=head)
    assert sorted(standing(house)) == ["handler", "received_on"]
    house.done("amend", FIRST, "--stays-empty", "责任人", "--reason", "已调离，无从查证")
    required = house.run("amend", FIRST, "--stays-empty", "received_on", "--reason", "x")
    again = house.run("amend", FIRST, "--stays-empty", "handler", "--reason", "x")

    assert standing(house) == ["received_on"]
    assert (required.exit_code != 0, again.exit_code != 0) == (True, True)
    assert "--received-on" in required.stderr
    closed = house.found("journal", "log", FIRST)[-1]
    assert (closed["kind"], closed["body"]["field"], closed["body"]["reason"]) == (
        "question_closed",
        "handler",
        "已调离，无从查证",
    )
    assert house.run("journal", "verify").exit_code == 0


def test_questions_are_listed(house: House, tmp_path: Path) -> None:
    """With --questions, cases without one are left out; each question stands with why and what would answer it."""
    taken(house, tmp_path, row(), row(线索编号="2", 线索来源="神秘人"), row(线索编号="3", 办理情况="部分整改"))
    found = house.found("list", "--questions")
    said = house.done("list", "--questions", lang="zh")

    assert [(each["number"][-1], [q["field"] for q in each["questions"]]) for each in found] == [
        ("2", ["source"]),
        ("3", ["state"]),
    ]
    assert house.found("list", "--questions", "--unit", "0102") == []
    assert len(house.found("list", "--questions", "--where", "ledger_number == '3'")) == 1
    assert "线索来源" in said
    assert "待核对" in said


def test_the_same_row_again_asks_nothing_again(house: House, tmp_path: Path) -> None:
    """Neither while the question stands nor after it was answered does the ledger ask it a second time."""
    one = row(线索来源="神秘人")
    taken(house, tmp_path, one)
    assert taken(house, tmp_path, one)["counts"]["unchanged"] == 1
    house.done("amend", FIRST, "--source", "信箱", "--reason", "核对来信")
    again = taken(house, tmp_path, one)

    assert (again["counts"]["unchanged"], again["questions"], standing(house)) == (1, [], [])


def test_a_row_whose_receipt_became_clear_is_the_same_lead(house: House, tmp_path: Path) -> None:
    """A row without a number that is put right and comes back answers its question and opens no second case."""
    head = HEAD[1:]
    taken(house, tmp_path, row(收到时间="6月")[1:], head=head)
    again = taken(house, tmp_path, row()[1:], head=head)
    third = taken(house, tmp_path, row()[1:], head=head)

    assert (again["counts"]["updated"], third["counts"]["unchanged"]) == (1, 1)
    assert (len(house.found("list")), standing(house)) == (1, [])


def test_strict_refuses_as_before(house: House, tmp_path: Path) -> None:
    """With --strict nothing is left open and nothing is written."""
    file = saved(tmp_path / "a.xlsx", [HEAD, row(), row(线索编号="2", 线索来源="神秘人")])
    result = house.run("import", str(file), "--unit", "0101", "--apply", "--strict")

    assert (result.exit_code, house.found("list")) == (11, [])


def test_the_row_is_kept_as_it_stood(house: House, tmp_path: Path) -> None:
    """Headings and texts in order, columns that mean none of our fields, comments, what was struck or hidden."""
    file = tmp_path / "台账.xlsx"
    saved(file, [[*HEAD, "紧急程度", "满意度"], [*row(), "特急", "不满意"]])
    book = openpyxl.load_workbook(file)
    page = book.active
    assert page is not None
    page["F2"].comment = Comment("局长批示：速办", "张某")
    page["G2"].font = Font(strike=True)
    page.column_dimensions["G"].hidden = True
    page.row_dimensions[2].hidden = True
    book.save(file)
    house.done("import", str(file), "--unit", "0101", "--apply")

    (kept,) = house.found("show", FIRST, "--original")["originals"]
    said = house.done("show", FIRST, "--original", lang="zh")
    cells = {each["heading"]: each for each in kept["cells"]}
    assert [each["heading"] for each in kept["cells"]] == [*HEAD, "紧急程度", "满意度"]
    assert [each["text"] for each in kept["cells"]] == [*row(), "特急", "不满意"]
    assert (kept["file"], kept["hidden"]) == (f"{sha256(file.read_bytes()).hexdigest()[:8]}.xlsx", True)
    assert cells["紧急程度"]["comments"] == ["局长批示：速办"]
    assert (cells["满意度"]["struck"], cells["满意度"]["hidden"]) == (True, True)
    assert all(word in said for word in ("紧急程度", "特急", "局长批示：速办", "已划去", "隐藏列", "隐藏行"))


WHO = [
    ("举报人", "张三丰"),
    ("信访人姓名", "张三丰"),
    ("来电人电话", "13812345678"),
    ("联系电话", "0371-65820000"),
    ("身份证号", "11010519491231002X"),
    ("家庭住址", "某镇某村三组"),
    ("备用栏", "可拨 13812345678 找本人"),
    ("备用", "zhang@example.com"),
]


@pytest.mark.parametrize(("heading", "written"), WHO)
def test_what_tells_who_reports_is_sealed_in_whatever_column(
    house: House, tmp_path: Path, heading: str, written: str
) -> None:
    """It stands in no output, journal or table, and the custodian can open it."""
    said = json.dumps(taken(house, tmp_path, [*row(), written], head=[*HEAD, heading]), ensure_ascii=False)
    said += house.run("show", FIRST, "--original").output + house.run("show", FIRST, "--original", "--json").output
    said += house.run("journal", "log").output + house.run("list", "--questions").output
    said += "".join(stored(house.database))

    assert written not in said
    assert "●●●" in said
    passphrase = ("--passphrase-file", str(house.folder / "passphrase.txt"))
    house.agreed(FIRST)
    assert written in house.done("reporter", "open", FIRST, "--reason", "保护举报人", *passphrase)


def test_a_changed_row_is_kept_anew(house: House, tmp_path: Path) -> None:
    """The row as it stood before stays; one that only moved in the sheet, or got another serial number, is the same."""
    head = ["序号", *HEAD, "满意度"]
    taken(house, tmp_path, ["1", *row(), "满意"], head=head)
    other = ["1", *row(线索编号="2", 反映的主要问题="反映停车乱收费"), ""]
    moved = taken(house, tmp_path, other, ["2", *row(), "满意"], head=head)
    changed = taken(house, tmp_path, ["2", *row(), "不满意"], head=head)

    kept = house.found("show", FIRST, "--original")["originals"]
    assert (moved["counts"]["opened"], moved["counts"]["unchanged"]) == (1, 1)
    assert [each["changed"] for each in changed["records"]] == [["original"]]
    assert [each["cells"][-1]["text"] for each in kept] == ["满意", "不满意"]
    assert house.run("journal", "verify").exit_code == 0


def test_a_question_that_was_tampered_with_is_found(house: House, tmp_path: Path) -> None:
    """Who takes a question away beside the journal is found by verifying."""
    taken(house, tmp_path, row(线索来源="神秘人"))
    with closing(sqlite3.connect(house.database)) as connection, connection:
        connection.execute("DELETE FROM questions")

    assert house.run("journal", "verify").exit_code != 0


@pytest.mark.parametrize("registered", ["2019-06-30", "2019-11-30"])
@pytest.mark.parametrize(
    ("heading", "written", "answer"),
    [
        ("收到时间", "2019年上半年", ("--received-on", "2019-06-03")),
        ("线索来源", "神秘人", ("--source", "信箱")),
    ],
)
def test_an_open_question_is_no_zero(
    house: House, tmp_path: Path, heading: str, written: str, answer: tuple[str, str], registered: str
) -> None:
    """A lead on which a question stands that matters is an incomplete record, on a rebuilt day too.

    If it is the receipt, nobody knows whether the lead belongs to the campaign: then it does, whenever it came in.
    """
    house.now = f"{registered}T10:00"
    taken(house, tmp_path, [*row(**{heading: written}), "李某", "赵某"], head=[*HEAD, "责任领导", "责任人"])
    house.now = "2019-12-31T10:00"

    def groups(day: str) -> dict[str, int]:
        result = house.run("zero", "yearly", "--year", "2019", "--as-of", day, "--json")
        return {name: n for name, n in json.loads(result.stdout)["total"]["groups"].items() if n}

    before, said = groups("2019-12-31"), house.run("zero", "yearly", "--year", "2019", lang="zh").output
    house.now = "2020-01-02T10:00"
    house.done("amend", FIRST, *answer, "--reason", "核对来信")

    assert before == {"incomplete": 1}
    assert "待核对" in said
    assert groups("2019-12-31") == {"incomplete": 1}
    assert groups("2020-01-02") == {"open": 1}


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_original_columns_are_exported_beside_ours(house: House, tmp_path: Path, ending: str) -> None:
    """As they stood, with what is sealed as dots, and only if that is asked for."""
    taken(house, tmp_path, [*row(线索来源="神秘人"), "特急", "13812345678"], head=[*HEAD, "紧急程度", "联系电话"])
    out, plain = tmp_path / f"out.{ending}", tmp_path / f"plain.{ending}"
    house.done("export", "ledger", "-o", str(out), "--original")
    house.done("export", "ledger", "-o", str(plain))

    def text(file: Path) -> str:
        if ending != "xlsx":
            return file.read_text("utf-8-sig")
        pages = openpyxl.load_workbook(file).worksheets
        return "\n".join(str(cell) for page in pages for line in page.iter_rows(values_only=True) for cell in line)

    assert all(word in text(out) for word in ("紧急程度", "特急", "神秘人", "●●●"))
    assert "13812345678" not in text(out)
    assert "特急" not in text(plain)


def test_the_exported_ledger_coming_back_answers(house: House, tmp_path: Path) -> None:
    """What an officer fills in where a question stands answers it, though only steps write that field otherwise."""
    taken(house, tmp_path, [*row(线索来源="神秘人"), "其他乱象"], head=[*HEAD, "线索类型"])
    assert sorted(standing(house)) == ["category", "source"]
    house.done("export", "ledger", "-o", str(tmp_path / "out.xlsx"), lang="zh")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = book.worksheets[0]
    for cells in page.iter_rows():
        titles = [str(each.value) for each in cells]
        if "线索来源" in titles:
            header = {title: place for place, title in enumerate(titles, 1)}
            first = cells[0].row
    assert first is not None
    page.cell(first + 1, header["线索来源"]).value = "信箱"
    page.cell(first + 1, header["线索类型"]).value = "职业医闹"
    book.save(tmp_path / "back.xlsx")
    result = house.run("import", str(tmp_path / "back.xlsx"), "--apply", "--json")
    found = json.loads(result.stdout)

    assert (result.exit_code, found["counts"]["updated"]) == (0, 1), result.output
    assert standing(house) == []


def test_what_a_row_demands_and_does_not_say_is_asked(house: House, tmp_path: Path) -> None:
    """A superior's lead without its day asks for the day, a name without yes or no asks whether it is a real one."""
    taken(
        house,
        tmp_path,
        [*row(线索来源="上级交办"), None],
        [*row(线索编号="2", 反映的主要问题="反映黑车拉客"), "张三丰"],
        head=[*HEAD, "举报人"],
    )
    second = FIRST.replace("0001", "0002")

    assert (standing(house), standing(house, second)) == (["feedback_due_on"], ["real_name"])
    house.done("amend", FIRST, "--feedback-due-on", "2019-09-03", "--reason", "查来文")
    house.done("amend", second, "--real-name", "yes", "--reason", "查来信")
    assert (standing(house), standing(house, second)) == ([], [])
    assert house.run("journal", "verify").exit_code == 0
