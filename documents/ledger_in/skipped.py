"""Which rows of a sheet hold no record, and why; what the lines above the header state.

A row that is in doubt is a record: a record left out unseen is worse than one refused loudly.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from documents.ledger_in.dates import whole_day
from documents.ledger_in.layout.below import kind_of
from documents.ledger_in.sheet_model import Cell, Why
from documents.ledger_in.text import cell_text, compact, heading_key, tidy

SUSPECT_STARTS = (
    frozenset(
        "合总小累共本上年例示样范举填制审复主负单分联经签盖注备说附报日打报统无零未必选格模(（[［【<〈《*※ 　\n\r\t"
    )
    | frozenset("TtFfCcAaNn")
    | {""}
)
"""With any of these a cell begins that marks a row as no record; other rows need no second look."""

_TOTAL = re.compile(
    r"(?:本页|本月|本期|本表|本年|上页|年度|全年|全县|全市|累计)?(?:合计|总计|小计|累计|共计)(?:[(:]|\d|$)|共\d+[条件个起]"
    r"|total(?:[(:]|\d|$)"
)
_EXAMPLE = re.compile(
    r"[(\[【<〈]?(?:示例|例|样例|范例|举例|例如|例子|填写示例|填表示例|填报示例|示范|模板|example)\d*[)\]】>〉]?(?:\d*|:.*)"
)
_HINT = re.compile(r"[(\[【<]?(?:填写说明|填报说明|填写要求|填写格式|格式|必填|选填|必填项)[)\]】>]?(?::.*)?")
_FOOTER = re.compile(
    r"(?:填[表报]人|制表人?|审[核批]人?|复核人?|(?:单位)?负责人|主[管要](?:领导|负责人)|分管领导|联系人|联系电话|经办人"
    r"|签字|签章|盖章|备?注\d*|附注|(?:填[表报写])?说明|报送(?:人|单位|时间)|(?:填[表报])?日期|打印(?:人|时间))"
    r"(?:\([^)]*\))?[:：.、]|[*※]|第\d+页"
    r"|(?:filledinby|checkedby|approvedby|notes?):"
)
_SIGNED = re.compile(
    r"(?:填[表报]人|制表人?|审[核批]人?|复核人?|(?:单位)?负责人|(?:填[表报]|报送)?日期|签[字章]|盖章):"
)
"""What stands further right in the last line of a form on paper."""
_META = re.compile(r"(填报|填表|报送|上报|统计|制表)?(单位|时间|日期|部门|机构|人)(?:名称)?(?:\([^)]*\))?:")
_META_PART = re.compile(
    r"(?P<by>填报|填表|报送|上报|统计|制表)?(?P<what>单位|时间|日期|部门|机构)(?:名称)?(?:\([^)]*\))?:\s*"
    r"(?P<value>.*?)(?=\s{2,}|\s+\S{2,6}(?:\([^)]*\))?:|(?:填报|填表|报送|审核|联系)\S{0,3}:|$)"
)
_UNIT = re.compile(
    r"[\u4e00-\u9fff]{2,18}(?:医院|卫生院|院|卫健委|局|委员会|委|中心|所|站|办|科|股|乡|镇|街道|区|县|公司|学校|集团|大队|支队|分局)"
)
_NO_UNIT = re.compile(
    r"台账|登记|统计|汇总|清单|明细|情况|说明|\d|[一二三四五六七八九十]月|季度|年|样表|模板|来信|来访|来电|已办|未办|在办|待办"
)
_BLOCK = re.compile(
    r"(?:(?:19|20)\d\d年)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份|以来)?|(?:(?:19|20)\d\d年)?(?:第?[一二三四1-4]季度|[上下]半年)"
    r"|(?:19|20)\d\d年度?|[一二三四五六七八九十]{1,3}、\S{2,20}|\([一二三四五六七八九十]{1,3}\)\S{2,20}"
)
"""Lines that begin a block of records: a month, or a numbered sort of them."""
_NUMBER_BEFORE = re.compile(
    r"^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十\d]{1,3}[、.．])?(?:所属|填报)?(?:单位[:：])?"
)
_BESIDE_NIL = frozenset({"date", "flag", "phone", "number", "name"})
"""What may stand beside 无 under headings that are not known; other texts may be what a lead is about."""
_MEASURES = frozenset("件条个起人次元宗例") | {"万元"}
_NIL = re.compile(
    r"(?:本(?:月|周|季度?|期|年|单位))?暂?(?:无|未|没有)(?:收到|接到|发现|新增|排查出|排查到)?\S{0,8}线索\S{0,4}|零报告|无"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a row is judged against."""

    keys: Mapping[int, frozenset[str]]
    """The headings over each column."""
    wanted: Collection[int]
    """The columns that were taken for fields, the running number left out."""
    serial: int | None
    wide: Collection[int]
    """Rows whose cells are merged over most of the width."""
    body: int
    """The first row after the header."""
    titles: Collection[str] = ()
    """What stands above the header, in the form words are compared in: each page may repeat it."""


