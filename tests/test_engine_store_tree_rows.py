"""The sequencer: each entry comes into the tree once, after those before it, whoever writes or is killed meanwhile."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from threading import Barrier

import pytest

from engine.errors import ConflictError
from engine.journal.chain import JournalEntry, chained
from engine.journal.tree import Frontier, consistency, inclusion, is_consistent, is_included, leaf_hash, root_of
from engine.store import case_rows, tree_rows
from engine.store.connection import Store, open_store

DAY = 86_400 * 1_000_000


@contextmanager
def lent(url: str) -> Iterator[Store]:
    """Lend a store."""
    with closing(open_store(url)) as store:
        yield store


def written(case_id: int, count: int, *, first: int = 1, at: int = DAY) -> list[JournalEntry]:
    """Return rows of one case."""
    rows, previous = list[JournalEntry](), ""
    for seq in range(first, first + count):
        rows.append(chained(previous, case_id, "", seq, at, "wang", "noted", None, None, 0, f'{{"n":{seq}}}'))
        previous = rows[-1].hash
    return rows


def write(url: str, rows: list[JournalEntry]) -> None:
    """Write rows in one commit."""
    with lent(url) as store, store.begin():
        case_rows.append(store, rows)


def in_order(store: Store) -> list[tuple[int, int]]:
    """Return the places as they stand."""
    return [(int(a), int(b)) for a, b in store.query("SELECT case_id, seq FROM tree_leaves ORDER BY position")]


def proven(store: Store) -> None:
    """Assert that places are without a gap, each case's in order, all in, and that tiles and journal say one root."""
    places = in_order(store)
    assert sorted(places) == [tuple(row) for row in store.query("SELECT case_id, seq FROM journal ORDER BY 1, 2")]
    assert tree_rows.size_of(store) == len(places)
    last: dict[int, int] = {}
    for case_id, seq in places:
        assert seq > last.get(case_id, 0)
        last[case_id] = seq
    tree = tree_rows.StoredTree(store)
    assert root_of(tree.node, tree.size) == tree_rows.roots(store, [tree.size])[tree.size]


def test_entries_come_in_once_and_in_order(database_url: str) -> None:
    """Batches of any size, entries dated long before others among them, add up to one tree; a second run adds none."""
    sizes = []
    for case_id, (count, at) in enumerate(((3, 5), (300, 5), (1, 400), (255, 1), (257, 900), (2, 0)), start=1):
        write(database_url, written(case_id, count, at=at * DAY))
        with lent(database_url) as store:
            assert tree_rows.integrate(store) == count
            assert tree_rows.integrate(store) == 0
            proven(store)
            sizes.append(tree_rows.size_of(store))
    assert sizes == [3, 303, 304, 559, 816, 818]


def test_proofs_from_the_tiles_hold(database_url: str) -> None:
    """Of a tree of several tiles, proofs are accepted against the root that the journal alone gives."""
    write(database_url, written(1, 700))
    with lent(database_url) as store:
        tree_rows.integrate(store)
        tree, roots = tree_rows.StoredTree(store), tree_rows.roots(store, [1, 255, 256, 512, 600, 700, 701])
        assert sorted(roots) == [1, 255, 256, 512, 600, 700]  # of a tree that is not there yet, none
        hashes = [bytes.fromhex(row[0]) for row in store.query("SELECT hash FROM journal ORDER BY seq")]
        for index in (0, 254, 255, 256, 511, 512, 699):
            proof = inclusion(tree.node, index, 700)
            assert is_included(leaf_hash(hashes[index]), index, 700, proof, roots[700])
        for old in (1, 255, 256, 512, 600, 700):
            assert is_consistent(old, roots[old], 700, roots[700], consistency(tree.node, old, 700))


def test_one_commit_of_very_many(sqlite_url: str) -> None:
    """More entries than a tile of the second level holds come in at once, and its tile is written."""
    write(sqlite_url, written(1, 256 * 256 + 5))
    with lent(sqlite_url) as store:
        assert tree_rows.integrate(store) == 65_541
        assert store.query("SELECT level, count(*) FROM tree_tiles GROUP BY level") == [(0, 256), (1, 1)]
        frontier = Frontier()
        for (text,) in store.query("SELECT hash FROM journal ORDER BY seq"):
            frontier.push(leaf_hash(bytes.fromhex(text)))
        tree = tree_rows.StoredTree(store)
        assert root_of(tree.node, tree.size) == frontier.root()


