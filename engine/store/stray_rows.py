"""Rows that belong to nothing that is there, and messages marked by hand; statements only."""

from collections.abc import Iterator
from typing import Final

from engine.store.connection import Store

MOST: Final = 20
"""Of each table; after them it is clear enough."""

_CASES: Final = "cases k WHERE k.id = t.case_id"
_ENTRIES: Final = "journal k WHERE k.case_id = t.case_id AND k.seq = t.seq"
_DEADLINES: Final = "deadlines k WHERE k.id = t.deadline_id"
_BELONGING: Final[tuple[tuple[str, str, str], ...]] = (
    ("asked_signatures", _CASES, "case_id"),
    ("attachments", _CASES, "case_id"),
    ("cases", "cases k WHERE k.id = t.parent_id", "parent_id"),
    ("cases", "cases k WHERE k.id = t.first_id", "first_id"),
    ("deadlines", _CASES, "case_id"),
    ("drafts", f"{_CASES} UNION ALL SELECT 1 WHERE t.case_id = 0", "case_id"),
    ("named_officers", _CASES, "case_id"),
    ("occurrences", _CASES, "case_id"),
    ("questions", _CASES, "case_id"),
    ("sealed_values", _CASES, "case_id"),
    ("search_pending", _CASES, "case_id"),
    ("signatures", _ENTRIES, "case_id"),
    ("reminders", _DEADLINES, "deadline_id"),
    ("digest_lines", _DEADLINES, "deadline_id"),
    ("digest_lines", "outbox k WHERE k.id = t.outbox_id", "outbox_id"),
)
"""Table, what each of its rows belongs to, and the id by which it says so, if it does."""


def strays(store: Store) -> Iterator[tuple[str, int]]:
    """Yield table and id of what rows belong to that is not there; looks at every row of these tables."""
    for table, belongs_to, key in _BELONGING:
        gone = f"t.{key} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {belongs_to})"
        asked = f"SELECT DISTINCT t.{key} FROM {table} t WHERE {gone} ORDER BY t.{key} LIMIT {MOST}"
        yield from ((table, int(each)) for each in store.column(asked))


def marked_by_hand(store: Store) -> list[int]:
    """Return ids of messages that are marked as sent otherwise than the program marks them, or as nothing it knows.

    One that goes out gets its instant and its try in the same statement. Who writes these as well is not found.
    """
    asked = "status NOT IN (0, 1, 2, 3) OR (status = 1 AND (sent_at IS NULL OR attempts < 1))"
    return list(map(int, store.column(f"SELECT id FROM outbox WHERE {asked} ORDER BY id LIMIT {MOST}")))
