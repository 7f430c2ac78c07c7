"""`qingling import`: a clerk's ledgers, whatever they look like, by the real program on real files."""

import json
import stat
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from databases import stored
from file_maker import repacked
from houses import House, built_house, house
from ledger_maker import book, county_ledger, old_book, saved

__all__ = ["built_house", "house"]

HEAD: list[Any] = ["线索编号", "收到时间", "线索来源", "反映的主要问题", "办理情况", "备注"]
ONE: list[Any] = ["2019-001", "2019.6.3", "群众来电", "反映强行推销", "正在核查", ""]
TWO: list[Any] = ["2019-002", "2019年6月5日", "信箱", "反映停车场乱收费", "已办结，不属实", "已反馈"]
TASKS: list[Any] = ["线索编号", "收到时间", "线索来源", "反映的主要问题", "办理时限"]
BAD: list[Any] = ["2019-003", "2019.2.30", "神秘人", "反映号贩子", "已移送", ""]

DESK = """
workflow: complaint
version: 1
title: {en: Complaint, zh: 投诉}
number: "{unit}-TS-{year}-{serial:03}"
dated_by: received_on
summary: words
import_key: own_number
open: {by: [office, liaison]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 来电时间}}
  words: {type: text, required: true, title: {en: Complaint, zh: 投诉内容}, also: [诉求]}
  own_number: {type: text, title: {en: Own number, zh: 工单号}}
  kind:
    type: choice
    title: {en: Kind, zh: 投诉类别}
    values: [{value: fee, title: {en: Fees, zh: 收费}}, {value: care, title: {en: Care, zh: 服务}}]
  caller: {type: sealed, title: {en: Caller, zh: 投诉人}}
  answer: {type: text, title: {en: Answer, zh: 答复意见}, amend: false}
states:
  open: {title: {en: Open, zh: 待答复}, also: [未答复]}
  answered: {title: {en: Answered, zh: 已答复}, final: true}
transitions:
  answer: {title: {en: Answer, zh: 答复}, from: open, to: answered, by: [office, liaison], asks: [answer]}
deadlines:
  answer: {title: {en: Answer, zh: 答复期限}, starts: {field: received_on}, runs_in: [open], within: 15 days,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [liaison]}]
clearance:
  cleared: {states: [answered]}
  fully_closed: {states: [answered]}
"""


def ledger(folder: Path, *rows: list[Any], name: str = "台账.xlsx") -> str:
    """Save a ledger with a header and *rows*, and return its path."""
    return str(saved(folder / name, [HEAD, *rows]))


def imported(house: House, *args: str, code: int = 0, by: str = "wang") -> Any:
    """Import with --json, expect the exit code, and return the object."""
    result = house.run("import", *args, "--json", by=by)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def told(found: Any) -> list[tuple[str, str]]:
    """Return where each problem is and in which field."""
    return [(each["at"], each["field"]) for each in found["problems"]]


def asked(found: Any) -> list[tuple[str, str, str | None]]:
    """Return where each question stands, in which field, and what stood there."""
    return [(each["at"], each["field"], each["stood"]) for each in found["questions"]]


