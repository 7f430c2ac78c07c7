"""The cells of one column as values of its kind; one reader per column, built once per sheet.

A reader is given the cells of many rows at a time. What is written plainly passes without a
call; what repeats is read once and remembered; the rest comes back as `CellRemark`, with the note
or the problem.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from types import MappingProxyType

from documents.ledger_in.dates import NOTES, DateRules, day_reader, goes_by_row
from documents.ledger_in.sheet_model import Cell, CellError, NoteKind, WantedColumn
from documents.ledger_in.text import (
    DITTOS,
    NOBODY,
    PLACEHOLDERS,
    cell_text,
    compact,
    dashed,
    joined,
    lined,
    narrow,
    quoted,
    tidy,
    without_apostrophe,
)
from engine.language import Text
from engine.rules.said_values import said_flag, said_number
from engine.working_days.loose_dates import DayFound, LengthFound, NoDay, NoEnd, Written


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRemark:
    """A cell that needs a word: a note on how it was read, or a problem."""

    value: object = None
    kind: NoteKind | None = None
    sentence: Text | None = None
    wrong: Text | None = None
    right: Text | None = None
    by_row: "ByRow | None" = None
    """Reads the cell once the row's day of receipt is known; without one it stays as it is read alone."""
    implies: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """Values of other fields of the row for which the cell stands, where these have none of their own."""


ByRow = Callable[[date | None], CellRemark]
Reader = Callable[[Cell], object]
"""Reads one cell: a plain value, or `CellRemark`."""
ChunkReader = Callable[[Sequence[Cell]], tuple[list[object], Mapping[int, CellRemark]]]
"""Reads the cells of one column: a value for each, and the remarks by place."""

DITTO = CellRemark(kind="ditto", sentence=Text("the same as the cell above", "同上格"))


def chunk_reader(column: WantedColumn, rules: DateRules) -> ChunkReader:
    """Return the reader of many cells of *column*.

    Remembering pays only where cells repeat, so free text and numbers are read directly.
    """
    read = cell_reader(column, rules)
    if column.kind in {"text", "sealed"} and not column.implies:
        return _direct(read, _plain_text)
    if column.kind == "ledger_number":
        return _direct(read, _plain_numbers)
    return _remembering(read)


def counting(column: WantedColumn, keys: Iterable[str]) -> WantedColumn:
    """Return *column* as the headings of a sheet, in the form they are compared in, say what its numbers count."""
    if column.kind == "number" and any("万元" in key for key in keys):
        return replace(column, in_ten_thousands=True)
    return column


def cell_reader(column: WantedColumn, rules: DateRules) -> Reader:
    """Return the reader of one cell of *column*; what stands in place of a value comes before every rule."""
    read = _kind_reader(column, rules)
    return _implied_first(column, read) if column.implies else read


def _implied_first(column: WantedColumn, read: Reader) -> Reader:
    """Return a reader that first looks for what stands in place of a value; a ditto mark repeats that too."""
    known: dict[str, CellRemark] = {}
    for words, sets in column.implies.items():
        sentence = Text("“{raw}” stands for other values of the row", "“{raw}”读作其他栏的取值").format(raw=words)
        once = CellRemark(kind="implied", sentence=sentence, implies=sets)
        known[_choice_key(words)] = replace(once, by_row=partial(_the_same, once))

    def first(cell: Cell) -> object:
        return (known.get(_choice_key(cell)) if isinstance(cell, str) else None) or read(cell)

    return first


def _the_same(remark: CellRemark, _: date | None) -> CellRemark:
    """Return what a cell says whatever the day of receipt is."""
    return remark


def _kind_reader(column: WantedColumn, rules: DateRules) -> Reader:  # noqa: PLR0911 (one answer per kind)
    """Return the reader of one cell of *column*; kinds and their rules are named in `Column`."""
    match column.kind:
        case "date":
            return _date_reader(replace(rules, due=column.due))
        case "flag":
            return _read_flag
        case "number":
            return _read_number_of_ten_thousands if column.in_ten_thousands else _read_number
        case "serial":
            return _read_serial
        case "ledger_number":
            return _read_ledger_number
        case "choice" | "state" if column.choices:
            return _choice_reader(column.choices)
        case "sealed":
            return _text_reader(lambda text: without_apostrophe(tidy(text)), hushed=True)
        case "officer":  # a line of its own may be an officer of its own
            return _text_reader(lined)
        case "unit" | "choice" | "state":
            return _text_reader(joined)
        case _:
            return _text_reader(tidy)


