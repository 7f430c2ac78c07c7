"""A year of a province by a simulated clock: leads come in and are worked on, schedulers sweep, some are killed.

`python -m tools.soak --leads 1000000 --units 20 --officers 50 --schedulers 4 --kills 200` is the whole; smaller numbers
are the same year with fewer leads. Each scheduler is a process of its own; all of them sweep at once, every day, while
the day's leads are registered and worked on, and one that is to be killed is killed within a sweep and put up again.

What must hold is counted apart from the program: at every month's end what is open is what was registered without what
was closed, by a list kept here; every rung of every deadline up to the one it waits for is recorded once and no other;
of each reminder somebody hears, and nobody twice; the whole journal verifies; and the memory of the second half of
the year is that of the first.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.ground import ASSIGN, LEAD, NOW, OFFICER, UNITS, build, opened
from benchmarks.sharing import run_statement, server
from engine.errors import ConflictError
from engine.operations.cases.casework import advance, open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as house
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import check_zero
from engine.store.connection import Store
from engine.working_days.instants import microseconds
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 366
"""From 1 July 2019 on."""
FIRST = datetime(2019, 7, 1, 10, tzinfo=ZONE)
CLOSING = {
    "closed_on": "",
    "leader_signature": OFFICER,
    "head_signature": OFFICER,
    "cleanup": "waived",
    "cleanup_waiver": "个案，制度无漏洞",
}
FOLLOWING = {"assign": "verify", "verify": "waive_review", "waive_review": "close"}
CHUNK = 20
"""Deadlines per commit of a sweep: few, so that who is killed has committed something and not everything."""
_RECORDED = "SELECT deadline_id, arming, rung, count(*) FROM reminders GROUP BY deadline_id, arming, rung"
_HIGHEST = "SELECT deadline_id, arming, max(rung) FROM reminders GROUP BY deadline_id, arming, at"
"""Of what was recorded at once for a deadline: the rung that is announced for all of them."""
_STANDING = "SELECT id, arming, rung, status, next_at FROM deadlines"


@dataclass
class Figures:
    """What a year came to; every list of what is wrong must be empty."""

    registered: int = 0
    closed: int = 0
    reminders: int = 0
    killed: int = 0
    killed_within: int = 0
    """Those of them that had begun a sweep and not ended it."""
    conflicts: int = 0
    """Steps that found their lead written by a sweep, and were taken again."""
    verified: int = 0
    """Rows of the journal that were verified at the end."""
    wrong: list[str] = field(default_factory=list)
    memory_kib: list[int] = field(default_factory=list)
    """The most that any process held by the end of each month."""
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
    units: int = len(UNITS)
    officers: int = 4
    """In each unit: who handles leads there, and the first two verify what the third and on handle."""


class Scheduler:
    """A process that sweeps when it is asked to, with a connection of its own."""

    def __init__(self, url: str) -> None:
        # From a server that never opened the ledger: no process inherits a connection of another.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tools.soak"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.memory_kib = 0
        self._within_s = 0.05

    def ask(self, now: datetime) -> None:
        """Let it sweep; returns when it has begun."""
        self._pipe.send(now)
        self._pipe.recv()

    def wait(self) -> None:
        """Return when the sweep that was asked for has ended."""
        self._within_s, self.memory_kib = self._pipe.recv()

    def kill(self, share: float) -> bool:
        """Kill it after that share of the time of its last sweep; whether it was still sweeping."""
        time.sleep(share * self._within_s)
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        try:
            self._pipe.recv()
        except EOFError:
            return True
        return False

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()


def _serve(url: str, pipe: Any) -> None:
    """Sweep as often as asked."""
    ledger = opened(url)
    while True:
        now = pipe.recv()
        pipe.send(None)
        begun = time.perf_counter()
        sweep(ledger, now=now, chunk=CHUNK)
        pipe.send((time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def soak(url: str, plan: Plan, *, seed: int = 1, said: Callable[[str], None] = lambda _: None) -> Figures:
    """Let a year pass in a ledger that `ground.build` has made, and count.

    Args:
        said: Gets a line at every month's end.
    """
    dice, figures = random.Random(seed), Figures()  # noqa: S311 - no secret
    comes = Counter(dice.randrange(DAYS) for _ in range(plan.leads))
    kills = Counter(dice.randrange(DAYS) for _ in range(plan.kills))
    going: dict[int, list[tuple[str, str]]] = {}
    """Day -> what is due to be done then: number and step."""
    with ExitStack() as ends:
        schedulers = [Scheduler(url) for _ in range(plan.schedulers)]
        ends.callback(_end, schedulers)
        ledger = opened(url)
        ends.callback(ledger.store.close)
        _people(ledger, plan)
        for day in range(DAYS):
            now = FIRST + timedelta(days=day)
            sweeps = kills[day] or day % plan.days_between_sweeps == 0 or day == DAYS - 1
            asked = schedulers if sweeps else []
            for each in asked:
                each.ask(now)
            for _ in range(kills[day]):
                _kill_one(schedulers, url, now, dice, figures)
            for _ in range(comes[day]):
                number = _register(ledger, now, _unit(dice.randrange(plan.units)))
                figures.registered += 1
                going.setdefault(day + 1 + dice.randrange(20), []).append((number, "assign"))
            for number, step in going.pop(day, ()):
                _take(Acting(ledger, OFFICER, now), number, step, dice.randrange(2, plan.officers), figures)
                following = FOLLOWING.get(step)
                if following and dice.random() < 0.7:
                    going.setdefault(day + 1 + dice.randrange(90), []).append((number, following))
            for each in asked:
                each.wait()
            if (now + timedelta(days=1)).day == 1:
                _count(ledger, now, figures, schedulers)
                said(f"{now.date()}: {figures.registered} registered, {figures.closed} closed")
        judge(ledger.store, microseconds(now), figures)
        figures.verified, breaks = verify(ledger)
        figures.wrong += [f"verify: {each}" for each in breaks]
    return figures


def _end(schedulers: Sequence[Scheduler]) -> None:
    """End all that are there by now."""
    for each in schedulers:
        each.close()


def _unit(place: int) -> str:
    """Return the code of a unit."""
    return f"{101 + place:04}"


def _officer(unit: str, place: int) -> str:
    """Return the code of an officer of a unit."""
    return f"o{unit}n{place:02}"


def _people(ledger: Ledger, plan: Plan) -> None:
    """Add the units that there are not yet, and the officers of each."""
    acting = Acting(ledger, OFFICER, NOW)
    for place in range(plan.units):
        unit = _unit(place)
        if unit not in UNITS:
            house.add_unit(acting, unit, f"单位{place + 1}")
        with ledger.store.begin():
            for each in range(plan.officers):
                roles = ("verifier",) if each < 2 else ()
                house.enrol_officer(acting, _officer(unit, each), f"人员{each}", contact={}, roles=roles, unit=unit)
        ledger.forget()


def _kill_one(schedulers: list[Scheduler], url: str, now: datetime, dice: random.Random, figures: Figures) -> None:
    """Kill one that was asked to sweep, and let another in its place sweep."""
    place = dice.randrange(len(schedulers))
    figures.killed_within += schedulers[place].kill(dice.random())
    figures.killed += 1
    schedulers[place] = Scheduler(url)
    schedulers[place].ask(now)


def _register(ledger: Ledger, now: datetime, unit: str) -> str:
    """Register a lead that was received that day."""
    values = {**LEAD, "received_on": now.date().isoformat(), "suspected_crime": False}
    return open_case(Acting(ledger, OFFICER, now), "lead", values, unit=unit).case.number


def _take(acting: Acting, number: str, step: str, handler: int, figures: Figures) -> None:
    """Take one step with a lead, again if a sweep came first, and count it."""
    begun = time.perf_counter()
    while True:
        try:
            _step(acting, number, step, handler)
            break
        except ConflictError:
            figures.conflicts += 1
    figures.step_s.append(time.perf_counter() - begun)
    figures.closed += step == "close"


def _step(acting: Acting, number: str, step: str, handler: int) -> None:
    """Take one step with a lead."""
    today, unit = acting.now.date().isoformat(), number[:4]
    verifiers = [_officer(unit, 0), _officer(unit, 1)]  # of its unit; who verifies does not close
    brought: Mapping[str, Mapping[str, object]] = {
        "assign": {**ASSIGN, "handler": _officer(unit, handler)},
        "verify": {
            "finding": "unsubstantiated",
            "verifiers": verifiers,
            "verified_on": today,
            "report_number": number,
        },
        "waive_review": {"review_waiver": "同一事实已复核", "review_waiver_signed_by": OFFICER},
        "close": {**CLOSING, "archive_number": number, "closed_on": today},
    }
    by = verifiers[0] if step == "verify" else OFFICER
    advance(replace(acting, by=by), number, step, brought[step])


def _count(ledger: Ledger, now: datetime, figures: Figures, schedulers: Sequence[Scheduler]) -> None:
    """Compare what zero counts at a month's end with the list kept here."""
    campaign = Campaigns(workflow=Declarations().latest).campaign("zhengzhou_2019", year=None)
    whole = replace(campaign, received_from=FIRST.date(), received_to=now.date())
    counted = check_zero(ledger, whole, now=now).total
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures.memory_kib.append(max(own, *(each.memory_kib for each in schedulers)))
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
    said = {ref for _, ref in announced}
    highest = {tuple(row) for row in store.query(_HIGHEST)}
    figures.wrong += [f"recorded and announced to nobody: {ref}" for ref in highest - said]
    figures.wrong += [f"announced and not recorded: {ref}" for ref in said - highest]


