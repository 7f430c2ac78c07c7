"""Tables that lie on their side, units as titles between records, and forms whose labels nobody knows."""

from pathlib import Path
from typing import Any

from houses import House, built_house, house
from ledger_maker import TODAY, saved

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

BOOK = Declarations()
HEAD = ["序号", "收到时间", "线索来源", "反映的主要问题"]
TURNED: list[list[Any]] = [
    ["线索编号", "2019-1", "2019-2", "2019-3"],
    ["收到时间", "2019-06-03", "2019.6.4", "前几天"],
    ["线索来源", "来信", "12345热线", "来信"],
    ["反映的主要问题", "反映某诊所无证行医", "反映医托拉客", "反映号贩子"],
    ["热度", "", "三", ""],
]


def _read(folder: Path, rows: list[list[Any]], *, words: bool = True) -> LedgerReading:
    file = saved(folder / "台账.xlsx", rows)
    columns = ledger_columns(BOOK.latest("lead"))
    return read_ledger(file, columns, today=TODAY, words=BOOK.heading_words if words else None)


def test_a_turned_table_loses_no_lead(tmp_path: Path) -> None:
    """Each column is a lead, named by its own cells, whatever stands above the labels."""
    for above in ([], [["问题线索一览"]], [["项目", "线索一", "线索二", "线索三"]]):
        first = len(above) + 1
        reading = _read(tmp_path, [*above, *TURNED])
        assert [row.at for row in reading.rows] == [f"线索台账!{first}.{letter}" for letter in "BCD"]
        assert [row.values["ledger_number"] for row in reading.rows] == ["2019-1", "2019-2", "2019-3"]
        assert [problem.at for problem in reading.problems] == [f"线索台账!{first + 1}.D"]


def test_a_form_of_one_lead_is_not_turned(tmp_path: Path) -> None:
    """Labels that are not known beside the values make no further leads."""
    form = [
        ["线索编号", "2019-1", "热度", "高"],
        ["收到时间", "2019-06-03", "归口", "甲"],
        ["反映的主要问题", "反映号贩子", "页", "1"],
    ]
    assert len(_read(tmp_path, form).rows) == 1


BLOCKS: dict[str, list[list[Any]]] = {
    "below the headings": [
        ["台账"],
        HEAD,
        ["县人民医院"],
        [1, "2019-06-03", "来信", "反映号贩子"],
        ["二、县针灸医院"],
        [1, "2019-06-05", "来信", "反映护工"],
    ],
    "with headings each": [
        *(["台账"], ["县人民医院"], HEAD, [1, "2019-06-03", "来信", "反映号贩子"]),
        *([], ["单位：县针灸医院"], HEAD, [1, "2019-06-05", "来信", "反映护工"]),
    ],
}


def test_a_unit_as_a_title_over_records_is_theirs(tmp_path: Path, house: House) -> None:
    """The rows below belong to the unit that the line names, before the unit that the command names."""
    house.done("unit", "add", "0199", "县针灸医院")
    for rows in BLOCKS.values():
        file = str(saved(tmp_path / "台账.xlsx", rows))
        assert [row["unit"] for row in house.found("import", file, "--unit", "0101")["records"]] == ["0101", "0199"]


def test_labels_of_forms_that_nobody_knows_are_asked_about_and_remembered(tmp_path: Path, house: House) -> None:
    """Where no label says what it is about, each is in the mapping to be edited; what it says holds for the next."""
    form = [["编号", "A-{n}", "登记日期", "2019.6.{n}"], ["咋回事", "反映号贩子", "谁说的", "钱某"], []]
    rows = [[cell.format(n=n) for cell in row] for n in (1, 2, 3) for row in form]
    file = str(saved(tmp_path / "登记表.xlsx", rows))
    out = tmp_path / "对应.yaml"
    house.done("import", file, "--map-to", str(out), lang="zh")
    assert "咋回事: 反映的主要问题" in out.read_text("utf-8")

    house.done("import", file, "--unit", "0101", "--map", str(out), "--apply")
    assert "已有" in house.refused(2, "import", file, "--map-to", str(out), lang="zh")
    again = house.found("import", file, "--unit", "0101")
    assert [each["outcome"] for each in again["records"]] == ["unchanged"] * 3
    assert "钱某" not in str(again)
