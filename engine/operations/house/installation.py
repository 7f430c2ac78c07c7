"""What a look at the house finds without changing anything: rows, messages, backups, people and their roles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.journal.chain import HOUSE
from engine.journal.house_events import LedgerBackedUp
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, planner_statistics, schema
from engine.store import clock_rows as clocks
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.database import is_postgres, place, side_files, sqlite_file
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import Workflow
from engine.working_days.instants import instant, microseconds

CHUNK = 500
"""Cases that are looked at at a time."""

LARGE = 512 * 1024 * 1024
"""Bytes of a file whose pages are read only where that is asked for; each backup reads those of its copy."""

WAITS_TOO_LONG = timedelta(days=1)
"""After which a message that should have gone out is called old."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOpen:
    """An officer who has left, though cases wait for that officer."""

    code: str
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vacancy:
    """A role that reminders or returns need, and the units for which nobody has it, there or in all units."""

    role: str
    title: Text
    units: tuple[str, ...]


def is_whole(ledger: Ledger, *, deep: bool = False) -> bool | None:
    """Say whether the pages of the database fit together; a server sees to that itself.

    Args:
        deep: Read them however large the file is, which costs seconds for each gigabyte.

    Returns:
        None if the file is large, so that it was not read.
    """
    if ledger.store.dialect != "sqlite":
        return True
    if not deep and sqlite_file(ledger.store.url).stat().st_size > LARGE:
        return None
    return bool(ledger.store.value("PRAGMA quick_check(1)") == "ok")


def refresh_statistics(ledger: Ledger) -> bool:
    """Let the database look again at how its rows are spread; return whether it did, which few rows are not worth."""
    return planner_statistics.refresh(ledger.store)


def differences(ledger: Ledger) -> tuple[Text, ...]:
    """Return how tables, indexes and triggers differ from those that this program makes."""
    return schema.differences(ledger.store.url)


def newest_entry_at(ledger: Ledger) -> int | None:
    """Return when the newest row of the journal was written, in microseconds since 1970 UTC; None if there is none."""
    return case_rows.newest_at(ledger.store)


def newest_backup_at(ledger: Ledger) -> datetime | None:
    """Return when the newest backup was made of which the journal knows."""
    found = [each.at for each in case_rows.entries(ledger.store, HOUSE) if each.kind == LedgerBackedUp.kind]
    return instant(max(found)) if found else None


def has_cases(ledger: Ledger) -> bool:
    """Say whether anything is registered."""
    return ledger.store.one("SELECT 1 FROM cases LIMIT 1") is not None


def failed_messages(ledger: Ledger) -> int:
    """Return how many messages were given up."""
    return outbox.count(ledger.store, outbox.FAILED)


def old_messages(ledger: Ledger, *, now: datetime) -> int:
    """Return how many messages should have gone out a day ago, and wait."""
    return outbox.count_waiting_since(ledger.store, microseconds(now - WAITS_TOO_LONG))


def provisional_dates(ledger: Ledger, limit: int) -> tuple[int, list[tuple[str, str]]]:
    """Return how many days were counted without a published calendar, and the first ones: case, day."""
    first = clocks.provisional_dates(ledger.store, limit)
    return clocks.provisional(ledger.store), [(each.number, each.due_on) for each in first]


def left_with_open(ledger: Ledger) -> tuple[LeftOpen, ...]:
    """Return the officers who have left though they are named as those who must act, or be reminded, in open cases."""
    left = {each.code: each for each in house.officers(ledger.store) if each.left_at is not None}
    if not left:
        return ()
    found: dict[str, list[str]] = {}
    for name in ledger.workflows.names():
        ids = case_rows.open_ids(ledger.store, name)
        for start in range(0, len(ids), CHUNK):
            for case in case_rows.by_ids(ledger.store, ids[start : start + CHUNK]).values():
                for code in _waited_for(ledger.rules_of(case).workflow, case.fields) & left.keys():
                    found.setdefault(code, []).append(case.number)
    return tuple(
        LeftOpen(code=code, name=left[code].name, numbers=tuple(sorted(numbers)))
        for code, numbers in sorted(found.items())
    )


def vacancies(ledger: Ledger) -> tuple[Vacancy, ...]:
    """Return which roles that a ladder reminds, or that owe a return, nobody has for which units."""
    acting = {each.code for each in house.officers(ledger.store) if each.left_at is None}
    filled = {(role, where) for code, role, where in house.grants(ledger.store) if code in acting}
    units = [each.code for each in house.units(ledger.store) if each.closed_at is None]
    titles = ledger.workflows.roles()
    found = []
    for role in dict.fromkeys(_roles_needed(ledger)):
        lacking = tuple(unit for unit in units if not {(role, unit), (role, "")} & filled)
        if lacking:
            found.append(Vacancy(role=role, title=titles.get(role) or Text(role, role), units=lacking))
    return tuple(found)


def where_it_is(url: str) -> tuple[str, tuple[Path, ...]]:
    """Return the place of a database as it may be shown, and its files: none if it is a server's."""
    if is_postgres(url):
        return place(url), ()
    file = sqlite_file(url).absolute()
    return place(url), (file, *side_files(file))


def _waited_for(workflow: Workflow, fields: Mapping[str, object]) -> frozenset[str]:
    """Return the officers whom the steps or the ladders of a case name by its fields."""
    named = {each for step in workflow.transitions for each in step.by}
    named |= {each for rung in _rungs(workflow) for each in rung}
    found: set[str] = set()
    for name in named & workflow.fields.keys():
        if workflow.fields[name].type in OFFICER_TYPES:
            value = fields.get(name)
            found.update(value if isinstance(value, list) else [value] if isinstance(value, str) else [])
    return frozenset(found)


def _roles_needed(ledger: Ledger) -> Iterator[str]:
    """Yield the roles that returns are owed by, then those that are reminded."""
    workflows = [ledger.rules(name).workflow for name in ledger.workflows.names()]
    for workflow in workflows:
        for recurs in workflow.recurs.values():
            yield from recurs.units_with
    for workflow in workflows:
        for to in _rungs(workflow):
            yield from (each for each in to if each not in workflow.fields)


def _rungs(workflow: Workflow) -> Iterator[Sequence[str]]:
    """Yield whom each rung that a deadline uses reminds."""
    used = {each.ladder for each in workflow.deadlines.values() if each.ladder is not None}
    for name in used & workflow.ladders.keys():
        for rung in workflow.ladders[name]:
            yield rung.to
