"""Days that steps of a lead bring lie between its receipt and today, and who stepped aside stays aside."""

import pytest
from test_workflows_guards import (
    CLOSING,
    CRIME,
    LEAD,
    OFFICIAL,
    READY,
    VERIFIED,
    VERIFIER,
    Given,
    case,
    child,
    decide,
    refusal,
)

PASSED_ON: Given = {"reason": "属市场监管", "sent_to": "县市场监管局", "signed_by": "zhao"}
SIGNED_LATE = "移送签批日期须在收到日期与今天之间"


@pytest.mark.parametrize("day", ["2019-06-30", "2019-09-03", "2049-01-01"])
@pytest.mark.parametrize(
    ("state", "trigger", "facts"),
    [
        ("verified", "transfer_police", CRIME),
        ("verified", "transfer_discipline", OFFICIAL),
        ("verified", "transfer_both", {**CRIME, **OFFICIAL}),
        ("transferred_discipline", "transfer_police", {**CRIME, **OFFICIAL}),
        ("transferred_police", "transfer_discipline", {**CRIME, **OFFICIAL}),
        ("transferred_both", "transfer_police", {**CRIME, **OFFICIAL}),
        ("transferred_both", "transfer_discipline", {**CRIME, **OFFICIAL}),
        ("verified", "refer_elsewhere", {}),
    ],
)
def test_a_transfer_is_signed_by_today(state: str, trigger: str, facts: Given, day: str) -> None:
    """A letter decided on in the future could not be sent, and none is decided on before the lead was there."""
    brought = {"signed_by": "zhao", "signed_on": day}
    if state != "transferred_both" and trigger != "refer_elsewhere":
        brought["reason"] = "补充移送"
    if trigger == "refer_elsewhere":
        brought |= {"referred_to": "other", "reason": "另行移送"}
    assert refusal(case(state, {**VERIFIED, **facts}), trigger, brought) == [SIGNED_LATE]
    assert decide(case(state, {**VERIFIED, **facts}), trigger, {**brought, "signed_on": "2019-09-02"}).births


@pytest.mark.parametrize("day", ["2019-06-30", "2019-09-03"])
def test_what_is_not_ours_was_passed_on_by_today(day: str) -> None:
    """The term of the receiver begins on the day of passing on, so that day is not one still to come."""
    reasons = refusal(case("received", LEAD), "decline", {**PASSED_ON, "sent_on": day})
    assert reasons == ["转送日期须在收到日期与今天之间"]
    passed = decide(case("received", LEAD), "decline", {**PASSED_ON, "sent_on": "2019-09-01"}).fields
    early = refusal(case("declining", passed), "confirm_acceptance", {"accepted_on": "2019-08-31"})
    assert early == ["接收日期须在转送日期与今天之间"]


TELLING = {
    "tell_acceptance": "acceptance_told_on",
    "tell_result": "result_told_on",
    "tell_superior": "superior_told_on",
}


@pytest.mark.parametrize("day", ["2019-06-30", "2019-09-03"])
@pytest.mark.parametrize("trigger", TELLING)
def test_nobody_was_told_before_the_receipt(trigger: str, day: str) -> None:
    """Nobody is told of a lead that has not come in, nor on a day still to come."""
    lead = case("verified", {**VERIFIED, "real_name": True})
    assert refusal(lead, trigger, {TELLING[trigger]: day}) == ["告知日期须在收到日期与今天之间"]
    assert decide(lead, trigger, {TELLING[trigger]: "2019-07-01"}).state == "verified"


def test_what_is_cleaned_up_is_struck_off_once_the_reporter_was_told() -> None:
    """A clean-up ends like a waived one: not before who reported under a real name knows the result."""
    lead = case("rectifying", {**READY, "real_name": True})
    children = (child("rectification", "accepted"),)
    checked = {"file_checked_on": "2019-09-02"}
    assert refusal(lead, "finish_rectification", checked, children=children) == [
        "未向实名举报人反馈结果（--已反馈结果日期）"
    ]
    told = case("rectifying", {**lead.fields, "result_told_on": "2019-09-01"})
    assert decide(told, "finish_rectification", checked, children=children).state == "rectified"