class TestTrial:
    """Without --apply."""

    def test_nothing_is_written(self, house: House, tmp_path: Path) -> None:
        """A dry run says what would happen and how to do it for real, and leaves everything as it was."""
        file = ledger(tmp_path, ONE, TWO)
        before = stored(house.database)
        result = house.run("import", file, "--unit", "0101", lang="zh")
        assert result.exit_code == 0
        assert result.stderr.strip() == (
            "预演：新登记 2 件，更新 0 件，无变化 0 件，未导入 0 行；尚未写入。正式导入请加 --执行"
        )
        assert "✓ 线索台账!2  新登记" in result.stdout
        assert stored(house.database) == before
        assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["台账.xlsx"]

    def test_every_error_is_told_with_its_cell(self, house: House, tmp_path: Path) -> None:
        """Where nothing may be left open, all that is wrong with a row is told at once, each with cell and remedy."""
        result = house.run("import", ledger(tmp_path, ONE, BAD), "--unit", "0101", "--strict", lang="zh")
        assert result.exit_code == 11
        lines = [each for each in result.stdout.splitlines() if each.startswith("✗")]
        assert [each.split()[1] for each in lines] == ["线索台账!3.B", "线索台账!3.C", "线索台账!3.E"]
        assert all("改法：" in each for each in lines)
        assert "已移送公安" in lines[2]
        assert result.stderr.strip().endswith("正式导入请加 --执行")

    def test_json_is_one_object(self, house: House, tmp_path: Path) -> None:
        """Scripts get rows, headings, what was left out and what was understood, with positions."""
        found = imported(house, str(county_ledger(tmp_path / "县台账.xlsx")), "--unit", "0101")
        assert (found["file"], found["header_row"], found["applied"]) == ("县台账.xlsx", 3, False)
        assert found["meta"]["填报时间"] == "2019-07-05"
        assert {"at": "线索台账!12", "why": "total"} in found["skipped"]
        assert {"at": "线索台账!5.C", "kind": "ditto", "raw": "同上"} in found["issues"]
        source = next(each for each in found["headings"] if each["letter"] == "C")
        assert source == {
            "sheet": "线索台账", "text": "来源", "letter": "C", "field": "source", "how": "synonym", "certainty": 0.95,
            "proposal": None, "candidates": [], "samples": ["群众来电", "信箱", "上级交办"],
        }  # fmt: skip
        first = found["records"][0]
        assert (first["at"], first["outcome"], first["number"], first["unit"]) == ("线索台账!4", "opened", None, "0101")
        assert first["values"]["received_on"] == "2019-06-03"
        assert (first["raw"]["source"], first["values"]["source"]) == ("群众来电", "telephone")
        assert first["values"]["subject_unit"] == "甲镇卫生院"


class TestApply:
    """With --apply."""

    def test_every_row_comes_in_and_what_is_unclear_is_marked(self, house: House, tmp_path: Path) -> None:
        """Every row becomes a case; a copy beside the ledger, for its owner only, marks what is to be checked."""
        file = ledger(tmp_path, ONE, BAD, TWO)
        found = imported(house, file, "--unit", "0101", "--apply")
        assert found["counts"] == {
            "rows": 3, "opened": 3, "updated": 0, "unchanged": 0, "refused": 0, "questioned": 1, "skipped": 1,
        }  # fmt: skip
        cases = house.found("list")
        assert [(each["state"], each["fields"]["ledger_number"]) for each in cases] == [
            ("assigned", "2019-001"),
            ("received", "2019-003"),
            ("closed", "2019-002"),
        ]
        marked = tmp_path / "台账.marked.xlsx"
        assert found["marked"] == str(marked)
        assert stat.S_IMODE(marked.stat().st_mode) == 0o600
        page = openpyxl.load_workbook(marked).active
        assert page is not None
        assert str(page["G2"].value).endswith("0101-XS-2019-0001")
        assert page["B3"].comment is not None

    def test_the_mended_copy_updates(self, house: House, tmp_path: Path) -> None:
        """The marked copy, mended and imported again, answers what was asked and doubles nothing."""
        file = ledger(tmp_path, ONE, BAD)
        imported(house, file, "--unit", "0101", "--apply")
        mended = openpyxl.load_workbook(tmp_path / "台账.marked.xlsx")
        page = mended.active
        assert page is not None
        page["B3"], page["C3"], page["E3"], page["F2"] = "2019.6.30", "信箱", "移送公安", "补充说明"
        mended.save(tmp_path / "台账.marked.xlsx")
        found = imported(house, str(tmp_path / "台账.marked.xlsx"), "--unit", "0101", "--apply")
        assert [(each["outcome"], each["changed"]) for each in found["records"]] == [
            ("updated", ["remark", "original"]),
            ("updated", ["received_on", "source", "state", "original"]),
        ]
        assert house.found("list", "--questions") == []
        second = house.found("show", "0101-XS-2019-0002")
        assert (second["state"], second["fields"]["suspected_crime"]) == ("transferred_police", True)

    def test_a_half_mended_copy_is_not_overwritten(self, house: House, tmp_path: Path) -> None:
        """Each import writes its marked copy under a free name."""
        file = ledger(tmp_path, ONE, BAD)
        for name in ("台账.marked.xlsx", "台账.marked-2.xlsx", "台账.marked-3.xlsx"):
            page = openpyxl.load_workbook(file)
            assert page.active is not None
            page.active["C3"] = f"神秘人{name}"
            page.save(file)
            assert imported(house, file, "--unit", "0101", "--apply")["marked"] == str(tmp_path / name)
            file = str(tmp_path / name)

    def test_strict_is_all_or_nothing(self, house: House, tmp_path: Path) -> None:
        """With --strict one bad row keeps all out, and no number is used up."""
        file = ledger(tmp_path, ONE, BAD)
        found = imported(house, file, "--unit", "0101", "--apply", "--strict", code=11)
        assert (found["applied"], house.found("list")) == (False, [])
        assert imported(house, ledger(tmp_path, ONE), "--unit", "0101", "--apply", "--strict")["applied"] is True
        assert house.found("list")[0]["number"] == "0101-XS-2019-0001"

    def test_a_state_is_a_legacy_entry(self, house: House, tmp_path: Path) -> None:
        """The history says that the state was taken over from a ledger and in which words."""
        house.done("import", ledger(tmp_path, TWO), "--unit", "0101", "--apply")
        entries = house.found("journal", "log", "0101-XS-2019-0001")
        assert [each["kind"] for each in entries] == ["opened", "legacy_entry"]
        assert entries[1]["body"]["ledger_says"] == "已办结，不属实"
        said = house.done("journal", "log", "0101-XS-2019-0001", lang="zh").splitlines()[1]
        assert "由旧台账转入，已受理 → 已办结" in said
        assert "（台账原文：已办结，不属实）" in said
        assert "integrity" in house.run("journal", "verify").output or house.run("journal", "verify").exit_code == 0


