"""The year in a real browser: office, liaison officer, leader on a telephone, custodian and auditor, each in a session.

What the ledger says at the end is compared with a table made by hand.
"""

import shutil
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import Clock
from docx import Document
from ledgers import START, furnished, opened
from test_desk_imports import ledger_of
from visitors import TELEPHONE, Visitor, chromium_at_hand, listening

from engine.operations.cases.lookup import log
from engine.operations.cases.sealed_values import agree_to_open, ask_to_open
from engine.operations.house.registration import grant
from engine.operations.house.verifying import verify
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.acting import Acting
from engine.operations.letters.issue import change_letterhead
from engine.operations.returns.filing import open_returns
from engine.store import case_rows

pytestmark = pytest.mark.office("chromium", "playwright")

PASSWORD = "violin gravel sunday maple"
LETTERHEAD = {"letter_code": "示卫", "letter_contact": "王某", "letter_telephone": "0371-1"}
LEAD, SEALED = "0101-XS-2019-0001", "0101-XS-2019-0002"
PHOTOGRAPH = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NIL = "0101-BB-2019-0002"
"""The monthly return of June, in which the register has nothing."""
REPORTER = "Reporter Q-773"
IMPORTED = (
    (1, "2019-07-05", "信访", "医院门口有人强揽生意", "", ""),
    (2, "二〇一九年某日", "电话", "有人长期把持停车场", "", ""),
)
"""One good row, and one whose day means nothing."""
BY_HAND = {
    "0101-XS-2019-0001": "transferred_both",
    "0101-XS-2019-0002": "received",
    "0101-XS-2019-0003": "received",
    "0101-XS-2019-0004": "received",
    "0101-YS-2019-0001": "receipted",
    "0101-YS-2019-0002": "receipted",
    "0101-BB-2019-0002": "submitted",
    "0101-JC-2019-0002": "inspected",
    "0101-ZG-2019-0001": "ordered",
    "0101-YP-2019-0002": "closed",
    "0101-RW-2019-0001": "ordered",
}
"""What stands in the ledger at the end, by number; beside returns that nobody filed and what the extension opened."""
STEPS = [
    "opened", "moved", "signature_asked", "signature_given", "deadline_extended", "children_opened", "moved", "moved",
    *["child_moved"] * 4,
]  # fmt: skip
"""What happened to the lead, by kind, as its pages were pressed."""


@dataclass
class Year:
    """The ledger, its clock, and who is at it."""

    file: str
    address: str
    clock: Clock
    browser: Any
    office: Visitor
    visitors: list[Visitor]

    def somebody(self, officer: str, **context: Any) -> Visitor:
        """Let somebody log in, in a session of their own."""
        visitor = Visitor(self.browser, self.address, **context)
        visitor.log_in(officer, PASSWORD)
        self.visitors.append(visitor)
        return visitor


@pytest.fixture
def year(tmp_path: Path, sqlite_template: Path) -> Iterator[Year]:
    """Serve a ledger for earnest in which the officers have passwords."""
    file = str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))
    with furnished(file) as ledger:
        keeper = Acting(ledger, "keeper", START)
        for code in ("wang", "lian", "zhao", "bao", "qian", "keeper"):
            set_password(keeper, code, PASSWORD)
        grant(keeper, "qian", "auditor", None)
        change_letterhead(keeper, LETTERHEAD)
        open_returns(ledger, now=START)
    clock = Clock(START + timedelta(days=2))
    settings = {"files": tmp_path / "files", "journal_key": tmp_path / "journal.key"}
    with listening(file, clock, **settings) as address, chromium_at_hand() as browser:
        office = Visitor(browser, address)
        office.log_in("wang", PASSWORD)
        yield Year(file, address, clock, browser, office, [office])


