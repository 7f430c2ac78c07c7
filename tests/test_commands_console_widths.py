"""Widths on a screen: Chinese counts double, and is wrapped and cut as it should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.console import output
from commands.console.widths import NO_LINE_BEGINS_WITH, cut, padded, width, wrapped

TEXTS = st.text(alphabet="线索期限，。（）ab c1-é", max_size=60)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("lead", 4), ("线索", 4), ("线索 lead", 9), ("e\u0301", 1), ("ＡＢ", 4), ("“引号”", 6), ("", 0), ("\x1b", 0)],
)
def test_width(text: str, columns: int) -> None:
    """A Chinese character takes two columns, a combining or control character none."""
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("short", 10, "short"),
        ("医院门口有人强揽生意", 9, "医院门口…"),
        ("医院门口有人强揽生意", 10, "医院门口…"),
        ("two\nlines", 20, "two lines"),
        ("abcdef", 4, "abc…"),
    ],
)
def test_cut(text: str, columns: int, shown: str) -> None:
    """A text is cut by what it takes on the screen, on one line."""
    assert cut(text, columns) == shown


def test_padded() -> None:
    """Padding counts columns."""
    assert padded("线索", 6) + "|" == "线索  |"


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("a lead is received", 8, ["a lead", "is", "received"]),
        ("线索已经受理完毕", 8, ["线索已经", "受理完毕"]),
        ("线索已经，受理", 8, ["线索已", "经，受理"]),
        ("见 qingling --help。", 12, ["见 qingling", "--help。"]),
        ("（甲）（乙）", 6, ["（甲）", "（乙）"]),
        ("", 8, [""]),
        ("unbreakable", 4, ["unbreakable"]),
    ],
)
def test_wrapped(text: str, columns: int, lines: list[str]) -> None:
    """Latin words stay whole, Chinese breaks anywhere but before closing and after opening marks."""
    assert wrapped(text, columns) == lines


@given(TEXTS, st.integers(min_value=8, max_value=40))
def test_wrapping_loses_nothing(text: str, columns: int) -> None:
    """Wrapped lines hold the same characters in the same order, and none begins with a closing mark."""
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    if not text.strip().startswith(tuple(NO_LINE_BEGINS_WITH)) and " " not in text:
        assert not any(line.startswith(tuple(NO_LINE_BEGINS_WITH)) for line in lines)


@given(TEXTS, st.integers(min_value=2, max_value=40))
def test_cut_fits(text: str, columns: int) -> None:
    """What was cut fits."""
    assert width(cut(text, columns)) <= columns


SUMMARY = "停车场和救护车转运长期被人把持，殴打不从者，保卫科有人收钱放行"
LISTED = {
    "zh": (
        ("编号", "状态", "单位", "收到", "责任人", "反映的主要问题"),
        (
            ("0101-XS-2019-0003", "已移送纪检监察机关", "甲镇中心卫生院", "2019-06-20", "马某、王某、周某等另 2 人"),
            ("0101-XS-2019-0001", "已销号 ✓", "县人民医院", "2019-05-20", ""),
        ),
    ),
    "en": (
        ("number", "state", "unit", "received", "must act", "What is reported"),
        (
            (
                "0101-XS-2019-0003",
                "Transferred to the discipline body",
                "甲镇中心卫生院",
                "2019-06-20",
                "Ma, Wang, Zhou and 2 more",
            ),
            ("0101-XS-2019-0001", "Struck off ✓", "县人民医院", "2019-05-20", ""),
        ),
    ),
}


@pytest.mark.parametrize("language", LISTED)
@pytest.mark.parametrize("columns", [80, 100, 120, 180])
def test_a_list_can_be_read_on_every_screen(
    columns: int, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a line has no room for a sentence, a row takes another: nothing but the sentence is ever cut."""
    monkeypatch.setattr(output, "on_screen", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    headings, rows = LISTED[language]
    output.print_table(headings, [(*row, SUMMARY) for row in rows], wide=5)
    shown = capsys.readouterr().out

    assert all(width(line) <= columns for line in shown.splitlines())
    assert all(cell in shown for row in (headings, *rows) for cell in row)
    assert shown.count(SUMMARY[:14]) == len(rows), "at least 28 columns of it"
    assert len({width(line.split(SUMMARY[:14])[0]) for line in shown.splitlines() if SUMMARY[:14] in line}) == 1


def test_a_line_without_anything_takes_no_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a row whose second line would be blank only the first is printed."""
    monkeypatch.setattr(output, "on_screen", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    rows = [("0101", "核查期限", ""), ("0102", "处置期限", "自 2019-07-26 暂停")]
    output.print_table(("number", "deadline", "remarks"), rows, wide=2)

    assert capsys.readouterr().out.splitlines()[-3:] == [
        "0101    核查期限",
        "0102    处置期限",
        "    自 2019-07-26 暂停",
    ]
