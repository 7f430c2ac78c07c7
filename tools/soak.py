"""A year of a province by a simulated clock: leads come in and are worked on, schedulers sweep, some are killed.

`python -m tools.soak --leads 1000000 --units 20 --schedulers 4 --kills 200` is the whole; smaller numbers are the same
year with fewer leads. What must hold is counted apart from the program: at every month's end what is open is what was
registered without what was closed, by a list kept here; every rung of every deadline up to the one it waits for is
recorded once and no other; no message tells of a reminder twice; and the memory of the second half of the year is that
of the first.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.ground import ASSIGN, LEAD, OFFICER, build, opened
from benchmarks.sharing import run_statement, server
from engine.operations.cases.casework import advance, open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import check_zero
from engine.store.connection import Store
from engine.working_days.instants import microseconds
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2019, 7, 1, 10, tzinfo=ZONE)
CLOSING = {
    "closed_on": "",
    "leader_signature": OFFICER,
    "head_signature": OFFICER,
    "cleanup": "waived",
    "cleanup_waiver": "个案，制度无漏洞",
}
FOLLOWING = {"assign": "verify", "verify": "waive_review", "waive_review": "close"}
_RECORDED = "SELECT deadline_id, arming, rung, count(*) FROM reminders GROUP BY deadline_id, arming, rung"
_STANDING = "SELECT id, arming, rung, status, next_at FROM deadlines"


@dataclass
class Figures:
    """What a year came to; every list of what is wrong must be empty."""

    registered: int = 0
    closed: int = 0
    reminders: int = 0
    killed: int = 0
    wrong: list[str] = field(default_factory=list)
    memory_kib: list[int] = field(default_factory=list)
    """The most that was held by the end of each month."""
    step_s: list[float] = field(default_factory=list)

    def p95_s(self) -> float:
        """Return the time within which nineteen of twenty steps were taken."""
        taken = sorted(self.step_s)
        return taken[len(taken) * 95 // 100] if taken else 0.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How large a year is."""

    leads: int
    schedulers: int = 1
    kills: int = 0
    days_between_sweeps: int = 1
    units: int = 5


def soak(url: str, plan: Plan, *, seed: int = 1) -> Figures:
    """Let a year pass in a ledger that `ground.build` has made, and count."""
    dice, figures = random.Random(seed), Figures()  # noqa: S311 - no secret
    ledgers = [opened(url) for _ in range(plan.schedulers)]
    ledger = ledgers[0]
    comes = Counter(dice.randrange(366) for _ in range(plan.leads))
    kills = Counter(dice.randrange(366) for _ in range(plan.kills))
    going: dict[int, list[tuple[str, str]]] = {}
    """Day -> what is due to be done then: number and step."""
    try:
        for day in range(366):
            now = FIRST + timedelta(days=day)
            for _ in range(comes[day]):
                number = _register(ledger, now, f"010{dice.randrange(plan.units) % 5 + 1}")
                figures.registered += 1
                going.setdefault(day + 1 + dice.randrange(20), []).append((number, "assign"))
            for number, step in going.pop(day, ()):
                begun = time.perf_counter()
                _step(ledger, now, number, step)
                figures.step_s.append(time.perf_counter() - begun)
                figures.closed += step == "close"
                following = FOLLOWING.get(step)
                if following and dice.random() < 0.7:
                    going.setdefault(day + 1 + dice.randrange(90), []).append((number, following))
            for _ in range(kills[day]):
                figures.killed += _killed(url, now, dice)
            if day % plan.days_between_sweeps == 0:
                for each in ledgers:
                    sweep(each, now=now)
            if (now + timedelta(days=1)).day == 1:
                _count(ledger, now, figures)
        judge(ledger.store, microseconds(now), figures)
    finally:
        for each in ledgers:
            each.store.close()
    return figures


def _register(ledger: Ledger, now: datetime, unit: str) -> str:
    """Register a lead that was received that day."""
    values = {**LEAD, "received_on": now.date().isoformat(), "suspected_crime": False}
    return open_case(Acting(ledger, OFFICER, now), "lead", values, unit=unit).case.number


def _step(ledger: Ledger, now: datetime, number: str, step: str) -> None:
    """Take one step with a lead."""
    today, place = now.date().isoformat(), int(number[3]) - 1
    verifiers = [f"officer{place:02}", f"officer{place + 5:02}"]  # of its unit; who verifies does not close
    brought: Mapping[str, Mapping[str, object]] = {
        "assign": ASSIGN,
        "verify": {
            "finding": "unsubstantiated",
            "verifiers": verifiers,
            "verified_on": today,
            "report_number": number,
        },
        "waive_review": {"review_waiver": "同一事实已复核", "review_waiver_signed_by": OFFICER},
        "close": {**CLOSING, "archive_number": number, "closed_on": today},
    }
    advance(Acting(ledger, verifiers[0] if step == "verify" else OFFICER, now), number, step, brought[step])


