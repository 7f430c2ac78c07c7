"""A re-review cannot be hollowed out: other hands, two of them, and no way past a second look (W16; S2 二(四))."""

from collections.abc import Mapping

import pytest
from ledgers import START, Move, Story, furnished
from paths import (
    ASK_REVIEW,
    ASSIGN,
    CLEAN_UP,
    CLOSE,
    NAME_SUN,
    NOTHING,
    OVERTURN,
    SIGNED,
    TO_POLICE,
    UPHOLD,
    answer,
    letter,
    verify,
)

from engine.deadlines.clock import Status
from engine.errors import RefusedError
from engine.operations.cases.casework import advance
from engine.operations.cases.handing_over import hand_over
from engine.operations.house import registration, verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.acting import Acting
from engine.rules.case import Count
from engine.store import case_rows, clock_rows

AGAIN = Move("zhou", "reverify", "assigned", {"reason": "复核推翻"})
OVERTURNED = (ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN, OVERTURN, AGAIN)
REPORT = {"finding": "unsubstantiated", "verified_on": "+0", "report_number": "核报2"}
OTHERS = Move("sun", "verify", "verified", {**REPORT, "verifiers": ["sun", "feng"]})
WAIVER = Move("feng", "waive_review", "verified", {"review_waiver": "同一事实", "review_waiver_signed_by": "tang"})


def refusal(story: Story, move: Move) -> str:
    """Return why a step is refused."""
    with pytest.raises(RefusedError) as refused:
        story.take(move)
    return refused.value.sentence.en


@pytest.mark.parametrize(
    ("by", "verifiers", "said"),
    [
        ("chen", ["sun", "feng"], "chen did 'verify' and may not do this as well"),
        ("sun", ["sun", "wang"], "an officer who made a finding that was overturned does not verify again"),
        ("sun", ["sun"], "two officers at least verify again"),
    ],
)
def test_after_an_overturned_finding_two_others_verify(
    database_url: str, by: str, verifiers: list[str], said: str
) -> None:
    """Neither who reported the overturned finding nor one of its group, nor one officer alone, verifies again."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play(OVERTURNED)
        assert said in refusal(story, Move(by, "verify", "", {**REPORT, "verifiers": verifiers}))
        story.play([OTHERS])
        assert verifying.verify(ledger)[1] == ()


def test_an_overturned_lead_is_never_waived_nor_counted_before_it_is_upheld(database_url: str) -> None:
    """The same finding made again is re-reviewed again: a waiver is refused, and the lead counts only once upheld."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([*OVERTURNED, OTHERS])
        assert "overturned a finding of this lead before" in refusal(story, WAIVER)
        assert refusal(story, CLOSE)
        assert story.lead.clearance == Count.OPEN
        story.play([ASK_REVIEW])
        assert story.lead.clearance == Count.OPEN
        # Whoever verified, in whatever round, does not review; ji looked at nothing before.
        named = Move("zhou", "name_reviewer", "reviewing", {"reviewer": "ji"}, "review")
        story.play([named, Move("ji", "uphold", "upheld", UPHOLD.values, "review")])
        assert story.lead.clearance == Count.CLEARED
        assert verifying.verify(ledger)[1] == ()


def test_the_new_verifier_may_report_again_when_sent_back(sqlite_url: str) -> None:
    """Only hands from before the latest `reverify` are kept out: `not_by` means the rounds that it names."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([*OVERTURNED, OTHERS])
        story.play([Move("zhou", "send_back", "assigned", {"reason": "补查"}), OTHERS])
        assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize("finding", ["unsubstantiated", "unclear"])
def test_a_finding_that_is_revised_needs_a_re_review_of_its_own(sqlite_url: str, finding: str) -> None:
    """What a re-review upheld was the finding of then; one revised by an agency's answer counts once it is upheld."""
    crime = Move("zhou", "reclassify", "under_review", {
        "category": "A6", "reason": "新证据", "signed_by": "zhao", "suspected_crime": True,
    })  # fmt: skip
    revised = Move("zhou", "revise_finding", "transferred_police", {"finding": finding, "reason": "不予立案"})
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN, UPHOLD])
        assert story.lead.clearance == Count.CLEARED
        found = Move("sun", "verify", "verified", {**REPORT, "finding": "substantiated", "verifiers": ["sun", "feng"]})
        story.play([crime, AGAIN, found, TO_POLICE, *letter("police", "某卫移〔2019〕9号"), answer("police")])
        assert story.lead.clearance == Count.CLEARED
        story.play([revised])
        assert story.lead.clearance == Count.OPEN
        story.play([ASK_REVIEW])
        assert story.lead.clearance == Count.OPEN
        named = Move("zhou", "name_reviewer", "reviewing", {"reviewer": "ji"}, "review")
        story.play([named, Move("ji", "uphold", "upheld", UPHOLD.values, "review")])
        assert story.lead.clearance == Count.CLEARED
        assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize("fact", ["suspected_crime", "involves_official"])
