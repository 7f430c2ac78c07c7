"""Terms in hours, terms that are paused and terms that are extended."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from engine.working_days.calendars import Calendar, china
from engine.working_days.count import add, due_with_pauses
from engine.working_days.explain import explain
from engine.working_days.instants import microseconds


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
    ("zone", "start", "hours", "due"),
    [
        ("Asia/Shanghai", "2019-06-30T22:00:00+08:00", 24, "2019-07-01T22:00:00+08:00"),
        ("Asia/Shanghai", "2019-06-30T14:00:00Z", 6, "2019-07-01T04:00:00+08:00"),
        ("Europe/Berlin", "2019-03-30T12:00:00+01:00", 24, "2019-03-31T13:00:00+02:00"),
        ("Europe/Berlin", "2019-10-26T12:00:00+02:00", 24, "2019-10-27T11:00:00+01:00"),
        ("Europe/Berlin", "2019-10-27T02:30:00+02:00", 1, "2019-10-27T02:30:00+01:00"),
        ("America/Sao_Paulo", "2018-11-03T23:30:00-03:00", 1, "2018-11-04T01:30:00-02:00"),
        ("America/Sao_Paulo", "2018-02-17T23:30:00-02:00", 1, "2018-02-17T23:30:00-03:00"),
        ("Asia/Shanghai", "2019-06-30T22:00:00+08:00", -24, "2019-06-29T22:00:00+08:00"),
        ("Asia/Shanghai", "2019-06-30T22:00:00+08:00", 0, "2019-06-30T22:00:00+08:00"),
    ],
)
def test_hours_are_hours_that_really_pass(zone: str, start: str, hours: int, due: str) -> None:
    """Whatever the clocks do, 24 hours are 24 hours, shown in the calendar's zone."""
    derivation = add(at(start), hours, "hours", plain(tz=zone))

    assert derivation.due.isoformat() == due


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        ("Asia/Shanghai", "2019-06-30", "2019-07-01T00:00:00+08:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-05T01:00:00-02:00"),
    ],
)
def test_a_day_as_the_start_of_hours_means_its_midnight(zone: str, start: str, due: str) -> None:
    """Or the first instant of the day, where midnight is skipped."""
    assert add(day(start), 24, "hours", plain(tz=zone)).due.isoformat() == due


@pytest.mark.parametrize(
    ("roll", "due"),
    [
        ("none", "2019-06-01T15:00:00+08:00"),
        ("forward", "2019-06-03T09:00:00+08:00"),
        ("backward", "2019-05-31T17:00:00+08:00"),
    ],
)
def test_hours_that_end_on_a_day_off_roll_to_an_opening_or_a_closing(roll: Any, due: str) -> None:
    """Rolling hours is declared, never by default."""
    assert add(at("2019-05-31T15:00:00+08:00"), 24, "hours", china(), end_roll=roll).due.isoformat() == due


