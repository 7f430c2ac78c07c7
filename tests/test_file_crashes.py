"""Killed at any moment, a command that writes files leaves what was, or what it was told to do, and the next cleans up.

`QINGLING_TEST_KILLS` says how many kills of each (`make kills`: 200); a few stand in the ordinary suite.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from time import monotonic

import openpyxl
import pytest
from houses import House, built_house, house

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent
KILLS = int(os.environ.get("QINGLING_TEST_KILLS", "5"))
LEADS = 60
"""Enough for each command to take its time between its steps."""

pytestmark = pytest.mark.timeout(120 + 10 * KILLS)

FORKING = """
import os, sys
sys.path.insert(0, sys.argv[1])
import cli
from importlib import import_module
for name in sys.argv[2].split(","):
    import_module(name)
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            cli.main(line.rstrip("\\n").split("\\t"))
        except SystemExit as left:
            os._exit(left.code or 0)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
"""
"""A program that has read all it needs, and forks one that runs a command for each line."""


class Nursery:
    """Runs commands in processes of their own, each of which may be killed."""

    def __init__(self, house: House, *modules: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
        env |= {"QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now, "QINGLING_LANG": "en",
                "QINGLING_OFFICER": "wang"}  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORKING, str(ROOT), ",".join(modules)],
            env=env, cwd=house.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        assert self._heard() == "ready"

    def run(self, *args: str, killed_after: float | None = None) -> tuple[int, float]:
        """Run a command, killed after so many seconds; return how it ended as the system says, and its seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(args) + "\n")
        self._process.stdin.flush()
        child, since = int(self._heard()), monotonic()
        if killed_after is not None:
            while monotonic() - since < killed_after:  # no sleep is as exact as the moments that are to be met
                pass
            with suppress(ProcessLookupError):  # it was faster
                os.kill(child, signal.SIGKILL)
        return int(self._heard()), monotonic() - since

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.communicate()

    def _heard(self) -> str:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def full(house: House) -> House:
    """Return a house with enough leads, and a backup of it."""
    lines = "".join(f"{n},2019-06-{1 + n % 28:02},letter,第{n}件\n" for n in range(1, LEADS + 1))
    (house.folder / "first.csv").write_text("线索编号,收到时间,来源,反映内容\n" + lines, "utf-8")
    house.done("import", str(house.folder / "first.csv"), "--unit", "0101", "--apply")
    house.done("backup", str(house.folder / "good.db"))
    return house


def _killed(nursery: Nursery, prepare: Callable[[], None], args: tuple[str, ...], look: Callable[[], None]) -> None:
    """Kill a command at random moments of its life, and look at what it left after each."""
    prepare()
    status, life = nursery.run(*args)
    assert os.WIFEXITED(status)
    look()
    chance = random.Random(f"{args[0]}")
    killed = 0
    for _ in range(KILLS):
        prepare()
        status, _ = nursery.run(*args, killed_after=chance.uniform(0, life * 1.1))
        killed += os.WIFSIGNALED(status)
        look()
    assert killed > KILLS // 3


def _rows(database: Path, kind: str) -> int:
    """Return how many rows of a kind the house's journal has."""
    with closing(sqlite3.connect(database)) as connection:
        found: int = connection.execute("SELECT count(*) FROM journal WHERE kind = ?", (kind,)).fetchone()[0]
        return found


def _count(database: Path) -> int:
    """Return how many leads there are."""
    with closing(sqlite3.connect(database)) as connection:
        found: int = connection.execute("SELECT count(*) FROM cases").fetchone()[0]
        return found


def _hidden(folder: Path) -> list[str]:
    """Return what lies there that only a program at work should have."""
    return [each.name for each in folder.iterdir() if each.name.startswith(".")]


