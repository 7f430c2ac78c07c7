"""What holds for all rows of a ledger, and the names by which units are known, by the real program."""

import json
from pathlib import Path
from typing import Any

import pytest
from houses import House, built_house, house
from ledger_maker import saved

__all__ = ["built_house", "house"]

HEAD = ["线索编号", "收到时间", "反映的主要问题"]
ONE = ["1", "2019-06-03", "反映号贩子在门诊楼揽客"]
TWO = ["2", "2019-06-04", "反映停车场乱收费"]


def imported(house: House, file: Path, *args: str, code: int = 0) -> Any:
    """Import a ledger, and return the report."""
    result = house.run("import", str(file), *args, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("source=petition", "source", "petition"),
        ("source=信箱", "source", "mailbox"),
        ("线索来源=信箱", "source", "mailbox"),
        ("责任人=赵某", "handler", "zhao"),
        ("real-name=否", "real_name", False),
    ],
)
def test_a_constant_holds_where_rows_say_nothing(
    house: House, tmp_path: Path, setting: str, field: str, value: object
) -> None:
    """By the field's name or title and a value in the ledger's words; a row that says something goes before it."""
    file = saved(tmp_path / "a.xlsx", [[*HEAD, "备注"], [*ONE, ""]])
    found = imported(house, file, "--unit", "0101", "--set", setting)

    assert found["records"][0]["values"][field] == value


def test_a_row_goes_before_the_constant(house: House, tmp_path: Path) -> None:
    """What a row says stays; what it says unclearly stays a question and is not papered over."""
    file = saved(tmp_path / "a.xlsx", [[*HEAD, "线索来源"], [*ONE, "群众来电"], [*TWO, "神秘人"], ["3", *TWO[1:], ""]])
    found = imported(house, file, "--unit", "0101", "--set", "source=信箱")

    assert [each["values"].get("source") for each in found["records"]] == ["telephone", None, "mailbox"]
    assert [each["field"] for each in found["questions"]] == ["source"]


def test_a_constant_from_the_name_of_the_sheet(house: House, tmp_path: Path) -> None:
    """A ledger with a sheet for each source says by @sheet what each row's is; a name that is none is a question."""
    import openpyxl

    book = openpyxl.Workbook()
    for title in ("信箱", "群众来电", "Sheet9"):
        page = book.create_sheet(title)
        page.append(HEAD)
        page.append([title, *ONE[1:]])
    book.remove(book["Sheet"])
    book.save(tmp_path / "a.xlsx")
    found = imported(house, tmp_path / "a.xlsx", "--unit", "0101", "--set", "source=@sheet")

    assert [each["values"].get("source") for each in found["records"]] == ["mailbox", "telephone", None]
    assert [(each["at"], each["field"]) for each in found["questions"]] == [("Sheet9!2", "source")]


@pytest.mark.parametrize("setting", ["source=神秘人", "source", "来历=信箱", "source="])
def test_a_constant_that_is_none_is_refused(house: House, tmp_path: Path, setting: str) -> None:
    """A constant that names no field, or is no value of it, is refused in one line before anything is read in."""
    file = saved(tmp_path / "a.xlsx", [HEAD, ONE])
    result = house.run("import", str(file), "--unit", "0101", "--set", setting)

    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("written", ["0101", "101", "101.0", "０１０１", "县医院", " 县 医院 "])
def test_a_unit_is_known_by_code_or_name_in_any_width(house: House, tmp_path: Path, written: str) -> None:
    """A spreadsheet makes 101 of 0101; that is no new unit, even if new ones are registered."""
    cell: object = float(written) if written == "101.0" else written
    file = saved(tmp_path / "a.xlsx", [["所属单位", *HEAD], [cell, *ONE]])
    found = imported(house, file, "--add-units", "--set", "source=信箱")

    assert ([each["unit"] for each in found["records"]], found["new_units"]) == (["0101"], {})


def test_the_unit_of_all_rows_by_name(house: House, tmp_path: Path) -> None:
    """--unit takes a name as well as a code."""
    file = saved(tmp_path / "a.xlsx", [HEAD, ONE])
    found = imported(house, file, "--unit", "县中医院", "--set", "source=信箱")

    assert [each["unit"] for each in found["records"]] == ["0102"]


def test_new_units_are_listed_and_near_ones_refused(house: House, tmp_path: Path) -> None:
    """A dry run lists what --add-units will register; what is nearly a registered name is asked about instead."""
    rows = [["甲镇卫生院", *ONE], ["甲镇卫生院", *TWO], ["县中医医院", "3", *TWO[1:]]]
    file = saved(tmp_path / "a.xlsx", [["所属单位", *HEAD], *rows])
    said = house.run("import", str(file), "--add-units", "--set", "source=信箱", lang="zh").stdout
    assert "新单位 甲镇卫生院：2 行" in said
    for args in ((), ("--apply",)):
        found = imported(house, file, "--add-units", "--set", "source=信箱", *args, code=11)
        assert found["new_units"] == {"甲镇卫生院": 2}
        assert [(each["at"], each["field"]) for each in found["problems"]] == [("线索台账!4.A", "unit")]
        assert "县中医院" in found["problems"][0]["wrong"]


def test_people_are_known_by_short_names_and_new_ones_listed(house: House, tmp_path: Path) -> None:
    """赵主任 is the only Zhao, and that is said; who is not registered is listed, in a dry run as when it counts."""
    rows = [[*ONE, "赵主任"], [*TWO, "钱多多"], ["3", "2019-06-05", "反映乱收费", "钱多多"]]
    file = saved(tmp_path / "a.xlsx", [[*HEAD, "责任人"], *rows])
    for args in ((), ("--apply",)):
        copy = file.with_name(f"{len(args)}.xlsx")
        copy.write_bytes(file.read_bytes())
        found = imported(house, copy, "--unit", "0101", "--set", "source=信箱", *args)
        assert [each["values"].get("handler") for each in found["records"]] == ["zhao", None, None]
        assert found["new_officers"] == {"钱多多": 2}
        assert found["shortened"] == [{"name": "赵主任", "officer": "zhao", "count": 1}]
    said = house.run("import", str(file), "--unit", "0101", "--set", "source=信箱", lang="zh").stdout
    assert ("未在册人员 钱多多：2 行" in said, "“赵主任”按唯一相符的在册人员 zhao 登记：1 行" in said) == (True, True)


def test_a_sheet_named_by_a_unit_holds_its_rows(house: House, tmp_path: Path) -> None:
    """A workbook with a sheet for each unit needs no column for it; a sheet of another name goes by --unit."""
    import openpyxl

    book = openpyxl.Workbook()
    for title in ("县中医院台账", "医院", "6月"):
        page = book.create_sheet(title)
        page.append(HEAD)
        page.append([title, *ONE[1:-1], f"反映{title}门口乱收费"])
    book.remove(book["Sheet"])
    book.save(tmp_path / "a.xlsx")
    found = imported(house, tmp_path / "a.xlsx", "--unit", "0101", "--set", "source=信箱")

    assert [each["unit"] for each in found["records"]] == ["0102", "0101", "0101"]
