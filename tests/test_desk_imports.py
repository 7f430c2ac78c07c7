"""Importing at the desk: a file is tried out, asked about, taken in or given up; nothing of it stays on the disk."""

import re
import shutil
from collections.abc import Iterator, Mapping
from html import unescape
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from desks import Browser, serving
from ledgers import START, furnished, opened
from openpyxl import Workbook, load_workbook

from desk.jobs import UPLOADS, Job, Jobs
from desk.wrong import WorkCancelledError, answer_of
from engine.errors import NotFoundError, RefusedError
from engine.language import Text
from engine.operations.cases.lookup import list_asked, list_cases
from engine.rules.case import Case

HEADS = ("序号", "接收日期", "来源渠道", "主要内容", "土话栏", "举报人")
ROWS = (
    (1, "2019-06-20", "信访", "医院门口有人强揽生意", "", "王某某"),
    (2, "2019-06-21", "电话", "有人长期把持停车场", "", ""),
    (3, "二〇一九年某日", "信访", "日期看不懂的一条", "", ""),
    (4, "2019-06-22", "信访", "联系电话13800138000", "", ""),
)
"""One good row, another, one whose day means nothing, and one whose text shows a telephone."""


def ledger_of(rows: tuple[tuple[str | int, ...], ...] = ROWS, heads: tuple[str, ...] = HEADS) -> bytes:
    """Return a ledger as a unit would send it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (heads, *rows):
        sheet.append(row)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger, to be copied."""
    file = tmp_path_factory.mktemp("imports") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True):
        pass
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the desk's folder of uploads is made."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("desk.app.gettempdir", lambda: str(place))
    return place


@pytest.fixture
def browser(ledger_file: str, uploads: Path) -> Iterator[Browser]:
    """Return a browser in which the office is at work."""
    assert uploads.is_dir()
    with serving(ledger_file) as client:
        yield Browser(client).come_in("zhou")


