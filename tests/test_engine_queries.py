"""What is asked often is found by an index: no statement of the daily verbs walks through a whole table."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from zero_house import campaign

from engine.operations.cases.bulk import selection
from engine.operations.cases.casework import advance, amend, open_case
from engine.operations.cases.lookup import list_cases, log, view
from engine.operations.deadlines.standings import standings
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.today import today
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.house import registration as house
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.blocking import blockers
from engine.operations.zero.verdict import check_zero
from engine.store import case_rows, clock_rows, history_rows, planner_statistics, shape_rows, waiting_rows, zero_rows
from engine.store import outbox_rows as outbox
from engine.store.connection import SQLiteStore, Store, Values
from engine.store.database import is_postgres, open_sqlite
from engine.store.postgres_connection import PostgreSQLStore
from engine.working_days.instants import microseconds
from workflows.loader import Declarations

NOW = datetime(2019, 7, 1, 2, tzinfo=UTC)
BIG = ("cases", "journal", "deadlines", "reminders", "outbox", "attachments", "sealed_values", "unique_values")
"""The tables that grow with the years."""

LEAD = {"received_on": "2019-06-28", "source": "letter", "summary": "医院门口有人强揽生意", "category": "A3"}

OF_A_MILLION = {
    ("cases", "sqlite_autoindex_cases_1"): "1000001 1",
    ("cases", "ix_cases_alike"): "1000001 500001 166667 62501 62501 50001 50001 50001 47620 47620",
    ("cases", "ix_cases_open"): "30004 15002 6001 5001",
    ("journal", "sqlite_autoindex_journal_1"): "5810136 6 1",
    ("journal", "ix_journal_at"): "5810136 726267",
    ("journal", "ix_journal_by"): "5810136 2905068 3",
    ("journal", "ix_journal_rare"): "20148 2519 2519",
    ("deadlines", "ix_deadlines_case"): "3929994 4 1",
    ("deadlines", "ix_deadlines_due"): "110004 22001 22001 1",
    ("deadlines", "ix_deadlines_next"): "110004 22001",
    ("named_officers", "named_officers"): "1979999 990000 1",
    ("unique_values", "unique_values"): "969997 969997 969997 1",
    ("unique_values", "ix_unique_values_case"): "969997 1",
}
"""What SQLite notes of `python -m benchmarks.many 1000000` when it analyses it."""


class Watched:
    """A ledger whose statements are noted with the values of their last call."""

    def __init__(self, url: str) -> None:
        self.asked: dict[str, Values] = {}
        self.ledger = Ledger(self._store(url), Declarations())
        house.set_up(
            self.ledger,
            name="某县卫健局",
            unit=("0101", "县医院"),
            officer=("wang", "王某"),
            zone="Asia/Shanghai",
            custodian=None,
            now=NOW,
        )
        self.number = open_case(Acting(self.ledger, "wang", NOW), "lead", LEAD, unit="0101").case.number
        if self.store.dialect == "sqlite":
            self._grow()
        self.asked.clear()

    def _grow(self) -> None:
        """Let SQLite plan as it does for a million leads, by the statistics that it kept of them."""
        self.store.change("ANALYZE")
        for (table, index), noted in OF_A_MILLION.items():
            self.store.change("DELETE FROM sqlite_stat1 WHERE idx = ?", (index,))
            self.store.change("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, noted))
        self.store.change("ANALYZE sqlite_schema")

    @property
    def store(self) -> Store:
        """The store that is watched."""
        return self.ledger.store

    def scans(self) -> list[str]:
        """Return the statements that walk through one of the big tables, with how they are answered."""
        found = []
        for statement, values in tuple(self.asked.items()):
            plan = self.plan(statement, values)
            walked = [line for line in plan if _walks(line)]
            found += [f"{line} <- {statement}" for line in walked]
        return found

    def _store(self, url: str) -> Store:
        asked = self.asked
        base: Any = PostgreSQLStore if is_postgres(url) else SQLiteStore

        class Noting(base):  # type: ignore[misc]  # the base is chosen as the test runs
            def query(self, statement: str, values: Values = ()) -> Any:
                asked[statement] = values
                return super().query(statement, values)

            def stream(self, statement: str, values: Values = ()) -> Any:
                asked[statement] = values
                return super().stream(statement, values)

            def change(self, statement: str, values: Values = ()) -> Any:
                asked[statement] = values
                return super().change(statement, values)

            def put(self, statement: str, values: Values) -> None:
                asked[statement] = values
                super().put(statement, values)

            def change_all(self, statement: str, rows: Sequence[Values], **more: Any) -> None:
                asked[statement] = rows[0]
                super().change_all(statement, rows, **more)

            def change_many(self, statement: str, rows: Sequence[Values]) -> Any:
                if rows:
                    asked[statement] = rows[0]
                return super().change_many(statement, rows)

        noting: Store = Noting(url)
        return noting

    def plan(self, statement: str, values: Values) -> list[str]:
        """Return how the database would answer, a line for each step."""
        if not re.match(r"SELECT|UPDATE|DELETE|WITH", statement) or "nextval" in statement:
            return []
        if self.store.dialect == "sqlite":
            rows = SQLiteStore.query(self.store, f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
            return [str(row[3]) for row in rows]
        # A table of few rows is always walked through; whether an index could serve is what is asked.
        with self.store.begin():
            self.store.change("SET LOCAL enable_seqscan = off")
            (row,) = PostgreSQLStore.query(self.store, f"EXPLAIN (FORMAT JSON) {statement}", values)  # type: ignore[arg-type]
        told = row[0] if isinstance(row[0], list) else json.loads(row[0])
        return list(_steps(told[0]["Plan"]))


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    """Return a ledger with one lead."""
    ledger = Watched(database_url)
    with closing(ledger.store):
        yield ledger


def test_a_walk_through_a_table_is_noticed(watched: Watched) -> None:
    """The tests below are not content with everything."""
    watched.store.query("SELECT id FROM cases WHERE head = ?", ("2019-06-28",))

    assert len(watched.scans()) == 1


def test_a_step_walks_through_no_table(watched: Watched) -> None:
    """Opening a lead, taking a step and opening its letters cost the same however many leads there are."""
    number = open_case(Acting(watched.ledger, "wang", NOW), "lead", LEAD, unit="0101").case.number
    named = {"responsible_leader": "wang", "handler": "wang"}
    advance(Acting(watched.ledger, "wang", NOW), number, "assign", named)
    found = {
        "finding": "substantiated",
        "verifiers": ["wang"],
        "verified_on": "2019-06-30",
        "report_number": "核〔2019〕1号",
        "suspected_crime": False,
    }
    advance(Acting(watched.ledger, "wang", NOW), number, "verify", found)
    advance(Acting(watched.ledger, "wang", NOW), number, "handle", {"measures": "约谈整改"})
    for given in ("DA-1", "DA-2"):  # what is given once is looked for, given, and given back
        amend(Acting(watched.ledger, "wang", NOW), watched.number, {"archive_number": given}, reason="建档")
    with watched.store.begin():
        rows = [Row(at="A2", values={**LEAD, "summary": "另一件", "archive_number": "DA-9"}, unit="0101")]
        (taken,) = take_in(Acting(watched.ledger, "wang", NOW), "lead", rows, file={"name": "x", "digest": "0"})
    assert taken.outcome == "opened"

    assert len(watched.asked) >= 10
    assert watched.scans() == []


def test_showing_a_case_walks_through_no_table(watched: Watched) -> None:
    """What belongs to a case, what repeats it and what happened to it are found by index."""
    view(watched.ledger, watched.number, now=NOW)

    assert watched.scans() == []


def test_what_waits_for_somebody_is_found_by_key(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither who is named nor who has a role, in one unit or in all, is looked for by walking through a table.

    Nor is what follows the orders that a desk keeps between two questions, however often its officer is named.
    """
    house.add_officer(Acting(watched.ledger, "wang", NOW), "li", "李某", roles=["unit_head"], unit="0101")
    advance(
        Acting(watched.ledger, "wang", NOW), watched.number, "assign", {"responsible_leader": "wang", "handler": "li"}
    )
    watched.asked.clear()
    assert [each.case.number for each in today(Acting(watched.ledger, "li", NOW)).do] == [watched.number]
    today(Acting(watched.ledger, "wang", NOW))
    watched.store.remember(cases=True)
    for often in (waiting_rows.OFTEN, 0):
        monkeypatch.setattr(waiting_rows, "OFTEN", often)
        watched.store.forget()
        for remark in ("已阅", "已核"):
            today(Acting(watched.ledger, "li", NOW))
            amend(Acting(watched.ledger, "wang", NOW), watched.number, {"remark": f"{remark}{often}"}, reason="补记")
    kept = any("rowid > ?" in statement for statement in watched.asked)

    assert kept == (watched.store.dialect == "sqlite")
    assert watched.scans() == []


