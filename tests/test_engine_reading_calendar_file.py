"""Calendar files as users write them: every accepted form, and every problem at once."""

import json
from datetime import date
from pathlib import Path

import pytest

from engine.errors import BadFileError, BadValueError, InvalidWorkflowError
from engine.language import Text
from engine.reading.calendar_file import parse_calendar, read_calendar
from engine.reading.calendar_words import read_hours, read_weekdays
from engine.working_days.calendars import DayStatus, china

HERE = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        ("sat", (6,)), ("Saturday", (6,)), ("SUN", (7,)), ("sun.", (7,)), ("6", (6,)), ("周六", (6,)), ("星期日", (7,)),
        ("礼拜天", (7,)), ("日", (7,)), ("tues", (2,)), ("mon-fri", (1, 2, 3, 4, 5)), ("周一至周三", (1, 2, 3)),
        ("fri-sun", (5, 6, 7)), ("sat-mon", (6, 7, 1)), ("６", (6,)),
    ],
)  # fmt: skip
def test_weekdays_are_known_by_many_names(word: str, numbers: tuple[int, ...]) -> None:
    """Names in both languages, numbers from 1 for Monday, and ranges."""
    assert read_weekdays(word) == numbers


@pytest.mark.parametrize("word", ["0", "8", "t", "s", "funday", "", "mon-", "mon-tue-wed", "周八"])
def test_what_is_no_weekday_is_refused(word: str) -> None:
    """Also 0, which is Sunday to some and Monday to others."""
    with pytest.raises(BadValueError):
        read_weekdays(word)


NINE, NOON, TWO, FIVE = 9 * 3600, 12 * 3600, 14 * 3600, 17 * 3600


@pytest.mark.parametrize(
    ("plain", "segments"),
    [
        ("09:00-17:00", ((NINE, FIVE),)),
        ("9-17", ((NINE, FIVE),)),
        ("9:00 – 17:00", ((NINE, FIVE),)),
        ("９：００至１７：００", ((NINE, FIVE),)),
        ("9:00 to 17:00", ((NINE, FIVE),)),
        ("09:00-12:00, 14:00-17:00", ((NINE, NOON), (TWO, FIVE))),
        ("14:00-17:00；09:00-12:00", ((NINE, NOON), (TWO, FIVE))),
        (["09:00-12:00", "14:00-17:00"], ((NINE, NOON), (TWO, FIVE))),
        (["09:00", "17:00"], ((NINE, FIVE),)),
        ([["09:00", "12:00"], ["14:00", "17:00"]], ((NINE, NOON), (TWO, FIVE))),
        ({"from": "09:00", "to": "17:00"}, ((NINE, FIVE),)),
        ([{"from": "09:00", "to": "17:00"}], ((NINE, FIVE),)),
        ({"09:00": "12:00", "14:00": "17:00"}, ((NINE, NOON), (TWO, FIVE))),
        ("00:00-24:00", ((0, 86400),)),
        ("09:00:30-17:00", ((NINE + 30, FIVE),)),
        ("closed", ()),
        ([], ()),
    ],
)
def test_opening_hours_are_read_in_every_form(plain: object, segments: tuple[tuple[int, int], ...]) -> None:
    """Seconds after midnight, in order."""
    assert read_hours(plain) == segments


@pytest.mark.parametrize(
    "plain", ["17:00-09:00", "09:00-09:00", "09:00-25:00", "09:60-10:00", "09:00", "nine to five", "9-12, 11-14", None]
)
def test_what_are_no_opening_hours_is_refused(plain: object) -> None:
    """Backwards, empty, beyond the day, overlapping, or not hours at all."""
    with pytest.raises(BadValueError):
        read_hours(plain)


