"""Rows of past_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class WorkflowVersion(NamedTuple):
    """Which declaration it is."""

    name: str
    version: int


class PastEntry(NamedTuple):
    """What a past day is rebuilt from."""

    case_id: int
    at: int
    by: str
    """The officer's code."""
    kind: str
    to_state: str | None
    clearance: int
    """The case's clearance after it."""
    body: str
    """What happened, as canonical JSON."""
    seq: int
    hash: str
    """SHA-256 over the previous hash and this row, as hexadecimal."""


class CountedEntry(NamedTuple):
    """When, as what and in which state the journal counted a case."""

    case_id: int
    at: int
    clearance: int
    """The case's clearance after it."""
    to_state: str | None


class CaseEntry(NamedTuple):
    """What happened to a case, by its number."""

    number: str
    at: int
    body: str
    """What happened, as canonical JSON."""


class ChainHead(NamedTuple):
    """Length and hash of a case's chain."""

    number: str
    revision: int
    """How often the case has changed; also the number of its last journal row."""
    head: str
    """Hash of its last journal row."""


class CaseNumber(NamedTuple):
    """Which case it is."""

    id: int
    number: str


class ChildCase(NamedTuple):
    """Which case opened which."""

    parent_id: int | None
    id: int


class OpenChild(NamedTuple):
    """A case that another opened."""

    workflow: str
    number: str


class RegisteredCase(NamedTuple):
    """What a ledger from outside is compared with."""

    unit: str
    number: str
    state: str
    clearance: int
    """0 open, 1 cleared, 2 fully closed, 3 void, 4 repeats another; kept in step by every commit."""
    import_key: str | None
    dated_on: str
    """Local date of receipt; decides the scope of campaigns."""
    fields: str
    """Values as canonical JSON; never a sealed one."""
