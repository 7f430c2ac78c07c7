"""The machine and its compiled plan give the same answers, and know no way that was not declared."""

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.machine import Machine
from engine.workflow.model import Transition, Workflow
from workflows.loader import Declarations

NAMES = Declarations().names()
STATES = tuple("abcdef")
TRIGGERS = ("open", "go", "is_a", "trigger", "to_b", "may_go", "state", "on_enter_a")
"""Words that a library of machines could take for its own."""


@cache
def shipped(name: str) -> Workflow:
    """Return a shipped workflow."""
    return Declarations().latest(name)


def declared(pattern: Transition, number: int, trigger: str, sources: list[str], target: str | None) -> Transition:
    """Return a transition of a made-up workflow."""
    return replace(pattern, name=f"t{number}", trigger=trigger, sources=tuple(sources), target=target, if_=f"c{number}")


Edge = tuple[str, list[str], str | None]
EDGES = st.lists(
    st.tuples(
        st.sampled_from(TRIGGERS),
        st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True),
        st.none() | st.sampled_from(STATES),
    ),
    min_size=1,
    max_size=12,
)


def made_up(edges: list[Edge]) -> Workflow:
    """Return a workflow with these transitions between six states."""
    lead = shipped("lead")
    one = next(iter(lead.states.values()))
    return replace(
        lead,
        states={name: replace(one, name=name) for name in STATES},
        initial="a",
        transitions=tuple(declared(lead.transitions[0], n, *each) for n, each in enumerate(edges)),
    )


@given(edges=EDGES, holding=st.sets(st.integers(0, 11)))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_the_plan_answers_as_the_machine_does(edges: list[Edge], holding: set[int]) -> None:
    """From every state, by every trigger, whatever conditions hold: the first declared one that applies, by both."""
    workflow = made_up(edges)
    machine = Machine(workflow)
    held = {f"t{n}" for n in holding}

    def applies(each: Transition) -> bool:
        return each.name in held

    for state in STATES:
        for trigger in (*TRIGGERS, "unheard"):
            wanted = next(
                (t for t in workflow.transitions if t.trigger == trigger and state in t.sources and applies(t)), None
            )
            assert machine.taken(state, trigger, applies) is wanted
            assert machine.planned(state, trigger, applies) is wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_workflow_allows_what_it_declares_and_nothing_else(name: str) -> None:
    """The pairs of state and trigger that the machine takes are those of the declaration."""
    workflow = shipped(name)
    machine = Machine(workflow)
    pairs = {(state, each.trigger) for each in workflow.transitions for state in each.sources}
    triggers = {each.trigger for each in workflow.transitions}
    for state in workflow.states:
        for trigger in triggers:
            taken = machine.taken(state, trigger, lambda _: True)
            assert (taken is not None) == ((state, trigger) in pairs)
            assert machine.planned(state, trigger, lambda _: True) is taken


NOT_REACHABLE = {
    "misspelt": "asign",
    "a jump to a state": "to_closed",
    "a jump home": "to_received",
    "the library's own": "trigger",
    "a question": "is_closed",
    "a permission": "may_close",
    "a callback": "on_enter_closed",
    "private": "__init__",
    "empty": "",
    "in capitals": "ASSIGN",
    "with a blank": "assign ",
}


@pytest.mark.parametrize("trigger", NOT_REACHABLE.values(), ids=NOT_REACHABLE)
def test_what_was_not_declared_is_not_reachable(trigger: str) -> None:
    """No word but a declared trigger moves a case, from any state."""
    workflow = shipped("lead")
    machine = Machine(workflow)
    for state in workflow.states:
        assert machine.taken(state, trigger, lambda _: True) is None
        assert machine.planned(state, trigger, lambda _: True) is None


def test_a_condition_that_breaks_is_not_taken_for_a_no() -> None:
    """An error in a condition comes through both roads; the case stays where it is."""
    machine = Machine(shipped("lead"))

    def breaks(_: Transition) -> bool:
        raise ZeroDivisionError

    for choose in (machine.taken, machine.planned):
        with pytest.raises(ZeroDivisionError):
            choose("received", "assign", breaks)


def test_one_machine_serves_many_cases_without_remembering_any() -> None:
    """Questions about other cases in between change no answer."""
    workflow = shipped("referral")
    machine = Machine(workflow)
    chance = random.Random(20190701)
    pairs = [(state, each.trigger) for each in workflow.transitions for state in workflow.states]
    alone: Mapping[tuple[str, str], Transition | None] = {
        pair: Machine(workflow).taken(*pair, lambda _: True) for pair in set(pairs)
    }
    for pair in chance.choices(pairs, k=500):
        assert machine.taken(*pair, lambda _: True) is alone[pair]
