"""What leads where, on graphs small enough to draw beside the answer."""

from typing import Any

import pytest

from engine.language import Text
from engine.workflow.graph import cannot_leave, cycle_through, reachable, reversed_edges, successors, traps, unreachable
from engine.workflow.model import Clearance, State, Transition, Workflow

#   a → b → c ⇄ d      e → c      f (alone)
EDGES = {"a": ("b",), "b": ("c",), "c": ("d",), "d": ("c",), "e": ("c",), "f": ()}


@pytest.mark.parametrize(
    ("starts", "expected"),
    [("a", "abcd"), ("d", "cd"), ("e", "cde"), ("f", "f"), ("af", "abcdf"), ("", ""), ("z", "z")],
)
def test_reachable_is_all_that_steps_lead_to(starts: str, expected: str) -> None:
    """What can be reached includes the starts, and nothing that only leads here."""
    assert reachable(EDGES, starts) == frozenset(expected)


def test_reversed_edges_lead_back() -> None:
    """Walked backwards, each step leads to where it came from."""
    assert reversed_edges(EDGES) == {
        "a": (),
        "b": ("a",),
        "c": ("b", "d", "e"),
        "d": ("c",),
        "e": (),
        "f": (),
    }


@pytest.mark.parametrize(
    ("inside", "expected"),
    [("ab", ()), ("cd", ("c", "d")), ("c", ()), ("f", ("f",)), ("abcd", ("a", "b", "c", "d")), ("abf", ("f",))],
)
def test_cannot_leave_names_what_is_shut_in(inside: str, expected: tuple[str, ...]) -> None:
    """A place is shut in if every way from it stays inside."""
    assert cannot_leave(EDGES, inside) == expected


@pytest.mark.parametrize(
    ("start", "expected"), [("c", ("c", "d", "c")), ("d", ("d", "c", "d")), ("a", ()), ("e", ()), ("z", ())]
)
def test_cycle_through_is_the_way_back(start: str, expected: tuple[str, ...]) -> None:
    """A cycle is told as the way round, both ends named."""
    assert cycle_through(EDGES, start) == expected


def test_a_thing_that_leads_to_itself_is_a_cycle() -> None:
    """The shortest way back may be one step, and is preferred to a longer one."""
    assert cycle_through({"a": ("b", "a"), "b": ("a",)}, "a") == ("a", "a")


def drawn(edges: dict[str, str], *, final: str) -> Workflow:
    """Return a workflow whose first state is the first key, with one transition per edge."""
    steps = [(source, target) for source, targets in edges.items() for target in targets]
    title = Text("x", "x")
    values: dict[str, Any] = {
        "states": {name: State(name=name, title=title, final=name in final, legacy_sets={}) for name in edges},
        "transitions": tuple(
            Transition(
                name=f"{source}{target}",
                trigger=f"{source}{target}",
                title=title,
                sources=(source,),
                target=None if target == "-" else target,
                by=("office",),
                sets={},
            )
            for source, target in steps
        ),
    }
    nothing = Clearance(states=())
    return Workflow(
        name="drawn",
        version=1,
        title=title,
        number="{serial}",
        dated_by="x",
        summary="x",
        initial=next(iter(edges)),
        fields={},
        deadlines={},
        ladders={},
        cleared=nothing,
        fully_closed=nothing,
        open_by=(),
        amend_by=(),
        plain={},
        **values,
    )


def test_steps_without_a_target_lead_nowhere() -> None:
    """A transition that changes values only is no edge; two between the same states are one."""
    assert successors(drawn({"a": "b-b", "b": ""}, final="b")) == {"a": ("b",), "b": ()}


@pytest.mark.parametrize(
    ("edges", "final", "lost", "caught"),
    [
        ({"a": "b", "b": "c", "c": ""}, "c", (), ()),
        ({"a": "b", "b": "", "c": "b"}, "b", ("c",), ()),
        ({"a": "bc", "b": "", "c": ""}, "b", (), ("c",)),
        ({"a": "bc", "b": "", "c": "d", "d": "c"}, "b", (), ("c", "d")),
        ({"a": "b", "b": "a"}, "", (), ("a", "b")),
        ({"a": "b", "b": "", "c": "d", "d": "c"}, "b", ("c", "d"), ("c", "d")),
    ],
    ids=["a road", "unreachable", "a dead end", "a ring", "no end at all", "an island"],
)
def test_unreachable_states_and_traps(
    edges: dict[str, str], final: str, lost: tuple[str, ...], caught: tuple[str, ...]
) -> None:
    """What no case can come to, and what no case can come out of, are found in declared order."""
    workflow = drawn(edges, final=final)

    assert unreachable(workflow) == lost
    assert traps(workflow) == caught
