"""Conditions over children made by a seed: what the prover says is what playing every order of steps says."""

import os
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any, Final, NamedTuple

from engine.errors import RefusedError
from engine.proving.domains import plain_after
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.prove import prove
from engine.reading.declarations import sketch_workflow
from engine.rules.case import Actor, Case, Count, Decision, Family, doers_of
from engine.rules.transitions import Rules, advance
from engine.validation.check import Known
from engine.workflow.model import Transition, Workflow
from engine.workflow.problems import nowhere

TODAY: Final = date(2026, 11, 30)
MADE: Final = 4 * int(os.environ.get("QINGLING_TEST_PROVED", "1"))
"""Families; some hundreds in `make prove`."""
MOST: Final = 4_000
"""Ways in which a case and its children stand, beyond which a family is passed over."""

OF_CHILDREN: Final = (
    "children('child')", "children('child')|all_in('z')", "children('child')|all_in('z', 'w')",
    "children('child')|any_in('w')", "children('child')|any_in('y')", "children('child')|any_in('x', 'y')",
    "children('child')|length > 1", "children('child')|length == 1", "children('child')|count < 2",
    "children('child')|among('answer', 'no')", "children('child')|among('answer', 'yes')|all_in('z')",
    "children('child')|among('sort', 'b')", "children('child')|among('sort', kind)|any_in('z')",
    "children('child')|among('answer', 'yes')|count == 2",
    "not children('child') or children('child')|all_in('z', 'w')",
    "children('child')|selectattr('state', 'eq', 'z')|length > 0",
    "children('child')|rejectattr('state', 'in', ['z', 'w'])|length == 0",
    "children('child')|selectattr('answer', 'eq', 'no')|length == 0",
    "children('child') and (children('child')|last).state == 'z'",
    "children('child') and (children('child')|last).answer != 'no'",
    "children('child') and (children('child')|first).state in ['z', 'w']",
)  # fmt: skip
OF_THE_CASE: Final = ("kind == 'a'", "kind != 'b'", "f", "done('more')", "done('back')", "state == 's1'")
OF_THE_CHILD: Final = (
    "sort != 'b'", "sort == 'a'", "answer == 'yes'", "answer != 'no'", "done('on')", "parent.state != 's2'",
    "parent.state == 's1'", "parent.kind != 'c'", "state == 'y'",
)  # fmt: skip
NO: Final = {"en": "no", "zh": "不行"}
Declared = dict[str, Any]


def condition(dice: random.Random, first: Iterable[str], others: Iterable[str] = ()) -> str:
    """Return a condition of one to three atoms."""
    atoms = (*first, *others)
    parts = [dice.choice(tuple(first)), *(dice.choice(atoms) for _ in range(dice.choice((0, 0, 1, 1, 2))))]
    made = ""
    for part in parts:
        some = f"not ({part})" if dice.random() < 0.25 else f"({part})"
        made = f"{made} {dice.choice(('and', 'or'))} {some}" if made else some
    return made


def family(seed: int) -> tuple[Declared, Declared]:
    """Return a workflow and that of its children."""
    dice = random.Random(seed)
    base = {
        "version": 1, "title": {"en": "w", "zh": "w"}, "dated_by": "on_day", "summary": "s", "amend": {"by": []},
        "ladders": {"l": [{"at": "+1 day", "every": "7 days", "level": "chase", "to": ["office"]}]},
    }  # fmt: skip
    kind = {"type": "choice", "values": ["a", "b", "c"], "required": True, "amend": False}
    days = {
        "on_day": {"type": "date", "required": True, "amend": False},
        "s": {"type": "text", "required": True, "amend": False},
    }
    opens: Declared = {"workflow": "child", "set": {"on_day": "=today", "s": "=s", "sort": dice.choice(("=kind", "a"))}}
    if dice.random() < 0.5:
        opens["if"] = condition(dice, OF_THE_CASE)
    again: Declared = {"workflow": "child", "set": {"on_day": "=today", "s": "=s", "sort": dice.choice(("=kind", "b"))}}
    again["if"] = "children('child')|length < 2" + (
        f" and ({condition(dice, OF_CHILDREN, OF_THE_CASE)})" if dice.random() < 0.6 else ""
    )
    steps: Declared = {
        "go": {"from": "s0", "to": "s1", "by": ["office"], "asks": ["f"], "opens": [opens]},
        "more": {"from": "s1", "by": ["office"], "opens": [again]},
        "on": {"from": "s1", "to": "s2", "by": ["office"]},
        "end": {"from": "s2", "to": "done", "by": ["office"]},
    }
    if dice.random() < 0.5:
        steps["back"] = {"from": "s2", "to": "s1", "by": ["office"]}
    if dice.random() < 0.3:
        steps["drop"] = {"from": "s2", "to": "done", "by": ["office"], "when": {condition(dice, OF_CHILDREN): NO}}
    if dice.random() < 0.25:
        steps["end"]["each"] = {"children": "child", "in": ["x", "y"], "step": "stop"}
    for name in ("on", "end", "more"):
        if name == "end" or dice.random() < 0.4:
            steps[name]["when"] = {condition(dice, OF_CHILDREN, OF_THE_CASE): NO}
    main = {
        **base, "workflow": "main", "number": "{unit}-W-{serial}", "open": {"by": ["office"]},
        "fields": {**days, "kind": kind, "f": {"type": "flag", "amend": False}},
        "states": {"s0": {}, "s1": {}, "s2": {}, "done": {"final": True}}, "transitions": steps,
        "deadlines": {"all": _term("s0", ["s0", "s1", "s2"])},
        "clearance": {"cleared": {"states": ["done"]}, "fully_closed": {"states": ["done"]}},
    }  # fmt: skip
    own: Declared = {
        "on": {"from": "x", "to": "y", "by": ["office"]},
        "end": {"from": ["x", "y"], "to": "z", "by": ["office"], "asks": ["answer"]},
        "stop": {"from": ["x", "y"], "to": "w", "by": ["office"]},
    }
    for name in own:
        if dice.random() < 0.4:
            own[name]["when"] = {condition(dice, OF_THE_CHILD): NO}
    child = {
        **base, "workflow": "child", "number": "{unit}-C-{serial}", "open": {"by": []}, "parent": "main",
        "fields": {**days, "sort": kind, "answer": {"type": "choice", "values": ["yes", "no"], "amend": False}},
        "states": {"x": {}, "y": {}, "z": {"final": True}, "w": {"final": True}}, "transitions": own,
        "deadlines": {"all": _term("x", ["x", "y"])},
        "clearance": {"cleared": {"states": ["z", "w"]}, "fully_closed": {"states": ["z", "w"]}},
    }  # fmt: skip
    return main, child


