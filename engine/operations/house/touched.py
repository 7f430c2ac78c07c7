"""Which cases have rows that no checkpoint covers yet: what verifying reads every day."""

from engine.journal.tree import root_of
from engine.operations.house.checkpoints import newest
from engine.operations.ledger.ledger import Ledger
from engine.store import tree_rows


def touched_since(ledger: Ledger) -> list[int] | None:
    """Return the ids of the cases that have rows after the newest checkpoint that the ledger keeps.

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
    found = tree_rows.entries_after(store, checkpoint.size)
    return None if found is None else sorted({each.case_id for each in found if each.case_id})
