"""One bad declaration per rule: exactly that culprit is named, with that rule; a sound one has no problem."""

import copy
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import engine.validation
from engine.language import Text, speaking
from engine.reading.declarations import parse_workflow
from engine.validation.check import RULES, WARNINGS, Finding, Known, problems
from engine.validation.terms import may_be_longer, usual_hours, written
from engine.workflow.deadline import Extension, OnDate, Term, TermUnit, Within
from engine.workflow.model import Choice, Workflow
from engine.workflow.problems import Where
from workflows.loader import Declarations

Plain = dict[str, Any]

DATA = Path(__file__).parent / "data"
BASE: Plain = yaml.safe_load((DATA / "validation_base.yaml").read_text("utf-8"))
CHILD: Plain = yaml.safe_load((DATA / "validation_child.yaml").read_text("utf-8"))
MISTAKES: list[Plain] = yaml.safe_load((DATA / "validation_mistakes.yaml").read_text("utf-8"))

LISTS = {"kinds": (Choice(value="big", title=Text("Big", "大")), Choice(value="small", title=Text("Small", "小")))}
ROLES = frozenset({"office", "unit_head"})
LEVELS = ("remind", "chase", "supervise", "listed")
LAW = {"N18": Term(amount=2, unit=TermUnit.MONTHS), "N6": Term(amount=24, unit=TermUnit.HOURS)}


def declared(plain: Mapping[str, Any]) -> Workflow:
    """Return the workflow that *plain* declares; its shape must be sound."""
    workflow, shape = parse_workflow(plain, lists=LISTS)

    assert shape == ()
    assert workflow is not None

    return workflow


def known(**changes: Any) -> Known:
    """Return what the sound declaration is judged against."""
    standing: Plain = {
        "workflows": {"question": declared(CHILD)},
        "lists": LISTS,
        "roles": ROLES,
        "levels": LEVELS,
        "law": LAW,
    }
    return Known(**{**standing, **changes})


def changed(plain: Plain, change: Mapping[str, Any]) -> Plain:
    """Return *plain* with each value set at its path; None takes out what stands there."""
    spoilt = copy.deepcopy(plain)
    for path, value in change.items():
        *keys, last = path.split("/")
        here: Any = spoilt
        for key in keys:
            here = here[int(key)] if isinstance(here, list) else here[key]
        if value is None:
            del here[last]
        else:
            here[int(last) if isinstance(here, list) else last] = value
    return spoilt


def told(workflow: Workflow, against: Known | None = None) -> list[tuple[str, str]]:
    """Return every problem as culprit and English sentence."""
    found = problems(workflow, known=against or known())
    return [(each.culprit, each.sentence.en) for each in found]


def test_a_sound_declaration_has_no_problem() -> None:
    """A declaration that keeps every rule has no problem, and neither has its child."""
    complaint = declared(BASE)

    assert told(complaint) == []
    assert told(declared(CHILD), known(workflows={"complaint": complaint})) == []


@pytest.mark.parametrize("row", MISTAKES, ids=[row["mistake"] for row in MISTAKES])
def test_one_mistake_is_told_once_with_its_rule(row: Plain) -> None:
    """A mistake is told where it stands, with its rule, and nothing else is told of."""
    culprits = row["culprit"] if isinstance(row["culprit"], list) else [row["culprit"]]
    found = told(declared(changed(BASE, row["change"])))

    assert [culprit for culprit, _ in found] == culprits, found
    assert all(row["says"] in sentence for _, sentence in found), found


@pytest.mark.parametrize("row", MISTAKES, ids=[row["mistake"] for row in MISTAKES])
def test_every_rule_speaks_chinese(row: Plain) -> None:
    """Each sentence is said in Chinese as well, with all its values set in."""
    with speaking("zh"):
        found = [str(each) for each in problems(declared(changed(BASE, row["change"])), known=known())]

    assert all(re.search("[\u4e00-\u9fff]", each) for each in found)
    assert not any(re.search(r"\{(?!unit|year|serial)\w*\}", each) for each in found)


