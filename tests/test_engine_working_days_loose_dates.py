"""Days as people write them, against a table made by hand; a deadline and another day side by side."""

from datetime import date, timedelta

import pytest

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.loose_dates import (
    DayContext,
    DayFound,
    LengthFound,
    NoDay,
    NoEnd,
    StatedYear,
    Written,
    day_meant,
    written_day,
)

TODAY = date(2019, 12, 20)
RECEIVED = date(2019, 6, 12)
STATED = StatedYear(year=2019, where=Text("the title", "标题"))

ASK = "ask"
IMPOSSIBLE = "impossible"
NO_END = "no end"

# what is written | as a deadline of a lead received on 2019-06-12 | as another day, in a sheet that states 2019
TABLE: list[tuple[str, str, str]] = [
    ("2019-06-30", "2019-06-30", "2019-06-30"),
    ("2019年6月30日", "2019-06-30", "2019-06-30"),
    ("3-Jun-19", "2019-06-03", "2019-06-03"),
    ("'19.6.3", "2019-06-03", "2019-06-03"),
    ("3日", ASK, ASK),
    ("19年6月3日", "2019-06-03", "2019-06-03"),
    ("19.6.3", "2019-06-03", "2019-06-03"),
    ("19/06/03", "2019-06-03", "2019-06-03"),
    ("二〇一九年七月三日", "2019-07-03", "2019-07-03"),
    ("二零一九年十二月廿三日", "2019-12-23", "2019-12-23"),
    ("一九年六月三日", "2019-06-03", "2019-06-03"),
    ("二〇一九年元月三日", "2019-01-03", "2019-01-03"),
    ("2019年六月初三", ASK, ASK),
    ("2019年正月十五", ASK, ASK),
    ("六月初三", ASK, ASK),
    ("六月三日", "2020-06-03", "2019-06-03"),
    ("七月十五", "2019-07-15", "2019-07-15"),
    ("6月3日", "2020-06-03", "2019-06-03"),
    ("7月3日", "2019-07-03", "2019-07-03"),
    ("7.3", "2019-07-03", "2019-07-03"),
    ("7/3", "2019-07-03", "2019-07-03"),
    ("07-03", "2019-07-03", "2019-07-03"),
    ("７月３日", "2019-07-03", "2019-07-03"),
    ("2019.6.30前", "2019-06-30", ASK),
    ("2019年6月30日之前", "2019-06-30", ASK),
    ("2019-06-30前", "2019-06-30", ASK),
    ("7月10日前", "2019-07-10", ASK),
    ("1月10日前", "2020-01-10", ASK),
    ("2019.7", "2019-07-31", ASK),
    ("2019年7月", "2019-07-31", ASK),
    ("2019年7月份", "2019-07-31", ASK),
    ("2019年12月底前", "2019-12-31", ASK),
    ("2020年2月底", "2020-02-29", ASK),
    ("2020年2月末", "2020-02-29", ASK),
    ("12月底前", "2019-12-31", ASK),
    ("3月底前", "2020-03-31", ASK),
    ("十二月底", "2019-12-31", ASK),
    ("2019年7月上旬", "2019-07-10", ASK),
    ("2019年7月中旬", "2019-07-20", ASK),
    ("7月下旬", "2019-07-31", ASK),
    ("2019年年底", "2019-12-31", ASK),
    ("2019年底前", "2019-12-31", ASK),
    ("年底前", "2019-12-31", ASK),
    ("2019年上半年", "2019-06-30", ASK),
    ("2019年第三季度", "2019-09-30", ASK),
    ("三季度末", "2019-09-30", ASK),
    ("本月底前", "2019-06-30", ASK),
    ("月底前", "2019-06-30", ASK),
    ("6月前", ASK, ASK),
    ("2019年6月前", ASK, ASK),
    ("自收到之日起15个工作日", "15 working_days", ASK),
    ("自收到之日起15个工作日内", "15 working_days", ASK),
    ("15个工作日", "15 working_days", ASK),
    ("收到后十五个工作日内", "15 working_days", ASK),
    ("30日内", "30 days", ASK),
    ("三个月内", "3 months", ASK),
    ("60天", "60 days", ASK),
    ("15日", ASK, ASK),
    ("长期坚持", NO_END, ASK),
    ("持续推进", NO_END, ASK),
    ("每月5日前", NO_END, ASK),
    ("立行立改并长期坚持", NO_END, ASK),
    ("立行立改", ASK, ASK),
    ("2019-6-12 上午", "2019-06-12", "2019-06-12"),
    ("2019年6月12日18时", "2019-06-12", "2019-06-12"),
    ("2019-06-12 9:05", "2019-06-12", "2019-06-12"),
    ("2019年6月12日（周三）下午", "2019-06-12", "2019-06-12"),
    ("2019年6月12日 下午3点半", "2019-06-12", "2019-06-12"),
    ("6月12日上午", "2019-06-12", "2019-06-12"),
    ("2019.6.3-6.5", ASK, ASK),
    ("6.3-6.5", ASK, ASK),
    ("2019年6月3日至5日", ASK, ASK),
    ("6/7/2019", ASK, ASK),
    ("30/6/2019", "2019-06-30", "2019-06-30"),
    ("2019.6.31", IMPOSSIBLE, IMPOSSIBLE),
    ("2019年2月29日", IMPOSSIBLE, IMPOSSIBLE),
    ("2019-02-30", IMPOSSIBLE, IMPOSSIBLE),
    ("2019.6.31前", IMPOSSIBLE, IMPOSSIBLE),
    ("2019年13月1日", IMPOSSIBLE, IMPOSSIBLE),
    ("2月30日", IMPOSSIBLE, IMPOSSIBLE),
    ("2019年13月底前", IMPOSSIBLE, IMPOSSIBLE),
    ("12-06-03", ASK, ASK),
    ("待定", ASK, ASK),
    ("昨天", ASK, ASK),
    ("6月中", ASK, ASK),
    ("2019", ASK, ASK),
]


