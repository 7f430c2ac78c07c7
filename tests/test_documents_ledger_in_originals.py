"""Rows as they stood: nothing of a sheet is lost, and what tells who reports is sealed in whatever cell it stands."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ledger_maker import saved
from openpyxl.comments import Comment
from openpyxl.styles import Font

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.originals import Originals
from documents.ledger_in.rows import read_ledger
from engine.journal.ledger_row import OriginalRow, opened_original
from workflows.loader import Declarations

BOOK = Declarations()
COLUMNS = ledger_columns(BOOK.latest("lead"))

FORM: list[list[Any]] = [
    ["信访事项登记表"],
    ["登记编号", "X-1", "登记日期", "2019-06-03"],
    ["反映内容", "反映虚构诊所收费问题"],
    ["来源科室", "监督股", "经手领导批示", "速办"],
    ["举报人", "某甲", "联系电话", "13800000000"],
    ["办公室意见", "同意", None, "附言：存档三份"],
    ["可拨 13900000001 再问"],
]
"""A form in which 来源科室, 办公室意见 and others are labels that nobody knows."""
NEXT: list[list[Any]] = [
    ["登记编号", "X-2", "登记日期", "2019-06-04"],
    ["反映内容", "反映虚构药店"],
    ["承诺事项", "另行处理"],
]


def originals(path: Path) -> list[tuple[OriginalRow, str | None]]:
    """Return each row of a ledger as it stood, with its sealed part."""
    made = Originals()
    reading = read_ledger(path, COLUMNS, today=date(2019, 12, 1), words=BOOK.heading_words)
    return [made.of(each) for each in reading.rows]


def test_a_form_keeps_what_stands_under_labels_that_are_not_known(tmp_path: Path) -> None:
    """Each such value is kept by the words beside it, or by its place; no other form's is taken for it."""
    (first, _), (second, _) = originals(saved(tmp_path / "a.xlsx", [*FORM, [], FORM[0], *NEXT]))
    kept = dict(first.cells)

    assert {key: kept[key] for key in ("来源科室", "经手领导批示", "办公室意见", "附言")} == {
        "来源科室": "监督股",
        "经手领导批示": "速办",
        "办公室意见": "同意",
        "附言": "存档三份",
    }
    assert dict(second.cells)["承诺事项"] == "另行处理"
    assert not {"来源科室", "办公室意见"} & dict(second.cells).keys()
    assert "信访事项登记表" not in str(first)


def test_what_looks_like_an_identity_is_sealed_in_a_form_too(tmp_path: Path) -> None:
    """A telephone that stands beside no label is kept sealed with the reporter."""
    ((row, seal),) = originals(saved(tmp_path / "a.xlsx", FORM))

    assert "13900000001" not in str(row)
    assert seal is not None
    assert dict(opened_original(row, seal).cells)["[A7]"] == "可拨 13900000001 再问"


def test_marks_of_a_form_are_kept(tmp_path: Path) -> None:
    """A comment stands by its label or its value, and what is struck through is said."""
    path = saved(tmp_path / "a.xlsx", FORM)
    book = openpyxl.load_workbook(path)
    page = book.active
    assert page is not None
    page["C4"].comment = Comment("局长批示", "某人")
    page["B3"].font = Font(strike=True)
    book.save(path)
    ((row, _),) = originals(path)

    assert [(row.cells[place][0], text) for place, text in row.comments] == [("经手领导批示", "局长批示")]
    assert [row.cells[place][0] for place in row.struck] == ["反映内容"]


def test_a_comment_on_an_empty_cell_is_kept(tmp_path: Path) -> None:
    """The cell says nothing, but somebody has said something about it."""
    path = saved(tmp_path / "a.xlsx", [["线索编号", "反映内容", "紧急程度"], ["1", "反映号贩子", None]])
    book = openpyxl.load_workbook(path)
    page = book.active
    assert page is not None
    page["C2"].comment = Comment("待定", "某人")
    book.save(path)
    ((row, _),) = originals(path)

    assert row.cells[-1] == ("紧急程度", "")
    assert row.comments == ((2, "待定"),)


SEALED = [
    ("by its group", [["线索编号", "反映内容", "举报人", None], [None, None, "姓名", "单位"]], "虚构公司甲"),
    ("by its words", [["线索编号", "反映内容", "经办", "来访人特征"], []], "戴眼镜"),
    ("by what stands below", [["线索编号", "反映内容", "经办", "另附"], []], "13900000002"),
]


@pytest.mark.parametrize(("why", "head", "written"), SEALED, ids=[each[0] for each in SEALED])
def test_a_column_is_sealed_by_whatever_says_so(tmp_path: Path, why: str, head: list[list[Any]], written: str) -> None:
    """What the layout knows to say who somebody is, and what this room knows by words, is sealed alike."""
    rows = [[*each] for each in head if each] + [["1", "反映号贩子揽客", "某科", written]]
    merges = ("C1:D1", "A1:A2", "B1:B2") if head[1] else ()
    ((row, seal),) = originals(saved(tmp_path / "a.xlsx", rows, *merges))

    assert written not in str(row)
    assert seal is not None
    assert written in seal
