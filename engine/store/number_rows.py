"""Rows of the series that cases are numbered by, and numbers in use; statements only, no rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from zlib import crc32

from engine.journal.canonical import canonical
from engine.store.case_columns import CounterRecord
from engine.store.connection import Store
from engine.store.statements import inserted, marks

_COUNT = (
    f"{inserted('counters', CounterRecord._fields)}"
    " ON CONFLICT (series) DO UPDATE SET last = counters.last + ? RETURNING last"
)
_AT_ONCE: Final = 500
_SEVERAL: Final = 714_490
"""PostgreSQL's advisory locks of those who take several series: this, and a number for each form."""
_BARE: Final = "rtrim(number, '0123456789')"
_COUNTED: Final = {
    "sqlite": "SELECT s.value, count(*), max(CAST(substr(c.number, length(s.value) + 1) AS INTEGER))"
    " FROM json_each(?) s CROSS JOIN cases c WHERE c.number >= s.value AND c.number < s.value || char(1114111)"
    " GROUP BY s.value",
    "postgresql": f"SELECT {_BARE}, count(*), max(CAST(substr(number, length({_BARE}) + 1) AS numeric)) FROM cases"
    f" WHERE {_BARE} = ANY (?) AND {_BARE} <> number GROUP BY {_BARE}",
}
"""SQLite reads the index of numbers for each head, PostgreSQL the table once: its index may be in another order."""


def foresee(store: Store, count: int, series: Mapping[str, int]) -> None:
    """Say that ids for *count* new cases and so many numbers of each series will be taken; inside `begin`."""
    taken = [(_COUNT, (each, wanted, wanted)) for each, wanted in series.items()]
    store.foresee(taken, reserved=("cases", count))


def hold(store: Store, forms: Iterable[str]) -> None:
    """Let nobody else who says so take series of these forms until the commit; inside `begin`, before the first.

    Who takes a single series in a commit waits for nobody while holding it, and need not say anything.
    """
    if store.dialect == "postgresql":
        for each in sorted({crc32(form.encode()) - 2**31 for form in forms}):
            store.put("SELECT pg_advisory_xact_lock(?, ?)", (_SEVERAL, each))


def next_serials(store: Store, series: str, count: int = 1) -> int:
    """Take *count* numbers of a series and return the first; without gaps because in the same commit."""
    return int(store.value(_COUNT, (series, count, count))) - count + 1


def among(store: Store, numbers: Sequence[str]) -> set[str]:
    """Return those of some numbers that cases have."""
    found: set[str] = set()
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        found.update(store.column(f"SELECT number FROM cases WHERE number IN ({marks(part)})", part))
    return found


def beginning(store: Store, before: str) -> Iterator[str]:
    """Yield the numbers of cases that begin with *before*."""
    if store.dialect == "sqlite":
        asked = "SELECT number FROM cases WHERE number >= ? AND number < ?"
        yield from store.column(asked, (before, before + "\U0010ffff"))
    else:
        marked = before.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        yield from store.column("SELECT number FROM cases WHERE number LIKE ?", (f"{marked}%",))


def counted(store: Store, heads: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return how many numbers are a head and a serial, and the highest serial, by head; asked of all at once.

    A head that ends with a digit, or of which another is the beginning, may be counted otherwise, or not at all.
    """
    given = list(heads) if store.gives_ids else canonical(list(heads))
    return {head: (count, int(highest)) for head, count, highest in store.query(_COUNTED[store.dialect], (given,))}
