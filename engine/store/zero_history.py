"""What the journal tells of cases for clearing to zero: who may have left, come back, or been cleared late.

Each asks for few candidates, cheaply; the caller rebuilds those and decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.campaigns.campaign import Campaign
from engine.journal.case_events import CaseAmended, CaseHandedOver, CaseLinked, StepTaken
from engine.rules.shapes import CAME_BACK, UNKNOWN
from engine.store.connection import Store
from engine.store.kind_index import RARE
from engine.store.shape_rows import CasesAlike
from engine.store.statements import Asked, listed, marks

_ALIKE: Final = CasesAlike._fields[:4]
_CAME_BACK: Final = (
    f"SELECT c.id, 4 FROM (WITH g AS MATERIALIZED (SELECT DISTINCT {listed(_ALIKE)} FROM cases WHERE workflow = ?)"
    f" SELECT * FROM g WHERE (shape & {CAME_BACK}) <> 0 OR shape = {UNKNOWN}) g"
    f" CROSS JOIN cases c WHERE c.workflow = ? AND {' AND '.join(f'c.{name} = g.{name}' for name in _ALIKE)}"
)
"""The cases that came back, or of which nobody computed it: SQLite steps from kind to kind of cases by their index."""
_HAS_QUESTIONS: Final = "EXISTS (SELECT 1 FROM questions q WHERE q.case_id = n.case_id)"
"""Any row may have answered one: by a value, by leaving a state, or without either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """Cases of a workflow, by id, that may have left a scope or come back into it."""

    changed: tuple[int, ...] = ()
    """Rows changed them in one of the fields that were asked about."""
    linked: tuple[int, ...] = ()
    """To another, even if the link was undone."""
    reopened: tuple[int, ...] = ()
    """A row counts them as open in a state in which they may have counted as cleared."""


def touched(
    store: Store, campaign: Campaign, names: Sequence[str], states: Sequence[str], *, end_at: int, since_at: int = 0
) -> Touched:
    """Return what rows of an interval did to cases of the campaign's workflow.

    By indexes where no step can change the scope; else one scan of the journal.

    Args:
        names: The field of receipt, and after it what else decides the scope.
        states: Those in which cases may count as cleared; asked where there is a *since_at*.
        end_at: Rows before it.
        since_at: Rows from it on; without it every case is named that ever counted as open again.
    """
    asked = Asked(store)
    # Neither a step nor a handing over changes the receipt.
    kinds = (CaseAmended.kind, StepTaken.kind, CaseHandedOver.kind) if len(names) > 1 else (CaseAmended.kind,)
    keys = [f'"{name}":' for name in names]
    changed = f"j.kind IN ({marks(kinds)}) AND (" + " OR ".join(f"{asked.find}(j.body, ?) > 0" for _ in keys) + ")"
    if campaign.units:
        changed = f"({changed} OR j.kind = '{CaseHandedOver.kind}')"
    reopened = f"j.clearance = 0 AND j.from_state IN ({marks(states)})" if since_at else "1 = 0"
    known = states if since_at else ()
    # The few rows are looked for first: SQLite would go through the cases and ask the journal of each.
    asked.add(f"SELECT DISTINCT j.case_id, CASE WHEN {changed} THEN 1 ELSE 0 END", *kinds, *keys)
    asked.add(" + CASE WHEN j.kind = ? THEN 2 ELSE 0 END", CaseLinked.kind)
    asked.add(f" + CASE WHEN {reopened} THEN 4 ELSE 0 END FROM journal j CROSS JOIN cases c", *known)
    asked.add(f" WHERE c.id = j.case_id AND (j.kind = ? OR ({reopened})", CaseLinked.kind, *known)
    asked.add(f" OR {changed}) AND c.workflow = ? AND j.at < ?", *kinds, *keys, campaign.workflow, end_at)
    if since_at:
        asked.add(" AND j.at >= ?", since_at)
    elif StepTaken.kind not in kinds:
        asked.add(f" AND {RARE.format('j.kind')}")
    if not since_at:
        asked.add(f" UNION ALL {_CAME_BACK}", campaign.workflow, campaign.workflow)
    rows = store.query(asked.text + " ORDER BY 1", asked.values)

    def having(bit: int) -> tuple[int, ...]:
        return tuple(dict.fromkeys(case_id for case_id, bits in rows if bits & bit))

    return Touched(changed=having(1), linked=having(2), reopened=having(4))


def unsettled(
    store: Store, campaign: Campaign, case_ids: Sequence[int], *, due_at: int, end_at: int, watched: Sequence[str]
) -> list[int]:
    """Return those of cleared cases that may not have counted as cleared from an instant on, by id.

    The others counted at that instant and since, by every row, and no row has touched what makes a record
    complete: its values, or a question that a ledger left.

    Args:
        due_at: The instant, in microseconds since 1970 UTC.
        watched: States whose count may change by the passing of days.
    """
    names = sorted({*campaign.deciding, *(name for each in campaign.complete for name in each.fields)})
    keys = [f'"{name}":' for name in names]
    moving = f" OR to_state IN ({marks(watched)})" if watched else ""
    kept: set[int] = set()
    for start in range(0, len(case_ids), 500):
        part = case_ids[start : start + 500]
        asked = Asked(store)
        asked.add(f"SELECT j.case_id FROM journal j WHERE j.case_id IN ({marks(part)})", *part)
        asked.add(" AND j.seq = (SELECT max(p.seq) FROM journal p WHERE p.case_id = j.case_id AND p.at < ?)", due_at)
        asked.add(" AND j.clearance IN (1, 2) AND NOT EXISTS (SELECT 1 FROM journal n WHERE n.case_id = j.case_id")
        touched = " OR ".join([_HAS_QUESTIONS, *(f"{asked.find}(n.body, ?) > 0" for _ in keys)])
        asked.add(f" AND n.at < ? AND ((n.at >= ? AND (n.clearance = 0 OR {touched})){moving}))",
                  end_at, due_at, *keys, *(watched or ()))  # fmt: skip
        kept.update(store.column(asked.text, asked.values))
    return [each for each in case_ids if each not in kept]
