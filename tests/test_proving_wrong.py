"""One sound workflow, and eighteen that differ from it by one flaw: each is refused, or said, as it ought to be."""

import copy
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from engine.proving.proof_verdicts import PromiseAnswer
from engine.proving.prove import prove, quickly
from engine.proving.terms import least_days, most_days
from engine.reading.declarations import sketch_workflow
from engine.validation.check import Known, problems, warnings
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.model import Workflow
from engine.workflow.problems import nowhere
from engine.working_days.calendars import china
from engine.working_days.count import add

Declared = dict[str, Any]
OFFICE: Final = ["office"]
OPEN: Final = ["opened", "work", "review"]
RUNG: Final[Declared] = {"at": "-3 days", "level": "remind", "to": OFFICE}
TWO: Final[Declared] = {"on_day": {"type": "date", "required": True}, "s": {"type": "text", "required": True}}
ENDED: Final = {"cleared": {"states": ["done", "dropped"]}, "fully_closed": {"states": ["done", "dropped"]}}
SOUND: Final[Declared] = {
    "workflow": "w", "version": 1, "title": "W", "number": "{unit}-W-{year}-{serial:04}", "dated_by": "on_day",
    "summary": "s", "open": {"by": OFFICE}, "amend": {"by": OFFICE},
    "fields": {
        **TWO, "kind": {"type": "choice", "values": ["a", "b"], "required": True, "amend": False},
        "f": {"type": "flag"}, "amount": {"type": "number"}, "who": {"type": "officer"}, "told_on": {"type": "date"},
        "reason": {"type": "text"}, "note": {"type": "text"},
    },
    "states": {"opened": {}, "work": {}, "review": {}, "done": {"final": True}, "dropped": {"final": True}},
    "transitions": {
        "begin": {"from": "opened", "to": "work", "by": OFFICE, "asks": ["who"]},
        "submit": {"from": "work", "to": "review", "by": ["who"]},
        "send_back": {"from": "review", "to": "work", "by": OFFICE, "asks": ["reason"]},
        "finish": {"from": "review", "to": "done", "by": OFFICE},
        "drop": {"from": ["opened"], "to": "dropped", "by": OFFICE, "asks": ["reason"]},
    },
    "deadlines": {"all": {
        "starts": {"enter": "opened"}, "runs_in": OPEN, "within": "60 days", "unpublished": "weekdays", "ladder": "l",
    }},
    "ladders": {"l": [RUNG]},
    "clearance": ENDED,
}  # fmt: skip
CHILD: Final[Declared] = {
    "workflow": "c", "version": 1, "title": "C", "number": "{unit}-C-{year}-{serial:04}", "dated_by": "on_day",
    "summary": "s", "parent": "w", "open": {"by": []}, "amend": {"by": OFFICE}, "fields": TWO,
    "states": {"x": {}, "y": {"final": True}}, "transitions": {"end": {"from": "x", "to": "y", "by": OFFICE}},
    "deadlines": {"d": {
        "starts": {"enter": "x"}, "runs_in": ["x"], "within": "10 days", "unpublished": "weekdays", "ladder": "l",
    }},
    "ladders": {"l": [RUNG]},
    "clearance": {"cleared": {"states": ["y"]}, "fully_closed": {"states": ["y"]}},
}  # fmt: skip
OPENS: Final[Declared] = {"workflow": "c", "set": {"on_day": "=on_day", "s": "=s"}}
BOTH: Final = "kind == 'a' and kind == 'b'"


def when(condition: str, step: str = "finish") -> Declared:
    """Return a condition of a step, as part of a declaration."""
    return {"transitions": {step: {"when": {condition: "no"}}}}


def term(days: int, **more: Any) -> Declared:
    """Return one more term, without a ladder, as part of a declaration."""
    declared = {"starts": {"enter": "work"}, "runs_in": ["work"], "within": f"{days} days", "unpublished": "weekdays"}
    return {"deadlines": {"part": {**declared, **more}}}