def test_several_mistakes_are_all_told_at_once() -> None:
    """Whoever mends a declaration hears of all mistakes in one round, each at its line."""
    change = {
        "transitions/wait/from": "asignd",
        "transitions/assign/by": ["ofice"],
        "transitions/close/if": "findding",
        "deadlines/by_law/within": "3 months",
        "states/lost": {"final": True},
        "ladders/standard/0/to": ["handlr"],
    }
    where = Where("complaint.yaml", {("transitions", "wait", "from"): 40, ("states",): 30, (): 1})
    found = problems(declared(changed(BASE, change)), known=known(), where=where)

    assert [each.culprit for each in found] == [
        "transitions.wait.from",
        "transitions.assign.by",
        "ladders.standard.0.to",
        "transitions.close.if",
        "states.lost",
        "deadlines.by_law.within",
    ]
    assert found[0].text.en == (
        "complaint.yaml:40: transitions.wait.from: no state is called 'asignd' (did you mean 'assigned'?)"
    )
    assert [each.line for each in found] == [40, 1, 1, 1, 30, 1]


def test_every_rule_is_stated() -> None:
    """The table of rules reads as the specification: each states its rule in a sentence."""
    assert all(rule.__doc__ and rule.__doc__.split("\n")[0].endswith(".") for rule in RULES)
    assert len({rule.__name__ for rule in RULES}) == len(RULES)


EXCLUSIVE = {
    "a flag and its contrary": ("serious", "not serious"),
    "two values of a choice": ("finding == 'right'", "finding == 'wrong'"),
    "a value and all others": ("finding == 'right'", "finding != 'right'"),
    "values in a list and the rest": ("finding in ['right', 'wrong']", "finding not in ['right', 'wrong']"),
    "a number and its limit": ("amount > 100", "amount <= 100"),
    "before and after a day": ("answer_by < today", "answer_by >= today"),
    "what was done and what was not": ("done('answer')", "not done('answer')"),
    "who did it": ("by in doers('answer')", "by not in doers('answer')"),
    "children in a state": (
        "children('question') | all_in('answered')",
        "not children('question') | all_in('answered')",
    ),
    "no children and some": ("children('question') | length == 0", "children('question') | length > 0"),
    "children among and not": (
        "children('question') | among('body', 'court')",
        "not children('question') | among('body', 'court')",
    ),
    "one topic and not": ("'price' in topics", "'price' not in topics"),
    "states": ("state == 'assigned'", "state == 'asked'"),
    "a value that cannot be": ("finding == 'right' and finding == 'wrong'", "serious"),
}


@pytest.mark.parametrize(("one", "other"), EXCLUSIVE.values(), ids=EXCLUSIVE.keys())
def test_conditions_that_exclude_each_other_are_understood(one: str, other: str) -> None:
    """Two transitions of one trigger are sound if no case can meet both conditions."""
    plain = changed(BASE, {"transitions/answer_well/if": one, "transitions/answer_plain/if": other})

    assert told(declared(plain)) == []


BOTH = {
    "two flags": ("serious", "amount"),
    "overlapping numbers": ("amount > 100", "amount > 200"),
    "a day that both count": ("answer_by <= today", "answer_by >= today"),
    "two things done": ("done('answer')", "done('doubt')"),
    "no children are not all answered, and no children": (
        "not children('question') | all_in('answered')",
        "children('question') | length == 0",
    ),
    "two topics": ("'price' in topics", "'service' in topics"),
    "too many cases to be tried": (
        "serious and kind and finding and topics and amount and handler and helpers",
        "amount and answer_by and accepted_on and summary and reason and ledger_number",
    ),
}


