"""What the other processes of a test do: started with a ledger's place, they act on it for real.

Run as a script: rivals.py READ WRITE PLACE DATABASE ARGUMENT… -- …, with two pipes for each. A line on its output
says that it is ready, or what it has done; a line on its input lets it go on. All are forks of one that has loaded
what they need, so that ten begin as soon as one; each opens the ledger by itself.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from ledgers import LEAD, START, furnished, opened, register
from paths import ASSIGN

from engine.errors import QinglingError
from engine.operations.cases.casework import advance, amend
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.transitions import Rules
from engine.store import house_rows, unique_rows
from engine.store.connection import Store, open_store
from engine.store.schema import bring_up
from workflows.loader import Declarations

ROOT = Path(__file__).resolve().parent.parent
_having = unique_rows.having
FILE = {"name": "台账.xlsx", "digest": "0"}


@dataclass(frozen=True)
class Rival:
    """A process of a test, by its pipes."""

    stdin: IO[str]
    stdout: IO[str]


@contextmanager
def rivals(*calls: tuple[str, ...]) -> Iterator[tuple[Rival, ...]]:
    """Start the processes, wait until each says that it is ready, and end what is left of them afterwards."""
    with ExitStack() as ending:
        started, theirs, words = list[Rival](), list[int](), list[str]()
        for call in calls:
            (read, to_them), (from_them, write) = os.pipe(), os.pipe()
            theirs += read, write
            stdin = ending.enter_context(os.fdopen(to_them, "w", encoding="utf-8"))
            stdout = ending.enter_context(os.fdopen(from_them, encoding="utf-8"))
            started.append(Rival(stdin, stdout))
            words += *([] if not words else ["--"]), str(read), str(write), *call
        parent = subprocess.Popen(
            [sys.executable, str(Path(__file__)), *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=theirs,
            start_new_session=True,
        )
        ending.callback(_ended, parent)
        for each in theirs:
            os.close(each)
        for rival in started:
            assert heard(rival) == "ready"
        yield tuple(started)


def let_go(rival: Rival) -> None:
    """Let a waiting process go on."""
    rival.stdin.write("\n")
    rival.stdin.flush()


def heard(rival: Rival) -> str:
    """Return the next line that a process says; empty when it has ended."""
    return rival.stdout.readline().strip()


def _ended(parent: "subprocess.Popen[bytes]") -> None:
    """End the process, its forks and theirs, if they still run."""
    with suppress(ProcessLookupError):
        os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()


def _register(ledger: Ledger, count: str, unit: str) -> None:
    """Register leads as fast as it goes, and say their numbers."""
    _ready()
    for turn in range(int(count)):
        print(register(ledger, unit=unit, by="keeper", summary=f"第{turn}件").number)


def _advance_together(ledger: Ledger, number: str, by: str) -> None:
    """Read a lead, wait, and commit what was decided about it by then; say how it went."""
    decided = ledger.store.begin

    def waiting() -> object:
        _ready()
        return decided()

    ledger.store.begin = waiting  # type: ignore[method-assign,assignment]  # to wait between reading and writing
    try:
        advance(Acting(ledger, by, START + timedelta(hours=1)), number, "assign", ASSIGN.values)
        print("done")
    except QinglingError as refused:
        print(f"{refused.exit_code} {refused.sentence.en}")


def _amend_unseeing(ledger: Ledger, number: str, archive_number: str) -> None:
    """Give a lead a file number without having looked who has it, nor waiting for who gives one; say how it went."""
    unique_rows.having = _looking_only_afterwards  # type: ignore[assignment]  # so that only the database is left
    house_rows.lock_unique = lambda store: None  # noqa: ARG005
    _ready()
    try:
        amend(Acting(ledger, "zhou", START), number, {"archive_number": archive_number}, reason="建档")
        print("done")
    except QinglingError as refused:
        print(f"{refused.exit_code} {refused.sentence.en}")


def _looking_only_afterwards(store: Store, *asked: object, besides: int) -> str | None:
    """Find nobody who has a value while something is being written."""
    return None if store.is_writing else _having(store, *asked, besides=besides)  # type: ignore[arg-type]


def _advance_for_ever(ledger: Ledger) -> None:
    """Register a lead, take it three steps, and again, until ended."""
    while True:
        _advance_one(ledger)


def _advance_one(ledger: Ledger) -> None:
    """Register a lead and take it three steps."""
    number = register(ledger, by="keeper").number
    for trigger, values in (
        ("assign", ASSIGN.values),
        ("shelve", {"reason": "待查", "next_review_on": "2019-08-01", "signed_by": "zhao"}),
        ("take_up", {"reason": "再查"}),
    ):
        advance(Acting(ledger, "keeper", START), number, trigger, values)


def _import_for_ever(ledger: Ledger, size: str) -> None:
    """Take in one ledger after the other, each of so many rows in one commit, until ended."""
    turn = len(ledger.store.query("SELECT 1 FROM cases"))
    while True:
        _import_one(ledger, int(size), turn)
        turn += 1


def _import_one(ledger: Ledger, size: int, turn: int) -> None:
    """Take in one ledger of so many rows in one commit."""
    rows = [
        Row(at=f"A{n}", values={**LEAD, "summary": f"第{turn}册第{n}件"}, unit="0101", state="assigned", words="在办")
        for n in range(size)
    ]
    with ledger.store.begin():
        for _ in take_in(Acting(ledger, "keeper", START), "lead", rows, file=FILE):
            pass


def _import_once(ledger: Ledger, size: str) -> None:
    """Take in one ledger, the same as any rival's; say what became of its rows."""
    rows = [Row(at=f"A{n}", values={**LEAD, "summary": f"第{n}件"}, unit="0101") for n in range(int(size))]
    _ready()
    with ledger.store.begin():
        taken = list(take_in(Acting(ledger, "keeper", START), "lead", rows, file=FILE))
    print(*sorted({each.outcome for each in taken}))


