"""What waits for an officer: to do, to sign, questions to answer, and what others owe; the most urgent first.

Found by key: the cases that name the officer, those of the officer's units in the states where a role of theirs is
next, and, for roles in all units, the deadlines that are due first. Of nothing is more looked at than `LOOKED_AT`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine.deadlines.clock import Status
from engine.operations.cases.signatures import StandingSignature, to_sign
from engine.operations.deadlines.standings import DeadlineView, standing
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, Count
from engine.rules.turns import Turn, awaited_steps, turn_of
from engine.store import case_rows, waiting_rows
from engine.store import house_rows as house

SHOWN: Final = 60
"""How much of each is shown at most."""
LOOKED_AT: Final = 500
"""How many cases of one unit, or deadlines of all units, are looked at for that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A case that waits for somebody."""

    case: Case
    deadline: DeadlineView | None
    """Its running deadline that is due first; None if none runs."""
    turn: Turn
    """Whose turn it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """What waits for one officer."""

    do: tuple[Task, ...]
    sign: tuple[tuple[Case, StandingSignature], ...]
    owed: tuple[Task, ...]
    """What others must do, of what runs against a day: in cases that name the officer or that they may amend."""
    questions: tuple[tuple[Case, int], ...]
    """Cases on which questions of imported ledgers stand, with how many."""
    more: bool
    """There is more than is shown."""


def today(acting: Acting, *, limit: int = SHOWN) -> Today:
    """Return what waits for who acts, by roles and by being named, at most *limit* of each.

    Raises:
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer has left.
    """
    looked = _Look(acting)
    with acting.ledger.store.foreseeing():
        looked.foresee(limit=limit + 1)
        return _found(acting, looked, limit=limit)


def _found(acting: Acting, looked: "_Look", *, limit: int) -> Today:
    """Return what waits, at most *limit* of each."""
    tasks = looked.tasks()
    mine, theirs = list[Case](), list[Case]()
    turns = looked.turns(tasks)
    for case in tasks:
        (mine if looked.is_mine(case, turns[case.id]) else theirs).append(case)
    others = [case for case in theirs if looked.is_watched(case)]
    do = _shown(acting, turns, mine, limit=limit)
    owed = [each for each in _shown(acting, turns, others, limit=limit) if each.deadline is not None]
    sign = [each for each in to_sign(acting.ledger, acting.by) if acting.ledger.sees(each[0])]
    asked = looked.questions(limit=limit + 1)
    more = max(len(mine), len(others), len(sign), len(asked)) > limit or looked.is_cut
    return Today(do=tuple(do), sign=tuple(sign[:limit]), owed=tuple(owed), questions=tuple(asked[:limit]), more=more)


