"""On which days a recurring case opens, what period it is about, and when it is due."""

from datetime import date

import pytest

from engine.deadlines.recurrence import begins_on, occurrences
from engine.workflow.recurring_cases import CampaignMoment, CampaignRun, Recurrence
from engine.working_days.calendars import china

SHANGHAI = china()
DAILY = {"every": "day", "opens_on": 0, "due_on": 0, "off_day": "stays", "covers": "this"}
WORKING = {**DAILY, "every": "working_day"}
QUARTER = {"every": "quarter", "opens_on": 101, "due_on": 320, "off_day": "stays", "covers": "this"}
YEAR = {"every": "year", "opens_on": 1120, "due_on": 1210, "off_day": "stays", "covers": "this"}
WEEK = {"every": "week", "opens_on": 1, "due_on": 5, "off_day": "stays", "covers": "this"}
MONTH = {"every": "month", "opens_on": 5, "due_on": 10, "off_day": "stays", "covers": "last"}


def declared(**given: object) -> Recurrence:
    """Return a recurrence that says when, and nothing else of interest."""
    return Recurrence(name="r", units_with=(), writes={}, sets={}, **given)  # type: ignore[arg-type]


def said(recurs: Recurrence, first: str, last: str) -> list[tuple[str, ...]]:
    """Return what opens between two days: when, about which period, to its last day, due when."""
    found = occurrences(recurs, date.fromisoformat(first), date.fromisoformat(last), SHANGHAI)
    return [(str(each.opens_on), each.period, str(each.ends_on), str(each.due_on)) for each in found]


@pytest.mark.parametrize(
    ("more", "opens", "says"),
    [
        pytest.param(WEEK, "2019-07-01", ("2019-W27", "2019-07-05", "2019-07-05"), id="this week"),
        pytest.param(WEEK, "2018-12-31", ("2019-W01", "2019-01-04", "2019-01-04"), id="a week of two years"),
        pytest.param({**WEEK, "covers": "last"}, "2019-07-08", ("2019-W27", "2019-07-07", "2019-07-12"), id="last one"),
        pytest.param(WEEK, "2019-09-30", ("2019-W40", "2019-10-04", "2019-10-04"), id="a holiday; stays"),
        pytest.param(
            {**WEEK, "off_day": "before"}, "2019-09-30", ("2019-W40", "2019-09-30", "2019-09-30"),
            id="before: the Monday is the nearest that works",
        ),
        pytest.param({**WEEK, "off_day": "after"}, "2019-09-30", ("2019-W40", "2019-10-08", "2019-10-08"), id="after"),
        pytest.param(
            {**WEEK, "off_day": "before"}, "2019-02-04", ("2019-W06", "2019-02-11", "2019-02-11"),
            id="a week that is off as a whole is due after it, not before it opens",
        ),
        pytest.param(MONTH, "2019-07-05", ("2019-06", "2019-06-30", "2019-07-10"), id="last month"),
        pytest.param(MONTH, "2019-01-05", ("2018-12", "2018-12-31", "2019-01-10"), id="December in January"),
        pytest.param(
            {**MONTH, "covers": "this", "due_on": 31}, "2019-02-05", ("2019-02", "2019-02-28", "2019-02-28"),
            id="a month without that day: its last",
        ),
        pytest.param(
            {**MONTH, "off_day": "before"}, "2019-08-05", ("2019-07", "2019-07-31", "2019-08-09"), id="off: before",
        ),
        pytest.param(
            {**MONTH, "off_day": "after"}, "2019-08-05", ("2019-07", "2019-07-31", "2019-08-12"), id="off: after",
        ),
        pytest.param(
            {**MONTH, "off_day": "after"}, "2019-11-05", ("2019-10", "2019-10-31", "2019-11-11"), id="a Sunday",
        ),
        pytest.param(DAILY, "2019-10-06", ("2019-10-06", "2019-10-06", "2019-10-06"), id="each day, rest days too"),
        pytest.param(
            {**DAILY, "due_on": 2, "off_day": "after"}, "2019-09-29", ("2019-09-29", "2019-09-29", "2019-10-08"),
            id="due two days later, or after the holiday",
        ),
        pytest.param(
            {**WORKING, "covers": "last"}, "2019-10-08", ("2019-09-30", "2019-09-30", "2019-10-08"),
            id="of the working day before: over the holiday",
        ),
        pytest.param(
            {**QUARTER, "covers": "last"}, "2020-01-01", ("2019Q4", "2019-12-31", "2020-03-20"), id="last quarter",
        ),
        pytest.param(QUARTER, "2019-07-01", ("2019Q3", "2019-09-20", "2019-09-20"), id="this quarter"),
        pytest.param(YEAR, "2019-11-20", ("2019", "2019-12-10", "2019-12-10"), id="a year, before it ends"),
        pytest.param(
            {**YEAR, "opens_on": 101, "due_on": 131, "covers": "last"}, "2020-01-01",
            ("2019", "2019-12-31", "2020-01-31"), id="the year before",
        ),
    ],
)  # fmt: skip
def test_what_opens(more: dict[str, object], opens: str, says: tuple[str, ...]) -> None:
    """What opens on a day says its period, the last day of that, and when it is due."""
    assert said(declared(**more), opens, opens) == [(opens, *says)]


