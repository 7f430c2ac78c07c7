"""What is decided about the headings of a ledger, at a terminal or by a mapping file, and remembered for the next."""

import json
from pathlib import Path
from typing import Any

import pytest
from houses import House, built_house, house
from ledger_maker import saved

__all__ = ["built_house", "house"]

HEAD = ["来电时间", "线索来源", "诉求内容", "甲乙丙", "核查日"]
ROWS: list[list[Any]] = [
    ["2019.6.3", "群众来电", "反映多收费用", "属实", "2019.6.9"],
    ["2019.6.4", "信箱", "反映停车难", "不属实", "2019.6.9"],
]


def _ledger(folder: Path, *, head: list[str] = HEAD, rows: list[list[Any]] = ROWS, name: str = "台账.xlsx") -> str:
    return str(saved(folder / name, [head, *rows]))


def _headings(house: House, file: str) -> dict[str, tuple[str | None, str]]:
    result = house.run("import", file, "--unit", "0101", "--json", by="wang")
    return {each["text"]: (each["field"], each["how"]) for each in json.loads(result.stdout)["headings"]}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program believe that somebody is there to be asked."""
    for place in ("deciding", "command"):
        monkeypatch.setattr(f"commands.imports.{place}.can_ask", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_one_question_for_a_column_and_none_the_next_time(house: House, tmp_path: Path) -> None:
    """A column is asked about once, with what stands below; the answer holds for the next ledger."""
    first = house.run("import", _ledger(tmp_path), "--unit", "0101", "--apply", lang="zh", stdin="y\n")
    assert first.exit_code == 0, first.output
    assert first.stderr.count("是不是") == 1
    assert "D 列“甲乙丙”（属实、不属实）是不是“核查结论”？" in first.stderr

    later = _ledger(tmp_path, head=HEAD[::-1], rows=[row[::-1] for row in ROWS], name="下月.xlsx")
    assert _headings(house, later)["甲乙丙"] == ("finding", "remembered")
    assert "是不是" not in house.run("import", later, "--unit", "0101", lang="zh").stderr


@pytest.mark.usefixtures("terminal")
def test_a_no_is_remembered_too(house: House, tmp_path: Path) -> None:
    """A column that was said to be none is passed over and not asked about again."""
    house.done("import", _ledger(tmp_path), "--unit", "0101", "--apply", stdin="n\n")

    assert _headings(house, _ledger(tmp_path))["甲乙丙"] == (None, "ignored")


def test_nothing_is_asked_or_remembered_in_a_dry_run(house: House, tmp_path: Path) -> None:
    """Off a terminal the proposal is printed as a line for a mapping file; a dry run remembers nothing."""
    shown = house.run("import", _ledger(tmp_path), "--unit", "0101", lang="zh")

    assert "可能是“核查结论”；确认请在 --对应 文件中写：甲乙丙: 核查结论" in shown.stdout
    assert house.found("headings", "list") == []


def test_a_mapping_file_is_remembered_until_it_is_forgotten(house: House, tmp_path: Path) -> None:
    """What a mapping says holds for the next ledger of these headings; it is listed, and forgotten by its shape."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text("甲乙丙: finding\n", "utf-8")
    house.done("import", _ledger(tmp_path), "--unit", "0101", "--map", str(mapping), "--apply")

    (kept,) = house.found("headings", "list")
    assert (kept["workflow"], kept["headings"], kept["by"]) == ("lead", {"甲乙丙": "finding"}, "wang")
    assert _headings(house, _ledger(tmp_path))["甲乙丙"] == ("finding", "remembered")

    other = _ledger(tmp_path, head=[*HEAD[:-1], "核查日期"], name="别样.xlsx")
    assert _headings(house, other)["甲乙丙"] == (None, "asked")

    house.done("headings", "forget", kept["shape"][:6])
    assert house.found("headings", "list") == []
    assert _headings(house, _ledger(tmp_path))["甲乙丙"] == (None, "asked")


