"""Rows of occurrences: which case was opened for which period of a recurrence; statements only, no rules."""

from collections.abc import Iterable, Sequence

from engine.store.case_columns import OccurrenceRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed, marks

_INSERT = inserted("occurrences", OccurrenceRecord._fields)
_SELECT = f"SELECT {listed(OccurrenceRecord._fields)} FROM occurrences"


def keep(store: Store, rows: Sequence[OccurrenceRecord]) -> None:
    """Write for which periods cases were opened; a second one of the same is refused by the database."""
    if rows:
        store.change_many(_INSERT, rows)


def opened(store: Store, workflow: str, recurs: str, periods: Iterable[str]) -> set[tuple[int, int, str]]:
    """Return for whom a recurrence has opened a case of some periods: unit or 0, parent or 0, and period."""
    wanted = sorted(set(periods))
    found = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        asked = f"{_SELECT} WHERE workflow = ? AND recurs = ? AND period IN ({marks(part)})"
        for each in map(OccurrenceRecord._make, store.query(asked, (workflow, recurs, *part))):
            found.add((each.unit_id, each.parent_id, each.period))
    return found
