"""The same lead told twice, and two leads in one cell: said at import and at registration, linked only on request."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from houses import House, built_house, house
from ledger_maker import saved

from engine.rules.likeness import are_alike, bare, pairs

__all__ = ["built_house", "house"]

HEAD = ["线索编号", "收到时间", "线索来源", "反映的主要问题", "外部编号"]
SAID = "反映某医院门诊楼内号贩子聚集揽客，高价倒卖专家号"
ONE = ["1", "2019-06-03", "信箱", SAID, "XF01"]
FIRST, SECOND = "0101-XS-2019-0001", "0101-XS-2019-0002"

SAME: list[tuple[int, str, bool, bool]] = [
    (0, f"{SAID}。", False, True),
    (0, f"群众来电{SAID}，要求查处", False, True),
    (2, "反映停车场乱收费", True, True),
    (0, "反映某医院停车场管理混乱乱收费", False, False),
    (3, SAID, False, True),
    (-3, f"{SAID}，要求查处", False, True),
    (1, SAID[2:-4], False, True),
    (4, SAID, False, False),
    (1, SAID.replace("某医院", "县医院"), False, False),
    (1, SAID[:7], False, False),
]
"""How many days later a second lead came than the first, what it says, whether others gave both the same number, and
whether it may be the same lead."""
SECOND_ROW = ["2", "2019-06-03", "群众来电", f"{SAID}。", ""]


def pair(place: int) -> tuple[list[Any], list[Any]]:
    """Return the rows of a first lead and of the second of the table, a fortnight apart from all others."""
    days, said, is_numbered, _ = SAME[place]
    day, number = date(2019, 1, 10) + timedelta(days=14 * place), f"XF{place}"
    second = (day + timedelta(days=days)).isoformat()
    return (
        [f"{place}.1", day.isoformat(), "信箱", SAID, number],
        [f"{place}.2", second, "群众来电", said, number if is_numbered else ""],
    )


def imported(house: House, folder: Path, *rows: list[Any], args: tuple[str, ...] = ("--apply",)) -> Any:
    """Import rows, and return the report."""
    file = saved(folder / "台账.xlsx", [HEAD, *rows])
    result = house.run("import", str(file), "--unit", "0101", *args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("together", [True, False], ids=["in one ledger", "in the register already"])
def test_told_at_import(house: House, tmp_path: Path, *, together: bool) -> None:
    """By the number others gave, by unit, day and words, or days apart by words that hold the other's; all come in."""
    pairs_of = [pair(place) for place in range(len(SAME))]
    firsts, seconds = [one for one, _ in pairs_of], [other for _, other in pairs_of]
    if not together:
        imported(house, tmp_path, *firsts)
    found = imported(house, tmp_path, *([row for both in pairs_of for row in both] if together else seconds))

    at = [2 * place for place in range(len(SAME))] if together else list(range(len(SAME)))
    step = 1 if together else len(SAME)
    numbers = [f"0101-XS-2019-{serial:04}" for serial in range(1, 2 * len(SAME) + 1)]
    said = {each["number"]: [twin["name"] for twin in each["twins"]] for each in found["twins"]}
    assert said == {numbers[n + step]: [numbers[n]] for n, row in zip(at, SAME, strict=True) if row[3]}
    assert {each["clearance"] for each in house.found("list")} == {"open"}


def test_a_dry_run_names_rows(house: House, tmp_path: Path) -> None:
    """Where nothing has a number yet, the rows are named."""
    found = imported(house, tmp_path, ONE, SECOND_ROW, args=())

    assert [(each["at"], each["twins"][0]["name"]) for each in found["twins"]] == [("线索台账!3", "线索台账!2")]


def test_linked_on_request(house: House, tmp_path: Path) -> None:
    """With --link-duplicates each is linked to the first, also the third of three; none of another day."""
    third = ["3", "2019-06-03", "信箱", f"{SAID}！", ""]
    next_day = ["4", "2019-06-04", "信箱", SAID, ""]
    found = imported(house, tmp_path, ONE, SECOND_ROW, third, next_day, args=("--apply", "--link-duplicates"))

    assert [each["linked"] for each in found["twins"]] == [f"linked to {FIRST}"] * 2 + [None]
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
    for first, second in ((bare(one), bare(other)), (bare(other), bare(one))):
        assert are_alike(pairs(first), second, len(pairs(second))) == alike
