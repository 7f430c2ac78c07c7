"""What differs between the databases: marks for values, taking many rows in at once, and codes of a lost race."""

import re
import sqlite3
from functools import cache

_UNIQUE = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})
_RACES = frozenset({"23505", "40001", "40P01"})
"""PostgreSQL's codes for a second copy, a serialization failure and a deadlock."""

PLAIN_INSERT = re.compile(r"^INSERT INTO (\w+) \(([\w, ]+)\) VALUES \([?, ]+\)")

TYPES = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
VERSION = "PRAGMA data_version"
"""Another number as soon as another connection has written."""


def is_race(error: BaseException) -> bool:
    """Say whether *error* means that someone else wrote the same thing first."""
    if isinstance(error, sqlite3.IntegrityError):
        return error.sqlite_errorname in _UNIQUE
    return getattr(error, "sqlstate", None) in _RACES


@cache
def copied_in(statement: str) -> bytes | None:
    """Return the command that takes many rows of a plain INSERT in at once; None if the statement is another."""
    plain = PLAIN_INSERT.fullmatch(statement)
    return None if plain is None else f"COPY {plain[1]} ({plain[2]}) FROM STDIN".encode()


@cache
def marked(statement: str) -> bytes:
    """Return *statement* with PostgreSQL's marks for values."""
    return statement.replace("%", "%%").replace("?", "%s").encode()
