"""How often a verb waits for PostgreSQL: a ledger on another machine is as fast as its round trips are few."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from ledgers import START, furnished, on, register

from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import check_zero
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

_WAITS = re.compile(r"\tF\t\d+\t(Sync|Query|CopyDone|CopyFail)\b")
"""After each of these messages the client can do nothing but wait: libpq's own protocol of what it sent."""

ASSIGN = {"responsible_leader": "liu", "handler": "chen"}


@dataclass
class Trips:
    """How many round trips there were."""

    count: int = 0


@contextmanager
def counted(ledger: Ledger) -> Iterator[Trips]:
    """Count the round trips of a block, by what libpq says that it sent."""
    connection = ledger.store.driver.pgconn
    trips = Trips()
    with tempfile.TemporaryFile("w+") as noted:
        connection.trace(noted.fileno())
        try:
            yield trips
        finally:
            connection.untrace()
        noted.seek(0)
        trips.count = len(_WAITS.findall(noted.read()))


def test_verbs_wait_for_postgresql_no_more_than_they_must(postgres_url: str) -> None:
    """A step waits twice: once for all that the rules ask, once for all that is written and its commit."""
    with furnished(postgres_url) as ledger:
        numbers = [register(ledger).number for _ in range(28)]
        for each in numbers[:3]:  # what is sent often is prepared, once for a connection
            advance(Acting(ledger, "wang", START), each, "assign", ASSIGN)
        campaign = Campaigns(workflow=Declarations().latest).campaign("zhengzhou_2019", year=None)
        found = {}

        def count(name: str, verb: Callable[[], object]) -> None:
            with counted(ledger) as trips:
                verb()
            found[name] = trips.count

        count("step", lambda: advance(Acting(ledger, "wang", START), numbers[3], "assign", ASSIGN))
        count("registration", lambda: register(ledger))
        for turn in range(12):  # who hears of reminders makes a chunk of a sweep wait no more often
            keeping.add_officer(
                Acting(ledger, "keeper", START), f"h{turn}", f"人{turn}", roles=["verifier"], unit="0101"
            )
            handled = {**ASSIGN, "handler": f"h{turn}"}
            advance(Acting(ledger, "wang", START), numbers[4 + turn], "assign", handled)
        later = START + timedelta(days=56)
        count("sweep", lambda: sweep(ledger, now=later))
        assert ledger.store.query("SELECT count(DISTINCT recipient) >= 12 FROM outbox WHERE kind = 'digest'") == [
            (True,)
        ]
        count("sweep of nothing", lambda: sweep(ledger, now=later))
        for each in numbers[16:19]:
            advance(Acting(ledger, "wang", later), each, "assign", ASSIGN)
        count("step of a reminded case", lambda: advance(Acting(ledger, "wang", later), numbers[19], "assign", ASSIGN))
        assert ledger.store.query("SELECT count(*) > 0 FROM reminders WHERE outcome = 'cancelled'") == [(True,)]
        count("zero", lambda: check_zero(on(ledger.store), campaign, now=later))
    assert {name: trips for name, trips in found.items() if trips > AT_MOST[name]} == {}
    assert found["step"] == 2


AT_MOST = {"step": 2, "step of a reminded case": 2, "registration": 2, "sweep": 16, "sweep of nothing": 9, "zero": 16}
"""Before what is written waited for the commit a step asked 11 times, a registration 12, zero 17."""
