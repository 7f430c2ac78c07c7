"""Rows of units' own days; statements only, no rules."""

from collections.abc import Mapping

from engine.journal.canonical import canonical
from engine.store.connection import Store
from engine.store.house_columns import UnitDays
from engine.store.kept_json import parsed_text
from engine.store.sessions import session
from engine.store.statements import listed

OwnDays = Mapping[str, Mapping[str, str]]
"""`off` and `working`, each a local date to its reason."""

_OWN_DAYS = f"SELECT {listed(UnitDays._fields)} FROM units WHERE own_days <> '{{}}'"


def own_days(store: Store) -> dict[int, tuple[str, OwnDays]]:
    """Return code and own days of each unit that has any, by the unit's id."""
    found = map(UnitDays._make, store.query(_OWN_DAYS))
    return {each.id: (each.code, parsed_text(each.own_days, "units", each.code)) for each in found}


def put_own_days(store: Store, unit_id: int, days: OwnDays) -> None:
    """Write a unit's own days; inside `begin`."""
    from engine.store.tables import UnitRow

    with session(store) as opened:
        opened.get_one(UnitRow, unit_id).own_days = canonical({k: v for k, v in days.items() if v})
