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
    """Counts the times the term began again."""
    status: int
    """0 running, 1 paused, 2 met, 3 cancelled, 4 lifted."""
    original_due_on: str
    """Changes only with a start that is corrected; the former one stays in the ledger."""
    due_on: str
    """Local date; the day itself is never overdue."""
    due_at: int | None
    """The instant, for terms in hours."""
    ledger: str
    """Pauses, extensions, breaches, times in which it was lifted and former starts, as JSON."""
    met_on: str | None
    """Local date of the act that met it."""
    ended_at: int | None
    rung: int
    """The next rung to take, counting repetitions."""
    next_at: int | None
    """When that rung comes due; NULL if none is left."""
    calendar: str
    """Name and version of the calendar that set the date."""


class RemindedProof(NamedTuple):
    """A reminder of a case that the journal tells."""

    case_id: int
    name: str
    deadline_id: int
    arming: int
    """Counts the times the due day moved; a moved day has its rungs again."""
    rung: int
    level: str
    at: int


class MessageProof(NamedTuple):
    """A message, of the reminders that it tells."""

    payload: str
    created_at: int
    recipient: str
    """The officer's code."""


class SealedProof(NamedTuple):
    """A sealed value whose digest the journal tells."""

    case_id: int
    field: str
    seq: int
    """The journal row that brought it; older values stay."""
    key_id: str
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
