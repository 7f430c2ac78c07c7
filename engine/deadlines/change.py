"""What becomes of a case's deadlines when the case changes: pure, over values.

A term keeps its identity through everything that is not a new start: its due day follows from its start and from
what was done to it, and leaving it, lifting it or looking at it again gives no new one. It is met by its act only.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from engine.deadlines.clock import Clock, Lift, Pause, Status, awake, begins_at, ended, paused, recomputed
from engine.deadlines.lateness import recorded
from engine.deadlines.timetable import entered, timetable
from engine.workflow.deadline import Deadline, EndsByEntering, EndsByField, OnField, StartsByField, WithinByValue
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day


def after_change(
    workflow: Workflow,
    state: str,
    fields: Mapping[str, object],
    applies: Mapping[str, bool],
    clocks: Sequence[Clock],
    *,
    came_from: str | None,
    case_id: int,
    now_at: int,
    calendar: Calendar,
    ran_out: str | None = None,
) -> tuple[Clock, ...]:
    """Return the clocks that a change of the case starts, ends, lifts, stops or moves, as they become.

    Only the act that a term declares (`ends`) meets it. One whose condition ceases, or whose states are left
    without the act, is lifted and keeps its day; a case that is void or repeats another has its clocks cancelled.

    Args:
        state: The state after the change.
        fields: The values after the change.
        applies: Of each declared deadline, whether its own condition holds after the change.
        clocks: All clocks of the case so far, by id.
        came_from: The state before the change; None for a case that is just opened.
        now_at: When the change happens, in microseconds since 1970 UTC.
        ran_out: The deadline that ran out and took this step by itself: it is not met by it.

    Raises:
        BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
    """
    change = _Change(workflow, state, came_from, fields, case_id, now_at, calendar, ran_out)
    newest = {each.name: each for each in clocks}
    remembering = timetable(workflow).remembering
    changed: list[Clock] = []
    for declared in _concerned(workflow, state, newest):
        before = newest.get(declared.name)
        if before is None and not applies[declared.name] and declared.name not in remembering:
            continue  # so most terms that a state has: they do not begin
        after = change.of(declared, before, applies=applies[declared.name])
        if after is not None and after is not before and after != before:
            same = before if before is not None and before.id == after.id else None
            changed.append(recorded(same, after, now_at=now_at, calendar=calendar))
    return tuple(changed)


class _Change(NamedTuple):
    """One change of a case, as far as its deadlines care."""

    workflow: Workflow
    state: str
    came_from: str | None
    fields: Mapping[str, object]
    case_id: int
    now_at: int
    calendar: Calendar
    ran_out: str | None

    def of(self, declared: Deadline, clock: Clock | None, *, applies: bool) -> Clock | None:
        """Return the newest clock of a deadline as the change leaves it, or a new one; None if there is neither."""
        is_required = applies and self._has_its_day(declared)
        if clock is None:
            return self._begun(declared, None, is_required=is_required)
        match clock.status:
            case Status.RUNNING | Status.PAUSED:
                return self._of_live(declared, clock, is_required=is_required)
            case Status.MET:
                return self._of_met(declared, clock, is_required=is_required)
            case Status.LIFTED:
                return self._of_lifted(declared, clock, is_required=is_required)
            case Status.CANCELLED:
                return self._back(declared, clock, is_required=is_required)

    def _of_live(self, declared: Deadline, clock: Clock, *, is_required: bool) -> Clock:
        """Return what becomes of a clock that runs or rests."""
        # What the program does because a term has run out is not the act that the term waits for: nobody met it.
        if self.ran_out == declared.name:
            return self._lifted(declared, clock, "ran_out")
        # Before the state is looked at: the act often leaves it as well, and met goes before no longer required.
        act = self._act(declared)
        if act is not None:
            return self._met(declared, clock, act)
        if not _is_inside(declared, self.state):
            return self._lifted(declared, clock, "left")
        if not is_required:
            return self._lifted(declared, clock, "condition")
        return self._going_on(declared, clock)

    def _of_met(self, declared: Deadline, clock: Clock, *, is_required: bool) -> Clock | None:
        """Return what becomes of a clock that was met: the day of its act may be corrected or emptied."""
        if not isinstance(declared.ends, EndsByField):
            return self._back(declared, clock, is_required=is_required)
        act = self._act(declared)
        if act is not None:
            return clock._replace(met_on=act)
        undone = clock._replace(met_on=None)
        if not _is_inside(declared, self.state):
            return self._lifted(declared, undone, "left")
        if self.came_from is None or not _is_inside(declared, self.came_from):
            return self._back(declared, clock, is_required=is_required)
        if not is_required:
            return self._lifted(declared, undone, "condition")
        return self._going_on(declared, undone._replace(status=Status.RUNNING, ended_at=None))

    def _of_lifted(self, declared: Deadline, clock: Clock, *, is_required: bool) -> Clock | None:
        """Return what becomes of a clock that was not required."""
        lift = clock.lifted[-1]
        is_inside = _is_inside(declared, self.state)
        if lift.why == "waiting":
            return self._of_waiting(declared, clock, lift, is_required=is_required)
        if lift.why in _ARE_OVER:
            return self._back(declared, clock, is_required=is_required)
        if not is_inside:
            return _lift_begun(_lift_closed(clock, self.now_at), self.now_at, "left")  # it ended as it ceased
        if not is_required:
            return self._dated(declared, clock, clock) if self._has_its_day(declared) else clock
        back = _lift_closed(clock, self.now_at)._replace(status=Status.RUNNING, ended_at=None)
        act = self._act(declared)
        return self._going_on(declared, back) if act is None else self._met(declared, back, act)

    def _of_waiting(self, declared: Deadline, clock: Clock, lift: Lift, *, is_required: bool) -> Clock:
        """Return what becomes of a clock that has not begun: its state was entered, its condition never held."""
        was_entered = lift.to_at is None or self.state in entered(declared)
        if not was_entered or not _is_inside(declared, self.state):
            return _lift_closed(clock, self.now_at)
        if is_required:
            # The dates that it has were those of a term that nobody required; it counts from the moment the condition
            # holds.
            bare = _lift_closed(clock, self.now_at)._replace(
                status=Status.RUNNING,
                starts_at=self.now_at,
                original_due_on="",
                due_on="",
                due_at=None,
                ended_at=None,
            )
            return self._first_dates(declared, bare)
        return clock if lift.to_at is None else _lift_begun(clock, self.now_at, "waiting")

    def _back(self, declared: Deadline, clock: Clock, *, is_required: bool) -> Clock | None:
        """Return what becomes of a clock that had ended, once the case is where it runs: `reopen` decides."""
        if not _is_inside(declared, self.state) or not is_required or declared.reopen == "none":
            return None
        if declared.reopen == "restart":
            return self._begun(declared, clock, is_required=is_required)
        assert clock.ended_at is not None
        left_at = clock.lifted[-1].from_at if clock.status is Status.LIFTED else clock.ended_at
        away = Pause(from_at=left_at, to_at=self.now_at, reason="reopened", by="", noted_at=self.now_at)
        again = _lift_closed(clock, self.now_at)._replace(
            status=Status.RUNNING, ended_at=None, met_on=None, pauses=(*clock.pauses, away)
        )
        dated = self._dated(declared, clock, again, woken=True)
        act = self._act(declared) if isinstance(declared.ends, EndsByField) else None
        return self._resting(declared, dated) if act is None else self._met(declared, dated, act)

    def _begun(self, declared: Deadline, before: Clock | None, *, is_required: bool) -> Clock | None:
        """Return the clock that begins now, or again; None if it must not, or its start is not known yet.

        Entering a state starts a term at the first moment of the round at which the state has been entered and the
        condition holds. Where the case may go on before it holds, a clock that waits remembers that it was entered.
        """
        if not is_required and not (self._must_remember(declared) and self._has_its_day(declared)):
            return None  # asked first: of most terms that a state has, the condition does not hold
        starts_at = self._start(declared, before)
        if starts_at is None or not _is_inside(declared, self.state):
            return None
        # The field may still hold the act of the round before, by which a new round would be met as it begins.
        if before is not None and isinstance(declared.ends, EndsByField) and self._act(declared) is not None:
            return None
        clock = Clock(
            id=None,
            case_id=self.case_id,
            name=declared.name,
            round=1 if before is None else before.round + 1,
            status=Status.RUNNING,
            starts_at=starts_at,
            original_due_on="",
            due_on="",
            due_at=None,
            pauses=(),
            extensions=(),
            calendar=self.calendar.label,
            provisional=False,
            arming=0,
            rung=0,
            next_at=None,
            ended_at=None,
        )
        if is_required:
            return self._first_dates(declared, clock)
        return _lift_begun(self._first_dates(declared, clock), self.now_at, "waiting")._replace(
            status=Status.LIFTED, next_at=None, ended_at=self.now_at, arming=0
        )

    def _start(self, declared: Deadline, before: Clock | None) -> int | None:
        """Return from when the clock counts that begins now, or again; None if nothing starts it."""
        if not isinstance(declared.starts, StartsByField):
            return self.now_at if self.state in declared.starts.states else None
        if before is not None:
            return self.now_at
        given = self.fields.get(declared.starts.field)
        return None if given is None else begins_at(str(given), self.calendar.zone)

    def _first_dates(self, declared: Deadline, clock: Clock) -> Clock:
        """Return a clock as it begins: with its dates, at rest where the case rests, or met by an act done before.

        Args:
            clock: Running and without a date.
        """
        begun = recomputed(
            self.workflow, declared, clock, self.fields, calendar=self.calendar, now_at=self.now_at, before=None
        )
        act = self._act(declared) if isinstance(declared.ends, EndsByField) else None
        if act is not None:
            return self._met(declared, begun, act)
        return self._resting(declared, begun, since=begun.starts_at)

    def _going_on(self, declared: Deadline, clock: Clock) -> Clock:
        """Return a clock that is required where the case is: it runs or rests, and moves only if its start moves."""
        if self.state in declared.paused_in:
            return self._resting(declared, self._dated(declared, clock, clock))
        is_woken = clock.status is Status.PAUSED and _by_state(clock)
        again = awake(clock, self.now_at) if is_woken else clock
        return self._dated(declared, clock, again, woken=is_woken)

    def _resting(self, declared: Deadline, clock: Clock, *, since: int | None = None) -> Clock:
        """Return a clock at rest if the case's state stops it; one that is at rest already stays so."""
        if self.state not in declared.paused_in or clock.status is not Status.RUNNING:
            return clock
        from_at = self.now_at if since is None else since
        return paused(clock, from_at=from_at, reason=f"state:{self.state}", by="", noted_at=self.now_at)

    def _met(self, declared: Deadline, clock: Clock, act: str) -> Clock:
        """Return a clock met by the act of a local day."""
        return ended(self._awoken(declared, clock), Status.MET, at=self.now_at, met_on=act)

    def _lifted(self, declared: Deadline, clock: Clock, why: str) -> Clock:
        """Return a clock that is no longer required; its start, day, pauses and extensions stay."""
        lifted = ended(self._awoken(declared, clock), Status.LIFTED, at=self.now_at)
        return _lift_begun(lifted, self.now_at, why)

    def _awoken(self, declared: Deadline, clock: Clock) -> Clock:
        """Return a clock that ends while it rests with the rest counted into its day, as `explain` counts it."""
        if clock.status is not Status.PAUSED:
            return clock
        return self._dated(declared, clock, awake(clock, self.now_at))

    def _dated(self, declared: Deadline, before: Clock, clock: Clock, *, woken: bool = False) -> Clock:
        """Return a clock with the dates that follow from what changed."""
        if before.status is Status.PAUSED and before.pauses[-1].to_at is None:
            before = before._replace(pauses=before.pauses[:-1])  # its date stands without the rest that lasts
        if clock.status is Status.PAUSED:
            before = before._replace(pauses=clock.pauses)
        return recomputed(
            self.workflow,
            declared,
            clock,
            self.fields,
            calendar=self.calendar,
            now_at=self.now_at,
            before=before,
            woken=woken,
        )

    def _act(self, declared: Deadline) -> str | None:
        """Return the local day on which the act that meets the term was done; None if it was not, or not now."""
        if isinstance(declared.ends, EndsByField):
            day = self.fields.get(declared.ends.field)
            return None if day is None else str(day)
        today = local_day(self.now_at, self.calendar.tz).isoformat()
        if isinstance(declared.ends, EndsByEntering):
            return today if self.state in declared.ends.states and self.state != self.came_from else None
        return None if _is_inside(declared, self.state) else today

    def _must_remember(self, declared: Deadline) -> bool:
        """Say whether a clock that waits must remember that the state was entered which starts it."""
        return declared.name in timetable(self.workflow).remembering

    def _has_its_day(self, declared: Deadline) -> bool:
        """Say whether the day is there on which the term is due, or the value that chooses how long it is."""
        if isinstance(declared.due, WithinByValue):
            return declared.due.chosen(self.fields) is not None
        return not isinstance(declared.due, OnField) or self.fields.get(declared.due.field) is not None


