"""When to try again: growing waits with a spread, and the end of somebody's quiet hours."""

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.messages import QuietHours

WAITS = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440))
"""The wait after each attempt in vain; together they outlast a long weekend, after which people are back."""

GIVE_UP_AFTER = len(WAITS) + 1
"""Counted attempts after which a row goes to the failed ones."""

PUT_BACK = timedelta(minutes=5)
"""The wait of a row that was not tried because its channel is down."""

_SPREAD = 0.2  # of a wait, at most added, so that what failed together does not come back together


def next_try(attempts: int, now: datetime, jitter: float) -> datetime:
    """Return when to try again after *attempts* counted attempts in vain, the last one at *now*.

    Args:
        attempts: From 1; beyond the last wait, the last one stays.
        now: The instant of the attempt.
        jitter: From 0 to 1, how much of the spread to add.
    """
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return now + wait * (1 + _SPREAD * jitter)


def jitter_of(key: str, attempts: int) -> float:
    """Return a number from 0 to 1 that looks like chance but is the same for the same row and attempt."""
    digest = hashlib.sha256(f"{key}#{attempts}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 0xFFFFFFFF


def end_of_quiet(quiet: QuietHours, now: datetime) -> datetime | None:
    """Return when the quiet hours around *now* end; None if *now* is not in them.

    Counted by the wall clock of their zone; begin and end alike mean no quiet hours at all. Where
    the clock leaps over the end, it is the first instant after the leap.
    """
    zone = ZoneInfo(quiet.zone)
    local = now.astimezone(zone)
    clock = local.time()
    if quiet.begins <= quiet.ends:
        inside = quiet.begins <= clock < quiet.ends
        day = local.date()
    else:
        inside = clock >= quiet.begins or clock < quiet.ends
        day = local.date() + timedelta(days=clock >= quiet.begins)
    if not inside:
        return None
    end = datetime.combine(day, quiet.ends, tzinfo=zone)
    # By way of the universal clock a time of day that the zone leaps over becomes one that exists.
    # In an hour that comes twice, the first end may lie behind us: then it is the second one.
    ends_at = end.timestamp()
    if ends_at <= now.timestamp():
        ends_at = end.replace(fold=1).timestamp()
    return datetime.fromtimestamp(ends_at, UTC)
