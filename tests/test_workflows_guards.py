"""What the shipped declarations refuse and permit, decided by the real rules over cases in memory."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from engine.errors import RefusedError
from engine.rules.case import Actor, Case, Count, Decision, Family
from engine.rules.transitions import Rules, advance
from workflows.loader import Declarations

TODAY = date(2019, 9, 2)
BOOK = Declarations()

LEAD: Mapping[str, object] = {
    "received_on": "2019-07-01",
    "source": "telephone",
    "summary": "反映有人长期把持停车场",
    "category": "A6",
    "handler": "chen",
    "responsible_leader": "liu",
}
VERIFIED: Mapping[str, object] = {
    **LEAD,
    "finding": "substantiated",
    "verifiers": ["chen", "wang"],
    "verified_on": "2019-08-01",
    "report_number": "核报1",
}
READY: Mapping[str, object] = {
    **VERIFIED,
    "archive_number": "DA-1",
    "leader_signature": "liu",
    "head_signature": "zhao",
    "cleanup": "waived",
    "cleanup_waiver": "个案，制度无漏洞",
}
"""All that the checklist asks for, but what depends on the way taken."""

CRIME, OFFICIAL = {"suspected_crime": True}, {"involves_official": True}
SIGNED = {"signed_by": "zhao", "signed_on": "2019-09-01"}
CLOSING = {"closed_on": "2019-09-02"}
OFFICE = Actor(code="zhou", roles=frozenset({"office"}))
VERIFIER = Actor(code="chen", roles=frozenset({"office", "verifier"}))

Given = Mapping[str, object]


@cache
def rules(workflow: str) -> Rules:
    """Return the rules of a shipped workflow."""
    return Rules(BOOK.latest(workflow))


def case(state: str, fields: Given, workflow: str = "lead", number: str = "DW-XS-2019-0001") -> Case:
    """Return a case as it could stand in the ledger."""
    return Case(
        id=1, number=number, workflow=workflow, version=1, state=state, unit_id=1, unit="DW", parent_id=None,
        first_id=None, dated_on="2019-07-01", opened_at=0, changed_at=0, clearance=Count.OPEN, fields=fields,
        import_key=None, revision=1, head="",
    )  # fmt: skip


def child(workflow: str, state: str, **fields: object) -> Case:
    """Return a child of the case."""
    return case(state, fields, workflow, "DW-YS-2019-0001")


def decide(
    subject: Case,
    trigger: str,
    brought: Given | None = None,
    *,
    actor: Actor = OFFICE,
    children: tuple[Case, ...] = (),
    doers: Mapping[str, frozenset[str]] | None = None,
    parent_doers: Mapping[str, frozenset[str]] | None = None,
) -> Decision:
    """Ask the rules for a step."""
    family = Family(children=children, doers=doers or {}, parent_doers=parent_doers or {})
    return advance(rules(subject.workflow), subject, trigger, brought or {}, actor=actor, family=family, today=TODAY)


def refusal(subject: Case, trigger: str, brought: Given | None = None, **about: Any) -> list[str]:
    """Ask for a step that is refused, and return the reasons in Chinese; *about* is told to `decide`."""
    with pytest.raises(RefusedError) as caught:
        decide(subject, trigger, brought, **about)
    assert caught.value.exit_code == 21
    return [each.zh for each in caught.value.reasons]


def police(state: str) -> Case:
    """Return a referral to the police."""
    return child("referral", state, agency="police")


def discipline(state: str) -> Case:
    """Return a referral to the discipline body."""
    return child("referral", state, agency="discipline")


def test_closing_tells_the_whole_checklist_at_once() -> None:
    """Whoever closes too early is told everything that is missing, in one answer."""
    bare = {
        "received_on": "2019-07-01", "source": "superior", "summary": "反映医托", "real_name": True,
        "suspected_crime": True, "feedback_due_on": "2019-10-01",
    }  # fmt: skip
    assert refusal(case("handled_in_house", bare), "close", CLOSING) == [
        "未建档（--档案号）",
        "未定线索类型，请用“改类”补定（--线索类型）",
        "既无核查报告（--核查报告文号），也无移送函及回执",
        "没有核查结论（--核查结论）",
        "缺核查人员签字（--核查组成员）",
        "缺责任领导本人签字（--责任领导签字）",
        "缺单位主要负责人签字（--主要负责人签字）",
        "未向实名举报人反馈结果（--已反馈结果日期）",
        "未向交办的上级机关反馈结果（--已向上级反馈日期）",
        "涉嫌犯罪而未移送公安机关，不得以行政处罚代替移送",
        "须明确是否开展一案一整治（--一案一整治），无需整治的写明理由（--无需整治的理由）",
    ]


def test_a_complete_lead_closes() -> None:
    """With everything on the checklist a lead that was handled in-house is closed and counts as cleared."""
    decision = decide(case("handled_in_house", READY), "close", CLOSING)
    assert (decision.state, decision.clearance) == ("closed", Count.CLEARED)


def test_the_verifier_does_not_close() -> None:
    """Whoever verified a lead does not close it as well."""
    reasons = refusal(
        case("handled_in_house", READY), "close", CLOSING, actor=VERIFIER, doers={"verify": frozenset({"chen"})}
    )
    assert len(reasons) == 1
    assert "chen" in reasons[0]


def test_the_responsible_leader_signs_himself() -> None:
    """The signature of another leader does not stand for that of the responsible one."""
    fields = {**READY, "leader_signature": "zhao"}
    assert refusal(case("handled_in_house", fields), "close", CLOSING) == ["缺责任领导本人签字（--责任领导签字）"]


def test_dual_transfer_opens_two_letters() -> None:
    """A transfer to both opens a letter to each, with the signatory and the day of the signature."""
    both = {**VERIFIED, **CRIME, **OFFICIAL}
    decision = decide(case("verified", both), "transfer_both", SIGNED)
    assert (decision.state, decision.clearance) == ("transferred_both", Count.OPEN)
    assert [each.values["agency"] for each in decision.births] == ["police", "discipline"]
    assert all(each.values["signed_by"] == "zhao" for each in decision.births)
    assert all(each.values["decided_on"] == "2019-09-01" for each in decision.births)


@pytest.mark.parametrize(
    ("letters", "closes"),
    [
        ((police("answered"), discipline("answered")), True),
        ((police("answered"), discipline("receipted")), False),
        ((police("answered"), discipline("sent")), False),
        ((police("drafted"), discipline("answered")), False),
        ((police("not_filed"), discipline("answered")), False),
        ((police("answered"),), False),
        ((), False),
    ],
    ids=["both answered", "receipt only", "no receipt", "not sent", "refusal not settled", "one letter", "no letter"],
)
def test_a_dual_transfer_closes_when_both_have_answered(letters: tuple[Case, ...], closes: bool) -> None:
    """A lead that went to both is closed only when both agencies have given their result."""
    lead = case("transferred_both", {**READY, **CRIME, **OFFICIAL})
    if closes:
        assert decide(lead, "close", CLOSING, children=letters).state == "closed"
    else:
        assert refusal(lead, "close", CLOSING, children=letters)


@pytest.mark.parametrize(
    ("trigger", "facts", "reason"),
    [
        ("transfer_police", {}, "未认定涉嫌犯罪（--涉嫌犯罪），不能移送公安"),
        ("transfer_police", CRIME | OFFICIAL, "同时涉及公职人员，应双移交，请使用“双移交”"),
        ("transfer_discipline", {}, "未认定涉及公职人员（--涉及公职人员），不能移送纪检监察机关"),
        ("transfer_discipline", CRIME | OFFICIAL, "同时涉嫌犯罪，应双移交，请使用“双移交”"),
        ("transfer_both", CRIME, "双移交须同时认定涉嫌犯罪和涉及公职人员"),
        ("transfer_police", {**CRIME, "recused": ["zhao"]}, "已回避的人员不得经办或签批移送"),
    ],
)
def test_a_transfer_follows_the_facts(trigger: str, facts: Given, reason: str) -> None:
    """A transfer goes where the facts on record send it, and is signed by nobody who stepped aside."""
    assert refusal(case("verified", {**VERIFIED, **facts}), trigger, SIGNED) == [reason]


@pytest.mark.parametrize("trigger", ["transfer_police", "transfer_discipline", "transfer_both", "refer_elsewhere"])
def test_no_transfer_without_a_signatory(trigger: str) -> None:
    """No transfer goes out unless it is said who signed it."""
    both = {**VERIFIED, **CRIME, **OFFICIAL, "signed_by": "zhao"}
    assert "须填写“签批人”（--签批人）" in refusal(case("verified", both), trigger)


def test_a_second_agency_can_be_added() -> None:
    """An official found later brings a letter to the discipline body beside that to the police."""
    lead = case("transferred_police", {**VERIFIED, "suspected_crime": True})
    brought = {**SIGNED, "involves_official": True, "reason": "公安反馈涉及公职人员"}
    decision = decide(lead, "transfer_discipline", brought, children=(police("receipted"),))
    assert (decision.state, [each.values["agency"] for each in decision.births]) == ("transferred_both", ["discipline"])


def test_a_ledger_transfer_gets_its_letter_once() -> None:
    """A lead that a ledger brought in as transferred gets its letter registered, and only once."""
    lead = case("transferred_police", {**VERIFIED, "suspected_crime": True})
    assert decide(lead, "transfer_police", SIGNED).births[0].values["agency"] == "police"
    assert refusal(lead, "transfer_police", SIGNED, children=(police("sent"),)) == ["已有送公安机关的移送件"]


def test_a_fine_replaces_no_transfer() -> None:
    """With a suspected crime on record neither handling in-house nor a fine leads to closing."""
    crime = {**VERIFIED, "suspected_crime": True}
    fine = {"administrative_penalty": "罚款"}
    assert decide(case("verified", crime), "record_penalty", fine).state == "verified"
    assert refusal(case("verified", crime), "handle", {"measures": "罚款", **fine}) == [
        "涉嫌犯罪的应移送公安机关，不得以罚代移"
    ]
    lead = case("handled_in_house", {**READY, "suspected_crime": True, **fine})
    assert refusal(lead, "close", CLOSING) == ["涉嫌犯罪而未移送公安机关，不得以行政处罚代替移送"]


def test_substantiated_is_not_closed_unhandled() -> None:
    """What has been substantiated is not closed straight from its verification."""
    assert refusal(case("verified", READY), "close", CLOSING) == ["已查实的线索须先移送或处置，方可办结"]


NEEDS_REVIEW = "查否的线索须由他人复审复核（“提请复审复核”）或经签批免予复核（“免予复审复核”）"


@pytest.mark.parametrize(
    ("state", "reviews", "extra", "reasons"),
    [
        ("verified", (), {}, [NEEDS_REVIEW]),
        ("verified", (), {"review_waiver": "匿名且无具体事实"}, []),
        ("under_review", ("upheld",), {}, []),
        ("under_review", ("overturned", "upheld"), {}, []),
        ("under_review", ("reviewing",), {}, [NEEDS_REVIEW, "复审复核未结束，或原结论已被推翻"]),
        ("under_review", ("upheld", "overturned"), {}, [NEEDS_REVIEW, "复审复核未结束，或原结论已被推翻"]),
        ("verified", ("upheld",), {}, [NEEDS_REVIEW]),
    ],
)
def test_unsubstantiated_needs_a_review(state: str, reviews: tuple[str, ...], extra: Given, reasons: list[str]) -> None:
    """An unsubstantiated finding is closed after the latest re-review upheld it, or with a waiver; else not."""
    lead = case(state, {**READY, "finding": "unsubstantiated", **extra})
    children = tuple(child("review", each) for each in reviews)
    if reasons:
        assert refusal(lead, "close", CLOSING, children=children) == reasons
    else:
        assert decide(lead, "close", CLOSING, children=children).state == "closed"


def test_a_waiver_is_reasoned_signed_and_not_by_the_verifier() -> None:
    """A waiver of re-review names its reason and signatory; neither who verified enters it nor who verified signs."""
    lead = case("verified", {**READY, "finding": "unsubstantiated"})
    assert len(refusal(lead, "waive_review")) == 2
    waiver = {"review_waiver": "无具体事实", "review_waiver_signed_by": "wang"}
    assert refusal(lead, "waive_review", waiver) == ["核查人员不得签批免予复审复核"]
    waiver["review_waiver_signed_by"] = "zhao"
    assert refusal(lead, "waive_review", waiver, actor=VERIFIER, doers={"verify": frozenset({"chen"})})
    assert decide(lead, "waive_review", waiver).state == "verified"


def test_the_reviewer_is_another() -> None:
    """Neither the handler nor a verifier nor who stepped aside is named reviewer, nor decides if named."""
    fields: dict[str, object] = {
        "requested_on": "2019-09-01", "summary": "反映", "reason": "查否必核", "handler": "chen",
        "verifiers": ["chen", "wang"], "recused": ["sun"],
    }  # fmt: skip
    asked = case("requested", fields, "review")
    for name in ("chen", "wang"):
        assert refusal(asked, "name_reviewer", {"reviewer": name}) == ["原责任人和核查组成员不得担任复核人"]
    assert refusal(asked, "name_reviewer", {"reviewer": "sun"}) == ["该复核人已对本线索申明回避"]
    assert decide(asked, "name_reviewer", {"reviewer": "qian"}).state == "reviewing"
    reviewing = case("reviewing", {**fields, "reviewer": "chen"}, "review")
    report = {"conclusion": "维持", "methods": ["file_read"], "concluded_on": "2019-09-02", "signed_by": "zhao"}
    reasons = refusal(reviewing, "uphold", report, actor=VERIFIER, parent_doers={"verify": frozenset({"chen"})})
    assert len(reasons) == 2


def test_two_verify_a_suspected_crime() -> None:
    """A suspected crime or an official's conduct is verified by two at least; an irregularity may be by one."""
    report = {"finding": "partly", "verified_on": "2019-08-20", "report_number": "核报2", "verifiers": ["chen"]}
    lead = case("assigned", LEAD)
    assert decide(lead, "verify", report, actor=VERIFIER).state == "verified"
    for fact in ("suspected_crime", "involves_official"):
        assert refusal(lead, "verify", {**report, fact: True}, actor=VERIFIER) == [
            "涉嫌犯罪或涉及公职人员的，核查组不得少于两人（--核查组成员）"
        ]


