"""What SQLite knows of how the rows of large tables are spread; the autovacuum of PostgreSQL sees to that itself."""

from typing import Final

from engine.store.connection import Store

GROWN: Final = 10_000
"""Cases from which on it is looked at: of few rows SQLite would note that no index is worth its while."""
_LOOKED_AT: Final = 400
"""Rows of each index that are looked at, so that it costs milliseconds however large the file is."""
_TABLES: Final = ("cases", "journal", "deadlines", "named_officers", "unique_values")


def refresh(store: Store) -> bool:
    """Let SQLite look again at its large tables; return whether it did, which of a small ledger it does not."""
    if store.dialect != "sqlite" or int(store.value("SELECT coalesce(max(id), 0) FROM cases")) < GROWN:
        return False
    store.query(f"PRAGMA analysis_limit={_LOOKED_AT}")
    with store.begin():
        for table in _TABLES:
            store.change(f"ANALYZE {table}")
    return True
