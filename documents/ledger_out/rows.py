"""From a case to the cells of one row of a ledger, as people read them; writes nothing.

What a row shows is what a reading of the same ledger gives back: titles of choices, names of units
and officers where only one has the name, else their codes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

from documents.ledger_out.formats import (
    ENDED,
    NUMBER,
    ORIGINAL,
    REVISION,
    Format,
    FormatColumn,
    Grade,
    Level,
)
from engine.deadlines.acts import day_of
from engine.deadlines.clock import Clock, Status
from engine.deadlines.phrases import breach_words, standing_words
from engine.deadlines.remaining import Remaining, remaining
from engine.language import Text, language, t
from engine.rules.case import Case, Count
from engine.workflow.deadline import Deadline
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, Workflow
from engine.working_days.calendars import Calendar

Value = str | int | float | date | None


class Shown(Protocol):
    """A case as a row shows it."""

    @property
    def case(self) -> Case:
        """The case itself."""

    @property
    def due(self) -> Clock | None:
        """Its live deadline that is due first; a paused one only if nothing runs."""

    @property
    def ended(self) -> Sequence[Clock]:
        """The deadlines that have ended."""


class _Stands(NamedTuple):
    """How one deadline stands: in numbers, in words, and with which of the format's colours."""

    remaining: Remaining
    title: str
    words: str
    level: int | None


_Maker = Callable[[Shown, _Stands | None], Value]
"""Makes one cell from a case with its deadlines, and from how the one that is due first stands."""

COUNTS: Final[Mapping[int, Text]] = {
    Count.OPEN: Text("open", "未办结"),
    Count.CLEARED: Text("cleared", "本单位办结"),
    Count.FULLY_CLOSED: Text("fully closed", "闭环销号"),
}
"""How a case counts; void ones and repeats are in no ledger."""


