"""Rows of cases that may meet a condition; statements only, what they mean is `engine.expressions.in_sql`'s."""

from collections.abc import Collection

from engine.expressions.in_sql import ConditionNarrowing
from engine.rules.case import Case
from engine.store.case_rows import CASE_COLUMNS, case_of
from engine.store.connection import Store
from engine.store.statements import marks
from engine.store.unique_rows import digest


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
    """Return the first cases of a workflow that may meet a condition, by id, beginning after *after_id*.

    Those that name an officer are met in the order of that officer's rows, so that a page costs its own length.
    """
    where, values = _where(narrowing, workflow, unit_id, states)
    begins: tuple[object, ...] = (after_id,)
    key, first = "c.id", ""
    tables = "cases c JOIN units u ON u.id = c.unit_id"
    if narrowing.officer is not None:
        begins = (narrowing.officer, after_id)
        key, first = "n.case_id", "n.officer = ? AND "
        tables = "named_officers n CROSS JOIN cases c CROSS JOIN units u"
        where = f"c.id = n.case_id AND u.id = c.unit_id AND {where}"
    asked = f"SELECT {CASE_COLUMNS} FROM {tables} WHERE {first}{key} > ? AND {where} ORDER BY {key} LIMIT ?"
    return [case_of(row) for row in store.query(asked, (*begins, *values, limit))]


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
    if narrowing.officer is not None:
        where += " AND c.id IN (SELECT n.case_id FROM named_officers n WHERE n.officer = ?)"
        values.append(narrowing.officer)
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
    if narrowing.given is not None:
        field, value = narrowing.given
        once = "SELECT v.case_id FROM unique_values v WHERE v.workflow = ? AND v.field = ? AND v.digest = ?"
        where.append(f"c.id IN ({once})")
        values += [workflow, field, digest(value)]
    return " AND ".join([*where, narrowing.condition.text]), [*values, *narrowing.condition.values]
