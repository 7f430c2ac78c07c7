"""Frozen models are read by the types of their fields: each type has one way to be written and one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import pytest

from engine.language import Text
from engine.reading.terms import Part
from engine.reading.typed import read_as
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.problems import Problem, nowhere
from engine.workflow.written import As, Line, Lines, OwnName, given


class Mood(StrEnum):
    """Words that a field may be."""

    GLAD = "glad"
    SAD = "sad"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    """A model within another."""

    name: OwnName
    size: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    """One field of each type."""

    name: OwnName
    title: Text
    role: str
    remark: Line | None = None
    also: Lines = ()
    roles: tuple[str, ...] = ()
    count: Annotated[int, As(least=2)] = 2
    bulk: bool = True
    on_day: date | None = None
    within: Term | None = None
    roll: Literal["none", "forward"] = "none"
    mood: Mood = Mood.SAD
    moods: tuple[Literal["glad", "sad"], ...] = ()
    source: Annotated[str | None, As(keys=("from",))] = None
    inner: Inner | None = None
    rows: tuple[Inner, ...] = ()
    named: Mapping[str, Inner]
    sets: Mapping[str, object]
    if_: Line | None = None
    sum: Annotated[int, given()]


def read(**plain: object) -> tuple[Outer, list[str]]:
    """Return the model and what is wrong."""
    problems: list[Problem] = []
    outer = read_as(Outer, Part(plain, (), problems, nowhere), name="own", given=lambda: {"sum": 7})
    return outer, [each.text.en for each in problems]


def test_what_is_left_out_is_the_default() -> None:
    """Only what has no default is needed; a title is the name, and mappings are empty."""
    outer, problems = read(role="office")

    assert problems == []
    assert outer == Outer(name="own", title=Text("own", "own"), role="office", named={}, sets={}, sum=7)


@pytest.mark.parametrize(
    ("key", "written", "field", "value"),
    [
        ("title", "T", "title", Text("T", "T")),
        ("title", {"en": "T", "zh": "题"}, "title", Text("T", "题")),
        ("remark", " two words ", "remark", "two words"),
        ("also", ["a b", 3], "also", ("a b", "3")),
        ("roles", "office", "roles", ("office",)),
        ("count", 5, "count", 5),
        ("bulk", False, "bulk", False),
        ("on_day", "2019-12-31", "on_day", date(2019, 12, 31)),
        ("within", "1 month", "within", Term(amount=1, unit=TermUnit.MONTHS)),
        ("roll", "forward", "roll", "forward"),
        ("mood", "glad", "mood", Mood.GLAD),
        ("moods", ["sad", "glad"], "moods", ("sad", "glad")),
        ("from", "letter", "source", "letter"),
        ("inner", {"size": 2}, "inner", Inner(name="", size=2)),
        ("rows", [{"size": 2}, {}], "rows", (Inner(name="", size=2), Inner(name="", size=1))),
        ("named", {"a": {"size": 2}, "b": None}, "named", {"a": Inner(name="a", size=2), "b": Inner(name="b", size=1)}),
        ("sets", {"a": True, "b": ["x"]}, "sets", {"a": True, "b": ["x"]}),
        ("if", "a > b", "if_", "a > b"),
    ],
)
def test_each_type_is_read(key: str, written: object, field: str, value: object) -> None:
    """What stands under the field's key, or under the key that its marker names, becomes its value."""
    outer, problems = read(role="office", **{key: written})

    assert problems == []
    assert getattr(outer, field) == value


@pytest.mark.parametrize(
    ("key", "written", "says"),
    [
        ("role", None, "'role' is missing"),
        ("role", "Office", "role: a name is made of"),
        ("remrk", "x", "remrk: no key is called 'remrk' here (did you mean 'remark'?)"),
        ("source", "x", "source: no key is called 'source' here"),
        ("sum", 1, "sum: no key is called 'sum' here"),
        ("title", 3, "title: write a text"),
        ("also", [{}], "also.0: write a text"),
        ("roles", ["office", "office"], "roles.1: 'office' stands here twice"),
        ("count", 1, "count: write a whole number from 2 to 10000"),
        ("bulk", "no", "bulk: write true or false"),
        ("on_day", "soon", "on_day: write a date"),
        ("within", "1 mont", "within: write a length of time"),
        ("roll", "forwards", "roll: write one of none, forward (did you mean 'forward'?)"),
        ("mood", "angry", "mood: write one of glad, sad"),
        ("moods", ["sad", "mad"], "moods.1: write one of glad, sad"),
        ("inner", [], "inner: write keys and values here"),
        ("rows", {}, "rows: write a list"),
        ("rows", [{"size": 0}], "rows.0.size: write a whole number"),
        ("named", {"A": {}}, "named.A: a name is made of"),
        ("sets", {"a": {}}, "sets.a: write a text, a number, true or false"),
    ],
)
def test_each_fault_has_one_sentence(key: str, written: object, says: str) -> None:
    """A fault is found once, at its place, and a value stands in for what could not be read."""
    outer, problems = read(**{"role": "office", key: written})

    assert [each[: len(says)] for each in problems] == [says]
    assert outer.sum == 7
