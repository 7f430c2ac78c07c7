"""The reason that somebody gives for what they do; the journal keeps it, so it may not be empty."""

from typing import Final

from engine.errors import BadValueError
from engine.language import Text
from engine.rules.readers import UNSEEN, is_blank

NO_REASON: Final = Text("give a reason (--reason)", "请写明理由（--reason）")


def reason_given(words: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        BadValueError: If there is none, or nothing of it is seen, or no paper can show all of it.
    """
    if is_blank(words):
        raise BadValueError(NO_REASON)
    return shown_as_typed(words)


def shown_as_typed(words: str) -> str:
    """Return a remark or reason without blanks around it.

    Raises:
        BadValueError: If it holds what no paper can show, or what turns the direction of the rest.
    """
    if UNSEEN.search(words):
        raise BadValueError(Text("a remark or reason contains control characters", "备注或理由含有控制字符"))
    return words.strip()
