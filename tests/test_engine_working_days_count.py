"""How terms are counted: the vectors of the domain, each declared convention, the edge of publication."""

from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

import pytest

from engine.errors import BadValueError
from engine.language import Text
from engine.working_days.calendars import Calendar, china
from engine.working_days.count import (
    Derivation,
    add,
    due_with_pauses,
    elapsed,
    next_working_moment,
    working_days_between,
)
from engine.working_days.explain import explain

NAME = Text("closed", "停诊")


def day(text: str) -> date:
    """Return the date that the text says."""
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """Return the instant that the text says."""
    return datetime.fromisoformat(text)


def plain(**settings_: Any) -> Calendar:
    """Return a calendar of weekdays with nothing published or withheld."""
    return Calendar(name="plain", **settings_)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "unrolled", "due"),
    [
        ("2019-09-27", 3, "working_days", "2019-10-08", "2019-10-08"),
        ("2019-09-27", 5, "working_days", "2019-10-10", "2019-10-10"),
        ("2019-09-27", 15, "working_days", "2019-10-23", "2019-10-23"),
        ("2019-04-26", 5, "working_days", "2019-05-06", "2019-05-06"),
        ("2020-01-22", 3, "working_days", "2020-02-04", "2020-02-04"),
        ("2019-06-04", 15, "working_days", "2019-06-26", "2019-06-26"),
        ("2019-09-20", 15, "days", "2019-10-05", "2019-10-08"),
        ("2019-12-01", 60, "days", "2020-01-30", "2020-02-03"),
        ("2023-10-01", 60, "days", "2023-11-30", "2023-11-30"),
        ("2019-01-31", 1, "months", "2019-02-28", "2019-02-28"),
        ("2019-12-31", 1, "months", "2020-01-31", "2020-02-03"),
        ("2020-01-31", 1, "months", "2020-02-29", "2020-03-02"),
    ],
)
def test_the_domain_vectors_hold(start: str, amount: int, unit: str, unrolled: str, due: str) -> None:
    """Every row of domain.md §13.4 comes out, with the roll that Chinese law asks for."""
    derivation = add(day(start), amount, unit, china(), end_roll="forward")

    assert (derivation.unrolled, derivation.due) == (day(unrolled), day(due))
    assert add(day(start), amount, unit, china()).due == day(unrolled)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "options", "due"),
    [
        pytest.param("2019-06-03", 1, "days", {}, "2019-06-04", id="start-day-excluded"),
        pytest.param("2019-06-03", 1, "days", {"count_start": True}, "2019-06-03", id="start-day-is-day-1"),
        pytest.param("2019-06-03", -1, "days", {"count_start": True}, "2019-06-03", id="day-1-backwards"),
        pytest.param("2019-06-03", 0, "days", {"count_start": True}, "2019-06-03", id="zero-stays"),
        pytest.param("2019-06-03", 1, "months", {"count_start": True}, "2019-07-02", id="month-with-start-day"),
        pytest.param("2019-06-01", 1, "months", {"count_start": True}, "2019-06-30", id="whole-month"),
        pytest.param("2019-06-30", -1, "months", {"count_start": True}, "2019-05-31", id="month-back-with-start"),
        pytest.param("2019-06-01", 1, "working_days", {}, "2019-06-03", id="saturday-start-first-is-monday"),
        pytest.param("2019-06-01", 2, "working_days", {}, "2019-06-04", id="saturday-start-second-is-tuesday"),
        pytest.param("2019-06-01", 1, "working_days", {"start_roll": "forward"}, "2019-06-04", id="start-rolled"),
        pytest.param("2019-06-01", 1, "working_days", {"start_roll": "backward"}, "2019-06-03", id="start-back"),
        pytest.param("2019-06-01", 1, "working_days", {"count_start": True}, "2019-06-03", id="off-start-never-day-1"),
        pytest.param("2019-06-03", 1, "working_days", {"count_start": True}, "2019-06-03", id="working-start-is-day-1"),
        pytest.param("2019-06-01", -1, "working_days", {}, "2019-05-31", id="saturday-start-backwards"),
        pytest.param("2019-06-03", -1, "working_days", {}, "2019-05-31", id="monday-back-one"),
        pytest.param("2019-06-03", -1, "working_days", {"count_start": True}, "2019-06-03", id="back-day-1"),
        pytest.param("2019-06-01", 0, "working_days", {}, "2019-06-01", id="zero-on-a-day-off-stays"),
        pytest.param("2019-06-01", 0, "working_days", {"end_roll": "forward"}, "2019-06-03", id="zero-rolls-forward"),
        pytest.param("2019-06-01", 0, "working_days", {"end_roll": "backward"}, "2019-05-31", id="zero-rolls-back"),
        pytest.param("2019-05-31", 1, "days", {"end_roll": "none"}, "2019-06-01", id="falls-on-saturday"),
        pytest.param("2019-05-31", 1, "days", {"end_roll": "forward"}, "2019-06-03", id="rolls-to-monday"),
        pytest.param("2019-05-31", 1, "days", {"end_roll": "backward"}, "2019-05-31", id="rolls-to-friday"),
        pytest.param("2020-02-29", 12, "months", {}, "2021-02-28", id="leap-day-next-year"),
        pytest.param("2020-02-28", 1, "days", {}, "2020-02-29", id="leap-day-by-days"),
        pytest.param("2020-03-31", -1, "months", {}, "2020-02-29", id="leap-day-backwards"),
    ],
)  # fmt: skip
def test_each_convention_is_as_declared(start: str, amount: int, unit: str, options: dict[str, Any], due: str) -> None:
    """On a plain Monday-to-Friday calendar, every declared convention does what it says."""
    assert add(day(start), amount, unit, plain(), **options).due == day(due)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        pytest.param("2019-04-26", 1, "2019-04-28", id="sunday-worked-for-labour-day-2019"),
        pytest.param("2019-04-30", 1, "2019-05-05", id="four-days-off-by-the-notice-of-march-2019"),
        pytest.param("2020-01-23", 1, "2020-02-03", id="the-extension-of-january-2020"),
        pytest.param("2020-01-31", 1, "2020-02-03", id="saturday-2020-02-01-is-not-worked"),
        pytest.param("2018-12-28", 2, "2019-01-02", id="saturday-2018-12-29-is-worked"),
        pytest.param("2005-12-30", 1, "2005-12-31", id="saturday-2005-12-31-is-worked"),
        pytest.param("2026-12-30", 1, "2026-12-31", id="the-last-published-day"),
    ],
)
def test_make_up_days_and_changes_in_mid_year_count(start: str, amount: int, due: str) -> None:
    """Days on which other calendars are known to err: 2019's and 2020's second notices, year ends."""
    assert add(day(start), amount, "working_days", china()).due == day(due)