class TestUnits:
    """Who the rows belong to."""

    @pytest.mark.parametrize(
        ("args", "head", "cell", "unit"),
        [
            (["--unit", "0102"], None, None, "0102"),
            (["--unit", "0102"], None, "县医院", "0101"),
            ([], "县中医院", None, "0102"),
            ([], "县中医院", "0101", "0101"),
        ],
        ids=["option", "the row goes before", "head of the ledger", "the row goes before the head"],
    )
    def test_a_row_has_a_unit(
        self, house: House, tmp_path: Path, args: list[str], head: str | None, cell: str | None, unit: str
    ) -> None:
        """The row's own unit, by code or name, goes before the option, the option before the head."""
        rows: list[list[Any]] = [["单位", *HEAD], [cell, *ONE]]
        if head:
            rows = [["线索台账"], [f"填报单位：{head}"], *rows]
        found = imported(house, str(saved(tmp_path / "a.xlsx", rows)), *args)
        assert [each["unit"] for each in found["records"]] == [unit]

    def test_a_unit_is_known_by_its_short_name_and_by_where_it_happened(self, house: House, tmp_path: Path) -> None:
        """中医院 is 县中医院 in every place of a ledger; without a column for the unit, where it happened says it."""
        named = str(saved(tmp_path / "a.xlsx", [["单位", *HEAD], ["中医院", *ONE]]))
        where = str(
            saved(tmp_path / "b.xlsx", [["涉及单位", *HEAD], ["中医院", *ONE], ["0101", *TWO], ["东街", "9", *ONE[1:]]])
        )

        assert [each["unit"] for each in imported(house, named)["records"]] == ["0102"]
        found = imported(house, where, code=11)
        assert [each["unit"] for each in found["records"]] == ["0102", "0101", None]
        assert [field for _, field in told(found)] == ["unit"]
        assert [each["unit"] for each in imported(house, where, "--unit", "0101")["records"]] == ["0101"] * 3

    def test_without_any_unit(self, house: House, tmp_path: Path) -> None:
        """Where the house has several units and none is named, that is a problem with its remedy."""
        found = imported(house, ledger(tmp_path, ONE), code=11)
        assert told(found) == [("线索台账!2", "unit")]
        assert "--unit CODE" in found["problems"][0]["right"]

    def test_unknown_units(self, house: House, tmp_path: Path) -> None:
        """An unknown unit is refused with what to do; --add-units registers it, in the same commit."""
        file = str(saved(tmp_path / "a.xlsx", [["所属单位", *HEAD], ["甲镇卫生院", *ONE], ["甲镇卫生院", *TWO]]))
        found = imported(house, file, code=11)
        assert told(found) == [("线索台账!2.A", "unit"), ("线索台账!3.A", "unit")]
        assert "--add-units" in found["problems"][0]["right"]
        found = imported(house, file, "--add-units", "--apply")
        assert [each["number"] for each in found["records"]] == ["甲镇卫生院-XS-2019-0001", "甲镇卫生院-XS-2019-0002"]
        assert "甲镇卫生院" in [each["code"] for each in house.found("unit", "list")]

    def test_two_units_may_number_alike(self, house: House, tmp_path: Path) -> None:
        """A ledger's own number is known per unit."""
        file = str(saved(tmp_path / "a.xlsx", [["单位", *HEAD], ["0101", *ONE], ["0102", *ONE]]))
        assert [each["outcome"] for each in imported(house, file)["records"]] == ["opened", "opened"]


