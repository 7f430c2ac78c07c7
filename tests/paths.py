"""The roads of a lead as steps of stories, shared by the tests that walk them and those that cut them short."""

from collections.abc import Mapping

from ledgers import Move

SIGNED: Mapping[str, object] = {"signed_by": "zhao", "signed_on": "+0"}
CLOSING: Mapping[str, object] = {
    "closed_on": "+0",
    "leader_signature": "liu",
    "head_signature": "zhao",
    "archive_number": "DA-2019-01",
    "cleanup": "waived",
    "cleanup_waiver": "个案，制度无漏洞",
}

ASSIGN = Move("zhou", "assign", "assigned", {"handler": "chen", "responsible_leader": "liu", "category": "A6"})
CLOSE = Move("zhou", "close", "closed", CLOSING)


def verify(finding: str, **more: object) -> Move:
    """Return the verification report of two officers."""
    report = {"finding": finding, "verifiers": ["chen", "wang"], "verified_on": "+0", "report_number": "核报1"}
    return Move("chen", "verify", "verified", {**report, **more})


def letter(agency: str, number: str) -> tuple[Move, ...]:
    """Return the steps of a referral from the letter to the receipt."""
    sent = {"letter_number": number, "receiving_body": "接收机关", "sent_on": "+0", "material": "案卷一册"}
    return (
        Move("zhou", "send", "sent", sent, agency),
        Move("feng", "receipt", "receipted", {"receipted_on": "+0", "received_by": "接收人"}, agency),
    )


def answer(agency: str, outcome: str = "filed") -> Move:
    """Return the step that records what an agency answers."""
    return Move("zhou", "answer", "answered", {"answered_on": "+0", "outcome": outcome}, agency)


CRIME = verify("substantiated", suspected_crime=True)
OFFICIAL = verify("substantiated", involves_official=True)
CRIME_OF_OFFICIAL = verify("substantiated", suspected_crime=True, involves_official=True)
IRREGULARITY = verify("partly", irregularity=True)
NOTHING = verify("unsubstantiated")

TO_POLICE = Move("zhou", "transfer_police", "transferred_police", SIGNED)
TO_DISCIPLINE = Move("zhou", "transfer_discipline", "transferred_discipline", SIGNED)
TO_BOTH = Move("zhou", "transfer_both", "transferred_both", SIGNED)
STRIKE_OFF = Move("zhou", "waive_rectification", "struck_off", {"signed_by": "zhao", "file_checked_on": "+0"})
SHELVE = Move("zhou", "shelve", "shelved", {"reason": "查找人员", "next_review_on": "+30", "signed_by": "zhao"})
ASK_REVIEW = Move("zhou", "request_review", "under_review", {"review_requested_on": "+0", "reason": "查否必复核"})
NAME_SUN = Move("zhou", "name_reviewer", "reviewing", {"reviewer": "sun"}, "review")
CONCLUDED: Mapping[str, object] = {
    "conclusion": "卷宗齐全，结论成立",
    "methods": ["file_read"],
    "concluded_on": "+0",
    "signed_by": "zhao",
}
UPHOLD = Move("sun", "uphold", "upheld", CONCLUDED, "review")
OVERTURN = Move("sun", "overturn", "overturned", {**CONCLUDED, "conclusion": "漏查关键人员"}, "review")
REOPEN = Move("tang", "reopen", "assigned", {"reason": "新的举报", "new_facts": "转账记录"})
DECLINE = Move(
    "zhou", "decline", "declining", {"reason": "非卫健领域", "sent_to": "某局", "sent_on": "+0", "signed_by": "zhao"}
)
CLEAN_UP = Move(
    "zhou", "start_rectification", "rectifying",
    {"rectification_problem": "停车管理无人负责", "rectification_started_on": "+0", "rectification_due_on": "+60"},
)  # fmt: skip