def test_the_year_is_played(year: Year) -> None:
    """From a lead to the frozen statement by mouse and telephone; the journal is whole and says what a table says."""
    _register_and_seal(year)
    _extend_on_a_telephone(year)
    _transfer_to_both(year)
    _inspect_on_a_telephone(year)
    _meet(year)
    year.clock.now += timedelta(days=7)
    _receipts(year)
    _file_nil(year)
    _import(year)
    _report(year)
    year.clock.now = datetime(2020, 1, 6, 9, tzinfo=START.tzinfo)
    _freeze(year)
    _who_read_what(year)
    assert [each.unexpected() for each in year.visitors] == [[]] * len(year.visitors)
    with opened(year.file) as ledger:
        found = {each.number: each.state for each in case_rows.select(ledger.store)}
        assert {number: found.get(number) for number in BY_HAND} == BY_HAND
        assert [each.kind for each in log(ledger, LEAD)] == STEPS
        assert [each.what for each in verify(ledger)[1]] == []


def _register_and_seal(year: Year) -> None:
    """The office registers and assigns a lead, the custodian one with who reported it; its opening is agreed to."""
    office = year.office
    office.press("登记问题线索")
    for name, value in (
        ("received_on", "7月2日"), ("source", "telephone"), ("summary", "反映后勤科负责人伙同他人强揽转诊"),
        ("category", "A3"), ("suspected_crime", "true"), ("involves_official", "true"), ("subject", "甲某等数人"),
    ):  # fmt: skip
        office.fill(name, value)
    office.press("登记")
    office.done()
    office.press("交办")
    office.fill("responsible_leader", "zhao")
    office.fill("handler", "wang")
    office.press("交办")
    office.done()

    custodian = year.somebody("bao")
    custodian.press("登记问题线索")
    values = {"received_on": "7月2日", "source": "letter", "summary": "来信反映停车场乱收费"}
    for name, value in {**values, "real_name": "true", "reporter": REPORTER}.items():
        custodian.fill(name, value)
    custodian.press("登记")
    custodian.done()
    assert REPORTER not in custodian.page.content()
    with opened(year.file) as ledger:  # the desk does not have it
        ask_to_open(Acting(ledger, "bao", year.clock.now), SEALED, reason="核对来信人")
        agree_to_open(Acting(ledger, "zhao", year.clock.now), SEALED)
    custodian.page.goto(f"/case/{SEALED}")
    assert "核对来信人" in custodian.page.locator(".timeline").inner_text()


def _extend_on_a_telephone(year: Year) -> None:
    """The office asks for an extension, and the leader signs it with the telephone's passkey."""
    office = year.office
    office.page.goto(f"/case/{LEAD}/term/verification")
    office.fill("length", "1个月")
    office.fill("reason", "证人在外地")
    office.fill("signed_by", "zhao")
    office.press("提请签字")
    office.done()

    leader = year.somebody("zhao", **TELEPHONE)
    leader.authenticator()
    leader.page.goto("/keys")
    leader.page.get_by_label("设备名称").fill("手机")
    leader.page.get_by_label("再次输入您的口令").fill(PASSWORD)
    leader.press("登记通行密钥")
    leader.page.locator("li strong", has_text="手机").wait_for()
    leader.page.goto("/")
    leader.page.locator(f"a[href^='/case/{LEAD}']").first.click()
    leader.page.get_by_role("button", name="通行密钥：手机").click()
    leader.done()
    assert leader.page.evaluate("document.documentElement.scrollWidth") <= 390

    office.page.goto(f"/case/{LEAD}/term/verification")
    assert "zhao某" in office.page.locator("dl.pairs").inner_text()
    office.fill("filed_on", "今天")
    office.press("延期")
    office.done()


def _transfer_to_both(year: Year) -> None:
    """The office reports the verification and transfers to both; each letter is issued and carries into its step."""
    office = year.office
    office.page.goto(f"/case/{LEAD}")
    office.press("提交核查报告")
    for name, value in (("finding", "substantiated"), ("verifiers", "wang"), ("verifiers", "chen")):
        office.fill(name, value)
    office.fill("verified_on", "今天")
    office.fill("report_number", "核〔2019〕1号")
    office.press("提交核查报告")
    office.done()
    office.press("双移交")
    office.fill("signed_by", "zhao")
    office.fill("signed_on", "今天")
    office.press("双移交")
    office.done()
    for number, body in (("0101-YS-2019-0001", "某县公安局"), ("0101-YS-2019-0002", "某县纪委监委")):
        office.page.goto(f"/case/{number}/letter/transfer")
        office.fill("receiving_body", body)
        office.fill("material", "核查报告一份")
        office.press("编发（取文号）")
        office.done()
        office.press("发函")
        office.fill("sent_on", "今天")
        office.press("发函")
        office.done()


