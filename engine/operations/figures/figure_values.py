"""What the figures of a period hold: sums by unit, by week, by age, by deadline; values without a name of anybody."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.deadlines.clock import Status
from engine.language import Text
from engine.operations.figures.period import ChartSpan, Period

AHEAD: Final = 42
"""Days that the calendar of what falls due looks ahead."""


class Filing(StrEnum):
    """How a return that fell due stands; the five add up to what was owed."""

    ON_TIME = "on_time"
    LATE = "late"
    SENT_BACK = "sent_back"
    """It came in, was sent back and has not come in again: it is not received (W34)."""
    MISSING = "missing"
    WAITING = "waiting"
    """Due today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One return that fell due in the period."""

    unit_id: int
    unit: str
    workflow: Text
    period: str
    due_on: str
    """Local date."""
    filing: Filing


@dataclass(frozen=True, kw_only=True, slots=True)
class Nil:
    """A nil return."""

    unit: str
    period: str
    done: str
    """What was done, in the words of the unit."""


class PeriodGroup(StrEnum):
    """Where a case of the period stands at its end; the five add up to the caseload."""

    FULLY_CLOSED = "fully_closed"
    CLEARED = "cleared"
    IN_TIME = "in_time"
    EXTENDED = "extended"
    OVERDUE = "overdue"


OPEN_STANDINGS: Final = (PeriodGroup.IN_TIME, PeriodGroup.EXTENDED, PeriodGroup.OVERDUE)


@dataclass(slots=True)
class Flow:
    """How the number of open cases came about."""

    carried: int = 0
    received: int = 0
    """Received and registered in the period."""
    late: int = 0
    """Registered in the period, received before it."""
    returned: int = 0
    """Had been cleared and became open again (回流)."""
    cleared: int = 0
    removed: int = 0
    """Voided, or found to repeat another."""

    @property
    def entered(self) -> int:
        """How many were registered."""
        return self.received + self.late

    @property
    def open(self) -> int:
        """How many are open at the end."""
        return self.carried + self.received + self.late + self.returned - self.cleared - self.removed

    @property
    def is_nil(self) -> bool:
        """Whether nothing occurred."""
        return not (self.received or self.late or self.returned or self.cleared or self.removed)


@dataclass(slots=True)
class UnitFigures:
    """The figures of one unit, or of all."""

    unit: str
    """The unit's code; empty for all."""
    name: str
    flow: Flow = field(default_factory=Flow)
    standings: Counter[PeriodGroup] = field(default_factory=Counter)
    """Of the caseload: what was open before, came or returned, and was not removed."""
    met: int = 0
    """Deadlines met in the period."""
    on_time: int = 0
    """Of these, those met by their original day."""
    unmet: int = 0
    """Deadlines past their original day without their act: at the end of the period, or when they were lifted in it."""
    filings: Counter[Filing] = field(default_factory=Counter)
    """Returns that fell due in the period."""

    @property
    def judged(self) -> int:
        """How many deadlines there were to keep: those met, and those that ran out unmet."""
        return self.met + self.unmet

    @property
    def caseload(self) -> int:
        """How many cases there were to deal with."""
        return sum(self.standings.values())

    @property
    def cleared(self) -> int:
        """How many of the caseload are cleared at the end."""
        return self.standings[PeriodGroup.CLEARED] + self.standings[PeriodGroup.FULLY_CLOSED]


