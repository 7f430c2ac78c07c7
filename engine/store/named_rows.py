"""Rows of which officers a case names; statements only, no rules."""

from collections.abc import Collection, Iterable, Iterator

from engine.store.case_columns import NamedOfficerRecord
from engine.store.connection import Store
from engine.store.statements import inserted, listed

_INSERT = inserted("named_officers", NamedOfficerRecord._fields)
_ADD = f"{_INSERT} ON CONFLICT (officer, case_id) DO NOTHING"
"""When the table was made, a code in whatever field of a case counted: it may stand there already."""
_LEAVE = "DELETE FROM named_officers WHERE officer = ? AND case_id = ?"
_OF = "SELECT case_id FROM named_officers WHERE officer = ?"
_PLACE = listed(NamedOfficerRecord._fields)
_THERE = (
    f"WITH wanted ({_PLACE}) AS (VALUES {{}}) SELECT {listed(NamedOfficerRecord._fields, 'n')}"
    " FROM wanted w CROSS JOIN named_officers n WHERE n.officer = w.officer AND n.case_id = w.case_id"
)
"""Each is looked up by key: a list of pairs to be found in would let a file look through all rows."""


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


def not_there(store: Store, wanted: Collection[NamedOfficerRecord]) -> set[NamedOfficerRecord]:
    """Return which of some rows are missing."""
    asked = _THERE.format(", ".join(["(?, ?)"] * len(wanted)))
    values = [value for each in wanted for value in each]
    return set(wanted).difference(map(NamedOfficerRecord._make, store.query(asked, values))) if wanted else set()


def count(store: Store) -> int:
    """Return how many rows there are."""
    return int(store.value("SELECT count(*) FROM named_officers"))


def every(store: Store) -> Iterator[NamedOfficerRecord]:
    """Yield all rows."""
    yield from map(NamedOfficerRecord._make, store.stream(f"SELECT {_PLACE} FROM named_officers"))
