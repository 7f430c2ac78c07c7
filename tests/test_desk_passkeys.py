"""Passkeys at the desk: registered, shown at the door, signed with; attacked; and found by verifying years later."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asked_to_sign import NUMBER, PAGE, PASSWORD, TERM, ask_for_extension, known, set_up
from desks import HERE, Browser, Clock, serving
from devices import PRESENT, Device, wrong_with
from houses import COMPLAINT
from ledgers import DAY, OFFICERS, START, opened
from starlette.testclient import TestClient
from yaml import safe_load

from engine.journal.events import legible
from engine.operations.cases.signatures import ask, standing_of
from engine.operations.deadlines.extending import extend
from engine.operations.house.adopting import adopt
from engine.operations.house.registration import leave
from engine.operations.house.verifying import verify
from engine.operations.identity.credentials import revoke
from engine.operations.identity.passkeys import passkeys
from engine.operations.identity.ways import PASSWORD as PASSWORD_WAY
from engine.operations.ledger.adopted import new_text
from engine.operations.ledger.need_to_know import log_of
from engine.store import case_rows
from engine.workflow.texts import TextKind

ORIGIN = "https://localhost"
FOR = {"only": f"extend:{TERM}"}
"""The signature under an extension, which the leader is asked for."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a ledger for earnest in which a leader is asked to sign an extension."""
    file = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("passkeys") / "ledger.db"))
    set_up(file)
    return file


@pytest.fixture
def file(made: str, tmp_path: Path) -> str:
    """Return a copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the desk."""
    return Clock(START + 2 * DAY)


@pytest.fixture
def browser(file: str, clock: Clock) -> Iterator[Browser]:
    """Return a browser of the leader, who has logged in by the password."""
    with serving(file, clock=clock, is_secure=True) as client:
        comes_in(client, "tang")
        yield Browser(client)


def comes_in(client: TestClient, officer: str) -> None:
    """Log an officer in by the password."""
    client.cookies.clear()
    assert client.post("/login", data={"officer": officer, "password": PASSWORD}).status_code == 303


def registers(browser: Browser, device: Device, name: str = "手机", **how: Any) -> Any:
    """Register a passkey as the page's script does."""
    begun = browser.sends("/keys", {"_begin": "yes", "name": name, "_password": PASSWORD}).json()
    answer = device.makes(begun["options"], **{"origin": ORIGIN, **how})
    return browser.sends("/keys", {**answer, "_made": begun["nonce"], "name": name})


def prepares(browser: Browser, key: int | None = None) -> dict[str, Any]:
    """Return what the leader's passkey is to sign, as the page's script asks for it."""
    shown = browser.sees(PAGE).split('data-passkey="sign" class')[0]
    number = key or int(shown.split('data-passkey="sign" value="')[1].split('"')[0])
    asked: dict[str, Any] = browser.sends(f"{PAGE}/sign", {**FOR, "_prepare": str(number)}, page=PAGE).json()
    return asked


def signs(browser: Browser, answer: dict[str, str]) -> Any:
    """Send what signs the extension."""
    return browser.sends(f"{PAGE}/sign", {**FOR, **answer}, page=PAGE)


def given(file: str) -> tuple[int, int] | None:
    """Return case and number of the row by which the extension is signed; None if it is not."""
    with opened(file) as ledger:
        case = ledger.case(NUMBER)
        seq = standing_of(ledger, case)[FOR["only"]].row.given_seq
        return None if seq is None else (case.id, seq)


def faults(file: str) -> set[str]:
    """Return what verifying finds."""
    with opened(file) as ledger:
        return {each.what for each in verify(ledger)[1]}


