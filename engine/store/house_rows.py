"""Rows of the house: settings, units, officers and their roles, kept declarations; no rules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engine.journal.canonical import canonical
from engine.rules.case import Actor
from engine.store.connection import Store

EVERYWHERE = 0
"""The unit_id of a role that an officer has in all units."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseUnit:
    """Who leads belong to."""

    id: int
    code: str
    name: str
    closed_at: int | None
    """Microseconds since 1970 UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Officer:
    """Who acts."""

    id: int
    code: str
    name: str
    contact: Mapping[str, object]
    left_at: int | None
    """Microseconds since 1970 UTC."""


def setting(store: Store, name: str) -> object:
    """Return what was set under *name*, or None."""
    row = store.one("SELECT value FROM settings WHERE name = ?", (name,))
    return json.loads(row[0]) if row else None


def settings(store: Store) -> dict[str, object]:
    """Return all settings."""
    return {name: json.loads(value) for name, value in store.query("SELECT name, value FROM settings")}


def put_setting(store: Store, name: str, value: object) -> None:
    """Set *name* to *value* (anything that JSON can hold)."""
    store.change(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, canonical(value)),
    )


def lock_house(store: Store) -> None:
    """Keep other writers of the house's own chain away until the commit."""
    if store.dialect == "postgresql":
        store.query("SELECT pg_advisory_xact_lock(?)", (7_144_900_201,))


def lock_watch(store: Store) -> None:
    """Keep others from taking the watch until the commit; a long import holds the house's chain, never this."""
    if store.dialect == "postgresql":
        store.query("SELECT pg_advisory_xact_lock(?)", (7_144_900_203,))


def lock_intake(store: Store) -> None:
    """Keep other ledgers from being taken in until the commit, so that a row in both makes one case."""
    if store.dialect == "postgresql":
        store.query("SELECT pg_advisory_xact_lock(?)", (7_144_900_202,))


def lock_unique(store: Store) -> None:
    """Keep others from giving what is given once until the commit, so that two who looked do not both give it."""
    if store.dialect == "postgresql":
        store.query("SELECT pg_advisory_xact_lock(?)", (7_144_900_204,))


def units(store: Store) -> list[HouseUnit]:
    """Return all units, by code."""
    found = store.query("SELECT id, code, name, closed_at FROM units ORDER BY code")
    return [HouseUnit(id=row[0], code=row[1], name=row[2], closed_at=row[3]) for row in found]


def unit(store: Store, code: str) -> HouseUnit | None:
    """Return the unit with that code."""
    row = store.one("SELECT id, code, name, closed_at FROM units WHERE code = ?", (code,))
    return HouseUnit(id=row[0], code=row[1], name=row[2], closed_at=row[3]) if row else None


def add_unit(store: Store, code: str, name: str, parent_id: int | None) -> int:
    """Write a new unit and return its id."""
    row = store.one(
        "INSERT INTO units (code, name, parent_id, own_days) VALUES (?, ?, ?, '{}') RETURNING id",
        (code, name, parent_id),
    )
    assert row is not None
    new: int = row[0]
    return new


def close_unit(store: Store, unit_id: int, at: int) -> None:
    """Write that a unit takes no new cases."""
    store.change("UPDATE units SET closed_at = ? WHERE id = ?", (at, unit_id))


def officers(store: Store) -> list[Officer]:
    """Return all officers, by code."""
    found = store.query("SELECT id, code, name, contact, left_at FROM officers ORDER BY code")
    return [Officer(id=row[0], code=row[1], name=row[2], contact=json.loads(row[3]), left_at=row[4]) for row in found]


def officer(store: Store, code: str) -> Officer | None:
    """Return the officer with that code."""
    row = store.one("SELECT id, code, name, contact, left_at FROM officers WHERE code = ?", (code,))
    if row is None:
        return None
    return Officer(id=row[0], code=row[1], name=row[2], contact=json.loads(row[3]), left_at=row[4])


def add_officer(store: Store, code: str, name: str, contact: Mapping[str, object]) -> int:
    """Write a new officer and return the id."""
    row = store.one(
        "INSERT INTO officers (code, name, contact) VALUES (?, ?, ?) RETURNING id",
        (code, name, canonical(contact)),
    )
    assert row is not None
    new: int = row[0]
    return new


def change_contact(store: Store, officer_id: int, contact: Mapping[str, object]) -> None:
    """Write how an officer is reached."""
    store.change("UPDATE officers SET contact = ? WHERE id = ?", (canonical(contact), officer_id))


def leave(store: Store, officer_id: int, at: int) -> None:
    """Write that an officer acts no more."""
    store.change("UPDATE officers SET left_at = ? WHERE id = ?", (at, officer_id))


def grants(store: Store) -> list[tuple[str, str, str]]:
    """Return who has which role where: officer's code, role, unit's code or '' for all units."""
    found = store.query(
        "SELECT o.code, g.role, coalesce(u.code, '') FROM grants g JOIN officers o ON o.id = g.officer_id"
        " LEFT JOIN units u ON u.id = g.unit_id ORDER BY o.code, g.role, 3"
    )
    return [(row[0], row[1], row[2]) for row in found]


def grant(store: Store, officer_id: int, role: str, unit_id: int) -> bool:
    """Write that an officer has a role in a unit; False if it was so already."""
    return (
        store.change(
            "INSERT INTO grants (officer_id, role, unit_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (officer_id, role, unit_id),
        )
        == 1
    )


def revoke(store: Store, officer_id: int, role: str, unit_id: int) -> bool:
    """Write that an officer no longer has a role; False if it was so already."""
    return (
        store.change(
            "DELETE FROM grants WHERE officer_id = ? AND role = ? AND unit_id = ?",
            (officer_id, role, unit_id),
        )
        == 1
    )


def actor(store: Store, code: str, unit_id: int) -> Actor | None:
    """Return who acts and with which roles in the unit; None if no such officer acts any more."""
    found = store.query(
        "SELECT g.role FROM officers o LEFT JOIN grants g ON g.officer_id = o.id AND g.unit_id IN (0, ?)"
        " WHERE o.code = ? AND o.left_at IS NULL",
        (unit_id, code),
    )
    if not found:
        return None
    return Actor(code=code, roles=frozenset(row[0] for row in found if row[0] is not None))


def kept_workflow(store: Store, name: str, version: int) -> tuple[str, str] | None:
    """Return digest and canonical JSON of a declaration that cases began with."""
    row = store.one("SELECT digest, plain FROM workflow_versions WHERE name = ? AND version = ?", (name, version))
    return (row[0], row[1]) if row else None


def keep_workflow(store: Store, name: str, version: int, digest: str, plain: str, at: int) -> None:
    """Write a declaration so that the cases that begin with it can end with it; one kept before stays as it is."""
    store.change(
        "INSERT INTO workflow_versions (name, version, digest, plain, stored_at) VALUES (?,?,?,?,?)"
        " ON CONFLICT (name, version) DO NOTHING",
        (name, version, digest, plain, at),
    )