def test_an_extra_working_day_inside_whole_weeks_counts() -> None:
    """A make-up Saturday in the middle of a long range counts like any working day."""
    calendar = plain(extra_working_days={day("2019-06-15"): NAME})

    assert add(day("2019-06-03"), 15, "working_days", calendar).due == day("2019-06-21")
    assert working_days_between(day("2019-06-03"), day("2019-06-24"), calendar) == 16


def test_an_instant_starts_on_its_local_date() -> None:
    """For units of days, 23:00 in UTC is already the next day in China."""
    assert add(at("2019-06-30T23:00:00+00:00"), 1, "days", china()).due == day("2019-07-02")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "roll", "year"),
    [
        ("2026-12-14", 15, "working_days", "none", "2027"),
        ("2026-12-31", 1, "working_days", "none", "2027"),
        ("2026-12-31", 1, "days", "forward", "2027"),
        ("2027-03-01", 1, "months", "backward", "2027"),
        ("2004-01-05", -3, "working_days", "none", "2003"),
        ("2031-01-05", 3, "working_days", "none", "2031"),
        ("2026-06-01", 10_000, "working_days", "none", "2027"),
        ("2026-12-31T16:00:00+08:00", 2, "working_hours", "none", "2027"),
        ("2026-12-31T16:00:00+08:00", 24, "hours", "forward", "2027"),
    ],
)
def test_a_year_that_is_not_published_is_refused_by_name(
    start: str, amount: int, unit: str, roll: Any, year: str
) -> None:
    """No guess: one sentence names the year, and the exit code is 2."""
    moment = at(start) if "T" in start else day(start)

    with pytest.raises(BadValueError, match=year) as refusal:
        add(moment, amount, unit, china(), end_roll=roll)

    assert refusal.value.exit_code == 2
    # No notice will ever come for a year before the first one that is known.
    assert ("wait for the official notice" in refusal.value.sentence.en) == (year > "2004")
    provisional = add(moment, amount, unit, china(), end_roll=roll, unpublished="weekdays")
    assert provisional.provisional


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-12-14", 30, "days", "2027-01-13"),
        ("2026-12-31", 1, "months", "2027-01-31"),
        ("2026-12-29", 2, "working_days", "2026-12-31"),
        ("2003-12-31", 1, "working_days", "2004-01-02"),
        ("2027-05-01", 0, "working_days", "2027-05-01"),
    ],
)
def test_what_needs_no_unpublished_day_is_not_refused(start: str, amount: int, unit: str, due: str) -> None:
    """Calendar days without a roll need no calendar; working days need only those they pass."""
    derivation = add(day(start), amount, unit, china())

    assert derivation.due == day(due)
    assert not derivation.provisional


