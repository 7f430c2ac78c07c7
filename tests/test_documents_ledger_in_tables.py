"""Several tables on one sheet, each under headings of its own, wherever they begin."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledger_maker import saved

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.files import limits
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading
from engine.errors import BadFileError
from workflows.loader import Declarations

BOOK = Declarations()
COLUMNS = ledger_columns(BOOK.latest("lead"))
ORDERS: list[Any] = ["工单编号", "来电时间", "诉求内容", "完成时限"]
TASKS: list[Any] = ["序号", "督办事项", "牵头领导", "交办单位", "完成时限"]


def read(path: Path) -> LedgerReading:
    """Read a ledger of leads on a fixed day."""
    return read_ledger(path, COLUMNS, today=date(2019, 12, 1), words=BOOK.heading_words)


def orders(count: int) -> list[list[Any]]:
    """Return so many rows of the first table."""
    return [[f"G{at}", "2019-06-03", f"反映第{at}件虚构的事", "2019-08-01"] for at in range(count)]


def tasks(count: int) -> list[list[Any]]:
    """Return so many rows of the second table."""
    return [[at, f"核查第{at}家虚构诊所", "某甲", "市卫健委", "2019-08-09"] for at in range(1, count + 1)]


@pytest.mark.parametrize("before", [1, 2, 30, 75, 80, 90, 254, 255, 256, 600])
@pytest.mark.parametrize("between", [[[]], [[], ["二、督办事项"]]], ids=["blank", "titled"])
def test_a_further_table_is_read_under_its_own_headings(tmp_path: Path, before: int, between: list[list[Any]]) -> None:
    """However many rows stand above it: no row is lost, and none is read under the other headings."""
    rows = [ORDERS, *orders(before), *between, TASKS, *tasks(3)]
    reading = read(saved(tmp_path / "a.xlsx", rows))
    summaries = [str(row.values["summary"]) for row in reading.rows]

    assert summaries == [f"反映第{at}件虚构的事" for at in range(before)] + [
        f"核查第{at}家虚构诊所" for at in (1, 2, 3)
    ]
    assert [sheet.header for sheet in reading.sheets] == [(1, 1), (len(rows) - 3, len(rows) - 3)]
    assert {row.values.get("source_detail") for row in reading.rows[-3:]} == {"市卫健委"}
    accounted = {row.row for row in reading.rows} | {int(each.at.rpartition("!")[2]) for each in reading.skipped}
    assert accounted == set(range(1, len(rows) + 1))


def test_three_tables_below_one_another(tmp_path: Path) -> None:
    """Each ends where the next begins."""
    rows = [ORDERS, *orders(2), [], TASKS, *tasks(2), [], ORDERS, *orders(1)]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    assert [sheet.header for sheet in reading.sheets] == [(1, 1), (5, 5), (9, 9)]
    assert [row.row for row in reading.rows] == [2, 3, 6, 7, 10]


def test_a_repeated_header_begins_no_table(tmp_path: Path) -> None:
    """A printed page repeats the header behind an empty line; it is one table."""
    reading = read(saved(tmp_path / "a.xlsx", [ORDERS, *orders(2), [], ORDERS, *orders(2)]))

    assert [sheet.header for sheet in reading.sheets] == [(1, 1)]
    assert len(reading.rows) == 4


def test_a_file_of_more_rows_than_a_ledger_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, and before they fill the memory."""
    path = saved(tmp_path / "a.xlsx", [ORDERS, *orders(40)])
    monkeypatch.setattr(limits, "MOST_ROWS", 30)

    with pytest.raises(BadFileError, match=r"more rows than a ledger can have|行数超过台账的上限"):
        read(path)


def test_a_text_of_one_column_is_not_split_at_its_commas(tmp_path: Path) -> None:
    """The comma of Chinese sentences parts columns only where it parts nearly every line alike."""
    path = tmp_path / "a.csv"
    path.write_text("反映的主要问题\n反映虚构诊所，收费过高\n反映虚构药店，关门过早\n反映虚构浴池，水温过低\n", "utf-8")
    with pytest.raises(BadFileError, match="反映的主要问题"):  # one column is no ledger, but is said as it stands
        read(path)
    path.write_text(
        "工单编号，来电时间，诉求内容\nG1，2019-06-03，反映收费过高\nG2，2019-06-04，反映关门过早\n", "utf-8"
    )

    assert [row.values["summary"] for row in read(path).rows] == ["反映收费过高", "反映关门过早"]


def test_the_runner_up_is_named(tmp_path: Path) -> None:
    """Where another row might have been the header, the reading says which."""
    rows = [["来文单位", "收到时间", "反映内容", "承办人"], ORDERS, *orders(3)]
    (sheet,) = read(saved(tmp_path / "a.xlsx", rows)).sheets

    assert sheet.header is not None
    assert sheet.runner_up not in {None, *range(sheet.header[0], sheet.header[1] + 1)}
