"""A ledger with one case for each kind of letter, and what an officer would give for it."""

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from ledgers import DAY, Story
from paths import ASSIGN, CLOSE, CRIME_OF_OFFICIAL, POLICE, TO_BOTH

from documents.letters.draft import Context, drafted, read_given
from documents.letters.fill import prove, template_of
from documents.letters.kinds import LetterKind, kinds
from engine.language import Text
from engine.operations.cases.casework import advance, open_case
from engine.operations.deadlines.extending import extend
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.gather import gather
from engine.operations.letters.issue import LetterToIssue, change_letterhead
from engine.rules.case import Case
from engine.workflow.deadline import Term, TermUnit
from presentation.letter_prepared import request_of

MARK = "REPORTER-Q773"
"""Stands for the identity of somebody who reported; no letter may hold it."""
SUBJECT = "张三丰"
"""The one reported; only a transfer letter names him."""

LETTERHEAD = {
    "letter_code": "示卫",
    "letter_sender": "示例县卫生健康委员会",
    "letter_contact": "周某",
    "letter_telephone": "000-1234567",
    "letter_superior": "示例市卫生健康委员会",
}

GIVEN: Mapping[str, Mapping[str, str]] = {
    "transfer": {"receiving_body": "示例县公安局", "material": "核查情况报告1份；谈话笔录12份\n监控录像光盘2张"},
    "pass_on": {"handling_office": "医政股"},
    "chase_letter": {},
    "supervision_notice": {},
    "extension_form": {"new_due_on": "2019-09-30", "reason": "知情人员仍在外地"},
    "verification_report": {
        "course": f"查阅合同、票据和录像。\n与{SUBJECT}等人谈话。",
        "results": "强行收费属实。\n威胁他人属实。",
        "advice": "移送公安机关。",
        "attachments": "谈话笔录；票据复印件",
    },
    "closing_report": {"measures": f"{SUBJECT}已被立案。"},
    "proposal_reply": {
        "adoption": "部分采纳",
        "measures": "收回经营权。\n修订办法。",
        "not_adopted_because": "编制所限。",
    },
    "talk_notice": {"talk_at": "2019年10月15日上午9时", "place": "三楼会议室", "done_by": "zhao"},
    "talk_record": {"place": "三楼会议室", "done_by": "zhao", "recorder": "周某"},
    "criticism_circular": {},
    "praise_circular": {},
    "special_management_notice": {"ends_on": "2020-03-31"},
    "minutes": {},
    "bulletin_circular": {"findings": "全县摸排12件，办结8件。\n某医院超期2件。"},
}
"""What is given besides what the ledger has."""


class Written(NamedTuple):
    """What a letter would say, and what would be issued."""

    context: Context
    missing: tuple[Text, ...]
    letter: LetterToIssue


def gathered(
    ledger: Ledger,
    kind: LetterKind,
    case: Case,
    given: Mapping[str, str],
    *,
    shows: Container[str],
    deadline: str | None = None,
    now: datetime,
) -> Written:
    """Gather the facts of a letter and put them into words, as the command does."""
    facts = gather(
        Acting(ledger, "zhou", now),
        case,
        request_of(kind),
        read_given(kind, given, today=now.date()),
        deadline=deadline,
    )
    draft = drafted(kind, facts.found, facts.given, shows=shows, today=facts.today)
    return Written(draft.context, draft.missing, facts.letter)


