"""Rows of outbox_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from collections.abc import Mapping
from typing import NamedTuple


class ReminderRecord(NamedTuple):
    """One rung taken or skipped."""

    deadline_id: int
    rung: int
    arming: int
    """Counts the times the due day moved; a moved day has its rungs again."""
    level: str
    outcome: str
    """sent, skipped, unheard (there was nobody, and the office heard of it) or cancelled."""
    due_at: int
    at: int


class ReminderRef(NamedTuple):
    """Which reminder a line of a digest stands for."""

    deadline_id: int
    arming: int
    """Counts the times the due day moved; a moved day has its rungs again."""
    rung: int


class ReachedRung(NamedTuple):
    """A rung that was reached."""

    rung: int
    due_at: int
    at: int


class DeadlineArming(NamedTuple):
    """How often the due day of a deadline moved."""

    id: int
    arming: int
    """Counts the times the due day moved."""


class Promise(NamedTuple):
    """A message as it waits, was sent or has failed."""

    id: int
    key: str
    """Made of the facts that caused it."""
    kind: str
    recipient: str
    """The officer's code."""
    payload: Mapping[str, object]
    created_at: int
    status: int
    """0 waiting, 1 sent, 2 failed for good, 3 cancelled: what it said is no longer so."""
    attempts: int
    next_try_at: int
    """Also the end of a claim: a claimed row is tried again if its claimer dies."""
    sent_at: int | None
    remark: str | None
    """How it went, never with a secret."""
    open_lines: int | None
    """Of a digest: how many of its lines nobody has taken back; NULL of other kinds."""


class NewPromise(NamedTuple):
    """A message that is promised."""

    key: str
    """Made of the facts that caused it."""
    kind: str
    recipient: str
    """The officer's code."""
    payload: str
    created_at: int
    status: int
    """0 waiting, 1 sent, 2 failed for good, 3 cancelled: what it said is no longer so."""
    attempts: int
    next_try_at: int
    """Also the end of a claim: a claimed row is tried again if its claimer dies."""
    open_lines: int | None
    """Of a digest: how many of its lines nobody has taken back; NULL of other kinds."""


class DigestLineRecord(NamedTuple):
    """A reminder that a digest says."""

    deadline_id: int
    arming: int
    """Counts the times the due day moved; a moved day has its rungs again."""
    rung: int
    outbox_id: int
    """The message."""


class WaitingLine(NamedTuple):
    """A reminder that a digest says which waits to go out."""

    deadline_id: int
    arming: int
    """Counts the times the due day moved; a moved day has its rungs again."""
    rung: int
    outbox_id: int
    """The message."""
    level: str
