"""Threads with a ledger each: one writes, a few read, one is at the door, some wait for another server, one does jobs.

A connection to SQLite serves only the thread that opened it, and a ledger remembers what it has read. So each thread
keeps its own, looks at each turn whether anybody has changed the house, forgets what it knew of it if so, and opens
the ledger again when the house's rules have changed.
"""

import asyncio
import gc
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Literal, TypeVar

from engine.errors import DatabaseError, QinglingError
from engine.operations.identity.showing import act_as
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import AccessLog, log_of
from engine.workflow.texts import TextKind

Found = TypeVar("Found")
Lane = Literal["read", "write", "door", "away", "job"]
Memory = Literal["house", "cases"]
_REMEMBERS: Final[Mapping[Lane, frozenset[Memory]]] = {
    "read": frozenset({"house", "cases"}),
    "write": frozenset({"house"}),
}
"""What a thread of a lane remembers from turn to turn; within a commit nothing that is remembered is used."""
AWAY: Final = 4
"""Threads that may wait for another server at a time; each opens its ledger when it is first needed."""


class Pool:
    """All threads of a desk."""

    def __init__(self, open_ledger: Callable[[], Ledger], *, readers: int) -> None:
        """Start the threads; each opens its ledger at its first turn.

        Args:
            readers: How many read. One writes, since SQLite lets one write at a time anyway.
        """
        self._open = open_ledger
        reading: list[Lane] = ["read"] * readers
        waiting: list[Lane] = ["away"] * AWAY
        lanes: list[Lane] = ["write", "door", "job", *waiting, *reading]
        self._turns: dict[Lane, SimpleQueue[_Turn | None]] = {lane: SimpleQueue() for lane in lanes}
        self._threads = {
            Thread(target=self._work, args=(lane,), name=f"desk-{lane}", daemon=True): lane for lane in lanes
        }
        for each in self._threads:
            each.start()

    async def run(self, lane: Lane, work: Callable[["LedgerAtHand"], Found]) -> Found:
        """Return what *work* makes of a ledger, in a thread of a lane.

        Raises:
            Exception: What it raises.
        """
        return await asyncio.wrap_future(self.begin(lane, work))

    def begin(self, lane: Lane, work: Callable[["LedgerAtHand"], Found]) -> "Future[Found]":
        """Let a thread of a lane do some work, and wait for nothing."""
        future: Future[Found] = Future()
        self._turns[lane].put((future, work))
        return future

    def close(self) -> None:
        """Let what is under way finish, close all ledgers, and end the threads."""
        for lane in self._threads.values():
            self._turns[lane].put(None)
        for each in self._threads:
            each.join()

    def _work(self, lane: Lane) -> None:
        """Take turns until there are no more."""
        kept = LedgerAtHand(self._open, remembers=_REMEMBERS.get(lane, frozenset()))
        while (turn := self._turns[lane].get()) is not None:
            future, work = turn
            if not future.set_running_or_notify_cancel():
                continue
            try:
                kept.refresh()
                future.set_result(work(kept))
            except StopIteration as error:  # as the answer of a thread it would never arrive
                future.set_exception(RuntimeError(f"stopped early: {error!r}"))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who asked
                future.set_exception(error)
                if isinstance(error, DatabaseError) or not isinstance(error, QinglingError):
                    kept.close()  # nobody knows in which state it is: the next turn opens another
        kept.close()


_Turn = tuple["Future[Any]", Callable[["LedgerAtHand"], Any]]


class LedgerAtHand:
    """The ledger of one thread, and the log of who reads it; both stay open from turn to turn."""

    def __init__(self, open_ledger: Callable[[], Ledger], *, remembers: frozenset[Memory] = frozenset()) -> None:
        """Open nothing yet.

        Args:
            remembers: Of what that which was read serves the next turns as well, as long as it stands as it did.
        """
        self._open, self._remembers = open_ledger, remembers
        self._ledger: Ledger | None = None
        self._log: AccessLog | None = None
        self._has_opened = False
        self._stood: tuple[int, str] | None = None
        """How the house stood when it was last looked at."""
        self._rules: list[Mapping[str, int]] = []
        """The texts that were in force when the ledger was opened: it works by these."""

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        assert self._ledger is not None, "opened by `refresh`"
        return self._ledger

    @property
    def log(self) -> AccessLog:
        """The log of who reads it."""
        if self._log is None:
            self._log = log_of(self.ledger)
        return self._log

    def refresh(self) -> None:
        """Open the ledger, or let it know nothing that another process may have changed.

        Raises:
            DatabaseError: If its database is not there any more.
        """
        if self._ledger is not None and not self._ledger.store.is_in_place:
            self.close()  # it was removed, or another one was put in its place: nothing more is written into the old
        if self._ledger is not None:
            self._ledger.look_again()
            self._ledger.unjudged.clear()
            if self._ledger.house_stands != self._stood:  # of all that it says, only other rules need another opening
                self._stood = self._ledger.house_stands
                if _rules_of(self._ledger) != self._rules:
                    self.close()
        if self._ledger is None:
            self._ledger = self._open()
            _let_stay(was_open=self._has_opened)
            self._has_opened = True
            if self._remembers:
                self._ledger.store.remember(cases="cases" in self._remembers)
            self._ledger.look_again()
            self._stood, self._rules = self._ledger.house_stands, _rules_of(self._ledger)
        act_as(self._ledger, None)
        self._ledger.reader = None

    def close(self) -> None:
        """Close what is open; what cannot even be closed is let go of, or its thread would end with it."""
        log, ledger = self._log, self._ledger
        self._log = self._ledger = None
        for each in (log, ledger):
            if each is not None:
                with suppress(Exception):
                    each.close()


def _let_stay(*, was_open: bool) -> None:
    """Let the collector pass over what is there now: it stays, and to go over all of it stops every request.

    Args:
        was_open: Another ledger stood in its place and has been closed; what is left of it goes first.
    """
    if was_open:
        gc.unfreeze()
        gc.collect()
    gc.freeze()


def _rules_of(ledger: Ledger) -> list[Mapping[str, int]]:
    """Return the newest version of each text that a ledger has adopted."""
    texts = AdoptedTexts(ledger.store)
    return [texts.newest(kind) for kind in TextKind]