OFFICE = ((8 * 3600 + 1800, 12 * 3600), (14 * 3600, 17 * 3600 + 1800))


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2019-09-27T10:00:00+08:00", 1, "2019-09-27T11:00:00+08:00", id="inside"),
        pytest.param("2019-09-27T11:00:00+08:00", 2, "2019-09-27T15:00:00+08:00", id="over-lunch"),
        pytest.param("2019-09-27T11:00:00+08:00", 1, "2019-09-27T12:00:00+08:00", id="ends-at-lunch"),
        pytest.param("2019-09-27T16:30:00+08:00", 1, "2019-09-27T17:30:00+08:00", id="ends-at-closing"),
        pytest.param("2019-09-27T17:30:00+08:00", 1, "2019-09-29T09:30:00+08:00", id="closing-to-make-up-sunday"),
        pytest.param("2019-09-28T10:00:00+08:00", 1, "2019-09-29T09:30:00+08:00", id="starts-on-a-day-off"),
        pytest.param("2019-09-30T17:00:00+08:00", 1, "2019-10-08T09:00:00+08:00", id="over-the-holiday"),
        pytest.param("2019-09-27T07:00:00+08:00", 7, "2019-09-27T17:30:00+08:00", id="a-whole-day"),
        pytest.param("2019-09-27T07:00:00+08:00", 14, "2019-09-29T17:30:00+08:00", id="two-whole-days"),
        pytest.param("2019-12-31T17:00:00+08:00", 1, "2020-01-02T09:00:00+08:00", id="over-new-year"),
        pytest.param("2019-10-08T09:30:00+08:00", -1, "2019-10-08T08:30:00+08:00", id="back-to-opening"),
        pytest.param("2019-10-08T08:30:00+08:00", -1, "2019-09-30T16:30:00+08:00", id="back-over-the-holiday"),
        pytest.param("2019-10-07T10:00:00+08:00", -1, "2019-09-30T16:30:00+08:00", id="back-from-a-day-off"),
        pytest.param("2020-01-02T08:30:00+08:00", -7, "2019-12-31T08:30:00+08:00", id="back-over-new-year"),
        pytest.param("2019-09-28T10:00:00+08:00", 0, "2019-09-28T10:00:00+08:00", id="zero-stays"),
        pytest.param("2019-09-27T10:00:00+08:00", Fraction(1, 3), "2019-09-27T10:20:00+08:00", id="a-third"),
    ],
)
def test_working_hours_pass_while_the_office_is_open(start: str, hours: Fraction, due: str) -> None:
    """Openings, lunch, make-up days and holidays, forwards and backwards."""
    calendar = Calendar(
        name="office",
        holidays=china().holidays,
        extra_working_days=china().extra_working_days,
        hours=(OFFICE,) * 5 + ((), ()),
    )

    assert add(at(start), hours, "working_hours", calendar).due.isoformat() == due


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2019-03-30T12:00:00+01:00", 24, "2019-03-31T13:00:00+02:00"),
        ("2019-10-26T12:00:00+02:00", 24, "2019-10-27T11:00:00+01:00"),
        ("2019-10-27T12:00:00+01:00", -24, "2019-10-26T13:00:00+02:00"),
    ],
)
def test_working_hours_round_the_clock_know_the_changes_of_the_clock(start: str, hours: int, due: str) -> None:
    """A day of 23 or 25 hours has so many working hours if all of it is open."""
    calendar = plain(tz="Europe/Berlin", weekend=frozenset(), hours=(((0, 86400),),) * 7)

    assert add(at(start), hours, "working_hours", calendar).due.isoformat() == due


def test_opening_hours_that_the_clocks_skip_do_not_count() -> None:
    """Where 02:00 to 03:00 does not exist, an office open only then is closed."""
    calendar = plain(tz="Europe/Berlin", weekend=frozenset(), hours=(((2 * 3600, 3 * 3600),),) * 7)

    derivation = add(at("2019-03-30T12:00:00+01:00"), 1, "working_hours", calendar)

    assert derivation.due.isoformat() == "2019-04-01T03:00:00+02:00"


@pytest.mark.parametrize(
    ("amount", "unit", "pauses", "extensions", "due"),
    [
        pytest.param(10, "days", [], [], "2019-06-13", id="none"),
        pytest.param(10, "days", [("2019-06-05", "2019-06-05")], [], "2019-06-13", id="zero-days-change-nothing"),
        pytest.param(10, "days", [("2019-06-05", "2019-06-08")], [], "2019-06-16", id="three-days"),
        pytest.param(10, "days", [("2019-06-05", "2019-06-08"), ("2019-06-07", "2019-06-10")], [], "2019-06-18",
                     id="overlapping-count-once"),
        pytest.param(10, "days", [("2019-06-14", "2019-06-20")], [], "2019-06-13", id="begins-after-the-end"),
        pytest.param(10, "days", [("2019-06-13", "2019-06-20")], [], "2019-06-20", id="begins-on-the-last-day"),
        pytest.param(10, "days", [("2019-05-01", "2019-06-05")], [], "2019-06-14", id="began-before-the-start"),
        pytest.param(10, "days", [("2019-06-05", None)], [], None, id="still-lasts"),
        pytest.param(10, "days", [("2019-06-14", None)], [], "2019-06-13", id="too-late-to-stop-it"),
        pytest.param(3, "working_days", [("2019-06-06", "2019-06-09")], [], "2019-06-10", id="working-days-friday-off"),
        pytest.param(3, "working_days", [("2019-06-08", "2019-06-10")], [], "2019-06-06", id="working-days-weekend"),
        pytest.param(1, "months", [("2019-06-10", "2019-06-15")], [], "2019-07-08", id="month-with-five-days"),
        pytest.param(10, "days", [], [(1, "months")], "2019-07-13", id="extended-by-a-month"),
        pytest.param(10, "days", [], [(1, "months"), (5, "days")], "2019-07-18", id="extended-twice"),
        pytest.param(10, "days", [], [(2, "working_days")], "2019-06-17", id="extended-by-working-days"),
        pytest.param(10, "days", [("2019-06-15", "2019-06-17")], [(5, "days")], "2019-06-20",
                     id="paused-in-the-extension"),
        pytest.param(10, "days", [("2019-06-15", None)], [(5, "days")], None, id="stopped-in-the-extension"),
    ],
)  # fmt: skip
def test_pauses_stop_the_clock_and_extensions_follow(
    amount: int, unit: str, pauses: list[tuple[str, str | None]], extensions: list[tuple[int, str]], due: str | None
) -> None:
    """From Monday 2019-06-03 on a plain calendar."""
    derivation = due_with_pauses(
        day("2019-06-03"),
        amount,
        unit,
        plain(),
        pauses=[(day(a), None if b is None else day(b)) for a, b in pauses],
        extensions=extensions,
    )

    assert (derivation and derivation.due) == (due and day(due))


