"""A year of a province by a simulated clock: leads come in and are worked on, schedulers sweep, some are killed.

`python -m tools.soak --leads 1000000 --units 20 --officers 50 --schedulers 4 --kills 200` is the whole; smaller numbers
are the same year with fewer leads. Each scheduler is a process of its own; all of them sweep at once, every day, while
the day's leads are registered and worked on, and one that is to be killed is killed within a sweep and put up again. A
part of the steps is taken at the desk, a process as well, by officers who log in there; it is killed while their forms
are on the way.

What must hold is counted apart from the program: at every month's end what is open is what was registered without what
was closed, by a list kept here; every rung of every deadline up to the one it waits for is recorded once and no other;
of each reminder somebody hears, and nobody twice; every step that was confirmed, by the desk too, is in the journal
once, and no other; the whole journal verifies; and the memory of the second half of the year is that of the first.
"""

import argparse
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
from contextlib import ExitStack, closing, contextmanager
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
from engine.working_days.instants import microseconds
from tools.soak_desk import Desk, Errand
from tools.soak_figures import Figures, compare_steps, judge, p95_s
from workflows.campaigns_found import Campaigns

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
    at_the_desk: float = 0.0
    """The share of the steps that are taken at the desk; if it is 0 there is none."""
    desk_kills: int = 0
    """All of them in the first half of the year, so that the memory of the second is that of one process."""


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
    desk_kills = Counter(dice.randrange(DAYS // 2) for _ in range(plan.desk_kills))
    with ExitStack() as ends:
        schedulers = [Scheduler(url) for _ in range(plan.schedulers)]
        ends.callback(_end, schedulers)
        ledger = opened(url)
        ends.callback(ledger.store.close)
        _people(ledger, plan)
        work = _Work(ledger, plan, dice, figures)
        if plan.at_the_desk:
            work.desk = ends.enter_context(closing(Desk(url)))
            figures.desk = work.desk.figures
        for day in range(DAYS):
            now = FIRST + timedelta(days=day)
            sweeps = kills[day] or day % plan.days_between_sweeps == 0 or day == DAYS - 1
            asked = schedulers if sweeps else []
            for each in asked:
                each.ask(now)
            for _ in range(kills[day]):
                _kill_one(schedulers, url, now, dice, figures)
            work.of_day(day, now, coming=comes[day], desk_kills=desk_kills[day])
            for each in asked:
                each.wait()
            if (now + timedelta(days=1)).day == 1:
                _count(ledger, now, figures, schedulers)
                if work.desk is not None:
                    work.desk.note_memory()
                said(_month(now, figures))
        judge(ledger.store, microseconds(now), figures)
        compare_steps(ledger.store, figures)
        figures.verified, breaks = verify(ledger)
        figures.wrong += [f"verify: {each}" for each in breaks]
    return figures


@dataclass
class _Work:
    """What officers do in the year, here and at the desk, while schedulers sweep."""

    ledger: Ledger
    plan: Plan
    dice: random.Random
    figures: Figures
    desk: Desk | None = None
    going: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """Day -> what is due to be done then: number and step."""

    def of_day(self, day: int, now: datetime, *, coming: int, desk_kills: int) -> None:
        """Register the leads of a day and take the steps that are due on it."""
        dice, plan, figures = self.dice, self.plan, self.figures
        for _ in range(coming):
            number = _register(self.ledger, now, _unit(dice.randrange(plan.units)))
            figures.registered += 1
            self.going.setdefault(day + 1 + dice.randrange(20), []).append((number, "assign"))
        due = [_errand(*each, dice.randrange(2, plan.officers), now) for each in self.going.pop(day, ())]
        at_the_desk = [each for each in due if self.desk is not None and dice.random() < plan.at_the_desk]
        if self.desk is None:
            self._take([each for each in due if each not in at_the_desk], now)
        else:
            running = self.desk.give(now, at_the_desk)
            self._take([each for each in due if each not in at_the_desk], now)
            for _ in range(desk_kills):
                self.desk.kill(dice.random(), running)
            for one in running:
                one.result()
            figures.closed += sum(each.step == "close" for each in at_the_desk)
        for each in due:
            following = FOLLOWING.get(each.step)
            if following and dice.random() < 0.7:
                self.going.setdefault(day + 1 + dice.randrange(90), []).append((each.number, following))

    def _take(self, errands: Sequence[Errand], now: datetime) -> None:
        """Take steps here, each again if a sweep came first, and count them."""
        figures = self.figures
        for each in errands:
            begun = time.perf_counter()
            while True:
                try:
                    advance(Acting(self.ledger, each.by, now), each.number, each.step, each.values)
                    break
                except ConflictError:
                    figures.conflicts += 1
            figures.step_s.append(time.perf_counter() - begun)
            figures.steps[each.number, each.step] += 1
            figures.closed += each.step == "close"


def _month(now: datetime, figures: Figures) -> str:
    """Return what is said at a month's end."""
    desk = figures.desk.memory_kib
    return (
        f"{now.date()}: {figures.registered} registered, {figures.closed} closed, {figures.open_leads[-1]} open;"
        f" schedulers {figures.memory_kib[-1] // 1024} MiB at most, who counts {figures.own_kib[-1] // 1024}"
        + (f", the desk {desk[-1] // 1024}" if desk else "")
    )


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


def _errand(number: str, step: str, handler: int, now: datetime) -> Errand:
    """Return a step as the officer takes it whose it is."""
    today, unit = now.date().isoformat(), number[:4]
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
    return Errand(number, step, verifiers[0] if step == "verify" else OFFICER, brought[step])


def _count(ledger: Ledger, now: datetime, figures: Figures, schedulers: Sequence[Scheduler]) -> None:
    """Compare what zero counts at a month's end with the list kept here."""
    campaign = Campaigns(workflow=ledger.workflows.latest).campaign("zhengzhou_2019", year=None)
    whole = replace(campaign, received_from=FIRST.date(), received_to=now.date())
    counted = check_zero(ledger, whole, now=now).total
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures.own_kib.append(own)
    figures.memory_kib.append(max(each.memory_kib for each in schedulers))
    figures.open_leads.append(figures.registered - figures.closed)
    cleared = counted.scope - counted.blocking
    if (counted.scope, cleared) != (figures.registered, figures.closed):
        figures.wrong.append(
            f"{now.date()}: {counted.scope}, {cleared} cleared; {figures.registered}, {figures.closed}"
        )


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
    parser.add_argument("--at-the-desk", type=float, default=0.5, help="share of the steps; 0: without a desk")
    parser.add_argument("--desk-kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="postgresql")
    asked = vars(parser.parse_args())
    on, seed = asked.pop("on"), asked.pop("seed")
    with _made(on) as url:
        figures = soak(url, Plan(**asked), seed=seed, said=_say)
    _say(
        f"{figures.registered} registered, {figures.closed} closed, {figures.reminders} reminders announced;"
        f" {figures.killed} killed, {figures.killed_within} of them within a sweep; {len(figures.step_s)} steps, each"
        f" within {figures.p95_s() * 1000:.0f} ms (p95), {figures.conflicts} taken again; {figures.verified} rows"
        " verified"
    )
    desk = figures.desk
    _say(
        f"at the desk: {desk.steps.total()} steps, each form answered within {p95_s(desk.step_s) * 1000:.0f} ms (p95),"
        f" {desk.conflicts} taken again; killed {desk.killed} times, {desk.repeated} forms sent once more,"
        f" {desk.found} found written"
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
