"""The whole journal recomputed, beside reading it and hashing its texts alone."""

from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from benchmarks.ground import NOW, OFFICER, build, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.operations.house.checkpoints import make_checkpoint
from engine.operations.house.verifying import verification, verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from workflows.loader import Declarations

_ALL = (
    "SELECT case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash FROM journal ORDER BY case_id, seq"
)


_TOUCHED = (
    "SELECT * FROM cases WHERE id > ?",
    "SELECT * FROM deadlines WHERE case_id > ?",
    "SELECT * FROM journal WHERE case_id > ? ORDER BY case_id, seq",
)


def newest(folder: Path, *, events: int, rounds: int) -> Finding:
    """Measure `journal verify` over what is new since a checkpoint: a hundredth of *events* rows."""
    base = folder / f"covered-{events}.db"
    new = events // 100
    if not base.exists():
        build(str(base))
        fill(str(base), events // 2, assigned=True, as_made=True)
        fill(str(base), 2, assigned=True, as_made=True, now=NOW + timedelta(days=5))
        with closing(opened(str(base)).store) as store:
            checkpointed = Acting(Ledger(store, Declarations()), OFFICER, NOW + timedelta(days=5))
            make_checkpoint(checkpointed, folder / "ledger.key")
        fill(str(base), new // 2, assigned=True, as_made=True, now=NOW + timedelta(days=6))

    def ours() -> float:
        ledger = opened(str(base))

        def verified() -> None:
            found = verification(ledger, whole=False)
            assert not found.whole
            assert not found.breaks

        with closing(ledger.store):
            return seconds(verified)

    def floor() -> float:
        with closing(plain_connection(str(base))) as connection:

            def read_and_hashed() -> None:
                for statement in _TOUCHED:
                    for row in connection.execute(statement, (events // 2 + 2,)):
                        sha256(str(row).encode())

            return seconds(read_and_hashed)

    return paired(
        f"journal verify, {new:,} new events after {events:,}",
        "sqlite3 reading what is new and hashlib hashing it",
        ours,
        floor,
        at_most=1.3,
        rounds=rounds,
        remark=lambda: "ours also reads the house, finds what is new, and judges it",
    )


def journal(folder: Path, *, events: int, rounds: int) -> Finding:
    """Measure `journal verify` over *events* rows."""
    base = folder / f"chains-{events}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), events // 2, assigned=True, as_made=True)

    def ours() -> float:
        ledger = opened(str(base))

        def verified() -> None:
            checked, breaks = verify(ledger)
            assert checked >= events
            assert not breaks

        with closing(ledger.store):
            return seconds(verified)

    def floor() -> float:
        with closing(plain_connection(str(base))) as connection:

            def read_and_hashed() -> None:
                for row in connection.execute(_ALL):
                    sha256(f"{row[9]}{row[1]}{row[2]}{row[3]}{row[4]}{row[5]}{row[6]}{row[7]}{row[8]}".encode())

            return seconds(read_and_hashed)

    return paired(
        f"journal verify, {events:,} events",
        "sqlite3 reading the journal and hashlib hashing it",
        ours,
        floor,
        at_most=2.0,
        rounds=rounds,
        remark=lambda: "ours also tells every case again from its journal and compares it with all tables",
    )