def sent(browser: Browser, content: bytes, name: str = "台账.xlsx") -> str:
    """Send a ledger and return the address of the work on it."""
    answer = browser.sends("/import", {"workflow": "lead"}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def seen(browser: Browser, address: str) -> str:
    """Return the page of a work once nothing of it is under way."""
    until = monotonic() + 30
    while monotonic() < until:
        page = browser.sees(address)
        if 'id="work"' not in page:
            return page
        Event().wait(0.03)  # the work needs the processor more than the page that shows it
    pytest.fail("the work does not end")


def pressed(browser: Browser, address: str, what: str, **more: str) -> Any:
    """Press a button of the page with what stands in its form."""
    page = browser.sees(address)
    form: Mapping[str, str] = {
        name: unescape(value) for name, value in re.findall(r'<input name="(h\d+)"[^>]* value="([^"]*)"', page)
    }
    return browser.sends(address, {**form, "_do": what, **more})


def kept(uploads: Path) -> list[Path]:
    """Return the files that lie on the disk."""
    return [each for each in uploads.rglob("*") if each.is_file()]


def leads(ledger_file: str) -> list[Case]:
    """Return the leads of the ledger."""
    with opened(ledger_file) as ledger:
        return list(list_cases(ledger, "lead", now=START))


def test_a_ledger_is_tried_out_and_then_taken_in(browser: Browser, ledger_file: str, uploads: Path) -> None:
    """The trial says what becomes of each column and row and writes nothing; applied, rows are cases, the file gone."""
    address = sent(browser, ledger_of())
    (file,) = kept(uploads)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    page = seen(browser, address)
    assert 'value="反映的主要问题"' in page
    assert "未写明所属单位" in page
    assert "王某某" not in page
    assert leads(ledger_file) == []

    assert pressed(browser, address, "again", unit="0101").status_code == 303
    page = seen(browser, address)
    assert "新登记 <strong>4</strong>" in page
    assert "Sheet!4" in page.split('id="asked"')[1]
    assert "Sheet!5" in page.split("可看出身份的文字")[1]
    assert pressed(browser, address, "apply", unit="0101").status_code == 422  # nobody agreed to the masking
    assert leads(ledger_file) == []

    assert pressed(browser, address, "apply", unit="0101", agree="yes").status_code == 303
    page = seen(browser, address)
    assert re.findall(r'<a href="/case/(0101-XS-2019-\d+)">', page)
    found = [str(each.fields["summary"]) for each in leads(ledger_file)]
    assert len(found) == 4
    assert not any("13800138000" in each for each in found)
    assert kept(uploads) == []
    assert "已导入" in unescape(pressed(browser, address, "again").text)
    with opened(ledger_file) as ledger:
        asked = {case.number for case, _ in list_asked(ledger, "lead", now=START)}
    assert asked
    assert asked <= set(re.findall(r"0101-XS-2019-\d+", browser.sees("/").split('id="questions"')[1]))

    marked = browser.client.get(f"{address}/marked")
    assert marked.headers["content-disposition"].startswith("attachment")
    assert load_workbook(BytesIO(marked.content)).active is not None


def test_what_a_column_is_can_be_answered(browser: Browser) -> None:
    """A column that is not known, or known wrongly, is what its officer says; what is no field is said to be none."""
    address = sent(browser, ledger_of())
    seen(browser, address)
    assert pressed(browser, address, "again", unit="0101", h4="备注", h2="").status_code == 303
    page = seen(browser, address)
    assert re.search(r'name="h4"[^>]* value="备注"', page)
    assert re.search(r'name="h2"[^>]* value=""', page)
    assert 'id="c-source"' in page  # no column says it any more
    wrong = pressed(browser, address, "again", unit="0101", h4="没有的字段")
    assert wrong.status_code == 422
    assert "没有字段“没有的字段”" in unescape(wrong.text)
    changed = pressed(browser, address, "apply", unit="0102", agree="yes")
    assert "答复有改动" in unescape(changed.text)


def test_what_is_no_ledger_is_refused_by_its_own_name(browser: Browser, uploads: Path) -> None:
    """The sentence names the file as its sender does, never where it lies; markup in a name stays text."""
    address = sent(browser, b"\x00\x01no workbook", "<b>坏.xlsx")
    page = seen(browser, address)
    assert "<b>坏" not in browser.client.get(address).text
    assert "坏.xlsx" in page
    assert str(uploads) not in page
    for what in ({}, {"file": ("空.xlsx", b"")}):
        assert browser.sends("/import", {"workflow": "lead"}, files=what or None).status_code == 422
    unknown = seen(browser, sent(browser, ledger_of(heads=("甲", "乙", "丙", "丁", "戊", "己"))))
    assert "未写入任何内容" in unknown
    assert 'aria-label="“甲”对应的字段"' in unknown


def test_an_import_is_its_officers_own_and_ends_when_they_say(browser: Browser, uploads: Path) -> None:
    """Nobody else finds it; given up, its file is destroyed; who registers nothing imports nothing."""
    address = sent(browser, ledger_of())
    seen(browser, address)
    assert address in browser.sees("/")
    for officer in ("feng", "chen"):
        browser.come_in(officer).sees(address, 404)
        assert browser.client.get(f"{address}/marked").status_code == 404
    assert browser.client.get("/import").status_code == 403
    browser.come_in("zhou")
    assert pressed(browser, address, "end").headers["location"] == "/import"
    browser.sees(address, 404)
    assert kept(uploads) == []


def test_what_a_killed_desk_left_is_destroyed_by_the_next(ledger_file: str, uploads: Path) -> None:
    """At its end a desk destroys the uploads, and at its start those of one that was killed."""
    left = uploads / f"{UPLOADS}left"
    left.mkdir(mode=0o700)
    (left / "ledger.xlsx").write_bytes(b"reporters")
    with serving(ledger_file) as client:
        assert not left.exists()
        sent(Browser(client).come_in("zhou"), b"not read before the desk ends")
        assert kept(uploads)
    assert list(uploads.iterdir()) == []


def test_a_cancelled_job_stops_at_its_next_row(tmp_path: Path) -> None:
    """Cancelled while it runs, its work ends by an error that undoes it, and what it kept is destroyed."""
    jobs = Jobs(tmp_path)
    destroyed: list[str] = []
    job = Job(officer="zhou", kind="import", title=Text("x", "x"), subject=Kept(destroyed))
    jobs.keep(job)
    jobs.begin(job)
    with pytest.raises(RefusedError):
        jobs.begin(job)
    done: list[int] = []

    def work() -> None:
        for each in range(3):
            done.append(each)
            if each == 1:
                jobs.cancel(job)
                assert destroyed == []
            job.one_more()

    jobs.run(job, work)
    assert (done, job.state, destroyed) == ([0, 1], "cancelled", ["gone"])
    with pytest.raises(WorkCancelledError) as gone:
        jobs.job("zhou", "import", job.key)
    shown = answer_of(gone.value)
    said = [str(shown.values[each]) for each in ("title", "words")]
    assert (shown.status, *said) == (HTTPStatus.GONE, "已取消", "已取消，未写入任何内容")
    assert shown.values["again"] == ("/import", Text("Begin again", "重新开始"))
    done_by_now = Job(officer="zhou", kind="import", title=Text("x", "x"), subject=Kept([]), state="done")
    jobs.keep(done_by_now)
    jobs.cancel(done_by_now)
    assert jobs.job("zhou", "import", done_by_now.key) is done_by_now
    for other in (("li", "import", job.key), ("zhou", "report", job.key)):
        with pytest.raises(NotFoundError, match="已结束或已清除"):
            jobs.job(*other)


def test_what_its_officer_has_makes_room_for_something_new(tmp_path: Path) -> None:
    """The oldest file that was taken goes first; what nobody has taken or seen stays, and the sixth is refused."""
    jobs = Jobs(tmp_path)
    begun = [Job(officer="zhou", kind="file", title=Text("x", "x"), subject=Kept([])) for _ in range(7)]
    for each in begun[:5]:
        jobs.keep(each)
    begun[1].is_had = begun[3].is_had = True
    jobs.keep(begun[5])
    begun[3].state = "running"
    with pytest.raises(RefusedError, match=r"My tasks|我的待办"):
        jobs.keep(begun[6])
    assert jobs.of("zhou") == [begun[0], *begun[2:6]]


class Kept:
    """Says when what it kept is destroyed."""

    def __init__(self, destroyed: list[str]) -> None:
        self._destroyed = destroyed

    def destroy(self) -> None:
        """Destroy it."""
        self._destroyed.append("gone")
