"""Qingling on PostgreSQL: the same step with all that it does besides, and its sweep."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, fill, opened
from benchmarks.peers.ground import Step
from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.acting import Acting


@contextmanager
def stepping(url: str, leads: int) -> Iterator[Step]:
    """Lend the step."""
    build(url)
    fill(url, leads, assigned=False)
    ledger = opened(url)
    numbers = ledger.store.column("SELECT number FROM cases ORDER BY id")

    def step(lead: int) -> None:
        advance(Acting(ledger, OFFICER, NOW + timedelta(minutes=5)), numbers[lead - 1], "assign", ASSIGN)

    yield step
    ledger.store.close()


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
