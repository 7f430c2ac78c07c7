"""Which open cases may wait for somebody, the first due ones first; statements only, no rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar, cast

from engine.deadlines.clock import Clock
from engine.rules.case import Case
from engine.store import case_rows, clock_rows, signature_rows
from engine.store.connection import Row, Store
from engine.store.kept_orders import Ordered, first_of
from engine.store.question_rows import still_open
from engine.store.statements import listed, marks

Made = TypeVar("Made")
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
_NAMED_FIRST = f"coalesce((SELECT min(d.due_on) FROM deadlines d WHERE d.case_id = c.id AND d.status < 1), '{_NEVER}')"
_NAMED_WHAT = f"SELECT {_NAMED_FIRST} AS first_due, 0, c.id AS part, {HEAD} FROM"
_NAMED_WHERE = "WHERE n.officer = ? AND n.case_id = c.id AND c.clearance = 0"
_BY_FIRST = "ORDER BY first_due, part LIMIT ?"
_NAMED = f"{_NAMED_WHAT} named_officers n JOIN cases c ON c.id = n.case_id {_NAMED_WHERE} {_BY_FIRST}"
_NAMED_OF_OPEN = f"{_NAMED_WHAT} cases c CROSS JOIN named_officers n {_NAMED_WHERE} {_BY_FIRST}"
"""The same, walking all that is open."""
_NAMED_HEADS = (
    f"SELECT {HEAD} FROM named_officers n JOIN cases c ON c.id = n.case_id {_NAMED_WHERE}"
    f" ORDER BY {_NAMED_FIRST}, c.id LIMIT ?"
)
"""Nothing else of them: of a server each value costs the client, which keeps no order."""
_NAMED_AMONG = f"{_NAMED_WHAT} named_officers n JOIN cases c ON c.id = n.case_id {_NAMED_WHERE} AND c.id IN ({{}})"
_NAMED_OFTEN = "SELECT count(*) FROM (SELECT 1 FROM named_officers n WHERE n.officer = ? LIMIT ?) often"
OFTEN: Final = 20_000
"""Cases that name an officer, closed ones with them, beyond which it is quicker to look through all that is open."""
_IN_STATES = (
    f"SELECT {HEAD} FROM cases c WHERE c.clearance = 0 AND c.workflow = ? AND c.unit_id = ?"
    f" AND c.state IN ({{}}) {_FIRST}"
)
_DUE_WHAT = f"SELECT {clock_rows.BY_DUE}, {_HEAD_OF_CLOCK} FROM deadlines d CROSS JOIN cases c"
_DUE_WHERE = "WHERE c.id = d.case_id AND d.status {} AND d.due_on > ''"
_DUE = f"{_DUE_WHAT} {_DUE_WHERE.format('= 0')} ORDER BY {clock_rows.BY_DUE} LIMIT ?"
"""In the order of the index of what runs."""
_DUE_HEADS = (
    f"SELECT {_HEAD_OF_CLOCK} FROM deadlines d CROSS JOIN cases c {_DUE_WHERE.format('= 0')}"
    f" ORDER BY {clock_rows.BY_DUE} LIMIT ?"
)
_DUE_AMONG = f"{_DUE_WHAT} {_DUE_WHERE.format('< 1')} AND c.id IN ({{}})"
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
    store.foresee([(_NAMED_HEADS, (officer, limit)), (_DUE_HEADS, (limit,)), signatures, *questions])


def naming(store: Store, officer: str, *, limit: int) -> Heads:
    """Return the open cases that name an officer."""
    if store.dialect != "sqlite":  # a server weighs by itself which way is the shortest
        return heads(store.query(_NAMED_HEADS, (officer, limit)))

    def first() -> str:
        is_often = store.value(_NAMED_OFTEN, (officer, OFTEN + 1)) > OFTEN
        return _NAMED_OF_OPEN if is_often else _NAMED

    named = Ordered(key=("named", officer), first=first, among=_NAMED_AMONG, values=(officer,))
    return [row[3:] for row in first_of(store, named, limit=limit)]


def in_states(store: Store, workflow: str, unit_id: int, states: Sequence[str], *, limit: int) -> Heads:
    """Return the open cases of a unit in some states of a workflow."""
    if not states:
        return []
    return heads(store.query(_IN_STATES.format(marks(states)), (workflow, unit_id, *states, limit)))


def due_first(store: Store, *, limit: int) -> Heads:
    """Return the cases of the running deadlines that are due first; one with several stands there as often."""
    if store.dialect != "sqlite":
        return heads(store.query(_DUE_HEADS, (limit,)))
    due = Ordered(key=("due",), first=lambda: _DUE, among=_DUE_AMONG, values=())
    return [row[3:] for row in first_of(store, due, limit=limit)]


def as_they_stand(store: Store, wanted: Mapping[int, str]) -> dict[int, Case]:
    """Return cases by id; what was read before and stands as it did is not read again, where that is kept.

    Args:
        wanted: The hash of the newest row of each by its id, read just now.
    """
    if store.cases is None or store.is_writing:
        return case_rows.by_ids(store, list(wanted))
    return store.cases.given(wanted.items(), lambda unknown: case_rows.by_ids(store, unknown))


def first_due(store: Store, cases: Mapping[int, Case]) -> Mapping[int, tuple[str, int]]:
    """Return of each case when its first running deadline is due, as `clock_rows.first_due` does; kept with the case.

    No deadline is due on another day, begins or ends without a row in the journal of its case.
    """
    return _with_cases(store, cases, "due", clock_rows.first_due)


def urgent(store: Store, cases: Mapping[int, Case]) -> Mapping[int, Clock]:
    """Return of each case the live deadline that is due first, as `clock_rows.urgent` does; kept with the case.

    Which rung comes next may have changed since: for what is shown only.
    """
    return _with_cases(store, cases, "urgent", clock_rows.urgent)


def _with_cases(
    store: Store, cases: Mapping[int, Case], what: str, read: Callable[[Store, Sequence[int]], Mapping[int, Made]]
) -> Mapping[int, Made]:
    """Return what is read of cases by ascending ids; what was read before of one that stands as it did is kept."""
    if store.cases is None or store.is_writing:
        return read(store, sorted(cases))
    return store.cases.made_together(cases, what, lambda ids: read(store, ids))


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
