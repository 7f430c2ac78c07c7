"""The duties beside the leads: each shipped workflow is played through its roads once, on one ledger."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from houses import House, built_house, house
from ledgers import DAY, START, furnished
from openpyxl import Workbook

from engine.errors import RefusedError
from engine.operations.cases.casework import advance, open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import clock_rows

__all__ = ["built_house", "house"]

Step = tuple[str, str, str, Mapping[str, object]]
"""Who, which step, the state after it, and what is brought; a text `+N` is the day N days later."""

STORIES: Mapping[str, tuple[str, str, Mapping[str, object], Sequence[Step]]] = {
    "a task that is accepted by another hand": (
        "task", "zhou",
        {"ordered_on": "+0", "subject": "排查号贩子", "responsible_office": "医政股", "due_on": "+30"},
        [
            ("zhou", "begin", "under_way", {"responsible_leader": "liu", "handler": "chen"}),
            ("chen", "report_done", "done", {"done_on": "+0", "result": "已排查"}),
            ("zhou", "send_back", "under_way", {"points": "缺名单"}),
            ("chen", "report_done", "done", {"done_on": "+0", "result": "已排查，附名单"}),
            ("zhou", "accept", "accepted", {}),
        ],
    ),
    "a task that is kept up": (
        "task", "zhou",
        {"ordered_on": "+0", "subject": "公示电话", "responsible_office": "办公室", "due_on": "+1", "kept_up": True},
        [
            ("zhou", "begin", "under_way", {"responsible_leader": "liu", "handler": "chen"}),
            ("chen", "report_done", "done", {"done_on": "+0", "result": "已公示"}),
            ("zhou", "keep_up", "kept", {"next_check_on": "+30"}),
            ("zhou", "check_again", "kept", {"check_result": "仍在", "next_check_on": "+60"}),
            ("zhou", "set_again", "under_way", {"check_result": "已脱落", "due_on": "+5"}),
            ("zhou", "drop", "dropped", {"reason": "机构撤销", "signed_by": "zhao"}),
        ],
    ),
    "a meeting with signed minutes": (
        "meeting", "zhou",
        {"called_on": "+0", "period": "2019-07", "due_on": "+20", "agenda": "0101-XS-2019-0001"},
        [
            (
                "zhou", "hold", "held",
                {
                    "held_on": "+0", "chair": "liu", "present": ["liu", "zhou", "ji"], "decisions": "移送公安，七日内",
                    "recorder": "feng", "absent": "疾控中心，值班",
                },
            ),
            ("feng", "correct", "held", {"decisions": "移送公安，五日内"}),
            ("feng", "close", "closed", {"minutes_number": "研纪〔2019〕1号", "signed_by": "zhao"}),
        ],
    ),
    "a talk": (
        "consequence", "zhou",
        {"proposed_on": "+0", "kind": "talk", "concerns": "县医院院长", "facts": "逾期三十日"},
        [
            ("zhou", "order", "ordered", {"signed_by": "zhao", "due_on": "+9"}),
            (
                "zhou", "carry_out", "carried_out",
                {"done_on": "+0", "paper": "约〔2019〕1号", "record": "已谈", "done_by": "liu", "promised": "月底办结"},
            ),
        ],
    ),
    "praise": (
        "consequence", "ji",
        {"proposed_on": "+0", "kind": "praise", "concerns": "县中医院", "facts": "全部按期"},
        [
            ("ji", "order", "ordered", {"signed_by": "zhao", "due_on": "+9"}),
            ("ji", "carry_out", "carried_out", {"done_on": "+0", "paper": "通报〔2019〕2号", "record": "全县通报"}),
        ],
    ),
    "special management": (
        "consequence", "zhou",
        {"proposed_on": "+0", "kind": "special_management", "concerns": "县医院", "facts": "两次逾期"},
        [
            ("zhou", "order", "ordered", {"signed_by": "zhao", "due_on": "+9"}),
            ("zhou", "carry_out", "in_force", {"done_on": "+0", "paper": "1号", "record": "列入", "ends_on": "+30"}),
            ("zhou", "prolong", "in_force", {"reason": "仍逾期", "signed_by": "zhao", "ends_on": "+60"}),
            ("zhou", "lift", "lifted", {"lifted_on": "+0", "reason": "已改", "signed_by": "zhao"}),
        ],
    ),
    "criticism that people decide against": (
        "consequence", "zhou",
        {"proposed_on": "+0", "kind": "criticism", "concerns": "县医院", "facts": "逾期"},
        [("zhou", "drop", "dropped", {"reason": "已补办", "signed_by": "zhao"})],
    ),
    "major information": (
        "major_information", "lian",
        {"discovered_on": "+0", "discovered_at": "2019-07-01 09:40", "grade": "important_lead", "facts": "团伙滋事"},
        [
            ("lian", "inform", "informed", {"leaders": ["liu", "zhao"]}),
            (
                "zhou", "report", "reported",
                {"reported_at": "今天11时5分", "reported_to": "市卫健委", "way": "telephone"},
            ),
            ("zhou", "continue_report", "reported", {"continued": "已控制", "paper": "重〔2019〕1号"}),
            ("zhou", "close", "closed", {"outcome": "移交公安"}),
        ],
    ),
    "what was not major": (
        "major_information", "zhou",
        {"discovered_on": "+0", "discovered_at": "2019年7月1日上午10点", "grade": "other", "facts": "误报"},
        [("zhou", "dismiss", "not_major", {"reason": "误报", "signed_by": "zhao"})],
    ),
    "protection of a reporter": (
        "protection", "bao",
        {"asked_on": "+0", "kind": "protection", "related_number": "0101-XS-2019-0001", "reporter": "某人"},
        [
            ("bao", "protect", "in_force", {"measures": "专人联系", "signed_by": "zhao", "next_review_on": "+30"}),
            ("bao", "look_again", "in_force", {"measures": "专人联系", "next_review_on": "+60"}),
            ("ji", "end", "settled", {"done_on": "+0", "outcome": "风险消除", "signed_by": "zhao"}),
        ],
    ),
    "a reward": (
        "protection", "bao",
        {"asked_on": "+0", "kind": "reward", "related_number": "0101-XS-2019-0001"},
        [("bao", "settle", "settled", {"done_on": "+0", "outcome": "已发", "amount": 500, "signed_by": "zhao"})],
    ),
    "an answer that medical insurance owes": (
        "protection", "bao",
        {"asked_on": "+0", "kind": "answer", "related_number": "0101-XS-2019-0001"},
        [
            ("bao", "record_opening", "asked", {"case_opened_on": "+0"}),
            ("bao", "refuse", "refused", {"reason": "非实名", "signed_by": "zhao"}),
        ],
    ),
    "retaliation": (
        "misconduct", "ji",
        {"reported_on": "+0", "kind": "retaliation", "related_number": "0101-XS-2019-0001", "facts": "调离岗位"},
        [
            ("ji", "examine", "examined", {"examiners": ["chen", "wang"]}),
            ("chen", "conclude", "found", {"finding": "substantiated"}),
            ("ji", "settle", "settled", {"outcome": "恢复岗位", "signed_by": "zhao", "handed_to": "县纪委监委"}),
        ],
    ),
}  # fmt: skip

REFUSED: Sequence[tuple[str, str, Mapping[str, object], str, str, Mapping[str, object], str]] = [
    ("meeting", "zhou", {"called_on": "+0", "period": "2019-08", "due_on": "+20", "agenda": "某件"}, "zhou",
     "hold", {"held_on": "+0", "chair": "liu", "present": ["ji"], "decisions": "无", "recorder": "feng"},
     "主持人须列入参加人员"),
    ("protection", "bao", {"asked_on": "+0", "kind": "reward", "related_number": "某件"}, "bao", "settle",
     {"done_on": "+0", "outcome": "已发"}, "奖励须有金额和签批人"),
    ("protection", "bao", {"asked_on": "+0", "kind": "protection", "related_number": "某件"}, "bao", "settle",
     {"done_on": "+0", "outcome": "已办"}, "须先采取保护措施"),
    ("misconduct", "ji", {"reported_on": "+0", "kind": "leak"}, "ji", "examine", {"examiners": ["chen"]},
     "不得少于两人"),
    ("misconduct", "ji", {"reported_on": "+0", "kind": "leak"}, "zhou", "examine", {"examiners": ["chen", "wang"]},
     "不具备所需角色"),
]  # fmt: skip
"""Workflow, who opens it, with what; who takes which step, with what; and a part of the reason why it is refused."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Ledger]:
    """Return one ledger for all stories."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("duties") / "ledger.db")
    with furnished(str(file)) as made:
        yield made


def dated(values: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return values with the days that `+N` stands for."""
    return {
        name: (now + int(value) * DAY).date().isoformat() if isinstance(value, str) and value[:1] == "+" else value
        for name, value in values.items()
    }