class _Look:
    """What is read of the ledger for one officer."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._ledger = acting.ledger
        acting.actor(house.EVERYWHERE)  # refuses who is not registered or has left
        declared = self._ledger.workflows.declared_roles()
        self._roles: dict[int, set[str]] = {}
        self._here: dict[int, set[str]] = {}
        for role, unit_id in house.roles_of(self._ledger.store, acting.by) or ():
            if role in declared and not declared[role].only_reads:
                self._roles.setdefault(unit_id, set()).add(role)
        self.is_cut = False

    def foresee(self, *, limit: int) -> None:
        """Ask together, where a server answers, what does not hang on an answer.

        Args:
            limit: Of the questions that are asked of cases.
        """
        if house.EVERYWHERE in self._roles:
            waiting_rows.foreseen(
                self._ledger.store, self._acting.by, sorted(self._units), limit=LOOKED_AT, asked=limit
            )

    def tasks(self) -> list[Case]:
        """Return the open cases that may wait for the officer, or that others owe them; those they may read."""
        heads: dict[int, str] = {}
        for found in self._heads():
            heads.update(found)
        cases = waiting_rows.as_they_stand(self._ledger.store, heads)
        open_ones = [case for case in cases.values() if case.clearance == Count.OPEN]
        reader = self._ledger.reader
        if reader is None or reader.sees_everything:
            return open_ones
        return [case for case in open_ones if self._ledger.sees(case)]

    def is_mine(self, case: Case, turn: Turn) -> bool:
        """Say whether the case waits for the officer.

        Args:
            turn: Whose turn it is with it.
        """
        return self._acting.by in turn.officers or not turn.roles.isdisjoint(self._roles_in(case.unit_id))

    def turns(self, cases: Iterable[Case]) -> Mapping[int, Turn]:
        """Return by id whose turn it is with open cases; it follows from each and its declaration alone."""
        kept = self._ledger.store.cases
        if kept is None:
            return {case.id: self._turn(case) for case in cases}
        return kept.made(cases, "turn", self._turn)

    def _turn(self, case: Case) -> Turn:
        return turn_of(self._ledger.rules_of(case), case)

    def is_watched(self, case: Case) -> bool:
        """Say whether the officer sees to it that others do their part: named in the case, or of those who amend it."""
        rules = self._ledger.rules_of(case)
        if not self._roles_in(case.unit_id).isdisjoint(rules.workflow.amend_by):
            return True
        return self._acting.by in rules.people(case.fields)

    def questions(self, *, limit: int) -> list[tuple[Case, int]]:
        """Return the cases of the officer's units on which questions stand, with how many."""
        store = self._ledger.store
        units = sorted(self._units)
        found = dict(waiting_rows.asked_in(store, units, limit=limit))
        cases = case_rows.by_ids(store, sorted(found))
        return [(case, found[case.id]) for case in cases.values() if self._ledger.sees(case)]

    @cached_property
    def _units(self) -> frozenset[int]:
        """Ids of the units in which the officer has a role: all of them for a role in all."""
        if house.EVERYWHERE in self._roles:
            return frozenset(each.id for each in house.units(self._ledger.store))
        return frozenset(self._roles)

    def _roles_in(self, unit_id: int) -> set[str]:
        if unit_id not in self._here:
            self._here[unit_id] = self._roles.get(unit_id, set()) | self._roles.get(house.EVERYWHERE, set())
        return self._here[unit_id]

    def _heads(self) -> Iterator[waiting_rows.Heads]:
        store = self._ledger.store
        yield self._cut(waiting_rows.naming(store, self._acting.by, limit=LOOKED_AT))
        if house.EVERYWHERE in self._roles:
            yield self._cut(waiting_rows.due_first(store, limit=LOOKED_AT))
        for unit_id, roles in self._roles.items():
            if unit_id != house.EVERYWHERE:
                for name, states in self._states(roles).items():
                    yield self._cut(waiting_rows.in_states(store, name, unit_id, states, limit=LOOKED_AT))

    def _states(self, roles: set[str]) -> Mapping[str, list[str]]:
        """Return, by workflow, the states that roles have to do with: all states of one in which they act at all.

        Of the version that new cases begin with; a case of an older one in a state that is gone is found by its
        handler and by its deadline.
        """
        found = {}
        for name in self._ledger.workflows.names():
            rules = self._ledger.rules(name)
            states = [each for each in rules.workflow.states if not rules.workflow.is_final(each)]
            if any(not roles.isdisjoint(step.by) for each in states for step in awaited_steps(rules, each)):
                found[name] = states
        return found

    def _cut(self, found: waiting_rows.Heads) -> waiting_rows.Heads:
        self.is_cut = self.is_cut or len(found) >= LOOKED_AT
        return found


def _shown(acting: Acting, turns: Mapping[int, Turn], cases: Iterable[Case], *, limit: int) -> list[Task]:
    """Return the most urgent of some cases, each with its deadline that is due first; what has none comes last."""
    ledger = acting.ledger
    by_id = {each.id: each for each in cases}
    due = waiting_rows.first_due(ledger.store, by_id)

    def urgency(case: Case) -> tuple[bool, str, int, int]:
        on, at = due.get(case.id, ("", 0))
        return (case.id not in due, on, at, case.id)

    first = sorted(by_id.values(), key=urgency)[:limit]
    clocks = waiting_rows.urgent(ledger.store, {each.id: each for each in first})
    running = {case_id: clock for case_id, clock in clocks.items() if clock.status is Status.RUNNING}
    return [
        Task(
            case=each,
            deadline=standing(ledger, each, running[each.id], now=acting.now) if each.id in running else None,
            turn=turns[each.id],
        )
        for each in first
    ]
