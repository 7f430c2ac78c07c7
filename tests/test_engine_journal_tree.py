"""The Merkle tree: the roots and proofs that Certificate Transparency publishes, and a naive recursion beside ours."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.tree import (
    EMPTY,
    Frontier,
    consistency,
    inclusion,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
)

CT_LEAVES = tuple(
    map(
        bytes.fromhex,
        ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
)
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The leaves and roots of the reference tests of Certificate Transparency."""

CT_INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
}
CT_CONSISTENCY = {
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
MOST = 130


def naive_root(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962, section 2.1 defines it."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def nodes_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    """Return the complete subtrees over *leaves*."""

    @cache
    def node(level: int, place: int) -> bytes:
        return naive_root(leaves[place << level : (place + 1) << level])

    return node


CT = list(map(leaf_hash, CT_LEAVES))
MANY = [leaf_hash(bytes([each])) for each in range(MOST)]
NODES = nodes_of(MANY)
ROOTS = [naive_root(MANY[:size]) for size in range(MOST + 1)]


def test_the_published_roots() -> None:
    """The roots of the first 0 to 8 leaves are those that are published, by either way."""
    frontier = Frontier()
    for size, expected in enumerate(CT_ROOTS):
        assert frontier.root().hex() == root_of(nodes_of(CT), size).hex() == expected
        if size < len(CT):
            frontier.push(CT[size])


@pytest.mark.parametrize("case", CT_INCLUSION, ids=str)
def test_the_published_proofs_of_inclusion(case: tuple[int, int]) -> None:
    """A proof of inclusion is the published one."""
    assert [each.hex() for each in inclusion(nodes_of(CT), *case)] == list(CT_INCLUSION[case])


@pytest.mark.parametrize("case", CT_CONSISTENCY, ids=str)
def test_the_published_proofs_of_consistency(case: tuple[int, int]) -> None:
    """A proof of consistency is the published one."""
    assert [each.hex() for each in consistency(nodes_of(CT), *case)] == list(CT_CONSISTENCY[case])


def test_every_proof_of_every_size_holds() -> None:
    """Of all trees up to 130 leaves every proof is accepted, and the root is that of the naive recursion."""
    frontier = Frontier()
    for size, leaf in enumerate(MANY, start=1):
        frontier.push(leaf)
        assert frontier.root() == ROOTS[size] == root_of(NODES, size)
        for index in range(size):
            assert is_included(MANY[index], index, size, inclusion(NODES, index, size), ROOTS[size])
            old = index + 1
            assert is_consistent(old, ROOTS[old], size, ROOTS[size], consistency(NODES, old, size))


@given(st.data())
def test_an_altered_proof_is_refused(data: st.DataObject) -> None:
    """A hash flipped, added, removed, exchanged or shortened, or another index or size: never accepted."""
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(NODES, index, size)
    place = data.draw(st.integers(0, len(proof) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    flipped = bytes([proof[place][0] ^ bit]) + proof[place][1:]
    altered = [
        [*proof[:place], flipped, *proof[place + 1 :]],
        [*proof, proof[place]],
        proof[:place] + proof[place + 1 :],
        [*proof[:place], proof[place][:-1], *proof[place + 1 :]],
        [*proof[:place], proof[place] + b"\0", *proof[place + 1 :]],
    ]
    leaf, root = MANY[index], ROOTS[size]
    assert not any(is_included(leaf, index, size, each, root) for each in altered)
    assert not is_included(leaf, index - 1, size, proof, root)
    assert not is_included(leaf, index + 1, size, proof, root)
    assert not is_included(leaf, index, size, proof, ROOTS[size - 1])
    old = data.draw(st.integers(1, size - 1))
    path = consistency(NODES, old, size)
    wrong = [*path, root]
    assert not is_consistent(old, ROOTS[old], size, root, wrong)
    assert not is_consistent(old, ROOTS[old], size, root, path[:-1])
    assert not is_consistent(old, ROOTS[old - 1], size, root, path)
    assert not is_consistent(old, ROOTS[old], size, ROOTS[size - 1], path)


def test_the_borders() -> None:
    """From size 0 nothing is proven, nor beyond the end, and a tree is consistent with itself only without a proof."""
    assert not is_consistent(0, EMPTY, 5, ROOTS[5], [])
    assert not is_consistent(6, ROOTS[6], 5, ROOTS[5], [])
    assert is_consistent(5, ROOTS[5], 5, ROOTS[5], [])
    assert not is_consistent(5, ROOTS[5], 5, ROOTS[5], [ROOTS[5]])
    assert not is_included(MANY[0][:31], 0, 1, [], MANY[0][:31])
    assert not is_included(MANY[0], -1, 1, [], ROOTS[1])
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match=str(index)):
            inclusion(NODES, index, size)
    for old, size in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match=str(old)):
            consistency(NODES, old, size)
    assert all(before != after for before, after in pairwise(ROOTS))
