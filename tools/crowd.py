"""Officers who work and schedulers who sweep at once on one PostgreSQL, each a process of its own, for some time.

`python -m tools.crowd --leads 1000000 --writers 20 --sweepers 4 --seconds 600` is the whole. Nothing may be lost: every
step that a writer was confirmed stands in the journal, and every rung is recorded once.
"""

import argparse
import multiprocessing
import sys
import time
from datetime import timedelta
from typing import Any

from benchmarks.ground import ASSIGN, NOW, OFFICER, build, fill, opened
from benchmarks.sharing import run_statement, server
from engine.errors import ConflictError
from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.acting import Acting
from tools.soak import Figures, judge

LATER = NOW + timedelta(days=1)


def crowd(url: str, *, leads: int, writers: int, sweepers: int, seconds: float) -> tuple[int, int, int, Figures]:
    """Let them work; return steps confirmed, steps in the journal, conflicts, and what else was found."""
    context = multiprocessing.get_context("spawn")
    confirmed = context.Queue()
    ready = context.Barrier(writers + sweepers + 1)
    shares = [(place, leads // writers) for place in range(writers)]
    at_work = [context.Process(target=_write, args=(url, *share, seconds, ready, confirmed)) for share in shares]
    at_work += [context.Process(target=_sweep, args=(url, seconds, ready)) for _ in range(sweepers)]
    for each in at_work:
        each.start()
    ready.wait(600)
    found = [confirmed.get() for _ in range(writers)]
    for each in at_work:
        each.join()
    figures = Figures(step_s=[taken for steps, _ in found for taken in steps])
    store = opened(url).store
    written = int(store.value("SELECT count(*) FROM journal WHERE kind = 'moved'"))
    judge(store, 0, figures, begun_at_rung=2)
    return len(figures.step_s), written, sum(conflicts for _, conflicts in found), figures


def _write(url: str, place: int, share: int, seconds: float, ready: Any, confirmed: Any) -> None:
    """Take steps with leads of a share until the time is over."""
    ledger = opened(url)
    first = place * share + 1
    asked = "SELECT number FROM cases WHERE id BETWEEN ? AND ? AND state = 'received' ORDER BY id"
    numbers = ledger.store.column(asked, (first, first + share - 1))
    taken, conflicts = list[float](), 0
    ready.wait(600)
    until = time.monotonic() + seconds
    for number in numbers:
        begun = time.monotonic()
        if begun >= until:
            break
        try:
            advance(Acting(ledger, OFFICER, LATER), number, "assign", ASSIGN)
        except ConflictError:
            conflicts += 1  # a sweep came first
            continue
        taken.append(time.monotonic() - begun)
    confirmed.put((taken, conflicts))


def _sweep(url: str, seconds: float, ready: Any) -> None:
    """Sweep until the time is over."""
    ledger = opened(url)
    ready.wait(600)
    until, now = time.monotonic() + seconds, LATER
    while time.monotonic() < until:
        sweep(ledger, now=now)
        time.sleep(0.5)


def main() -> None:
    """Let a crowd of the asked size work and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tools.crowd", description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--sweepers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    with server() as url_of:
        run_statement(url_of("postgres"), "CREATE DATABASE crowd")
        url = url_of("crowd")
        build(url)
        fill(url, asked.leads, assigned=False, due=asked.leads // 10)
        many = {"leads": asked.leads, "writers": asked.writers, "sweepers": asked.sweepers}
        confirmed, written, conflicts, figures = crowd(url, seconds=asked.seconds, **many)
    sys.stdout.write(
        f"{confirmed} steps confirmed, {written} in the journal, {conflicts} conflicts; a step within"
        f" {figures.p95_s() * 1000:.0f} ms (p95); {figures.reminders} reminders announced\n"
    )
    for each in figures.wrong:
        sys.stdout.write(f"wrong: {each}\n")
    sys.exit(1 if figures.wrong or confirmed != written else 0)


if __name__ == "__main__":
    main()
