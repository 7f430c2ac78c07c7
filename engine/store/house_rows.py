"""Rows of the house: settings, units, officers and their roles, kept declarations; no rules."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from typing import NamedTuple

from engine.journal.canonical import canonical
from engine.journal.house_events import HouseSetUp
from engine.journal.house_head import SHORT
from engine.rules.case import Actor
from engine.store import house_columns
from engine.store.connection import Row, Store
from engine.store.database import is_postgres, open_postgres, open_sqlite, refusals
from engine.store.house_columns import (
    ContactText,
    GrantedRole,
    HouseStanding,
    KeptWorkflow,
    SettingRecord,
    WorkflowRecord,
)
from engine.store.kept_json import parsed_text
from engine.store.sessions import session
from engine.store.statements import inserted, listed

HouseUnit = house_columns.HouseUnit
Officer = house_columns.Officer

SALT = "salt"
"""Under which name something random stands in a contact, so that nobody guesses a telephone from its digest."""

EVERYWHERE = 0
"""The unit_id of a role that an officer has in all units."""

# Prepared statements, not a session: settings, officers and kept declarations are read by every command, the cold ones
# too, which load no SQLAlchemy. Settings and declarations are written by upserts, so that two writers at once, such as
# two schedulers or the first two cases of a version, both succeed.
_SETTINGS = f"SELECT {listed(SettingRecord._fields)} FROM settings"
_SETTINGS_AND_FOUNDING = (
    f"{_SETTINGS} UNION ALL SELECT '', body FROM journal WHERE case_id = 0 AND seq = 1 AND kind = '{HouseSetUp.kind}'"
)
_STANDS = f"SELECT {listed(HouseStanding._fields)} FROM journal WHERE case_id = 0 ORDER BY seq DESC LIMIT 1"
_LAST = f"SELECT CAST(h.seq AS TEXT), h.hash FROM ({_STANDS}) h"
_STANDS_AND_SAYS = f"{_LAST} UNION ALL {_SETTINGS_AND_FOUNDING}"
_CONTACTS = f"SELECT {listed(ContactText._fields)} FROM officers ORDER BY code"
_SET = f"{inserted('settings', SettingRecord._fields)} ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_UNITS = f"SELECT {listed(HouseUnit._fields)} FROM units"
_OFFICERS = f"SELECT {listed(Officer._fields)} FROM officers"
_ALL_UNITS, _ALL_OFFICERS = f"{_UNITS} ORDER BY code", f"{_OFFICERS} ORDER BY code"
_CODE, _CONTACT = Officer._fields.index("code"), Officer._fields.index("contact")
_ROLES_OF_ALL = (
    f"SELECT {listed(('code',), 'o')}, {listed(('role', 'unit_id'), 'g')} FROM officers o"
    " LEFT JOIN grants g ON g.officer_id = o.id WHERE o.left_at IS NULL"
)
_ROLES = listed(GrantedRole._fields, "g", officer="o.code", unit="coalesce(u.code, '')")
_GRANTS = (
    f"SELECT {_ROLES} FROM grants g JOIN officers o ON o.id = g.officer_id LEFT JOIN units u ON u.id = g.unit_id"
    " ORDER BY o.code, g.role, 3"
)
_KEPT = f"SELECT {listed(KeptWorkflow._fields)} FROM workflow_versions WHERE name = ? AND version = ?"
_KEEP = f"{inserted('workflow_versions', WorkflowRecord._fields)} ON CONFLICT (name, version) DO NOTHING"
_PINNED = (
    "SELECT child.version FROM workflow_versions child"
    " LEFT JOIN workflow_versions parent ON parent.name = ? AND parent.version = ?"
    " WHERE child.name = ?"
    " ORDER BY CASE WHEN child.stored_at < parent.stored_at THEN -child.stored_at ELSE NULL END NULLS LAST,"
    " child.stored_at LIMIT 1"
)


def setting(store: Store, name: str) -> object:
    """Return what was set under *name*, or None."""
    row = store.one(f"{_SETTINGS} WHERE name = ?", (name,))
    return parsed_text(SettingRecord._make(row).value, "settings", name) if row else None


def settings(store: Store) -> dict[str, object]:
    """Return all settings."""
    found = map(SettingRecord._make, store.query(_SETTINGS))
    return {each.name: parsed_text(each.value, "settings", each.name) for each in found}


def settings_and_founding(store: Store) -> tuple[dict[str, object], str | None]:
    """Return all settings and, in the same statement, the body of the row by which the house was set up, if it was."""
    found = {each.name: each.value for each in map(SettingRecord._make, store.query(_SETTINGS_AND_FOUNDING))}
    founding = found.pop("", None)
    return {name: parsed_text(value, "settings", name) for name, value in found.items()}, founding


class HouseRead(NamedTuple):
    """How the house stands and what is set in it, of one moment."""

    stands: tuple[int, str] | None
    """Number and short hash of the newest row of the house's chain; None if it has none."""
    settings: tuple[tuple[str, str], ...]
    """Names and values, as JSON; the body of the row by which the house was set up has no name."""


