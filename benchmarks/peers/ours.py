"""Qingling itself: the same step with all that it does besides, rules, rights, calendar and chain."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, fill, opened
from benchmarks.peers.ground import Step
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting


@contextmanager
def stepping_at(url: str, leads: int) -> Iterator[Step]:
    """Lend the step, in a database without tables."""
    build(url)
    fill(url, leads, assigned=False)
    ledger = opened(url)
    numbers = ledger.store.column("SELECT number FROM cases ORDER BY id")

    def step(lead: int) -> None:
        advance(Acting(ledger, OFFICER, NOW + timedelta(minutes=5)), numbers[lead - 1], "assign", ASSIGN)

    yield step
    ledger.store.close()


def stepping(file: Path, leads: int) -> AbstractContextManager[Step]:
    """Lend the step."""
    return stepping_at(str(file.with_name("ours.db")), leads)
