"""Rows of the journal in the order of the tree, as programs outside hear of them; statements only."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from engine.store.connection import Store
from engine.store.statements import listed, marks

KINDS: Final = ("opened", "moved", "amended", "handed_over", "voided")
"""Kinds of rows that change a case, beside terms, notes and papers."""


class ChangeRecord(NamedTuple):
    """One change of a case, by its place in the tree."""

    position: int
    case_id: int
    number: str
    workflow: str
    kind: str
    seq: int
    at: int
    """Microseconds since 1970 UTC."""
    body: str
    """What happened, as canonical JSON."""


_PLACES = {"position": "l.position", "case_id": "c.id", "number": "c.number", "workflow": "c.workflow"}
_CHANGES = (
    f"SELECT {listed(ChangeRecord._fields, 'j', **_PLACES)} FROM tree_leaves l"
    " JOIN journal j ON j.case_id = l.case_id AND j.seq = l.seq JOIN cases c ON c.id = j.case_id"
    f" WHERE l.position >= ? AND l.position < ? AND j.kind IN ({marks(KINDS)}) ORDER BY l.position"
)


def changes_between(store: Store, begin: int, end: int) -> Sequence[ChangeRecord]:
    """Return the changes of cases among the entries from place *begin* up to *end* of the tree, in its order.

    The cost follows the places that are asked for, and not the journal.
    """
    return list(map(ChangeRecord._make, store.query(_CHANGES, (begin, end, *KINDS))))
