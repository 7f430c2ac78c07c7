"""What the house's own chain says that the house must look like: its rows replayed from the first one on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.events import read
from engine.journal.house_events import (
    BACKUP_KEYS,
    RESTRICTED,
    UNIT_TYPES,
    BackupKeysDeclared,
    CalendarUsed,
    ContactChanged,
    CustodianReplaced,
    DaysClosed,
    DaysOpened,
    DaysReleased,
    HouseSetUp,
    LetterheadChanged,
    OfficerAdded,
    OfficerLeft,
    OfficerRenamed,
    OfficerReturned,
    ProofDemanded,
    RestrictionsChanged,
    RoleGranted,
    RoleRevoked,
    TextsAdopted,
    UnitAdded,
    UnitClosed,
    UnitRenamed,
    UnitTyped,
)

OwnDays = Mapping[str, Mapping[str, str]]
"""`off` and `working` -> day -> reason."""


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
    adopted: dict[tuple[str, str, int], tuple[str, int]] = field(default_factory=dict)
    """Kind, name and version of a text -> its digest, and the row that adopted it."""
    keys: frozenset[str] = frozenset()
    """Ids of the keys that values may be sealed to."""
    contacts: dict[str, str | None] = field(default_factory=dict)
    """Officer -> SHA-256 of how they are reached; None if an older version wrote it, which did not tell."""
    own_days: dict[str, OwnDays] = field(default_factory=dict)
    """Unit -> its own days."""


def house_of_chain(entries: Sequence[ChainRow]) -> House:
    """Return the house as its whole chain tells it.

    Raises:
        ValueError, LookupError, TypeError: If a body is not what this program writes.
    """
    house = House()
    for entry in entries:
        event = read(entry.kind, entry.body or b"")
        _tell_house(house, event, entry.at if event.clock_at is None else event.clock_at)
        if isinstance(event, TextsAdopted):
            for kind, name, version, digest in event.texts:
                house.adopted.setdefault((kind, name, version), (digest, entry.seq))
    return house


def _tell_house(house: House, event: Event, at: int) -> None:
    """Tell what one row says of units, officers, roles and settings."""
    match event:
        case UnitAdded():
            house.units[event.code] = (event.name, None)
        case UnitClosed():
            house.units[event.code] = (house.units[event.code][0], at)
        case UnitRenamed():
            house.units[event.code] = (event.name, house.units[event.code][1])
        case DaysOpened() | DaysClosed() | DaysReleased():
            house.own_days[event.code] = with_days(house.own_days.get(event.code, {}), event)
        case RoleGranted():
            house.grants.add((event.code, event.role, event.unit or ""))
        case RoleRevoked():
            house.grants.discard((event.code, event.role, event.unit or ""))
        case _:
            _tell_officers(house, event, at)
            _tell_settings(house, event)


def _tell_officers(house: House, event: Event, at: int) -> None:
    """Tell what one row says of officers and how they are reached."""
    match event:
        case OfficerAdded():
            house.officers[event.code] = (event.name, None)
            house.contacts[event.code] = event.contact
        case OfficerRenamed():
            house.officers[event.code] = (event.name, house.officers[event.code][1])
        case OfficerReturned():
            house.officers[event.code] = (house.officers[event.code][0], None)
        case OfficerLeft():
            house.officers[event.code] = (house.officers[event.code][0], at)
        case ContactChanged():
            house.contacts[event.code] = event.digest


def with_days(own: OwnDays, event: DaysOpened | DaysClosed | DaysReleased) -> OwnDays:
    """Return the own days of a unit as one row leaves them."""
    begin, end = date.fromisoformat(event.first), date.fromisoformat(event.last)
    meant = [(begin + timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)]
    after = {kind: {k: v for k, v in own.get(kind, {}).items() if k not in meant} for kind in ("off", "working")}
    if not isinstance(event, DaysReleased):
        after["working" if isinstance(event, DaysOpened) else "off"].update(dict.fromkeys(meant, event.reason))
    return after


def _tell_settings(house: House, event: Event) -> None:
    """Tell what one row says of the settings of the house."""
    match event:
        case HouseSetUp():
            _set_up(house, event)
        case CustodianReplaced():
            house.settings["custodian"] = {"id": event.custodian, "value": event.key}
            left = house.keys if event.renewed is None else house.keys.intersection(event.left_to)
            house.keys = left | {event.custodian}
        case LetterheadChanged():
            house.settings.update((name, value.strip()) for name, value in event.set.items())
        case UnitTyped():
            types = house.settings[UNIT_TYPES]
            assert isinstance(types, dict)
            types[event.code] = event.type
        case ProofDemanded():
            house.settings["proof"] = event.least
        case CalendarUsed():
            house.settings["calendar"] = event.digest
        case BackupKeysDeclared():
            house.settings[BACKUP_KEYS] = list(event.keys)
        case RestrictionsChanged():
            named: dict[str, list[str]] = {}
            for case_id, code in event.cases:
                named.setdefault(str(case_id), []).append(code)
            house.settings[RESTRICTED] = named


def _set_up(house: House, event: HouseSetUp) -> None:
    """Tell how the house began."""
    unit, name = event.unit
    house.units[unit] = (name, None)
    officer, name = event.officer
    house.officers[officer] = (name, None)
    house.contacts[officer] = sha256(b"{}").hexdigest()
    house.grants.update((officer, role, "") for role in event.roles)
    house.settings.update(name=event.name, zone=event.zone, officer=officer, classified=False, calendar=None)
    house.settings["proof"], house.settings[UNIT_TYPES] = event.demands, {}
    if event.custodian is not None:
        house.settings["custodian"] = {"id": event.custodian, "value": event.key}
        house.keys = frozenset({event.custodian})