ODD: Final[Declared] = {
    "states": {"odd": {}}, "deadlines": {"all": {"runs_in": [*OPEN, "odd"]}},
    "transitions": {
        "to_odd": {"from": "work", "to": "odd", "by": OFFICE, "when": {BOTH: "no"}},
        "from_odd": {"from": "odd", "to": "done", "by": OFFICE},
    },
}  # fmt: skip
TWO_IFS: Final[Declared] = {"transitions": {
    "finish": None,
    "fin_yes": {"trigger": "finish", "from": "review", "to": "done", "by": OFFICE, "if": "f == true"},
    "fin_no": {"trigger": "finish", "from": "review", "to": "dropped", "by": OFFICE, "if": "f == false"},
}}  # fmt: skip
NO_WAY: Final = {"transitions": {"noop": {"from": "work", "by": OFFICE}}}
OVER_CHILD: Final = {"transitions": {"submit": {"opens": [OPENS]}}}
NO_CHILD: Final = {
    "transitions": {
        "submit": {"opens": [{**OPENS, "if": BOTH}]},
        "finish": {"when": {"children('c') | any_in('y')": "no"}},
    }
}

NUMBER: Final[Declared] = {"type": "number", "amend": False}
OFFICER: Final[Declared] = {"type": "officer", "amend": False, "required": True}
COUNTED: Final[Declared] = {"fields": {"n": NUMBER}, "transitions": {"submit": {"sets": {"n": "=(n or 0) + 1"}}}}
COUNTED_ANEW: Final[Declared] = {"fields": {"n": NUMBER}, "transitions": {
    "submit": {"sets": {"n": "=(n or 0) + 1"}}, "send_back": {"clears": ["n"]}, "finish": {"when": {"n >= 3": "no"}},
}}  # fmt: skip
NAMED_FOR_GOOD: Final[Declared] = {"fields": {"p": OFFICER}, "transitions": {
    "begin": {"by": ["p"]}, "submit": {"by": OFFICE}, "finish": {"by": ["p"], "not_by": ["begin"]},
}}  # fmt: skip
WITH_ITSELF: Final = {"transitions": {"finish": {"by": ["who"], "when": {"by != who": "no"}}}}


def whole(within: str, part: str = "", **more: Any) -> Declared:
    """Return another length of the whole term, with a part of another, as part of a declaration."""
    runs = {"starts": {"enter": "work"}, "runs_in": ["work"], "unpublished": "weekdays", "ladder": "l"}
    parts = {"part": {**runs, "within": part}} if part else {}
    return {"deadlines": {"all": {"within": within, **more}, **parts}}


ROWS: Final[tuple[tuple[str, Declared, str, int], ...]] = (
    # the flaw, what differs, what it must be, and the promise by which it is (0: it means nothing)
    ("none", {}, "proved", 0),
    ("a condition contradicts itself", when("f and not f"), "error", 1),
    ("a field that nothing can fill", {"fields": {"told_on": {"amend": False}}, **when("told_on")}, "error", 1),
    ("a state behind what never holds", ODD, "error", 3),
    ("numbers apart", when("amount > 10 and amount < 5"), "error", 1),
    ("a circle of order", when("done('finish')", "submit"), "error", 1),
    ("a part longer than the whole", term(90), "warning", 7),
    ("a term that runs in an end", {"deadlines": {"all": {"runs_in": [*OPEN, "done"]}}}, "error", 7),
    ("a term that never applies", term(5, **{"if": BOTH}), "error", 3),
    ("a rung before the term", {"ladders": {"l": [{**RUNG, "at": "-90 days"}, RUNG]}}, "error", 7),
    ("no ladder at all", {"deadlines": {"all": {"ladder": None}}, "ladders": None}, "warning", 2),
    ("cleared while work goes on", {"clearance": {"cleared": {"states": ["done", "dropped", "work"]}}}, "error", 1),
    ("neither of two ifs", TWO_IFS, "warning", 1),
    ("a state that no term watches", {"deadlines": {"all": {"runs_in": ["opened", "work"]}}}, "error", 2),
    ("what can only fail", when("today < on_day"), "error", 1),
    ("an end over an open child", OVER_CHILD, "warning", 5),
    ("a child that is never opened", NO_CHILD, "error", 1),
    ("a value that the choice lacks", when("kind == 'c'"), "error", 0),
    ("a step that changes nothing", NO_WAY, "warning", 3),
    ("counted from the start in each round", COUNTED_ANEW, "error", 1),
    ("who alone may finish must be somebody else", WITH_ITSELF, "error", 1),
    ("who is named for good is kept from the end", NAMED_FOR_GOOD, "error", 4),
    ("working days beyond two months", whole("2 months", "50 working_days"), "warning", 7),
    ("a day beyond the whole", whole("30 days", "31 days"), "warning", 7),
    ("a year that is never published in time", whole("12 months", unpublished="refuse"), "error", 7),
    (
        "sixty days, two months promised",
        {
            "deadlines": {"all": {"within": "60 days"}},
            "promises": {
                "p": {"title": "p", "after": "state == 'work'", "always": "state == 'done'", "within": "2 months"}
            },
        },
        "error",
        6,
    ),
    ("a ladder that no term uses", {"ladders": {"q": [{**RUNG, "at": "0 days"}]}}, "warning", 3),
)


