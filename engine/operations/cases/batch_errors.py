"""Which of several a refusal is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import QinglingError
from engine.language import Text


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
