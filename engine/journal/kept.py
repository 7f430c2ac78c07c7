"""What stands in the tables about a case, as verifying compares it with what the case's chain says."""

from typing import NamedTuple

from engine.journal.signature_events import Standing

Clocks = dict[tuple[str, int], tuple[object, ...]]
"""Deadline and round -> what is said of it."""


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
    fields: bytes | None
    """Canonical JSON; None if no text stands there."""
    import_key: str | None
    shape: int = 0
    """What of it decides how it counts, as a number."""


class Climb(NamedTuple):
    """What of a deadline is written beside the journal's words: where its reminders stand, and when it stood still."""

    rung: int | None
    """The next one; None if the journal does not tell."""
    pauses: tuple[tuple[int, int | None], ...] | None
    """Those by an officer's word: from and to, in microseconds since 1970 UTC; None if the journal does not tell."""
    next_at: int | None = None
    """When that rung comes due; only the table says so."""
    calendar: str = ""
    """By which calendar its day was counted; only the table says so."""
    ended_at: int | None = None
    """When it was met, lifted or cancelled, as the table says."""
    ends: tuple[int, ...] | None = None
    """The instants of rows that ended it, one of which that must be; none while it goes on, None if no row tells."""


class Kept(NamedTuple):
    """What stands in other tables about a case."""

    clocks: Clocks
    """Deadline and round -> status, first due day, due day, due instant, day met, extensions, breaches, lifts."""
    sealed: dict[tuple[str, int], tuple[str, str]]
    """Field and journal row -> SHA-256 of the ciphertext, id of the key; rows of older versions name none."""
    files: dict[int, tuple[str, str, int]]
    """Journal row -> digest, name, size."""
    questions: dict[tuple[str, int], tuple[str, str | None, int | None]]
    """Field and journal row that asked -> what is asked, the state then if about the state, the row that closed it."""
    occurrences: dict[str, tuple[str, str, str, str]]
    """The recurrence that opened it -> for which period; workflow, unit and case that the table has it under, where
    empty stands for the whole house and for no case."""
    asked: Standing
    """The signatures that stand, by field."""
    climbs: dict[tuple[str, int], Climb]
    """Deadline and round -> how far its reminders have come, and its pauses."""
    reminders: dict[tuple[str, int, str], int]
    """Deadline, rung and level -> how often it was taken or passed over."""
    given: set[tuple[tuple[str, str], str]]
    """Of what is given once: workflow and field, and digest of the value."""
    promised: dict[tuple[str, int], tuple[str, ...]]
    """Deadline and rung of a reminder -> codes of whom a message tells of it; an empty code if it is older than what is
    asked."""
