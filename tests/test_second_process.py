"""Two processes verify together: they find what one finds, in the same state of the database, or one does it all."""

import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from houses import House, built_house
from ledgers import furnished, opened, register
from test_attacks import ATTACKS, played

from engine.operations.house import sharing, verifying
from engine.operations.house.baseline import Baseline
from engine.operations.house.case_ranges import CaseRange
from engine.operations.house.second_process import SecondProcess
from engine.operations.house.verifying import Verification, verification
from engine.operations.ledger.access import open_ledger
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import Store, open_store
from workflows.adopted_book import AdoptedDeclarations

__all__ = ["built_house", "played"]

Check = Callable[..., object]


@pytest.fixture
def by_second(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Let a second process help whatever the size and the machine, one case at a time; return what it checked."""
    done: list[tuple[int, int]] = []
    check: Check = SecondProcess.check

    def noted(self: SecondProcess, asked: CaseRange, *, house_holds: bool) -> object:
        found = check(self, asked, house_holds=house_holds)
        done.append((asked.first, asked.last))
        return found

    monkeypatch.setattr(SecondProcess, "check", noted)
    monkeypatch.setattr(sharing, "FEWEST", 1)
    monkeypatch.setattr(verifying, "RANGE", 1)
    monkeypatch.setattr(sharing, "_processors", lambda: 2)
    return done


@contextmanager
def reopenable(url: str) -> Iterator[Ledger]:
    """Lend a ledger that another process can open as well."""
    ledger = open_ledger(url, AdoptedDeclarations, real_now=None)
    with closing(ledger):
        ledger.reopen = partial(open_ledger, url, AdoptedDeclarations, real_now=None)
        yield ledger


def by_one(ledger: Ledger) -> Verification:
    """Verify in this process alone."""
    reopen, ledger.reopen = ledger.reopen, None
    try:
        return verification(ledger)
    finally:
        ledger.reopen = reopen


def attacked_by_many(played: House, database: Path) -> int:
    """Copy a house and do to the copy whatever attacks leave each other possible; return how many these are."""
    shutil.copyfile(played.database, database)
    done = 0
    with closing(sqlite3.connect(database)) as hand:
        for name, (attack, _, _) in ATTACKS.items():
            if "workflow" in name or "list" in name:  # by which no process would open the ledger
                continue
            try:
                with hand:
                    attack(hand)
                done += 1
            except (sqlite3.Error, TypeError):  # the row that it alters was deleted by one before
                continue
    return done


def test_two_processes_find_what_one_finds(played: House, tmp_path: Path, by_second: list[tuple[int, int]]) -> None:
    """Over a ledger to which nearly all of the table of attacks was done: the same findings, counts and order."""
    database = tmp_path / "attacked.db"
    assert attacked_by_many(played, database) > len(ATTACKS) // 2
    with reopenable(str(database)) as ledger:
        alone, together = by_one(ledger), verification(ledger)
    assert together == alone
    assert len({each.what for each in alone.breaks}) > 10
    assert by_second


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_see_one_state_of_a_server(
    database_url: str, tmp_path: Path, by_second: list[tuple[int, int]]
) -> None:
    """On PostgreSQL a finding among several cases is named by both alike, and what held is spared the next time."""
    file = tmp_path / "baseline"
    kept = Baseline(file)
    with furnished(database_url) as ledger:
        numbers = [register(ledger).number for _ in range(4)]
        ledger.store.change("UPDATE cases SET state = 'closed' WHERE number IN (?, ?)", (numbers[0], numbers[3]))
    with reopenable(database_url) as ledger:
        alone, together = by_one(ledger), verification(ledger, baseline=kept)
        ledger.store.change("UPDATE cases SET state = 'received'")
        held = verification(ledger, baseline=kept)
        kept.keep()
        spared = verification(ledger, baseline=Baseline(file))
    assert together == alone
    assert [each.case for each in alone.breaks if each.what == "state"] == [numbers[0], numbers[3]]
    assert by_second
    assert (held.breaks, held.spared) == ((), 0)
    assert (spared.breaks, spared.spared, spared.judged + spared.in_part) == ((), 4, 0)


def test_one_process_goes_on_where_the_second_dies(
    played: House, by_second: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process that is killed with a range in its hands leaves that range to the first."""
    check: Check = SecondProcess.check

    def killed(self: SecondProcess, asked: CaseRange, *, house_holds: bool) -> object:
        self.close()
        return check(self, asked, house_holds=house_holds)

    monkeypatch.setattr(SecondProcess, "check", killed)
    with reopenable(str(played.database)) as ledger:
        assert verification(ledger) == by_one(ledger)
        ledger.reopen = partial(open_ledger, "/nowhere.db", AdoptedDeclarations, real_now=None)
        assert verification(ledger) == by_one(ledger)
    assert by_second == []


def test_one_process_verifies_what_it_writes(played: House, tmp_path: Path, by_second: list[tuple[int, int]]) -> None:
    """Within a transaction that writes, as before a statement is frozen, no second process is asked: it sees less."""
    database = tmp_path / "written.db"
    shutil.copyfile(played.database, database)
    with reopenable(str(database)) as ledger, ledger.store.begin():
        ledger.store.change("UPDATE cases SET state = 'closed' WHERE id = 1")
        assert "state" in {each.what for each in verification(ledger).breaks}
    assert by_second == []


def test_two_connections_see_one_state(database_url: str) -> None:
    """Both see the same whoever writes meanwhile; on a file that is never left alone, that they do not is said."""
    asked, given = "SELECT count(*) FROM settings", "INSERT INTO settings (name, value) VALUES (?, '0')"
    for busy in (1, 99):
        with (
            furnished(database_url) if busy == 1 else opened(database_url) as ledger,
            closing(open_store(database_url)) as other,
            closing(open_store(database_url)) as writer,
            ExitStack() as block,
        ):
            names = iter(f"x{busy}.{place}" for place in range(busy))

            def begin(shared: str, block: ExitStack = block, other: Store = other, writer: Store = writer) -> bool:
                block.close()
                block.enter_context(other.reading(shared))
                other.value(asked)
                for name in islice(names, 1):  # noqa: B023 (it is called in this turn)
                    writer.change(given, (name,))
                return True

            with ledger.store.reading_beside(begin) as is_shared:
                writer.change(given, (f"y{busy}",))
                seen = ledger.store.value(asked), other.value(asked)
            assert is_shared == (busy == 1 or ledger.store.dialect == "postgresql")
            assert not is_shared or seen[0] == seen[1]


PARENT = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from documents.ledger_in import reader_process
from engine.operations.house.second_process import SecondProcess
reader_process._PROGRAM = (
    "import sys, signal; sys.path.insert(0, sys.argv.pop(1)); from documents.ledger_in.files import limits;"
    " limits.keep_within(1); sys.stdout.write('R'); sys.stdout.flush(); signal.pause()"
)
with open(sys.argv[1] + "/cli.py", "rb") as file:
    reader = reader_process.ReaderProcess(Path("a.csv"), 1, file, None)
reader._process.stdout.read(1)
second = SecondProcess(signal.pause)
print(reader._process.pid, second._process.pid, flush=True)
signal.pause()
"""
"""A command that waits for a reader and for a second process, both of them in the middle of long work."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one wait for the process of another")
def test_what_a_command_started_ends_with_it() -> None:
    """The process that reads a file and the one that verifies as well end with their command, even if it is killed."""
    root = str(Path(__file__).parents[1])
    with subprocess.Popen([sys.executable, "-I", "-c", PARENT, root], stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        started = [os.pidfd_open(int(pid)) for pid in command.stdout.readline().split()]
        command.kill()
        ended = [select.select([each], [], [], 60)[0] == [each] for each in started]
        for each in started:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(each, signal.SIGKILL)
            os.close(each)
    assert ended == [True, True]