def shown(found: Written) -> str:
    """Return *found* as the table writes it."""
    if isinstance(found, DayFound):
        return found.day.isoformat()
    if isinstance(found, LengthFound):
        return f"{found.amount} {found.unit}"
    if isinstance(found, NoEnd):
        return NO_END
    assert found.wrong.zh
    assert found.right.en
    return IMPOSSIBLE if "不存在" in found.wrong.zh else ASK


@pytest.mark.parametrize(("words", "due", "other"), TABLE, ids=[words for words, _, _ in TABLE])
def test_what_people_write_is_understood_or_asked_about(words: str, due: str, other: str) -> None:
    """Each wording means its day as a deadline and as another day, or is a question; none is guessed."""
    as_deadline = written_day(words, DayContext(due=True, since=RECEIVED, stated=STATED))
    as_other = written_day(words, DayContext(stated=STATED))

    assert (shown(as_deadline), shown(as_other)) == (due, other)


@pytest.mark.parametrize("words", [each for each, due, _ in TABLE if due[:2] == "20"])
def test_marks_that_are_not_seen_change_nothing(words: str) -> None:
    """Full width, a direction mark and a full stop behind leave the day as it is."""
    wide = str.maketrans("0123456789.-/", "０１２３４５６７８９．－／")
    around = DayContext(due=True, since=RECEIVED, stated=STATED)
    plain = written_day(words, around)

    assert isinstance(plain, DayFound)
    for other in (words.translate(wide), f"\u202d{words}\u202c", f"{words}。", f"  {words} "):
        found = written_day(other, around)
        assert isinstance(found, DayFound), other
        assert found.day == plain.day, other


def test_a_year_that_is_nowhere_is_a_question() -> None:
    """Month and day without a year in row, sheet or clock are no day."""
    assert isinstance(written_day("6月3日", DayContext()), NoDay)
    assert isinstance(written_day("12月底前", DayContext(due=True)), NoDay)


