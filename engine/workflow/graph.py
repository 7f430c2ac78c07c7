"""Questions about what leads where, answered on plain edges; knows nothing of cases or rules.

Edges are a mapping from a name to the names that it leads to. A name that is only led to, and has
no entry of its own, leads nowhere.
"""

from collections.abc import Iterable, Mapping

from engine.workflow.model import Workflow

Edges = Mapping[str, tuple[str, ...]]


def successors(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """Return the states that each declared state leads to in one step, in declared order.

    A transition without a target changes values only and leads nowhere.
    """
    found: dict[str, list[str]] = {state: [] for state in workflow.states}
    for transition in workflow.transitions:
        if transition.target is None:
            continue
        for source in transition.sources:
            if transition.target not in found.setdefault(source, []):
                found[source].append(transition.target)
    return {state: tuple(targets) for state, targets in found.items()}


def reachable(edges: Edges, starts: Iterable[str]) -> frozenset[str]:
    """Return all that can be reached from *starts* in any number of steps, the starts included."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for target in edges.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)


def reversed_edges(edges: Edges) -> dict[str, tuple[str, ...]]:
    """Return the same edges, walked backwards."""
    found: dict[str, list[str]] = {}
    for source, targets in edges.items():
        found.setdefault(source, [])
        for target in targets:
            found.setdefault(target, []).append(source)
    return {name: tuple(sources) for name, sources in found.items()}


def unreachable(workflow: Workflow) -> tuple[str, ...]:
    """Return the states that no case can ever come to, in declared order."""
    reached = reachable(successors(workflow), (workflow.initial,))
    return tuple(state for state in workflow.states if state not in reached)


def traps(workflow: Workflow) -> tuple[str, ...]:
    """Return the states from which no final state can be reached, in declared order."""
    final = tuple(name for name, state in workflow.states.items() if state.final)
    escaping = reachable(reversed_edges(successors(workflow)), final)
    return tuple(state for state in workflow.states if state not in escaping)


def cannot_leave(edges: Edges, inside: Iterable[str]) -> tuple[str, ...]:
    """Return those of *inside* from which no way leads out of *inside*, in the given order."""
    within = tuple(dict.fromkeys(inside))
    outside = frozenset(edges) - frozenset(within)
    outside |= {target for targets in edges.values() for target in targets if target not in within}
    escaping = reachable(reversed_edges(edges), outside)
    return tuple(each for each in within if each not in escaping)


def cycle_through(edges: Edges, start: str) -> tuple[str, ...]:
    """Return the shortest way from *start* back to itself, both ends named; empty if there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for here in waiting:  # grows while it is walked: breadth first
        for target in edges.get(here, ()):
            if target == start:
                way = [start, here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if target not in came_from:
                came_from[target] = here
                waiting.append(target)
    return ()
