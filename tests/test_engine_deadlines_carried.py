"""Deadlines that move to another version of their workflow: every rule a row, its days counted by hand."""

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from engine.deadlines.carried import Carried, Carrying
from engine.deadlines.clock import Clock, Status, paused
from engine.deadlines.lateness import breaches_by
from engine.workflow.deadline import (
    Authority,
    Deadline,
    OnField,
    Rung,
    StartsByEntering,
    Term,
    TermUnit,
    Within,
)
from engine.workflow.model import Workflow
from engine.working_days.calendars import china
from engine.working_days.instants import microseconds
from workflows.loader import Declarations

LEAD = Declarations().latest("lead")
CALENDAR = china()
START = "2019-04-01"
"""When the case came into its state; a Monday."""


def term(days: int, **more: object) -> Deadline:
    """Return a term of days that runs in `assigned` from entering it and rests in `shelved`."""
    plain: dict[str, object] = {
        "starts": StartsByEntering(states=("assigned",)),
        "runs_in": ("assigned",),
        "paused_in": ("shelved",),
        "due": Within(term=Term(amount=days, unit=TermUnit.DAYS)),
        "authority": Authority.DEFAULT,
        "ladder": "three",
        "if_": None,
        "end_roll": "none",
        "count_start": False,
        "law": None,
        "ends": None,
        "then": None,
        **more,
    }
    declared: Deadline = replace(LEAD.deadlines["verification"], name="term", **plain)
    return declared


def workflow(declared: Deadline | None, *at: int) -> Workflow:
    """Return a workflow with one deadline or none, whose reminders come at some days after it is due."""
    rungs = tuple(
        Rung(at=Term(amount=each, unit=TermUnit.DAYS), level="notice", to=("officer",)) for each in at or (-3, 0, 3)
    )
    terms = {} if declared is None else {declared.name: declared}
    found: Workflow = replace(LEAD, deadlines=terms, ladders={"three": rungs})
    return found


def at(day: str) -> int:
    """Return ten o'clock of a local day."""
    return microseconds(datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=CALENDAR.zone))


def clock_of(old: Workflow, fields: dict[str, str] | None = None) -> Clock:
    """Return the clock of a case that came into `assigned` at START under the old version."""
    given = fields or {}
    begun = Carrying(old, old, "assigned", given, {"term": True}, at(START), 1, at(START), CALENDAR, date(2019, 4, 1))
    (clock,) = begun.of(()).clocks
    return clock._replace(id=1)


def moved(
    old: Workflow, new: Workflow, clocks: tuple[Clock, ...], day: str, grace: int = 0, state: str = "assigned",
    fields: dict[str, str] | None = None, applies: bool = True,
) -> Carried:  # fmt: skip
    """Return what a move on a day makes of clocks."""
    floor = date.fromisoformat(day).toordinal() + grace
    holds = dict.fromkeys(new.deadlines, applies)
    move = Carrying(
        old, new, state, fields or {}, holds, at(START), 1, at(day), CALENDAR, date.fromordinal(floor),
        timedelta(days=grace),
    )  # fmt: skip
    return move.of(clocks)


LAW: dict[str, object] = {"authority": Authority.LAW}

