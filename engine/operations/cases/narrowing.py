"""Finds the cases of a workflow that may meet a condition: by SQL where that can tell, in pages, and by index."""

from collections.abc import Collection, Iterator, Sequence

from engine.journal.canonical import canonical
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.model import Workflow

MOST = 20_000
"""Cases that are found by their states at once; of more, the table is walked through page by page."""


def meeting_pages(
    acting: Acting,
    workflow: str,
    where: str,
    *,
    unit_id: int | None,
    states: Collection[str] | None,
    open_only: bool,
    after_id: int,
    chunk: int,
) -> Iterator[list[Case]]:
    """Yield the cases that may meet a sound condition, or of which it cannot be said, by id.

    Args:
        states: Only in these; None for all.
    """
    from engine.expressions import in_sql
    from engine.store import condition_rows as conditions

    store = acting.ledger.store
    versions = [list(each.fields.values()) for each in _versions(acting.ledger, workflow)]
    unique = [frozenset(field.name for field in each if field.unique) for each in versions]
    narrowing = in_sql.narrowing(
        where,
        in_sql.same_in_all([{field.name: field.type for field in each} for each in versions]),
        today=acting.today,
        dialect=store.dialect,
        written=canonical,
        unique=frozenset.intersection(*unique),
    )
    if narrowing.states is not None:
        states = narrowing.states if states is None else narrowing.states.intersection(states)
    ids = None
    if open_only or states is not None:
        ids = conditions.ids_meeting(
            store, narrowing, workflow, unit_id=unit_id, states=states, open_only=open_only,
            most=None if open_only else MOST,
        )  # fmt: skip
    if ids is not None:
        yield from _in_pages(acting.ledger, [each for each in ids if each > after_id], states, open_only, chunk)
        return
    is_full = True
    while is_full:
        found = conditions.meeting(
            store, narrowing, workflow, unit_id=unit_id, states=states, after_id=after_id, limit=chunk
        )
        is_full = len(found) == chunk  # else all that is left was looked through, which may be a million cases
        if found:
            after_id = found[-1].id
            yield found


def _in_pages(
    ledger: Ledger, ids: Sequence[int], states: Collection[str] | None, open_only: bool, chunk: int
) -> Iterator[list[Case]]:
    """Yield cases by their ids, without those that have moved on since these were found."""
    for start in range(0, len(ids), chunk):
        found = case_rows.by_ids(ledger.store, ids[start : start + chunk])
        yield [
            each
            for each in map(found.__getitem__, sorted(found))
            if (states is None or each.state in states) and (not open_only or each.clearance == Count.OPEN)
        ]


def _versions(ledger: Ledger, workflow: str) -> list[Workflow]:
    """Return the versions of a workflow by which cases may go."""
    kept = house.versions_kept(ledger.store, workflow)
    return [ledger.rules(workflow, each).workflow for each in kept] or [ledger.rules(workflow).workflow]


def states_asked(
    ledger: Ledger, workflow: str, state: str | None, trigger: str | None, where: str
) -> Collection[str] | None:
    """Return the states in which cases are looked for; None for all.

    Who names cases by number or state means these, and reads of each why a step cannot be taken.

    Args:
        trigger: The step that is to be taken with them, if any.
    """
    from engine.expressions.in_sql import names_cases

    if state is not None:
        return (state,)
    return None if trigger is None or names_cases(where) else _states_left(ledger, workflow, trigger) or None


def _states_left(ledger: Ledger, workflow: str, trigger: str) -> frozenset[str]:
    """Return the states that a step leaves, in any version by which cases may go."""
    return frozenset(
        state
        for each in _versions(ledger, workflow)
        for step in each.transitions
        if step.trigger == trigger
        for state in step.sources
    )
