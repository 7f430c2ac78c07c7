"""What SQLite knows of how the rows of large tables are spread; the autovacuum of PostgreSQL sees to that itself."""

from typing import Final

from engine.errors import DatabaseError
from engine.store.connection import Store

GROWN: Final = 10_000
"""Cases from which on it is looked at: of few rows SQLite would note that no index is worth its while."""
_TABLES: Final = ("cases", "journal", "deadlines", "named_officers", "unique_values")
_NOTED: Final = "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'cases'"  # its first word: the rows
_UNSEEN: Final = (
    "SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = 'cases' AND instr(sql, ' WHERE ') = 0"
    " AND name NOT IN (SELECT idx FROM sqlite_stat1 WHERE idx IS NOT NULL) LIMIT 1"
)
"""An index that an upgrade has made since; one of few rows may have none to note."""


def refresh(store: Store) -> bool:
    """Let SQLite look again at its large tables where there are twice as many cases as it last saw, or a new index.

    All rows of an index are looked at, some seconds for a million cases: of a part of them SQLite would note that few
    cases share a workflow, and go through all of them by it.

    Returns:
        Whether it did; not where another program writes, which is no reason to refuse what was done before.
    """
    if store.dialect != "sqlite":
        return False
    there = int(store.value("SELECT coalesce(max(id), 0) FROM cases"))
    looked_at = store.one("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'") is not None
    noted = int((looked_at and store.value(_NOTED)) or 0)
    if there < GROWN or (there < 2 * noted and store.one(_UNSEEN) is None):
        return False
    try:
        with store.begin():
            for table in _TABLES:
                store.change(f"ANALYZE {table}")
    except DatabaseError:
        return False  # the scheduler looks again
    return True
