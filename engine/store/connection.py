"""One connection to the database and its transactions; the same calls on both databases.

Statements are written once with `?` for values. SQLite runs them as they are; for PostgreSQL the
marks are changed, once for each statement. Leaving a transaction by an error undoes all of it.
What a driver says of the database itself, within a transaction or not, becomes one sentence; the
way there costs nothing while all is well.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from engine.errors import QinglingError
from engine.store.abstract_store import Row, Store, TooFewError, Values
from engine.store.database import is_postgres, open_sqlite, refusals, sqlite_file
from engine.store.dialects import VERSION
from engine.store.schema import require_current

__all__ = ["Row", "SQLiteStore", "Store", "Values", "open_store"]

TRIES = 5
"""How often two connections to a file begin together before others who write are given way to."""


_NOTHING = nullcontext()


def open_store(url: str) -> Store:
    """Open the ledger that *url* names: the path of a SQLite file, or a `postgresql://` address.

    Raises:
        DatabaseError: If it is missing, not ours, of another version or cannot be reached.
    """
    if is_postgres(url):
        from engine.store.postgres_connection import PostgreSQLStore

        store: Store = PostgreSQLStore(url)
    else:
        store = SQLiteStore(url)
    try:
        store.require_current()
    except BaseException:
        store.close()
        raise
    return store


def _identity(file: Path) -> tuple[int, int] | None:
    """Return which file stands at a path; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class SQLiteStore(Store):
    """A ledger in one SQLite file."""

    dialect = "sqlite"
    BEGIN_READ = "BEGIN DEFERRED"
    BEGIN_WRITE = BEGIN_STEADY = "BEGIN IMMEDIATE"
    UTF_8 = "CASE typeof({0}) WHEN 'text' THEN CAST({0} AS BLOB) END"
    """None where bytes stand in place of a text: SQLite keeps them as they are, and nobody can read such a row."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = open_sqlite(url)
        self._file = sqlite_file(url)
        self._opened = _identity(self._file)
        self._execute = self._connection.execute

    @property
    def driver(self) -> Any:
        """The driver's connection."""
        return self._connection

    @property
    def is_in_place(self) -> bool:
        """Whether its file still stands there; what is written into one that was removed is lost with the program."""
        return self._opened == _identity(self._file)

    @property
    def as_written(self) -> tuple[int, int] | None:
        """What differs as soon as anybody has written anything: what others committed, and what this one changed."""
        return self.value("PRAGMA data_version"), self._connection.total_changes

    def require_current(self) -> None:
        """Refuse tables that are not those of this program."""
        with refusals(self.url):
            require_current(self._connection, self.url)

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""
        try:
            return self._execute(statement, values).fetchall()
        except sqlite3.Error:
            with refusals(self.url):
                raise

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all."""
        try:
            # Not `yield from`: left early, that would close a cursor of a connection that may be closed already.
            for row in self._execute(statement, values):  # noqa: UP028
                yield row
        except sqlite3.Error:
            with refusals(self.url):
                raise

    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""
        try:
            return self._execute(statement, values).rowcount
        except sqlite3.Error:
            with refusals(self.url):
                raise

    def put(self, statement: str, values: Values) -> None:
        """Run *statement*."""
        self.change(statement, values)

    def change_many(self, statement: str, rows: Sequence[Values]) -> None:
        """Run *statement* for each of *rows*."""
        self._connection.executemany(statement, rows)

    def change_all(self, statement: str, rows: Sequence[Values], *, otherwise: Callable[[], QinglingError]) -> None:
        """Run *statement* for each of *rows*."""
        if len(rows) == 1:
            touched = self._execute(statement, rows[0]).rowcount
        else:
            touched = self._connection.executemany(statement, rows).rowcount
        if touched != len(rows):
            raise TooFewError(otherwise)

    def foreseeing(
        self,
        first: tuple[str, Values] = ("", ()),  # noqa: ARG002  # a file answers at once
        then: Sequence[str] = (),  # noqa: ARG002
    ) -> AbstractContextManager[None]:
        """Ask nothing ahead."""
        return _NOTHING

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table*; the write lock keeps others away."""
        highest: int = self.query(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]
        return range(highest + 1, highest + 1 + count)

    @contextmanager
    def _reading_beside(self, begin_other: Callable[[str], bool]) -> Iterator[bool]:
        """See what the other connection sees: nothing was written between before it began and after this one did."""
        for _ in range(TRIES):
            before = self.value(VERSION)
            if not begin_other(""):
                break
            with self.reading():
                if self.value(VERSION) == before:
                    yield True
                    return
        with self.reading():
            yield False

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _run(self, command: str) -> None:
        """Run a transaction command."""
        try:
            self._execute(command)
        except sqlite3.Error:
            with refusals(self.url):
                raise

    def _undo(self) -> None:
        """Undo the transaction, if SQLite has not done so by itself (as on a full disk)."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")
