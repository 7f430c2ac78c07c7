"""Which cases a deed changes, and what it wrote about each: asked while it can still be undone."""

from collections.abc import Iterator, Sequence

from engine.journal.chain import JournalEntry
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows


def written_since(ledger: Ledger, cases: Sequence[Case]) -> Iterator[tuple[Case, list[JournalEntry]]]:
    """Yield those of some cases that were written about since they stood so, each with its new rows, oldest first."""
    now = case_rows.by_ids(ledger.store, [each.id for each in cases])
    for each in cases:
        if now[each.id].revision > each.revision:
            yield each, case_rows.entries(ledger.store, each.id, after=each.revision)


def with_descendants(ledger: Ledger, case: Case) -> list[Case]:
    """Return a case with all that it has opened, what those have, and so on; the reader need not read them."""
    found = [case]
    for each in found:
        found += case_rows.children(ledger.store, each.id)
    return found


def all_of_unit(ledger: Ledger, code: str) -> list[Case]:
    """Return all cases of a unit, open or not; the reader need not read them.

    Raises:
        NotFoundError: If there is no such unit.
    """
    unit = ledger.unit(code)
    return [
        case
        for workflow in ledger.workflows.names()
        for case in case_rows.select(ledger.store, workflow=workflow, unit_id=unit.id)
    ]
