"""When the act was done that met a term: on a local day, or at a local moment where the declared field holds one."""

from typing import Final
from zoneinfo import ZoneInfo

from engine.deadlines.clock import begins_at

_DAY: Final = len("2019-07-01")


def day_of(act: str) -> str:
    """Return the local day of an act, which is stored as a day or as a moment."""
    return act[:_DAY]


def moment_of(act: str, zone: str) -> int | None:
    """Return the instant of an act whose moment is known, in microseconds since 1970 UTC; None if only its day is."""
    return None if len(act) == _DAY else begins_at(act, ZoneInfo(zone))
