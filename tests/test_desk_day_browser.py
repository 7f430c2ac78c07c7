"""The normal day of an office in a real browser: how many presses and characters it takes, and by keys alone."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desks import Clock
from ledgers import START, furnished, register
from visitors import Visitor, chromium_at_hand, listening

from engine.operations.ledger.acting import Acting
from engine.operations.letters.issue import change_letterhead

pytestmark = pytest.mark.office("chromium", "playwright")

DOCS = Path(__file__).resolve().parent.parent / "docs"
COUNTED = re.compile(r"(?<=\*\*)\d+(?=\*\*\s+(presses|次点按))")
"""Where the pages say what the normal day takes."""
GOAL = 400
"""Presses and characters of the normal day; by commands it takes some 3,300."""
SUMMARIES = (
    "门口有人强揽转诊", "保安收取停车保护费", "护工公司垄断陪护", "号贩子倒卖专家号", "救护车被人拦阻收费",
    "后勤科长伙同他人收费", "家属被人堵在病房", "太平间服务强迫消费", "药品配送遭人威胁", "工地土方被人强占",
)  # fmt: skip
TABS = 30
"""Most presses of the Tab key on the way from one's tasks to a registered lead."""


@pytest.fixture
def visitor(tmp_path: Path, sqlite_template: Path) -> Iterator[Visitor]:
    """Lend the office, at a rehearsal ledger with a letterhead in which one lead is late."""
    file = str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        letterhead = {"letter_code": "示卫", "letter_contact": "王某", "letter_telephone": "0371-1"}
        change_letterhead(Acting(ledger, "keeper", START), letterhead)
        register(ledger, now=START)
    clock = Clock(START + timedelta(days=60))
    with listening(file, clock, files=tmp_path / "files") as address, chromium_at_hand() as browser:
        somebody = Visitor(browser, address)
        somebody.come_in("wang某")
        yield somebody
        somebody.leave()


def test_the_normal_day_takes_few_presses(visitor: Visitor, request: pytest.FixtureRequest) -> None:
    """Ten leads, six steps, three letters and who is late, counted; a letter whose values are known takes three."""
    numbers = [_registered(visitor, each) for each in SUMMARIES]
    for number, office in zip(numbers[:4], ("某县中医院", "", "", ""), strict=True):
        _opened(visitor, number)
        visitor.press("交办")
        visitor.fill("responsible_leader", "zhao")
        visitor.fill("handler", "wang")
        if office:
            visitor.fill("handling_office", office)
        visitor.press("交办")
        visitor.done()
        if office:
            before = visitor.clicks + visitor.keys
            visitor.unfold("制作文书")
            visitor.press("转办单")
            visitor.press("编发（取文号）")
            visitor.done()
            assert visitor.clicks + visitor.keys - before == 3
    _transferred(visitor)
    visitor.press("我的待办")
    assert visitor.page.locator(".lamp.late").count() >= 1
    found = visitor.clicks + visitor.keys
    print(f"\nthe normal day: {visitor.clicks} presses, {visitor.keys} characters")
    assert found <= GOAL
    for name in ("desk.md", "zh/desk.md"):
        page = DOCS / name
        words = page.read_text("utf-8")
        says = COUNTED.sub(str(found), words)
        if request.config.getoption("--snapshot-update"):
            page.write_text(says, encoding="utf-8")
        else:
            assert COUNTED.search(words)
            assert words == says


def test_a_lead_is_registered_by_keys_alone(visitor: Visitor) -> None:
    """Tab, an arrow, letters and Enter lead from one's tasks to a registered lead; nothing traps or hides the focus."""
    page, tabs = visitor.page, 0

    def tab_to(wanted: str) -> None:
        nonlocal tabs
        for _ in range(TABS):
            if page.evaluate(wanted):
                return
            page.keyboard.press("Tab")
            tabs += 1
        pytest.fail(f"{wanted} is not reached")

    focused = "document.activeElement"
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    tab_to(f"{focused}.tagName === 'A' && {focused}.textContent === '登记问题线索'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/new/lead")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(f"{focused}.name === 'received_on'")
    page.keyboard.type("昨天")
    tab_to(f"{focused}.name === 'source'")
    for _ in range(6):  # the sixth is the telephone
        page.keyboard.press("ArrowDown")
    tab_to(f"{focused}.name === 'summary'")
    page.keyboard.type(SUMMARIES[0])
    tab_to(f"{focused}.tagName === 'BUTTON' && {focused}.textContent === '登记'")
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") != "none"
    page.keyboard.press("Enter")
    visitor.done()
    print(f"\nby keys alone: {tabs} tabs")
    assert tabs <= TABS


def _registered(visitor: Visitor, summary: str) -> str:
    """Register a lead that was received yesterday by telephone, from one's tasks; return its number."""
    visitor.press("我的待办")
    visitor.press("登记问题线索")
    visitor.press("昨天")
    visitor.fill("source", "telephone")
    visitor.fill("summary", summary)
    visitor.press("登记")
    visitor.done()
    number: str = visitor.page.locator("span.number").first.inner_text()
    return number


def _opened(visitor: Visitor, number: str) -> None:
    """Open a case from one's tasks."""
    visitor.press("我的待办")
    visitor.click(visitor.page.locator(f"main a[href^='/case/{number}']").first)


def _transferred(visitor: Visitor) -> None:
    """Report the verification of the lead that was assigned last, transfer it to both, and issue both letters."""
    visitor.press("提交核查报告")
    for name, value in (
        ("category", "A3"), ("finding", "substantiated"), ("verifiers", "wang"), ("verifiers", "chen"),
        ("verified_on", "今天"), ("report_number", "核1号"), ("suspected_crime", "true"), ("involves_official", "true"),
    ):  # fmt: skip
        visitor.fill(name, value)
    visitor.press("提交核查报告")
    visitor.done()
    visitor.press("双移交")
    visitor.fill("signed_by", "zhao")
    visitor.fill("signed_on", "今天")
    visitor.press("双移交")
    visitor.done()
    parent = visitor.page.url.partition("?")[0]
    for place, body in enumerate(("县公安局", "县纪委监委")):
        if place:
            visitor.page.goto(parent)
            visitor.clicks += 1  # the way back
        visitor.click(visitor.page.get_by_role("link", name=f"0101-YS-2019-000{place + 1}").first)
        visitor.unfold("制作文书")
        visitor.press("线索移送函")
        for name, value in (("receiving_body", body), ("material", "核查报告"), ("subject", "保安甲某")):
            visitor.fill(name, value)
        visitor.press("编发（取文号）")
        visitor.done()
