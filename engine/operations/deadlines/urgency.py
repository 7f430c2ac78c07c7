"""Cases of a workflow in the order of what is due first, page by page; writes nothing."""

from collections.abc import Mapping
from datetime import date

from engine.operations.deadlines.standings import DeadlineView, standing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import clock_rows, due_rows, waiting_rows


def by_urgency(
    ledger: Ledger,
    workflow: str,
    *,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = True,
    due_by: date | None = None,
    after: str | None = None,
    limit: int,
) -> list[Case]:
    """Return cases of a workflow, what is due first before the others; what runs against no day comes last.

    It costs what is returned: the running deadlines are walked in the order of their days.

    Args:
        due_by: Only cases with a running deadline that is due on or before this local date.
        after: Only what follows the case with this number, as it stands now.

    Raises:
        NotFoundError: If there is no such workflow, unit, or case to follow.
    """
    which = _narrowing(ledger, workflow, unit, state, open_only=open_only, due_by=due_by)
    behind = None if after is None else ledger.case(after)
    place = None if behind is None else due_rows.place_of(ledger.store, behind.id)
    found: list[Case] = []
    if behind is None or place is not None:
        few = due_rows.is_few(ledger.store, which)
        while len(found) < limit and (
            ids := due_rows.due_first(ledger.store, which, after=place, limit=limit, few=few)
        ):
            found += _seen(ledger, ids)
            if len(ids) < limit or len(found) >= limit:
                break
            place = due_rows.place_of(ledger.store, ids[-1][0])
    if due_by is None:
        last = behind.id if behind is not None and place is None else 0
        while len(found) < limit and (
            ids := due_rows.without_day(ledger.store, which, after_id=last, limit=limit - len(found))
        ):
            found += _seen(ledger, ids)
            last = ids[-1][0]
    return found[:limit]


def count_cases(
    ledger: Ledger,
    workflow: str,
    *,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = True,
    due_by: date | None = None,
) -> int:
    """Return how many cases such a list has in all, of those that the ledger holds for its reader.

    Raises:
        NotFoundError: If there is no such workflow or unit.
    """
    which = _narrowing(ledger, workflow, unit, state, open_only=open_only, due_by=due_by)
    return due_rows.count(ledger.store, which)


def first_deadlines(acting: Acting, cases: list[Case]) -> Mapping[int, DeadlineView]:
    """Return of each case how the live deadline stands that is due first, by id; running ones before paused."""
    ledger, by_id = acting.ledger, {each.id: each for each in cases}
    clocks = waiting_rows.urgent(ledger.store, by_id)
    return {key: standing(ledger, by_id[key], clock, now=acting.now) for key, clock in clocks.items() if key in by_id}


def _narrowing(
    ledger: Ledger, workflow: str, unit: str | None, state: str | None, *, open_only: bool, due_by: date | None
) -> due_rows.Narrowing:
    """Return of which cases it is asked."""
    ledger.rules(workflow)
    return due_rows.Narrowing(
        workflow=workflow,
        unit_id=None if unit is None else ledger.unit(unit).id,
        state=state,
        open_only=open_only,
        due_by=clock_rows.ANY_DAY if due_by is None else due_by.isoformat(),
    )


def _seen(ledger: Ledger, found: waiting_rows.Heads) -> list[Case]:
    """Return those of some cases that the reader may read, in their order."""
    cases = waiting_rows.as_they_stand(ledger.store, dict(found))
    return [cases[each] for each, _ in found if ledger.sees(cases[each])]
