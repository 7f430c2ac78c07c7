"""Reads the invented ledgers of `tests/data/ledgers` and compares what was understood with what is expected.

Each ledger is a YAML file that says what stands in its sheets, so that it is small and can be read; the spreadsheets
are made of it in every format it names. `NAME.json` beside it holds what a reader must understand: the values of
each record, the rows left out and why, and the columns that are sealed or asked about. Run as a module it prints
the table; `--write NAME` writes what is understood now as expected, to be checked by eye.
"""

import argparse
import csv
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import xlwt
import yaml
from openpyxl.comments import Comment
from openpyxl.utils import range_boundaries

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.deadlines import last_day
from documents.ledger_in.originals import Originals
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading, LedgerRow
from documents.ledger_in.text import cell_text
from engine.journal.ledger_row import opened_original
from engine.working_days.calendars import china
from engine.working_days.loose_dates import LengthFound
from workflows.loader import Declarations

LEDGERS: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "ledgers"
_PARTS: Final = re.compile(r"\s*[:：]\s*|\s+(?=[^\s:：]{1,20}[:：])")
TODAY: Final = date(2019, 12, 1)
_BOOK: Final = Declarations()


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How well one ledger was understood."""

    name: str
    rows: int
    understood: int
    """Rows of which every expected value is there and nothing is unclear."""
    fields: int
    """Values that are expected."""
    found: int
    """Of these, the values that are there without help."""
    questioned: int
    """Rows that are in with a question of their own."""
    columns_asked: int
    """Columns that are asked about, once each."""
    wrong: tuple[str, ...]
    """Values that are others than expected, by place."""
    lost: tuple[str, ...]
    """Rows of the sheets that are neither a record nor left out with a reason."""
    lost_cells: tuple[str, ...] = ()
    """Texts and comments in rows of records that the row as it stood does not hold."""


def names() -> tuple[str, ...]:
    """Return the names of all ledgers."""
    return tuple(sorted(path.stem for path in LEDGERS.glob("*.yaml")))


def made(name: str, folder: Path) -> Iterator[Path]:
    """Make the spreadsheets of a ledger in *folder*, one for each format, and yield their paths."""
    ledger = _plain(name)
    for suffix in ledger["formats"]:
        path = folder / f"{name}.{suffix}"
        _MAKERS[suffix](path, ledger["sheets"])
        yield path


def read(path: Path) -> LedgerReading:
    """Return how a ledger of leads is understood, on a fixed day."""
    columns = ledger_columns(_BOOK.latest("lead"))
    return read_ledger(path, columns, today=TODAY, words=_BOOK.heading_words)


def understood(reading: LedgerReading) -> dict[str, Any]:
    """Return a reading in the form in which it is expected; without the sheet's name, so that it fits every format."""
    headings = list({h.text: h for sheet in reading.sheets for h in sheet.headings}.values())
    return {
        "rows": [
            {"at": _at(reading, row.at), "values": {n: _shown(v, row) for n, v in row.values.items() if v is not None}}
            for row in reading.rows
        ],
        "left_out": {_at(reading, each.at): each.why for each in reading.skipped},
        "kept": [h.text for h in headings if h.field is None and h.how in {"kept", "repeated"} and not h.sealed],
        "sealed": [h.text for h in headings if h.sealed],
        "asked": {h.text: h.proposal for h in headings if h.how in {"asked", "unmatched"}},
        "problems": sorted(f"{_at(reading, each.at)} {each.field}" for each in reading.problems),
    }


def compared(name: str, reading: LedgerReading) -> Figures:
    """Return the figures of one ledger."""
    expected = json.loads((LEDGERS / f"{name}.json").read_text("utf-8"))
    got = understood(reading)
    by_row = {row["at"]: row["values"] for row in got["rows"]}
    unclear = {each.partition(" ")[0].partition(".")[0] for each in got["problems"]}
    wrong, found, whole, fields = [], 0, 0, 0
    for row in expected["rows"]:
        values = by_row.get(row["at"], {})
        right = [field for field, value in row["values"].items() if values.get(field) == value]
        fields += len(row["values"])
        found += len(right)
        whole += len(right) == len(row["values"]) and row["at"] not in unclear
        wrong += [f"{row['at']} {f}" for f, v in values.items() if f in row["values"] and v != row["values"][f]]
        wrong += [f"{row['at']} {f}" for f in values if f not in row["values"]]
    accounted = {*by_row, *got["left_out"]}
    lost = [row["at"] for row in expected["rows"] if row["at"] not in accounted]
    lost += [at for at in expected["left_out"] if at not in accounted]
    return Figures(
        name=name,
        rows=len(expected["rows"]),
        understood=whole,
        fields=fields,
        found=found,
        questioned=len(unclear.intersection(by_row)),
        columns_asked=len(got["asked"]),
        wrong=tuple(wrong),
        lost=tuple(lost),
        lost_cells=tuple(_lost_cells(name, reading)),
    )


