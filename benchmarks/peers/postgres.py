"""The tables and the measure of the peers that are set beside us on PostgreSQL."""

import time
from collections.abc import Callable

import psycopg

from benchmarks.peers.ground import Step

TABLES = """
CREATE TABLE lead (id bigint PRIMARY KEY, number text UNIQUE, state text NOT NULL, fields text NOT NULL);
CREATE TABLE journal (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, lead_id bigint REFERENCES lead, at bigint,
    by text, kind text, body text);
CREATE TABLE deadline (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, lead_id bigint REFERENCES lead, name text,
    status smallint, due_on text, rung smallint NOT NULL DEFAULT 0);
CREATE INDEX deadline_lead ON deadline (lead_id);
CREATE TABLE reminder (deadline_id bigint REFERENCES deadline, rung smallint, at bigint,
    PRIMARY KEY (deadline_id, rung));
CREATE TABLE message (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, recipient text, body text, status smallint);
"""


def made(url: str, leads: int) -> None:
    """Make so many received leads, each with a deadline that runs."""
    with psycopg.connect(url) as connection:
        connection.execute(TABLES.encode())
        connection.execute(
            "INSERT INTO lead SELECT n, '0101-' || n, 'received', %s FROM generate_series(1, %s) n",
            ('{"summary":"反映某事"}', leads),
        )
        connection.execute(
            "INSERT INTO deadline (lead_id, name, status, due_on) SELECT id, 'disposal', 0, '2019-07-29' FROM lead"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def driver(url: str) -> str:
    """Return an address as SQLAlchemy writes it for psycopg."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def timed(step: Step, leads: int) -> tuple[float, float]:
    """Return the seconds of a step, of this process's processor and by the clock, after some that warm up."""
    warm = leads // 5
    for lead in range(1, warm + 1):
        step(lead)

    def every() -> None:
        for lead in range(warm + 1, leads + 1):
            step(lead)

    processor, clock = lasted(every)
    return processor / (leads - warm), clock / (leads - warm)


def lasted(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that work takes, of this process's processor and by the clock."""
    processor, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - processor, time.perf_counter() - clock
