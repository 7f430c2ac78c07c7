"""The reason that somebody gives for what they do; the journal keeps it, so it may not be empty."""

from typing import Final

from engine.errors import BadValueError
from engine.language import Text

NO_REASON: Final = Text("give a reason (--reason)", "请写明理由（--reason）")


def reason_given(words: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        BadValueError: If there is none.
    """
    if not words.strip():
        raise BadValueError(NO_REASON)
    return words.strip()