def _inspect_on_a_telephone(year: Year) -> None:
    """The liaison officer inspects at the bedside: items, a photograph; what is not met opens a clean-up."""
    liaison = year.somebody("lian", **TELEPHONE)
    page = liaison.page
    page.goto("/new/inspection")
    for name, value in (
        ("planned_on", "今天"), ("period", "2019年第三季度"), ("kind", "self_check"), ("subject", "季度自查"),
        ("due_on", "9月20日"), ("responsible_leader", "zhao"),
    ):  # fmt: skip
        liaison.fill(name, value)
    liaison.press("登记")
    liaison.done()
    liaison.press("逐项填写（可用手机拍照）")
    photograph = {"name": "bed.png", "mimeType": "image/png", "buffer": PHOTOGRAPH}
    for each in ("今天", ("inspectors", "lian"), "300", "20", "100", "30", "5", *["是"] * 3, "否", *["是"] * 3):
        if isinstance(each, tuple):
            liaison.fill(*each)
        elif each in {"是", "否"}:
            if each == "否":
                page.locator("summary", has_text="备注、拍照").click()
                page.locator("#photo").set_input_files(photograph)
            with page.expect_navigation():
                page.get_by_role("button", name=each, exact=True).click()
            continue
        elif each == "今天":
            liaison.press(each)
        else:
            page.locator("form.asking .field input[inputmode=decimal]").fill(each)
        with page.expect_navigation():
            liaison.press("保存，下一项")
    page.get_by_role("link", name="全部项目").click()
    page.get_by_role("link", name="去办理：登记检查结果").click()
    liaison.press("登记检查结果")
    page.get_by_role("alert").get_by_role("link", name="今天之后的整改期限").click()
    assert page.evaluate("document.activeElement.name") == "rectify_by"
    page.keyboard.type("8月20日")
    liaison.press("登记检查结果")
    liaison.done()
    assert page.locator("aside a[download]").count() == 1


def _meet(year: Year) -> None:
    """The office calls a meeting, records it, decides on its lead, and issues and signs the minutes."""
    office = year.office
    office.page.goto("/new/meeting")
    for name, value in (("called_on", "今天"), ("period", "2019-07"), ("due_on", "7月20日"), ("agenda", SEALED)):
        office.fill(name, value)
    office.press("登记")
    office.done()
    office.press("议程，逐件研判")
    office.press("登记会议")
    for name, value in (
        ("held_on", "今天"), ("chair", "zhao"), ("present", "zhao"), ("present", "wang"), ("decisions", "继续核查"),
        ("recorder", "wang"),
    ):  # fmt: skip
        office.fill(name, value)
    office.press("登记会议")  # leads back to the agenda
    office.press("登记逐件研判意见")
    assert office.page.locator("[name=item]").input_value() == SEALED  # it is known already
    for name, value in (("item_task", "十日内补充核查"), ("item_office", "医政股"), ("item_due_on", "7月20日")):
        office.fill(name, value)
    office.press("登记逐件研判意见")
    office.press("会议纪要")
    office.press("编发（取文号）")
    office.done()
    office.press("签发纪要")
    office.fill("signed_by", "zhao")
    office.press("签发纪要")
    office.done()


def _receipts(year: Year) -> None:
    """A week later the log-in has ended; the receipts come in."""
    office = year.office
    office.page.goto("/")
    office.log_in("wang", PASSWORD)
    for number in ("0101-YS-2019-0001", "0101-YS-2019-0002"):
        office.page.goto(f"/case/{number}")
        office.press("登记回执")
        office.fill("receipted_on", "昨天")
        office.fill("received_by", "李某")
        office.press("登记回执")
        office.done()