def _lost_cells(name: str, reading: LedgerReading) -> Iterator[str]:
    """Yield each text and comment of the sheets that no original holds, though its row is a record."""
    sheets = _plain(name)["sheets"]
    originals = Originals()
    held: dict[str, list[str]] = {}
    records: set[str] = set()
    forms = {sheet.name for sheet in reading.sheets if sheet.shape == "form"}
    for row in reading.rows:
        original, seal = originals.of(row)
        opened = original if seal is None else opened_original(original, seal)
        said = [cell_text(text) for cell in opened.cells for text in cell] + [text for _, text in opened.comments]
        held.setdefault(row.sheet, []).extend(said)
        records.add(row.at)
    one = len(sheets) == 1
    left_out = {_at(reading, each.at) for each in reading.skipped}
    labels = {heading.text for sheet in reading.sheets for heading in sheet.headings if sheet.name in forms}
    for sheet in sheets:
        called = next(iter(held), "") if one else sheet["name"]
        texts = held.get(called, [])
        first = min(
            (int(at.rpartition("!")[2].partition(".")[0]) for at in records if at.startswith(f"{called}!")), default=1
        )
        titles = {cell_text(cell) for cells in sheet["rows"][: first - 1] for cell in cells}
        for number, cells in enumerate(sheet["rows"], start=1):
            at = f"{called}!{number}"
            if at not in records and (called not in forms or number < first or _at(reading, at) in left_out):
                continue
            for cell in cells:
                text = cell_text(cell)
                # A cell of a form may hold several labels with their values.
                parts = [each for each in _PARTS.split(text) if each] if called in forms else [text]
                # Each form may repeat what stands above the first, and a label without a value says nothing.
                if called in forms and (text in titles or text in labels):
                    continue
                if text and not any(text in said for said in texts) and not set(parts) <= set(texts):
                    yield f"{at} {text}"
        for place, comment in sheet.get("comments", {}).items():
            if reading.sheets[0].marks.comments and comment not in texts:
                yield f"{called}.{place} {comment}"


def main(arguments: Sequence[str]) -> None:
    """Print the table, or write what is understood now as expected."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.intake")
    parser.add_argument("--write", nargs="*", metavar="NAME", help="write what is understood now as expected")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if asked.write is not None:
            for name in asked.write or names():
                path = next(made(name, Path(folder)))
                text = json.dumps(understood(read(path)), ensure_ascii=False, indent=1)
                (LEDGERS / f"{name}.json").write_text(text + "\n", "utf-8")
            return
        figures = [compared(name, read(path)) for name in names() for path in made(name, Path(folder))]
    line = "{:<38} {:>4} {:>12} {:>7} {:>14} {:>13} {:>6} {:>9} {:>10}"
    heads = (
        "ledger",
        "rows",
        "without help",
        "fields",
        "with questions",
        "columns asked",
        "wrong",
        "rows lost",
        "cells lost",
    )
    sys.stdout.write(line.format(*heads) + "\n")
    for each in figures:
        sys.stdout.write(_line(line, each.name, [each]))
    sys.stdout.write(_line(line, "all", figures))


def _line(line: str, name: str, figures: Sequence[Figures]) -> str:
    fields, found = sum(each.fields for each in figures), sum(each.found for each in figures)
    return (
        line.format(
            name,
            sum(each.rows for each in figures),
            sum(each.understood for each in figures),
            f"{100 * found // fields if fields else 100} %",
            sum(each.questioned for each in figures),
            sum(each.columns_asked for each in figures),
            sum(len(each.wrong) for each in figures),
            sum(len(each.lost) for each in figures),
            sum(len(each.lost_cells) for each in figures),
        )
        + "\n"
    )


def _plain(name: str) -> dict[str, Any]:
    plain: dict[str, Any] = yaml.safe_load((LEDGERS / f"{name}.yaml").read_text("utf-8"))
    return plain


def _at(reading: LedgerReading, at: str) -> str:
    """Return where something stands; with one sheet its name says nothing, and a CSV has another."""
    sheets = {sheet.name for sheet in reading.sheets} | {each.at.partition("!")[0] for each in reading.skipped}
    return at.partition("!")[2] or at if len(sheets) == 1 else at


def _shown(value: object, row: LedgerRow) -> object:
    if isinstance(value, LengthFound):
        received = row.values.get("received_on")
        value = last_day(value, received, china()) if isinstance(received, date) else None
    return value.isoformat() if isinstance(value, date) else value


def _xlsx(path: Path, sheets: Sequence[Mapping[str, Any]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet["name"])
        for row in sheet["rows"]:
            page.append(row)
        for place, comment in sheet.get("comments", {}).items():
            page[place].comment = Comment(comment, "")
        for merged in sheet.get("merges", ()):
            page.merge_cells(merged)
        for letter in sheet.get("hidden_columns", ()):
            page.column_dimensions[letter].hidden = True
        for number in sheet.get("hidden_rows", ()):
            page.row_dimensions[number].hidden = True
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())


def _xls(path: Path, sheets: Sequence[Mapping[str, Any]]) -> None:
    book = xlwt.Workbook()
    for sheet in sheets:
        page = book.add_sheet(sheet["name"], cell_overwrite_ok=True)
        for at, row in enumerate(sheet["rows"]):
            for place, value in enumerate(row):
                page.write(at, place, value)
        for merged in sheet.get("merges", ()):
            left, top, right, bottom = (int(each or 0) for each in range_boundaries(merged))
            page.merge(top - 1, bottom - 1, left - 1, right - 1)
    book.save(str(path))


def _csv(path: Path, sheets: Sequence[Mapping[str, Any]]) -> None:
    sheet = sheets[0]
    with path.open("w", encoding=sheet.get("encoding", "utf-8-sig"), newline="") as file:
        csv.writer(file, delimiter=sheet.get("delimiter", ",")).writerows(sheet["rows"])


_MAKERS: Final = {"xlsx": _xlsx, "xls": _xls, "et": _xls, "csv": _csv}

if __name__ == "__main__":
    main(sys.argv[1:])