@pytest.mark.parametrize(("one", "other"), BOTH.values(), ids=BOTH.keys())
def test_conditions_that_can_both_hold_are_found(one: str, other: str) -> None:
    """Two transitions of one trigger whose conditions meet in some case are told of."""
    plain = changed(BASE, {"transitions/answer_well/if": one, "transitions/answer_plain/if": other})

    assert [culprit for culprit, _ in told(declared(plain))] == ["transitions.answer_plain.if"]


def test_choice_in_a_child_may_look_at_its_parent() -> None:
    """In a child, conditions on the parent's state and fields exclude each other as any others do."""
    take = {**CHILD["transitions"]["take"], "trigger": "take"}
    plain = changed(
        CHILD,
        {
            "transitions/take/if": "parent.state == 'closed' or parent.finding == 'right'",
            "transitions/take_late": {**take, "if": "parent.state != 'closed' and parent.finding != 'right'"},
        },
    )

    assert told(declared(plain), known(workflows={"complaint": declared(BASE)})) == []


def test_child_rules_look_at_the_parent() -> None:
    """A child names only states and triggers that its parent has, and is opened by it."""
    plain = changed(
        CHILD,
        {
            "open/by": [],
            "transitions/take/not_by": ["parent:answr"],
            "transitions/take/when": {"parent.state != 'closd' and parent.reporter and parent.nobody": "x"},
        },
    )
    parent = declared(changed(BASE, {"transitions/ask/opens": None}))
    found = told(declared(plain), known(workflows={"complaint": parent}))
    guard = "transitions.take.when.parent.state != 'closd' and parent.reporter and parent.nobody"

    assert found == [
        ("transitions.take.not_by", "no trigger is called 'answr' (did you mean 'answer'?)"),
        (guard, "the parent has no field 'nobody'"),
        (guard, "'parent.state' is never 'closd' (did you mean 'closed'?)"),
        (guard, "'parent.reporter' is sealed, so nothing may be decided by it"),
        ("parent", "no step of 'complaint' opens 'question', so no such case could ever be opened"),
    ]


def test_children_do_not_open_each_other_for_ever() -> None:
    """A workflow that opens itself again through its children is told of, with the way."""
    back = {"workflow": "complaint", "set": {"received_on": "=asked_on", "summary": "=text"}}
    child = declared(changed(CHILD, {"transitions/take/opens": [back]}))
    complaint = declared(changed(BASE, {"parent": "question"}))

    assert told(complaint, known(workflows={"question": child})) == [
        (
            "transitions.ask.opens.0.workflow",
            "children would open each other for ever: complaint → question → complaint",
        )
    ]


def test_a_child_names_its_parent() -> None:
    """Whoever opens a case of another workflow must be its parent."""
    child = declared(changed(CHILD, {"parent": "petition"}))
    found = told(declared(BASE), known(workflows={"question": child}))

    assert ("transitions.ask.opens.0.workflow", "'question' does not name 'complaint' as its parent") in found


