"""What a refusal carries for a form: each reason with its field and its basis, and its sentence without commands."""

import ast
import pickle
import re
from pathlib import Path

import pytest
from test_engine_rules_transitions import LEAD_ONLY, TODAY, case, rules

from engine.errors import BadValueError, Reason, RefusedError, without_hints
from engine.expressions.evaluate import Guards
from engine.language import Text
from engine.rules.case import Actor, Family
from engine.rules.required import failing
from engine.rules.transitions import advance, steps
from engine.rules.values import check_values
from engine.workflow.model import Guard

HINT = re.compile(r"(?<!\w)--\w|\bqingling ")

ROOMS = ("rules", "operations/cases", "operations/deadlines", "operations/returns", "operations/letters")
"""What a page asks; files, tables and the machine's clock are refused at a terminal only."""


def test_a_sentence_loses_its_hint_and_nothing_else() -> None:
    """Options in brackets go, and a command at the end; what is said besides stays."""
    table = [
        ("'Handler' (--handler) is missing", "'Handler' is missing"),
        ("'A' (--a) is given; say as well: 'B' (--b yes)", "'A' is given; say as well: 'B'"),
        ("x is no registered officer; see: qingling officer list", "x is no registered officer"),
        ("x is no officer; see: qingling officer list; 'Handler' (--handler) is missing",
         "x is no officer; 'Handler' is missing"),
        ("2019-1 repeats an earlier case; act on that one (qingling show 2019-1)",
         "2019-1 repeats an earlier case; act on that one"),
        ("2019-1 was changed by li; nothing was written, look again: qingling show 2019-1",
         "2019-1 was changed by li; nothing was written"),
        ("due on 3 May (in 2 days); more time takes an extension (qingling extend)",
         "due on 3 May (in 2 days); more time takes an extension"),
        ("Answer by (answer_due_on) decides the scope and is not set", "Answer by decides the scope and is not set"),
        ("Fee (yuan) is a number", "Fee (yuan) is a number"),
    ]  # fmt: skip
    chinese = [
        ("缺少“承办人”（--承办人）", "缺少“承办人”"),
        ("须填写“所属季度（如 2019Q3）”（--所属季度（如 2019Q3））", "须填写“所属季度（如 2019Q3）”"),
        ("甲 不是在册人员；请查看：qingling officer list", "甲 不是在册人员"),
        ("甲 不是在册人员；请查看：qingling officer list；缺少“承办人”（--承办人）", "甲 不是在册人员；缺少“承办人”"),
        ("本次未写入任何内容，请重新查看：qingling show 2019-1", "本次未写入任何内容"),
        ("没有该类（甲）事项", "没有该类（甲）事项"),
        ("须填 --档案号，才能归档", "须填 “档案号”，才能归档"),
    ]
    assert [without_hints(Text(given, "")).en for given, _ in table] == [wanted for _, wanted in table]
    assert [without_hints(Text("", given)).zh for given, _ in chinese] == [wanted for _, wanted in chinese]


def test_no_sentence_of_rules_and_operations_keeps_a_hint() -> None:
    """Whatever names a command or an option in the engine can be said without it, as the page does."""
    kept = []
    for file in sorted(file for room in ROOMS for file in Path("engine", room).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {"Text", "Reason"}:
                continue
            if [type(each) for each in node.args].count(ast.Starred) == 0 and len(node.args) > 1:
                en, zh = (_written(each) for each in node.args[:2])
                if en.startswith("qingling "):  # a command line to be set into a sentence
                    continue
                said = without_hints(Text(en, zh))
                kept += [f"{file}:{node.lineno}: {each}" for each in (said.en, said.zh) if HINT.search(each)]
    assert kept == []


def _written(node: ast.expr) -> str:
    """Return the text of a literal, with a word for each value that is set in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(each) for each in node.values)
    return "value" if isinstance(node, ast.FormattedValue) else ""


def test_a_refused_step_says_at_which_field_and_by_which_rule() -> None:
    """Each reason of a step names the field that mends it, its kind, and the basis of a condition."""
    nobody = Actor(code="nobody", roles=frozenset())
    with pytest.raises(RefusedError) as refused:
        advance(rules(), case("received", LEAD_ONLY), "assign", {}, actor=nobody, family=Family(), today=TODAY)
    seen = {(each.kind, each.field, each.sentence.en.split(",")[0]) for each in refused.value.reasons}
    assert {
        ("missing", "responsible_leader", "'Responsible leader' is missing"),
        ("missing", "handler", "'Handler' is missing"),
    } <= seen
    assert {kind for kind, _, _ in seen} == {"missing", "who"}
    assert "refused for" in refused.value.headline.en
    assert "(--handler)" in refused.value.sentence.en


def test_a_condition_names_the_field_that_could_meet_it() -> None:
    """Of all steps of all shipped states a failing condition bears its basis, and the field if the step takes it."""
    found = {}
    for state in rules().workflow.states:
        for step in steps(rules(), case(state, LEAD_ONLY), Family(), today=TODAY):
            found.update({each.en: each for each in step.missing if each.kind == "condition"})
    assert found
    assert {each.field for each in found.values()} & set(rules().workflow.fields)
    assert any(each.basis for each in found.values())


def test_a_condition_is_mended_where_its_sentence_says() -> None:
    """Of the fields that a condition names, the one in the brackets of its sentence; else the first that is brought."""
    asked = Guard(expression="beds > 0 and rectify_by", sentence=Text("x", "须填写整改期限（rectify_by）"))
    plain = Guard(expression="beds > 0 and rectify_by", sentence=Text("x", "不符"))
    table = [(asked, ("beds", "rectify_by"), "rectify_by"), (asked, ("beds",), "beds"), (asked, (), None),
             (plain, ("rectify_by", "beds"), "rectify_by")]  # fmt: skip
    scope = {"beds": 0, "rectify_by": None}
    for each, taken, wanted in table:
        found = failing((each,), Guards((each.expression,)), scope, lambda said: said, taken=taken)
        assert [Reason.of(why).field for why in found] == [wanted]


def test_bad_values_come_one_by_one() -> None:
    """A value that cannot be is a reason of its own, with its field; the whole sentence is as before."""
    given = {"received_on": "31.31.2019", "handler": "ghost"}
    with pytest.raises(BadValueError) as wrong:
        check_values(rules().workflow, given, officers=(), units=(), today=TODAY)
    assert [(each.kind, each.field) for each in wrong.value.reasons] == [("value", "received_on"), ("value", "handler")]
    assert wrong.value.sentence.en == "; ".join(each.en for each in wrong.value.reasons)
    assert wrong.value.reasons[1].sentence.en == "handler: 'ghost' is no registered officer"


def test_a_reason_crosses_to_another_process_whole() -> None:
    """What a worker refuses arrives with field and basis."""
    sent = Reason("a (--a)", "甲（--甲）", kind="value", field="a", basis="S2")
    got = pickle.loads(pickle.dumps(sent))
    assert (got.en, got.zh, got.kind, got.field, got.basis) == ("a (--a)", "甲（--甲）", "value", "a", "S2")