def test_kills_over_restore(full: House) -> None:
    """There is always a ledger: that of before, or the restored one with the row that says so; nothing is lost."""
    backup = full.folder / "good.db"
    before = full.folder / "before.db"
    full.lead()
    with closing(sqlite3.connect(full.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(full.database, before)
    nursery = Nursery(full, "commands.backup", "engine.store.restore", "alembic.command", "alembic.script",
                      "engine.operations.house.safekeeping", "workflows.loader", "sqlalchemy")  # fmt: skip

    def prepare() -> None:
        for each in (*full.folder.glob("ledger.db*"), *full.folder.glob("ledger-before-*")):
            each.unlink()
        shutil.copy(before, full.database)

    def look() -> None:
        with closing(sqlite3.connect(full.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        restored = _rows(full.database, "restored")
        assert (restored, _count(full.database)) in {(0, LEADS + 1), (1, LEADS)}
        if restored:
            (aside,) = full.folder.glob("ledger-before-*.db")
            assert _count(aside) == LEADS + 1

    try:
        _killed(nursery, prepare, ("restore", str(backup), "--replace"), look)
    finally:
        nursery.close()
    full.done("journal", "verify")
    full.now = "2019-07-02"
    full.done("restore", str(backup), "--replace")
    assert _hidden(full.folder) == []


def test_kills_over_a_freeze(full: House) -> None:
    """No row without its files, and no files without their row once the next freeze has come by."""
    out = full.folder / "frozen"
    out.mkdir()
    nursery = Nursery(full, "commands.zero.command", "commands.zero.freezing", "commands.zero.printed",
                      "engine.operations.zero.frozen", "workflows.loader")  # fmt: skip
    done = 0

    def prepare() -> None:
        nonlocal done
        for each in (*out.glob("*.json"), *out.glob("*.txt")):
            each.unlink()
        done = _rows(full.database, "statement_frozen")

    def look() -> None:
        was_done = _rows(full.database, "statement_frozen") - done
        whole = [each for each in out.iterdir() if not each.name.startswith(".")]
        if was_done:
            assert len(whole) == 2
            assert json.loads(next(out.glob("*.json")).read_text("utf-8"))["campaign"] == "yearly"
            return
        with_row = full.run("zero", "yearly", "--year", "2019", "--freeze", "-o", str(out), "--quick")
        assert "frozen: " in with_row.stderr, with_row.output  # what was left was cleared away, and is written now
        assert len([each for each in out.iterdir() if not each.name.startswith(".")]) == 2

    try:
        _killed(nursery, prepare, ("zero", "yearly", "--year", "2019", "--freeze", "-o", str(out), "--quick"), look)
    finally:
        nursery.close()
    full.done("journal", "verify")
    prepare()
    full.run("zero", "yearly", "--year", "2019", "--freeze", "-o", str(out), "--quick")
    assert _hidden(out) == []


def test_an_import_killed_before_its_marked_copy_is_given_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the commit and the copy: the same command says that all rows are there already, and writes the copy."""
    ledger = house.folder / "more.csv"
    ledger.write_text("线索编号,收到时间,来源,反映内容\nM1,2019-06-03,letter,甲\nM2,昨天,letter,坏行\n", "utf-8")
    marked = house.folder / "more.marked.xlsx"
    args = ("import", str(ledger), "--unit", "0101", "--apply", "--marked", str(marked))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    import_module("engine.store.backup")  # it takes `put` by name, and must not take the one that stands there for now
    with monkeypatch.context() as moment:
        moment.setattr("engine.system.whole_files.put", killed)
        house.run(*args)
    assert (_count(house.database), marked.exists()) == (2, False)
    assert "0 new, 0 updated, 2 unchanged, 0 not taken" in house.run(*args).output
    assert (_count(house.database), marked.exists()) == (2, True)


def test_kills_over_an_import_with_a_marked_copy(full: House) -> None:
    """All rows are in or none; a marked copy is whole, none of what was not imported, and made again if missing."""
    out = full.folder / "marked"
    out.mkdir()
    lines = "".join(f"M{n},2019-06-{1 + n % 28:02},letter,新{n}件\n" for n in range(LEADS))
    ledger = full.folder / "more.csv"
    ledger.write_text("线索编号,收到时间,来源,反映内容\n" + lines + "M99,昨天,letter,坏行\n", "utf-8")
    before = full.folder / "before.db"
    with closing(sqlite3.connect(full.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(full.database, before)
    nursery = Nursery(full, "commands.imports.command", "commands.imports.report", "documents.ledger_in.rows",
                      "documents.ledger_in.intake", "documents.ledger_in.marked_copy", "openpyxl",
                      "engine.operations.imports.take_in", "workflows.loader")  # fmt: skip
    marked = out / "more.marked.xlsx"
    args = ("import", str(ledger), "--unit", "0101", "--apply", "--marked", str(marked))

    def prepare() -> None:
        for each in (*full.folder.glob("ledger.db*"), *out.glob("*.xlsx")):
            each.unlink()
        shutil.copy(before, full.database)

    def look() -> None:
        count = _count(full.database)
        assert count in {LEADS, 2 * LEADS + 1}
        if count == 2 * LEADS + 1 and not marked.exists():  # between the two
            said = full.run(*args).output
            assert f"0 new, 0 updated, {LEADS + 1} unchanged, 0 not taken" in said, said
            assert (marked.exists(), _count(full.database)) == (True, count)
        if marked.exists():
            assert count == 2 * LEADS + 1
            assert openpyxl.load_workbook(marked).active is not None

    try:
        _killed(nursery, prepare, args, look)
    finally:
        nursery.close()
    full.run(*args)
    assert (_count(full.database), marked.exists()) == (2 * LEADS + 1, True)
    assert _hidden(out) == []
    full.done("journal", "verify")