DATES: list[tuple[str, int, dict[str, object], int, dict[str, object], str, int, str, str | None]] = [
    # what is judged; days before and after, more of old and new; moved on, grace; due before and after
    ("the same term: nothing moves", 20, {}, 20, {}, "2019-04-11", 0, "2019-04-21", None),
    ("longer, in time: the new day", 20, {}, 30, {}, "2019-04-11", 0, "2019-04-21", "2019-05-01"),
    ("shorter, still ahead: the new day", 20, {}, 15, {}, "2019-04-11", 0, "2019-04-21", "2019-04-16"),
    ("shorter, past: today", 20, {}, 5, {}, "2019-04-11", 0, "2019-04-21", "2019-04-11"),
    ("shorter, past: today and the grace", 20, {}, 5, {}, "2019-04-11", 4, "2019-04-21", "2019-04-15"),
    ("shorter, grace beyond the old day: the old day", 20, {}, 5, {}, "2019-04-11", 30, "2019-04-21", None),
    ("shorter on its last day: that day", 20, {}, 5, {}, "2019-04-21", 0, "2019-04-21", None),
    ("longer, late: late by the old day", 20, {}, 60, {}, "2019-04-25", 9, "2019-04-21", None),
    ("shorter, late: late by the old day", 20, {}, 5, {}, "2019-04-25", 9, "2019-04-21", None),
    ("law, longer: the old day", 20, LAW, 30, LAW, "2019-04-11", 0, "2019-04-21", None),
    ("law in the new one only, longer: the old day", 20, {}, 30, LAW, "2019-04-11", 0, "2019-04-21", None),
    ("law in the old one only, longer: the old day", 20, LAW, 30, {}, "2019-04-11", 0, "2019-04-21", None),
    ("law, shorter: the new day", 20, LAW, 15, LAW, "2019-04-11", 0, "2019-04-21", "2019-04-16"),
    ("law, shorter and past: today, never later than before", 20, LAW, 5, LAW, "2019-04-20", 9, "2019-04-21", None),
    ("the first day counts: one day earlier", 20, {}, 20, {"count_start": True}, "2019-04-11", 0, "2019-04-21",
     "2019-04-20"),
    # 2019-04-21 is a Sunday
    ("rolled to the next working day", 20, {}, 20, {"end_roll": "forward"}, "2019-04-11", 0, "2019-04-21",
     "2019-04-22"),
]  # fmt: skip


def test_a_due_day_moves_by_the_rules_only() -> None:
    """Shorter, longer, of law, late or not: each term is due on the day that a person counts; its start stays."""
    wrong: list[object] = []
    for what, days, more, then, also, day, grace, due, after in DATES:
        old, new = workflow(term(days, **more)), workflow(term(then, **also))
        clock = clock_of(old)
        found = moved(old, new, (clock,), day, grace)
        (now,) = found.clocks or (clock,)
        seen = clock.due_on, now.due_on
        kept = (now.starts_at, now.round, now.original_due_on, now.id) == (clock.starts_at, 1, due, 1)
        if seen != (due, after or due) or not kept or found.refused:
            wrong.append((what, seen))
        late = clock.due_on < day, now.due_on < day
        if late[0] != late[1] or len(breaches_by(now, now_at=at(day), calendar=CALENDAR)) != int(late[0]):
            wrong.append((what, "lateness"))
    assert not wrong


def test_no_reminder_whose_time_is_past_comes_again() -> None:
    """The next reminder after a move is the first of the new day that is still to come, or the one that was owed."""
    old = workflow(term(20))  # due on the 21st: reminders on the 18th, 22nd as the 21st is a Sunday, and the 24th
    taken = clock_of(old)
    cases = [
        # new version, moved on, what was taken, what was due next: rung and day of the next, and whether set anew
        ("unmoved", workflow(term(20)), "2019-04-19", 1, "2019-04-22", (1, "2019-04-22", 0)),
        ("longer", workflow(term(30)), "2019-04-19", 1, "2019-04-22", (0, "2019-04-28", 1)),
        # due on the 10th: reminders on the 7th and on the 10th at nine are past at ten
        ("shorter", workflow(term(9)), "2019-04-10", 0, "2019-04-18", (2, "2019-04-15", 1)),
        ("another ladder", workflow(term(20), -9, -4, 1), "2019-04-13", 0, "2019-04-18", (1, "2019-04-17", 1)),
        ("owed", workflow(term(21)), "2019-04-19", 0, "2019-04-18", (0, "2019-04-19", 1)),
    ]
    wrong = []
    for what, new, day, rung, due, expected in cases:
        clock = taken._replace(rung=rung, next_at=at(due) - 3_600_000_000)
        (now,) = moved(old, new, (clock,), day).clocks or (clock,)
        next_on = datetime.fromtimestamp((now.next_at or 0) / 1e6, CALENDAR.zone).date().isoformat()
        if (now.rung, next_on, now.arming - clock.arming) != expected:
            wrong.append((what, now.rung, next_on, now.arming))
    assert not wrong


