"""DBOS on SQLite: a workflow of one step, durable by its own tables, whose step writes the rows in one commit."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dbos import DBOS, DBOSConfig

from benchmarks.peers.ground import Step, durable


@contextmanager
def stepping(file: Path, _: int) -> Iterator[Step]:
    """Lend the step."""
    config: DBOSConfig = {
        "name": "peers",
        "system_database_url": f"sqlite:///{file.with_name('dbos.db')}",
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)

    @DBOS.step()
    def write(lead: int) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            durable(connection)
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

    @DBOS.workflow()
    def assign(lead: int) -> None:
        write(lead)

    DBOS.launch()
    yield assign
    DBOS.destroy()
