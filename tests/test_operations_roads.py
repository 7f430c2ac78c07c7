"""A lead goes each road of domain §5 by real operations, and every journal tells it without a gap."""

import pytest
from ledgers import Move, Story, dump, furnished
from paths import BOTH, CLEANED_UP, CLOSE, POLICE, REOPENED, ROADS

from engine.errors import RefusedError
from engine.operations.cases.casework import void
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.rules.case import Count
from engine.store import case_rows, clock_rows

COUNTS = {
    "police": Count.FULLY_CLOSED,
    "discipline": Count.FULLY_CLOSED,
    "both": Count.FULLY_CLOSED,
    "unsubstantiated, reviewed by someone else": Count.FULLY_CLOSED,
    "review overturns, verified again": Count.OPEN,
    "review sends back": Count.CLEARED,
    "review waived by signature": Count.FULLY_CLOSED,
    "shelved and taken up again": Count.OPEN,
    "declined in two steps": Count.CLEARED,
    "declined and taken back": Count.OPEN,
    "in-house": Count.FULLY_CLOSED,
    "cleaned up": Count.FULLY_CLOSED,
    "reopened": Count.OPEN,
    "police do not file, objection": Count.CLEARED,
}


@pytest.mark.parametrize("road", ROADS)
def test_a_lead_goes_the_road_and_its_journal_tells_it(database_url: str, road: str) -> None:
    """Each step leads where the story says; rows join from state to state, replaying them gives the values."""
    with furnished(database_url) as ledger:
        story = Story(ledger, real_name=False).play(ROADS[road])
        assert Count(story.lead.clearance) is COUNTS[road]
        for case in (story.lead, *story.children):
            rows = case_rows.entries(ledger.store, case.id)
            assert [each.from_state for each in rows] == [None, *(each.to_state for each in rows[:-1])]
            assert (rows[-1].to_state, rows[-1].clearance) == (case.state, case.clearance)
            assert [each.seq for each in rows] == list(range(1, case.revision + 1))
        assert verifying.verify(ledger)[1] == ()


def test_a_double_transfer_has_two_letters_with_own_numbers_receipts_and_results(database_url: str) -> None:
    """Of two transfers neither can hide behind the other (S3 四(二)3)."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play(BOTH)
        letters = {str(each.fields["agency"]): each for each in story.children}
        assert set(letters) == {"police", "discipline"}
        assert [each.number for each in story.children] == ["0101-YS-2019-0001", "0101-YS-2019-0002"]
        for key in ("letter_number", "receipted_on", "answered_on", "outcome"):
            assert letters["police"].fields[key] != letters["discipline"].fields[key], key


ANSWERS = "an agency has not yet given its result; every referral must be answered"


@pytest.mark.parametrize("upto", range(3, len(BOTH) - 3), ids=lambda upto: f"after {BOTH[upto - 1].trigger}")
def test_a_double_transfer_cannot_close_before_both_have_answered(sqlite_url: str, upto: int) -> None:
    """With no, one or another answer in, closing is refused with that sentence and nothing changes."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(BOTH[:upto])
        before = dump(ledger.store)
        with pytest.raises(RefusedError) as refused:
            story.take(CLOSE)
        assert ANSWERS in [each.en for each in refused.value.reasons]
        assert dump(ledger.store) == before


@pytest.mark.parametrize("silent", ["police", "discipline"])
def test_one_answer_is_not_both(sqlite_url: str, silent: str) -> None:
    """Whichever of the two stays silent, the lead stays open."""
    moves = [each for each in BOTH[:-2] if not (each.trigger == "answer" and each.of == silent)]
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(moves)
        with pytest.raises(RefusedError) as refused:
            story.take(CLOSE)
        assert ANSWERS in refused.value.sentence.en


def test_a_transfer_counts_as_cleared_only_with_its_receipt(database_url: str) -> None:
    """The lead counts the day the receipt is in, by the step of its referral; not before (W6)."""
    with furnished(database_url) as ledger:
        story = Story(ledger)
        counted = [story.play([move]).lead.clearance for move in POLICE[:5]]
        assert counted == [Count.OPEN] * 4 + [Count.CLEARED]
        last = case_rows.entries(ledger.store, story.lead.id)[-1]
        assert (last.kind, last.clearance) == ("child_moved", Count.CLEARED)


def test_a_reopened_lead_gets_a_new_deadline_and_keeps_its_history(database_url: str) -> None:
    """The old term stays as it was met; a second round begins (domain §5, S95)."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play(REOPENED[:5])
        rounds = [each for each in clock_rows.of_case(ledger.store, story.lead.id) if each.name == "verification"]
        assert [(each.round, each.ended_at is None) for each in rounds] == [(1, False), (2, True)]
        assert rounds[0].due_on < rounds[1].due_on
        told = [each.kind for each in case_rows.entries(ledger.store, story.lead.id)]
        assert told == ["opened", *["moved"] * 5]
        assert "finding" not in story.lead.fields


def test_nothing_leaves_a_final_state(sqlite_url: str) -> None:
    """Every trigger of the workflow is refused to a lead that was struck off, and nothing is written."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(CLEANED_UP)
        before = dump(ledger.store)
        for trigger in sorted(ledger.rules("lead").machine.triggers):
            with pytest.raises(RefusedError):
                story.take(Move("zhou", trigger, ""))
        assert dump(ledger.store) == before


def test_a_void_letter_does_not_count_for_the_lead(sqlite_url: str) -> None:
    """Voiding the only letter takes the lead out of the cleared ones, and it cannot close without one."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(POLICE[:6])
        assert story.lead.clearance == Count.CLEARED
        void(Acting(ledger, "tang", story.now), story.case("police").number, reason="误发")
        assert story.lead.clearance == Count.OPEN
        with pytest.raises(RefusedError) as refused:
            story.take(CLOSE)
        assert "a suspected crime was not transferred to the police" in refused.value.sentence.en