def test_an_extension_counts_from_the_date_before_the_roll() -> None:
    """2019-12-31 extended by a month is 2020-01-31, which alone rolls, over the Spring Festival."""
    derivation = due_with_pauses(
        day("2019-11-30"), 1, "months", china(), extensions=[(1, "months")], end_roll="forward"
    )

    assert derivation is not None
    assert (derivation.unrolled, derivation.due) == (day("2020-01-30"), day("2020-02-03"))


def test_a_last_day_does_not_roll_into_a_pause() -> None:
    """A Saturday that would go to Monday goes on to the first working day after the pause."""
    derivation = due_with_pauses(
        day("2019-05-31"), 1, "days", plain(), pauses=[(day("2019-06-03"), day("2019-06-05"))], end_roll="forward"
    )

    assert derivation is not None
    assert derivation.due == day("2019-06-05")
    assert [step.kind for step in explain(derivation)] == ["start", "counted", "skipped", "paused", "paused", "rolled"]


@pytest.mark.parametrize(
    ("amount", "unit", "pauses", "extensions", "due"),
    [
        (24, "hours", [("2019-06-03T12:00", "2019-06-03T15:00")], [], "2019-06-04T13:00"),
        (24, "hours", [("2019-06-04T10:00", "2019-06-04T15:00")], [], "2019-06-04T10:00"),
        (4, "working_hours", [("2019-06-03T12:00", "2019-06-03T18:00")], [], "2019-06-04T11:00"),
        (24, "hours", [], [(3, "days")], "2019-06-07T10:00"),
        (24, "hours", [], [(3, "working_days"), (2, "hours")], "2019-06-07T12:00"),
        (24, "hours", [], [(8, "working_hours")], "2019-06-05T10:00"),
        (24, "hours", [("2019-06-05T00:00", "2019-06-06T00:00")], [(1, "months")], "2019-07-05T10:00"),
    ],
)
def test_terms_in_hours_pause_and_extend_too(
    amount: int, unit: str, pauses: list[tuple[str, str]], extensions: list[tuple[int, str]], due: str
) -> None:
    """From Monday 2019-06-03 10:00; an extension by days keeps the time of day."""
    derivation = due_with_pauses(
        at("2019-06-03T10:00+08:00"),
        amount,
        unit,
        plain(),
        pauses=[(at(f"{a}+08:00"), at(f"{b}+08:00")) for a, b in pauses],
        extensions=extensions,
    )

    assert derivation is not None
    assert derivation.due == at(f"{due}+08:00")


@pytest.mark.parametrize(
    ("roll", "pause", "due"),
    [
        ("forward", ("2019-06-03T08:00", "2019-06-03T11:00"), "2019-06-03T11:00"),
        ("backward", ("2019-06-03T08:00", "2019-06-03T11:00"), "2019-05-31T17:00"),
        ("forward", ("2019-06-03T08:00", None), None),
    ],
)
def test_hours_do_not_roll_into_a_pause(roll: Any, pause: tuple[str, str | None], due: str | None) -> None:
    """An end on Saturday goes to the opening after the pause."""
    begins, ends = pause
    derivation = due_with_pauses(
        at("2019-05-31T15:00+08:00"),
        24,
        "hours",
        plain(),
        pauses=[(at(f"{begins}+08:00"), None if ends is None else at(f"{ends}+08:00"))],
        end_roll=roll,
    )

    assert (derivation and derivation.due) == (due and at(f"{due}+08:00"))


def test_a_pause_within_hours_is_explained() -> None:
    """Hours before a pause, the pause and the hours after it are lines of their own, from where to where."""
    calendar = plain()
    begun, stopped, again = (datetime(2019, 6, 3, hour, tzinfo=calendar.zone) for hour in (10, 12, 15))
    derivation = due_with_pauses(begun, 4, "hours", calendar, pauses=[(stopped, again)])

    assert derivation is not None
    assert [(span.kind, span.first, span.last) for span in derivation.spans] == [
        ("counted", microseconds(begun), microseconds(stopped)),
        ("paused", microseconds(stopped), microseconds(again)),
        ("counted", microseconds(again), microseconds(again) + 2 * 3_600 * 1_000_000),
    ]