def read_again(store: Store) -> HouseRead:
    """Return how the house stands and what is set in it, in one statement."""
    found = store.query(_STANDS_AND_SAYS)
    # No setting is called by a number; the row of the chain comes first in either database, and is looked for anyway.
    last = next(((int(seq), str(head)[:SHORT]) for seq, head in found if seq.isdecimal()), None)
    return HouseRead(last, tuple(sorted((name, value) for name, value in found if not name.isdecimal())))


def said_in(read: HouseRead) -> tuple[dict[str, object], str | None]:
    """Return the settings and the body of the row by which the house was set up, as `settings_and_founding`."""
    found = dict(read.settings)
    founding = found.pop("", None)
    return {name: parsed_text(value, "settings", name) for name, value in found.items()}, founding


def stands(store: Store) -> tuple[int, str] | None:
    """Return number and short hash of the newest row of the house's chain; None if it has none."""
    row = store.one(_STANDS)
    if row is None:
        return None
    last = HouseStanding._make(row)
    return last.seq, last.hash[:SHORT]


def put_setting(store: Store, name: str, value: object) -> None:
    """Set *name* to *value* (anything that JSON can hold)."""
    store.put(_SET, SettingRecord(name=name, value=canonical(value)))


def drop_setting(store: Store, name: str) -> None:
    """Let nothing be set under *name*; inside `begin`."""
    store.change("DELETE FROM settings WHERE name = ?", (name,))


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
        store.put("SELECT pg_advisory_xact_lock(?)", (7_144_900_204,))


@contextmanager
def people_foreseen(store: Store) -> Iterator[None]:
    """Ask for all units, officers and grants together; each is answered when it is asked within the block."""
    if store.memory is not None and not store.is_writing:  # what is kept is not asked
        yield
        return
    with store.foreseeing():
        store.foresee([(_ALL_UNITS, ()), (_ALL_OFFICERS, ()), (_GRANTS, ())])
        yield


def units(store: Store) -> list[HouseUnit]:
    """Return all units, by code."""
    return list(store.kept(("units",), lambda: tuple(map(HouseUnit._make, store.query(_ALL_UNITS)))))


def unit(store: Store, code: str) -> HouseUnit | None:
    """Return the unit with that code."""
    row = store.one(f"{_UNITS} WHERE code = ?", (code,))
    return HouseUnit._make(row) if row else None


def add_unit(store: Store, code: str, name: str, parent_id: int | None) -> int:
    """Write a new unit and return its id; inside `begin`, as whatever changes the house."""
    from engine.store.tables import UnitRow

    new = UnitRow(code=code, name=name, parent_id=parent_id, own_days="{}")
    with session(store) as opened:
        opened.add(new)
    assert new.id is not None
    return new.id


def close_unit(store: Store, unit_id: int, at: int) -> None:
    """Write that a unit takes no new cases."""
    from engine.store.tables import UnitRow

    with session(store) as opened:
        opened.get_one(UnitRow, unit_id).closed_at = at


