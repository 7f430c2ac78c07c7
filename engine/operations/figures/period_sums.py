"""What is summed of a period while its cases go by, and the local days on which what happened in them falls."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from engine.operations.figures.figure_values import Owed, UnitFigures
from engine.operations.figures.longest import Longest
from engine.operations.figures.period import ChartSpan
from engine.rules.case import Case, Count
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day

Term = tuple[str, bool]
"""A declared deadline: its name, and whether it is the other side's."""

AGES: Final = (30, 60, 90, 180)
"""Where the classes of age end, in days since receipt; what is older is in a class of its own."""

CLEARED: Final = (int(Count.CLEARED), int(Count.FULLY_CLOSED))
"""What counts as cleared."""

_QUARTER: Final = 900 * 1_000_000
"""Microseconds of a quarter of an hour: nearly everywhere a day ends with one."""


class LocalDays:
    """Gives the local days of many instants; the time zone is asked once for each quarter of an hour."""

    def __init__(self, zone: str) -> None:
        """Begin with none known."""
        self._zone = zone
        self._known: dict[int, date | None] = {}

    def of(self, at: int) -> date:
        """Return the local day of an instant.

        Args:
            at: Microseconds since 1970 UTC.
        """
        quarter = at // _QUARTER
        day = self._known.get(quarter)
        if day is not None:
            return day
        if quarter not in self._known:
            first = local_day(quarter * _QUARTER, self._zone)
            is_whole = first == local_day((quarter + 1) * _QUARTER - 1, self._zone)
            self._known[quarter] = first if is_whole else None
        return self._known[quarter] or local_day(at, self._zone)


@dataclass(slots=True)
class PeriodSums:
    """What is summed while the cases go by."""

    tallies: dict[int, UnitFigures]
    spans: tuple[ChartSpan, ...]
    zone: str
    day_of: Callable[[int], date]
    """Gives the local day of an instant in microseconds since 1970 UTC."""
    workflow_of: Callable[[Case], Workflow]
    """Gives the version that a case began with."""
    calendar_of: Callable[[int], Calendar]
    """Gives the working days of a unit, by its id."""
    eve_at: int
    """The end of the day before the period, in microseconds since 1970 UTC."""
    at: int
    """The end of the last day, or now if that is not over; in microseconds since 1970 UTC."""
    overdue_cases: Longest[int]
    """Ids of cases that may be named in the list of this name; by the day of their place in it, and their number."""
    extended_cases: Longest[int]
    returned_cases: Longest[int]
    missed: Longest[int]
    entered: Counter[date] = field(default_factory=Counter)
    cleared: Counter[date] = field(default_factory=Counter)
    returned: Counter[date] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)
    choices: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    met: Counter[Term] = field(default_factory=Counter)
    on_time: Counter[Term] = field(default_factory=Counter)
    unmet: Counter[Term] = field(default_factory=Counter)
    running: Counter[Term] = field(default_factory=Counter)
    overdue: Counter[Term] = field(default_factory=Counter)
    due: Counter[date] = field(default_factory=Counter)
    mistaken: int = 0

    def apart(self) -> "PeriodSums":
        """Return others, of the same period and units, in which no case is yet."""
        return PeriodSums(
            tallies={unit_id: UnitFigures(each.unit, each.name) for unit_id, each in self.tallies.items()},
            spans=self.spans, zone=self.zone, day_of=self.day_of, workflow_of=self.workflow_of,
            calendar_of=self.calendar_of, eve_at=self.eve_at, at=self.at,
            overdue_cases=Longest(self.overdue_cases.limit), extended_cases=Longest(self.extended_cases.limit),
            returned_cases=Longest(self.returned_cases.limit), missed=Longest(self.missed.limit),
        )  # fmt: skip

    @property
    def more(self) -> Mapping[str, int]:
        """How many more there are of each list than it names."""
        return {
            "overdue": self.overdue_cases.more,
            "extended": self.extended_cases.more,
            "returned": self.returned_cases.more,
            "missed": self.missed.more,
        }

    def add_owed(self, owed: Iterable[Owed]) -> None:
        """Add returns that fell due."""
        for each in owed:
            self.tallies[each.unit_id].filings[each.filing] += 1


def age_class(days: int) -> int:
    """Return the place of the class of age that a case is in which was received some days ago."""
    return sum(days > each for each in AGES)


def choice_value(fields: Mapping[str, object], name: str) -> str | None:
    """Return the value of a choice."""
    value = fields.get(name)
    return None if value is None else str(value)
