"""Rows of house_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from collections.abc import Mapping
from typing import NamedTuple


class SettingRecord(NamedTuple):
    """One setting, as JSON."""

    name: str
    value: str


class HouseUnit(NamedTuple):
    """Who leads belong to."""

    id: int
    code: str
    name: str
    closed_at: int | None


class UnitDays(NamedTuple):
    """A unit's own days off and extra working days."""

    id: int
    code: str
    own_days: str
    """The unit's own days off and extra working days, as JSON."""


class Officer(NamedTuple):
    """Who acts."""

    id: int
    code: str
    name: str
    contact: Mapping[str, object]
    left_at: int | None


class GrantedRole(NamedTuple):
    """Who has which role where, by codes; the unit is empty for all of them."""

    officer: str
    role: str
    unit: str


class WorkflowRecord(NamedTuple):
    """A declaration that cases began with."""

    name: str
    version: int
    digest: str
    plain: str
    """The declaration as JSON, in its declared order."""
    stored_at: int


class KeptWorkflow(NamedTuple):
    """A declaration that cases began with, and its digest."""

    digest: str
    plain: str
    """The declaration as JSON, in its declared order."""


class AdoptedRecord(NamedTuple):
    """A version of a text that was adopted."""

    kind: str
    name: str
    version: int
    digest: str
    """SHA-256 of `plain`; the house's chain says the same."""
    plain: str
    """The text as JSON, in its declared order."""
    shipped: int
    """1 if it came with the program, 0 if the house wrote it."""
    seq: int
    """The row of the house's chain by which it was adopted."""


class AdoptedText(NamedTuple):
    """A version of a text, and what the row of the house's chain says that it refers to."""

    digest: str
    """SHA-256 of `plain`; the house's chain says the same."""
    plain: str
    """The text as JSON, in its declared order."""
    body: str
    """What happened, as canonical JSON."""


class ContactText(NamedTuple):
    """How an officer is reached, as it is stored; the journal tells its digest."""

    code: str
    contact: str
    """Channels, quiet hours, absence and deputy, as JSON."""


class HouseStanding(NamedTuple):
    """The newest row of the house's chain."""

    seq: int
    hash: str
    """SHA-256 over the previous hash and this row, as hexadecimal."""


class AdoptedVersion(NamedTuple):
    """A text and a version of it."""

    name: str
    version: int
