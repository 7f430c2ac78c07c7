"""Officers who work and schedulers who sweep at once on one PostgreSQL, each a process of its own, for some time.

`python -m tools.crowd --leads 1000000 --writers 20 --sweepers 4 --seconds 600` is the whole. A tenth of the leads comes
due, one after another over the whole time; every fifth deed of a writer is a registration, for whose number all writers
of a unit wait. Nothing may be lost or be there twice: the leads that were moved and registered are those that a writer
was confirmed, every chain is computed again and its end is the one that its case names, every rung is recorded once
and announced.
"""

import argparse
import multiprocessing
import os
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from benchmarks.ground import ASSIGN, LEAD, NOW, OFFICER, UNITS, build, fill, opened
from benchmarks.sharing import run_statement, server
from engine.errors import ConflictError
from engine.journal.chain import START, digest
from engine.operations.cases.casework import advance, open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import Store
from engine.working_days.instants import microseconds
from tools.soak_figures import Figures, judge

LATER = NOW + timedelta(days=1)
"""From when on they work; what is due comes due within their time, by the same clock."""
_SCATTER = "UPDATE deadlines SET next_at = ? + (id * 7919 % ?) WHERE next_at <= ?"
_MOVED = "SELECT c.number FROM journal j JOIN cases c ON c.id = j.case_id WHERE j.kind = 'moved'"
_CHAINS = """
SELECT c.number, c.revision, c.head, j.seq, j.at, j.by, j.kind, j.from_state, j.to_state, j.clearance, j.body, j.hash
FROM cases c LEFT JOIN journal j ON j.case_id = c.id ORDER BY c.id, j.seq
"""


@dataclass
class Deeds:
    """What writers were confirmed."""

    moved: list[str] = field(default_factory=list)
    """Numbers of leads."""
    registered: list[str] = field(default_factory=list)
    taken_s: list[float] = field(default_factory=list)
    """How long each step took."""
    registering_s: list[float] = field(default_factory=list)
    conflicts: int = 0
    """Steps that were refused since a sweep came first."""

    def add(self, other: "Deeds") -> None:
        """Take in what another was confirmed."""
        self.moved += other.moved
        self.registered += other.registered
        self.taken_s += other.taken_s
        self.registering_s += other.registering_s
        self.conflicts += other.conflicts


