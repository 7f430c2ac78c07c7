"""What a term means: the contradictions that were found, each with its right value, and the table of events.

A term of ten days begins on 2019-07-01 and is due on 2019-07-11 unless a row says otherwise.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ledgers import DAY, START, Story, furnished, register
from msgspec.structs import replace
from paths import ASSIGN, CRIME, DECLINE
from test_engine_deadlines_clock import LEAD, SHANGHAI, step

from engine.deadlines.clock import Clock, Extended, Status, extended
from engine.deadlines.lateness import breaches_by, recorded
from engine.deadlines.remaining import late_by
from engine.errors import RefusedError
from engine.operations.cases import casework
from engine.operations.deadlines import reprojecting
from engine.operations.deadlines.standings import standing
from engine.operations.deadlines.timing import explanation, pause
from engine.operations.house.own_days import set_days
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import clock_rows
from engine.workflow.deadline import (
    EndsByEntering,
    EndsByField,
    OnField,
    StartsByEntering,
    StartsByField,
    Term,
    TermUnit,
    Within,
)
from engine.workflow.model import Workflow
from engine.working_days.instants import microseconds

TEN = Within(term=Term(amount=10, unit=TermUnit.DAYS))
RECEIPT = StartsByField(field="received_on")
WORK, REST, OUT = "assigned", "shelved", "verified"


def workflow(**more: Any) -> Workflow:
    """Return the lead's workflow with one term of ten days from the receipt on, but for *more*."""
    plain: dict[str, Any] = {
        "starts": RECEIPT, "runs_in": (WORK,), "paused_in": (REST,), "due": TEN, "end_roll": "none", "ends": None,
        "reopen": "restart", "extend": None, **more,
    }  # fmt: skip
    term = replace(LEAD.deadlines["verification"], name="term", **plain)
    return LEAD.replace(deadlines={"term": term})


Happened = tuple[Any, ...]
"""Day, state, whether the condition holds, values besides the receipt."""


def played(flow: Workflow, *events: Happened) -> tuple[Clock, ...]:
    """Return all clocks after what happened, each at ten o'clock."""
    clocks: tuple[Clock, ...] = ()
    came_from = None
    for day, state, applies, *more in events:
        fields = {"received_on": "2019-07-01", **(more[0] if more else {})}
        clocks = step(flow, state, f"{day}T10:00", clocks, came_from=came_from, applies=applies, **fields)
        came_from = state
    return clocks


def stands(clocks: tuple[Clock, ...]) -> list[tuple[str, str, str | None]]:
    """Return how each round stands: status, due day, day met."""
    return [(each.status.name.lower(), each.due_on, each.met_on) for each in clocks]


def noted(clock: Clock) -> list[tuple[str, str, str | None, str]]:
    """Return what is on record of lateness."""
    return [(each.due_on, each.first_late_on, each.ended_on, each.why) for each in clock.breaches]


def given(day: str | None, **more: str) -> dict[str, str]:
    """Return values with a day that was given, or without."""
    return more if day is None else {"handling_due_on": day, **more}


GIVEN = {"due": OnField(field="handling_due_on")}
TOLD = {"ends": EndsByField(field="acceptance_told_on")}
LATE_UNTIL_20 = ("2019-07-11", "2019-07-12", "2019-07-20", "lifted")