def test_what_a_version_drops_or_leaves_is_over_and_its_lateness_stays() -> None:
    """Gone is cancelled, left or without its condition is no longer required; a breach stays, and law is refused."""
    old = workflow(term(20))
    clock = clock_of(old)
    other = workflow(term(20, runs_in=("verifying",)))
    cases = [
        ("gone", workflow(None), True, Status.CANCELLED, ""),
        ("left", other, True, Status.LIFTED, "left"),
        ("condition", workflow(term(20)), False, Status.LIFTED, "condition"),
    ]
    for what, new, applies, status, why in cases:
        for day, late in (("2019-04-11", 0), ("2019-04-25", 1)):
            found = moved(old, new, (clock,), day, applies=applies)
            (now,) = found.clocks
            assert (now.status, "".join(each.why for each in now.lifted)) == (status, why), what
            assert [each.due_on for each in now.breaches] == ["2019-04-21"] * late, what
            assert not found.refused
    lawful = workflow(term(20, **LAW))
    assert moved(lawful, workflow(None), (clock_of(lawful),), "2019-04-11").refused
    # What has ended needs no declaration any more, whatever happens to the case.
    gone = clock._replace(status=Status.MET, met_on="2019-04-09", ended_at=at("2019-04-09"))
    assert moved(old, workflow(None), (gone,), "2019-04-11") == ((), ())


def test_a_new_term_counts_from_when_the_state_was_entered_and_makes_nobody_late() -> None:
    """A term that only the new version has is due by its own count, but not before today and the grace."""
    old = workflow(None)
    for days, day, grace, due in (
        (20, "2019-04-11", 0, "2019-04-21"),
        (5, "2019-04-11", 0, "2019-04-11"),
        (5, "2019-04-11", 3, "2019-04-14"),
    ):
        (clock,) = moved(old, workflow(term(days)), (), day, grace).clocks
        assert (clock.due_on, clock.original_due_on, clock.starts_at, clock.breaches) == (due, due, at(START), ())
        assert clock.next_at is None or clock.next_at > at(day)
    elsewhere = workflow(term(20, starts=StartsByEntering(states=("verifying",))))
    assert moved(old, elsewhere, (), "2019-04-11").clocks == ()


def test_a_term_at_rest_keeps_what_was_left_of_it() -> None:
    """A paused term is judged by the day on which it was stopped; its rest moves it once it runs again."""
    old = workflow(term(20))
    stopped = paused(clock_of(old), from_at=at("2019-04-08"), reason="asked", by="li", noted_at=at("2019-04-08"))
    for days, grace, due in ((30, 0, "2019-05-01"), (15, 0, "2019-04-16"), (3, 0, "2019-04-08"), (3, 5, "2019-04-13")):
        (now,) = moved(old, workflow(term(days)), (stopped,), "2019-06-03", grace).clocks
        assert (now.status, now.due_on, now.pauses) == (Status.PAUSED, due, stopped.pauses)
        assert not now.breaches
    resting = workflow(term(20, runs_in=("shelved",), paused_in=("assigned",)))
    (now,) = moved(old, resting, (clock_of(old),), "2019-04-11").clocks
    assert (now.status, now.next_at, now.due_on) == (Status.PAUSED, None, "2019-04-21")


def test_a_given_day_that_was_raised_stays_so_at_the_next_look() -> None:
    """A day that a field holds and the move raised is not taken back by the next step, which looks at it again."""
    old, new = workflow(term(20)), workflow(term(0, due=OnField(field="next_review_on")))
    fields = {"next_review_on": "2019-04-05"}
    (now,) = moved(old, new, (clock_of(old),), "2019-04-11", 2, fields=fields).clocks
    assert now.due_on == "2019-04-13"
    assert moved(new, new, (now,), "2019-04-12", fields=fields).clocks == ()
