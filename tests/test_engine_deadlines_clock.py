"""Clocks, pure: how they begin, stop, run again, are met and begin anew; in any zone, on any day."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock, Status, is_overdue, ladder, paused, recomputed, rung_at
from engine.deadlines.ladder import rungs_due
from engine.deadlines.remaining import left
from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.deadline import Deadline, OnField, StartsByEntering, StartsByField, Term, TermUnit, Within
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar, china
from engine.working_days.instants import instant, local_day, microseconds
from workflows.loader import Declarations

LEAD = Declarations().latest("lead")
BERLIN = Calendar(name="berlin", tz="Europe/Berlin")
SHANGHAI = china()


def with_deadline(**more: object) -> Workflow:
    """Return the lead's workflow with one deadline, of a month from entering `assigned`, but for *more*."""
    plain: dict[str, object] = {
        "starts": StartsByEntering(states=("assigned",)),
        "runs_in": ("assigned",),
        "due": Within(term=Term(amount=1, unit=TermUnit.MONTHS)),
        "paused_in": ("shelved",),
        **more,
    }
    term: Deadline = replace(LEAD.deadlines["verification"], name="term", **plain)
    return replace(LEAD, deadlines={"term": term})


def step(
    workflow: Workflow,
    state: str,
    now: str,
    clocks: tuple[Clock, ...] = (),
    *,
    calendar: Calendar = SHANGHAI,
    came_from: str | None = None,
    applies: bool = True,
    **fields: str,
) -> tuple[Clock, ...]:
    """Return all clocks after the case came into *state* at a local time."""
    at = datetime.fromisoformat(now)
    now_at = microseconds(at if at.tzinfo else at.replace(tzinfo=calendar.zone))
    changed = after_change(
        workflow, state, fields, {"term": applies}, clocks,
        came_from=came_from, case_id=1, now_at=now_at, calendar=calendar,
    )  # fmt: skip
    ids = {each.id for each in changed}
    return (
        *(each for each in clocks if each.id not in ids),
        *(each if each.id is not None else each._replace(id=len(clocks) + 1) for each in changed),
    )


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        pytest.param(
            "2019-12-31T10:00", Term(amount=2, unit=TermUnit.MONTHS), "2020-03-02", id="29 February, a Saturday"
        ),
        pytest.param("2019-01-31T10:00", Term(amount=1, unit=TermUnit.MONTHS), "2019-02-28", id="no 29 February"),
        pytest.param(
            "2020-02-29T10:00", Term(amount=12, unit=TermUnit.MONTHS), "2021-03-01", id="from 29 February, a Sunday"
        ),
        pytest.param(
            "2019-09-20T23:30", Term(amount=15, unit=TermUnit.DAYS), "2019-10-08", id="late at night is that day"
        ),
        pytest.param("2019-09-27T10:00", Term(amount=15, unit=TermUnit.WORKING_DAYS), "2019-10-23", id="working days"),
    ],
)
def test_due_days(start: str, term: Term, due: str) -> None:
    """Terms end where the law's conventions say, from the local day on which they begin."""
    (clock,) = step(with_deadline(due=Within(term=term)), "assigned", start)

    assert (clock.due_on, clock.original_due_on, clock.status) == (due, due, Status.RUNNING)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2019-03-30T12:00", "2019-03-31T13:00+02:00", id="an hour is skipped in spring"),
        pytest.param("2019-10-26T12:00", "2019-10-27T11:00+01:00", id="an hour comes twice in autumn"),
    ],
)
def test_hours_in_a_zone_with_summer_time(start: str, due: str) -> None:
    """24 hours are 24 hours that pass, whatever the clock on the wall does."""
    workflow = with_deadline(due=Within(term=Term(amount=24, unit=TermUnit.HOURS)), end_roll="none")
    (clock,) = step(workflow, "assigned", start, calendar=BERLIN)

    assert clock.due_at is not None
    assert instant(clock.due_at) == datetime.fromisoformat(due)
    assert not is_overdue(clock, now_at=clock.due_at, today=local_day(clock.due_at, "Europe/Berlin"))
    assert is_overdue(clock, now_at=clock.due_at + 1, today=local_day(clock.due_at, "Europe/Berlin"))


