"""A rehearsal of the seed year: leads of 2019, swept every morning until February, and once more with gaps."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from ledgers import DAY, furnished, opened, register
from paths import ASSIGN

from engine.operations.cases.casework import advance
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause, resume
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import open_store
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.calendars import china
from engine.working_days.instants import local_time
from workflows.loader import Declarations

ZONE = china().zone
FIRST, LAST = date(2019, 7, 1), date(2020, 2, 10)
LEADS = 60
BOOK = Declarations()

Event = Callable[[Ledger, datetime], object]
Reminder = tuple[str, str, int, int]
"""Case, deadline, arming, rung."""
Lived = dict[str, tuple[str, dict[Reminder, str]]]
"""Of each year its ledger and what became of each reminder."""


def at(day: date, hour: int) -> datetime:
    """Return an hour of a local day."""
    return datetime.combine(day, time(hour), tzinfo=ZONE)


def year() -> dict[date, list[tuple[bool, Event]]]:
    """Return what officers do on each day, and whether it ends, moves or stops a deadline."""
    chance = random.Random(2019)
    found: dict[date, list[tuple[bool, Event]]] = {}

    def on(day: date, event: Event, *, changes: bool) -> None:
        if FIRST <= day <= LAST:
            found.setdefault(day, []).append((changes, event))

    serials: Counter[str] = Counter()
    received = [date(2019, 1, 1) + chance.randrange(360) * DAY for _ in range(LEADS)]
    registrations = sorted((max(FIRST, day + chance.randrange(4) * DAY), day) for day in received)
    for turn, (registered, day) in enumerate(registrations):
        unit = ("0101", "0102")[turn % 2]
        serials[unit] += 1
        number = f"{unit}-XS-2019-{serials[unit]:04}"
        more = {"received_on": day.isoformat(), "summary": f"第{turn}件", "real_name": turn % 3 == 0}
        on(registered, partial(_receive, unit=unit, number=number, more=more), changes=False)
        if turn % 3:
            assigned = registered + timedelta(days=chance.randrange(1, 25))
            on(assigned, partial(_assign, number=number), changes=True)
            if turn % 4 == 0:
                on(assigned + 40 * DAY, partial(_extend, number=number), changes=True)
            if turn % 6 == 1:
                on(assigned + 20 * DAY, partial(_pause, number=number), changes=True)
                on(assigned + 33 * DAY, partial(_resume, number=number), changes=True)
    return found


def _receive(ledger: Ledger, now: datetime, *, unit: str, number: str, more: dict[str, object]) -> None:
    """Register a lead."""
    assert register(ledger, by="keeper", unit=unit, now=now, **more).number == number


def _assign(ledger: Ledger, now: datetime, *, number: str) -> None:
    """Assign it."""
    advance(Acting(ledger, "keeper", now), number, "assign", ASSIGN.values)


def _extend(ledger: Ledger, now: datetime, *, number: str) -> None:
    """Extend its verification."""
    extend(
        Acting(ledger, "keeper", now),
        number,
        "verification",
        length=Term(amount=1, unit=TermUnit.MONTHS),
        reason="证人在外",
        signed_by="zhao",
        filed_on=now.date(),
    )


def _pause(ledger: Ledger, now: datetime, *, number: str) -> None:
    """Stop its clock."""
    pause(Acting(ledger, "keeper", now), number, "verification", reason="待鉴定")


def _resume(ledger: Ledger, now: datetime, *, number: str) -> None:
    """Let it run again."""
    resume(Acting(ledger, "keeper", now), number, "verification", reason="鉴定完毕")


def days() -> Iterator[date]:
    """Yield the days of the rehearsal."""
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + number * DAY


def swept(url: str, *, gaps: bool) -> dict[Reminder, str]:
    """Live through the year and return what became of each reminder.

    Args:
        gaps: Sweep on some days only, then several times, each time by a program started anew.
    """
    chance, events, until = random.Random(31), year(), FIRST
    for day in days():
        todays = events.get(day, [])
        if not gaps or day >= until or day == LAST or any(changes for changes, _ in todays):
            for _ in range(chance.randrange(1, 4) if gaps else 1):
                with anew(url) as ledger:
                    sweep(ledger, now=at(day, 10), chunk=chance.choice((1, 7, 1000)))
            until = day + timedelta(days=chance.randrange(1, 15))
        if todays:
            with anew(url) as ledger:
                for _, event in todays:
                    event(ledger, at(day, 11))
    with anew(url) as ledger:
        for _ in range(2):
            sweep(ledger, now=at(LAST, 20))
        assert verifying.verify(ledger)[1] == ()
        return reminders(ledger)


@contextmanager
def anew(url: str) -> Iterator[Ledger]:
    """Lend the ledger as a program finds it that was just started, with declarations read before."""
    store = open_store(url)
    try:
        yield Ledger(store, BOOK)
    finally:
        store.close()


def reminders(ledger: Ledger) -> dict[Reminder, str]:
    """Return what became of each reminder; none may stand there twice."""
    found = ledger.store.query(
        "SELECT c.number, d.name, r.arming, r.rung, r.outcome FROM reminders r JOIN deadlines d ON d.id = r.deadline_id"
        " JOIN cases c ON c.id = d.case_id ORDER BY 1, 2, 3, 4"
    )
    outcomes = {(row[0], row[1], row[2], row[3]): str(row[4]) for row in found}
    assert len(outcomes) == len(found)
    return outcomes


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Lived:
    """Return the ledgers of both years, and their reminders."""
    folder, found = tmp_path_factory.mktemp("year"), {}
    for name in ("daily", "gaps"):
        url = str(shutil.copy(sqlite_template, folder / f"{name}.db"))
        with furnished(url):
            pass
        found[name] = (url, swept(url, gaps=name == "gaps"))
    return found


def test_the_same_reminders(lived: Lived) -> None:
    """Whatever the gaps, the same reminders are recorded; what was missed is skipped, never lost, never doubled."""
    daily, gaps = (
        {key: outcome for key, outcome in lived[name][1].items() if not is_talk(key)} for name in ("daily", "gaps")
    )

    assert gaps.keys() == daily.keys()
    assert len(daily) > 300
    assert {key for key, outcome in daily.items() if outcome == "skipped"} <= {
        key for key, outcome in gaps.items() if outcome == "skipped"
    }
    assert Counter(gaps.values())["skipped"] > Counter(daily.values())["skipped"]


def is_talk(key: Reminder) -> bool:
    """Return whether a reminder is of a talk that a ladder proposed; it counts from the sweep that proposed it."""
    return "-YT-" in key[0]


def test_the_same_talks(lived: Lived) -> None:
    """Whatever the gaps, the same leads have one talk proposed each, never sooner, and no rung of a talk is lost."""
    proposed: dict[str, dict[str, str]] = {}
    for name, (url, outcomes) in lived.items():
        with opened(url) as ledger:
            found = ledger.store.query(
                "SELECT p.number, c.number, c.dated_on FROM cases c JOIN cases p ON p.id = c.parent_id"
                " WHERE c.workflow = 'consequence'"
            )
        proposed[name] = {row[0]: row[2] for row in found}
        assert len(proposed[name]) == len(found)
        places: dict[str, list[int]] = {}
        for key in filter(is_talk, outcomes):
            places.setdefault(key[0], []).append(key[3])
        assert places
        assert places.keys() <= {row[1] for row in found}
        assert all(each == list(range(len(each))) for each in places.values())

    daily, gaps = proposed["daily"], proposed["gaps"]
    assert gaps.keys() == daily.keys()
    assert all(gaps[each] >= daily[each] for each in daily)
    assert gaps != daily


@pytest.mark.parametrize("name", ["daily", "gaps"])
def test_the_skipped_ones_are_named(lived: Lived, name: str) -> None:
    """The journal of each case names each rung that was taken, the highest due, and each that was skipped for it."""
    taken: Counter[tuple[str, str, int]] = Counter()
    skipped: Counter[tuple[str, str, int]] = Counter()
    highest: Counter[tuple[str, str, int]] = Counter()
    lower: Counter[tuple[str, str, int]] = Counter()
    outcomes: dict[bool, set[str]] = {True: set(), False: set()}
    with opened(lived[name][0]) as ledger:
        for number, body in ledger.store.query(
            "SELECT c.number, j.body FROM journal j JOIN cases c ON c.id = j.case_id WHERE j.kind = 'reminded'"
        ):
            told = json.loads(body)
            taken[number, told["deadline"], told["rung"]] += 1
            skipped.update((number, told["deadline"], place) for place, _ in told.get("skipped", ()))
        for number, deadline, rung, outcome, is_highest in ledger.store.query(
            "SELECT c.number, d.name, r.rung, r.outcome, r.rung = max(r.rung) OVER (PARTITION BY d.id, r.arming, r.at)"
            " FROM reminders r JOIN deadlines d ON d.id = r.deadline_id JOIN cases c ON c.id = d.case_id"
        ):
            (highest if is_highest else lower)[number, deadline, rung] += 1
            outcomes[bool(is_highest)].add(outcome)

    assert taken == highest
    assert skipped == lower
    # A rung that found nobody is kept as unheard, taken or skipped: it is repeated to those who get the role.
    # Only what was taken waits in a message, and is cancelled if its deadline is met before that goes out.
    assert outcomes == {True: {"sent", "unheard", "cancelled"}, False: {"skipped", "unheard"}}


def test_each_reminder_is_in_one_message(lived: Lived) -> None:
    """Who is to hear of a reminder finds it in exactly one message, however often the sweep was repeated."""
    with opened(lived["gaps"][0]) as ledger:
        lines = Counter(
            (to, *line["ref"])
            for to, payload in ledger.store.query("SELECT recipient, payload FROM outbox WHERE kind = 'digest'")
            for line in json.loads(payload)["entries"]
        )
        sent = ledger.store.query("SELECT deadline_id, arming, rung FROM reminders WHERE outcome <> 'skipped'")

    assert set(lines.values()) == {1}
    assert {each[1:] for each in lines} <= {tuple(row) for row in sent}


def test_nobody_is_reminded_at_night_or_on_a_day_off(lived: Lived) -> None:
    """Each reminder of the year comes due on a working day, make-up days included, in daylight."""
    with opened(lived["daily"][0]) as ledger:
        moments = [local_time(row[0], "Asia/Shanghai") for row in ledger.store.query("SELECT due_at FROM reminders")]

    assert all(china().day_scale.works(each.toordinal()) and 8 <= each.hour < 21 for each in moments)


def test_a_level_never_falls(lived: Lived) -> None:
    """Until a deadline is moved its level only rises."""
    order = ("remind", "chase", "supervise", "listed")
    with opened(lived["daily"][0]) as ledger:
        rows = ledger.store.query("SELECT deadline_id, arming, level FROM reminders ORDER BY deadline_id, arming, rung")
    highest: dict[tuple[int, int], int] = {}
    for deadline, arming, level in rows:
        assert order.index(level) >= highest.get((deadline, arming), 0)
        highest[deadline, arming] = order.index(level)
