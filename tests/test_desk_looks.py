"""What a page looks like to who reads it: names instead of codes, and filters that are folded and still said."""

import ast
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import START, furnished, register

from desk.app import LANGUAGE_KEPT
from desk.case_shown import tone_of
from engine.operations.deadlines.standings import standings
from presentation.access_view import ASKED

LEAD = "0101-XS-2019-0001"
READ = (
    "/", f"/case/{LEAD}", f"/case/{LEAD}/letter/pass_on", "/list/lead?state=assigned&unit=0101&due=late&closed=yes",
    "/list/lead?q=停车场", "/calendar?officer=zhao&unit=0101", "/agendas", "/checklists", "/zero/yearly?year=2019",
    "/zero/yearly/frozen?year=2019", "/house", "/house/texts", "/house/credentials", "/house/access?of=zhao",
)  # fmt: skip
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\b(True|False|None)\b|[a-z]=")
"""What no officer should have to read."""
WRITES = frozenset({"viewing", "shown", "case", "case_read", "may_do", "write_down"})
"""What writes a row of the access log, or hands on what stands in it."""


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Browser]:
    """Return a browser in which who keeps the ledger, and audits it, has read a little of everything."""
    file = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("looks") / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        register(ledger)
    with serving(file) as client:
        browser = Browser(client).come_in("keeper")
        for each in READ:
            browser.sees(each)
        yield browser


def words_of(page: str) -> list[str]:
    """Return what the cells of a page's table say, without names of files, which stand in `code`."""
    cells = re.findall(r"<td[^>]*>(.*?)</td>", re.sub(r"<code>.*?</code>", "", page))
    return [unescape(re.sub(r"<[^>]*>", "", each)) for each in cells]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_of_the_house_say_names_and_no_codes(auditor: Browser, language: str) -> None:
    """Whoever looks at what was read, or at adopted files, reads the names that are declared, in either language."""
    auditor.client.cookies.set(LANGUAGE_KEPT, language)
    log, texts = (words_of(auditor.sees(each)) for each in ("/house/access", "/house/texts"))

    assert [each for each in [*log, *texts] if CODE.search(each)] == []
    assert not {"keeper", "zhao", "cli", "lead", "yearly", "assigned", "pass_on"} & {*log, *texts}
    said = "\n".join(log)
    wanted = {
        "zh": ("管某", "网页", "状态：已交办", "单位：某医院", "事项种类：问题线索", "文书：转办单", "涉及人员：zhao某",
               "专项行动：当年度问题线索清零", "人员：zhao某"),
        "en": ("管某", "desk", "state: Assigned", "unit: 某医院", "kind of case: Lead", "letter: Order to handle",
               "names the officer: zhao某", "campaign: Leads of the year cleared to zero"),
    }  # fmt: skip
    assert [each for each in wanted[language] if each not in said] == []
    auditor.client.cookies.delete(LANGUAGE_KEPT)


def test_whatever_the_access_log_notes_has_a_name() -> None:
    """What the desk and the commands say was asked for stands in the table of names, and nothing else does."""
    noted = set[str]()
    for file in (each for room in ("desk", "commands") for each in Path(room).rglob("*.py")):
        text = file.read_text("utf-8")
        tree = ast.walk(ast.parse(text if "Deed." in text else ""))
        for outer in (each for each in tree if isinstance(each, ast.FunctionDef)):
            handed = set[str]()
            for each in ast.walk(outer):
                if isinstance(each, ast.Call) and _called(each) in WRITES and _is_of_the_log(each):
                    noted |= {one.arg for one in each.keywords if one.arg}
                    handed |= {one.value.id for one in each.keywords if isinstance(one.value, ast.Name) and not one.arg}
            for each in ast.walk(outer):
                if not isinstance(each, ast.Assign | ast.AnnAssign) or not isinstance(each.value, ast.Dict):
                    continue
                target = each.target if isinstance(each, ast.AnnAssign) else each.targets[0]
                if isinstance(target, ast.Name) and target.id in handed:
                    noted |= {str(one.value) for one in each.value.keys if isinstance(one, ast.Constant)}
    assert noted - ASKED.keys() == {"digest"}


