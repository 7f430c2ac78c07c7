"""Daily verifying: what it costs follows from what the day added, and not from what the ledger holds."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.ground import NOW, OFFICER, build, fill, opened
from engine.operations.cases.casework import note
from engine.operations.house.checkpoints import make_checkpoint
from engine.operations.house.verifying import Verification, verification
from engine.operations.ledger.acting import Acting


class Cost(NamedTuple):
    """What verifying what is new took."""

    found: Verification
    steps: int
    """Instructions of the database's machine: each row that is looked at takes some."""
    statements: list[str]


def checkpointed(url: str, folder: Path, day: int) -> None:
    """Cover all that is there by a checkpoint of a later day."""
    ledger = opened(url)
    with closing(ledger.store):
        make_checkpoint(Acting(ledger, OFFICER, NOW + timedelta(days=day)), folder / "ledger.key")


def cost(url: str) -> Cost:
    """Verify what is new, and count what the database did for it."""
    ledger = opened(url)
    with closing(ledger.store):
        steps, statements = 0, list[str]()

        def step() -> None:
            nonlocal steps
            steps += 1

        driver = ledger.store.driver
        driver.set_progress_handler(step, 1)
        driver.set_trace_callback(statements.append)
        return Cost(verification(ledger, whole=False), steps, statements)


@contextmanager
def by_hand(url: str) -> Iterator[sqlite3.Connection]:
    """Give the file to who writes into it beside the program."""
    with closing(sqlite3.connect(url)) as hand, hand:
        yield hand


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return a ledger of 40 leads and one of 1,040, each with the same 30 new ones after its checkpoint."""
    folder = tmp_path_factory.mktemp("days")
    small, large = str(folder / "small.db"), str(folder / "large.db")
    build(small)
    fill(small, 40, assigned=True, as_made=True)
    shutil.copy(small, large)
    fill(large, 1_000, assigned=True, as_made=True)
    for url in (small, large):
        fill(url, 2, assigned=True, as_made=True, now=NOW + timedelta(days=5))
        checkpointed(url, folder, 5)
        fill(url, 30, assigned=True, as_made=True, now=NOW + timedelta(days=6))
    return small, large


def test_verifying_what_is_new_reads_as_many_rows_in_a_large_ledger_as_in_a_small_one(days: tuple[str, str]) -> None:
    """Of 26 times as many leads none is looked at; the one thing asked of all is how many entries there are."""
    small, large = map(cost, days)
    assert [(each.found.breaks, each.found.whole) for each in (small, large)] == [((), False)] * 2
    assert small.found.checked == large.found.checked
    assert small.found.judged == large.found.judged == 30
    # A deeper tree and tiles that are complete by now take a few more; one look at all would take 12,000.
    assert large.steps - small.steps < 1_500, (small.steps, large.steps)
    assert len(large.statements) - len(small.statements) <= 2
    with closing(sqlite3.connect(days[1])) as connection:
        looked = {
            (row[3], each)
            for each in large.statements
            if each.startswith("SELECT")
            for row in connection.execute(f"EXPLAIN QUERY PLAN {each}")
            if row[3].startswith("SCAN") and row[3].split()[1] in {"journal", "cases", "deadlines", "tree_leaves"}
        }
    assert {statement for _, statement in looked} == {"SELECT count(*) FROM journal"}


def test_cases_far_apart_are_read_together(days: tuple[str, str], tmp_path: Path) -> None:
    """One word on each tenth old lead makes no more statements than new leads that stand side by side do."""
    url = str(shutil.copy(days[1], tmp_path / "scattered.db"))
    before = cost(url)
    ledger = opened(url)
    with closing(ledger.store):
        numbers = ledger.store.column("SELECT number FROM cases WHERE id < 1000 AND id % 10 = 0")
        for number in numbers:
            note(Acting(ledger, OFFICER, NOW + timedelta(days=6, hours=1)), number, "又来电询问")
    after = cost(url)
    assert after.found.breaks == ()
    assert after.found.checked - before.found.checked == 3 * len(numbers)  # receipt and step are read again
    assert len(after.statements) - len(before.statements) <= 2


def test_a_new_case_whose_own_row_is_gone_is_found_by_what_is_new(days: tuple[str, str], tmp_path: Path) -> None:
    """Its entries, which nobody's chain holds any more, are named without comparing every table."""
    url = str(shutil.copy(days[0], tmp_path / "orphans.db"))
    with by_hand(url) as hand:
        gone = hand.execute("SELECT max(id) - 8 FROM cases").fetchone()[0]
        hand.execute("DELETE FROM deadlines WHERE case_id = ?", (gone,))
        hand.execute("DELETE FROM cases WHERE id = ?", (gone,))
    found = cost(url).found
    assert not found.whole
    assert {(each.case, each.what) for each in found.breaks} == {(str(gone), "no case")}