def test_reclassifying_keeps_the_old_class() -> None:
    """The journal of a new class tells the old one, the reason and who signed; without them it is refused."""
    lead = case("assigned", LEAD)
    assert len(refusal(lead, "reclassify", {"category": "A4"})) == 2
    event = decide(lead, "reclassify", {"category": "A4", "reason": "实为医闹", "signed_by": "zhao"}).event
    assert event.brought == {"category": "A4", "reason": "实为医闹", "signed_by": "zhao"}
    assert event.replaced == {"category": "A6"}


@pytest.mark.parametrize(
    ("facts", "review_on", "reasons"),
    [
        ({}, "2019-12-02", []),
        ({}, "2019-09-02", ["下次研判日期（--下次研判日期）须在今天之后"]),
        ({}, "2029-09-02", ["暂存半年以内至少研判一次，下次研判日期过远"]),
        ({"suspected_crime": True}, "2019-12-02", ["涉嫌犯罪的线索不得暂存，应移送公安机关"]),
    ],
)
def test_the_shelf_is_no_hiding_place(facts: Given, review_on: str, reasons: list[str]) -> None:
    """A lead is kept pending with a day to look again within half a year, and never as a suspected crime."""
    lead = case("received", {**LEAD, **facts})
    brought = {"reason": "线索不具体", "next_review_on": review_on, "signed_by": "zhao"}
    if reasons:
        assert refusal(lead, "shelve", brought) == reasons
    else:
        assert decide(lead, "shelve", brought).state == "shelved"


