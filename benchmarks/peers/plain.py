"""The floor: plain sqlite3 with statements that know in advance what to write."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.peers.ground import Step, durable


@contextmanager
def stepping(file: Path, _: int) -> Iterator[Step]:
    """Lend the step."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        durable(connection)

        def step(lead: int) -> None:
            connection.execute("BEGIN IMMEDIATE")
            (state,) = connection.execute("SELECT state FROM lead WHERE id = ?", (lead,)).fetchone()
            assert state == "received"
            connection.execute("UPDATE lead SET state = 'assigned' WHERE id = ?", (lead,))
            row = (lead, time.time_ns(), "chen", "moved", "{}")
            connection.execute("INSERT INTO journal (lead_id, at, by, kind, body) VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("UPDATE deadline SET status = 2 WHERE lead_id = ?", (lead,))
            begins = (lead, "verification", 0, "2019-09-02")
            connection.execute("INSERT INTO deadline (lead_id, name, status, due_on) VALUES (?, ?, ?, ?)", begins)
            connection.execute("COMMIT")

        yield step
