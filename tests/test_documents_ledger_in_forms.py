"""Forms, sheets of a unit or a month each, and sheets that are no ledger."""

import sys
import time
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import openpyxl
import pytest
from ledger_maker import saved

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading
from documents.ledger_in.skipped import unit_of_sheet
from engine.errors import BadFileError
from workflows.loader import Declarations

BOOK = Declarations()
COLUMNS = ledger_columns(BOOK.latest("lead"))
TODAY = date(2020, 1, 10)


def _read(path: Path) -> LedgerReading:
    return read_ledger(path, COLUMNS, today=TODAY, words=BOOK.heading_words)


def test_a_form_with_persons_at_its_side(tmp_path: Path) -> None:
    """A cell over several rows says whose the labels beside it are; who reports is sealed as one text."""
    rows = [
        ["信访登记表"],
        ["编号：XF20190001        登记日期：2019年6月3日"],
        ["举报人", "姓名", "某甲", "联系电话", "13800000000"],
        ["", "单位", "某公司", "职务", "会计"],
        ["被举报人", "姓名", "某乙", "单位", "虚构县医院"],
        ["", "职务", "科主任", "联系电话", "13900000000"],
        ["反映的主要问题", "反映某乙多收费用，请予查处。"],
        ["拟办意见", "转医政股核查"],
    ]
    reading = _read(saved(tmp_path / "a.xlsx", rows, "A3:A4", "A5:A6", "B7:E7", "B8:E8"))
    values = reading.rows[0].values

    assert len(reading.rows) == 1
    assert values["reporter"] == "某甲；联系电话：13800000000；单位：某公司；职务：会计"
    assert (values["subject"], values["subject_unit"], values["subject_position"]) == ("某乙", "虚构县医院", "科主任")
    assert (values["ledger_number"], values["received_on"]) == ("XF20190001", date(2019, 6, 3))
    assert values["summary"] == "反映某乙多收费用，请予查处。"
    assert values["assessment"] == "转医政股核查"
    assert "13900000000" not in str(dict(values))


def test_labels_of_none_of_our_fields_are_kept(tmp_path: Path) -> None:
    """What a form says beside our fields comes with the row, sealed where it says who somebody is."""
    rows = [
        ["线索编号", "2019-1", "收到时间", "2019.6.3"],
        ["被举报人", "某甲", "被举报人身份证号", "110101199001011234"],
        ["紧急程度", "特急", "满意度", "满意"],
        ["主要问题", "反映乱收费"],
    ]
    row = _read(saved(tmp_path / "a.xlsx", rows)).rows[0]

    assert isinstance(row.cells, dict)
    assert {"紧急程度": "特急", "满意度": "满意", "被举报人身份证号": "110101199001011234"}.items() <= row.cells.items()
    assert "被举报人身份证号" not in row.raw
    assert "被举报人身份证号" in row.origin.sealed


def test_a_table_of_one_row_is_no_form(tmp_path: Path) -> None:
    """One record under a header is a table, though each label has one value below."""
    rows = [["线索编号", "收到时间", "诉求内容", "责任单位"], ["2019-1", "2019.6.3", "反映某事", "医政股"]]
    reading = _read(saved(tmp_path / "a.xlsx", rows))

    assert (reading.sheets[0].shape, len(reading.rows)) == ("table", 1)


@pytest.mark.parametrize("count", [1, 3, 60, 200])
def test_words_that_are_headings_too_are_values_in_a_record(tmp_path: Path, count: int) -> None:
    """电话 under 举报方式 and 谈话函询 under 处置方式 make no form of a table, however often they stand there."""
    head = ["举报时间", "举报方式", "举报内容", "处置方式", "备注"]
    rows = [[f"2019-06-{1 + at % 28:02}", "电话", f"反映第{at}件事", "谈话函询", "说明"] for at in range(count)]
    paged = [*rows[:2], head, *rows[2:]]
    for name, below in (("a.xlsx", rows), ("b.xlsx", paged if count > 3 else rows)):
        reading = _read(saved(tmp_path / name, [head, *below]))

        assert (reading.sheets[0].shape, reading.sheets[0].header, len(reading.rows)) == ("table", (1, 1), count)


