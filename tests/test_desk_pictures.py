"""Pictures of every page of the demo's desk, in three widths, light, dark and on paper, for somebody to look at.

They are made where QINGLING_TEST_PICTURES names a folder; what a program can judge of them is judged then.
QINGLING_TEST_PICTURES_OF takes a part, by words that must all hold: `390 light zh /house` are the pages below
/house on a telephone, by day and in Chinese. A part is judged as well, but for pages that nobody came upon.
"""

import os
import re
from datetime import datetime
from html import unescape
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
from desk.app import LANGUAGE_KEPT
from desk.routes import ADDRESSES
from engine.operations.cases.casework import open_case
from engine.operations.ledger.acting import Acting

FOLDER: Final = os.environ.get("QINGLING_TEST_PICTURES", "")
PART: Final = os.environ.get("QINGLING_TEST_PICTURES_OF", "").split()
pytestmark = [
    pytest.mark.office("chromium", "playwright"),
    pytest.mark.skipif(not FOLDER, reason="QINGLING_TEST_PICTURES names no folder"),
]
LOOKS: Final = (
    *product((390, 1280, 768), ("light", "dark"), ("zh",)),
    (390, "light", "en"),
    (1280, "light", "en"),
    (680, "paper", "zh"),
)
"""Width, light and language; 680 is what the margins of A4 leave."""
JUDGED: Final = {(390, "light", "zh"), (1280, "dark", "zh"), (1280, "light", "en")}
"""Looks in which the words are read and axe looks at each page: what it finds elsewhere it finds there."""
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
    "verified",
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
WORDS: Final = """() => {
    const main = document.querySelector("main").cloneNode(true);
    main.querySelectorAll("code, script").forEach(each => each.remove());
    return main.textContent;
}"""
"""What a page says; names of files stand in `code`, and are shown as such."""
BESIDES: Final = {
    "meeting": {"called_on": "2019-11-05", "period": "2019-11", "due_on": "2019-11-29", "agenda": "0102-XS-2019-0001"},
    "inspection": {
        "planned_on": "2019-11-05", "period": "2019Q4", "kind": "self_check", "subject": "季度自查",
        "due_on": "2019-12-20", "responsible_leader": "li",
    },
}  # fmt: skip
"""What the demo has none of, and pages of its own are for."""
LINKS: Final = re.compile(r'<a\b(?![^>]*\bdownload\b)[^>]*\bhref="(/[^"]*)"')
"""Links to pages, as they stand in HTML."""
WRONG_ASIDE: Final = 1
"""Pixels that a page may be wider than its window: Chromium rounds the width of what stands in fractions."""


def test_every_page_is_pictured(tmp_path: Path) -> None:
    """Each address that shows a page was reached by links; none scrolls sideways, shows a code, or fails axe."""
    made = CliRunner().invoke(cli.main, ["demo", str(tmp_path / "demo")], env={"QINGLING_LANG": "zh"})
    assert made.exit_code == 0, made.output
    file = next((tmp_path / "demo").rglob("qingling.db"))
    with opened(str(file)) as ledger:
        newest = datetime.fromtimestamp(int(ledger.store.value("SELECT max(at) FROM journal")) / 1e6, tz=START.tzinfo)
        keeper = str(ledger.settings["officer"])
        for workflow, values in BESIDES.items():
            open_case(Acting(ledger, keeper, newest), workflow, values, unit="0101")
        keeper = ledger.naming.person(keeper).name
    clock = Clock(newest)
    wrong = list[object]()
    with listening(str(file), clock, files=tmp_path / "files") as address, chromium_at_hand() as browser:
        ways = _pages(browser, address, keeper)
        Path(FOLDER, "pages.txt").write_text("\n".join(f"{at:02} {way}" for at, way in enumerate(ways)), "utf-8")
        for look in LOOKS:
            taken = [(at, way) for at, way in enumerate(ways) if _is_asked_for(look, way)]
            if taken:
                wrong += _pictured(browser, address, keeper, look, taken)
    reached = {
        each.name
        for each, way in product(ADDRESSES, ways)
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each.path), way.partition("?")[0])
    }
    shown = {each.name for each in ADDRESSES if each.show or each.enter} - NOT_PAGES
    wrong += sorted(shown - reached)
    assert not wrong, "\n".join(map(str, wrong))


def _pictured(
    browser: Any, address: str, officer: str, look: tuple[int, str, str], ways: list[tuple[int, str]]
) -> list[object]:
    """Keep the pictures of one look, and return what is wrong in them."""
    width, light, language = look
    wrong = list[object]()
    scheme = "dark" if light == "dark" else "light"
    visitor = Visitor(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor.context.add_cookies([{"name": LANGUAGE_KEPT, "value": language, "url": address}])
    visitor.come_in(officer)
    if light == "paper":
        visitor.page.emulate_media(media="print")
    for at, way in ways:
        visitor.page.goto(way)
        visitor.picture(f"{width}-{light}-{language}-{at:02}")
        room = visitor.page.evaluate("document.documentElement.scrollWidth")
        if room > width + WRONG_ASIDE:
            wrong.append((way, look, room))
        if look in JUDGED:
            words = visitor.page.evaluate(WORDS)
            wrong += [(way, each) for each in sorted(set(CODES.findall(words)))]
            wrong += [(way, look, each) for each in visitor.faults()]
    visitor.leave()
    return wrong


def _is_asked_for(look: tuple[int, str, str], way: str) -> bool:
    """Say whether a picture belongs to the part that is taken."""
    return all(way.startswith(each) if each.startswith("/") else each in map(str, look) for each in PART)


def _pages(browser: Any, address: str, officer: str) -> list[str]:
    """Return the addresses that links lead to, some of each kind."""
    visitor = Visitor(browser, address)
    visitor.come_in(officer)
    found, kinds = ["/", "/login", "/import"], dict[str, int]()
    for way in found:
        answer = visitor.page.request.get(way)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in dict.fromkeys(unquote(unescape(each)).partition("#")[0] for each in LINKS.findall(answer.text())):
            kind = OF_THE_PARTS.sub("*", link)
            if link in found or kinds.get(kind, 0) >= MOST or re.search(r"/file/|/frozen/\d+(\?|$)|/sign-on", link):
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            found.append(link)
    visitor.context.close()
    return found
