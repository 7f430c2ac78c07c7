"""A sweep over very many leads of which few are due, beside sqlite3 finding and writing the same rows."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.ground import NOW, build, copied, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import RecordingStore, plain_connection, replay
from engine.operations.deadlines.sweep import CHUNK, sweep
from engine.operations.ledger.ledger import Ledger
from engine.store.clock_rows import COLUMNS
from engine.working_days.instants import microseconds

LATER = NOW + timedelta(days=1)
_DUE = f"SELECT {COLUMNS} FROM deadlines d WHERE d.status = 0 AND d.next_at <= ? ORDER BY d.next_at LIMIT ?"


def once(folder: Path, *, leads: int, due: int, rounds: int) -> Finding:
    """Measure one sweep."""
    base = folder / f"due-{leads}-{due}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), leads, assigned=True, due=due)

    def swept(ledger: Ledger) -> None:
        done = sweep(ledger, now=LATER)
        assert done.reminded == due, done

    store = RecordingStore(copied(base, "recorded.db"))
    with closing(store):
        swept(opened(store.url, store))

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        ledger.rules("lead")
        with closing(ledger.store):
            return seconds(lambda: swept(ledger))

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as connection:

            def find_and_write() -> None:
                for start in range(0, due, CHUNK):
                    connection.execute(_DUE, (microseconds(LATER), min(CHUNK, due - start))).fetchall()
                replay(connection, store.writes)

            return seconds(find_and_write)

    return paired(
        f"sweep: {leads:,} leads, {due:,} of them due",
        "sqlite3 finding them and writing the same rows in the same commits",
        ours,
        floor,
        at_most=1.6,
        rounds=rounds,
    )


def growth(small: Finding, large: Finding) -> Finding:
    """Compare how a sweep grows with the leads that are not due, and how its floor does."""
    return _growth("the same sweep with ten times the leads: growth", small, large)


def growth_of_both(small: Finding, large: Finding) -> Finding:
    """Compare how a sweep grows with the leads and with what of them is due, and how its floor does."""
    return _growth("a sweep with ten times the leads and ten times as many due: growth", small, large)


def _growth(what: str, small: Finding, large: Finding) -> Finding:
    """Compare how ours grows with how its floor does; the spread is the widest that both spreads allow."""
    ours, floor = large.ours_s / small.ours_s, large.floor_s / small.floor_s
    return Finding(
        what=what,
        floor="the floor's own growth",
        ours_s=large.ours_s,
        floor_s=large.floor_s,
        ratio=ours / floor,
        spread=(large.spread[0] / small.spread[1], large.spread[1] / small.spread[0]),
        at_most=1.1,
        remark=f"ours {ours:.2f} ×, the floor {floor:.2f} ×",
    )
