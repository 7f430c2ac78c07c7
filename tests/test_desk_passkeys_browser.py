"""Passkeys in a real browser: Chromium's virtual authenticator is the telephone of a leader who signs."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from asked_to_sign import NUMBER, PAGE, PASSWORD, ask_for_extension, set_up
from desks import Clock
from devices import wrong_with
from ledgers import DAY, START, opened

from desk.app import desk
from desk.desk_settings import DeskSettings
from engine.journal.event import Event
from engine.journal.events import legible
from engine.operations.house.verifying import verify
from engine.operations.ledger.access import open_ledger
from engine.store import case_rows
from workflows.adopted_book import AdoptedDeclarations

pytestmark = pytest.mark.office("chromium", "playwright")


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[str, str]]:
    """Serve a ledger in which a leader is asked to sign; return its file and where."""
    file = str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))
    set_up(file)
    clock = Clock(START + 2 * DAY)
    settings = DeskSettings(
        open_ledger=lambda: open_ledger(file, AdoptedDeclarations, real_now=None), now=clock, real_now=clock
    )
    server = uvicorn.Server(uvicorn.Config(desk(settings), lifespan="on", log_config=None))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    yield file, f"http://localhost:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def last_signed(file: str) -> tuple[Event, int, int]:
    """Return what the newest row by which the leader signed says, and its place."""
    with opened(file) as ledger:
        case = ledger.case(NUMBER)
        row = [each for each in case_rows.entries(ledger.store, case.id) if each.kind == "signature_given"][-1]
        event = legible(row.kind, row.body)
        assert event is not None
        assert [each.what for each in verify(ledger)[1]] == []
        return event, case.id, row.seq


def test_a_leader_signs_on_a_telephone(served: tuple[str, str]) -> None:
    """A passkey is made, opens the desk and signs; where nobody is verified, the password does, as the weaker proof."""
    file, address = served
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        context = browser.new_context(base_url=address, locale="zh-CN", viewport={"width": 390, "height": 844})
        page: Any = context.new_page()
        said: list[str] = []
        page.on("console", lambda each: said.append(each.text) if each.type in {"error", "warning"} else None)
        page.on("pageerror", lambda each: said.append(str(each)))
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        telephone = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

        page.goto("/login")
        page.get_by_label("姓名或代码").fill("tang")
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.goto("/keys")
        page.get_by_label("设备名称").fill("手机")
        page.get_by_label("再次输入您的口令").fill(PASSWORD)
        page.get_by_role("button", name="登记通行密钥").click()
        page.locator("li strong", has_text="手机").wait_for()
        _picture(page, "keys")
        page.get_by_role("button", name="退出").click()

        page.get_by_role("button", name="用通行密钥登录").click()
        page.get_by_role("heading", name="我的待办").wait_for()
        page.goto(f"{PAGE}#tosign")
        _picture(page, "sign")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="通行密钥：手机").click()
        page.get_by_role("status").wait_for()
        event, case, seq = last_signed(file)
        assert event.proof is not None
        assert event.proof[0] == "signature"
        assert wrong_with(file, case, seq) == []

        with opened(file) as ledger:
            ask_for_extension(ledger)
        device.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False})
        page.goto(PAGE)
        page.get_by_role("button", name="通行密钥：手机").click()
        page.get_by_text("请改用口令确认").wait_for()
        _picture(page, "refused")
        page.keyboard.type(PASSWORD)  # the field has the focus
        page.get_by_role("button", name="（口令确认）").click()
        page.get_by_role("status").wait_for()
        assert "口令确认" in page.locator("section", has=page.locator("#signed")).inner_text()
        event, _, _ = last_signed(file)
        assert event.proof is not None
        assert event.proof[0] == "confirmed"
        assert said == []
        browser.close()


def _picture(page: Any, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("QINGLING_TEST_PICTURES"):
        page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)
