"""The one module that asks the clock what time it is; everything else is given an instant."""

from datetime import UTC, datetime


def real_now() -> datetime:
    """Return the instant that it is, aware and in UTC, whatever `--now` says."""
    return datetime.now(UTC)
