"""A ledger as an office sends it, for rehearsal: 14 leads of a county, all invented; keeps to no form of ours.

It has what such ledgers have: a title and a line of 填报单位 above the header, merged cells, 同上,
days written in six ways, a blank row, a totals row, a footer, and one day that does not exist.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

SHEET: Final = "2019年上半年"
TITLE: Final = "示例县卫生健康系统涉黑涉恶问题线索台账（2019年，全部虚构）"
META: Final = "填报单位（盖章）：示例县卫生健康局          填报时间：2019年7月8日"
HEADINGS: Final = (
    *("序号", "线索编号", "单 位", "线索\n来源", "受理时间", "反映的主要问题", "线索类型"),
    *("举报人", "办理情况", "备  注"),
)
FOOTER: Final = "填表人：某某        审核人：某某        联系电话：0000-0000000"
WIDTHS: Final = (5, 10, 20, 14, 18, 52, 12, 16, 18, 16)

Cell = str | int | date | None

HOSPITAL: Final = "县人民医院"
CHINESE_MEDICINE: Final = "县中医院"
CONTROL_CENTRE: Final = "县疾控中心"
CLINIC: Final = "甲镇中心卫生院"

WRONG_DAY: Final = "2019.6.31"
RIGHT_DAY: Final = "2019.6.30"

BEFORE: Final[tuple[tuple[Cell, ...], ...]] = (
    (1, "2019-001", HOSPITAL, "群众来电", "2019.5.20", "停车场和救护车转运长期被人把持，殴打不从者，保卫科有人收钱放行",
     "黑救护车", "某甲，电话已留", "待办理", "急"),
    (2, "2019-002", None, "信箱", "2019年5月27日", "有人受雇冒充家属在门诊聚集，索要赔偿",
     "医闹", None, "待办理", None),
    (3, "2019-003", None, "12345", "2019-06-03", "号贩子在挂号窗口强占号源",
     "强买强卖", None, "正在核查", None),
    (4, "2019-004", CHINESE_MEDICINE, "自查", date(2019, 6, 5), "护工公司强迫家属接受陪护",
     "强买强卖", None, "待办理", None),
    (5, "2019-005", None, "上级交办", "２０１９年６月６日", "药品配送商威胁采购人员",
     "招标采购", None, "移送公安", "移送函未见"),
    (6, "2019-006", None, "同上", "2019/6/10", "食堂承包人自称“有后台”，具体情况不明",
     "其他", None, "待办理", None),
    (7, "2019-007", None, "群众来信", "2019.6.11", "保安队长系某帮派成员",
     "其他", None, "已办结，不属实", None),
    (8, "2019-008", CONTROL_CENTRE, "网络", "2019.6.17", "疫苗冷链运输被一家车队垄断",
     "招标采购", None, "待办理", None),
    (9, "2019-009", None, "群众来电", "2019.6.18", "门前烧烤摊强占人行道，殴打劝阻者",
     "其他", None, "待办理", "似属城管"),
    (10, "2019-010", CLINIC, "巡察", "二〇一九年六月二十日", "副院长为医托提供便利并收受好处",
     "保护伞", None, "待办理", None),
    (11, "2019-011", None, "群众来电", "20190624", "有人在候诊区强卖保健品",
     "强买强卖", None, "待办理", None),
)  # fmt: skip
"""Rows above the blank one."""

AFTER: Final[tuple[tuple[Cell, ...], ...]] = (
    (12, "2019-012", CLINIC, "同上", WRONG_DAY, "黑车在院门口拦截病人",
     "黑出租", None, "待办理", None),
    (13, "2019-013", HOSPITAL, "日常监管", "2019.7.1", "工程队阻挠新院区施工，强行供应砂石",
     "招标采购", None, "已办结，属实", None),
    (14, "2019-014", None, "群众来信", "2019.7.4", "救护车转运被人把持（与2019-001同一事）",
     "黑救护车", None, "待办理", "重复件"),
)  # fmt: skip
"""Rows below it; the first has a day that does not exist."""


def write_demo_ledger(path: Path, *, mended: bool = False) -> None:
    """Write the ledger to *path* as xlsx.

    Args:
        mended: Write it as the unit sends it back, with the day put right.
    """
    import xlsxwriter

    after = tuple(tuple(RIGHT_DAY if cell == WRONG_DAY else cell for cell in row) for row in AFTER)
    rows: list[Sequence[Cell]] = [*BEFORE, (), *(after if mended else AFTER)]
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": TITLE})
        head = book.add_format({"bold": True, "align": "center", "text_wrap": True, "border": 1})
        plain = book.add_format({"text_wrap": True, "valign": "vcenter", "border": 1})
        dated = book.add_format({"num_format": "yyyy/m/d", "valign": "vcenter", "border": 1})
        page = book.add_worksheet(SHEET)
        for place, wide in enumerate(WIDTHS):
            page.set_column(place, place, wide)
        page.merge_range(0, 0, 0, len(HEADINGS) - 1, TITLE, head)
        page.merge_range(1, 0, 1, len(HEADINGS) - 1, META)
        page.write_row(2, 0, HEADINGS, head)
        for number, row in enumerate(rows, start=3):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, place, cell, dated)
                elif cell is not None:
                    page.write(number, place, cell, plain)
        for first, last, unit in _units(rows):
            page.merge_range(first + 3, 2, last + 3, 2, unit, plain)
        total = len(rows) + 3
        page.write_row(total, 0, ("合计", "14条"), head)
        page.merge_range(total + 1, 0, total + 1, len(HEADINGS) - 1, FOOTER)


def _units(rows: Sequence[Sequence[Cell]]) -> list[tuple[int, int, str]]:
    """Return the first and last row of each unit that stands merged over several rows."""
    found: list[tuple[int, int, str]] = []
    for number, row in enumerate(rows):
        if row and row[2] is not None:
            found.append((number, number, str(row[2])))
        elif row:
            first, _, unit = found[-1]
            found[-1] = first, number, unit
    return [each for each in found if each[0] < each[1]]
