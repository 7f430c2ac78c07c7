"""Every kind of file that an office sends comes to the same cells, and what cannot be read is said in one line."""

import struct
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt
from file_maker import MAIN, archive_of, bare_xlsx, ods, ods_rows, protected_xls, protected_xlsx, repacked, xls, xlsb
from ledger_maker import read, saved

from documents.ledger_in.workbook import Sheet, Workbook, open_book
from engine.errors import BadFileError

HEAD = ["线索编号", "收到时间", "来源", "线索内容", "备注"]
ROWS = [HEAD, ["2019-001", "2019-06-03", "来信", "号贩子", "#REF!"], ["2019-002", "2019-06-04", "来访", "#REF!", "乙"]]


def cells(book: Workbook) -> list[list[Any]]:
    """Return all rows of the first sheet."""
    return list(book.sheets[0].open_rows())


def xlsx(path: Path) -> Path:
    """Save ROWS with their errors as formulas whose value is one."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("台账")
        for number, row in enumerate(ROWS):
            for at, text in enumerate(row):
                page.write_formula(number, at, "=Z9", None, text) if text[0] == "#" else page.write(number, at, text)
    return path


def macro_book(path: Path) -> Path:
    """Save ROWS as a workbook with macros is typed."""
    sheet, macro = "spreadsheetml.sheet.main+xml", "vnd.ms-excel.sheet.macroEnabled.main+xml"
    return repacked(xlsx(path), str, (f"vnd.openxmlformats-officedocument.{sheet}", macro))


def text(path: Path, encoding: str, separator: str) -> Path:
    """Save ROWS as text."""
    path.write_bytes("\r\n".join(separator.join(row) for row in ROWS).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.xlsx", xlsx),
        ("a.xlsm", macro_book),
        ("a.xlsb", lambda path: xlsb(path, ROWS)),
        ("a.ods", lambda path: ods(path, ods_rows(ROWS))),
        ("a.xls", lambda path: xls(path, ROWS)),
        ("a.et", lambda path: xls(path, ROWS)),
        ("a.csv", lambda path: text(path, "utf-8", ",")),
        ("b.csv", lambda path: text(path, "gb18030", ",")),
        ("c.csv", lambda path: text(path, "utf-16", ";")),
        ("a.tsv", lambda path: text(path, "utf-8-sig", "\t")),
        ("a.txt", lambda path: text(path, "utf-16", "\t")),
    ],
)
def test_every_format_gives_the_same_cells(tmp_path: Path, name: str, made: Callable[[Path], Path]) -> None:
    """Whatever the format, each text is itself, and an error value is known as one at its place."""
    book = open_book(made(tmp_path / name))

    found = cells(book)
    for row, codes in book.sheets[0].errors.items():
        for at, code in codes.items():
            assert found[row][at] == ""
            found[row][at] = code
    assert found == ROWS


@pytest.mark.parametrize(
    "renamed",
    [
        lambda name: name.replace("/", "\\"),
        str.upper,
        lambda name: name.replace("xl/workbook.xml", "xl/Workbook.xml"),
        lambda name: name.replace("workbook.xml", "workbook2.xml"),
        lambda name: f"/{name}",
        lambda name: name.removeprefix("xl/").replace("_rels/workbook", "_rels/workbook"),
        lambda name: name.replace("worksheets/sheet1.xml", "WorkSheets/Sheet1.XML"),
        lambda name: name.replace("sharedStrings.xml", "SharedStrings.xml"),
    ],
    ids=["backslashes", "capitals", "Workbook", "workbook2", "slash", "root", "Sheet1", "SharedStrings"],
)
def test_parts_are_found_whatever_they_are_called(tmp_path: Path, renamed: Callable[[str], str]) -> None:
    """Part names in capitals, with backslashes, in the root, or counted up are those of one workbook all the same."""
    edits = [("xl/workbook.xml", "xl/workbook2.xml")] if "2" in renamed("workbook.xml") else []
    if renamed("xl/styles.xml") == "styles.xml":
        edits = [("xl/workbook.xml", "workbook.xml")]
    path = repacked(xlsx(tmp_path / "a.xlsx"), renamed, *edits)

    book = open_book(path)
    assert [row[:3] for row in cells(book)] == [row[:3] for row in ROWS]
    assert book.sheets[0].errors == {1: {4: "#REF!"}, 2: {3: "#REF!"}}


def test_days_from_1904_are_known_in_every_format(tmp_path: Path) -> None:
    """A number that is a day means another day where days are counted from 1904, whatever the part is called."""
    new = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(new), {"date_1904": True}) as made:
        page = made.add_worksheet("台账")
        page.write_row(0, 0, HEAD)
        page.write(1, 0, "2019-001")
        page.write_datetime(1, 1, datetime(2019, 6, 3), made.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_row(2, 0, ["2019-002", 42158])
    repacked(new, lambda name: name.replace("workbook.xml", "Workbook.xml"))
    old = xls(tmp_path / "a.xls", ROWS, from_1904=True)

    assert cells(open_book(new))[1][1] == date(2019, 6, 3)
    assert [row.values["received"] for row in read(new).rows] == [date(2019, 6, 3), date(2019, 6, 4)]
    assert open_book(old).from_1904


def test_a_missing_sheet_leaves_the_others(tmp_path: Path) -> None:
    """A sheet whose part is missing or damaged is named; the other sheets are read."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("七月", "八月", "九月"):
            book.add_worksheet(name).write_row(0, 0, HEAD)
            book.get_worksheet_by_name(name).write_row(1, 0, [name, "2019-07-01", "来信", "号贩子"])
    repacked(path, str, without="xl/worksheets/sheet2.xml")

    book = open_book(path)
    assert [sheet.name for sheet in book.sheets] == ["七月", "九月"]
    assert book.unread == ("八月",)
    reading = read(path)
    assert [row.values["lead_no"] for row in reading.rows] == ["七月", "九月"]
    assert ("八月", "unread") in [(each.at, each.why) for each in reading.skipped]


