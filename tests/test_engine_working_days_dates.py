"""What people write for days, instants, units and lengths, and how months end."""

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from engine.errors import BadValueError
from engine.working_days.dates import add_months, local_day, read_amount, read_day, read_length, read_moment, read_unit

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "text",
    ["2019-06-30", "2019-6-30", "2019/6/30", "2019/06/30", "2019.6.30", "2019年6月30日", "2019年06月30", "20190630",
     " 2019-06-30 ", "２０１９－０６－３０", "２０１９年６月３０日"],
)  # fmt: skip
def test_a_day_may_be_written_in_every_usual_way(text: str) -> None:
    """All these texts say the last day of June 2019."""
    assert read_moment(text) == date(2019, 6, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-06-30T09:00:00+08:00", datetime(2019, 6, 30, 9, tzinfo=CHINA)),
        ("2019-06-30T01:00:00Z", datetime(2019, 6, 30, 1, tzinfo=UTC)),
        ("2019-06-30t01:00:00z", datetime(2019, 6, 30, 1, tzinfo=UTC)),
        ("2019-06-30 09:00+08:00", datetime(2019, 6, 30, 9, tzinfo=CHINA)),
        ("20190630T090000+0800", datetime(2019, 6, 30, 9, tzinfo=CHINA)),
    ],
)
def test_an_instant_carries_its_zone(text: str, expected: datetime) -> None:
    """An instant in ISO 8601 is read with its zone."""
    moment = read_moment(text)

    assert moment == expected
    assert isinstance(moment, datetime)
    assert moment.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    ("text", "clue"),
    [
        ("2019-02-30", "there is no 2019-02-30"),
        ("2019-02-29", "there is no 2019-02-29"),
        ("2019-13-01", "there is no"),
        ("0000-01-01", "there is no"),
        ("yesterday", "is not a date"),
        ("19-06-30", "is not a date"),
        ("2019-06", "is not a date"),
        ("", "is not a date"),
        ("2019-06-30T25:00:00Z", "is not an instant"),
        ("2019-02-30T09:00:00Z", "there is no 2019-02-30"),
        ("2019-06-30T09:00:00", "no time zone"),
        ("2019-06-30 09:00", "no time zone"),
    ],
)
def test_what_is_no_moment_is_refused_in_one_line(text: str, clue: str) -> None:
    """The refusal says what is wrong, in both languages, and exits with 2."""
    with pytest.raises(BadValueError) as refusal:
        read_moment(text)

    assert clue in refusal.value.sentence.en
    assert "\n" not in refusal.value.sentence.en + refusal.value.sentence.zh
    assert refusal.value.exit_code == 2


def test_an_instant_is_not_a_day() -> None:
    """Where a day is wanted, an instant is refused."""
    with pytest.raises(BadValueError):
        read_day("2019-06-30T09:00:00Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 working_days", (15, "working_days")),
        ("15 working days", (15, "working_days")),
        ("15个工作日", (15, "working_days")),
        ("1 month", (1, "months")),
        ("2个月", (2, "months")),
        ("-3 days", (-3, "days")),
        ("+7 days", (7, "days")),
        ("2 weeks", (14, "days")),
        ("1 year", (12, "months")),
        ("24小时", (24, "hours")),
        ("1.5 hours", (Fraction(3, 2), "hours")),
        ("1/4 working_hour", (Fraction(1, 4), "working_hours")),
    ],
)
def test_a_length_names_amount_and_unit(text: str, expected: tuple[int | Fraction, str]) -> None:
    """Lengths are read in words of both languages; weeks are days and years months."""
    assert read_length(text) == expected


@pytest.mark.parametrize("text", ["", "month", "3", "3 fortnights", "1/0 days", "x days"])
def test_what_is_no_length_is_refused(text: str) -> None:
    """A length without amount or with an unknown unit is refused."""
    with pytest.raises(BadValueError):
        read_length(text)


@pytest.mark.parametrize("text", ["ten", "", "1,5", "nan", "inf", "1/0"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """An amount is a finite number."""
    with pytest.raises(BadValueError):
        read_amount(text)


@pytest.mark.parametrize("text", ["", "moons", "seconds"])
def test_what_is_no_unit_is_refused(text: str) -> None:
    """A unit is one of the six or a word for it."""
    with pytest.raises(BadValueError):
        read_unit(text)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2019-01-31", 1, "2019-02-28"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2020-02-29", -12, "2019-02-28"),
        ("2019-12-31", 2, "2020-02-29"),
        ("2019-03-31", -1, "2019-02-28"),
        ("2019-08-31", 1, "2019-09-30"),
        ("2019-11-30", 1, "2019-12-30"),
        ("2019-06-30", 0, "2019-06-30"),
        ("9999-11-30", 1, "9999-12-30"),
        ("9999-10-31", 2, "9999-12-31"),
    ],
)
def test_a_month_ends_on_the_same_date_or_on_its_last_day(day: str, months: int, expected: str) -> None:
    """民法典202: no corresponding date, then the last day of the month."""
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize("months", [120_000, -120_000])
def test_months_beyond_the_written_years_are_refused(months: int) -> None:
    """A date outside the years 1 to 9999 is refused, not crashed on."""
    with pytest.raises(BadValueError):
        add_months(date(2019, 1, 1), months)


def test_the_local_day_is_that_of_the_zone() -> None:
    """An instant has the date of the zone that is asked for; a date stays."""
    late = datetime(2019, 6, 30, 17, tzinfo=UTC)

    assert local_day(late, ZoneInfo("Asia/Shanghai")) == date(2019, 7, 1)
    assert local_day(date(2019, 6, 30), ZoneInfo("Asia/Shanghai")) == date(2019, 6, 30)
