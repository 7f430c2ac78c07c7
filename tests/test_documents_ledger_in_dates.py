"""Dates as people write them: one day, or the sentence that says why not."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.ledger_in.dates import DateRules, day_reader
from documents.ledger_in.sheet_model import Cell
from engine.language import Text
from engine.working_days.loose_dates import DayFound, NoDay, StatedYear

TODAY = date(2019, 12, 1)
JUNE_30 = date(2019, 6, 30)
STATED = StatedYear(year=2019, where=Text("the title", "标题"))


@pytest.mark.parametrize(
    "cell",
    [
        "2019.6.30",
        "2019-6-30",
        "2019/6/30",
        "2019年6月30日",
        "2019年6月30号",
        "2019年06月30日（星期日）",
        " 2019 年 6 月 30 日 ",
        "2019—06—30",
        "２０１９．６．３０",
        "２０１９年６月３０日",
        "2019、6、30",
        "2019.6.30.",
        "20190630",
        20190630.0,
        20190630,
        43646.0,
        43646.75,
        "43646",
        "二〇一九年六月三十日",
        "二○一九年六月三十日",
        "二零一九年六月卅日",
        "2019-06-30 10:30",
        "2019/6/30 10:30:00",
        "2019-06-30T10:30:00",
        "30/6/2019",
        "6/30/2019",
        "30 June 2019",
        "Jun 30, 2019",
        date(2019, 6, 30),
        datetime(2019, 6, 30, 10, 30),
    ],
    ids=str,
)
def test_one_day_in_many_shapes(cell: Cell) -> None:
    """Every shape in use reads as the day it means."""
    found = day_reader(DateRules(today=TODAY))(cell)

    assert isinstance(found, DayFound)
    assert found.day == JUNE_30


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("2019.2.30", "不存在"),
        ("2019.13.1", "不存在"),
        ("2019年2月29日", "不存在"),
        ("2019.06.30前", "不是确切"),
        ("2019年6月底前", "没有写到日"),
        ("2019年6月底", "没有写到日"),
        ("长期坚持", "不是确切"),
        ("2019.3", "没有写到日"),
        (2019.3, "没有写到日"),
        ("2019年3月", "没有写到日"),
        (201903.0, "没有写到日"),
        (2019.0, "没有写到日"),
        ("6月30日", "没有年份"),
        ("6.30", "没有年份"),
        (6.3, "缺年份"),
        ("12.6.30", "只有两位"),
        ("6/7/2019", "两个日期"),
        ("2019.6.3-2019.6.5", "不止一个"),
        ("2019.6.3、2019.6.5", "不止一个"),
        ("1989.12.31", "早于"),
        ("2024.12.2", "晚于"),
        ("3019.6.30", "晚于"),
        ("待核实", "不是日期"),
        (13.0, "不是日期"),
        (True, "不是日期"),
        (time(10, 30), "不是日期"),
        (timedelta(days=3), "不是日期"),
    ],
    ids=str,
)
def test_what_is_not_one_day_is_refused(cell: Cell, wrong: str) -> None:
    """A month, a span, a missing year or a day that does not exist is a problem, never a guess."""
    found = day_reader(DateRules(today=TODAY))(cell)

    assert isinstance(found, NoDay)
    assert wrong in found.wrong.zh
    assert found.right.en
    assert found.right.zh


def test_the_day_that_would_be_right_is_offered_where_it_stands() -> None:
    """Of “2019.06.30前” the day itself would be right."""
    found = day_reader(DateRules(today=TODAY))("2019.06.30前")

    assert isinstance(found, NoDay)
    assert "2019-06-30" in found.right.zh


@pytest.mark.parametrize("cell", ["6月30日", "6.30", "06-30", "６月３０日", "6月30号"])
def test_stated_year_completes_a_day(cell: str) -> None:
    """A day without a year takes the year that the ledger states, with a note that says so."""
    found = day_reader(DateRules(today=TODAY, stated=STATED))(cell)

    assert isinstance(found, DayFound)
    assert (found.day, found.how) == (JUNE_30, "year_supplied")


def test_limits_are_believed_themselves() -> None:
    """1 January 1990 and the day five years ahead are still believed; a leap day ahead is clipped."""
    read = day_reader(DateRules(today=date(2020, 2, 29)))

    assert [type(read(text)) for text in ("1990-01-01", "2025-02-28", "2025-03-01")] == [DayFound, DayFound, NoDay]


_ZH = str.maketrans("0123456789", "〇一二三四五六七八九")
_WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


def _below_100(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = {0: "", 1: "十"}.get(tens, str(tens).translate(_ZH) + "十")
    return ten + (str(ones).translate(_ZH) if ones else "")


SHAPES: dict[str, Callable[[date], Cell]] = {
    "dots": lambda d: f"{d.year}.{d.month}.{d.day}",
    "padded dots": lambda d: f"{d:%Y.%m.%d}",
    "iso": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "spaced": lambda d: f" {d.year} 年 {d.month} 月 {d.day} 日",
    "digits": lambda d: f"{d:%Y%m%d}",
    "number": lambda d: float(f"{d:%Y%m%d}"),
    "serial": lambda d: float((d - date(1899, 12, 30)).days),
    "wide": lambda d: f"{d.year}.{d.month}.{d.day}".translate(_WIDE),
    "wide dashes": lambda d: d.isoformat().translate(_WIDE),
    "in words": lambda d: f"{str(d.year).translate(_ZH)}年{_below_100(d.month)}月{_below_100(d.day)}日",
    "with time": lambda d: f"{d.isoformat()} 08:30:00",
    "english": lambda d: f"{d:%d %B %Y}",
    "date": lambda d: d,
    "datetime": lambda d: datetime.combine(d, time(8, 30)),
}


@given(day=st.dates(date(1990, 1, 1), date(2024, 12, 1)), shape=st.sampled_from(sorted(SHAPES)))
def test_any_day_in_any_shape_reads_back(day: date, shape: str) -> None:
    """Whatever day is written in whatever shape, that day is read."""
    found = day_reader(DateRules(today=TODAY))(SHAPES[shape](day))

    assert isinstance(found, DayFound)
    assert found.day == day


@given(text=st.text(alphabet="0123456789.-/年月日前底〇一二三十 ", max_size=12))
def test_any_scribble_is_a_day_or_a_sentence(text: str) -> None:
    """No writing breaks the reading, and a day that is read lies within the limits."""
    found = day_reader(DateRules(today=TODAY, stated=STATED))(text)

    assert isinstance(found, NoDay) or (
        isinstance(found, DayFound) and date(1990, 1, 1) <= found.day <= date(2024, 12, 1)
    )
