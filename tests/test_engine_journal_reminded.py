"""What the rows of a case say of its reminders and pauses, and which difference from what stands is named."""

from collections.abc import Mapping

from engine.journal.case_events import CaseEvent, DeadlinePaused, DeadlineResumed, NoteWritten, ReminderSent
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.kept import Climb, Kept
from engine.journal.reminded import Climbing, promised_differently

RUNNING, PAUSED, MET, LIFTED = 0, 1, 2, 4
SENT = ReminderSent(deadline="reply", due_on="2019-07-01", rung=2, level="leader", to=("liu",))


def kept(**given: object) -> Kept:
    """Return what stands about a case in tables beside the chain: nothing but what is given."""
    nothing: dict[str, object] = {each: {} for each in Kept._fields}
    return Kept._make({**nothing, "promised": {}, **given}.values())


def term(status: int, due_on: str = "2019-07-01", round_: int = 1) -> JournaledDeadline:
    """Return how a row leaves a deadline."""
    return JournaledDeadline(due_on=due_on, original_due_on="2019-07-01", round=round_, status=status, extended=0)


def left(*moves: JournaledDeadline, reminded_after: int = 1) -> Climb:
    """Return where the reminders of `reply` stand after rows that move it, one reminder among them."""
    seen, clocks = kept(), dict[tuple[str, int], JournaledDeadline]()
    climbing = Climbing(seen)
    for count, each in enumerate(moves, start=1):
        climbing.follow(clocks, NoteWritten(words="x", deadlines={"reply": each}), count)
        if count == reminded_after:
            climbing.follow(clocks, SENT, count)
    climbing.written(known=True)
    return seen.climbs["reply", moves[-1].round]


NEXT_RUNG = {
    "it began, and one reminder went out": ([term(RUNNING)], 3),
    "it runs on as it was": ([term(RUNNING), term(RUNNING)], 3),
    "it is due on another day": ([term(RUNNING), term(RUNNING, "2019-07-02")], 0),
    "it stopped": ([term(RUNNING), term(PAUSED)], 3),
    "it was stopped, and runs again": ([term(RUNNING), term(PAUSED), term(RUNNING)], 0),
    "it was met, and came back": ([term(RUNNING), term(MET), term(RUNNING)], None),
    "its next turn began": ([term(RUNNING), term(RUNNING, round_=2)], 0),
    "its next turn was met at once": ([term(RUNNING), term(MET, round_=2)], None),
}
"""What became of a deadline -> the next rung by its rows; None if they do not tell."""


def test_which_reminder_comes_next() -> None:
    """A change of day begins again, a stop keeps the place, and what only the declaration knows is not claimed."""
    found = {case: left(*moves).rung for case, (moves, _) in NEXT_RUNG.items()}

    assert found == {case: rung for case, (_, rung) in NEXT_RUNG.items()}


ENDS = {
    "it goes on": ([term(RUNNING)], ()),
    "it was met": ([term(RUNNING), term(MET)], (2,)),
    "the day of its act was corrected": ([term(RUNNING), term(MET), term(MET)], (2,)),
    "it came back": ([term(RUNNING), term(MET), term(RUNNING)], ()),
    "it came back and was met": ([term(RUNNING), term(MET), term(PAUSED), term(MET)], (4,)),
    "it was not required, then its state was left": ([term(RUNNING), term(LIFTED), term(LIFTED)], (2, 3)),
    "it was met, and then not required": ([term(RUNNING), term(MET), term(LIFTED)], (3,)),
}
"""What became of a deadline by the rows 1, 2, 3 -> the instants at one of which it must have ended."""


def test_when_a_deadline_ended() -> None:
    """One that was met ended when its row was written, whatever was corrected later; another end is named."""
    assert {case: left(*moves).ends for case, (moves, _) in ENDS.items()} == {
        case: ends for case, (_, ends) in ENDS.items()
    }


def test_a_reminder_is_counted_at_its_own_rung_and_those_passed_over() -> None:
    """It promises a message if it goes to somebody; one that is sent again counts nothing."""
    seen = kept()
    climbing = Climbing(seen)
    sent = SENT.replace(skipped=((1, "handler"),))
    for each in (sent, sent.replace(again=True), sent.replace(rung=3, to=(), skipped=())):
        climbing.follow({}, each, 1)

    assert seen.reminders == {("reply", 1, "handler"): 1, ("reply", 2, "leader"): 1, ("reply", 3, "leader"): 1}
    assert seen.promised == {("reply", 2): SENT.to}