def test_from_the_first_day_to_the_last() -> None:
    """Both ends are included, and what opened the day before the first is not."""
    opened = [each[0] for each in said(declared(**WEEK), "2019-07-02", "2019-07-22")]
    monthly = [each[0] for each in said(declared(**MONTH), "2019-07-06", "2019-10-05")]

    assert opened == ["2019-07-08", "2019-07-15", "2019-07-22"]
    assert monthly == ["2019-08-05", "2019-09-05", "2019-10-05"]


@pytest.mark.parametrize(
    ("more", "ends", "begins"),
    [
        (WEEK, "2019-07-12", "2019-07-06"),
        ({**WEEK, "off_day": "before"}, "2019-02-15", "2019-02-12"),
        ({**WEEK, "covers": "last"}, "2019-07-07", "2019-07-01"),
        (WORKING, "2019-10-08", "2019-10-01"),
        (QUARTER, "2019-09-20", "2019-06-21"),
        (YEAR, "2019-12-10", "2018-12-11"),
        (MONTH, "2018-12-31", "2018-12-01"),
        (MONTH, "2019-06-30", "2019-06-01"),
        ({**MONTH, "covers": "this", "due_on": 31}, "2019-02-28", "2019-02-01"),
    ],
)
def test_no_day_is_in_no_period(more: dict[str, object], ends: str, begins: str) -> None:
    """A period begins on the day after the one before it ended, also where that was due late."""
    assert begins_on(declared(**more), date.fromisoformat(ends), SHANGHAI) == date.fromisoformat(begins)


RUN = CampaignRun(
    name="c",
    begins_on=date(2019, 8, 1),
    clear_by=date(2019, 12, 31),
    report_on=date(2019, 12, 10),
    stages=((date(2019, 8, 1), date(2019, 10, 31)), (date(2019, 11, 1), date(2019, 12, 31))),
    check_in="week",
    bulletin="month",
)


def test_the_days_of_a_campaign() -> None:
    """What a campaign names opens so many days from it: stages, the report day, the end, meetings, bulletins."""
    rows = [
        ("stage_end", -3, 7, ["2019-10-28 c-2019-stage-1 2019-10-31 2019-11-07",
                              "2019-12-28 c-2019-stage-2 2019-12-31 2020-01-07"]),
        ("report_on", -10, 0, ["2019-11-30 c-2019-report 2019-12-10 2019-12-10"]),
        ("clear_by", -150, -140, ["2019-08-03 c-2019-end 2019-08-13 2019-08-13"]),
        ("begin", 0, 14, ["2019-08-01 c-2019-begin 2019-08-15 2019-08-15"]),
        ("check_in", 0, 4, ["2019-07-29 2019-W31 2019-08-04 2019-08-02", "2019-08-05 2019-W32 2019-08-11 2019-08-09"]),
        ("bulletin", 31, 35, ["2019-09-01 2019-08 2019-08-31 2019-09-05", "2019-10-02 2019-09 2019-09-30 2019-10-06"]),
    ]  # fmt: skip
    wrong = []
    for at, opens, due, said_first in rows:
        moment = CampaignMoment(campaign="c", at=at)  # type: ignore[arg-type]  # one of its words
        recurs = declared(every="campaign", moment=moment, opens_on=opens, due_on=due)
        found = occurrences(recurs, date(2019, 1, 1), date(2020, 12, 31), SHANGHAI, [RUN])
        words = [f"{each.opens_on} {each.period} {each.ends_on} {each.due_on}" for each in found]
        if words[:2] != said_first:
            wrong.append((at, words[:2]))
    stages = declared(every="campaign", moment=CampaignMoment(campaign="c", at="stage_end"), opens_on=0, due_on=0)

    assert wrong == []
    assert begins_on(stages, date(2019, 12, 31), SHANGHAI, [RUN]) == date(2019, 11, 1)


def test_only_while_a_campaign_runs() -> None:
    """With `during` nothing opens before the campaign begins or after its last day, nor without the campaign."""
    recurs = declared(**{**WEEK, "during": "c"})
    year = date(2019, 1, 1), date(2019, 12, 31)
    opened = [str(each.opens_on) for each in occurrences(recurs, *year, SHANGHAI, [RUN])]

    assert (opened[0], opened[-1], len(opened)) == ("2019-08-05", "2019-12-30", 22)
    assert list(occurrences(recurs, *year, SHANGHAI)) == []