def test_a_class_that_comes_later_does_not_save_the_second_verifier(sqlite_url: str, fact: str) -> None:
    """One officer verified an irregularity; reclassified, it is not transferred before two have verified it."""
    step = "transfer_police" if fact == "suspected_crime" else "transfer_discipline"
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN, verify("partly", verifiers=["chen"])])
        anew = {"category": "A6", "reason": "新证据", "signed_by": "zhao", fact: True}
        story.play([Move("zhou", "reclassify", "verified", anew)])
        assert "two officers at least" in refusal(story, Move("zhou", step, "", SIGNED))
        story.play([Move("zhou", "send_back", "assigned", {"reason": "补足两人"}), verify("partly")])
        story.play([Move("zhou", step, f"transferred_{step.rpartition('_')[2]}", SIGNED)])


def test_a_hand_over_during_a_re_review_keeps_who_found_from_reviewing(sqlite_url: str) -> None:
    """The lead goes on in the other unit; who handled it before is not its reviewer there, nor is who does now."""
    with furnished(sqlite_url) as ledger:
        keeper = Acting(ledger, "keeper", START)
        for code, role in {"hu": "office", "gao": "verifier", "luo": "supervising_leader"}.items():
            registration.add_officer(keeper, code, f"{code}某", roles=[role], unit="0102")
        registration.grant(keeper, "zhou", "office", "0102")
        found = verify("unsubstantiated", verifiers=["wang"])
        story = Story(ledger).play([ASSIGN, found, ASK_REVIEW, NAME_SUN])
        named = {"handler": "gao", "responsible_leader": "luo"}
        hand_over(Acting(ledger, "zhou", story.now), story.number, "0102", named, reason="发生地在该院")
        change = "change_reviewer"
        for code in ("chen", "wang", "gao"):
            other = Move("zhou", change, "", {"reviewer": code, "reason": "更换"}, "review")
            assert "cannot review it" in refusal(story, other)
        story.play([Move("zhou", change, "reviewing", {"reviewer": "hu", "reason": "更换"}, "review")])
        signed = {**UPHOLD.values, "signed_by": "luo"}
        story.play([Move("hu", "uphold", "upheld", signed, "review")])
        assert story.lead.clearance == Count.CLEARED
        assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize(
    ("state", "step", "values", "term"),
    [
        ("under_review", "request_review", {**ASK_REVIEW.values, "finding": "unsubstantiated"}, "re_review"),
        ("rectifying", "start_rectification", CLEAN_UP.values, "clean_up_entry"),
    ],
)
def test_a_lead_that_a_ledger_brought_so_far_waits_for_nothing(
    sqlite_url: str, state: str, step: str, values: Mapping[str, object], term: str
) -> None:
    """A deadline runs from its first day on, and a step registers what the ledger could not bring."""
    with furnished(sqlite_url) as ledger:
        brought = {
            "received_on": "2019-05-03", "source": "letter", "summary": "旧件", "ledger_number": "M1", "category": "A6",
            "handler": "chen", "responsible_leader": "liu",
        }  # fmt: skip
        row = Row(at="台账!4", values=brought, unit="0101", state=state)
        with all_or_nothing(ledger) as fate:
            (taken,) = take_in(
                Acting(ledger, "zhou", START), "lead", [row], file={"name": "旧.xlsx", "digest": "0" * 64}
            )
            fate.keep()
        lead = ledger.case(taken.number)
        running = {c.name for c in clock_rows.of_case(ledger.store, lead.id) if c.status is Status.RUNNING}
        assert (lead.state, running) == (state, {term})
        day = START.date().isoformat()
        dates = {"review_requested_on": day, "rectification_started_on": day, "rectification_due_on": "2019-09-01"}
        given = {**values, **{name: dates[name] for name in dates if name in values}}
        advance(Acting(ledger, "zhou", START), lead.number, step, given)
        assert [each.workflow for each in case_rows.children(ledger.store, lead.id)] != []
        assert verifying.verify(ledger)[1] == ()
