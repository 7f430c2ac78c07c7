"""How many days are left to a campaign, how many cases must be cleared on each, and who is behind."""

from dataclasses import dataclass
from datetime import timedelta

from engine.campaigns.campaign import ZeroGroup, needed_per_day
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.verdict import Statement, ZeroTally
from engine.working_days.count import working_days_between


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitPace:
    """How one unit keeps up."""

    unit: str
    name: str
    left: int
    """Cases that block."""
    per_day: int | None
    """To be cleared on each working day that is left; None if none is left."""
    behind: int
    """Fewer cleared than an even pace would have by now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How a campaign keeps up."""

    days_left: int
    """Calendar days after this one up to the last; negative when it is past."""
    working_days_left: int
    """Those among the days left."""
    elapsed: int
    """Working days since the campaign began, before this one."""
    length: int
    """Working days of the whole campaign."""
    total: UnitPace
    units: tuple[UnitPace, ...]
    """The one furthest behind first."""


def pace(ledger: Ledger, statement: Statement) -> Pace:
    """Return how a campaign keeps up on the day of *statement*.

    An even pace clears the same number on each working day from the first day to the last.
    """
    campaign, calendar, day = statement.campaign, ledger.calendar, statement.day
    eve = timedelta(days=1)
    length = working_days_between(campaign.begins_on - eve, campaign.clear_by, calendar, unpublished="weekdays")
    left = max(working_days_between(day, campaign.clear_by, calendar, unpublished="weekdays"), 0)
    usable = max(left, int(day == campaign.clear_by))  # on the last day all of it is needed on that day
    elapsed = working_days_between(campaign.begins_on - eve, day - eve, calendar, unpublished="weekdays")
    elapsed = min(max(elapsed, 0), length)
    units = [_unit_pace(each, usable, elapsed, length) for each in statement.units]
    return Pace(
        days_left=(campaign.clear_by - day).days,
        working_days_left=left,
        elapsed=elapsed,
        length=length,
        total=_unit_pace(statement.total, usable, elapsed, length),
        units=tuple(sorted(units, key=lambda each: (-each.behind, -each.left, each.unit))),
    )


def _unit_pace(tally: ZeroTally, left: int, elapsed: int, length: int) -> UnitPace:
    """Return how a unit, or all of them, keeps up."""
    cleared = tally.groups[ZeroGroup.FULLY_CLOSED] + tally.groups[ZeroGroup.CLEARED]
    expected = tally.scope * elapsed // length if length > 0 else tally.scope
    return UnitPace(
        unit=tally.unit,
        name=tally.name,
        left=tally.blocking,
        per_day=needed_per_day(tally.blocking, left),
        behind=max(0, expected - cleared),
    )
