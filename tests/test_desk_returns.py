"""Returns at the desk: what is due stands there with its figures, nil is one press, who is missing is seen."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from desks import Browser, Clock, serving
from ledgers import DAY, START, furnished, opened, register

from engine.operations.cases.lookup import log
from engine.operations.returns.filing import open_returns

WEEKLY = "0101-BB-2019-0001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Return a rehearsal ledger in which returns have opened, to be copied."""
    file = tmp_path_factory.mktemp("returns") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file), rehearsal=True) as ledger:
        open_returns(ledger, now=START)
        register(ledger, now=START + DAY)
    return file


@pytest.fixture
def ledger_file(made: Path, tmp_path: Path) -> str:
    """Return a fresh copy of it."""
    return str(shutil.copy(made, tmp_path / "ledger.db"))


@pytest.fixture
def browser(ledger_file: str) -> Iterator[Browser]:
    """Return a browser in which the liaison officer is at work, on the Wednesday."""
    with serving(ledger_file, clock=Clock(START + timedelta(days=2))) as client:
        yield Browser(client).come_in("lian")


NIL = "0101-BB-2019-0002"
"""The monthly return of June, in which the register has nothing."""
WORDS = "本月走访两个科室，未发现线索"


def test_what_is_due_this_week_stands_there_with_its_figures(browser: Browser) -> None:
    """The liaison officer sees what they must file, counted from the register as of now; others see nothing to file."""
    page = browser.sees("/returns")
    found = re.findall(r'<li id="r-(\S+)">.*?</a>', page, re.DOTALL)
    assert found == [WEEKLY, NIL]
    assert "<dt>摸排线索数</dt><dd>1</dd>" in page.split(NIL)[0]
    assert "<dt>摸排线索数</dt><dd>0</dd>" in page.split(f"r-{NIL}")[1]
    assert 'value="zhao"' in page.split('name="signer">')[1][:30]
    assert "没有待您报送" in browser.come_in("chen").sees("/returns")


def test_a_nil_return_is_one_press_a_signature_and_one_more(browser: Browser, ledger_file: str) -> None:
    """The unit's head signs what the liaison officer asked for, and the return is filed with it."""
    asked = browser.sends(f"/case/{NIL}/nil", {"words": WORDS, "signer": "zhao"}, page="/returns")
    assert asked.headers["location"] == f"/returns?asked={NIL}"
    assert "等待 zhao某 签字" in browser.sees(asked.headers["location"])

    head = browser.come_in("zhao")
    assert f"/case/{NIL}#tosign" in head.sees("/")
    assert WORDS in head.sees(f"/case/{NIL}")
    assert head.sends(f"/case/{NIL}/sign", {}, page=f"/case/{NIL}").status_code == 303

    page = browser.come_in("lian").sees("/returns").split(f"r-{NIL}")[1]
    assert "zhao某 已签字" in page
    hidden = dict(re.findall(r'name="(_token|_seen)" value="([^"]*)"', page))
    answer = browser.client.post(f"/case/{NIL}/do/submit", data=hidden)
    assert answer.status_code == 303, answer.text.split("<main")[1][:1500]
    with opened(ledger_file) as ledger:
        case = ledger.case(NIL)
        assert (case.state, case.fields["nil_return"], case.fields["signed_by"]) == ("submitted", True, "zhao")
        assert [each.by for each in log(ledger, NIL)][1:] == ["lian", "zhao", "lian"]


def test_what_could_not_be_filed_is_not_brought_to_be_signed(browser: Browser, ledger_file: str) -> None:
    """A nil return where the register has a lead is refused with the rule, what was typed stays, nothing is written."""
    answer = browser.sends(f"/case/{WEEKLY}/nil", {"words": WORDS, "signer": "zhao"}, page="/returns")
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "零报告不应填有线索数" in page
    assert f'value="{WORDS}"' in page
    with opened(ledger_file) as ledger:
        assert len(list(log(ledger, WEEKLY))) == 1


def test_the_office_sees_who_is_missing(ledger_file: str) -> None:
    """What fell due in a week and is not in stands there by unit; who may read no figures is shown none."""
    with serving(ledger_file, clock=Clock(START + timedelta(days=5))) as client:
        office = Browser(client).come_in("zhou")
        late = office.sees("/returns").split('id="missing"')[1]
        assert [row for row in ("2019-W27", "2019-06") if row in late] == ["2019-W27", "2019-06"]
        assert "未报" in late
        assert 'id="missing"' not in office.come_in("none").sees("/returns")