@pytest.mark.parametrize("algorithm", [-8, -7, -257])
def test_a_passkey_logs_in_and_signs(file: str, browser: Browser, algorithm: int) -> None:
    """Registered once, it opens a session that names it and signs the row; a stranger finds so by the page of docs."""
    device = Device(algorithm, "telephone")
    assert registers(browser, device).status_code == 303
    assert registers(browser, device, "电脑").status_code == 422  # it is registered already
    browser.client.post("/logout")
    asked = browser.client.post("/login", data={"_begin": "yes"}).json()
    assert browser.client.post("/login", data=device.shows(asked, origin=ORIGIN)).status_code == 303
    assert "手机" in browser.sees("/keys")

    assert signs(browser, device.shows(prepares(browser), origin=ORIGIN)).status_code == 303

    place = given(file)
    assert place is not None
    assert wrong_with(file, *place) == []
    assert faults(file) == set()
    with opened(file) as ledger:
        (row,) = [each for each in case_rows.entries(ledger.store, place[0]) if each.seq == place[1]]
        credential = passkeys(ledger, "tang")[0][0].seq
        event = legible(row.kind, row.body)
        assert event is not None
        assert event.proof == ("signature", credential)
        done = extend(
            known(ledger, "zhou"), NUMBER, TERM, length=None, reason="", signed_by="", filed_on=(START + DAY).date()
        )
        assert done.extensions[0].signed_by == "tang"
    assert "数字签名" in browser.sees(PAGE)


def test_where_there_is_no_passkey_the_password_is_typed_again(file: str, browser: Browser) -> None:
    """The button alone signs nothing, nor a wrong password; the right one does, and is shown as the weaker proof."""
    assert "口令确认" in browser.sees(PAGE)
    for typed in ({}, {"_password": "wrong"}, {"_nonce": "none", "_password": PASSWORD}):
        answer = signs(browser, typed)
        assert (answer.status_code, given(file)) == (422, None), typed
    assert signs(browser, {"_password": PASSWORD}).status_code == 303
    assert given(file) is not None
    assert "口令确认" in browser.sees(PAGE).split('id="signed"')[1]
    assert faults(file) == set()


def test_an_assertion_signs_what_it_was_made_for_and_nothing_else(file: str, browser: Browser, clock: Clock) -> None:
    """Replayed, of another key, over another challenge, without the person verified, from elsewhere, late: refused."""
    own, other = Device(-8, "own"), Device(-7, "other")
    assert registers(browser, own).status_code == 303
    assert registers(browser, own, flags=PRESENT).status_code == 422  # its person was not verified
    with serving(file, clock=clock, is_secure=True) as client:
        comes_in(client, "keeper")
        assert registers(Browser(client), other).status_code == 303

    def changed(asked: dict[str, Any], **parts: str) -> dict[str, Any]:
        return {**asked, **parts}

    attacks: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
        "another officer's key": lambda asked: other.shows(asked, origin=ORIGIN),
        "another challenge": lambda asked: own.shows(changed(asked, challenge="A" * 43), origin=ORIGIN),
        "nobody verified": lambda asked: own.shows(asked, origin=ORIGIN, flags=PRESENT),
        "another origin": lambda asked: own.shows(asked, origin="https://localhost.evil.example"),
        "another port": lambda asked: own.shows(asked, origin=f"{ORIGIN}:8443"),
        "another host": lambda asked: own.shows(changed(asked, host="evil.example"), origin=ORIGIN),
        "a registration": lambda asked: own.shows(asked, origin=ORIGIN, type_="webauthn.create"),
        "another ceremony": lambda _: own.shows(
            browser.client.post("/login", data={"_begin": "yes"}).json(), origin=ORIGIN
        ),
        "no signature": lambda asked: {**own.shows(asked, origin=ORIGIN), "_signature": "AA"},
    }
    let_through = [
        what for what, attack in attacks.items() if signs(browser, attack(prepares(browser))).status_code != 422
    ]
    assert let_through == []
    late = own.shows(prepares(browser), origin=ORIGIN)
    clock.now += timedelta(minutes=5)
    assert signs(browser, late).status_code == 422
    moved = own.shows(prepares(browser), origin=ORIGIN)
    with opened(file) as ledger:  # somebody comes between
        ask(
            known(ledger, "zhou"),
            NUMBER,
            "signed_by",
            "zhao",
            step="reclassify",
            values={"category": "A2", "reason": "如卷"},
        )
    assert signs(browser, moved).status_code in {409, 422}
    assert given(file) is None

    right = own.shows(prepares(browser), origin=ORIGIN)
    assert signs(browser, right).status_code == 303
    with opened(file) as ledger:
        ask_for_extension(ledger)  # asked again for the same: what was signed once does not sign it
    assert signs(browser, right).status_code == 422
    assert given(file) is None
    assert faults(file) == set()