def rename_unit(store: Store, unit_id: int, name: str) -> None:
    """Write another name of a unit."""
    from engine.store.tables import UnitRow

    with session(store) as opened:
        opened.get_one(UnitRow, unit_id).name = name


def officers(store: Store) -> list[Officer]:
    """Return all officers, by code."""
    return list(store.kept(("officers",), lambda: tuple(map(_officer, store.query(_ALL_OFFICERS)))))


def contact_texts(store: Store) -> list[ContactText]:
    """Return how each officer is reached, as it is stored; the journal tells the digest of that text."""
    return list(map(ContactText._make, store.query(_CONTACTS)))


def officer(store: Store, code: str) -> Officer | None:
    """Return the officer with that code."""
    row = store.one(f"{_OFFICERS} WHERE code = ?", (code,))
    return _officer(row) if row else None


def add_officer(store: Store, code: str, name: str, contact: Mapping[str, object]) -> tuple[int, str]:
    """Write a new officer; return the id, and the digest of the contact that the journal tells."""
    from engine.store.tables import OfficerRow

    written = _salted(contact)
    new = OfficerRow(code=code, name=name, contact=written)
    with session(store) as opened:
        opened.add(new)
    assert new.id is not None
    return new.id, sha256(written.encode()).hexdigest()


def change_contact(store: Store, officer_id: int, contact: Mapping[str, object]) -> str:
    """Write how an officer is reached; return the digest that the journal tells."""
    from engine.store.tables import OfficerRow

    written = _salted(contact)
    with session(store) as opened:
        opened.get_one(OfficerRow, officer_id).contact = written
    return sha256(written.encode()).hexdigest()


def _salted(contact: Mapping[str, object]) -> str:
    """Return a contact as it is stored; with the next one its salt is gone, and its digest tells nothing any more."""
    from secrets import token_hex

    return canonical({**contact, SALT: token_hex(16)} if contact else contact)


def leave(store: Store, officer_id: int, at: int) -> None:
    """Write that an officer acts no more."""
    from engine.store.tables import OfficerRow

    with session(store) as opened:
        opened.get_one(OfficerRow, officer_id).left_at = at


def come_back(store: Store, officer_id: int) -> None:
    """Write that an officer who had left acts again."""
    from engine.store.tables import OfficerRow

    with session(store) as opened:
        opened.get_one(OfficerRow, officer_id).left_at = None


def rename_officer(store: Store, officer_id: int, name: str) -> None:
    """Write another name of an officer."""
    from engine.store.tables import OfficerRow

    with session(store) as opened:
        opened.get_one(OfficerRow, officer_id).name = name


def grants(store: Store) -> list[GrantedRole]:
    """Return who has which role where: officer's code, role, unit's code or '' for all units."""
    return list(store.kept(("grants",), lambda: tuple(map(GrantedRole._make, store.query(_GRANTS)))))


def grant(store: Store, officer_id: int, role: str, unit_id: int) -> bool:
    """Write that an officer has a role in a unit; False if it was so already."""
    from engine.store.tables import GrantRow

    lock_house(store)  # two who look at once must not both find that it was not so
    with session(store) as opened:
        if opened.get(GrantRow, (officer_id, role, unit_id)) is not None:
            return False
        opened.add(GrantRow(officer_id=officer_id, role=role, unit_id=unit_id))
    return True


def revoke(store: Store, officer_id: int, role: str, unit_id: int) -> bool:
    """Write that an officer no longer has a role; False if it was so already."""
    from engine.store.tables import GrantRow

    lock_house(store)  # two who look at once must not both find that it was not so
    with session(store) as opened:
        found = opened.get(GrantRow, (officer_id, role, unit_id))
        if found is None:
            return False
        opened.delete(found)
    return True


