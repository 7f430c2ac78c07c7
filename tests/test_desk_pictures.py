"""Pictures of every page of the demo's desk, in three widths, light and dark, for somebody to look at.

They are made where QINGLING_TEST_PICTURES names a folder; what a program can judge of them is judged then.
"""

import os
import re
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from desks import Clock
from ledgers import START, opened
from visitors import Visitor, chromium_at_hand, listening

import cli
from desk.routes import ADDRESSES

FOLDER: Final = os.environ.get("QINGLING_TEST_PICTURES", "")
pytestmark = [
    pytest.mark.office("chromium", "playwright"),
    pytest.mark.skipif(not FOLDER, reason="QINGLING_TEST_PICTURES names no folder"),
]
WIDTHS: Final = (1440, 390, 820)
SCHEMES: Final = ("dark", "light")
MOST: Final = 2
"""Addresses of one kind that are opened; others differ only in what they show."""
NOT_PAGES: Final = {
    "file",
    "statement",
    "statement-text",
    "marked",
    "download",
    "report",
    "made",
    "import",
    "sign-on",
    "back",
    "doctor",
}
"""Addresses that give a file, lead elsewhere, or show what the demo has not: a statement, work under way."""
OF_THE_PARTS: Final = re.compile(
    r"\d{4}-[A-Z]+-\d{4}-\d+|\d+|=[^&]*|(?<=/list/)[^?]+|(?<=/new/)[^?]+|(?<=/zero/)[a-z_0-9]+"
)
CODES: Final = re.compile(r"\b(?:[a-z]+_[a-z_]+|None|True|False)\b")
"""What no officer should have to read."""


def test_every_page_is_pictured(tmp_path: Path) -> None:
    """Each address that shows a page was reached by links; none scrolls sideways, shows a code, or fails axe."""
    made = CliRunner().invoke(cli.main, ["demo", str(tmp_path / "demo")], env={"QINGLING_LANG": "zh"})
    assert made.exit_code == 0, made.output
    file = next((tmp_path / "demo").rglob("qingling.db"))
    with opened(str(file)) as ledger:
        newest = ledger.store.value("SELECT max(at) FROM journal")
        keeper = ledger.naming.person(str(ledger.settings["officer"])).name
    clock = Clock(datetime.fromtimestamp(int(newest) / 1e6, tz=START.tzinfo))
    wrong, reached = list[object](), set[str]()
    with listening(str(file), clock, files=tmp_path / "files") as address, chromium_at_hand() as browser:
        ways = _pages(browser, address, keeper)
        for width, scheme in product(WIDTHS, SCHEMES):
            visitor = Visitor(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
            visitor.come_in(keeper)
            for place, way in enumerate(ways):
                visitor.page.goto(way)
                visitor.picture(f"{width}-{scheme}-{place:02}")
                room = visitor.page.evaluate("document.documentElement.scrollWidth")
                wrong += [(way, width, scheme, room)] if room > width else []
                if (width, scheme) == (390, "light"):
                    words = visitor.page.get_by_role("main").inner_text()
                    wrong += [(way, each) for each in set(CODES.findall(words))]
                    wrong += [(way, each) for each in visitor.faults()]
            visitor.leave()
    for each, way in product(ADDRESSES, ways):
        pattern = re.sub(r"\{\w+\}", "[^/]+", each.path)
        if re.fullmatch(pattern, way.partition("?")[0]):
            reached.add(each.name)
    Path(FOLDER, "pages.txt").write_text("\n".join(f"{place:02} {way}" for place, way in enumerate(ways)), "utf-8")
    shown = {each.name for each in ADDRESSES if each.show or each.enter} - NOT_PAGES
    assert (wrong, shown - reached) == ([], set())


def _pages(browser: Any, address: str, officer: str) -> list[str]:
    """Return the addresses that links lead to, some of each kind."""
    visitor = Visitor(browser, address)
    visitor.come_in(officer)
    found, kinds = ["/", "/login", "/import"], dict[str, int]()
    for way in found:
        answer = visitor.page.goto(way)
        if answer is None or answer.status != 200:
            continue
        links = visitor.page.eval_on_selector_all(
            "a[href^='/']:not([download])", "all => all.map(each => each.getAttribute('href'))"
        )
        for link in dict.fromkeys(unquote(each).partition("#")[0] for each in links):
            kind = OF_THE_PARTS.sub("*", link)
            if (
                link in found
                or kinds.get(kind, 0) >= MOST
                or re.search(r"/file/|/frozen/\d+(\?|$)|/sign-on|/house/doctor", link)
            ):
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            found.append(link)
    visitor.context.close()
    return found
