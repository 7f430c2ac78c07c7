"""The second process that checks ranges of cases, seen from both sides; see `sharing`, which alone loads this."""

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from engine.language import language, use
from engine.operations.house.case_ranges import CaseRange, RangeChecker, RangeFound, next_of
from engine.operations.house.checking import Checking
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.store import chain_rows as chains
from engine.system.secrecy import environment_handed_on

_HOUSE: Final = Path(__file__).resolve().parents[3]
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from engine.operations.house.second_process import main; main()"
)
_GONE: Final = (OSError, EOFError, ValueError, pickle.UnpicklingError)
"""What speaking with a process raises that has ended, or to which the pipes are closed."""


class SecondProcess:
    """A process that has opened the same ledger; it ends with `close`, or with this one."""

    def __init__(self, reopen: Callable[[], Ledger]) -> None:
        """Start it.

        Args:
            reopen: Opens the ledger there; it is sent as pickle sends it.

        Raises:
            OSError: If it cannot be started.
        """
        opening = pickle.dumps((reopen, language()))
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            # Isolated: neither the current folder nor PYTHONPATH may put another program in the place of ours.
            [sys.executable, "-I", "-c", _PROGRAM, str(_HOUSE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment_handed_on(database=True),
        )
        with suppress(*_GONE):  # that it ended is seen as soon as it is asked to begin
            self._send(opening)

    def begin(self, shared: str) -> bool:
        """Let it see the state of the database that `Store.reading_beside` lends; say whether it does."""
        try:
            return bool(self._ask(shared))
        except _GONE:
            return False

    def check(self, asked: CaseRange, *, house_holds: bool) -> RangeFound:
        """Let it check a range of cases.

        Raises:
            OSError, EOFError, ValueError, pickle.UnpicklingError: If it has ended.
        """
        found = self._ask((asked, house_holds))
        assert isinstance(found, RangeFound)
        return found

    @contextmanager
    def checking(
        self, waiting: deque[int], ranges: Sequence[CaseRange], *, house_holds: bool
    ) -> Iterator[Mapping[int, RangeFound]]:
        """Let it check ranges that wait while the block runs, and lend what it finds; complete after the block.

        A range that it had in its hands when it ended waits again.
        """
        found = dict[int, RangeFound]()

        def let_check(place: int | None) -> None:
            while place is not None:
                try:
                    found[place] = self.check(ranges[place], house_holds=house_holds)
                except _GONE:
                    waiting.append(place)
                    return
                place = next_of(waiting)

        beside = threading.Thread(target=let_check, args=(next_of(waiting),), daemon=True)
        beside.start()
        yield found
        beside.join()

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what it had not read yet
                if pipe is not None:
                    pipe.close()

    def _ask(self, what: object) -> object:
        assert self._process.stdout is not None
        self._send(pickle.dumps(what))
        return pickle.load(self._process.stdout)  # noqa: S301 (written by our own program)

    def _send(self, pickled: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(pickled)
        self._process.stdin.flush()


def main() -> None:
    """Be the second process: answer each request, and end with the process that asks, however that ends."""
    heard, answers = SimpleQueue[Any](), sys.stdout.buffer
    threading.Thread(target=_hear, args=(heard,), daemon=True).start()
    with ExitStack() as opened, seldom_collected():
        reopen, chosen = heard.get()
        use(chosen)
        ledger = opened.enter_context(closing(reopen()))
        block = opened.enter_context(ExitStack())
        checker: RangeChecker | None = None
        while True:
            asked = heard.get()
            if isinstance(asked, str):
                block.close()
                block.enter_context(ledger.store.reading(asked))
                ledger.store.value("SELECT count(*) FROM counters")  # a file's state is the one that is first read
                checker = None
                pickle.dump(True, answers)
            else:
                these, house_holds = asked
                checker = checker or _checker(ledger, house_holds=house_holds)
                pickle.dump(checker.check(these), answers)
            answers.flush()


def _hear(heard: "SimpleQueue[Any]") -> None:
    """Pass on what is asked; when nobody is left who could ask, end this process in the middle of its work.

    A process that was killed closes nothing itself: only its end of the pipe tells of it, on every system.
    """
    try:
        while True:
            heard.put(pickle.load(sys.stdin.buffer))  # noqa: S301 (written by our own program)
    finally:
        os._exit(0)


def _checker(ledger: Ledger, *, house_holds: bool) -> RangeChecker:
    """Return what checks ranges by the house as it stands in the block."""
    return RangeChecker(ledger, Checking(ledger, chains.house_chain(ledger.store) if house_holds else None))
