"""The lean plan of a replay judges each step as the rules of commands do."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from played_proofs import Walker, rules_of

from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.proving.domains import plain_after
from engine.replaying.lean_plan import DONE, Accepted, LeanPlan, PlayedCase
from engine.replaying.surroundings import EVERYBODY
from engine.rules.case import Actor, Decision
from engine.rules.transitions import advance
from engine.rules.values import check_values
from engine.workflow.model import Transition
from engine.workflow.proofs import Proof
from workflows.loader import Declarations

PLAYED = ("lead", "referral", "rectification", "review", "supervision", "inspection", "major_information")


@dataclass
class Twin(Walker):
    """A case that is walked by the rules and by a lean plan side by side, with steps that may be wrong in any way."""

    lean: PlayedCase | None = None
    plans: dict[str, LeanPlan] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=lambda: {"fast": 0, "accepted": 0, "refused": 0})

    def begin(self, values: Any = None) -> "Twin":
        """Begin both."""
        self.open(values)
        plan = self.plans.setdefault(self.workflow.name, LeanPlan(rules_of(self.workflow), counts=plain_after))
        self.lean = PlayedCase(plan, "x", self.fields, unit="0101")
        return self

    def try_step(self, book: Declarations) -> bool:
        """Try a step, likely or not, and compare what the two say of it."""
        dice = self.dice
        if dice.random() < 0.1:
            self.today += timedelta(days=dice.choice((1, 3, 200)))
        if self.children and dice.random() < 0.4:
            child = dice.choice(self.children)
            child.today = self.today
            return child.try_step(book)
        here = self.workflow.transitions_from(self.state)
        done = [trigger for trigger, _ in self.moves]
        weights = [1 / (1 + 3 * done.count(each.trigger)) for each in here]
        anywhere = not here or dice.random() < 0.1
        step = dice.choice(self.workflow.transitions) if anywhere else dice.choices(here, weights)[0]
        try:
            brought = self._brought(step)
        except BadValueError:
            return False
        self._amended()
        by = self._somebody()
        roles = frozenset(step.by if dice.random() < 0.85 else dice.choice(self.workflow.transitions).by)
        return self._compared(step.trigger, brought, by, roles, book)

    def _brought(self, step: Transition) -> dict[str, object]:
        dice = self.dice
        lacking = {name for name in step.needs if self.fields.get(name) is None}
        names = [
            name
            for name in (*step.asks, *step.needs, *step.takes)
            if name in (*step.asks, *lacking) or dice.random() < 0.4
        ]
        brought = {name: self._some(self.workflow.fields[name]) for name in names}
        if brought and dice.random() < 0.1:
            brought.pop(dice.choice(list(brought)))
        if dice.random() < 0.05:
            other = dice.choice(list(self.workflow.fields.values()))
            brought[other.name] = None if dice.random() < 0.5 else self._some(other)
        return dict(check_values(self.workflow, brought, officers=EVERYBODY, units=EVERYBODY, today=self.today))

    def _amended(self) -> None:
        if self.dice.random() < 0.1:
            some = [
                each for each in self.workflow.fields.values() if each.amend and each.name != self.workflow.dated_by
            ]
            if some:
                one = self.dice.choice(some)
                self.fields = {**self.fields, one.name: self._some(one)}
                assert self.lean is not None
                self.lean.hold(self.fields)

    def _compared(self, trigger: str, brought: Any, by: str, roles: frozenset[str], book: Declarations) -> bool:
        assert self.lean is not None
        actor = Actor(code=by, roles=roles, proof=Proof.SIGNATURE)
        said: Decision | Exception
        try:
            said = advance(
                rules_of(self.workflow), self.case, trigger, brought, actor=actor, family=self.family, today=self.today
            )
        except (RefusedError, NotFoundError) as refused:
            said = refused
        lean = self.lean.lean.play(self.lean, trigger, brought, by=by, today=self.today, roles=roles)
        if isinstance(said, Decision) != isinstance(lean, Accepted):
            self.wrong.append(f"{self.workflow.name}.{trigger} {brought} by {by}: {said} / {lean}")
            return False
        if not isinstance(said, Decision):
            self.counted["refused"] += 1
            if str(said) != str(lean):
                self.wrong.append(f"{trigger}: {said} / {lean}")
            return False
        self.counted["accepted"] += 1
        self.counted["fast"] += lean is DONE
        before = self.state
        name = getattr(said.event, "transition", None) or trigger
        step = next(each for each in self.workflow.transitions if each.name == name)
        if step.target is not None and said.state != before:
            self.came_from = before
        self.moves.append((trigger, by))
        self.state, self.fields, self.clearance = said.state, said.fields, said.clearance
        stands = self.lean.as_case()
        if (stands.state, stands.fields) != (said.state, dict(said.fields)) or self.lean.came_from != self.came_from:
            self.wrong.append(f"{trigger}: {said.state} {said.fields} / {stands.state} {stands.fields}")
        for birth in said.births:
            child = Twin(
                book.latest(birth.workflow), self.dice, self.today, parent=self, plans=self.plans, wrong=self.wrong,
                counted=self.counted,
            ).begin(birth.values)  # fmt: skip
            assert child.lean is not None
            child.lean.parent = self.lean
            self.lean.children.append(child.lean)
            self.children.append(child)
        return True


def test_a_lean_plan_says_of_every_step_what_the_rules_say() -> None:
    """On seeded plays with wrong triggers, values, people and corrections, verdicts, values and sentences are equal."""
    book = Declarations()
    plans: dict[str, LeanPlan] = {}
    counted = {"fast": 0, "accepted": 0, "refused": 0}
    wrong: list[str] = []
    for seed in range(42):
        dice = random.Random(seed)
        workflow = book.latest(PLAYED[seed % len(PLAYED)])
        twin = Twin(workflow, dice, date(2019, 7, 1), plans=plans, wrong=wrong, counted=counted).begin()
        for _ in range(40):
            twin.try_step(book)

    assert wrong == []
    assert counted["accepted"] > 200, counted
    assert counted["refused"] > 500, counted
    assert counted["fast"] > counted["accepted"] / 2, counted
