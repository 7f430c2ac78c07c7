"""Ledgers as offices send them, made anew for each test; every name in them is invented."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading, WantedColumn

TODAY = date(2019, 12, 1)
HEADINGS = (
    *("序号", "线索编号", "来源", "乡镇\n（单位）", "被反映人", "线 索 内 容"),
    *("受理时间", "办理\n时限", "承办股室", "办理情况", "备  注"),
)
COLUMNS = (
    WantedColumn(name="lead_no", kind="ledger_number", titles=("线索编号", "Lead number"), synonyms=("编号",)),
    WantedColumn(name="received", kind="date", titles=("收到时间", "Received on"), synonyms=("受理时间",)),
    WantedColumn(name="source", kind="text", titles=("线索来源",), synonyms=("来源",)),
    WantedColumn(name="unit", kind="unit", titles=("单位",), synonyms=("乡镇（单位）",)),
    WantedColumn(name="subject", kind="text", titles=("被反映人",)),
    WantedColumn(name="summary", kind="text", titles=("反映的主要问题",), synonyms=("线索内容",)),
    WantedColumn(
        name="category",
        kind="choice",
        titles=("线索类型",),
        choices={"强迫交易": "A5", "职业医闹": "A4", "医闹": "A4", "其他": "A8"},
    ),
    WantedColumn(name="handler", kind="officer", titles=("承办股室",), synonyms=("承办人",)),
    WantedColumn(name="deadline", kind="date", titles=("办理时限",)),
    WantedColumn(name="status", kind="text", titles=("当前状态",), synonyms=("办理情况",)),
    WantedColumn(name="transferred_to", kind="text", titles=("移送单位",)),
    WantedColumn(name="transferred", kind="date", titles=("移送时间",)),
    WantedColumn(name="crime", kind="flag", titles=("是否涉嫌犯罪",)),
    WantedColumn(name="amount", kind="number", titles=("涉及资金",)),
    WantedColumn(name="reporter", kind="sealed", titles=("举报人",)),
    WantedColumn(name="telephone", kind="text", titles=("联系电话",)),
    WantedColumn(name="remark", kind="text", titles=("备注",)),
)


def book(rows: Sequence[Sequence[Any]], *merges: str, sheet: str = "线索台账") -> openpyxl.Workbook:
    """Return a workbook with one sheet of *rows* and the merged ranges *merges*."""
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    page.title = sheet
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = page.cell(number, place)
            cell.value = value
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"
    for merged in merges:
        page.merge_cells(merged)
    return made


def saved(path: Path, rows: Sequence[Sequence[Any]], *merges: str, sheet: str = "线索台账") -> Path:
    """Save such a workbook at *path*, whatever its extension, and return the path."""
    content = io.BytesIO()
    book(rows, *merges, sheet=sheet).save(content)
    path.write_bytes(content.getvalue())
    return path


def old_book(path: Path, rows: Sequence[Sequence[Any]], *, merges: Sequence[tuple[int, int, int, int]] = ()) -> Path:
    """Save *rows* as a workbook of the old kind (xls, et); merges are first row, last row, first, last column."""
    made = xlwt.Workbook()
    page = made.add_sheet("线索台账", cell_overwrite_ok=True)
    dated = xlwt.XFStyle()
    dated.num_format_str = "YYYY-MM-DD"
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write(number, place, value, dated)
            elif value is not None:
                page.write(number, place, value)
    for r1, r2, c1, c2 in merges:
        page.merge(r1, r2, c1, c2)
    made.save(str(path))
    return path


def patched(path: Path, part: str, old: str, new: str) -> Path:
    """Replace *old* by *new* in one part of the workbook at *path*, as another program might have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def read(path: Path, **options: Any) -> LedgerReading:
    """Read the ledger at *path* for the columns of these tests."""
    return read_ledger(path, COLUMNS, today=TODAY, **options)


def county_ledger(path: Path) -> Path:
    """Save a county's ledger with most of what such ledgers hold, and return its path."""
    rows: list[list[Any]] = [
        ["虚构县卫生健康系统线索台账（测试虚构）"],
        ["填报单位（盖章）：虚构县卫生健康局          填报时间：2019年7月5日          填报人：某某"],
        list(HEADINGS),
        [
            1,
            "2019-001",
            "群众来电",
            "甲镇卫生院",
            "甲某",
            "反映强行推销",
            "2019.6.3",
            "2019.6.24",
            "医政股",
            "正在核查",
        ],
        [
            2,
            "2019-002",
            "同上",
            None,
            "乙某",
            "反映停车场乱收费、\n阻拦就医",
            "2019年6月5日",
            "2019年6月26日",
            "医政股",
        ],
        [3, "2019-003", "信箱", None, "不详", "反映号贩子倒号", "2019-06-10", "2019/7/1", "同上", "正在核查"],
        [],
        [
            "4",
            "2019-004",
            "上级交办",
            "乙镇卫生院",
            "丙某",
            "反映虚假宣传",
            "２０１９年６月１２日",
            "二〇一九年七月三日",
            "监督股",
        ],
        ["5", "2019-005 ", "12320", None, "丁某等3人", "反映医闹（多人）", 43633, 43654, "信访办", "已移送"],
        [
            6,
            "2019—006",
            "自查",
            "县疾控中心",
            "——",
            "自查发现",
            date(2019, 6, 18),
            date(2019, 7, 9),
            "疾控股",
            None,
            "急",
        ],
        [],
        ["合计", "6条"],
        [],
        ["填表人：某某        审核人：某某        联系电话：0000-0000000"],
        ["注：本文件为测试用虚构数据。"],
    ]
    made = book(rows, "A1:K1", "A2:K2", "D4:D6", "D8:D9", "A14:K14", "A15:K15")
    page = made.active
    assert page is not None
    page.column_dimensions["C"].hidden = True
    made.save(path)
    return path