def _called(call: ast.Call) -> str:
    """Return the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_of_the_log(call: ast.Call) -> bool:
    """Say whether a call writes a row of the log: `case` is the name of other things too."""
    return _called(call) != "case" or any("Deed." in ast.unparse(each) for each in call.args)


def test_every_adopted_text_has_a_title(auditor: Browser) -> None:
    """No text of the program is shown by the name of its file; templates are called as their letters are."""
    names = re.findall(r"<code>([a-z_0-9]+)</code>", auditor.sees("/house/texts"))[::2]
    titles = words_of(auditor.sees("/house/texts"))
    assert len(names) > 60
    assert set(names).isdisjoint(titles)


def test_filters_are_folded_and_what_is_filtered_is_said(auditor: Browser) -> None:
    """A list begins with its cases; to what it is narrowed stands above them, with a way back to all."""
    plain = auditor.sees("/list/lead")
    assert plain.count('<details class="folded">') == 2
    assert 'class="only"' not in plain
    table = {
        "/list/lead?state=assigned&unit=0101&due=late&closed=yes": ["已交办", "某医院", "已超期", "含计为办结的"],
        "/list/lead?q=停车场&due=late": ["“停车场”"],  # with words the day of the deadline does not count
        "/calendar?officer=zhao&unit=0102": ["某中医院", "zhao某"],
        "/house/access?of=keeper&case=0101&refused=yes": ["管某", "0101", "仅被拒绝的"],
    }
    for way, wanted in table.items():
        page = auditor.sees(way)
        only = re.search(r'<p class="only">(.*?)</p>', page)
        assert only, way
        assert re.findall(r'<span class="tag">(.*?)</span>', only[1]) == wanted
        assert "全部显示" in only[1]
        assert '<details class="folded" open' not in page


def test_what_was_not_filled_in_stays_folded_and_what_is_known_stays_known(auditor: Browser) -> None:
    """A form that is sent brings its empty inputs too; refused, it is as short as before and says what it lacks."""
    empty = dict.fromkeys(("source", "summary", "amount", "subject", "reporter", "_unit"), "")
    refused = unescape(auditor.sends("/new/lead", empty).text)
    assert re.findall(r"<details( open)?><summary>(其他内容|密封内容)", refused) == [("", "其他内容"), ("", "密封内容")]
    filled = unescape(auditor.sends("/new/lead", {**empty, "amount": "3"}).text)
    assert re.findall(r"<details( open)?><summary>(其他内容|密封内容)", filled) == [
        (" open", "其他内容"),
        ("", "密封内容"),
    ]
    looked = {**empty, "_look": "yes", "_unit": "0102", "received_on": "2019-01-02", "summary": "从未见过的一件事"}
    assert "未发现疑似重复的事项" in auditor.sends("/new/lead", looked).text

    way = f"/case/{LEAD}/letter/pass_on"
    known = re.findall(r"<dt>(.*?)</dt>", auditor.sees(way))
    letter = unescape(auditor.sends(way, {"handling_office": "", "matter": "", "reason": ""}).text)
    assert re.findall(r"<dt>(.*?)</dt>", letter) == known != []
    assert "缺少“承办单位”" in letter
    assert "文书抬头缺少“联系人”，由台账管理人员设置" in letter


def test_a_lamp_is_yellow_three_days_ahead_whatever_a_deadline_is_counted_in(sqlite_url: str) -> None:
    """Hours are no days: a step of 24 hours is urgent from the start, and what others let pass is never so ahead."""
    with furnished(sqlite_url) as ledger:
        register(ledger)
        some = next(standings(ledger, now=START))
    rows = {
        ("days", 3): "soon", ("days", 4): "well", ("working_days", 3): "soon", ("working_days", 4): "well",
        ("hours", 24): "soon", ("hours", 72): "soon", ("hours", 73): "well", ("working_hours", 24): "soon",
        ("working_hours", 25): "well", ("days", -1): "late",
    }  # fmt: skip
    for (unit, left), tone in rows.items():
        found = some.replace(counted_in=unit, left=left, overdue=left < 0)
        assert (unit, left, tone_of(found)) == (unit, left, tone)
        assert tone_of(found.replace(theirs=True)) != "soon"


CALLED = re.compile(r'\bt\(\s*"[^"]*"\s*,\s*"[^"]*"|\{"month": [^}]*\}|lang="zh-CN">中文')
"""What a template says in both languages, and what it says in Chinese on purpose."""
BARE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e“”]")
ENGLISH = re.compile(r'\b(?:t|Text)\(\s*f?"((?:[^"\\]|\\.)*)"')
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff01-\uff5e]")


def test_no_page_in_english_bears_the_punctuation_of_chinese() -> None:
    """What a template says between its values goes through `t`, and no English sentence has a full-width sign."""
    templates = {each.name: each.read_text("utf-8") for each in Path("desk/templates").glob("*.html")}
    files = [each for room in ("desk", "presentation") for each in Path(room).rglob("*.py")]
    code = {str(each): each.read_text("utf-8") for each in files}
    outside = [(name, line.strip()) for name, text in templates.items() for line in CALLED.sub("", text).splitlines()]
    assert [each for each in outside if BARE.search(each[1])] == []
    said = [(name, words) for name, text in {**templates, **code}.items() for words in ENGLISH.findall(text)]
    assert len(said) > 1000
    assert [each for each in said if FULL_WIDTH.search(each[1])] == []