@pytest.mark.parametrize(
    "narrowed",
    [{}, {"unit": "0101"}, {"state": "received"}, {"unit": "0101", "state": "received"}],
    ids=["all", "of a unit", "in a state", "of a unit in a state"],
)
def test_listing_what_is_open_costs_what_is_open(watched: Watched, narrowed: dict[str, str]) -> None:
    """Open cases are found by their own index, which holds no others."""
    watched.asked.clear()
    listed = list(selection(Acting(watched.ledger, "", NOW), "lead", open_only=True, **narrowed))  # type: ignore[arg-type]

    assert [each.number for chunk in listed for each in chunk] == [watched.number]
    assert watched.scans() == []
    assert any("c.clearance = 0" in statement for statement in watched.asked)


def test_a_sweep_costs_what_is_due(watched: Watched) -> None:
    """Deadlines that are due, their cases and the messages are found by index."""
    assert sweep(watched.ledger, now=NOW + timedelta(days=90)).reminded > 0

    assert watched.scans() == []


def test_delivery_claims_by_index(watched: Watched) -> None:
    """Messages that wait are found by their own index, which holds no others."""
    sweep(watched.ledger, now=NOW + timedelta(days=90))
    watched.asked.clear()
    at = microseconds(NOW + timedelta(days=90))
    claimed = outbox.claim(watched.store, now_at=at, limit=10, until_at=at + 1)
    for each in claimed:
        outbox.mark_sent(watched.store, each.id, at=at, remark="")

    assert claimed
    assert watched.scans() == []


