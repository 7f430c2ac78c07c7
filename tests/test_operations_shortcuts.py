"""Every forbidden shortcut of domain §5 is refused with its sentence and exit 21, and the database stays as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from ledgers import Move, Story, dump, furnished
from paths import (
    ASK_REVIEW,
    ASSIGN,
    BOTH,
    CLEAN_UP,
    CLEANED_UP,
    CLOSE,
    CONCLUDED,
    CRIME,
    CRIME_OF_OFFICIAL,
    DECLINE,
    DECLINED,
    IN_HOUSE,
    IRREGULARITY,
    NAME_SUN,
    NOTHING,
    OFFICIAL,
    POLICE,
    REVIEWED,
    SHELVE,
    SHELVED,
    STRIKE_OFF,
    TO_BOTH,
    TO_DISCIPLINE,
    TO_POLICE,
    UPHOLD,
    verify,
)

from engine.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A road so far, the step that must not follow, and the sentence that says why."""

    after: Sequence[Move]
    step: Move
    says: str
    opened: dict[str, object] = field(default_factory=dict)


def by(who: str, move: Move, **more: object) -> Move:
    """Return the step taken by another, or with other values."""
    return Move(who, move.trigger, "", {**move.values, **more}, move.of)


RECUSED = Move("zhou", "recuse", "assigned", {"recused": ["chen"], "reason": "亲属"})
HANDLE = Move("chen", "handle", "", {"measures": "约谈", "administrative_penalty": "罚款"})

