"""How a deadline climbs its ladder, what is left of it, and what moves its next rung; pure, over values."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from test_engine_deadlines_clock import SHANGHAI, step, with_deadline

from engine.deadlines.clock import Clock, Status, is_overdue, ladder, paused, reckoned, resumed, rung_at
from engine.deadlines.ladder import climbed, rungs_due
from engine.deadlines.remaining import left
from engine.workflow.model import Term, TermUnit, Within, Workflow
from engine.working_days.instants import microseconds

PLAIN = with_deadline()
TERM = PLAIN.deadlines["term"]


def begun(workflow: Workflow = PLAIN, now: str = "2019-07-01T10:00") -> Clock:
    """Return a deadline that has just begun."""
    (clock,) = step(workflow, "assigned", now)
    return clock


def at(text: str) -> int:
    """Return a local instant as it is stored."""
    return microseconds(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI.zone))


def test_it_climbs_rung_by_rung() -> None:
    """After each rung the next one waits at its time; after the last, none."""
    clock, rungs = begun(), ladder(PLAIN, TERM)
    assert clock.rung == 0
    assert clock.next_at == rung_at(rungs[0], clock, SHANGHAI)
    for taken in range(len(rungs) - 1):
        clock = climbed(PLAIN, TERM, clock, taken, calendar=SHANGHAI)
        assert (clock.rung, clock.next_at) == (taken + 1, rung_at(rungs[taken + 1], clock, SHANGHAI))
    clock = climbed(PLAIN, TERM, clock, len(rungs) - 1, calendar=SHANGHAI)

    assert (clock.rung, clock.next_at) == (len(rungs), None)
    assert rungs_due(PLAIN, TERM, clock, now_at=at("2029-01-01T10:00"), calendar=SHANGHAI) == ()


def test_a_rung_is_due_at_its_very_instant() -> None:
    """A microsecond before nothing is due; those that are taken are not due again, and each keeps its position."""
    clock, rungs = begun(), ladder(PLAIN, TERM)
    times = [rung_at(each, clock, SHANGHAI) for each in rungs]

    assert rungs_due(PLAIN, TERM, clock, now_at=times[0] - 1, calendar=SHANGHAI) == ()
    assert rungs_due(PLAIN, TERM, clock, now_at=times[1], calendar=SHANGHAI) == (
        (0, rungs[0][0], times[0]),
        (1, rungs[1][0], times[1]),
    )
    after = climbed(PLAIN, TERM, clock, 0, calendar=SHANGHAI)
    assert rungs_due(PLAIN, TERM, after, now_at=times[1], calendar=SHANGHAI) == ((1, rungs[1][0], times[1]),)


@pytest.mark.parametrize(
    ("unit", "amount", "today", "rest"),
    [
        (TermUnit.MONTHS, 1, "2019-07-31", 1),
        (TermUnit.MONTHS, 1, "2019-08-01", 0),
        (TermUnit.MONTHS, 1, "2019-08-02", -1),
        (TermUnit.DAYS, 10, "2019-07-01", 10),
        (TermUnit.WORKING_DAYS, 5, "2019-07-05", 1),
        (TermUnit.WORKING_DAYS, 5, "2019-07-09", -1),
    ],
)
def test_what_is_left(unit: TermUnit, amount: int, today: str, rest: int) -> None:
    """It is said in the unit of the term, months in days; none is left on the day itself."""
    workflow = with_deadline(due=Within(term=Term(amount=amount, unit=unit)))
    now = datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=SHANGHAI.zone)
    clock = begun(workflow)

    assert left(workflow.deadlines["term"], clock, now=now, today=date.fromisoformat(today), calendar=SHANGHAI) == rest


def test_it_runs_again_with_the_days_that_it_stood() -> None:
    """Ten days of standing move the date by ten days, and the ladder begins from below."""
    clock = begun()
    stopped = paused(clock, from_at=at("2019-07-02T10:00"), reason="r", by="zhou", noted_at=at("2019-07-02T10:00"))
    assert (stopped.status, stopped.next_at) == (Status.PAUSED, None)
    again = resumed(PLAIN, TERM, stopped, {}, to_at=at("2019-07-12T10:00"), calendar=SHANGHAI)

    assert (again.status, again.due_on, again.rung, again.arming) == (Status.RUNNING, "2019-08-12", 0, clock.arming + 1)
    assert again.next_at == rung_at(ladder(PLAIN, TERM)[0], again, SHANGHAI)


def test_another_edition_of_the_calendar_is_noted_without_beginning_from_below() -> None:
    """Where no date moves, the rungs that were taken stay taken; only the edition changes."""
    clock = climbed(PLAIN, TERM, begun(), 0, calendar=SHANGHAI)
    newer = replace(SHANGHAI, version="2099.1")
    after = reckoned(PLAIN, TERM, clock, {}, calendar=newer)

    assert after == clock._replace(calendar=newer.label)
    assert after != clock
    assert reckoned(PLAIN, TERM, after, {}, calendar=newer) is after


@pytest.mark.parametrize(("reopen", "rounds"), [("none", 1), ("continue", 1), ("restart", 2)])
def test_what_begins_again(reopen: str, rounds: int) -> None:
    """A deadline that was met stays met, goes on with what was left, or begins a second time, as is declared."""
    workflow = with_deadline(reopen=reopen)
    first = begun(workflow)
    met = step(workflow, "verified", "2019-07-05T10:00", (first,))
    back = step(workflow, "assigned", "2019-07-10T10:00", met)
    newest = back[-1]

    assert newest.round == rounds
    assert newest.status is (Status.MET if reopen == "none" else Status.RUNNING)
    if reopen == "continue":
        assert (newest.due_on, newest.ended_at, newest.arming) == ("2019-08-06", None, first.arming + 1)


def test_going_on_the_same_day_begins_the_ladder_from_below() -> None:
    """Met and opened again at once, a deadline keeps its date; what delivery dropped when it was met is due again."""
    workflow = with_deadline(reopen="continue")
    first = climbed(workflow, workflow.deadlines["term"], begun(workflow), 0, calendar=SHANGHAI)
    met = step(workflow, "verified", "2019-07-05T10:00", (first,))
    (again,) = step(workflow, "assigned", "2019-07-05T10:00", met)

    assert (again.due_on, again.rung, again.arming) == (first.due_on, 0, first.arming + 1)


def test_only_what_runs_is_overdue() -> None:
    """A day after its date it is late while it runs, and neither while it stands still nor when it is met."""
    clock = begun()
    stopped = paused(clock, from_at=at("2019-07-02T10:00"), reason="r", by="zhou", noted_at=at("2019-07-02T10:00"))

    late = [
        is_overdue(each, now_at=at("2019-08-02T00:00"), today=date(2019, 8, 2))
        for each in (clock, stopped, clock._replace(status=Status.MET))
    ]
    assert late == [True, False, False]
