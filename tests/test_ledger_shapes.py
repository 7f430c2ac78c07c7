"""Every shape in which offices lay out a ledger, with headings as they are met: what was written is read."""

import csv
import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from ledger_maker import old_book, saved
from ledger_shapes import SHAPES, Laid
from openpyxl.utils import get_column_letter

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.layout.assigning import assigned
from documents.ledger_in.layout.headings import names_of
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import LedgerReading
from engine.errors import BadFileError
from workflows.loader import Declarations

BOOK = Declarations()
COLUMNS = ledger_columns(BOOK.latest("lead"))
NAMES = names_of(COLUMNS, None, BOOK.heading_words)
MET = yaml.safe_load((Path(__file__).parent / "data" / "headings.yaml").read_text("utf-8"))
FIELDS = (
    "external_number",
    "received_on",
    "summary",
    "subject_unit",
    "subject",
    "handling_due_on",
    "measures",
    "remark",
)
TODAY = date(2019, 12, 1)
TIMES = int(os.environ.get("QINGLING_TEST_LAYOUTS", "1"))
"""How often each shape is laid out, with headings and values drawn each time (`make layouts`: 20)."""


def _sure(field: str) -> list[str]:
    """Return the headings met that mean *field* without a question."""
    return [h for h in MET[field] if assigned([(h,)], [], NAMES, 0).headings[0].field == field]


SURE = {field: _sure(field) for field in FIELDS}


def _record(number: int, chosen: random.Random) -> list[Any]:
    day = date(2019, chosen.randint(1, 11), chosen.randint(1, 28))
    values = {
        "external_number": f"XF2019{number:06}",
        "received_on": day.isoformat(),
        "summary": f"反映第{number}号诊室多收费用，要求退还并说明情况。",
        "subject_unit": chosen.choice(["虚构县医院", "甲镇卫生院", "乙村卫生室"]),
        "subject": chosen.choice(["甲某", "乙某", "丙某等3人"]),
        "handling_due_on": day.replace(year=2020).isoformat(),
        "measures": chosen.choice(["约谈负责人", "责令退还", "已作说明"]),
        "remark": chosen.choice(["第二次", "转来件"]),
    }
    return [values[field] for field in FIELDS]


def _made(shape: str, count: int, seed: str) -> tuple[Laid, list[list[Any]]]:
    chosen = random.Random(f"{shape} {count} {seed}")
    headings = [chosen.choice(SURE[field]) for field in FIELDS]
    records = [_record(number, chosen) for number in range(count)]
    if shape == "one form":
        records = records[:1]
    return SHAPES[shape](headings, records), records


def _written(path: Path, laid: Laid) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(laid.rows)
        return path
    if path.suffix == ".xls":
        return old_book(path, laid.rows, merges=[(r1, r2, c1, c2) for r1, c1, r2, c2 in laid.merges])
    merges = [
        f"{get_column_letter(c1 + 1)}{r1 + 1}:{get_column_letter(c2 + 1)}{r2 + 1}" for r1, c1, r2, c2 in laid.merges
    ]
    return saved(path, laid.rows, *merges)


def _read(path: Path) -> LedgerReading:
    return read_ledger(path, COLUMNS, today=TODAY, words=BOOK.heading_words)


def _cases() -> Iterator[tuple[str, int, str]]:
    for shape in SHAPES:
        for count in (0, 1, 2, 50):
            yield shape, count, ".xlsx"
        if shape != "forms with the label in the value's cell":  # one column is no CSV
            yield shape, 2, ".csv"
        yield shape, 2, ".xls"


@pytest.mark.parametrize(("shape", "count", "suffix"), list(_cases()))
def test_what_was_laid_out_is_read(tmp_path: Path, shape: str, count: int, suffix: str) -> None:
    """Header, records and values of every shape are those that were written, whatever the headings and the format."""
    for seed in range(TIMES):
        laid, records = _made(shape, count, f"{suffix} {seed}")
        path = _written(tmp_path / f"a{seed}{suffix}", laid)
        if not laid.ledger:
            with pytest.raises(BadFileError):
                _read(path)
            continue
        reading = _read(path)
        values = [[_shown(row.values.get(field)) for field in FIELDS] for row in reading.rows]

        assert values == records, [h.text for h in reading.sheets[0].headings]
        assert [row.row for row in reading.rows] == laid.records
        assert {sheet.shape for sheet in reading.sheets} == {"form" if laid.forms else "table"}
        if laid.header and suffix != ".csv":
            assert reading.sheets[0].header == laid.header or not records


def _shown(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