def total_of(tallies: Iterable[UnitFigures]) -> UnitFigures:
    """Return the sums of all units."""
    total = UnitFigures("", "")
    for each in tallies:
        for name in ("carried", "received", "late", "returned", "cleared", "removed"):
            setattr(total.flow, name, getattr(total.flow, name) + getattr(each.flow, name))
        total.standings.update(each.standings)
        total.filings.update(each.filings)
        total.met += each.met
        total.on_time += each.on_time
        total.unmet += each.unmet
    return total


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """What came and what was cleared in a day, week or month."""

    span: ChartSpan
    entered: int
    cleared: int
    returned: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """The cases of one value of a field."""

    title: Text
    entered: int
    cleared: int
    open: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """The cases by the values of a field; each column adds up to that of the whole."""

    field: str
    title: Text
    shares: tuple[Share, ...]
    of_list: str | None = None
    """The list of these values, where the field goes by several; together the columns add up to those of the whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Punctuality:
    """One declared deadline."""

    deadline: str
    title: Text
    met: int
    on_time: int
    unmet: int
    """Past its original day without its act."""
    running: int
    overdue: int
    """Of the running ones."""
    theirs: bool = False
    """It is the other side's time: all of this is said of the other side."""

    @property
    def judged(self) -> int:
        """How many there were to keep."""
        return self.met + self.unmet


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedTerm:
    """One deadline that was not kept by its original day: which, whose, and how late by the day in force."""

    number: str
    unit: str
    """Code of the unit that answers for it."""
    deadline: Text
    status: Status
    original_due_on: str
    """Local date."""
    due_on: str
    """Local date in force, extensions and rests included."""
    ended_on: str
    """Local date on which it was met, or ceased to be required; empty while it is unmet."""
    late_by: int
    """In `counted_in`, by the day in force; 0 where that is not past."""
    counted_in: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedCase:
    """One case behind a figure: which, whose, since when; without a name of anybody or a word of what it says."""

    number: str
    unit: str
    """Code of the unit that answers for it."""
    state: Text
    deadline: Text | None = None
    """The deadline that puts it here: of several, the one that was due first."""
    original_due_on: str = ""
    """Local date; empty without a deadline."""
    due_on: str = ""
    """Local date in force, extensions included."""
    since: str = ""
    """Local date on which it came back; empty else."""
    late_by: int = 0
    """In `counted_in`, by the day in force; 0 if it is not late."""
    counted_in: str = ""
    """The deadline's own unit; empty without a deadline."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredGroup:
    """The cases that share the values of what a measure is split by."""

    values: tuple[str | None, ...]
    """Values of fields, codes of units; None: not stated."""
    titles: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitRate:
    """A rate of the workflow's measures, of all together or by group."""

    rate: str
    title: Text
    definition: Text
    by: tuple[str, ...]
    """Fields, or `unit`; empty: of all together."""
    by_titles: tuple[Text, ...]
    rows: tuple[tuple[MeasuredGroup, int, int], ...]
    """Each group with top and bottom."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageDays:
    """How many days a stage took, of all together or by group."""

    stage: str
    title: Text
    by: tuple[str, ...]
    """Fields, or `unit`; empty: of all together."""
    by_titles: tuple[Text, ...]
    rows: tuple[tuple[MeasuredGroup, int, float, float], ...]
    """Each group with how many stages ended, and their average and median in calendar days."""
    unknown: int
    """Stages that ended and of which nobody knows when they began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitSum:
    """A number added up over the cases of a period, of all together or by group."""

    sum: str
    title: Text
    definition: Text
    by: tuple[str, ...]
    """Fields, or `unit`; empty: of all together."""
    by_titles: tuple[Text, ...]
    rows: tuple[tuple[MeasuredGroup, Decimal], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The figures of a period."""

    workflow: str
    title: Text
    """Of the workflow."""
    period: Period
    unit: str | None
    """The only unit that was asked about."""
    units: tuple[UnitFigures, ...]
    """By code."""
    total: UnitFigures
    weeks: tuple[Week, ...]
    ages: tuple[tuple[int, int | None, int], ...]
    """From and to how many days since receipt, both included, and how many are open."""
    splits: tuple[Split, ...]
    deadlines: tuple[Punctuality, ...]
    due: Mapping[date, int]
    """How many deadlines fall due on days to come."""
    days_off: frozenset[date]
    """Of the days to come."""
    later: int
    """Deadlines that fall due after these days."""
    steps: tuple[tuple[Text, int], ...]
    """Which steps were taken how often."""
    mistaken: int
    """Registered in the period and voided, or found to repeat another, in it too; they are in no other figure."""
    overdue: tuple[ListedCase, ...]
    """The cases that stand as overdue, the longest first."""
    extended: tuple[ListedCase, ...]
    """The cases that stand as extended, by the day in force."""
    returned: tuple[ListedCase, ...]
    """The cases that came back, each as often as it did, by day."""
    missed: tuple[MissedTerm, ...]
    """The deadlines that were not kept, the longest first: as many as were met late or not at all."""
    more: Mapping[str, int]
    """How many more there are of the four lists above than they name, by the name of the list."""
    owed: tuple[Owed, ...]
    nil: tuple[Nil, ...]
    """Nil returns, and what was done."""
    rates: tuple[SplitRate, ...] = ()
    """Of the cases received in the period, as they stand at its end: first of all together, then by group."""
    times: tuple[StageDays, ...] = ()
    """Of the stages whose end was recorded in the period."""
    sums: tuple[SplitSum, ...] = ()
    """Of the cases received in the period, as they stand at its end."""