def test_the_shelf_leads_only_back_to_verification() -> None:
    """A lead kept pending cannot be closed; taken up again it is verified anew."""
    shelved = case("shelved", {**LEAD, "finding": "unclear", "next_review_on": "2019-12-02"})
    assert refusal(shelved, "close", CLOSING)
    decision = decide(shelved, "take_up", {"reason": "收到补充材料"})
    assert decision.state == "assigned"
    assert "finding" not in decision.fields


def test_declining_ends_with_the_receiver() -> None:
    """A lead that is not ours is passed on with reason, place and signature, and ends when it was taken over."""
    brought = {"reason": "属市场监管", "sent_to": "县市场监管局", "sent_on": "2019-09-02", "signed_by": "zhao"}
    passed = decide(case("received", LEAD), "decline", brought)
    assert (passed.state, passed.clearance) == ("declining", Count.OPEN)
    taken = decide(case("declining", passed.fields), "confirm_acceptance", {"accepted_on": "2019-09-02"})
    assert (taken.state, taken.clearance) == ("declined", Count.CLEARED)
    assert len(refusal(case("received", LEAD), "decline")) == 4


def test_a_clean_up_that_is_kept_up_bars_no_end_and_one_that_is_set_again_does() -> None:
    """What is accepted and kept up is done, until it is set again, also while a lead waits for its receiver."""
    passing = {"reason": "属市场监管", "sent_to": "县市场监管局", "sent_on": "2019-09-02", "signed_by": "zhao"}
    waived = {"file_checked_on": "2019-09-02", "signed_by": "zhao"}
    steps = (
        (case("received", LEAD), "decline", passing),
        (case("declining", {**LEAD, **passing}), "confirm_acceptance", {"accepted_on": "2019-09-02"}),
        (case("closed", READY), "waive_rectification", waived),
    )
    for lead, step, brought in steps:
        for state in ("accepted", "kept"):
            decide(lead, step, brought, children=(child("rectification", state),))
        assert len(refusal(lead, step, brought, children=(child("rectification", "under_way"),))) == 1


