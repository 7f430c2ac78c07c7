"""Reports, ledgers and lists leave by the desk as by the commands: looked at, journaled, logged, and to be kept."""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register
from openpyxl import load_workbook
from test_desk_imports import ledger_of, seen, sent

from engine.journal.chain import HOUSE
from engine.journal.house_events import LedgerExported
from engine.operations.cases.restricting import restrict
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import log_of
from engine.store import case_rows

POINTS = "points: 1\ntitle: {en: County points, zh: 某县考核计分}\nitems:\n  overdue: {each: -2, at_most: 3}\n".encode()
OWN, OTHER = "0101-XS-2019-0001", "0102-XS-2019-0001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with leads of two units, to be copied."""
    file = tmp_path_factory.mktemp("issuing") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
        register(ledger, summary="倒卖号源")
        register(ledger, summary="有人把持停车场")
        register(ledger, unit="0102", summary="强揽护工生意", now=START + DAY)
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str) -> Iterator[Browser]:
    """Return a browser before its door."""
    with serving(ledger_file) as client:
        yield Browser(client)


def exports(ledger_file: str) -> list[LedgerExported]:
    """Return what the journal says has left the house."""
    with opened(ledger_file) as ledger:
        rows = case_rows.entries(ledger.store, HOUSE)
        return [LedgerExported.read(each.body) for each in rows if each.kind == LedgerExported.kind]


def test_an_assessment_is_scored_by_a_file_that_is_sent(browser: Browser, ledger_file: str) -> None:
    """Points stand beside the figures, and the journal has the file's name and digest; it is kept nowhere."""
    browser.come_in("keeper")
    asked = {"kind": "assessment", "period": "2019", "workflow": "lead"}
    sent = {"points": ("../计分.yaml", POINTS)}
    assert browser.sends("/reports", {**asked, "kind": "monthly"}, files=sent).status_code == 422
    wrong = {"points": ("p.yaml", POINTS.replace(b"overdue", b"overdu"))}
    unsound = browser.sends("/reports", asked, files=wrong).headers["location"]
    assert "不在考核数据之中" in seen(browser, unsound)
    address = browser.sends("/reports", asked, files=sent).headers["location"]
    page = seen(browser, address)
    assert "某县考核计分" in page
    browser.sends(address, {"_as": "xlsx"})
    (kept,) = exports(ledger_file)
    assert kept.scope["points"] == "计分"
    assert kept.scope["points_digest"] == sha256(POINTS).hexdigest()


def test_a_report_is_looked_at_and_issued(browser: Browser, ledger_file: str) -> None:
    """The preview has the figures of the period; what is kept is journaled with its digest, and the reading logged."""
    browser.come_in("keeper")
    asked = {
        "kind": "monthly",
        "period": "2019-07",
        "workflow": "lead",
        "campaign": "zhengzhou_2019",
        "forecast": "yes",
    }
    answer = browser.sends("/reports", asked)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    page = seen(browser, address)
    assert "2019年7月" in page
    assert "清零核对：未清零" in page
    assert "预测" in page
    assert re.search(r"<td[^>]*>0101 某医院</td>\s*<td class=\"n\"[^>]*>2</td>", page)
    assert re.search(r'<div class="charts">.*<rect class="overdue|<rect class="in_time', page, re.DOTALL)
    assert "<style" not in page  # the policy of the desk would not take it
    assert exports(ledger_file) == []

    files = {form: browser.sends(address, {"_as": form, "reason": "上报"}) for form in ("docx", "html", "xlsx")}
    for form, given in files.items():
        assert given.status_code == 200, given.text
        assert "%E6%9C%88%E6%8A%A5" in given.headers["content-disposition"], form
        assert given.headers["x-content-type-options"] == "nosniff"
    kept = exports(ledger_file)
    assert [(each.what, each.digest, each.reason, each.scope["to"]) for each in kept] == [
        (f"report monthly {form}", sha256(given.content).hexdigest(), "上报", "2019-07-03")
        for form, given in files.items()
    ]
    with opened(ledger_file) as ledger:
        log = log_of(ledger)
        rows = [(each.officer, each.deed, each.answer) for each in log.rows()]
        log.close()
    assert rows.count(("keeper", "report", "shown")) >= 4
    assert browser.sends(address, {"_do": "end"}).headers["location"] == "/reports"
    browser.sees(address, 404)


def test_what_cannot_be_reported_is_said(browser: Browser) -> None:
    """A wrong period, kind or unit is refused with what was typed; who may read no figures finds no page."""
    browser.come_in("keeper")
    for asked in (
        {"kind": "monthly", "period": "2019-W27"}, {"kind": "none"}, {"kind": "weekly", "unit": "0999"},
        {"kind": "monthly", "period": "2031-01"}, {"kind": "monthly", "rank": "超期"},
        {"kind": "monthly", "forecast": "yes"}, {"kind": "bulletin", "rank": "办结数"},
    ):  # fmt: skip
        answer = browser.sends("/reports", {"workflow": "lead", **asked})
        assert answer.status_code == 422, asked
        assert asked.get("period", "") in answer.text
    assert browser.come_in("none").client.get("/reports").status_code == 403


