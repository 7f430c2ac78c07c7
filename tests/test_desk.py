"""The desk's door and its case page: who comes in, what is shown, how a step is taken, refused, met and repeated."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from desks import Browser, Clock, serving
from ledgers import DAY, START, furnished, opened, register
from starlette.datastructures import Headers

from desk.door import CHOICES, Door
from desk.guard import HEADERS, form_token, is_own
from desk.pool import LedgerAtHand, Pool
from engine.errors import DatabaseError
from engine.language import Text
from engine.operations.cases.casework import advance, note
from engine.operations.cases.lookup import log
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.access import open_ledger
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import log_of
from workflows.adopted_book import AdoptedDeclarations

NUMBER, OTHER = "0101-XS-2019-0001", "0101-XS-2019-0002"
DESK = Path(__file__).resolve().parent.parent / "desk"
HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
"""SHA-256 of htmx 4.0.1 as its makers publish it."""
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with two leads, to be copied."""
    file = tmp_path_factory.mktemp("desk") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        register(ledger)
        register(ledger, summary="<script>alert(1)</script>")
    return file


@pytest.fixture
def ledger_file(rehearsed: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(rehearsed, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str) -> Iterator[Browser]:
    """Return a browser in which the office is at work."""
    with serving(ledger_file) as client:
        yield Browser(client).come_in("zhou")


def assigned(browser: Browser, **more: str) -> object:
    """Assign the lead with the form of the desk."""
    return browser.sends(f"/case/{NUMBER}/do/assign", {"responsible_leader": "zhao", "handler": "chen", **more})


def times_shown(ledger_file: str) -> int:
    """Return how often the access log says that something of a case was shown."""
    with opened(ledger_file) as ledger, closing(log_of(ledger)) as kept:
        return sum((each.deed, each.answer) == ("read", "shown") for each in kept.rows())


def test_nothing_is_shown_before_the_door(ledger_file: str) -> None:
    """Who is not known is sent to the entrance and from there to what was asked; a foreign address is forgotten."""
    with serving(ledger_file) as client:
        answer = client.get(f"/case/{NUMBER}?done=1")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?to=%2Fcase%2F{NUMBER}%3Fdone%3D1")
        assert NUMBER not in client.get(f"/case/{NUMBER}").text

        answer = client.post(f"/case/{NUMBER}/note", data={"words": "x"})
        assert answer.headers["location"] == f"/login?to=%2Fcase%2F{NUMBER}"

        ways = {
            f"/case/{NUMBER}": f"/case/{NUMBER}", "//evil.test/": "/", "/\\evil.test": "/", "https://evil.test": "/",
            "/a\r\nb": "/", "": "/",
        }  # fmt: skip
        found = {to: client.post("/login", data={"chosen": "zhou", "to": to}).headers["location"] for to in ways}
        assert found == ways


def test_every_answer_bears_the_headers(browser: Browser) -> None:
    """Pages, refusals, files of pages and unknown addresses bind the browser alike; pages are kept nowhere."""
    style = re.search(r'href="(/static/desk[^"]+)"', browser.sees("/login"))
    assert style is not None
    for path in ("/login", f"/case/{NUMBER}", "/case/none", "/nowhere", style[1]):
        headers = browser.client.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
        assert headers["cache-control"] == ("public, max-age=31536000, immutable" if "static" in path else "no-store")
    assert browser.client.get("/login", headers={"host": "evil.test"}).status_code == 421


@pytest.mark.parametrize(
    ("sent", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site", "origin": "http://desk.test"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://desk.test"}, True),
        ({"origin": "https://desk.test"}, False),
        ({"origin": "http://desk.test:81"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_what_comes_from_elsewhere_is_sent_away(sent: dict[str, str], own: bool) -> None:
    """A request that may change something counts as ours by Sec-Fetch-Site, else by Origin, else not at all."""
    assert is_own(Headers({"host": "desk.test", **sent}), "http", is_secure=False) is own


def test_a_form_of_another_session_does_nothing(browser: Browser) -> None:
    """Without the token of its session a form is refused, though the browser says that it is ours."""
    values = {"responsible_leader": "zhao", "handler": "chen", "_seen": "1"}
    for token in ("", "0" * 64, form_token("somebody else's")):
        answer = browser.client.post(f"/case/{NUMBER}/do/assign", data={**values, "_token": token})
        assert answer.status_code == 403
    assert "已受理" in browser.sees(f"/case/{NUMBER}")


def test_a_step_is_taken_shown_and_taken_once(browser: Browser, ledger_file: str) -> None:
    """The form's step is in the journal with who and what; pressed again it says that it is done and adds nothing."""
    page = browser.sees(f"/case/{NUMBER}/do/assign")
    hidden = dict(re.findall(r'name="(_token|_seen)" value="([^"]*)"', page))
    values = {**hidden, "responsible_leader": "zhao", "handler": "chen"}
    first, again = (browser.client.post(f"/case/{NUMBER}/do/assign", data=values) for _ in range(2))

    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"] == f"/case/{NUMBER}?done=2"
    assert "已办理" in browser.sees(first.headers["location"])
    with opened(ledger_file) as ledger:
        assert [(each.seq, each.by, each.kind) for each in log(ledger, NUMBER)] == [
            (1, "zhou", "opened"), (2, "zhou", "moved"),
        ]  # fmt: skip
    assert times_shown(ledger_file) == 2, "the form and the page after it; a step that is taken shows nothing"


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(browser: Browser) -> None:
    """What is missing or wrong is named on top and at the field, with what was typed, and nothing is written."""
    answer = browser.sends(f"/case/{NUMBER}/do/assign", {"responsible_leader": "zhao", "handler": ""})
    page = unescape(answer.text)

    assert answer.status_code == 422
    assert "有内容需要修改，尚未办理" in page
    assert '<a href="#f-handler">' in page
    assert 'id="f-handler-wrong"' in page
    assert re.search(r'value="zhao"[^>]* (checked|selected)', page)
    assert "--" not in re.sub(r"<!.*?>", "", page.split("<main")[1])
    assert "已受理" in browser.sees(f"/case/{NUMBER}")


def test_who_comes_second_sees_what_changed_and_loses_no_word(browser: Browser, ledger_file: str) -> None:
    """A form of an older case is answered with who did what meanwhile, keeps its words, and goes through once more."""
    hidden = dict(re.findall(r'name="(_token|_seen)" value="([^"]*)"', browser.sees(f"/case/{NUMBER}/do/assign")))
    with opened(ledger_file) as ledger:
        note(Acting(ledger, "wang", START + DAY), NUMBER, "已电话联系")
    values = {**hidden, "responsible_leader": "zhao", "handler": "chen"}
    answer = browser.client.post(f"/case/{NUMBER}/do/assign", data=values)
    page = unescape(answer.text)

    assert answer.status_code == 409
    assert "wang某已先行办理" in page
    assert "已电话联系" in page
    assert re.search(r'value="chen"[^>]* (checked|selected)', page)
    seen = dict(re.findall(r'name="(_token|_seen)" value="([^"]*)"', page))
    assert times_shown(ledger_file) == 2, "the form, and what was shown again with the refusal"
    assert browser.client.post(f"/case/{NUMBER}/do/assign", data={**values, **seen}).status_code == 303

    late = browser.client.post(f"/case/{NUMBER}/do/assign", data={**values, "handler": "zhao"})
    assert (late.status_code, "已先行办理：" in late.text, "目前没有这一步" in late.text) == (409, True, True)
    for refused in (late.text, browser.sees(f"/case/{NUMBER}/do/assign", 404)):
        assert f'<a href="/case/{NUMBER}">返回事项</a>' in refused


def test_what_may_not_be_seen_is_not_there(ledger_file: str) -> None:
    """A case that an officer may not read and one that does not exist are answered alike."""
    with serving(ledger_file) as client:
        browser = Browser(client).come_in("none")
        pages = {browser.sees(f"/case/{number}", 404).replace(number, "") for number in (NUMBER, "0101-XS-2019-0999")}
        assert len(pages) == 1


def test_an_open_session_loses_a_role_at_once(browser: Browser, ledger_file: str) -> None:
    """What another process changes of the house holds at the next request: a role, and that an officer left."""
    from engine.operations.house import registration

    keeper = "keeper"
    with opened(ledger_file) as ledger:
        registration.revoke(Acting(ledger, keeper, START + DAY), "zhou", "office", "0101")
    assert browser.sees(f"/case/{NUMBER}", 200)  # it was zhou who registered it
    answer = assigned(browser)
    assert getattr(answer, "status_code", 0) == 422
    with opened(ledger_file) as ledger:
        registration.leave(Acting(ledger, keeper, START + DAY), "zhou")
    assert browser.client.get(f"/case/{NUMBER}").headers["location"].startswith("/login")


def test_no_word_of_a_case_becomes_markup(browser: Browser) -> None:
    """What was typed is shown as it was typed, wherever it stands."""
    raw = browser.client.get(f"/case/{OTHER}").text
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)" in raw


def test_it_speaks_both_languages(browser: Browser) -> None:
    """The switch changes the language of all pages of this browser, and comes back to where one was."""
    answer = browser.client.post("/language", data={"language": "en", "to": f"/case/{NUMBER}"})
    assert answer.headers["location"] == f"/case/{NUMBER}"
    page = browser.sees(f"/case/{NUMBER}")
    assert 'lang="en"' in page
    assert "Next step" in page


@pytest.fixture
def guarded(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[str, Clock, Browser]]:
    """Return a ledger for earnest in which one officer has a password, its clock, and a browser before its door."""
    file, clock = str(shutil.copy(sqlite_template, tmp_path / "ledger.db")), Clock()
    with furnished(file) as ledger:
        register(ledger)
        set_password(Acting(ledger, "keeper", START), "zhou", PASSWORD)
    with serving(file, clock=clock, is_secure=True) as client:
        yield file, clock, Browser(client)


def test_a_password_opens_a_session_that_ends(guarded: tuple[str, Clock, Browser]) -> None:
    """A log-in is a new secret each time, kept from scripts and other sites; leaving and resting end it for good."""
    _, clock, browser = guarded
    planted = {"cookie": "__Host-qingling=1.planted"}
    answer = browser.client.post("/login", data={"officer": "zhou某", "password": PASSWORD}, headers=planted)
    cookie = answer.headers["set-cookie"]
    held = browser.client.cookies["__Host-qingling"]

    assert answer.status_code == 303
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert held not in {"1.planted", ""}
    assert browser.sees(f"/case/{NUMBER}")
    assert browser.client.get("/login").headers["strict-transport-security"]
    clock.now += timedelta(minutes=31)
    assert browser.client.get(f"/case/{NUMBER}").status_code == 303

    browser.client.post("/login", data={"officer": "zhou", "password": PASSWORD})
    held = browser.client.cookies["__Host-qingling"]
    assert browser.sees(f"/case/{NUMBER}")
    assert browser.client.post("/logout").headers["clear-site-data"]
    late = browser.client.get(f"/case/{NUMBER}", headers={"cookie": f"__Host-qingling={held}"})
    assert late.status_code == 303


def test_a_wrong_password_says_the_same_of_everybody(guarded: tuple[str, Clock, Browser]) -> None:
    """Who has none, who is none and who is wrong are answered alike; after some failures one must wait."""
    _, _, browser = guarded
    said = set()
    for officer in ("zhou", "zhou某", "chen", "nobody", "gone"):
        answer = browser.client.post("/login", data={"officer": officer, "password": "wrong"})
        assert answer.status_code == 422
        said.add(re.search(r"<h2>未能登录</h2>\s*<p>(.*?)</p>", answer.text))
    assert {found[1] for found in said if found} == {"姓名或口令不对"}
    for _ in range(5):
        answer = browser.client.post("/login", data={"officer": "zhou", "password": "wrong"})
    assert "请等待" in answer.text
    assert "请等待" in browser.client.post("/login", data={"officer": "zhou", "password": PASSWORD}).text


def test_in_earnest_nobody_is_chosen_from_a_list(guarded: tuple[str, Clock, Browser]) -> None:
    """The list of a rehearsal opens no ledger that is meant."""
    _, _, browser = guarded
    assert browser.client.post("/login", data={"chosen": "zhou"}).status_code == 422
    assert "chosen" not in browser.sees("/login")


def test_what_is_too_large_is_sent_away(browser: Browser) -> None:
    """A form of more than its limit is refused before it is read, whether its length is told or not."""
    told = browser.client.post("/login", data={"officer": "x" * 2_000_000})
    untold = browser.client.post(
        "/login",
        content=iter([b"officer=" + b"x" * 500_000] * 5),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (told.status_code, untold.status_code) == (413, 413)
    assert "内容过大：文字最多 1 MB" in told.text


def test_what_others_commit_is_seen_at_once(browser: Browser, ledger_file: str) -> None:
    """The ledgers that stay open show what another process has committed, at the next request."""
    with opened(ledger_file) as ledger:
        note(Acting(ledger, "wang", START + DAY), NUMBER, "第一次")
    assert "第一次" in browser.sees(f"/case/{NUMBER}")
    with opened(ledger_file) as ledger:
        advance(
            Acting(ledger, "zhou", START + DAY), NUMBER, "assign", {"responsible_leader": "zhao", "handler": "chen"}
        )
    assert "已交办" in browser.sees(f"/case/{NUMBER}")


def test_a_fault_is_answered_and_the_log_holds_no_case(ledger_file: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong is one request's: a page says so, the log says where, and neither what was asked."""

    class Broken(Clock):
        def __call__(self) -> datetime:
            """Fail with words that nobody may see."""
            raise ValueError(f"{NUMBER} of zhou")

    with serving(ledger_file, clock=Broken(), real=Clock()) as client:
        browser = Browser(client).come_in("zhou")
        page = browser.sees(f"/case/{NUMBER}", 500)
        assert client.get("/healthz").text == "ok\n"
    assert "系统出错" in page
    assert NUMBER not in page
    assert "case: ValueError in" in caplog.text
    assert NUMBER not in caplog.text


def test_a_lane_outlives_a_ledger_that_cannot_be_closed(ledger_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks a ledger, and its closing with it, is answered, and the next turn of the lane has another one."""
    broken = list[Ledger]()

    def cannot_close() -> None:
        raise DatabaseError(Text("the connection is gone", "连接已断"))

    async def turns() -> list[bool]:
        pool = Pool(lambda: open_ledger(ledger_file, AdoptedDeclarations, real_now=None), readers=1)
        fresh = []
        for fault in (DatabaseError(Text("gone", "断开")), ConnectionError("gone")):

            def work(at_hand: LedgerAtHand, fault: Exception = fault) -> None:
                broken.append(at_hand.ledger)
                at_hand.ledger.close()
                monkeypatch.setattr(at_hand.ledger, "close", cannot_close)
                raise fault

            with pytest.raises(type(fault)):
                await asyncio.wait_for(pool.run("write", work), 20)
            again = asyncio.wait_for(pool.run("write", lambda at_hand: at_hand.ledger not in broken), 20)
            fresh.append(await again)
        pool.close()
        return fresh

    assert asyncio.run(turns()) == [True, True]


def test_choices_of_a_rehearsal_do_not_pile_up(ledger_file: str) -> None:
    """Of officers chosen from the list only the newest are remembered; who was chosen last is in."""
    door = Door()
    with opened(ledger_file) as ledger:
        held = [door.choose(ledger, "zhou") for _ in range(CHOICES + 1)]
        assert [door.who(ledger, each, now=START) for each in (held[0], held[1], held[-1])] == [None, "zhou", "zhou"]


def test_no_template_holds_what_the_policy_forbids() -> None:
    """No inline script or style and none of htmx's ways to run text stand in a template; htmx is the pinned one."""
    forbidden = re.compile(r"hx-on|js:|javascript:|<style|\sstyle=|\son\w+=|hx-trigger=\"[^\"]*\[|\|\s*safe|autoescape")
    places = sorted((DESK / "templates").iterdir())
    found = {each.name: forbidden.findall(each.read_text("utf-8")) for each in places}
    scripts = re.findall(r"<script[^>]*>[^<]", "".join(each.read_text("utf-8") for each in places))

    assert places
    assert {name: words for name, words in found.items() if words} == {}
    assert scripts == []
    assert sha256((DESK / "static/htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert len((DESK / "static/desk.css").read_text("utf-8").splitlines()) <= 300
