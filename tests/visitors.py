"""Somebody at the desk in a real browser: what they press and type is counted; nothing unexpected may be said."""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
import uvicorn
from desks import Clock

from desk.app import desk
from desk.desk_settings import DeskSettings
from engine.operations.ledger.access import open_ledger
from workflows.adopted_book import AdoptedDeclarations

AXE: Final = os.environ.get("QINGLING_TEST_AXE", "")
"""The file of axe-core; empty where accessibility is not judged."""
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXPECTED: Final = re.compile(r"Failed to load resource: the server responded with a status of (422|409)")
"""What Chromium says of a refused form; anything else in the console, so any report of the policy, is a fault."""
TELEPHONE: Final = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
AUTHENTICATOR: Final = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@contextmanager
def listening(file: str, clock: Clock, **settings: Any) -> Iterator[str]:
    """Serve a ledger to browsers, and lend where."""
    chosen = DeskSettings(
        open_ledger=lambda: open_ledger(file, AdoptedDeclarations, real_now=None), now=clock, real_now=clock, **settings
    )
    server = uvicorn.Server(uvicorn.Config(desk(chosen), lifespan="on", log_config=None))
    heard = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, args=([heard],))
    thread.start()
    try:
        yield f"http://localhost:{heard.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium_at_hand() -> Iterator[Any]:
    """Lend the browser that the system has."""
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody at a page, in a session of their own."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(base_url=address, locale="zh-CN", **context)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda each: self.said.append(str(each)))
        self.clicks = 0
        """Presses of a button, a link, a box or an entry of a list."""
        self.keys = 0
        """Characters typed; of a Chinese text its characters, as an input method offers them."""

    def _note(self, message: Any) -> None:
        """Note what is said, but for advice."""
        if message.type in {"error", "warning"}:
            self.said.append(message.text)

    def come_in(self, officer: str) -> None:
        """Choose who one is, in a rehearsal."""
        self.page.goto("/login")
        self.page.get_by_role("button", name=officer, exact=False).first.click()

    def log_in(self, officer: str, password: str) -> None:
        """Log in by the password."""
        self.page.goto("/login")
        self.page.get_by_label("姓名或代码").fill(officer)
        self.page.get_by_label("口令").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.get_by_role("heading", name="我的待办").wait_for()

    def click(self, target: Any) -> None:
        """Press something."""
        target.click()
        self.clicks += 1

    def press(self, words: str) -> None:
        """Press the button or the link that says just that."""
        named = self.page.get_by_role("main").get_by_role("button", name=words, exact=True)
        self.click(named.or_(self.page.get_by_role("link", name=words, exact=True)).first)

    def unfold(self, words: str) -> None:
        """Unfold a part of the page."""
        self.click(self.page.locator("summary", has_text=words).first)

    def fill(self, name: str, value: str) -> None:
        """Write into a field or choose in it, as its form has it; where it is folded away, it is unfolded."""
        found = self.page.locator(f"main form.asking [name='{name}']")
        found.first.wait_for(state="attached")  # what was pressed before may still be on its way to this page
        if not found.first.is_visible():
            self.click(found.first.locator("xpath=ancestor::details[1]/summary"))
        kind = found.first.evaluate("each => each.type")
        if kind in {"radio", "checkbox"}:
            self.click(self.page.locator(f"main form.asking [name='{name}'][value='{value}']"))
        elif kind.startswith("select"):
            found.select_option(value)
            self.clicks += 2
        else:
            self.click(found)
            found.press_sequentially(value)
            self.keys += len(value)

    def done(self) -> None:
        """See that what was asked for is done."""
        self.page.get_by_role("status").or_(self.page.get_by_role("alert")).first.wait_for()
        assert self.page.get_by_role("alert").count() == 0, self.page.get_by_role("alert").inner_text()

    def leave(self) -> None:
        """Leave, and look at what was said."""
        assert self.unexpected() == []
        self.context.close()

    def unexpected(self) -> list[str]:
        """Return what the console says beside what is expected."""
        return [each for each in self.said if not EXPECTED.match(each)]

    def authenticator(self) -> Any:
        """Add a device that signs, and return how to speak to it and its id."""
        device = self.context.new_cdp_session(self.page)
        device.send("WebAuthn.enable")
        return device, device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

    def faults(self) -> list[str]:
        """Return what axe finds on the page."""
        if not AXE:
            return []
        session = self.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": Path(AXE).read_text("utf-8")})  # the policy lets no script in
        found = self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]

    def picture(self, name: str) -> None:
        """Keep a picture of the page where somebody wants to look at it."""
        if folder := os.environ.get("QINGLING_TEST_PICTURES"):
            self.page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)
