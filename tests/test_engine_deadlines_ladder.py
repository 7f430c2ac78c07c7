"""How a deadline climbs its ladder, what is left of it, and what moves its next rung; pure, over values."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime

import pytest
from msgspec.structs import replace
from test_engine_deadlines_clock import SHANGHAI, step, with_deadline

from engine.deadlines.clock import Clock, Status, is_overdue, ladder, paused, recomputed, resumed, rung_at
from engine.deadlines.ladder import climbed, rungs_due
from engine.deadlines.remaining import left
from engine.deadlines.timetable import LadderStep
from engine.workflow.deadline import Rung, Term, TermUnit, Within
from engine.workflow.model import Workflow
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


def ending(workflow: Workflow) -> Workflow:
    """Return the workflow with an end declared for every ladder: its last rung."""
    ladders = {
        name: (*rungs[:-1], replace(rungs[-1], times=1 if rungs[-1].goes_on else rungs[-1].times))
        for name, rungs in workflow.ladders.items()
    }
    return replace(workflow, ladders=ladders)


def rung(when: str, *, every: str | None = None, times: int | None = None, night: bool = False) -> Rung:
    """Return a rung that reminds the office."""
    again = Term.of(every) if every else None
    return Rung(at=Term.of(when), level="chase", to=("office",), every=again, times=times, night=night)


DUE = {"days": ("2019-09-01", None), "hours": ("2019-08-30", "2019-08-30T15:00")}
"""A Sunday, and a Friday afternoon."""
COMES: Mapping[str, tuple[Rung, str, tuple[str, ...]]] = {
    # the last rung, and when it comes: as declared, and after `|` by the engine; Mondays after Sundays, 8 October after
    # the holidays of the first week
    "3 days before": (rung("-3 days"), "days",
        ("08-29T09:00", "|", "09-02T08:00", "10-08T08:00", "11-01T09:00", "12-02T08:00")),
    "on the day": (rung("0 days"), "days", ("09-02T08:00", "|", "10-08T08:00", "11-01T09:00", "12-02T08:00")),
    "30 days after": (rung("30 days"), "days", ("10-08T08:00", "|", "11-01T09:00", "12-02T08:00")),
    "three times": (rung("0 days", every="7 days", times=3), "days",
        ("09-02T08:00", "09-09T08:00", "09-16T08:00", "|", "10-15T09:00", "11-15T09:00", "12-16T08:00")),
    "twice, the second on the day": (rung("-7 days", every="7 days", times=2), "days",
        ("08-26T08:00", "09-02T08:00", "|", "10-08T08:00", "11-01T09:00")),
    "2 hours before": (rung("-2 hours", night=True), "hours",
        ("08-30T13:00", "|", "08-30T15:00", "09-30T15:00", "10-30T15:00")),
    "an hour after": (rung("1 hours", night=True), "hours", ("08-30T16:00", "|", "09-30T16:00", "10-30T16:00")),
}  # fmt: skip


def test_it_climbs_rung_by_rung() -> None:
    """After each rung the next one waits at its time; where a ladder is declared with an end, the engine goes on."""
    old = ending(PLAIN)
    clock, rungs = begun(old), ladder(old, TERM).steps
    assert clock.rung == 0
    assert clock.next_at == rung_at(rungs[0], clock, SHANGHAI)
    for taken in range(len(rungs) - 1):
        clock = climbed(old, TERM, clock, taken, calendar=SHANGHAI)
        assert (clock.rung, clock.next_at) == (taken + 1, rung_at(rungs[taken + 1], clock, SHANGHAI))
    clock = climbed(old, TERM, clock, len(rungs) - 1, calendar=SHANGHAI)

    again = ladder(old, TERM).step(len(rungs))
    assert again == LadderStep(rungs[-1].rung, rungs[-1].turn, 1)
    assert (clock.rung, clock.next_at) == (len(rungs), rung_at(again, clock, SHANGHAI))


def test_a_ladder_with_an_end_is_continued_month_by_month() -> None:
    """Its last rung comes again each month after its last declared coming, and first on the day it is due if before."""
    found, wanted = {}, {}
    for name, (last, unit, moments) in COMES.items():
        workflow = replace(PLAIN, ladders={str(TERM.ladder): (last,)})
        day, moment = DUE[unit]
        clock = begun(workflow)._replace(due_on=day, due_at=at(moment) if moment else None)
        steps = [ladder(workflow, TERM).step(each) for each in range(len(moments) - 1)]
        wanted[name] = [(at(f"2019-{each}"), last) for each in moments if each != "|"]
        found[name] = [(rung_at(each, clock, SHANGHAI), each.rung) for each in steps if each is not None]
        assert [each.more > 0 for each in steps if each] == sorted(each.more > 0 for each in steps if each), name
        assert sum(each.more == 0 for each in steps if each) == moments.index("|"), name

    assert found == wanted


@pytest.mark.parametrize(
    ("turn", "on"),
    [
        (0, "2019-10-08T08:00"),
        (1, "2019-11-01T09:00"),
        (2, "2019-12-02T08:00"),
        (3, "2020-01-02T08:00"),
        (12, "2020-10-09T08:00"),
        (60, "2024-10-08T08:00"),
    ],
)
def test_the_last_rung_goes_on_month_by_month(turn: int, on: str) -> None:
    """Due on 1 September: listed 30 days later and on the first of every month after it, on working mornings only."""
    clock = begun()._replace(due_on="2019-09-01")
    steps = ladder(PLAIN, TERM)
    step = steps.step(len(steps.steps) - 1 + turn)
    assert step is not None

    assert step[0].level == "listed"
    assert rung_at(step, clock, SHANGHAI) == at(on)


def test_a_ladder_that_goes_on_is_never_at_its_end() -> None:
    """However often it was climbed, a next rung waits at a later time."""
    clock = begun()
    for taken in range(40):
        before, clock = clock, climbed(PLAIN, TERM, clock, taken, calendar=SHANGHAI)
        assert clock.next_at is not None
        assert before.next_at is not None
        assert clock.next_at > before.next_at


@pytest.mark.parametrize(
    ("at_", "every", "on"),
    [
        (Term(amount=1, unit=TermUnit.HOURS), Term(amount=2, unit=TermUnit.HOURS), "2019-07-02T17:00"),
        (Term(amount=1, unit=TermUnit.HOURS), Term(amount=1, unit=TermUnit.DAYS), "2019-07-05T11:00"),
        (Term(amount=1, unit=TermUnit.DAYS), Term(amount=2, unit=TermUnit.HOURS), "2019-07-03T15:00"),
    ],
    ids=["hours after hours", "days after hours", "hours after days"],
)
def test_a_rung_of_hours_comes_again_too(at_: Term, every: Term, on: str) -> None:
    """Due on Tuesday at ten: what is repeated for the third time comes so much later, whatever the two units."""
    rung = replace(PLAIN.ladders["standard"][-1], at=at_, every=every)
    clock = begun()._replace(due_on="2019-07-02", due_at=at("2019-07-02T10:00"))

    assert rung_at(LadderStep(rung, 3), clock, SHANGHAI) == at(on)


def test_a_rung_is_due_at_its_very_instant() -> None:
    """A microsecond before nothing is due; those that are taken are not due again, and each keeps its position."""
    clock, rungs = begun(), ladder(PLAIN, TERM).steps
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
    assert again.next_at == rung_at(ladder(PLAIN, TERM).steps[0], again, SHANGHAI)


def test_another_edition_of_the_calendar_is_noted_without_beginning_from_below() -> None:
    """Where no date moves, the rungs that were taken stay taken; only the edition changes."""
    clock = climbed(PLAIN, TERM, begun(), 0, calendar=SHANGHAI)
    newer = dataclasses.replace(SHANGHAI, version="2099.1")
    after = recomputed(PLAIN, TERM, clock, {}, calendar=newer)

    assert after == clock._replace(calendar=newer.label)
    assert after != clock
    assert recomputed(PLAIN, TERM, after, {}, calendar=newer) is after


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


def test_a_stop_that_took_no_day_begins_the_ladder_from_below_too() -> None:
    """What delivery dropped when it stopped is due again, though the date is the same."""
    clock = climbed(PLAIN, TERM, begun(), 0, calendar=SHANGHAI)
    stopped = paused(clock, from_at=at("2019-07-02T10:00"), reason="r", by="zhou", noted_at=at("2019-07-02T10:00"))
    again = resumed(PLAIN, TERM, stopped, {}, to_at=at("2019-07-02T15:00"), calendar=SHANGHAI)

    assert (again.due_on, again.rung, again.arming) == (clock.due_on, 0, clock.arming + 1)