SHORTCUTS = {
    "transfer without number and triage": Shortcut((), TO_POLICE, "it is 'Received' (received)"),
    "transfer to both from receipt": Shortcut((), TO_BOTH, "it is 'Received' (received)"),
    "transfer without verification": Shortcut((ASSIGN,), TO_DISCIPLINE, "it is 'Assigned' (assigned)"),
    "transfer without a named signatory": Shortcut(
        (ASSIGN, CRIME), Move("zhou", "transfer_police", "", {"signed_on": "+0"}), "'Signed by' (--signed-by)"
    ),
    "transfer without the day of signing": Shortcut(
        (ASSIGN, CRIME), Move("zhou", "transfer_police", "", {"signed_by": "zhao"}), "'Signed on' (--signed-on)"
    ),
    "letter without list of material": Shortcut(
        POLICE[:3], by("zhou", POLICE[3], material=""), "'List of material' (--material) must be given"
    ),
    "letter before the decision": Shortcut(POLICE[:3], by("zhou", POLICE[3], sent_on="-9"), "between the decision"),
    "close at receipt": Shortcut((), CLOSE, "it is 'Received' (received)"),
    "close what was only assigned": Shortcut((ASSIGN,), CLOSE, "it is 'Assigned' (assigned); possible now: recuse"),
    "close what is kept pending": Shortcut(SHELVED[:3], CLOSE, "it is 'Kept pending' (shelved)"),
    "strike off what is kept pending": Shortcut(SHELVED[:3], STRIKE_OFF, "it is 'Kept pending' (shelved)"),
    "strike off a transfer without a receipt": Shortcut(POLICE[:4], STRIKE_OFF, "(transferred_police)"),
    "close a transfer without a receipt": Shortcut(POLICE[:4], CLOSE, "an agency has not yet given its result"),
    "answer without a receipt": Shortcut(POLICE[:4], POLICE[5], "it is 'Sent' (sent)"),
    "fine in place of a transfer": Shortcut((ASSIGN, CRIME), HANDLE, "a fine or a talk does not stand in"),
    "fine recorded, then closed": Shortcut(
        (ASSIGN, CRIME, Move("zhou", "record_penalty", "verified", {"administrative_penalty": "罚款一万元"})),
        CLOSE,
        "a suspected crime was not transferred to the police; a fine does not stand in for it",
    ),
    "official handled in-house": Shortcut((ASSIGN, OFFICIAL), HANDLE, "goes to the discipline body"),
    "one letter where two are due": Shortcut((ASSIGN, CRIME_OF_OFFICIAL), TO_POLICE, "so use transfer_both"),
    "the other letter where two are due": Shortcut((ASSIGN, CRIME_OF_OFFICIAL), TO_DISCIPLINE, "so use transfer_both"),
    "transfer what is no crime": Shortcut((ASSIGN, IRREGULARITY), TO_POLICE, "there is no suspected crime on record"),
    "transfer where no official is involved": Shortcut((ASSIGN, IRREGULARITY), TO_DISCIPLINE, "no official is on"),
    "both where only one is due": Shortcut((ASSIGN, CRIME), TO_BOTH, "needs a suspected crime and an official"),
    "suspected crime kept pending": Shortcut((ASSIGN, CRIME), SHELVE, "may not be kept pending"),
    "suspected crime passed on": Shortcut((ASSIGN, CRIME), DECLINE, "a suspected crime goes to the police"),
    "official's conduct, substantiated, passed on": Shortcut(
        (ASSIGN, OFFICIAL), DECLINE, "it goes to the discipline body with a letter of its own"
    ),
    "unsubstantiated passed on": Shortcut((ASSIGN, NOTHING), DECLINE, "is not passed on before a re-review"),
    "unclear passed on": Shortcut((ASSIGN, verify("unclear")), DECLINE, "is not passed on before a re-review"),
    "passed on tomorrow": Shortcut((ASSIGN,), by("zhou", DECLINE, sent_on="+1"), "between the day of receipt and"),
    "passed on before it came": Shortcut((ASSIGN,), by("zhou", DECLINE, sent_on="-90"), "between the day of receipt"),
    "taken over before it was passed on": Shortcut(
        DECLINED[:1], by("feng", DECLINED[1], accepted_on="-9"), "between the day it was passed on and today"
    ),
    "file found complete tomorrow": Shortcut(
        IN_HOUSE[:4], by("zhou", STRIKE_OFF, file_checked_on="+1"), "was found complete between the day of receipt"
    ),
    "clean-up's file found complete tomorrow": Shortcut(
        CLEANED_UP[:8], by("zhou", CLEANED_UP[8], file_checked_on="+1"), "was found complete between the day of"
    ),
    "substantiated kept pending": Shortcut((ASSIGN, IRREGULARITY), SHELVE, "must be transferred or handled"),
    "kept pending for ever": Shortcut((ASSIGN,), by("zhou", SHELVE, next_review_on="+400"), "more than half a year"),
    "kept pending without a day": Shortcut((ASSIGN,), by("zhou", SHELVE, next_review_on=""), "(--next-review-on)"),
    "substantiated closed without handling": Shortcut((ASSIGN, IRREGULARITY), CLOSE, "must be transferred or handled"),
    "unsubstantiated closed without review": Shortcut((ASSIGN, NOTHING), CLOSE, "needs a re-review by someone else"),
    "unclear simply closed": Shortcut((ASSIGN, verify("unclear")), CLOSE, "not simply closed"),
    "unclear found by review not over": Shortcut(REVIEWED[:3], CLOSE, "the re-review is not finished"),
    "closed though the review overturned": Shortcut(
        (*REVIEWED[:4], Move("sun", "overturn", "overturned", CONCLUDED, "review")), CLOSE, "has overturned the finding"
    ),
    "verified again though upheld": Shortcut(
        REVIEWED[:5], Move("zhou", "reverify", "", {"reason": "再查"}), "has not overturned the finding"
    ),
    "crime verified by one": Shortcut((ASSIGN,), by("chen", CRIME, verifiers=["chen"]), "by two officers at least"),
    "verified without a report": Shortcut((ASSIGN,), by("chen", NOTHING, report_number=""), "(--report-number)"),
    "verified before it was received": Shortcut((ASSIGN,), by("chen", NOTHING, verified_on="-90"), "day of receipt"),
    "unsubstantiated yet a crime": Shortcut(
        (ASSIGN,), by("chen", NOTHING, suspected_crime=True), "found unsubstantiated cannot still be"
    ),
    "assigned to nobody": Shortcut((), Move("zhou", "assign", "", {"responsible_leader": "liu"}), "'Handler' (--hand"),
    "assigned without a leader": Shortcut((), Move("zhou", "assign", "", {"handler": "chen"}), "(--responsible-leade"),
    "clean-up not accepted": Shortcut(CLEANED_UP[:7], CLEANED_UP[8], "the clean-up has not been accepted yet"),
    "clean-up due before it begins": Shortcut(
        CLEANED_UP[:4], by("zhou", CLEAN_UP, rectification_due_on="-1"), "must be due after it begins"
    ),
    "struck off with no word on the clean-up": Shortcut(
        CLEANED_UP[:4], STRIKE_OFF, "'Why no clean-up' (--cleanup-waiver) is missing"
    ),
    "closed with the reporter not told": Shortcut(
        IN_HOUSE[:3], CLOSE, "the reporter has not been told of the result", {"real_name": True}
    ),
    "closed with the superior not told": Shortcut(
        IN_HOUSE[:3], CLOSE, "the superior body that asked", {"feedback_due_on": "2019-12-01"}
    ),
    "closed with another's signature": Shortcut(
        IN_HOUSE[:3], by("zhou", CLOSE, leader_signature="tang"), "the signature of the responsible leader is missing"
    ),
    "closed on a day to come": Shortcut(IN_HOUSE[:3], by("zhou", CLOSE, closed_on="+1"), "between the day of receipt"),
    "reopened without new facts": Shortcut(
        IN_HOUSE[:4], Move("tang", "reopen", "", {"reason": "再查"}), "'New facts or evidence' (--new-facts)"
    ),
    "agency's refusal not answered for": Shortcut(
        POLICE[:5], Move("zhou", "answer", "", {"answered_on": "+0", "outcome": "not_filed"}, "police"),
        "'What the agency says' (--outcome-reason) must be given",
    ),
    "a value slipped in": Shortcut((ASSIGN,), by("chen", IRREGULARITY, head_signature="zhao"), "it does not take"),
    # who acts
    "who verified closes": Shortcut(
        (ASSIGN, Move("wang", "verify", "verified", IRREGULARITY.values), *IN_HOUSE[2:3]), by("wang", CLOSE),
        "wang did 'verify' and may not do this as well; someone else must",
    ),
    "who verified waives the review": Shortcut(
        (ASSIGN, Move("wang", "verify", "verified", NOTHING.values)),
        Move("wang", "waive_review", "", {"review_waiver": "无须", "review_waiver_signed_by": "zhao"}),
        "wang did 'verify' and may not do this",
    ),
    "who verified signs the waiver": Shortcut(
        (ASSIGN, NOTHING),
        Move("zhou", "waive_review", "", {"review_waiver": "无须", "review_waiver_signed_by": "wang"}),
        "an officer who verified the lead cannot sign",
    ),
    "who verified is named reviewer": Shortcut(
        REVIEWED[:3], by("zhou", NAME_SUN, reviewer="wang"),
        "an officer who handled or verified the lead cannot review it",
    ),
    "who handled is named reviewer": Shortcut(
        (ASSIGN, verify("unsubstantiated", verifiers=["wang", "sun"]), ASK_REVIEW),
        by("zhou", NAME_SUN, reviewer="chen"), "an officer who handled or verified the lead cannot review it",
    ),
    "someone else than the reviewer upholds": Shortcut(REVIEWED[:4], by("zhou", UPHOLD), "zhou is none of: Reviewer"),
    "who verified signs the review": Shortcut(
        REVIEWED[:4], by("sun", UPHOLD, signed_by="wang"), "neither reviews it nor signs the review"
    ),
    "who has stepped aside verifies": Shortcut((ASSIGN, RECUSED), by("chen", NOTHING), "you have stepped aside"),
    "who has stepped aside is assigned": Shortcut(
        (Move("zhou", "recuse", "received", {"recused": ["chen"], "reason": "亲属"}),), by("zhou", ASSIGN),
        "the handler or the responsible leader has stepped aside",
    ),
    "who has stepped aside signs the transfer": Shortcut(
        (ASSIGN, CRIME, Move("zhou", "recuse", "verified", {"recused": ["zhao"], "reason": "亲属"})), TO_POLICE,
        "an officer who has stepped aside neither transfers nor signs",
    ),
    "who has stepped aside closes": Shortcut(
        (*IN_HOUSE[:3], Move("zhou", "recuse", "handled_in_house", {"recused": ["feng"], "reason": "亲属"})),
        by("feng", CLOSE), "an officer who has stepped aside neither closes nor signs",
    ),
    "who did the clean-up accepts it": Shortcut(
        (*CLEANED_UP[:6], Move("zhou", "report_done", "done", CLEANED_UP[6].values, "rectification")),
        by("zhou", CLEANED_UP[7]), "zhou did 'report_done' and may not do this as well",
    ),
    "role missing": Shortcut((), by("qian", ASSIGN), "qian is none of: office"),
    "no role at all": Shortcut((), by("none", ASSIGN), "none is none of: office"),
    "handler of nothing verifies": Shortcut((ASSIGN,), by("lian", NOTHING), "lian is none of: Handler, verifier"),
    "has left": Shortcut((), by("gone", ASSIGN), "officer 'gone' has left"),
}  # fmt: skip


