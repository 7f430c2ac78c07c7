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
    monkeypatch.setattr("commands.imports.deciding.can_ask", lambda: True)


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

    assert "可能是“核查结论”；确认请在 --map 文件中写：甲乙丙: finding" in shown.stdout
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


@pytest.mark.parametrize(("args", "code"), [((), 2), (("abc", "--all"), 2), (("abc",), 20)])
def test_what_cannot_be_forgotten_is_refused(house: House, args: tuple[str, ...], code: int) -> None:
    """A shape or --all is named, and only what is there can be forgotten."""
    assert house.run("headings", "forget", *args).exit_code == code
