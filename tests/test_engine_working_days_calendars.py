"""China's official calendar against two libraries and the notices; own days; what a day is."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.calendars import Calendar, DayStatus, china
from engine.working_days.scales import WorkingDays

CLOSED = Text("closed", "停诊")
CORRECTED = {date(2005, 12, 31)}
"""Worked by 国办发明电〔2005〕35号; the library `chinesecalendar` has it off."""


def days(first: int, last: int) -> list[date]:
    """Return every day of the years."""
    begin = date(first, 1, 1)
    return [begin + timedelta(days=step) for step in range((date(last, 12, 31) - begin).days + 1)]


def test_every_day_since_2004_is_what_chinesecalendar_says() -> None:
    """23 years agree day by day, but for one day on which the notice is right and the library is not."""
    differing = {
        day
        for day in days(2004, 2026)
        if (china().standing(day) is DayStatus.WORK) is not chinese_calendar.is_workday(day)
    }

    assert differing == CORRECTED


def test_every_day_since_2018_is_what_holidays_says() -> None:
    """Two libraries of different makers agree on nine years."""
    second = holidays.country_holidays("CN", years=range(2018, 2027))

    differing = {
        day for day in days(2018, 2026) if (china().standing(day) is DayStatus.WORK) != second.is_working_day(day)
    }

    assert differing == set()


@pytest.mark.parametrize(
    ("day", "standing", "en", "zh"),
    [
        ("2019-04-28", DayStatus.WORK, "make-up working day (Labour Day)", "调休上班（劳动节）"),
        ("2019-05-02", DayStatus.OFF, "Labour Day", "劳动节"),
        ("2019-05-05", DayStatus.WORK, "make-up working day (Labour Day)", "调休上班（劳动节）"),
        ("2019-09-29", DayStatus.WORK, "make-up working day (National Day)", "调休上班（国庆节）"),
        ("2020-02-01", DayStatus.OFF, "Spring Festival", "春节"),
        ("2020-02-03", DayStatus.WORK, "Monday", "周一"),
        ("2015-09-03", DayStatus.OFF, "70th anniversary of Victory Day", "抗战胜利70周年纪念日"),
        ("2019-06-30", DayStatus.OFF, "Sunday", "周日"),
        ("2026-10-10", DayStatus.WORK, "make-up working day (National Day)", "调休上班（国庆节）"),
        ("2027-01-01", DayStatus.NOT_PUBLISHED, "Friday", "周五"),
        ("2003-12-31", DayStatus.NOT_PUBLISHED, "Wednesday", "周三"),
    ],
)
def test_a_day_works_is_off_or_is_not_published(day: str, standing: DayStatus, en: str, zh: str) -> None:
    """Three answers, each with its reason in both languages."""
    asked = date.fromisoformat(day)

    assert (china().standing(asked), china().reason(asked)) == (standing, Text(en, zh))


def test_every_year_since_2006_has_its_notice() -> None:
    """What is published names its source."""
    assert china().published == (2004, 2026)
    assert [year for year in range(2004, 2027) if not china().notices[year]] == [2004, 2005]


def test_a_unit_lays_its_own_days_over_the_official_ones() -> None:
    """Own days win, in both directions; the original stays as it was."""
    own = china().with_days(
        off={date(2019, 6, 5): CLOSED, date(2019, 9, 29): CLOSED}, working=[date(2019, 10, 7)], version="1"
    )

    assert own.label == "cn 1"
    assert [own.standing(date(2019, 6, 5)), own.standing(date(2019, 9, 29)), own.standing(date(2019, 10, 7))] == [
        DayStatus.OFF,
        DayStatus.OFF,
        DayStatus.WORK,
    ]
    assert own.reason(date(2019, 6, 5)) == CLOSED
    assert own.reason(date(2019, 10, 7)) == Text("make-up working day", "调休上班")
    assert china().standing(date(2019, 6, 5)) is DayStatus.WORK


def test_an_own_day_in_an_unpublished_year_is_known() -> None:
    """Its neighbours are not."""
    own = china().with_days(off=[date(2027, 6, 7)])

    assert own.standing(date(2027, 6, 7)) is DayStatus.OFF
    assert own.reason(date(2027, 6, 7)) == Text("holiday", "放假")
    assert own.standing(date(2027, 6, 8)) is DayStatus.NOT_PUBLISHED


def test_a_calendar_is_a_value() -> None:
    """Equal if it says the same, hashable, and told apart by its version."""
    first, second = Calendar(name="a", version="1"), Calendar(name="a", version="1")

    assert first == second
    assert hash(first) == hash(second)
    assert first != Calendar(name="a", version="2")
    assert Calendar(name="a").label == "a"


def test_a_week_without_a_working_day_is_refused() -> None:
    """Nothing could ever fall due."""
    with pytest.raises(BadValueError, match="a "):
        Calendar(name="a", weekend=frozenset(range(1, 8)))


@pytest.mark.parametrize(
    ("day", "segments"),
    [
        ("2019-06-03", ((1, 2),)),
        ("2019-06-04", ()),
        ("2019-06-08", ()),
        ("2019-06-15", ((1, 2),)),
        ("2019-06-16", ((7, 8),)),
        ("2019-06-22", ((5, 6),)),
    ],
)
def test_a_make_up_day_has_hours_of_its_own_or_those_of_the_week(
    day: str, segments: tuple[tuple[int, int], ...]
) -> None:
    """Own hours of the day, else of its weekday, else of the first weekday that has any; none on a day off."""
    calendar = Calendar(
        name="a",
        extra_working_days={date(2019, 6, each): CLOSED for each in (15, 16, 22)},
        hours=(((1, 2),), (), (), (), (), (), ((7, 8),)),
        hours_on={date(2019, 6, 22): ((5, 6),)},
    )

    assert calendar.segments(date.fromisoformat(day)) == segments


def test_the_nth_working_day_is_the_first_with_that_count() -> None:
    """Count and n-th are each other's inverse around turned days, whichever way they are turned."""
    scale = WorkingDays({6, 7}, {5: False, 6: True, 7: True, 8: False, 9: False, 20: True, 1: True, 13: False})
    worked = [day for day in range(1, 60) if scale.works(day)]

    assert [scale.nth(number) for number in range(1, len(worked) + 1)] == worked
    assert [scale.count(day) for day in worked] == list(range(1, len(worked) + 1))
