"""The tables and the measure that all peers share."""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

TABLES = """
CREATE TABLE lead (id INTEGER PRIMARY KEY, number TEXT UNIQUE, state TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE journal (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES lead, at INTEGER, by TEXT, kind TEXT,
    body TEXT);
CREATE TABLE deadline (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES lead, name TEXT, status INTEGER,
    due_on TEXT);
CREATE INDEX deadline_lead ON deadline (lead_id);
"""

Step = Callable[[int], None]
"""Takes the step with the lead of that id, and commits."""


def made(file: Path, leads: int) -> None:
    """Make a file with so many received leads, each with a deadline that runs."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(TABLES)
        ids = range(1, leads + 1)
        connection.executemany(
            "INSERT INTO lead VALUES (?, ?, 'received', ?)", [(n, f"0101-{n}", '{"summary":"反映某事"}') for n in ids]
        )
        connection.executemany("INSERT INTO deadline VALUES (?, ?, 'disposal', 0, '2019-07-29')", [(n, n) for n in ids])
    connection.close()


def durable(connection: sqlite3.Connection, *_: object) -> None:
    """Let every commit reach the disk, as ours does."""
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def timed(step: Step, leads: int) -> float:
    """Return the processor seconds of a step, after some that warm up."""
    warm = leads // 5
    for lead in range(1, warm + 1):
        step(lead)
    begun = time.process_time()
    for lead in range(warm + 1, leads + 1):
        step(lead)
    return (time.process_time() - begun) / (leads - warm)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
