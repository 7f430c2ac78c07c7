"""Importing in one transaction: all that can be taken is kept together, or nothing is."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.store import planner_statistics


class Fate:
    """What becomes of what is written in the block: nothing of it is kept unless that is said."""

    def __init__(self) -> None:
        self.kept = False

    def keep(self) -> None:
        """Let everything that was written be committed at the end of the block."""
        self.kept = True

    def settle(self) -> None:
        """Undo the transaction unless it is to be kept."""
        if not self.kept:
            raise _UndoneError


class _UndoneError(Exception):
    """Ends a transaction that is not to be kept."""


@contextmanager
def all_or_nothing(ledger: Ledger) -> Iterator[Fate]:
    """Lend a transaction that is undone at the end of the block unless its fate is to be kept.

    A trial goes the whole road and is then undone, so that it refuses what the real thing would refuse.

    Raises:
        DatabaseError: If another program holds the database for too long.
    """
    fate = Fate()
    try:
        with seldom_collected(), ledger.store.begin():
            yield fate
            fate.settle()
    except _UndoneError:
        pass
    finally:
        if not fate.kept:
            ledger.forget()
    if fate.kept:
        planner_statistics.refresh(ledger.store)
