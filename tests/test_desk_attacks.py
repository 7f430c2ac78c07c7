"""What somebody may send to the desk's newer pages to hurt it, and two people at one of them."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from desks import Browser, Clock, serving
from ledgers import DAY, START, furnished, opened, register
from test_desk_imports import ledger_of, seen

from desk.door import BUSY
from desk.routes import FILES
from engine.operations.cases.casework import note, open_case
from engine.operations.cases.lookup import log
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import log_of
from engine.operations.returns.filing import open_returns

LEAD, CHECK, NIL = "0101-XS-2019-0001", "0101-JC-2019-0001", "0101-BB-2019-0002"
PASSWORD = "violin gravel sunday maple"
INSPECT = {
    "planned_on": "2019-07-01", "period": "2019Q3", "kind": "self_check", "subject": "季度自查", "due_on": "2019-09-20",
    "responsible_leader": "zhao",
}  # fmt: skip

ELSEWHERE = ("//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with a lead, a check and returns, to be copied."""
    file = tmp_path_factory.mktemp("attacks") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        open_returns(ledger, now=START)
        register(ledger)
        open_case(Acting(ledger, "zhou", START), "inspection", INSPECT, unit="0101")
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str, tmp_path: Path) -> Iterator[Browser]:
    """Return a browser in which the office is at work."""
    with serving(ledger_file, clock=Clock(START + timedelta(days=2)), files=tmp_path / "files") as client:
        yield Browser(client).come_in("zhou")


def test_a_bomb_is_sent_away_and_harms_nobody(browser: Browser, ledger_file: str) -> None:
    """A workbook that swells, a file that is too large and too many parts are refused in words; the desk goes on."""
    kept = BytesIO(ledger_of())
    with ZipFile(kept, "a", ZIP_DEFLATED) as bomb:
        name = next(each for each in bomb.namelist() if each.startswith("xl/worksheets/"))
        bomb.writestr(name.replace("1", "9"), b" " * 300_000_000)
    answer = browser.sends("/import", {"workflow": "lead"}, files={"file": ("台账.xlsx", kept.getvalue())})
    page = seen(browser, answer.headers["location"])
    assert "未写入任何内容" in page
    large = {"file": ("大.bin", bytes(FILES))}
    found = [
        browser.sends("/import", {"workflow": "lead"}, files=large).status_code,
        browser.sends(f"/case/{LEAD}/attach", {}, files=large, page=f"/case/{LEAD}").status_code,
        browser.sends(f"/case/{CHECK}/cards/inspect?at=8", {}, files={"_photo": large["file"]}).status_code,
        browser.sends("/import", {}, files=[("file", (f"{place}.xlsx", b"x")) for place in range(21)]).status_code,
        browser.sends("/import", {f"f{place}": "x" for place in range(401)}).status_code,
    ]
    assert found == [413, 413, 413, 400, 400]
    with opened(ledger_file) as ledger:
        assert len(list(log(ledger, LEAD))) == 1


def test_no_address_leads_out_of_the_desk(browser: Browser) -> None:
    """Wherever a form says where to go on, only a page of the desk is meant."""
    wrong: list[object] = []
    for way in ELSEWHERE:
        said = browser.client.post("/language", data={"language": "zh", "to": way}).headers["location"]
        people = {"responsible_leader": "liu", "handler": "chen", "_back": way}
        form = browser.sends(f"/case/{LEAD}/do/assign", {**people, "handler": ""})
        back = re.search(r'name="_back" value="([^"]*)"', form.text)
        wrong += [(way, said)] if not re.fullmatch(r"/[^/\\]?[^\\\r\n]*", said) else []
        wrong += [(way, back[1])] if back else []
    assert wrong == [], wrong
    done = browser.sends(f"/case/{LEAD}/do/assign", {**people, "_back": ELSEWHERE[0]})
    assert done.headers["location"].startswith(f"/case/{LEAD}?")


