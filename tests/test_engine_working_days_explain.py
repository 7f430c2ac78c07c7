"""A due date told day by day."""

from datetime import date, datetime
from typing import Any

from engine.working_days.calendars import Calendar, china
from engine.working_days.count import add
from engine.working_days.explain import explain


def day(text: str) -> date:
    """Return the date that the text says."""
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """Return the instant that the text says."""
    return datetime.fromisoformat(text)


def plain(**settings_: Any) -> Calendar:
    """Return a calendar of weekdays with nothing published or withheld."""
    return Calendar(name="plain", **settings_)


def test_every_day_is_told_with_its_reason() -> None:
    """Start, weekend, make-up day, holidays by name, and the days that count."""
    told = [
        (f"{step.on:%m-%d}", step.kind, step.number, step.reason.en)
        for step in explain(add(day("2019-09-27"), 3, "working_days", china()))
    ]

    assert told == [
        ("09-27", "start", None, "start day, not counted"),
        ("09-28", "skipped", None, "Saturday"),
        ("09-29", "counted", 1, "make-up working day (National Day)"),
        ("09-30", "counted", 2, "Monday"),
        *((f"10-0{number}", "skipped", None, "National Day") for number in range(1, 8)),
        ("10-08", "counted", 3, "Tuesday"),
    ]


def test_a_roll_tells_why_the_last_day_moved() -> None:
    """The last day's reason and the days passed over, in Chinese too."""
    steps = explain(add(day("2019-12-31"), 1, "months", china(), end_roll="forward"))

    assert [f"{step.on:%m-%d} {step.kind}" for step in steps[-4:]] == [
        "01-31 counted",
        "02-01 skipped",
        "02-02 skipped",
        "02-03 rolled",
    ]
    assert "春节" in steps[-1].reason.zh
    assert "Spring Festival" in steps[-1].reason.en


def test_a_clipped_month_and_a_moved_start_are_told() -> None:
    """Why 31 January plus a month is 28 February, and where a Saturday start went."""
    clipped = explain(add(day("2019-01-31"), 1, "months", china()))
    moved = explain(add(day("2019-06-01"), 1, "working_days", plain(), start_roll="forward"))

    assert "no day 31" in clipped[-1].reason.en
    assert [(f"{step.on:%m-%d}", step.kind) for step in moved] == [
        ("06-01", "skipped"),
        ("06-03", "start"),
        ("06-04", "counted"),
    ]


def test_working_hours_are_told_by_stretches() -> None:
    """Each stretch of open time, and the days off between."""
    told = [
        (step.kind, step.reason.en) for step in explain(add(at("2019-09-27T16:00+08:00"), 9, "working_hours", china()))
    ]

    assert told == [("start", "start"), ("counted", "1 h"), ("skipped", "Saturday"), ("counted", "8 h")]
