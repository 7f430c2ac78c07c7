"""The pages of the desk beside a case's steps: new cases, notes, corrections, files, signatures, lists, tasks, zero."""

import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from desks import Browser, serving
from houses import COMPLAINT, House, built_house, house
from ledgers import DAY, START, furnished, opened, register

from desk.pages import bulk_steps
from engine.operations.cases.attachments import content_file
from engine.operations.cases.casework import advance
from engine.operations.cases.lookup import log
from engine.operations.cases.signatures import ask, standing_of
from engine.operations.house.checkpoints import make_checkpoint
from engine.operations.ledger.acting import Acting
from engine.operations.letters.issue import change_letterhead
from engine.store import clock_rows

__all__ = ["built_house", "house"]

NUMBER, NEXT = "0101-XS-2019-0001", "0101-XS-2019-0003"
LEAD = {"received_on": "2019.6.28", "source": "telephone", "summary": "反映有人长期把持停车场收费"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with an assigned lead and a new one, to be copied."""
    file = tmp_path_factory.mktemp("pages") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        register(ledger)
        register(ledger, summary="倒卖号源")
        advance(
            Acting(ledger, "zhou", START + DAY), NUMBER, "assign", {"responsible_leader": "zhao", "handler": "chen"}
        )
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str, tmp_path: Path) -> Iterator[Browser]:
    """Return a browser in which the office is at work."""
    with serving(ledger_file, files=tmp_path / "files") as client:
        yield Browser(client).come_in("zhou")


def last_row(ledger_file: str, number: str) -> tuple[str, str]:
    """Return who wrote the newest row of a case, and its kind."""
    with opened(ledger_file) as ledger:
        row = list(log(ledger, number))[-1]
        return row.by, row.kind


def test_a_case_is_registered_once_however_often_it_is_sent(browser: Browser, ledger_file: str) -> None:
    """Days are taken as clerks write them; the same form sent again leads to the same case."""
    form = dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)">', browser.sees("/new/lead")))
    first, again = (browser.client.post("/new/lead", data={**form, **LEAD}) for _ in range(2))

    assert first.headers["location"] == again.headers["location"] == f"/case/{NEXT}?done=1"
    assert "2019-06-28" in browser.sees(f"/case/{NEXT}")
    with opened(ledger_file) as ledger:
        assert ledger.case(NEXT).fields["summary"] == LEAD["summary"]
    browser.sees("/case/0101-XS-2019-0004", 404)


def test_what_is_missing_of_a_new_case_is_said_at_its_field(browser: Browser) -> None:
    """Nothing is registered, nothing typed is lost, and each missing field is named where it stands."""
    answer = browser.sends("/new/lead", {"_unit": "0101", "summary": "只有这一句"})
    page = unescape(answer.text)

    assert answer.status_code == 422
    assert {"received_on", "source"} <= set(re.findall(r'href="#f-(\w+)"', page))
    assert "只有这一句" in page


def test_likely_duplicates_stand_beside_a_new_case(browser: Browser) -> None:
    """While one types, and at a button where no script runs, leads that may be the same are named."""
    typed = {"_unit": "0101", "received_on": "2019-06-28", "summary": "反映有人长期把持停车场"}
    part = browser.sends("/new/lead/alike", typed, page="/new/lead")
    whole = browser.sends("/new/lead", {**typed, "_look": "yes"})

    assert NUMBER in part.text
    assert "<html" not in part.text
    assert NUMBER in whole.text
    assert "只" not in browser.sends("/new/lead/alike", {**typed, "summary": "只"}, page="/new/lead").text


def test_what_is_only_looked_at_may_show_a_telephone(browser: Browser) -> None:
    """Cases like a new one are found, and the form is kept, before anybody is asked about a telephone in its text."""
    typed = {**LEAD, "summary": "来电号码 13800138000", "_unit": "0101"}
    assert browser.sends("/new/lead", {**typed, "_look": "yes"}).status_code == 200
    for way in ("alike", "keep"):
        assert browser.sends(f"/new/lead/{way}", typed, page="/new/lead").status_code == 200, way
    way = f"/case/{NUMBER}/do/screen"
    assert browser.sends(f"{way}/check", typed, page=f"/case/{NUMBER}/amend").status_code == 200


def test_signs_that_nobody_can_see_are_not_kept(browser: Browser, ledger_file: str) -> None:
    """What a browser sends holds no control characters by the time anything is done with it; lines and tabs stay."""
    page = f"/case/{NUMBER}"
    assert browser.sends(f"{page}/note", {"words": "一\x00二\x1b\n三\t四"}, page=page).status_code == 303
    with opened(ledger_file) as ledger:
        assert '"words":"一二\\n三\\t四"' in list(log(ledger, NUMBER))[-1].body
    browser.sees(f"{page}%00")
    browser.sees("/list/lead?q=%00")


def test_who_may_not_register_finds_no_form(browser: Browser) -> None:
    """The form of a case that an officer may open in no unit is not there, and no way leads to it."""
    browser.come_in("qian")
    browser.sees("/new/lead", 404)
    assert "/new/" not in browser.sees("/")


def test_a_note_with_a_telephone_is_written_only_if_one_insists(browser: Browser, ledger_file: str) -> None:
    """What would stand in clear for ever is asked about; insisted on it is written and journaled as seen."""
    page, words = f"/case/{NUMBER}", {"words": "来电号码 13800138000"}
    refused = browser.sends(f"{page}/note", words, page=page)
    assert refused.status_code == 422
    assert "13800138000" in refused.text
    assert browser.sends(f"{page}/note", {**words, "_insist": "yes"}, page=page).status_code == 303
    assert last_row(ledger_file, NUMBER) == ("zhou", "noted")
    with opened(ledger_file) as ledger:
        assert '"seen":{"words":' in list(log(ledger, NUMBER))[-1].body


def test_only_what_was_changed_is_corrected(browser: Browser, ledger_file: str) -> None:
    """The form of a correction holds what the case holds; what was left as it was is in no row of the journal."""
    page = f"/case/{NUMBER}/amend"
    before = browser.sees(page)
    held = dict(re.findall(r'<input id="f-(\w+)" name="\w+" value="([^"]*)"', before))
    held |= dict(re.findall(r'<textarea id="f-(\w+)"[^>]*>([^<]*)</textarea>', before))
    held["source"] = "telephone"
    answer = browser.sends(page, {**held, "summary": "改正后的内容", "_reason": "笔误"})

    assert answer.status_code == 303, answer.text
    with opened(ledger_file) as ledger:
        row = list(log(ledger, NUMBER))[-1]
        assert row.kind == "amended"
        assert '"set":{"summary":"改正后的内容"}' in row.body
    assert browser.sends(page, {**held, "summary": "又一句"}).status_code == 422  # no reason


def test_a_file_comes_back_as_it_was_sent_and_never_as_a_page(browser: Browser, tmp_path: Path) -> None:
    """What was attached is given as a download under its own name, whatever it holds and was called."""
    page, content = f"/case/{NUMBER}", b"<script>alert(1)</script>"
    sent = browser.sends(f"{page}/attach", {}, files={"file": ("../照片.html", content, "text/html")}, page=page)
    assert sent.status_code == 303, sent.text
    way = re.search(rf'href="({page}/file/\w+)" download>照片.html<', browser.sees(page))
    assert way is not None
    given = browser.client.get(way[1])

    assert given.content == content
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert browser.sends(f"{page}/attach", {}, page=page).status_code == 422
    two = [("file", (name, name.encode())) for name in ("甲.txt", "13800138000.txt")]
    before = browser.sees(page).count(" download>")
    assert browser.sends(f"{page}/attach", {}, files=two, page=page).status_code == 422
    assert browser.sees(page).count(" download>") == before
    content_file(tmp_path / "files", sha256(b"2").hexdigest()).parent.touch()  # no folder: it cannot be kept
    torn = [("file", ("甲.txt", b"1")), ("file", ("乙.txt", b"2"))]
    refused = browser.sends(f"{page}/attach", {}, files=torn, page=page)
    assert (refused.status_code, "已保存 1 个文件" in refused.text) == (422, True)
    huge = [("file", ("a.bin", b"0" * 9_000_000)) for _ in range(3)]
    assert browser.sends(f"{page}/attach", {}, files=huge, page=page).status_code == 413
    many = [("file", (f"{n}.txt", b"0")) for n in range(30)]
    assert browser.sends(f"{page}/attach", {}, files=many, page=page).status_code == 400


def test_a_signature_is_given_by_who_is_asked(browser: Browser, ledger_file: str) -> None:
    """It stands among one's tasks with all that it covers, is given by one press, and by nobody else."""
    with opened(ledger_file) as ledger:
        values = {"reason": "情况复杂", "next_review_on": "2019-09-03"}
        asked = ask(Acting(ledger, "zhou", START + DAY), NUMBER, "signed_by", "zhao", step="shelve", values=values)
        assert asked.row.officer == "zhao"
    page = f"/case/{NUMBER}"
    assert browser.sends(f"{page}/sign", {"only": "signed_by"}, page=page).status_code == 422
    browser.come_in("zhao")
    assert f"{page}#tosign" in browser.sees("/")
    assert "情况复杂" in browser.sees(page).split('id="tosign"')[1]
    assert browser.sends(f"{page}/decline", {"only": "signed_by", "reason": ""}, page=page).status_code == 422
    assert browser.sends(f"{page}/sign", {"only": "signed_by"}, page=page).status_code == 303
    with opened(ledger_file) as ledger:
        assert standing_of(ledger, ledger.case(NUMBER))["signed_by"].row.given_seq is not None


def test_a_letter_is_looked_at_and_issued_once(browser: Browser, ledger_file: str) -> None:
    """The sample takes no number; the letter takes the next one, lies with the case and carries into the step."""
    with opened(ledger_file) as ledger:
        letterhead = {"letter_code": "示卫", "letter_contact": "王某", "letter_telephone": "0371-1"}
        change_letterhead(Acting(ledger, "keeper", START + DAY), letterhead)
    page = f"/case/{NUMBER}/letter/pass_on"
    assert page in browser.sees(f"/case/{NUMBER}")
    lacking = browser.sends(page, {})
    assert lacking.status_code == 422
    assert set(re.findall(r'href="#f-(\w+)"', lacking.text)) == {"handling_office"}
    asked = {"handling_office": "某县医院保卫科", "due_on": "2019-8-1"}
    sample = browser.sends(page, {**asked, "_sample": "yes"})
    assert sample.content.startswith(b"PK")
    assert last_row(ledger_file, NUMBER) == ("zhou", "moved")
    issued = browser.sends(page, asked)
    assert issued.status_code == 303, re.findall(r"alert.*?</div>", issued.text, re.DOTALL)
    assert "〔2019〕1号" in browser.sees(f"/case/{NUMBER}")
    again = browser.sends(page, asked)
    assert (again.status_code, "已编发" in again.text) == (422, True)


def test_a_letter_that_was_insisted_on_is_issued(browser: Browser, ledger_file: str, tmp_path: Path) -> None:
    """A telephone in a letter is asked about once; insisted on it is issued, journaled as seen, with the short code."""
    with opened(ledger_file) as ledger:
        letterhead = {"letter_code": "示卫", "letter_contact": "王某", "letter_telephone": "0371-1"}
        change_letterhead(Acting(ledger, "keeper", START + DAY), letterhead)
        code = make_checkpoint(Acting(ledger, "keeper", START + DAY), tmp_path / "origin.key").short_code
    page = f"/case/{NUMBER}/letter/pass_on"
    asked = {"handling_office": "保卫科 13900001111", "due_on": "2019-8-1"}
    for pressed in ({}, {"_sample": "yes"}):
        refused = browser.sends(page, {**asked, **pressed})
        assert (refused.status_code, 'name="_insist"' in refused.text, 'class="pairs"' in refused.text) == (
            422,
            True,
            True,
        )
    sample = browser.sends(page, {**asked, "_insist": "yes", "_sample": "yes"})
    issued = browser.sends(page, {**asked, "_insist": "yes"})
    assert issued.status_code == 303, re.findall(r"alert.*?</div>", issued.text, re.DOTALL)
    with opened(ledger_file) as ledger:
        assert '"seen":{"handling_office":' in list(log(ledger, NUMBER))[-1].body
    way = re.search(rf'href="({page.partition("/letter")[0]}/file/\w+)" download', browser.sees(f"/case/{NUMBER}"))
    assert way is not None
    for paper in (sample.content, browser.client.get(way[1]).content):
        with ZipFile(BytesIO(paper)) as parts:
            assert any(code in parts.read(name).decode() for name in parts.namelist() if "header" in name)


def test_what_was_begun_is_still_there(browser: Browser) -> None:
    """What stands in a form is kept as it is typed and shown as it was understood, but never what is sealed."""
    page = f"/case/{NUMBER}/do/shelve"
    part = browser.sends(f"{page}/check", {"reason": "等待鉴定", "next_review_on": "9月3日"}, page=page)
    assert "2019-09-03" in part.text
    assert "不是" in browser.sends(f"{page}/check", {"reason": "等待鉴定", "next_review_on": "某日"}, page=page).text
    assert "等待鉴定" in browser.sees(page)
    assert f'href="{page}"' in browser.sees("/").split('id="drafts"')[1]
    assert "等待鉴定" not in browser.sees(f"{page}?fresh=yes")
    browser.sends("/new/lead/keep", {"summary": "未写完", "reporter": "张三"}, page="/new/lead")
    begun = browser.sees("/new/lead")
    assert ("未写完" in begun, "张三" in begun) == (True, False)
    assert "等待鉴定" not in browser.come_in("wang").sees(page)


def test_a_signature_is_asked_for_where_the_step_is_prepared(browser: Browser, ledger_file: str) -> None:
    """Who prepares a step asks its leader with all that it brings; once given, the step asks for nothing more."""
    page = f"/case/{NUMBER}/do/shelve"
    typed = {"reason": "等待鉴定", "next_review_on": "2019-9-3", "signed_by": "zhao", "_ask": "signed_by"}
    assert "提请其签字" in browser.sees(page)
    assert browser.sends(page, typed).status_code == 303
    browser.come_in("zhao")
    assert browser.sends(f"/case/{NUMBER}/sign", {"only": "signed_by"}, page=f"/case/{NUMBER}").status_code == 303
    browser.come_in("zhou")
    form = browser.sees(page)
    assert 'name="signed_by"' not in form
    assert "等待鉴定" in form
    assert browser.sends(page, {}).status_code == 303
    assert last_row(ledger_file, NUMBER) == ("zhou", "moved")


def test_a_deadline_is_extended_and_its_signature_asked_for(browser: Browser, ledger_file: str) -> None:
    """Each is done by the button that says so; what the rules refuse is said, and a signature can be asked for."""
    page = f"/case/{NUMBER}/term/verification"
    assert page in browser.sees(f"/case/{NUMBER}")
    signing = browser.sees(page).split('name="signed_by"')[1].split("</select>")[0]
    assert set(re.findall(r'<option value="(\w+)"', signing)) == {"zhao", "tang", "keeper"}, (
        "only who may sign is offered"
    )
    assert browser.sends(page, {"_deed": "extend", "length": "2年", "reason": "证人在外地"}).status_code == 422
    asked = {"length": "1个月", "reason": "证人在外地", "signed_by": "zhao"}
    assert browser.sends(page, {"_deed": "ask", **asked}).status_code == 303
    browser.come_in("zhao")
    assert "证人在外地" in browser.sees(f"/case/{NUMBER}").split('id="tosign"')[1]
    assert f"/case/{NUMBER}#tosign" in browser.sees("/")
    browser.come_in("zhou")
    assert browser.sends(page, {"_deed": "extend", "filed_on": "今天", **asked}).status_code == 303
    with opened(ledger_file) as ledger:
        assert "deadline_extended" in {row.kind for row in log(ledger, NUMBER)}
    paused = browser.sends(page, {"_deed": "pause", "why": ""})
    assert (paused.status_code, "尚未办理" in paused.text) == (422, True)
    browser.sees(f"/case/{NUMBER}/term/nothing", 404)


def test_a_list_is_an_address(browser: Browser) -> None:
    """Filters stand in the address; a number leads to its case; words find what holds them; what is none finds none."""
    assert NUMBER in browser.sees("/list/lead?state=assigned&unit=0101")
    assert NUMBER not in browser.sees("/list/lead?state=received")
    assert "0101-XS-2019-0002" in browser.sees("/list/lead?q=号源")
    assert "没有符合条件的事项" in browser.sees("/list/lead?q=找不到")
    shown = re.findall(r'name="_case" value="([^"]+)"', browser.sees("/list/lead"))
    assert set(shown) == {NUMBER, "0101-XS-2019-0002"}
    behind = browser.sees(f"/list/lead?after={shown[0]}")
    assert re.findall(r'name="_case" value="([^"]+)"', behind) == shown[1:]
    assert shown[1] in browser.sees(f"/list/lead?closed=yes&after={shown[0]}")
    browser.sees("/list/lead?after=0101-XS-2019-0999", 404)
    assert browser.client.get(f"/list/lead?q={NUMBER}").headers["location"] == f"/case/{NUMBER}"
    browser.sees("/list/lead?state=nowhere", 404)
    browser.sees("/list/nothing", 404)
    browser.sees("/list/lead?q='", 400)


def test_a_list_has_what_is_urgent_first_and_the_columns_that_one_chooses(browser: Browser, ledger_file: str) -> None:
    """In the order of the first due day of each; by what is due; a column for any field that is not sealed."""
    with opened(ledger_file) as ledger:
        cases = [ledger.case(each) for each in (NUMBER, "0101-XS-2019-0002")]
        days = {
            each.number: min(
                clock.due_on for clock in clock_rows.of_case(ledger.store, each.id) if clock.ended_at is None
            )
            for each in cases
        }
    page = browser.sees("/list/lead?count=yes")
    assert re.findall(r'name="_case" value="([^"]+)"', page) == sorted(days, key=lambda each: (days[each], each))
    assert "共 2 件" in page
    assert re.search(r'class="lamp (well|soon)"[^>]*><span[^>]*>[-0-9 :]+</span> <span[^>]*>(正常|临期)，', page)
    assert "没有符合条件的事项" in browser.sees("/list/lead?due=late")
    own = browser.sees("/list/lead?col=f.handler&col=f.reporter&col=due&col=none&count=yes").split("<table")[1]
    assert re.findall(r"<th>(.*?)</th>", own) == ["编号", "责任人", "期限"]
    assert "chen某" in own


def test_words_are_searched_for_in_every_workflow(browser: Browser, ledger_file: str) -> None:
    """Words are looked for in what sums up a case, whatever its workflow calls that and of whatever type it is."""
    with opened(ledger_file) as ledger:
        names = list(ledger.workflows.names())
    asked = [*(f"{name}?q=找不到" for name in names), "plan?q=工作", "misconduct?q=LEAK"]
    found = {each: browser.client.get(f"/list/{each}").status_code for each in asked}
    assert {name: status for name, status in found.items() if status != 200} == {}


def test_many_take_a_step_with_a_verdict_each(
    browser: Browser, ledger_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ticked in a list or all that it finds, they are tried first; it is said what became of each."""
    chosen = {"_case": [NUMBER, "0101-XS-2019-0002"], "_trigger": "assign"}
    assert browser.sends("/many/lead", chosen, page="/list/lead").status_code == 200
    people = {"responsible_leader": "zhao", "handler": "chen", "_tried": "yes"}
    tried = browser.sends("/many/lead", {**chosen, **people}, page="/list/lead").text
    assert "可办理 1 件，不能办理 1 件" in tried
    assert last_row(ledger_file, "0101-XS-2019-0002") == ("zhou", "opened")
    done = browser.sends("/many/lead", {**chosen, **people, "_apply": "yes"}, page="/list/lead").text
    assert "已办理 1 件，未办理 1 件" in done
    assert last_row(ledger_file, "0101-XS-2019-0002") == ("zhou", "moved")
    two = {"_case": [NUMBER, "0101-XS-2019-0002"], "_tried": "yes"}
    noting, correcting = {**two, "_trigger": "_note"}, {**two, "_trigger": "_amend"}
    for missing, wrong in (
        (noting, 'href="#f-_words"'),
        (correcting, 'href="#f-_field"'),
        ({**correcting, "_field": "remark"}, 'href="#f-_reason"'),
        ({**correcting, "_field": "remark"}, 'href="#f-remark"'),
        ({**correcting, "_field": "remark", "remark": "已阅"}, 'href="#f-_reason"'),
        ({**noting, "_words": "电话 13800138000"}, 'name="_insist"'),
    ):
        refused = browser.sends("/many/lead", missing, page="/list/lead")
        assert (refused.status_code, wrong in refused.text) == (422, True), (missing, refused.text)
    for deed, kind in (
        ({**noting, "_words": "已在例会上逐件过目"}, "noted"),
        ({**correcting, "_field": "remark", "remark": "已阅", "_reason": "统一口径"}, "amended"),
    ):
        assert "可办理 2 件，不能办理 0 件" in browser.sends("/many/lead", deed, page="/list/lead").text, kind
        assert last_row(ledger_file, "0101-XS-2019-0002") != ("zhou", kind)
        done = browser.sends("/many/lead", {**deed, "_apply": "yes"}, page="/list/lead").text
        assert "已办理 2 件，未办理 0 件" in done, kind
        assert last_row(ledger_file, "0101-XS-2019-0002") == ("zhou", kind)
    assert browser.sends("/many/lead", {"_trigger": "assign"}, page="/list/lead").status_code == 400
    assert browser.sends("/many/lead", {"_trigger": "_note"}, page="/list/lead").status_code == 400
    found = {"_all": "yes", "_trigger": "_note"}
    for narrowed, count in (
        ({"state": "assigned"}, 2),
        ({"q": "倒卖号源"}, 1),
        ({"state": "assigned", "unit": "0102"}, 0),
    ):
        answer = browser.sends("/many/lead", {**found, **narrowed}, page="/list/lead")
        (brought,) = re.findall(r'name="_cases" value="([^"]*)"', answer.text) or [""]
        assert (len(brought.split()), answer.status_code) == (count, 200 if count else 400), narrowed
    all_found = {"_trigger": "_note", "_cases": f"{NUMBER} 0101-XS-2019-0002", "_tried": "yes", "_words": "季度复核"}
    monkeypatch.setattr(bulk_steps, "LISTED", 1)
    pressed = {**all_found, "_apply": "yes", "_form": "one press"}
    listed = browser.sends("/many/lead", pressed, page="/list/lead").text
    assert [each for each in ("已办理 2 件", "另有 1 件未列出", "已写入") if each not in listed] == []
    assert "这批已办理，未重复办理" in browser.sends("/many/lead", pressed, page="/list/lead").text
    monkeypatch.setattr(bulk_steps, "MOST", 1)
    answer = browser.sends("/many/lead", {**found, "state": "assigned"}, page="/list/lead")
    assert (answer.status_code, "查到的事项超过 1 件" in answer.text) == (400, True)
    assert '<a href="/list/lead?state=assigned">返回列表</a>' in answer.text
    assert browser.sends("/many/lead", {**chosen, "_trigger": "none"}, page="/list/lead").status_code == 400
    above = {"/many/lead": "/list/lead", "/list/lead/export": "/list/lead", f"/case/{NUMBER}/note": f"/case/{NUMBER}"}
    assert {each: browser.client.get(each).headers["location"] for each in above} == above


def test_today_says_what_waits_and_for_whom(browser: Browser) -> None:
    """The handler's lead waits for the handler; the office sees that others owe it."""
    assert NUMBER in browser.sees("/").split('id="owed"')[1]
    browser.come_in("chen")
    assert NUMBER in browser.sees("/").split('id="do"')[1].split('id="owed"')[0]


def test_zero_says_what_the_command_says(browser: Browser) -> None:
    """Verdict, sums and each case that blocks, as of any day; a day to come is refused."""
    browser.come_in("keeper")
    page = browser.sees("/zero/zhengzhou_2019")
    assert "未清零" in page
    assert NUMBER in page
    assert NUMBER in browser.sees("/zero/zhengzhou_2019?as_of=2019-07-02&unit=0101")
    assert "日志" in browser.sees("/zero/zhengzhou_2019?check=yes").split("核查</h2>")[1]
    assert "forecast=yes" in page
    assert "最影响清零的线索" in browser.sees("/zero/zhengzhou_2019?forecast=yes")
    assert "不作预测" in browser.sees("/zero/zhengzhou_2019?forecast=yes&as_of=2019-06-01")
    browser.sees("/zero/zhengzhou_2019?as_of=2099-01-01", 400)
    browser.sees("/zero/none", 404)
    browser.come_in("none")
    browser.sees("/zero/zhengzhou_2019", 403)


def test_it_serves_a_ledger_on_either_database(database_url: str, tmp_path: Path) -> None:
    """On SQLite and PostgreSQL alike a case is registered, moved and listed, and what was begun is kept."""
    with furnished(database_url, rehearsal=True) as ledger:
        register(ledger)
    with serving(database_url, files=tmp_path) as client:
        browser = Browser(client).come_in("zhou")
        page = f"/case/{NUMBER}/do/assign"
        browser.sends(f"{page}/check", {"handler": "chen"}, page=page)
        assert re.search(r'value="chen"[^>]* (checked|selected)', browser.sees(page))
        assert browser.sends(page, {"responsible_leader": "zhao", "handler": "chen"}).status_code == 303
        assert browser.sends("/new/lead", {**LEAD, "_unit": "0101"}).status_code == 303
        for way in ("/", "/list/lead", "/list/lead?q=停车场", f"/case/{NUMBER}", "/house"):
            browser.sees(way)
        browser.come_in("keeper").sees("/zero/zhengzhou_2019")
        assert "已交办" in browser.sees(f"/case/{NUMBER}")


def test_a_workflow_of_a_house_s_own_is_served_without_a_changed_line(house: House) -> None:
    """Adopted while the desk is open, complaints are registered, listed, answered and shown by the same pages."""
    house.done("officer", "grant", "li", "liaison", "--unit", "0101")
    own = house.folder / "complaint.yaml"
    own.write_text(COMPLAINT, "utf-8")
    with serving(str(house.database)) as client:
        browser = Browser(client).come_in("li")
        assert "投诉" not in browser.sees("/list/lead")
        house.adopt(own)
        assert "投诉" in browser.sees("/list/lead")
        values = {"_unit": "0101", "received_on": "今天", "words": "等候过久"}
        answer = browser.sends("/new/complaint", values)
        page = answer.headers["location"].partition("?")[0]
        assert "答复期限" in browser.sees(page)
        assert "等候过久" in browser.sees("/list/complaint")
        assert "等候过久" in browser.sees("/")
        assert browser.sends(f"{page}/do/answer", {"answer": "已当面说明"}).status_code == 303
        assert "已答复" in browser.sees(page)
