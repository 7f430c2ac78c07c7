"""What leaves the house as a ledger or an event log: the cases, in order, and the note that they left.

Exports are journaled in the house's own chain before the file is handed over: what, how many, which
scope, the digest of the file, who and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.deadlines.clock import Clock, Status
from engine.errors import RefusedError
from engine.journal.chain import JournalEntry
from engine.journal.house_events import LedgerExported
from engine.language import Text
from engine.operations.cases.bulk import selection
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house


class ExportedCase(NamedTuple):
    """A case as a ledger shows it."""

    case: Case
    due: Clock | None
    """The live deadline that is due first; a paused one only if nothing runs."""
    ended: Sequence[Clock] = ()
    """Those that were met, or ceased to be required, if they were asked for; by when they began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which cases were asked for."""

    workflow: str
    unit: str | None = None
    state: str | None = None
    where: str | None = None
    open_only: bool = False

    def plain(self) -> dict[str, object]:
        """Return it as the journal says it; only what was asked for."""
        said = {"workflow": self.workflow, "unit": self.unit, "state": self.state, "where": self.where}
        return {k: v for k, v in said.items() if v is not None} | ({"open": True} if self.open_only else {})


class HouseNames(NamedTuple):
    """Who is who in the house, by code; those closed or gone too, since old cases name them."""

    units: Mapping[str, str]
    officers: Mapping[str, str]
    serving: Sequence[str]
    """Codes of the officers who have not left."""


def house_names(ledger: Ledger) -> HouseNames:
    """Return how the units and officers of the house are called."""
    officers = house.officers(ledger.store)
    return HouseNames(
        units={each.code: each.name for each in house.units(ledger.store)},
        officers={each.code: each.name for each in officers},
        serving=[each.code for each in officers if each.left_at is None],
    )


def may_export(acting: Acting, *, unit: str | None) -> None:
    """Refuse officers who have no role where the cases belong (domain §12: need to know).

    Args:
        unit: Code of the unit whose cases are asked for; None for all.

    Raises:
        RefusedError: If so.
        NotFoundError: If there is no such unit.
    """
    unit_id = house.EVERYWHERE if unit is None else acting.ledger.unit(unit).id
    if acting.actor(unit_id).roles:
        return
    if unit is None:
        raise RefusedError(
            Text(
                f"{acting.by} has no role in all units; export one of your own: --unit CODE",
                f"{acting.by} 没有全部单位的角色；请只导出本单位：--unit 代码",
            )
        )
    raise RefusedError(Text(f"{acting.by} has no role in unit {unit}", f"{acting.by} 在单位 {unit} 没有角色"))


def standings(acting: Acting, scope: Scope, *, ended: bool = False) -> Iterator[ExportedCase]:
    """Yield the cases of a scope in order of registration, each with its most urgent deadline.

    They are read in chunks; inside `reading` of the caller they are all of one moment.

    Args:
        ended: The deadlines that have ended are asked for too.

    Raises:
        RefusedError: If the expression is not sound.
        NotFoundError: If there is no such workflow or unit.
    """
    chunks = selection(
        acting,
        scope.workflow,
        where=scope.where,
        unit=scope.unit,
        state=scope.state,
        open_only=scope.open_only,
    )
    for chunk in chunks:
        ids = [each.id for each in chunk]
        urgent = clock_rows.urgent(acting.ledger.store, ids)
        over = clock_rows.ended(acting.ledger.store, ids) if ended else {}
        for case in chunk:
            told = [each for each in over.get(case.id, ()) if each.status is Status.MET or each.breaches]
            yield ExportedCase(case, urgent.get(case.id), told)


def histories(
    ledger: Ledger, workflows: frozenset[str] | None, *, unit: str | None
) -> Iterator[tuple[Case, list[JournalEntry]]]:
    """Yield cases with their journal, by id; void ones too, since they happened.

    Args:
        workflows: Only of these; None for all.
    """
    for case, entries in case_rows.chains(ledger.store):
        if (workflows is None or case.workflow in workflows) and unit in {None, case.unit}:
            yield case, entries


def note_export(
    acting: Acting,
    what: str,
    *,
    count: int,
    scope: Mapping[str, object],
    digest: str,
    reason: str,
) -> JournalEntry:
    """Journal that something left the house, and return the row.

    Args:
        what: Which format, such as `ledger full xlsx`.
        count: Rows or events.
        digest: SHA-256 of the file.
    """
    event = LedgerExported(what=what, count=count, scope=dict(scope), digest=digest, reason=reason.strip() or None)
    with acting.ledger.store.begin():
        return acting.note_in_house(event)