def test_what_only_code_can_spoil_is_found_as_well() -> None:
    """A declaration built without the reader is judged by the same rules."""
    workflow = declared(BASE)
    first, *others = workflow.transitions
    deadline = workflow.deadlines["handling"]
    fields = {name: replace(field, list_name=None, choices=()) for name, field in workflow.fields.items()}
    rungs = tuple(
        replace(rung, every=Term(amount=0, unit=TermUnit.DAYS), paper=" ") for rung in workflow.ladders["standard"][:1]
    )
    nothing = Term(amount=0, unit=TermUnit.DAYS)
    extend = Extension(at_most=nothing, times=0, before_expiry=True, needs=(), by=("office",))
    spoilt = replace(
        workflow,
        transitions=(first, first, *others),
        fields={**workflow.fields, "finding": fields["finding"], "kind": replace(fields["kind"], list_name="knids")},
        deadlines={
            **workflow.deadlines,
            "handling": replace(deadline, due=Within(term=nothing), extend=extend, runs_in=()),
        },
        ladders={"standard": rungs},
        number="{unit}-{year}-{serial:>9}-{kind}-{x}-{unit!r}",
    )
    found = told(spoilt)

    assert {
        ("transitions.assign", "'assign' already means 'assign'; two things may not bear one name"),
        ("fields.finding", "a choice needs a list or values to choose from"),
        ("fields.kind.list", "no list is called 'knids' (did you mean 'kinds'?)"),
        ("deadlines.handling.within", "a term must be longer than nothing"),
        ("deadlines.handling.extend.at_most", "a term must be longer than nothing"),
        ("deadlines.handling.extend.times", "leave `extend` out if no extension is allowed"),
        (
            "deadlines.handling.runs_in",
            "a deadline runs in some state, and none is named",
        ),
        ("ladders.standard.0.every", "a term must be longer than nothing"),
        ("ladders.standard.0.paper", "the paper has no name"),
        ("number", "'{serial:>9}' is no way to write it"),
        ("number", "a number is read by many, so it may not tell the field 'kind'"),
        ("number", "'{x}' cannot stand in a number; it is made of {unit}, {year}, {month}, {day} and {serial}"),
        ("number", "'{unit:}' is no way to write it"),
    } <= set(found)
    assert ("number", "the braces do not match") in told(replace(workflow, number="{unit"))


def test_synonyms_that_are_lent_clash_with_nothing() -> None:
    """A synonym for all workflows that fits two fields of one is no mistake of its declaration."""
    synonyms = {
        "fields": {"received_on": ("受理日期",)},
        "states": {"assigned": ("待办",)},
        "values": {"finding.wrong": ("right",)},
    }
    plain = changed(BASE, {"fields/accepted_on/title": "受理日期"})
    workflow, _ = parse_workflow(plain, lists=LISTS, synonyms=synonyms)

    assert workflow is not None
    assert told(workflow) == []


def test_one_unguessable_state_does_not_hide_the_rest() -> None:
    """A state that cannot be guessed stops only the rules on ways; all others still speak."""
    plain = changed(BASE, {"transitions/wait/to": "xyzzy", "transitions/assign/by": ["ofice"]})

    assert [culprit for culprit, _ in told(declared(plain))] == ["transitions.wait.to", "transitions.assign.by"]


LAW_CHANGES = {
    # what a user's file does to the deadline by_law of a shipped workflow: what is told
    "kept as it is": ({}, []),
    "made stricter": ({"deadlines/by_law/within": "30 days"}, []),
    "left out": ({"deadlines/by_law": None}, ["deadlines"]),
    "made longer": ({"deadlines/by_law/within": "59 days"}, ["within"]),
    "made local": ({"deadlines/by_law/authority": "local", "deadlines/by_law/law": None}, ["authority"]),
    "put under another row": ({"deadlines/by_law/law": "N20"}, ["law"]),
    "made a date": ({"deadlines/by_law/within": None, "deadlines/by_law/on": "2019-12-31"}, ["within"]),
    "started later": ({"deadlines/by_law/starts": {"field": "answer_by"}}, ["starts"]),
    "run in fewer states": ({"deadlines/by_law/runs_in": ["assigned"]}, ["runs_in"]),
    "paused": ({"deadlines/by_law/paused_in": ["waiting"]}, ["paused_in"]),
    "restricted": ({"deadlines/by_law/if": "serious"}, ["if"]),
    "moved to a working day": ({"deadlines/by_law/end_roll": "forward"}, ["end_roll"]),
    "counted from the next day": ({"deadlines/by_law/count_start": False}, ["count_start"]),
    "met by a day that is entered": ({"deadlines/by_law/ends": {"field": "accepted_on"}}, ["ends"]),
    "met by one way out only": ({"deadlines/by_law/ends": {"enter": ["closed"]}}, []),
    "not resumed": ({"deadlines/by_law/reopen": "none"}, ["reopen"]),
    "made extensible": ({"deadlines/by_law/extend/times": 2}, ["extend"]),
    "extended for longer": ({"deadlines/by_law/extend/at_most": "11 days"}, ["extend"]),
    "extended after expiry": ({"deadlines/by_law/extend/before_expiry": False}, ["extend"]),
    "extended without reason": ({"deadlines/by_law/extend/needs": None}, ["extend"]),
    "signed by anybody": ({"deadlines/by_law/extend/signed_by": None}, ["extend"]),
    "signed by more": ({"deadlines/by_law/extend/signed_by": ["unit_head", "office"]}, ["extend"]),
}


