"""Parts of statements that follow from a record's fields, so that no column is written a second time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from engine.journal.case_events import CaseHandedOver

if TYPE_CHECKING:
    from engine.store.connection import Store


_Record = TypeVar("_Record", bound=tuple[Any, ...])


def listed(fields: Iterable[str], alias: str = "", /, **elsewhere: str) -> str:
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


def computed(values: Mapping[str, str]) -> str:
    """Return what an UPDATE sets where it is not just given: column -> expression."""
    return ", ".join(f"{name} = {expression}" for name, expression in values.items())


def marks(values: Sized) -> str:
    """Return a mark for each value."""
    return ", ".join("?" * len(values))


def records(record: type[_Record], rows: Iterable[tuple[Any, ...]]) -> Iterator[_Record]:
    """Yield *rows* as named tuples of their statement's fields; by the hundred thousand twice as fast as `_make`."""
    return map(partial(tuple.__new__, record), rows)


class Asked:
    """A statement put together with its values, each where its mark stands."""

    def __init__(self, store: "Store") -> None:
        self.is_postgres = store.dialect == "postgresql"
        self.find = "strpos" if self.is_postgres else "instr"
        self.text = ""
        self.values: list[object] = []

    def add(self, text: str, *values: object) -> None:
        """Append *text* with the values of its marks."""
        self.text += text
        self.values.extend(values)


HELD_THEN = (
    " AND (c.unit_id = ? OR c.id IN"
    f" (SELECT h.case_id FROM journal h WHERE h.at >= ? AND h.kind = '{CaseHandedOver.kind}'))"
)
"""Narrows cases to those that may have been a unit's at an instant: its own, and those handed over since.

The asker looks at each case as it stood then, and leaves out those that another unit held.
"""