def test_a_whole_file_is_read() -> None:
    """Every key in one file."""
    calendar = read_calendar(HERE / "calendar_hospital.yaml")

    assert (calendar.name, calendar.version, calendar.tz) == ("hospital", "3", "Europe/Berlin")
    assert calendar.title == Text("Hospital", "医院")
    assert calendar.weekend == {6, 7}
    assert calendar.published == (2019, 2021)
    assert calendar.unpublished == "weekdays"
    assert calendar.holidays[date(2019, 12, 26)] == Text("Second day of Christmas", "圣诞次日")
    assert [day.isoformat() for day in sorted(calendar.holidays)] == [
        "2019-12-25", "2019-12-26", "2019-12-30", "2019-12-31", "2020-01-01", "2020-05-01", "2020-05-02", "2020-05-03",
    ]  # fmt: skip
    assert calendar.segments(date(2019, 12, 28)) == ((10 * 3600, NOON),)
    assert calendar.segments(date(2019, 12, 27)) == ((NINE, NOON),)
    assert calendar.segments(date(2019, 12, 23)) == ((8 * 3600 + 1800, NOON), (TWO, 17 * 3600 + 1800))


def test_a_file_may_begin_with_the_official_days() -> None:
    """`base: cn`, own days on top, and a year more once its notice is out."""
    calendar = parse_calendar(
        "base: cn\npublished: 2004-2027\nholidays: {2027-01-01: 元旦, 2019-06-05: 停诊}\n"
        "extra_working_days: [2019-10-07]",
        file="own.yaml",
    )

    assert calendar.name == "own"
    assert calendar.standing(date(2027, 1, 1)) is DayStatus.OFF
    assert calendar.standing(date(2027, 1, 4)) is DayStatus.WORK
    assert calendar.standing(date(2019, 10, 1)) is DayStatus.OFF
    assert calendar.standing(date(2019, 10, 7)) is DayStatus.WORK
    assert calendar.reason(date(2019, 6, 5)).zh == "停诊"
    assert calendar.notices == china().notices


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("holidays: [2019-10-01]", ["2019-10-01"]),
        ("holidays: ['2019/10/1', 2019年10月2日, 20191003]", ["2019-10-01", "2019-10-02", "2019-10-03"]),
        ("holidays: 2019-10-01", ["2019-10-01"]),
        ("holidays: [2019-10-01..2019-10-03]", ["2019-10-01", "2019-10-02", "2019-10-03"]),
        ("holidays: [2019-10-01 至 2019-10-02]", ["2019-10-01", "2019-10-02"]),
        ("holidays: [{from: 2019-10-01, to: 2019-10-02, name: 国庆}]", ["2019-10-01", "2019-10-02"]),
        ("holidays: [{from: 2019-10-01}]", ["2019-10-01"]),
        ("holidays: {2019-10-01: 国庆, 2019-10-02: 国庆}", ["2019-10-01", "2019-10-02"]),
        ("holidays:", []),
        ("weekend: [7]", []),
        ('{"holidays": ["2019-10-01"]}', ["2019-10-01"]),
        ('{\n\t"holidays": [\n\t\t"2019-10-01"\n\t]\n}', ["2019-10-01"]),
        ("holidays: [{date: 2020-10-01, name: 国庆节}, {date: 2020-10-01, name: 中秋节}]", ["2020-10-01"]),
    ],
)
def test_holidays_are_read_in_every_form(text: str, off: list[str]) -> None:
    """Dates, ranges, named dates, tables, JSON."""
    assert [day.isoformat() for day in sorted(parse_calendar(text, file="f").holidays)] == off


@pytest.mark.parametrize(
    ("text", "weekend"),
    [
        ("weekend: [sat, sun]", {6, 7}),
        ("weekend: 'fri, sat'", {5, 6}),
        ("weekend: 周日", {7}),
        ("weekend: []", set()),
        ("weekend: none", set()),
        ("weekend: [5, 6]", {5, 6}),
        ("working_days: [monday, tuesday]", {3, 4, 5, 6, 7}),
        ("hours: {mon-sat: 9-17}", {7}),
        ("hours: {mon: {'09:00': '17:00'}, tue: closed}", {2, 3, 4, 5, 6, 7}),
        ("hours: 9-17", {6, 7}),
        ("name: a", {6, 7}),
    ],
)
def test_the_weekend_is_given_or_follows_from_the_hours(text: str, weekend: set[int]) -> None:
    """A week told by its hours has the other days off."""
    assert parse_calendar(text, file="f").weekend == weekend


