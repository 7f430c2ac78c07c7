"""Which cases have rows that no checkpoint covers yet: what verifying reads every day."""

from typing import NamedTuple

from engine.journal.tree import root_of
from engine.operations.house.checkpoints import newest
from engine.operations.ledger.ledger import Ledger
from engine.store import tree_rows


class TouchedCases(NamedTuple):
    """The cases that have rows which no checkpoint covers yet."""

    ids: list[int]
    since_at: int
    """None of these rows is older; microseconds since 1970 UTC."""


def touched_since(ledger: Ledger) -> TouchedCases | None:
    """Return the cases that have rows after the newest checkpoint that the ledger keeps.

    None if that cannot be narrowed: there is no checkpoint, the tree is not the one that it was made of, or rows that
    it covers are gone.
    """
    store = ledger.store
    checkpoint = newest(ledger)
    if checkpoint is None:
        return None
    tree = tree_rows.StoredTree(store)
    if tree.size < checkpoint.size or root_of(tree.node, checkpoint.size) != checkpoint.root:
        return None
    since_at = tree_rows.since(store, checkpoint.size)
    found = tree_rows.entries_after(store, checkpoint.size, since_at=since_at)
    if found is None:
        return None
    return TouchedCases(sorted({each.case_id for each in found if each.case_id}), since_at)
