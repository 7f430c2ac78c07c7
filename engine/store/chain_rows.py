"""Rows that verifying compares: every case with its journal and all that stands about it; statements only."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from math import inf
from operator import itemgetter

from engine.journal.replay import Kept, ReplayedCase
from engine.store.connection import Row, Store

_STANDINGS = (
    "SELECT c.id, c.number, c.state, c.clearance, c.revision, c.head, c.workflow, c.version, u.code, p.number,"
    " f.number, c.dated_on, c.opened_at, c.changed_at, c.fields, c.import_key FROM cases c"
    " LEFT JOIN units u ON u.id = c.unit_id LEFT JOIN cases p ON p.id = c.parent_id"
    " LEFT JOIN cases f ON f.id = c.first_id WHERE c.id > ? ORDER BY c.id LIMIT 1000"
)
_CHAINED = (
    "SELECT j.case_id, '', j.seq, j.at, j.by, j.kind, j.from_state, j.to_state, j.clearance, j.body, j.hash"
    " FROM journal j WHERE j.case_id BETWEEN ? AND ? ORDER BY j.case_id, j.seq"
)
_CLOCKS = (
    "SELECT case_id, name, round, status, original_due_on, due_on, due_at, ledger FROM deadlines"
    " WHERE case_id BETWEEN ? AND ?"
)
_SEALED = "SELECT case_id, field, seq, ciphertext FROM sealed_values WHERE case_id BETWEEN ? AND ?"
_FILES = "SELECT case_id, seq, digest, name, size FROM attachments WHERE case_id BETWEEN ? AND ?"
_EMPTY = '{"extensions":[],"pauses":[]}'
_NO_ROWS: tuple[float, Iterator[Row]] = (inf, iter(()))
_NOTHING = Kept({}, {}, {})


def standings(store: Store) -> Iterator[tuple[ReplayedCase, Sequence[Row], Kept]]:
    """Yield every case by id: how it stands, the fields of its journal's entries, and what else stands about it."""
    after = 0
    while found := store.query(_STANDINGS, (after,)):
        last = found[-1][0]
        rows = groupby(store.query(_CHAINED, (after + 1, last)), key=itemgetter(0))
        kept = _kept(store, after + 1, last)
        case_id, chain = next(rows, _NO_ROWS)
        for row in found:
            while case_id < row[0]:
                case_id, chain = next(rows, _NO_ROWS)
            yield ReplayedCase._make(row), [] if case_id != row[0] else list(chain), kept.get(row[0], _NOTHING)
        after = last


def attachments(store: Store) -> list[tuple[str, int, str, str]]:
    """Return all attachments: the case's number, the journal row, SHA-256, name; a case that is gone by its id."""
    found = store.query(
        "SELECT coalesce(c.number, '#' || a.case_id), a.seq, a.digest, a.name FROM attachments a"
        " LEFT JOIN cases c ON c.id = a.case_id ORDER BY a.case_id, a.seq"
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def count_entries(store: Store) -> int:
    """Return how many rows the journal has."""
    row = store.one("SELECT count(*) FROM journal")
    assert row is not None
    counted: int = row[0]
    return counted


def orphans(store: Store) -> list[tuple[int, int]]:
    """Return the journal rows of cases that are not there: case id, seq; looks at every row."""
    asked = (
        "SELECT j.case_id, j.seq FROM journal j LEFT JOIN cases c ON c.id = j.case_id"
        " WHERE c.id IS NULL AND j.case_id <> 0 ORDER BY j.case_id, j.seq"
    )
    return [(row[0], row[1]) for row in store.query(asked)]


def counters(store: Store) -> dict[str, int]:
    """Return the last number given in each series."""
    return {row[0]: row[1] for row in store.query("SELECT series, last FROM counters")}


def grants(store: Store) -> set[tuple[str, str, str]]:
    """Return who has which role where, by codes; an id that nobody has stands for itself."""
    found = store.query(
        "SELECT coalesce(o.code, '#' || g.officer_id), g.role,"
        " CASE WHEN g.unit_id = 0 THEN '' ELSE coalesce(u.code, '#' || g.unit_id) END"
        " FROM grants g LEFT JOIN officers o ON o.id = g.officer_id LEFT JOIN units u ON u.id = g.unit_id"
    )
    return {(row[0], row[1], row[2]) for row in found}


def declarations(store: Store) -> list[tuple[str, int, str, str]]:
    """Return the kept declarations: name, version, digest, JSON."""
    found = store.query("SELECT name, version, digest, plain FROM workflow_versions ORDER BY name, version")
    return [(row[0], row[1], row[2], row[3]) for row in found]


def _kept(store: Store, first: int, last: int) -> dict[int, Kept]:
    """Return what stands in other tables about the cases whose ids lie between *first* and *last*."""
    found: dict[int, Kept] = defaultdict(lambda: Kept({}, {}, {}))
    for case_id, name, term, status, original, due_on, due_at, ledger in store.query(_CLOCKS, (first, last)):
        clocks = found[case_id].clocks
        place = term if (name, term) not in clocks else -term  # a second one of the same: told by no journal
        clocks[name, place] = (status, original, due_on, due_at, 0 if ledger == _EMPTY else _extensions(ledger))
    for case_id, name, seq, ciphertext in store.query(_SEALED, (first, last)):
        found[case_id].sealed[name, seq] = sha256(ciphertext.encode()).hexdigest()
    for case_id, seq, digest, name, size in store.query(_FILES, (first, last)):
        found[case_id].files[seq] = (digest, name, size)
    return found


def _extensions(ledger: str) -> int:
    """Return how often a deadline was extended; -1 if what is written of it cannot be read."""
    try:
        found: int = len(json.loads(ledger)["extensions"])
    except (ValueError, LookupError, TypeError):
        return -1
    return found
