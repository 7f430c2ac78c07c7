"""One connection to the database, and its transactions; the only place that knows the drivers.

Statements are written once with `?` for values. SQLite runs them as they are; for PostgreSQL the
marks are changed, once for each statement. Leaving a transaction by an error undoes all of it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ConflictError, DatabaseError
from engine.language import Text

if TYPE_CHECKING:
    from types import ModuleType

Row = tuple[Any, ...]
Values = Sequence[object]

BUSY_SECONDS = 30.0
"""How long a writer waits for another before it gives up."""


class Store:
    """A connection to the ledger's database."""

    dialect: str
    """sqlite or postgresql."""

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""
        raise NotImplementedError

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all."""
        raise NotImplementedError

    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""
        raise NotImplementedError

    def change_many(self, statement: str, rows: Sequence[Values]) -> int:
        """Run *statement* for each of *rows* and return how many rows were touched in all."""
        raise NotImplementedError

    def _run(self, command: str) -> None:
        """Run a transaction command."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the connection back."""
        raise NotImplementedError

    def one(self, statement: str, values: Values = ()) -> Row | None:
        """Return the first row that *statement* finds, if any."""
        found = self.query(statement, values)
        return found[0] if found else None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the database throughout the block."""
        self._run(self.BEGIN_READ)
        try:
            yield
        finally:
            self._run("ROLLBACK")

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Write everything in the block in one commit, or nothing of it.

        Raises:
            DatabaseError: If another program holds the database for too long.
        """
        self._run(self.BEGIN_WRITE)
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table* that nobody else will get; inside `begin`."""
        raise NotImplementedError

    BEGIN_READ = "BEGIN"
    BEGIN_WRITE = "BEGIN"


class SQLiteStore(Store):
    """A ledger in one SQLite file."""

    dialect = "sqlite"
    BEGIN_READ = "BEGIN DEFERRED"
    BEGIN_WRITE = "BEGIN IMMEDIATE"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256)
        self._execute = self._connection.execute
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "cache_size=-65536", "temp_store=MEMORY"):
            self._execute(f"PRAGMA {pragma}")

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""
        with _sqlite_refusals():
            return self._execute(statement, values).fetchall()

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all."""
        with _sqlite_refusals():
            yield from self._execute(statement, values)

    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""
        with _sqlite_refusals():
            return self._execute(statement, values).rowcount

    def change_many(self, statement: str, rows: Sequence[Values]) -> int:
        """Run *statement* for each of *rows* and return how many rows were touched in all."""
        with _sqlite_refusals():
            return self._connection.executemany(statement, rows).rowcount

    def _run(self, command: str) -> None:
        with _sqlite_refusals():
            self._execute(command)

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table*; the write lock keeps others away."""
        highest: int = self.query(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]
        return range(highest + 1, highest + 1 + count)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


class PostgreSQLStore(Store):
    """A ledger in a PostgreSQL database."""

    dialect = "postgresql"
    BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    BEGIN_WRITE = "BEGIN"

    def __init__(self, url: str) -> None:
        import psycopg

        self._psycopg: ModuleType = psycopg
        try:
            self._connection: Any = psycopg.connect(url, autocommit=True, prepare_threshold=2)
        except psycopg.OperationalError as error:
            raise DatabaseError(
                Text(
                    "PostgreSQL cannot be reached or does not let us in; check address, name and password",
                    "无法连接 PostgreSQL；请检查地址、用户名和密码",
                )
            ) from error

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""
        with self._refusals():
            found: list[Row] = self._connection.execute(_marked(statement), values).fetchall()
            return found

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all."""
        with self._refusals(), self._connection.cursor() as cursor:
            yield from cursor.stream(_marked(statement), values)

    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""
        with self._refusals():
            touched: int = self._connection.execute(_marked(statement), values).rowcount
            return touched

    def change_many(self, statement: str, rows: Sequence[Values]) -> int:
        """Run *statement* for each of *rows* and return how many rows were touched in all."""
        if not rows:
            return 0
        with self._refusals(), self._connection.cursor() as cursor:
            cursor.executemany(_marked(statement), rows)
            touched: int = cursor.rowcount
            return touched

    def _run(self, command: str) -> None:
        with self._refusals():
            self._connection.execute(command)

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table*, from its sequence."""
        found = self.query(
            f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?)", (count,)
        )
        return [row[0] for row in found]

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Say the driver's errors that a user can put right in our own words."""
        try:
            yield
        except (
            self._psycopg.errors.UniqueViolation,
            self._psycopg.errors.SerializationFailure,
            self._psycopg.errors.DeadlockDetected,
        ) as error:
            raise _changed() from error
        except self._psycopg.OperationalError as error:
            raise DatabaseError(
                Text(
                    "the connection to PostgreSQL broke; nothing was written, try again",
                    "与 PostgreSQL 的连接中断；未写入任何内容，请重试",
                )
            ) from error


def _changed() -> ConflictError:
    """Return the refusal of a second copy of what may exist only once."""
    return ConflictError(
        Text(
            "someone else wrote the same thing first; nothing was written, try again",
            "他人已先行写入；本次未写入任何内容，请重试",
        )
    )


@cache
def _marked(statement: str) -> str:
    """Return *statement* with PostgreSQL's marks for values."""
    return statement.replace("%", "%%").replace("?", "%s")


@contextmanager
def _sqlite_refusals() -> Iterator[None]:
    """Say the driver's errors that a user can put right in our own words."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorname in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
            raise _changed() from error
        raise
    except sqlite3.OperationalError as error:
        words = str(error)
        if "locked" in words or "busy" in words:
            raise DatabaseError(
                Text(
                    f"another program has held the database for {BUSY_SECONDS:.0f} seconds; "
                    "nothing was written, try again",
                    f"另一程序已占用数据库 {BUSY_SECONDS:.0f} 秒；未写入任何内容，请重试",
                )
            ) from error
        if "readonly" in words or "full" in words or "disk" in words or "unable to open" in words:
            raise DatabaseError(
                Text(
                    f"the database cannot be written ({words}); nothing was changed",
                    f"数据库无法写入（{words}）；未作任何更改",
                )
            ) from error
        raise
