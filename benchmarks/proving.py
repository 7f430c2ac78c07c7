"""The proof that one entry stands in the journal, with nothing remembered, beside the time that it may take."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from benchmarks.ground import build, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from engine.operations.house.checkpoints import make_checkpoint, prove
from engine.operations.ledger.acting import Acting

ALLOWED_S = 0.05


def one(folder: Path, *, events: int, rounds: int) -> Finding:
    """Measure the proof of an entry among *events*, opening the ledger included."""
    base = folder / f"tree-{events}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), events // 2, assigned=True)
        ledger = opened(str(base))
        with closing(ledger.store):
            make_checkpoint(Acting(ledger, "qingling", datetime.now(UTC)), folder / "tree.key", unattended=True)
    ledger = opened(str(base))
    with closing(ledger.store):
        numbers = [row[0] for row in ledger.store.query("SELECT number FROM cases")]
    chance = Random(7)

    def ours() -> float:
        number = chance.choice(numbers)

        def proven() -> None:
            ledger = opened(str(base))
            with closing(ledger.store):
                prove(ledger, number, 1)

        return seconds(proven)

    return paired(
        f"proof of one entry among {events:,}",
        "50 ms",
        ours,
        lambda: ALLOWED_S,
        at_most=1.0,
        rounds=max(rounds, 9),
        remark=lambda: "opening the ledger is part of it; the file is about 2 KB",
    )