def _term(starts: str, runs_in: list[str]) -> Declared:
    return {"starts": {"enter": starts}, "runs_in": runs_in, "within": "60 days", "ladder": "l"}


class Stands(NamedTuple):
    """How one case stands."""

    state: str
    fields: tuple[tuple[str, object], ...]
    done: frozenset[str]


class Together(NamedTuple):
    """How a case and its children stand."""

    case: Stands
    children: tuple[Stands, ...] = ()


class Player:
    """Plays every order of steps of a case and its children by the rules of the engine."""

    def __init__(self, main: Workflow, child: Workflow) -> None:
        self.rules = {each.name: Rules(each) for each in (main, child)}
        self.main, self.child = main, child
        self.taken: set[str] = set()
        self.opened: set[tuple[str, int]] = set()
        self.following: dict[Together, set[Together]] = {}

    def play(self) -> bool:
        """Find all ways to stand; say whether they are few enough."""
        waiting = [
            Together(Stands("s0", _kept({"on_day": TODAY.isoformat(), "s": "x", "kind": kind}), frozenset()))
            for kind in "abc"
        ]
        while waiting:
            here = waiting.pop()
            if here not in self.following:
                self.following[here] = set(self._steps(here))
                waiting += self.following[here]
            if len(self.following) > MOST:
                return False
        return True

    def trapped(self) -> bool:
        """Say whether a case can come to where it can never end."""
        before: dict[Together, list[Together]] = {}
        for here, after in self.following.items():
            for each in after:
                before.setdefault(each, []).append(here)
        saved = {each for each in self.following if self.main.is_final(each.case.state)}
        waiting = list(saved)
        while waiting:
            for each in before.get(waiting.pop(), ()):
                if each not in saved:
                    saved.add(each)
                    waiting.append(each)
        return len(saved) < len(self.following)

    def ends_over(self, let_be: frozenset[str]) -> bool:
        """Say whether a case can end over a child that is open, and may not stay where it is."""
        still = {name for name in self.child.states if not self.child.is_final(name)} - let_be
        ended = (each for each in self.following if self.main.is_final(each.case.state))
        return any(child.state in still for each in ended for child in each.children)

    def _steps(self, here: Together) -> Iterator[Together]:
        if self.main.is_final(here.case.state):
            return
        for step in self.main.transitions_from(here.case.state):
            for brought in _brought(step):
                yield from self._led(here, step, brought)
        for place, child in enumerate(here.children):
            for step in self.child.transitions_from(child.state):
                for brought in _brought(step):
                    decision = self._decided(self.child, child, here, step, brought)
                    if decision is not None:
                        moved = _after(child, step, decision)
                        yield here._replace(children=(*here.children[:place], moved, *here.children[place + 1 :]))

    def _led(self, here: Together, step: Transition, brought: Mapping[str, object]) -> Iterator[Together]:
        decision = self._decided(self.main, here.case, here, step, brought)
        if decision is None:
            return
        children = list(here.children)
        above = Together(_after(here.case, step, decision), here.children)
        if step.each is not None:
            for place, child in enumerate(children):
                if child.state in step.each.states:
                    found = self.child.transitions_from(child.state)
                    along = next(each for each in found if each.trigger == step.each.step)
                    went = self._decided(self.child, child, above, along, {})
                    if went is None:
                        return  # all of them or none
                    children[place] = _after(child, along, went)
        self.taken.add(step.name)
        if decision.births:
            self.opened.add((step.name, 0))
        children += [Stands("x", _kept(birth.values), frozenset()) for birth in decision.births]
        yield Together(above.case, tuple(children))

    def _decided(
        self, workflow: Workflow, one: Stands, here: Together, step: Transition, brought: Mapping[str, object]
    ) -> Decision | None:
        moves = tuple((each, "zhou") for each in sorted(one.done))
        is_child = workflow is self.child
        around = Family(
            children=() if is_child else tuple(_case(self.child, each) for each in here.children),
            parent=_case(self.main, here.case) if is_child else None,
            moves=moves,
            doers=doers_of(moves),
            after=plain_after,
        )
        actor = Actor(code="zhou", roles=frozenset({"office"}))
        try:
            return advance(
                self.rules[workflow.name], _case(workflow, one), step.trigger, brought, actor=actor, family=around,
                today=TODAY,
            )  # fmt: skip
        except RefusedError:
            return None