def test_reopening_needs_new_facts_and_starts_afresh() -> None:
    """A closed lead is reopened for new facts; finding and signatures have to be brought anew."""
    closed = case("closed", {**READY, **CLOSING, "handling_due_on": "2019-08-31"})
    assert len(refusal(closed, "reopen")) == 2
    decision = decide(closed, "reopen", {"reason": "再次举报", "new_facts": "新录音"})
    assert (decision.state, decision.clearance) == ("assigned", Count.OPEN)
    assert not {"finding", "head_signature", "cleanup", "handling_due_on"} & set(decision.fields)
    assert decision.fields["archive_number"] == "DA-1"


def test_a_clean_up_ends_when_accepted() -> None:
    """The clean-up is opened with problem and day, and the lead is struck off when it was accepted."""
    order = {
        "rectification_problem": "停车场外包无监管",
        "rectification_started_on": "2019-09-02",
        "rectification_due_on": "2019-10-31",
    }
    started = decide(case("closed", READY), "start_rectification", order)
    assert (started.state, started.births[0].values["due_on"]) == ("rectifying", "2019-10-31")
    lead, checked = case("rectifying", started.fields), {"file_checked_on": "2019-09-02"}
    for state in ("ordered", "under_way", "done"):
        assert refusal(lead, "finish_rectification", checked, children=(child("rectification", state),)) == [
            "整治事项尚未验收通过"
        ]
    done = decide(lead, "finish_rectification", checked, children=(child("rectification", "accepted"),))
    assert (done.state, done.clearance) == ("rectified", Count.FULLY_CLOSED)