def test_a_provisional_date_goes_by_weekdays() -> None:
    """With the policy `weekdays` the date is given, marked, and says so of every day it guessed."""
    derivation = add(day("2026-12-30"), 3, "working_days", china(), unpublished="weekdays")

    assert (derivation.due, derivation.provisional) == (day("2027-01-04"), True)
    assert "provisional" in explain(derivation)[-1].reason.en
    assert not add(day("2026-12-30"), 1, "working_days", china(), unpublished="weekdays").provisional


@pytest.mark.parametrize(
    ("start", "amount", "unit", "clue"),
    [
        (datetime(2019, 6, 30, 9), 1, "days", "no time zone"),
        (datetime(2019, 6, 30, 9), 1, "hours", "no time zone"),
        (day("2019-06-30"), Fraction(1, 2), "days", "counted whole"),
        (day("2019-06-30"), Fraction(3, 2), "months", "counted whole"),
        (day("2019-06-30"), 1, "moons", "not a unit"),
        (day("2019-06-30"), 10**7, "days", "years 1 to 9999"),
        (day("2019-06-30"), -(10**7), "days", "years 1 to 9999"),
        (day("2019-06-30"), 10**12, "months", "years 1 to 9999"),
        (day("2019-06-30"), 10**12, "hours", "years 1 to 9999"),
        (day("2019-06-30"), 10**12, "working_days", "years 1 to 9999"),
        (day("2019-06-30"), 10**7, "working_hours", "years 1 to 9999"),
        (day("2019-06-30"), -(10**7), "working_hours", "years 1 to 9999"),
    ],
)
def test_what_cannot_be_counted_is_refused(start: Any, amount: Any, unit: str, clue: str) -> None:
    """One sentence, never a crash."""
    with pytest.raises(BadValueError) as refusal:
        add(start, amount, unit, plain())

    assert clue in refusal.value.sentence.en


@pytest.mark.parametrize(
    ("amount", "pauses", "extensions", "clue"),
    [
        (-1, [(day("2019-06-05"), day("2019-06-06"))], [], "cannot run backwards"),
        (1, [(day("2019-06-06"), day("2019-06-05"))], [], "ends before it begins"),
        (1, [], [(-1, "days")], "would shorten"),
        (1, [], [(1, "hours")], "cannot be extended by hours"),
    ],
)
def test_pauses_and_extensions_that_make_no_sense_are_refused(
    amount: int, pauses: list[Any], extensions: list[Any], clue: str
) -> None:
    """Neither backwards nor shorter nor hours on days."""
    with pytest.raises(BadValueError) as refusal:
        due_with_pauses(day("2019-06-03"), amount, "days", plain(), pauses=pauses, extensions=extensions)

    assert clue in refusal.value.sentence.en


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        ("2019-09-27", "2019-10-08", 3),
        ("2019-10-08", "2019-09-27", -3),
        ("2019-09-27", "2019-09-27", 0),
        ("2019-09-28", "2019-09-28", 0),
        ("2019-09-28", "2019-09-29", 1),
        ("2018-12-31", "2019-12-31", 250),
        ("2026-12-31", "2026-12-31", 0),
        ("2027-05-01", "2027-05-01", 0),
    ],
)
def test_working_days_between_count_after_the_first_up_to_the_last(first: str, last: str, number: int) -> None:
    """The first day does not count, the last does; reversed, the same with a minus."""
    assert working_days_between(day(first), day(last), china()) == number


def test_working_days_between_refuse_an_unpublished_year() -> None:
    """Unless weekdays will do."""
    with pytest.raises(BadValueError, match="2027"):
        working_days_between(day("2026-12-30"), day("2027-01-05"), china())
    assert working_days_between(day("2026-12-30"), day("2027-01-05"), china(), unpublished="weekdays") == 4


