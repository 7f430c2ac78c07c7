"""Which of several a refusal is about, and how its like is undone without the others."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import QinglingError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger


def counted(place: int, sentence: Text) -> Text:
    """Return the sentence with the place in a list that it is about."""
    return Text(f"object {place}: {sentence.en}", f"第 {place} 个对象：{sentence.zh}")


@contextmanager
def placed(place: int, length: int) -> Iterator[None]:
    """Let a refusal say which of several it is about."""
    try:
        yield
    except QinglingError as error:
        if length > 1:
            error.sentence = counted(place, error.sentence)
        raise


@contextmanager
def undone_if_refused(ledger: Ledger) -> Iterator[None]:
    """Undo what the block wrote if it ends in a refusal, and only that; inside `begin`."""
    ledger.store.change("SAVEPOINT row")
    try:
        yield
    except QinglingError:
        ledger.store.change("ROLLBACK TO SAVEPOINT row")
        ledger.store.change("RELEASE SAVEPOINT row")
        ledger.forget()
        raise
    ledger.store.change("RELEASE SAVEPOINT row")
