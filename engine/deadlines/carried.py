"""What becomes of a case's deadlines when the case moves to another version of its workflow: pure, over values.

A term of the same name keeps its start, its round, its pauses, its extensions and its first due day. Its day is
counted by the new declaration only if that counts otherwise, and within these bounds:

- a shorter term is due no earlier than the day up to which nobody is made late, and no later than it was;
- a longer one is due later, unless the law sets it: that never lets a case have more time by a move;
- what is late stays late, by the day by which it is late; the move forgives nothing and makes nobody late.

A term that the new version does not have, or not here, is over, and its lateness stays on record. One that the new
version brings counts from when the case came into its state. Reminders whose time is past are not sent again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock, Lift, Status, begins_at, ended, is_overdue, recomputed
from engine.deadlines.lateness import recorded
from engine.deadlines.timetable import rung_due_at, timetable
from engine.language import Text
from engine.workflow.deadline import Authority, Deadline, OnField, StartsByField, WithinByValue
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_day

_LIVE: Final = frozenset({Status.RUNNING, Status.PAUSED})
_LAST_MINUTE: Final = 60_000_000
"""How long before midnight a day ends for a term in hours; microseconds."""


class Carried(NamedTuple):
    """What a move makes of the deadlines of a case."""

    clocks: tuple[Clock, ...]
    """Those that it changes or begins, as they become."""
    refused: tuple[Text, ...]
    """Why the case cannot move for the sake of its deadlines."""


class Carrying(NamedTuple):
    """A case that moves to another version, as far as its deadlines care."""

    old: Workflow
    new: Workflow
    state: str
    """Where it stands in the new version."""
    fields: Mapping[str, object]
    """Its values in the new version, as deadlines count from them."""
    applies: Mapping[str, bool]
    """Of each deadline of the new version, whether its own condition holds."""
    entered_at: int
    """When the case came into its state, in microseconds since 1970 UTC."""
    case_id: int
    now_at: int
    """When it moves, in microseconds since 1970 UTC."""
    calendar: Calendar
    not_before: date
    """Up to this local day the move makes nobody late."""
    grace: timedelta = timedelta()
    """How long that was from the day of the plan: a term at rest goes on with as much, on whatever day it moves."""

    def of(self, clocks: Sequence[Clock]) -> Carried:
        """Return what becomes of all clocks of the case.

        Args:
            clocks: All of the case so far, by id.

        Raises:
            BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
        """
        newest = {each.name: each for each in clocks}
        over: dict[str, Clock] = {}
        standing: dict[str, Clock] = {}
        for name, clock in newest.items():
            why = self._falls_away(clock)
            if why is not None:
                over[name] = self._ended(clock, why)
            elif name in self.new.deadlines:
                standing[name] = self._dated(clock) if clock.status in _LIVE else clock
        refused = tuple(_by_law(self.old.deadlines[name]) for name in over if self._is_law(name))
        begun = {each.name: self._not_late(each) for each in self._begun() if each.name not in newest}
        moved = {each.name: each for each in self._changed(tuple(standing.values())) if each.name in standing}
        found = []
        for name, after in {**over, **standing, **moved, **begun}.items():
            before = newest.get(name)
            same = before if before is not None and before.id == after.id else None
            armed = self._armed(same, after)
            if armed != same or (same is not None and self._counts_otherwise(same)):
                found.append(recorded(same, armed, now_at=self.now_at, calendar=self.calendar))
        return Carried(tuple(found), refused)

    def _falls_away(self, clock: Clock) -> str | None:
        """Return why a live clock is over after the move: it is gone, left, or its condition ceased; None if not."""
        if clock.status not in _LIVE:
            return None
        declared = self.new.deadlines.get(clock.name)
        if declared is None:
            return "gone"
        if self.state not in (*declared.runs_in, *declared.paused_in):
            return "left"
        return None if self.applies[clock.name] and self._has_its_day(declared) else "condition"

    def _ended(self, clock: Clock, why: str) -> Clock:
        """Return a clock that is over: cancelled if the new version has none of its name, else no longer required."""
        if why == "gone":
            return ended(clock, Status.CANCELLED, at=self.now_at)
        lift = Lift(from_at=self.now_at, to_at=None, why=why)
        return ended(clock, Status.LIFTED, at=self.now_at)._replace(lifted=(*clock.lifted, lift))

    def _is_law(self, name: str) -> bool:
        """Say whether the law sets a deadline, in either version."""
        return any(
            each is not None and each.authority is Authority.LAW
            for each in (self.old.deadlines.get(name), self.new.deadlines.get(name))
        )

    def _has_its_day(self, declared: Deadline) -> bool:
        """Say whether the values are there from which the due day follows."""
        if isinstance(declared.due, WithinByValue):
            return declared.due.chosen(self.fields) is not None
        return not isinstance(declared.due, OnField) or self.fields.get(declared.due.field) is not None

    def _begun(self) -> tuple[Clock, ...]:
        """Return the clocks that the new version has for a case which came into its state when it did."""
        return after_change(
            self.new,
            self.state,
            self.fields,
            self.applies,
            (),
            came_from=self.state,
            case_id=self.case_id,
            now_at=self.entered_at,
            calendar=self.calendar,
        )

    def _not_late(self, clock: Clock) -> Clock:
        """Return a clock that was not there before, due no earlier than nobody is made late; so nothing was broken."""
        due = max(self._at(clock), self._floor(clock))
        raised = self._due(clock, due) if due != self._at(clock) else clock
        return raised._replace(original_due_on=raised.due_on, breaches=())

    def _changed(self, standing: Sequence[Clock]) -> tuple[Clock, ...]:
        """Return the clocks that go on, stop or are met by where the case stands in the new version."""
        return after_change(
            self.new,
            self.state,
            self.fields,
            self.applies,
            standing,
            came_from=self.state,
            case_id=self.case_id,
            now_at=self.now_at,
            calendar=self.calendar,
        )

    def _counts_otherwise(self, clock: Clock) -> bool:
        """Say whether a live clock would be counted otherwise by the new version, so that the row says its day."""
        before, now = self.old.deadlines.get(clock.name), self.new.deadlines.get(clock.name)
        is_live = clock.status in _LIVE and now is not None
        return is_live and (before is None or now is None or _counts(before) != _counts(now))

    def _dated(self, clock: Clock) -> Clock:
        """Return a live clock with the day that it has in the new version; its arming is not looked at yet."""
        declared = self.new.deadlines[clock.name]
        if not self._counts_otherwise(clock):
            return clock
        counted = recomputed(self.new, declared, clock, self.fields, calendar=self.calendar)
        was, now = self._at(clock), self._at(counted)
        if was == now:
            return counted._replace(arming=clock.arming, rung=clock.rung, next_at=clock.next_at)
        if self._is_late(clock) or (now > was and self._is_law(clock.name)):
            due = was
        elif now < was:
            due = min(was, max(now, self._floor(clock)))
        else:
            due = now
        return self._due(counted, due)._replace(arming=clock.arming, rung=clock.rung, next_at=clock.next_at)

    def _due(self, clock: Clock, due: tuple[str, int]) -> Clock:
        """Return a clock that is due at another time than its term comes to; it is kept there by what is written."""
        declared = self.new.deadlines[clock.name]
        given = self.fields.get(declared.due.field) if isinstance(declared.due, OnField) else None
        day, at = due
        return clock._replace(
            due_on=day,
            due_at=None if clock.due_at is None else at,
            given_on=clock.given_on if given is None or str(given) == day else str(given),
        )

    def _at(self, clock: Clock) -> tuple[str, int]:
        """Return when a clock is due, so that it can be compared: its local day, and its instant or the day's end."""
        if clock.due_at is not None:
            return clock.due_on, clock.due_at
        return clock.due_on, self._end_of(date.fromisoformat(clock.due_on))

    def _floor(self, clock: Clock) -> tuple[str, int]:
        """Return the earliest time at which a clock may be due by the move; one at rest goes on with as much."""
        day = self.not_before
        if clock.status is Status.PAUSED and clock.pauses and clock.pauses[-1].to_at is None:
            day = local_day(clock.pauses[-1].from_at, self.calendar.tz) + self.grace
        return day.isoformat(), self._end_of(day)

    def _end_of(self, day: date) -> int:
        """Return the last minute of a local day, in microseconds since 1970 UTC."""
        return begins_at((day + timedelta(days=1)).isoformat(), self.calendar.zone) - _LAST_MINUTE

    def _is_late(self, clock: Clock) -> bool:
        """Say whether a live clock is late, or was when it was stopped."""
        at = self.now_at
        if clock.status is Status.PAUSED and clock.pauses and clock.pauses[-1].to_at is None:
            at, clock = clock.pauses[-1].from_at, clock._replace(status=Status.RUNNING)
        return is_overdue(clock, now_at=at, today=local_day(at, self.calendar.tz))

    def _armed(self, before: Clock | None, after: Clock) -> Clock:
        """Return a running clock with the first rung whose time is not past; the same if its rungs stay as set."""
        if after.status is not Status.RUNNING:
            return after
        steps = timetable(self.new).ladders[after.name]
        if before is not None and before.status is Status.RUNNING:
            as_before = timetable(self.old).ladders.get(after.name) == steps
            if as_before and (before.due_on, before.due_at) == (after.due_on, after.due_at):
                return after
        rung = 0
        while (step := steps.step(rung)) is not None and self._comes_at(after, rung) <= self.now_at:
            rung += 1
        if rung and before is not None and before.next_at is not None and before.next_at <= self.now_at:
            rung -= 1  # one had come due and was not sent yet: it is not lost
            step = steps.step(rung)
        arming = after.arming if before is None or after.arming > before.arming else before.arming + 1
        return after._replace(arming=arming, rung=rung, next_at=None if step is None else self._comes_at(after, rung))

    def _comes_at(self, clock: Clock, rung: int) -> int:
        """Return when a rung of a clock comes due."""
        step = timetable(self.new).ladders[clock.name].step(rung)
        assert step is not None  # asked before
        return rung_due_at(step, clock.due_on, clock.due_at, self.calendar)


def _counts(declared: Deadline) -> tuple[object, ...]:
    """Return of a declaration what its due day follows from; a state that was entered may be called otherwise now."""
    starts = declared.starts if isinstance(declared.starts, StartsByField) else None
    return declared.due, starts, declared.count_start, declared.end_roll, declared.unpublished


def _by_law(declared: Deadline) -> Text:
    """Return the sentence that a term of law does not end by a move."""
    return Text(
        "'{title}' is set by law and runs; the new version would end it",
        "期限“{title}”由法律规定且正在计时；新版本将使其终止",
    ).format(title=declared.title)
