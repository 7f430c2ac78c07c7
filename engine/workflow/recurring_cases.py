"""What is declared of cases that open by themselves, and of the figures that they are filled with."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import field

from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import As, Line, OwnName, given

EVERY: Final = ("day", "working_day", "week", "month", "quarter", "year")
"""How often cases open, apart from those that open by the days of a campaign."""
MOMENTS: Final = ("begin", "check_in", "bulletin", "stage_end", "report_on", "clear_by")
"""The days of a campaign by which cases open."""
HUNDRED: Final = 100
"""The day 12-10 of a year, or 2-05 of a quarter, is kept as one number: month times this, plus the day."""


class CampaignRun(NamedTuple):
    """When one campaign runs, once its year is known; local dates."""

    name: str
    begins_on: date
    clear_by: date
    report_on: date | None = None
    stages: tuple[tuple[date, date], ...] = ()
    """First and last day of each."""
    check_in: str | None = None
    """How often those concerned meet: a word of `EVERY`."""
    bulletin: str | None = None
    """How often a bulletin is issued: a word of `EVERY`."""


class Filling(FrozenStruct, frozen=True, kw_only=True):
    """A figure of the register, of a recurring case's unit and period, that a field of it is filled with."""

    of: str
    """The workflow whose cases are counted."""
    counts: (
        Literal["carried", "received", "late", "entered", "returned", "cleared", "removed", "open", "overdue"] | None
    )
    """Which of their sums; None if steps are counted."""
    steps: tuple[str, ...] = ()
    """Triggers: how often they were taken in the period."""
    kept_in: str
    """The field that keeps what the register said, whatever people bring instead."""


class Listing(FrozenStruct, frozen=True, kw_only=True):
    """The open cases of a workflow of which the numbers are written into a text, one a line, as a case opens."""

    of: str
    where: Line | None = None
    """Only those for which it holds; None: all that are open."""


class CampaignMoment(FrozenStruct, frozen=True, kw_only=True):
    """The days of a campaign by which cases open."""

    campaign: str
    at: Literal["begin", "check_in", "bulletin", "stage_end", "report_on", "clear_by"]


class Under(FrozenStruct, frozen=True, kw_only=True):
    """The cases of another workflow of which each has these cases as its children."""

    workflow: str
    states: Annotated[tuple[str, ...], As(keys=("in",))]
    """Only as long as it is open and in one of these states."""


class Recurrence(FrozenStruct, frozen=True, kw_only=True):
    """Cases that open by themselves, by the calendar or by the days of a campaign, wherever they are owed."""

    name: OwnName
    every: Annotated[str, given("every", needed=True)]
    """A word of `EVERY`; `campaign` if they open by the days of one."""
    moment: Annotated[CampaignMoment | None, given()] = None
    """The days of a campaign by which they open; None if they open by the calendar."""
    opens_on: Annotated[int, given("opens_on", needed=True)]
    """When they open: day of the week (1 for Monday) or month; month x 100 + day of a quarter or year; days from
    the day itself where it is every day, or from the campaign's day."""
    due_on: Annotated[int, given("due_on", needed=True)]
    """When they are due, in the same week, month, quarter or year; written as `opens_on` is."""
    off_day: Literal["stays", "before", "after"] = "stays"
    """stays, before or after: where a due day that is off goes."""
    covers: Literal["this", "last"] = "this"
    """this or last: which period they are about."""
    during: str | None = None
    """The campaign during which they open; None if they always do."""
    under: Under | None = None
    """The cases under which they open, one for each; None if they stand alone."""
    once: bool = False
    """One for the whole house, in the unit that keeps its ledger, instead of one for each unit."""
    units_with: tuple[str, ...]
    """Roles: units in which an officer has one of them owe these cases."""
    of_type: tuple[str, ...] = ()
    """Types of units: only units of these owe these cases; units of all types if there are none."""
    writes: Annotated[Mapping[str, str], given("writes")] = field(default_factory=dict)
    """Into which fields go `period`, its last day `ends_on`, the day it opened `opens_on`, and `due_on`."""
    sets: Mapping[str, object]
    """Values that each of them has besides."""
    fills: Mapping[str, Filling] = field(default_factory=dict)
    """Number fields that are filled from the register: at opening, and again in each step that takes them."""

    lists: Mapping[str, Listing] = field(default_factory=dict)
    """Text fields that are filled with the numbers of open cases; restricted ones are left out."""

    @property
    def campaign(self) -> str | None:
        """The campaign without whose days it is not known when these cases open."""
        return self.moment.campaign if self.moment else self.during
