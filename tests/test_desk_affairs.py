"""What is done at the desk beside steps: cases linked, handed over, restricted, voided; officers and units changed."""

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from asked_to_sign import NUMBER, PASSWORD, TERM, set_up
from desks import Browser, Clock, serving
from ledgers import DAY, START, Story, furnished, opened, register
from paths import POLICE
from test_desk_imports import seen

from desk.house_tools import HouseTools
from engine.journal.checkpoint import key_given, request_in
from engine.operations.cases.signatures import standing_of
from engine.operations.house import registration as keeping
from engine.operations.house.directory import roles_given, units
from engine.operations.house.witnessing import witness, witness_key
from engine.operations.ledger.acting import Acting
from engine.rules.case import Count
from engine.store import case_rows, clock_rows
from presentation.basis_sources import SOURCES, cited
from tools import check_proof
from workflows.loader import Declarations

FIRST, SECOND, MOVED, SENT = (f"0101-XS-2019-000{number}" for number in range(1, 5))
"""A lead, one in the same words, one that is assigned, and one that was sent to the police."""
TOOLS = HouseTools(
    examine=list,
    channels=list,
    reached_by=lambda: {"mail": True, "wecom": False},
    listed=lambda *_: (),
    enrol=lambda *_: (),
    compare=lambda *_: (),
)
EVIL = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def ledger_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a rehearsal ledger; its tests follow one another and change different cases."""
    file = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("affairs") / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        for unit in ("0101", "0102"):
            keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", unit)
        keeping.grant(Acting(ledger, "keeper", START), "tang", "leading_group", "0102")
        keeping.grant(Acting(ledger, "keeper", START), "feng", "office", None)
        register(ledger)
        register(ledger)
        Story(ledger, summary="倒卖号源").play(POLICE[:1])
        Story(ledger, summary="强揽护工生意").play(POLICE[:4])
    return file


@pytest.fixture
def browser(ledger_file: str) -> Iterator[Browser]:
    """Return a browser in which the office is at work, some weeks later."""
    key = Path(ledger_file).with_name("journal.key")
    with serving(ledger_file, clock=Clock(START + timedelta(days=20)), tools=TOOLS, journal_key=key) as client:
        yield Browser(client).come_in("zhou")


def wrong_fields(browser: Browser, path: str, values: Mapping[str, object]) -> set[str]:
    """Send a form that is refused, and return the inputs at which it says why; what was typed is still there."""
    answer = browser.sends(path, values)
    assert answer.status_code == 422, (path, values, answer.text)
    for each in values.values():
        assert str(each).startswith("_") or not str(each) or str(each)[:4] in answer.text, (path, each)
    return set(re.findall(r'<a href="#f-([\w-]+)">', answer.text))


def test_a_lead_is_linked_to_the_twin_of_which_it_was_warned(browser: Browser, ledger_file: str) -> None:
    """A new lead names its twin and leads to the link; what is missing stands at its field; undone, it counts again."""
    values = {"_unit": "0101", "received_on": "2019-06-28", "source": "telephone", "summary": "反映有人长期把持停车场"}
    made = browser.sends("/new/lead", values).headers["location"]
    page, new = browser.sees(made), made.split("/")[2].partition("?")[0]
    way = f"/case/{new}/link?first={FIRST}"
    assert f'href="{way}"' in page
    assert re.search(rf'value="{FIRST}" checked', browser.sees(way))
    link = f"/case/{new}/link"
    assert wrong_fields(browser, link, {"_deed": "link"}) == {"other", "reason"}
    assert wrong_fields(browser, link, {"_deed": "link", "first": FIRST, "reason": ""}) == {"reason"}
    for number in ("0101-XS-2019-9", "2019-1"):
        assert wrong_fields(browser, link, {"other": number, "reason": "同一事实"}) == {"other"}, number
    evil = browser.sends(link, {"first": new, "reason": EVIL})
    assert (evil.status_code, EVIL in evil.text) == (422, False)
    done = browser.sends(link, {"_deed": "link", "other": "xs-2019-1", "reason": "同一事实"})
    assert done.status_code == 303, done.text
    page = browser.sees(done.headers["location"])
    assert "本件为重复件" in page
    assert f'href="/case/{FIRST}"' in page
    assert browser.sends(link, {"_deed": "unlink", "reason": "并非同一医院"}).status_code == 303
    with opened(ledger_file) as ledger:
        assert ledger.case(new).clearance == Count.OPEN


def test_a_second_button_acts_once_and_another_s_deed_is_shown(browser: Browser, ledger_file: str) -> None:
    """A form sent twice has acted once; one whose case changed meanwhile is answered by what changed, nothing lost."""
    path = f"/case/{SECOND}/link"
    page = browser.sees(path)
    hidden = dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)">', page))
    note = browser.sends(f"/case/{SECOND}/note", {"words": "已电话核实"}, page=f"/case/{SECOND}")
    assert note.status_code == 303
    late = browser.client.post(path, data={**hidden, "_deed": "link", "first": FIRST, "reason": "同一事实"})
    assert (late.status_code, "已电话核实" in late.text, "同一事实" in late.text) == (409, True, True)
    again = dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)">', late.text))
    sent = [browser.client.post(path, data={**again, "first": FIRST, "reason": "同一事实"}) for _ in range(2)]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    with opened(ledger_file) as ledger:
        case = ledger.case(SECOND)
        kinds = [each.kind for each in case_rows.entries(ledger.store, case.id)]
        assert (case.clearance, kinds.count("linked")) == (Count.REPEATS, 1)


def test_a_case_is_handed_over_restricted_and_voided(browser: Browser, ledger_file: str) -> None:
    """Each by its own page: who is in charge is named again, who is not named reads it no more, who may voids it."""
    path = f"/case/{MOVED}/hand-over"
    people = {"responsible_leader": "zhao", "handler": "chen"}
    assert wrong_fields(browser, path, {}) == {"_unit", "responsible_leader", "handler", "reason"}
    assert wrong_fields(browser, path, {"_unit": "0102", **people, "reason": "事发"}) == {"responsible_leader"}
    people["responsible_leader"] = "tang"
    with opened(ledger_file) as ledger:
        before = [ledger.case(MOVED), len(case_rows.entries(ledger.store, 0))]
    ahead = browser.sends(path, {"_deed": "look-hand-over", "_unit": "0102", **people, "reason": "事发在该院"}).text
    assert [
        each
        for each in ("将改动 1 件，尚未写入", "由单位 某医院 移交 某中医院", "责任领导：tang某", 'value="tang"')
        if each not in ahead
    ] == []
    with opened(ledger_file) as ledger:
        assert [ledger.case(MOVED), len(case_rows.entries(ledger.store, 0))] == before
    done = browser.sends(path, {"_unit": "0102", **people, "reason": "事发在该院"})
    assert done.status_code == 303, done.text
    assert "事发在该院" in browser.sees(done.headers["location"])

    browser.come_in("lian")
    assert f"/case/{SENT}/restrict" not in browser.sees(f"/case/{SENT}")
    assert browser.sends(f"/case/{SENT}/restrict", {"to": "zhou", "reason": "试"}).status_code == 422
    browser.come_in("keeper")
    path = f"/case/{SENT}/restrict"
    assert wrong_fields(browser, path, {}) == {"to", "reason"}
    assert browser.sends(path, {"to": ["keeper", "tang"], "reason": "涉及本院"}).status_code == 303
    assert "限阅" in browser.sees(f"/case/{SENT}")
    browser.come_in("zhou").sees(f"/case/{SENT}", 404)
    browser.come_in("keeper")
    assert browser.sends(path, {"_deed": "lift", "reason": "不再需要"}).status_code == 303
    browser.come_in("zhou").sees(f"/case/{SENT}")

    assert f"/case/{MOVED}/void" in browser.sees(f"/case/{MOVED}")
    path = f"/case/{FIRST}/void"
    assert wrong_fields(browser, path, {}) == {"reason"}
    refused = browser.sends(path, {"reason": "误登"})
    assert (refused.status_code, SECOND in refused.text) == (422, True)
    assert browser.sends(f"/case/{SECOND}/void", {"reason": "误登"}).status_code == 303
    assert "本件已作废" in browser.sees(f"/case/{SECOND}")


def test_where_a_signature_is_demanded_a_voiding_asks_for_it(tmp_path: Path, sqlite_template: Path) -> None:
    """After a step the page asks for a leader's signature, given in person or on paper; then one press voids the case.

    What is asked besides, here an extension, is entered from paper by the office: the page is kept, the day is its own.
    """
    file = str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))
    set_up(file)
    page, path = f"/case/{NUMBER}", f"/case/{NUMBER}/void"
    with serving(file, clock=Clock(START + 2 * DAY), is_secure=True, files=tmp_path / "files") as client:
        browser = Browser(client)
        assert client.post("/login", data={"officer": "zhou", "password": PASSWORD}).status_code == 303
        paper, scan = {"only": f"extend:{TERM}", "on": "7.2"}, {"page": ("签字页.png", b"scan", "image/png")}
        assert "已提请签字，尚未签署" in browser.sees(page)
        assert browser.sends(f"{page}/paper", paper, page=page).status_code == 422
        entered = browser.sends(f"{page}/paper", paper, files=scan, page=page)
        assert entered.status_code == 303, entered.text
        assert browser.sends(f"{page}/paper", paper, files=scan, page=page).status_code == 422
        shown = browser.sees(page)
        assert "签字页.png" in shown
        assert f'<a href="{page}/term/{TERM}">已签批，继续办理：延期核查期限</a>' in shown
        client.cookies.clear()
        assert client.post("/login", data={"officer": "tang", "password": PASSWORD}).status_code == 303
        assert wrong_fields(browser, path, {"_deed": "ask"}) == {"reason", "signed_by"}
        assert browser.sends(path, {"_deed": "void", "reason": "误登"}).status_code == 422
        asks = {"_deed": "ask", "signed_by": "tang", "reason": "误登"}
        assert browser.sends(path, asks).status_code == 303
        assert "尚未签署" in browser.sees(path)
        signing = browser.sends(f"{page}/sign", {"only": "void", "_password": PASSWORD}, page=page)
        assert signing.status_code == 303, signing.text
        assert browser.sends(path, {"_deed": "void"}).status_code == 303
    with opened(file) as ledger:
        case = ledger.case(NUMBER)
        assert (case.clearance, "void" in standing_of(ledger, case)) == (Count.VOID, False)
        kinds = [each.kind for each in case_rows.entries(ledger.store, case.id)]
        assert kinds.count("signature_given") == 2


def test_work_that_lies_in_a_child_leads_there_first(browser: Browser) -> None:
    """Once a lead waits for what it has opened, the button leads to the child; before that its own step is first."""
    child = browser.sees(f"/case/{SENT}").partition('class="main" href="')[2]
    assert re.match(r"/case/0101-YS-2019-\d+", child), child[:60]
    assert re.search(rf'class="main" href="/case/{MOVED}/do/\w+"', browser.sees(f"/case/{MOVED}"))


def test_a_new_case_begins_with_the_unit_of_who_opens_it(browser: Browser) -> None:
    """The one unit that a role of the officer names is chosen; of two, or of roles in all units, none is."""
    chosen = {
        each: browser.come_in(each).sees("/new/meeting").count('" selected>') for each in ("feng", "zhou", "keeper")
    }
    assert chosen == {"feng": 1, "zhou": 0, "keeper": 0}


def test_officers_are_away_leave_and_come_back(browser: Browser, ledger_file: str) -> None:
    """One's own absence and addresses one writes, of others only their manager; who leaves is named in what is open."""
    own = "/house/officer/zhou"
    reach = {"_deed": "reach", "at-mail": "zhou", "at-wecom": "zhou1", "channels": "wecom、fax"}
    assert wrong_fields(browser, own, reach) == {"at-mail", "channels"}
    assert browser.sends(own, {**reach, "at-mail": "zhou@example.org", "channels": "wecom mail"}).status_code == 303
    assert {'value="zhou@example.org"', 'value="wecom mail"'} <= set(re.findall(r'value="[^"]+"', browser.sees(own)))
    assert f'href="{own}"' in browser.sees("/keys")
    assert wrong_fields(browser, own, {"_deed": "contact", "absent": "7.25"}) == {"until", "deputy"}
    away = {"_deed": "contact", "absent": "7.25", "until": "2019-8-2", "deputy": "feng", "quiet": "21"}
    assert wrong_fields(browser, own, away) == {"quiet"}
    assert wrong_fields(browser, own, {**away, "until": "2019-7-20", "quiet": ""}) == {"absent"}
    assert browser.sends(own, {**away, "quiet": "21:00-08:00"}).status_code == 303
    assert "2019-07-25 至 2019-08-02，由feng某代办" in browser.sees(own)
    emptied = {"_deed": "contact", "absent": "", "until": "", "deputy": "", "quiet": "", "language": ""}
    assert browser.sends(own, emptied).status_code == 303
    assert "由feng某代办" not in browser.sees(own)  # what is emptied and saved is gone
    other = "/house/officer/chen"
    assert 'name="deputy"' not in browser.sees(other)
    assert browser.sends(other, away, page=own).status_code == 422
    browser.come_in("keeper")
    assert f'href="/case/{MOVED}"' in browser.sees(other)
    assert wrong_fields(browser, other, {"_deed": "leave"}) == {"successor"}
    assert wrong_fields(browser, other, {"_deed": "leave", "successor": "-"}) == {"successor"}  # some are open
    assert wrong_fields(browser, other, {"_deed": "rename"}) == {"name", "why_name"}
    ahead = browser.sends(other, {"_deed": "look-leave", "successor": "sun"}).text
    wanted = ("将改动 3 件，尚未写入", f'href="/case/{MOVED}"', "责任人：sun某（原为chen某）", "chen某离任，由sun")
    assert [each for each in wanted if each not in ahead] == []
    assert browser.sends(other, {"_deed": "look-rename", "name": "甲", "why_name": "乙"}).status_code == 422
    assert "请按下方“办理离任”正式办理" in ahead
    leaving = {"_deed": "leave", "successor": "sun", "_shown": re.findall('name="_shown" value="(.*?)"', ahead)[0]}
    browser.sends(f"/case/{MOVED}/note", {"words": "此后补充"}, page=f"/case/{MOVED}")
    since = browser.sends(other, leaving)
    assert (since.status_code, "所示事项已有变化" in since.text, "将改动 3 件" in since.text) == (422, True, True)
    left = browser.sends(other, {"_deed": "leave", "successor": "sun"})
    assert left.status_code == 303, left.text
    assert "一并移交 3 件" in browser.sees(left.headers["location"])
    with opened(ledger_file) as ledger:
        assert ledger.case(MOVED).fields["handler"] == "sun"
    assert browser.sends(other, {"_deed": "return"}).status_code == 303
    with opened(ledger_file) as ledger:
        assert roles_given(ledger).get("chen", []) == []
        held = {"mail": "zhou@example.org", "wecom": "zhou1", "channels": ["wecom", "mail"]}
        assert keeping.officer(ledger, "zhou").contact == held


