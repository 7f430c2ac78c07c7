"""A ladder that is declared with an end goes on while its term is late: on a ledger, and in one that ran before."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flawed_workflows import sound
from ledgers import DAY, START, furnished
from played_proofs import ledger_with

from engine.operations.cases.casework import open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows

COMES = ("2019-08-27", "2019-08-30", "2019-09-30", "2019-10-30", "2019-12-02", "2019-12-30")
"""Of a term that is due on 30 August: three days before as declared, and then by the program, on working mornings."""


def at(day: str) -> datetime:
    """Return noon of a day."""
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=START.tzinfo)


@pytest.fixture
def ledger(sqlite_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Return a ledger with one case whose ladder has one rung, three days before the day."""
    own = tmp_path / "own"
    own.mkdir()
    made = sound(next(seed for seed in range(99) if sound(seed).child is None))
    made.main["ladders"]["usual"] = [{"at": "-3 days", "level": "chase", "to": ["office"]}]
    for name, text in made.files().items():
        (own / name).write_text(text, "utf-8")
    with furnished(sqlite_url, adopts=False) as first:
        found = ledger_with(first, own)
        values = {"received_on": START.date().isoformat(), "subject": "x", "kind": "a"}
        open_case(Acting(found, "zhou", START), "main", values, unit="0101")
        yield found


def outcomes(ledger: Ledger) -> list[tuple[object, ...]]:
    """Return the rungs of reminders and what became of each."""
    return [tuple(row) for row in ledger.store.query("SELECT rung, level, outcome FROM reminders ORDER BY rung", ())]


def test_each_month_the_same_people_hear(ledger: Ledger) -> None:
    """Swept day by day, the declared rung and each month's after it come once, on their days, at their level."""
    heard = [
        day.date().isoformat()
        for day in (START.replace(hour=12) + each * DAY for each in range(190))
        if sweep(ledger, now=day).reminded
    ]

    assert heard == list(COMES)
    assert outcomes(ledger) == [(each, "chase", "sent") for each in range(len(COMES))]


def test_a_late_sweep_sends_one(ledger: Ledger) -> None:
    """After months without a sweep one message goes out, the months missed are named as skipped, the next one waits."""
    swept, again = sweep(ledger, now=at("2020-01-05")), sweep(ledger, now=at("2020-01-05"))
    last = case_rows.last_entry(ledger.store, ledger.case("0101-MAIN-2019-0001").id)

    assert (swept.reminded, swept.skipped, again.reminded) == (1, len(COMES) - 1, 0)
    assert last is not None
    assert [rung for rung, _ in json.loads(last.body)["skipped"]] == list(range(len(COMES) - 1))
    assert sweep(ledger, now=at("2020-02-06")).reminded == 1


def test_a_ladder_that_had_ended_is_taken_up(ledger: Ledger) -> None:
    """What an older program left without a next rung is sound to `verify`, and the next sweep sends one message."""
    assert sweep(ledger, now=at("2019-08-28")).reminded == 1
    ledger.store.change("UPDATE deadlines SET next_at = NULL", ())
    before = verify(ledger)[1]
    swept = sweep(ledger, now=at("2020-01-05"))

    assert before == ()
    assert (swept.reminded, swept.skipped) == (1, len(COMES) - 2)
    assert verify(ledger)[1] == ()
    assert sweep(ledger, now=at("2020-01-06")).reminded == 0
