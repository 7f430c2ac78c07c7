"""The marked copy: what is wrong is shown where it is wrong, and the mended copy reads again."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ledger_maker import book, county_ledger, old_book, patched, read, saved

from documents.ledger_in.marked_copy import FILL, write_marked
from documents.ledger_in.sheet_model import CellProblem
from engine.errors import BadFileError
from engine.language import Text, speaking

ROWS: list[Any] = [
    ["2019年线索台账"],
    ["线索编号", "单位", "收到时间", "线索类型", "反映的主要问题"],
    ["2019-001", "甲镇卫生院", "2019.2.30", "医脑", "=1+1"],
    ["2019-002", None, date(2019, 6, 3), "其他", "@某事"],
    ["合计", "2条"],
]


def _sheet(path: Path) -> Any:
    return openpyxl.load_workbook(path)["线索台账"]


def test_marks_stand_where_the_problems_are(tmp_path: Path) -> None:
    """Bad cells are coloured and say in a comment what would be right; the last column says it by row."""
    path = saved(tmp_path / "a.xlsx", ROWS, "A1:E1", "B3:B4")
    before = path.read_bytes()
    unknown = CellProblem(
        at="线索台账!4.B",
        field="unit",
        wrong=Text("not known", "没有这个单位"),
        right=Text("register it", "先登记单位"),
    )
    outcome = {"线索台账!4": Text("registered", "已登记")}

    kept = write_marked(path, tmp_path / "out" / "b.xlsx", read(path), problems=[unknown], outcomes=outcome)

    page = _sheet(tmp_path / "out" / "b.xlsx")
    assert kept
    assert {c.coordinate for row in page.iter_rows() for c in row if c.fill.fgColor.rgb == FILL} == {"B3", "C3", "D3"}
    assert "2 月只有 28 天" in page["C3"].comment.text
    assert "没有这个单位" in page["B3"].comment.text
    assert page["F2"].value == "导入结果"
    assert page["F3"].value.startswith("C列：“2019.2.30”这一天不存在")
    assert page["F4"].value == "B列：没有这个单位；改法：先登记单位\n已登记"
    assert [str(m) for m in page.merged_cells.ranges] == ["A1:E1", "B3:B4"]
    assert (page["E3"].value, page["E3"].data_type) == ("=1+1", "s")
    assert path.read_bytes() == before


def test_mended_copy_reads_again(tmp_path: Path) -> None:
    """The copy, put right, reads without a problem; marked once more, it carries no old mark."""
    path = saved(tmp_path / "a.xlsx", ROWS, "A1:E1")
    write_marked(path, tmp_path / "b.xlsx", read(path))
    mended = openpyxl.load_workbook(tmp_path / "b.xlsx")
    mended["线索台账"]["C3"].value = "2019.2.28"
    mended["线索台账"]["D3"].value = "医闹"
    mended.save(tmp_path / "c.xlsx")

    again = read(tmp_path / "c.xlsx")
    write_marked(tmp_path / "c.xlsx", tmp_path / "d.xlsx", again)

    assert (again.problems, again.sheets[0].unmatched) == ((), ())
    assert [row.values["received"] for row in again.rows] == [date(2019, 2, 28), date(2019, 6, 3)]
    page = _sheet(tmp_path / "d.xlsx")
    assert [c.coordinate for row in page.iter_rows() for c in row if c.comment or c.fill.fgColor.rgb == FILL] == []
    assert (page["F2"].value, page["F3"].value, page["G2"].value) == ("导入结果", None, None)


@pytest.mark.parametrize("kind", ["xls", "csv", "broken-styles"])
def test_what_cannot_be_rewritten_is_copied_by_its_values(tmp_path: Path, kind: str) -> None:
    """Of an old workbook, a text, or a workbook that openpyxl cannot open, the copy has the values and the marks."""
    if kind == "xls":
        path = old_book(tmp_path / "a.xls", ROWS)
    elif kind == "csv":
        path = tmp_path / "线索台账.csv"
        lines = [",".join(str(cell or "") for cell in row) for row in ROWS]
        path.write_text("\n".join(lines), encoding="gb18030")
    else:
        path = patched(saved(tmp_path / "a.xlsx", ROWS), "xl/styles.xml", "<fill><patternFill/></fill>", "<fill/>")

    kept = write_marked(path, tmp_path / "b.xlsx", read(path))

    page = _sheet(tmp_path / "b.xlsx")
    assert not kept
    assert (page["C3"].fill.fgColor.rgb, page["F2"].value) == (FILL, "导入结果")
    assert (page["E3"].value, page["E3"].data_type, page["E4"].value) == ("=1+1", "s", "@某事")
    again = read(tmp_path / "b.xlsx")
    assert [(p.at, p.field) for p in again.problems] == [("线索台账!3.C", "received"), ("线索台账!3.D", "category")]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "&#10;甲[1]", "*?:"])
def test_a_sheet_of_any_name_is_marked(tmp_path: Path, name: str) -> None:
    """What a sheet is called, a path or line ends too, leaves the marked copy whole and where it was asked for."""
    path = patched(saved(tmp_path / "a.xlsx", ROWS), "xl/workbook.xml", 'name="线索台账"', f'name="{name}"')

    write_marked(path, tmp_path / "b.xlsx", read(path))

    (page,) = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets
    assert page["F3"].value.startswith("C列：“2019.2.30”这一天不存在")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_marks_speak_the_language_in_use(tmp_path: Path) -> None:
    """An English reader gets English marks, and the English heading is passed over as well."""
    path = saved(tmp_path / "a.xlsx", ROWS)
    with speaking("en"):
        write_marked(path, tmp_path / "b.xlsx", read(path))

    assert _sheet(tmp_path / "b.xlsx")["F2"].value == "Import result"
    assert read(tmp_path / "b.xlsx").sheets[0].unmatched == ()


def test_forms_are_marked(tmp_path: Path) -> None:
    """A form's problems stand at its cells and, all together, below the heading in its first row."""
    path = saved(tmp_path / "a.xlsx", [["线索编号", "2019-007"], ["收到时间", "2019.2.30"], ["单位", "甲院"]])
    write_marked(path, tmp_path / "b.xlsx", read(path))

    page = _sheet(tmp_path / "b.xlsx")
    assert (page["B2"].fill.fgColor.rgb, page["C1"].value) == (FILL, "导入结果")
    assert page["C2"].value.startswith("B列：")
    assert [p.at for p in read(tmp_path / "b.xlsx").problems] == ["线索台账!2.B"]


def test_formulas_become_the_values_they_showed(tmp_path: Path) -> None:
    """A copy read at once has the values that the original showed."""
    made = book([["线索编号", "备注"], ["1", "x"]])
    made["线索台账"]["B2"] = "=1+2"
    made.save(tmp_path / "a.xlsx")
    patched(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", "<f>1+2</f><v></v>", "<f>1+2</f><v>3</v>")
    write_marked(tmp_path / "a.xlsx", tmp_path / "b.xlsx", read(tmp_path / "a.xlsx"))

    assert read(tmp_path / "b.xlsx").rows[0].values["remark"] == "3"


def test_the_original_is_never_written_over(tmp_path: Path) -> None:
    """To mark a ledger in place is refused."""
    path = county_ledger(tmp_path / "a.xlsx")

    with pytest.raises(BadFileError, match="原台账"):
        write_marked(path, path, read(path))
