"""Sessions of the desk: a form outlives its log-in, a secret is new where rights begin, and nobody plants one."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from asked_to_sign import NUMBER, PAGE, PASSWORD, known, set_up
from desks import Browser, Clock, serving
from ledgers import DAY, START, opened

from desk.ceremonies import Ceremonies, KeyBegun, LogInBegun
from desk.guard import form_token
from desk.kept_forms import FormLock
from engine.journal.case_events import NoteWritten
from engine.journal.chain import HOUSE
from engine.journal.house_events import CredentialSet
from engine.operations.cases.restricting import lift, restrict
from engine.operations.house.registration import grant, revoke
from engine.operations.house.verifying import verify
from engine.operations.identity.credentials import keep_given, set_password, tokens_in_force
from engine.operations.identity.ways import FEED
from engine.operations.ledger.demands import least_in
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows

COOKIE = "__Host-qingling"
TYPED = {"words": "已电话联系，明日再访"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a ledger for earnest."""
    file = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("sessions") / "ledger.db"))
    set_up(file)
    return file


@pytest.fixture
def desk(made: str, tmp_path: Path) -> Iterator[tuple[str, Clock, Browser]]:
    """Return a copy of it, its clock, and a browser in which the office has logged in."""
    file, clock = str(shutil.copy(made, tmp_path / "ledger.db")), Clock(START + 2 * DAY)
    with serving(file, clock=clock, is_secure=True) as client:
        browser = Browser(client)
        enters(browser, "zhou")
        yield file, clock, browser


def enters(browser: Browser, officer: str, **more: str) -> Any:
    """Log an officer in."""
    return browser.client.post("/login", data={"officer": officer, "password": PASSWORD, **more})


def hidden(text: str, name: str) -> str:
    """Return what a hidden field of a page holds."""
    return unescape(text).split(f'name="{name}" value="')[1].split('"')[0]


def notes(file: str) -> int:
    """Return how many notes the case has."""
    with opened(file) as ledger:
        return [each.kind for each in case_rows.entries(ledger.store, ledger.case(NUMBER).id)].count(NoteWritten.kind)


def test_a_form_outlives_its_session(desk: tuple[str, Clock, Browser]) -> None:
    """Sent after the log-in ended it is kept, locked, for its officer; after log-in one press does it, once."""
    file, clock, browser = desk
    text = browser.sees(PAGE)
    form = {"_token": hidden(text, "_token"), "_seen": hidden(text, "_seen"), **TYPED}
    clock.now += timedelta(minutes=31)
    ended = browser.client.post(f"{PAGE}/note", data=form)
    kept = hidden(ended.text, "_kept")

    assert ended.status_code == 401
    assert "登录已失效" in ended.text
    assert TYPED["words"] not in ended.text
    assert kept not in str(ended.headers)
    wrong = browser.client.post("/login", data={"officer": "zhou", "password": "wrong", "_kept": kept})
    assert hidden(wrong.text, "_kept") == kept
    back = enters(browser, "zhou", _kept=kept)
    assert (back.status_code, f'action="{PAGE}/note"' in back.text) == (200, True)
    assert notes(file) == 0
    token = hidden(back.text, "_token")
    sent = browser.client.post(f"{PAGE}/note", data={"_token": token, "_kept": kept})
    assert (sent.status_code, notes(file)) == (303, 1)
    assert TYPED["words"] in browser.sees(PAGE)


def test_no_secret_is_kept_with_a_form() -> None:
    """Of a form whose log-in had ended all is kept but passwords, passphrases, codes and what a device signed."""
    lock, secret = FormLock(), ("_password", "password", "_new", "_again", "_passphrase", "_code", "_signature")
    form = dict.fromkeys((*secret, "reason", "_answer"), ("x",))
    kept = lock.opened(lock.locked("zhou", PAGE, form, now=START), now=START)
    assert kept is not None
    assert set(kept.form) == {"reason", "_answer"}


def test_a_kept_form_is_nobody_elses_and_cannot_be_brought_along(desk: tuple[str, Clock, Browser]) -> None:
    """Of another officer, for another address, altered, too old, or from no page of the session: nothing is done."""
    file, clock, browser = desk
    with opened(file) as ledger:
        set_password(known(ledger, "keeper", clock.now), "lian", PASSWORD)
    text = browser.sees(PAGE)
    form = {"_token": hidden(text, "_token"), "_seen": hidden(text, "_seen"), **TYPED}
    clock.now += timedelta(minutes=31)
    forged = browser.client.post(f"{PAGE}/note", data={**form, "_token": form_token("1.other")})
    assert (forged.status_code, "_kept" in forged.text) == (303, False)
    part = browser.client.post(f"{PAGE}/do/assign/check", data=form)
    assert (part.status_code, "<html" in part.text) == (401, False)
    kept = hidden(browser.client.post(f"{PAGE}/note", data=form).text, "_kept")
    assert enters(browser, "lian", _kept=kept).status_code == 303  # to the first page: it is not theirs
    for officer, path, what in (
        ("lian", "note", kept),
        ("zhou", "decline", kept),
        ("zhou", "note", kept[:-4] + ("AAAA" if kept[-4:] != "AAAA" else "BBBB")),
    ):
        enters(browser, officer)
        held = browser.client.cookies[COOKIE]
        browser.client.post(f"{PAGE}/{path}", data={"_token": form_token(held), "_kept": what})
        assert notes(file) == 0, (officer, path)
    clock.now += timedelta(hours=25)
    assert enters(browser, "zhou", _kept=kept).status_code == 303


def test_a_secret_that_was_planted_or_held_before_opens_nothing(desk: tuple[str, Clock, Browser]) -> None:
    """A log-in gives a new secret and ends the one before; what a stranger planted is never one."""
    _, _, browser = desk
    first = browser.client.cookies[COOKIE]
    browser.client.cookies.clear()
    planted = browser.client.post(
        "/login", data={"officer": "zhou", "password": PASSWORD}, headers={"cookie": f"{COOKIE}={first}"}
    )
    second = browser.client.cookies[COOKIE]
    assert planted.status_code == 303
    assert second != first
    browser.client.cookies.clear()
    for held, status in ((first, 303), ("1.planted", 303), (second, 200)):
        assert browser.client.get(PAGE, headers={"cookie": f"{COOKIE}={held}"}).status_code == status, held


def test_who_may_do_more_gets_another_secret(desk: tuple[str, Clock, Browser]) -> None:
    """A role that is granted changes the secret at the next page, and the old one ends; one that is taken does not."""
    file, clock, browser = desk
    browser.sees(PAGE)
    first = browser.client.cookies[COOKIE]
    with opened(file) as ledger:
        grant(known(ledger, "keeper", clock.now), "zhou", "verifier", "0102")
    assert browser.sees(PAGE)
    second = browser.client.cookies[COOKIE]
    assert second != first
    with opened(file) as ledger:
        revoke(known(ledger, "keeper", clock.now), "zhou", "verifier", "0102")
    assert browser.sees(PAGE)
    assert browser.client.cookies[COOKIE] == second
    answer = browser.sends(f"{PAGE}/note", TYPED, page=PAGE)
    assert (answer.status_code, notes(file)) == (303, 1)
    browser.client.cookies.clear()
    assert browser.client.get(PAGE, headers={"cookie": f"{COOKIE}={first}"}).status_code == 303


def test_who_keeps_the_ledger_says_what_is_demanded_of_log_ins(desk: tuple[str, Clock, Browser]) -> None:
    """By nobody else, with a reason, and it is shown as what is in force."""
    file, _, browser = desk
    path, demand = "/house/credentials", {"_deed": "demand", "least": "asserted", "why": "临时停用登录"}
    assert 'name="least"' not in browser.sees(path)
    assert browser.sends(path, demand, page="/keys").status_code == 422
    enters(browser, "keeper")
    for missing in ({"why": ""}, {"least": "signature"}):
        assert browser.sends(path, {**demand, **missing}).status_code == 422, missing
    assert 'value="asserted" checked' in browser.sends(path, {**demand, "why": ""}).text
    for least in ("asserted", "session"):
        assert browser.sends(path, {**demand, "least": least}).headers["location"] == f"{path}?done=demand"
        assert f'value="{least}" checked' in browser.sees(path)
    with opened(file) as ledger:
        assert least_in(ledger).word == "session"


def test_two_desks_on_one_ledger_know_the_same_of_everybody(desk: tuple[str, Clock, Browser]) -> None:
    """What a page of one holds the other takes; a case hidden, a role gone, a log-in ended is so at both at once."""
    file, clock, browser = desk
    acting = partial(known, code="keeper", now=clock.now)
    rows: tuple[tuple[str, Callable[[], object], int], ...] = (
        # what happens, at one of them or by command; what the case, or reports, answer at both from then on
        ("nothing", lambda: None, 200),
        ("a restriction", lambda: change(lambda each: restrict(acting(each), NUMBER, ["tang"], reason="回避")), 404),
        ("it is lifted", lambda: change(lambda each: lift(acting(each), NUMBER, reason="查清")), 200),
        ("roles taken", lambda: change(lambda each: revoke(acting(each), "zhou", "office", "0101")), 403),
        ("a log-out", lambda: browser.sends("/logout", {}, page="/"), 303),
    )

    def change(do: Callable[[Ledger], object]) -> None:
        with opened(file) as ledger:
            do(ledger)

    wrong = []
    with serving(file, clock=clock, is_secure=True) as client:
        beside = Browser(client)
        client.cookies = browser.client.cookies
        page = browser.sees(PAGE)
        form = {name: hidden(page, name) for name in ("_token", "_seen")}
        assert client.post(f"{PAGE}/note", data={**TYPED, **form}).status_code == 303
        for what, happens, expected in rows:
            happens()
            page = "/reports" if expected == 403 else PAGE
            found = [each.client.get(page).status_code for each in (browser, beside)]
            if found != [expected] * 2:
                wrong.append((what, found))
    assert (wrong, notes(file)) == ([], 1)


