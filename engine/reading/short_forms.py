"""What shortens a declaration: groups of states, and steps that lead back to where a case came from."""

from collections.abc import Collection, Iterator

from engine.language import Text
from engine.reading.terms import A_NAME, NAME, Part
from engine.workflow.expanding import BACK, origins, with_states
from engine.workflow.graph import cycle_through
from engine.workflow.model import Workflow
from engine.workflow.problems import did_you_mean


def groups_of(part: Part, states: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the groups of states by name, as they are written; what is wrong with them is remembered."""
    below = part.part("groups")
    if below is None:
        return {}
    found = {str(name): below.names(name) for name in below.plain}
    for name, named in found.items():
        if not NAME.fullmatch(name):
            below.wrong(A_NAME, name)
        elif name in states:
            below.wrong(Text(f"'{name}' is a state", f"“{name}”是状态名"), name)
        elif below.plain[name] in (None, [], ""):
            below.wrong(Text("the group is empty", "状态组为空"), name)
        for each in named:
            if each not in states and each not in found:
                below.wrong(
                    Text("no state or group is called '{name}'{guess}", "没有名为“{name}”的状态或状态组{guess}").format(
                        name=each, guess=did_you_mean(each, (*states, *found))
                    ),
                    name,
                )
    way = next((way for name in found if (way := cycle_through(found, name))), ())
    if way:
        below.wrong(
            Text(f"groups stand in each other: {' → '.join(way)}", f"状态组互相包含：{' → '.join(way)}"), way[0]
        )
    return found


def ways_to_nowhere(workflow: Workflow) -> Iterator[tuple[tuple[str, ...], Text]]:
    """Yield where a step leads back from a state that nothing leads to, and a state that is called `back`."""
    if BACK in workflow.states:
        yield (
            ("states", BACK),
            Text(f"'{BACK}' means the state before; give this one another name", f"“{BACK}”表示返回，请另取状态名称"),
        )
        return
    steps = tuple(each.replace(sources=with_states(workflow, each.sources)) for each in workflow.transitions)
    entered = origins(steps)
    for each in steps:
        for state in each.sources if each.target == BACK else ():
            if state in workflow.states and state not in entered:
                yield (
                    ("transitions", each.name, "from"),
                    Text(
                        f"no step leads to '{state}', so there is nothing to go back to",
                        f"没有步骤转入“{state}”，无从返回",
                    ),
                )
