"""Which open cases may wait for somebody, the first due ones first; statements only, no rules."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from engine.rules.case import Case
from engine.store import case_rows, signature_rows
from engine.store.connection import Row, Store
from engine.store.question_rows import still_open
from engine.store.statements import listed, marks

HEAD: Final = listed(("id", "head"), "c")
"""What `heads` reads of each case."""
_HEAD_OF_CLOCK = listed(("id", "head"), "c", id="d.case_id")
_NEVER = "9999"
"""Sorts after every local date."""
# By a question of its own and not by joining and grouping: to have the cases in the order of their groups, SQLite went
# through all of them. What runs has status 0; so written, it is not looked for among all that runs.
_FIRST = (
    "ORDER BY coalesce((SELECT min(d.due_on) FROM deadlines d WHERE d.case_id = c.id AND d.status < 1),"
    f" '{_NEVER}'), c.id LIMIT ?"
)
_NAMED = (
    f"SELECT {HEAD} FROM named_officers n JOIN cases c ON c.id = n.case_id"
    f" WHERE n.officer = ? AND c.clearance = 0 {_FIRST}"
)
_IN_STATES = (
    f"SELECT {HEAD} FROM cases c WHERE c.clearance = 0 AND c.workflow = ? AND c.unit_id = ?"
    f" AND c.state IN ({{}}) {_FIRST}"
)
_DUE = (
    f"SELECT {_HEAD_OF_CLOCK} FROM deadlines d CROSS JOIN cases c WHERE c.id = d.case_id AND d.status = 0"
    " AND d.due_on > '' ORDER BY d.due_on LIMIT ?"
)
Heads = list[tuple[int, str]]
"""Cases by id, each with the hash of its newest row."""


def foreseen(store: Store, officer: str, unit_ids: Sequence[int], *, limit: int, asked: int) -> None:
    """Ask ahead, together where a server answers, what is asked of an officer's day whatever else there is.

    Args:
        unit_ids: Those in which the officer has a role.
        limit: Of `naming` and of `due_first`.
        asked: That of `asked_in`.
    """
    questions = [(_asked_in(store, unit_ids), (*unit_ids, asked))] if unit_ids else []
    signatures = (signature_rows.OF_OFFICER, (officer,))
    store.foresee([(_NAMED, (officer, limit)), (_DUE, (limit,)), signatures, *questions])


def naming(store: Store, officer: str, *, limit: int) -> Heads:
    """Return the open cases that name an officer."""
    return heads(store.query(_NAMED, (officer, limit)))


def in_states(store: Store, workflow: str, unit_id: int, states: Sequence[str], *, limit: int) -> Heads:
    """Return the open cases of a unit in some states of a workflow."""
    if not states:
        return []
    return heads(store.query(_IN_STATES.format(marks(states)), (workflow, unit_id, *states, limit)))


def due_first(store: Store, *, limit: int) -> Heads:
    """Return the cases of the running deadlines that are due first; one with several stands there as often."""
    return heads(store.query(_DUE, (limit,)))


def as_they_stand(store: Store, wanted: Mapping[int, str]) -> dict[int, Case]:
    """Return cases by id; what was read before and stands as it did is not read again, where that is kept.

    Args:
        wanted: The hash of the newest row of each by its id, read just now.
    """
    if store.cases is None or store.is_writing:
        return case_rows.by_ids(store, list(wanted))
    return store.cases.given(wanted.items(), lambda unknown: case_rows.by_ids(store, unknown))


def heads(rows: Sequence[Row]) -> Heads:
    """Return rows of id and hash as they are."""
    return cast("Heads", rows)


def asked_in(store: Store, unit_ids: Sequence[int], *, limit: int) -> list[tuple[int, int]]:
    """Return the cases of some units on which questions of ledgers stand, with how many."""
    if not unit_ids:
        return []
    return [
        (int(case_id), int(count)) for case_id, count in store.query(_asked_in(store, unit_ids), (*unit_ids, limit))
    ]


def _asked_in(store: Store, unit_ids: Sequence[int]) -> str:
    return (
        # CROSS keeps SQLite from walking all cases of the units for the few that something is asked of.
        "SELECT q.case_id, count(*) FROM questions q CROSS JOIN cases c"
        f" WHERE c.id = q.case_id AND {still_open(store)} AND c.clearance < 3 AND c.unit_id IN ({marks(unit_ids)})"
        " GROUP BY q.case_id ORDER BY q.case_id LIMIT ?"
    )
