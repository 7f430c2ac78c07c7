"""Rows of the tree over all entries of the journal, and of its checkpoints.

A tile of 256 hashes is written once, when it is complete; what is newer is put together from the journal when it is
asked for. Nothing here is written within the commit that writes an entry: see `integrate`.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple

from engine.journal.tree import SIZE, Frontier, leaf_hash
from engine.store.chain_columns import EntryPlace
from engine.store.connection import Store
from engine.store.schema import LOCK
from engine.store.statements import inserted, listed
from engine.store.tree_columns import CheckpointRecord, LeafRecord, TileRecord

WIDTH: Final = 256
"""Hashes of a tile."""

LEVELS: Final = 8
"""Levels of the tree that a tile spans."""

SLACK: Final = 86_400 * 1_000_000
"""How far before the newest entry with a place others are looked for first, in microseconds."""

_BATCH: Final = WIDTH * 64
_EVER: Final = -(2**62)
_SEQUENCER_LOCK: Final = LOCK + 2
_NEW = (
    f"SELECT {listed(EntryPlace._fields, 'j')} FROM journal j"
    " LEFT JOIN tree_leaves l ON l.case_id = j.case_id AND l.seq = j.seq WHERE l.position IS NULL AND j.at >= ?"
    " ORDER BY j.at, j.case_id, j.seq"
)
_COUNTED = (
    "SELECT count(*) FROM journal j LEFT JOIN tree_leaves l ON l.case_id = j.case_id AND l.seq = j.seq"
    " WHERE l.position IS NULL AND j.at >= ?"
)
_AFTER = (
    f"SELECT {listed(EntryPlace._fields, 'j')} FROM journal j"
    " LEFT JOIN tree_leaves l ON l.case_id = j.case_id AND l.seq = j.seq"
    " WHERE (l.position IS NULL OR l.position >= ?){}"
)
_DATED = (
    "SELECT coalesce(max(j.at), 0) FROM tree_leaves l JOIN journal j ON j.case_id = l.case_id AND j.seq = l.seq"
    " WHERE l.position >= ? AND l.position < ?"
)
_HASHES = (
    "SELECT l.position, j.hash FROM tree_leaves l LEFT JOIN journal j ON j.case_id = l.case_id AND j.seq = l.seq"
    " WHERE l.position >= ? AND l.position < ? ORDER BY l.position"
)
_LEAF = inserted("tree_leaves", LeafRecord._fields)
_TILE = inserted("tree_tiles", TileRecord._fields)
_CHECKPOINTS = f"SELECT {listed(CheckpointRecord._fields)} FROM checkpoints"


class Uncovered(NamedTuple):
    """How much of the journal stands in the tree."""

    entries: int
    """Rows of the journal."""
    size: int
    """Rows that have a place in the tree."""


def size_of(store: Store) -> int:
    """Return how many entries have a place in the tree."""
    return int(store.value("SELECT coalesce(max(position) + 1, 0) FROM tree_leaves"))


def extent(store: Store) -> Uncovered:
    """Return how many entries there are, and how many of them have a place."""
    return Uncovered(int(store.value("SELECT count(*) FROM journal")), size_of(store))


def position_of(store: Store, case_id: int, seq: int) -> int | None:
    """Return the place of an entry, from 0; None if it has none yet."""
    position: int | None = store.value("SELECT position FROM tree_leaves WHERE case_id = ? AND seq = ?", (case_id, seq))
    return position


def integrate(store: Store) -> int:
    """Give every entry that has none yet a place in the tree, in one commit; return how many these were.

    What is new is what has no place, as one snapshot sees it, by (at, case, number). An entry of a case becomes
    visible after those before it, and is never dated before them: so each comes once, and after those before it,
    whatever the order in which several writers commit. No counter of transactions is asked for, which would slow
    every commit, belong to one server and be carried over by a restore. Two at once wait for one another; killed,
    it leaves all or nothing.
    """
    with _alone(store), store.begin(steady=True):
        there = extent(store)
        size = there.size
        if there.entries == size:
            return 0
        since: int = store.value(
            "SELECT coalesce(max(j.at), 0) FROM journal j JOIN tree_leaves l ON l.case_id = j.case_id AND l.seq = j.seq"
            " WHERE l.position >= ?",
            (size - WIDTH,),
        )
        # Some may be dated long before, by hand; or rows are gone.
        are_late = size and size + int(store.value(_COUNTED, (since - SLACK,))) == there.entries
        # Each is looked for in the tree once, before it gets its place: what is written meanwhile is not asked again.
        rows = store.stream(_NEW, (since - SLACK if are_late else _EVER,))
        while part := list(islice(rows, _BATCH)):
            store.change_many(_LEAF, [(size + n, case_id, seq) for n, (case_id, seq) in enumerate(part)])
            size += len(part)
        _complete_tiles(store, there.size, size)
        return size - there.size


def entries_after(store: Store, size: int, *, since_at: int) -> list[EntryPlace] | None:
    """Return the entries that are not among the first *size* of the tree; None if some of these are gone.

    What is new is looked for among the newest entries first: that costs what there is, and not the whole journal.

    Args:
        since_at: What `since` says.
    """
    entries: int = store.value("SELECT count(*) FROM journal")
    found = store.query(_AFTER.format(" AND j.at >= ?"), (size, since_at))
    if size + len(found) != entries:
        found = store.query(_AFTER.format(""), (size,))
    return None if size + len(found) != entries else list(map(EntryPlace._make, found))


def since(store: Store, size: int) -> int:
    """Return from when on entries are new beside the first *size* of the tree, with some slack before.

    In microseconds since 1970 UTC.
    """
    dated: int = store.value(_DATED, (max(size - WIDTH, 0), size))
    return dated - SLACK


def leaves(store: Store, begin: int, end: int) -> Iterator[bytes]:
    """Yield the hashes of the leaves from *begin* up to *end*, as the journal stands; a row gone is another leaf."""
    for _, entry_hash in store.query(_HASHES, (begin, end)):
        yield leaf_hash(data_of(entry_hash))


def data_of(entry_hash: object) -> bytes:
    """Return what a leaf holds: the entry's hash as bytes; what is no such hash becomes another leaf, not an error."""
    text = str(entry_hash)
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return text.encode()
    return data if data.hex() == text else text.encode()