@pytest.mark.parametrize(
    ("brought", "state", "lacking"),
    [
        ({"outcome": "penalised"}, "answered", 0),
        ({"outcome": "filed"}, "answered", 0),
        ({"outcome": "filed", "goods_held": True}, "filed", 0),
        ({"outcome": "not_filed"}, "not_filed", 1),
    ],
)
def test_an_answer_leads_where_it_says(brought: Given, state: str, lacking: int) -> None:
    """A refusal to open a case asks for its reason and can be objected to; held goods are yet to be handed over."""
    fields = {"agency": "police", "decided_on": "2019-08-01", "receipted_on": "2019-08-03", "signed_by": "zhao"}
    letter = case("receipted", fields, "referral")
    answer = {**brought, "answered_on": "2019-08-06"}
    if lacking:
        assert len(refusal(letter, "answer", answer)) == lacking
        answer["outcome_reason"] = "证据不足"
    assert decide(letter, "answer", answer).state == state


@pytest.mark.parametrize(
    ("state", "fields", "children", "count"),
    [
        ("assigned", {}, (), Count.OPEN),
        ("shelved", {}, (), Count.OPEN),
        ("transferred_police", {}, (), Count.OPEN),
        ("transferred_police", {}, (police("sent"),), Count.OPEN),
        ("transferred_police", {}, (police("returned"),), Count.OPEN),
        ("transferred_police", {}, (police("receipted"),), Count.CLEARED),
        ("transferred_both", {}, (police("receipted"), discipline("sent")), Count.OPEN),
        ("transferred_both", {}, (police("receipted"),), Count.OPEN),
        ("transferred_both", {}, (police("receipted"), discipline("answered")), Count.CLEARED),
        ("under_review", {"finding": "unsubstantiated"}, (child("review", "reviewing"),), Count.OPEN),
        ("under_review", {"finding": "unsubstantiated"}, (child("review", "sent_back"),), Count.OPEN),
        (
            "under_review",
            {"finding": "unsubstantiated", "review_requested_on": "2019-08-01"},
            (child("review", "upheld"),),
            Count.CLEARED,
        ),
        ("transferred_police", {"finding": "unsubstantiated"}, (child("review", "upheld"),), Count.OPEN),
        ("under_review", {"finding": "unsubstantiated"}, (child("review", "overturned"),), Count.OPEN),
        ("closed", {"finding": "substantiated"}, (), Count.CLEARED),
        ("closed", {"finding": "unsubstantiated"}, (), Count.OPEN),
        ("closed", {"finding": "unsubstantiated", "review_waiver": "…"}, (), Count.CLEARED),
        ("rectifying", {"rectification_due_on": "2019-09-02"}, (), Count.CLEARED),
        ("rectifying", {"rectification_due_on": "2019-09-01"}, (), Count.OPEN),
        ("declining", {}, (), Count.OPEN),
        ("declined", {}, (), Count.OPEN),
        ("declined", {"accepted_on": "2019-08-01"}, (), Count.CLEARED),
        ("rectified", {}, (), Count.FULLY_CLOSED),
        ("struck_off", {}, (), Count.FULLY_CLOSED),
    ],
)
def test_what_counts(state: str, fields: Given, children: tuple[Case, ...], count: Count) -> None:
    """Receipted, reviewed, closed and taken over count; pending, unreceipted, sent back and overdue never do."""
    lead = case(state, {**LEAD, **fields})
    scope = rules("lead").scope(lead, lead.fields, Family(children=children), by="", today=TODAY)
    assert rules("lead").count(state, scope) is count


