"""Which rows say that a ledger named the state of a case that was there already."""

from collections import defaultdict

from engine.journal.case_events import LegacyEntered
from engine.store.connection import Store
from engine.store.kind_index import of_kind


def named_later(store: Store) -> dict[int, frozenset[int]]:
    """Return the numbers of such rows, by id of their case.

    What a ledger says of a case that it brings itself stands in the second row, written with the first.
    """
    asked = (
        f"SELECT j.case_id, j.seq FROM journal j WHERE {of_kind(LegacyEntered.kind, 'j.kind')} AND NOT (j.seq = 2"
        " AND EXISTS (SELECT 1 FROM journal f WHERE f.case_id = j.case_id AND f.seq = 1 AND f.at = j.at))"
    )
    found = defaultdict[int, set[int]](set)
    for case_id, seq in store.query(asked, (LegacyEntered.kind,)):
        found[case_id].add(seq)
    return {case_id: frozenset(rows) for case_id, rows in found.items()}
