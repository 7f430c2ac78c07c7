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


@pytest.mark.parametrize("told", ["result_told_on", "superior_told_on"])
def test_closing_believes_no_day_still_to_come(told: str) -> None:
    """Who is told must have been told, whether a step of its own says so or the closing."""
    lead = case("handled_in_house", {**READY, "real_name": True, "feedback_due_on": "2019-09-30"})
    brought = {**CLOSING, "result_told_on": "2019-09-01", "superior_told_on": "2019-09-01"}
    assert decide(lead, "close", brought).state == "closed"
    assert refusal(lead, "close", {**brought, told: "2019-09-03"}) == ["告知日期不能晚于今天"]


def test_who_stepped_aside_is_in_no_group_and_waives_nothing() -> None:
    """Neither the group that verifies nor the signature under a waiver holds one who has stepped aside."""
    report = {"finding": "unclear", "verified_on": "2019-09-01", "report_number": "核报1"}
    lead = case("assigned", {**LEAD, "recused": ["wang"]})
    group = refusal(lead, "verify", {**report, "verifiers": ["chen", "wang"]}, actor=VERIFIER)
    assert group == ["已回避的人员不得列入核查组（verifiers）"]
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
