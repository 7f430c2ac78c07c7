"""Rows of the access log: who read what; chained, only ever added to at one end, and let go at the other.

It is no part of the record: it has a term of its own, no backup or copy takes it along, and no reader waits for who
writes the ledger. So it stands in a file of its own beside a SQLite ledger, and in a table of its own on a server.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from os import O_CREAT, O_WRONLY, close
from os import open as open_file
from pathlib import Path
from typing import Any, NamedTuple

from engine.journal.canonical import canonical
from engine.store.connection import Store
from engine.store.database import WAIT_SECONDS, in_one_message, refusals, sqlite_file
from engine.store.statements import listed

TABLE = (
    "CREATE TABLE IF NOT EXISTS access_log (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, officer TEXT NOT NULL,"
    " way TEXT NOT NULL, deed TEXT NOT NULL, subject TEXT NOT NULL, answer TEXT NOT NULL, asked TEXT NOT NULL,"
    " previous TEXT NOT NULL, hash TEXT NOT NULL)"
)
"""Makes the table; it is no part of the migrations, for it stands beside the ledger."""
_COLUMNS = "seq, at, officer, way, deed, subject, answer, asked, previous, hash"
_ALL = f"SELECT {_COLUMNS} FROM access_log WHERE at >= ? ORDER BY seq"
_LOCK = 7_431_029
"""PostgreSQL's lock by which two who read at once do not follow the same row."""


class AccessEnd(NamedTuple):
    """The newest row, of which no more is read: who only writes a row need not read what others read."""

    seq: int
    hash: str


_LAST = f"SELECT {listed(AccessEnd._fields)} FROM access_log ORDER BY seq DESC LIMIT 1"
_IN_FILE = (
    f"INSERT INTO access_log ({_COLUMNS})"
    " SELECT e.seq + 1, ?, ?, ?, ?, ?, ?, ?, e.hash, row_hash(e.seq + 1, e.hash)"
    f" FROM (SELECT {listed(AccessEnd._fields)} FROM access_log UNION ALL SELECT 0, '' ORDER BY seq DESC LIMIT 1) e"
)
"""Writes a row after the last one, for a file: a statement is a transaction of its own, which nobody comes between."""
_AT_ONCE = (
    # A statement of its own: what follows sees what was committed while the lock was waited for.
    f"SELECT pg_advisory_xact_lock({_LOCK}); WITH l AS ({_LAST}),"
    " e AS (SELECT coalesce(max(l.seq), 0) + 1 AS seq, coalesce(max(l.hash), '') AS previous FROM l),"
    " n AS (SELECT e.seq, e.previous, encode(sha256(convert_to("
    "'[' || e.seq || ',' || %s || ',\"' || e.previous || '\"]', 'UTF8')), 'hex') AS hash FROM e),"
    f" w AS (INSERT INTO access_log ({_COLUMNS})"
    f" SELECT n.seq, %s, %s, %s, %s, %s, %s, %s, {listed(('previous', 'hash'), 'n')} FROM n)"
    " SELECT * FROM n"
)
"""Writes a row after the last one, for PostgreSQL; what is hashed is the same text as by `hashed`.

Both statements go in one message, which the server takes as one transaction: it needs no word to begin or to commit.
Nothing is returned of the row itself: some who write rows may not read them.
"""


class AccessRow(NamedTuple):
    """One act of reading."""

    seq: int
    at: int
    """Microseconds since 1970 UTC."""
    officer: str
    """Code of the officer who asked, as given."""
    way: str
    """How it was asked, such as cli."""
    deed: str
    subject: str
    """Number of the case, as it was typed; empty for what is about several."""
    answer: str
    """shown or refused."""
    asked: str
    """What else was asked, as canonical JSON: filter, count, digest of the numbers, file."""
    previous: str
    """Hash of the row before."""
    hash: str
    """SHA-256 over all else, as hexadecimal."""


def hashed(row: AccessRow) -> str:
    """Return what the hash of a row must be."""
    return sha256(canonical(list(row[:-1])).encode()).hexdigest()


def access_file(file: Path) -> Path:
    """Return the file of the access log of a SQLite ledger."""
    return file.with_name(f"{file.stem}-access.db")