def test_days_are_counted_and_a_unit_s_own_days_move_dates(browser: Browser, ledger_file: str) -> None:
    """A count says its working; who keeps the ledger enters a unit's days, sees which dates move, and moves them."""
    path = "/house/days"
    page = browser.sees(f"{path}?from=2019-9-27&count=15&kind=working_days")
    assert [each for each in ("<h3>2019-10-23</h3>", "国庆节", "调休上班") if each not in page] == []
    assert 'name="what"' not in page
    assert '<a href="#f-count">' in browser.sees(f"{path}?from=2019-9-27&count=x", 422)
    empty = browser.sees(f"{path}?from=&count=&of=", 422)
    assert [each for each in ("尚未推算", "#f-from", "#f-count") if each not in empty] == []
    beyond = browser.sees(f"{path}?from=2029-9-27&count=5", 422)
    assert ("无法确定该日期</a>" in beyond, "unpublished" in beyond) == (True, False)
    assert "<h3>2019-09-30</h3>" in browser.sees(f"{path}?from=2019-9-27&count=２")
    assert browser.sends(path, {"_deed": "say"}, page="/keys").status_code == 422
    browser.come_in("keeper")
    assert wrong_fields(browser, path, {"_deed": "say"}) == {"unit", "first", "what", "reason"}
    typhoon = {"unit": "0101", "what": "closed", "first": "2019-7-8", "last": "2019-7-9", "reason": "台风"}
    assert wrong_fields(browser, path, {"_deed": "say", **typhoon, "first": "某日"}) == {"first"}
    assert wrong_fields(browser, path, {"_deed": "say", **typhoon, "last": "2019-7-1"}) == {"last"}
    assert wrong_fields(browser, path, {"_deed": "say", **typhoon, "last": "2021-7-9"}) == {"last"}
    assert browser.sends(path, {"_deed": "say", **typhoon}).headers["location"] == f"{path}?done=say&n=2"
    again = browser.sends(path, {"_deed": "say", **typhoon}).headers["location"]
    assert "与现有登记相同，未作更改" in browser.sees(again)
    ahead = browser.sends(path, {"_deed": "look"}).text
    assert [each for each in ("尚未写入", "2019-07-10", "2019-07-12", "+2", "台风") if each not in ahead] == []
    assert wrong_fields(browser, path, {"_deed": "move"}) == {"why"}
    unseen = browser.sends(path, {"_deed": "move", "why": "台风停办", "shown": "other dates"}).text
    assert [each for each in ("应调整的期限已有变化", "2019-07-12", 'value="台风停办"') if each not in unseen] == []
    moving = {"_deed": "move", "why": "台风停办", "shown": re.findall('name="shown" value="(.*?)"', ahead)[0]}
    assert browser.sends(path, moving).headers["location"] == f"{path}?done=move&n=1"
    with opened(ledger_file) as ledger:
        live = [each.due_on for each in clock_rows.live(ledger.store, due_by="9999-12-31")]
        moved = [row.by for row in case_rows.all_entries(ledger.store, kind="deadline_moved")]
    assert ("2019-07-12" in live, "2019-07-10" in live, moved) == (True, False, ["keeper"])