def test_every_duty_has_its_road(ledger: Ledger) -> None:
    """Each story goes from state to state as written, and the journal proves every entry of it."""
    wrong = []
    for name, (workflow, opener, values, steps) in STORIES.items():
        now = START
        number = open_case(Acting(ledger, opener, now), workflow, dated(values, now), unit="0101").case.number
        for by, step, state, brought in steps:
            now += timedelta(hours=1)
            found = advance(Acting(ledger, by, now), number, step, dated(brought, now)).case.state
            wrong += [f"{name}: {step} led to {found}"] if found != state else []

    assert wrong == []
    assert {workflow for workflow, *_ in STORIES.values()} == {
        "task", "meeting", "consequence", "major_information", "protection", "misconduct",
    }  # fmt: skip
    assert verify(ledger)[1] == ()


def test_what_a_duty_refuses(ledger: Ledger) -> None:
    """The chair was there, a reward is signed, protection comes first, two examine, and only who may."""
    wrong = []
    for workflow, opener, values, by, step, brought, says in REFUSED:
        number = open_case(Acting(ledger, opener, START), workflow, dated(values, START), unit="0101").case.number
        try:
            advance(Acting(ledger, by, START), number, step, dated(brought, START))
        except RefusedError as refusal:
            wrong += [f"{step}: {refusal}"] if says not in str(refusal) else []
        else:
            wrong.append(f"{step} was taken by {by} with {brought}")

    assert wrong == []