def test_relatives_and_ledger_numbers_are_found_by_index(watched: Watched) -> None:
    """Children, repeats, the rows of a ledger, deadlines and the journal of one case need no walk."""
    store = watched.store
    case = watched.ledger.case(watched.number)
    case_rows.children(store, case.id)
    case_rows.repeats(store, case.id)
    case_rows.by_keys(store, "lead", case.unit_id, ["2019-001", "2019-002"])
    case_rows.by_ids(store, [case.id])
    case_rows.entries(store, case.id)
    history_rows.moves(store, case.id)
    clock_rows.of_cases(store, [case.id])
    list(clock_rows.live(store, due_by="2019-12-31"))

    assert watched.scans() == []


def test_what_is_asked_of_many_walks_through_no_table_but_those_that_are_named(watched: Watched) -> None:
    """Lists, reminders that are taken back, digests and kinds of journal rows are found by index; the rest is named."""
    store, ledger = watched.store, watched.ledger
    acting = Acting(ledger, "wang", NOW)
    later = NOW + timedelta(days=90)
    sweep(ledger, now=later)
    clocks = [(int(each.id or 0), each.arming) for each in clock_rows.of_case(store, ledger.case(watched.number).id)]
    asked: dict[str, Callable[[], object]] = {
        "a reminder taken back": lambda: in_commit(store, lambda: outbox.take_back(store, clocks, remark="")),
        "digests given up": lambda: outbox.give_up_unclaimed(store, due_before=1, remark=""),
        "messages late": lambda: outbox.count_waiting_since(store, 1),
        "what is overdue": lambda: list(standings(ledger, overdue=True, now=later)),
        "all that runs or is paused": lambda: list(standings(ledger, now=later)),
        "provisional days": lambda: [clock_rows.provisional(store), clock_rows.provisional_dates(store, 5)],
        "when cases are due first": lambda: clock_rows.first_due(store, [1, 2, 5, 9, 700]),
        "what is overdue in a unit": lambda: list(standings(ledger, overdue=True, unit="0101", now=later)),
        "a rare kind of journal rows": lambda: list(log(ledger, kind="amended")),
        "a rare kind, since a day": lambda: list(log(ledger, since=NOW, kind="handed_over")),
        "cases in the states of a step": lambda: list(selection(acting, "lead", where="real_name", trigger="assign")),
        "cases of an officer": lambda: list(selection(acting, "lead", where="handler == 'wang'")),
        "open cases that meet a condition": lambda: list(selection(acting, "lead", where="real_name", open_only=True)),
        "everything that happened": lambda: list(log(ledger)),
        "messages, all of them": lambda: outbox.promises(store),
        "messages that failed": lambda: outbox.promises(store, status=outbox.FAILED),
        "how many messages failed": lambda: outbox.count(store, outbox.FAILED),
        "clearing to zero": lambda: list(blockers(ledger, check_zero(ledger, campaign(), now=later))),
        "a clock set by hand": lambda: list(zero_rows.clock_rows(store, campaign())),
        "cleared in bulk of late": lambda: list(zero_rows.bulk_closings(store, campaign(), since_at=1)),
        "terms that are late, of all cases": lambda: shape_rows.late_in_groups(
            store, campaign(), unit_id=None, day="2019-12-31", theirs=("receipt_due",), besides=()
        ),
        "a number of which the end is known": lambda: case_rows.numbers_like(store, "0001"),
    }
    walked = set()
    for name, ask in asked.items():
        watched.asked.clear()
        ask()
        assert watched.asked, name
        walked |= {name} if watched.scans() else set()

    assert walked - WALKS.keys() == set()