def test_days_in_a_zone_with_summer_time() -> None:
    """A day is a local day: its rung comes at nine on the wall on both sides of the change."""
    workflow = with_deadline(due=Within(term=Term(amount=3, unit=TermUnit.DAYS)), end_roll="none", ladder="short")
    (clock,) = step(workflow, "assigned", "2019-10-25T12:00", calendar=BERLIN)
    steps = ladder(workflow, workflow.deadlines["term"]).steps
    told = [instant(rung_at(each, clock, BERLIN)).astimezone(BERLIN.zone).isoformat() for each in steps[:2]]

    assert clock.due_on == "2019-10-28"
    assert told == ["2019-10-28T08:00:00+01:00", "2019-10-29T09:00:00+01:00"], "27 October is a Sunday"


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        ("2019-08-01T23:59:59", False),
        ("2019-08-02T00:00:00", True),
    ],
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_the_due_day_ends_by_the_local_clock(zone: str, now: str, overdue: bool) -> None:
    """The due day is never late, wherever the house stands."""
    calendar = Calendar(name="house", tz=zone)
    (clock,) = step(with_deadline(), "assigned", "2019-07-01T10:00", calendar=calendar)
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))

    assert clock.due_on == "2019-08-01"
    assert is_overdue(clock, now_at=microseconds(at), today=at.date()) is overdue


@pytest.mark.parametrize(
    ("rule", "rounds", "due"),
    [
        pytest.param("restart", [1, 2], "2019-10-08", id="a new term of a month"),
        pytest.param("continue", [1], "2019-09-23", id="what was left: the time away is not counted"),
        pytest.param("none", [1], None, id="it stays ended"),
    ],
)
def test_reopening(rule: str, rounds: list[int], due: str | None) -> None:
    """A case that comes back gets the term that its workflow declares."""
    workflow = with_deadline(reopen=rule)
    clocks = step(workflow, "assigned", "2019-07-01T10:00")
    clocks = step(workflow, "verified", "2019-07-15T10:00", clocks)
    assert [each.status for each in clocks] == [Status.MET]
    clocks = step(workflow, "assigned", "2019-09-04T10:00", clocks)

    assert [each.round for each in clocks] == rounds
    assert clocks[-1].status is (Status.MET if due is None else Status.RUNNING)
    assert due is None or clocks[-1].due_on == due


def test_a_state_that_pauses() -> None:
    """Time in a pausing state is not counted, and reminds of nothing."""
    workflow = with_deadline(runs_in=("assigned", "shelved"))
    clocks = step(workflow, "assigned", "2019-07-01T10:00")
    (paused,) = step(workflow, "shelved", "2019-07-11T10:00", clocks)
    (again,) = step(workflow, "assigned", "2019-07-21T10:00", (paused,))

    assert (paused.status, paused.next_at) == (Status.PAUSED, None)
    assert (again.due_on, again.original_due_on) == ("2019-08-12", "2019-08-01"), "11 August is a Sunday"
    assert again.arming == paused.arming + 1


def test_a_calendar_leaves_the_first_date() -> None:
    """Days off that are told of later move the date, never the one that was set first."""
    workflow = with_deadline()
    (clock,) = step(workflow, "assigned", "2019-07-01T10:00")
    declared = workflow.deadlines["term"]
    off = dataclasses.replace(SHANGHAI, holidays={**SHANGHAI.holidays, date(2019, 8, 1): Text("off", "放假")})
    moved = recomputed(workflow, declared, clock, {}, calendar=off)

    assert (clock.due_on, moved.due_on) == ("2019-08-01", "2019-08-02")
    assert (clock.original_due_on, moved.original_due_on) == ("2019-08-01", "2019-08-01")


def test_a_pause_by_word_outlasts_what_its_words_look_like() -> None:
    """A pause that an officer entered goes on until an officer ends it, whatever reason was typed."""
    workflow = with_deadline()
    (clock,) = step(workflow, "assigned", "2019-07-01T10:00")
    at = microseconds(datetime(2019, 7, 2, 2, tzinfo=UTC))
    still = paused(clock, from_at=at, reason="state: waiting", by="zhou", noted_at=at)

    assert step(workflow, "assigned", "2019-07-03T10:00", (still,)) == (still,)