@pytest.mark.parametrize(
    "made",
    [
        protected_xls,
        protected_xlsx,
        lambda path: ods(path, "", manifest="<manifest:encryption-data/>"),
    ],
    ids=["xls", "xlsx", "ods"],
)
def test_a_password_is_named_in_every_format(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    """A file that asks for a password is refused with these words, not as damaged."""
    with pytest.raises(BadFileError, match="打开密码"):
        open_book(made(tmp_path / "a"))


LINES = (
    "收到时间,线索来源,反映的主要问题,被反映人,备注",
    "2026-06-01,来信,急诊号贩子,王某,甲",
    "2026-06-02,来信,另一件黑车,李某,乙",
    "2026-06-03,来信,第三件医托,赵某,丙",
    "2026-06-04,来信,第四件,赵某,丁",
)


@pytest.mark.parametrize(("ending", "later"), [("\n", None), ("\r\n", 1), ("\r", 2), ("\n", 3)])
@pytest.mark.parametrize("row", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", [1, 2, 4])
def test_a_stray_quotation_mark_swallows_nothing(
    tmp_path: Path, ending: str, row: int, cell: int, later: int | None
) -> None:
    """Wherever a quotation mark stands that was never closed, every row is there, and the line is named."""
    rows = [line.split(",") for line in LINES]
    rows[row][cell] = f'"{rows[row][cell]}'
    if later and row + later < len(rows):  # a sound quotation further down, which a swallowed row would end in
        rows[row + later][2] = f'"{rows[row + later][2]}"'
    path = tmp_path / "a.csv"
    path.write_text(ending.join(",".join(each) for each in rows), "utf-8", newline="")

    book = open_book(path)
    found = cells(book)
    assert [each[0] for each in found] == [line.split(",")[0] for line in LINES]
    assert {len(each) for each in found} == {5}
    assert book.sheets[0].stray_quotes == {row}
    assert found[row][cell].startswith('"')


@pytest.mark.parametrize(
    "cell", ['"两行\n文字"', '"有,分隔符"', '"有""引号"""', '"三\n行\n字"', '"a,b\nc,d"', '6"管', "'2019", '="007"']
)
def test_a_sound_quotation_stays_one_cell(tmp_path: Path, cell: str) -> None:
    """A line break, a separator and a quotation mark inside a quoted cell are text, and nothing is named."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*LINES[:3], LINES[3].replace("第三件医托", cell), LINES[4]]), "utf-8")

    book = open_book(path)
    assert [len(row) for row in cells(book)] == [5] * 5
    assert book.sheets[0].stray_quotes == set()


def test_the_line_with_the_stray_mark_is_named_on_import(tmp_path: Path) -> None:
    """The row carries a note; it is a record like any other."""
    path = tmp_path / "a.csv"
    rows = ["线索编号,收到时间,来源,线索内容,备注", '1,2019-06-03,来信,"号贩子,甲', "2,2019-06-04,来信,黑车,乙"]
    path.write_text("\n".join(rows), "utf-8")

    reading = read(path)
    assert [row.values["lead_no"] for row in reading.rows] == ["1", "2"]
    assert [(note.at, note.kind) for row in reading.rows for note in row.notes] == [("a!2", "stray_quote")]
    assert reading.notes == {"stray_quote": 1}


def test_direction_marks_fall_away(tmp_path: Path) -> None:
    """Marks that cannot be seen, as messengers and web pages leave them, are no part of a heading or a value."""
    for mark in "\u200e\u200f\u202a\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200b\ufeff":
        path = tmp_path / "a.csv"
        path.write_text(f"{mark}线索编号,{mark}收到时间,来源\n1,{mark}2019-06-03{mark},来{mark}信{mark}", "utf-8")

        (row,) = read(path).rows
        assert row.values["received"] == date(2019, 6, 3)
        assert row.values["source"] == "来信"


@pytest.mark.parametrize("cut", [1, 3, 77])
def test_broken_utf16_is_one_line(tmp_path: Path, cut: int) -> None:
    """A text of two bytes a character that lost one, at the end or inside, is refused in one line that says where."""
    content = ("\n".join(LINES) + "\n").encode("utf-16")
    path = tmp_path / "a.csv"
    path.write_bytes(content[:-cut] if cut < 3 else content[:cut] + content[cut + 1 :])

    with pytest.raises(BadFileError, match="字符残缺") as refused:
        cells(open_book(path))
    assert "\n" not in str(refused.value)


def looks(sheet: Sheet) -> tuple[object, ...]:
    """Return everything that is known of a sheet beside its cells, once its rows are read."""
    list(sheet.open_rows())
    struck = {row: sorted(columns) for row, columns in sheet.struck.items()}
    return (
        sheet.errors, sorted(sheet.hidden_rows), sorted(sheet.hidden_columns),
        {row: {at: " ".join(said.split()) for at, said in each.items()} for row, each in sheet.comments.items()},
        struck, sheet.merges,
    )  # fmt: skip


def dressed(path: Path) -> Path:
    """Save a workbook with an error, a comment, a strike, hidden rows and columns, and merged cells."""
    with xlsxwriter.Workbook(str(path)) as book:
        page, struck = book.add_worksheet("台账"), book.add_format({"font_strikeout": True})
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ["2019-001", "2019-06-03"])
        page.write(1, 2, "来信", struck)
        page.write_formula(1, 4, "=1/0", None, "#DIV/0!")
        page.write(2, 0, "2019-002")
        page.write_comment(2, 0, "请核对\n来源")
        page.write_number(3, 3, 7, struck)
        page.set_row(3, None, None, {"hidden": True})
        page.set_column(1, 1, None, None, {"hidden": True})
        page.merge_range(5, 0, 6, 1, "合")
    return path


LOOKS = ({1: {4: "#DIV/0!"}}, [3], [1], {2: {0: "请核对 来源"}}, {1: [2], 3: [3]}, ((5, 0, 6, 1),))


def test_what_is_beside_the_cells_is_known(tmp_path: Path) -> None:
    """Comments, strikes, hidden rows and columns, and merged cells of an xlsx are known."""
    (sheet,) = open_book(dressed(tmp_path / "a.xlsx")).sheets

    assert looks(sheet) == LOOKS


@pytest.mark.office("soffice")
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_programs_write_the_same_beside_the_cells(tmp_path: Path, kind: str) -> None:
    """LibreOffice's xls and ods say the same of their cells as the xlsx that they were made of."""
    path = dressed(tmp_path / "a.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / "out"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (sheet,) = open_book(tmp_path / "out" / f"a.{kind}").sheets

    assert looks(sheet) == LOOKS


def test_an_old_workbook_says_what_is_beside_its_cells(tmp_path: Path) -> None:
    """Errors, strikes, hidden rows and columns, and merged cells of an xls are known."""
    made = xlwt.Workbook()
    page, struck = made.add_sheet("台账"), xlwt.easyxf("font: struck_out true")
    for at, text in enumerate(HEAD):
        page.write(0, at, text)
    page.write(1, 2, "来信", struck)
    page.row(1).set_cell_error(4, "#DIV/0!")
    page.write(3, 3, 7, struck)
    page.row(3).hidden = True
    page.col(1).hidden = True
    page.write_merge(5, 6, 0, 1, "合")
    made.save(str(tmp_path / "a.xls"))
    (sheet,) = open_book(tmp_path / "a.xls").sheets

    errors, hidden_rows, hidden_columns, _, strikes, merges = LOOKS
    assert looks(sheet) == (errors, hidden_rows, hidden_columns, {}, strikes, merges)


def test_a_binary_workbook_says_what_is_beside_its_cells(tmp_path: Path) -> None:
    """Comments and errors of an xlsb are known, and what is struck through, the whole cell or some words of it."""
    rows = [HEAD, ["2019-001", "~2019-06-03", "±来信", "#REF!"]]
    (sheet,) = open_book(xlsb(tmp_path / "a.xlsb", rows, comment="请核对\n来源")).sheets

    assert looks(sheet)[0] == {1: {3: "#REF!"}}
    assert (sheet.comments, {row: sorted(each) for row, each in sheet.struck.items()}) == (
        {1: {0: "请核对\n来源"}},
        {1: [1, 2]},
    )
    assert cells(open_book(tmp_path / "a.xlsb"))[1][:3] == ["2019-001", "2019-06-03", "来信"]


@pytest.mark.parametrize(("row", "column", "said"), [(65_535, 255, "1 GiB"), (1, 65_535, "已损坏")])
def test_an_old_workbook_with_a_huge_extent_is_one_line(tmp_path: Path, row: int, column: int, said: str) -> None:
    """A cell far out costs five kilobytes in the file and gigabytes in memory: refused within the limits."""
    path = xls(tmp_path / "a.xls", [HEAD, ["2019-001", "2019-06-03"]])
    content = path.read_bytes()
    head = struct.pack("<HHHH", 0xFD, 10, 1, 1)  # a shared text in the second row
    assert content.count(head) == 1
    path.write_bytes(content.replace(head, struct.pack("<HHHH", 0xFD, 10, row, column)))
    begun = time.monotonic()
    # In a process of its own: the memory of its children is not that of what other tests have started.
    opening = (
        "import resource, sys\nfrom pathlib import Path\nfrom documents.ledger_in.workbook import open_book\n"
        "from engine.errors import BadFileError\ntry:\n    open_book(Path(sys.argv[1]))\n"
        "except BadFileError as error:\n    print(str(error))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    made = subprocess.run(
        [sys.executable, "-c", opening, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    refused, peak = made.stdout.splitlines()

    assert said in refused
    assert time.monotonic() - begun < 10
    assert int(peak) < 1 << 20  # in KiB


@pytest.mark.parametrize("broken", [bytes(16), struct.pack("<HH", 0x0A, 28)], ids=["no record", "a false end"])
def test_an_old_workbook_ends_where_it_says_it_does(tmp_path: Path, broken: bytes) -> None:
    """Where its records are overwritten, an xls is refused: its reader would stop there and lose the rest."""
    path = xls(tmp_path / "a.xls", [HEAD, *([f"2019-{n:03}", "2019-06-03", "来信", "号贩子"] for n in range(1, 9))])
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<HHHH", 0xFD, 10, 4, 0))  # the first cell of the fifth row
    content[at : at + len(broken)] = broken
    path.write_bytes(content)

    with pytest.raises(BadFileError, match="已损坏"):
        open_book(path)


def test_text_struck_through_in_part_is_known(tmp_path: Path) -> None:
    """A cell of which only some words are struck through is known as struck."""
    strings = "<si><t>线索编号</t></si><si><r><t>留</t></r><r><rPr><strike/></rPr><t>删</t></r></si>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2))
    sheet = f"<sheetData>{rows}</sheetData>"
    (found,) = open_book(bare_xlsx(tmp_path / "a.xlsx", sheet, strings=strings)).sheets

    assert list(found.open_rows()) == [["线索编号"], ["留删"]]
    assert found.struck == {1: [0]}


def test_a_formula_without_a_value_is_no_empty_cell(tmp_path: Path) -> None:
    """A formula that no program has worked out is known at its cell; one that came to an empty text is empty."""
    open_ones = '<c r="A1"><f>DATE(2019,6,3)</f><v></v></c><c r="B1"><f>A2&amp;"x"</f></c>'
    open_ones += '<c r="C1" t="str"><f>D1</f><v></v></c>'
    rows = f'<row r="1">{open_ones}<c r="D1" t="inlineStr"><is><t>甲</t></is></c></row>'
    rows += '<row r="2"><c r="A2"><f>1</f></c></row>'
    (sheet,) = open_book(bare_xlsx(tmp_path / "a.xlsx", f"<sheetData>{rows}</sheetData>")).sheets

    assert list(sheet.open_rows()) == [["", "", "", "甲"], [""]]
    assert sheet.errors == {0: {0: "=DATE(2019,6,3)", 1: '=A2&"x"'}, 1: {0: "=1"}}


def test_a_foreign_archive_is_named(tmp_path: Path) -> None:
    """An archive that holds no workbook is what it is, in capitals too."""
    for parts, said in (({"WORD/DOCUMENT.XML": b"x"}, "Word"), ({"a.jpg": b"x"}, "压缩包"), ({"xl/a": b""}, "已损坏")):
        path = tmp_path / "a.xlsx"
        path.write_bytes(archive_of(parts))
        with pytest.raises(BadFileError, match=said):
            open_book(path)


def test_rows_may_be_walked_in_any_order_and_again(tmp_path: Path) -> None:
    """Sheets give their rows in whatever order they are asked for, together, in turn or once more."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in "甲乙丙":
            page = book.add_worksheet(name)
            for row in range(700):
                page.write_row(row, 0, [name, f"{name}{row}"])
    want = {name: [[name, f"{name}{row}"] for row in range(700)] for name in "甲乙丙"}

    first, second, third = open_book(path).sheets
    assert list(third.open_rows()) == want["丙"]
    assert list(first.open_rows()) == want["甲"]
    assert list(second.open_rows()) == want["乙"]
    assert list(second.open_rows()) == want["乙"]
    sheets = open_book(path).sheets
    together = [list(each) for each in zip(*(sheet.open_rows() for sheet in sheets), strict=True)]
    assert [list(each) for each in zip(*together, strict=True)] == list(want.values())
    left = open_book(path).sheets
    assert next(left[0].open_rows()) == want["甲"][0]
    assert list(left[2].open_rows()) == want["丙"]
    assert [sheet.name for sheet in open_book(path, sheet="乙").sheets] == ["乙"]


def test_a_sheet_beyond_its_own_dimension_is_read_whole(tmp_path: Path) -> None:
    """A sheet that says it ends sooner than it does loses no cell."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="C{n}"><v>5</v></c></row>' for n in range(1, 600))
    odd = '<row r="600"><c r="D600"><v>9</v></c></row>'
    path = bare_xlsx(tmp_path / "a.xlsx", f'<dimension xmlns="{MAIN}" ref="A1:C3"/><sheetData>{rows}{odd}</sheetData>')
    found = cells(open_book(path))

    assert len(found) == 600
    assert found[598][:3] == [599.0, "", 5.0]
    assert found[599][3] == 9.0


def test_an_old_file_of_saved_text_is_still_a_ledger(tmp_path: Path) -> None:
    """What `saved` of the other tests makes is read by its content, whatever it is called."""
    assert open_book(saved(tmp_path / "a.csv", [HEAD])).shape == "workbook"