def test_a_report_of_a_week_goes_through_the_cases_once(watched: Watched) -> None:
    """What is open, what runs and what happened before is found by index; what changed is asked of each case, once.

    So nothing is hidden where rows of the journal were taken away.
    """
    now = NOW + timedelta(days=30)
    advance(
        Acting(watched.ledger, "wang", NOW),
        watched.number,
        "assign",
        dict.fromkeys(("responsible_leader", "handler"), "wang"),
    )
    watched.asked.clear()
    found = figures(watched.ledger, "lead", period_of(ReportKind.WEEKLY, None, today=now.date()), longest=0, now=now)

    assert (found.total.flow.carried, found.total.unmet) == (1, 0)
    walked = [each for each in watched.scans() if "c.changed_at >= ? OR c.dated_on >= ?" not in each or "NOT (" in each]
    assert walked == []
    assert sum("FROM deadlines d JOIN cases" in each for each in watched.asked) == 1


def in_commit(store: Store, ask: Callable[[], object]) -> None:
    """Ask something within a transaction."""
    with store.begin():
        ask()


WALKS = {
    "everything that happened": "it is all shown",
    "messages, all of them": "they are all shown",
    "messages late": "what waits only, for `doctor`",
    "messages that failed": "few are ever looked for, by `outbox list --failed` and by nothing that a step waits for",
    "how many messages failed": "the same, for `doctor` and `/metrics`",
    "terms that are late, of all cases": "what runs; only where that is less than the deadlines of those asked about",
    "a number of which the end is known": "a slip of a clerk: asked only after the whole number was not found",
}
"""What goes through a whole big table, and why it may."""

