"""Widths on a screen: Chinese counts double, and is wrapped and cut as it should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    """Padding counts columns, to the left or to the right."""
    assert padded("线索", 6) + "|" == "线索  |"
    assert padded("7", 3, right=True) == "  7"


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
