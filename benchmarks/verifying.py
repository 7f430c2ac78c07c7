"""The journal verified as the command does, beside two floors: reading and hashing alone, and replaying as well."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from sqlite3 import Connection

from benchmarks.ground import NOW, OFFICER, build, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.plain_verifying import verify_cases, verify_new
from benchmarks.recording import plain_connection
from engine.operations.house.checkpoints import make_checkpoint
from engine.operations.house.verifying import verification
from engine.operations.ledger.access import open_ledger
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from workflows.adopted_book import AdoptedDeclarations
from workflows.loader import Declarations

_ALL = (
    "SELECT case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash FROM journal ORDER BY case_id, seq"
)


_TOUCHED = (
    "SELECT * FROM cases WHERE id > ?",
    "SELECT * FROM deadlines WHERE case_id > ?",
    "SELECT * FROM journal WHERE case_id > ? ORDER BY case_id, seq",
)
_READ = "sqlite3 reading the journal and hashlib hashing it"
_READ_NEW = "sqlite3 reading what is new and hashlib hashing it"
_REPLAYED = "sqlite3, json and hashlib replaying and comparing as well"


def newest(folder: Path, *, events: int, rounds: int) -> Iterator[Finding]:
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

    def read_and_hashed(connection: Connection) -> None:
        for statement in _TOUCHED:
            for row in connection.execute(statement, (events // 2 + 2,)):
                sha256(str(row).encode())

    for floor, theirs, at_most in ((_READ_NEW, read_and_hashed, 1.3), (_REPLAYED, verify_new, 1.3)):
        yield paired(
            f"journal verify, {new:,} new events after {events:,}{_beside(floor)}",
            floor,
            partial(_ours, base, whole=False),
            partial(_theirs, base, theirs),
            at_most=at_most,
            rounds=rounds,
            remark=lambda: "ours opens the ledger, reads its rules, finds what is new, and judges it",
        )


def journal(folder: Path, *, events: int, rounds: int) -> Iterator[Finding]:
    """Measure `journal verify` over *events* rows: with two processes, and with one."""
    base = folder / f"chains-{events}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), events // 2, assigned=True, as_made=True)

    def read_and_hashed(connection: Connection) -> None:
        for row in connection.execute(_ALL):
            sha256(f"{row[9]}{row[1]}{row[2]}{row[3]}{row[4]}{row[5]}{row[6]}{row[7]}{row[8]}".encode())

    for floor, theirs, together in (
        (_READ, read_and_hashed, True),
        (_REPLAYED, verify_cases, True),
        (_REPLAYED, verify_cases, False),
    ):
        yield paired(
            f"journal verify, {events:,} events{_beside(floor)}{'' if together else ', one process'}",
            floor,
            partial(_ours, base, whole=True, together=together),
            partial(_theirs, base, theirs),
            at_most=2.0,
            rounds=rounds,
            remark=lambda: "ours also judges every step, by the rules and roles in force then",
        )


def _beside(floor: str) -> str:
    """Return what sets a row of the table apart whose floor replays as well."""
    return ", beside replaying" if floor == _REPLAYED else ""


def _ours(base: Path, *, whole: bool, together: bool = True) -> float:
    """Return the seconds that verifying takes in a ledger opened for it."""

    def verified() -> None:
        reopen = partial(open_ledger, str(base), AdoptedDeclarations, real_now=None)
        with closing(reopen()) as ledger:
            ledger.reopen = reopen if together else None
            found = verification(ledger, whole=whole)
            assert found.whole == whole
            assert not found.breaks

    return seconds(verified)


def _theirs(base: Path, work: Callable[[Connection], object]) -> float:
    """Return the seconds that a floor takes."""
    with closing(plain_connection(str(base))) as connection:
        return seconds(lambda: work(connection))