def _kept(values: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return tuple(sorted((name, value) for name, value in plain.items() if value is not None))


def _after(one: Stands, step: Transition, decision: Decision) -> Stands:
    return Stands(decision.state, _kept(decision.fields), one.done | {step.trigger})


def _brought(step: Transition) -> Iterator[Mapping[str, object]]:
    values: Mapping[str, tuple[object, ...]] = {"f": (True, False), "answer": ("yes", "no")}
    for some in product(*(values[name] for name in step.asks)):
        yield dict(zip(step.asks, some, strict=True))


def _case(workflow: Workflow, one: Stands) -> Case:
    return Case(
        1, "x", workflow.name, 1, one.state, 1, "0101", None, None, TODAY.isoformat(), 0, 0, Count.OPEN,
        dict(one.fields), None, 0, "",
    )  # fmt: skip


def read(declared: Iterable[Declared]) -> tuple[Workflow, Workflow]:
    """Return the workflows of a family."""
    found = []
    for each in declared:
        workflow, wrong = sketch_workflow(each, lists={}, where=nowhere, synonyms={})[:2]
        assert workflow is not None, wrong
        assert not wrong, wrong
        found.append(workflow)
    return found[0], found[1]


WHOLE: Final = (3, "", PromiseAnswer.PROVED)


def disagreements(player: Player, said: Iterable[PromiseVerdict], sources: str) -> Iterator[str]:
    """Yield what is proved though play shows it broken, and what is refuted though play shows it kept."""
    said = tuple(said)
    let_be = frozenset(re.findall(r"'(\w)'", " ".join(re.findall(r"all_in\(([^)]*)\)", sources))))
    broken = {1: player.trapped(), 5: player.ends_over(let_be)}
    for promise, is_broken in broken.items():
        against = [
            each.answer
            for each in said
            # What else is said by the first promise is about declarations.
            if each.promise == promise and (each.about.startswith("states.") or not each.about)
        ]
        wrong = PromiseAnswer.PROVED if is_broken else PromiseAnswer.REFUTED
        if wrong in against:
            yield f"{promise}: {wrong}"
    for each in said:
        about = each.about.split(".")
        if each.promise == 3 and each.answer is PromiseAnswer.REFUTED and about[0] == "transitions":
            is_opening = "opens" in about
            if (about[1], 0) in player.opened if is_opening else about[1] in player.taken and len(about) < 3:
                yield f"3: {each.about} is not dead"
    dead = {each.name for each in player.main.transitions} - player.taken
    by_ledger = {each.about.removeprefix("transitions.") for each in said if each.answer is PromiseAnswer.PROVED}
    if dead - by_ledger and any((each.promise, each.about, each.answer) == WHOLE for each in said):
        yield f"3: {sorted(dead)} never happen"


def test_what_is_said_of_children_is_what_every_order_of_steps_says() -> None:
    """No promise is proved that some order of steps breaks, and none is refuted that all orders keep."""
    wrong, decided, judged = [], 0, 0
    for seed in range(MADE):
        declared = family(seed)
        main, child = read(declared)
        player = Player(main, child)
        if not player.play():
            continue
        judged += 1
        known = Known(workflows={"child": child}, roles=frozenset({"office"}), levels=("chase",))
        proof = prove(main, known, today=TODAY)
        decided += all(each.answer is not PromiseAnswer.NOT_DECIDED for each in proof.verdicts if each.promise == 1)
        wrong += [(seed, each) for each in disagreements(player, proof.verdicts, str(declared[0]["transitions"]))]

    assert wrong == []
    assert judged * 4 >= MADE * 3
    assert decided * 2 > judged
