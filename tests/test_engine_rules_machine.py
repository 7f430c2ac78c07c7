"""The machine, and its plan, know every way that was declared and no other."""

import random
from collections.abc import Mapping
from functools import cache

import pytest
import transitions
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.errors import BadValueError
from engine.rules.machine import Applies, Machine
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


def taken(machine: Machine, state: str, trigger: str, applies: Applies) -> Transition | None:
    """Return the transition that the machine takes."""
    step = machine.take(state, trigger, applies)
    return None if step is None else step.transition


@given(edges=EDGES)
@settings(max_examples=50, derandomize=True, deadline=None)
def test_a_step_is_told_with_the_state_it_leads_to(edges: list[Edge]) -> None:
    """The state after a step is the declared target, or the same one if none is declared."""
    machine = Machine(made_up(edges))
    for state in STATES:
        for each in machine.leaving(state):
            step = machine.take(state, each.trigger, each.__eq__)

            assert step == (each, each.target or state)


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
            tried = machine.plan(trigger).get(state, ())

            assert taken(machine, state, trigger, applies) is wanted
            assert next(filter(applies, tried), None) is wanted
        leaving = [t for t in workflow.transitions if state in t.sources]

        assert list(machine.leaving(state)) == leaving


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_workflow_allows_what_it_declares_and_nothing_else(name: str) -> None:
    """The pairs of state and trigger that the machine takes are those of the declaration."""
    workflow = shipped(name)
    machine = Machine(workflow)
    pairs = {(state, each.trigger) for each in workflow.transitions for state in each.sources}
    triggers = {each.trigger for each in workflow.transitions}
    for state in workflow.states:
        for trigger in triggers:
            assert (machine.take(state, trigger, lambda _: True) is not None) == ((state, trigger) in pairs)
            assert (state in machine.plan(trigger)) == ((state, trigger) in pairs)


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
        assert machine.take(state, trigger, lambda _: True) is None
    assert machine.plan(trigger) == {}


def test_a_condition_that_breaks_is_not_taken_for_a_no() -> None:
    """An error in a condition comes through, even one of the library's own kind; the case stays where it is."""
    machine = Machine(shipped("lead"))

    for error in (ZeroDivisionError, transitions.MachineError):

        def breaks(_: Transition, error: type[Exception] = error) -> bool:
            raise error("broken")

        with pytest.raises(error):
            machine.take("received", "assign", breaks)


def test_a_state_that_a_ledger_names_must_be_the_machines() -> None:
    """A legacy entry stands in a state of the machine, or is refused."""
    machine = Machine(shipped("lead"))

    assert machine.entered("closed") == "closed"
    with pytest.raises(BadValueError, match="closd"):
        machine.entered("closd")


def test_one_machine_serves_many_cases_without_remembering_any() -> None:
    """Questions about other cases in between change no answer."""
    workflow = shipped("referral")
    machine = Machine(workflow)
    chance = random.Random(20190701)
    pairs = [(state, each.trigger) for each in workflow.transitions for state in workflow.states]
    alone: Mapping[tuple[str, str], Transition | None] = {
        pair: taken(Machine(workflow), *pair, lambda _: True) for pair in set(pairs)
    }
    for pair in chance.choices(pairs, k=500):
        assert taken(machine, *pair, lambda _: True) is alone[pair]