def test_officers_by_code_or_name(house: House, tmp_path: Path) -> None:
    """An officer's column is matched by code or name; who is not registered is asked about with the remedy."""
    rows = [[*HEAD, "责任人"], [*ONE, "赵某"], [*TWO, "zhao"], ["2019-004", *ONE[1:], "孙某"]]
    found = imported(house, str(saved(tmp_path / "a.xlsx", rows)), "--unit", "0101")
    assert [each["values"].get("handler") for each in found["records"]] == ["zhao", "zhao", None]
    assert asked(found) == [("线索台账!4.G", "handler", "孙某")]
    assert "qingling officer add" in found["questions"][0]["answer"]


def test_a_nil_return_in_a_ledger_is_said_to_be_submitted(house: House, tmp_path: Path) -> None:
    """A row that reports nothing is no lead and is not filed either: what files it is said, as it is typed."""
    file = str(saved(tmp_path / "a.xlsx", [HEAD, ONE, ["本月无新增线索"]]))
    said = house.run("import", file, "--unit", "0101", lang="zh").output
    assert "零报告 1" in said
    assert "qingling 办理 编号 报送 --零报告 是；待报的：qingling 列表 --流程 报表 --未办结" in said


def test_a_ledger_that_lacks_a_column(house: House, tmp_path: Path) -> None:
    """Where nothing is to be left open, a missing column is missed once, not once a row, and --map can name it."""
    file = str(
        saved(
            tmp_path / "a.xlsx", [["线索编号", "收到时间", "反映的主要问题", "由来"], ["1", "2019.6.3", "某事", "信箱"]]
        )
    )
    found = imported(house, file, "--unit", "0101", "--strict", code=11)
    assert told(found) == [("线索台账!1", "source")]
    assert found["records"][0]["refusal"]
    mapping = tmp_path / "map.yaml"
    mapping.write_text("由来: source\n", "utf-8")
    assert imported(house, file, "--unit", "0101", "--map", str(mapping))["counts"]["opened"] == 1


