"""Statements of a campaign at the desk: frozen once by who may, shown with code and checkpoint, given as frozen."""

import json
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from asked_to_sign import PASSWORD
from desks import Browser, Clock, serving
from devices import Device, wrong_with
from ledgers import START, furnished, opened, register
from test_desk_imports import seen
from test_desk_passkeys import ORIGIN, registers

from engine.journal.chain import HOUSE, JournalEntry
from engine.journal.house_events import StatementFrozen
from engine.operations.house.checkpoints import newest
from engine.operations.house.verifying import verify
from engine.operations.identity.credentials import set_password
from engine.operations.identity.logging_in import log_in
from engine.operations.ledger.acting import Acting
from engine.store import case_rows

PAGE = "/zero/zhengzhou_2019/frozen"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a ledger for earnest with an open lead, in which who keeps it has a password; to be copied."""
    file = tmp_path_factory.mktemp("statements") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file)) as ledger:
        register(ledger)
        set_password(Acting(ledger, "keeper", START), "keeper", PASSWORD)
        set_password(Acting(ledger, "keeper", START), "zhou", PASSWORD)
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str, tmp_path: Path) -> Iterator[Browser]:
    """Return a browser before its door."""
    with serving(ledger_file, is_secure=True, journal_key=tmp_path / "journal.key") as client:
        yield Browser(client)


def come_in(browser: Browser, officer: str) -> None:
    """Log an officer in."""
    assert browser.client.post("/login", data={"officer": officer, "password": PASSWORD}).status_code == 303


def row(ledger_file: str) -> JournalEntry:
    """Return the newest row of the journal that freezes a statement."""
    with opened(ledger_file) as ledger:
        return [each for each in case_rows.entries(ledger.store, HOUSE) if each.kind == StatementFrozen.kind][-1]


def statements(ledger_file: str) -> list[StatementFrozen]:
    """Return the statements that the journal has."""
    with opened(ledger_file) as ledger:
        rows = case_rows.entries(ledger.store, HOUSE)
        return [StatementFrozen.read(each.body) for each in rows if each.kind == StatementFrozen.kind]


def test_a_statement_is_frozen_with_the_password_again(browser: Browser, ledger_file: str) -> None:
    """A wrong password freezes nothing; the right one does, once, with a checkpoint that covers it."""
    come_in(browser, "keeper")
    assert "尚无封存结果" in browser.sees(PAGE)
    for wrong in ({"_password": "wrong"}, {}, {"_password": PASSWORD, "as_of": "不是日期"},
                  {"_password": PASSWORD, "unit": "0999"}):  # fmt: skip
        assert browser.sends(PAGE, wrong).status_code == 422, wrong
    assert statements(ledger_file) == []

    address = browser.sends(PAGE, {"_password": PASSWORD}).headers["location"]
    done = seen(browser, address)
    (kept,) = statements(ledger_file)
    with opened(ledger_file) as ledger:
        checkpoint = newest(ledger)
    assert checkpoint is not None
    assert checkpoint.short_code in done

    page = browser.sees(PAGE)
    assert '"proof":["confirmed"' in row(ledger_file).body
    assert {kept.digest, f"短码 {checkpoint.short_code}", "纳入 1 件，未清 1 件"} <= set(
        re.findall(rf"{kept.digest}|短码 \S+?(?=<)|纳入 \d+ 件，未清 \d+ 件", page)
    )
    (way,) = re.findall(r'href="(/zero/zhengzhou_2019/frozen/\d+)"', page)
    text = browser.sees(f"{way}/text")
    for words in ("未清零", "0101-XS-2019-0001", "本单位办结", kept.digest, checkpoint.short_code):
        assert words in text, words
    given = browser.client.get(way)
    assert given.headers["content-disposition"].startswith("attachment")
    assert sha256(given.content).hexdigest() == kept.digest
    assert json.loads(given.content)["verdict"] == kept.verdict


def test_a_passkey_signs_the_row_that_is_frozen_and_no_other(browser: Browser, ledger_file: str) -> None:
    """What it signed is frozen, with that day; moved on, for another day, or a second time nothing is; it verifies."""
    come_in(browser, "keeper")
    device = Device(-8, "telephone")
    assert registers(browser, device).status_code == 303
    number = re.findall(r'data-passkey="sign" value="(\d+)"', browser.sees(PAGE))[0]

    def signed(**form: str) -> dict[str, str]:
        asked = browser.sends(PAGE, {**form, "_prepare": number}).json()
        return {**form, **device.shows(asked, origin=ORIGIN)}

    assert statements(ledger_file) == []  # preparing leaves nothing
    right = signed(as_of="2019-07-02")
    assert browser.sends(PAGE, {**signed(), "_signature": "AA"}).status_code == 422
    for moved in ("for another day", "after somebody logged in"):
        form = signed(as_of="2019-07-02")
        if moved == "for another day":
            form["as_of"] = "2019-07-01"
        else:
            with opened(ledger_file) as ledger:
                log_in(ledger, "zhou", lambda: PASSWORD, source="here", now=Clock().now)
        address = browser.sends(PAGE, form).headers["location"]
        assert "内容已有变化" in seen(browser, address), moved
        browser.sends(address, {})
    assert statements(ledger_file) == []

    right = signed(as_of="2019-07-02")
    done = seen(browser, browser.sends(PAGE, right).headers["location"])

    assert "检查点" in done
    assert browser.sends(PAGE, right).status_code == 422
    (kept,) = statements(ledger_file)
    assert kept.as_of == "2019-07-02"
    assert '"proof":["signature"' in row(ledger_file).body
    assert wrong_with(ledger_file, HOUSE, row(ledger_file).seq) == []
    with opened(ledger_file) as ledger:
        assert list(verify(ledger)[1]) == []


def test_who_may_not_freeze_finds_no_form(browser: Browser, ledger_file: str) -> None:
    """An officer without the power is shown the statements and no way to freeze, and is refused who sends one."""
    come_in(browser, "zhou")
    page = browser.sees(PAGE)
    assert 'name="_password"' not in page
    hidden = dict(re.findall(r'name="(_token)" value="([^"]*)"', browser.sees("/returns") + browser.sees("/reports")))
    answer = browser.client.post(PAGE, data={**hidden, "_password": PASSWORD})
    assert answer.status_code == 422
    assert statements(ledger_file) == []
