"""Rows of cases that may meet a condition; statements only, what they mean is `engine.expressions.in_sql`'s."""

from collections.abc import Collection

from engine.expressions.in_sql import ConditionNarrowing
from engine.rules.case import Case
from engine.store.case_rows import CASE_COLUMNS, case_of
from engine.store.connection import Store
from engine.store.statements import marks


def meeting(
    store: Store,
    narrowing: ConditionNarrowing,
    workflow: str,
    *,
    unit_id: int | None,
    states: Collection[str] | None,
    after_id: int,
    limit: int,
) -> list[Case]:
    """Return the first cases of a workflow that may meet a condition, by id, beginning after *after_id*."""
    where, values = _where(narrowing, workflow, unit_id, states)
    asked = (
        f"SELECT {CASE_COLUMNS} FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.id > ? AND {where}"
        " ORDER BY c.id LIMIT ?"
    )
    return [case_of(row) for row in store.query(asked, (after_id, *values, limit))]


def ids_meeting(
    store: Store,
    narrowing: ConditionNarrowing,
    workflow: str,
    *,
    unit_id: int | None,
    states: Collection[str] | None,
    open_only: bool,
    most: int | None,
) -> list[int] | None:
    """Return the ids of the cases in some states that may meet a condition, in order; None if there are too many.

    The cost follows how many stand in these states, not how many exist: each unit's are found by the index.
    """
    where, values = _where(narrowing, workflow, unit_id, states)
    where += " AND c.clearance = 0" if open_only else ""
    tail = "" if most is None else f" LIMIT {most + 1}"
    asked = f"SELECT c.id FROM units u CROSS JOIN cases c WHERE u.id = c.unit_id AND {where}{tail}"
    found = store.column(asked, values)
    return None if most is not None and len(found) > most else sorted(found)


def _where(
    narrowing: ConditionNarrowing, workflow: str, unit_id: int | None, states: Collection[str] | None
) -> tuple[str, list[object]]:
    """Return the conditions and their values."""
    where, values = ["c.workflow = ?"], [workflow]
    if unit_id is not None:
        where.append("c.unit_id = ?")
        values.append(unit_id)  # type: ignore[arg-type]  # values of all kinds are bound
    if states is not None:
        where.append(f"c.state IN ({marks(sorted(states))})" if states else "1 = 0")
        values += sorted(states)
    return " AND ".join([*where, narrowing.condition.text]), [*values, *narrowing.condition.values]
