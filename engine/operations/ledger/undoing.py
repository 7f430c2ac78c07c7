"""How one of several is undone without the others, within one commit."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import QinglingError
from engine.operations.ledger.ledger import Ledger


@contextmanager
def undone_if_refused(ledger: Ledger) -> Iterator[None]:
    """Undo what the block wrote if it ends in a refusal, and only that; inside `begin`."""
    try:
        with ledger.store.part():
            yield
    except QinglingError:
        ledger.forget()
        raise