def actor(store: Store, code: str, unit_id: int) -> Actor | None:
    """Return who acts and with which roles in the unit; None if no such officer acts any more."""
    if store.memory is not None:
        given = roles_of(store, code)
        if given is None:
            return None
        return Actor(code=code, roles=frozenset(role for role, unit in given if unit in {EVERYWHERE, unit_id}))
    found = store.column(
        "SELECT g.role FROM officers o LEFT JOIN grants g ON g.officer_id = o.id AND g.unit_id IN (0, ?)"
        " WHERE o.code = ? AND o.left_at IS NULL",
        (unit_id, code),
    )
    if not found:
        return None
    return Actor(code=code, roles=frozenset(role for role in found if role is not None))


def roles_of(store: Store, code: str) -> list[tuple[str, int]] | None:
    """Return an officer's roles, each with the id of its unit; None if no such officer acts any more."""
    if store.memory is not None:
        given = store.kept(("roles",), lambda: _roles_of_all(store)).get(code)
        return None if given is None else list(given)
    found = store.query(
        f"SELECT {listed(('role', 'unit_id'), 'g')} FROM officers o LEFT JOIN grants g ON g.officer_id = o.id"
        " WHERE o.code = ? AND o.left_at IS NULL",
        (code,),
    )
    return [(role, unit_id) for role, unit_id in found if role is not None] if found else None


def _roles_of_all(store: Store) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Return the roles of all officers who act, by code: each with the id of its unit."""
    found: dict[str, list[tuple[str, int]]] = {}
    for code, role, unit_id in store.query(_ROLES_OF_ALL):
        own = found.setdefault(code, [])
        if role is not None:
            own.append((role, unit_id))
    return {code: tuple(own) for code, own in found.items()}


def workflows_saying(store: Store, key: str, value: str = "") -> list[tuple[str, int]]:
    """Return name and version of the kept workflows in which a key, and a value after it, may stand somewhere."""
    from engine.store.past_columns import WorkflowVersion

    saying = (
        f"SELECT {listed(WorkflowVersion._fields)} FROM workflow_versions WHERE plain LIKE ? ORDER BY name, version"
    )
    return [(name, version) for name, version in store.query(saying, (f'%"{key}"%{value}%',))]


def versions_kept(store: Store, name: str) -> list[int]:
    """Return the versions of a workflow with which cases began, the newest first."""
    return store.column("SELECT version FROM workflow_versions WHERE name = ? ORDER BY version DESC", (name,))


def kept_workflow(store: Store, name: str, version: int) -> KeptWorkflow | None:
    """Return digest and JSON of a declaration that cases began with."""
    row = store.one(_KEPT, (name, version))
    return KeptWorkflow._make(row) if row else None


def keep_workflow(store: Store, name: str, version: int, digest: str, plain: str, at: int) -> None:
    """Write a declaration so that the cases that begin with it can end with it; one kept before stays as it is."""
    store.change(_KEEP, WorkflowRecord(name=name, version=version, digest=digest, plain=plain, stored_at=at))


def last_kept_at(store: Store) -> int:
    """Return when a declaration was last kept; 0 if none was."""
    return int(store.value("SELECT coalesce(max(stored_at), 0) FROM workflow_versions"))


def pinned_version(store: Store, name: str, *, by: tuple[str, int]) -> int | None:
    """Return the version of *name* that was the latest when a version of its parent was kept.

    If none was kept by then, as in ledgers from before versions were pinned, the first that was; None without any.

    Args:
        by: Name and version of the parent.
    """
    version: int | None = store.value(_PINNED, (*by, name))
    return version


def _officer(row: Row) -> Officer:
    """Return the officer that a row holds."""
    values = list(row)
    contact = parsed_text(values[_CONTACT], "officers", str(values[_CODE]))
    contact.pop(SALT, None)
    values[_CONTACT] = contact
    return Officer._make(values)


def officers_in(url: str) -> list[tuple[str, str, bool]]:
    """Return code and name of each officer in tables of any version, and whether they have left.

    Raises:
        DatabaseError: If they cannot be read.
    """
    with refusals(url), closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        rows = connection.execute(f"SELECT {listed(('code', 'name', 'left_at'))} FROM officers ORDER BY code")
        return [(str(code), str(name), left_at is not None) for code, name, left_at in rows]
