"""Units and officers from a spreadsheet: a dry run first, all of them or none, and every row that is wrong is named."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from houses import House, built_house, house
from openpyxl import Workbook

__all__ = ["built_house", "house"]

UNITS = (("单位名单",), ("代码", "单位名称"), ("0103", "县妇幼保健院"), (104, "县疾控中心"))
OFFICERS = (
    ("code", "name", "roles", "unit", "contact"),
    ("sun", "孙某", "核查人、office", "0101", ""),
    ("sun", "孙某", "核查人", "0102", None),
    ("tang", "唐某", "leading_group", None, "mail=tang@example.org"),
)


def book(folder: Path, rows: Sequence[Sequence[object]], name: str = "list.xlsx") -> str:
    """Write a workbook and return its path."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    made.save(folder / name)
    return str(folder / name)


def test_units_come_from_a_list_after_a_dry_run(house: House) -> None:
    """Headings are found below a title; nothing is written before --apply, and then all of them."""
    file = book(house.folder, UNITS)
    assert house.done("unit", "add", "--from", file).splitlines() == [
        "Sheet!3  0103 县妇幼保健院  ✓",
        "Sheet!4  104 县疾控中心  ✓",
    ]
    assert len(house.found("unit", "list")) == 2
    house.done("unit", "add", "--from", file, "--apply")
    assert {each["code"]: each["name"] for each in house.found("unit", "list")}["0103"] == "县妇幼保健院"
    house.done("journal", "verify")


def test_officers_come_with_roles_units_and_contacts(house: House) -> None:
    """One who stands there twice has the roles of both rows; a role may be written by its title."""
    file = book(house.folder, OFFICERS)
    house.done("officer", "add", "--from", file)
    assert "sun" not in {each["code"] for each in house.found("officer", "list")}
    house.done("officer", "add", "--from", file, "--apply")
    found = {each["code"]: each for each in house.found("officer", "list")}
    assert sorted((each["role"], each["unit"]) for each in found["sun"]["roles"]) == [
        ("office", "0101"), ("verifier", "0101"), ("verifier", "0102"),
    ]  # fmt: skip
    assert found["tang"]["roles"] == [{"role": "leading_group", "unit": None}]
    assert found["tang"]["contact"] == {"mail": "tang@example.org"}
    house.done("journal", "verify")


def test_a_list_may_be_plain_text(house: House) -> None:
    """A CSV file is read as a workbook is."""
    (house.folder / "units.csv").write_text("code,name\n0105,县血站\n", "utf-8")
    house.done("unit", "add", "--from", str(house.folder / "units.csv"), "--apply")
    assert "0105" in {each["code"] for each in house.found("unit", "list")}


@pytest.mark.parametrize(
    ("what", "rows", "code", "said"),
    [
        ("unit", [*UNITS, ("0101", "县医院")], 11, "1 rows are refused"),
        ("unit", [*UNITS, ("a b", "某院")], 11, "1 rows are refused"),
        ("unit", [*UNITS, ("0106", None)], 2, "Sheet!5: code or name is missing"),
        ("unit", [("代码", "名称", "上级单位"), ("0106", "某院", "县")], 11, "unknown or repeated columns: 上级单位"),
        ("unit", [("名称",), ("某院",)], 11, "there is no row under the headings"),
        ("officer", [*OFFICERS, ("wang", "王某")], 11, "1 rows are refused"),
        ("officer", [*OFFICERS, ("bai", "白某", "king", "0101")], 20, "Sheet!5: no role is called 'king'"),
        ("officer", [*OFFICERS, ("bai", "白某", "office", "0909")], 11, "1 rows are refused"),
        ("officer", [*OFFICERS, ("bai", "白某", "", "", "phone")], 2, "Sheet!5: phone"),
        ("officer", [*OFFICERS, ("sun", "孙二", "office", "0102")], 11, "1 rows are refused"),
    ],
)
def test_one_wrong_row_keeps_all_out(
    house: House, what: str, rows: Sequence[Sequence[object]], code: int, said: str
) -> None:
    """A code that is taken or none, an unknown role, unit or column: named, and nobody of the list is registered."""
    before = house.found(what, "list")
    for more in ((), ("--apply",)):
        result = house.run(what, "add", "--from", book(house.folder, rows), *more)
        assert (result.exit_code, said in result.stderr) == (code, True), result.output
    assert house.found(what, "list") == before
    house.done("journal", "verify")


def test_a_list_needs_the_power_to_register(house: House) -> None:
    """Whoever may not register one registers no list either, whatever they call it."""
    for what, rows in (("unit", UNITS), ("officer", OFFICERS)):
        result = house.run(what, "add", "--from", book(house.folder, rows), "--apply", by="li")
        assert result.exit_code == 11
        assert "li may not" in result.stdout
    house.refused(2, "unit", "add", "0103", "--from", "x.xlsx")
    house.refused(2, "unit", "add", "0103")
    house.refused(2, "unit", "add", "0103", "某院", "--apply")