_NO_REMARKS: Mapping[int, CellRemark] = MappingProxyType({})
"""What stands in the place of a name and is none, in the form words are compared in."""
_SPECIAL = DITTOS | PLACEHOLDERS | NOBODY | {""}
_REMEMBERED = 50_000
_EXACT_DIGITS = 10**15
_AROUND_DASH = re.compile(r"\s*-\s*")
_BY_TEN_THOUSAND = 10**4
_OWN_UNIT = re.compile(r"[百佰千仟万萬亿元圆块]")


def _plain_text(cells: Sequence[Cell], slow: Reader) -> list[object]:
    special = _SPECIAL
    return [
        c
        if type(c) is str and c not in special and c.isprintable() and c[0] != " " and c[-1] != " " and "  " not in c
        else (None if c == "" else slow(c))
        for c in cells
    ]


def _plain_numbers(cells: Sequence[Cell], slow: Reader) -> list[object]:
    special = _SPECIAL
    return [
        c
        if type(c) is str and c.isascii() and c.isprintable() and " " not in c and "'" not in c and c not in special
        else (None if c == "" else slow(c))
        for c in cells
    ]


def _direct(read: Reader, plain: Callable[[Sequence[Cell], Reader], list[object]]) -> ChunkReader:
    def chunk(cells: Sequence[Cell]) -> tuple[list[object], Mapping[int, CellRemark]]:
        remarked = False

        def slow(cell: Cell) -> object:
            nonlocal remarked
            value = read(cell)
            remarked = remarked or type(value) is CellRemark
            return value

        values = plain(cells, slow)
        return _parted(values) if remarked else (values, _NO_REMARKS)

    return chunk


def _remembering(read: Reader) -> ChunkReader:
    known: dict[Cell, object] = {}
    odd: dict[Cell, CellRemark] = {}

    def chunk(cells: Sequence[Cell]) -> tuple[list[object], Mapping[int, CellRemark]]:
        try:
            return [known[c] for c in cells], _NO_REMARKS
        except KeyError:
            pass
        if len(known) + len(odd) > _REMEMBERED:
            known.clear()
            odd.clear()
        for cell in set(cells):
            if cell not in known and cell not in odd:
                value = read(cell)
                if isinstance(value, CellRemark):
                    odd[cell] = value
                else:
                    known[cell] = value
        if odd.keys().isdisjoint(cells):
            return [known[c] for c in cells], _NO_REMARKS
        return _parted([odd[c] if c in odd else known[c] for c in cells])

    return chunk


def _parted(values: Iterable[object]) -> tuple[list[object], Mapping[int, CellRemark]]:
    """Return the values, and the remarks by place."""
    found: list[object] = []
    remarks: dict[int, CellRemark] = {}
    for place, value in enumerate(values):
        if isinstance(value, CellRemark):
            remarks[place] = value
            found.append(value.value)
        else:
            found.append(value)
    return found, remarks


def _unreadable(cell: Cell) -> CellRemark | None:
    """Return the problem with a cell that holds an error value or digits that the spreadsheet cut off."""
    if isinstance(cell, CellError):
        wrong = Text("the cell shows the error {code}", "单元格显示错误值 {code}").format(code=cell.code)
        return CellRemark(wrong=wrong, right=Text("the value itself instead of the formula", "改填数值本身，不用公式"))
    if isinstance(cell, (int, float)) and abs(cell) >= _EXACT_DIGITS:
        wrong = Text("the spreadsheet keeps 15 digits; the rest is lost", "表格软件只保留 15 位数字，其余已丢失")
        return CellRemark(
            wrong=wrong, right=Text("the number typed again in a text cell", "先将单元格设为文本，再重新填写")
        )
    return None


def _placeholder(cell: Cell) -> CellRemark:
    sentence = Text("“{raw}” stands for nothing", "“{raw}”作空白").format(raw=quoted(cell))
    return CellRemark(kind="placeholder_null", sentence=sentence)


