"""What differs between the databases: marks for values, which statements take many rows, and codes of a lost race."""

import sqlite3
from functools import cache

from engine.language import lazy_pattern

_UNIQUE = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})
_RACES = frozenset({"23505", "40001", "40P01"})
"""PostgreSQL's codes for a second copy, a serialization failure and a deadlock."""

PLAIN_INSERT = lazy_pattern(
    r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \([?, ]+\)((?: ON CONFLICT [\w(), ]+ DO NOTHING)?)"
)
PLAIN_UPDATE = lazy_pattern(r"UPDATE (\w+) SET ((?:\w+ = \?(?:, )?)+) WHERE ((?:\w+ = \?(?: AND )?)+)")
"""Statements for one row that PostgreSQL takes for many at once, as lists of columns."""

TYPES = (
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    " AND c.relnamespace = current_schema()::regnamespace"
)
VERSION = "PRAGMA data_version"
"""Another number as soon as another connection has written."""


def is_race(error: BaseException) -> bool:
    """Say whether *error* means that someone else wrote the same thing first."""
    if isinstance(error, sqlite3.IntegrityError):
        return error.sqlite_errorname in _UNIQUE
    return getattr(error, "sqlstate", None) in _RACES


@cache
def marked(statement: str) -> bytes:
    """Return *statement* with PostgreSQL's marks for values."""
    return statement.replace("%", "%%").replace("?", "%s").encode()
