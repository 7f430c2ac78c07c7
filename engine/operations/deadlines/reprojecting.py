"""Moving deadlines to the calendar that is in force by now: no step does, only this, looked at one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.deadlines.clock import Clock, recomputed
from engine.errors import ConflictError, RefusedError
from engine.journal.case_events import DeadlineMoved
from engine.language import Text
from engine.operations.cases.commit import counts_from
from engine.operations.deadlines.timing import write_clock
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.overtaken import overtaken
from engine.operations.ledger.reasons import reason_given
from engine.rules.amendments import may_amend
from engine.rules.case import Case
from engine.store import case_rows, clock_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A deadline that another calendar moves."""

    case: Case
    before: Clock
    after: Clock


def moves(ledger: Ledger) -> Iterator[Move]:
    """Yield the live deadlines whose date the calendar now in force moves, or makes certain."""
    cases: dict[int, Case] = {}
    for clock in clock_rows.live(ledger.store, due_by="9999-12-31"):
        if clock.case_id not in cases:
            cases[clock.case_id] = case_rows.by_id(ledger.store, clock.case_id)
        case = cases[clock.case_id]
        workflow = ledger.rules_of(case).workflow
        calendar = ledger.calendar_of(case.unit_id)
        if clock.calendar == calendar.label and not clock.provisional:
            continue  # the calendar has not changed: a day that its count does not give was bounded by a move
        fields = counts_from(ledger, case, case.fields)
        after = recomputed(workflow, workflow.deadlines[clock.name], clock, fields, calendar=calendar)
        if (after.due_on, after.due_at, after.provisional) != (clock.due_on, clock.due_at, clock.provisional):
            yield Move(case=case, before=clock, after=after)


def move_each(
    acting: Acting, wanted: Iterable[Move], *, reason: str, most: int | None = None
) -> tuple[int, list[Text]]:
    """Move deadlines, each by itself; return how many were moved, and of each other why not.

    A refusal does not name a case that the reader may not read.

    Args:
        most: How many to move; those that are refused do not count, or they would keep the others from ever moving.
    """
    ledger, count, refused = acting.ledger, 0, list[Text]()
    for each in wanted:
        if count == most:
            break
        try:
            move(acting, each, reason=reason)
            count += 1
        except (RefusedError, ConflictError) as error:
            other = Text("another case is not changed", "另一事项不能更改")
            refused.append(error.sentence if ledger.sees(each.case) else other)
    return count, refused


def move(acting: Acting, wanted: Move, *, reason: str) -> None:
    """Move one deadline to the date of the calendar now in force, with the reason in the journal.

    Raises:
        RefusedError: If the officer may not change the case.
        ConflictError: If the case was changed since it was read.
    """
    ledger = acting.ledger
    case = case_rows.by_id(ledger.store, wanted.case.id)
    may_amend(ledger.rules_of(case), case, actor=acting.actor(case.unit_id))
    if wanted.before not in clock_rows.of_case(ledger.store, case.id):
        raise overtaken(ledger, case)
    event = DeadlineMoved(
        deadline=wanted.before.name,
        was_due_on=wanted.before.due_on,
        calendar=wanted.after.calendar,
        was_calendar=wanted.before.calendar,
        reason=reason_given(reason),
    )
    write_clock(acting, case, wanted.after, event)
