"""Every value of a letter is what its label says: each is held against where it comes from."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from ledgers import DAY, START, Story, furnished
from letters import Letters, gathered
from paths import ASSIGN

from documents.letters.draft import Context
from documents.letters.fill import filled, template_of
from documents.letters.kinds import kinds
from engine.errors import RefusedError
from engine.operations.deadlines import extending, timing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.gather import CHASE
from engine.operations.letters.issue import LetterToIssue, issue
from engine.workflow.deadline import Term, TermUnit

ORIGINAL, EXTENDED, RESTED, BOTH = "2019年9月2日", "2019年9月12日", "2019年9月9日", "2019年9月19日"
"""Two months from 2 July, ten days more, seven days at rest, and both."""

MOVED: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    # what moved the deadline: the values that tell of it, forty days after the day of all of them
    "nothing": ((), {"due_on": ORIGINAL, "moved_due_on": "", "moved_by": ""}),
    "an extension": (("extend",), {"due_on": ORIGINAL, "moved_due_on": EXTENDED, "moved_by": "延期1次"}),
    "a rest": (("rest",), {"due_on": ORIGINAL, "moved_due_on": RESTED, "moved_by": "中止计时"}),
    "both": (("rest", "extend"), {"due_on": ORIGINAL, "moved_due_on": BOTH, "moved_by": "延期1次、中止计时"}),
}  # fmt: skip


LATE_ON = date(2019, 10, 22)


@pytest.mark.parametrize("case", MOVED)
@pytest.mark.parametrize("name", ["chase_letter", "supervision_notice"])
def test_the_first_day_the_one_in_force_and_how_late(sqlite_url: str, name: str, case: str) -> None:
    """原定时限 is the first day whatever moved it since; 现行时限 the one in force, and lateness is by that."""
    moves, expected = MOVED[case]
    with furnished(sqlite_url) as ledger:
        found = about_verification(ledger, name, moves, now_day=LATE_ON)
    told = {each: found[each] for each in expected}
    assert told == expected
    in_force = day_of(str(expected["moved_due_on"] or ORIGINAL))
    assert found["late"] == f"{(LATE_ON - in_force).days}天"
    words = text_of(name, found)
    if expected["moved_due_on"]:
        assert f"原定时限\n{EXTENDED}" not in words
        assert f"原定{EXTENDED}" not in words
        assert str(expected["moved_due_on"]) in words
        assert str(expected["moved_by"]) in words
    assert ORIGINAL in words


@pytest.mark.parametrize("case", MOVED)
def test_an_application_tells_the_first_day_and_the_one_it_is_to_move(sqlite_url: str, case: str) -> None:
    """原办结期限 is the first day, 现办结期限 the one in force; the form asks for a day after that."""
    moves, expected = MOVED[case]
    with furnished(sqlite_url) as ledger:
        found = about_verification(ledger, "extension_form", moves, now_day=date(2019, 8, 20))
    assert found["due_on"] == ORIGINAL
    assert found["current_due_on"] == (expected["moved_due_on"] or ORIGINAL)
    assert found["moved_by"] == expected["moved_by"]
    assert found["times"] == ("1次" if "extend" in moves else "0次")


CHASED = {
    # letters about the deadline that were issued before: how often it was chased
    "none": ((), ""),
    "one": ((CHASE,), "1次"),
    "an application": (("extension_form",), ""),
    "a notice and two": ((CHASE, "supervision_notice", CHASE), "2次"),
}


@pytest.mark.parametrize("case", CHASED)
def test_only_what_chases_counts_as_chasing(sqlite_url: str, tmp_path: Path, case: str) -> None:
    """催办次数 counts letters that chase; an application or an earlier notice about the deadline is none."""
    letters, expected = CHASED[case]
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play([ASSIGN])
        acting = Acting(ledger, "zhou", START + 112 * DAY)
        for kind in letters:
            about = {"deadline": "verification", "round": 1}
            letter = LetterToIssue(kind=kind, series="示卫", by=("office",), name="{number}", about=about)
            issue(acting, story.lead, letter, make=str.encode, folder=tmp_path, another=True, reason="试")
        kind_of = kinds()["supervision_notice"]
        found = gathered(ledger, kind_of, story.lead, {}, shows=(), deadline="verification", now=acting.now)
        assert found.context["chased"] == expected


SOURCES: Mapping[str, Mapping[str, tuple[str, str | list[str]]]] = {
    # kind, value: its label, and what the ledger has at the place that the label names
    "transfer": {
        "facts": ("移送事项", ["反映张三丰长期把持停车场"]),
        "source": ("线索来源", "电话举报"),
        "received_on": ("收到时间", "2019年6月28日"),
        "category": ("线索类型", "医院周边违规摆摊与黑救护黑出租"),
        "subject": ("被反映人", "张三丰"),
        "subject_position": ("单位和职务", "某公司负责人"),
        "subject_unit": ("发生地点或机构", "县医院停车场"),
        "finding": ("核查结论", "查实"),
        "report_number": ("核查报告文号", "核报1"),
        "handler": ("移送人", "chen某"),
        "lead_number": ("线索编号", "0101-XS-2019-0001"),
    },
    "pass_on": {
        "source": ("线索来源", "电话举报"),
        "received_on": ("收到时间", "2019年6月28日"),
        "facts": ("事项概要", ["第二件"]),
        "due_on": ("办结时限", EXTENDED),
    },
    "chase_letter": {
        "handling_office": ("承办单位", "某医院"),
        "deadline": ("期限名称", "告知受理"),
        "due_on": ("原定时限", "2019年7月19日"),
        "late": ("已超时间", "51个工作日"),
        "answer_by": ("反馈期限", "2019年10月10日"),
        "handler": ("责任人", "chen某"),
    },
    "supervision_notice": {
        "handling_office": ("被督办单位", "某医院"),
        "source": ("事项来源", "电话举报"),
        "received_on": ("收到日期", "2019年6月28日"),
        "deadline": ("期限名称", "告知受理"),
        "due_on": ("原定时限", "2019年7月19日"),
        "late": ("已超时间", "51个工作日"),
        "new_due_on": ("新期限", "2019年10月12日"),
    },
    "extension_form": {
        "superior": ("主送上级", "示例市卫生健康委员会"),
        "deadline": ("期限名称", "核查期限"),
        "due_on": ("原办结期限", ORIGINAL),
        "current_due_on": ("现办结期限", EXTENDED),
        "new_due_on": ("申请延期至", "2019年9月30日"),
        "times": ("已延期次数", "1次"),
        "handler": ("责任人", "chen某"),
    },
    "verification_report": {
        "source": ("线索来源", "电话举报"),
        "received_on": ("收到时间", "2019年6月28日"),
        "facts": ("反映的主要问题", ["反映张某某长期把持停车场"]),
        "verifiers": ("核查组成员", "chen某、wang某"),
        "finding": ("核查结论", "查实"),
    },
    "closing_report": {
        "superior": ("主送上级", "示例市卫生健康委员会"),
        "external_number": ("交办文号", "示市卫交〔2019〕7号"),
        "received_on": ("收到时间", "2019年6月28日"),
        "finding": ("核查结论", "查实"),
        "report_number": ("核查报告文号", "核报1"),
        "closed_on": ("办结日期", "2019年7月8日"),
        "issued_by": ("签发人", "zhao某"),
        "handler": ("经办人", "chen某"),
    },
    "proposal_reply": {
        "issued_by": ("主送机关", "示例县人民检察院"),
        "kind": ("文书种类", "检察建议书"),
        "document_number": ("建议文号", "示检建〔2019〕3号"),
        "received_on": ("收到日期", "2019年7月2日"),
        "facts": ("建议事项", ["建议加强停车场管理"]),
        "adoption": ("采纳情况", "部分采纳"),
    },
    "talk_notice": {
        "concerns": ("约谈对象", "某医院院长"),
        "facts": ("约谈事由", ["三件线索超期。"]),
        "done_by": ("约谈人", "zhao某"),
    },
    "talk_record": {"concerns": ("约谈对象", "某医院院长"), "recorder": ("记录人", "周某")},
    "criticism_circular": {"concerns": ("通报对象", "某医院院长"), "facts": ("通报事由", ["三件线索超期。"])},
    "praise_circular": {"concerns": ("通报对象", "某医院院长"), "facts": ("主要事迹", ["三件线索超期。"])},
    "special_management_notice": {"ends_on": ("重点管理期满日期", "2020年3月31日")},
    "minutes": {
        "period": ("期次", "2019年9月"),
        "chair": ("主持人", "zhao某"),
        "agenda": ("会议议题", ["0101-XS-2019-0001"]),
        "tasks": (
            "议定任务",
            [
                "调取合同；关联事项编号：0101-XS-2019-0001；责任单位（股室）：监督股；责任人：chen某；完成时限：2019年11月1日。"
            ],
        ),
        "present": ("出席人员", "zhao某、zhou某"),
    },
    "bulletin_circular": {"period": ("期次", "2019年9月")},
}  # fmt: skip


@pytest.fixture(scope="module")
def letters(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Letters]:
    """Return cases that letters are written about; nothing here changes them."""
    place = shutil.copy(sqlite_template, tmp_path_factory.mktemp("values") / "ledger.db")
    with furnished(str(place)) as ledger:
        yield Letters(ledger)


@pytest.mark.parametrize("name", kinds())
def test_every_value_is_what_its_label_says(letters: Letters, name: str) -> None:
    """Each value that the ledger gives is that of the field, deadline or setting which its label names."""
    found = letters.gathered(name).context
    told = {each: (kinds()[name].values[each].title.zh, found[each]) for each in SOURCES[name]}
    assert told == dict(SOURCES[name])


def test_a_closing_is_not_reported_before_it_is_one(letters: Letters) -> None:
    """The report of a closing says on which day it was closed: there is none for a lead that is not."""
    kind = kinds()["closing_report"]
    with pytest.raises(RefusedError, match="当前为"):
        gathered(
            letters.ledger, kind, letters.case("verification_report"), {"closed_on": "2019-07-05"}, shows=(),
            now=letters.now,
        )  # fmt: skip


def test_a_period_is_no_day_of_receipt() -> None:
    """收到日期 is said only of what was received: a proposal's day of receipt, of a return none."""
    assert kinds()["supervision_notice"].values["received_on"].places == ("case.received_on", "parent.received_on")
    assert "收到日期" not in text_of("supervision_notice", notice({"received_on": ""}))
    assert "收到日期：2019年7月2日）" in text_of("supervision_notice", notice({"received_on": "2019年7月2日"}))