def test_a_mapping_overrides(house: House, tmp_path: Path) -> None:
    """A place can be made the unit, by heading or by letter, and a column passed over."""
    file = str(saved(tmp_path / "a.xlsx", [["乡镇（单位）", *HEAD], ["县中医院", *ONE]]))
    mapping = tmp_path / "map.yaml"
    mapping.write_text("乡镇（单位）: unit\nG: '-'\n", "utf-8")
    found = imported(house, file, "--map", str(mapping))
    assert (found["records"][0]["unit"], found["headings"][0]["how"], found["headings"][6]["how"]) == (
        "0102",
        "mapping",
        "ignored",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "map.yaml"),
        ("- a\n", "map.yaml"),
        ("来: {a: b}\n", "one column per line"),
        ("线索编号: nosuch\n", "nosuch"),
    ],
    ids=["empty", "a list", "nested", "no field"],
)
def test_mappings_that_are_none(house: House, tmp_path: Path, content: str, said: str) -> None:
    """A mapping that cannot be used is refused in one line."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text(content, "utf-8")
    result = house.run("import", ledger(tmp_path, ONE), "--unit", "0101", "--map", str(mapping))
    assert result.exit_code in {2, 11}
    assert said in result.stderr


class TestReporters:
    """Who reported."""

    def test_sealed_and_never_shown(self, house: House, tmp_path: Path) -> None:
        """The identity is in no output, journal or table; the custodian has it."""
        rows = [[*HEAD, "举报人"], [*ONE, "Reporter Q-773"], [*BAD, "Reporter Q-774"], [*TWO, "〃"]]
        file = str(saved(tmp_path / "a.xlsx", rows))
        said = house.run("import", file, "--unit", "0101").output
        said += house.run("import", file, "--unit", "0101", "--apply", "--json").output
        said += house.run("show", "0101-XS-2019-0001").output + house.run("journal", "log").output
        said += "".join(stored(house.database))
        assert "Q-77" not in said
        assert house.found("show", "0101-XS-2019-0001")["fields"]["reporter"] == "sealed"


@pytest.mark.parametrize("kind", ["xls", "et", "gbk", "utf-8", "bom"])
def test_other_kinds_of_files(house: House, tmp_path: Path, kind: str) -> None:
    """Old workbooks and text in any usual encoding are ledgers too."""
    rows = [HEAD, ONE, TWO]
    if kind in {"xls", "et"}:
        file = old_book(tmp_path / f"a.{kind}", rows)
    else:
        file = tmp_path / "a.csv"
        encoding = {"gbk": "gb18030", "utf-8": "utf-8", "bom": "utf-8-sig"}[kind]
        file.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding)
    found = imported(house, str(file), "--unit", "0101", "--apply")
    assert [each["state"] for each in found["records"]] == ["assigned", "closed"]


def test_other_shapes(house: House, tmp_path: Path) -> None:
    """A two-row header, a sheet for each month and a form for each lead are read in one workbook."""
    made = book(
        [["基本信息", "", "", "内容"], ["线索编号", "收到时间", "线索来源", "反映的主要问题"], ONE[:4]],
        "A1:C1",
        sheet="6月",
    )
    second = made.create_sheet("7月")
    for row in (HEAD, TWO):
        second.append(row)
    form = made.create_sheet("单2019-009")
    for pair in (["线索编号", "2019-009"], ["收到时间", "2019.6.9"], ["线索来源", "信箱"], ["反映的主要问题", "某事"]):
        form.append(pair)
    made.save(tmp_path / "a.xlsx")
    found = imported(house, str(tmp_path / "a.xlsx"), "--unit", "0101", "--apply")
    assert found["sheets"] == ["6月", "7月", "单2019-009"]
    assert [each["values"]["ledger_number"] for each in found["records"]] == ["2019-001", "2019-002", "2019-009"]
    assert imported(house, str(tmp_path / "a.xlsx"), "--unit", "0101", "--sheet", "7月")["counts"]["unchanged"] == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("no.xlsx", None, "no.xlsx does not exist"),
        ("a.xlsx", b"", "is empty"),
        ("a.xlsx", b"%PDF-1.4 x", "neither a workbook nor text"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "no header that is known"),
    ],
    ids=["missing", "empty", "pdf", "another table"],
)
def test_files_that_are_no_ledger(house: House, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """What is no ledger is refused in one line."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert said in house.refused(11, "import", str(tmp_path / name), "--unit", "0101")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--unit", "0109"], 20, "no unit has the code '0109'"),
        (["--unit", "0101", "--workflow", "nosuch"], 20, "nosuch"),
        (["--unit", "0101", "--sheet", "八月"], 11, "八月"),
        (["--unit", "0101", "--marked", "a.txt"], 2, ".xlsx"),
    ],
)
def test_refusals(house: House, tmp_path: Path, args: list[str], code: int, said: str) -> None:
    """What cannot be done is refused in one line, with nothing written."""
    rows = [[*HEAD, "移送对象", "移送日期"], [*ONE, "公安机关", "2019.6.4"]]
    assert said in house.refused(code, "import", str(saved(tmp_path / "a.xlsx", rows)), *args)
    assert house.found("list") == []


