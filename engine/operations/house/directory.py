"""Who belongs to the house, as anyone may look it up: its units, its officers and what roles they have where."""

from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows

HouseUnit = house_rows.HouseUnit
Officer = house_rows.Officer


def units(ledger: Ledger) -> list[HouseUnit]:
    """Return all units, by code; closed ones too."""
    return house_rows.units(ledger.store)


def open_units(ledger: Ledger) -> list[HouseUnit]:
    """Return the units that take new cases, by code."""
    return [each for each in units(ledger) if each.closed_at is None]


def officers(ledger: Ledger) -> list[Officer]:
    """Return all officers, by code; those who have left too."""
    return house_rows.officers(ledger.store)


def acting_officers(ledger: Ledger) -> list[Officer]:
    """Return the officers who have not left, by code."""
    return [each for each in officers(ledger) if each.left_at is None]


def roles_given(ledger: Ledger) -> dict[str, list[tuple[str, str]]]:
    """Return the roles of each officer who has any, by code: the role and the unit's code, '' for all units."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in house_rows.grants(ledger.store):
        found.setdefault(each.officer, []).append((each.role, each.unit))
    return found