def test_a_passkey_that_was_revoked_opens_and_signs_nothing(file: str, browser: Browser, clock: Clock) -> None:
    """By its officer, by who keeps officers, or when one leaves: what was under way ends; others' are left alone."""
    devices = {name: Device(-8, name) for name in ("手机", "电脑", "平板")}
    for name, device in devices.items():
        assert registers(browser, device, name).status_code == 303
    with opened(file) as ledger:
        numbers = {known.name: each.seq for each, known in passkeys(ledger, "tang")}
    asked = prepares(browser, numbers["手机"])
    revoked = {"_revoke": str(numbers["手机"]), "reason": "遗失"}
    assert browser.sends("/keys", {**revoked, "reason": ""}).status_code == 422
    assert browser.sends("/keys", revoked).status_code == 303
    assert signs(browser, devices["手机"].shows(asked, origin=ORIGIN)).status_code == 422
    with serving(file, clock=clock, is_secure=True) as client:
        comes_in(client, "zhou")
        assert Browser(client).sends("/keys", {**revoked, "_revoke": str(numbers["电脑"])}).status_code == 422
        comes_in(client, "keeper")
        assert Browser(client).sends("/keys", {**revoked, "_revoke": str(numbers["电脑"])}).status_code == 303
    with opened(file) as ledger:
        assert [known.name for _, known in passkeys(ledger, "tang")] == ["平板"]
        leave(known(ledger, "keeper"), "tang")
        assert passkeys(ledger, "tang") == []
    opened_by = browser.client.post("/login", data={"_begin": "yes"}).json()
    assert browser.client.post("/login", data=devices["平板"].shows(opened_by, origin=ORIGIN)).status_code == 422
    assert faults(file) == set()


def test_who_has_no_password_makes_a_passkey_right_after_logging_in_only(
    file: str, browser: Browser, clock: Clock
) -> None:
    """Who finds the desk of an officer open who has passkeys only makes no key of their own there."""
    device = Device(-8, "telephone")
    assert registers(browser, device).status_code == 303
    with opened(file) as ledger:
        revoke(known(ledger, "keeper"), "tang", PASSWORD_WAY, reason="只用通行密钥")
    begun = []
    for waited in (timedelta(minutes=4), timedelta(minutes=6)):
        asked = browser.client.post("/login", data={"_begin": "yes"}).json()
        assert browser.client.post("/login", data=device.shows(asked, origin=ORIGIN)).status_code == 303
        clock.now += waited
        begun.append("options" in browser.sends("/keys", {"_begin": "yes", "name": "电脑"}).json())
    assert begun == [True, False]


def test_a_step_that_demands_a_signature_takes_a_passkey_only(file: str, browser: Browser) -> None:
    """Under its form stand the passkeys; the password again does not take it, the passkey signs every row of it.

    So it does where the step seals a value, which comes out otherwise each time it is sealed: another value is refused.
    """
    device = Device(-7, "own")
    registers(browser, device)
    role = OFFICERS["tang"][0]
    words = COMPLAINT.replace("[liaison]", f"[{role}]").replace("to: answered,", "to: answered, proof: signature,")
    words = words.replace("asks: [answer]", "asks: [answer, caller]")
    words = words.replace(
        "  answer: {type", "  caller: {type: sealed, title: {en: Caller, zh: 来电人}}\n  answer: {type", 1
    )
    with opened(file) as ledger:
        text = new_text(TextKind.WORKFLOW, "complaint", safe_load(words), version=1)
        adopt(known(ledger, "keeper"), [text], reason="投诉")
    new = {"_unit": "0101", "received_on": "今天", "words": "等候过久"}
    page = browser.sends("/new/complaint", new).headers["location"].partition("?")[0]
    form, typed = f"{page}/do/answer", {"answer": "已当面说明", "caller": "Reporter Q-773"}
    shown = browser.sees(form)
    assert 'name="_password"' not in shown
    number = re.findall(r'data-passkey="sign" value="(\d+)"', shown)[0]
    for more in ({}, {"_password": PASSWORD}):
        assert browser.sends(form, {**typed, **more}).status_code == 422, more

    def signed() -> dict[str, str]:
        return device.shows(browser.sends(form, {**typed, "_prepare": number}).json(), origin=ORIGIN)

    for other in ({"answer": "另一答复"}, {"caller": "Reporter Q-774"}):
        assert browser.sends(form, {**typed, **other, **signed()}).status_code == 422, other
    assert browser.sends(form, {**typed, **signed()}).status_code == 303
    assert "已答复（数字签名）" in browser.sees(page)
    with closing(sqlite3.connect(file)) as raw:
        places = raw.execute("SELECT case_id, seq FROM signatures").fetchall()
        assert raw.execute("SELECT count(*) FROM sealed_values").fetchall() == [(1,)]
    assert places
    assert [wrong_with(file, *place) for place in places] == [[]] * len(places)
    assert faults(file) == set()


