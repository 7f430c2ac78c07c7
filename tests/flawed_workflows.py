"""Workflows made by a seed, sound by the way they are made, and the same with one flaw planted in each."""

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import yaml

from engine.proving.proof_verdicts import NO_PROMISE

Declared = dict[str, Any]
LADDER: Final = [{"at": "+1 day", "every": "7 days", "level": "chase", "to": ["office"]}]
NO: Final = {"en": "no", "zh": "不行"}
HARMLESS: Final = (
    "not told_on or told_on <= today",
    "kind == 'a' or kind == 'b' or kind == 'c'",
    "not amount or amount < 10 or amount >= 10",
    "not f or f",
    "f or not f",
    "not note or note",
    "received_on <= today",
)
"""Conditions that always hold of what can be brought."""


class Made(NamedTuple):
    """A workflow, and its children."""

    main: Declared
    child: Declared | None
    steps: int
    """How many steps the way to the end has."""

    def declared(self) -> list[Declared]:
        """Return the declarations."""
        return [self.main, *([self.child] if self.child else [])]

    def files(self) -> dict[str, str]:
        """Return the files, by name."""
        return {f"{each['workflow']}.yaml": yaml.safe_dump(each, sort_keys=False) for each in self.declared()}


def _workflow(name: str) -> Declared:
    """Return what all of them have."""
    return {
        "workflow": name,
        "version": 1,
        "title": {"en": name, "zh": name},
        "number": f"{{unit}}-{name.upper()}-{{year}}-{{serial:04}}",
        "dated_by": "received_on",
        "summary": "subject",
        "open": {"by": ["office"]},
        "amend": {"by": ["office"]},
        "fields": {
            "received_on": {"type": "date", "required": True, "amend": False},
            "subject": {"type": "text", "required": True},
        },
    }


def sound(seed: int) -> Made:
    """Return a workflow without a flaw: a row of states, ways back and out, harmless conditions, perhaps a child."""
    dice = random.Random(seed)
    main = _workflow("main")
    main["fields"] |= {
        "kind": {"type": "choice", "values": ["a", "b", "c"], "required": True, "amend": False},
        "f": {"type": "flag"},
        "amount": {"type": "number"},
        "who": {"type": "officer"},
        "told_on": {"type": "date"},
        "note": {"type": "text"},
        "reason": {"type": "text"},
    }
    steps = dice.randint(2, 5)
    row = [f"s{each}" for each in range(steps)]
    main["states"] = {name: {} for name in row} | {"done": {"final": True}, "dropped": {"final": True}}
    main["transitions"] = {}
    for place, state in enumerate(row):
        step: Declared = {"from": state, "to": row[place + 1] if place + 1 < steps else "done", "by": ["office"]}
        step["asks"] = dice.sample(["note", "told_on", "amount", "f"], dice.randint(0, 2))
        main["transitions"][f"go{place}"] = step
        conditions = dice.sample(HARMLESS, dice.randint(0, 2))
        if "told_on" in step["asks"]:
            conditions.append("told_on <= today and told_on >= received_on")
        step["when"] = dict.fromkeys(dict.fromkeys(conditions), NO)
    for place in range(1, steps):
        if dice.random() < 0.4:
            back = {"from": row[place], "to": row[place - 1], "by": ["office"], "asks": ["reason"]}
            main["transitions"][f"back{place}"] = back
    if dice.random() < 0.6:
        drop = {"from": dice.sample(row, dice.randint(1, steps)), "to": "dropped", "by": ["office"], "asks": ["reason"]}
        main["transitions"]["drop"] = drop
    else:
        del main["states"]["dropped"]
    _finish(main, row)
    if seed % 3 == 0:
        del main["ladders"]["usual"][0]["every"]  # the engine goes on
    return Made(main, _with_child(main) if dice.random() < 0.5 else None, steps)


def _finish(main: Declared, row: list[str]) -> None:
    """Add the terms and counts."""
    ended = [each for each in main["states"] if each not in row]
    main["deadlines"] = {
        "all": {"starts": {"enter": row[0]}, "runs_in": list(row), "within": "60 days", "ladder": "usual"},
    }
    main["ladders"] = {"usual": copy.deepcopy(LADDER)}
    main["clearance"] = {"cleared": {"states": ended}, "fully_closed": {"states": ended}}


def _with_child(main: Declared) -> Declared:
    """Let the first step open a child, and no step end over it; return the child."""
    child = _workflow("child") | {"parent": "main", "open": {"by": []}}
    child["states"] = {"x": {}, "y": {}, "z": {"final": True}}
    child["transitions"] = {
        "on": {"from": "x", "to": "y", "by": ["office"]},
        "end": {"from": ["x", "y"], "to": "z", "by": ["office"]},
    }
    _finish(child, ["x", "y"])
    main["transitions"]["go0"]["opens"] = [
        {"workflow": "child", "set": {"received_on": "=today", "subject": "=subject"}}
    ]
    for each in main["transitions"].values():
        if each["to"] in {"done", "dropped"}:
            each.setdefault("when", {})["not children('child') or children('child') | all_in('z')"] = NO
    return child


