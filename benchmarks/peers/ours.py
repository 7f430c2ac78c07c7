"""Qingling itself: the same step with all that it does besides, rules, rights, calendar and chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, fill, opened
from benchmarks.peers.ground import Step
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting


@contextmanager
def stepping(file: Path, leads: int) -> Iterator[Step]:
    """Lend the step."""
    url = str(file.with_name("ours.db"))
    build(url)
    fill(url, leads, assigned=False)
    ledger = opened(url)
    numbers = ledger.store.column("SELECT number FROM cases ORDER BY id")

    def step(lead: int) -> None:
        advance(Acting(ledger, OFFICER, NOW + timedelta(minutes=5)), numbers[lead - 1], "assign", ASSIGN)

    yield step
    ledger.store.close()
