"""Whether the reminders of deadlines will come when they are due."""

from collections.abc import Sequence

from engine.deadlines.clock import Status, ladder
from engine.deadlines.timetable import rung_due_at
from engine.journal.kept import Kept, ReplayedCase
from engine.operations.ledger.ledger import Ledger
from engine.working_days.calendars import Calendar


def wrongly_armed(ledger: Ledger, case: ReplayedCase, kept: Kept, calendars: Sequence[Calendar]) -> list[str]:
    """Return the deadlines of a case whose next reminder would come at another instant than it is due, or never.

    Args:
        calendars: Those by which its unit ever counted; none if that cannot be said any more. A reminder stays where
            it was set, so any of them may have set it.

    Raises:
        DatabaseError: If the workflow of the case was altered.
    """
    return [name for name, term in kept.climbs if not _is_armed(ledger, case, kept, (name, term), calendars)]


def _is_armed(
    ledger: Ledger, case: ReplayedCase, kept: Kept, place: tuple[str, int], calendars: Sequence[Calendar]
) -> bool:
    """Say whether the next reminder of a deadline comes when it is due, so far as that can be said."""
    climb = kept.climbs[place]
    status, _, due_on, due_at, *_ = kept.clocks[place]
    step = None
    if status == Status.RUNNING:
        workflow = ledger.rules(case.workflow, case.version).workflow
        declared = workflow.deadlines.get(place[0])
        step = None if declared is None else ladder(workflow, declared).step(climb.rung or 0)
    if step is None or climb.next_at is None:
        return step is None and climb.next_at is None
    if climb.calendar not in {each.label for each in calendars} or not isinstance(due_on, str):
        return True
    at = due_at if isinstance(due_at, int) else None
    return climb.next_at in {rung_due_at(step, due_on, at, each) for each in calendars}
