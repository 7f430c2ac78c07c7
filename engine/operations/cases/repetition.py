"""Something done twice because the answer to the first time was lost: the second time nothing is written.

Only for who says how they saw the case (`Acting.as_seen`): the row that follows what they saw is then their own.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from engine.deadlines.clock import Clock
from engine.errors import QinglingError
from engine.journal.case_events import CaseAmended, CaseEvent, NoteWritten, StepTaken, TermEvent
from engine.journal.events import legible_of_case
from engine.operations.cases.commit import Outcome
from engine.operations.cases.value_checks import checked_values
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, as_it_is
from engine.store import case_rows, clock_rows

SomeEvent = TypeVar("SomeEvent", bound=CaseEvent)


def step_repeated(acting: Acting, case: Case, trigger: str, values: Mapping[str, object]) -> Outcome | None:
    """Return the outcome of a step that the officer took with the same values since they saw the case; else None.

    A step that brings sealed values is never taken for a repetition: nobody can compare them.

    Args:
        case: As it was read just now.
        values: As typed.
    """
    return _repeated(
        acting, case, StepTaken, lambda row, case: row.trigger == trigger and _brought(acting, case, row.set, values)
    )


def correction_repeated(acting: Acting, number: str, values: Mapping[str, object], *, reason: str) -> Outcome | None:
    """Return the outcome of a correction as `step_repeated` does."""
    return _repeated(
        acting,
        number,
        CaseAmended,
        lambda row, case: row.reason == reason.strip() and _brought(acting, case, row.set, values),
    )


def note_repeated(acting: Acting, number: str, words: str) -> Outcome | None:
    """Return the outcome of a note as `step_repeated` does."""
    return _repeated(acting, number, NoteWritten, lambda row, _: row.words == words.strip())


def clock_repeated(
    acting: Acting, number: str, kind: type[TermEvent], name: str | None, **says: object
) -> Clock | None:
    """Return the clock of a deadline with which the officer did the same since they saw the case; else None.

    Args:
        kind: What was done.
        name: The deadline; None if it was the only one.
        says: What the row must say.
    """

    def is_same(row: TermEvent, _: Case) -> bool:
        return name in {None, row.deadline} and all(getattr(row, key) == value for key, value in says.items())

    done = _repeated(acting, number, kind, is_same)
    if done is None or not isinstance(done.decision.event, TermEvent):
        return None
    clocks = clock_rows.of_case(acting.ledger.store, done.case.id)
    return [each for each in clocks if each.name == done.decision.event.deadline][-1]


def _repeated(
    acting: Acting, asked: Case | str, kind: type[SomeEvent], is_same: Callable[[SomeEvent, Case], bool]
) -> Outcome | None:
    """Return the outcome of what the officer did since they saw the case, if it is the same; else None.

    Args:
        asked: The case, or its number if it was not read yet.
    """
    seen = acting.as_seen
    if seen is None:
        return None
    case = acting.ledger.case(asked) if isinstance(asked, str) else asked
    if case.number != seen[0] or case.revision <= seen[1]:
        return None
    entry = case_rows.entries(acting.ledger.store, case.id, after=seen[1])[0]
    if (entry.by, entry.kind) != (acting.by, kind.kind):
        return None
    event = legible_of_case(entry.kind, entry.body)
    if not isinstance(event, kind) or not is_same(event, case):
        return None
    decision = as_it_is(case, event)
    return Outcome(case=case, decision=decision, repeated=entry)


def _brought(acting: Acting, case: Case, row: Mapping[str, object], values: Mapping[str, object]) -> bool:
    """Say whether a row holds all that is brought."""
    rules = acting.ledger.rules_of(case)
    try:
        checked = checked_values(acting, rules, values, unit=case.unit, case=case)
    except QinglingError:
        return False  # what cannot be was not written
    for name, value in checked.items():
        there = row.get(name)
        if name in rules.sealed and value is not None:
            return False
        if name in rules.growing and isinstance(value, list) and isinstance(there, list):
            if not set(map(str, value)) <= set(map(str, there)):
                return False
        elif there != value:
            return False
    return True
