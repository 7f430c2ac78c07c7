"""Rows of sums over cases that are kept, and what says of a block of cases whether they still hold; statements only.

Cases are summed in blocks of ids beside each other. Of a block counts how many cases it had at an instant, and how many
rows their journals and those of their families: rows are only added, so where the numbers are the same nothing was
written that a sum as of that instant does not know.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from engine.errors import QinglingError
from engine.store.connection import Store
from engine.store.past_columns import ChildCase
from engine.store.statements import Asked, inserted, listed, records
from engine.store.sum_columns import KeptSumRecord

BITS: Final = 11
"""How many of the last bits of an id say which case of a block it is."""
_AT_ONCE: Final = 64
"""Rows that are written in one commit, so that nobody waits for long."""
_ROWS: Final = (
    "CASE WHEN {0}.changed_at < ? THEN {0}.revision"
    " ELSE (SELECT count(*) FROM journal j WHERE j.case_id = {0}.id AND j.at < ?) END"
)
"""How many rows the journal of a case had before an instant: what it counts itself, unless it has changed since."""
_PUT: Final = inserted("kept_sums", KeptSumRecord._fields)


class SumText(NamedTuple):
    """A sum that is kept, as JSON."""

    block: int
    sums: str


class Extent(NamedTuple):
    """How much there was of a block of cases."""

    cases: int
    entries: int
    """Rows of their journals."""
    kin: int
    """Rows of the journals of what they opened, and of what opened them."""


def extents(store: Store, workflow: str, *, end_at: int, bits: int = BITS) -> dict[int, Extent]:
    """Return how much there was before *end_at* of each block of cases of a workflow; of an index alone, but for kin.

    Args:
        end_at: In microseconds since 1970 UTC.
    """
    asked = Asked(store)
    own = _ROWS.format("c")
    asked.add(f"SELECT c.id >> {bits}, count(*), sum({own}) FROM cases c", end_at, end_at)
    asked.add(f" WHERE c.workflow = ? AND c.opened_at < ? GROUP BY c.id >> {bits}", workflow, end_at)
    kin = Asked(store)
    child = listed(ChildCase._fields, "c")
    kin.add(f"WITH RECURSIVE k(root, id) AS (SELECT {child} FROM cases c JOIN cases p ON p.id = c.parent_id")
    kin.add(" WHERE c.parent_id IS NOT NULL AND p.workflow = ?", workflow)
    kin.add(" UNION ALL SELECT k.root, c.id FROM k JOIN cases c ON c.parent_id = k.id)")
    kin.add(f" SELECT k.root >> {bits}, sum({own}) FROM k JOIN cases c ON c.id = k.id GROUP BY 1", end_at, end_at)
    parents = _ROWS.format("p")
    kin.add(f" UNION ALL SELECT c.id >> {bits}, sum({parents}) FROM cases c JOIN cases p ON p.id = c.parent_id", end_at)
    kin.add(" WHERE c.parent_id IS NOT NULL AND c.workflow = ? GROUP BY 1", end_at, workflow)
    related: dict[int, int] = {}
    for block, entries in store.query(kin.text, kin.values):
        related[int(block)] = related.get(int(block), 0) + int(entries)
    return {
        int(block): Extent(int(cases), int(entries), related.get(int(block), 0))
        for block, cases, entries in store.query(asked.text, asked.values)
    }


def is_open_to(store: Store) -> bool:
    """Say whether this log-in may read what is kept: it tells of every case."""
    return store.sees_all and store.may_read("kept_sums")


def extents_kept(store: Store, asked: str) -> dict[int, Extent]:
    """Return how much there was of each block as its sum was made that is kept of what was asked."""
    rows = store.query(f"SELECT block, {listed(Extent._fields)} FROM kept_sums WHERE asked = ?", (asked,))
    return {int(block): Extent(*map(int, extent)) for block, *extent in rows}


def sums(store: Store, asked: str) -> Iterator[SumText]:
    """Yield the sums that are kept of what was asked, by block."""
    statement = f"SELECT {listed(SumText._fields)} FROM kept_sums WHERE asked = ? ORDER BY block"
    return records(SumText, store.stream(statement, (asked,)))


def all_asked(store: Store) -> list[str]:
    """Return of what sums are kept, what was kept last first."""
    return store.column("SELECT asked FROM kept_sums GROUP BY asked ORDER BY max(made_at) DESC, asked")


def keep(store: Store, rows: Sequence[KeptSumRecord], *, without: Iterable[str]) -> None:
    """Keep sums in the place of those of the same blocks, and forget others; where that is refused, keep nothing.

    A sum spares work and nobody misses it: who may not write, or finds the ledger locked, has the figures all the same.

    Args:
        without: Of what was asked before the sums are forgotten.
    """
    with suppress(QinglingError):
        for asked in without:
            with store.begin():
                store.change("DELETE FROM kept_sums WHERE asked = ?", (asked,))
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            with store.begin():
                blocks = [(each.asked, each.block) for each in part]
                store.change_many("DELETE FROM kept_sums WHERE asked = ? AND block = ?", blocks)
                store.change_many(_PUT, part)
