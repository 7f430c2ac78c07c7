"""How often a case opens by itself, as it is declared: what is wrong is found, each with its place."""

from typing import Any

import pytest

from engine.language import Text
from engine.reading.recurring import recurrences_of
from engine.reading.terms import Part
from engine.workflow.model import Field, FieldType
from engine.workflow.problems import Problem, nowhere

FIELDS = {
    name: Field(name=name, type=FieldType.TEXT, title=Text(name, name)) for name in ("period", "ends", "due", "kind")
}
SOUND: dict[str, Any] = {
    "every": "week",
    "opens_on": "monday",
    "due_on": "friday",
    "units_with": ["liaison"],
    "writes": {"period": "period", "ends_on": "ends", "due_on": "due"},
    "sets": {"kind": "weekly"},
}


def read(**more: object) -> tuple[dict[str, Any], list[str]]:
    """Return what is declared and what is wrong with it."""
    problems: list[Problem] = []
    found = recurrences_of(Part({"recurs": {"weekly": {**SOUND, **more}}}, (), problems, nowhere), FIELDS)
    return found, [each.text.en for each in problems]


def test_a_sound_one() -> None:
    """What is not said is the usual: a due day that is off stays, and it is about this week."""
    found, problems = read()

    assert problems == []
    weekly = found["weekly"]
    assert (weekly.opens_on, weekly.due_on, weekly.off_day, weekly.covers) == (1, 5, "stays", "this")
    assert dict(weekly.writes) == {"period": "period", "ends_on": "ends", "due_on": "due"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"every": "fortnight"}, "write one of day, working_day, week, month, quarter, year"),
        ({"due_on": "fryday"}, "write one of monday"),
        ({"every": "month", "opens_on": 32, "due_on": 5}, "a month has at most 31 days"),
        ({"off_day": "skip"}, "write one of stays, before, after"),
        ({"every": "year", "opens_on": "01-01", "due_on": "02-29"}, "such as 12-10, of a day that each year has"),
        ({"every": "quarter", "opens_on": "1-01", "due_on": "2-29"}, "such as 3-20, of a day that each quarter"),
        ({"every": "quarter", "opens_on": "1-01", "due_on": "4-05"}, "such as 3-20, of a day that each quarter"),
        ({"every": "day", "opens_on": "day", "due_on": "-1 days"}, "write day, or for due_on also +2 days"),
        ({"every": {"campaign": "yearly", "at": "noon"}}, "write one of begin, check_in, bulletin, stage_end"),
        ({"every": {"campaign": "yearly", "at": "report_on"}}, "write how many days from the campaign's day"),
        ({"under": {"workflow": "lead"}}, "'in' is missing"),
        ({"writes": {"period": "perio", "ends_on": "ends", "due_on": "due"}}, "no field is called 'perio'"),
        ({"sets": {"kynd": "weekly"}}, "no field is called 'kynd'"),
        ({"until": "2020"}, "no key is called 'until' here"),
    ],
    ids=str,
)
def test_what_is_wrong(more: dict[str, object], said: str) -> None:
    """Each fault has its sentence."""
    problems = read(**more)[1]

    assert any(said in each for each in problems), problems