KIN_OPENED: Final[Declared] = {"begin": {"opens": [OPENS]}}
ENDED_CHILD: Final = "children('c') | any_in('y')"
ODD_ROWS: Final[tuple[tuple[str, Declared, Declared, str, int], ...]] = (
    # what, what differs, what differs of the child, what is said, and of which promise
    ("a bound on sending back", {**COUNTED, **when("(n or 0) < 4", "send_back")}, {}, "proved", 1),
    ("counted before it is asked", {"fields": {"n": NUMBER}, "transitions": {
        "submit": {"sets": {"n": "=(n or 0) + 1"}}, "finish": {"when": {"n >= 1": "no"}}}}, {}, "proved", 1),
    ("worked out in another way", {"fields": {"n": NUMBER}, "transitions": {
        "submit": {"sets": {"n": "=(n or 1) * 2"}}, "finish": {"when": {"n == 3": "no"}}}}, {}, "not_decided", 1),
    ("two who are named, and differ", {"fields": {"p": OFFICER, "q": OFFICER}, "transitions": {
        "submit": {"by": ["p"]}, "finish": {"by": ["q"], "not_by": ["submit"]}}}, {}, "proved", 4),
    ("who alone may finish is the one", {"transitions": {"finish": {"by": ["who"], "when": {"by == who": "no"}}}}, {},
     "proved", 1),
    ("working days within two months", whole("2 months", "40 working_days"), {}, "proved", 7),
    ("a child that waits for what its end allows", {
        "fields": {"ok": {"type": "flag", "amend": False}},
        "transitions": {**KIN_OPENED, "finish": {"when": {ENDED_CHILD: "no"}},
                        "allow": {"from": "work", "by": OFFICE, "sets": {"ok": True}, "when": {ENDED_CHILD: "no"}}},
    }, {"transitions": {"end": {"when": {"parent.ok": "no"}}}}, "not_decided", 1),
    ("a child that is void later", {
        "transitions": {**KIN_OPENED, "finish": {"when": {ENDED_CHILD: "no"}}},
        "promises": {"p": {"title": "p", "never": f"state == 'done' and not {ENDED_CHILD}"}},
    }, {}, "only_by_correction", 6),
)  # fmt: skip
"""Odd ones: what is sound is proved, and what is not followed is never called proved."""


ROWS_BY_NAME: Final = {name: change for name, change, *_ in ROWS}


def made(change: Mapping[str, Any], sound: Mapping[str, Any] = SOUND) -> Declared:
    """Return the sound declaration with a change laid over it; None takes a part away."""

    def laid(over: Declared, change: Mapping[str, Any]) -> Declared:
        for key, value in change.items():
            if value is None:
                del over[key]
            else:
                is_part = isinstance(value, dict) and isinstance(over.get(key), dict)
                over[key] = laid(over[key], value) if is_part else copy.deepcopy(value)
        return over

    return laid(copy.deepcopy(dict(sound)), change)


def declared(change: Mapping[str, Any]) -> tuple[Workflow, Known]:
    """Return the workflow, and what it may name; the child is there where it is opened."""
    child = (CHILD,) if change in (OVER_CHILD, NO_CHILD) else ()
    return sketched(made(change), *child)


def sketched(*workflows: Declared) -> tuple[Workflow, Known]:
    """Return the workflow called `w`, and the others as what it may name."""
    found = [sketch_workflow(each, lists={}, where=nowhere, synonyms={})[0] for each in workflows]
    every = {each.name: each for each in found if each is not None}
    main = every.pop("w")
    return main, Known(workflows=every, roles=frozenset(OFFICE), levels=("remind",))


def severity(change: Mapping[str, Any], promise: int) -> str:
    """Return how the proof says what breaks a promise."""
    proof = prove(*declared(change), today=date(2026, 11, 30))
    against = [each for each in proof.verdicts if each.answer is not PromiseAnswer.PROVED]
    of_it = [each for each in against if each.promise == promise]
    assert all(each.path for each in of_it if promise), "each with the way to where it shows"
    if not against:
        return "proved"
    return "error" if any(not each.warning for each in of_it) else "warning" if of_it else "not said"