class AccessLog:
    """The access log of an open ledger; opened on first use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = access_file(sqlite_file(store.url)) if store.dialect == "sqlite" else None
        self._connection: sqlite3.Connection | None = None
        self._has_table = False
        self._said: tuple[object, ...] = ()
        self._row: AccessRow

    def append(
        self, *, at: int, officer: str, way: str, deed: str, subject: str, answer: str, asked: Mapping[str, object]
    ) -> AccessRow:
        """Write a row for good, after the last one.

        Raises:
            DatabaseError: If it cannot be written.
        """
        said = (at, officer, way, deed, subject, answer, canonical(asked))
        if self._file is not None:
            return self._append_in_file(self._file, said)
        if not self._has_table:
            with self._writing():
                pass
        return self._append_at_once(*said)

    def _append_in_file(self, file: Path, said: tuple[object, ...]) -> AccessRow:
        """Write a row into a file; its hash is made while the statement runs, when the row before it is known.

        Args:
            said: What the row says, in the order of its columns.
        """
        with refusals(str(file)):
            connection, self._said = self._opened(file), said
            connection.execute(_IN_FILE, said)
        return self._row

    def _hash_of_next(self, seq: int, previous: str) -> str:
        """Return the hash of the row that is being written; it is kept until the statement has ended."""
        row = AccessRow._make((seq, *self._said, previous, ""))
        self._row = row._replace(hash=hashed(row))
        return self._row.hash

    def _append_at_once(self, *said: object) -> AccessRow:
        """Write a row on a server in one round trip: it is the server that looks for the last one and makes the hash.

        Args:
            said: What the row says, in the order of its columns.
        """
        with refusals(self._store.url):
            values = (canonical(list(said))[1:-1], *said)
            ((seq, previous, made),) = in_one_message(self._store.driver, _AT_ONCE, values)
        return AccessRow._make((seq, *said, previous, made))

    def rows(self, *, since: int = 0) -> Iterator[AccessRow]:
        """Yield the rows from an instant on, the oldest first."""
        with self._writing() as execute:
            found = list(execute(_ALL, (since,)))
        yield from map(AccessRow._make, found)

    def let_go(self, *, before: int) -> int:
        """Destroy the rows before an instant, but never the newest; return how many.

        The rows that stay hold together: each names the hash of the row before it.
        """
        with self._writing() as execute:
            known = "SELECT count(*) FROM access_log"
            count = int(next(iter(execute(known, ())))[0])
            execute(
                "DELETE FROM access_log WHERE at < ? AND seq < (SELECT min(k.seq) FROM access_log k WHERE k.at >= ?"
                " OR k.seq = (SELECT max(m.seq) FROM access_log m))",
                (before, before),
            )
            return count - int(next(iter(execute(known, ())))[0])

    def close(self) -> None:
        """Close what was opened."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Lend what runs statements in one transaction that nobody else's comes between."""
        if self._file is None:
            with refusals(self._store.url), self._store.driver.transaction():
                self._store.query("SELECT 1 FROM (SELECT pg_advisory_xact_lock(?)) l", (_LOCK,))
                if not self._store.query("SELECT to_regclass('access_log') IS NOT NULL")[0][0]:
                    self._store.change(TABLE)
                self._has_table = True
                yield (
                    lambda statement, values: (
                        self._store.query(statement, values)
                        if statement.startswith("SELECT")
                        else self._store.change(statement, values)
                    )
                )
            return
        with refusals(str(self._file)):
            execute = self._opened(self._file).execute
            execute("BEGIN IMMEDIATE")
            try:
                yield execute
                execute("COMMIT")
            except BaseException:
                execute("ROLLBACK")
                raise

    def _opened(self, file: Path) -> sqlite3.Connection:
        """Return the connection to the file, which only its owner may read."""
        if self._connection is None:
            is_new = not file.exists()
            if is_new:
                close(open_file(file, O_CREAT | O_WRONLY, 0o600))
            self._connection = sqlite3.connect(file, isolation_level=None, timeout=WAIT_SECONDS)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if is_new:
                self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(TABLE)
            self._connection.create_function("row_hash", 2, self._hash_of_next)
        return self._connection
