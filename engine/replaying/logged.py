"""Events as a log tells of them, and what a replay says of them: plain values."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.language import Text

NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})


class LoggedEvent(NamedTuple):
    """One event of a log."""

    case: str
    activity: str
    at: int
    """Microseconds since 1970 UTC; of a day alone, its beginning."""
    day_only: bool
    """Only its day is known."""
    who: str
    """Empty if the log does not say."""
    phase: str
    """Of its life cycle: start, complete; empty if the log does not say."""
    line: int
    """Of the file, from 1."""
    values: Mapping[str, str] = NO_VALUES
    """What else stands there, by column."""


class MissedDeadline(NamedTuple):
    """A deadline that was not kept."""

    name: str
    due_on: str
    """Local date."""
    met_on: str | None
    """Local date of the act; None if it was not done by the end of the log, or never."""


class CaseReplay(NamedTuple):
    """What came of one case."""

    case: str
    workflow: str
    events: int
    """Those that were accepted."""
    state: str
    """Where it stands after these."""
    ended: bool
    """That is a final state; if not, the log ends before the case does."""
    refused: Text | None = None
    """Why the first event that does not fit is refused; None if all fit."""
    activity: str = ""
    """Of that event."""
    at: int = 0
    line: int = 0
    missed: tuple[MissedDeadline, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether every event was accepted."""
        return self.refused is None