def _announced(store: Store) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield to whom each line of a digest tells of which reminder."""
    for recipient, payload in store.stream("SELECT recipient, payload FROM outbox WHERE kind = 'digest'"):
        for line in json.loads(payload)["entries"]:
            yield recipient, tuple(line["ref"])


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
    parser.add_argument("--officers", type=int, default=4, help="in each unit, three at least")
    parser.add_argument("--schedulers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="postgresql")
    asked = vars(parser.parse_args())
    on, seed = asked.pop("on"), asked.pop("seed")
    with _made(on) as url:
        figures = soak(url, Plan(**asked), seed=seed, said=_say)
    memory = [each // 1024 for each in figures.memory_kib]
    _say(
        f"{figures.registered} registered, {figures.closed} closed, {figures.reminders} reminders announced;"
        f" {figures.killed} killed, {figures.killed_within} of them within a sweep; {len(figures.step_s)} steps, each"
        f" within {figures.p95_s() * 1000:.0f} ms (p95), {figures.conflicts} taken again; {figures.verified} rows"
        f" verified; memory {memory[5]} MiB after six months, {memory[-1]} MiB after twelve"
    )
    for each in figures.wrong:
        _say(f"wrong: {each}")
    sys.exit(1 if figures.wrong else 0)


def _say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
