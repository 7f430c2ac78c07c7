"""Instants as they are stored: whole microseconds since 1970 in UTC; leaves calendars to `dates`."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.errors import BadValueError
from engine.language import Text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Return *instant* as it is stored.

    Raises:
        BadValueError: If the instant has no zone.
    """
    if instant.tzinfo is None:
        raise BadValueError(
            Text(
                f"{instant} has no time zone; write it with one, such as +08:00",
                f"{instant} 没有时区；请写明时区，如 +08:00",
            )
        )
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(stored: int) -> datetime:
    """Return the aware instant (UTC) that was stored as *stored* microseconds."""
    return EPOCH + timedelta(microseconds=stored)


@lru_cache(maxsize=4096)
def local_day(stored: int, zone: str) -> date:
    """Return the local date in *zone* of an instant stored as microseconds."""
    return instant(stored).astimezone(_zone(zone)).date()


def local_time(stored: int, zone: str) -> datetime:
    """Return the instant stored as microseconds as local time in *zone*."""
    return instant(stored).astimezone(_zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    """Return the zone called *name*; loaded once."""
    return ZoneInfo(name)
