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
_NAMED_WALKED = (
    f"SELECT {_HEAD_OF_CLOCK} FROM deadlines d CROSS JOIN named_officers n CROSS JOIN cases c"
    " WHERE d.status = 0 AND n.officer = ? AND n.case_id = d.case_id AND c.id = n.case_id AND c.clearance = 0"
    # By the id of the last table, so that it is asked last, of the few that are left.
    " AND NOT EXISTS (SELECT 1 FROM deadlines e WHERE e.case_id = c.id AND e.status < 1"
    " AND (e.due_on, e.id) < (d.due_on, d.id)) ORDER BY d.due_on, d.due_at, d.id LIMIT ?"
)
"""The same of cases with a running deadline, walking what is due first."""
_NAMED_OF_OPEN = (
    f"SELECT {HEAD} FROM cases c CROSS JOIN named_officers n"
    f" WHERE c.clearance = 0 AND n.officer = ? AND n.case_id = c.id {_FIRST}"
)
"""The same, walking all that is open."""
_NAMED_OFTEN = "SELECT count(*) FROM (SELECT 1 FROM named_officers n WHERE n.officer = ? LIMIT ?) often"
_NAMED_AMONG_FIRST = (
    "SELECT count(*) FROM (SELECT case_id FROM deadlines WHERE status = 0 ORDER BY due_on, due_at, id LIMIT ?) d"
    " CROSS JOIN named_officers n WHERE n.officer = ? AND n.case_id = d.case_id"
)
OFTEN: Final = 1_000
"""Cases that name an officer, closed ones with them, up to which each is looked at."""
VERY_OFTEN: Final = 20_000
"""Up to which each is looked at where walking what is due first would find too few."""
SAMPLE: Final = 500
"""Of so many deadlines that are due first it is asked how many name the officer."""
ONE_IN: Final = 10
"""If so few or fewer of them do, walking would look at too many others."""
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
    if store.dialect != "sqlite":  # a server weighs by itself which way is the shortest
        return heads(store.query(_NAMED, (officer, limit)))
    often = store.value(_NAMED_OFTEN, (officer, OFTEN + 1)) > OFTEN
    if often and store.value(_NAMED_AMONG_FIRST, (SAMPLE, officer)) > SAMPLE // ONE_IN:
        found = heads(store.query(_NAMED_WALKED, (officer, limit)))
        if len(found) >= limit:
            return found
    very_often = often and store.value(_NAMED_OFTEN, (officer, VERY_OFTEN + 1)) > VERY_OFTEN
    return heads(store.query(_NAMED_OF_OPEN if very_often else _NAMED, (officer, limit)))


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
