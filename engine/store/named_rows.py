"""Rows of which officers a case names; statements only, no rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine.store.case_columns import NamedOfficerRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed, marks

_INSERT = inserted("named_officers", NamedOfficerRecord._fields)
_ADD = f"{_INSERT} ON CONFLICT (officer, case_id) DO NOTHING"
"""When the table was made, a code in whatever field of a case counted: it may stand there already."""
_LEAVE = "DELETE FROM named_officers WHERE officer = ? AND case_id = ?"
_OF = "SELECT case_id FROM named_officers WHERE officer = ?"
_PLACE = listed(NamedOfficerRecord._fields)
_BETWEEN = f"{_OF} AND case_id BETWEEN ? AND ?"


def begin(store: Store, named: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Write whom new cases name: id and codes of each."""
    rows = [NamedOfficerRecord(code, case_id) for case_id, codes in named for code in codes]
    if rows:
        store.change_many(_INSERT, rows)


def follow(store: Store, changed: Iterable[tuple[int, frozenset[str], frozenset[str]]]) -> None:
    """Write whom cases name from now on: id of each, codes before and codes after."""
    gone: list[NamedOfficerRecord] = []
    added: list[NamedOfficerRecord] = []
    for case_id, before, after in changed:
        gone += [NamedOfficerRecord(code, case_id) for code in before - after]
        added += [NamedOfficerRecord(code, case_id) for code in after - before]
    if gone:
        store.change_many(_LEAVE, gone)
    if added:
        store.change_many(_ADD, added)


def of(store: Store, officer: str) -> set[int]:
    """Return the ids of all cases that name an officer."""
    return {int(each) for each in store.column(_OF, (officer,))}


def beside(store: Store, officer: str, ids: Sequence[int]) -> set[int]:
    """Return beside which of some cases an officer is kept, in their order; it may return others that lie between."""
    if ids[-1] - ids[0] <= 2 * len(ids):
        return set(store.column(_BETWEEN, (officer, ids[0], ids[-1])))
    return set(store.column(f"{_OF} AND case_id IN ({marks(ids)})", (officer, *ids)))


def count(store: Store) -> int:
    """Return how many rows there are."""
    return int(store.value("SELECT count(*) FROM named_officers"))


def every(store: Store) -> Iterator[NamedOfficerRecord]:
    """Yield all rows."""
    yield from map(NamedOfficerRecord._make, store.stream(f"SELECT {_PLACE} FROM named_officers"))


def digests(store: Store, size: int) -> Mapping[int, str]:
    """Return a digest of all rows of each stretch of *size* ids from 1 on, by the first of them.

    One pass through the table, since nothing finds its rows by case.
    """
    found: dict[int, Any] = {}
    for officer, case_id in store.stream(f"SELECT {_PLACE} FROM named_officers ORDER BY officer, case_id"):
        if not isinstance(case_id, int):  # by another hand; that one row too many is kept is found besides
            continue
        first = case_id - (case_id - 1) % size
        if first not in found:
            found[first] = sha256()
        found[first].update(f"{len(officer)} {officer}{case_id}\n".encode())
    return {first: each.hexdigest() for first, each in found.items()}
