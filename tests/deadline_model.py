"""What a term of days is, day by day: an independent model of the rules of lateness, for the random histories.

It counts days one by one and knows nothing of the engine: states are `work` (the term runs), `rest` (it rests),
`done` (the act, where entering is one) and `away`. The rules are R1 to R6 of docs/deadlines.md.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

INSIDE = ("work", "rest")


@dataclass(slots=True)
class Round:
    """One running of the term."""

    start: date
    status: str = "running"
    rests: list[list[date | None]] = field(default_factory=list)
    """From which day to which; the last day counts again. An open end is None."""
    by_officer: bool = False
    """The rest that lasts was an officer's word."""
    longer: int = 0
    met_on: date | None = None
    ended_on: date | None = None
    why: str = ""


@dataclass(slots=True)
class Term:
    """A term of *length* days with its declaration, as it goes through a history."""

    length: int
    ends: str
    """leaving, entering or field."""
    reopen: str
    rounds: list[Round] = field(default_factory=list)
    late_days: list[set[date]] = field(default_factory=list)
    """Of each round, the days at whose end it ran past its day."""

    def due(self, each: Round) -> date:
        """Return the day that is the last of the term: days are counted one by one, but for those of rests."""
        day, left = each.start, self.length + each.longer
        while left:
            day += timedelta(days=1)
            left -= not any(begin <= day < end for begin, end in each.rests if begin is not None and end is not None)
        return day

    def is_late(self, day: date) -> bool:
        """Say whether the newest round runs past its day on *day*."""
        return bool(self.rounds) and self.rounds[-1].status == "running" and self.due(self.rounds[-1]) < day

    def pass_days(self, first: date, last: date) -> None:
        """Let the days from *first* to *last* go by; on each the term may be late."""
        day = first
        while day <= last:
            if self.is_late(day):
                self.late_days[-1].add(day)
            day += timedelta(days=1)

    def change(
        self, day: date, came_from: str | None, state: str, *, required: bool, start: date, told: date | None
    ) -> None:
        """Change the case: its state, whether the term is required of it, its start, the day of the act."""
        inside = state in INSIDE
        act = self._act(day, came_from, state, told)
        if not self.rounds:
            if inside and required:
                self._begin(start, state, told)
            return
        last = self.rounds[-1]
        if last.status in {"running", "resting"}:
            if act is not None:
                self._end(last, day, "met", act)
            elif not inside or not required:
                self._end(last, day, "lifted", None, "condition" if inside else "left")
            else:
                self._correct(last, start)
                self._stand(last, day, state)
        elif last.status == "met":
            self._of_met(last, day, came_from, state, required=required, start=start, told=told)
        else:
            self._of_lifted(last, day, state, required=required, start=start, told=told)

    def pause(self, day: date) -> None:
        """Stop the term by an officer's word."""
        last = self.rounds[-1]
        last.rests.append([day, None])
        last.status, last.by_officer = "resting", True

    def resume(self, day: date) -> None:
        """Let it run again by an officer's word."""
        self._wake(self.rounds[-1], day)

    def extend(self, days: int) -> None:
        """Make it longer."""
        self.rounds[-1].longer += days

    def _act(self, day: date, came_from: str | None, state: str, told: date | None) -> date | None:
        if self.ends == "field":
            return told
        if self.ends == "entering":
            return day if state == "done" and came_from != "done" else None
        return None if state in INSIDE else day

    def _begin(self, start: date, state: str, told: date | None) -> None:
        self.rounds.append(Round(start))
        self.late_days.append(set())
        if self.ends == "field" and told is not None:
            self.rounds[-1].status, self.rounds[-1].met_on, self.rounds[-1].ended_on = "met", told, start
        else:
            self._stand(self.rounds[-1], start, state)

    def _of_lifted(self, last: Round, day: date, state: str, *, required: bool, start: date, told: date | None) -> None:
        if last.why == "left":
            self._back(last, day, state, required=required, start=start, told=told)
        elif state not in INSIDE:
            last.why, last.ended_on = "left", day
        else:
            self._correct(last, start)
            if not required:
                return
            last.status, last.why = "running", ""
            if self.ends == "field" and told is not None:
                self._end(last, day, "met", told)
            else:
                self._stand(last, day, state)

    def _of_met(
        self, last: Round, day: date, came_from: str | None, state: str, *, required: bool, start: date,
        told: date | None,
    ) -> None:  # fmt: skip
        if self.ends != "field":
            self._back(last, day, state, required=required, start=start, told=told)
        elif told is not None:
            last.met_on = told
        elif state not in INSIDE:
            self._end(last, day, "lifted", None, "left")
        elif came_from not in INSIDE:
            self._back(last, day, state, required=required, start=start, told=told)
        elif not required:
            self._end(last, day, "lifted", None, "condition")
        else:
            last.status, last.met_on = "running", None
            self._correct(last, start)
            self._stand(last, day, state)

    def _back(self, last: Round, day: date, state: str, *, required: bool, start: date, told: date | None) -> None:
        if state not in INSIDE or not required or self.reopen == "none":
            return
        if self.reopen == "restart":
            if self.ends != "field" or told is None:
                self._begin(day, state, told)
            return
        last.rests.append([last.ended_on, day])
        last.status, last.why, last.met_on = "running", "", None
        self._correct(last, start)
        if self.ends == "field" and told is not None:
            self._end(last, day, "met", told)
        else:
            self._stand(last, day, state)

    def _correct(self, last: Round, start: date) -> None:
        if len(self.rounds) == 1:
            last.start = start

    def _stand(self, last: Round, day: date, state: str) -> None:
        if state == "rest" and last.status == "running":
            last.rests.append([day, None])
            last.status, last.by_officer = "resting", False
        elif state == "work" and last.status == "resting" and not last.by_officer:
            self._wake(last, day)

    def _wake(self, last: Round, day: date) -> None:
        last.rests[-1][1] = day
        last.status = "running"

    def _end(self, last: Round, day: date, status: str, met_on: date | None, why: str = "") -> None:
        if last.status == "resting":
            self._wake(last, day)
        last.status, last.met_on, last.ended_on, last.why = status, met_on, day, why
