"""Finding the header: where it stands and which heading means which field."""

from pathlib import Path
from typing import Any

import pytest
from ledger_maker import COLUMNS, read, saved

from documents.ledger_in.layout.header import find_header
from documents.ledger_in.layout.headings import names_of
from documents.ledger_in.sheet_model import WantedColumn

NAMES = names_of(COLUMNS, None)


def _places(rows: list[list[Any]], *merges: tuple[int, int, int, int]) -> tuple[int, int, dict[str, int]]:
    header = find_header([[cell or "" for cell in row] for row in rows], merges, NAMES, 0)
    assert header is not None
    return header.first, header.last, dict(header.places)


@pytest.mark.parametrize(
    ("rows", "merges", "expected"),
    [
        ([["线索编号", "收到时间"]], [], (0, 0, {"lead_no": 0, "received": 1})),
        (
            [["台账", "", ""], ["单位：甲院", "", ""], ["线 索\n编 号", "收到时间（年月日）", "＊承办股室"]],
            [(0, 0, 0, 2)],
            (2, 2, {"lead_no": 0, "received": 1, "handler": 2}),
        ),
        (
            [["台账", "", "", ""], ["线索编号", "单位", "移送情况", ""], ["", "", "移送单位", "移送时间"]],
            [(0, 0, 0, 3), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)],
            (1, 2, {"lead_no": 0, "unit": 1, "transferred_to": 2, "transferred": 3}),
        ),
        (
            [["线索编号", "移送情况", ""], ["", "单位", "时间"], ["1", "县公安局", "2019.6.3"]],
            [(0, 0, 1, 0), (0, 1, 0, 2)],
            (0, 1, {"lead_no": 0, "transferred_to": 1, "transferred": 2}),
        ),
        (
            [["线索编号", "移送情况", "", "备注"], ["", "移送单位", "移送时间", ""], ["1", "甲", "2019.6.3", "急"]],
            [],
            (0, 1, {"lead_no": 0, "transferred_to": 1, "transferred": 2, "remark": 3}),
        ),
        (
            [["线索编号", "收到时间", "别项", ""], ["", "", "甲项", "乙项"], ["1", "2019.6.3", "x", "y"]],
            [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)],
            (0, 1, {"lead_no": 0, "received": 1}),
        ),
        (
            [["填报单位：", "甲局", "填报时间："], ["线索编号", "收到时间", "备注"]],
            [],
            (1, 1, {"lead_no": 0, "received": 1, "remark": 2}),
        ),
        ([["Lead number", "RECEIVED ON"]], [], (0, 0, {"lead_no": 0, "received": 1})),
        (
            [
                ["一月份", "", "", ""],
                ["序号", "收到时间", "线索内容", "备注"],
                ["1", "3日", "甲", "单位"],
                ["二月份", "", "", ""],
                ["序号", "收到时间", "线索内容", "备注"],
                ["1", "4日", "乙", ""],
                ["三月份", "", "", ""],
                ["序号", "收到时间", "线索内容", "备注"],
                ["无", "", "", ""],
            ],
            [],
            (1, 1, {"received": 1, "summary": 2, "remark": 3}),
        ),
    ],
    ids=[
        "plain",
        "titled",
        "grouped",
        "group-completes",
        "text-groups",
        "unknown-groups",
        "below-meta",
        "english",
        "first-of-blocks",
    ],
)
def test_header_is_found(
    rows: list[list[Any]], merges: list[tuple[int, int, int, int]], expected: tuple[int, int, dict[str, int]]
) -> None:
    """Title lines, groups, line breaks and padding do not hide the header."""
    assert _places(rows, *merges) == expected


@pytest.mark.parametrize(
    ("heading", "field", "how"),
    [
        ("线索编号", "lead_no", "title"),
        ("lead_no", "lead_no", "title"),
        ("编号", "lead_no", "synonym"),
        ("被反映人姓名", "subject", "guessed"),
        ("收到日期", "received", "guessed"),
        ("反映问题", "summary", "guessed"),
        ("涉及资金（万元）", "amount", "title"),
        ("举报人", "reporter", "title"),
        ("被举报人", None, "unmatched"),
        ("当前时间", None, "unmatched"),
        ("序号", None, "ignored"),
        ("导入结果", None, "ignored"),
        ("天气", None, "unmatched"),
    ],
)
def test_how_a_heading_is_understood(tmp_path: Path, heading: str, field: str | None, how: str) -> None:
    """A heading is taken by title, synonym or a guess that cannot mean another field; 被举报人 is not 举报人."""
    rows = [["线索类型", "移送单位", "移送时间", heading], ["其他", "甲", "2019.6.3", ""]]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    assert (reading.sheets[0].headings[3].field, reading.sheets[0].headings[3].how) == (field, how)


def test_second_column_of_the_same_name_is_said(tmp_path: Path) -> None:
    """Of two columns with one heading the first counts, and the second is named."""
    reading = read(saved(tmp_path / "a.xlsx", [["线索编号", "备注", "备注"], ["1", "甲", "乙"]]))

    assert [(h.letter, h.how) for h in reading.sheets[0].unmatched] == [("C", "repeated")]
    assert reading.rows[0].values["remark"] == "甲"


def test_guess_that_may_mean_two_fields_is_none() -> None:
    """A heading that could be two fields is left to the user."""
    fields = {"a": "反映的问题", "b": "反映主要问题"}
    names = names_of([WantedColumn(name=name, kind="text", titles=(title,)) for name, title in fields.items()], None)

    assert names.same_core(("反映具体问题",)) is None


@pytest.mark.parametrize(("number", "how"), [("清零编号", "ignored"), ("线索编号", "unmatched")])
def test_what_our_own_ledger_works_out_is_not_asked_about(number: str, how: str) -> None:
    """Columns that we write and nobody fills in mean no field when the ledger comes back, and only then."""
    names = names_of((*COLUMNS, WantedColumn(name="case.number", kind="text", titles=("清零编号",))), None)
    header = find_header([[number, "收到时间", "剩余或超期", "期限完成情况", "办结认定"]], (), names, 0)

    assert header is not None
    assert [(each.field, each.how) for each in header.headings[2:]] == [(None, how)] * 3
