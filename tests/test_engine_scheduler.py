"""The scheduler only wakes: at once, never twice at a time, and it lets what is under way finish."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event, Thread

import pytest
from apscheduler.schedulers import base

from engine.scheduler import Chore, keep_watch

HOUR = timedelta(hours=1)
PATIENCE = 60
"""Seconds after which a test gives up."""


def test_a_chore_that_fails_is_told_of() -> None:
    """One chore's fault is told in its name and costs no other chore its turn."""
    stopping = Event()
    told: list[tuple[str, str]] = []
    done: list[str] = []

    def stop_after_both() -> None:
        if told and done:
            stopping.set()

    def fail() -> None:
        raise OSError("disk")

    def finish() -> None:
        done.append("good")
        stop_after_both()

    def failed(name: str, error: BaseException) -> None:
        told.append((name, str(error)))
        stop_after_both()

    chores = [Chore(name="bad", every=HOUR, do=fail), Chore(name="good", every=HOUR, do=finish)]
    keep_watch(chores, clock=lambda: datetime.now(UTC), zone="Asia/Shanghai", stopping=stopping, failed=failed)

    assert (told, done) == ([("bad", "disk")], ["good"])


def test_what_is_under_way_is_finished() -> None:
    """Told to stop, it waits for the chore that is at work, and wakes none again."""
    stopping, begun, go_on = Event(), Event(), Event()
    finished: list[str] = []

    def slow() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        finished.append("slow")

    watch = Thread(
        target=keep_watch,
        args=([Chore(name="slow", every=timedelta(seconds=1), do=slow)],),
        kwargs={
            "clock": lambda: datetime.now(UTC),
            "zone": "Europe/Berlin",
            "stopping": stopping,
            "failed": lambda *_: None,
        },
    )
    watch.start()
    assert begun.wait(PATIENCE)
    stopping.set()
    assert watch.is_alive()
    go_on.set()
    watch.join(PATIENCE)

    assert (watch.is_alive(), finished) == (False, ["slow"])


class Wall:
    """The clock on the wall, as the scheduler and its library read it; a test may set it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = timedelta()
        wall = self

        class Set(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Set":
                return cls.fromtimestamp(time.time() + wall.off.total_seconds(), tz)

        monkeypatch.setattr(base, "datetime", Set)
        self.clock = lambda: Set.now(UTC)


@pytest.mark.parametrize("days", [-1, -400, 400, 20_000])
def test_a_clock_that_is_set_costs_no_more_than_an_interval(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Set back or forward, by however much, the clock stops no chore for longer than its interval."""
    wall, stopping, woken, again = Wall(monkeypatch), Event(), Event(), Event()

    def look() -> None:
        (again if woken.is_set() and wall.off else woken).set()

    watch = Thread(
        target=keep_watch,
        args=([Chore(name="look", every=timedelta(seconds=1), do=look)],),
        kwargs={"clock": wall.clock, "zone": "Asia/Shanghai", "stopping": stopping, "failed": lambda *_: None},
    )
    watch.start()
    try:
        assert woken.wait(PATIENCE)
        wall.off = timedelta(days=days)
        assert again.wait(8)
    finally:
        stopping.set()
        watch.join(PATIENCE)
    assert not watch.is_alive()


def test_wake_ups_that_were_missed_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that was years behind makes one wake-up of all, at once."""
    wall, stopping = Wall(monkeypatch), Event()
    wall.off = timedelta(days=-20_000)
    counted: list[timedelta] = []

    def count() -> None:
        counted.append(wall.off)
        wall.off = timedelta()
        if len(counted) == 3:
            stopping.set()

    keep_watch(
        [Chore(name="count", every=timedelta(seconds=1), do=count)],
        clock=wall.clock,
        zone="Asia/Shanghai",
        stopping=stopping,
        failed=lambda *_: None,
    )

    assert counted == [timedelta(days=-20_000), timedelta(), timedelta()]