def test_a_list_of_days_as_others_publish_it_is_taken_over() -> None:
    """Days with isOffDay, for one year."""
    text = json.dumps(
        {
            "$schema": "x",
            "year": 2027,
            "papers": [],
            "days": [
                {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
                {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
            ],
        },
        ensure_ascii=False,
    )
    calendar = parse_calendar(text, file="2027.json")

    assert calendar.published == (2027, 2027)
    assert calendar.standing(date(2027, 1, 1)) is DayStatus.OFF
    assert calendar.standing(date(2027, 1, 3)) is DayStatus.WORK
    assert calendar.standing(date(2026, 1, 1)) is DayStatus.NOT_PUBLISHED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_may_be_in_the_encodings_of_office_machines(encoding: str, tmp_path: Path) -> None:
    """The Chinese name survives."""
    file = tmp_path / "own.yaml"
    file.write_bytes("holidays: [{date: 2019-06-05, name: 停诊}]".encode(encoding))

    assert read_calendar(file).holidays[date(2019, 6, 5)].zh == "停诊"


def test_the_version_follows_the_text() -> None:
    """A file that names no version has another one whenever it changes."""
    first, second = (parse_calendar(f"holidays: [2019-10-0{n}]", file="own.yaml").version for n in (1, 2))

    assert first != second
    assert len(first) == 8


def test_every_problem_is_listed_with_its_line() -> None:
    """One round of mending: all problems, in the order of the lines, in both languages."""
    with pytest.raises(InvalidWorkflowError) as refusal:
        read_calendar(HERE / "calendar_bad.yaml")

    told = [problem.en.partition("calendar_bad.yaml:")[2] for problem in refusal.value.problems]
    assert told == [
        "1: 'funday' is not a weekday; use mon to sun, 周一 to 周日, or 1 for Monday to 7 for Sunday",
        "2: unknown key 'holiday' (did you mean 'holidays'?)",
        "4: there is no 2019-02-30 in the calendar; check the year, the month and the day",
        "6: 2019-01-01 is listed twice; keep one",
        "7: a day is written {date, name} or {from, to, name}",
        "8: the range 2019-03-02 to 2019-03-01 does not run forwards within ten years",
        "9: 2019-01-01 is both a holiday and an extra working day; keep one",
        "10: opening hours must close after they open, by 24:00; split hours over midnight in two",
        "11: 'Mars/Base' is not a time zone; write it like Asia/Shanghai",
        "12: unpublished is 'maybe'; use refuse or weekdays",
        "13: published is not a range of years; write it like 2018-2026",
        "14: no calendar is called 'de'; use cn or leave `base` out",
        "15: one value is wanted here, not a list",
        "16: 'tz' is given twice; keep one",
    ]
    assert refusal.value.exit_code == 10
    assert all("\n" not in problem.zh for problem in refusal.value.problems)


@pytest.mark.parametrize(
    ("text", "clue"),
    [
        ("a: [", "is not YAML"),
        ("a: b: c", "is not YAML"),
        ('{"a": ', "is not YAML"),
        ("\x00", "is not YAML"),
        ("[" * 3000, "is nested too deeply"),
        ("", "must begin with keys"),
        ("- 2019-01-01", "must begin with keys"),
        ("weekend: mon-sun", "no day of the week works"),
        ("days: [{date: 2019-01-01}]", "needs date and isOffDay"),
        ("holidays: [2019-01-01, 2019-01-01..2019-01-03]", "is listed twice"),
        ("holidays: [{date: 2019-01-01, name: a}, 2019-01-01]", "is listed twice"),
        ("holidays: [1990-01-01..2019-01-03]", "within ten years"),
        ("[1]: 2", "a key must be a text"),
        ("published: 2026-2018", "not a range of years"),
    ],
)
def test_what_is_no_calendar_is_refused(text: str, clue: str) -> None:
    """One sentence each, no traceback."""
    with pytest.raises(InvalidWorkflowError) as refusal:
        parse_calendar(text, file="f.yaml")

    assert [clue in problem.en for problem in refusal.value.problems] == [True]


@pytest.mark.parametrize("raw", [None, b"\xff\xfe\x00", b"\x81\x00\xff"])
def test_what_cannot_be_read_as_text_is_refused(raw: bytes | None, tmp_path: Path) -> None:
    """A missing file and a file that is not text are said to be so."""
    file = tmp_path / "own.yaml"
    if raw is not None:
        file.write_bytes(raw)

    with pytest.raises(BadFileError) as refusal:
        read_calendar(file)
    assert refusal.value.exit_code == 11
