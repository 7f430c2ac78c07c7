"""Rows of units' own days; statements only, no rules."""

import json
from collections.abc import Mapping

from engine.journal.canonical import canonical
from engine.store.connection import Store

OwnDays = Mapping[str, Mapping[str, str]]
"""`off` and `working`, each a local date to its reason."""


def own_days(store: Store) -> dict[int, tuple[str, OwnDays]]:
    """Return code and own days of each unit that has any, by the unit's id."""
    found = store.query("SELECT id, code, own_days FROM units WHERE own_days <> '{}'")
    return {row[0]: (row[1], json.loads(row[2])) for row in found}


def put_own_days(store: Store, unit_id: int, days: OwnDays) -> None:
    """Write a unit's own days."""
    store.change(
        "UPDATE units SET own_days = ? WHERE id = ?", (canonical({k: v for k, v in days.items() if v}), unit_id)
    )
