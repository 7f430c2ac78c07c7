"""Rows of case_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class CounterRecord(NamedTuple):
    """The last number given in a series."""

    series: str
    """The number's format with everything filled in but the serial."""
    last: int


class CaseRecord(NamedTuple):
    """A case as it is stored."""

    id: int
    number: str
    workflow: str
    version: int
    state: str
    unit_id: int
    parent_id: int | None
    first_id: int | None
    """The lead that this one repeats."""
    dated_on: str
    """Local date of receipt; decides the scope of campaigns."""
    opened_at: int
    changed_at: int
    """When its last journal row was written; no later row is dated before it."""
    clearance: int
    """0 open, 1 cleared, 2 fully closed, 3 void, 4 repeats another; kept in step by every commit."""
    fields: str
    """Values as canonical JSON; never a sealed one."""
    import_key: str | None
    revision: int
    """How often the case has changed; also the number of its last journal row."""
    head: str
    """Hash of its last journal row."""
    shape: int
    """What decides how it counts but days, as a number (`engine/rules/shapes.py`); 0 where nobody computed it."""


class CaseChange(NamedTuple):
    """What a step changes of a case."""

    state: str
    clearance: int
    """0 open, 1 cleared, 2 fully closed, 3 void, 4 repeats another; kept in step by every commit."""
    fields: str
    """Values as canonical JSON; never a sealed one."""
    changed_at: int
    """When its last journal row was written; no later row is dated before it."""
    revision: int
    """How often the case has changed; also the number of its last journal row."""
    head: str
    """Hash of its last journal row."""


class ChainEnd(NamedTuple):
    """What a case knows of its newest journal row."""

    changed_at: int
    """When its last journal row was written; no later row is dated before it."""
    revision: int
    """How often the case has changed; also the number of its last journal row."""
    head: str
    """Hash of its last journal row."""


class CaseWords(NamedTuple):
    """A case's values, by its id."""

    id: int
    fields: str
    """Values as canonical JSON; never a sealed one."""


class CaseFields(NamedTuple):
    """A case's values."""

    id: int
    number: str
    fields: str
    """Values as canonical JSON; never a sealed one."""


class CaseText(NamedTuple):
    """A case's values, and when it was received."""

    dated_on: str
    """Local date of receipt; decides the scope of campaigns."""
    number: str
    fields: str
    """Values as canonical JSON; never a sealed one."""


class JournalRecord(NamedTuple):
    """One thing that happened, as it is stored."""

    case_id: int
    seq: int
    at: int
    by: str
    """The officer's code."""
    kind: str
    from_state: str | None
    to_state: str | None
    clearance: int
    """The case's clearance after it."""
    body: str
    """What happened, as canonical JSON."""
    hash: str
    """SHA-256 over the previous hash and this row, as hexadecimal."""


class KindBody(NamedTuple):
    """What a journal row of a case says."""

    case_id: int
    kind: str
    body: str
    """What happened, as canonical JSON."""


class StateEntered(NamedTuple):
    """How a case last came into a state."""

    kind: str
    from_state: str | None


class StepDone(NamedTuple):
    """What was done."""

    kind: str
    body: str
    """What happened, as canonical JSON."""
    by: str
    """The officer's code."""


class LookedBack(NamedTuple):
    """What rules look back on: a step that was taken, or a row that led the case into another state."""

    kind: str
    body: str
    """What happened, as canonical JSON."""
    by: str
    """The officer's code."""
    from_state: str | None
    to_state: str | None


class SealedRecord(NamedTuple):
    """A sealed value, as it is stored."""

    case_id: int
    field: str
    seq: int
    """The journal row that brought it; older values stay."""
    key_id: str
    ciphertext: str
    """Base64."""


class SealedValue(NamedTuple):
    """A sealed value of a case that is known."""

    field: str
    seq: int
    """The journal row that brought it; older values stay."""
    key_id: str
    ciphertext: str
    """Base64."""


class AttachedFile(NamedTuple):
    """A file of a case that is known."""

    seq: int
    digest: str
    name: str
    size: int


class OccurrenceRecord(NamedTuple):
    """Which case was opened for which period."""

    workflow: str
    recurs: str
    """The name of the recurrence in the workflow, of whatever version."""
    unit_id: int
    """The unit that owes it; 0 if the whole house owes one."""
    parent_id: int
    """The case under which it was opened; 0 if it stands alone."""
    period: str
    case_id: int


class QuestionRecord(NamedTuple):
    """What a ledger left unclear, as it is stored."""

    case_id: int
    field: str
    """The field that it is about, or `state`."""
    seq: int
    """The journal row that asks it."""
    said: str
    """What is asked, as canonical JSON."""
    state: str | None
    """The state in which the case was left, if that is what is asked about."""
    closed_seq: int | None
    """The journal row by which it stays without a value."""


class AskedSignatureRecord(NamedTuple):
    """A signature that was asked for."""

    case_id: int
    field: str
    seq: int
    """The journal row that asks it."""
    officer: str
    """Code of who is to sign."""
    given_seq: int | None
    """The journal row by which it was given."""
    reminded_at: int
    """When who is to sign was last written to, or it was asked; microseconds since 1970 UTC."""


class NamedOfficerRecord(NamedTuple):
    """An officer whom a case names."""

    officer: str
    """The officer's code."""
    case_id: int


class UniqueValueRecord(NamedTuple):
    """Which case has what is given once."""

    workflow: str
    field: str
    digest: str
    """SHA-256 of the value's text, as hexadecimal: no key may be as long as a text may be."""
    case_id: int


class DraftRecord(NamedTuple):
    """A form that was begun, as it is stored."""

    officer: str
    """The officer's code."""
    case_id: int
    """0 for a case that is not opened yet."""
    trigger: str
    """What the form does: a step, or the name of the workflow of a new case."""
    typed: str
    """The values as they were typed, by field, as JSON."""
    revision: int
    """The case's, as the form was begun on it."""
    at: int
    """When it was kept last; microseconds since 1970 UTC."""
