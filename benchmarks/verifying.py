"""The whole journal recomputed, beside reading it and hashing its texts alone."""

from contextlib import closing
from hashlib import sha256
from pathlib import Path

from benchmarks.ground import build, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.operations.house.verifying import verify

_ALL = (
    "SELECT case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash FROM journal ORDER BY case_id, seq"
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
