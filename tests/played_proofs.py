"""Plays ways of the prover, and random ways, by the engine itself."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from ledgers import DAY, OFFICERS, START

from engine.errors import BadValueError, QinglingError, RefusedError
from engine.journal.case_events import StepTaken
from engine.operations.cases.casework import advance, amend, open_case
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.proving.domains import plain_after
from engine.proving.families import Families
from engine.proving.paths import sample
from engine.proving.proof_verdicts import PlayedStep
from engine.rules.case import Actor, Birth, Case, Count, Decision, Family, doers_of
from engine.rules.transitions import Rules
from engine.rules.transitions import advance as decide
from engine.rules.values import check_values
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.computed import computed
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, FieldType, Transition, Workflow
from workflows.loader import Declarations

PERSONS: Final = ("zhou", "feng", "wang")
"""Officers who all have the role `office`."""


def ledger_with(first: Ledger, folder: Path, book: type[Declarations] = Declarations) -> Ledger:
    """Return the ledger that works by the workflows of a folder."""
    store = first.store
    return Ledger(store, book([folder], stored=lambda n, v: house.kept_workflow(store, n, v)))


@dataclass
class Player:
    """Plays ways of one workflow by the operations of the engine, each step on its day."""

    ledger: Ledger
    workflow: Workflow
    kin: Mapping[str, Families]
    """How the search sees the children."""
    number: str = ""
    now: datetime = START

    def play(self, path: tuple[PlayedStep, ...]) -> str:
        """Play a way and return the number of the case."""
        fields = self.workflow.fields
        for step in path:
            self.now = START + step.day * DAY
            if step.kind == "children":
                self._move(step)
                continue
            values = {name: _real(value, self.now.date(), fields.get(name)) for name, value in step.values.items()}
            acting = Acting(self.ledger, _officer(self.ledger, self.number, step.who), self.now)
            match step.kind:
                case "open":
                    self.number = self._opened(acting, values)
                case "step":
                    advance(acting, self.number, step.name, values)
                case "correct":
                    amend(acting, self.number, values, reason="x")
            assert self.ledger.case(self.number).state == step.state, step
        return self.number

    def _opened(self, acting: Acting, values: Mapping[str, object]) -> str:
        """Open a case; where only a parent opens such cases, a parent in whose values are those that it passes on."""
        if self.workflow.open_by:
            return open_case(acting, self.workflow.name, values, unit="0101").case.number
        parent = self.ledger.workflows.latest(self.workflow.parents[0])
        step = next(each for each in parent.transitions if any(o.workflow == self.workflow.name for o in each.opens))
        opening = next(each for each in step.opens if each.workflow == self.workflow.name)
        passed = {source: values[name] for name, source in computed(opening.sets).items() if name in values}
        some = {each.name: _real(sample(each), START.date(), each) for each in parent.fields.values() if each.required}
        opened = open_case(
            acting, parent.name, some | {k: v for k, v in passed.items() if k in parent.fields}, unit="0101"
        )
        for name in step.asks:
            some[name] = _real(sample(parent.fields[name]), START.date(), parent.fields[name])
        advance(acting, opened.case.number, step.trigger, {name: some[name] for name in step.asks})
        return self.children(opened.case.number)[0].number

    def children(self, number: str = "") -> tuple[Case, ...]:
        """Return the children of a case."""
        return case_rows.children(self.ledger.store, self.ledger.case(number or self.number).id)

    def _move(self, step: PlayedStep) -> None:
        """Let the children move on, each by its own steps, until they stand as the way says."""
        kin = self.kin[step.name]
        mine = [each for each in self.children() if each.workflow == step.name]
        seen: list[dict[str, object]] = [
            {name: some[place] for name, some in step.values.items() if isinstance(some, list)}
            for place in range(len(_listed(step.values["state"])))
        ]
        for wanted in list(seen):
            there = next((each for each in mine if self._is_as(each, wanted, kin)), None)
            if there is not None:
                mine.remove(there)
                seen.remove(wanted)
        for wanted in seen:
            child = next(each for each in mine if self._led(each, wanted, kin))
            mine.remove(child)
        for child in mine:  # those that nobody sees any more have ended
            if not kin.child.is_final(self.ledger.case(child.number).state):
                ends = ({"state": kin.class_of_state[each]} for each in kin.child.states if kin.child.is_final(each))
                assert any(self._led(child, each, kin) for each in ends), step

    def _is_as(self, child: Case, wanted: Mapping[str, object], kin: Families) -> bool:
        """Say whether a child stands as it should; a value that stands for all others is any."""
        case = self.ledger.case(child.number)
        if kin.class_of_state[case.state] != wanted["state"]:
            return False
        return all(
            case.fields.get(name) == value or value is not None for name, value in wanted.items() if name != "state"
        )

    def _led(self, child: Case, wanted: Mapping[str, object], kin: Families) -> bool:
        """Lead a child by the shortest row of steps that it lets be taken; say whether it came there."""
        workflow = kin.child
        rows: list[tuple[str, tuple[Transition, ...]]] = [(self.ledger.case(child.number).state, ())]
        for state, row in rows:  # grows while it is walked
            if row and kin.class_of_state[state] == wanted["state"]:
                try:
                    for each in row:
                        self._take(child.number, each, wanted)
                except QinglingError:
                    continue
                return True
            if len(row) < 4:
                rows += [(each.target or state, (*row, each)) for each in workflow.transitions_from(state)]
        return False

    def _take(self, number: str, step: Transition, wanted: Mapping[str, object]) -> None:
        """Take a step of a child with the values that it should show in the end."""
        fields = self.ledger.rules_of(self.ledger.case(number)).workflow.fields
        values = {
            name: _real(wanted.get(name) or sample(fields[name]), self.now.date(), fields[name])
            for name in (*step.asks, *(each for each in step.takes if wanted.get(each) is not None))
        }
        advance(Acting(self.ledger, "zhou", self.now), number, step.trigger, values)


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _officer(ledger: Ledger, number: str, who: str) -> str:
    """Return the code of somebody who is meant."""
    if who.startswith("p") and who[1:].isdigit():
        return PERSONS[int(who[1:]) % len(PERSONS)]
    named = ledger.case(number).fields.get(who) if number else None
    if isinstance(named, str):
        return named
    return next((code for code, roles in OFFICERS.items() if who in roles), "zhou")


def _real(value: object, today: date, declared: Field | None) -> object:
    """Return a value of a way as people would type it on a day; a moment is at nine on its day."""
    if isinstance(value, list):
        return [_real(each, today, declared) for each in value]
    if isinstance(value, str):
        if value[:1] in "+-" and value[1:].isdigit():
            day = (today + timedelta(days=int(value))).isoformat()
            return f"{day}T09:00" if declared is not None and declared.type is FieldType.MOMENT else day
        if value[:1] == "p" and value[1:].isdigit():
            return PERSONS[int(value[1:]) % len(PERSONS)]
        if value == "u0":
            return "0101"
    return value


@dataclass
class Walker:
    """A case and its children in memory, moved by the rules alone: nothing is stored, so thousands can be walked."""

    workflow: Workflow
    dice: random.Random
    today: date
    state: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)
    children: list["Walker"] = field(default_factory=list)
    parent: "Walker | None" = None
    came_from: str | None = None
    taken: set[str] = field(default_factory=set)
    clearance: int = Count.OPEN

    def open(self, values: Mapping[str, object] | None = None) -> "Walker":
        """Begin the case, by hand or with what a parent gives it."""
        self.state = self.workflow.initial
        if values is None:
            brought = {
                each.name: self._some(each, late=False)
                for each in self.workflow.fields.values()
                if each.required or (each.name in self.workflow.open_takes and self.dice.random() < 0.5)
            }
            brought[self.workflow.dated_by] = (self.today - timedelta(days=self.dice.randint(0, 2))).isoformat()
            values = brought
        self.fields = {name: value for name, value in values.items() if value is not None}
        return self

    @property
    def case(self) -> Case:
        """The case as rules see it."""
        return Case(
            1, "x", self.workflow.name, self.workflow.version, self.state, 1, "0101", None, None,
            self.today.isoformat(), 0, 0, self.clearance, self.fields, None, 0, "",
        )  # fmt: skip

    @property
    def family(self) -> Family:
        """What rules see around it."""
        above = self.parent
        return Family(
            children=tuple(each.case for each in self.children),
            parent=above.case if above else None,
            doers=doers_of(self.moves),
            moves=tuple(self.moves),
            parent_doers=doers_of(above.moves) if above else {},
            parent_moves=tuple(above.moves) if above else (),
            came_from=self.came_from,
            after=plain_after,
        )

    def try_step(self, book: Declarations) -> bool:
        """Try one step of the case or of a child, chosen at random, with values chosen at random."""
        if self.dice.random() < 0.1:
            self.today += timedelta(days=self.dice.choice((1, 3, 200)))
        if self.children and self.dice.random() < 0.4:
            child = self.dice.choice(self.children)
            child.today = self.today
            return child.try_step(book)
        options = self.workflow.transitions_from(self.state)
        # What was done often is tried less: even tries would end most leads at once.
        done = [trigger for trigger, _ in self.moves]
        weights = [1 / (1 + 3 * done.count(each.trigger)) for each in options]
        if not options:
            return False
        step = self.dice.choices(options, weights)[0]
        try:
            decision, by = self._decided(step)
        except (RefusedError, BadValueError):
            return False
        self._follow(step, decision, by, book)
        return True

    def _decided(self, step: Transition) -> tuple[Decision, str]:
        brought = {name: self._some(self.workflow.fields[name]) for name in step.asks}
        lacking = [name for name in step.needs if self.fields.get(name) is None]
        for name in sorted({*step.needs, *step.takes} - set(step.asks)):
            if name in lacking or self.dice.random() < 0.5:
                brought[name] = self._some(self.workflow.fields[name])
        amended = {
            each.name: self._some(each)
            for each in self.workflow.fields.values()
            if each.amend and each.name != self.workflow.dated_by and self.dice.random() < 0.1
        }
        self.fields = {k: v for k, v in {**self.fields, **amended}.items() if v is not None}
        checked = check_values(self.workflow, brought, officers=_ANYBODY, units=_ANYBODY, today=self.today)
        named = [self.fields[name] for name in step.by if isinstance(self.fields.get(name), str)]
        by = str(self.dice.choice(named)) if named else self._somebody()
        actor = Actor(code=by, roles=frozenset(step.by))
        rules = rules_of(self.workflow)
        return decide(rules, self.case, step.trigger, checked, actor=actor, family=self.family, today=self.today), by

    def _follow(self, step: Transition, decision: Decision, by: str, book: Declarations) -> None:
        event = decision.event
        assert isinstance(event, StepTaken)
        self.taken.add(event.transition or event.trigger)
        if step.target is not None and decision.state != self.state:
            self.came_from = self.state
        self.moves.append((step.trigger, by))
        self.state, self.fields, self.clearance = decision.state, decision.fields, decision.clearance
        for birth in decision.births:
            self.children.append(self._born(birth, book))

    def _born(self, birth: Birth, book: Declarations) -> "Walker":
        return Walker(book.latest(birth.workflow), self.dice, self.today, parent=self).open(birth.values)

    def _some(self, declared: Field, *, late: bool = True) -> Any:
        """Return some value of a field."""
        dice, offsets = self.dice, (-2, -1, 0, 0, 0, 0, 1, 30, 200) if late else (-1, 0)
        choices = [each.value for each in declared.choices] or ["x"]
        some = ByFieldType[Any](
            text=sample(declared),
            date=(self.today + timedelta(days=dice.choice(offsets))).isoformat(),
            moment=f"{(self.today + timedelta(days=dice.choice((-2, -1)))).isoformat()}T09:00",
            flag=dice.random() < 0.4,
            number=dice.choice((0, 1, 5, 20, 30, 100, 500)),
            choice=dice.choice(choices),
            choices=[dice.choice(choices)],
            officer=self._somebody(),
            officers=sorted({self._somebody() for _ in range(dice.randint(1, 3))}),
            unit="u",
            sealed="x",
        )
        return some[declared.type]

    def _somebody(self) -> str:
        """Return the code of an officer, now and then of a new one: who steps aside is replaced."""
        return self.dice.choice((*_CODES, f"n{self.dice.randint(0, 999)}"))


_CODES: Final = ("a", "b", "c", "d", "e", "g")


class _Anybody(dict[str, str]):
    """Holds every code."""

    def __contains__(self, code: object) -> bool:
        return True

    def get(self, code: object, _: object = None) -> Any:
        return code


_ANYBODY: Final = _Anybody()


@cache
def _rules(name: str, version: int) -> list[Rules]:
    del name, version
    return []


def rules_of(workflow: Workflow) -> Rules:
    """Return the rules of a workflow, made once."""
    kept = _rules(workflow.name, workflow.version)
    if not kept:
        kept.append(Rules(workflow))
    return kept[0]