def crowd(url: str, *, leads: int, writers: int, sweepers: int, seconds: float) -> tuple[Deeds, Figures]:
    """Let them work; return what they were confirmed, and what else was found."""
    begin, span = microseconds(LATER), int(seconds * 1_000_000)
    store = opened(url).store
    with closing(store), store.begin():
        store.change(_SCATTER, (begin, span, begin))
    context = multiprocessing.get_context("spawn")
    confirmed = context.Queue()
    ready = context.Barrier(writers + sweepers + 1)
    shares = [(place, leads // writers) for place in range(writers)]
    at_work = [context.Process(target=_write, args=(url, *share, seconds, ready, confirmed)) for share in shares]
    at_work += [context.Process(target=_sweep, args=(url, seconds, ready)) for _ in range(sweepers)]
    for each in at_work:
        each.start()
    ready.wait(600)
    deeds = Deeds()
    for _ in range(writers):
        deeds.add(confirmed.get())
    for each in at_work:
        each.join()
    ledger, over = opened(url), LATER + timedelta(seconds=seconds)
    with closing(ledger.store):
        sweep(ledger, now=over)
        figures = Figures(step_s=deeds.taken_s)
        judge(ledger.store, microseconds(over), figures, begun_at_rung=2)
        _compare(ledger.store, leads, deeds, figures)
    return deeds, figures


def _compare(store: Store, leads: int, deeds: Deeds, figures: Figures) -> None:
    """Set what was confirmed beside what is there."""
    there = {
        "moved": (deeds.moved, store.column(_MOVED)),
        "registered": (deeds.registered, store.column("SELECT number FROM cases ORDER BY id OFFSET ?", (leads,))),
    }
    for what, (given, found) in there.items():
        figures.wrong += [f"{what} and lost: {each}" for each in set(given) - set(found)]
        figures.wrong += [f"{what}, and confirmed to nobody: {each}" for each in set(found) - set(given)]
        if len(given) != len(set(given)) or len(found) != len(set(found)):
            figures.wrong.append(f"{what} twice: {len(given)} confirmed, {len(found)} found, {len(set(found))} leads")
    for (number, revision, head), rows in groupby(store.stream(_CHAINS), itemgetter(0, 1, 2)):
        end, seq = START, 0
        for _, _, _, *row, written in rows:
            if row[0] is None:  # it has no journal
                break
            end, seq = digest(end, number, *row), row[0]
            if end != written:
                figures.wrong.append(f"the chain does not hold: {number}#{seq}")
        figures.verified += seq
        if (seq, end) != (revision, head):
            figures.wrong.append(f"the chain ends elsewhere: {number}")


def _write(url: str, place: int, share: int, seconds: float, ready: Any, confirmed: Any) -> None:
    """Take steps with leads of a share, and register others, until the time is over."""
    ledger, deeds = opened(url), Deeds()
    first = place * share + 1
    asked = "SELECT number FROM cases WHERE id BETWEEN ? AND ? AND state = 'received' ORDER BY id"
    numbers = ledger.store.column(asked, (first, first + share - 1))
    ready.wait(600)
    begun = time.monotonic()
    for turn, number in enumerate(numbers, 1):
        passed = time.monotonic() - begun
        if passed >= seconds:
            break
        _do(ledger, LATER + timedelta(seconds=passed), number, deeds)
        if turn % 4 == 0:
            _register(ledger, LATER + timedelta(seconds=passed), UNITS[(place + turn) % len(UNITS)], deeds)
    confirmed.put(deeds)


def _do(ledger: Ledger, now: datetime, number: str, deeds: Deeds) -> None:
    """Take a step with a lead."""
    begun = time.monotonic()
    try:
        advance(Acting(ledger, OFFICER, now), number, "assign", ASSIGN)
    except ConflictError:
        deeds.conflicts += 1
        return
    deeds.taken_s.append(time.monotonic() - begun)
    deeds.moved.append(number)


def _register(ledger: Ledger, now: datetime, unit: str, deeds: Deeds) -> None:
    """Register a lead."""
    begun = time.monotonic()
    number = open_case(Acting(ledger, OFFICER, now), "lead", LEAD, unit=unit).case.number
    deeds.registering_s.append(time.monotonic() - begun)
    deeds.registered.append(number)


def _sweep(url: str, seconds: float, ready: Any) -> None:
    """Sweep until the time is over."""
    ledger = opened(url)
    ready.wait(600)
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        sweep(ledger, now=LATER + timedelta(seconds=passed))
        time.sleep(0.5)


def _within_ms(taken_s: list[float]) -> float:
    """Return the milliseconds within which nineteen of twenty were done."""
    return Figures(step_s=taken_s).p95_s() * 1000


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
        begun = time.monotonic()
        fill(url, asked.leads, assigned=False, due=asked.leads // 10)
        sys.stdout.write(f"{asked.leads} leads written in {time.monotonic() - begun:.0f} s\n")
        sys.stdout.flush()
        many = {"leads": asked.leads, "writers": asked.writers, "sweepers": asked.sweepers}
        deeds, figures = crowd(url, seconds=asked.seconds, **many)
    sys.stdout.write(
        f"{len(deeds.moved)} steps confirmed, each within {_within_ms(deeds.taken_s):.0f} ms (p95), {deeds.conflicts}"
        f" conflicts; {len(deeds.registered)} registered, each within {_within_ms(deeds.registering_s):.0f} ms (p95);"
        f" {figures.reminders} reminders announced; {figures.verified} rows in chains computed again;"
        f" load {os.getloadavg()[1]:.0f} on {os.cpu_count()} processors\n"
    )
    for each in figures.wrong:
        sys.stdout.write(f"wrong: {each}\n")
    sys.exit(1 if figures.wrong else 0)


if __name__ == "__main__":
    main()
