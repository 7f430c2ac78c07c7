"""The one module that asks the clock what time it is; everything else is given an instant."""

from datetime import UTC, datetime, timedelta
from time import monotonic


def real_now() -> datetime:
    """Return the instant that it is by the machine's clock, aware and in UTC, whatever `--now` says."""
    return datetime.now(UTC)


class WallClock:
    """The clock that a run goes by: the machine's, until a database is opened that has one of its own."""

    def __init__(self) -> None:
        """Remember when the run began."""
        self._begun = real_now()
        self._begun_beat = monotonic()
        self._database: tuple[datetime, float] | None = None
        self.ahead: timedelta | None = None
        """By how much the machine's clock was ahead of the database's; None while that has none."""

    def follow(self, instant: datetime) -> None:
        """Go by the database's clock from now on.

        Args:
            instant: What it says just now; aware.
        """
        self._database = (instant, monotonic())
        self.ahead = real_now() - instant

    def now(self) -> datetime:
        """Return the aware instant that it is."""
        if self._database is None:
            return real_now()
        instant, beat = self._database
        return instant + timedelta(seconds=monotonic() - beat)

    @property
    def begun(self) -> datetime:
        """The aware instant at which the run began."""
        if self._database is None:
            return self._begun
        instant, beat = self._database
        return instant - timedelta(seconds=beat - self._begun_beat)