@pytest.mark.parametrize("case", SHORTCUTS)
def test_the_shortcut_is_refused_and_nothing_changes(sqlite_url: str, case: str) -> None:
    """The step is refused with its sentence and exit 21; a full dump before and after is the same."""
    shortcut = SHORTCUTS[case]
    with furnished(sqlite_url) as ledger:
        story = Story(ledger, **shortcut.opened).play(shortcut.after)
        before = dump(ledger.store)
        with pytest.raises(RefusedError) as refused:
            story.take(shortcut.step)
        assert refused.value.exit_code == 21
        assert shortcut.says in refused.value.sentence.en
        assert "\n" not in refused.value.sentence.en + refused.value.sentence.zh
        assert dump(ledger.store) == before


def test_closing_names_all_that_is_missing_at_once(sqlite_url: str) -> None:
    """The checklist of domain §9.2 is shown whole, not a line at a time."""
    opened = {"real_name": True, "feedback_due_on": "2019-12-01"}
    with furnished(sqlite_url) as ledger:
        story = Story(ledger, **opened).play(BOTH[:3])
        with pytest.raises(RefusedError) as refused:
            story.take(Move("zhou", "close", "", {"closed_on": "+0"}))
        missing = [each.en for each in refused.value.reasons]
        wanted = (
            "no file yet", "responsible leader is missing", "main person in charge is missing",
            "reporter has not been told", "superior body that asked", "every referral must be answered",
            "whether a clean-up is needed",
        )  # fmt: skip
        assert [[word in each for each in missing].count(True) for word in wanted] == [1] * len(wanted)
