"""Cases checked by two processes, in the same state of the database, where that is worth it; else by one.

Python keeps one processor busy, whatever threads there are, and verifying a year of a province takes a minute. A ledger
that is small, a machine with one processor, a process that does not start or dies: then one process does it all, and
finds the same.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Final

from engine.operations.house.case_ranges import CaseRange, RangeChecker, RangeFound, next_of
from engine.operations.ledger.ledger import Ledger

if TYPE_CHECKING:
    from engine.operations.house.second_process import SecondProcess

FEWEST: Final = 15_000
"""Cases from which on a second process saves more than its start takes, which is a third of a second."""

RANGE: Final = 2_500
"""Ids of a range: a second process has little to wait for at the end, and seldom asks for another one."""


@contextmanager
def reading(ledger: Ledger, *, every_case: bool) -> "Iterator[SecondProcess | None]":
    """See one state of the database, and lend a second process that sees the same, where that is worth it.

    Args:
        every_case: Every case will be checked, and not only some.
    """
    with ExitStack() as stack:
        second = _started(ledger) if every_case and _is_worth_it(ledger) else None
        if second is None:
            stack.enter_context(ledger.store.reading())
            yield None
        else:
            stack.enter_context(closing(second))
            is_shared = stack.enter_context(ledger.store.reading_beside(second.begin))
            yield second if is_shared else None


def checked(
    ranges: Sequence[CaseRange], own: RangeChecker, second: "SecondProcess | None", *, house_holds: bool
) -> Iterator[tuple[RangeFound, bool]]:
    """Yield what was found in each range, in their order, and whether the second process found it."""
    waiting = deque(range(len(ranges)))
    by_own = dict[int, RangeFound]()

    def check() -> None:
        while (place := next_of(waiting)) is not None:
            by_own[place] = own.check(ranges[place])

    if second is None:
        check()
        yield from ((by_own[place], False) for place in range(len(ranges)))
        return
    with second.checking(waiting, ranges, house_holds=house_holds) as by_second:
        check()
    check()  # the range at which the second process died, if it did
    for place in range(len(ranges)):
        yield (by_second[place], True) if place in by_second else (by_own[place], False)


def _is_worth_it(ledger: Ledger) -> bool:
    """Say whether a second process can help, and saves more than it takes."""
    store = ledger.store
    if ledger.reopen is None or store.is_steady or store.is_writing or _processors() == 1:
        return False
    return (store.value("SELECT max(id) FROM cases") or 0) >= FEWEST


def _started(ledger: Ledger) -> "SecondProcess | None":
    """Return a second process; None if none can be started."""
    from engine.operations.house.second_process import SecondProcess

    assert ledger.reopen is not None
    try:
        return SecondProcess(ledger.reopen)
    except OSError:
        return None


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
