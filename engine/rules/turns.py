"""Whose turn it is with a case: whose step is next, as its declaration and its values say; no condition is judged."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.rules.case import Case
from engine.rules.likely import deadlines_ended
from engine.rules.transitions import Rules
from engine.workflow.model import Transition
from engine.workflow.powers import PROGRAM


class Turn(NamedTuple):
    """Who may do what moves a case on."""

    officers: frozenset[str]
    """Codes of those whom it names for a step; for that step nobody else is waited for."""
    roles: frozenset[str]
    """In its unit or in all units, for steps for which it names nobody."""


def awaited_steps(rules: Rules, state: str) -> Sequence[Transition]:
    """Return the steps for which a case waits in a state: what ends a deadline that runs there; else what moves it on.

    What only records and what is rare waits for nobody, unless nothing else leaves the state.
    """
    if state not in rules.awaited:
        rules.awaited[state] = _awaited(rules, state)
    return rules.awaited[state]


def _awaited(rules: Rules, state: str) -> Sequence[Transition]:
    """Return the steps for which a case waits in a state, found for the first time."""
    leaving = [each for each in rules.machine.leaving(state) if each.by != (PROGRAM,)]
    moving = [each for each in leaving if not each.rare and (each.target not in {None, state} or each.opens)]
    ending = [each for each in moving if deadlines_ended(rules, state, each)]
    return ending or moving or leaving


def turn_of(rules: Rules, case: Case) -> Turn:
    """Return whose turn it is with an open case."""
    officers, roles = set[str](), set[str]()
    for each in awaited_steps(rules, case.state):
        fields = [name for name in each.by if name in rules.workflow.fields]
        named = rules.people({name: case.fields.get(name) for name in fields})
        officers |= named
        roles |= set() if named else set(each.by).difference(fields, (PROGRAM,))
    return Turn(frozenset(officers), frozenset(roles))