def _guard(made: Made, condition: str, *, step: int = -1) -> None:
    """Ask a condition of a step of the way; of the last one if none is named."""
    place = step if step >= 0 else made.steps - 1
    made.main["transitions"].pop("drop", None)
    if "dropped" in made.main["states"]:
        del made.main["states"]["dropped"]
        for each in made.main["clearance"].values():
            each["states"] = ["done"]
    made.main["transitions"][f"go{place}"].setdefault("when", {})[condition] = NO


def _field(made: Made, name: str, **declared: Any) -> None:
    made.main["fields"][name] = declared


def _contradiction(made: Made) -> None:
    _guard(made, "f and not f")


def _never_filled(made: Made) -> None:
    _field(made, "seal", type="text", amend=False)
    _guard(made, "seal")


def _numbers_apart(made: Made) -> None:
    _guard(made, "amount > 10 and amount < 5")


def _circle_of_order(made: Made) -> None:
    _guard(made, f"done('go{made.steps - 1}')", step=0)


def _trap_by_value(made: Made) -> None:
    _guard(made, "kind != 'b'")


def _trap_by_no_value(made: Made) -> None:
    _field(made, "grade", type="choice", values=["high", "low"], amend=False)
    made.main["transitions"]["go0"].setdefault("takes", []).append("grade")
    for each in [name for name in made.main["transitions"] if name.startswith("back")]:
        del made.main["transitions"][each]  # a way back would be a way to bring the value after all
    _guard(made, "grade == 'high' or grade == 'low'")


def _two_kept_dates(made: Made) -> None:
    _field(made, "first_on", type="date", amend=False)
    _field(made, "then_on", type="date", amend=False)
    for each in made.main["transitions"]:
        if each.startswith("back"):
            made.main["transitions"][each]["to"] = made.main["transitions"][each]["from"]
    made.main["transitions"]["go0"]["asks"] = ["first_on", "then_on"]
    made.main["transitions"]["go0"]["when"] = {"first_on <= today and then_on <= today": NO}
    _guard(made, "then_on >= first_on")


def _dead_state(made: Made) -> None:
    made.main["states"]["odd"] = {}
    made.main["transitions"]["stray"] = {
        "from": "s0", "to": "odd", "by": ["office"], "when": {"kind == 'a' and kind == 'b'": NO},
    }  # fmt: skip
    made.main["transitions"]["return"] = {"from": "odd", "to": "s0", "by": ["office"]}
    made.main["deadlines"]["all"]["runs_in"].append("odd")


def _ring_of_duties(made: Made) -> None:
    last = made.steps - 1
    made.main["transitions"]["again"] = {"from": f"s{last}", "to": f"s{last - 1}", "by": ["office"], "asks": ["reason"]}
    made.main["transitions"].pop("drop", None)
    made.main["states"].pop("dropped", None)
    for each in made.main["clearance"].values():
        each["states"] = ["done"]
    made.main["transitions"][f"go{last}"]["not_by"] = [f"go{last - 1}"]


def _child_waits(made: Made) -> None:
    assert made.child is not None
    made.child["transitions"]["end"]["when"] = {"parent.state == 'done'": NO}
    made.child["transitions"]["end"]["from"] = ["x", "y"]


def _ends_over_child(made: Made) -> None:
    _without_guard(made)


def _end_of_child(made: Made, name: str) -> None:
    """Let a child end otherwise as well."""
    assert made.child is not None
    made.child["states"][name] = {"final": True}
    made.child["transitions"][f"to_{name}"] = {"from": ["x", "y"], "to": name, "by": ["office"]}
    for each in made.child["clearance"].values():
        each["states"] = [*each["states"], name]


def _child_that_fails(made: Made) -> None:
    _end_of_child(made, "failed")


def _asked_where_it_left(made: Made) -> None:
    _without_guard(made)
    _guard(made, "children('child') | any_in('x')")
    made.main["transitions"][f"go{made.steps - 1}"]["each"] = {
        "children": "child", "in": ["x", "y"], "step": "end",
    }  # fmt: skip


def _too_few_children(made: Made) -> None:
    made.main["transitions"] = {k: v for k, v in made.main["transitions"].items() if not k.startswith("back")}
    _guard(made, "children('child') | length > 1")


def _child_born_trapped(made: Made) -> None:
    assert made.child is not None
    made.child["fields"]["kind"] = {"type": "choice", "values": ["a", "b", "c"], "required": True, "amend": False}
    made.main["transitions"]["go0"]["opens"][0]["set"]["kind"] = "=kind"
    made.child["transitions"]["end"]["when"] = {"kind != 'b'": NO}