def roots(store: Store, sizes: Sequence[int]) -> dict[int, bytes]:
    """Return the root at each of *sizes* that the tree has reached, from the journal alone and not from tiles."""
    frontier, found = Frontier(), dict[int, bytes]()
    wanted = sorted({each for each in sizes if each <= size_of(store)})
    begin = 0
    for size in wanted:
        while begin < size:
            end = min(begin + _BATCH, size)
            for leaf in leaves(store, begin, end):
                frontier.push(leaf)
            begin = end
        found[size] = frontier.root()
    return found


class StoredTree:
    """The complete subtrees of the tree, out of tiles and, where one is not complete, of the journal."""

    def __init__(self, store: Store) -> None:
        self.size = size_of(store)
        self._store = store
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def node(self, level: int, place: int) -> bytes:
        """Return the hash of the complete subtree of 2**level leaves that is the place-th from the left."""
        height, within = divmod(level, LEVELS)
        tile = self._tile(height, place >> (LEVELS - within))
        begin = (place << within) % WIDTH
        return _root(tile[begin : begin + (1 << within)])

    def _tile(self, level: int, place: int) -> Sequence[bytes]:
        """Return the hashes of a tile, as many as there are."""
        key = level, place
        if key not in self._tiles:
            hashes = self._store.value("SELECT hashes FROM tree_tiles WHERE level = ? AND place = ?", key)
            if hashes is not None:
                self._tiles[key] = _unpacked(hashes)
            else:
                begin = place * WIDTH
                self._tiles[key] = list(_below(self._store, level, begin, min(begin + WIDTH, self.size)))
        return self._tiles[key]


def keep_checkpoint(store: Store, record: CheckpointRecord) -> None:
    """Keep a checkpoint, or what was added to one that is kept."""
    store.change("DELETE FROM checkpoints WHERE origin = ? AND size = ?", (record.origin, record.size))
    store.change(inserted("checkpoints", CheckpointRecord._fields), record)


def checkpoints(store: Store, origin: str | None = None) -> list[CheckpointRecord]:
    """Return the checkpoints, the newest first; of all origins if none is named."""
    narrowed, values = ("", ()) if origin is None else (" WHERE origin = ?", (origin,))
    found = store.query(f"{_CHECKPOINTS}{narrowed} ORDER BY size DESC, made_at DESC", values)
    return list(map(CheckpointRecord._make, found))


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Keep other sequencers away; a file's lock for writing does so by itself."""
    if store.dialect == "sqlite":
        yield
        return
    store.query("SELECT pg_advisory_lock(?)", (_SEQUENCER_LOCK,))  # before the snapshot, which must see what they wrote
    try:
        yield
    finally:
        store.query("SELECT pg_advisory_unlock(?)", (_SEQUENCER_LOCK,))


def _complete_tiles(store: Store, before: int, size: int) -> None:
    """Write the tiles that have become complete since there were *before* leaves."""
    level = 0
    while size >= WIDTH:
        before, whole = before // WIDTH, size // WIDTH
        for first in range(before, whole, WIDTH):
            last = min(first + WIDTH, whole)
            hashes = _below(store, level, first * WIDTH, last * WIDTH)
            tiles = []
            for place in range(first, last):
                tile = list(islice(hashes, WIDTH))
                packed = b64encode(b"".join(tile)).decode()
                tiles.append((level, place, b64encode(_root(tile)).decode(), packed))
            store.change_many(_TILE, tiles)
        size, level = whole, level + 1


def _below(store: Store, level: int, begin: int, end: int) -> Iterator[bytes]:
    """Yield the hashes of a level from *begin* up to *end*: of leaves, or of the tiles of the level below."""
    if level == 0:
        yield from leaves(store, begin, end)
        return
    asked = "SELECT root FROM tree_tiles WHERE level = ? AND place >= ? AND place < ? ORDER BY place"
    for (root,) in store.query(asked, (level - 1, begin, end)):
        yield b64decode(root)


def _root(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees that stand side by side."""
    frontier = Frontier()
    for each in hashes:
        frontier.push(each)
    return frontier.root()


def _unpacked(hashes: str) -> Sequence[bytes]:
    """Return the hashes of a tile."""
    raw = b64decode(hashes)
    return [raw[at : at + SIZE] for at in range(0, len(raw), SIZE)]
