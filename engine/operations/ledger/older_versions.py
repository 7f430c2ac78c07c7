"""What older versions of a workflow call things, where the one that is asked has no such name any more.

Cases go on by the version that they began with or were moved to, and the journal of a case tells of all of them.
"""

from collections.abc import Collection, Iterator, Sequence

from engine.errors import QinglingError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.store import history_rows
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow


def older_states(ledger: Ledger, workflow: Workflow) -> dict[str, Text]:
    """Return the titles of the states in which cases stand by other versions, and which this one does not have."""
    versions = history_rows.versions(ledger.store, workflow.name)
    others = list(_others(ledger, workflow, versions))
    gone = {state for each in others for state in each.states}.difference(workflow.states)
    if len(others) < len(set(versions) - {workflow.version}):  # what an unreadable one calls its states, nobody knows
        gone = set(history_rows.states_in_use(ledger.store, workflow.name)).difference(workflow.states)
    elif gone:
        gone = set(history_rows.states_in_use(ledger.store, workflow.name, gone))
    found: dict[str, Text] = {}
    for state in sorted(gone):
        then = next((each for each in others if state in each.states), None)
        found[state] = Text(state, state) if then is None else then.states[state].title
    return found


def declared_then(ledger: Ledger, workflow: Workflow, *, states: Collection[str], step: str | None) -> Workflow:
    """Return the version that has these states and that step: *workflow* itself if it has, else the newest other."""

    def has_all(version: Workflow) -> bool:
        return all(each in version.states for each in states) and (
            step is None or any(step in (each.name, each.trigger) for each in version.transitions)
        )

    if has_all(workflow):
        return workflow
    return next((each for each in _others(ledger, workflow) if has_all(each)), workflow)


def deadline_then(ledger: Ledger, workflow: Workflow, name: str) -> Deadline:
    """Return a deadline of a case as it is declared, or as an older version declared it that the case went by.

    Raises:
        KeyError: If no version that can be read has one of that name.
    """
    if name in workflow.deadlines:
        return workflow.deadlines[name]
    return next((each for each in _others(ledger, workflow) if name in each.deadlines), workflow).deadlines[name]


def _others(ledger: Ledger, workflow: Workflow, versions: Sequence[int] | None = None) -> Iterator[Workflow]:
    """Yield the other versions that cases began with or were moved to, the newest first; those that can be read.

    Args:
        versions: All of them, the oldest first; None to look.
    """
    for version in reversed(history_rows.versions(ledger.store, workflow.name) if versions is None else versions):
        if version != workflow.version:
            try:
                yield ledger.rules(workflow.name, version).workflow
            except QinglingError:
                continue  # it was altered, or needs a newer program: verifying says so
