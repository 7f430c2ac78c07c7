"""Cases that only a few read from their first row on, as their workflow declares (`restricted: {to: [roles]}`)."""

from collections.abc import Mapping, Sequence

from engine.journal.chain import JournalEntry, chained
from engine.journal.house_events import RESTRICTED, RestrictionsChanged
from engine.journal.reading_events import CaseRestricted
from engine.operations.cases.opening import CaseOpening
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.reading_rights import named_readers
from engine.store import house_rows as house
from engine.workflow.model import Workflow

DECLARED = "declared by its workflow 流程规定限制查阅"
"""The reason that stands in the journal."""


def readers_at_birth(acting: Acting, opening: CaseOpening) -> tuple[str, ...]:
    """Return the codes of the only officers who read a new case; none if all may.

    Those who have one of the declared roles in its unit, or in all units, as it is opened; who opens it; and who
    stands in the officer fields that are named there.
    """
    workflow = opening.rules.workflow
    named = workflow.restricted_to
    if not named:
        return ()
    acts = {each.code for each in house.officers(acting.ledger.store) if each.left_at is None}
    granted = [each for each in house.grants(acting.ledger.store) if each.officer in acts]
    places = {"", opening.unit.code}
    able = sorted(code for code, role, unit in granted if role in named and unit in places)
    own = [acting.by] if any(code == acting.by for code, _, _ in granted) else []
    return tuple(dict.fromkeys((*own, *able, *named_readers(workflow, opening.values))))


def newly_named(acting: Acting, workflow: Workflow, before: Case, fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return the codes of all who read a case, if a change names officers who did not; else nothing."""
    named = named_readers(workflow, fields) if workflow.restricted_to else ()
    readers = acting.ledger.restricted.get(before.id) if named else None
    if readers is None or readers.issuperset(named):
        return ()
    return tuple(sorted(readers.union(named)))


def restricted_row(acting: Acting, before: JournalEntry, readers: Sequence[str]) -> JournalEntry:
    """Return the row of a new case by which only some read it; it follows *before* at once."""
    event = CaseRestricted(to=tuple(readers), reason=DECLARED)
    text = acting.clocked(event).body()
    return chained(
        before.hash, before.case_id, before.case, before.seq + 1, before.at, before.by, event.kind,
        before.to_state, before.to_state, before.clearance, text,
    )  # fmt: skip


def keep_restricted(acting: Acting, found: Mapping[int, Sequence[str] | None]) -> None:
    """Write in the house which cases are restricted from now on, and to whom; inside `begin`.

    Args:
        found: By id the codes of those who read a case; None if all may again. Of other cases it stays as it is.
    """
    if not found:
        return
    store = acting.ledger.store
    house.lock_house(store)  # before it is read: who restricts another case meanwhile writes the same setting
    after = {**restrictions(acting), **{str(key): to for key, to in found.items()}}
    kept = {key: list(to) for key, to in after.items() if to is not None}
    acting.note_in_house(RestrictionsChanged(cases=tuple((int(key), code) for key, to in kept.items() for code in to)))
    house.put_setting(store, RESTRICTED, kept)
    acting.ledger.forget()


def restrictions(acting: Acting) -> Mapping[str, Sequence[str] | None]:
    """Return what is restricted by now: id -> codes of those who read it."""
    stored = house.setting(acting.ledger.store, RESTRICTED)
    return {key: tuple(to) for key, to in stored.items()} if isinstance(stored, dict) else {}