CONTRADICTIONS: dict[str, tuple[dict[str, Any], list[Happened], list[tuple[str, str, str | None]]]] = {
    "C1 condition off and on, late": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-20", WORK, False), ("2019-07-21", WORK, True)],
        [("running", "2019-07-11", None)],
    ),
    "C2 the same where it goes on when it comes back": (
        {"reopen": "continue"},
        [("2019-07-01", WORK, True), ("2019-07-05", WORK, False), ("2019-07-21", WORK, True)],
        [("running", "2019-07-11", None)],
    ),
    "C3 the same where it never comes back": (
        {"reopen": "none", **TOLD},
        [("2019-07-01", WORK, True), ("2019-07-20", WORK, False), ("2019-07-21", WORK, True)],
        [("running", "2019-07-11", None)],
    ),
    "C4 entering b starts it, standing in a does not": (
        {"starts": StartsByEntering(states=(OUT,)), "runs_in": (WORK, OUT)},
        [("2019-07-01", WORK, True), ("2019-07-05", WORK, True), ("2019-07-06", OUT, True)],
        [("running", "2019-07-16", None)],
    ),
    "C5 entered first, the condition later": (
        {"starts": StartsByEntering(states=(WORK,))},
        [("2019-07-01", WORK, False), ("2019-07-05", WORK, True)],
        [("running", "2019-07-15", None)],
    ),
    "C5 entered first, gone on, the condition later": (
        {"starts": StartsByEntering(states=(WORK,)), "runs_in": (WORK, OUT)},
        [("2019-07-01", WORK, False), ("2019-07-03", OUT, False), ("2019-07-05", OUT, True)],
        [("running", "2019-07-15", None)],
    ),
    "C5 by a field: from the field's day, born late": (
        {},
        [("2019-07-01", WORK, False), ("2019-07-20", WORK, True)],
        [("running", "2019-07-11", None)],
    ),
    "C6 start corrected while late": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-20", WORK, True, {"received_on": "2019-07-18"})],
        [("running", "2019-07-28", None)],
    ),
    "C9 given day emptied and filled": (
        GIVEN,
        [
            ("2019-07-01", WORK, True, given("2019-07-11")),
            ("2019-07-05", WORK, True),
            ("2019-07-30", WORK, True, given("2019-07-11")),
        ],
        [("running", "2019-07-11", None)],
    ),
    "C10 left without the act": (
        {"ends": EndsByEntering(states=(OUT,))},
        [("2019-07-01", WORK, True), ("2019-07-20", "declining", True)],
        [("lifted", "2019-07-11", None)],
    ),
    "C11 condition ceases while it rests": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-03", REST, True), ("2019-07-05", REST, False)],
        [("lifted", "2019-07-13", None)],
    ),
    "C12 it begins where it rests": (
        {"paused_in": ("received",)},
        [("2019-07-01", "received", True), ("2019-07-06", WORK, True)],
        [("running", "2019-07-15", None)],
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_contradicted_is_so_no_more(case: str) -> None:
    """Each contradiction that was found has one right value."""
    more, events, expected = CONTRADICTIONS[case]

    assert stands(played(workflow(**more), *events)) == expected


def test_c6_the_breach_stays_when_the_start_is_corrected() -> None:
    """A start corrected while the term is late leaves the lateness on record, by the day as it stood."""
    (clock,) = played(workflow(), ("2019-07-01", WORK, True), ("2019-07-20", WORK, True, {"received_on": "2019-07-18"}))

    assert noted(clock) == [("2019-07-11", "2019-07-12", "2019-07-20", "moved")]
    assert [(each.original_due_on) for each in clock.starts] == ["2019-07-11"]


def test_c9_a_given_day_that_is_emptied_lifts_the_term() -> None:
    """Emptied in time it is not required, never met, and its first day stays the first when it is filled."""
    flow = workflow(**GIVEN)
    events = [("2019-07-01", WORK, True, given("2019-07-11")), ("2019-07-05", WORK, True)]
    assert stands(played(flow, *events)) == [("lifted", "2019-07-11", None)]
    (clock,) = played(flow, *events, ("2019-07-06", WORK, True, given("2019-07-09")))
    assert (clock.due_on, clock.original_due_on) == ("2019-07-09", "2019-07-11")


def test_c13_the_first_day_follows_a_corrected_start_of_a_term_that_was_extended() -> None:
    """The first due day is that of the right start without the extension; the wrong one stays in the ledger."""
    flow = workflow()
    (clock,) = played(flow, ("2019-07-01", WORK, True))
    at = microseconds(datetime(2019, 7, 2, 10, tzinfo=SHANGHAI.zone))
    more = Extended(amount=5, unit="days", reason="r", signed_by="", filed_on="", by="li", noted_at=at, exception=False)
    longer = extended(flow, flow.deadlines["term"], clock, {}, more, calendar=SHANGHAI)
    (moved,) = step(flow, WORK, "2019-07-03T10:00", (longer,), came_from=WORK, received_on="2019-07-02")

    assert (moved.due_on, moved.original_due_on) == ("2019-07-17", "2019-07-12")
    assert [each.original_due_on for each in moved.starts] == ["2019-07-11"]


TABLE: dict[str, tuple[dict[str, Any], list[Happened], list[tuple[str, str, str | None]], list[Any]]] = {
    "enter S for the first time": (
        {"starts": StartsByEntering(states=(WORK,))},
        [("2019-07-01", WORK, True)],
        [("running", "2019-07-11", None)],
        [],
    ),
    "leave by the act, in time": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-11", OUT, True)],
        [("met", "2019-07-11", "2019-07-11")],
        [],
    ),
    "leave by the act, late": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-14", OUT, True)],
        [("met", "2019-07-11", "2019-07-14")],
        [("2019-07-11", "2019-07-12", "2019-07-14", "met")],
    ),
    "leave otherwise, late": (
        {"ends": EndsByEntering(states=(OUT,))},
        [("2019-07-01", WORK, True), ("2019-07-20", "declining", True)],
        [("lifted", "2019-07-11", None)],
        [LATE_UNTIL_20],
    ),
    "re-enter, restart": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-14", OUT, True), ("2019-07-20", WORK, True)],
        [("met", "2019-07-11", "2019-07-14"), ("running", "2019-07-30", None)],
        [],
    ),
    "re-enter, continue": (
        {"reopen": "continue"},
        [("2019-07-01", WORK, True), ("2019-07-05", OUT, True), ("2019-07-10", WORK, True)],
        [("running", "2019-07-16", None)],
        [],
    ),
    "re-enter, continue, late before": (
        {"reopen": "continue"},
        [("2019-07-01", WORK, True), ("2019-07-14", OUT, True), ("2019-07-20", WORK, True)],
        [("running", "2019-07-11", None)],
        [("2019-07-11", "2019-07-12", "2019-07-14", "met")],
    ),
    "re-enter, none": (
        {"reopen": "none"},
        [("2019-07-01", WORK, True), ("2019-07-05", OUT, True), ("2019-07-10", WORK, True)],
        [("met", "2019-07-11", "2019-07-05")],
        [],
    ),
    "re-enter while it runs": (
        {"starts": StartsByEntering(states=(WORK, OUT)), "runs_in": (WORK, OUT)},
        [("2019-07-01", WORK, True), ("2019-07-05", OUT, True), ("2019-07-08", WORK, True)],
        [("running", "2019-07-11", None)],
        [],
    ),
    "condition off and on, past its day": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-20", WORK, False), ("2019-07-25", WORK, True)],
        [("running", "2019-07-11", None)],
        [LATE_UNTIL_20],
    ),
    "start field corrected": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-05", WORK, True, {"received_on": "2019-06-28"})],
        [("running", "2019-07-08", None)],
        [],
    ),
    "start corrected while it rests": (
        {},
        [
            ("2019-07-01", WORK, True),
            ("2019-07-05", REST, True),
            ("2019-07-06", REST, True, {"received_on": "2019-06-28"}),
        ],
        [("paused", "2019-07-08", None)],
        [],
    ),
    "end field set": (
        TOLD,
        [("2019-07-01", WORK, True), ("2019-07-09", WORK, True, {"acceptance_told_on": "2019-07-08"})],
        [("met", "2019-07-11", "2019-07-08")],
        [],
    ),
    "end field set late to a day in time": (
        TOLD,
        [("2019-07-01", WORK, True), ("2019-07-20", WORK, True, {"acceptance_told_on": "2019-07-10"})],
        [("met", "2019-07-11", "2019-07-10")],
        [("2019-07-11", "2019-07-12", "2019-07-10", "met")],
    ),
    "end field corrected to a late day": (
        TOLD,
        [
            ("2019-07-01", WORK, True),
            ("2019-07-09", WORK, True, {"acceptance_told_on": "2019-07-08"}),
            ("2019-07-20", WORK, True, {"acceptance_told_on": "2019-07-15"}),
        ],
        [("met", "2019-07-11", "2019-07-15")],
        [("2019-07-11", "2019-07-12", "2019-07-15", "met")],
    ),
    "end field emptied": (
        TOLD,
        [
            ("2019-07-01", WORK, True),
            ("2019-07-09", WORK, True, {"acceptance_told_on": "2019-07-08"}),
            ("2019-07-20", WORK, True),
        ],
        [("running", "2019-07-11", None)],
        [],
    ),
    "told before the term began": (
        TOLD,
        [("2019-07-05", WORK, True, {"acceptance_told_on": "2019-07-02"})],
        [("met", "2019-07-11", "2019-07-02")],
        [],
    ),
    "told after the states were left": (
        TOLD,
        [("2019-07-01", WORK, True), ("2019-07-20", OUT, True)],
        [("lifted", "2019-07-11", None)],
        [LATE_UNTIL_20],
    ),
    "pause and resume": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-05", REST, True), ("2019-07-08", WORK, True)],
        [("running", "2019-07-14", None)],
        [],
    ),
    "pause when it is late: no day is won": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-14", REST, True), ("2019-07-20", WORK, True)],
        [("running", "2019-07-11", None)],
        [("2019-07-11", "2019-07-12", "2019-07-14", "paused")],
    ),
    "met while it rests": (
        {},
        [("2019-07-01", WORK, True), ("2019-07-05", REST, True), ("2019-07-20", OUT, True)],
        [("met", "2019-07-26", "2019-07-20")],
        [],
    ),
}


