"""Pages of the desk for days and places: the calendar, the agenda of a meeting, a checklist, the house."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register

from engine.operations.cases.casework import advance, open_case
from engine.operations.ledger.acting import Acting
from engine.store import clock_rows

LEAD, OTHER = "0101-XS-2019-0001", "0101-XS-2019-0002"
FLAGS = (
    "carers_registered", "ambulances_registered", "police_room", "alarm_buttons", "protective_gear",
    "protected_places", "patrols",
)  # fmt: skip
"""What the shipped inspection asks to be answered by yes or no."""
PEOPLE = {"responsible_leader": "zhao", "handler": "chen"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger with two leads, to be copied."""
    file = tmp_path_factory.mktemp("days") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        register(ledger)
        register(ledger, summary="倒卖号源")
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
    photo = {"_photo": ("现场.jpg", b"\xff\xd8picture", "image/jpeg")}
    for at, (field, value) in enumerate(answers.items(), start=1):
        card = f"{page}?at={at}"
        assert f'"f-{field}"' in browser.sees(card)
        if field == "beds":
            wrong = browser.sends(card, {field: "许多"})
            assert (wrong.status_code, "未保存" in wrong.text, "许多" in wrong.text) == (422, True, True)
        kept = browser.sends(card, {field: value})
        assert (kept.status_code, kept.headers.get("location")) == (303, f"{page}?at={at + 1}"), kept.text
    beside = {"_only": "yes", "_remark": "夜间无巡逻"}
    assert browser.sends(card, beside, files=photo).status_code == 303
    assert "院区及周边有巡逻 现场.jpg" in browser.sees(card)
    assert 'class="lamp late"' not in browser.sees(f"{page}?at=99").partition('class="pairs answers"')[2]
    assert "院区及周边有巡逻：夜间无巡逻" in browser.sees(f"/case/{number}")
    form = browser.sees(f"/case/{number}/do/inspect")
    typed = dict(re.findall(r'<input id="f-(\w+)" name="\w+" value="([^"]+)"', form))
    flags = dict(re.findall(r'<input type="radio" name="(\w+)" value="(true)" checked', form))
    assert set(flags) == set(FLAGS)
    sent = browser.sends(f"/case/{number}/do/inspect", {**typed, **flags, "inspectors": "chen"})
    assert sent.status_code == 303, re.findall(r'class="summary".*?</div>', sent.text, re.DOTALL)
    browser.sees(f"/case/{LEAD}/cards/nothing", 404)
