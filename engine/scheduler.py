"""Wakes chores by the clock until it is told to stop; sole place that knows APScheduler, and none of ours.

It only wakes. What is due stands in the ledger's own tables, so a wake-up that is missed, late or
doubled changes nothing: the next one finds all there is to do.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something to be done again and again; it must not mind being woken late or twice."""

    name: str
    every: timedelta
    do: Callable[[], None]


def keep_watch(
    chores: Sequence[Chore],
    *,
    begins: datetime,
    zone: str,
    stopping: Event,
    failed: Callable[[str, BaseException], None],
) -> None:
    """Wake each chore at once and then by its interval, until *stopping* is set; let those under way finish.

    A chore is never woken while it is still at work; wake-ups that were missed become one.

    Args:
        begins: Aware instant at which each chore is woken first; now, to do so at once.
        zone: Every trigger's own; a scheduler's zone is not handed on to triggers.
        failed: Told of a chore that raised; it is woken again all the same.
    """
    quiet = logging.getLogger("apscheduler")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    scheduler = BackgroundScheduler(
        timezone=ZoneInfo(zone),
        executors={"default": ThreadPoolExecutor(max_workers=max(1, len(chores)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for chore in chores:
        scheduler.add_job(
            chore.do,
            IntervalTrigger(seconds=max(1, round(chore.every.total_seconds())), timezone=ZoneInfo(zone)),
            id=chore.name,
            name=chore.name,
            next_run_time=begins,
        )

    def heard(event: JobExecutionEvent) -> None:
        failed(event.job_id, event.exception)

    scheduler.add_listener(heard, EVENT_JOB_ERROR)
    scheduler.start()
    try:
        stopping.wait()
    finally:
        scheduler.shutdown(wait=True)
