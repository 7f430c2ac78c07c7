"""Instants as they are stored: whole microseconds since 1970 in UTC; leaves calendars to `dates`."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.errors import BadValueError
from engine.language import Text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_QUARTER = 15 * 60 * 1_000_000
_WHOLE_QUARTERS = (datetime(1973, 1, 1, tzinfo=UTC) - EPOCH).days * 86_400 * 1_000_000
"""From then on every zone's offset is a multiple of a quarter of an hour."""


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


def quarter_begun(stored: int) -> int:
    """Return an instant on the same local day in every zone, the same one for all of a quarter of an hour.

    Zones differ from UTC by half and quarter hours (Asia/Kolkata, Asia/Kathmandu), and until 1972 by odd seconds
    (Africa/Monrovia): an instant of those years is returned as it is.

    Args:
        stored: Microseconds since 1970.
    """
    return stored - stored % _QUARTER if stored >= _WHOLE_QUARTERS else stored


def local_time(stored: int, zone: str) -> datetime:
    """Return the instant stored as microseconds as local time in *zone*."""
    return instant(stored).astimezone(_zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    """Return the zone called *name*; loaded once."""
    return ZoneInfo(name)
