"""The shapes in which offices lay out a ledger: each a function of headings and records; all data invented."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Row = list[Any]
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""


@dataclass
class Laid:
    """One sheet as it was laid out, and where its records stand."""

    rows: list[Row]
    merges: list[Merge] = field(default_factory=list)
    header: tuple[int, int] | None = None
    """First and last row of the header, counted from 1; nothing for a form or for no ledger."""
    records: list[int] = field(default_factory=list)
    """The rows of the records, counted from 1; of a form its first label."""
    forms: bool = False
    ledger: bool = True


Shape = Callable[[list[str], list[Row]], Laid]
SHAPES: Final[dict[str, Shape]] = {}
PLAIN: Final = "单位：虚构县卫生健康局"


def _shape(name: str) -> Callable[[Shape], Shape]:
    def register(shape: Shape) -> Shape:
        SHAPES[name] = shape
        return shape

    return register


def _table(
    above: Sequence[Row], headings: Row, between: Sequence[Row], records: Sequence[Row], below: Any = ()
) -> Laid:
    first = len(above) + 1
    body = first + 1 + len(between)
    rows = [*map(list, above), list(headings), *map(list, between), *map(list, records), *map(list, below)]
    return Laid(rows, [], (first, first), list(range(body, body + len(records))))


@_shape("plain")
def _plain(headings: list[str], records: list[Row]) -> Laid:
    return _table([], headings, [], records)


@_shape("title merged over the width")
def _titled(headings: list[str], records: list[Row]) -> Laid:
    laid = _table([["线索台账"]], headings, [], records)
    laid.merges = [(0, 0, 0, len(headings) - 1)]
    return laid


@_shape("title that is not merged")
def _title_unmerged(headings: list[str], records: list[Row]) -> Laid:
    return _table([["", "", "2019年线索办理台账"]], headings, [], records)


@_shape("title over fewer columns than the table has")
def _title_short(headings: list[str], records: list[Row]) -> Laid:
    laid = _table([["附件2"], ["线索登记表"]], headings, [], records)
    laid.merges = [(1, 0, 1, 2)]
    return laid


@_shape("line of unit and day in one cell")
def _meta_line(headings: list[str], records: list[Row]) -> Laid:
    return _table([["线索台账"], [f"{PLAIN}        填报时间：2019年7月5日"]], headings, [], records)


@_shape("unit and day in cells of their own")
def _meta_cells(headings: list[str], records: list[Row]) -> Laid:
    return _table(
        [["线索台账"], ["填报单位：", "虚构县卫生健康局", "", "填报时间：", "2019-07-05"]], headings, [], records
    )


@_shape("numbers of columns below the headings")
def _numbers_below(headings: list[str], records: list[Row]) -> Laid:
    return _table([["线索台账"]], headings, [list(range(1, len(headings) + 1))], records)


@_shape("numbers of columns above the headings")
def _numbers_above(headings: list[str], records: list[Row]) -> Laid:
    return _table([["信访台账"], list(range(1, len(headings) + 1))], headings, [], records)


@_shape("letters and numbers of columns below the headings")
def _letters_below(headings: list[str], records: list[Row]) -> Laid:
    return _table([], headings, [["甲", "乙", *range(1, len(headings) - 1)]], records)


@_shape("each heading merged over two rows")
def _tall_headings(headings: list[str], records: list[Row]) -> Laid:
    laid = _table([["线索台账"]], headings, [[""] * len(headings)], records)
    laid.merges = [(0, 0, 0, len(headings) - 1), *((1, at, 2, at) for at in range(len(headings)))]
    laid.header = (2, 3)
    return laid


@_shape("two headings under a merged group")
def _grouped(headings: list[str], records: list[Row]) -> Laid:
    group = [*headings[:-2], "办理有关", ""]
    under = [*[""] * (len(headings) - 2), *headings[-2:]]
    laid = _table([["线索台账"]], group, [under], records)
    last = len(headings) - 1
    laid.merges = [*((1, at, 2, at) for at in range(len(headings) - 2)), (1, last - 1, 1, last)]
    laid.header = (2, 3)
    return laid


@_shape("two headings under a group without merges")
def _grouped_unmerged(headings: list[str], records: list[Row]) -> Laid:
    laid = _grouped(headings, records)
    laid.merges = []
    return laid


@_shape("blank lines between the records")
def _blanks(headings: list[str], records: list[Row]) -> Laid:
    rows: list[Row] = [headings]
    at = []
    for record in records:
        rows += [[], record]
        at.append(len(rows))
    return Laid(rows, [], (1, 1), at)


@_shape("blank columns at the left")
def _offset_columns(headings: list[str], records: list[Row]) -> Laid:
    return _table([["", "", "线索台账"]], ["", "", *headings], [], [["", "", *record] for record in records])


@_shape("blank rows at the top")
def _offset_rows(headings: list[str], records: list[Row]) -> Laid:
    return _table([[], [], ["线索台账"], []], headings, [], records)


def _in_blocks(headings: list[str], records: list[Row], *, repeated: bool) -> Laid:
    rows: list[Row] = [["线索台账"]] if repeated else [["线索台账"], headings]
    at: list[int] = []
    for block, begin in enumerate(range(0, max(len(records), 1), 10), start=1):
        rows.append([f"{block}月"])
        if repeated:
            rows.append(headings)
        for record in records[begin : begin + 10]:
            rows.append(record)
            at.append(len(rows))
    header = (3, 3) if repeated else (2, 2)
    return Laid(rows, [], header, at)


@_shape("months as blocks")
def _months(headings: list[str], records: list[Row]) -> Laid:
    return _in_blocks(headings, records, repeated=False)


@_shape("months as blocks with headings of their own")
def _months_headed(headings: list[str], records: list[Row]) -> Laid:
    return _in_blocks(headings, records, repeated=True)


@_shape("headings repeated on each page")
def _pages(headings: list[str], records: list[Row]) -> Laid:
    rows: list[Row] = [["线索台账"], headings]
    at = []
    for number, record in enumerate(records):
        if number and number % 20 == 0:
            rows += [["线索台账"], headings]
        rows.append(record)
        at.append(len(rows))
    return Laid(rows, [], (2, 2), at)


@_shape("totals and signatures below")
def _footed(headings: list[str], records: list[Row]) -> Laid:
    foot = [["合计", f"{len(records)}件"], ["填表人：", "", "审核人："], ["注：1.本表每月报送。"], ["2.时间写到日。"]]
    return _table([["线索台账"]], headings, [], records, foot)


@_shape("an example below the headings")
def _exampled(headings: list[str], records: list[Row]) -> Laid:
    example = ["示例", *["某某"] * (len(headings) - 1)]
    return _table([["线索台账"]], headings, [example], records)


@_shape("a hint in each heading's cell")
def _hinted(headings: list[str], records: list[Row]) -> Laid:
    return _table([["线索台账"]], [f"*{heading}\n（必填）" for heading in headings], [], records)


@_shape("serial numbers that restart")
def _serials(headings: list[str], records: list[Row]) -> Laid:
    numbered = [[1 + at % 7, *record] for at, record in enumerate(records)]
    return _table([["线索台账"]], ["序号", *headings], [], numbered)


@_shape("one form")
def _form(headings: list[str], records: list[Row]) -> Laid:
    return _forms(headings, records[:1])


@_shape("forms one below another")
def _forms(headings: list[str], records: list[Row]) -> Laid:
    rows: list[Row] = []
    at = []
    for record in records or [[""] * len(headings)]:
        rows.append(["线索登记表"])
        at.append(len(rows) + 1)
        rows += [[heading, value] for heading, value in zip(headings, record, strict=True)]
        rows.append([])
    return Laid(rows, [], None, at if records else [], forms=True)


@_shape("forms with two labels in a row")
def _wide_forms(headings: list[str], records: list[Row]) -> Laid:
    rows: list[Row] = []
    at = []
    for record in records or [[""] * len(headings)]:
        rows.append(["线索登记表"])
        at.append(len(rows) + 1)
        pairs = list(zip(headings, record, strict=True))
        rows += [[cell for pair in pairs[begin : begin + 2] for cell in pair] for begin in range(0, len(pairs), 2)]
        rows.append([])
    return Laid(rows, [], None, at if records else [], forms=True)


@_shape("forms with the label in the value's cell")
def _inline_forms(headings: list[str], records: list[Row]) -> Laid:
    rows: list[Row] = []
    at = []
    for record in records or [[""] * len(headings)]:
        rows.append(["线索登记表"])
        at.append(len(rows) + 1)
        rows += [[f"{heading}：{value}"] for heading, value in zip(headings, record, strict=True)]
        rows.append([])
    return Laid(rows, [], None, at if records else [], forms=True)


@_shape("statistics")
def _statistics(headings: list[str], records: list[Row]) -> Laid:
    head = ["单位", "受理数", "办结数", "办结率", "超期件数", "合计"]
    rows = [[f"虚构{number}院", 12 + number, 10, 0.8, 2, 24] for number in range(len(records) + 2)]
    return Laid([["线索办理情况统计表"], head, *rows], ledger=False)


@_shape("a table of another trade")
def _foreign(headings: list[str], records: list[Row]) -> Laid:
    rows = [[f"零件{number}", "个", 3.5, 100 + number, "合格"] for number in range(len(records) + 2)]
    return Laid([["零件名称", "计量", "单价", "库存", "质检"], *rows], ledger=False)


@_shape("text")
def _text(headings: list[str], records: list[Row]) -> Laid:
    return Laid([["关于报送线索台账的通知"], ["各单位："], ["请于每月5日前报送本单位线索台账。"]], ledger=False)
