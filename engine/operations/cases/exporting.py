"""What leaves the house as a ledger or an event log: the cases, in order, and the note that they left.

Exports are journaled in the house's own chain before the file is handed over: what, how many, which
scope, the digest of the file, who and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.deadlines.clock import Clock, Status
from engine.errors import RefusedError
from engine.journal.case_events import CaseOpened, RowKept
from engine.journal.chain import JournalEntry
from engine.journal.events import legible_of_case
from engine.journal.house_events import LedgerExported
from engine.journal.ledger_row import OriginalRow
from engine.language import Text
from engine.operations.cases.bulk import selection
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.rules.case import Case
from engine.rules.values import SEALED_SHOWN
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
    due_by: str | None = None
    """Only cases of which a deadline runs that is due on or before that local date."""
    words: str | None = None
    """Each of them must stand in a value; they may name somebody, so the journal says only that they were asked for."""

    def plain(self) -> dict[str, object]:
        """Return it as the journal says it; only what was asked for."""
        said: dict[str, object] = {
            "workflow": self.workflow,
            "unit": self.unit,
            "state": self.state,
            "where": self.where,
            "open": self.open_only or None,
            "due_by": self.due_by,
            "searched": bool(self.words) or None,
        }
        return {name: value for name, value in said.items() if value is not None}


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
    unit_id = house.EVERYWHERE if unit is None else acting.ledger.unit_ever(unit).id
    if acting.actor(unit_id).roles:
        return
    if unit is None:
        raise RefusedError(
            Text(
                "{who} has no role in all units; export one of your own: --unit CODE",
                "{who} 没有全部单位的角色；请只导出本单位：--unit 单位",
            ).format(who=acting.ledger.naming.officer(acting.by))
        )
    naming = acting.ledger.naming
    raise RefusedError(
        Text("{who} has no role in unit {unit}", "{who} 在单位 {unit} 没有角色").format(
            who=naming.officer(acting.by), unit=naming.unit(unit)
        )
    )


def standings(acting: Acting, scope: Scope, *, ended: bool = False) -> Iterator[ExportedCase]:
    """Yield the cases of a scope in order of registration, each with its most urgent deadline.

    They are read in chunks; inside `reading` of the caller they are all of one moment.

    Args:
        ended: The deadlines that have ended are asked for too.

    Raises:
        RefusedError: If the expression is not sound.
        NotFoundError: If there is no such workflow or unit.
    """
    for chunk in _chunks(acting, scope):
        ids = [each.id for each in chunk]
        urgent = clock_rows.urgent(acting.ledger.store, ids)
        over = clock_rows.ended(acting.ledger.store, ids) if ended else {}
        for case in chunk:
            due = urgent.get(case.id)
            if scope.due_by is not None and (
                due is None or due.status is not Status.RUNNING or due.due_on > scope.due_by
            ):
                continue
            kept = [each for each in over.get(case.id, ()) if each.status is Status.MET or each.breaches]
            yield ExportedCase(case, due, kept)


def original_cells(acting: Acting, scope: Scope) -> Mapping[int, Mapping[str, str]]:
    """Return how the newest row of a ledger stood that each case of a scope came from, by id: text by heading.

    What is sealed is shown as dots; of a heading that stands twice both texts are shown.

    Raises:
        RefusedError: If the expression is not sound.
        NotFoundError: If there is no such workflow or unit.
    """
    found: dict[int, Mapping[str, str]] = {}
    for chunk in _chunks(acting, scope):
        kinds = (CaseOpened.kind, RowKept.kind)
        for case_id, kind, body in case_rows.rows_of_kinds(acting.ledger.store, [each.id for each in chunk], kinds):
            event = legible_of_case(kind, body)
            if isinstance(event, CaseOpened | RowKept) and event.original is not None:
                found[case_id] = _texts(event.original)
    return found


def _texts(row: OriginalRow) -> Mapping[str, str]:
    """Return the texts of a row by heading."""
    texts: dict[str, str] = {}
    for place, (heading, text) in enumerate(row.cells):
        shown = SEALED_SHOWN if place in row.sealed_at else text
        texts[heading] = f"{texts[heading]}；{shown}" if heading in texts else shown
    return texts


def _chunks(acting: Acting, scope: Scope) -> Iterator[list[Case]]:
    """Yield the cases of a scope in chunks."""
    yield from selection(
        acting,
        scope.workflow,
        where=scope.where,
        unit=scope.unit,
        state=scope.state,
        open_only=scope.open_only,
        words=scope.words,
    )


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
        reason: Empty for none.

    Raises:
        BadValueError: If nothing of the reason is seen.
    """
    why = reason_given(reason) if reason else None
    event = LedgerExported(what=what, count=count, scope=dict(scope), digest=digest, reason=why)
    with acting.ledger.store.begin():
        return acting.note_in_house(event)
