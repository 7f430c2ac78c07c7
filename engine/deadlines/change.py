"""What becomes of a case's deadlines when the case changes: pure, over values."""

from collections.abc import Mapping, Sequence

from engine.deadlines.clock import Clock, Pause, Status, awake, ended, midnight, paused, reckoned
from engine.deadlines.timetable import timetable
from engine.workflow.model import Deadline, OnField, StartsByField, Workflow
from engine.working_days.calendars import Calendar


def after_change(
    workflow: Workflow,
    state: str,
    fields: Mapping[str, object],
    applies: Mapping[str, bool],
    clocks: Sequence[Clock],
    *,
    case_id: int,
    now_at: int,
    calendar: Calendar,
) -> tuple[Clock, ...]:
    """Return the clocks that a change of the case starts, stops, pauses, resumes or moves, as they become.

    A clock whose state is left, or whose own condition ceases ("not informed yet"), is met: what it waited for
    has come. Only a case that is void or repeats another has its clocks cancelled.

    Args:
        state: The state after the change.
        fields: The values after the change.
        applies: Of each declared deadline, whether its own condition holds after the change.
        clocks: All clocks of the case so far, by id.

    Raises:
        BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
    """
    newest = {each.name: each for each in clocks}
    changed: list[Clock] = []
    for declared in _concerned(workflow, state, newest):
        now = newest.get(declared.name)
        runs = state in declared.runs_in and applies[declared.name]
        if now is None or now.status > Status.PAUSED:
            if runs:
                begun = _begun(
                    declared, fields, now, case_id=case_id, now_at=now_at, calendar=calendar, workflow=workflow
                )
                if begun is not None:
                    changed.append(begun)
            continue
        if state in declared.paused_in and applies[declared.name]:
            if now.status is Status.RUNNING:
                changed.append(paused(now, from_at=now_at, reason=f"state:{state}", by="", noted_at=now_at))
        elif not runs:
            changed.append(ended(now, Status.MET, at=now_at))
        else:
            woken = now.status is Status.PAUSED and _by_state(now)
            again = awake(now, now_at) if woken else now
            again = reckoned(workflow, declared, again, fields, calendar=calendar, woken=woken)
            if again is not now and again != now:
                changed.append(again)
    return tuple(changed)


def _begun(
    declared: Deadline,
    fields: Mapping[str, object],
    before: Clock | None,
    *,
    case_id: int,
    now_at: int,
    calendar: Calendar,
    workflow: Workflow,
) -> Clock | None:
    """Return the clock that begins now, or again; None if it must not, or its start is not known yet."""
    if before is not None:
        if declared.reopen == "none":
            return None
        if declared.reopen == "continue":
            assert before.ended_at is not None
            rest = Pause(from_at=before.ended_at, to_at=now_at, reason="reopened", by="", noted_at=now_at)
            again = before._replace(status=Status.RUNNING, ended_at=None, pauses=(*before.pauses, rest))
            return reckoned(workflow, declared, again, fields, calendar=calendar, woken=True)
    starts_at = now_at
    if isinstance(declared.starts, StartsByField) and before is None:
        given = fields.get(declared.starts.field)
        if given is None:
            return None
        starts_at = midnight(str(given), calendar)
    if isinstance(declared.due, OnField) and fields.get(declared.due.field) is None:
        return None
    clock = Clock(
        id=None,
        case_id=case_id,
        name=declared.name,
        round=1 if before is None else before.round + 1,
        status=Status.RUNNING,
        starts_at=starts_at,
        original_due_on="",
        due_on="",
        due_at=None,
        pauses=(),
        extensions=(),
        calendar=calendar.label,
        provisional=False,
        arming=0,
        rung=0,
        next_at=None,
        ended_at=None,
    )
    return reckoned(workflow, declared, clock, fields, calendar=calendar)


def _concerned(workflow: Workflow, state: str, newest: Mapping[str, Clock]) -> Sequence[Deadline]:
    """Return the deadlines that run in *state* and those that a live clock stands for, as declared."""
    table = timetable(workflow)
    running = table.running[state]
    others = [
        declared
        for name, clock in newest.items()
        if clock.status <= Status.PAUSED and state not in (declared := workflow.deadlines[name]).runs_in
    ]
    if not others:
        return running
    return sorted((*running, *others), key=lambda each: table.order[each.name])


def _by_state(clock: Clock) -> bool:
    """Say whether a clock stands still because of the case's state, not by an officer's word."""
    return bool(clock.pauses) and clock.pauses[-1].by == ""
