"""Reading is a right in a browser too: every address by every kind of officer; what may not be seen is not there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register

from desk.guard import form_token
from desk.routes import ADDRESSES, Address
from engine.operations.cases.casework import advance, attach
from engine.operations.cases.restricting import restrict
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import log_of, reader_called

OWN, FOREIGN, NAMED, SECRET = "0101-XS-2019-0001", "0102-XS-2019-0001", "0102-XS-2019-0002", "0101-XS-2019-0002"
NUMBERS = (OWN, FOREIGN, NAMED, SECRET)
NOWHERE = "0102-XS-2019-0999"
WORDS = {OWN: "有人把持停车场", FOREIGN: "强揽护工生意", NAMED: "倒卖号源", SECRET: "内部人员通风报信"}

ONE_CASE: dict[str, dict[str, str]] = {
    # address: what its parts are besides the number
    "case": {},
    "step": {"trigger": "assign"},
    "check": {"trigger": "assign"},
    "agenda": {},
    "card": {"trigger": "assign"},
    "term": {"deadline": "verification"},
    "note": {},
    "amend": {},
    "attach": {},
    "case-file": {},
    "link": {},
    "hand-over": {},
    "restrict": {},
    "void": {},
    "file": {"digest": "0" * 64},
    "sealed": {},
    "sign": {},
    "paper": {},
    "decline": {},
    "letter": {"kind": "supervision_notice"},
    "nil": {},
}
"""Addresses of one case: to those who may not read it, it is as if there were none."""
SEVERAL: dict[str, dict[str, str]] = {
    "today": {},
    "list": {"workflow": "lead"},
    "many": {"workflow": "lead"},
    "calendar": {},
    "agendas": {},
    "checklists": {},
    "zero": {"campaign": "zhengzhou_2019"},
    "statements": {"campaign": "zhengzhou_2019"},
    "statement": {"campaign": "zhengzhou_2019", "seq": "1"},
    "statement-text": {"campaign": "zhengzhou_2019", "seq": "1"},
    "returns": {},
    "reports": {},
    "seen": {"workflow": "lead"},
}
"""Addresses of many cases: narrowed to what may be read, or refused."""
NO_CASE: dict[str, dict[str, str]] = {
    "campaigns": {},
    "house": {},
    "keys": {},
    "proofs": {},
    "officer": {"code": "lian"},
    "enrolment": {},
    "unit": {"code": "0102"},
    "sources": {},
    "texts": {},
    "days": {},
    "outbox": {},
    "doctor": {},
    "access": {},
    "journal": {},
    "checkpoints": {},
    "verified": {"key": "none"},
    "codes": {},
    "imports": {},
    "report": {"key": "none"},
    "made": {"key": "none"},
    "download": {"key": "none"},
    "import": {"key": "none"},
    "marked": {"key": "none"},
    "new": {"workflow": "lead"},
    "alike": {"workflow": "lead"},
    "keep": {"workflow": "lead"},
}
"""Addresses that show no case, or none that may not be read."""
FORM = {"_seen": "1", "words": "", "reason": "", "_trigger": "assign", "_case": "0101-XS-2019-0001"}
"""What is sent to every address."""
AT_THE_DOOR = {"entrance", "exit", "language", "sign-on", "back"}
"""Addresses for everybody."""

OFFICERS = ("keeper", "tang", "lian", "chen", "bao", "none")
"""All roles everywhere; reads all; liaison, verifier named in a case elsewhere, custodian of 0101; no role."""


@pytest.fixture(scope="module")
def ledger_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a rehearsal ledger with a lead of each kind."""
    folder = tmp_path_factory.mktemp("desk-reading")
    file = str(shutil.copy(sqlite_template, folder / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
        register(ledger, summary=WORDS[OWN])
        register(ledger, summary=WORDS[SECRET])
        register(ledger, unit="0102", summary=WORDS[FOREIGN])
        register(ledger, unit="0102", summary=WORDS[NAMED])
        advance(Acting(ledger, "zhou", START + DAY), NAMED, "assign", {"responsible_leader": "liu", "handler": "chen"})
        page = folder / "page.txt"
        page.write_text("scan", "utf-8")
        attach(Acting(ledger, "zhou", START + DAY), FOREIGN, page, folder=folder / "files", title="page.txt")
        keeping.revoke(Acting(ledger, "keeper", START), "zhou", "office", "0102")
        restrict(Acting(ledger, "keeper", START + DAY), SECRET, ["bao"], reason="涉及内部人员")
    return file


@pytest.fixture
def browser(ledger_file: str) -> Iterator[Browser]:
    """Return a browser before its door."""
    with serving(ledger_file, files=Path(ledger_file).with_name("files")) as client:
        yield Browser(client)


def seen_by(ledger_file: str, officer: str) -> set[str]:
    """Return the numbers of the cases that an officer may read, by the policy of the ledger."""
    with opened(ledger_file) as ledger:
        ledger.reader = reader_called(ledger, officer)
        return {each for each in NUMBERS if ledger.sees_number(each)}


def answered(browser: Browser, address: Address, number: str = "") -> Iterator[tuple[str, int, str]]:
    """Ask an address by each of its methods, with a form that a page of the session might have sent."""
    parts = {**ONE_CASE, **SEVERAL, **NO_CASE}[address.name]
    path = address.path.format(number=number, **parts)
    held = browser.client.cookies.get("qingling") or ""
    if address.show:
        answer = browser.client.get(path)
        yield "GET", answer.status_code, answer.text
    if address.do:
        answer = browser.client.post(path, data={**FORM, "_token": form_token(held)})
        yield "POST", answer.status_code, answer.text


def test_every_address_has_a_policy() -> None:
    """An address that is in no table of this file fails this test: somebody must say who may read what it shows."""
    assert {each.name for each in ADDRESSES} == {*ONE_CASE, *SEVERAL, *NO_CASE, *AT_THE_DOOR}


def test_who_is_not_known_sees_the_entrance_only(browser: Browser) -> None:
    """Without a session every address leads to the entrance, whatever the method, and shows nothing."""
    wrong = []
    for address in ADDRESSES:
        if address.name in AT_THE_DOOR:
            continue
        for method, status, text in answered(browser, address, OWN):
            if status != 303 or text:
                wrong.append((address.name, method, status))
    assert wrong == []


def test_no_address_does_anything_without_the_token_of_its_session(browser: Browser) -> None:
    """Every address that takes a form refuses one that no page of this session made, whoever sends it."""
    browser.come_in("keeper")
    wrong = []
    for address in (each for each in ADDRESSES if each.do is not None):
        parts = {**ONE_CASE, **SEVERAL, **NO_CASE}[address.name]
        path = address.path.format(number=OWN, **parts)
        found = [browser.client.post(path, data={**FORM, **token}).status_code for token in ({}, {"_token": "0" * 64})]
        wrong += [(address.name, found)] if found != [403, 403] else []
    assert wrong == []


def test_what_may_not_be_read_is_as_if_it_were_not(browser: Browser, ledger_file: str) -> None:
    """Every address of a case answers a hidden case as it answers none, for every officer and method."""
    wrong: list[object] = []
    for officer in OFFICERS:
        visible = seen_by(ledger_file, officer)
        browser.come_in(officer)
        for address in (each for each in ADDRESSES if each.name in ONE_CASE):
            if len(visible) < len(NUMBERS):
                missing = [
                    (method, text.replace(NOWHERE, "")) for method, _, text in answered(browser, address, NOWHERE)
                ]
            for number in set(NUMBERS) - visible:
                found = list(answered(browser, address, number))
                same = [(method, text.replace(number, "")) for method, _, text in found] == missing
                if not same or {status for _, status, _ in found} != {404}:
                    wrong.append((officer, address.name, number, found))
        wrong += [(officer, each, "not shown") for each in visible if WORDS[each] not in browser.sees(f"/case/{each}")]
    assert wrong == []


def test_lists_hold_only_what_may_be_read(browser: Browser, ledger_file: str) -> None:
    """No number and no word of a hidden case stands on any page of many cases, nor beside a new one."""
    wrong = []
    for officer in OFFICERS:
        hidden = set(NUMBERS) - seen_by(ledger_file, officer)
        browser.come_in(officer)
        for address in ADDRESSES:
            if address.name in ONE_CASE or address.name in AT_THE_DOOR:
                continue
            for method, status, text in answered(browser, address):
                rest = text.replace(f"“{FORM['_case']}”", "")  # what was asked for is said again
                shown = [each for each in hidden if each in rest or WORDS[each] in rest]
                if shown or status >= 500:
                    wrong.append((officer, address.name, method, status, shown))
    assert wrong == []


def test_what_is_read_is_written_down(browser: Browser, ledger_file: str) -> None:
    """The access log says who read or was refused what at the desk."""
    browser.come_in("chen")
    browser.sees(f"/case/{OWN}")
    browser.sees(f"/case/{FOREIGN}", 404)
    browser.sees("/list/lead")
    with opened(ledger_file) as ledger:
        log = log_of(ledger)
        rows = [(each.officer, each.way, each.deed, each.subject, each.answer) for each in log.rows()][-3:]
        log.close()
    assert rows == [
        ("chen", "desk", "read", OWN, "shown"),
        ("chen", "desk", "read", FOREIGN, "refused"),
        ("chen", "desk", "list", "", "shown"),
    ]