PARTIAL = tuple(
    f"INDEX {each}"
    for each in (
        "ix_reminders_unheard",
        "ix_cases_open",
        "ix_deadlines_due",
        "ix_deadlines_paused",
        "ix_deadlines_provisional",
        "ix_journal_by_hand",
    )
)
"""Indexes of what nobody heard of, is open, runs, rests, is provisional or dated by hand: none grows with the years."""


def _walks(step: str) -> bool:
    """Say whether a step of a plan goes through a whole big table."""
    if step.endswith(PARTIAL):  # holds only the rows that are looked for
        return False
    on_sqlite = re.match(r"SCAN (\w+)", step)
    walked = on_sqlite[1] if on_sqlite else step.removeprefix("Seq Scan ") if step.startswith("Seq Scan ") else None
    short = {"c": "cases", "d": "deadlines", "j": "journal", "r": "reminders"}
    return short.get(str(walked), walked) in BIG


def _steps(plan: dict[str, Any]) -> Iterator[str]:
    """Yield the steps of PostgreSQL's plan."""
    yield f"{plan['Node Type']} {plan.get('Relation Name', '')}"
    for each in plan.get("Plans", ()):
        yield from _steps(each)


def test_what_few_cases_have_is_met_by_key_page_by_page(watched: Watched) -> None:
    """No page reads all cases of an officer once more, and a value that is given once leads to its case."""
    acting = Acting(watched.ledger, "wang", NOW)
    keys = {"handler == 'wang'": "n.case_id > ?", "archive_number == 'D-1'": "v.digest = ?"}
    for where, key in keys.items():
        watched.asked.clear()
        assert list(selection(acting, "lead", where=where, chunk=1)) == []
        (asked,) = [each for each in watched.asked if key in each]
        plan = watched.plan(asked, watched.asked[asked])
        assert [line for line in plan if re.match("SCAN (?!u )|Seq|SEARCH c .*rowid>", line)] == [], plan


def test_a_search_walks_through_no_table(watched: Watched) -> None:
    """Words are found by their index, however many leads there are; so is the next page of a list."""
    found = list(list_cases(watched.ledger, "lead", words="强揽", open_only=True, now=NOW))
    assert [each.number for each in found] == [watched.number]
    list(list_cases(watched.ledger, "lead", words="强揽", unit="0101", state="received", after=watched.number, now=NOW))

    assert sum("search" in each for each in watched.asked) == 4
    assert watched.scans() == []


def test_a_grown_ledger_is_looked_at_again(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few cases SQLite notes nothing; of many it does, and not again before they double or an index is new."""
    store, on_sqlite = watched.store, watched.store.dialect == "sqlite"
    assert not planner_statistics.refresh(store)
    monkeypatch.setattr(planner_statistics, "GROWN", 1)
    if on_sqlite:
        store.change("DELETE FROM sqlite_stat1")

    assert [planner_statistics.refresh(store) for _ in range(2)] == [on_sqlite, False]
    if on_sqlite:
        store.change("DELETE FROM sqlite_stat1 WHERE idx = 'ix_cases_alike'")

    assert [planner_statistics.refresh(store) for _ in range(2)] == [on_sqlite, False]


def test_a_ledger_in_use_is_looked_at_another_time(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes nothing is refused: an import that is committed must not end as one that failed."""
    store = watched.store
    if store.dialect != "sqlite":
        return  # a server sees to it itself
    monkeypatch.setattr(planner_statistics, "GROWN", 1)
    store.change("DELETE FROM sqlite_stat1")
    store.change("PRAGMA busy_timeout = 0")
    with closing(open_sqlite(store.url)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not planner_statistics.refresh(store)
    assert planner_statistics.refresh(store)
