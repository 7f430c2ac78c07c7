"""One step with one lead, and the same step with very many, beside sqlite3 writing the same rows."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, copied, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import RecordingStore, Write, plain_connection, replay
from engine.operations.cases.bulk import BulkResult, advance_many, selection
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store.case_rows import CASE_COLUMNS

LATER = NOW + timedelta(days=1)
_FIND = f"SELECT {CASE_COLUMNS} FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.number = ?"


def one(folder: Path, *, leads: int, steps: int, rounds: int) -> Finding:
    """Measure one durable step: each in its own commit, each commit on the disk."""
    base = _received(folder, leads)
    numbers = _numbers(base, steps)

    def all_steps(ledger: Ledger) -> None:
        for number in numbers:
            advance(Acting(ledger, OFFICER, LATER), number, "assign", ASSIGN)

    writes = list(_by_commit(_recorded(copied(base, "recorded.db"), all_steps)))
    assert len(writes) == steps

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        advance(Acting(ledger, OFFICER, LATER), _numbers(base, leads)[-1], "assign", ASSIGN)
        with closing(ledger.store):
            return seconds(lambda: all_steps(ledger)) / steps

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as connection:

            def all_writes() -> None:
                for number, each in zip(numbers, writes, strict=True):
                    connection.execute(_FIND, (number,)).fetchone()
                    replay(connection, each)

            return seconds(all_writes) / steps

    return paired(
        f"one durable advance ({leads:,} leads, median of {rounds} × {steps})",
        "sqlite3 reading the lead and writing the same rows, synchronous=FULL",
        ours,
        floor,
        at_most=2.0,
        rounds=rounds,
    )


def many(folder: Path, *, leads: int, rounds: int) -> Finding:
    """Measure the same step with all leads, guards asked for each, one commit for a thousand."""
    base = _received(folder, leads)

    def all_at_once(ledger: Ledger) -> None:
        verdicts: list[BulkResult] = list(
            advance_many(
                Acting(ledger, OFFICER, LATER),
                selection(Acting(ledger, "", LATER), "lead", state="received"),
                "assign",
                ASSIGN,
                apply=True,
            )
        )
        assert len(verdicts) == leads
        assert all(each.refusal is None for each in verdicts)

    writes = _recorded(copied(base, "recorded.db"), all_at_once)

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        with closing(ledger.store):
            return seconds(lambda: all_at_once(ledger))

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as connection:
            return seconds(lambda: replay(connection, writes))

    return paired(
        f"{leads:,} advances in bulk, all guards asked",
        "sqlite3 executemany of the same rows, already made, in the same commits",
        ours,
        floor,
        at_most=2.5,
        rounds=rounds,
    )


def _received(folder: Path, leads: int) -> Path:
    """Return a house with *leads* leads that have been received."""
    base = folder / f"received-{leads}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), leads, assigned=False)
    return base


def _numbers(base: Path, count: int) -> list[str]:
    """Return numbers of leads that lie far apart, as officers ask for them."""
    with closing(plain_connection(str(base))) as connection:
        found = [row[0] for row in connection.execute("SELECT number FROM cases ORDER BY id")]
    step = max(1, len(found) // count)
    return [found[place * step] for place in range(count)]


def _recorded(url: str, work: object) -> list[Write]:
    """Return what *work* writes."""
    store = RecordingStore(url)
    assert callable(work)
    with closing(store):
        work(opened(url, store))
    return store.writes


def _by_commit(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Yield what belongs to each commit."""
    waiting = iter(writes)
    while part := list(itertools.takewhile(lambda each: each.statement != "COMMIT", waiting)):
        yield [*part, Write("COMMIT", None)]