@pytest.mark.parametrize(("change", "parts"), LAW_CHANGES.values(), ids=LAW_CHANGES.keys())
def test_a_users_file_cannot_relax_what_a_shipped_one_takes_from_law(change: Plain, parts: list[str]) -> None:
    """A file that replaces a shipped workflow may be stricter with a deadline fixed by law, never laxer."""
    extend = {"at_most": "10 days", "needs": ["reason"], "by": ["office"], "signed_by": ["unit_head"]}
    within = {"deadlines/by_law/within": "58 days", "deadlines/by_law/count_start": True}
    shipped = changed(BASE, {**within, "deadlines/by_law/extend": extend})
    against = known(
        shipped=declared(shipped),
        law={**LAW, "N20": Term(amount=2, unit=TermUnit.MONTHS)},
        law_extensions={"N18": Term(amount=10, unit=TermUnit.DAYS), "N20": Term(amount=10, unit=TermUnit.DAYS)},
    )
    found = problems(declared(changed(shipped, change)), known=against)
    law = [each.culprit.removeprefix("deadlines.by_law.") for each in found if "fixed by law" in each.sentence.en]

    assert list(dict.fromkeys(culprit.split(".")[0] for culprit in law)) == parts


def test_a_row_of_law_bounds_extensions_and_last_days() -> None:
    """What a row of law says of extensions and of last days off binds the deadline as well."""
    extend = {"at_most": "2 months", "times": 2, "by": ["office"], "beyond_by": ["unit_head"]}
    plain = changed(BASE, {"deadlines/by_law/extend": extend, "deadlines/by_law/end_roll": "forward"})
    against = known(law_extensions={"N18": Term(amount=1, unit=TermUnit.MONTHS)}, law_unrolled=frozenset({"N18"}))
    dated = replace(declared(BASE).deadlines["by_law"], due=OnDate(on=date(2019, 12, 31)))

    assert told(declared(plain), against) == [
        (
            "deadlines.by_law.extend.at_most",
            "'2 months' is longer than N18 allows (1 month); a term fixed by law cannot be relaxed",
        ),
        ("deadlines.by_law.extend.times", "N18 allows one extension"),
        ("deadlines.by_law.extend.beyond_by", "nobody may go beyond N18"),
        ("deadlines.by_law.end_roll", "N18 lets no last day move to the next working day"),
    ]
    assert told(replace(declared(BASE), deadlines={**declared(BASE).deadlines, "by_law": dated})) == [
        ("deadlines.by_law", "N18 fixes a term of 2 months from the start, not a date; write `within`")
    ]


LENGTHS = [
    # term, limit: could the term last longer than the limit?
    ("2 months", "2 months", False),
    ("3 months", "2 months", True),
    ("59 days", "2 months", False),
    ("60 days", "2 months", True),
    ("28 days", "1 month", False),
    ("29 days", "1 month", True),
    ("1 month", "31 days", False),
    ("1 month", "30 days", True),
    ("12 months", "366 days", False),
    ("12 months", "365 days", True),
    ("1 day", "24 hours", False),
    ("25 hours", "1 day", True),
    ("3 days", "3 working_days", False),
    ("4 days", "3 working_days", True),
    ("3 working_days", "3 days", True),
    ("15 working_days", "2 months", False),
    ("20 working_days", "1 month", True),
    ("8 working_hours", "1 day", True),
    ("24 hours", "24 working_hours", False),
]


