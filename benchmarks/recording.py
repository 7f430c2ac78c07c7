"""What the program writes, noted down, so that plain sqlite3 can write the very same beside it."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import QinglingError
from engine.store.connection import SQLiteStore, Values


@dataclass(frozen=True, slots=True)
class Write:
    """One call of the driver: a statement for one row or for many, or a transaction command."""

    statement: str
    rows: Sequence[Values] | None
    """None for a transaction command."""


class RecordingStore(SQLiteStore):
    """A ledger in a SQLite file that notes what is written to it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.writes: list[Write] = []

    def change(self, statement: str, values: Values = ()) -> int:
        """Note and run."""
        self.writes.append(Write(statement, [values]))
        return super().change(statement, values)

    def change_many(self, statement: str, rows: Sequence[Values]) -> None:
        """Note and run."""
        self.writes.append(Write(statement, list(rows)))
        super().change_many(statement, rows)

    def change_all(self, statement: str, rows: Sequence[Values], *, otherwise: Callable[[], QinglingError]) -> None:
        """Note and run."""
        self.writes.append(Write(statement, list(rows)))
        super().change_all(statement, rows, otherwise=otherwise)

    def _run(self, command: str) -> None:
        """Note and run."""
        self.writes.append(Write(command, None))
        super()._run(command)


def replay(connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
    """Write what was noted, by the fewest calls that the driver offers."""
    execute, executemany = connection.execute, connection.executemany
    for each in writes:
        if each.rows is None:
            execute(each.statement)
        elif len(each.rows) == 1:
            execute(each.statement, each.rows[0])
        else:
            executemany(each.statement, each.rows)


def plain_connection(url: str) -> sqlite3.Connection:
    """Open a file as our store does: every commit reaches the disk."""
    connection = sqlite3.connect(url, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection
