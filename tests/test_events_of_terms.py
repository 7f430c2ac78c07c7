"""The table of events (docs/deadlines.md) on real ledgers: what each does to a term that stands in each way.

The verification of a lead lasts two months: assigned on Monday 2019-07-01, it is due on Monday 2019-09-02. A term that
rests or ended did so on 2019-07-08, or, where it was late by then, on Thursday 2019-09-05. What happens then happens on
2019-07-10 or 2019-09-10.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ledgers import DAY, START, Move, Story, furnished
from paths import ASSIGN, DECLINE, SHELVE, verify

from engine.deadlines.clock import Clock, Status, ended
from engine.errors import NotFoundError, RefusedError
from engine.operations.cases import casework
from engine.operations.cases.handing_over import hand_over
from engine.operations.cases.unlinking import unlink
from engine.operations.deadlines import reprojecting
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.recipients import Recipients
from engine.operations.deadlines.standings import standing, standings
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause
from engine.operations.house import registration, verifying
from engine.operations.house.own_days import set_days
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import clock_rows, house_rows
from engine.workflow.deadline import Deadline, Term, TermUnit
from engine.working_days.instants import local_day
from workflows.loader import Declarations

EARLY, LATE = START + 9 * DAY, START + 71 * DAY
ENDED_EARLY, ENDED_LATE = START + 7 * DAY, START + 66 * DAY
STANDINGS = ("in time", "late", "resting", "resting, late", "met", "met late", "lifted", "lifted late")
SHELVED = Move("zhou", "shelve", "shelved", {**SHELVE.values, "next_review_on": "+60"})

LATE_SINCE = ("2019-09-02", "2019-09-03")


def breach(ended_on: str | None = None, why: str = "") -> tuple[str, str, str | None, str]:
    """Return a time in which the verification was late."""
    return (*LATE_SINCE, ended_on, why)


RECORD = {
    "late": [breach()],
    "resting, late": [breach("2019-09-05", "paused")],
    "met late": [breach("2019-09-05", "met")],
    "lifted late": [breach("2019-09-05", "lifted")],
}
"""What is on record before anything else happens."""


class Stands(NamedTuple):
    """How the term stands: what a row of the table says."""

    status: str
    due_on: str
    breaches: list[tuple[str, str, str | None, str]]


def after(status: str, due_on: str = "2019-09-02", *breaches: tuple[str, str, str | None, str]) -> Stands:
    """Return a row of the table."""
    return Stands(status, due_on, list(breaches))


REFUSED = "refused"
AS_BEFORE = "as before"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Lend a furnished ledger on each database; another unit has officers too."""
    with furnished(database_url) as made:
        keeper = Acting(made, "keeper", START)
        for code, role in {"hu": "office", "gao": "verifier", "luo": "supervising_leader"}.items():
            registration.add_officer(keeper, code, f"{code}某", roles=[role], unit="0102")
        registration.grant(keeper, "zhou", "office", "0102")
        registration.grant(keeper, "tang", "office", "0101")
        yield made


def standing_so(ledger: Ledger, how: str) -> Story:
    """Return a lead whose verification stands in that way, the story's clock at the moment of the event."""
    story = Story(ledger)
    story.take(ASSIGN)
    is_late = "late" in how
    story.now = ENDED_LATE if is_late else ENDED_EARLY
    if "resting" in how:
        story.take(SHELVED)
    elif "met" in how:
        story.take(verify("partly"))
    elif "lifted" in how:
        story.take(DECLINE)
    story.now = LATE if is_late else EARLY
    return story


def term(story: Story, now: datetime | None = None) -> Clock:
    """Return the newest verification of the lead, with the lateness that lasts."""
    clocks = clock_rows.of_case(story.ledger.store, story.lead.id)
    clock = [each for each in clocks if each.name == "verification"][-1]
    view = standing(story.ledger, story.lead, clock, now=now or story.now)
    return clock._replace(breaches=view.breaches)


def stands(story: Story, now: datetime | None = None) -> Stands:
    """Return how the verification stands."""
    clock = term(story, now)
    noted = [(each.due_on, each.first_late_on, each.ended_on, each.why) for each in clock.breaches]
    return Stands(clock.status.name.lower(), clock.due_on, noted)


def extended(story: Story) -> None:
    """Extend by a month; by the leading group as an exception where it is late."""
    acting = Acting(story.ledger, "tang" if story.now == LATE else "zhou", story.now)
    extend(
        acting, story.number, "verification", length=Term(amount=1, unit=TermUnit.MONTHS), reason="证人在外",
        signed_by="zhao", filed_on=story.now.date(), exception=story.now == LATE,
    )  # fmt: skip


def paused(story: Story) -> None:
    """Stop the clock by an officer's word."""
    pause(Acting(story.ledger, "tang", story.now), story.number, "verification", reason="等鉴定")


def voided(story: Story) -> None:
    """Void the lead."""
    casework.void(Acting(story.ledger, "tang", story.now), story.number, reason="误录")


def handed_over(story: Story) -> None:
    """Hand the lead over to the other unit."""
    named = {"handler": "gao", "responsible_leader": "luo"}
    hand_over(Acting(story.ledger, "zhou", story.now), story.number, "0102", named, reason="发生地在该院")


def days_off(story: Story) -> None:
    """Announce that the due day and the day after are off."""
    off = (date(2019, 9, 2), date(2019, 9, 3))
    set_days(Acting(story.ledger, "keeper", story.now), "0101", *off, works=False, reason="停电")


def reprojected(story: Story) -> None:
    """Announce days off, and let the calendar in force move what runs."""
    days_off(story)
    for each in list(reprojecting.moves(story.ledger)):
        reprojecting.move(Acting(story.ledger, "zhou", story.now), each, reason="放假调整")


def noted(story: Story) -> None:
    """Do what touches no term."""
    casework.note(Acting(story.ledger, "zhou", story.now), story.number, "电话催问")


EVENTS: dict[str, tuple[Callable[[Story], None], dict[str, Stands | str]]] = {
    "a note": (noted, dict.fromkeys(STANDINGS, AS_BEFORE)),
    "extend": (
        extended,
        {
            "in time": after("running", "2019-10-08"),
            "late": after("running", "2019-10-08", breach("2019-09-10", "extended")),
            **dict.fromkeys(STANDINGS[2:], REFUSED),
        },
    ),
    "pause": (
        paused,
        {
            "in time": after("paused"),
            "late": after("paused", "2019-09-02", breach("2019-09-10", "paused")),
            **dict.fromkeys(STANDINGS[2:], REFUSED),
        },
    ),
    "void": (
        voided,
        {
            "in time": after("cancelled"),
            "late": after("cancelled", "2019-09-02", breach("2019-09-10", "cancelled")),
            "resting": after("cancelled"),
            "resting, late": after("cancelled", "2019-09-02", breach("2019-09-05", "paused")),
            **dict.fromkeys(STANDINGS[4:], AS_BEFORE),
        },
    ),
    "hand-over": (handed_over, dict.fromkeys(STANDINGS, AS_BEFORE)),
    "days off announced": (days_off, dict.fromkeys(STANDINGS, AS_BEFORE)),
    "reproject": (
        reprojected,
        {
            "in time": after("running", "2019-09-04"),
            # Late by the new day as well, which is another lateness.
            "late": after(
                "running", "2019-09-04", breach("2019-09-10", "moved"), ("2019-09-04", "2019-09-05", None, "")
            ),
            "resting": after("paused", "2019-09-04"),
            "resting, late": after("paused", "2019-09-04", breach("2019-09-05", "paused")),
            **dict.fromkeys(STANDINGS[4:], AS_BEFORE),
        },
    ),
}


@pytest.mark.parametrize("how", STANDINGS)
@pytest.mark.parametrize("event", EVENTS)
def test_what_an_event_does_to_a_term(ledger: Ledger, event: str, how: str) -> None:
    """Due day, status and what is on record of lateness are those of the table, and the journal proves it."""
    happens, rows = EVENTS[event]
    story = standing_so(ledger, how)
    before = stands(story)
    assert before.breaches == RECORD.get(how, [])

    expected = rows[how]
    if expected == REFUSED:
        with pytest.raises((RefusedError, NotFoundError)):
            happens(story)
    else:
        happens(story)

    assert stands(story) == (before if isinstance(expected, str) else expected)
    assert verifying.verify(ledger)[1] == ()


BACK = START + 31 * DAY
"""A day on which nothing was late yet; the journal has gone on to September by then."""


def test_a_clock_that_is_set_back_makes_nothing_punctual(ledger: Ledger) -> None:
    """Late is judged by the journal's last instant: shown as late, and more time is an exception as it was before."""
    story = standing_so(ledger, "late")
    noted(story)
    late = stands(story)
    story.now = BACK
    assert stands(story) == late == after("running", "2019-09-02", breach())
    assert [each.clock.name for each in standings(ledger, overdue=True, now=BACK)] == ["verification"]
    office = Acting(ledger, "zhou", BACK)
    with pytest.raises(RefusedError, match="2019-09-02 到期"):
        extend(
            office, story.number, "verification", length=Term(amount=1, unit=TermUnit.MONTHS), reason="证人在外",
            signed_by="zhao", filed_on=BACK.date(),
        )  # fmt: skip
    with pytest.raises(RefusedError, match="2019-09-02 到期"):
        pause(office, story.number, "verification", reason="等鉴定")
    story.take(verify("partly"))
    assert stands(story) == after("met", "2019-09-02", breach("2019-09-10", "met"))
    assert verifying.verify(ledger)[1] == ()


def test_a_clock_that_is_set_back_gives_no_later_day(ledger: Ledger) -> None:
    """A day that was given and is over by the journal is not made later under an earlier clock."""
    story = Story(ledger, handling_due_on="2019-08-15")
    story.take(ASSIGN)
    story.now = START + 60 * DAY
    noted(story)
    story.now = BACK
    with pytest.raises(RefusedError, match="2019-08-15"):
        casework.amend(Acting(ledger, "zhou", BACK), story.number, {"handling_due_on": "2019-09-30"}, reason="改期")


def test_a_clock_that_is_set_back_reminds_nobody_twice(ledger: Ledger) -> None:
    """What the sweep has sent is not sent again when the old time comes back."""
    standing_so(ledger, "late")
    first = sweep(ledger, now=LATE)
    again = [sweep(ledger, now=each) for each in (BACK, LATE)]
    assert first.reminded > 0
    assert [each.reminded for each in again] == [0, 0]


def test_after_a_hand_over_the_new_people_hear(ledger: Ledger) -> None:
    """The term and its lateness go with the lead; the ladder asks the officers of the unit that has it now."""
    story = standing_so(ledger, "late")
    handed_over(story)
    heard = {code for code, _ in Recipients(ledger, LATE.date()).of(
        ledger.rules_of(story.lead).workflow, story.lead, ["handler", "office"]
    )}  # fmt: skip
    assert heard == {"gao", "hu", "zhou"}
    story.take(Move("gao", "verify", "verified", {**verify("partly").values, "verifiers": ["gao"]}))
    assert stands(story) == after("met", "2019-09-02", breach("2019-09-10", "met"))


def disposal(story: Story) -> Stands:
    """Return how the disposal of a lead stands, which runs until it is assigned."""
    (clock,) = (c for c in clock_rows.of_case(story.ledger.store, story.lead.id) if c.name == "disposal")
    view = standing(story.ledger, story.lead, clock, now=story.now)
    noted = [(each.due_on, each.first_late_on, each.ended_on, each.why) for each in view.breaches]
    return Stands(clock.status.name.lower(), clock.due_on, noted)


LINKED = {
    # Received on Friday 2019-06-28, disposed of within a month: by Monday 2019-07-29.
    "in time": (9, "2019-07-29", [], []),
    "late": (
        35,
        "2019-07-29",
        [("2019-07-29", "2019-07-30", "2019-08-05", "cancelled")],
        [("2019-07-29", "2019-07-30", "2019-08-05", "cancelled"), ("2019-07-29", "2019-08-05", None, "")],
    ),
}


@pytest.mark.parametrize("how", LINKED)
def test_a_lead_that_repeats_another_and_does_not(ledger: Ledger, how: str) -> None:
    """Linked, its terms are cancelled and its lateness stays; unlinked, they are as before. The first keeps its own."""
    days, due_on, then, since = LINKED[how]
    first, story = Story(ledger, received_on="2019-06-20"), Story(ledger)
    story.now = first.now = START + days * DAY
    acting = Acting(ledger, "zhou", story.now)
    before = disposal(first)
    casework.link(acting, story.number, first.number, reason="同一事项")
    assert disposal(story) == after("cancelled", due_on, *then)
    assert disposal(first) == before
    unlink(acting, story.number, reason="并非同一事项")
    assert disposal(story) == after("running", due_on, *since)
    assert verifying.verify(ledger)[1] == ()


def test_a_paused_term_of_a_case_that_counts_no_more(ledger: Ledger) -> None:
    """Cancelled while it is paused, a term keeps its day, and the journal holds: linked, unlinked, void."""
    first, repeat, mistake = Story(ledger), Story(ledger), Story(ledger)
    acting = Acting(ledger, "zhou", START + 10 * DAY)
    for story in (repeat, mistake):
        story.now = acting.now
        pause(acting, story.number, "disposal", reason="等鉴定")
    later = Acting(ledger, "zhou", START + 20 * DAY)
    casework.link(later, repeat.number, first.number, reason="同一事项")
    casework.void(later, mistake.number, reason="误录")
    for story in (repeat, mistake):
        story.now = later.now
        assert disposal(story) == after("cancelled", "2019-07-29")
    assert verifying.verify(ledger)[1] == ()
    unlink(Acting(ledger, "zhou", START + 30 * DAY), repeat.number, reason="并非同一事项")
    repeat.now = START + 30 * DAY
    assert disposal(repeat) == after("paused", "2019-07-29")
    assert verifying.verify(ledger)[1] == ()