def test_each_flaw_is_said_as_it_ought_to_be() -> None:
    """The sound one is proved; an error is refuted, a warning is said or more, by the promise that it breaks."""
    found = {name: severity(change, promise) for name, change, _, promise in ROWS}
    wanted = {name: must for name, _, must, _ in ROWS}

    assert found == wanted


def test_what_is_odd_is_proved_or_said_not_to_be_decided_and_why() -> None:
    """Sound ones are proved, of what is not followed the reason is said, and no promise holds by what may be void."""
    found = {}
    for name, change, below, _, promise in ODD_ROWS:
        proof = prove(*sketched(made(change), made(below, CHILD)), today=date(2026, 11, 30))
        said = {each.answer.value for each in proof.verdicts if each.promise == promise}
        found[name] = ", ".join(sorted(said))

    assert found == {name: answer for name, _, _, answer, _ in ODD_ROWS}


def test_no_calendar_makes_a_term_shorter_or_longer_than_is_said() -> None:
    """Counted from days of seven years by the published calendars, no term leaves the bounds by which it is judged."""
    starts = [date(2019, 1, 1) + timedelta(days=each) for each in range(0, 6 * 365, 17)]
    terms = [
        Term(amount=amount, unit=unit)
        for unit, amounts in ((TermUnit.WORKING_DAYS, (1, 3, 5, 6, 10, 23, 50, 120)), (TermUnit.MONTHS, (1, 2, 5, 12)))
        for amount in amounts
    ]
    wrong = []
    for term in terms:
        due = (
            add(start, term.amount, term.unit, china(), end_roll="none", unpublished="weekdays").due for start in starts
        )
        days = [(each - start).days for each, start in zip(due, starts, strict=True) if isinstance(each, date)]
        if not least_days(term) <= min(days) <= max(days) <= most_days(term):
            wrong.append((term, least_days(term), min(days), max(days), most_days(term)))

    assert wrong == []


def warned(main: Workflow, known: Known) -> set[str]:
    """Return what `check` warns of."""
    return {each.culprit for each in warnings(main, known=known)}


SAID_BY_CHECK: Final[Mapping[str, Callable[[Workflow, Known], bool]]] = {
    "proved": lambda main, known: not problems(main, known=known) and not quickly(main, known),
    "error": lambda main, known: bool(problems(main, known=known)) or any(not e.warning for e in quickly(main, known)),
    "warning": lambda main, known: bool(warned(main, known) - warned(*declared({})) or quickly(main, known)),
}


def test_check_says_them_as_well() -> None:
    """Rules and the short search of `check` see all but what takes the second search, or is no part of it."""
    silent = [name for name, change, must, _ in ROWS if not SAID_BY_CHECK[must](*declared(change))]

    assert silent == [
        "neither of two ifs",
        "who is named for good is kept from the end",
        "a year that is never published in time",
        "sixty days, two months promised",
    ]


def test_a_ladder_with_an_end_is_sound_and_said_to_be_continued() -> None:
    """`check` warns where the engine continues a ladder, names its measure, and does so only if a term uses it."""
    for change, count in (({}, 1), (ROWS[-1][1], 1), ({"ladders": {"l": [{**RUNG, "every": "7 days"}]}}, 0)):
        main, known = declared(change)
        said = warnings(main, known=known)
        assert [each.culprit for each in said] == ["ladders.l.0"] * count
        assert all("1 month" in each.sentence.en and "every" in each.sentence.zh for each in said)


def test_a_term_of_which_nobody_hears_is_said_and_an_empty_ladder_refused() -> None:
    """Without a ladder a term is still watched: `check` warns. A ladder without a rung means nothing: it is refused."""
    none, empty = declared(ROWS_BY_NAME["no ladder at all"]), declared({"ladders": {"l": []}})

    assert not problems(none[0], known=none[1])
    assert [each.culprit for each in warnings(none[0], known=none[1])] == ["deadlines.all.ladder"]
    assert any("nobody" in each.sentence.en for each in problems(empty[0], known=empty[1]))


def test_what_need_not_stop_anybody_is_said_and_not_refused() -> None:
    """A proof holds if all that is against it are warnings, and does not if one thing is an error."""
    holds = {name: prove(*declared(change), today=date(2026, 11, 30)).holds for name, change, *_ in ROWS}

    assert holds == {name: must != "error" for name, _, must, _ in ROWS}