def test_a_remembered_column_with_other_values_is_asked_again(house: House, tmp_path: Path) -> None:
    """What was decided for texts does not hold for telephones: the column is asked about again."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text("甲乙丙: remark\n", "utf-8")
    house.done("import", _ledger(tmp_path), "--unit", "0101", "--map", str(mapping), "--apply")

    days = [[*row[:3], f"2019.6.{at}", row[4]] for at, row in enumerate(ROWS * 2, start=1)]
    assert _headings(house, _ledger(tmp_path, rows=days))["甲乙丙"] == (None, "asked")


def test_a_ledger_of_no_known_word_is_found_again(house: House, tmp_path: Path) -> None:
    """Even where no heading is known, what a mapping said finds the header of the next ledger."""
    head, rows = ["子丑", "寅卯", "辰巳"], [["2019.6.3", "群众来电", "反映多收费用"]]
    mapping = tmp_path / "map.yaml"
    mapping.write_text("子丑: received_on\n寅卯: source\n辰巳: summary\n", "utf-8")
    house.done("import", _ledger(tmp_path, head=head, rows=rows), "--unit", "0101", "--map", str(mapping), "--apply")

    assert _headings(house, _ledger(tmp_path, head=head, rows=rows)) == {
        "子丑": ("received_on", "remembered"),
        "寅卯": ("source", "remembered"),
        "辰巳": ("summary", "remembered"),
    }


ODD_HEAD = ["啥时候", "咋回事", "在哪", "说谁", "谁管", "谁说的", "说好啥时候弄完", "弄完没"]
ODD_ROWS: list[list[Any]] = [
    [
        "2019.6.3",
        "反映某诊所没有执照还给人打针，收费很高，群众意见大",
        "县中医院门口",
        "王大夫",
        "李某",
        "匿名",
        "2019.7.10",
        "已受理",
    ],
    [
        "2019.6.5",
        "医托在医院大厅拉客，把病人带到外面的药店买高价药品",
        "县医院大厅",
        "不详",
        "李某",
        "钱某",
        "2019年底前",
        "已办结",
    ],
]
ODD_FIELDS = [
    *("received_on", "summary", "subject_unit", "subject", "handler", "reporter", "handling_due_on", "state"),
]


@pytest.mark.usefixtures("terminal")
def test_a_ledger_of_eight_odd_columns_comes_in_by_one_key_each(house: House, tmp_path: Path) -> None:
    """Where no word is known each column is asked about, the best guess first; even a dry run's answers hold."""
    file = _ledger(tmp_path, head=ODD_HEAD, rows=ODD_ROWS, name="登记本.xlsx")
    shown = house.run("import", file, "--unit", "0101", lang="zh", stdin="\n" * 8)

    assert shown.exit_code == 0, shown.output
    assert "F 列“谁说的”是不是“举报人信息”？（6/8）" in shown.stderr  # who reported is not shown
    assert shown.stderr.count("0 都不是") == 8
    assert _headings(house, file) == {
        text: (field, "remembered") for text, field in zip(ODD_HEAD, ODD_FIELDS, strict=True)
    }
    assert "是不是" not in house.run("import", file, "--unit", "0101", "--apply", lang="zh").stderr


ANSWERS = [
    ("2", "reporter"),
    ("是", "finding"),
    ("备注", "remark"),
    ("研判意\n1", "assessment"),
    ("-", None),
    ("?\n0", None),
]


@pytest.mark.usefixtures("terminal")
def test_an_answer_may_be_a_number_a_title_or_a_part_of_one(house: House, tmp_path: Path) -> None:
    """One key picks a candidate; a title, yes or no, `-` for all that follow and `?` for all fields will do too."""
    got = []
    for typed, _ in ANSWERS:
        column = {"2": ["匿名", "属实"]}.get(typed, ["属实", "不属实"])
        rows = [[*row[:3], value, row[4]] for row, value in zip(ROWS, column, strict=True)]
        house.run("import", _ledger(tmp_path, rows=rows), "--unit", "0101", stdin=f"{typed}\n0\n", lang="zh")
        ((_, field),) = house.found("headings", "list")[0]["headings"].items()
        got.append((typed, field))
        house.done("headings", "forget", "--all")
    assert got == [*ANSWERS]


def test_off_a_terminal_a_mapping_file_is_written_to_be_edited(house: House, tmp_path: Path) -> None:
    """The refusal says how; the file holds the best guess of each column and why, and is read as people edit it."""
    file = _ledger(tmp_path, head=ODD_HEAD, rows=ODD_ROWS, name="登记本.xlsx")
    assert "用 --生成对应 文件可先生成一份" in house.refused(11, "import", file, "--unit", "0101", lang="zh")
    out = tmp_path / "对应.yaml"
    house.done("import", file, "--map-to", str(out), lang="zh")

    written = out.read_text("utf-8")
    assert "啥时候: 收到时间    # A；按表头用字和下面的内容推测，请核对；也可能是办理时限" in written
    assert "钱某" not in written
    house.refused(2, "import", file, "--map-to", str(out))  # somebody may have edited it

    out.write_text(written.replace("在哪: 发生地点或机构", "在哪： -").replace("谁管: 责任人", "谁管：责任人"), "utf-8")
    result = house.run("import", file, "--unit", "0101", "--map", str(out), "--json")
    found = {each["text"]: each["field"] for each in json.loads(result.stdout)["headings"]}
    assert list(found.values()) == [None if each == "subject_unit" else each for each in ODD_FIELDS]


@pytest.mark.parametrize(("args", "code"), [((), 2), (("abc", "--all"), 2), (("abc",), 20)])
def test_what_cannot_be_forgotten_is_refused(house: House, args: tuple[str, ...], code: int) -> None:
    """A shape or --all is named, and only what is there can be forgotten."""
    assert house.run("headings", "forget", *args).exit_code == code
