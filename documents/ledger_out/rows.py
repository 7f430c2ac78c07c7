"""From a case to the cells of one row of a ledger, as people read them; writes nothing.

What a row shows is what a reading of the same ledger gives back: titles of choices, names of units
and officers where only one has the name, else their codes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from documents.ledger_out.formats import NUMBER, REVISION, Format, FormatColumn, Grade, Level
from engine.deadlines.clock import Clock, Status
from engine.language import Text, language, t
from engine.rules.case import Case, Count
from engine.workflow.model import Field, FieldType, Workflow

Value = str | int | float | date | None

Shown = tuple[Case, Clock | None]
"""A case, and its live deadline that is due first; a paused one only if nothing runs."""

_Maker = Callable[[Case, Clock | None, int | None], Value]
"""Makes one cell from a case, its deadline, and how many days that is late."""

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
        self, form: Format, workflow_of: Callable[[Case], Workflow], directory: Directory, *, today: date, now_at: int
    ) -> None:
        """Prepare the columns.

        Args:
            workflow_of: Gives the version that a case began with; its states have their titles there.
            today: Local date by which lateness is judged.
            now_at: Microseconds since 1970 UTC, for deadlines in hours.
        """
        self._form = form
        self._workflow_of = workflow_of
        self._directory = directory
        self._today = today
        self._now_at = now_at
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

    def row(self, shown: Shown) -> OutRow:
        """Return the row of one case."""
        case, due = shown
        self._serial += 1
        late = None if due is None else self.days_late(due)
        cells = [make(case, due, late) for make in self._makers]
        level = self._level(late)
        grades: list[tuple[int, int]] = []
        for place, name, values in self._grades:
            value = case.fields.get(name)
            if value is not None:
                had = value if isinstance(value, list) else (value,)
                grades += [(place, at) for wanted, at in values if wanted in had][:1]
        return OutRow(cells, level, grades)

    def plain(self, shown: Shown) -> dict[str, object]:
        """Return one case for scripts: values as they are stored, and only those that the format shows."""
        case, due = shown
        names = [each.field.name for each in self._form.columns if each.field is not None]
        return {
            "number": case.number,
            "revision": case.revision,
            "unit": case.unit,
            "state": case.state,
            "clearance": Count(case.clearance).name.lower(),
            "deadline": None if due is None else due.name,
            "due_on": None if due is None else due.due_on,
            "days_late": None if due is None else self.days_late(due),
            "fields": {name: case.fields[name] for name in names if case.fields.get(name) is not None},
        }

    def days_late(self, clock: Clock) -> int | None:
        """Return how many days a running deadline is late by local date; negative before its day, None if paused."""
        if clock.status is not Status.RUNNING:
            return None
        late = (self._today - self._day(clock.due_on)).days
        return max(late, 1) if clock.due_at is not None and clock.due_at < self._now_at else late

    def _maker(self, column: FormatColumn) -> _Maker:
        """Return what makes the cell of one column."""
        if column.field is not None:
            name, shown = column.field.name, self._shower(column.field)

            def of_field(case: Case, _due: Clock | None, _late: int | None) -> Value:
                value = case.fields.get(name)
                return None if value is None else shown(value)

            return of_field
        units = self._directory.units
        makers: Mapping[str, _Maker] = {
            "case.serial": lambda _case, _due, _late: self._serial,
            NUMBER: lambda case, _due, _late: case.number,
            REVISION: lambda case, _due, _late: case.revision,
            "case.unit": lambda case, _due, _late: units.get(case.unit, case.unit),
            "case.unit_code": lambda case, _due, _late: case.unit,
            "case.state": lambda case, _due, _late: self._state(case),
            "case.counts": lambda case, _due, _late: str(COUNTS[case.clearance]),
            "case.deadline": lambda case, due, _late: None if due is None else self._deadline(case, due),
            "case.due": lambda _case, due, _late: None if due is None else self._day(due.due_on),
            "case.left": lambda _case, due, late: None if due is None else self._left(late),
            "case.level": lambda _case, _due, late: self._level_title(late),
        }
        return makers[column.show]

    def _shower(self, field: Field) -> Callable[[object], Value]:
        """Return how the values of a field are written."""
        between = "、" if language() == "zh" else ", "
        yes, no = t("yes", "是"), t("no", "否")
        choices = _joined({each.value: str(each.title) for each in field.choices}, between)
        people = _joined(self._directory.officers, between)
        ways: Mapping[FieldType, Callable[[object], Value]] = {
            FieldType.DATE: lambda value: self._day(str(value)),
            FieldType.NUMBER: lambda value: value if isinstance(value, (int, float)) else str(value),
            FieldType.FLAG: lambda value: yes if value else no,
            FieldType.CHOICE: choices,
            FieldType.CHOICES: choices,
            FieldType.OFFICER: people,
            FieldType.OFFICERS: people,
            FieldType.UNIT: _joined(self._directory.units, between),
        }
        return ways.get(field.type, str)

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

    def _deadline(self, case: Case, clock: Clock) -> str:
        """Return the title of a deadline."""
        return str(self._workflow_of(case).deadlines[clock.name].title)

    def _left(self, late: int | None) -> str:
        """Return what is left of a deadline; the due day itself is never late."""
        if late is None:
            return t("paused", "暂停计时")
        if late == 0:
            return t("due today", "今日到期")
        return t("{n} days late", "超期 {n} 天", n=late) if late > 0 else t("{n} days left", "剩 {n} 天", n=-late)

    def _level(self, late: int | None) -> int | None:
        """Return which of the format's levels a deadline has reached; the last one that fits counts."""
        level = None
        if late is not None:
            for place, each in enumerate(self._form.levels):
                if late >= each.from_day:
                    level = place
        return level

    def _level_title(self, late: int | None) -> str | None:
        """Return the title of the level that a deadline has reached."""
        level = self._level(late)
        return None if level is None else str(self._form.levels[level].title)


def legend(form: Format) -> tuple[Sequence[Level], Sequence[Grade]]:
    """Return the colours that a ledger explains: those that one of its columns can have."""
    shown = {each.show for each in form.columns}
    late = form.levels if shown & {"case.due", "case.left", "case.level"} else ()
    return late, [each for each in form.grades if each.field in shown]


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
