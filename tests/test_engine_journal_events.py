"""Events are written and read by their types: what is said is stored, what cannot be read is refused in one line."""

import ast
import json
from datetime import date, time, timedelta
from decimal import Decimal
from inspect import Parameter, signature

import pytest
from msgspec import NODEFAULT, structs
from test_architecture import modules

from engine.journal.case_events import CaseEvent, NoteWritten, StepTaken
from engine.journal.event import Event, NewerEventError, UnreadableEventError
from engine.journal.events import TYPES, legible, legible_of_case, read, read_of_case
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.ledger_row import OriginalRow, Question
from engine.language import Text


def test_a_key_with_nothing_to_say_is_left_out() -> None:
    """A default is not written, a key without one always is; and what was written reads back as the same event."""
    step = StepTaken(trigger="assign", set={})

    assert step.body() == '{"set":{},"trigger":"assign"}'
    assert step.replace(bulk=True, real_at=7).body() == '{"bulk":true,"real_at":7,"set":{},"trigger":"assign"}'
    assert read("moved", step.body()) == step


SAID_BY_DEFAULT = {("set_up", "demands"): "asserted", **{(kind, "schema"): 1 for kind in TYPES}}
"""What is left out though it says something: the version, and in rows of before that a typed name was enough."""


def test_what_every_kind_of_row_is_declared_as() -> None:
    """It stays as it is, its keys are given by name; one that is left out means that there was nothing to say."""
    wrong = [
        f"{kind}: {what}"
        for kind, event in TYPES.items()
        for what, holds in {
            "can be altered": event.__struct_config__.frozen,
            "takes keys by their place": all(
                each.kind is Parameter.KEYWORD_ONLY for each in signature(event).parameters.values()
            ),
            "writes what is not said": event.__struct_config__.omit_defaults,
            "has no kind of its own": event.kind == kind,
        }.items()
        if not holds
    ]
    question = Question(field="source", at="A!B2", why=("unclear", "不清"), answer=("say it", "请写明"))
    assert (question.reason, question.wanted) == (Text("unclear", "不清"), Text("say it", "请写明"))
    wrong += [
        part.__name__
        for part in (OriginalRow, Question, JournaledDeadline)
        if not (part.__struct_config__.frozen and part.__struct_config__.omit_defaults)
    ]
    said = {
        (kind, each.name): each.default
        for kind, event in TYPES.items()
        for each in structs.fields(event)
        if each.default not in (NODEFAULT, None, False, "", ()) and each.default != {}
    }

    assert wrong == []
    assert said == SAID_BY_DEFAULT


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("noted", '{"words":7}', "Expected `str`"),
        ("noted", "{}", "missing required field `words`"),
        ("noted", "not JSON", "malformed"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(kind: str, body: str, why: str) -> None:
    """A body of another shape is no event; the sentence says why and where to look."""
    with pytest.raises(UnreadableEventError, match=why) as refused:
        read(kind, body)

    assert "qingling journal verify" in refused.value.sentence.en
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("noted", '{"schema":2,"words":"x"}'), ("of_tomorrow", '{"schema":2}')],
)
def test_what_a_newer_program_wrote_is_refused_as_such(kind: str, body: str) -> None:
    """Nobody is sent to look for alterations; what helps is the newer program."""
    with pytest.raises(NewerEventError, match="schema 2 > 1") as refused:
        read(kind, body)

    assert "install the newer" in refused.value.sentence.en


def test_a_kind_that_is_not_known_is_read_for_what_all_say() -> None:
    """A row of a kind of its own schema that this program does not know is passed over, not refused."""
    assert read("of_tomorrow", '{"real_at":7,"mood":"good"}') == Event(real_at=7)
    assert read_of_case("of_tomorrow", '{"clock_at":7}').clock_at == 7


def test_what_was_altered_is_read_for_what_all_say() -> None:
    """Who shows or judges a journal goes on past an altered row, but not past one of a newer program."""
    assert legible("noted", '{"real_at":7}') == Event(real_at=7)
    assert legible_of_case("moved", '{"clock_at":7}') == CaseEvent(clock_at=7)
    assert legible("noted", '{"words":"x"}') == NoteWritten(words="x")
    for each in (legible, legible_of_case):
        with pytest.raises(UnreadableEventError, match="schema 2 > 1"):
            each("noted", '{"schema":2,"words":"x"}')
        with pytest.raises(UnreadableEventError, match="malformed"):
            each("noted", "not JSON")


def test_a_value_that_is_no_json_is_not_stored() -> None:
    """What has no canonical text is refused rather than written in some way."""
    with pytest.raises(ValueError, match="no number"):
        StepTaken(trigger="assign", set={"beds": float("nan")}).body()
    assert json.loads(NoteWritten(words="引号“ ” \\ \n").body()) == {"words": "引号“ ” \\ \n"}


@pytest.mark.parametrize(
    "value", [date(2019, 7, 1), time(9), timedelta(1), Decimal("1.5"), b"x"], ids=lambda v: type(v).__name__
)
def test_a_value_that_json_has_no_form_for_is_refused(value: object) -> None:
    """The library that converts events has forms of its own for these; a journal must not come to depend on them."""
    with pytest.raises(TypeError):
        StepTaken(trigger="assign", set={"beds": value}).body()


def kinds_compared(source: str) -> list[str]:
    """Return the kinds of rows that are written out where the kind of something is compared."""
    compared = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Compare))
    parts = ((each.left, *each.comparators) for each in compared)
    return [
        node.value
        for sides in parts
        if any(isinstance(side, ast.Attribute) and side.attr == "kind" for side in sides)
        for side in sides
        for node in ast.walk(side)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in TYPES
    ]


def test_a_kind_is_compared_by_its_type() -> None:
    """Who looks for rows of one kind names the type, so that a renamed kind is found by the type checker."""
    looked_for = {
        module: kinds_compared(path.read_text("utf-8"))
        for module, path in modules().items()
        if module.startswith(("engine.", "commands."))
    }

    assert {module: kinds for module, kinds in looked_for.items() if kinds} == {}


def test_a_kind_that_is_written_out_is_found() -> None:
    """Alone or among several, on either side."""
    assert kinds_compared('a.kind == "noted"\nb.kind in {"moved", "else"}\n"voided" != c.kind\nd == "noted"') == [
        "noted",
        "moved",
        "voided",
    ]
