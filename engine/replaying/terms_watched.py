"""The deadlines of a replayed case: started, ended, stopped and moved as the register would, and which were missed."""

from collections.abc import Iterator

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock
from engine.deadlines.lateness import breaches_by
from engine.errors import BadValueError
from engine.replaying.lean_plan import PlayedCase
from engine.replaying.logged import MissedDeadline
from engine.working_days.calendars import Calendar


class WatchedTerms:
    """The clocks of one case."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clocks: dict[int, Clock] = {}
        self.unjudged = False
        """A day would lie in a year without a published calendar, and the workflow refuses that."""

    def changed(self, case: PlayedCase, came_from: str | None, now_at: int) -> None:
        """Let them go on after a change of the case.

        Args:
            came_from: The state before the change; None if it was just opened.
            now_at: Microseconds since 1970 UTC.
        """
        rules = case.lean.rules
        if self.unjudged or not rules.workflow.deadlines:
            return
        try:
            changed = after_change(
                rules.workflow,
                case.state,
                case.fields,
                rules.applies(case.scope),
                tuple(self._clocks.values()),
                came_from=came_from,
                case_id=0,
                now_at=now_at,
                calendar=self._calendar,
            )
        except BadValueError:
            self.unjudged = True
            return
        for each in changed:
            number = len(self._clocks) if each.id is None else each.id
            self._clocks[number] = each._replace(id=number)

    def missed(self, end_at: int) -> Iterator[MissedDeadline]:
        """Yield the deadlines that were not kept; what is not due by the end of the log is no miss.

        Args:
            end_at: The last instant of the log, in microseconds since 1970 UTC.
        """
        if self.unjudged:
            return
        for each in self._clocks.values():
            for breach in breaches_by(each, now_at=end_at, calendar=self._calendar):
                if breach.ended_on is None or breach.ended_on >= breach.first_late_on:
                    yield MissedDeadline(each.name, breach.due_on, breach.ended_on if breach.why == "met" else None)
