"""APScheduler 3 with its store in PostgreSQL: a job for each reminder, run by a pool of ten threads."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, create_engine, text

from benchmarks.peers.postgres import driver, made

_ENGINES: list[Engine] = []
"""What jobs write with: a job of the store is a function of a module and its arguments."""


def remind(deadline: int) -> None:
    """Write what a reminder writes, in one commit: its claim, the next rung, the journal and the message."""
    of = {"deadline": deadline, "at": time.time_ns()}
    with _ENGINES[0].begin() as connection:
        connection.execute(text("INSERT INTO reminder VALUES (:deadline, 0, :at)"), of)
        connection.execute(text("UPDATE deadline SET rung = rung + 1 WHERE id = :deadline"), of)
        connection.execute(
            text("INSERT INTO journal (lead_id, at, by, kind, body) VALUES (:deadline, :at, '', 'reminded', '{}')"), of
        )
        connection.execute(text("INSERT INTO message (recipient, body, status) VALUES ('chen', '{}', 0)"))


@contextmanager
def reminding(url: str, count: int) -> Iterator[Callable[[], object]]:
    """Lend what reminds of so many deadlines that are due."""
    made(url, count)
    _ENGINES.append(create_engine(driver(url), pool_size=10))
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=driver(url))},
        executors={"default": ThreadPoolExecutor(10)},
        job_defaults={"misfire_grace_time": None},
        timezone=UTC,
    )
    done, left = threading.Event(), threading.Semaphore(count - 1)

    def ended(event: object) -> None:
        assert getattr(event, "exception", None) is None, event
        if not left.acquire(blocking=False):
            done.set()

    scheduler.add_listener(ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start(paused=True)
    for deadline in range(1, count + 1):
        scheduler.add_job(remind, "date", run_date=datetime(2019, 7, 2, tzinfo=UTC), args=[deadline])

    def run() -> None:
        scheduler.resume()
        done.wait()

    yield run
    scheduler.shutdown()
    _ENGINES.pop().dispose()
