"""How often a verb waits for PostgreSQL: a ledger on another machine is as fast as its round trips are few."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from ledgers import START, furnished, on, register

from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import check_zero
from engine.store.one_statement import in_one
from workflows.campaigns_found import Campaigns
from workflows.loader import Declarations

_STATEMENT = re.compile(r"\tF\t\d+\t(Query|Execute)\b")
_WAITS = re.compile(r"\tF\t\d+\t(Sync|Query|CopyDone|CopyFail)\b")
"""After each of these messages the client can do nothing but wait: libpq's own protocol of what it sent."""

ASSIGN = {"responsible_leader": "liu", "handler": "chen"}


@dataclass
class Trips:
    """How many round trips there were."""

    count: int = 0
    statements: int = 0


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
        sent = noted.read()
        trips.count, trips.statements = len(_WAITS.findall(sent)), len(_STATEMENT.findall(sent))


def test_verbs_wait_for_postgresql_no_more_than_they_must(postgres_url: str) -> None:
    """A step waits twice: once for all that the rules ask, once for all that is written and its commit."""
    with furnished(postgres_url) as ledger:
        numbers = [register(ledger).number for _ in range(28)]
        for each in numbers[:3]:  # what is sent often is prepared, once for a connection
            advance(Acting(ledger, "wang", START), each, "assign", ASSIGN)
        campaign = Campaigns(workflow=Declarations().latest).campaign("zhengzhou_2019", year=None)
        found, statements = dict[str, int](), dict[str, int]()

        def count(name: str, verb: Callable[[], object]) -> None:
            with counted(ledger) as trips:
                verb()
            found[name] = trips.count
            statements[name] = trips.statements

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
        count("import of 500 rows", lambda: _imported(ledger, 500))
    assert {name: trips for name, trips in found.items() if trips > AT_MOST[name]} == {}
    assert found["step"] == 2
    assert statements["step"] == 5, "four questions that go together, and one statement that writes all and commits"
    assert statements["import of 500 rows"] < 80, "some ten for 250 rows, each with a value that is given once"


def _imported(ledger: Ledger, count: int) -> None:
    """Take in a ledger with a value that is given once in each of its rows."""
    said = {"received_on": START.date(), "source": "letter", "category": "A3"}
    rows = (
        Row(f"1!{place}", {**said, "summary": f"第{place}号问题", "archive_number": f"档{place}"}, "0101")
        for place in range(count)
    )
    with all_or_nothing(ledger) as fate:
        taken = take_in(Acting(ledger, "keeper", START), "lead", rows, file={"name": "", "digest": "0"})
        assert {each.outcome for each in taken} == {"opened"}
        fate.keep()


CASE = ("UPDATE t SET a = ? WHERE id = ? AND revision = ?", (1, 7, 2))
TERM, OTHER = ("UPDATE d SET a = ? WHERE id = ?", (1, 3)), ("UPDATE d SET a = ? WHERE id = ?", (1, 4))
ADD = ("INSERT INTO j (a, b) VALUES (?, ?) ON CONFLICT (a) DO NOTHING", (1, 2))
LEAVE, LOCK = ("DELETE FROM j WHERE a = ?", (1,)), ("SELECT pg_advisory_xact_lock(?)", (1,))
FIT: Mapping[str, tuple[Sequence[tuple[str, Sequence[object]]], bool]] = {
    "the case, its journal, two terms": ([CASE, ADD, ADD, TERM, OTHER], True),
    "one part alone": ([CASE], False),
    "a row that is changed twice": ([CASE, TERM, TERM], False),
    "two cases": ([CASE, CASE], False),
    "one table by two statements": ([CASE, TERM, ("UPDATE d SET b = ? WHERE id = ?", (1, 9))], False),
    "what takes away": ([CASE, LEAVE], False),
    "a lock": ([CASE, LOCK], False),
    "no row that must be touched": ([ADD, TERM], False),
    "more than fit": ([CASE, *[ADD] * 12], False),
}


def test_writes_become_one_statement_only_where_no_two_touch_one_row() -> None:
    """All parts of a statement see the same state: what could change a row twice, or must come first, is sent apart."""
    assert {name for name, (parts, fits) in FIT.items() if (in_one(parts) is not None) != fits} == set()
    assert in_one([CASE, ADD, TERM]) == (
        b"WITH p0 AS (UPDATE t SET a = $1 WHERE id = $2 AND revision = $3 RETURNING 1),"
        b" met AS (SELECT 1 / (count(*) = 1)::int AS fine FROM p0),"
        b" p1 AS (INSERT INTO j (a, b) SELECT $4, $5 FROM met ON CONFLICT (a) DO NOTHING),"
        b" p2 AS (UPDATE d SET a = $6 WHERE id = $7 AND (SELECT fine FROM met) = 1) SELECT fine FROM met"
    )


AT_MOST = {
    "step": 2,
    "step of a reminded case": 2,
    "registration": 2,
    "sweep": 16,
    "sweep of nothing": 9,
    "zero": 16,
    "import of 500 rows": 60,
}
"""Before what is written waited for the commit a step asked 11 times, a registration 12, zero 17."""
