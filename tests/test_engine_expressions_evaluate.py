"""Expressions: what may be written, what they say of a case, and that nothing gets out of the sandbox."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadValueError
from engine.expressions.evaluate import (
    FUNCTIONS,
    Call,
    calls,
    check,
    comparisons,
    compile_expression,
    guards,
    names,
)
from engine.expressions.grammar import DEEPEST, looked_up
from engine.expressions.plain import MOST_PARTS, plain, together
from engine.expressions.sandbox import compiled
from engine.language import speaking
from engine.workflow.computed import STANDING_NAMES

NAMES = ("finding", "received_on", "amount", "suspects", "urgent", "note", *STANDING_NAMES)


def _scope(**values: object) -> dict[str, Any]:
    return {
        **dict.fromkeys(NAMES),
        "state": "verified",
        "today": date(2019, 7, 1),
        "parent": {"state": "closed", "finding": "partly", "items": 3},
        "children": {
            "referral": [
                {"state": "answered", "agency": "police", "tags": ["a"]},
                {"state": "sent", "agency": "discipline", "tags": []},
            ],
            "review": [],
            "purchase": [{"state": "paid", "cost": 3, "due": "2019-07-02"}, {"state": "begun"}],
        }.get,
        "done": {"verify"}.__contains__,
        "doers": {"verify": ["w1"]}.get,
        **values,
    }


@pytest.mark.parametrize(
    ("source", "values", "holds"),
    [
        ("finding == 'partly'", {"finding": "partly"}, True),
        ("finding == 'partly'", {}, False),
        ("finding in ['partly', 'substantiated']", {"finding": "substantiated"}, True),
        ("urgent", {"urgent": True}, True),
        ("urgent", {}, False),
        ("not urgent", {}, True),
        ("urgent and finding", {"urgent": True, "finding": "partly"}, True),
        ("received_on <= today", {"received_on": date(2019, 6, 30)}, True),
        ("received_on is none", {}, True),
        ("(today - received_on).days > 30", {"received_on": date(2019, 5, 1)}, True),
        ("received_on.year == 2019", {"received_on": date(2019, 5, 1)}, True),
        ("amount * 2 > 10", {"amount": 6}, True),
        ("suspects | length > 1", {"suspects": ["a", "b"]}, True),
        ("'a' in suspects", {"suspects": ["a", "b"]}, True),
        ("parent.state == 'closed' and parent.finding == 'partly'", {}, True),
        ("parent.items == 3", {}, True),
        ("children('referral') | length == 2", {}, True),
        ("children('referral') | all_in('answered')", {}, False),
        ("children('referral') | all_in('answered', 'sent')", {}, True),
        ("children('referral') | any_in('answered')", {}, True),
        ("children('referral') | among('agency', 'police') | all_in('answered')", {}, True),
        ("children('referral') | among('tags', 'a') | length == 1", {}, True),
        ("children('review') | all_in('done')", {}, False),
        ("children('purchase') | total('cost') == 3", {}, True),
        ("children('purchase') | latest('due') == '2019-07-02' | day", {}, True),
        ("children('review') | total('cost') == 0 and children('review') | earliest('due') is none", {}, True),
        ("children('referral') | selectattr('agency', 'eq', 'courts')", {}, False),
        ("children('referral') | rejectattr('agency', 'eq', 'courts') | length == 2", {}, True),
        ("(children('referral') | first).agency == 'police'", {}, True),
        ("suspects | select('eq', 'a')", {"suspects": ["b"]}, False),
        ("done('verify') and not done('assign')", {}, True),
        ("by in doers('verify')", {"by": "w1"}, True),
        ("'x' if urgent else 'y'", {}, True),
        ("urgent is in [true, none]", {}, True),
    ],
)
def test_says_of_a_case(source: str, values: dict[str, object], *, holds: bool) -> None:
    """A sound expression is checked without a fault and says of a case what it reads as."""
    assert not check(source, NAMES, parent={"state", "finding", "items"})

    verdict = compile_expression(source).verdict(_scope(**values))

    assert (holds, True, None) == (verdict.holds, verdict.judged, verdict.reason)


@pytest.mark.parametrize(
    ("source", "values", "reason"),
    [
        ("received_on < today", {}, "cannot be judged: received_on is missing"),
        ("amount + 1 > 0 and note", {}, "cannot be judged: amount, note is missing"),
        ("suspects | length > 1", {}, "cannot be judged: suspects is missing"),
        ("parent.foreign == 1", {}, "cannot be judged: the values do not fit together"),
        ("received_on < 'May'", {"received_on": date(2019, 5, 1)}, "cannot be judged: the values do not fit together"),
        ("amount / 0 > 1", {"amount": 1}, "cannot be judged: the values do not fit together"),
        ("children('referral').count", {}, "cannot be judged: the values do not fit together"),
        ("(note | trim).isascii", {"note": "x"}, "cannot be judged: the values do not fit together"),
        ("true.year and note", {}, "cannot be judged: note is missing"),
        ("('x' | upper).days or note", {"note": "y"}, "cannot be judged: the values do not fit together"),
        ("note * amount", {"amount": 10**9, "note": "x"}, "cannot be judged: the values do not fit together"),
        ("note % amount", {"amount": 1, "note": "%99999999d"}, "cannot be judged: the values do not fit together"),
        ("amount * amount * amount", {"amount": 10**12}, "cannot be judged: the values do not fit together"),
        ("children('other') | all_in('x')", {}, "cannot be judged: the values do not fit together"),
        ("note.month == 1", {"note": "May"}, "cannot be judged: the values do not fit together"),
    ],
)
def test_cannot_be_judged(source: str, values: dict[str, object], reason: str) -> None:
    """A value that is missing or does not fit makes a guard fail with the reason, never with a traceback."""
    verdict = compile_expression(source).verdict(_scope(**values))

    assert not verdict.holds
    with speaking("en"):
        assert reason == str(verdict.reason)


def test_one_that_cannot_be_judged_holds_up_no_other() -> None:
    """Guards are judged together, and still one by one when one of them cannot be."""
    both = guards(("finding == 'partly'", "received_on < today", "urgent"))

    verdicts = both.verdicts(_scope(finding="partly"))

    assert [(each.holds, each.judged) for each in verdicts] == [(True, True), (False, False), (False, True)]
    assert all(each.holds for each in both.verdicts(_scope(finding="partly", received_on=date.min, urgent=True)))
    assert guards(()).verdicts({}) == ()


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("finding == 'x'", set()),
        ("children('referral') | all_in('x')", {"children"}),
        ("done('verify')", {"history"}),
        ("by in doers('verify') and parent.state == 'x'", {"history", "parent"}),
    ],
)
def test_says_what_has_to_be_read(source: str, uses: set[str]) -> None:
    """What an expression needs besides the case itself is known before it is asked."""
    assert uses == compile_expression(source).uses == guards((source,)).uses


ESCAPES = (
    "''.__class__",
    "''.__class__.__mro__",
    "finding['__class__']",
    "finding|attr('__class__')",
    "children('x')|map(attribute='__class__')",
    "children('x')|selectattr('__class__', 'eq', 'x')",
    "children('x')|selectattr('a.__class__', 'eq', 'x')",
    "children('x')|select('no_such_test')",
    "children('x')|groupby('a')",
    "(children('x')|first).__init__",
    "children.__globals__",
    "children('x').__len__()",
    "self",
    "self._TemplateReference__context",
    "config",
    "request",
    "cycler.__init__.__globals__",
    "joiner",
    "lipsum.__globals__",
    "namespace()",
    "dict(a=1)",
    "range(100000000)",
    "'{0.__class__}'.format(finding)",
    "'{}'.format_map(finding)",
    "'%s' % finding",
    "'%99999999d' % 1",
    "'x' * 1000000000",
    "2 ** 999999",
    "10 ** 10 ** 10",
    "finding[0:9]",
    "finding ~ finding",
    "{'a': 1}",
    "caller()",
    "super()",
    "loop",
    "varargs",
    "today.replace(1, 1, 1)",
    "today.ctime()",
    "finding.upper()",
    "children(finding)",
    "children('a', 'b')",
    "children(*['a'])",
    "children(name='a')",
    "finding|all_in",
    "finding|all_in(state)",
    "finding|among('a')",
    "finding|tojson",
    "finding|default('x')",
    "finding is defined",
    "finding is callable",
    "finding if urgent",
    "finding = 'x'",
    "finding && urgent",
    "finding }} {% set x = 1 %} {{ urgent",
    "finding, urgent)",
    "finding) or (true",
    "finding # all",
    "",
    "   ",
    "'unclosed",
    "(" * 500 + "urgent" + ")" * 500,
    "not " * 400 + "urgent",
    "-" * 1500 + "amount",
    " and ".join(["urgent"] * 200),
    "urgent or " * 300 + "urgent",
)


@pytest.mark.parametrize("source", ESCAPES, ids=lambda source: source[:40] or "empty")
def test_nothing_gets_out(source: str) -> None:
    """What is not in the tables is refused when it is checked; neither is any of it harmful when it is run."""
    faults = check(source, NAMES)

    assert faults
    assert all(each.en and each.zh and "\n" not in each.en for each in faults)
    try:
        verdict = compile_expression(source).verdict(_scope(finding="x"))
    except BadValueError:
        return
    assert not verdict.judged


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("findng == 'x'", "nothing is called 'findng' (did you mean 'finding'?)"),
        ("children('a') | al_in('x')", "there is no filter 'al_in' (did you mean 'all_in'?)"),
        ("childen('a')", "there is no function 'childen' (did you mean 'children'?)"),
        ("children", "'children' is a function: write children('...')"),
        ("parent.findin", "the parent has no field 'findin' (did you mean 'finding'?)"),
        ("finding = 'x'", "write == to compare"),
        ("finding and", "ends too early"),
        ("finding urgent", "cannot be understood near 'urgent'"),
        ("finding is nome", "there is no test 'nome' (did you mean 'none'?)"),
        ("state.finding", "nothing here has a field 'finding'"),
        ("2 ** 3", "** cannot be used here"),
        ("amount == 1e999", "a number is too large"),
    ],
)
def test_faults_say_what_to_do(source: str, sentence: str) -> None:
    """A fault names the culprit and, where one is near, what was likely meant."""
    with speaking("en"):
        assert [sentence] == [str(each) for each in check(source, NAMES, FUNCTIONS, parent={"finding"})]


def test_all_faults_at_once() -> None:
    """Several faults in one expression are all told."""
    assert len(check("findng == 1 and urgnt and parent.x", NAMES, parent={"state"})) == 3


def test_what_an_expression_names() -> None:
    """Names, calls with their literals, and comparisons with literals can be asked for validation."""
    source = "children('referral') | among('agency', 'police') | all_in('answered') and done('verify') and urgent"

    assert names(source) == {"urgent"}
    assert set(calls(source)) == {
        Call("children", ("referral",), None),
        Call("among", ("agency", "police"), "referral"),
        Call("all_in", ("answered",), "referral"),
        Call("done", ("verify",), None),
    }
    assert comparisons("finding == 'a' and 'b' != finding and parent.state in ['c', 'd'] and amount > 3") == (
        ("finding", "a"),
        ("finding", "b"),
        ("parent.state", "c"),
        ("parent.state", "d"),
    )
    assert (names("("), calls("("), comparisons("(")) == (frozenset(), (), ())


def test_an_unsound_expression_is_refused() -> None:
    """An expression that is not sound is a refusal when it is asked, not a crash."""
    with pytest.raises(BadValueError, match=r"不完整"):
        compile_expression("finding ==").verdict(_scope())


_WORDS = st.sampled_from(
    ("finding", "urgent", "amount", "note", "today", "1", "'x'", "none", "true", "parent.state", "children('referral')")
)
_JOINTS = st.sampled_from(
    (" and ", " or ", " == ", " < ", " in ", " + ", " * ", " % ", " - ", "|", " is ", ".", ", ", " if ")
)


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.tuples(_JOINTS, _WORDS), max_size=6), start=_WORDS, held=st.sampled_from((None, "x", 3, [])))
def test_any_writing_is_judged_or_refused(words: list[tuple[str, str]], start: str, held: object) -> None:
    """Whatever is written, it is refused when checked, or judged without a crash."""
    source = start + "".join(joint + word for joint, word in words)
    if not check(source, NAMES):
        scope = _scope(finding=held, urgent=held, amount=held, note=held)

        assert compile_expression(source).verdict(scope).holds in {True, False}


@settings(max_examples=150, deadline=None)
@given(source=st.text(alphabet="abf()'\"[]{}%|.,=<>!~*_ \n0#\\和", max_size=30))
def test_any_text_is_checked(source: str) -> None:
    """Checking never crashes, whatever text is given."""
    assert isinstance(check(source, NAMES), tuple)


def test_guards_agree_with_single_expressions() -> None:
    """Judged together or one by one, guards say the same."""
    sources = ("finding == 'x'", "amount > 2", "received_on < today", "urgent or note")
    for finding, amount, urgent in product(("x", None), (1, 3, None), (True, None)):
        scope = _scope(finding=finding, amount=amount, urgent=urgent, received_on=date(2019, 1, 1))

        assert guards(sources).verdicts(scope) == tuple(compile_expression(each).verdict(scope) for each in sources)


PLAIN = (
    *("urgent", "not urgent", "finding == 'partly'", "finding != none", "state not in ['closed', 'sent']", "true"),
    *("amount > 5", "1 < amount <= 12", "amount - 2 >= 3", "received_on and received_on <= today", "note == '是'"),
    *("(today - received_on).days <= 30", "received_on.year == 2019", "parent.state == 'closed'", "parent.nothing"),
    *("children('referral')", "not children('review')", "children('nothing')", "done('verify')", "last_doer('verify')"),
    *("children('referral') | all_in('answered', 'sent')", "children('review') | all_in('sent')"),
    *("children('referral') | any_in('sent')", "children('referral') | among('agency', finding)"),
    *("children('referral') | among('tags', 'a') | length", "(children('referral') | last).state == 'sent'"),
    *("(children('review') | last).state == 'sent'", "(children('referral') | last).nothing or []", "missing"),
    *("suspects | length >= 2", "suspects | select('in', doers('verify') or [])", "'a' in suspects", "urgent in []"),
    *("amount == true", "amount | last", "note | length", "finding in note", "doers('verify')", "suspects == ['w1']"),
)
"""Every form that is judged without the sandbox, and what fails in it."""

NOT_PLAIN = (
    *("a.b", "self", "_x", "x._y", "r'a'", "u'a'", "'a'r'b'", "'\\x41'", "x # y", "x if y else z", "x is none", "a, b"),
    *("x[0]", "x + 1", "-1", "1.5", "x - y | length", "x | length - 1", "x | upper", "eval('1')", "done(x)", "b'a'"),
    *("children('a', 'b')", "children('a') | all_in(x)", "children('a') | all_in()", "[*x]", "x := 1", "lambda: 1"),
    *(
        "x | select('none')",
        "(x and y) | length",
        "1j",
        "...",
        "ｘ",
        "x\n == 1",
        "f'{x}'",
        "x == 1or y",
        "1.5if x else y",
        "x == '''a' 'b'''",
        'x == """a" or "b"""',
        "x |",
        "",
        " and ".join("x" * 61),
    ),
)
"""What is left to the sandbox: it reads it otherwise than Python's parser, refuses it, or alone can do it."""


