"""Random histories of a term against a model of their own: no breach is lost, nothing is met without its act."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from deadline_model import INSIDE, Term
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_engine_deadlines_clock import LEAD

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock, Extended, Status, extended, paused, resumed
from engine.deadlines.lateness import breaches_by, recorded
from engine.workflow.deadline import Deadline, EndsByEntering, EndsByField, StartsByField, TermUnit, Within
from engine.workflow.deadline import Term as Length
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import microseconds

FIRST = date(2019, 7, 1)
PLAIN = Calendar(name="plain", tz="UTC")
STATUS = {
    Status.RUNNING: "running",
    Status.PAUSED: "resting",
    Status.MET: "met",
    Status.LIFTED: "lifted",
}
ENDS = {"leaving": None, "entering": EndsByEntering(states=("done",)), "field": EndsByField(field="told_on")}


def declared(ends: str, reopen: str) -> Workflow:
    """Return a workflow with one term of ten days from the receipt on."""
    plain: dict[str, Any] = {
        "starts": StartsByField(field="received_on"),
        "runs_in": ("work",),
        "paused_in": ("rest",),
        "due": Within(term=Length(amount=10, unit=TermUnit.DAYS)),
        "ends": ENDS[ends],
        "end_roll": "none",
        "reopen": reopen,
    }
    term: Deadline = replace(LEAD.deadlines["verification"], name="term", **plain)
    states = {name: replace(LEAD.states["assigned"], name=name) for name in ("work", "rest", "done", "away")}
    return replace(LEAD, deadlines={"term": term}, states=states)


class Played:
    """The engine and the model, side by side."""

    def __init__(self, ends: str, reopen: str) -> None:
        self.workflow = declared(ends, reopen)
        self.term = self.workflow.deadlines["term"]
        self.model = Term(length=10, ends=ends, reopen=reopen)
        self.clocks: tuple[Clock, ...] = ()
        self.day, self.state, self.required = FIRST, "", True
        self.start = FIRST
        self.told: date | None = None
        self.seen: set[tuple[int, str, str]] = set()

    @property
    def now_at(self) -> int:
        """Noon of the day."""
        return microseconds(datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC))

    @property
    def fields(self) -> dict[str, object]:
        """The values of the case."""
        told: dict[str, object] = {} if self.told is None else {"told_on": self.told.isoformat()}
        return {"received_on": self.start.isoformat(), **told}

    def change(self, state: str) -> None:
        """Change the case in both."""
        came_from = self.state or None
        changed = after_change(
            self.workflow, state, self.fields, {"term": self.required}, self.clocks,
            came_from=came_from, case_id=1, now_at=self.now_at, calendar=PLAIN,
        )  # fmt: skip
        self.model.change(self.day, came_from, state, required=self.required, start=self.start, told=self.told)
        self.state = state
        self._keep(changed)

    def act(self, what: str, extra: int) -> None:
        """Do what an officer does to a term, where the term lets it."""
        newest = self.clocks[-1] if self.clocks else None
        if newest is None or newest.status > Status.PAUSED:
            return
        if what == "pause" and newest.status is Status.RUNNING:
            after = paused(newest, from_at=self.now_at, reason="r", by="li", noted_at=self.now_at)
            self.model.pause(self.day)
        elif what == "resume" and newest.status is Status.PAUSED and self.state == "work":
            after = resumed(self.workflow, self.term, newest, self.fields, to_at=self.now_at, calendar=PLAIN)
            self.model.resume(self.day)
        elif what == "extend" and newest.status is Status.RUNNING:
            more = Extended(
                amount=extra, unit="days", reason="r", signed_by="", filed_on="", by="li", noted_at=self.now_at,
                exception=False,
            )  # fmt: skip
            after = extended(self.workflow, self.term, newest, self.fields, more, calendar=PLAIN)
            self.model.extend(extra)
        else:
            return
        self._keep((recorded(newest, after, now_at=self.now_at, calendar=PLAIN),))

    def wait(self, days: int) -> None:
        """Let days go by without anything that looks at the term."""
        self.model.pass_days(self.day, self.day + timedelta(days=days - 1))
        self.day += timedelta(days=days)

    def _keep(self, changed: tuple[Clock, ...]) -> None:
        """Keep what changed and compare the two."""
        ids = {each.id for each in changed}
        kept = (each for each in self.clocks if each.id not in ids)
        new = (each if each.id is not None else each._replace(id=len(self.clocks) + 1) for each in changed)
        self.clocks = tuple(sorted((*kept, *new), key=lambda each: each.id or 0))
        self.compare()

    def compare(self) -> None:
        """Hold the two against one another, and what is on record against what was."""
        assert [(STATUS[each.status], each.due_on, each.met_on) for each in self.clocks] == [
            (each.status, self.model.due(each).isoformat(), each.met_on.isoformat() if each.met_on else None)
            for each in self.model.rounds
        ]
        on_record = {(each.round, late.due_on, late.first_late_on) for each in self.clocks for late in each.breaches}
        assert self.seen <= on_record, "a breach is gone"
        self.seen = on_record
        for clock, days in zip(self.clocks, self.model.late_days, strict=True):
            spans = breaches_by(clock, now_at=self.now_at, calendar=PLAIN)
            for day in days:
                assert any(each.first_late_on <= day.isoformat() <= (each.ended_on or "9") for each in spans), day


EVENTS = st.tuples(
    st.integers(0, 9),
    st.sampled_from(
        ["work", "rest", "done", "away", "work", "flip", "flip", "start", "told", "untold", "pause", "resume", "extend"]
    ),
    st.integers(1, 12),
)


@pytest.mark.parametrize("reopen", ["restart", "continue", "none"])
@pytest.mark.parametrize("ends", ENDS)
@given(events=st.lists(EVENTS, max_size=14))
@settings(max_examples=150, deadline=None)
def test_random_histories(ends: str, reopen: str, events: list[tuple[int, str, int]]) -> None:
    """Toggles, moves, corrections, pauses, extensions and downtime: days, ends and breaches are the model's."""
    played = Played(ends, reopen)
    played.change("work")
    for gap, what, extra in events:
        played.wait(gap)
        if what in {*INSIDE, "done", "away"}:
            played.change(what)
        elif what in {"pause", "resume", "extend"}:
            played.act(what, extra)
        else:
            if what == "flip":
                played.required = not played.required
            elif what == "start":
                played.start = min(played.day, FIRST + timedelta(days=extra - 6))
            else:
                played.told = played.day if what == "told" else None
            played.change(played.state)
    played.wait(1)
    played.compare()