def test_a_sheet_for_each_month_and_unit(tmp_path: Path) -> None:
    """The year of days without one comes from the sheet's name; a sheet named after a unit is of that unit."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name in ("2019年5月", "虚构县中医院", "汇总表"):
        page = book.create_sheet(name)
        page.append(["来电时间", "诉求内容"])
        page.append(["5月6日", f"反映{name}某事"])
    book.save(tmp_path / "a.xlsx")
    reading = _read(tmp_path / "a.xlsx")

    assert [dict(sheet.meta) for sheet in reading.sheets] == [{}, {"填报单位": "虚构县中医院"}, {}]
    assert reading.rows[0].values["received_on"] == date(2019, 5, 6)
    assert len(reading.rows) == 3


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("虚构县医院", "虚构县医院"),
        ("甲镇卫生院", "甲镇卫生院"),
        ("医政股", "医政股"),
        ("Sheet1", None),
        ("6月", None),
        ("2019年", None),
        ("信访台账", None),
        ("已办", None),
        ("统计局报表", None),
    ],
)
def test_which_sheets_are_named_after_a_unit(name: str, unit: str | None) -> None:
    """A month, a year, a kind of list or a sheet without a name is no unit."""
    assert unit_of_sheet(name) == unit


def test_statistics_are_no_ledger(tmp_path: Path) -> None:
    """A sheet that counts leads is left out, though its headings are words of the field."""
    rows: list[list[Any]] = [
        ["责任单位", "问题类别", "受理件数", "办结件数", "办结率", "合计"],
        ["甲院", "收费", 3, 2, 0.67, 3],
        ["乙院", "收费", 5, 5, 1, 5],
        ["丙院", "收费", 7, 5, 0.7, 7],
    ]
    with pytest.raises(BadFileError):
        _read(saved(tmp_path / "a.xlsx", rows))


def _of_another_trade(path: Path, *, columns: int, rows: int) -> Path:
    """Return a table of words that are nearly headings."""
    words = ("状态", "日期", "来源", "患者", "类型", "说明", "单位", "药品", "性别", "产地", "时间", "名称")
    table = [
        [f"{words[(r + c) % 12]}{words[(r * 7 + c) % 11]}{(r * 300 + c) % 997}" for c in range(columns)]
        for r in range(rows)
    ]
    return saved(path, table)


def test_a_wide_table_of_another_trade_is_refused_at_once(tmp_path: Path) -> None:
    """300 columns by 60 rows of words that are nearly headings are looked at once each: under a second of work."""
    path = _of_another_trade(tmp_path / "a.xlsx", columns=300, rows=60)
    begun = time.process_time()
    with pytest.raises(BadFileError):
        _read(path)

    assert time.process_time() - begun < 1


def test_a_sheet_is_understood_in_as_many_steps_as_it_has_cells(tmp_path: Path) -> None:
    """Twice as many more columns, or rows, are twice as many more calls: counted, not timed."""

    def calls(columns: int, rows: int) -> int:
        path = _of_another_trade(tmp_path / f"{columns}-{rows}.xlsx", columns=columns, rows=rows)
        counted = 0

        def count(_frame: FrameType, event: str, _what: object) -> None:
            nonlocal counted
            counted += event in {"call", "c_call"}

        sys.setprofile(count)
        try:
            with pytest.raises(BadFileError):
                _read(path)
        finally:
            sys.setprofile(None)
        return counted

    calls(10, 10)  # what is read and compiled once
    columns = [calls(each, 10) for each in (60, 120, 240)]
    rows = [calls(20, each) for each in (20, 40, 80)]
    grown = {
        what: (most - more) / (more - few) for what, (few, more, most) in {"columns": columns, "rows": rows}.items()
    }
    assert all(each <= 2.3 for each in grown.values()), grown