def test_an_officer_changes_the_password_and_is_logged_in_nowhere_else(desk: tuple[str, Clock, Browser]) -> None:
    """It takes the old one, and one that is long, hard to guess, typed twice; the journal says so as of the command."""
    file, clock, browser = desk
    new = "harbour pencil tuesday walnut"
    right = {"_password": PASSWORD, "_new": new, "_again": new}
    first = browser.client.cookies[COOKIE]
    elsewhere = Browser(browser.client)
    browser.client.cookies.clear()
    enters(elsewhere, "zhou")
    second = browser.client.cookies[COOKIE]
    refused = {
        "old missing": {"_password": ""},
        "old wrong": {"_password": "wrong"},
        "too short": {"_new": "harbour", "_again": "harbour"},
        "easily guessed": {"_new": "password2019", "_again": "password2019"},
        "named after the house": {"_new": "zhouzhouzhou", "_again": "zhouzhouzhou"},
        "too long": {"_new": new * 40, "_again": new * 40},
        "not twice alike": {"_again": new + " "},
    }
    answers = {what: browser.sends("/keys", {**right, **wrong}) for what, wrong in refused.items()}
    assert {what: each.status_code for what, each in answers.items()} == dict.fromkeys(refused, 422)
    assert all(new not in each.text and PASSWORD not in each.text for each in answers.values())
    assert "口令最多 1000 个字符" in answers["too long"].text
    with opened(file) as ledger:
        keep_given(known(ledger, "keeper", clock.now), CredentialSet(code="zhou", way=FEED, digest="0" * 64), "0" * 64)
        before = len(case_rows.entries(ledger.store, HOUSE))
    assert "随之失效：日历地址" in browser.sees("/keys")

    answer = browser.sends("/keys", right)

    third = browser.client.cookies[COOKIE]
    assert (answer.status_code, answer.headers["location"]) == (303, "/keys?done=password")
    assert "口令已更改" in browser.sees(answer.headers["location"])
    browser.client.cookies.clear()
    for held, status in ((first, 303), (second, 303), (third, 200)):
        assert browser.client.get(PAGE, headers={"cookie": f"{COOKIE}={held}"}).status_code == status, held
    assert enters(browser, "zhou").status_code == 422
    assert browser.client.post("/login", data={"officer": "zhou", "password": new}).status_code == 303
    with opened(file) as ledger:
        rows = case_rows.entries(ledger.store, HOUSE)[before:]
        faults = verify(ledger)[1]
        assert tokens_in_force(ledger, "zhou") == ()
    kinds = [each.kind for each in rows]
    assert kinds[:4] == ["credential_revoked", "credential_set", "credential_revoked", "logged_in"]
    assert '"proof":["confirmed"' in rows[1].body
    assert list(faults) == []


def test_an_officer_sees_and_ends_log_ins_of_their_own_only(desk: tuple[str, Clock, Browser]) -> None:
    """The page names each by what it was begun with; one is ended, then all others; another officer's is not there."""
    _, _, browser = desk
    held = [browser.client.cookies[COOKIE]]
    for officer in ("zhou", "zhou", "tang"):
        browser.client.cookies.clear()
        enters(browser, officer)
        held.append(browser.client.cookies[COOKIE])
    numbers = [each.partition(".")[0] for each in held]

    def known_by_page() -> set[str]:
        return set(re.findall(r'name="_end" value="(\d+)"', browser.sees("/keys")))

    assert known_by_page() == set()  # the leader has one
    assert browser.sends("/keys", {"_end": numbers[0]}).status_code == 422
    browser.client.cookies.clear()
    enters(browser, "zhou")
    held.append(browser.client.cookies[COOKIE])
    assert known_by_page() == set(numbers[:3])
    for end, left in ((numbers[1], {numbers[0], numbers[2]}), ("others", set())):
        assert browser.sends("/keys", {"_end": end}).headers["location"] == "/keys?done=ended"
        assert known_by_page() == left
    browser.client.cookies.clear()
    found = [browser.client.get(PAGE, headers={"cookie": f"{COOKIE}={each}"}).status_code for each in held]
    assert found == [303, 303, 303, 200, 200]


def test_a_flood_at_the_door_ends_nothing_that_an_officer_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of log-ins that are begun only the newest are remembered; what officers sign meanwhile is not among them."""
    monkeypatch.setattr("desk.ceremonies.MOST", 3)
    under_way = Ceremonies()
    own = under_way.begin(KeyBegun(officer="tang", held="", challenge=b"", host="", origin=""), now=START)
    flood = [under_way.begin(LogInBegun(challenge=b"", origin=""), now=START) for _ in range(9)]
    assert under_way.end(own, LogInBegun, now=START) is None
    assert under_way.end(own, KeyBegun, now=START) is not None
    assert [each for each in flood if under_way.end(each, LogInBegun, now=START)] == flood[-3:]