def paused(*rows: CaseEvent) -> tuple[tuple[int, int | None], ...] | None:
    """Return the pauses by an officer's word that rows tell of."""
    seen = kept()
    climbing = Climbing(seen)
    clocks: dict[tuple[str, int], JournaledDeadline] = {}
    climbing.follow(clocks, NoteWritten(words="x", deadlines={"reply": term(RUNNING)}), 1)
    for each in rows:
        climbing.follow(clocks, each, 2)
    climbing.written(known=True)
    return seen.climbs["reply", 1].pauses


STOP = DeadlinePaused(deadline="reply", reason="x", from_at=10, dated_back=False)
GO = DeadlineResumed(deadline="reply", reason="x", to_at=20, was_due_on="2019-07-01", dated_back=False)


def test_a_pause_lasts_from_one_row_to_the_other() -> None:
    """Who lets run what was never stopped tells of no pause."""
    assert (paused(STOP), paused(STOP, GO), paused(GO)) == (((10, None),), ((10, 20),), ())


DIFFERENT: Mapping[str, tuple[Kept, Kept, list[tuple[str, str]]]] = {
    "all alike": (
        kept(climbs={("reply", 1): Climb(2, ((10, 20),))}), kept(climbs={("reply", 1): Climb(2, ((10, 20),))}), [],
    ),
    "another rung": (
        kept(climbs={("reply", 1): Climb(2, None)}), kept(climbs={("reply", 1): Climb(3, ())}), [("rung", "reply")],
    ),
    "the rows tell no rung": (
        kept(climbs={("reply", 1): Climb(None, None)}), kept(climbs={("reply", 1): Climb(3, ())}), [],
    ),
    "an end at another instant": (
        kept(climbs={("reply", 1): Climb(0, None, ends=(20,))}), kept(climbs={("reply", 1): Climb(0, (), ended_at=19)}),
        [("ended_at", "reply")],
    ),
    "no end of what was met": (
        kept(climbs={("reply", 1): Climb(0, None, ends=(20,))}), kept(climbs={("reply", 1): Climb(0, ())}),
        [("ended_at", "reply")],
    ),
    "an end of what goes on": (
        kept(climbs={("reply", 1): Climb(0, None, ends=())}), kept(climbs={("reply", 1): Climb(0, (), ended_at=19)}),
        [("ended_at", "reply")],
    ),
    "the rows tell no end": (
        kept(climbs={("reply", 1): Climb(0, None)}), kept(climbs={("reply", 1): Climb(0, (), ended_at=19)}), [],
    ),
    "a pause begun at another instant, ended alike": (
        kept(climbs={("reply", 1): Climb(0, ((10, 20),))}), kept(climbs={("reply", 1): Climb(0, ((11, 20),))}),
        [("pauses", "reply")],
    ),
    "a pause ended at another instant, begun alike": (
        kept(climbs={("reply", 1): Climb(0, ((10, 20),))}), kept(climbs={("reply", 1): Climb(0, ((10, 21),))}),
        [("pauses", "reply")],
    ),
    "a pause that something else ended": (
        kept(climbs={("reply", 1): Climb(0, ((10, None),))}), kept(climbs={("reply", 1): Climb(0, ((10, 21),))}), [],
    ),
    "a pause too few": (
        kept(climbs={("reply", 1): Climb(0, ((10, None),))}), kept(climbs={("reply", 1): Climb(0, ())}),
        [("pauses", "reply")],
    ),
    "a reminder counted once more": (
        kept(reminders={("reply", 1, "leader"): 1}), kept(reminders={("reply", 1, "leader"): 2}),
        [("reminders", "reply")],
    ),
    "a message taken away": (kept(promised={("reply", 1): ("handler",)}), kept(), [("outbox", "reply")]),
    "a message to somebody else": (
        kept(promised={("reply", 1): ("handler",)}), kept(promised={("reply", 1): ("leader",)}), [("outbox", "reply")],
    ),
    "a message that no row promises": (kept(), kept(promised={("reply", 1): ("handler",)}), []),
}  # fmt: skip
"""What differs -> what the rows say, what stands, and what is named of it."""


def test_what_is_not_as_the_rows_say_is_named() -> None:
    """By what it is and by its deadline; what rows cannot know makes no difference."""
    found = {case: list(promised_differently(said, stands)) for case, (said, stands, _) in DIFFERENT.items()}

    assert found == {case: named for case, (_, _, named) in DIFFERENT.items()}
