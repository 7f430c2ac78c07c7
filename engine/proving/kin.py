"""Promise 5: no case ends over a child that has not ended."""

from collections.abc import Iterator

from engine.language import Text
from engine.proving.paths import path_to
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.search import Search
from engine.workflow.model import Workflow


def ended_over_children(search: Search) -> Iterator[PromiseVerdict]:
    """Yield the ends that a case can reach while a child of it is open; one for each end and workflow of children."""
    seen: set[tuple[str, str]] = set()
    asked = {name for source in search.space.sources for name in search.space.question(source).parts.children}
    places = [
        (place, slot.name)
        for place, slot in enumerate(search.space.slots)
        # What people also open by itself, such as a task, goes its own way unless a condition asks for it.
        if slot.kind == "kin" and (slot.name in asked or not _stands_alone(search.space.kin[slot.name].child))
    ]
    for number, standing in enumerate(search.standings):
        state = search.space.state_names[standing[0]]
        if not search.space.workflow.is_final(state):
            continue
        for place, name in places:
            code = standing[place + 1]
            is_open = code >= 0 and (state, name) not in seen and search.space.kin[name].has_open(code)
            if is_open and (not search.unsure or search.is_sure(number)):
                seen.add((state, name))
                yield PromiseVerdict(
                    5,
                    f"states.{state}",
                    PromiseAnswer.REFUTED,
                    Text(
                        f"a case can end in '{state}' while a '{name}' under it is still open",
                        f"事项可在“{state}”终结，而其下级“{name}”尚未终结",
                    ),
                    path_to(search, number),
                    warning=True,
                )


def _stands_alone(child: Workflow) -> bool:
    """Say whether people open such cases without a parent."""
    return bool(child.open_by) and child.open_alone
