"""Conditions made by a seed: what the prover says of each is what trying every value of a small domain says."""

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from math import prod
from typing import Any, Final

from engine.errors import RefusedError
from engine.proving.domains import plain_after
from engine.proving.proof_verdicts import PromiseAnswer
from engine.proving.prove import prove
from engine.reading.declarations import sketch_workflow
from engine.rules.case import Actor, Case, Count, Family
from engine.rules.transitions import Rules, advance
from engine.validation.check import Known
from engine.workflow.model import Workflow
from engine.workflow.problems import nowhere

TODAY: Final = date(2026, 11, 30)
MADE: Final = 20 * int(os.environ.get("QINGLING_TEST_PROVED", "1"))
DAYS: Final = (None, *(TODAY + timedelta(days=each) for each in (-9, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 9)))
NUMBERS: Final = (None, *(each / 2 if each % 2 else each // 2 for each in range(-4, 20)), 100)
SMALL: Final[Mapping[str, Sequence[object]]] = {
    "first_on": DAYS, "then_on": DAYS, "amount": NUMBERS, "count": NUMBERS, "f": (None, False, True),
    "kind": (None, "a", "b", "c"), "note": (None, "p", "q", "long words"),
    "tags": (None, *(list(some) for some in (("x",), ("y",), ("z",), ("x", "y"), ("x", "z"), ("x", "y", "z")))),
}  # fmt: skip
"""All values of each field that the atoms can tell apart in any combination, and some more."""
LATER: Final = (0, 1, 7, 12, 400)
"""Days on which what bars a step today may bar it no more."""
MOST: Final = 1_500
"""Combinations of values that are tried of one condition."""
ATOMS: Final = (
    "first_on <= today", "first_on > then_on", "then_on >= first_on", "then_on == today", "first_on == then_on",
    "(then_on - first_on).days > 3", "(then_on - first_on).days <= 5", "(today - first_on).days >= 4",
    "then_on <= first_on|after('2 days')", "amount > 3", "amount <= 3", "amount == 2", "amount * 2 > 7",
    "amount * 2 < 9", "amount + count < 5", "amount > count", "amount - count == 1", "amount % 2 == 1",
    "count >= 8", "f", "f == true", "f is none", "kind == 'a'", "kind != 'b'", "kind in ['a', 'c']", "kind",
    "note == 'p'", "note|length > 3", "note != 'q'", "'x' in tags", "'y' in tags", "tags|length > 1", "tags",
    "first_on", "amount", "first_on.month == 11", "then_on.day > 28",
)  # fmt: skip


def condition(dice: random.Random) -> str:
    """Return a condition over dates, numbers, choices, lists and words."""

    def made(depth: int) -> str:
        draw = dice.random()
        if depth == 0 or draw < 0.15:
            return dice.choice(ATOMS)
        if draw < 0.35:
            return f"not ({made(depth - 1)})"
        joined = " and " if draw < 0.75 else " or "
        return joined.join(f"({made(depth - 1)})" for _ in range(2))

    while True:
        found = made(dice.choice((1, 2, 2, 3)))
        if prod(len(values) for name, values in SMALL.items() if name in found) <= MOST:
            return found


def workflow_with(guard: str, *, kept: bool) -> Workflow:
    """Return a workflow whose only way out has a condition on values of the opening, or on values brought with it."""
    types = {"first_on": "date", "then_on": "date", "amount": "number", "count": "number", "f": "flag", "note": "text"}
    fields: dict[str, Any] = {name: {"type": each, "amend": False} for name, each in types.items()}
    fields["kind"] = {"type": "choice", "values": ["a", "b", "c"], "amend": False}
    fields["tags"] = {"type": "choices", "values": ["x", "y", "z"], "amend": False}
    declared = {
        "workflow": "main", "version": 1, "title": "W", "number": "{unit}-W-{year}-{serial:04}", "dated_by": "on_day",
        "summary": "s",
        "open": {"by": ["office"], "takes": sorted(fields) if kept else []},
        "fields": {
            "on_day": {"type": "date", "required": True, "amend": False},
            "s": {"type": "text", "required": True, "amend": False}, **fields,
        },
        "states": {"begun": {}, "done": {"final": True}},
        "transitions": {"go": {"from": "begun", "to": "done", "by": ["office"], "when": {guard: "no"},
                               "takes": [] if kept else sorted(fields)}},
        "deadlines": {"all": {"starts": {"enter": "begun"}, "runs_in": ["begun"], "within": "9 days", "ladder": "l"}},
        "ladders": {"l": [{"at": "0 days", "level": "remind", "to": ["office"]}]},
        "clearance": {"cleared": {"states": ["done"]}, "fully_closed": {"states": ["done"]}},
    }  # fmt: skip
    found, wrong = sketch_workflow(declared, lists={}, where=nowhere, synonyms={})[:2]
    assert found is not None, wrong
    return found


def played(workflow: Workflow, guard: str, *, later: bool = False) -> Iterator[bool]:
    """Yield for every combination of values whether the rules of the engine let the step be taken, now or *later*."""
    rules = Rules(workflow)
    named = [name for name in SMALL if name in guard]
    for some in product(*(SMALL[name] for name in named)):
        values = {name: _stored(each) for name, each in zip(named, some, strict=True) if each is not None}
        fields = {"on_day": TODAY.isoformat(), "s": "x", **values}
        case = Case(
            1, "x", "main", 1, "begun", 1, "0101", None, None, TODAY.isoformat(), 0, 0, Count.OPEN, fields, None, 0, ""
        )
        yield any(_lets(rules, case, TODAY + timedelta(days=each)) for each in (LATER if later else LATER[:1]))


def _lets(rules: Rules, case: Case, today: date) -> bool:
    actor = Actor(code="zhou", roles=frozenset({"office"}))
    try:
        advance(rules, case, "go", {}, actor=actor, family=Family(after=plain_after), today=today)
    except RefusedError:
        return False
    return True


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def answers(workflow: Workflow, promise: int) -> set[PromiseAnswer]:
    """Return what is said of a promise."""
    known = Known(roles=frozenset({"office"}), levels=("remind",))
    return {each.answer for each in prove(workflow, known, today=TODAY).verdicts if each.promise == promise}


def test_what_is_said_of_a_condition_is_what_all_values_say() -> None:
    """Where some value lets a step be taken it is not called dead, and where none does it is not called alive."""
    wrong, decided = [], 0
    for seed in range(MADE):
        guard = condition(random.Random(seed))
        workflow = workflow_with(guard, kept=False)
        said, can = answers(workflow, 1), any(played(workflow, guard))
        decided += PromiseAnswer.NOT_DECIDED not in said
        if (PromiseAnswer.REFUTED if can else PromiseAnswer.PROVED) in said:
            wrong.append((seed, guard, can))

    assert wrong == []
    assert decided * 2 > MADE


def test_whether_a_kept_value_traps_is_what_all_values_say() -> None:
    """Where some value of the opening bars the only way out a trap is found, and where none does it is not."""
    wrong, decided = [], 0
    for seed in range(MADE):
        guard = condition(random.Random(1_000_000 + seed))
        workflow = workflow_with(guard, kept=True)
        said, traps = answers(workflow, 1), not all(played(workflow, guard, later=True))
        decided += PromiseAnswer.NOT_DECIDED not in said
        if (PromiseAnswer.PROVED if traps else PromiseAnswer.REFUTED) in said:
            wrong.append((seed, guard, traps))

    assert wrong == []
    assert decided * 2 > MADE
