"""The Merkle tree over all entries of the journal: roots, and proofs that an entry or an older tree lies within.

The hashes are those of RFC 6962, so that checkpoints and proofs can be checked by others. A tree is given as a
function from (level, place) to the hash of the complete subtree of 2**level leaves that is the place-th from the left.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

SIZE: Final = 32
"""Bytes of a hash; all others are refused before they are looked at."""

EMPTY: Final = sha256().digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds *data*."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree to which leaves are appended, of which only the right edge is remembered."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []
        """The hashes of the complete subtrees from the left, each smaller than the one before."""

    def push(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        whole = self.size
        while whole & 1:
            leaf = node_hash(self._edge.pop(), leaf)
            whole >>= 1
        self._edge.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what was appended."""
        if not self._edge:
            return EMPTY
        found = self._edge[-1]
        for each in reversed(self._edge[:-1]):
            found = node_hash(each, found)
        return found


def root_of(nodes: Nodes, size: int) -> bytes:
    """Return the root of the first *size* leaves."""
    return _over(nodes, 0, size) if size else EMPTY


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at *index*, from 0, is one of the first *size*.

    Raises:
        ValueError: If it is not.
    """
    if not 0 <= index < size:
        raise ValueError(index)
    begin, end, found = 0, size, list[bytes]()
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            found.append(_over(nodes, middle, end))
            end = middle
        else:
            found.append(_over(nodes, begin, middle))
            begin = middle
    return found[::-1]


def consistency(nodes: Nodes, old: int, size: int) -> list[bytes]:
    """Return the proof that the first *old* leaves are the beginning of the first *size*.

    Raises:
        ValueError: If there are not so many; of none there is nothing to prove.
    """
    if not 0 < old <= size:
        raise ValueError(old)
    begin, end, found = 0, size, list[bytes]()
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            found.append(_over(nodes, middle, end))
            end = middle
        else:
            found.append(_over(nodes, begin, middle))
            begin = middle
    if begin:
        found.append(_over(nodes, begin, end))
    return found[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether *proof* shows the hash *leaf* at *index* in the tree of *size* leaves with that root."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for each in proof:
        if not last:
            return False
        if place & 1 or place == last:
            found = node_hash(each, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    return not last and found == root


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether *proof* shows that the tree of *old* leaves is the beginning of that of *size*; never from 0."""
    if not 0 < old <= size or not _are_hashes(old_root, root, *proof):
        return False
    if old == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, each)
        place, last = place >> 1, last >> 1
    return not last and before == old_root and after == root


def _over(nodes: Nodes, begin: int, end: int) -> bytes:
    """Return the hash over the leaves from *begin* up to *end*, whose complete part begins at a whole place."""
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, begin >> level)
    middle = begin + _split(count)
    return node_hash(_over(nodes, begin, middle), _over(nodes, middle, end))


def _split(count: int) -> int:
    """Return the largest power of two below *count*."""
    return 1 << ((count - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    """Say whether all of *values* have a hash's length."""
    return all(len(each) == SIZE for each in values)
