"""Wakes chores by the clock until it is to stop; sole place that knows APScheduler, and none of ours.

It only wakes. What is due stands in the ledger's own tables, so a wake-up that is missed, late or
doubled changes nothing: the next one finds all there is to do.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

LOOK: Final = 1.0
"""Seconds between two looks at whether the clock was set back."""

SHORTEST: Final = timedelta(seconds=1)
"""The shortest interval of a chore."""

SET_BACK: Final = 0.5
"""Seconds by which a clock is set back at least for that to be taken as more than its being kept in step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something to be done again and again; it must not mind being woken late or twice."""

    name: str
    every: timedelta
    do: Callable[[], None]


class _Onwards(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Wakes by an interval, and passes over all that was missed.

    APScheduler's own interval lists every wake-up that was missed, also where a clock was years behind until now.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next instant after *now*, by the interval from the last one if that was not missed."""
        last = now if previous_fire_time is None else previous_fire_time.astimezone(UTC)
        due = last + self._every
        return due if due > now else now + self._every


def keep_watch(
    chores: Sequence[Chore],
    *,
    clock: Callable[[], datetime],
    zone: str,
    stopping: Event,
    failed: Callable[[str, BaseException], None],
) -> None:
    """Wake each chore at once and then by its interval, until *stopping* is set; let those under way finish.

    A chore is never woken while it is still at work; wake-ups that were missed become one. If the machine's clock
    is set back, all are woken at once and go on by their intervals, as if they had begun then.

    Args:
        clock: Returns the aware instant of the machine's clock, by which wake-ups are kept.
        zone: In which wake-ups are kept.
        failed: Called with a chore that raised; it is woken again all the same.
    """
    quiet = logging.getLogger("apscheduler")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    scheduler = BackgroundScheduler(
        timezone=ZoneInfo(zone),
        executors={"default": ThreadPoolExecutor(max_workers=max(1, len(chores)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    behind = clock().timestamp() - monotonic()
    for chore in chores:
        scheduler.add_job(
            chore.do,
            _Onwards(max(SHORTEST, chore.every)),
            id=chore.name,
            name=chore.name,
            next_run_time=clock(),
        )

    def heard(event: JobExecutionEvent) -> None:
        failed(event.job_id, event.exception)

    scheduler.add_listener(heard, EVENT_JOB_ERROR)
    scheduler.start()
    try:
        while not stopping.wait(LOOK):
            # Wake-ups are kept by the clock on the wall: set back, it would reach none before the old time returns.
            if (now_behind := clock().timestamp() - monotonic()) < behind - SET_BACK:
                for chore in chores:
                    scheduler.modify_job(chore.name, next_run_time=clock())
            behind = now_behind
    finally:
        scheduler.shutdown(wait=True)