def test_units_are_renamed_merged_and_closed(browser: Browser, ledger_file: str) -> None:
    """By who keeps the ledger only; what is missing stands at its field."""
    path = "/house/unit/0102"
    assert 'name="into"' not in browser.sees(path)
    assert browser.sends(path, {"_deed": "rename", "name": "甲", "why_name": "批复"}, page="/keys").status_code == 422
    browser.come_in("keeper")
    asked = {"rename": {"name", "why_name"}, "type": {"type", "why_type"}, "merge": {"into", "why_merge"},
             "close": {"why_close"}}  # fmt: skip
    assert {each: wrong_fields(browser, path, {"_deed": each}) for each in asked} == asked
    ahead = browser.sends(path, {"_deed": "look-merge", "into": "0101", "why_merge": "批复"}).text
    assert [each for each in ("尚未写入", f'href="/case/{MOVED}"') if each not in ahead] == []
    for values in (
        {"_deed": "rename", "name": "县中医医院", "why_name": "批复"},
        {"_deed": "type", "type": "insurance", "why_type": "三定方案"},
        {"_deed": "close", "why_close": "撤销"},
    ):
        assert browser.sends(path, values).status_code == 303, values
    assert "已停用" in browser.sees(path)
    browser.sees("/house/unit/none", 404)
    with opened(ledger_file) as ledger:
        (unit,) = [each for each in units(ledger) if each.code == "0102"]
    assert (unit.name, unit.closed_at is not None) == ("县中医医院", True)


