"""Rows of chain_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class WorkflowProof(NamedTuple):
    """A declaration and what its digest must be."""

    name: str
    version: int
    digest: str
    plain: str
    """The declaration as JSON, in its declared order."""


class DeadlineProof(NamedTuple):
    """What the journal tells of a deadline."""

    case_id: int
    name: str
    round: int
    """Counts the times the term began anew."""
    status: int
    """0 running, 1 paused, 2 met, 3 cancelled."""
    original_due_on: str
    """Never overwritten."""
    due_on: str
    """Local date; the day itself is never overdue."""
    due_at: int | None
    """The instant, for terms in hours."""
    ledger: str
    """Pauses and extensions, as JSON."""


class SealedProof(NamedTuple):
    """A sealed value whose digest the journal tells."""

    case_id: int
    field: str
    seq: int
    """The journal row that brought it; older values stay."""
    ciphertext: str
    """Base64."""


class AttachmentRecord(NamedTuple):
    """A file of a case."""

    case_id: int
    seq: int
    digest: str
    name: str
    size: int


class AttachedContent(NamedTuple):
    """A file whose content is kept under its digest."""

    number: str
    seq: int
    digest: str
    name: str


class EntryPlace(NamedTuple):
    """Which row of the journal it is."""

    case_id: int
    seq: int
