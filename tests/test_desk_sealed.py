"""What is sealed, at the desk: asked for, agreed to by another, opened once, seen nowhere else; codes of reporters."""

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desks import Browser, Clock, serving
from devices import Device
from ledgers import DAY, START, furnished, opened, register
from test_desk_passkeys import ORIGIN, registers

from engine.errors import RefusedError
from engine.journal.case_events import OpeningAgreed, OpeningAsked, OpeningRefused, SealOpened
from engine.journal.sealing import make_keys, unlock
from engine.operations.cases import sealed_values
from engine.operations.cases.restricting import restrict
from engine.operations.house.registration import grant
from engine.operations.house.verifying import verify
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import log_of
from engine.store import case_rows

NUMBER = "0101-XS-2019-0001"
PAGE = f"/case/{NUMBER}/sealed"
PASSWORD, PASSPHRASE = "violin gravel sunday maple", "harbour pencil tuesday walnut"
REPORTER = "护士长 刘某某 13800138000"
RIGHT = {"_deed": "open", "reason": "举报人申请保护", "_passphrase": PASSPHRASE}
ANSWER = "已转公安机关办理"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, bytes]:
    """Return a ledger for earnest with a lead whose reporter is sealed, and the custodian's key file."""
    file = tmp_path_factory.mktemp("sealed") / "ledger.db"
    shutil.copy(sqlite_template, file)
    public, locked = make_keys(PASSPHRASE)
    with furnished(str(file), custodian=public) as ledger:
        register(ledger, reporter=REPORTER, real_name=True)
        grant(Acting(ledger, "keeper", START), "feng", "custodian", "0101")
        for officer in ("zhou", "bao", "feng", "liu", "tang"):
            set_password(Acting(ledger, "keeper", START), officer, PASSWORD)
    return file, locked


@pytest.fixture
def desk(made: tuple[Path, bytes], tmp_path: Path) -> Iterator[tuple[str, Clock, Browser, Any]]:
    """Return a copy of it, its clock, a browser, and the key file as a form bears it."""
    file, clock = str(shutil.copy(made[0], tmp_path / "ledger.db")), Clock(START + 2 * DAY)
    with serving(file, clock=clock, is_secure=True) as client:
        yield file, clock, Browser(client), {"key": ("custodian.key", made[1])}


def comes_in(browser: Browser, officer: str) -> Browser:
    """Let an officer be the one who is logged in in the browser; each logs in once."""
    client, held = browser.client, vars(browser).setdefault("held", {})
    client.cookies.clear()
    if officer not in held:
        assert client.post("/login", data={"officer": officer, "password": PASSWORD}).status_code == 303
        held[officer] = client.cookies["__Host-qingling"]
        client.cookies.clear()
    client.cookies.set("__Host-qingling", held[officer])
    return browser


def asks(browser: Browser, officer: str = "bao") -> None:
    """Ask for an opening, and let the leader agree to it."""
    asked = comes_in(browser, officer).sends(PAGE, {"_deed": "ask", "reason": "举报人申请保护"})
    assert asked.headers["location"] == f"{PAGE}?done=ask"
    assert comes_in(browser, "liu").sends(PAGE, {"_deed": "agree", "_password": PASSWORD}).status_code == 303
    comes_in(browser, officer)


def told(file: str) -> list[tuple[str, str]]:
    """Return what the journal says of openings: kind and officer."""
    kinds = {OpeningAsked.kind, OpeningAgreed.kind, OpeningRefused.kind, SealOpened.kind}
    with opened(file) as ledger:
        rows = case_rows.entries(ledger.store, ledger.case(NUMBER).id)
        assert list(verify(ledger)[1]) == []
        return [(each.kind, each.by) for each in rows if each.kind in kinds]


