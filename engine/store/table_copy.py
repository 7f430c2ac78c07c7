"""What a database holds, written so that two can be compared, and all rows of one written into another.

Both databases say the same rows in the same way, whichever kind they are; nothing is read here by
the names of today's tables, so that a database of an older version can be copied as it is.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.errors import DatabaseError
from engine.language import Text
from engine.store.database import Connection
from engine.store.schema import BESIDE, SEARCH, version_of
from engine.store.search_rows import rebuild
from engine.workflow.frozen_struct import FrozenStruct

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]

_WRAP = 1 << 256


class Contents(FrozenStruct, frozen=True, kw_only=True):
    """What a database holds."""

    version: str | None
    """Of its tables."""
    counts: Mapping[str, int]
    """How many rows each table has."""
    sums: Mapping[str, int]
    """The hashes of all rows of each table, added up, so that their order says nothing."""


def contents_of(connection: Connection) -> Contents:
    """Return what the database holds; inside a transaction, all of it is of one moment."""
    counts, sums = {}, {}
    for table, columns in tables_of(connection).items():
        count = total = 0
        for row in _rows(connection, table, columns):
            total += int.from_bytes(sha256(repr(row).encode()).digest())
            count += 1
        counts[table], sums[table] = count, total % _WRAP
    return Contents(version=version_of(connection), counts=counts, sums=sums)


def contents_if_same(connection: sqlite3.Connection, copy: str) -> Contents | None:
    """Return what a SQLite database holds if a copy of its pages, attached to it, holds the same; else None.

    SQLite itself walks both, each row beside that of the same key, so that no row becomes a value of Python: the sums
    of `contents_of` take ten times as long. They are left empty.
    """
    counts: dict[str, int] = {}
    tables = tables_of(connection)
    beside = {"sqlite_schema": ("name", "sql", "type"), "alembic_version": ("version_num",)}
    for table, columns in {**tables, **beside}.items():
        beside_each_other = f"main.{table} a JOIN {copy}.{table} b ON {_same(_key(connection, table), '=')}"
        count, theirs, same = connection.execute(
            f"SELECT (SELECT count(*) FROM main.{table}), (SELECT count(*) FROM {copy}.{table}),"
            f" (SELECT count(*) FROM {beside_each_other} WHERE {_same(columns)})"
        ).fetchone()
        if not count == theirs == same:
            return None
        if table in tables:
            counts[table] = count
    return Contents(version=version_of(connection), counts=counts, sums={})


def _key(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the columns by which SQLite itself finds a row."""
    asked = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?"
    found = connection.execute(asked, (table,)).fetchone()
    if found is None or not found[0]:
        return ("rowid",)
    asked = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
    return tuple(name for (name,) in connection.execute(asked, (table,)))


def _same(columns: Iterable[str], operator: str = "IS") -> str:
    """Return the condition that two rows agree in columns; by `IS` also where both lack a value."""
    return " AND ".join(f"a.{each} {operator} b.{each}" for each in columns)


def copy_rows(source: Connection, target: Connection) -> None:
    """Write all rows of *source* into *target*, which has the same tables without rows.

    Each is read and written in the transaction it is in. On SQLite the references must be off
    until the end, and are checked here then.

    Raises:
        DatabaseError: If a row refers to a row that is not there.
    """
    tables = tables_of(source)
    for table in _referred_first(target, tables):
        columns = tables[table]
        found = _rows(source, table, columns)
        if isinstance(target, sqlite3.Connection):
            marks = ", ".join("?" * len(columns))
            target.executemany(f"INSERT INTO {table} ({_listed(columns)}) VALUES ({marks})", found)
        else:
            _copy_in(target, table, columns, found)
    rebuild(target)
    if isinstance(target, sqlite3.Connection):
        broken = target.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise DatabaseError(
                Text("a row of {table} refers to a row that is not there", "{table} 中有一行引用了不存在的记录").format(
                    table=broken[0]
                )
            )


def tables_of(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the tables with their columns, both in the order of their names.

    Neither Alembic's own, nor those beside, nor what is made of others.
    """
    if isinstance(connection, sqlite3.Connection):
        asked = (
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        )
    else:
        asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(asked).fetchall():
        found.setdefault(table, []).append(column)
    ours = {"alembic_version", *BESIDE, *SEARCH}
    return {table: tuple(sorted(found[table])) for table in sorted(found) if table not in ours}


def _rows(connection: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of *table* without holding them all."""
    asked = f"SELECT {_listed(columns)} FROM {table}"
    if isinstance(connection, sqlite3.Connection):
        yield from connection.execute(asked)
    else:
        types = _types(connection, table)
        with connection.cursor() as cursor, cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT BINARY)") as copy:
            copy.set_types(types)
            yield from copy.rows()


def _copy_in(connection: "psycopg.Connection[Row]", table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Write *rows* into a PostgreSQL table, and let its counter go on after them."""
    types = _types(connection, table)
    begun = f"COPY {table} ({_listed(columns)}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(begun) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
    if "id" in columns:
        counter = f"pg_get_serial_sequence('{table}', 'id')"
        connection.execute(f"SELECT setval({counter}, max(id)) FROM {table} HAVING max(id) IS NOT NULL")


def _types(connection: "psycopg.Connection[Row]", table: str) -> list[str]:
    """Return the types of the columns of a PostgreSQL table, by their names."""
    asked = (
        "SELECT udt_name FROM information_schema.columns"
        ' WHERE table_schema = current_schema() AND table_name = %s ORDER BY column_name COLLATE "C"'
    )
    with connection.cursor() as cursor:
        return [name for (name,) in cursor.execute(asked, (table,)).fetchall()]


def _referred_first(connection: Connection, tables: Mapping[str, object]) -> Iterator[str]:
    """Yield the tables so that each comes after those its rows refer to."""
    if isinstance(connection, sqlite3.Connection):
        asked = 'SELECT t.name, f."table" FROM sqlite_master t, pragma_foreign_key_list(t.name) f'
    else:
        asked = (
            "SELECT r.relname, f.relname FROM pg_constraint c"
            " JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid"
            " WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"
        )
    order = TopologicalSorter[str]({table: [] for table in tables})
    for table, referred in connection.execute(asked).fetchall():
        if table != referred:
            order.add(table, referred)
    yield from order.static_order()


def _listed(columns: tuple[str, ...]) -> str:
    """Return the columns as a statement lists them."""
    return ", ".join(f'"{column}"' for column in columns)