ALTERED: dict[str, str] = {
    "an entry rewritten": "UPDATE journal SET hash = '00' || substr(hash, 3) WHERE seq = 3",
    "an entry gone": "DELETE FROM journal WHERE seq = 3",
    "what is no hash": "UPDATE journal SET hash = 'none' WHERE seq = 3",
    "another way to write it": "UPDATE journal SET hash = upper(hash) WHERE seq = 3",
}


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_entry_changes_the_root(sqlite_url: str, change: str) -> None:
    """Whatever is done to an entry that has a place, the root by the journal is another."""
    write(sqlite_url, written(1, 10))
    with lent(sqlite_url) as store:
        tree_rows.integrate(store)
        before = tree_rows.roots(store, [10])
        with store.begin():
            store.change(ALTERED[change])
        assert tree_rows.roots(store, [10]) != before
        assert tree_rows.roots(store, [2]) == {2: tree_rows.roots(store, [2])[2]}


def in_threads(*works: Callable[[], None]) -> None:
    """Do all at once."""
    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(work) for work in works]:
            each.result()


def test_writers_and_two_sequencers_at_once(database_url: str) -> None:
    """While four write, breaking some commits off, and two integrate, none is missing, twice, or out of order."""
    gate = Barrier(6)

    def writer(case_id: int) -> None:
        with lent(database_url) as store:
            gate.wait()
            for seq in range(1, 26):
                row = written(case_id, 1, first=seq, at=DAY + seq)
                with suppress(ConflictError), store.begin():
                    case_rows.append(store, row * (1 + (seq % 5 == 0)))  # the second copy breaks the commit off
                if seq % 5 == 0:
                    with store.begin():
                        case_rows.append(store, row)

    def sequencer() -> None:
        with lent(database_url) as store:
            gate.wait()
            for _ in range(20):
                tree_rows.integrate(store)

    in_threads(*(partial(writer, each) for each in range(1, 5)), sequencer, sequencer)
    with lent(database_url) as store:
        tree_rows.integrate(store)
        assert tree_rows.size_of(store) == 100
        proven(store)


def test_a_long_writer_holds_up_only_its_own(postgres_url: str) -> None:
    """An open commit that wrote first is left out, all others come in; later it comes after them."""
    with lent(postgres_url) as slow, lent(postgres_url) as quick:
        with slow.begin():
            case_rows.append(slow, written(1, 2))
            write(postgres_url, written(2, 3, at=9 * DAY))
            assert tree_rows.integrate(quick) == 3
        assert tree_rows.integrate(quick) == 2
        assert in_order(quick) == [(2, 1), (2, 2), (2, 3), (1, 1), (1, 2)]


KILLED = """
import os, signal, sys
from engine.store import tree_rows
from engine.store.connection import open_store
store = open_store(sys.argv[1])
at, done = int(sys.argv[2]), 0
for name in ("change_many", "_run"):
    def counted(*args, real=getattr(store, name)):
        global done
        done += 1
        if done == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)
    setattr(store, name, counted)
tree_rows.integrate(store)
"""


def test_killed_at_every_statement_it_leaves_all_or_nothing(database_url: str) -> None:
    """A sequencer killed with -9 before each of its statements in turn leaves a tree that the next one completes."""
    write(database_url, written(1, 600))
    with lent(database_url) as store:
        tree_rows.integrate(store)
    write(database_url, written(2, 600))
    for at in range(1, 10):
        ended = subprocess.run([sys.executable, "-c", KILLED, database_url, str(at)], env=os.environ, check=False)
        with lent(database_url) as store:
            assert tree_rows.size_of(store) in {600, 1200}
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    assert at > 3  # it was killed at each step of its commit
    with lent(database_url) as store:
        tree_rows.integrate(store)
        proven(store)
