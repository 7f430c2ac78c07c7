"""Qingling on PostgreSQL: the same step with all that it does besides, and its sweep."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from benchmarks.ground import NOW, build, fill, opened
from benchmarks.peers.ours import stepping_at
from engine.operations.deadlines.sweep import sweep

stepping = stepping_at
"""Lends the step."""


@contextmanager
def reminding(url: str, count: int) -> Iterator[Callable[[], object]]:
    """Lend what reminds of so many deadlines that are due."""
    build(url)
    fill(url, count, assigned=True, due=count)
    ledger = opened(url)
    assert ledger.rules("lead")  # read once in the months that a scheduler lives
    assert ledger.calendar

    def remind() -> None:
        done = sweep(ledger, now=NOW + timedelta(days=1)).reminded
        assert done >= count - 1, done

    yield remind
    ledger.store.close()
