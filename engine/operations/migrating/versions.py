"""How many cases go by which version of which workflow, and in which state they stand."""

from engine.errors import QinglingError
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.need_to_know import refuse_unless_all_seen
from engine.rules.case import Count
from engine.store import figure_rows
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.workflow.powers import Power


class VersionInUse(FrozenStruct, frozen=True, kw_only=True):
    """Cases that go by one version of a workflow and stand in one state."""

    workflow: str
    version: int
    title: Text
    state: str
    state_title: Text
    cases: int
    is_final: bool
    """They have ended: they stay on their version."""
    is_newest: bool
    """New cases begin with it."""
    why_unreadable: Text | None
    """Why the declaration cannot be read any more; None if it can."""


def versions_in_use(acting: Acting, workflow: str | None = None) -> list[VersionInUse]:
    """Return the versions that cases go by with how many stand in which state; void ones and repeats do not count.

    Raises:
        RefusedError: If the officer does not keep the ledger, or the database shows this log-in only some cases.
        NotFoundError: If no case goes by the workflow that is asked about, and there is none of that name.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    refuse_unless_all_seen(acting.ledger)
    ledger = acting.ledger
    newest = {name: ledger.workflows.latest(name).version for name in ledger.workflows.names()}
    declared: dict[tuple[str, int], Workflow | QinglingError] = {}
    found = []
    for name, version, state, count in figure_rows.by_version(ledger.store, below=Count.VOID):
        if workflow is not None and name != workflow:
            continue
        if (name, version) not in declared:
            try:
                declared[name, version] = ledger.rules(name, version).workflow
            except QinglingError as error:
                declared[name, version] = error
        known = declared[name, version]
        is_known = isinstance(known, Workflow) and state in known.states
        found.append(
            VersionInUse(
                workflow=name,
                version=version,
                title=known.title if isinstance(known, Workflow) else Text(name, name),
                state=state,
                state_title=known.states[state].title
                if isinstance(known, Workflow) and is_known
                else Text(state, state),
                cases=count,
                is_final=isinstance(known, Workflow) and is_known and known.is_final(state),
                is_newest=newest.get(name) == version,
                why_unreadable=known.sentence if isinstance(known, QinglingError) else None,
            )
        )
    if workflow is not None and not found:
        ledger.workflows.latest(workflow)
    return found