class Letters:
    """Cases that letters are written about, and the time at which they are."""

    def __init__(self, ledger: Ledger, summary: str = f"反映{SUBJECT}长期把持停车场") -> None:
        self.ledger = ledger
        story = Story(
            ledger, summary=summary, subject=SUBJECT, subject_position="某公司负责人", subject_unit="县医院停车场",
            reporter=MARK, real_name=True, category="A6", external_number="示市卫交〔2019〕7号",
        )  # fmt: skip
        change_letterhead(Acting(ledger, "keeper", story.now), LETTERHEAD)
        story.play([ASSIGN])
        extend(
            Acting(ledger, "zhou", story.now),
            story.number,
            "verification",
            length=Term(amount=10, unit=TermUnit.DAYS),
            reason="知情人员外出",
            signed_by="zhao",
            filed_on=date(2019, 7, 2),
        )
        story.play([CRIME_OF_OFFICIAL, TO_BOTH])
        self.now = story.now + 90 * DAY
        proposal = open_case(
            Acting(ledger, "zhou", self.now),
            "proposal",
            {
                "received_on": "2019-07-02",
                "kind": "procuratorial",
                "issued_by": "示例县人民检察院",
                "document_number": "示检建〔2019〕3号",
                "summary": "建议加强停车场管理",
            },
            unit="0101",
        ).case
        advance(
            Acting(ledger, "zhou", self.now),
            proposal.number,
            "assign",
            {"responsible_leader": "liu", "handler": "chen"},
        )
        other = Story(ledger, summary="第二件", subject=SUBJECT, reporter=MARK, real_name=True)
        other.play([ASSIGN])
        extend(
            Acting(ledger, "zhou", other.now),
            other.number,
            "verification",
            length=Term(amount=10, unit=TermUnit.DAYS),
            reason="知情人员外出",
            signed_by="zhao",
            filed_on=date(2019, 7, 2),
        )
        closed = Story(
            ledger,
            summary=summary,
            subject=SUBJECT,
            reporter=MARK,
            real_name=True,
            category="A6",
            external_number="示市卫交〔2019〕7号",
        ).play(
            [
                replace(move, values={**move.values, "result_told_on": "+0"}) if move is CLOSE else move
                for move in POLICE
            ]
        )
        consequences = {kind: self._consequence(kind) for kind in ("talk", "criticism", "praise", "special_management")}
        meeting, circular = self._meeting(story.number), self._circular()
        self.moments = dict.fromkeys(("extension_form", "pass_on"), other.now)
        self.numbers = dict.fromkeys(kinds(), story.number) | {
            "transfer": story.case("police").number,
            "proposal_reply": proposal.number,
            "extension_form": other.number,
            "pass_on": other.number,
            "closing_report": closed.number,
            "talk_notice": consequences["talk"],
            "talk_record": consequences["talk"],
            "criticism_circular": consequences["criticism"],
            "praise_circular": consequences["praise"],
            "special_management_notice": consequences["special_management"],
            "minutes": meeting,
            "bulletin_circular": circular,
        }

    def _consequence(self, kind: str) -> str:
        """Propose and order what follows for a unit, and return its number."""
        acting, day = Acting(self.ledger, "zhou", self.now), self.now.date()
        values = {"proposed_on": day.isoformat(), "kind": kind, "concerns": "某医院院长", "facts": "三件线索超期。"}
        number = open_case(acting, "consequence", values, unit="0101").case.number
        advance(acting, number, "order", {"signed_by": "zhao", "due_on": (day + 30 * DAY).isoformat()})
        return number

    def _meeting(self, lead: str) -> str:
        """Hold a meeting that decides on a lead, and return its number."""
        acting, day = Acting(self.ledger, "zhou", self.now), self.now.date()
        values = {"called_on": day.isoformat(), "period": "2019年9月", "due_on": day.isoformat(), "agenda": lead}
        number = open_case(acting, "meeting", values, unit="0101").case.number
        held = {"held_on": day.isoformat(), "chair": "zhao", "present": "zhao,zhou", "recorder": "zhou"}
        advance(acting, number, "hold", {**held, "decisions": f"{lead}：补充核查。"})
        item = {"item": lead, "item_task": "调取合同", "item_office": "监督股", "item_officer": "chen"}
        advance(acting, number, "decide", {**item, "item_due_on": (day + 30 * DAY).isoformat()})
        return number

    def _circular(self) -> str:
        """Begin a bulletin, and return its number."""
        day = self.now.date().isoformat()
        values = {"begun_on": day, "period": "2019年9月", "due_on": day}
        return open_case(Acting(self.ledger, "zhou", self.now), "circular", values, unit="0101").case.number

    def case(self, kind: str) -> Case:
        """Return the case that a letter of *kind* is about."""
        return self.ledger.case(self.numbers[kind])

    def gathered(self, name: str, **more: str) -> Written:
        """Return the values of a letter."""
        kind: LetterKind = kinds()[name]
        shows = prove(template_of(kind), kind)
        return gathered(
            self.ledger,
            kind,
            self.case(name),
            {**GIVEN[name], **more},
            shows=shows,
            now=self.moments.get(name, self.now),
        )