class OutRow(NamedTuple):
    """One row as it is written."""

    cells: list[Value]
    level: int | None
    """Which of the format's colours of lateness its deadline has."""
    grades: Sequence[tuple[int, int]]
    """Column and which of the format's grades it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Directory:
    """How units and officers are written."""

    units: Mapping[str, str]
    officers: Mapping[str, str]

    @classmethod
    def of(cls, units: Iterable[tuple[str, str]], officers: Iterable[tuple[str, str]]) -> "Directory":
        """Return how codes are written, from codes and names: by a name that nobody else has, else by the code."""
        return cls(units=_written(units), officers=_written(officers))


class Rows:
    """Makes the rows of one ledger; each column's way is found once."""

    def __init__(
        self,
        form: Format,
        workflow_of: Callable[[Case], Workflow],
        directory: Directory,
        *,
        calendar_of: Callable[[int], Calendar],
        today: date,
        now: datetime,
        original: Callable[[Case], Mapping[str, str]] = lambda _: {},
        older: Callable[[Workflow, str], Deadline] = lambda workflow, name: workflow.deadlines[name],
        veiled: Callable[[str], str] = str,
    ) -> None:
        """Prepare the columns.

        Args:
            workflow_of: Gives the version that a case began with; its states have their titles there.
            calendar_of: Gives the working days by which the dates of a unit, by its id, are counted.
            today: Local date by which lateness is judged.
            now: Aware instant, for deadlines in hours.
            original: Gives what stood in the ledger that a case came from, by heading.
            older: Gives a deadline that only an older version of a workflow had.
            veiled: Masks in a text what is hidden from who takes the ledger.
        """
        self._original = original if veiled is str else _veiling(original, veiled)
        self._veiled = veiled
        self._older = older
        self._form = form
        self._workflow_of = workflow_of
        self._directory = directory
        self._calendar_of = calendar_of
        self._today = today
        self._now = now
        self._serial = 0
        self._makers = [self._maker(each) for each in form.columns]
        places = {each.show: place for place, each in enumerate(form.columns)}
        self._grades: list[tuple[int, str, list[tuple[str, int]]]] = []
        for name in dict.fromkeys(each.field for each in form.grades):
            if name in places:
                of_field = [(each.value, at) for at, each in enumerate(form.grades) if each.field == name]
                self._grades.append((places[name], name, of_field))
        self._days: dict[str, date] = {}
        self._states: dict[tuple[str, int, str], str] = {}
        self._stood: dict[tuple[object, ...], _Stands] = {}

    def row(self, shown: Shown) -> OutRow:
        """Return the row of one case."""
        case, due = shown.case, shown.due
        self._serial += 1
        stands = None if due is None else self._stands(case, due)
        cells = [make(shown, stands) for make in self._makers]
        level = None if stands is None else stands.level
        grades: list[tuple[int, int]] = []
        for place, name, values in self._grades:
            value = case.fields.get(name)
            if value is not None:
                had = value if isinstance(value, list) else (value,)
                grades += [(place, at) for wanted, at in values if wanted in had][:1]
        return OutRow(cells, level, grades)

    def plain(self, shown: Shown) -> dict[str, object]:
        """Return one case for scripts: values as they are stored, and only those that the format shows."""
        case, due = shown.case, shown.due
        names = [each.field.name for each in self._form.columns if each.field is not None]
        stood = self._original(case)
        return ({"original": dict(stood)} if stood else {}) | {
            "number": case.number,
            "revision": case.revision,
            "unit": case.unit,
            "state": case.state,
            "clearance": Count(case.clearance).name.lower(),
            "due": None if due is None else self._plain_deadline(case, due),
            "ended": [self._plain_deadline(case, each) for each in shown.ended],
            "fields": {
                name: self._veiled(value) if isinstance(value, str) else value
                for name in names
                if (value := case.fields.get(name)) is not None
            },
        }

    def _plain_deadline(self, case: Case, clock: Clock) -> dict[str, object]:
        """Return a deadline for scripts, under the keys of `show --json`."""
        stands = self._stands(case, clock).remaining
        return {
            "name": clock.name,
            "round": clock.round,
            "status": clock.status.name.lower(),
            "original_due_on": clock.original_due_on,
            "due_on": clock.due_on,
            "met_on": clock.met_on and day_of(clock.met_on),
            "whose": "theirs" if stands.theirs else "ours",
            "left": stands.left if clock.status <= Status.PAUSED else None,
            "counted_in": stands.counted_in,
            "late_by": {"amount": stands.late_by, "unit": stands.counted_in} if stands.late_by else None,
        }

    def _stands(self, case: Case, clock: Clock) -> _Stands:
        """Return how a deadline stands; of many cases few differ in what that follows from."""
        if clock.due_at is not None or clock.lifted:
            return self._found(case, clock)
        key = (case.workflow, case.version, case.unit_id, clock.name, clock.status, clock.due_on, clock.met_on)
        found = self._stood.get(key)
        if found is None:
            found = self._stood[key] = self._found(case, clock)
        return found

    def _found(self, case: Case, clock: Clock) -> _Stands:
        """Return how a deadline stands, in its own unit."""
        calendar = self._calendar_of(case.unit_id)
        workflow = self._workflow_of(case)
        declared = workflow.deadlines.get(clock.name) or self._older(workflow, clock.name)
        stands = remaining(declared, clock, now=self._now, today=self._today, calendar=calendar)
        words = standing_words(clock, stands, calendar.tz)
        return _Stands(stands, str(declared.title), words, self._level(clock, stands))

    def _maker(self, column: FormatColumn) -> _Maker:
        """Return what makes the cell of one column."""
        if column.show.startswith(ORIGINAL):
            heading = column.show.removeprefix(ORIGINAL)
            return lambda each, _stands: self._original(each.case).get(heading)
        if column.field is not None:
            name, shown = column.field.name, self._shower(column.field)

            def of_field(each: Shown, _stands: _Stands | None) -> Value:
                value = each.case.fields.get(name)
                return None if value is None else shown(value)

            return of_field
        units = self._directory.units
        makers: Mapping[str, _Maker] = {
            "case.serial": lambda _each, _stands: self._serial,
            NUMBER: lambda each, _stands: each.case.number,
            REVISION: lambda each, _stands: each.case.revision,
            "case.unit": lambda each, _stands: units.get(each.case.unit, each.case.unit),
            "case.unit_code": lambda each, _stands: each.case.unit,
            "case.state": lambda each, _stands: self._state(each.case),
            "case.counts": lambda each, _stands: str(COUNTS[each.case.clearance]),
            "case.deadline": lambda _each, stands: None if stands is None else stands.title,
            "case.due": lambda each, _stands: None if each.due is None else self._day(each.due.due_on),
            "case.left": lambda _each, stands: None if stands is None else stands.words,
            "case.level": lambda _each, stands: self._level_title(stands),
            ENDED: lambda each, _stands: self._ended(each.case, each.ended),
        }
        return makers[column.show]

    def _shower(self, field: Field) -> Callable[[object], Value]:
        """Return how the values of a field are written."""
        between = "、" if language() == "zh" else ", "
        yes, no = t("yes", "是"), t("no", "否")
        choices = _joined({each.value: str(each.title) for each in field.choices}, between)
        people = _joined(self._directory.officers, between)
        ways = ByFieldType[Callable[[object], Value]](
            text=str if self._veiled is str else lambda value: self._veiled(str(value)),
            date=lambda value: self._day(str(value)),
            moment=lambda value: str(value).replace("T", " "),
            flag=lambda value: yes if value else no,
            number=lambda value: value if isinstance(value, (int, float)) else str(value),
            choice=choices,
            choices=choices,
            officer=people,
            officers=people,
            unit=_joined(self._directory.units, between),
            sealed=str,
        )
        return ways[field.type]

    def _day(self, written: str) -> date:
        """Return a stored local date; there are few days in many rows."""
        found = self._days.get(written)
        if found is None:
            found = self._days[written] = date.fromisoformat(written)
        return found

    def _state(self, case: Case) -> str:
        """Return the title of a case's state."""
        key = (case.workflow, case.version, case.state)
        if key not in self._states:
            self._states[key] = str(self._workflow_of(case).states[case.state].title)
        return self._states[key]

    def _ended(self, case: Case, ended: Sequence[Clock]) -> str | None:
        """Return how each deadline of a case ended: the day it was met and how late, and what stays on record."""
        lines = []
        for clock in ended:
            stands = self._stands(case, clock)
            said = [stands.words]
            said += [breach_words(each) for each in clock.breaches if each.ended_on is not None and each.why != "met"]
            lines.append(t("{title}: {said}", "{title}：{said}", title=stands.title, said=t("; ", "；").join(said)))
        return "\n".join(lines) or None

    def _level(self, due: Clock, stands: Remaining) -> int | None:
        """Return which of the format's levels a deadline has reached, in its own unit; the last one that fits counts.

        Of a term in hours its days count: no colour is declared by the hour.
        """
        if due.status is not Status.RUNNING or stands.theirs:  # the colours are those of our lateness
            return None
        late = stands.late_by or -stands.left
        if due.due_at is not None:
            days = (self._today - self._day(due.due_on)).days
            late = max(days, 1) if stands.overdue else days
        level = None
        for place, each in enumerate(self._form.levels):
            if late >= each.from_day:
                level = place
        return level

    def _level_title(self, stands: _Stands | None) -> str | None:
        """Return the title of the level that a deadline has reached."""
        return None if stands is None or stands.level is None else str(self._form.levels[stands.level].title)


def legend(form: Format) -> tuple[Sequence[Level], Sequence[Grade]]:
    """Return the colours that a ledger explains: those that one of its columns can have."""
    shown = {each.show for each in form.columns}
    late = form.levels if shown & {"case.due", "case.left", "case.level"} else ()
    return late, [each for each in form.grades if each.field in shown]


def _veiling(
    original: Callable[[Case], Mapping[str, str]], veiled: Callable[[str], str]
) -> Callable[[Case], Mapping[str, str]]:
    """Return what gives the cells of the ledger that a case came from, masked."""
    return lambda case: {heading: veiled(words) for heading, words in original(case).items()}


def _joined(titles: Mapping[str, str], between: str) -> Callable[[object], Value]:
    """Return how one value or several are written by their titles."""

    def shown(value: object) -> Value:
        if isinstance(value, list):
            return between.join(titles.get(str(each), str(each)) for each in value)
        return titles.get(str(value), str(value))

    return shown


def _written(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return how each code is written."""
    known = list(pairs)
    names = Counter(name for _, name in known)
    codes = {code for code, _ in known}
    return {code: name if names[name] == 1 and name not in codes - {code} else code for code, name in known}
