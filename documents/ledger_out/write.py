"""A whole ledger, from the cases of a scope to the file that leaves the house."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from documents.ledger_out.formats import Format
from documents.ledger_out.ledger_xlsx import Front, write_csv, write_json, write_xlsx
from documents.ledger_out.rows import Directory, Rows
from engine.operations.cases.exporting import ExportedCase
from engine.operations.ledger.ledger import Ledger
from engine.store.house_rows import officers, units
from engine.working_days.instants import local_time, microseconds

ENDINGS: Final = (".xlsx", ".csv", ".json")
"""What the name of a ledger may end in."""


def write_ledger(
    ledger: Ledger,
    form: Format,
    found: Iterable[ExportedCase],
    file: Path,
    ending: str,
    *,
    scratch: Path,
    unit: str | None,
    now: datetime,
) -> int:
    """Write a ledger to *file* and return how many rows it has.

    Args:
        ending: One of ENDINGS, which says how.
        scratch: A private folder for what is on its way.
        unit: Code of the unit that reports; None for the house.
        now: Aware instant by which lateness is told.
    """
    known_units, known_officers = units(ledger.store), officers(ledger.store)
    directory = Directory.of(
        ((each.code, each.name) for each in known_units), ((each.code, each.name) for each in known_officers)
    )
    today = ledger.today(now)
    rows = Rows(
        form,
        lambda case: ledger.rules_of(case).workflow,
        directory,
        today=today,
        now_at=microseconds(now),
    )
    if ending == ".json":
        heads: dict[str, object] = {"format": form.name, "workflow": form.workflow, "as_of": today.isoformat()}
        return write_json(file, heads, (rows.plain(each) for each in found))
    made = (rows.row(each) for each in found)
    if ending == ".csv":
        return write_csv(file, form, made)
    front = Front(
        unit=directory.units[unit] if unit is not None else str(ledger.settings.get("name") or ""),
        as_of=today,
        made_at=local_time(microseconds(now), ledger.zone),
        officers=[directory.officers[each.code] for each in known_officers if each.left_at is None],
    )
    return write_xlsx(file, form, front, made, scratch=scratch)