def test_every_code_that_ships_is_explained(browser: Browser) -> None:
    """Each code of each shipped declaration stands on the page of sources, to which the basis beside it leads."""
    book = Declarations()
    bases = {
        each.basis
        for name in book.names()
        for part in [book.latest(name)]
        for group in (part.fields.values(), part.transitions, part.deadlines.values())
        for each in group
        if each.basis
    }
    parts = [each for basis in bases for each in cited(basis)]
    unknown = sorted({each.rest for each in parts if not each.code and re.match(r"[SWL]-?\d|L-", each.rest)})
    assert unknown == []
    page = browser.sees("/sources")
    assert [code for code in SOURCES if f'id="{code}"' not in page] == []
    assert 'href="/sources#S2"' in browser.sees(f"/case/{MOVED}/do/verify").replace("%2D", "-")


def test_checkpoints_are_made_co_signed_and_proven_at_the_desk(browser: Browser, tmp_path: Path) -> None:
    """A real witness answers the request that the desk gives; a proof holds by a tool that knows no desk."""
    path = "/house/checkpoints"
    assert browser.client.get(path).status_code == 403
    assert browser.sends(path, {"_deed": "make"}, page="/keys").status_code == 403
    browser.come_in("keeper")
    assert "尚无；日志共" in browser.sees(path)
    assert "尚无检查点" in browser.sees(f"{path}?give=request", 422)
    assert browser.sends(path, {"_deed": "make"}).headers["location"] == f"{path}?done=make"
    asked = request_in(browser.client.get(f"{path}?give=request").text)
    tower = witness_key(tmp_path, "tower")
    ledger_key = key_given(re.findall(r"<dd>(qingling/[^<]+)</dd>", browser.sees(path))[0])
    answer = witness(tmp_path, asked, trusted=ledger_key, seconds=int(START.timestamp()))
    assert wrong_fields(browser, path, {"_deed": "cosign"}) == {"answer", "witness"}
    for sent, refusal in ((b"\xff", "该文件不是见证答复"), (b"nothing", "该文件不是见证答复")):
        files = {"answer": ("answer.txt", sent)}
        assert refusal in browser.sends(path, {"_deed": "cosign", "witness": str(tower)}, files=files).text
    taken = browser.sends(
        path, {"_deed": "cosign", "witness": str(tower)}, files={"answer": ("answer.txt", answer.encode())}
    )
    assert (taken.status_code, "<dd>tower</dd>" in browser.sees(path)) == (303, True)
    for number in ("", "none"):
        assert '<a href="#f-number">' in browser.sees(f"{path}?give=proof&number={number}", 422)
    assert '<a href="#f-entry">' in browser.sees(f"{path}?give=proof&number={SENT}&entry=x", 422)
    proof = browser.client.get(f"{path}?give=proof&number={SENT}")
    assert proof.headers["content-disposition"].startswith("attachment")
    assert list(check_proof.check(proof.content, str(ledger_key), [str(tower)]))
    note = browser.client.get(f"{path}?give=note").text
    assert note.startswith(f"{ledger_key.name}\n")


def test_the_auditor_verifies_the_journal(browser: Browser, ledger_file: str) -> None:
    """Who may verify finds at the desk that it holds, and what does not once a table was changed past it."""
    assert browser.client.get("/house/journal").status_code == 403
    browser.come_in("keeper")

    def found(values: dict[str, str]) -> str:
        return seen(browser, browser.sends("/house/journal", values).headers["location"])

    assert "日志完整" in found({"whole": "yes"})
    with closing(sqlite3.connect(ledger_file)) as database, database:
        database.execute("UPDATE units SET name = '某单位' WHERE code = '0102'")
    said = found({})
    assert ("日志有不符之处" in said, "单位与日志不符" in said) == (True, True)
