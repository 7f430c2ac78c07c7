"""Files of every format, damaged byte by byte: one line or right rows, soon, and never a lost row without a word.

Some dozens of each format stand here; `make damage` tries ten thousand.
"""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from file_maker import ods, ods_rows, repacked, xls, xlsb

from documents.ledger_in.workbook import Workbook, open_book
from engine.errors import BadFileError

TRIALS = int(os.environ.get("QINGLING_TEST_DAMAGED", "100"))
"""Over all formats."""
LONGEST_S = 10.0
ROWS = [
    ["线索编号", "收到时间", "来源", "线索内容", "备注"],
    *([f"2019-{n:03}", f"2019-06-{n % 28 + 1:02}", "来信", f"反映某医院门口第{n}号号贩子", "甲"] for n in range(1, 40)),
]


REACHED = 7
"""Rows of an xls that one damage of 400 bytes touches at most: what no checksum knows; no other row may go."""


def new_book(path: Path, *, shared: bool) -> Path:
    """Save ROWS as a workbook, its texts in the cells or in the table that cells share."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": not shared}) as book:
        page = book.add_worksheet("台账")
        for number, row in enumerate(ROWS):
            page.write_row(number, 0, row)
    return path


def text(path: Path, encoding: str) -> Path:
    """Save ROWS as text, one cell of it quoted."""
    lines = [",".join(row) for row in ROWS]
    lines[7] = lines[7].replace("甲", '"甲,\n乙"')
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "inline.xlsx": lambda path: new_book(path, shared=False),
    "shared.xlsx": lambda path: new_book(path, shared=True),
    "a.xls": lambda path: xls(path, ROWS),
    "a.xlsb": lambda path: xlsb(path, ROWS),
    "a.ods": lambda path: ods(path, ods_rows(ROWS)),
    "utf8.csv": lambda path: text(path, "utf-8"),
    "gbk.csv": lambda path: text(path, "gb18030"),
    "utf16.csv": lambda path: text(path, "utf-16"),
}
CHECKED = {"inline.xlsx", "shared.xlsx", "a.xlsb", "a.ods"}
"""What carries checksums: there every damage to a cell can be known."""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return *content* with one thing done to it that disks, wires and programs do."""
    at, length = chance.randrange(len(content)), chance.choice([1, 1, 1, 2, 4, 16, 64, 400])
    other, piece = chance.randrange(len(content)), content[at : at + length]
    before, behind, rest = content[:at], content[at:], content[at + length :]
    flipped = bytes([content[at] ^ 1 << chance.randrange(8)])
    return chance.choice(
        [
            before,
            before + rest,
            before + piece + behind,
            before + bytes(length) + rest,
            before + chance.randbytes(length) + rest,
            before + content[other : other + length] + rest,
            before + flipped + behind[1:],
        ]
    )


def rows_of(book: Workbook) -> list[list[Any]]:
    """Return all rows of all sheets that hold anything."""
    return [row for sheet in book.sheets for row in sheet.open_rows() if any(cell not in {"", None} for cell in row)]


def read_or_refused(path: Path) -> tuple[list[list[Any]], Workbook] | None:
    """Read a file; None if it is refused, in one line and in time."""
    begun, said = time.monotonic(), ""
    book: Workbook | None
    found: list[list[Any]] | None
    try:
        book = open_book(path)
        found = rows_of(book)
    except BadFileError as refused:
        said = str(refused)
        found, book = None, None
    assert time.monotonic() - begun < LONGEST_S
    assert "\n" not in said
    return None if found is None or book is None else (found, book)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("part", range(2))
def test_a_damaged_file_loses_no_row_without_a_word(tmp_path: Path, name: str, part: int) -> None:
    """What carries checksums is read whole or refused; a text keeps every line; an old workbook keeps its end."""
    chance = random.Random(f"{name} {part}")
    whole = FORMATS[name](tmp_path / name).read_bytes()
    first = read_or_refused(tmp_path / name)
    assert first is not None
    right = first[0]
    assert len(right) == len(ROWS)
    path = tmp_path / f"damaged-{name}"
    for trial in range(max(1, TRIALS // 2 // len(FORMATS))):
        path.write_bytes(damaged(whole, chance))
        came = read_or_refused(path)
        if came is None or came[1].unread:
            continue
        found, book = came
        if name in CHECKED and book.shape == "workbook":
            assert found == right, f"trial {trial}"
        elif name == "a.xls":
            assert len(found) >= len(right) - REACHED, f"trial {trial}"
        elif book.shape == "text" and name != "utf16.csv":
            lines = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            inside = sum(str(cell).count("\n") for row in found for cell in row)
            assert len(found) + inside >= sum(bool(line.strip(b" \t")) for line in lines) - 2, f"trial {trial}"


@pytest.mark.parametrize("name", sorted(CHECKED))
def test_a_part_that_was_damaged_before_it_was_packed_breaks_nothing(tmp_path: Path, name: str) -> None:
    """Where the checksum is right and the content is not, there is a line or there are rows, in time."""
    chance = random.Random(name)

    def sometimes(content: bytes) -> bytes:
        return damaged(content, chance) if content and chance.random() < 0.5 else content

    for _ in range(max(1, TRIALS // 8 // len(CHECKED))):
        path = FORMATS[name](tmp_path / name)
        repacked(path, str, change=sometimes)
        read_or_refused(path)
