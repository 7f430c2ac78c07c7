"""Yes and no and numbers as people write them: one table for ledgers, options and prompts."""

from datetime import date
from typing import Final

from commands.console.prompts import answered
from documents.ledger_in.dates import DateRules
from documents.ledger_in.sheet_model import WantedColumn
from documents.ledger_in.values import CellRemark, cell_reader, counting
from engine.errors import BadValueError
from engine.rules.said_values import said_flag, said_number
from engine.rules.values import check_values
from workflows.loader import Declarations

TODAY: Final = date(2019, 12, 1)
RULES: Final = DateRules(today=TODAY)

FLAGS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(["是", "有", "已", "√", "✔", "☑", "Ｙ", "yes", "对", "是。", " 是 ", "是☑ 否□", "□否 ☑是"], True),
    **dict.fromkeys(["否", "未", "没有", "×", "✗", "ｎ", "no", "不是", "不", "否。", "是□ 否☑"], False),
    **dict.fromkeys(["也许", "是√ 否√", "部分", "待定"], None),
}
NUMBERS: Final[dict[str, float | None]] = {
    "3,000": 3000,
    "３０００": 3000,
    "2,500元": 2500,
    "1.2万元": 12000,
    "￥5": 5,
    "12件": 12,
    "1,234.5万元": 12345000,
    "三万五": 35000,
    "壹仟贰佰元整": 1200,
    "人民币壹万元整": 10000,
    "十二": 12,
    "二十": 20,
    "一百零五": 105,
    "百五": None,
    "一百十": None,
    "两万": 20000,
    "一万零五百": 10500,
    "一千五": 1500,
    "二〇一九": 2019,
    "1万2千": 12000,
    "0.5亿": 50000000,
    "-3": -3,
    "12.50": 12.5,
    **dict.fromkeys(
        ["约5万元", "5万余元", "5-6", "三五", "1万2", "12500,50", "1,2万", "若干", "万", "元", "1e5", "--3"]
    ),
}


def test_one_reader_at_every_door() -> None:
    """A field typed, a cell of a ledger and, for flags, an answer at a prompt are read alike, or by none of them."""
    lead = Declarations().latest("lead")

    def typed(field: str, written: str) -> object:
        try:
            return check_values(lead, {field: written}, officers={}, units={}, today=TODAY)[field]
        except BadValueError:
            return None

    def cell(field: str, written: str) -> object:
        read = cell_reader(
            WantedColumn(name=field, kind="flag" if field == "real_name" else "number", titles=()), RULES
        )
        value = read(written)
        return value.value if isinstance(value, CellRemark) else value

    differing = [
        (written, wanted, found)
        for table, read, field in ((FLAGS, said_flag, "real_name"), (NUMBERS, said_number, "amount"))
        for written, wanted in table.items()
        if set(found := (read(written), typed(field, written), cell(field, written))) != {wanted}
    ]
    asked = [(written, wanted) for written, wanted in FLAGS.items() if answered(written) is not wanted]

    assert (differing, asked) == ([], [])


def test_a_question_may_be_agreed_to() -> None:
    """好 and 确认 answer a question, and fill in no flag."""
    assert (answered("好"), answered("确认"), said_flag("好")) == (True, True, None)


def test_numbers_below_ten_thousands() -> None:
    """Below 涉案金额（万元） a bare 5 is 50,000 and says so; a cell with a unit of its own goes by that."""
    column = WantedColumn(name="amount", kind="number", titles=("涉及资金",))
    read = cell_reader(counting(column, ("涉案金额(万元)",)), RULES)
    found = [(value.value, value.kind) if isinstance(value := read(cell), CellRemark) else value for cell in CELLS]

    assert found == [(50000, "by_heading_unit"), (12000, "by_heading_unit"), 30000, 800, None]
    assert counting(column, ("涉案金额",)) is column


CELLS: Final = (5, "1.2", "3万元", "800元", "")
