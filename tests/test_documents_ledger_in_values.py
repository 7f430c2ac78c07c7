"""Cells as values of their column's kind; what is not plain comes with a note or a problem."""

from datetime import date, datetime
from typing import Any

import pytest

from documents.ledger_in.dates import DateRules
from documents.ledger_in.registered_names import RegisteredNames
from documents.ledger_in.sheet_model import Cell, CellError, Kind, WantedColumn
from documents.ledger_in.values import DITTO, CellRemark, cell_reader, chunk_reader

RULES = DateRules(today=date(2019, 12, 1))
CHOICES = {"强迫交易": "A5", "职业医闹": "A4", "医闹": "A4", "forced dealing": "A5", "1": "A1"}


def _column(kind: Kind) -> WantedColumn:
    return WantedColumn(name="it", kind=kind, titles=("它",), choices=CHOICES if kind in {"choice", "state"} else {})


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  反映 停车场\n乱收费  ", "反映 停车场乱收费"),
        ("text", "two\nlines  here", "two lines here"),
        ("text", "甲\u3000\u3000乙", "甲 乙"),
        ("text", "（医闹）", "（医闹）"),
        ("text", 13900000000.0, "13900000000"),
        ("text", 4.0, "4"),
        ("text", 4.5, "4.5"),
        ("text", "不详", "不详"),
        ("text", "=1+1", "=1+1"),
        ("text", date(2019, 6, 3), "2019-06-03"),
        ("text", datetime(2019, 6, 3, 10, 30), "2019-06-03 10:30"),
        ("text", "", None),
        ("text", " \u3000\n", None),
        ("sealed", "赵  某\n某", "赵 某某"),
        ("officer", "张  某", "张某"),
        ("officer", "Li  Si", "Li Si"),
        ("officer", "张某\r\n李某", "张某\n李某"),
        ("officer", "张某　李某", "张某\n李某"),
        ("sealed", "匿名先生；联系电话：13800000000", "匿名先生；联系电话：13800000000"),
        ("unit", "甲镇\n卫生院", "甲镇卫生院"),
        ("ledger_number", "2019-005 ", "2019-005"),
        ("ledger_number", 12.0, "12"),
        ("ledger_number", "示卫线〔2019〕3号", "示卫线〔2019〕3号"),
        ("ledger_number", "XS - 2019 - 01", "XS-2019-01"),
        ("number", 4.0, 4),
        ("number", "12,500.50", 12500.5),
        ("number", "１２元", 12),
        ("number", "¥30", 30),
        ("number", "-3", -3),
        ("flag", "是", True),
        ("flag", "√", True),
        ("flag", "Ｙ", True),
        ("flag", "有", True),
        ("flag", 1.0, True),
        ("flag", True, True),
        ("flag", "否", False),
        ("flag", "N", False),
        ("flag", "无", False),
        ("flag", "×", False),
        ("flag", "已", True),
        ("flag", "未", False),
        ("flag", "☑是 □否", True),
        ("flag", "是□ 否☑", False),
        ("choice", "强迫交易", "A5"),
        ("choice", " 强迫\n交易。", "A5"),
        ("choice", "医闹", "A4"),
        ("choice", "a5", "A5"),
        ("choice", "Forced Dealing", "A5"),
        ("choice", 1.0, "A1"),
        ("state", "职业医闹", "A4"),
        ("serial", 7.0, 7),
        ("serial", "7、", 7),
        ("serial", "七", None),
    ],
)
def test_plain_cells(kind: Kind, cell: Cell, value: object) -> None:
    """What is written plainly, in whatever width and padding, is the value without a word."""
    assert cell_reader(_column(kind), RULES)(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "value", "note"),
    [
        ("text", "——", None, "placeholder_null"),
        ("text", "/", None, "placeholder_null"),
        ("text", "无", None, "placeholder_null"),
        ("date", "——", None, "placeholder_null"),
        ("date", "待定", None, "placeholder_null"),
        ("flag", "/", None, "placeholder_null"),
        ("number", "—", None, "placeholder_null"),
        ("choice", "－", None, "placeholder_null"),
        ("sealed", "无", None, "placeholder_null"),
        ("sealed", "匿名", None, "placeholder_null"),
        ("sealed", " 匿名 举报 ", None, "placeholder_null"),
        ("sealed", "不愿透露姓名", None, "placeholder_null"),
        ("ledger_number", "2019—006", "2019-006", "dash_variant_normalised"),
        ("ledger_number", "2019－006", "2019-006", "dash_variant_normalised"),
        ("ledger_number", "2019–006", "2019-006", "dash_variant_normalised"),
        ("ledger_number", "２０１９-006", "2019-006", "fullwidth_normalised"),
        ("date", 43633.0, date(2019, 6, 17), "serial_date_in_general_cell"),
    ],
)
def test_noted_cells(kind: Kind, cell: Cell, value: object, note: str) -> None:
    """What was understood but is not plain comes with a note."""
    told = cell_reader(_column(kind), RULES)(cell)

    assert isinstance(told, CellRemark)
    assert (told.value, told.kind, told.wrong) == (value, note, None)


