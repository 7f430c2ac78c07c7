"""A long ledger taken in by the road of `qingling import`, beside the fastest reader and a plain insert."""

import os
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from benchmarks.ground import NOW, OFFICER, UNITS, build, copied, opened
from benchmarks.measuring import Finding, paired, peaks, seconds
from benchmarks.recording import RecordingStore, plain_connection, replay
from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.intake import Intake
from documents.ledger_in.registered_names import UnitUnsaid
from documents.ledger_in.rows import open_ledger
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger import access
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from workflows.adopted_book import AdoptedDeclarations

HEADINGS = (
    *("序号", "线索编号", "收到时间", "线索来源", "所属单位", "被反映人", "反映的主要问题", "线索类型"),
    *("当前状态", "责任领导", "责任人", "是否实名", "涉及资金", "备注"),
)
SOURCES = ("群众来电", "群众来信", "群众来访", "上级交办")
LATER = NOW + timedelta(days=180)
LARGEST_KIB = 400 * 1024
"""Most memory that an import may take at its peak, over both of its processes."""


def ledger(folder: Path, *, rows: int, rounds: int) -> Finding:
    """Measure the import of *rows* new rows."""
    base = folder / "house.db"
    if not base.exists():
        build(str(base))
    file = _file(folder / f"ledger-{rows}.xlsx", rows)

    store = RecordingStore(copied(base, "recorded.db"))
    with closing(store):
        _take_in(opened(store.url, store), file, rows)

    def ours() -> float:
        book = access.open_ledger(
            copied(base, "ours.db"), AdoptedDeclarations, real_now=None
        )  # as the command opens it
        with closing(book.store):
            return seconds(lambda: _take_in(book, file, rows))

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as connection:

            def read_and_write() -> None:
                assert _read(file) == rows + 1
                replay(connection, store.writes)

            return seconds(read_and_write)

    return paired(
        f"import of a ledger of {rows:,} rows",
        "python-calamine reading it, and sqlite3 writing the same rows",
        ours,
        floor,
        at_most=1.6,
        rounds=rounds,
        remark=lambda: _memory(base, file),
    )


def _take_in(book: Ledger, file: Path, rows: int) -> None:
    """Take the ledger in as the command does."""
    declared = book.workflows.latest("lead")
    today = book.today(LATER)
    stream = open_ledger(file, ledger_columns(declared), today=today)
    intake = Intake(
        declared,
        units=house.units(book.store),
        officers=house.officers(book.store),
        unit=UnitUnsaid(None),
        add_units=False,
        today=today,
    )
    with all_or_nothing(book) as fate:
        read = (intake.taken(each)[0] for each in stream.iter_rows())
        good = (row for row in read if row is not None)
        outcomes = [
            each.outcome
            for each in take_in(Acting(book, OFFICER, LATER), "lead", good, file={"name": file.name, "digest": "0"})
        ]
        assert outcomes.count("opened") == rows, set(outcomes)
        fate.keep()


def _read(file: Path) -> int:
    """Read the ledger by the fastest reader and return how many rows it has."""
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
    return sum(1 for _ in sheet.iter_rows())


def _memory(base: Path, file: Path) -> str:
    """Run the command itself and say how much memory it took at its peak."""
    url = copied(base, "memory.db")
    environment = {
        **os.environ,
        "QINGLING_DATABASE": url,
        "QINGLING_OFFICER": OFFICER,
        "QINGLING_NOW": LATER.isoformat(),
    }
    together, each, used = peaks([sys.executable, "-m", "cli", "import", str(file), "--apply"], environment)
    kept = "kept" if together <= LARGEST_KIB else "NOT kept"
    alone = ", ".join(str(kib // 1024) for kib in each)
    return (
        f"peak memory of the command with its readers {together // 1024} MiB (each {alone});"
        f" the limit of 400 is {kept}; {used:.1f} s of processor time for all"
    )


def _file(file: Path, rows: int) -> Path:
    """Return a ledger as an office would keep it, with *rows* rows."""
    if file.exists():
        return file
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("线索台账")
        sheet.write_row(0, 0, HEADINGS)
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        for row in range(1, rows + 1):
            day = date(2019, 1, 1) + timedelta(days=row % 360)
            sheet.write_row(
                row,
                0,
                (
                    *(row, f"2019-{row:06}", None, SOURCES[row % 4], UNITS[row % len(UNITS)], f"人员{row % 977}"),
                    *(f"反映某镇卫生院第{row}号问题：门口有人强揽病人并收取费用，多次阻拦救护车辆", "职业医闹"),
                    *(("已受理", "正在核查", "已办结，属实")[row % 3], OFFICER, OFFICER, "否", row % 5000, "见附件"),
                ),
            )
            sheet.write_datetime(row, 2, day, dated)
    return file