def test_major_information_is_told_by_night(ledger: Ledger) -> None:
    """What is registered on a Saturday night is told at once; a grave attack has six hours from its discovery."""
    night = datetime.fromisoformat("2019-07-06T23:30").replace(tzinfo=START.tzinfo)
    values = {"discovered_on": "+0", "discovered_at": "7月6日晚上11点20", "grade": "attack", "facts": "持刀伤医"}
    opened = open_case(Acting(ledger, "lian", night), "major_information", dated(values, night), unit="0101").case
    sweep(ledger, now=night + timedelta(minutes=1))

    soon = int((night + timedelta(minutes=2)).timestamp()) * 1_000_000
    told = ledger.store.query(
        "SELECT recipient FROM outbox WHERE payload LIKE ? AND next_try_at <= ?", (f"%{opened.number}%", soon)
    )
    assert {recipient for (recipient,) in told} >= {"zhou", "liu", "zhao"}
    due = {each.name: each.due_at for each in clock_rows.of_case(ledger.store, opened.id)}
    assert due["reporting"] == int((night + timedelta(hours=6, minutes=-10)).timestamp()) * 1_000_000


def test_a_plan_is_imported_as_tasks(house: House) -> None:
    """The table of a plan, with office, leader and month, becomes tasks; by the month they are found again."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (
        ("序号", "工作任务", "责任股室", "完成时限"),
        ("1", "排查医托号贩子", "医政股", "2019年8月底前"),
        ("2", "清理违规承包科室", "法监股", "2019-09-30"),
    ):
        sheet.append(list(row))
    made.save(house.folder / "plan.xlsx")
    asked = ("import", str(house.folder / "plan.xlsx"), "--workflow", "task", "--unit", "0101")
    house.done(*asked, "--set", "ordered_on=2019-07-01", "--apply")

    august = house.found("list", "--workflow", "task", "--where", "due_on.month == 8")
    assert [each["fields"]["responsible_office"] for each in august] == ["医政股"]
    assert len(house.found("list", "--workflow", "task", "--open")) == 2


def test_a_meeting_is_printed(house: House) -> None:
    """The file of a meeting is its paper: agenda, who came and what was decided stand in it."""
    number = house.done(
        "receive", "--workflow", "meeting", "--unit", "0101", "--called-on", "2019-07-01", "--period", "2019-07",
        "--due-on", "2019-07-20", "--agenda", "停车场线索",
    ).strip()  # fmt: skip
    house.done(
        "advance", number, "hold", "--held-on", "2019-07-01", "--chair", "li", "--present", "li,wang",
        "--recorder", "wang", "--decisions", "五日内移送",
    )  # fmt: skip
    paper = house.folder / "meeting.docx"
    house.done("case-file", number, "-o", str(paper), lang="zh")

    printed = "".join(Document(str(paper)).element.body.itertext())
    assert [each for each in ("停车场线索", "五日内移送", "主持人", "参加人员") if each not in printed] == []
