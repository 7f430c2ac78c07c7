"""The scheduler only wakes: at once, never twice at a time, and it lets what is under way finish."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread

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
    keep_watch(chores, begins=datetime.now(UTC), zone="Asia/Shanghai", stopping=stopping, failed=failed)

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
        kwargs={"begins": datetime.now(UTC), "zone": "Europe/Berlin", "stopping": stopping, "failed": lambda *_: None},
    )
    watch.start()
    assert begun.wait(PATIENCE)
    stopping.set()
    assert watch.is_alive()
    go_on.set()
    watch.join(PATIENCE)

    assert (watch.is_alive(), finished) == (False, ["slow"])