def test_a_nil_return_tells_the_work_done() -> None:
    """A return with nothing to report still tells the work done and is signed; another one counts its leads."""
    due = case("due", {"period": "2019-W35", "kind": "weekly", "due_on": "2019-08-30"}, "return")
    liaison = Actor(code="sun", roles=frozenset({"liaison"}))
    filed = {"signed_by": "zhao", "submitted_on": "2019-09-02"}
    assert refusal(due, "submit", {**filed, "nil_return": True}, actor=liaison) == [
        "须填写“工作开展情况”（--工作开展情况）"
    ]
    filed["work_done"] = "走访三个科室"
    assert decide(due, "submit", {**filed, "nil_return": True}, actor=liaison).state == "submitted"
    assert len(refusal(due, "submit", filed, actor=liaison)) == 1
    counts = {"leads_found": 0, "leads_transferred": 0, "leads_closed": 0}
    assert decide(due, "submit", {**filed, **counts}, actor=liaison).state == "submitted"


def test_a_proposal_is_answered_with_measures_or_reasons() -> None:
    """What is adopted tells the measures, what is not tells why."""
    asked = case("assigned", {"received_on": "2019-08-01", "kind": "procuratorial"}, "proposal")
    answer = {"answer_number": "示卫函〔2019〕3号", "answered_on": "2019-09-02", "signed_by": "zhao"}
    assert len(refusal(asked, "answer", {**answer, "adoption": "adopted"})) == 1
    assert len(refusal(asked, "answer", {**answer, "adoption": "not_adopted"})) == 1
    assert len(refusal(asked, "answer", {**answer, "adoption": "partly"})) == 2
    assert decide(asked, "answer", {**answer, "adoption": "adopted", "measures": "加装门禁"}).state == "answered"
