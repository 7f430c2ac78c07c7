"""The ledger that the version before has written (`data/journal_before`), made a database again."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

from engine.store import schema

KEPT = Path(__file__).resolve().parent / "data" / "journal_before"
SQL = KEPT / "ledger.sql"
FILES = KEPT / "files"
VERSION = "0001"
"""Of its tables."""
FIRST = ("units", "officers", "cases", "deadlines")
"""Tables that others refer to."""
COUNTED = ("units", "officers", "cases", "deadlines", "outbox")
"""Tables whose ids PostgreSQL counts."""


def make(url: str, files: Path) -> None:
    """Make that ledger at *url*, a new SQLite file or an empty PostgreSQL database, and its attached files."""
    shutil.copytree(FILES, files)
    if url.startswith("postgresql"):
        _make_postgres(url)
        return
    with closing(sqlite3.connect(url)) as connection:
        connection.executescript(SQL.read_text("utf-8"))
    Path(url).chmod(0o600)


def _make_postgres(url: str) -> None:
    """Make the tables of that version, and put in the same rows."""
    schema.bring_up(url, VERSION)
    with closing(sqlite3.connect(":memory:")) as source, psycopg.connect(url) as target:
        source.executescript(SQL.read_text("utf-8"))
        tables = [row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        # What others refer to comes first, whatever order the file has.
        tables.sort(key=lambda table: FIRST.index(table) if table in FIRST else len(FIRST))
        for table in tables:
            rows = source.execute(f"SELECT * FROM {table}")
            if table == "alembic_version":
                continue
            names = ", ".join(f'"{each[0]}"' for each in rows.description)
            marks = ", ".join(["%s"] * len(rows.description))
            target.cursor().executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})".encode(), rows.fetchall())
        for table in COUNTED:
            target.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))".encode()
            )