def _text_reader(clean: Callable[[str], str], *, hushed: bool = False) -> Reader:
    def read(cell: Cell) -> object:
        if not isinstance(cell, str):
            return _unreadable(cell) or cell_text(cell) or None
        text = clean(cell)
        if text in DITTOS:
            return DITTO
        if hushed and compact(text) in NOBODY:
            return CellRemark(kind="placeholder_null", sentence=_NO_NAME)
        if text in PLACEHOLDERS:
            return CellRemark(kind="placeholder_null", sentence=_NOTHING) if hushed else _placeholder(text)
        return text or None

    return read


_NOTHING = Text("it stands for nothing", "作空白")
_NO_NAME = Text("it names nobody", "未写明何人，作空白")


def _special(cell: Cell) -> tuple[str, CellRemark | None, bool]:
    """Return the cell's text, the remark that is due at once, and whether it is settled with that."""
    remark = _unreadable(cell)
    if remark:
        return "", remark, True
    text = without_apostrophe(joined(cell)) if isinstance(cell, str) else cell_text(cell)
    if not text:
        return "", None, True
    if text in DITTOS:
        return text, DITTO, True
    return text, None, False


def _date_reader(rules: DateRules) -> Reader:
    read_day = day_reader(rules)

    def read(cell: Cell) -> object:
        text, remark, settled = _special(cell)
        if settled:
            return remark
        if text in PLACEHOLDERS or text in {"不详", "未知", "待定", "待补"}:
            return _placeholder(text)
        if rules.due and goes_by_row(cell):
            return _by_row(cell, rules)
        found = read_day(cell)
        return found.day if isinstance(found, DayFound) and found.how == "plain" else _day_remark(cell, found, None)

    return read


def _by_row(cell: Cell, rules: DateRules) -> CellRemark:
    """Return the remark on a deadline that is read row by row."""
    known: dict[date | None, CellRemark] = {}

    def at(since: date | None) -> CellRemark:
        if since not in known:
            known[since] = _day_remark(cell, day_reader(replace(rules, since=since))(cell), since)
        return known[since]

    return replace(at(None), by_row=at)


def _day_remark(cell: Cell, found: Written, since: date | None) -> CellRemark:
    """Return the remark on a cell that holds no plain day."""
    match found:
        case DayFound():
            kind = None if found.how == "plain" else NOTES[found.how]
            return CellRemark(value=found.day, kind=kind, sentence=found.sentence)
        case NoEnd():
            sentence = Text("“{raw}” has no last day", "“{raw}”没有截止日").format(raw=quoted(cell))
            return CellRemark(kind="no_end", sentence=sentence)
        case LengthFound() if since is not None:
            sentence = Text("“{raw}” is counted from {day}", "“{raw}”自 {day} 起推算").format(
                raw=quoted(cell), day=since
            )
            return CellRemark(value=found, kind="length_counted", sentence=sentence)
        case LengthFound():  # who knows the day of receipt by other ways counts it, or asks
            return CellRemark(value=found)
        case NoDay():
            return CellRemark(wrong=found.wrong, right=_with_proposals(found))


def _with_proposals(found: NoDay) -> Text:
    """Return what would be right, with the days that may be meant before it."""
    days = [each.isoformat() for each in found.proposals]
    if not days or all(each in found.right.en for each in days):
        return found.right
    perhaps = Text(" or ".join(days), "或 ".join(days))
    return Text("perhaps {perhaps}; {right}", "可能是 {perhaps}；{right}").format(perhaps=perhaps, right=found.right)


def _read_flag(cell: Cell) -> object:
    if isinstance(cell, bool):
        return cell
    text, remark, settled = _special(cell)
    if settled:
        return remark
    found = said_flag(text)
    if found is not None:
        return found
    if text in PLACEHOLDERS:
        return _placeholder(text)
    wrong = Text("“{raw}” is neither yes nor no", "“{raw}”既不是“是”也不是“否”").format(raw=quoted(cell))
    return CellRemark(wrong=wrong, right=Text("是 or 否 (√ and × will do)", "填“是”或“否”（√、× 亦可）"))


def _read_number(cell: Cell) -> object:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _unreadable(cell) or (int(cell) if float(cell).is_integer() else cell)
    text, remark, settled = _special(cell)
    if settled:
        return remark
    if text in PLACEHOLDERS:
        return _placeholder(text)
    found = said_number(dashed(text)) if isinstance(cell, str) else None
    if found is not None:
        return found
    wrong = Text("“{raw}” is not a number", "“{raw}”不是数值").format(raw=quoted(cell))
    return CellRemark(wrong=wrong, right=Text("digits only, such as 12500.50", "只写数字，如 12500.50"))