def _child_that_says_no(made: Made) -> None:
    assert made.child is not None
    made.child["fields"]["answer"] = {"type": "choice", "values": ["yes", "no"], "amend": False}
    made.child["transitions"]["end"]["asks"] = ["answer"]
    _guard(made, "not children('child') | among('answer', 'no')")


def _over_a_failed_child(made: Made) -> None:
    """Only where a child has failed the check of the others is forgotten."""
    _end_of_child(made, "failed")
    again = copy.deepcopy(made.main["transitions"]["go0"]["opens"][0])
    made.main["transitions"]["go0"]["opens"].append(again)
    _without_guard(made)
    for each in made.main["transitions"].values():
        if each["to"] in {"done", "dropped"}:
            all_ended = "not children('child') or children('child') | all_in('z', 'failed')"
            each.setdefault("when", {})[f"children('child') | any_in('failed') or ({all_ended})"] = NO


def _without_guard(made: Made) -> None:
    for each in made.main["transitions"].values():
        each.get("when", {}).pop("not children('child') or children('child') | all_in('z')", None)


def _opens_never(made: Made) -> None:
    made.main["transitions"]["go0"]["opens"][0]["if"] = "kind == 'a' and kind == 'c'"


def _long_part(made: Made) -> None:
    part = {"starts": {"enter": "s1"}, "runs_in": ["s1"], "within": "90 days", "ladder": "usual"}
    made.main["deadlines"]["part"] = part


def _past_day(made: Made) -> None:
    part = {"starts": {"enter": "s1"}, "runs_in": ["s1"], "on": "2019-01-01", "ladder": "usual"}
    made.main["deadlines"]["part"] = part


def _dead_term(made: Made) -> None:
    part = {"starts": {"enter": "s1"}, "runs_in": ["s1"], "within": "5 days", "ladder": "usual"}
    made.main["deadlines"]["part"] = part | {"if": "kind == 'a' and kind == 'b'"}


def _ladder_to_nobody(made: Made) -> None:
    made.main["ladders"]["usual"][0]["to"] = ["who"]


def _unwatched(made: Made) -> None:
    made.main["deadlines"]["all"]["runs_in"].pop()


def _no_ladder(made: Made) -> None:
    del made.main["deadlines"]["all"]["ladder"]


def _idle(made: Made) -> None:
    made.main["transitions"]["nothing"] = {"from": "s1", "by": ["office"]}


def _unused_ladder(made: Made) -> None:
    made.main["ladders"]["spare"] = copy.deepcopy(LADDER)


def _no_such_choice(made: Made) -> None:
    _guard(made, "kind == 'd'")


class Flaw(NamedTuple):
    """How a flaw is planted."""

    plant: Callable[[Made], None]
    promise: int
    """The one that is broken by it."""
    family: bool = False
    """There must be a child."""


FLAWS: Final[Mapping[str, Flaw]] = {
    "contradictory condition": Flaw(_contradiction, 1),
    "field that nothing fills": Flaw(_never_filled, 1),
    "numbers apart": Flaw(_numbers_apart, 1),
    "circle of order": Flaw(_circle_of_order, 1),
    "trap by a value": Flaw(_trap_by_value, 1),
    "trap by no value": Flaw(_trap_by_no_value, 1),
    "trap by two kept dates": Flaw(_two_kept_dates, 1),
    "dead state": Flaw(_dead_state, 3),
    "ring of duties": Flaw(_ring_of_duties, 4),
    "children wait for their parent": Flaw(_child_waits, 1, family=True),
    "end over a child": Flaw(_ends_over_child, 5, family=True),
    "child that fails": Flaw(_child_that_fails, 1, family=True),
    "child asked for where it left": Flaw(_asked_where_it_left, 1, family=True),
    "too few children": Flaw(_too_few_children, 1, family=True),
    "child born trapped": Flaw(_child_born_trapped, 1, family=True),
    "child that says no": Flaw(_child_that_says_no, 1, family=True),
    "end over a failed child's sibling": Flaw(_over_a_failed_child, 5, family=True),
    "child never opened": Flaw(_opens_never, 3, family=True),
    "part longer than the whole": Flaw(_long_part, 7),
    "fixed day past": Flaw(_past_day, 7),
    "term that never applies": Flaw(_dead_term, 3),
    "ladder to nobody": Flaw(_ladder_to_nobody, 2),
    "unwatched state": Flaw(_unwatched, 2),
    "term without a ladder": Flaw(_no_ladder, 2),
    "idle step": Flaw(_idle, 3),
    "unused ladder": Flaw(_unused_ladder, 3),
    "no such choice": Flaw(_no_such_choice, NO_PROMISE),
}


def flawed(flaw: str, seed: int) -> Made:
    """Return a sound workflow with one flaw planted."""
    planted = FLAWS[flaw]
    place = seed
    while planted.family and sound(place).child is None:
        place += 10_007
    made = sound(place)
    planted.plant(made)
    return made