def _nursery(ledger: Ledger, part: str, *args: str) -> None:
    """Fork a process that says its id and works for ever, and wait for its end; again for each word to go on.

    Forked, each starts at once with all that is read already; it has a connection of its own.
    """
    url, book = ledger.store.url, Declarations()
    ledger.store.close()
    Rules(book.latest("lead"))
    _warm_up(book)
    _ready()
    while True:
        child = os.fork()
        if not child:
            _work(Ledger(open_store(url), book), part, *args)
        os.waitpid(child, 0)
        print("gone", flush=True)
        sys.stdin.readline()


def _warm_up(book: Declarations) -> None:
    """Do once, in a ledger that is thrown away, what a fork does: what that loads and prepares costs it no life."""
    with TemporaryDirectory() as folder:
        url = str(Path(folder) / "warm.db")
        bring_up(url)
        with furnished(url) as ledger:
            warm = Ledger(ledger.store, book)
            _advance_one(warm)
            _import_one(warm, 2, 0)


def _work(ledger: Ledger, part: str, *args: str) -> None:
    """Work until one is ended; never come back."""
    print(os.getpid(), flush=True)
    try:
        FOR_EVER[part](ledger, *args)
    except Exception:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(1)


def _ready() -> None:
    """Say so, and wait for the word to go on."""
    print("ready", flush=True)
    sys.stdin.readline()


FOR_EVER: dict[str, Callable[..., None]] = {"advancing": _advance_for_ever, "importing": _import_for_ever}
PARTS: dict[str, Callable[..., None]] = {
    "register": _register,
    "advance": _advance_together,
    "amend": _amend_unseeing,
    "import": _import_once,
    "nursery": _nursery,
}


def _forked(read: str, write: str, part: str, url: str, *args: str) -> int:
    """Fork a process that plays a part with pipes of its own, and return its id."""
    if child := os.fork():
        return child
    code = 1
    try:
        os.dup2(int(read), 0)
        os.dup2(int(write), 1)
        os.closerange(3, 1024)  # or nobody would hear the end of another
        sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8", buffering=1)
        with opened(url) as theirs:
            PARTS[part](theirs, *args)
        code = 0
    except Exception:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    calls = [each.split("\0") for each in "\0".join(sys.argv[1:]).split("\0--\0")]
    children = [_forked(*each) for each in calls]
    for each in calls:
        os.close(int(each[0]))
        os.close(int(each[1]))
    for child in children:
        os.waitpid(child, 0)
