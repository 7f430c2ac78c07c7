"""Whether the figures may be trusted: not while the journal does not hold."""

from typing import TYPE_CHECKING

from engine.errors import NotZeroError
from engine.language import Text

if TYPE_CHECKING:
    from engine.operations.zero.record_checks import Concern


def is_broken(checks: "tuple[Concern, ...]") -> bool:
    """Say whether the journal was found not to hold."""
    return any(each.is_grave and each.name == "journal" for each in checks)


def refuse_broken(checks: "tuple[Concern, ...]") -> None:
    """Leave with 30 if the journal was found not to hold.

    Raises:
        NotZeroError: If so.
    """
    if is_broken(checks):
        raise NotZeroError(
            Text(
                "the journal does not hold; the figures cannot be trusted, see: qingling journal verify",
                "日志校验不符，数字不可信；请查看：qingling journal verify",
            )
        )