def test_a_start_by_field_that_is_corrected() -> None:
    """A corrected day of receipt moves the date and the rungs; the first date follows, for it was a mistake."""
    workflow = with_deadline(starts=StartsByField(field="received_on"))
    clocks = step(workflow, "assigned", "2019-07-10T10:00", received_on="2019-07-05")
    (moved,) = step(workflow, "assigned", "2019-07-11T10:00", clocks, received_on="2019-07-01")

    assert [each.due_on for each in (*clocks, moved)] == ["2019-08-05", "2019-08-01"]
    assert (moved.original_due_on, moved.arming, moved.rung) == ("2019-08-01", 2, 0)


def test_a_fixed_date_never_rolls() -> None:
    """A date that was given is that date, a Saturday or not, and follows its field."""
    workflow = with_deadline(due=OnField(field="handling_due_on"))
    assert step(workflow, "assigned", "2019-07-01T10:00") == (), "no date, no clock"
    clocks = step(workflow, "assigned", "2019-07-01T10:00", handling_due_on="2019-08-31")
    (moved,) = step(workflow, "assigned", "2019-07-02T10:00", clocks, handling_due_on="2019-09-07")

    assert (clocks[0].due_on, moved.due_on) == ("2019-08-31", "2019-09-07")


@pytest.mark.parametrize("extendable", [True, False], ids=["by extension", "by no other way"])
def test_a_corrected_day_does_what_an_extension_does_not(extendable: bool) -> None:
    """Whether a day that was given can be extended or not, no correction makes another day the original one."""
    more = {} if extendable else {"extend": None}
    workflow = with_deadline(due=OnField(field="handling_due_on"), starts=StartsByField(field="received_on"), **more)
    early, late, received_on = "2019-08-31", "2020-09-07", "2019-07-01"
    clocks = step(workflow, "assigned", "2019-07-01T10:00", received_on=received_on, handling_due_on=early)
    clocks = step(workflow, "assigned", "2019-09-02T10:00", clocks, received_on=received_on, handling_due_on=late)
    (moved,) = step(workflow, "assigned", "2019-09-02T11:00", clocks, received_on="2019-07-02", handling_due_on=late)

    assert (moved.due_on, moved.original_due_on) == ("2020-09-07", early)


@pytest.mark.parametrize("policy", ["refuse", "weekdays"])
def test_a_year_that_is_not_published(policy: str) -> None:
    """It is refused in one sentence, or counted by weekdays and marked; never guessed in silence."""
    workflow = with_deadline(due=Within(term=Term(amount=20, unit=TermUnit.WORKING_DAYS)), unpublished=policy)
    if policy == "refuse":
        with pytest.raises(BadValueError, match="2027"):
            step(workflow, "assigned", "2026-12-20T10:00")
    else:
        assert step(workflow, "assigned", "2026-12-20T10:00")[0].provisional


def test_rungs_come_due_in_order() -> None:
    """What is due at a moment is the beginning of what is due later."""
    workflow = with_deadline()
    declared = workflow.deadlines["term"]
    (clock,) = step(workflow, "assigned", "2019-07-01T10:00")
    seen: list[int] = []
    for day in range(90):
        now_at = microseconds(datetime(2019, 7, 1, 2, tzinfo=UTC) + timedelta(days=day))
        due = [place for place, _, _ in rungs_due(workflow, declared, clock, now_at=now_at, calendar=SHANGHAI)]
        assert due[: len(seen)] == seen
        seen = due

    assert seen == list(range(7))


@pytest.mark.parametrize(
    ("minutes", "rest"),
    [(90, 1), (30, 0), (0, 0), (-30, -1), (-90, -2)],
    ids=["an hour and a half", "half an hour", "now", "half an hour late", "an hour and a half late"],
)
def test_what_is_left_in_hours(minutes: int, rest: int) -> None:
    """Whole hours that are left; who is late by minutes is late."""
    declared = replace(
        next(iter(with_deadline().deadlines.values())), due=Within(term=Term(amount=8, unit=TermUnit.HOURS))
    )
    due = datetime(2019, 7, 1, 18, tzinfo=UTC)
    clock = Clock(
        id=1, case_id=1, name=declared.name, round=1, status=Status.RUNNING, starts_at=0, original_due_on="2019-07-02",
        due_on="2019-07-02", due_at=microseconds(due), pauses=(), extensions=(), calendar="", provisional=False,
        arming=0, rung=0, next_at=None, ended_at=None,
    )  # fmt: skip
    now = due - timedelta(minutes=minutes)

    assert left(declared, clock, now=now, today=now.date(), calendar=china()) == rest