def _file_nil(year: Year) -> None:
    """The liaison officer asks with one press, the head signs on the telephone, and one more press files it."""
    liaison = year.somebody("lian")
    liaison.page.goto("/returns")
    liaison.click(liaison.page.locator(f"#r-{NIL}").get_by_role("button", name="零报告，提请签字"))
    liaison.done()
    leader = year.somebody("zhao", **TELEPHONE)
    leader.page.goto(f"/case/{NIL}")
    leader.page.get_by_label("或再次输入口令").fill(PASSWORD)
    leader.page.get_by_role("button", name="（口令确认）").click()
    leader.done()
    liaison.page.goto("/returns")
    liaison.click(liaison.page.locator(f"#r-{NIL}").get_by_role("button", name="报送"))
    liaison.done()


def _import(year: Year) -> None:
    """A small ledger is tried out and taken in; the question that it left is answered in the case."""
    page, office = year.office.page, year.office
    page.goto("/import")
    wrong = {"name": "台账.xlsx", "mimeType": "application/octet-stream", "buffer": b"%PDF-1.7 no ledger"}
    page.locator("input[type=file]").set_input_files(wrong)
    page.get_by_role("main").locator("button.main").click()
    page.get_by_text("既不是工作簿也不是文本").wait_for()
    page.get_by_role("button", name="销毁该文件，另选文件").click()
    ledger = {"name": "台账.xlsx", "mimeType": "application/octet-stream", "buffer": ledger_of(IMPORTED)}
    page.locator("input[type=file]").set_input_files(ledger)
    page.get_by_role("main").locator("button.main").click()
    page.get_by_text("预演结果").wait_for()
    page.locator("#unit").select_option("0101")
    page.get_by_role("button", name="按答复重新预演").click()
    page.get_by_role("button", name="正式导入").click()
    page.get_by_role("heading", name="已导入", exact=True).wait_for()
    page.goto("/")
    page.locator("#questions ~ * a, section:has(#questions) a").first.click()
    assert page.locator("#ask").is_visible()
    office.press("更正内容")
    office.fill("received_on", "7月6日")
    office.fill("_reason", "原件写明")
    office.press("更正")
    office.done()
    assert not page.locator("#ask").is_visible()


def _report(year: Year) -> None:
    """The monthly report is looked at, issued, and is a document when it comes down."""
    page = year.office.page
    page.goto("/reports")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("heading", name="各单位收办情况").wait_for()
    with page.expect_download() as given:
        page.get_by_role("button", name="签发下载 docx").click()
    assert "各单位收办情况" in "".join(each.text for each in Document(str(given.value.path())).paragraphs)


def _freeze(year: Year) -> None:
    """Who keeps the ledger looks at the verdict and freezes it as of the last day of the year."""
    keeper = year.somebody("keeper")
    keeper.page.goto("/zero/zhengzhou_2019?as_of=2019-12-31")
    assert "未清零" in keeper.page.get_by_role("main").inner_text()
    keeper.page.goto("/zero/zhengzhou_2019/frozen")
    keeper.page.locator("#as_of").fill("2019-12-31")
    keeper.page.locator("#reason").fill("0004 原件写明收到时间为 7月6日")
    keeper.page.get_by_label("再次输入口令").fill(PASSWORD)
    keeper.press("封存（口令确认）")
    keeper.page.get_by_text("短码").or_(keeper.page.get_by_text("SHA-256")).first.wait_for()
    keeper.page.goto("/zero/zhengzhou_2019/frozen")
    assert "截至 2019-12-31" in keeper.page.get_by_role("main").inner_text()


def _who_read_what(year: Year) -> None:
    """The auditor reads who read what; that the custodian's lead was read stands there, and no reporter does."""
    auditor = year.somebody("qian")
    auditor.page.goto("/house/access")
    words = auditor.page.get_by_role("main").inner_text()
    assert SEALED in words
    assert REPORTER not in auditor.page.content()