def _read_number_of_ten_thousands(cell: Cell) -> object:
    """Read a number below a heading that says 万元; a cell that names its own unit goes by that."""
    value = _read_number(cell)
    if isinstance(value, CellRemark) or not isinstance(value, (int, float)) or _OWN_UNIT.search(cell_text(cell)):
        return value
    whole = Decimal(str(value)) * _BY_TEN_THOUSAND
    scaled = int(whole) if whole == whole.to_integral_value() else float(whole)
    sentence = Text("“{raw}” below 万元 is {n}", "表头单位为“万元”，“{raw}”按 {n} 计").format(
        raw=quoted(cell), n=scaled
    )
    return CellRemark(value=scaled, kind="by_heading_unit", sentence=sentence)


def _read_serial(cell: Cell) -> object:
    """Read a running number; it is the ledger's own and never a problem."""
    text = cell_text(None if isinstance(cell, CellError) else cell)
    text = compact(text).rstrip(".、")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _read_ledger_number(cell: Cell) -> object:
    if not isinstance(cell, (str, int, float, CellError)) and cell is not None:
        wrong = Text("the spreadsheet has made a date of the number: {raw}", "编号已被表格软件变成日期：{raw}")
        right = Text("the number typed again in a text cell", "先将单元格设为文本，再重新填写编号")
        return CellRemark(wrong=wrong.format(raw=cell_text(cell)), right=right)
    text, remark, settled = _special(cell)
    if remark is DITTO:
        wrong = Text("a number cannot be “{raw}”", "编号不能写“{raw}”").format(raw=text)
        return CellRemark(wrong=wrong, right=Text("a number of its own, or an empty cell", "单独编号，或留空"))
    if settled:
        return remark
    if text in PLACEHOLDERS:
        return _placeholder(text)
    number = _AROUND_DASH.sub("-", dashed(narrow(text)))
    if number == _AROUND_DASH.sub("-", text):
        return number
    sentence = Text("“{raw}” is read as {n}", "“{raw}”读作 {n}").format(raw=quoted(cell), n=number)
    dashes = dashed(text) != text
    return CellRemark(
        value=number, kind="dash_variant_normalised" if dashes else "fullwidth_normalised", sentence=sentence
    )


def _choice_reader(choices: Mapping[str, str]) -> Reader:
    by_word = {_choice_key(word): value for word, value in choices.items()}
    for value in choices.values():
        by_word.setdefault(_choice_key(value), value)

    def read(cell: Cell) -> object:
        text, remark, settled = _special(cell)
        if settled:
            return remark
        value = by_word.get(_choice_key(text))
        if value is not None:
            return value
        if text in PLACEHOLDERS:
            return _placeholder(text)
        wrong = Text("“{raw}” is not one of the choices", "“{raw}”不在可选范围内").format(raw=quoted(cell))
        return CellRemark(wrong=wrong, right=_nearest(text, choices))

    return read


def _choice_key(text: str) -> str:
    """Return the form in which choices are compared: width, spaces, dashes and closing stops do not matter."""
    return dashed(compact(text)).strip(".。;；,，、")


def _nearest(text: str, choices: Mapping[str, str]) -> Text:
    """Say which choice was probably meant, or name the first of them."""
    import difflib

    by_key = {_choice_key(word): word for word in choices}
    close = difflib.get_close_matches(_choice_key(text), by_key, n=2, cutoff=0.5)
    if close:
        names = [by_key[key] for key in close]
        en, zh = " or ".join(names), "、".join(names)
        return Text("did you mean {en}?", "是否应为：{zh}？").format(en=en, zh=zh)
    shown: dict[str, str] = {}
    for word, value in choices.items():
        shown.setdefault(value, word)
    names = list(shown.values())
    rest_en, rest_zh = (" and others", " 等") if len(names) > 8 else ("", "")
    return Text("one of: {en}", "可填：{zh}").format(
        en=", ".join(names[:8]) + rest_en, zh="、".join(names[:8]) + rest_zh
    )
