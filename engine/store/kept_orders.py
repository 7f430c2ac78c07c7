"""Cases in an order that one connection goes on keeping: after a change only the cases that changed are read again.

Whatever changes a case writes a row of its journal in the same transaction, and a file numbers these rows in the order
of their commits. So what was changed since is read by that number, however many cases there are. Who may see a case is
no part of this: that is asked of each request.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from engine.store.abstract_store import Store
from engine.store.statements import marks

CHANGES: Final = 200
"""Rows of the journal beyond which all is read again."""
_END: Final = "SELECT max(rowid) FROM journal"
_SINCE: Final = "SELECT rowid, case_id FROM journal WHERE rowid > ? ORDER BY rowid LIMIT ?"
Placed = tuple[str, int, int, int, str]
"""Day, instant or what stands for none, number that parts what is of one instant, id of the case, its newest hash."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """A question for the first cases of an order, and for what becomes of some cases in it."""

    key: tuple[str, ...]
    """What it is, the same for everybody who asks."""
    first: Callable[[], str]
    """Returns what finds `Placed` rows in their order; its values are *values* and how many."""
    among: str
    """Finds those of some cases, in any order; {} stands for the marks of their ids, whose values come last."""
    values: Sequence[object]


@dataclass(kw_only=True, slots=True)
class KeptOrder:
    """The beginning of an order, as far as it was read."""

    end: int
    """Number of the journal's row up to which it stands so."""
    rows: list[Placed]
    is_whole: bool
    """Nothing comes after it."""


def first_of(store: Store, asked: Ordered, *, limit: int) -> list[Placed]:
    """Return the first rows of an order in a file; kept ones where they are kept, with what was changed since."""
    kept = store.cases
    if kept is None or store.is_writing:
        return _read(store, asked, limit)
    key = (*asked.key, str(limit))
    order: KeptOrder | None = kept.order(key)
    if order is None or not _follow(store, asked, order, limit):
        end = store.value(_END) or 0  # before what is read: what is written between is read twice and not missed
        rows = _read(store, asked, 2 * limit)
        order = KeptOrder(end=end, rows=rows, is_whole=len(rows) < 2 * limit)
        kept.keep_order(key, order)
    return order.rows[:limit]


def _follow(store: Store, asked: Ordered, order: KeptOrder, limit: int) -> bool:
    """Let an order follow what was changed; False if it must be read again."""
    changes = store.query(_SINCE, (order.end, CHANGES + 1))
    if not changes:
        return True
    if len(changes) > CHANGES:
        return False
    last, ids = order.rows[-1:], {case_id for _, case_id in changes}
    found = cast("list[Placed]", store.query(asked.among.format(marks(ids)), (*asked.values, *ids)))
    rows = sorted([*(each for each in order.rows if each[3] not in ids), *found])
    if not order.is_whole:  # of what comes after the last one that was read, not all is known
        rows = rows[: bisect_right(rows, last[0])]
    is_whole = order.is_whole and len(rows) <= 4 * limit
    if not is_whole:  # however many come in before the last one, no more is kept
        rows = rows[: 4 * limit]
    order.end, order.rows, order.is_whole = changes[-1][0], rows, is_whole
    return is_whole or len(rows) >= limit


def _read(store: Store, asked: Ordered, limit: int) -> list[Placed]:
    """Return the first rows of an order, read now."""
    return cast("list[Placed]", store.query(asked.first(), (*asked.values, limit)))