@pytest.mark.parametrize(("term", "limit", "longer"), LENGTHS, ids=[f"{row[0]} > {row[1]}" for row in LENGTHS])
def test_terms_of_different_units_are_compared_on_the_strict_side(term: str, limit: str, longer: bool) -> None:
    """A term is longer than a limit if in any year it could be; what is certain is not called longer."""
    assert may_be_longer(term_of(term), term_of(limit)) is longer


def test_terms_are_written_as_they_are_declared() -> None:
    """A term in a sentence reads as in the declaration."""
    texts = ["1 month", "15 working_days", "-3 days", "-1 day", "24 hours", "1 working_hour"]

    assert [written(term_of(text)) for text in texts] == texts
    assert usual_hours(term_of("-1 day")) == -24


def term_of(text: str) -> Term:
    """Return the term that *text* says."""
    amount, unit = text.split()
    return Term(amount=int(amount), unit=TermUnit(unit if unit.endswith("s") else f"{unit}s"))


WORDS = st.sampled_from(
    [
        *BASE["fields"],
        *BASE["states"],
        *BASE["transitions"],
        *BASE["deadlines"],
        "office",
        "zzz",
        "finding == 'right'",
        "((",
        "1 month",
        "-9 days",
        "=summary",
        "{unit}{year}{serial}",
        "",
    ]
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-3, 99), WORDS, st.lists(WORDS, max_size=3))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_declaration_makes_the_judge_stumble(drawn: st.DataObject) -> None:
    """Whatever is spoilt, the answer is a list of problems, never an error; the same each time."""
    plain = copy.deepcopy(BASE)
    for _ in range(drawn.draw(st.integers(1, 4))):
        here: Any = plain
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = drawn.draw(st.sampled_from(keys))
            if isinstance(here[key], dict | list) and drawn.draw(st.booleans()):
                here = here[key]
                continue
            here[key] = drawn.draw(VALUES)
            break
    workflow, _ = parse_workflow(plain, lists=LISTS)
    found = problems(workflow, known=known()) if workflow else ()

    assert found == (problems(workflow, known=known()) if workflow else ())
    assert all(each.sentence.en and each.sentence.zh for each in found)


def test_every_rule_that_is_written_is_asked() -> None:
    """A rule that nobody put into the list would let each of its mistakes pass."""
    names = (f"{engine.validation.__name__}.{each.name}" for each in pkgutil.iter_modules(engine.validation.__path__))
    unasked = [
        f"{module.__name__}.{name}"
        for module in map(importlib.import_module, names)
        for name, rule in vars(module).items()
        if inspect.isfunction(rule)
        and rule.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(rule).return_annotation in {Iterable[Finding], Iterator[Finding]}
        and [each.annotation for each in inspect.signature(rule).parameters.values()] == [Workflow, Known]
        and rule not in {*RULES, *WARNINGS}
    ]

    assert unasked == []


def test_what_fills_a_text_is_cases_that_there_are() -> None:
    """A list of a recurring case names a workflow, and asks what its cases can answer; the shipped agenda does."""
    declarations = Declarations()
    meeting, leads = declarations.latest("meeting"), known(workflows={"lead": declarations.latest("lead")})
    monthly = meeting.recurs["monthly"]
    found = {}
    for change in ({}, {"of": "leed"}, {"where": "not assesed_on"}, {"where": "parent.number"}):
        lists = {"agenda": replace(monthly.lists["agenda"], **change)}
        spoilt = replace(meeting, recurs={"monthly": replace(monthly, lists=lists)})
        said = problems(spoilt, known=leads)
        found[str(change)] = [each.culprit for each in said if ".lists." in each.culprit]

    place = "recurs.monthly.lists.agenda"
    assert list(found.values()) == [[], [f"{place}.of"], [f"{place}.where"], [f"{place}.where"]]