def test_a_day_without_a_month_is_of_the_month_that_the_sheet_states() -> None:
    """3日 in a sheet of June is the third of June; typed, the last such day; of a deadline a question."""
    june = StatedYear(year=2019, where=Text("the title", "标题"), month=6)
    found = [written_day(text, DayContext(stated=june)) for text in ("3日", "廿三号", "31日")]
    assert [each.day if isinstance(each, DayFound) else None for each in found] == [
        date(2019, 6, 3), date(2019, 6, 23), None,
    ]  # fmt: skip
    assert isinstance(written_day("3日", DayContext(due=True, stated=june)), NoDay)
    assert [day_meant(text, today=TODAY) for text in ("3日", "25号")] == [date(2019, 12, 3), date(2019, 11, 25)]


def test_a_december_day_reported_in_january_is_of_the_year_before() -> None:
    """A day that would lie after the day of reporting is of the year before, and says so."""
    stated = StatedYear(year=2020, where=Text("the head", "表头"), latest_on=date(2020, 1, 8))
    found = written_day("12月30日", DayContext(stated=stated))

    assert isinstance(found, DayFound)
    assert found.day == date(2019, 12, 30)
    assert found.sentence is not None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("今天", date(2019, 12, 20)),
        ("昨天", date(2019, 12, 19)),
        ("昨日", date(2019, 12, 19)),
        ("前天", date(2019, 12, 18)),
        ("yesterday", date(2019, 12, 19)),
        ("明天", date(2019, 12, 21)),
        ("周五", date(2019, 12, 20)),
        ("本周一", date(2019, 12, 16)),
        ("上周五", date(2019, 12, 13)),
        ("下星期天", date(2019, 12, 29)),
        ("6月5日", date(2019, 6, 5)),
        ("12月25日", date(2018, 12, 25)),
        ("六月五号", date(2019, 6, 5)),
        ("19年6月5日", date(2019, 6, 5)),
    ],
)
def test_who_types_a_day_is_understood(words: str, day: date) -> None:
    """Somebody at a keyboard may write yesterday, last Friday, or a day of this year; 20 December 2019 is a Friday."""
    assert day_meant(words, today=TODAY) == day


@pytest.mark.parametrize(("words", "day"), [("1月10日", date(2020, 1, 10)), ("12月25日前", date(2019, 12, 25))])
def test_a_deadline_that_is_typed_lies_ahead(words: str, day: date) -> None:
    """A deadline without a year is the first such day from today on."""
    assert day_meant(words, today=TODAY, due=True) == day


@pytest.mark.parametrize("words", ["2019-02-30", "6/7/2019", "15个工作日", "长期坚持", "", "?", "9" * 300, "十" * 50])
def test_what_is_no_day_is_refused_in_one_line(words: str) -> None:
    """Words that are no day end in one sentence in both languages, not too long."""
    with pytest.raises(BadValueError) as refused:
        day_meant(words, today=TODAY, due=True)

    assert all(
        0 < len(each) < 200 and "\n" not in each for each in (refused.value.sentence.en, refused.value.sentence.zh)
    )


def test_every_day_reads_back_in_every_way_of_writing() -> None:
    """Each day from 1990 to 2030, written in twelve ways, is that day, as a deadline and otherwise."""
    zh = str.maketrans("0123456789", "〇一二三四五六七八九")

    def number(n: int) -> str:
        tens, ones = divmod(n, 10)
        return ("" if not tens else "十" if tens == 1 else "〇一二三"[tens] + "十") + (
            "一二三四五六七八九"[ones - 1] if ones else ""
        )

    day = date(1990, 1, 1)
    while day.year < 2031:
        y, m, d = day.year, day.month, day.day
        ways = [
            day.isoformat(),
            f"{y}-{m}-{d}",
            f"{y}/{m}/{d}",
            f"{y}.{m}.{d}",
            f"{y}.{m:02}.{d:02}",
            f"{y}年{m}月{d}日",
            f"{y}年{m:02}月{d:02}号",
            f"{y}{m:02}{d:02}",
            f"{y} 年 {m} 月 {d} 日",
            f"{str(y).translate(zh)}年{number(m)}月{number(d)}日",
            f"{y}年{m}月{d}日 上午",
            f"{y}-{m:02}-{d:02} 18:05",
        ]
        for way in ways:
            for around in (DayContext(), DayContext(due=True)):
                found = written_day(way, around)
                assert isinstance(found, DayFound), way
                assert found.day == day, way
        day += timedelta(days=17)
