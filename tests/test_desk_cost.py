"""A page costs what it shows and not what exists: as many statements at 8,000 leads as at 80, none walks a table."""

import re
from typing import Any

import pytest
from desks import Browser, serving
from ledgers import DAY, LEAD, START, furnished, opened
from test_engine_queries import BIG

from engine.operations.cases.casework import advance, open_cases
from engine.operations.ledger.acting import Acting
from engine.store import case_rows
from engine.store.connection import SQLiteStore

PAGES = (
    "/",
    "/list/lead",
    "/list/lead?q=%E5%81%9C%E8%BD%A6",
    "/list/lead?closed=1&after=0101-XS-2019-0005",
    "/list/lead?state=shelved&unit=0101",
    "/calendar?view=week",
    "/case/0101-XS-2019-0001",
)
FEW, MANY = 80, 8_000
HEAVIEST = 150_000
"""Bytes of a page with all that it loads, before anything is packed."""
KEYS = {"cases": "id", "journal": "case_id", "deadlines": "case_id", "search_pending": "case_id"}
"""By which column rows of a table belong to a case."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Note every statement that any ledger asks."""
    noted: list[tuple[str, Any]] = []
    plain = SQLiteStore.query

    def query(self: SQLiteStore, statement: str, values: Any = ()) -> Any:
        noted.append((statement, values))
        return plain(self, statement, values)

    monkeypatch.setattr(SQLiteStore, "query", query)
    return noted


def test_pages_cost_what_they_show(sqlite_url: str, asked: list[tuple[str, Any]]) -> None:
    """Today, lists, a search, the next page and a case, for one who reads all and one who reads a unit."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        open_cases(Acting(ledger, "zhou", START), "lead", [("0101", LEAD)] * FEW)
    counts: dict[tuple[str, str], list[int]] = {}
    for leads in (FEW, MANY):
        with opened(sqlite_url) as ledger:
            if leads == MANY:
                _copy(ledger.store, MANY - FEW)
        with serving(sqlite_url) as client:
            for officer in ("tang", "zhou"):
                browser = Browser(client).come_in(officer)
                for page in PAGES:
                    browser.sees(page)
                    asked.clear()
                    browser.sees(page)
                    counts.setdefault((officer, page), []).append(len(asked))
                    if leads == MANY:
                        assert _walks(sqlite_url, list(asked)) == [], (officer, page)
                        assert _weight(client, page) < HEAVIEST, (officer, page)
    assert {key: (few, many) for key, (few, many) in counts.items() if few != many} == {}


def test_a_list_asks_as_often_for_sixty_rows_as_for_ten(sqlite_url: str, asked: list[tuple[str, Any]]) -> None:
    """What stands in a row is read for all rows at once: who reads all, one unit, or only what names them."""
    counts: dict[str, list[int]] = {}
    with furnished(sqlite_url, rehearsal=True) as ledger:
        for leads in (10, 50):
            open_cases(Acting(ledger, "zhou", START), "lead", [("0101", LEAD)] * leads)
            for case in case_rows.select(ledger.store, workflow="lead")[-leads:]:
                people = {"responsible_leader": "zhao", "handler": "chen"}
                advance(Acting(ledger, "zhou", START + DAY), case.number, "assign", people)
            with serving(sqlite_url) as client:
                for officer in ("tang", "zhou", "chen"):
                    browser = Browser(client).come_in(officer)
                    browser.sees("/list/lead")
                    asked.clear()
                    page = browser.sees("/list/lead?col=due&col=who&col=f.handler&count=yes")
                    assert page.count('class="lamp') == min(len(case_rows.select(ledger.store, workflow="lead")), 50)
                    counts.setdefault(officer, []).append(len(asked))
    assert {officer: found for officer, found in counts.items() if found[1] > found[0] or found[0] > 30} == {}


def _weight(client: Any, page: str) -> int:
    """Return the bytes of a page and of what it loads."""
    content = client.get(page).content
    loaded = set(re.findall(rb'(?:src|href)="(/static/[^"]+)"', content))
    return len(content) + sum(len(client.get(each.decode()).content) for each in loaded)


def _copy(store: Any, count: int) -> None:
    """Copy the first lead with its journal and deadlines many times."""
    numbers = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < ?)"
    with store.begin():
        top = store.value("SELECT max(id) FROM cases")
        for table, key in KEYS.items():
            columns = [row[1] for row in store.query(f"PRAGMA table_info({table})")]
            columns = [each for each in columns if (table, each) != ("deadlines", "id")]
            other = {key: f"{top} + k", "number": f"'0101-XS-2018-' || ({top} + k)"}
            given = ", ".join(other.get(each, f't."{each}"') for each in columns)
            listed = ", ".join(f'"{each}"' for each in columns)
            rows = f"SELECT {given} FROM n, {table} t WHERE t.{key} = (SELECT min(id) FROM cases)"
            store.change(f"INSERT INTO {table} ({listed}) {numbers} {rows}", (count,))


def _walks(url: str, asked: list[tuple[str, Any]]) -> list[str]:
    """Return the statements that walk through a table that grows with the years."""
    short = {"c": "cases", "d": "deadlines", "j": "journal", "r": "reminders", "t": "cases"}
    found = []
    with opened(url) as ledger:
        for statement, values in asked:
            if not statement.startswith(("SELECT", "WITH")) or "seen_besides" in statement:
                continue
            for row in ledger.store.query(f"EXPLAIN QUERY PLAN {statement}", values):
                words = str(row[3]).split()
                if words[0] == "SCAN" and "USING" not in words and short.get(words[1], words[1]) in BIG:
                    found.append(f"{row[3]} <- {statement}")
    return found
