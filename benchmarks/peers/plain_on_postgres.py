"""The floor on PostgreSQL: psycopg with statements that know in advance what to write, prepared by the driver."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.peers.ground import Step


@contextmanager
def stepping(url: str, _: int) -> Iterator[Step]:
    """Lend the step."""
    with psycopg.connect(url, autocommit=True) as connection:

        def step(lead: int) -> None:
            with connection.transaction():
                found = connection.execute("SELECT state FROM lead WHERE id = %s FOR UPDATE", (lead,)).fetchone()
                assert found == ("received",)
                connection.execute("UPDATE lead SET state = 'assigned' WHERE id = %s", (lead,))
                connection.execute(
                    "INSERT INTO journal (lead_id, at, by, kind, body) VALUES (%s, %s, %s, %s, %s)",
                    (lead, time.time_ns(), "chen", "moved", "{}"),
                )
                connection.execute("UPDATE deadline SET status = 2 WHERE lead_id = %s", (lead,))
                connection.execute(
                    "INSERT INTO deadline (lead_id, name, status, due_on) VALUES (%s, %s, %s, %s)",
                    (lead, "verification", 0, "2019-09-02"),
                )

        yield step
