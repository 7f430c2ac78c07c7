"""Rows by which a ledger named the state of a case that was there already, and rows that count such a case again."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from engine.journal.case_events import CaseAmended, LegacyEntered
from engine.store.connection import Store
from engine.store.kind_index import of_kind
from engine.store.statements import Asked, listed, records


class EntryCount(NamedTuple):
    """How a case counts after a row."""

    case_id: int
    seq: int
    at: int
    """Microseconds since 1970 UTC."""
    clearance: int
    body: str
    """What happened, as canonical JSON."""


_LISTED = f"SELECT {listed(EntryCount._fields, 'j')} FROM journal j WHERE "


def named_later(store: Store) -> dict[int, frozenset[int]]:
    """Return the numbers of rows by which ledgers named the state of cases that were there, by id of the case.

    What a ledger says of a case that it brings itself stands in the second row, written with the first.
    """
    asked = Asked(store)
    asked.add(f"{_LISTED}{of_kind(LegacyEntered.kind, 'j.kind')} AND NOT (j.seq = 2 AND EXISTS", LegacyEntered.kind)
    asked.add(" (SELECT 1 FROM journal f WHERE f.case_id = j.case_id AND f.seq = 1 AND f.at = j.at")
    asked.add(f" AND {asked.find}(f.body, ?) > 0))", '"file":')
    found = defaultdict[int, set[int]](set)
    for each in records(EntryCount, store.query(asked.text, asked.values)):
        found[each.case_id].add(each.seq)
    return {case_id: frozenset(rows) for case_id, rows in found.items()}


def counted_again(store: Store) -> Sequence[EntryCount]:
    """Return the rows that count their case again, by case and in their order; there are few."""
    asked = Asked(store)
    asked.add(f"{_LISTED}{of_kind(CaseAmended.kind, 'j.kind')}", CaseAmended.kind)
    asked.add(f" AND {asked.find}(j.body, ?) > 0 ORDER BY j.case_id, j.seq", '"recounts":')
    return list(records(EntryCount, store.query(asked.text, asked.values)))


def counts_of(store: Store, case_id: int) -> Sequence[EntryCount]:
    """Return each row of a case, in their order."""
    return list(records(EntryCount, store.query(f"{_LISTED}j.case_id = ? ORDER BY j.seq", (case_id,))))