def test_what_is_prepared_to_be_signed_leaves_nothing_but_who_was_refused(
    file: str, clock: Clock, tmp_path: Path
) -> None:
    """Neither a file, an upload nor where a form led stays; who asked for a case that is not theirs to read did so."""
    folder, device = tmp_path / "files", Device(-8, "telephone")
    with serving(file, clock=clock, is_secure=True, files=folder) as client:
        comes_in(client, "zhou")
        browser = Browser(client)
        registers(browser, device)
        with opened(file) as ledger:
            asked = {"_prepare": str(passkeys(ledger, "zhou")[0][0].seq), "words": "x", "workflow": "lead"}
        sent = {"file": ("台账.xlsx", b"not journaled")}
        found = [
            browser.sends(f"{PAGE}/attach", asked, files=sent, page=PAGE).status_code,
            browser.sends("/import", asked, files=sent).status_code,
        ]
        assert browser.sends("/case/0199-XS-2019-0009/note", asked, page=PAGE).status_code == 404
        assert 'href="/import/' not in browser.sees("/import")
    assert found == [422, 403]
    assert not folder.exists() or not list(folder.rglob("*"))
    with opened(file) as ledger, closing(log_of(ledger)) as log:
        assert [each.subject for each in log.rows() if each.answer == "refused"] == ["0199-XS-2019-0009"]


def test_what_is_changed_behind_the_program_is_found(file: str, browser: Browser) -> None:
    """Another signature, other rows, nobody verified, another name in the table: verifying says so."""
    device = Device(-7, "own")
    registers(browser, device)
    assert signs(browser, device.shows(prepares(browser), origin=ORIGIN)).status_code == 303
    place = given(file)
    assert place is not None
    with closing(sqlite3.connect(file)) as raw:
        (kept,) = raw.execute("SELECT signature FROM signatures").fetchone()
    parts = json.loads(kept)
    unverified = device.shows({"challenge": "A" * 43, "host": "localhost", "nonce": ""}, origin=ORIGIN, flags=PRESENT)
    forged = {
        "other rows": {**parts, "rows": ["0" * 64]},
        "more rows": {**parts, "rows": [*parts["rows"], "0" * 64]},
        "nobody verified": {**parts, "authenticator": unverified["_authenticator"]},
        "another ceremony": {**parts, "client": unverified["_client"], "signature": unverified["_signature"]},
        "no text": {},
    }
    for what, each in forged.items():
        with closing(sqlite3.connect(file)) as raw, raw:
            raw.execute("UPDATE signatures SET signature = ?", (json.dumps(each),))
        assert faults(file) == {"signature"}, what
        assert not each or wrong_with(file, *place), what
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE signatures SET signature = ?", (kept,))
        raw.execute("UPDATE credentials SET kept = replace(kept, '手机', '电脑')")
    assert faults(file) == {"credential"}


def test_a_passkey_hangs_on_a_name(file: str) -> None:
    """Under an address the page says where to go instead; nobody makes one without the password."""
    with serving(file) as client:
        client.base_url = "http://127.0.0.1:8080"
        browser = Browser(client)
        comes_in(client, "tang")
        assert "http://localhost:8080/" in browser.sees("/keys")
        client.base_url = "http://localhost"
        comes_in(client, "tang")
        token = browser.sees("/keys").split('name="_token" value="')[1].split('"')[0]
        for typed in ("", "wrong"):
            answer = client.post("/keys", data={"_token": token, "_begin": "yes", "_password": typed}, headers=HERE)
            assert (answer.status_code, "options" in answer.json()) == (422, False), typed