@pytest.mark.parametrize(
    ("start", "end", "unit", "number"),
    [
        ("2019-09-27T00:00+08:00", "2019-10-08T00:00+08:00", "days", 11),
        ("2019-09-27T23:00+08:00", "2019-09-28T01:00+08:00", "days", 1),
        ("2019-09-27T09:00+08:00", "2019-10-08T09:00+08:00", "working_days", 3),
        ("2019-01-31T00:00+08:00", "2019-02-28T00:00+08:00", "months", 1),
        ("2019-01-31T00:00+08:00", "2019-02-27T00:00+08:00", "months", 0),
        ("2019-02-28T00:00+08:00", "2019-01-28T00:00+08:00", "months", -1),
        ("2019-09-27T09:00+08:00", "2019-09-28T09:30+08:00", "hours", 24.5),
        ("2019-09-27T16:00+08:00", "2019-09-30T10:00+08:00", "working_hours", 10.0),
        ("2019-09-30T10:00+08:00", "2019-09-27T16:00+08:00", "working_hours", -10.0),
        ("2019-12-31T16:00+08:00", "2020-01-02T10:00+08:00", "working_hours", 2.0),
    ],
)
def test_elapsed_measures_in_the_terms_own_unit(start: str, end: str, unit: str, number: float) -> None:
    """Days left are said in the unit in which the term was set."""
    assert elapsed(at(start), at(end), unit, china()) == number


def test_elapsed_refuses_a_unit_that_does_not_exist() -> None:
    """As counting does."""
    with pytest.raises(BadValueError):
        elapsed(day("2019-01-01"), day("2019-01-02"), "moons", china())


@pytest.mark.parametrize(
    ("moment", "quiet", "expected"),
    [
        pytest.param("2019-09-27T10:00+08:00", "21-8", "2019-09-27T10:00+08:00", id="now-is-fine"),
        pytest.param("2019-09-27T07:59+08:00", "21-8", "2019-09-27T08:00+08:00", id="before-the-morning"),
        pytest.param("2019-09-27T21:00+08:00", "21-8", "2019-09-29T08:00+08:00", id="night-then-saturday"),
        pytest.param("2019-09-28T10:00+08:00", "21-8", "2019-09-29T08:00+08:00", id="saturday-to-make-up-sunday"),
        pytest.param("2019-09-30T22:00+08:00", "21-8", "2019-10-08T08:00+08:00", id="over-the-holiday"),
        pytest.param("2019-10-03T03:00+08:00", "21-8", "2019-10-08T08:00+08:00", id="night-of-a-day-off"),
        pytest.param("2019-09-27T12:30+08:00", "12-14", "2019-09-27T14:00+08:00", id="quiet-at-noon"),
        pytest.param("2019-09-27T23:00+08:00", None, "2019-09-27T23:00+08:00", id="no-quiet-hours"),
        pytest.param("2019-09-28T23:00+08:00", None, "2019-09-29T00:00+08:00", id="only-days-off"),
        pytest.param("2026-12-31T22:00+08:00", "21-8", "2027-01-01T08:00+08:00", id="unpublished-goes-by-weekdays"),
    ],
)
def test_nobody_is_reminded_at_night_or_on_a_day_off(moment: str, quiet: str | None, expected: str) -> None:
    """The next working morning, by China's calendar."""
    hours = None if quiet is None else tuple(time(int(hour)) for hour in quiet.split("-"))

    assert next_working_moment(at(moment), china(), hours) == at(expected)  # type: ignore[arg-type]


def test_a_reminder_needs_a_zone() -> None:
    """A moment without a zone is refused."""
    with pytest.raises(BadValueError):
        next_working_moment(datetime(2019, 6, 3, 9), china())


def test_a_reckoning_keeps_what_it_was_made_of() -> None:
    """The start as given, the roll applied and the calendar's version stay with the date."""
    derivation = add(day("2019-09-20"), 15, "days", china(), end_roll="forward")

    assert isinstance(derivation, Derivation)
    assert (derivation.given, derivation.rolled, derivation.calendar.label) == (
        day("2019-09-20"),
        "forward",
        "cn 2026.1",
    )
    assert add(day("2019-09-20"), 15, "days", china(), end_roll="backward").rolled == "backward"
    assert add(day("2019-09-20"), 1, "days", china()).rolled == "none"
