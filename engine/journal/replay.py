"""What a chain says that a case, or the house, must look like: its rows told again from the first one on.

A chain that holds proves that nobody rewrote it. Only telling it again shows whether the rows that people
work with were changed beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.journal.canonical import canonical, parsed
from engine.journal.chain import JournalEntry
from engine.rules.case import SEALED

Row = tuple[Any, ...]

SILENT = frozenset({"reminded", "noted", "seal_opened", "opening_refused", "letter_copied"})
"""Kinds of rows that leave the case as it is; they are not read, since there are many of them."""


class ReplayedCase(NamedTuple):
    """How a case stands by its own row."""

    id: int
    number: str
    state: str
    clearance: int
    revision: int
    head: str
    workflow: str
    version: int
    unit: str | None
    """The unit's code; None if there is no such unit."""
    parent: str | None
    """The number of the case that opened it."""
    first: str | None
    """The number of the case that it repeats."""
    dated_on: str
    opened_at: int
    changed_at: int
    fields: str
    """Canonical JSON."""
    import_key: str | None


class Kept(NamedTuple):
    """What stands in other tables about a case."""

    clocks: dict[tuple[str, int], tuple[object, ...]]
    """Deadline and round -> status, first due day, due day, due instant, extensions."""
    sealed: dict[tuple[str, int], str]
    """Field and journal row -> SHA-256 of the ciphertext."""
    files: dict[int, tuple[str, str, int]]
    """Journal row -> digest, name, size."""


@dataclass(slots=True)
class House:
    """The house as its chain tells it."""

    units: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    """Code -> name and when it was closed."""
    officers: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    """Code -> name and when they left."""
    grants: set[tuple[str, str, str]] = field(default_factory=set)
    """Officer, role, unit; the unit is empty for all of them."""
    settings: dict[str, object] = field(default_factory=dict)
    """Of those that a row tells; the text of a calendar by its digest."""


def differences(case: ReplayedCase, rows: Sequence[Row], kept: Kept) -> Iterator[tuple[str, str]]:
    """Yield what of a case is not as its whole chain says: what, and of it which one.

    Args:
        rows: The fields of its entries, by seq; their hashes hold.
        kept: What stands in other tables about it.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: If a body is not what this program writes.
    """
    told = _told(rows)
    begun, clocks, sealed, files = told.begun, told.kept.clocks, told.kept.sealed, told.kept.files
    if canonical(told.fields) != case.fields:
        yield "fields", _fields_of(told.fields, case.fields)
    compared = (
        ("unit", begun["unit"], case.unit),
        ("dated_on", told.dated_on, case.dated_on),
        ("opened_at", rows[0][3], case.opened_at),
        ("changed_at", rows[-1][3], case.changed_at),
        ("workflow", (begun["workflow"], begun["version"]), (case.workflow, case.version)),
        ("parent", begun.get("parent"), case.parent),
        ("first", told.first, case.first),
        ("import_key", begun.get("import_key"), case.import_key),
    )
    yield from ((what, "") for what, said, stands in compared if said != stands)
    if told.kept == kept:
        return
    if clocks != kept.clocks:
        yield "deadlines", ", ".join(dict.fromkeys(name for name, _ in _differing(clocks, kept.clocks)))
    if sealed != kept.sealed:
        yield "sealed", ", ".join(dict.fromkeys(name for name, _ in _differing(sealed, kept.sealed)))
    if files != kept.files:
        yield "attachments", ", ".join(str(seq) for seq in _differing(files, kept.files))


def house_told(entries: Sequence[JournalEntry]) -> House:
    """Return the house as its whole chain tells it.

    Raises:
        ValueError, LookupError, TypeError: If a body is not what this program writes.
    """
    house = House()
    for entry in entries:
        tell = _OF_HOUSE.get(entry.kind)
        if tell is not None:
            body = parsed(entry.body)
            tell(house, body, body.get("clock_at", entry.at))
    return house


class _Told:
    """A case as its chain tells it."""

    __slots__ = ("begun", "dated_on", "fields", "first", "kept")

    def __init__(self) -> None:
        self.fields: dict[str, object] = {}
        self.kept = Kept({}, {}, {})
        self.begun: dict[str, Any] = {}
        self.dated_on = self.first = None


