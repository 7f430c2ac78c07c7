"""The same lead told twice, and two leads in one cell: said at import and at registration, linked only on request."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from houses import House, built_house, house
from hypothesis import given
from hypothesis import strategies as st
from ledger_maker import saved
from ledgers import opened

from engine.operations.cases import twins
from engine.rules.likeness import are_alike, bare, may_be_alike, outline, pairs

__all__ = ["built_house", "house"]

HEAD = ["线索编号", "收到时间", "线索来源", "反映的主要问题", "外部编号"]
SAID = "反映某医院门诊楼内号贩子聚集揽客，高价倒卖专家号"
ONE = ["1", "2019-06-03", "信箱", SAID, "XF01"]
FIRST, SECOND = "0101-XS-2019-0001", "0101-XS-2019-0002"

SAME: list[tuple[list[Any], bool]] = [
    (["2", "2019-06-03", "群众来电", f"{SAID}。", ""], True),
    (["2", "2019-06-03", "群众来电", f"群众来电{SAID}，要求查处", ""], True),
    (["2", "2019-06-05", "群众来电", "反映停车场乱收费", "XF01"], True),
    (["2", "2019-06-04", "群众来电", SAID, ""], False),
    (["2", "2019-06-03", "群众来电", "反映某医院停车场管理混乱乱收费", ""], False),
]
"""A second row, and whether it may be the same lead."""


def imported(house: House, folder: Path, *rows: list[Any], args: tuple[str, ...] = ("--apply",)) -> Any:
    """Import rows, and return the report."""
    file = saved(folder / "台账.xlsx", [HEAD, *rows])
    result = house.run("import", str(file), "--unit", "0101", *args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(("second", "same"), SAME)
@pytest.mark.parametrize("together", [True, False], ids=["in one ledger", "in the register already"])
def test_told_at_import(house: House, tmp_path: Path, second: list[Any], *, same: bool, together: bool) -> None:
    """By the number others gave, or unit, day and words; both come in, and neither is touched."""
    if not together:
        imported(house, tmp_path, ONE)
    found = imported(house, tmp_path, *([ONE] if together else []), second)

    assert [(each["number"], [t["name"] for t in each["twins"]]) for each in found["twins"]] == (
        [(SECOND, [FIRST])] if same else []
    )
    assert [each["clearance"] for each in house.found("list")] == ["open", "open"]


def test_a_dry_run_names_rows(house: House, tmp_path: Path) -> None:
    """Where nothing has a number yet, the rows are named."""
    found = imported(house, tmp_path, ONE, SAME[0][0], args=())

    assert [(each["at"], each["twins"][0]["name"]) for each in found["twins"]] == [("线索台账!3", "线索台账!2")]


def test_linked_on_request(house: House, tmp_path: Path) -> None:
    """With --link-duplicates each is linked to the first, also the third of three."""
    third = ["3", "2019-06-03", "信箱", f"{SAID}！", ""]
    found = imported(house, tmp_path, ONE, SAME[0][0], third, args=("--apply", "--link-duplicates"))

    assert [each["linked"] for each in found["twins"]] == [f"linked to {FIRST}"] * 2
    assert house.found("show", FIRST)["repeats"] == [SECOND, "0101-XS-2019-0003"]


def test_told_at_registration(house: House) -> None:
    """Who registers a lead by hand hears of the one that is there already, and what to do."""
    lead = ("--unit", "0101", "--source", "letter", "--received-on", "2019-06-28")
    house.run("receive", *lead, "--summary", SAID)
    again = house.run("receive", *lead, "--summary", f"{SAID}，请查处", lang="zh")
    other = house.run("receive", *lead, "--summary", "反映停车场乱收费多年无人管理", lang="zh")

    assert FIRST in again.stderr
    assert "qingling 关联" in again.stderr
    assert "疑似" not in other.stderr


def test_two_leads_in_one_text_are_told_at_registration(house: House) -> None:
    """Who registers what counts a first and a second thing hears that it may be two leads."""
    lead = ("receive", "--unit", "0101", "--source", "letter", "--received-on", "2019-06-28", "--summary")
    two = house.run(*lead, "1.反映号贩子揽客；2.反映停车场乱收费", lang="zh")
    one = house.run(*lead, "反映1.5万元收费；2.3万元未退", lang="zh")

    assert (two.exit_code, "疑有两条线索" in two.stderr, "qingling 更正" in two.stderr) == (0, True, True)
    assert "疑有两条线索" not in one.stderr


@pytest.mark.parametrize(
    ("number", "said", "field"),
    [
        ("2019-1、2019-2", "反映号贩子", "ledger_number"),
        ("1", "1.反映号贩子揽客；2.反映停车场乱收费", "summary"),
        ("1", "一、反映号贩子揽客。\n二、反映停车场乱收费", "summary"),
        ("1", "反映1.5万元收费；2.3万元未退", None),
        ("2019-1", SAID, None),
    ],
)
def test_two_leads_in_one_cell_are_told(
    house: House, tmp_path: Path, number: str, said: str, field: str | None
) -> None:
    """Several numbers, or things counted one by one, may be two leads; nothing is parted."""
    found = imported(house, tmp_path, [number, "2019-06-03", "信箱", said, ""])

    assert [each["field"] for each in found["two_in_one"]] == ([field] if field else [])
    assert found["counts"]["opened"] == 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (SAID, f"来电人{SAID}", True),
        (SAID, SAID.replace("，", ","), True),
        (SAID, "反映某医院停车场管理混乱乱收费", False),
        ("号贩子", "号贩子", True),
        ("号贩子", "号贩子多", False),
    ],
)
def test_likeness(one: str, other: str, *, alike: bool) -> None:
    """The shorter text stands in the longer nearly whole; of very short ones only the same is alike."""
    assert are_alike(pairs(bare(one)), pairs(bare(other))) == alike
    assert are_alike(pairs(bare(other)), pairs(bare(one))) == alike


@given(st.text(alphabet="abc甲乙", max_size=30), st.text(alphabet="abc甲乙", max_size=30))
def test_an_outline_excludes_no_text_that_is_alike(one: str, other: str) -> None:
    """Comparing is spared only where it would have said no."""
    mine, theirs = pairs(one), pairs(other)

    assert may_be_alike(outline(mine), outline(theirs)) or not are_alike(mine, theirs)


def test_a_ledger_that_comes_back_to_its_days_reads_each_text_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a row costs does not grow with the rows before it, however the days of a ledger alternate."""
    asked: list[str] = []

    def counted(text: str) -> frozenset[str]:
        asked.append(text)
        return pairs(text)

    monkeypatch.setattr(twins, "pairs", counted)
    first = date(2019, 1, 1)
    with opened(str(house.database)) as ledger:
        finding = twins.Twins(ledger, "lead", many=True)
        for row in range(1500):
            values = {"received_on": first + timedelta(days=row % 300), "summary": f"{chr(0x4E00 + row) * 3}{row}"}
            finding.of(f"row {row}", "0101", values)

    assert len(asked) == 1500
