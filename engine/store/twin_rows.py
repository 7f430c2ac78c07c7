"""Rows that are asked for leads that may have come twice; statements only, no rules."""

from collections.abc import Iterator

from engine.journal.canonical import parsed
from engine.store.case_columns import CaseText
from engine.store.connection import Store
from engine.store.statements import listed

_VALUES = f"SELECT {listed(CaseText._fields)} FROM cases"
_TEXTS = (
    f"SELECT {listed(CaseText._fields, 'c')} FROM cases c JOIN units u ON u.id = c.unit_id"
    " WHERE c.workflow = ? AND u.code = ? AND c.clearance < 3 AND c.id <= ? ORDER BY c.id"
)

_KIND = ("unit_id", "state", "clearance", "shape")
_OF_DAYS = (
    f"SELECT {listed(CaseText._fields, 'c')} FROM (WITH k AS MATERIALIZED (SELECT DISTINCT {listed(_KIND)} FROM cases"
    " WHERE workflow = ? AND unit_id = (SELECT id FROM units WHERE code = ?)) SELECT * FROM k WHERE clearance < 3) k"
    f" CROSS JOIN cases c WHERE c.workflow = ? AND {' AND '.join(f'c.{name} = k.{name}' for name in _KIND)}"
    " AND c.dated_on BETWEEN ? AND ? AND c.id <= ? ORDER BY c.id"
)
"""The index of cases alike holds the days within each kind, so that a unit's other cases are not read."""


def last_id(store: Store) -> int:
    """Return the id of the newest case; 0 if there is none."""
    return store.value("SELECT max(id) FROM cases") or 0


def texts(
    store: Store, workflow: str, unit: str, field: str, *, days: tuple[str, str] | None, up_to: int
) -> Iterator[tuple[str, str, str]]:
    """Yield day of receipt, number and a field's text of the cases of a unit that count, by id.

    Args:
        unit: Its code.
        days: Only of these local dates, from the first to the last; None: of all.
        up_to: The id of the last case that matters.
    """
    if days is None:
        rows = store.query(_TEXTS, (workflow, unit, up_to))
    else:
        rows = store.query(_OF_DAYS, (workflow, unit, workflow, *days, up_to))
    for each in map(CaseText._make, rows):
        text = parsed(each.fields).get(field)
        if isinstance(text, str):
            yield each.dated_on, each.number, text


def numbered(store: Store, workflow: str, field: str, *, up_to: int) -> dict[str, str]:
    """Return the values of a field with the number of the first case that counts and has each.

    Args:
        up_to: The id of the last case that matters.
    """
    asked = f"{_VALUES} WHERE workflow = ? AND clearance < 3 AND id <= ? AND fields LIKE ? ORDER BY id"
    found: dict[str, str] = {}
    for each in map(CaseText._make, store.query(asked, (workflow, up_to, f'%"{field}":%'))):
        value = parsed(each.fields).get(field)
        if value is not None:
            found.setdefault(str(value), each.number)
    return found