@pytest.mark.parametrize("mark", ["同上", " 同上\n", "〃", '"', "″"])
@pytest.mark.parametrize("kind", ["text", "date", "flag", "number", "choice", "officer", "unit", "sealed"])
def test_ditto_marks(kind: Kind, mark: str) -> None:
    """A ditto mark is one in a column of any kind."""
    assert cell_reader(_column(kind), RULES)(mark) is DITTO


@pytest.mark.parametrize(
    ("kind", "cell", "wrong", "right"),
    [
        ("text", CellError("#REF!"), "#REF!", "公式"),
        ("date", CellError("#VALUE!"), "#VALUE!", "公式"),
        ("text", 123456789012345678.0, "15 位", "文本"),
        ("ledger_number", 123456789012345678.0, "15 位", "文本"),
        ("ledger_number", date(2019, 1, 1), "变成日期", "文本"),
        ("ledger_number", "同上", "编号", "单独编号"),
        ("number", "3万余元", "不是数值", "12500.50"),
        ("number", "若干", "不是数值", "12500.50"),
        ("flag", "也许", "既不是", "是"),
        ("flag", "☑是 ☑否", "既不是", "是"),
        ("choice", "强迫交意", "不在可选范围", "强迫交易"),
        ("choice", "完全不同", "不在可选范围", "职业医闹"),
    ],
)
def test_problems_say_what_would_be_right(kind: Kind, cell: Cell, wrong: str, right: str) -> None:
    """What cannot be read is a problem, with what would be right."""
    told = cell_reader(_column(kind), RULES)(cell)

    assert isinstance(told, CellRemark)
    assert told.wrong is not None
    assert told.right is not None
    assert (told.value, wrong in told.wrong.zh, right in told.right.zh) == (None, True, True)


@pytest.mark.parametrize(
    "kind", ["text", "date", "flag", "number", "choice", "officer", "unit", "ledger_number", "sealed"]
)
def test_many_cells_read_as_one_by_one(kind: Kind) -> None:
    """The reader of many cells answers as the reader of one, the second time as the first."""
    cells: list[Any] = [
        "是",
        "2019.6.3",
        "强迫交易",
        "12",
        43633.0,
        "——",
        "同上",
        "",
        None,
        " 甲  乙 ",
        "x\ny",
        "2019—01",
        "是",
    ]
    one, many = cell_reader(_column(kind), RULES), chunk_reader(_column(kind), RULES)
    expected = [one(cell) for cell in cells]

    for _ in range(2):
        values, told = many(cells)
        assert [told.get(place, value) for place, value in enumerate(values)] == expected


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("张某、李某", ["张某", "李某"]),
        ("张某\n李某", ["张某", "李某"]),
        ("张某及李某", ["张某", "李某"]),
        ("张某和和某", ["张某和和某"]),
        ("zhang; li", ["zhang", "li"]),
        ("张 某、王某", ["张某", "王某"]),
        ("欧阳\n某某", ["欧阳某某"]),
    ],
)
def test_several_names_in_one_cell(written: str, named: list[str]) -> None:
    """Names are parted by any sign, word or line between names that are known; by a clear sign where they are not."""
    officers = RegisteredNames([("zhang", "张某"), ("li", "李某"), ("he", "和某"), ("ou", "欧阳某某")])
    alone = officers.code(written)

    assert (["欧阳某某"] if alone == "ou" else officers.parted(written)) == named