def test_a_revised_finding_is_not_waived_by_an_old_signature() -> None:
    """A waiver of the re-review was signed for the finding that was, so it goes with it."""
    waived = {**VERIFIED, "finding": "unclear", "review_waiver": "旧", "review_waiver_signed_by": "zhao"}
    children = (child("referral", "answered", agency="police"),)
    revised = {"finding": "unsubstantiated", "reason": "对方结果"}
    after = decide(case("transferred_police", waived), "revise_finding", revised, children=children).fields
    assert {"review_waiver", "review_waiver_signed_by"}.isdisjoint(after)


@pytest.mark.parametrize(
    ("state", "crime", "goes"),
    [("upheld", True, True), ("upheld", False, False), ("reviewing", True, False), ("overturned", False, True)],
)
def test_a_suspected_crime_found_during_the_review_has_a_way_to_the_police(state: str, crime: bool, goes: bool) -> None:
    """Though the review upheld what was found, a lead reclassified since is verified anew, as before a transfer."""
    lead = case("under_review", {**VERIFIED, "finding": "unsubstantiated", "suspected_crime": crime})
    children = (child("review", state),)
    if goes:
        assert decide(lead, "reverify", {"reason": "改类"}, children=children).state == "assigned"
    else:
        assert len(refusal(lead, "reverify", {"reason": "改类"}, children=children)) == 1


@pytest.mark.parametrize("day", ["2019-06-30", "2019-09-03"])
@pytest.mark.parametrize("told", ["result_told_on", "superior_told_on"])
def test_closing_believes_no_day_before_the_receipt_or_still_to_come(told: str, day: str) -> None:
    """Who is told must have been told, whether a step of its own says so or the closing."""
    lead = case("handled_in_house", {**READY, "real_name": True, "feedback_due_on": "2019-09-30"})
    brought = {**CLOSING, "result_told_on": "2019-09-01", "superior_told_on": "2019-09-01"}
    assert decide(lead, "close", brought).state == "closed"
    assert refusal(lead, "close", {**brought, told: day}) == ["告知日期须在收到日期与今天之间"]


def test_who_stepped_aside_is_in_no_group_and_waives_nothing() -> None:
    """Neither the group that verifies nor the signature under a waiver holds one who has stepped aside."""
    report = {"finding": "unclear", "verified_on": "2019-09-01", "report_number": "核报1"}
    lead = case("assigned", {**LEAD, "recused": ["wang"]})
    group = refusal(lead, "verify", {**report, "verifiers": ["chen", "wang"]}, actor=VERIFIER)
    assert group == ["已回避的人员不得列入核查组（--核查组成员）"]
    assert decide(lead, "verify", {**report, "verifiers": ["chen", "qian"]}, actor=VERIFIER).state == "verified"
    verified = case("verified", {**VERIFIED, "finding": "unclear", "recused": ["zhao"]})
    waived = {"review_waiver": "事实清楚", "review_waiver_signed_by": "zhao"}
    assert refusal(verified, "waive_review", waived) == ["已回避的人员不得经办或签批免予复审复核"]


def test_a_crime_found_out_on_the_shelf_does_not_stay_there() -> None:
    """Reclassified as a suspected crime, a lead is taken up again; it is not kept pending once more."""
    shelved = case("shelved", {**LEAD, **CRIME})
    brought = {"reason": "线索不具体", "next_review_on": "2019-12-02", "signed_by": "zhao"}
    assert refusal(shelved, "keep_shelved", brought) == ["涉嫌犯罪的线索不得暂存，应移送公安机关"]
    assert decide(shelved, "take_up", {"reason": "涉嫌犯罪"}).state == "assigned"