POLICE = (ASSIGN, CRIME, TO_POLICE, *letter("police", "某卫移〔2019〕1号"), answer("police"), CLOSE, STRIKE_OFF)
DISCIPLINE = (
    ASSIGN, OFFICIAL, TO_DISCIPLINE, *letter("discipline", "某卫移〔2019〕2号"), answer("discipline", "sanctioned"),
    CLOSE, STRIKE_OFF,
)  # fmt: skip
BOTH = (
    ASSIGN, CRIME_OF_OFFICIAL, TO_BOTH,
    *letter("police", "某卫移〔2019〕3号"), *letter("discipline", "某卫移〔2019〕4号"),
    answer("discipline", "organisational"), answer("police"), CLOSE, STRIKE_OFF,
)  # fmt: skip
REVIEWED = (ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN, UPHOLD, CLOSE, STRIKE_OFF)
OVERTURNED = (
    ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN, OVERTURN,
    Move("zhou", "reverify", "assigned", {"reason": "复核推翻"}),
    Move("sun", CRIME.trigger, CRIME.state, {**CRIME.values, "verifiers": ["sun", "feng"]}), TO_POLICE,
)  # fmt: skip
SENT_BACK = (
    ASSIGN, NOTHING, ASK_REVIEW, NAME_SUN,
    Move("sun", "send_back", "sent_back", {"points": "未见当事人"}, "review"),
    Move("chen", "resubmit", "reviewing", {"supplement": "已补谈话笔录"}, "review"),
    UPHOLD, CLOSE,
)  # fmt: skip
WAIVED = (
    ASSIGN, NOTHING,
    Move("zhou", "waive_review", "verified", {"review_waiver": "同一事实已复核", "review_waiver_signed_by": "zhao"}),
    CLOSE, STRIKE_OFF,
)  # fmt: skip
SHELVED = (
    ASSIGN, verify("unclear"), SHELVE,
    Move("zhou", "keep_shelved", "shelved", {"reason": "仍无线索", "next_review_on": "+90", "signed_by": "zhao"}),
    Move("zhou", "take_up", "assigned", {"reason": "人员到案"}),
    CRIME, TO_POLICE,
)  # fmt: skip
DECLINED = (DECLINE, Move("feng", "confirm_acceptance", "declined", {"accepted_on": "+0"}))
TAKEN_BACK = (DECLINE, Move("zhou", "take_back", "received", {"reason": "对方不收"}), ASSIGN)
IN_HOUSE = (
    ASSIGN, IRREGULARITY, Move("chen", "handle", "handled_in_house", {"measures": "约谈并责令整改"}),
    CLOSE, STRIKE_OFF,
)  # fmt: skip
CLEANED_UP = (
    *IN_HOUSE[:3], Move("zhou", "close", "closed", {**CLOSING, "cleanup": "needed", "cleanup_waiver": ""}), CLEAN_UP,
    Move("chen", "begin", "under_way", {"measures": "招标重签"}, "rectification"),
    Move("chen", "report_done", "done", {"done_on": "+0", "proof": "合同"}, "rectification"),
    Move("ji", "accept", "accepted", {"accepted_on": "+0", "signed_by": "zhao"}, "rectification"),
    Move("zhou", "finish_rectification", "rectified", {"file_checked_on": "+0"}),
)  # fmt: skip
REOPENED = (*IN_HOUSE[:4], REOPEN, CRIME, TO_POLICE)
OBJECTED = (
    *POLICE[:5],
    Move("zhou", "answer", "not_filed", {"answered_on": "+0", "outcome": "not_filed", "outcome_reason": "情节轻微"},
         "police"),
    Move("zhou", "object", "objected", {"objection": "金额有误", "objected_on": "+0", "objection_to": "same_agency"},
         "police"),
    Move("zhou", "settle_objection", "answered",
         {"answered_on": "+0", "outcome": "filed", "outcome_reason": "复议撤销原决定"}, "police"),
    CLOSE,
)  # fmt: skip

ROADS: Mapping[str, tuple[Move, ...]] = {
    "police": POLICE,
    "discipline": DISCIPLINE,
    "both": BOTH,
    "unsubstantiated, reviewed by someone else": REVIEWED,
    "review overturns, verified again": OVERTURNED,
    "review sends back": SENT_BACK,
    "review waived by signature": WAIVED,
    "shelved and taken up again": SHELVED,
    "declined in two steps": DECLINED,
    "declined and taken back": TAKEN_BACK,
    "in-house": IN_HOUSE,
    "cleaned up": CLEANED_UP,
    "reopened": REOPENED,
    "police do not file, objection": OBJECTED,
}
