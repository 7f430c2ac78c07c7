"""Removing from the disk what a database has let go: SQLite keeps deleted rows in free pages, PostgreSQL dead ones."""

import sqlite3
from contextlib import closing

from engine.store.connection import Store
from engine.store.database import is_postgres, open_postgres, sqlite_file

PATIENCE_SECONDS = 2
"""How long readers are waited for. A reader may need minutes, and then "later" is a better answer than to wait."""


def scrub(store: Store) -> bool:
    """Write the database out without what was deleted, and empty its log; say whether all of it could be done.

    It cannot while others have it open, and has then to be done again. Of PostgreSQL only the table of sealed values is
    written again; its log (WAL), its archives and replicas are the server's, and keep for a time what was in them.
    """
    if is_postgres(store.url):
        with closing(open_postgres(store.url)) as connection:
            connection.execute("VACUUM (FULL) sealed_values")
        return True
    with closing(sqlite3.connect(sqlite_file(store.url), timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # somebody writes meanwhile
            return False
    return not busy
