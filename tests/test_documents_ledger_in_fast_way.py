"""The fast way into a plain xlsx gives, cell by cell, what the reader of workbooks gives; what it cannot, it leaves."""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
import xlsxwriter
from file_maker import bare_xlsx
from ledger_maker import county_ledger

from documents.ledger_in.files import workbooks
from documents.ledger_in.files.found import Block, FoundSheet
from documents.ledger_in.files.reader import book_of

FORMATS = (
    *("General", "0", "0.00", "#,##0.00", "0%", "0.00E+00", "@", "yyyy-mm-dd", "yyyy/m/d h:mm", 'yyyy"年"m"月"d"日"'),
    *("m/d/yy", "h:mm", "[h]:mm", "mm:ss.0", 'General"元"', '"共"0"件"', "[红色]0", "[$-804]yyyy年m月d日", "d-mmm-yy"),
    *("[Red]yyyy-mm-dd", '"d"0', "[$-F800]dddd, mmmm dd, yyyy", "aaaa", "上午/下午h时", '[=1]"是";[=0]"否"', r"\d0"),
)


def sheets(content: bytes, *, streamed: bool) -> Iterator[tuple[FoundSheet, list[Block]]]:
    """Yield each sheet of a file with its blocks, read one way or the other."""
    for sheet in book_of(content, "x", None, streamed=streamed).sheets:
        yield sheet, list(sheet.blocks())


def table(found: FoundSheet, blocks: list[Block]) -> dict[tuple[int, int], object]:
    """Return every cell that is not empty by its row and its column counted from A, with its type; errors too."""
    cells: dict[tuple[int, int], object] = {}
    number = 0
    for block in blocks:
        for row in block.rows:
            for at, cell in enumerate(row):
                if cell not in {"", None}:
                    cells[number, at + found.left] = type(cell), cell
            number += 1
        for row_number, at, code in block.errors:
            cells[row_number, at + found.left] = code
    cells[-1, -1] = number
    return cells


def both_ways(path: Path) -> list[dict[tuple[int, int], object]]:
    """Read a file both ways and return its tables, which must be the same."""
    content = path.read_bytes()
    fast = [table(*each) for each in sheets(content, streamed=True)]
    assert fast == [table(*each) for each in sheets(content, streamed=False)]
    return fast


WORDS = ("", "号贩子", " 前后 ", "a&b<c>\"d'", "两行\n文字", "制表\t符", "_x0041_", "_x", "00123", "〇", "😀", "=1+1")
NUMBERS = (43619, 43619.5, 0, 1, 60, 61, -1, 3e6, 1e300, 1e-9, True, False, 0.1 + 0.2, 123456789012345678)


def some_value(chance: random.Random) -> Any:
    """Return a value as it may stand in a cell."""
    drawn = [chance.randint(-5, 60000), chance.random() * 1e6, chance.choice(WORDS), chance.choice(WORDS) * 3]
    return chance.choice([None, None, *NUMBERS, *drawn, *drawn])


def some_cells(chance: random.Random, *, plain: bool) -> Iterator[tuple[int, int, Any, str | None]]:
    """Yield row, column, value and format of the cells of a sheet, with gaps.

    Args:
        plain: Only values and formats that the fast way knows, so that it is taken to the end.
    """
    formats = FORMATS[:9] if plain else FORMATS
    row = chance.randint(0, 3)
    for _ in range(chance.randint(1, 600)):
        row += chance.choice([1, 1, 1, 1, 2, 5])
        for at in range(chance.randint(1, 9)):
            value = some_value(chance)
            if plain:
                value = chance.choice([f"文{row}", row, row / 7, 43619 + row, True])
            look = chance.choice([None, None, *formats])
            huge = isinstance(value, (int, float)) and value > 1e8  # as a span of time no reader has room for it
            yield row, at, value, None if huge else look


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_both_readers_agree_on_generated_books(tmp_path: Path, seed: int, *, plain: bool) -> None:
    """Values, formulas, errors, formats and gaps of every kind, written by two programs, come out the same."""
    chance = random.Random(seed)
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    other = openpyxl.Workbook()
    options = {"constant_memory": seed % 2 == 0, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(first), options) as book:
        looks = {each: book.add_format({"num_format": each}) for each in FORMATS} | {None: None}
        for name in ("甲", "乙"):
            page, beside = book.add_worksheet(name), other.create_sheet(name)
            for row, at, value, look in some_cells(chance, plain=plain):
                copy = beside.cell(row + 1, at + 1)
                copy.number_format = look or "General"
                if value is None:
                    page.write_blank(row, at, None, looks[look])
                    continue
                copy.value = value
                if isinstance(value, str):
                    copy.data_type = "s"
                if seed % 4 == 3 and chance.random() < 0.1:
                    page.write_formula(row, at, "=A1", looks[look], chance.choice(["#N/A", "#REF!", "x", 5, True]))
                else:
                    page.write(row, at, value, looks[look])
    other.save(second)

    for path in (first, second):
        both_ways(path)