def _told(rows: Sequence[Row]) -> _Told:
    """Return a case as its chain tells it."""
    told = _Told()
    for row in rows:
        kind = row[5]
        if kind in SILENT:
            continue
        body = parsed(row[9])
        for name in body.get("was", ()):
            told.fields.pop(name, None)
        told.fields.update(body.get("set", ()))
        told.dated_on = body.get("dated_on", told.dated_on)
        if "deadlines" in body:
            _tell_deadlines(told, body["deadlines"])
        if kind == "opened":
            told.begun = body
        elif kind == "linked":
            told.first = body["first"]
        elif kind == "unlinked":
            told.first = None
        if "sealed" in body or "size" in body:
            _tell_kept(told, row[2], body)
    return told


def _tell_deadlines(told: _Told, deadlines: Mapping[str, Mapping[str, Any]]) -> None:
    """Tell what a row says of deadlines."""
    for name, each in deadlines.items():
        told.kept.clocks[name, each["round"]] = (
            each["status"],
            each["original_due_on"],
            each["due_on"],
            each.get("due_at"),
            each["extended"],
        )


def _tell_kept(told: _Told, seq: int, body: Mapping[str, Any]) -> None:
    """Tell what a row says of sealed values and files."""
    for name, digest in body.get("sealed", {}).items():
        told.kept.sealed[name, seq] = digest
        told.fields[name] = SEALED
    if "size" in body:
        told.kept.files[seq] = (body["digest"], body["name"], body["size"])


def _set_up(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell how the house began."""
    unit, name = body["unit"]
    house.units[unit] = (name, None)
    officer, name = body["officer"]
    house.officers[officer] = (name, None)
    house.grants.update((officer, role, "") for role in body["roles"])
    house.settings.update(name=body["name"], zone=body["zone"], officer=officer, classified=False, calendar=None)
    if body["custodian"] is not None:
        _custodian(house, body, _at)


def _custodian(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell which key is sealed to."""
    house.settings["custodian"] = {"id": body["custodian"], "value": body["key"]}


def _unit(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell of a new unit."""
    house.units[body["code"]] = (body["name"], None)


def _unit_closed(house: House, body: Mapping[str, Any], at: int) -> None:
    """Tell of a unit that was closed."""
    house.units[body["code"]] = (house.units[body["code"]][0], at)


def _officer(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell of a new officer."""
    house.officers[body["code"]] = (body["name"], None)


def _officer_left(house: House, body: Mapping[str, Any], at: int) -> None:
    """Tell of an officer who left."""
    house.officers[body["code"]] = (house.officers[body["code"]][0], at)


def _granted(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell of a role that was given."""
    house.grants.add((body["code"], body["role"], body["unit"] or ""))


def _revoked(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell of a role that was taken."""
    house.grants.discard((body["code"], body["role"], body["unit"] or ""))


def _letterhead(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell what papers carry."""
    house.settings.update((name, value.strip()) for name, value in body["set"].items())


def _calendar(house: House, body: Mapping[str, Any], _at: int) -> None:
    """Tell by which calendar is counted."""
    house.settings["calendar"] = body["digest"]


_OF_HOUSE: Mapping[str, Callable[[House, Mapping[str, Any], int], None]] = {
    "set_up": _set_up,
    "custodian_replaced": _custodian,
    "unit_added": _unit,
    "unit_closed": _unit_closed,
    "officer_added": _officer,
    "officer_left": _officer_left,
    "granted": _granted,
    "revoked": _revoked,
    "letterhead_changed": _letterhead,
    "calendar_used": _calendar,
}


def _fields_of(told: Mapping[str, object], text: str) -> str:
    """Return the names of the fields that differ; nothing if *text* is no JSON of fields."""
    try:
        stands = parsed(text)
    except ValueError:
        return ""
    return ", ".join(_differing(told, stands)) if isinstance(stands, dict) else ""


def _differing(told: Mapping[Any, object], stands: Mapping[Any, object]) -> list[Any]:
    """Return the keys under which two mappings do not hold the same."""
    return sorted(key for key in told.keys() | stands.keys() if told.get(key) != stands.get(key))