def notice(values: Mapping[str, str]) -> Context:
    """Return the text of a supervision notice with these values."""
    kind = kinds()["supervision_notice"]
    return {**dict.fromkeys(kind.placeholders, "某事"), "demands": ["某事"], **values}


def about_verification(ledger: Ledger, name: str, moves: tuple[str, ...], *, now_day: date) -> Context:
    """Return what a letter about the verification of a lead says, after the deadline was moved."""
    story = Story(ledger).play([ASSIGN])
    if "rest" in moves:
        acting = Acting(ledger, "zhou", story.now + DAY)
        timing.pause(acting, story.number, "verification", reason="等待鉴定")
        later = Acting(ledger, "zhou", story.now + 8 * DAY)
        timing.resume(later, story.number, "verification", reason="鉴定已出")
    if "extend" in moves:
        extending.extend(
            Acting(ledger, "zhou", story.now + 9 * DAY), story.number, "verification",
            length=Term(amount=10, unit=TermUnit.DAYS), reason="知情人员外出", signed_by="zhao",
            filed_on=date(2019, 7, 2),
        )  # fmt: skip
    now = START + (now_day - START.date()).days * DAY
    given = {"new_due_on": "2019-12-30", "reason": "仍在外地"} if name == "extension_form" else {}
    return gathered(ledger, kinds()[name], story.lead, given, shows=(), deadline="verification", now=now).context


def day_of(words: str) -> date:
    """Return the day that a letter writes."""
    year, rest = words.split("年")
    month, day = rest.removesuffix("日").split("月")
    return date(int(year), int(month), int(day))


def text_of(name: str, context: Context) -> str:
    """Return the words of a letter, tables included, cell by cell."""
    document = Document(BytesIO(filled(template_of(kinds()[name]), context, number="示卫催〔2019〕1号")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])