def test_a_house_imports_for_a_workflow_of_its_own(house: House, tmp_path: Path) -> None:
    """A complaint desk declared in a file runs with import, list, show, advance and receive, in Chinese."""
    folder = tmp_path / "house" / "ledger-workflows"
    folder.mkdir()
    (folder / "complaint.yaml").write_text(DESK, "utf-8")
    house.adopt(folder)
    rows: list[list[Any]] = [
        ["县医院投诉台账（2019年）"],
        ["序号", "工单号", "来电时间", "诉求", "投诉类别", "投诉人", "办理情况"],
        [1, "T-1", date(2019, 6, 3), "收费过高", "收费", "Reporter Q-773", "未答复"],
        [2, "T-2", "2019.6.4", "态度不好", "服务", "", "已答复"],
        [3, "T-3", "6月5日左右", "排队太久", "服務", "", "搁置"],
    ]
    file = str(saved(tmp_path / "投诉.xlsx", rows))
    found = imported(house, file, "--workflow", "complaint", "--unit", "0101", "--apply")
    assert asked(found) == [
        ("线索台账!5.C", "received_on", "6月5日左右"),
        ("线索台账!5.E", "kind", "服務"),
        ("线索台账!5.G", "state", "搁置"),
    ]
    listed = house.found("list", "--workflow", "complaint")
    assert [(each["number"], each["state"]) for each in listed] == [
        ("0101-TS-2019-001", "open"),
        ("0101-TS-2019-002", "answered"),
        ("0101-TS-2019-003", "open"),
    ]
    house.done("advance", "0101-TS-2019-001", "答复", "--set", "答复意见=已退费")
    assert house.found("show", "0101-TS-2019-001")["state"] == "answered"
    house.done("receive", "--workflow", "complaint", "--unit", "0101", "--received-on", "2019-06-30", "--words", "x")
    assert "Q-773" not in house.run("journal", "log").output


@pytest.mark.office("soffice")
def test_libreoffice_reads_the_marked_copy(house: House, tmp_path: Path) -> None:
    """A marked copy passes through another program and is read again as it was."""
    imported(house, ledger(tmp_path, ONE, BAD), "--unit", "0101", "--apply")
    out = tmp_path / "again"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    marked = str(tmp_path / "台账.marked.xlsx")
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), marked],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    found = imported(house, str(out / "台账.marked.xlsx"), "--unit", "0101")
    assert [each["outcome"] for each in found["records"]] == ["unchanged", "unchanged"]


def test_what_a_person_must_look_at_is_named(house: House, tmp_path: Path) -> None:
    """A line with a stray quotation mark and a sheet that is missing are shown by name, and the rest is read."""
    lines = ["线索编号,收到时间,线索来源,反映的主要问题", '1,2019-06-03,来信,"号贩子', "2,2019-06-04,来信,黑车"]
    text = tmp_path / "台账.csv"
    text.write_text("\n".join(lines), "utf-8")
    said = house.done("import", str(text), "--unit", "0101")
    assert "! 台账!2  a quotation mark opens or closes nothing here" in said
    assert "✓ 台账!3" in said

    made = book([HEAD, ONE])
    made.create_sheet("七月").append(HEAD)
    made.save(tmp_path / "a.xlsx")
    repacked(tmp_path / "a.xlsx", str, without="xl/worksheets/sheet2.xml")
    said = house.done("import", str(tmp_path / "a.xlsx"), "--unit", "0101")
    assert "! 七月  this sheet is missing or damaged" in said
    assert "✓ 线索台账!2" in said