def test_the_terms_of_the_first_go_by_the_earlier_receipt(ledger: Ledger) -> None:
    """A repeat that was received earlier moves the first's start: due on Monday 2019-07-22, late at once if past it."""
    first, story = Story(ledger), Story(ledger, received_on="2019-06-20")
    story.now = first.now = START + 25 * DAY
    casework.link(Acting(ledger, "zhou", story.now), story.number, first.number, reason="同一事项")
    assert disposal(first) == after("running", "2019-07-22", ("2019-07-22", "2019-07-23", None, ""))
    assert verifying.verify(ledger)[1] == ()


def test_a_new_version_of_the_workflow_leaves_running_terms(ledger: Ledger, tmp_path: Path) -> None:
    """A running case keeps the term it began with, late or not; only what begins since has the new one."""
    story = standing_so(ledger, "late")
    text = files("workflows").joinpath("lead.yaml").read_text("utf-8")
    found = re.search(r"^version: (\d+)$", text, re.MULTILINE)
    assert found is not None
    shorter = text.replace(found[0], f"version: {int(found[1]) + 1}", 1).replace(
        "    ends: {enter: verified}\n    within: 2 months", "    ends: {enter: verified}\n    within: 1 month"
    )
    (tmp_path / "lead.yaml").write_text(shorter, "utf-8")
    later = Ledger(
        ledger.store, Declarations([tmp_path], stored=lambda n, v: house_rows.kept_workflow(ledger.store, n, v))
    )
    story.ledger = later
    noted(story)
    assert stands(story) == after("running", "2019-09-02", breach())
    new = Story(later)
    new.now = START
    new.take(ASSIGN)
    assert term(new, START).due_on == "2019-08-01"


def test_a_day_that_was_typed_wrong_is_put_right_in_time(ledger: Ledger) -> None:
    """A given day that was made earlier may go back to what it was; beyond that, or once it is over, it may not."""
    story = Story(ledger, handling_due_on="2019-08-20")

    def amended(day: str, days: int) -> None:
        casework.amend(Acting(ledger, "zhou", START + days * DAY), story.number, {"handling_due_on": day}, reason="改")

    amended("2019-08-02", 1)
    amended("2019-08-20", 1)
    amended("2019-08-02", 2)
    with pytest.raises(RefusedError):
        amended("2019-08-21", 2)
    with pytest.raises(RefusedError):
        amended("2019-08-20", 40)
    (clock,) = (c for c in clock_rows.of_case(ledger.store, story.lead.id) if c.name == "handling")
    assert (clock.due_on, clock.original_due_on) == ("2019-08-02", "2019-08-20")


def test_a_term_that_an_older_version_took_for_met_keeps_its_day(ledger: Ledger) -> None:
    """Its condition ceased while it was late, which an older program called met: required again, it is late at once.

    No new round begins, and the journal, which cannot be written again, still holds.
    """
    story = Story(ledger)
    crime = Move("zhou", "reclassify", "verified", {"category": "A6", "reason": "x", "signed_by": "zhao"})
    story.play([ASSIGN, verify("partly", suspected_crime=True)])
    story.now = START + 30 * DAY
    with pytest.MonkeyPatch.context() as older:
        older.setattr("engine.deadlines.change._Change._lifted", _met_by_its_condition)
        story.take(Move("zhou", crime.trigger, "", {**crime.values, "suspected_crime": False}))

    def decision() -> list[tuple[int, str, str]]:
        clocks = clock_rows.of_case(ledger.store, story.lead.id)
        return [(c.round, c.status.name, c.due_on) for c in clocks if c.name == "transfer_decision"]

    assert decision() == [(1, "MET", "2019-07-08")]
    story.now += DAY
    story.take(Move("zhou", crime.trigger, "", {**crime.values, "suspected_crime": True}))
    assert decision() == [(1, "RUNNING", "2019-07-08")]
    (clock,) = (c for c in clock_rows.of_case(ledger.store, story.lead.id) if c.name == "transfer_decision")
    assert standing(ledger, story.lead, clock, now=story.now).overdue
    assert [(each.why, each.to_at is not None) for each in clock.lifted] == [("condition", True)]
    assert verifying.verify(ledger)[1] == ()


def _met_by_its_condition(change: Any, declared: Deadline, clock: Clock, why: str) -> Clock:
    """Do what the program did before deadlines kept their identity."""
    met_on = local_day(change.now_at, "Asia/Shanghai").isoformat()
    return ended(clock, Status.MET, at=change.now_at)._replace(met_on=met_on)
