"""The append-only record: a hash chain for each case over canonical JSON.

What happened is said in one canonical text; each row's hash covers it and the hash before, so that
a row changed, left out or put in between is found by anyone who recomputes the chain.
"""

from collections.abc import Iterable
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NamedTuple

from engine.workflow.frozen_struct import FrozenStruct

START = ""
"""The hash before the first row of a chain."""

HOUSE = 0
"""The case_id of the house's own chain: officers, units, exports, openings of sealed values."""


class JournalEntry(NamedTuple):
    """One row of the journal; a named tuple for the same reason as a case is one."""

    case_id: int
    case: str
    """The case's number; empty for the house's own chain."""
    seq: int
    at: int
    """Microseconds since 1970 UTC."""
    by: str
    kind: str
    from_state: str | None
    to_state: str | None
    clearance: int
    body: str
    """Canonical JSON."""
    hash: str


class ChainRow(NamedTuple):
    """One row of the journal as it is checked: its body as bytes, since these are hashed and read as they are."""

    case_id: int
    seq: int
    at: int
    """Microseconds since 1970 UTC."""
    by: str
    kind: str
    from_state: str | None
    to_state: str | None
    clearance: int
    body: bytes | None
    """Canonical JSON; None if no text stands there."""
    hash: str


def chained(
    previous: str,
    case_id: int,
    case: str,
    seq: int,
    at: int,
    by: str,
    kind: str,
    from_state: str | None,
    to_state: str | None,
    clearance: int,
    body: str,
) -> JournalEntry:
    """Return the entry that follows the one whose hash is *previous*; *body* is canonical JSON already."""
    written = digest(previous, case, seq, at, by, kind, from_state, to_state, clearance, body)
    return JournalEntry(case_id, case, seq, at, by, kind, from_state, to_state, clearance, body, written)


def digest(
    previous: str,
    case: str,
    seq: int,
    at: int,
    by: str,
    kind: str,
    from_state: str | None,
    to_state: str | None,
    clearance: int,
    body: str,
) -> str:
    """Return the hash of one row: SHA-256 over its text."""
    text = hashed_text(previous, case, seq, at, by, kind, from_state, to_state, clearance, body)
    return sha256(text.encode()).hexdigest()


def hashed_text(
    previous: str,
    case: str,
    seq: int,
    at: int,
    by: str,
    kind: str,
    from_state: str | None,
    to_state: str | None,
    clearance: int,
    body: str,
) -> str:
    """Return the canonical JSON of one row, the previous hash included, whose SHA-256 is its hash.

    The text is put together by hand because this runs for every row that is written; it is equal to
    `canonical` of the same mapping.
    """
    before = "null" if from_state is None else encode_basestring(from_state)
    after = "null" if to_state is None else encode_basestring(to_state)
    return (
        f'{{"at":{at},"body":{body},"by":{encode_basestring(by)},"case":{encode_basestring(case)},'
        f'"clearance":{clearance},"from":{before},"kind":{encode_basestring(kind)},'
        f'"previous":"{previous}","seq":{seq},"to":{after}}}'
    )


class Break(FrozenStruct, frozen=True, kw_only=True):
    """A place where a chain does not hold."""

    case: str
    seq: int
    what: str
    """changed, missing, misplaced; newer if another program must say; no case if there is none; else what stands
    elsewhere than the chain says."""
    which: str = ""
    """Which one of several, such as the field or the deadline."""


def breaks(case: str, rows: Iterable[ChainRow], *, head: str, length: int) -> tuple[Break, ...]:
    """Return every place where the chain of one case does not hold; none if it is whole.

    Args:
        case: The case's number; empty for the house.
        rows: Its rows, by seq.
        head: The hash that the case says its last row has.
        length: The number of rows that the case says it has.
    """
    found: list[Break] = []
    previous, expected = START, 1
    number = encode_basestring(case)
    for _, seq, at, by, kind, from_state, to_state, clearance, body, written in rows:
        if seq != expected:
            found.append(Break(case=case, seq=expected, what="missing"))
        # The same text as that of `digest`, but its longest part is never made into a string: of the time that a
        # million rows take here, that and the calls would be half.
        before = "null" if from_state is None else encode_basestring(from_state)
        after = "null" if to_state is None else encode_basestring(to_state)
        computed = sha256(f'{{"at":{at},"body":'.encode())
        computed.update(body or b"")
        computed.update(
            (
                f',"by":{encode_basestring(by)},"case":{number},"clearance":{clearance},"from":{before},'
                f'"kind":{encode_basestring(kind)},"previous":"{previous}","seq":{seq},"to":{after}}}'
            ).encode()
        )
        if written != computed.hexdigest():
            found.append(Break(case=case, seq=seq, what="changed"))
        previous, expected = written, seq + 1
    if expected != length + 1:
        found.append(Break(case=case, seq=expected, what="missing"))
    elif previous != head:
        found.append(Break(case=case, seq=length, what="misplaced"))
    return tuple(found)