def test_what_is_sealed_is_opened_once_with_the_consent_of_another(
    desk: tuple[str, Clock, Browser, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Asked with a reason, agreed to elsewhere, opened with the passphrase, shown once and nowhere else."""
    file, _, browser, key = desk
    caplog.set_level(logging.DEBUG)
    refused = {
        # who, and what is sent
        "no power to ask": ("zhou", {"_deed": "ask", "reason": "看看"}),
        "no reason": ("bao", {"_deed": "ask", "reason": ""}),
        "nobody asked yet": ("liu", {"_deed": "agree", "_password": PASSWORD}),
        "nobody agreed yet": ("bao", RIGHT),
    }
    for what, (officer, sent) in refused.items():
        answer = comes_in(browser, officer).sends(PAGE, sent, files=key)
        assert (answer.status_code, REPORTER in unescape(answer.text)) == (422, False), what
    asked = comes_in(browser, "bao").sends(PAGE, {"_deed": "ask", "reason": "举报人申请保护"})
    assert "已申请" in browser.sees(asked.headers["location"])
    for what, (officer, sent) in {
        "one's own": ("bao", {"_deed": "agree", "_password": PASSWORD}),
        "a colleague without the power": ("feng", {"_deed": "agree", "_password": PASSWORD}),
        "a desk left open": ("liu", {"_deed": "agree"}),
    }.items():
        assert comes_in(browser, officer).sends(PAGE, sent).status_code == 422, what
    assert NUMBER in browser.sees("/").split('id="openings"')[1].split("</section>")[0]
    assert browser.sends(PAGE, {"_deed": "agree", "_password": PASSWORD}).status_code == 303
    assert 'id="openings"' not in browser.sees("/")

    for what, officer, sent, files in (
        ("who did not ask", "feng", RIGHT, key),
        ("who agreed", "liu", RIGHT, key),
        ("wrong passphrase", "bao", {**RIGHT, "_passphrase": "wrong"}, key),
        ("no key file", "bao", RIGHT, None),
        ("another file", "bao", RIGHT, {"key": ("custodian.key", b"none")}),
        ("no reason", "bao", {**RIGHT, "reason": " "}, key),
        ("a rehearsal", "bao", {**RIGHT, "_prepare": "1"}, key),
    ):
        answer = comes_in(browser, officer).sends(PAGE, sent, files=files)
        assert (answer.status_code, REPORTER in unescape(answer.text)) == (422, False), what
    right = browser.sends(PAGE, RIGHT, files=key)
    assert (right.status_code, REPORTER in unescape(right.text)) == (200, True)
    assert right.headers["cache-control"] == "no-store"
    assert "data-once" in right.text

    again = browser.sends(PAGE, RIGHT, files=key)
    assert (again.status_code, REPORTER in unescape(again.text)) == (422, False)
    pages = [browser.sees(each) for each in (PAGE, f"/case/{NUMBER}", "/", "/list/lead", "/codes")]
    pages += [comes_in(browser, "liu").sees(each) for each in (PAGE, f"/case/{NUMBER}")]
    with opened(file) as ledger, closing(log_of(ledger)) as log:
        pages += [str(list(log.rows())), str(list(case_rows.all_entries(ledger.store)))]
    pages += [caplog.text, str(browser.client.cookies)]
    assert [each for each in pages if re.search("刘某某|13800138|" + PASSPHRASE, each)] == []
    done = [each for each in told(file) if each[0] != OpeningRefused.kind]
    assert done == [(OpeningAsked.kind, "bao"), (OpeningAgreed.kind, "liu"), (SealOpened.kind, "bao")]


def test_a_consent_ends_and_serves_who_asked_and_a_case_that_is_seen(desk: tuple[str, Clock, Browser, Any]) -> None:
    """After its days it opens nothing; by a passkey it is signed; a restricted case is not there for who agreed."""
    file, clock, browser, key = desk
    asks(browser)
    clock.now += timedelta(days=3, seconds=1)
    vars(browser)["held"].clear()  # all log-ins have ended
    late = comes_in(browser, "bao").sends(PAGE, RIGHT, files=key)
    assert (late.status_code, REPORTER in unescape(late.text)) == (422, False)
    assert "失效" in browser.sees(PAGE)
    comes_in(browser, "bao").sends(PAGE, {"_deed": "ask", "reason": "举报人申请保护"})
    device = Device(-8, "telephone")
    assert registers(comes_in(browser, "liu"), device).status_code == 303
    number = re.findall(r'data-passkey="sign" value="(\d+)"', browser.sees(PAGE))[0]
    asked = browser.sends(PAGE, {"_deed": "agree", "_prepare": number}).json()
    assert browser.sends(PAGE, {"_deed": "agree", **device.shows(asked, origin=ORIGIN)}).status_code == 303
    with opened(file) as ledger:
        row = case_rows.entries(ledger.store, ledger.case(NUMBER).id)[-1]
        assert (row.kind, '"proof":["signature"' in row.body) == (OpeningAgreed.kind, True)
    with opened(file) as ledger:
        restrict(Acting(ledger, "keeper", clock.now), NUMBER, ["zhou"], reason="涉及内部人员")
    comes_in(browser, "liu")
    token = dict(re.findall(r'name="(_token)" value="([^"]*)"', browser.sees("/codes")))
    assert browser.client.get(PAGE).status_code == 404
    assert browser.client.post(PAGE, data={**token, **RIGHT}, files=key).status_code == 404
    assert SealOpened.kind not in {kind for kind, _ in told(file)}


def test_a_consent_that_is_used_while_a_passphrase_is_tried_is_used_once(
    desk: tuple[str, Clock, Browser, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who open at the same moment, at two machines, by one consent: one is shown it, the other refused."""
    file, clock, browser, key = desk
    asks(browser)
    locked, shown = key["key"][1], list[object]()

    def opens(ledger: Any) -> None:
        acting = Acting(ledger, "bao", clock.now)
        found = sealed_values.open_reporter(acting, NUMBER, locked=locked, passphrase=PASSPHRASE, reason="保护")
        shown.append(found)

    def slowly(content: bytes, passphrase: str) -> bytes:
        monkeypatch.setattr(sealed_values, "unlock", unlock)
        with opened(file) as other:
            opens(other)
        return unlock(content, passphrase)

    monkeypatch.setattr(sealed_values, "unlock", slowly)
    with opened(file) as ledger, pytest.raises(RefusedError):
        opens(ledger)
    assert len(shown) == 1
    assert [kind for kind, _ in told(file)].count(SealOpened.kind) == 1


def test_a_reporter_without_a_name_is_answered_by_a_code(desk: tuple[str, Clock, Browser, Any]) -> None:
    """Shown once; by it, and nothing else, the answer is read, without the case; a wrong one is written down."""
    file, _, browser, _ = desk
    given = comes_in(browser, "zhou").sends(PAGE, {"_deed": "code"})
    code = re.findall(r"\d{4} \d{4} \d{4} \d{4}", given.text)[0]
    assert given.headers["cache-control"] == "no-store"
    assert code not in browser.sees(PAGE)
    assert browser.sends(PAGE, {"_deed": "code"}).status_code == 422
    assert browser.sends(PAGE, {"_deed": "answer", "_answer": " "}).status_code == 422
    assert browser.sends(PAGE, {"_deed": "answer", "_answer": ANSWER}).headers["location"] == f"{PAGE}?done=answer"
    assert ANSWER not in browser.sees(PAGE) + browser.sees(f"/case/{NUMBER}")
    shown = comes_in(browser, "tang").sends("/codes", {"_code": code})
    assert (shown.status_code, ANSWER in shown.text, NUMBER in shown.text) == (200, True, False)
    assert browser.sends("/codes", {"_code": "1234 5678 9012 3456"}).status_code == 422
    with opened(file) as ledger, closing(log_of(ledger)) as log:
        rows = [(each.subject, each.answer) for each in log.rows() if "receipt" in each.asked]
    assert rows == [(NUMBER, "shown"), ("", "refused")]