@given(
    st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3),
    st.sampled_from(("and", "or", "and not", "or not")),
    st.fixed_dictionaries(
        {
            "finding": st.sampled_from([None, "partly", "police", 3]),
            "amount": st.sampled_from([None, 0, 1, 12, "12"]),
            "received_on": st.sampled_from([None, date(2019, 6, 30), "2019-06-30"]),
            "suspects": st.sampled_from([None, [], ["w1", "a"]]),
            "note": st.sampled_from([None, "", "partly 是"]),
            "urgent": st.sampled_from([None, True, False]),
        }
    ),
)
@settings(max_examples=100, deadline=None)
def test_what_is_judged_without_the_sandbox_is_what_the_sandbox_says(
    found: list[str], joined: str, values: dict[str, object]
) -> None:
    """A plain expression comes to the same, and needs the same to be read, with Jinja2 as without it."""
    joint = f" {joined} ".join(f"({each})" for each in found)
    scope = _scope(**values)
    for sources in ((joint,), tuple(found)):
        for of_truth in (True, False):
            theirs = compiled(sources, of_truth=of_truth)
            ours = together(sources, theirs.values, of_truth=of_truth)
            assert ours is not None, sources
            assert (ours.names, ours.uses) == (theirs.names, theirs.uses)
            said, meant = ours.values(scope), theirs.values(scope)
            assert repr(said) == repr(meant), (sources, values)
            assert theirs.settles(scope) or not ours.settles(scope), (sources, values)
    assert names(joint) == looked_up(joint)


def test_all_that_is_not_plain_is_left_to_the_sandbox() -> None:
    """No expression that the two parsers could understand differently is judged without Jinja2."""
    assert [each for each in NOT_PLAIN if plain(each) is not None] == []
    assert MOST_PARTS <= DEEPEST