def test_a_ledger_moves_no_case_that_was_registered_here(house: House, tmp_path: Path) -> None:
    """A row takes no case past its guards: the state it names is left out and said, what steps write refused."""
    number = house.lead("--ledger-number", "Q9")
    row = "2019-06-28,letter,医院门口有人强揽生意,Q9"
    file = tmp_path / "y.csv"
    file.write_text(f"收到时间,线索来源,主要内容,台账编号,办理状态\n{row},已销号\n", "utf-8")
    said = house.done("import", str(file), "--unit", "0101", "--apply", lang="zh")

    assert "状态只能由办理步骤改变" in said
    assert house.found("show", number)["state"] == "received"

    file.write_text(f"收到时间,线索来源,主要内容,台账编号,核查结论\n{row},查实\n", "utf-8")
    refused = house.run("import", str(file), "--unit", "0101", "--apply", lang="zh")

    assert refused.exit_code == 11
    assert "只能由流程步骤写入" in refused.stdout


class TestDeadlinesByTheRow:
    """A deadline is read with the row that it stands in."""

    def taken(self, house: House, tmp_path: Path, *rows: list[Any], **keywords: Any) -> Any:
        """Import such rows for good, and return what was told and the cases by the number in the ledger."""
        file = str(saved(tmp_path / "督办.xlsx", [TASKS, *rows]))
        found = imported(house, file, "--unit", "0101", "--apply", **keywords)
        cases = {
            each["fields"]["ledger_number"]: each["fields"] for each in map(self._case(house), house.found("list"))
        }
        return found, cases

    @staticmethod
    def _case(house: House) -> Any:
        return lambda each: house.found("show", each["number"])

    def test_a_length_is_counted_by_the_working_calendar_of_the_unit(self, house: House, tmp_path: Path) -> None:
        """15 working days from 3 June 2019 end on the 25th, since the 7th was a holiday."""
        row = ["T1", "2019-06-03", "信箱", "反映停车场乱收费", "自收到之日起15个工作日"]
        found, cases = self.taken(house, tmp_path, row)

        assert cases["T1"]["handling_due_on"] == "2019-06-25"
        assert [(each["at"], each["kind"]) for each in found["issues"]] == [("线索台账!2.E", "length_counted")]
        assert asked(found) == []

    def test_what_is_kept_up_has_no_day_and_asks_nothing(self, house: House, tmp_path: Path) -> None:
        """It is said that there is none; the row as it stood keeps the words."""
        found, cases = self.taken(house, tmp_path, ["T1", "2019-06-03", "信箱", "反映停车场乱收费", "长期坚持"])

        assert cases["T1"].get("handling_due_on") is None
        assert [each["kind"] for each in found["issues"]] == ["no_end"]
        assert asked(found) == []

    def test_a_length_without_a_day_of_receipt_is_a_question(self, house: House, tmp_path: Path) -> None:
        """It counts from a day that nobody has written."""
        found, _ = self.taken(house, tmp_path, ["T1", "", "信箱", "反映停车场乱收费", "15个工作日"])

        assert ("线索台账!2.E", "handling_due_on", "15个工作日") in asked(found)

    def test_the_days_that_may_be_meant_stand_in_the_question(self, house: House, tmp_path: Path) -> None:
        """By a month before which something is due, its last day may be meant."""
        found, _ = self.taken(house, tmp_path, ["T1", "2019-06-03", "信箱", "反映停车场乱收费", "2019年8月前"])
        (question,) = found["questions"]

        assert "2019-08-31" in json.dumps(question, ensure_ascii=False)

    def test_the_letter_of_a_number_proposes_its_source(self, house: House, tmp_path: Path) -> None:
        """Numbers of inspection groups begin with D for calls and X for letters; it is asked, never taken."""
        file = saved(
            tmp_path / "a.xlsx", [["受理编号", "收到时间", "反映的主要问题"], ["D3SX2019060", "2019-06-03", "噪声"]]
        )
        found = imported(house, str(file), "--unit", "0101")

        assert asked(found) == [("线索台账!2", "source", None)]
        assert "Report by telephone" in json.dumps(found["questions"], ensure_ascii=False)