def test_a_list_is_exported_as_it_is_seen(browser: Browser, ledger_file: str) -> None:
    """The filter goes along; the file has the rows of the list and no more, is journaled, and is its officer's own."""
    browser.come_in("keeper")
    hidden = dict(
        re.findall(
            r'type="hidden" name="(q|unit|closed)" value="([^"]+)"', browser.sees("/list/lead?q=停车场&unit=0101")
        )
    )
    assert hidden == {"q": "停车场", "unit": "0101"}
    answer = browser.sends("/list/lead/export", {**hidden, "ending": ".xlsx"}, page="/list/lead")
    address = answer.headers["location"]
    assert "共 1 行" in seen(browser, address)
    given = browser.client.get(f"{address}/file")
    cells = {str(cell.value) for row in load_workbook(BytesIO(given.content)).worksheets[0] for cell in row}
    assert {"0101-XS-2019-0002", "有人把持停车场"} <= cells
    assert not {OWN, OTHER} & cells
    (kept,) = exports(ledger_file)
    assert (kept.what, kept.count, kept.digest) == ("ledger seen xlsx", 1, sha256(given.content).hexdigest())
    assert kept.scope == {"workflow": "lead", "unit": "0101", "open": True, "searched": True}
    for due, count in (("week", 0), ("", 3)):  # the first is due on 29 July
        answer = browser.sends("/list/lead/export", {"due": due, "ending": ".csv"}, page="/list/lead")
        assert f"共 {count} 行" in seen(browser, answer.headers["location"])
    assert browser.come_in("zhou").client.get(f"{address}/file").status_code == 404


def test_a_ledger_holds_only_what_its_officer_may_read(browser: Browser, ledger_file: str) -> None:
    """A format that is adopted is written for one's own unit; another's, and all units, are refused."""
    browser.come_in("lian")
    asked = {"_do": "ledger", "format": "full", "ending": ".csv"}
    answer = browser.sends("/reports", {**asked, "unit": "0102"})
    assert answer.status_code == 422
    address = browser.sends("/reports", asked).headers["location"]
    seen(browser, address)
    given = browser.client.get(f"{address}/file").content.decode("utf-8-sig")
    assert OWN in given
    assert OTHER not in given
    assert [each.scope for each in exports(ledger_file)] == [{"workflow": "lead", "unit": "0101"}]


def test_the_file_of_a_case_is_printed(browser: Browser, ledger_file: str) -> None:
    """Who exports makes it in a job, and it is journaled before it is given."""
    browser.come_in("zhou")
    page = f"/case/{OWN}"
    begun = browser.sends(f"{page}/case-file", {"reason": "归档"}, page=page)
    assert begun.status_code == 303, begun.text
    assert "案卷已生成" in seen(browser, begun.headers["location"])
    given = browser.client.get(f"{begun.headers['location']}/file")
    (left,) = exports(ledger_file)
    assert (left.what, left.reason, left.digest) == ("case-file docx", "归档", sha256(given.content).hexdigest())
    assert given.content.startswith(b"PK")


OF_UNIT = {"unit": "0101"}
MONTHLY = {"kind": "monthly", "period": "2019-07", "workflow": "lead"}
WAITING: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    # what waits: where it is sent, on which page, what is sent, what of it is asked for
    "a list as it is seen": ("/list/lead/export", "/list/lead", {**OF_UNIT, "ending": ".csv"}, ("", "/file")),
    "a ledger": ("/reports", "/reports", {**OF_UNIT, "_do": "ledger", "format": "full", "ending": ".csv"}, ("/file",)),
    "a report": (
        "/reports",
        "/reports",
        {**OF_UNIT, "kind": "monthly", "period": "2019-07", "workflow": "lead"},
        ("",),
    ),
    "the file of a case": (f"/case/{OWN}/case-file", f"/case/{OWN}", {}, ("", "/file")),
}
AGAIN = (("2019-06-28", "电话", "倒卖号源", "0101"),)
"""A row of a ledger that may be the first lead once more."""


def made_by(browser: Browser, officer: str) -> dict[str, str]:
    """Let an officer have each of them made, and an import tried out; return their addresses."""
    browser.come_in(officer)
    made = {
        name: browser.sends(way, asked, page=at).headers["location"] for name, (way, at, asked, _) in WAITING.items()
    }
    made["an import"] = sent(browser, ledger_of(AGAIN, ("接收日期", "来源渠道", "主要内容", "单位")))
    for each in made.values():
        seen(browser, each)
    return made


def test_what_waits_is_given_to_who_may_still_read_all_of_it(browser: Browser, ledger_file: str) -> None:
    """A file, a report or an import that waits is nobody's any more who may read less than when it was made."""
    keeper = partial(Acting, by="keeper", now=START)
    rows: tuple[tuple[str, Callable[[Ledger], object], bool], ...] = (
        # whose it is, what happens meanwhile, whether it is given
        ("feng", lambda each: restrict(keeper(each), OTHER, ["bao"], reason="与本单位无关"), True),
        ("lian", lambda each: keeping.revoke(keeper(each), "lian", "liaison", "0102"), False),
        ("zhou", lambda each: restrict(keeper(each), OWN, ["bao"], reason="涉及内部人员"), False),
    )
    with opened(ledger_file) as ledger:
        keeping.grant(keeper(ledger), "lian", "liaison", "0102")
    wrong: list[object] = []
    for officer, change, is_given in rows:
        made = made_by(browser, officer)
        with opened(ledger_file) as ledger:
            change(ledger)
        listed = {(page, name) for page in ("/", "/reports") for name in WAITING if made[name] in browser.sees(page)}
        answers = {
            made[name] + part: browser.client.get(made[name] + part).status_code
            for name, (*_, parts) in WAITING.items()
            for part in parts
        }
        page = browser.sees(made["an import"])
        said = len(listed), set(answers.values()), OWN in page, "请重新预演" in page
        if said != ((8, {200}, True, False) if is_given else (0, {404}, False, True)):
            wrong.append((officer, listed, answers, page))
        issued = browser.sends(made["a report"], {"_as": "html"}, page="/reports").status_code
        if issued != (200 if is_given else 404):
            wrong.append((officer, "a report is issued", issued))
    assert wrong == []
