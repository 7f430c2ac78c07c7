"""Which of the cases that units owe, week by week or month by month, came in, and which are missing."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from engine.operations.figures.figure_values import Filing, Nil, Owed
from engine.operations.figures.period import Period
from engine.operations.ledger.ledger import Ledger
from engine.operations.zero.past import CHUNK, rebuilt
from engine.operations.zero.verdict import end_of
from engine.rules.case import Case, Count
from engine.store import figure_rows as rows
from engine.store.past_columns import CountedEntry
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day


def returns_of(
    ledger: Ledger, period: Period, *, unit_id: int | None, nil: tuple[str, str] | None, now: datetime
) -> tuple[tuple[Owed, ...], tuple[Nil, ...]]:
    """Return what units owed in the period, by unit and due day, and their nil returns; inside `reading`.

    What opens once for the whole house, such as a monthly meeting, is kept in one unit but owed by none.

    Args:
        nil: The flag that says that nothing occurred, and the field that says what was done.
    """
    owed: list[Owed] = []
    said: list[Nil] = []
    end_at = end_of(period.until, ledger.zone)
    is_past = period.until < ledger.today(now)
    for name in ledger.workflows.names():
        declared = ledger.rules(name).workflow
        writes = next(
            (each.writes for each in declared.recurs.values() if "due_on" in each.writes and not each.once), {}
        )
        if not writes:
            continue
        ids = rows.opened_before(ledger.store, name, end_at=end_at, unit_id=unit_id)
        for part in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
            counted = rows.counted(ledger.store, part, end_at=end_at)
            for past in rebuilt(ledger, part, end_at=end_at, day=period.until):
                case = past.case
                if unit_id not in {None, case.unit_id}:
                    continue
                due = str(case.fields.get(writes["due_on"]) or "")
                if not period.first.isoformat() <= due <= period.until.isoformat() or case.clearance >= Count.VOID:
                    continue
                missed = is_past or due < period.until.isoformat()
                filing = _filing(
                    ledger.rules_of(case).workflow, case, counted[case.id], due, ledger.zone, missed=missed
                )
                what = str(case.fields.get(writes.get("period", "")) or "")
                owed.append(
                    Owed(
                        unit_id=case.unit_id,
                        unit=case.unit,
                        workflow=declared.title,
                        period=what,
                        due_on=due,
                        filing=filing,
                    )
                )
                if nil is not None and filing in {Filing.ON_TIME, Filing.LATE} and case.fields.get(nil[0]) is True:
                    said.append(Nil(unit=case.unit, period=what, done=str(case.fields.get(nil[1]) or "")))
    owed.sort(key=lambda each: (each.unit, each.due_on, each.period))
    said.sort(key=lambda each: (each.unit, each.period))
    return tuple(owed), tuple(said)


def _filing(
    workflow: Workflow, case: Case, counted: Sequence[CountedEntry], due: str, zone: str, *, missed: bool
) -> Filing:
    """Return how a return stands: it is in while the step that files it is not to be taken (again).

    A return that was sent back and came in again counts by the day on which it came in again.
    """
    with_unit = _with_unit(workflow)
    if workflow.is_final(case.state) and case.clearance == Count.OPEN:
        return Filing.MISSING  # given up
    states = [each.to_state for each in counted]
    came_in = [
        after.at
        for before, after in pairwise(counted)
        if before.to_state in with_unit and after.to_state not in with_unit
    ]
    if case.state in with_unit:
        if any(each != workflow.initial for each in states):
            return Filing.SENT_BACK
        return Filing.MISSING if missed else Filing.WAITING
    if came_in and local_day(came_in[-1], zone).isoformat() > due:
        return Filing.LATE
    return Filing.ON_TIME


def filing_triggers(workflow: Workflow) -> frozenset[str]:
    """Return the triggers of the steps by which a unit files a return: they leave its beginning for no end."""
    return frozenset(
        each.trigger
        for each in workflow.transitions
        if workflow.initial in each.sources and each.target is not None and not workflow.is_final(each.target)
    )


def _with_unit(workflow: Workflow) -> frozenset[str]:
    """Return the states in which a return lies with the unit: those that the step which files it leaves."""
    files = filing_triggers(workflow)
    return frozenset(state for each in workflow.transitions if each.trigger in files for state in each.sources) | {
        workflow.initial
    }
