"""A long ledger written by the road of `qingling export ledger`, beside the writer library fed with constants."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.ground import NOW, build, fill, opened
from benchmarks.independent import bare_sheet
from benchmarks.measuring import Finding, paired, peak, seconds
from documents.ledger_out.formats import SHIPPED, Format, parse_format
from documents.ledger_out.write import LedgerHouse, write_ledger
from engine.operations.cases.exporting import ExportedCase, Scope, house_names, standings
from engine.operations.ledger.acting import Acting
from engine.reading.yaml_file import read
from workflows.loader import Declarations

LATER = NOW + timedelta(days=30)


def ledger(folder: Path, *, rows: int, rounds: int) -> Finding:
    """Measure the export of *rows* leads in the full format."""
    base = _house(folder, rows)

    def ours() -> float:
        return seconds(lambda: export(base, folder / "ours.xlsx"))

    def floor() -> float:
        cells = _constants(base)
        return seconds(lambda: _write(folder / "floor.xlsx", cells, rows))

    return paired(
        f"export of a ledger of {rows:,} rows, xlsx",
        "xlsxwriter (constant_memory) writing constants of the same kinds and looks",
        ours,
        floor,
        at_most=1.5,
        rounds=rounds,
        remark=lambda: (
            f"peak {_peak(base, folder):,} MiB; a tenth of the rows {_peak(_house(folder, rows // 10), folder):,}"
        ),
    )


def bare(folder: Path, *, rows: int, rounds: int) -> Finding:
    """Measure the same beside a writer of a few lines that knows nothing but zip and XML."""
    base = _house(folder, rows)
    cells = _constants(base)
    return paired(
        f"export of a ledger of {rows:,} rows, xlsx, beside zip and XML",
        "zipfile and str.join of constants of the same kinds, nothing shared, one look",
        lambda: seconds(lambda: export(base, folder / "ours.xlsx")),
        lambda: seconds(lambda: bare_sheet(folder / "bare.xlsx", cells, rows)),
        at_most=4.0,
        rounds=rounds,
    )


def export(url: str, file: Path) -> int:
    """Write the whole ledger and return how many rows it has."""
    book = opened(url)
    with closing(book.store), book.store.reading():
        found = standings(Acting(book, "", LATER), Scope(workflow="lead"), ended=_full().shows_ended)
        house = LedgerHouse(
            name="x",
            unit=None,
            names=house_names(book),
            workflow_of=lambda case: book.rules_of(case).workflow,
            calendar_of=book.calendar_of,
            today=book.today(LATER),
            now=LATER,
        )
        return write_ledger(house, _full(), found, file, ".xlsx", scratch=file.parent)


def _house(folder: Path, rows: int) -> str:
    """Return a house with so many assigned leads."""
    base = folder / f"export-{rows}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), rows, assigned=True)
    return str(base)


def _full() -> Format:
    """Return the full format."""
    plain, where, _ = read(SHIPPED / "full.yaml", "full.yaml")
    form, problems = parse_format(plain, Declarations().latest("lead"), where=where)
    assert form is not None, problems
    return form


def _constants(url: str) -> list[Any]:
    """Return the cells of one row, as the export makes them."""
    from documents.ledger_out.rows import Directory, Rows

    book = opened(url)
    with closing(book.store):
        names = house_names(book)
        directory = Directory.of(names.units.items(), names.officers.items())
        rows = Rows(
            _full(),
            lambda case: book.rules_of(case).workflow,
            directory,
            calendar_of=book.calendar_of,
            today=book.today(LATER),
            now=LATER,
        )
        found: Iterator[ExportedCase] = standings(Acting(book, "", LATER), Scope(workflow="lead"))
        return rows.row(next(found)).cells


def _write(file: Path, cells: list[Any], rows: int) -> None:
    """Write the same row again and again by the fewest calls that the library offers."""
    options = {"constant_memory": True, "strings_to_formulas": False, "tmpdir": str(file.parent)}
    with xlsxwriter.Workbook(str(file), options) as book:
        page = book.add_worksheet("x")
        look = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter", "num_format": "@"})
        dated = book.add_format({"border": 1, "valign": "vcenter", "num_format": "yyyy-mm-dd"})
        for row in range(rows):
            for place, value in enumerate(cells):
                if value is None:
                    page.write_blank(row, place, None, look)
                elif value.__class__ is str:
                    page.write_string(row, place, value, look)
                elif isinstance(value, date):
                    page.write_datetime(row, place, value, dated)
                else:
                    page.write_number(row, place, value, look)
            page.set_row(row, 36)


def _peak(url: str, folder: Path) -> int:
    """Return the most memory that an export in a process of its own takes, in MiB."""
    script = (
        "import sys; from pathlib import Path; from benchmarks.exporting import export;"
        " export(sys.argv[1], Path(sys.argv[2]))"
    )
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", script, url, str((folder / "peak.xlsx").resolve())]
    largest, _ = peak(command, {**os.environ, "PYTHONPATH": str(root)})
    return largest // 1024