def test_both_readers_agree_on_a_county_ledger(tmp_path: Path) -> None:
    """A ledger with most of what ledgers hold comes out the same."""
    assert both_ways(county_ledger(tmp_path / "a.xlsx"))[0][-1, -1] == 15


def test_both_readers_agree_on_every_moment(tmp_path: Path) -> None:
    """Each day and time comes out the same to the millisecond, whatever way the number is written."""
    chance = random.Random(7)
    numbers = [chance.uniform(61, 60000) for _ in range(2000)] + [43619 + n / 86400 for n in range(0, 86400, 61)]
    cells = "".join(f'<row r="{n}"><c r="A{n}" s="1"><v>{v!r}</v></c></row>' for n, v in enumerate(numbers, 1))
    sheet = f'<dimension ref="A1:A{len(numbers)}"/><sheetData>{cells}</sheetData>'
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
    with patch.object(workbooks, "_remaining", side_effect=AssertionError("not the fast way")):
        content = bare_xlsx(tmp_path / "a.xlsx", sheet, styles=styles).read_bytes()
        (fast,) = [table(*each) for each in sheets(content, streamed=True)]
    (slow,) = [table(*each) for each in sheets(content, streamed=False)]

    assert fast == slow


PLAIN = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>x</t></is></c></row>'
NOT_PLAIN = [
    '<row r="2"><c r="A2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>',
    '<row r="2"><c r="A2" t="d"><v>2019-06-03</v></c></row>',
    '<row r="2"><c r="A2" t="str"><v>a&#13;b</v></c></row>',
    '<row r="2"><c r="A2" t="str"><v>_x0041_</v></c></row>',
    '<row r="2"><c r="A2" t="str"><v><![CDATA[a<b]]></v></c></row>',
    '<row r="2"><c r="A2" t="str"><!-- a --><v>x</v></c></row>',
    '<row r="2"><c t="str"><v>x</v></c></row>',
    '<row><c r="A2" t="str"><v>x</v></c></row>',
    '<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>',
    '<row r="2"><c r="A2" s="9"><v>1</v></c><c r="C2"><v>1</v></c></row>',
    '<row r="2" spans="1:2"><c r="A2" cm="1" t="str"><v>x</v></c></row>',
    "<row r='2'><c r='A2'><v>1</v></c></row>",
    '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
    '<row r="2"><c r="A2"><v>1_0</v></c></row>',
    '<row r="2"><c r="A2"><v> 5 </v></c></row>',
    '<row r="2"><c r="A2"><f>1+1</f></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>',
    '<row r="2"><c r="A2" t="inlineStr"><is><t></t></is></c></row>',
    '<row r="2"><c r="A2" t="str"><v></v></c></row>',
    '<row r="2"/><row r="3"><c r="A3"><v>1</v></c></row>',
]


@pytest.mark.parametrize("odd", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_other_reader(tmp_path: Path, odd: str) -> None:
    """A row that the pattern does not know whole sends the sheet to the other reader; rows before it stay."""
    for place in ("first", "last"):
        rows = PLAIN + odd if place == "last" else odd.replace("2", "1", 2)
        path = bare_xlsx(tmp_path / "a.xlsx", f'<dimension ref="A1:B3"/><sheetData>{rows}</sheetData>')
        try:
            slow = [table(*each) for each in sheets(path.read_bytes(), streamed=False)]
        except Exception as error:  # noqa: BLE001 (whatever it is, the other way must say the same)
            with pytest.raises(type(error)):
                list(sheets(path.read_bytes(), streamed=True))
            continue
        assert [table(*each) for each in sheets(path.read_bytes(), streamed=True)] == slow


def test_a_plain_ledger_takes_the_fast_way(tmp_path: Path) -> None:
    """A ledger of texts, days, numbers and outcomes of formulas is never parsed whole."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page, dated = book.add_worksheet("台账"), book.add_format({"num_format": "yyyy-mm-dd"})
        for row in range(700):
            page.write_row(row, 0, [row, f"2019-{row:03}", "来信 & 来访", row / 7, row % 2 == 0])
            page.write_datetime(row, 5, datetime(2019, 6, 3) + timedelta(days=row), dated)
            page.write_formula(row, 6, "=A1+1", None, row + 1)
    with patch.object(workbooks, "_opened", side_effect=AssertionError("parsed whole")):
        ((_, blocks),) = sheets(path.read_bytes(), streamed=True)
    assert sum(len(block.rows) for block in blocks) == 700
    assert time not in {type(cell) for block in blocks for row in block.rows for cell in row}