def _count(ledger: Ledger, now: datetime, figures: Figures) -> None:
    """Compare what zero counts at a month's end with the list kept here."""
    campaign = Campaigns(workflow=Declarations().latest).campaign("zhengzhou_2019", year=None)
    whole = replace(campaign, received_from=FIRST.date(), received_to=now.date())
    counted = check_zero(ledger, whole, now=now).total
    figures.memory_kib.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    cleared = counted.scope - counted.blocking
    if (counted.scope, cleared) != (figures.registered, figures.closed):
        figures.wrong.append(
            f"{now.date()}: {counted.scope}, {cleared} cleared; {figures.registered}, {figures.closed}"
        )


def judge(store: Store, now_at: int, figures: Figures, *, begun_at_rung: int = 0) -> None:
    """Look whether every rung is recorded once, and every reminder announced once.

    Args:
        begun_at_rung: Which rung comes first where ladders were set by hand.
    """
    recorded: dict[tuple[int, int], set[int]] = {}
    for deadline, arming, rung, count in store.query(_RECORDED):
        recorded.setdefault((deadline, arming), set()).add(rung)
        if count != 1:
            figures.wrong.append(f"deadline {deadline} rung {rung}: {count} times")
    for deadline, arming, rung, status, next_at in store.query(_STANDING):
        found = recorded.get((deadline, arming), set())
        if found != set(range(begun_at_rung, rung)):
            figures.wrong.append(f"deadline {deadline} waits for rung {rung}, recorded {sorted(found)}")
        if status == 0 and next_at is not None and next_at <= now_at:
            figures.wrong.append(f"deadline {deadline} was forgotten")
    announced = Counter(_announced(store))
    figures.reminders = len(announced)
    figures.wrong += [f"announced {count} times: {ref}" for ref, count in announced.items() if count != 1]


def _announced(store: Store) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield to whom each line of a digest tells of which reminder."""
    for recipient, payload in store.stream("SELECT recipient, payload FROM outbox WHERE kind = 'digest'"):
        for line in json.loads(payload)["entries"]:
            yield recipient, tuple(line["ref"])


def _killed(url: str, now: datetime, dice: random.Random) -> int:
    """Let a scheduler of its own sweep and kill it somewhere within; return 1."""
    at_work = multiprocessing.get_context("fork").Process(target=_sweep_alone, args=(url, now))
    at_work.start()
    at_work.join(dice.random() * 0.2)
    if at_work.pid is not None and at_work.is_alive():
        os.kill(at_work.pid, signal.SIGKILL)
    at_work.join()
    return 1


def _sweep_alone(url: str, now: datetime) -> None:
    """Sweep with a connection of this process."""
    sweep(opened(url), now=now, chunk=20)


@contextmanager
def _made(on: str) -> Iterator[str]:
    """Lend a built ledger in a file, or in a PostgreSQL of our own."""
    if on == "sqlite":
        with tempfile.TemporaryDirectory(prefix="qingling-soak-") as folder:
            url = str(Path(folder) / "soak.db")
            build(url)
            yield url
        return
    with server() as url_of:
        run_statement(url_of("postgres"), "CREATE DATABASE soak")
        build(url_of("soak"))
        yield url_of("soak")


def main() -> None:
    """Let a year of the asked size pass and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("--leads", type=int, default=2_000)
    parser.add_argument("--units", type=int, default=5)
    parser.add_argument("--schedulers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="postgresql")
    asked = parser.parse_args()
    with _made(asked.on) as url:
        plan = Plan(leads=asked.leads, units=asked.units, schedulers=asked.schedulers, kills=asked.kills)
        figures = soak(url, plan)
    half = figures.memory_kib[5] if len(figures.memory_kib) > 5 else 0
    sys.stdout.write(
        f"{figures.registered} registered, {figures.closed} closed, {figures.reminders} reminders announced, "
        f"{figures.killed} killed; a step within {figures.p95_s() * 1000:.0f} ms (p95); "
        f"memory {half // 1024} MiB after six months, {figures.memory_kib[-1] // 1024} MiB after twelve\n"
    )
    for each in figures.wrong:
        sys.stdout.write(f"wrong: {each}\n")
    sys.exit(1 if figures.wrong else 0)


if __name__ == "__main__":
    main()