@pytest.mark.parametrize("event", TABLE)
def test_the_table_of_events(event: str) -> None:
    """Each event leaves the term, its day and its record as docs/deadlines.md says."""
    more, events, expected, late = TABLE[event]
    clocks = played(workflow(**more), *events)

    assert stands(clocks) == expected
    assert noted(clocks[-1]) == late


def test_a_lateness_that_lasts_is_told_without_a_sweep() -> None:
    """Asked at any time, a clock tells the breach that is happening; nobody had to look before."""
    (clock,) = played(workflow(), ("2019-07-01", WORK, True))
    late = microseconds(datetime(2019, 12, 1, 10, tzinfo=SHANGHAI.zone))
    (breach,) = breaches_by(clock, now_at=late, calendar=SHANGHAI)

    assert clock.breaches == ()
    assert (breach.first_late_on, breach.ended_on) == ("2019-07-12", None)
    assert recorded(clock, clock, now_at=late, calendar=SHANGHAI).breaches == (breach,)


def test_the_ladder_goes_on_where_it_was_when_a_term_is_required_again() -> None:
    """A condition that ceases and holds again sends nobody the first reminder a second time."""
    flow = workflow()
    (clock,) = played(flow, ("2019-07-01", WORK, True))
    climbed = clock._replace(rung=2)
    off = step(flow, WORK, "2019-07-08T10:00", (climbed,), came_from=WORK, applies=False, received_on="2019-07-01")
    (on,) = step(flow, WORK, "2019-07-09T10:00", off, came_from=WORK, received_on="2019-07-01")

    assert (on.rung, on.arming, on.next_at is not None) == (2, clock.arming, True)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Return a furnished ledger."""
    with furnished(sqlite_url) as made:
        yield made


def at(text: str) -> datetime:
    """Return ten o'clock of a local day of Shanghai."""
    return datetime.fromisoformat(f"{text}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def newest(ledger: Ledger, number: str, name: str) -> Clock:
    """Return a deadline of a case as it is written."""
    return [each for each in clock_rows.of_case(ledger.store, ledger.case(number).id) if each.name == name][-1]


def assigned(ledger: Ledger, **more: Any) -> str:
    """Return the number of a lead that is assigned on the first day."""
    number = register(ledger, **more).number
    casework.advance(Acting(ledger, "zhou", START), number, "assign", ASSIGN.values)
    return number


def test_c7_a_step_gives_no_later_day_to_what_is_over(ledger: Ledger) -> None:
    """`assign` with a later day for the superior is refused once the old day is over, and taken before."""
    number = register(ledger, feedback_due_on="2019-07-05").number
    later = {**ASSIGN.values, "feedback_due_on": "2019-08-30"}
    with pytest.raises(RefusedError, match="已于 2019-07-05 到期"):
        casework.advance(Acting(ledger, "zhou", START + 9 * DAY), number, "assign", later)
    with pytest.raises(RefusedError, match="已于 2019-07-05 到期"):
        casework.advance(Acting(ledger, "zhou", START + 9 * DAY), number, "assign", later, dry_run=True)
    casework.advance(Acting(ledger, "zhou", START), number, "assign", later)
    assert newest(ledger, number, "superior_feedback").due_on == "2019-08-30"


def test_c8_more_time_takes_an_extension(ledger: Ledger) -> None:
    """No correction gives a term that can be extended a later day, before its day or after, whoever corrects."""
    number = assigned(ledger, handling_due_on="2019-08-01")
    for day, said in ((START, "须按延期办理"), (START + 60 * DAY, "例外延期")):
        with pytest.raises(RefusedError, match=said):
            casework.amend(Acting(ledger, "zhou", day), number, {"handling_due_on": "2019-12-01"}, reason="r")
    casework.amend(Acting(ledger, "zhou", START), number, {"handling_due_on": "2019-07-20"}, reason="笔误")
    assert newest(ledger, number, "handling").due_on == "2019-07-20"


def test_a_given_day_emptied_in_time_blocks_no_other_correction(ledger: Ledger) -> None:
    """What is not required any more leaves no day behind that is over."""
    number = assigned(ledger, handling_due_on="2019-08-01")
    casework.amend(Acting(ledger, "zhou", START), number, {"handling_due_on": None}, reason="笔误")
    after = casework.amend(Acting(ledger, "zhou", START + 60 * DAY), number, {"summary": "新的摘要"}, reason="笔误")

    assert after.case.fields["summary"] == "新的摘要"
    assert newest(ledger, number, "handling").status is Status.LIFTED


def test_c10_what_is_declined_was_not_verified(ledger: Ledger) -> None:
    """`decline` from `assigned` ends the verification as not required, not as met."""
    story = Story(ledger)
    story.play((ASSIGN, DECLINE))

    assert newest(ledger, story.number, "verification").status is Status.LIFTED


def test_c14_no_step_moves_a_day_for_days_off(ledger: Ledger) -> None:
    """Own days off leave every live due day, whatever is done to the case; only a move by hand brings them in."""
    number = assigned(ledger)
    was = newest(ledger, number, "verification").due_on
    days = date.fromisoformat(was), date(2019, 9, 10)
    set_days(Acting(ledger, "keeper", START), "0101", *days, works=False, reason="台风")
    pause(Acting(ledger, "zhou", START + DAY), number, "verification", reason="r")
    casework.amend(Acting(ledger, "zhou", START + DAY), number, {"summary": "新的摘要"}, reason="笔误")

    assert newest(ledger, number, "verification").due_on == was
    assert [each.after.due_on > was for each in reprojecting.moves(ledger)] == [True]


def test_c15_what_is_met_tells_when_and_how_late(ledger: Ledger) -> None:
    """A term that is met late is not told as met in time: the day and the lateness in its own unit."""
    number = register(ledger, real_name=True).number
    late = START + 30 * DAY
    told = {"acceptance_told_on": late.date().isoformat()}
    casework.advance(Acting(ledger, "zhou", late), number, "tell_acceptance", told)
    found = standing(ledger, ledger.case(number), newest(ledger, number, "acceptance_notice"), now=late + DAY)

    assert (found.clock.status, found.clock.met_on) == (Status.MET, late.date().isoformat())
    assert (found.late_by > 0, found.counted_in) == (True, "working_days")


@pytest.mark.parametrize(("minutes", "hours"), [(1, 1), (59, 1), (90, 1), (120, 2), (179, 2)])
def test_a_term_in_hours_is_as_late_while_it_runs_as_when_it_is_met(minutes: int, hours: int) -> None:
    """Whole hours that are over are counted, one at least, in the same way before the act and after it."""
    within = Within(term=Term(amount=24, unit=TermUnit.HOURS))
    flow = workflow(due=within, starts=StartsByEntering(states=(WORK,)))
    (clock,) = step(flow, WORK, "2019-07-01T10:00", ())
    now = datetime(2019, 7, 2, 10, tzinfo=SHANGHAI.zone) + timedelta(minutes=minutes)
    (met,) = step(flow, OUT, f"{now:%Y-%m-%dT%H:%M}", (clock,), came_from=WORK)
    late = [
        late_by(flow.deadlines["term"], each, now=now, today=now.date(), calendar=SHANGHAI) for each in (clock, met)
    ]

    assert late == [hours, hours]


def test_explain_agrees_with_the_day_of_a_term_met_while_it_rested(ledger: Ledger) -> None:
    """The rest until the act is counted into the day that stands, as it is explained."""
    story = Story(ledger)
    story.play((ASSIGN,))
    pause(Acting(ledger, "zhou", story.now), story.number, "verification", reason="r")
    story.now += 9 * DAY
    story.play((CRIME,))
    _, _, clock, way = explanation(ledger, story.number, "verification")

    assert clock.status is Status.MET
    assert way is not None
    assert str(way.due) == clock.due_on > "2019-09-10"


def test_the_case_of_the_term_of_law(ledger: Ledger) -> None:
    """Seven days late, a term of law is seven days late again when its condition ceases and holds again."""
    story = Story(ledger).play((ASSIGN, CRIME))
    due = newest(ledger, story.number, "transfer_decision").due_on
    story.now += 10 * DAY
    for crime in (False, True):
        values = {"category": "A6", "reason": "r", "signed_by": "zhao", "suspected_crime": crime}
        casework.advance(Acting(ledger, "zhou", story.now), story.number, "reclassify", values)
        clock = newest(ledger, story.number, "transfer_decision")
        assert (clock.due_on, clock.round) == (due, 1)
        assert clock.status is (Status.RUNNING if crime else Status.LIFTED)
    assert [each.ended_on for each in clock.breaches] == [story.now.date().isoformat()]
    assert standing(ledger, story.lead, clock, now=story.now).overdue


def test_the_shipped_notice_of_the_result() -> None:
    """It begins with the first of `closed` and `rectifying` that is entered, and is met by the day of telling only."""
    term = LEAD.replace(deadlines={"term": LEAD.deadlines["result_notice"].replace(name="term")})
    rows: dict[str, tuple[tuple[Happened, ...], list[tuple[str, str, str | None]]]] = {
        "closed": ((("2019-07-01", "closed", True),), [("running", "2019-07-22", None)]),
        "a ledger's own entry into the clean-up": (
            (("2019-07-01", "rectifying", True),), [("running", "2019-07-22", None)]),
        "on into the clean-up": (
            (("2019-07-01", "closed", True), ("2019-07-03", "rectifying", True)), [("running", "2019-07-22", None)]),
        "told late": (
            (("2019-07-01", "closed", True), ("2019-07-24", "closed", True, {"result_told_on": "2019-07-23"})),
            [("met", "2019-07-22", "2019-07-23")]),
        "struck off untold": (
            (("2019-07-01", "closed", True), ("2019-07-24", "struck_off", True)), [("lifted", "2019-07-22", None)]),
        "anonymous": ((("2019-07-01", "closed", False),), []),
    }  # fmt: skip
    found = {name: stands(played(term, *events)) for name, (events, _) in rows.items()}
    assert found == {name: wanted for name, (_, wanted) in rows.items()}
