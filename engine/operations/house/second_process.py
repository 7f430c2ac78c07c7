"""A second process that checks ranges of cases while the first one checks others, in the same state of the database.

Python keeps one processor busy, whatever threads there are, and verifying a year of a province takes a minute. A ledger
that is small, a machine with one processor, a process that does not start or dies: then one process does it all, and
finds the same.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.language import language, use
from engine.operations.house.case_ranges import RangeChecker, RangeFound
from engine.operations.house.checking import Checking
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.store import chain_rows as chains

FEWEST: Final = 15_000
"""Cases from which on a second process saves more than its start takes, which is a third of a second."""

RANGE: Final = 2_500
"""Ids of a range: a second process has little to wait for at the end, and seldom asks for another one."""

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
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-I", "-c", _PROGRAM, str(_HOUSE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with suppress(*_GONE):  # that it ended is seen as soon as it is asked to begin
            self._send((reopen, language()))

    def begin(self, shared: str) -> bool:
        """Let it see the state of the database that `Store.reading_beside` lends; say whether it does."""
        try:
            return bool(self._ask(shared))
        except _GONE:
            return False

    def check(self, first: int, last: int, *, house_holds: bool) -> RangeFound:
        """Let it check a range of cases.

        Raises:
            OSError, EOFError, ValueError, pickle.UnpicklingError: If it has ended.
        """
        found = self._ask((first, last, house_holds))
        assert isinstance(found, RangeFound)
        return found

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
        self._send(what)
        return pickle.load(self._process.stdout)  # noqa: S301 (written by our own program)

    def _send(self, what: object) -> None:
        assert self._process.stdin is not None
        pickle.dump(what, self._process.stdin)
        self._process.stdin.flush()


@contextmanager
def reading(ledger: Ledger, *, every_case: bool) -> Iterator[SecondProcess | None]:
    """See one state of the database, and lend a second process that sees the same, where that is worth it.

    Args:
        every_case: Every case will be checked, and not only some.
    """
    with ExitStack() as stack:
        second = stack.enter_context(closing(started)) if every_case and (started := _started(ledger)) else None
        if second is None:
            stack.enter_context(ledger.store.reading())
            yield None
        else:
            is_shared = stack.enter_context(ledger.store.reading_beside(second.begin))
            yield second if is_shared else None


def checked(
    ranges: Sequence[tuple[int, int]], own: RangeChecker, second: SecondProcess | None, *, house_holds: bool
) -> Iterator[tuple[RangeFound, bool]]:
    """Yield what was found in each range, in their order, and whether the second process found it."""
    waiting = deque(range(len(ranges)))
    by_own, by_second = dict[int, RangeFound](), dict[int, RangeFound]()

    def let_check(second: SecondProcess, place: int | None) -> None:
        while place is not None:
            try:
                by_second[place] = second.check(*ranges[place], house_holds=house_holds)
            except _GONE:
                waiting.append(place)
                return
            place = _next(waiting)

    def check() -> None:
        while (place := _next(waiting)) is not None:
            by_own[place] = own.check(*ranges[place])

    if second is not None:
        beside = threading.Thread(target=let_check, args=(second, _next(waiting)), daemon=True)
        beside.start()
        check()
        beside.join()
    check()  # all, or the one at which the second process died
    for place in range(len(ranges)):
        yield (by_second[place], True) if place in by_second else (by_own[place], False)


def _next(waiting: "deque[int]") -> int | None:
    """Take the next range that nobody checks yet; None if none is left."""
    try:
        return waiting.popleft()
    except IndexError:  # asked for and taken in one, since the other thread takes them as well
        return None


def _started(ledger: Ledger) -> SecondProcess | None:
    """Return a second process; None if it is not worth it, or cannot be."""
    if ledger.reopen is None or ledger.store.is_steady or _processors() == 1:
        return None
    if (ledger.store.value("SELECT max(id) FROM cases") or 0) < FEWEST:
        return None
    with suppress(OSError, pickle.PicklingError, AttributeError):
        return SecondProcess(ledger.reopen)
    return None


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> None:
    """Be the second process: answer each request until there is nobody to ask."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError), ExitStack() as opened, seldom_collected():
        reopen, chosen = pickle.load(requests)  # noqa: S301 (written by our own program)
        use(chosen)
        ledger = opened.enter_context(closing(reopen()))
        block = opened.enter_context(ExitStack())
        checker: RangeChecker | None = None
        while True:
            asked = pickle.load(requests)  # noqa: S301
            if isinstance(asked, str):
                block.close()
                block.enter_context(ledger.store.reading(asked))
                ledger.store.value("SELECT count(*) FROM counters")  # a file's state is the one that is first read
                checker = None
                pickle.dump(True, answers)
            else:
                first, last, house_holds = asked
                checker = checker or _checker(ledger, house_holds=house_holds)
                pickle.dump(checker.check(first, last), answers)
            answers.flush()


def _checker(ledger: Ledger, *, house_holds: bool) -> RangeChecker:
    """Return what checks ranges by the house as it stands in the block."""
    return RangeChecker(ledger, Checking(ledger, chains.house_chain(ledger.store) if house_holds else None))
