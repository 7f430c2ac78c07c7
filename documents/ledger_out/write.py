"""A whole ledger, from the cases that were chosen to the file that leaves the house.

Which cases these are, and the note that they left, is left to `engine.operations.cases.exporting`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from documents.ledger_out.formats import Format, with_originals
from documents.ledger_out.ledger_xlsx import Front, write_csv, write_json, write_xlsx
from documents.ledger_out.rows import Directory, Rows, Shown
from engine.rules.case import Case
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar

ENDINGS: Final = (".xlsx", ".csv", ".json")
"""What the name of a ledger may end in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerHouse:
    """What a ledger shows of the house that it leaves, as of one instant."""

    name: str
    unit: str | None
    """Code of the unit that reports; None for the house."""
    names: tuple[Mapping[str, str], Mapping[str, str], Sequence[str]]
    """Units and officers by code, those closed or gone too, and the codes of officers who can be named in a new row."""
    workflow_of: Callable[[Case], Workflow]
    """Gives the version that a case began with."""
    calendar_of: Callable[[int], Calendar]
    """Gives the working days of a unit, by its id."""
    today: date
    """Local date by which lateness is judged."""
    now: datetime
    """Aware instant, in the zone of the house."""
    scope: Sequence[str] = ()
    """Which of the format's rows were asked for, in words; empty for all."""
    mark: str = ""
    """What stands on every page and in every row of a csv, as that the ledger is for rehearsal."""
    headings: Sequence[str] = ()
    """Those of the ledgers that the cases came from, if their columns are wanted as well."""
    original: Callable[[Case], Mapping[str, str]] = lambda _: {}
    """Gives what stood there, by heading."""
    older: Callable[[Workflow, str], Deadline] = lambda workflow, name: workflow.deadlines[name]
    """Gives a deadline that only an older version of a workflow had."""
    veiled: Callable[[str], str] = str
    """Masks in a text what is hidden from who takes it."""


def write_ledger(
    house: LedgerHouse, form: Format, found: Iterable[Shown], file: Path, ending: str, *, scratch: Path
) -> int:
    """Write a ledger to *file* and return how many rows it has.

    Args:
        ending: One of ENDINGS, which says how.
        scratch: A private folder for what is on its way.
    """
    units, officers, serving = house.names
    directory = Directory.of(units.items(), officers.items())
    form = with_originals(form, house.headings)
    rows = Rows(
        form,
        house.workflow_of,
        directory,
        calendar_of=house.calendar_of,
        today=house.today,
        now=house.now,
        original=house.original,
        older=house.older,
        veiled=house.veiled,
    )
    if ending == ".json":
        heads: dict[str, object] = {"format": form.name, "workflow": form.workflow, "as_of": house.today.isoformat()}
        heads |= {} if form.where is None else {"where": form.where}
        heads |= {"rehearsal": True} if house.mark else {}
        return write_json(file, heads, (rows.plain(each) for each in found))
    made = (rows.row(each) for each in found)
    if ending == ".csv":
        return write_csv(file, form, made, mark=house.mark)
    front = Front(
        unit=house.name if house.unit is None else directory.units[house.unit],
        as_of=house.today,
        made_at=house.now,
        officers=[directory.officers[code] for code in serving],
        scope=house.scope,
        mark=house.mark,
    )
    return write_xlsx(file, form, front, made, scratch=scratch)
