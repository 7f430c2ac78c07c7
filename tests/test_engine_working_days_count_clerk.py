"""Counting by bisection against a clerk who walks through every day of a wall calendar."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.language import Text
from engine.working_days.calendars import Calendar
from engine.working_days.count import add, due_with_pauses, elapsed, working_days_between
from engine.working_days.explain import explain

NAME = Text("closed", "停诊")


def day(text: str) -> date:
    """Return the date that the text says."""
    return date.fromisoformat(text)


def plain(**settings_: Any) -> Calendar:
    """Return a calendar of weekdays with nothing published or withheld."""
    return Calendar(name="plain", **settings_)


DAYS = st.dates(day("2019-01-01"), day("2019-12-31"))
CALENDARS = st.builds(
    lambda weekend, off, extra: plain(
        weekend=weekend,
        holidays=dict.fromkeys(off - extra, NAME),
        extra_working_days=dict.fromkeys(extra, NAME),
    ),
    st.frozensets(st.integers(1, 7), max_size=6),
    st.frozensets(st.dates(day("2018-11-01"), day("2020-03-01")), max_size=40),
    st.frozensets(st.dates(day("2018-11-01"), day("2020-03-01")), max_size=15),
)
PAUSES = st.lists(st.tuples(DAYS, st.one_of(st.none(), st.integers(0, 20))), max_size=4)
ROLLS = st.sampled_from(["none", "forward", "backward"])
ONE = timedelta(days=1)


def works(each: date, calendar: Calendar) -> bool:
    """Say from the lists alone whether a day works."""
    if each in calendar.extra_working_days:
        return True
    return each not in calendar.holidays and each.isoweekday() not in calendar.weekend


def slow_months(start: date, months: int) -> date:
    """Step month by month, then clip."""
    year, month = start.year, start.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    for last in (31, 30, 29, 28):
        try:
            return date(year, month, min(start.day, last))
        except ValueError:
            continue
    raise AssertionError


def slow_due(
    start: date, amount: int, unit: str, calendar: Calendar, *, count_start: bool, roll: str, paused: set[date]
) -> date:
    """Walk day by day, as a clerk with a wall calendar would."""
    step = ONE if amount > 0 else -ONE
    if unit == "months":
        target = slow_months(start, amount)
        amount, unit = (target - start).days, "days"
    here, left = start, abs(amount)
    if count_start and left:
        here -= step
    while left:
        here += step
        if here not in paused and (unit == "days" or works(here, calendar)):
            left -= 1
    if roll != "none" and not works(here, calendar):
        while not works(here, calendar) or (roll == "forward" and here in paused):
            here += ONE if roll == "forward" else -ONE
    return here


@settings(max_examples=300, deadline=None)
@given(
    start=DAYS,
    amount=st.integers(-60, 60),
    unit=st.sampled_from(["days", "working_days", "months"]),
    calendar=CALENDARS,
    count_start=st.booleans(),
    roll=ROLLS,
)
@example(day("2020-02-29"), 12, "months", plain(), False, "forward")
def test_any_term_agrees_with_the_clerk(
    start: date, amount: int, unit: str, calendar: Calendar, count_start: bool, roll: Any
) -> None:
    """Whatever the calendar, counting by bisection is counting by hand, and the story ends on the date."""
    derivation = add(start, amount, unit, calendar, count_start=count_start, end_roll=roll)

    assert derivation.due == slow_due(start, amount, unit, calendar, count_start=count_start, roll=roll, paused=set())
    steps = explain(derivation)
    if unit != "months":
        assert sum(step.kind == "counted" for step in steps) == abs(amount)
    assert all(works(step.on, calendar) for step in steps if step.kind == "rolled")


@settings(max_examples=300, deadline=None)
@given(
    start=DAYS,
    amount=st.integers(1, 40),
    unit=st.sampled_from(["days", "working_days", "months"]),
    calendar=CALENDARS,
    pauses=PAUSES,
    count_start=st.booleans(),
    roll=ROLLS,
)
def test_any_paused_term_agrees_with_the_clerk(
    start: date,
    amount: int,
    unit: str,
    calendar: Calendar,
    pauses: list[tuple[date, int | None]],
    count_start: bool,
    roll: Any,
) -> None:
    """Days inside a pause are passed over, however the pauses lie; one that still lasts stops the clock."""
    spans = [(begins, None if length is None else begins + length * ONE) for begins, length in pauses]
    far = day("2023-01-01")
    paused = {
        date.fromordinal(ordinal)
        for begins, ends in spans
        for ordinal in range(begins.toordinal(), (ends or far).toordinal())
    }
    if unit == "months":
        amount = amount % 6 + 1
    derivation = due_with_pauses(start, amount, unit, calendar, pauses=spans, count_start=count_start, end_roll=roll)
    slow = slow_due(start, amount, unit, calendar, count_start=count_start, roll=roll, paused=paused)

    unrolled = slow_due(start, amount, unit, calendar, count_start=count_start, roll="none", paused=paused)

    if unrolled >= far:  # it stands still: the roll of an end that never comes is no date
        assert derivation is None or derivation.due >= far
    else:
        assert (derivation.due if derivation else far) == min(slow, far)
    if derivation:
        assert explain(derivation)[-1].on == derivation.due


@settings(max_examples=200, deadline=None)
@given(
    start=st.datetimes(datetime(2019, 1, 1), datetime(2019, 12, 31)),
    minutes=st.integers(-3000, 3000),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo"]),
    calendar=CALENDARS,
)
def test_working_hours_add_up(start: datetime, minutes: int, zone: str, calendar: Calendar) -> None:
    """What was added has elapsed, and the same amount back never ends after the start."""
    calendar = plain(
        tz=zone,
        weekend=calendar.weekend,
        holidays=calendar.holidays,
        extra_working_days=calendar.extra_working_days,
        hours=(((8 * 3600 + 1800, 12 * 3600), (14 * 3600, 17 * 3600 + 1800)),) * 7,
    )
    moment = start.replace(tzinfo=UTC, microsecond=0)
    there = add(moment, Fraction(minutes, 60), "working_hours", calendar).due
    assume(minutes)
    back = add(there, Fraction(-minutes, 60), "working_hours", calendar).due

    assert elapsed(moment, there, "working_hours", calendar) == pytest.approx(minutes / 60)
    assert elapsed(back, there, "working_hours", calendar) == pytest.approx(minutes / 60)
    assert isinstance(there, datetime)
    assert works(there.date(), calendar)


@settings(max_examples=200, deadline=None)
@given(first=DAYS, last=DAYS, calendar=CALENDARS)
def test_between_agrees_with_the_clerk(first: date, last: date, calendar: Calendar) -> None:
    """Working days between two dates are those one meets on the way."""
    low, high = min(first, last), max(first, last)
    met = sum(works(date.fromordinal(each), calendar) for each in range(low.toordinal() + 1, high.toordinal() + 1))

    assert working_days_between(first, last, calendar) == (met if first <= last else -met)
