"""Cases as they stood at the end of a period: read from their rows where nothing has changed since, else rebuilt.

A row tells of a case what its journal tells, but for when a value was noted, and a term that was over and corrected
later. That is asked only whether it lies in the period, which is known of what was opened in it, and of what was last
changed before it; of a case in which nothing but steps were taken in the period, these steps tell it. Everything else
is rebuilt from the journal, and so are terms in hours that are over or were moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final, NamedTuple

from engine.deadlines.clock import Status
from engine.journal.case_events import StepTaken
from engine.journal.events import legible_of_case
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, Past, PastDeadline, rebuilt
from engine.rules.case import Case
from engine.store import case_rows, figure_rows, zero_rows
from engine.store.clock_columns import DeadlineRecord
from engine.store.past_columns import CountedEntry, PastEntry

_BARE: Final = '{"extensions":[],"pauses":[]}'
_NOT_EXTENDED: Final = '"extensions":[]'
_RUNNING: Final = int(Status.RUNNING)
_STATUSES: Final = {int(each): each for each in Status}


def pasts_of(
    ledger: Ledger, case_ids: Sequence[int], *, eve_at: int, end_at: int, day: date, bound: AbstractSet[str]
) -> Iterator[Past]:
    """Yield cases as they stood at the end of a local day, in the order of *case_ids*; inside `reading`.

    They bear no history: neither who did what in them, nor whether they came back; of what was opened in the period
    all is noted in it, and of what was last changed before it nothing.

    Args:
        eve_at: The end of the day before the period, in microseconds since 1970 UTC.
        end_at: The same of its last day.
        bound: States in which the passing of days alone may change how a case counts.
    """
    for start in range(0, len(case_ids), CHUNK):
        part = case_ids[start : start + CHUNK]
        known = case_rows.by_ids(ledger.store, part)
        still = [each.id for each in known.values() if each.changed_at < end_at and each.state not in bound]
        gone_on = [each for each in still if known[each].changed_at >= eve_at > known[each].opened_at]
        noted = _noted_in(zero_rows.rows_of(ledger.store, gone_on, end_at=end_at, since_at=eve_at))
        unknown = set(gone_on) - noted.keys()
        still = [each for each in still if each not in unknown]
        terms = figure_rows.terms(ledger.store, still)
        found = {}
        for case_id in still:
            past = _as_it_stands(ledger, known[case_id], terms.get(case_id, ()), noted.get(case_id, _NOTHING))
            if past is not None:
                found[case_id] = past
        others = [case_id for case_id in part if case_id not in found]
        found |= {each.case.id: each for each in rebuilt(ledger, others, end_at=end_at, day=day)}
        yield from (found[case_id] for case_id in part if case_id in found)


def counted_entries(
    ledger: Ledger, pasts: Sequence[Past], *, since_at: int, end_at: int, bound: AbstractSet[str]
) -> Mapping[int, list[CountedEntry]]:
    """Return how the journal counted cases before *end_at*; of what has not changed of late the last row alone.

    Args:
        since_at: Nothing is asked of what was before it, in microseconds since 1970 UTC.
    """
    changed = [each.case.id for each in pasts if each.case.changed_at >= since_at or each.case.state in bound]
    found = figure_rows.counted(ledger.store, changed, end_at=end_at)
    for each in pasts:
        case = each.case
        if case.id not in found:
            found[case.id] = [CountedEntry(case.id, case.changed_at, case.clearance, case.state)]
    return found


class _Noted(NamedTuple):
    """When a period's rows of the journal last wrote of a case, in microseconds since 1970 UTC."""

    values: Mapping[str, int]
    """By field."""
    terms: Mapping[tuple[str, int], int]
    """By name and round."""


_NOTHING: Final = _Noted({}, {})


def _noted_in(rows: Mapping[int, Sequence[PastEntry]]) -> dict[int, _Noted]:
    """Return what the rows of a period noted, of the cases of which they say nothing but that steps were taken."""
    found: dict[int, _Noted] = {}
    for case_id, entries in rows.items():
        if all(each.kind == StepTaken.kind for each in entries):
            values, terms = dict[str, int](), dict[tuple[str, int], int]()
            for each in entries:
                event = legible_of_case(each.kind, each.body)
                values |= {name: each.at for name, value in event.brought.items() if value is not None}
                terms |= {(name, now.round): each.at for name, now in event.deadlines.items()}
            found[case_id] = _Noted(values, terms)
    return found


def _as_it_stands(ledger: Ledger, case: Case, rows: Sequence[DeadlineRecord], noted: _Noted) -> Past | None:
    """Return a case as its rows tell; None if they do not tell all of its terms."""
    theirs = ledger.rules_of(case).shapes.theirs
    terms: list[PastDeadline] = []
    for each in rows:
        status = _STATUSES[each.status]
        if status is Status.LIFTED or (status is Status.MET and each.met_on is None):
            return None
        if each.due_at is not None and (each.status != _RUNNING or each.ledger != _BARE):
            return None
        terms.append(
            PastDeadline(
                name=each.name,
                status=status,
                due_on=each.due_on,
                original_due_on=each.original_due_on,
                extended=int(_NOT_EXTENDED not in each.ledger),
                noted_at=noted.terms.get(
                    (each.name, each.round), each.starts_at if each.ended_at is None else each.ended_at
                ),
                due_at=each.due_at,
                original_due_at=each.due_at,
                met_on=each.met_on,
                theirs=each.name in theirs,
            )
        )
    return Past(
        case=case,
        terms=tuple(terms),
        doers={},
        moves=(),
        came_from=None,
        was_counted=False,
        came_back=False,
        noted={**dict.fromkeys(case.fields, case.opened_at), **noted.values},
    )
