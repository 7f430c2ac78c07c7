"""A case as its whole chain says, beside what stands in tables: what differs is named with its field or deadline."""

from engine.journal.case_events import CaseEvent, CaseOpened, CaseVoided, DeadlineExtended, NoteWritten, StepTaken
from engine.journal.chain import ChainRow
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.kept import Climb, Kept, ReplayedCase
from engine.journal.replay import differences
from engine.journal.signature_events import (
    SignatureAsked,
    SignatureDeclined,
    SignatureGiven,
    SignatureVoid,
    Standing,
    extension_asked,
    extension_field,
    follow_signatures,
    voiding_asked,
)
from engine.workflow.deed_words import VOIDING

RUNS = JournaledDeadline(due_on="2019-07-08", original_due_on="2019-07-08", round=1, status=0, extended=0)
BEGUN = CaseOpened(
    set={"summary": "x"}, dated_on="2019-07-01", unit="0101", workflow="lead", version=1, deadlines={"reply": RUNS}
)
CASE = ReplayedCase(
    id=1, number="X-1", state="received", clearance=0, revision=1, head="", workflow="lead", version=1, unit="0101",
    parent=None, first=None, dated_on="2019-07-01", opened_at=5, changed_at=5, fields=b'{"summary":"x"}',
    import_key=None,
)  # fmt: skip
CLOCK = (0, "2019-07-08", "2019-07-08", None, None, 0, (), ())
KEPT = Kept({("reply", 1): CLOCK}, {}, {}, {}, {}, {}, {("reply", 1): Climb(0, None)}, {}, set(), {})

DIFFERENT: dict[str, tuple[ReplayedCase, Kept, list[tuple[str, str]]]] = {
    "nothing": (CASE, KEPT, []),
    "a value": (CASE._replace(fields=b'{"summary":"y"}'), KEPT, [("fields", "summary")]),
    "the unit": (CASE._replace(unit="0102"), KEPT, [("unit", "")]),
    "version and name of the workflow": (CASE._replace(workflow="case", version=2), KEPT, [("workflow", "")]),
    "the due day of a deadline": (
        CASE, KEPT._replace(clocks={("reply", 1): (*CLOCK[:2], "2019-07-09", *CLOCK[3:])}), [("deadlines", "reply")],
    ),
    "a turn of a deadline that no row tells of": (
        CASE, KEPT._replace(clocks={("reply", 1): CLOCK, ("reply", 2): CLOCK}), [("deadlines", "reply")],
    ),
    "a file that no row attached": (CASE, KEPT._replace(files={7: ("digest", "x.pdf", 3)}), [("attachments", "7")]),
}  # fmt: skip
"""What differs -> the case and the tables beside it, and what is named."""


def test_what_stands_otherwise_than_the_chain_says_is_named() -> None:
    """What it is, and of it the field, deadline or row; nothing where all is as the rows say."""
    row = ChainRow(1, 1, 5, "zhou", BEGUN.kind, None, "received", 0, b"", "")
    found = {what: list(differences(case, [row], [BEGUN], kept)) for what, (case, kept, _) in DIFFERENT.items()}

    assert found == {what: named for what, (_, _, named) in DIFFERENT.items()}


TERM = extension_asked("reply", of="liu", was_due_on="x", amount=1, unit="days", reason="x", exception=False)
ASKED = {
    "a field": SignatureAsked(field="signed_by", of="liu", step="close", covers={}),
    "an extension": TERM,
    "a voiding": voiding_asked(of="liu", reason="x"),
}
EXTENDED = DeadlineExtended(
    deadline="reply", reason="x", was_due_on="x", amount=1, unit="days", signed_by="liu", filed_on="x", exception=False,
    signed=2,
)  # fmt: skip
ENDS: dict[str, tuple[CaseEvent, str]] = {
    "the step that it was for": (StepTaken(trigger="close", set={}, signed={"signed_by": 2}), "a field"),
    "the extension": (EXTENDED, "an extension"),
    "the voiding": (CaseVoided(reason="x", signed=2), "a voiding"),
    "its officer refuses": (SignatureDeclined(field=VOIDING, asked=1, reason="x"), "a voiding"),
    "what it covers has changed": (SignatureVoid(field="signed_by", asked=1), "a field"),
}
"""By what a signature that was asked for stands no more, and what for it had been asked."""


def test_a_signature_stands_until_it_is_used_refused_or_void() -> None:
    """Each end takes its own and leaves the others; another row leaves all."""
    left = {}
    for what, (event, _) in ENDS.items():
        asked: Standing = {}
        for each in ASKED.values():
            follow_signatures(asked, 1, 10, each)
            follow_signatures(asked, 2, 20, SignatureGiven(field=each.field, of="liu", asked=1))
        follow_signatures(asked, 3, 30, NoteWritten(words="x"))
        assert asked == {each.field: (1, "liu", 2, 10) for each in ASKED.values()}
        follow_signatures(asked, 4, 40, event)
        left[what] = [name for name, each in ASKED.items() if each.field not in asked]

    assert left == {what: [gone] for what, (_, gone) in ENDS.items()}
    assert TERM.field == extension_field("reply")
