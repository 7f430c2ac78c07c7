"""The shape of a declaration: what it becomes, and every fault of shape told at once."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language import Text, speaking
from engine.reading.declarations import parse_workflow
from engine.reading.yaml_file import read
from engine.workflow.deadline import Authority, OnDate, OnField, StartsByEntering, StartsByField, Term, TermUnit, Within
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.model import Choice, FieldType, Workflow
from engine.workflow.problems import Problem, Where, closest, did_you_mean

LETTER = Path(__file__).parent / "data" / "declarations" / "letter.yaml"
LISTS = {"kinds": (Choice(value="A1", title=Text("Complaint", "投诉"), also=("举报",)),)}
PLAIN, WHERE, _ = read(LETTER, "letter.yaml")


def _changed(change: Callable[[Any], object]) -> list[str]:
    plain = copy.deepcopy(PLAIN)
    change(plain)
    workflow, problems = parse_workflow(plain, lists=LISTS, where=WHERE)
    assert (workflow is None) == bool(problems)
    assert all(each.sentence.en and each.sentence.zh for each in problems)
    with speaking("en"):
        return [str(each).removeprefix("letter.yaml:") for each in problems]


@pytest.fixture(scope="module")
def letter() -> Workflow:
    """The sound declaration."""
    workflow, problems = parse_workflow(PLAIN, lists=LISTS, where=WHERE)
    assert problems == ()
    assert workflow is not None
    return workflow


def test_becomes_frozen_data(letter: Workflow) -> None:
    """Every part of a declaration arrives, with its defaults; the first state is the initial one."""
    assert (letter.name, letter.version, letter.title) == ("letter", 1, Text("Letter", "来信"))
    assert (letter.initial, tuple(letter.states)) == ("received", ("received", "answered", "filed"))
    assert (letter.open_by, letter.amend_by, letter.parent) == (("office",), ("office",), None)
    assert (letter.dated_by, letter.summary, letter.import_key) == ("received_on", "summary", "old_number")
    assert letter.is_final("filed")
    assert not letter.is_final("answered")
    assert [each.states for each in (letter.cleared, letter.fully_closed)] == [("answered", "filed"), ("filed",)]
    with pytest.raises(TypeError):
        letter.fields["new"] = letter.fields["summary"]  # type: ignore[index] # it is what the test is about


def test_fields(letter: Workflow) -> None:
    """Fields have their type, choices from a list or their own, and titles in both languages."""
    fields = letter.fields

    assert {each.type for each in fields.values()} == set(FieldType) - {FieldType.MOMENT}  # see test_moments
    assert fields["received_on"].required
    assert fields["received_on"].also == ("受理时间",)
    assert fields["summary"].title == Text("summary", "summary")
    assert fields["summary"].also == ("主要内容",)
    assert fields["kind"].choices == LISTS["kinds"]
    assert fields["kind"].list_name == "kinds"
    assert [each.value for each in fields["outcome"].choices] == ["yes", "no", "partly"]
    assert fields["outcome"].choices[2] == Choice(value="partly", title=Text("In part", "部分属实"), also=("部分",))
    assert [each.value for each in fields["topics"].choices] == ["1", "2", "3"]
    assert (fields["old_number"].pattern, fields["old_number"].amend) == ("[A-Z]{2}[0-9]+", False)


def test_states(letter: Workflow) -> None:
    """A wording may imply values when a ledger brings a case in by it."""
    assert letter.states["received"].also == ("待办",)
    assert letter.states["answered"].also == ("已办", "已办，不属实")
    assert letter.states["answered"].legacy_sets == {"已办，不属实": {"outcome": "no"}}


def test_transitions(letter: Workflow) -> None:
    """A step has who, what it needs, its guards with their sentences and the children it opens."""
    answer, file = letter.transitions

    assert (answer.trigger, answer.sources, answer.target) == ("answer", ("received",), "answered")
    assert (answer.by, answer.not_by, answer.needs) == (("office", "handler"), (EarlierStep("file"),), ("outcome",))
    assert [(each.expression, each.sentence, each.basis) for each in answer.when] == [
        ("outcome != 'no' or urgent", Text("say why not", "请说明理由"), "Rule 5"),
        ("received_on <= today", Text("not yet received", "not yet received"), None),
    ]
    assert answer.opens[0].workflow == "reply"
    assert answer.opens[0].sets == {"summary": "=summary", "written_on": "=received_on", "urgent": True}
    assert (file.if_, file.sets, file.clears, file.bulk) == ("outcome", {"urgent": False}, ("handler",), False)


def test_deadlines_and_ladders(letter: Workflow) -> None:
    """A deadline starts and ends in one of the declared ways; rungs stand before and after it."""
    answer, year_end, asked = letter.deadlines.values()

    assert answer.starts == StartsByField(field="received_on")
    assert answer.due == Within(term=Term(amount=15, unit=TermUnit.WORKING_DAYS))
    assert (answer.end_roll, answer.authority, answer.ladder) == ("forward", Authority.LAW, "standard")
    assert answer.extend is not None
    assert (answer.extend.at_most, answer.extend.times) == (Term(amount=1, unit=TermUnit.MONTHS), 1)
    assert year_end.starts == StartsByEntering(states=("received", "answered"))
    assert year_end.due == OnDate(on=date(2019, 12, 31))
    assert asked.due == OnField(field="received_on")
    before, after, last = letter.ladders["standard"]
    assert (last.times, last.goes_on, after.goes_on, before.goes_on) == (None, True, False, False)
    assert (before.at, before.level, before.to) == (Term(amount=-3, unit=TermUnit.DAYS), "remind", ("handler",))
    assert (after.at, after.every, after.times) == (
        Term(amount=1, unit=TermUnit.WORKING_DAYS),
        Term(amount=7, unit=TermUnit.DAYS),
        3,
    )
    assert (after.paper, after.night) == ("chase_letter", True)


def test_what_is_stored_needs_no_list(letter: Workflow) -> None:
    """The plain declaration is JSON with its lists inside, and means the same when it is read back."""
    again, problems = parse_workflow(json.loads(json.dumps(letter.plain)), lists={})

    assert problems == ()
    assert again is not None
    assert again.fields == letter.fields
    assert again.transitions == letter.transitions
    assert again.plain == letter.plain


def test_synonyms_help_to_read_and_are_not_stored() -> None:
    """Other wordings come on top of a declaration and do not change it."""
    synonyms = {"fields": {"summary": ("内容",)}, "states": {"filed": ("归档",)}, "values": {"A1": ("控告",)}}

    more, _ = parse_workflow(PLAIN, lists=LISTS, synonyms=synonyms)
    bare, _ = parse_workflow(PLAIN, lists=LISTS)

    assert more is not None
    assert bare is not None
    assert more.fields["summary"].also == ("主要内容", "内容")
    assert more.states["filed"].also == ("归档",)
    assert more.fields["kind"].choices[0].also == ("举报", "控告")
    assert more.plain == bare.plain


A_NAME = "a name is made of small letters, digits and _, beginning with a letter"
A_TERM = "write a length of time as '15 days', with minutes, hours, working_hours, days, working_days or months"
TYPES = "text, date, moment, flag, number, choice, choices, officer, officers, unit, sealed"


GONE = object()
"""Stands for a key that is left out."""


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("vesion", 2, "2: vesion: no key is called 'vesion' here (did you mean 'version'?)"),
        ("dated_by", GONE, "2: 'dated_by' is missing"),
        ("version", "1", "3: version: write a whole number from 1 to 10000"),
        ("version", True, "3: version: write a whole number from 1 to 10000"),
        ("workflow", "Letter", f"2: workflow: {A_NAME}"),
        ("title", 3, "4: title: write a text"),
        ("title", {"en": ""}, "4: title.en: write a text"),
        ("title.fr", "x", "4: title.fr: no key is called 'fr' here"),
        ("number", "{unit}-{year}", "5: number: write the format of numbers with one {serial}"),
        ("number", "{serial} {year}", "5: number: write the format of numbers with one {serial}"),
        ("number", "{serial!r}", "5: number: write the format of numbers with one {serial}"),
        ("number", "{serial:>999}", "5: number: write the format of numbers with one {serial}"),
        ("number", "{serial.x}", "5: number: write the format of numbers with one {serial}"),
        ("number", "{uint}-{serial}", "5: number: a number cannot contain 'uint' (did you mean 'unit'?)"),
        ("open", ["office"], "9: open: write keys and values here"),
        ("open", {"by": "Of fice"}, f"9: open.by.0: {A_NAME}"),
        ("fields", {}, "11: fields: there are no fields"),
        ("states", [], "24: states: write keys and values here"),
        ("fields.Bad", {"type": "text"}, f"11: fields.Bad: {A_NAME}"),
        ("fields.new", "text", "11: fields.new: write keys and values here"),
        ("fields.new", {}, "11: fields.new: 'type' is missing"),
        ("fields.summary.type", "txt", f"13: fields.summary.type: write one of {TYPES} (did you mean 'text'?)"),
        ("fields.summary.required", "yes", "13: fields.summary.required: write true or false"),
        ("fields.kind.list", "kind", "15: fields.kind.list: no list is called 'kind' (did you mean 'kinds'?)"),
        ("fields.kind.values", ["a"], "15: fields.kind.values: write list or values, not both"),
        ("fields.kind.list", GONE, "15: fields.kind: write the list or the values to choose from"),
        ("fields.summary.values", ["a"], "13: fields.summary.values: only choice and choices have values"),
        ("fields.amount.pattern", "x", "19: fields.amount.pattern: only a text has a pattern"),
        ("fields.amount.unique", True, "19: fields.amount.unique: only a text can be unique"),
        ("fields.amount.grows", True, "19: fields.amount.grows: only a list (choices, officers) grows"),
        ("fields.amount.held_by", "office", "19: fields.amount.held_by: only a field that names officers has held_by"),
        ("fields.outcome.values", ["a", "a"], "16: fields.outcome.values.1: 'a' stands here twice"),
        ("fields.outcome.values", [], "16: fields.outcome.values: there are no values"),
        ("fields.outcome.values", "a", "16: fields.outcome.values: write a list of values"),
        ("fields.outcome.values", [{}], "16: fields.outcome.values.0: 'value' is missing"),
        ("states.filed.finl", True, "28: states.filed.finl: no key is called 'finl' here"),
        ("states.filed.also", [{"text": "x"}], "28: states.filed.also.0: 'sets' is missing"),
        (
            "states.filed.also",
            [{"text": "x", "sets": {"a": {}}}],
            "28: states.filed.also.0.sets.a: write a text, a number, true or false",
        ),
        ("transitions.file.from", GONE, "40: transitions.file: 'from' is missing"),
        (
            "transitions.file.form",
            "x",
            "40: transitions.file.form: no key is called 'form' here (did you mean 'from'?)",
        ),
        ("transitions.file.by", ["office", "office"], "40: transitions.file.by.1: 'office' stands here twice"),
        ("transitions.file.if", True, "40: transitions.file.if: write a text"),
        (
            "transitions.file.when",
            {"urgent": None},
            "40: transitions.file.when.urgent: write the sentence that says why not",
        ),
        ("transitions.file.when", {1: "x"}, "40: transitions.file.when.1: write the expression in quotes"),
        ("transitions.file.opens", {"workflow": "x"}, "40: transitions.file.opens: write a list"),
        ("transitions.file.opens", ["x"], "40: transitions.file.opens.0: write keys and values here"),
        ("deadlines.answer.within", "1 mont", f"45: deadlines.answer.within: {A_TERM} (did you mean 'month'?)"),
        ("deadlines.answer.within", "1.5 days", f"45: deadlines.answer.within: {A_TERM} (did you mean 'days'?)"),
        ("deadlines.answer.within", 15, f"45: deadlines.answer.within: {A_TERM}"),
        ("deadlines.answer.within", "-1 days", "45: deadlines.answer.within: this is too short or too long"),
        ("deadlines.answer.within", "0 days", "45: deadlines.answer.within: this is too short or too long"),
        ("deadlines.answer.within", GONE, "42: deadlines.answer: write either within or on"),
        ("deadlines.asked.within", "1 day", "52: deadlines.asked: write either within or on"),
        ("deadlines.year_end.on", "2019-02-30", "51: deadlines.year_end.on: write a date as 2019-12-31"),
        ("deadlines.year_end.on", "2019-W01-1", "51: deadlines.year_end.on: write a date as 2019-12-31"),
        ("deadlines.year_end.on", 20191231, "51: deadlines.year_end.on: write a date as 2019-12-31"),
        (
            "deadlines.answer.starts",
            {"field": "a", "enter": "b"},
            "43: deadlines.answer.starts: write {field: …} or {enter: …}",
        ),
        ("deadlines.answer.law", "N 18", f"48: deadlines.answer.law: {A_NAME}"),
        (
            "deadlines.answer.end_roll",
            "forwards",
            "46: deadlines.answer.end_roll: write one of none, forward, backward (did you mean 'forward'?)",
        ),
        ("deadlines.answer.extend.by", GONE, "49: deadlines.answer.extend: 'by' is missing"),
        ("ladders.standard.0.at", "3", f"55: ladders.standard.0.at: {A_TERM}"),
        ("ladders.standard.1.night", "no", "56: ladders.standard.1.night: write true or false"),
        ("ladders.other", {}, "53: ladders.other: write a list"),
        ("ladders.Other", [], f"53: ladders.Other: {A_NAME}"),
        ("clearance.cleared", GONE, "58: clearance: 'cleared' is missing"),
        ("clearance", GONE, "2: 'clearance' is missing"),
    ],
)
def test_a_fault_of_shape(place: str, value: object, said: str) -> None:
    """Each fault is told by one sentence with line and culprit."""

    def change(plain: Any) -> None:
        *path, key = (int(each) if each.isdigit() else each for each in place.split("."))
        for each in path:
            plain = plain[each]
        if value is GONE:
            del plain[key]
        else:
            plain[key] = value

    told = _changed(change)

    assert len(told) == 1
    assert told[0].startswith(said)


def test_all_faults_at_once() -> None:
    """One round of mending, not five."""

    def change(plain: Any) -> None:
        plain["vesion"] = 1
        plain["fields"]["summary"]["type"] = "txt"
        plain["transitions"]["answer"]["by"] = "The Office"
        plain["deadlines"]["answer"]["within"] = "soon"
        plain["ladders"]["standard"][0]["at"] = "soon"
        plain["clearance"]["cleared"]["states"] = 7

    assert len(_changed(change)) == 6


_WORDS = st.one_of(
    st.sampled_from(("a", "text", "choice", "kinds", "1 day", "2019-12-31", "{serial}", "field", "office", "", "A b")),
    st.text(max_size=5),
)
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _WORDS, st.dates())
_TREES = st.recursive(
    _LEAVES,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.tuples(below),
        st.dictionaries(st.one_of(_WORDS, st.integers(), st.none()), below, max_size=4),
    ),
    max_leaves=12,
)


def _places(plain: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path, *(place for key, value in below for place in _places(value, (*path, key)))]


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(_places(PLAIN)[1:]), tree=_TREES)
def test_whatever_stands_anywhere(place: tuple[Any, ...], tree: object) -> None:
    """Anything at all at any place of a declaration yields a workflow or problems, never an exception."""

    def change(plain: Any) -> None:
        for key in place[:-1]:
            plain = plain[key]
        plain[place[-1]] = tree

    _changed(change)


@settings(max_examples=100, deadline=None)
@given(plain=st.dictionaries(st.one_of(st.sampled_from(tuple(PLAIN)), st.text(max_size=4)), _TREES, max_size=8))
def test_whatever_mapping(plain: dict[str, object]) -> None:
    """Any mapping at all yields a workflow or problems, never an exception."""
    workflow, problems = parse_workflow(plain, lists=LISTS)

    assert (workflow is None) == bool(problems)


@pytest.mark.parametrize(
    ("where", "path", "said"),
    [
        (Where("a.yaml", {(): 1, ("fields",): 3}), ("fields", "x"), "a.yaml:3: fields.x: wrong"),
        (Where("a.yaml", {(): 1}), (), "a.yaml:1: wrong"),
        (Where("a.yaml"), ("x", 0), "a.yaml: x.0: wrong"),
        (Where(), ("x",), "x: wrong"),
    ],
)
def test_a_problem_says_where(where: Where, path: tuple[str | int, ...], said: str) -> None:
    """A problem names file and line as well as it can, the culprit, and the sentence."""
    problem = where.problem(path, Text("wrong", "错误"))

    assert isinstance(problem, Problem)
    with speaking("en"):
        assert said == str(problem)
    with speaking("zh"):
        assert said.replace(": wrong", "：错误" if path else ": 错误") == str(problem)


def test_a_guess_is_made_only_if_near() -> None:
    """What was meant is guessed only if it is near."""
    assert closest("recieved", ("received", "closed")) == "received"
    assert did_you_mean("qqq", ("received",)) == Text("", "")
