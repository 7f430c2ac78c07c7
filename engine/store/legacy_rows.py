"""Rows by which a ledger named the state of a case that was there already, and rows that count such a case again."""

from collections import defaultdict

from engine.journal.case_events import CaseAmended, LegacyEntered
from engine.store.connection import Store
from engine.store.kind_index import of_kind
from engine.store.statements import Asked


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


def counted_again(store: Store) -> dict[int, list[tuple[int, str]]]:
    """Return number and body of each row that counts its case again, by id of the case; there are few."""
    asked = Asked(store)
    asked.add(f"SELECT case_id, seq, body FROM journal WHERE {of_kind(CaseAmended.kind, 'kind')}", CaseAmended.kind)
    asked.add(f" AND {asked.find}(body, ?) > 0 ORDER BY case_id, seq", '"reason":"recounted"')
    found = defaultdict[int, list[tuple[int, str]]](list)
    for case_id, seq, body in store.query(asked.text, asked.values):
        found[case_id].append((seq, body))
    return dict(found)


def counts_of(store: Store, case_id: int) -> list[tuple[int, int, int]]:
    """Return number, instant and count of each row of a case, in their order."""
    return [*store.query("SELECT seq, at, clearance FROM journal WHERE case_id = ? ORDER BY seq", (case_id,))]
