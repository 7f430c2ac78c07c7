"""Parts of statements that follow from a record's fields, so that no column is written a second time."""

from collections.abc import Iterable, Sequence, Sized


def listed(fields: Iterable[str], alias: str = "", **elsewhere: str) -> str:
    """Return what a SELECT asks for, in the order of *fields*.

    Args:
        alias: What the statement calls the table; nothing if it reads one table only.
        elsewhere: For fields that are not columns of that table, what stands for them.
    """
    prefix = f"{alias}." if alias else ""
    return ", ".join(elsewhere.get(name) or f"{prefix}{name}" for name in fields)


def inserted(table: str, fields: Sequence[str]) -> str:
    """Return the statement that writes a new row with *fields*."""
    return f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({marks(fields)})"


def assigned(fields: Iterable[str]) -> str:
    """Return what an UPDATE sets, a mark for each of *fields*."""
    return ", ".join(f"{name} = ?" for name in fields)


def marks(values: Sized) -> str:
    """Return a mark for each value."""
    return ", ".join("?" * len(values))
