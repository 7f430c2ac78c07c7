"""Pages of the desk for days and places: the calendar, the agenda of a meeting, a checklist, the house."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register

from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting
from engine.store import clock_rows

LEAD, OTHER = "0101-XS-2019-0001", "0101-XS-2019-0002"
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