def test_a_flood_of_passwords_closes_the_door_to_its_machine(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After many failures, whoever they were for, not even the right password opens from there; later it does."""
    monkeypatch.setattr("desk.door.BUSY", 3)
    assert BUSY > 3
    with furnished(sqlite_url) as ledger:
        set_password(Acting(ledger, "keeper", START), "zhou", PASSWORD)
    clock = Clock()
    with serving(sqlite_url, clock=clock, is_secure=True) as client:
        for officer in ("chen", "nobody", "zhao"):
            client.post("/login", data={"officer": officer, "password": "wrong"})
        right = {"officer": "zhou", "password": PASSWORD}
        assert "本机输错口令过多" in client.post("/login", data=right).text
        clock.now += timedelta(minutes=16)
        assert client.post("/login", data=right).status_code == 303


def test_who_comes_second_to_a_newer_page_loses_no_word(browser: Browser, ledger_file: str) -> None:
    """In a return, a deadline and a correction the other one's doing is shown, and what was typed is still there."""
    forms = {
        (LEAD, f"/case/{LEAD}/term/disposal", "", "zhou"): {"_deed": "pause", "why": "夜间无巡逻"},
        (LEAD, f"/case/{LEAD}/amend", "", "zhou"): {"_reason": "夜间无巡逻", "summary": "另一处停车场"},
        (NIL, f"/case/{NIL}/nil", "/returns", "lian"): {"words": "夜间无巡逻", "signer": "zhao"},
    }
    wrong: list[object] = []
    for (number, path, page, officer), values in forms.items():
        form = browser.come_in(officer).sees(page or path)
        form = form.split(f'action="{path}"')[1] if page else form
        hidden = dict(reversed(re.findall(r'<input type="hidden" name="(_token|_seen)" value="([^"]*)">', form)))
        with opened(ledger_file) as ledger:
            note(Acting(ledger, "zhou" if officer != "zhou" else "feng", START + 2 * DAY), number, "已先电话联系")
            before = len(list(log(ledger, number)))
        answer = browser.client.post(path, data={**values, **hidden})
        if answer.status_code != 409 or "夜间无巡逻" not in answer.text or "已先电话联系" not in answer.text:
            has = "夜间无巡逻" in answer.text, "已先电话联系" in answer.text
            wrong.append((path, answer.status_code, has))
        with opened(ledger_file) as ledger:
            wrong += [] if len(list(log(ledger, number))) == before else [(path, "written")]
    assert wrong == [], wrong


def test_cases_that_are_tried_many_at_a_time_stand_in_the_log(browser: Browser, ledger_file: str) -> None:
    """Who sends a list of guessed numbers learns nothing of them, and stands in the access log with the number."""
    guessed = {"_trigger": "assign", "_case": [LEAD, "0102-XS-2019-0009"]}
    assert browser.sends("/many/lead", guessed, page="/list/lead").status_code == 404
    with opened(ledger_file) as ledger, closing(log_of(ledger)) as kept:
        assert [each.subject for each in kept.rows() if each.answer == "refused"] == ["0102-XS-2019-0009"]


def test_nothing_is_written_into_a_ledger_that_was_taken_away(browser: Browser, ledger_file: str) -> None:
    """Its file removed, the desk says so and takes no word; another put in its place is the one it works on."""
    page, aside = "/case/0101-XS-2019-0001", Path(ledger_file).with_suffix(".aside")
    assert browser.sends(f"{page}/note", {"words": "先写一条"}, page=page).status_code == 303
    form = browser.sees(page)
    hidden = dict(re.findall(r'name="(_token|_seen)" value="([^"]*)"', form))
    for tail in ("", "-wal", "-shm"):
        Path(ledger_file + tail).rename(f"{aside}{tail}")
    before = aside.read_bytes(), Path(f"{aside}-wal").read_bytes()
    answer = browser.client.post(f"{page}/note", data={**hidden, "words": "不得丢失"})
    assert (answer.status_code, "未写入任何内容" in answer.text) == (503, True)
    assert "暂时无法使用" in browser.sees(page, 503)
    assert browser.client.get("/healthz").status_code == 503
    assert (aside.read_bytes(), Path(f"{aside}-wal").read_bytes()) == before
    assert not Path(ledger_file).exists()
    for tail in ("-wal", ""):
        shutil.copy(f"{aside}{tail}", ledger_file + tail)
    assert browser.sends(f"{page}/note", {"words": "补写一条"}, page=page).status_code == 303
    assert "补写一条" in browser.sees(page)
