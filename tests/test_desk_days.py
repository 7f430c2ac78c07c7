"""Pages of the desk for days and places: the calendar, the agenda of a meeting, a checklist, the house."""

import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from desks import Browser, serving
from houses import COMPLAINT
from ledgers import DAY, START, furnished, opened, register

from commands.console.context import AppContext
from commands.shared.desk_tools import house_tools
from desk.guard import form_token
from engine.operations.cases.attachments import attached
from engine.operations.cases.casework import advance, open_case
from engine.operations.house import registration
from engine.operations.house.directory import roles_given
from engine.operations.identity.credentials import set_password
from engine.operations.ledger.acting import Acting
from engine.store import clock_rows, outbox_rows

LEAD, OTHER = "0101-XS-2019-0001", "0101-XS-2019-0002"
FLAGS = (
    "carers_registered", "ambulances_registered", "police_room", "alarm_buttons", "protective_gear",
    "protected_places", "patrols",
)  # fmt: skip
"""What the shipped inspection asks to be answered by yes or no."""
EVIL = '"><script>alert(1)</script>'
PEOPLE = {"responsible_leader": "zhao", "handler": "chen"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with two leads, to be copied."""
    file = tmp_path_factory.mktemp("days") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        register(ledger)
        register(ledger, summary=f"倒卖号源{EVIL}")
        advance(Acting(ledger, "zhou", START + DAY), LEAD, "assign", PEOPLE)
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


def test_the_calendar_shows_what_is_due_on_its_day(browser: Browser, ledger_file: str) -> None:
    """Each running deadline stands on its due day in month, week and day; days off and their holiday are marked."""
    with opened(ledger_file) as ledger:
        clocks = clock_rows.of_case(ledger.store, ledger.case(LEAD).id)
        days = sorted({each.due_on for each in clocks if each.ended_at is None})
    assert days
    for day in days:
        month = browser.sees(f"/calendar?day={day}").partition(f'aria-label="{day}"')[2].partition("</td>")[0]
        week = browser.sees(f"/calendar?view=week&day={day}").partition(f'id="d-{day}"')[2].partition("</section>")[0]
        assert f'href="/case/{LEAD}"' in month, day
        assert f'href="/case/{LEAD}"' in week, day
        assert LEAD in browser.sees(f"/calendar?view=day&day={day}&unit=0101&officer=chen"), day
        assert LEAD not in browser.sees(f"/calendar?view=day&day={day}&officer=lian"), day
    off = {"2019-09-13": "中秋节", "2019-09-21": "休", "2019-09-29": "调休上班", "2019-10-01": "国庆节"}
    for day, words in off.items():
        cell = browser.sees(f"/calendar?day={day}").partition(f'aria-label="{day}"')[2].partition("</td>")[0]
        assert words in cell, day
    assert "尚未公布" in browser.sees("/calendar?day=2190-02-01")
    assert "不是日期" in browser.sees("/calendar?day=x", 400)


def test_a_meeting_goes_through_its_agenda_case_by_case(browser: Browser, ledger_file: str) -> None:
    """Each case in turn with its steps; what is decided brings the number of the case and leads to the next one."""
    with opened(ledger_file) as ledger:
        acting = Acting(ledger, "zhou", START + DAY)
        values = {
            "called_on": "2019-07-01",
            "period": "2019-07",
            "due_on": "2019-07-20",
            "agenda": f"{LEAD}\n{OTHER}\n无此号",
        }
        meeting = open_case(acting, "meeting", values, unit="0101").case.number
        held = {
            "held_on": "2019-07-02",
            "chair": "zhao",
            "present": ["zhao", "chen"],
            "decisions": "逐件研判",
            "recorder": "zhou",
        }
        advance(acting, meeting, "hold", held)
    page = f"/case/{meeting}/agenda"
    assert page in browser.sees("/agendas")
    assert page in browser.sees(f"/case/{meeting}")
    first = browser.sees(page)
    assert f'href="/case/{LEAD}/do/shelve?_back=' in first
    assert "倒卖号源" in first
    assert "没有此编号的事项" in browser.sees(f"{page}?at=3")
    [way] = re.findall(rf'href="(/case/{meeting}/do/decide[^"]+)"', first)
    form = browser.sees(way)
    assert f">{LEAD}</textarea>" in form
    back = re.search(r'name="_back" value="([^"]+)"', form)
    assert back is not None
    decided = {
        "item": LEAD,
        "item_task": "调取监控",
        "item_office": "医政股",
        "item_due_on": "2019-08-01",
        "_back": back[1],
    }
    answer = browser.sends(f"/case/{meeting}/do/decide", decided, page=way)
    assert (answer.status_code, answer.headers.get("location")) == (303, f"{page}?at=2")
    assert "调取监控" in browser.sees(page).partition("已议定")[2]
    away = browser.sends(f"/case/{OTHER}/do/assign", {**PEOPLE, "_back": "//evil.test"})
    assert away.headers["location"].startswith(f"/case/{OTHER}?")
    browser.sees(f"/case/{LEAD}/agenda", 404)
    with opened(ledger_file) as ledger:
        clocks = clock_rows.of_case(ledger.store, ledger.case(OTHER).id)
        day = next(each.due_on for each in clocks if each.ended_at is None)
    for way in (page, f"{page}?at=2", f"/calendar?day={day}", f"/calendar?view=day&day={day}", "/list/lead?col=what"):
        shown = browser.client.get(way).text
        assert ("<script>alert" in shown, "&lt;script" in shown) == (False, True), way


def test_a_checklist_is_answered_item_by_item(browser: Browser, ledger_file: str) -> None:
    """Each press keeps an item, a remark and a photograph with the case; what is wrong is said on its card."""
    with opened(ledger_file) as ledger:
        values = {
            "planned_on": "2019-07-01", "period": "2019Q3", "kind": "self_check", "subject": "季度自查",
            "due_on": "2019-09-20", "responsible_leader": "zhao",
        }  # fmt: skip
        number = open_case(Acting(ledger, "zhou", START + DAY), "inspection", values, unit="0101").case.number
    page = f"/case/{number}/cards/inspect"
    assert page in browser.sees("/checklists")
    assert page in browser.sees(f"/case/{number}")
    assert browser.sees(f"{page}?at=99").partition('class="pairs answers"')[2].count('class="lamp late"') == 14
    answers = {
        "inspected_on": "今天", "inspectors": "chen", "beds": "20", "guards": "2", "camera_coverage": "100",
        "footage_days": "30", "clock_error": "0", **dict.fromkeys(FLAGS, "true"),
    }  # fmt: skip
    picture = b"\xff\xd8%s\xff\xda\0\x02picture\xff\xd9"
    photo = {"_photo": ("现场.jpg", picture % b"\xff\xfe\0\x0c30.2N 120E", "image/jpeg")}
    for at, (field, value) in enumerate(answers.items(), start=1):
        card = f"{page}?at={at}"
        assert f'"f-{field}"' in browser.sees(card)
        if field == "beds":
            wrong = browser.sends(card, {field: "许多"})
            assert (wrong.status_code, "未保存" in wrong.text, "许多" in wrong.text) == (422, True, True)
        kept = browser.sends(card, {field: value})
        assert (kept.status_code, kept.headers.get("location")) == (303, f"{page}?at={at + 1}"), kept.text
    beside = {"_only": "yes", "_remark": "夜间无巡逻"}
    other = {"_photo": ("现场.heic", b"\0\0\0\x18ftypheic30.2N 120E", "image/heic")}
    assert "JPEG" in browser.sends(card, beside, files=other).text, "a format that is not looked through"
    assert browser.sends(card, beside, files=photo).status_code == 303
    assert "院区及周边有巡逻 现场.jpg" in browser.sees(card)
    with opened(ledger_file) as ledger:
        (kept_photo,) = attached(ledger, ledger.case(number))
    assert kept_photo.digest == sha256(picture % b"").hexdigest(), "where it was taken is left out"
    assert 'class="lamp late"' not in browser.sees(f"{page}?at=99").partition('class="pairs answers"')[2]
    assert "院区及周边有巡逻：夜间无巡逻" in browser.sees(f"/case/{number}")
    form = browser.sees(f"/case/{number}/do/inspect")
    typed = dict(re.findall(r'<input id="f-(\w+)" name="\w+" value="([^"]+)"', form))
    flags = dict(re.findall(r'<input type="radio" name="(\w+)" value="(true)" checked', form))
    assert set(flags) == set(FLAGS)
    sent = browser.sends(f"/case/{number}/do/inspect", {**typed, **flags, "inspectors": "chen"})
    assert sent.status_code == 303, re.findall(r'class="summary".*?</div>', sent.text, re.DOTALL)
    browser.sees(f"/case/{LEAD}/cards/nothing", 404)


def pressed(browser: Browser, path: str, values: dict[str, str]) -> int:
    """Send a form that no page of the officer has, with the token of the session; return how it is answered."""
    token = form_token(browser.client.cookies.get("qingling") or "")
    return browser.client.post(path, data={**values, "_token": token}).status_code


@pytest.fixture
def kept(ledger_file: str) -> Iterator[Browser]:
    """Return a browser in which the keeper is at work, with what the command lends a desk."""
    app = AppContext()
    app.database_option, app.now_option = ledger_file, "2019-07-03 10:00"
    with serving(ledger_file, tools=house_tools(app)) as client:
        yield Browser(client).come_in("keeper")


def test_the_house_is_kept_by_who_may(kept: Browser, ledger_file: str) -> None:
    """Each page stands for whom it concerns; roles, units and officers are changed by who manages them only."""
    pages = ("", "/credentials", "/texts", "/days", "/outbox", "/doctor", "/journal", "/checkpoints", "/access")
    may = {"keeper": set(pages), "lian": set(pages[:5])}
    found = {}
    for officer in may:
        kept.come_in(officer)
        found[officer] = {each for each in pages if kept.client.get(f"/house{each}").status_code == 200}
        tabs = set(re.findall(r'href="/house((?:/\w+)?)"', kept.sees("/house")))
        assert tabs == found[officer], officer
    assert found == may
    assert pressed(kept, "/house", {"_deed": "grant", "code": "none", "role": "office"}) == 422
    assert pressed(kept, "/house", {"_deed": "letterhead", "letter_code": "示卫"}) == 422
    kept.come_in("keeper")
    page = kept.sees("/house")
    assert all(each in page for each in ("设置机关代字后方可编发文书", "已公布至 2026 年", "演练台账，不作要求"))
    page = kept.sees("/house/doctor")
    assert "演练" in page
    assert "qingling 备份" in page, "a clerk who reads Chinese types Chinese"
    assert '<a href="/house" aria-current="true">单位和人员</a>' in page, "the page stands below that one"
    for values in (
        {"_deed": "grant", "code": "none", "role": "liaison", "unit": "0101"},
        {"_deed": "officer", "code": "hu", "name": "胡某"},
        {"_deed": "unit", "code": "0109", "name": "某镇卫生院"},
        {"_deed": "letterhead", "letter_code": "示卫", "letter_telephone": "０３７１-1"},
    ):
        assert kept.sends("/house", values).status_code == 303, values
    page = kept.sees("/house")
    assert all(each in page for each in ("某医院 联络员", "胡某", "某镇卫生院", 'value="示卫"', 'value="0371-1"'))
    assert (
        kept.sends("/house", {"_deed": "revoke", "code": "none", "role": "liaison", "unit": "0101"}).status_code == 303
    )
    with opened(ledger_file) as ledger:
        set_password(Acting(ledger, "keeper", START + DAY), "lian", "correct horse battery staple")
    taken = {"code": "lian", "way": "password"}
    assert kept.sends("/house/credentials", taken).status_code == 422
    assert "lian某" not in kept.come_in("chen").sees("/house/credentials").partition("<h1>")[2]
    assert pressed(kept, "/house/credentials", {**taken, "reason": "试一试"}) == 422
    kept.come_in("keeper")
    assert kept.sends("/house/credentials", {**taken, "reason": "手机丢失"}).status_code == 303
    assert "失效" in kept.sees("/house/credentials")
    log = kept.sees("/house/access?of=lian&refused=yes")
    assert "已拒绝" in log.partition("<tbody>")[2]


def test_a_list_of_officers_is_looked_at_and_then_registered_whole(kept: Browser, ledger_file: str) -> None:
    """Each row is judged; one that is refused keeps all from being written, and nobody registers but who may."""
    head = "姓名,代码,角色,单位代码,联系方式\n"
    good, bad = "丁某,ding,联络员,0101,mail=ding@example.org\n戊某,wu,,,\n", "己某,ji,联络员,9999,\n"

    def sent(text: str) -> str:
        file = {"file": ("名单.csv", (head + text).encode(), "text/csv")}
        return kept.sends("/house/enrolment", {"kind": "officer"}, files=file, page="/house").text

    kept.come_in("lian")
    assert "电子表格" not in kept.sees("/house")
    assert "可登记" not in sent(good)
    kept.come_in("keeper")
    assert "1 行不予登记；未写入任何内容" in sent(good + bad)
    assert "没有角色“无此”" in sent("庚某,geng,无此,,\n")
    page = sent(good)
    assert "可登记 2 行；尚未写入" in page
    rows = unescape(page.split('name="_rows" value="')[1].split('">')[0])
    form = {"kind": "officer", "_rows": rows, "_apply": "yes"}
    assert "已登记 2 行" in kept.sends("/house/enrolment", form, page="/house").text
    assert kept.sends("/house/enrolment", {**form, "_rows": '[["a",{"code":1}]]'}, page="/house").status_code == 422
    with opened(ledger_file) as ledger:
        assert roles_given(ledger)["ding"] == [("liaison", "0101")]
        assert registration.officer(ledger, "ding").contact == {"mail": "ding@example.org"}


def test_a_file_is_adopted_after_its_changes_were_looked_at(kept: Browser) -> None:
    """What it changes is said in words; nothing is adopted without a reason, nor by who does not keep the ledger."""
    page, name = "/house/texts", "complaint.yaml"
    first = kept.sends(page, {}, files={"file": (name, COMPLAINT.encode(), "text/yaml")})
    assert (first.status_code, "complaint" in first.text, "新增" in first.text) == (200, True, True)
    bring = {"_name": name, "_content": COMPLAINT.replace("\n", "\r\n"), "_apply": "yes"}
    assert kept.sends(page, bring).status_code == 422
    assert pressed(kept.come_in("lian"), page, {**bring, "reason": "研究决定"}) == 422
    kept.come_in("keeper")
    assert kept.sends(page, {**bring, "reason": "研究决定"}).status_code == 303
    assert "投诉" in kept.sees("/list/lead")
    newer = COMPLAINT.replace("version: 1", "version: 2").replace("zh: 投诉}", "zh: 投诉件}", 1)
    changed = kept.sends(page, {}, files={"file": (name, newer.encode(), "text/yaml")}).text
    assert ("1 → 2" in changed, "投诉件" in changed) == (True, True)
    wrong = kept.sends(page, {}, files={"file": (name, b"workflow: complaint\nversion: x\n", "text/yaml")})
    assert wrong.status_code == 422
    assert kept.sends(page, {}, files={"file": ("../x.exe", b"x", "text/yaml")}).status_code == 422


def test_messages_that_failed_wait_again(kept: Browser, ledger_file: str) -> None:
    """Who keeps the ledger sees all messages and lets one that failed wait again; others see their own."""
    at = int(START.timestamp() * 1_000_000)
    with opened(ledger_file) as ledger:
        with ledger.store.begin():
            for officer in ("zhou", "lian"):
                outbox_rows.promise(ledger.store, f"test/{officer}", "notice", officer, {}, at)
        one = min(each.id for each in outbox_rows.promises(ledger.store))
        outbox_rows.mark_failed(ledger.store, one, remark="地址不存在", report=lambda: None)
    page = "/house/outbox"
    assert "地址不存在" in kept.sees(page)
    assert "尚未配置发送通道" in kept.sees(page)
    assert kept.sends(page, {"message": str(one)}).status_code == 303
    assert pressed(kept, page, {"message": str(one)}) == 422
    assert kept.sees(page).count("待发") >= 2
    kept.come_in("lian")
    assert "zhou某" not in kept.sees(page)
    assert pressed(kept, page, {}) == 422