_ARE_OVER: Final = frozenset({"left", "ran_out"})
"""Why a term that is lifted can change no more until the case comes back."""


def _concerned(workflow: Workflow, state: str, newest: Mapping[str, Clock]) -> Sequence[Deadline]:
    """Return the deadlines that stand for *state* and those of which a clock may change elsewhere, as declared."""
    table = timetable(workflow)
    inside = table.inside[state]
    others = [
        declared
        for name, clock in newest.items()
        if (declared := workflow.deadlines.get(name)) is not None  # else an older version of the workflow had it
        and _may_change(declared, clock)
        and not _is_inside(declared, state)
    ]
    if not others:
        return inside
    return sorted((*inside, *others), key=lambda each: table.order[each.name])


def _may_change(declared: Deadline, clock: Clock) -> bool:
    """Say whether a clock can change where its term neither runs nor rests."""
    if clock.status is Status.LIFTED:
        return clock.lifted[-1].why not in _ARE_OVER
    return clock.status <= Status.PAUSED or (clock.status is Status.MET and isinstance(declared.ends, EndsByField))


def _is_inside(declared: Deadline, state: str) -> bool:
    """Say whether the term runs or rests in *state*."""
    return state in declared.runs_in or state in declared.paused_in


def _lift_begun(clock: Clock, at: int, why: str) -> Clock:
    """Return a clock with one more time in which it is not required."""
    return clock._replace(lifted=(*clock.lifted, Lift(from_at=at, to_at=None, why=why)))


def _lift_closed(clock: Clock, at: int) -> Clock:
    """Return a clock whose last time of not being required has ended; unchanged if none lasts."""
    if not clock.lifted or clock.lifted[-1].to_at is not None:
        return clock
    last = clock.lifted[-1]
    return clock._replace(lifted=(*clock.lifted[:-1], Lift(from_at=last.from_at, to_at=at, why=last.why)))


def _by_state(clock: Clock) -> bool:
    """Say whether a clock stands still because of the case's state, not by an officer's word."""
    return bool(clock.pauses) and clock.pauses[-1].by == ""
