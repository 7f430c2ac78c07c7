"""The desk in a real browser: Chromium plays what an office does, by mouse, by keyboard and without script.

Accessibility is judged by axe-core where QINGLING_TEST_AXE names its file; `.ci/run` fetches it.
"""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import Clock
from ledgers import START, furnished, register
from visitors import Visitor, chromium_at_hand, listening

from engine.operations.cases.casework import open_case
from engine.operations.ledger.acting import Acting

pytestmark = pytest.mark.office("chromium", "playwright")

LOOKS = ((390, "light"), (820, "light"), (1440, "dark"))
"""Widths, and the scheme in which each is tried: colours change no width."""
JUDGED = {(390, "light"), (1440, "dark")}
"""Looks in which axe looks at each page: what it finds elsewhere it finds there."""
NUMBER = "0101-XS-2019-0001"
MEETING, CHECK = "0101-YP-2019-0001", "0101-JC-2019-0001"
MEET = {"called_on": "2019-07-01", "period": "2019-07", "due_on": "2019-07-20"}
INSPECT = {
    "planned_on": "2019-07-01", "period": "2019Q3", "kind": "self_check", "subject": "季度自查", "due_on": "2019-09-20",
    "responsible_leader": "zhao",
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    """Serve a rehearsal ledger with a lead, and return where."""
    folder = tmp_path_factory.mktemp("browser")
    file = str(shutil.copy(sqlite_template, folder / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        register(ledger)
        acting = Acting(ledger, "zhou", START)
        open_case(acting, "meeting", {**MEET, "agenda": NUMBER}, unit="0101")
        open_case(acting, "inspection", INSPECT, unit="0101")
    with listening(file, Clock(START + timedelta(days=2)), files=folder / "files") as where:
        yield where


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Lend the browser that the system has."""
    with chromium_at_hand() as browser:
        yield browser


def test_an_office_registers_and_assigns_by_mouse(chromium: Any, address: str) -> None:
    """A lead is registered with a press for its day, warned of as a duplicate while one types, and assigned."""
    visitor = Visitor(chromium, address)
    visitor.come_in("zhou某")
    page = visitor.page
    page.get_by_role("link", name="登记问题线索").click()
    page.get_by_role("button", name="昨天").first.click()
    assert page.get_by_label("收到时间").input_value() == "昨天"
    page.get_by_label("收到时间").fill("6月28日")
    page.get_by_label("线索来源").select_option("telephone")
    page.get_by_label("反映的主要问题").fill("反映有人长期把持停车场")
    page.get_by_label("收到时间").focus()
    page.locator("#alike a").wait_for()
    assert NUMBER in page.locator("#alike").inner_text()
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("status").wait_for()
    page.get_by_role("link", name="交办", exact=True).click()
    page.get_by_role("button", name="交办", exact=True).click()
    assert "尚未办理" in page.get_by_role("alert").inner_text()
    page.get_by_role("alert").get_by_role("link").first.click()
    page.get_by_role("group", name="责任领导").get_by_role("radio").first.check()
    page.get_by_label("责任人").first.select_option(index=1)
    visitor.fill("handling_due_on", "8月20日")
    _press_until_checked(page, page.get_by_role("button", name="交办", exact=True))
    page.get_by_role("status").wait_for()
    assert "已交办" in page.locator("main").inner_text()
    visitor.leave()


def _press_until_checked(page: Any, button: Any) -> None:
    """Press, and let go only when what was typed last has been looked at: the button must not have moved away."""
    button.hover()
    page.mouse.down()
    page.locator("#check p").wait_for()
    page.mouse.up()


def test_a_step_is_taken_by_keyboard_alone(chromium: Any, address: str) -> None:
    """The skip link comes first, a few tabs lead to the likely step, and Enter sends the form with its own button."""
    visitor = Visitor(chromium, address)
    visitor.come_in("zhou某")
    page = visitor.page
    page.goto(f"/case/{NUMBER}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    step = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/*")
    assert step in page.locator("h1").inner_text()
    page.locator("main input:not([type=hidden]), main textarea, main select").first.focus()
    page.get_by_role("button", name=step, exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.className") == "summary"
    visitor.leave()


def test_all_works_without_script(chromium: Any, address: str) -> None:
    """Reading, a day at a press, a refusal, a step and a note need no script."""
    visitor = Visitor(chromium, address, java_script_enabled=False)
    visitor.come_in("zhou某")
    page = visitor.page
    page.goto("/new/lead")
    page.get_by_role("button", name="今天").first.click()
    assert page.get_by_label("收到时间").input_value() == "今天"
    page.get_by_role("button", name="登记", exact=True).click()
    assert "尚未登记" in page.get_by_role("alert").inner_text()
    page.get_by_label("线索来源").select_option("telephone")
    page.get_by_label("反映的主要问题").fill("反映护工公司强揽陪护")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("link", name="交办", exact=True).click()
    page.get_by_role("group", name="责任领导").get_by_role("radio").first.check()
    page.get_by_label("责任人").first.select_option(index=1)
    page.get_by_role("button", name="交办", exact=True).click()
    assert "已交办" in page.get_by_role("status").inner_text()
    page.goto(f"/case/{NUMBER}")
    page.get_by_text("写备注").click()
    page.get_by_label("备注").fill("已电话联系")
    page.get_by_role("button", name="记入经过").click()
    assert "已电话联系" in page.locator(".timeline").inner_text()
    visitor.context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_fits_and_is_accessible(chromium: Any, address: str, width: int, scheme: str) -> None:
    """No page is wider than its window, in the light and in the dark, with errors shown too; axe finds nothing."""
    ways = [
        "/login", "/", "/list/lead", f"/case/{NUMBER}", f"/case/{NUMBER}/do/assign", f"/case/{NUMBER}/amend",
        f"/case/{NUMBER}/letter/pass_on", f"/case/{NUMBER}/letter/chase_letter", f"/case/{NUMBER}/term/disposal",
        "/new/lead", "/returns", "/import", "/zero", "/zero/zhengzhou_2019", "/zero/zhengzhou_2019/frozen", "/reports",
        "/house", "/case/none",
        "/calendar", "/calendar?view=week", f"/case/{MEETING}/agenda", f"/case/{CHECK}/cards/inspect?at=8",
        f"/case/{CHECK}/cards/inspect?at=99", "/house/texts", "/house/outbox", "/house/access",
        "/keys", "/codes", f"/case/{NUMBER}/sealed",
    ]  # fmt: skip
    refused = [  # what is pressed while nothing is filled in
        (f"/case/{NUMBER}/do/assign", "交办"), ("/new/lead", "登记"), ("/import", "预演"),
        (f"/case/{NUMBER}/letter/pass_on", "编发（取文号）"),
    ]  # fmt: skip
    wrong: list[object] = []
    visitor = Visitor(chromium, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor.come_in("管某")
    for way, pressed in [*((each, "") for each in ways), *(refused if (width, scheme) in JUDGED else [])]:
        visitor.page.goto(way)
        if pressed:
            visitor.press(pressed)
            visitor.page.get_by_role("alert").first.wait_for()
        room = visitor.page.evaluate("document.documentElement.scrollWidth")
        wrong += [(scheme, way, room)] if room > width else []
        if (width, scheme) in JUDGED:
            wrong += [(scheme, way, pressed, each) for each in visitor.faults()]
    visitor.context.close()
    assert wrong == []
