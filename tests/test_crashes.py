"""A program may die at any moment: after `kill -9` everything of a commit is there, or nothing of it."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from ledgers import furnished, opened, register
from rivals import heard, let_go, rivals

from engine.operations.house import verifying
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.store.connection import Store, open_store

MORE = int(os.environ.get("QINGLING_TEST_KILLS", "0"))
"""How many kills of each there are instead (`make kills`: 200); some stand in the ordinary tests."""
KILLS = {"sqlite": MORE or 25, "postgresql": MORE or 10}
SIZE = 20
"""Rows of one ledger that is taken in."""
LIFE = {"sqlite": 0.06, "postgresql": 0.12}
"""Seconds that a process works at most before it is killed; a few commits fit in where nothing else runs."""
EACH = 5
"""After so many kills all chains are computed again, and a life in which nothing was written is doubled."""


def _killed(url: str, *part: str, whole: Callable[[Store], None]) -> int:
    """Kill a working process at a random moment, so many times, looking at the ledger after each.

    Returns:
        How many cases were there in the end.
    """
    chance = random.Random(f"{part}")
    seen = 0
    with rivals(("nursery", url, *part)) as (nursery,), closing(open_store(url)) as store:
        life = LIFE[store.dialect]
        for turn in range(KILLS[store.dialect]):
            let_go(nursery)
            child = int(heard(nursery))
            time.sleep(chance.uniform(0, life))
            os.kill(child, signal.SIGKILL)
            assert heard(nursery) == "gone"
            whole(store)
            if turn % EACH == EACH - 1:
                with opened(url) as ledger:
                    before, seen = seen, _sound(ledger)
                life = min(life * 2, 2.0) if seen == before + 1 else life  # the one is what we wrote ourselves
    with opened(url) as ledger:
        return _sound(ledger)


def _sound(ledger: Ledger) -> int:
    """Look that numbers run without gaps, chains hold and one can write on; return how many cases there are."""
    register(ledger, by="keeper")
    numbers = {each.number for each in case_rows.select(ledger.store)}
    assert numbers == {f"0101-XS-2019-{serial:04}" for serial in range(1, len(numbers) + 1)}
    assert verifying.verify(ledger)[1] == ()
    return len(numbers)


def _ledgers_whole(store: Store) -> None:
    """Look that each ledger is in with all its rows, each with both journal rows and its deadlines, or not at all."""
    rows = store.query(
        "SELECT count(*), (SELECT count(*) FROM journal j JOIN cases t ON t.id = j.case_id"
        " WHERE t.import_key IS NOT NULL), (SELECT count(*) FROM deadlines d JOIN cases u ON u.id = d.case_id"
        " WHERE u.import_key IS NOT NULL) FROM cases c WHERE c.import_key IS NOT NULL"
    )
    cases, told, clocks = rows[0]
    assert cases % SIZE == 0
    assert (told, clocks) == (2 * cases, cases)


def _steps_whole(store: Store) -> None:
    """Look that each case stands where its journal ends, with the deadlines that belong there."""
    rows = store.query(
        "SELECT c.state, c.revision, (SELECT count(*) FROM journal j WHERE j.case_id = c.id),"
        " (SELECT to_state FROM journal j WHERE j.case_id = c.id AND j.seq = c.revision),"
        " (SELECT count(*) FROM deadlines d WHERE d.case_id = c.id AND d.status < 2),"
        " (SELECT count(*) FROM deadlines d WHERE d.case_id = c.id AND d.status = 1) FROM cases c"
    )
    for state, revision, told, ends, live, paused in rows:
        assert (told, ends) == (revision, state)
        assert (live, paused) == ((2, 1) if state == "shelved" else (1, 0)), state


@pytest.mark.parametrize("part", ["importing", "advancing"])
def test_a_kill_leaves_all_or_nothing(database_url: str, part: str) -> None:
    """Killed in the middle of an import or of a step, the ledger is whole, and the next number follows on."""
    with furnished(database_url) as ledger:
        kills = KILLS[ledger.store.dialect]
    if part == "importing":
        written = _killed(database_url, part, str(SIZE), whole=_ledgers_whole)
    else:
        written = _killed(database_url, part, whole=_steps_whole)
    assert written > kills // EACH + 1  # more than what we wrote ourselves to look whether one can