def why_left_out(  # noqa: PLR0911 (one answer per reason)
    cells: Sequence[Cell], row: int, around: Surroundings, *, after_footer: bool = False
) -> Why | None:
    """Return why the row holds no record, or None if it does."""
    texts = [(column, text) for column, cell in enumerate(cells) if (text := cell_text(cell))]
    if all(column == around.serial and text.rstrip(".、").isdecimal() for column, text in texts):
        return "blank"
    if _is_header(texts, row, around):
        return "header"
    words = [compact(text) for _, text in texts[:2]]
    if any(_TOTAL.match(word) for word in words):
        return "total"
    if len(texts) == 1 or row in around.wide:
        return _why_line_left_out(texts, row, around, after_footer=after_footer)
    if any(_EXAMPLE.fullmatch(word) for word in words) or _HINT.fullmatch(words[0]):
        return "example"
    if _FOOTER.match(words[0]) and (len(texts) <= 3 or any(_SIGNED.match(compact(text)) for _, text in texts[1:])):
        return "footer"
    if len(texts) <= 4 and _META.match(words[0]):
        return "meta"
    return "nil" if _is_nil(texts, around) else None


def _is_nil(texts: Sequence[tuple[int, str]], around: Surroundings) -> bool:
    """Return whether the row only reports that there is nothing: 无 in all columns that count, but for the day."""
    said = [text for column, text in texts if column in around.wanted]
    nil = [text for text in said if _NIL.fullmatch(compact(text))]
    others = [text for text in said if text not in nil]
    if not nil:  # under a column that was taken for nothing
        return len(texts) == 2 and texts[0][0] == around.serial and _NIL.fullmatch(compact(texts[1][1])) is not None
    beside = [text for column, text in texts if column not in around.wanted and not _NIL.fullmatch(compact(text))]
    return all(kind_of(text) == "date" for text in others) and all(kind_of(text) in _BESIDE_NIL for text in beside)


def why_above(cells: Sequence[Cell]) -> Why:
    """Return what a row above the header is: a title, a line such as 填报单位, or nothing."""
    texts = [text for cell in cells if (text := cell_text(cell))]
    if not texts:
        return "blank"
    return "meta" if _META.match(compact(texts[0])) else "title"


def speaks_of_sheet(cells: Sequence[Cell]) -> bool:
    """Say whether a line states who keeps the sheet, when, or who has signed it, rather than anything of a record."""
    first = next((compact(text) for cell in cells if (text := cell_text(cell))), "")
    return bool(_META.match(first) or _FOOTER.match(first))


def unit_of_sheet(name: str) -> str | None:
    """Return the unit that a sheet is named after, or None: a month, a year or a kind of list is no unit."""
    word = compact(name)
    return tidy(name) if _UNIT.fullmatch(word) and not _NO_UNIT.search(word) else None


def unit_of_block(cells: Sequence[Cell]) -> str | None:
    """Return the unit that a line between records names as the one whose records follow; None if it names none."""
    texts = [text for cell in cells if (text := cell_text(cell))]
    if not texts or len(set(texts)) > 1:
        return None
    return unit_of_sheet(_NUMBER_BEFORE.sub("", compact(texts[0])))


def stated_above(rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    """Return 填报单位 and 填报时间 as the *rows* above the header state them; the day as an ISO date."""
    stated: dict[str, str] = {}
    for row in rows:
        texts = [text for cell in row if (text := _line(cell))]
        for place, text in enumerate(texts):
            for found in _META_PART.finditer(text):
                value = found["value"].strip() or (texts[place + 1] if place + 1 < len(texts) else "")
                key = "填报单位" if found["what"] in {"单位", "部门", "机构"} else "填报时间"
                if value and value not in _MEASURES and not _META.match(compact(value)):
                    day = whole_day(value) if key == "填报时间" else None
                    stated.setdefault(key, day.isoformat() if day else tidy(value))
    return stated


def _line(cell: Cell) -> str:
    """Return a cell with its inner spaces kept: in such a line they part what it states."""
    text = cell.replace("：", ":").replace("（", "(").replace("）", ")") if isinstance(cell, str) else cell_text(cell)
    return text.replace("\n", "   ").replace("\u3000", " ").strip()


def _is_header(texts: Sequence[tuple[int, str]], row: int, around: Surroundings) -> bool:
    """Return whether the row repeats the header (a printed page) or numbers its columns (1, 2, 3, …)."""
    same = sum(heading_key(text) in around.keys.get(column, ()) for column, text in texts)
    if same >= 2 and same >= 0.6 * len(texts):
        return True
    if row != around.body or len(texts) < 4:
        return False
    numbers = [text.strip("()（）") for _, text in texts]
    plain = [int(number) for number in numbers if number.isdecimal() and len(number) < 4]
    lettered = len(numbers) - len(plain)
    return (
        len(plain) >= 3
        and plain == list(range(1, len(plain) + 1))
        and numbers[:lettered] == list("甲乙丙丁")[:lettered]
    )


def _why_line_left_out(  # noqa: PLR0911 (one answer per reason)
    texts: Sequence[tuple[int, str]], row: int, around: Surroundings, *, after_footer: bool
) -> Why | None:
    """Judge a row that holds one text, or that is merged over the width."""
    column, text = texts[0]
    word = compact(text)
    if _FOOTER.match(word) or _HINT.fullmatch(word):
        return "footer"
    if _META.match(word):
        return "meta"
    if len(texts) == 1 and _NIL.fullmatch(word):
        return "nil"
    if len(texts) > 1:
        return None
    if word in around.titles or _BLOCK.fullmatch(word):
        return "title"
    if after_footer:
        return "footer"
    alone = row in around.wide or column == around.serial or column not in around.wanted
    return "title" if alone else None
