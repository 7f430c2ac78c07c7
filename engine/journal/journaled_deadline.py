"""What the journal says of a deadline that a change started, moved or ended."""

from typing import Final

from msgspec import Struct

_LIFTED: Final = 4


class JournaledDeadline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deadline as a change left it."""

    due_on: str
    """Local date, YYYY-MM-DD."""
    original_due_on: str
    """Local date, YYYY-MM-DD."""
    round: int
    status: int
    """0 running, 1 paused, 2 met, 3 cancelled, 4 lifted."""
    extended: int
    """How often."""
    due_at: int | None = None
    """Of a term in hours, the instant; microseconds since 1970 UTC."""
    met_on: str | None = None
    """Local date of the act; rows of older versions do not tell it."""
    breaches: tuple[tuple[str, str, str | None, str], ...] = ()
    """Times in which it was late: due day, first late day, last day, what ended it; local dates."""
    lifted: tuple[tuple[int, int | None, str], ...] = ()
    """Times in which it was not required: from, to, why; microseconds since 1970 UTC."""

    def ceased_at(self, at: int) -> int:
        """Return since when it has not been required without a break; *at* if it is not lifted.

        Args:
            at: When the row was written; microseconds since 1970 UTC.
        """
        if self.status != _LIFTED or not self.lifted:
            return at
        since = self.lifted[-1][0]
        for begun, over, _ in reversed(self.lifted[:-1]):
            if over != since:
                break
            since = begun
        return since
