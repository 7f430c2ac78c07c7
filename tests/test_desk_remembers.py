"""What a desk keeps of one request serves the next only while it is so, and nobody who may not see it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register

from engine.operations.cases.casework import advance, note
from engine.operations.cases.restricting import restrict
from engine.operations.cases.succession import rename_officer, rename_unit
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger

OWN, FOREIGN, SECRET = "0101-XS-2019-0001", "0102-XS-2019-0001", "0101-XS-2019-0002"
PAGES = ("/", "/list/lead", f"/case/{OWN}", f"/case/{FOREIGN}", f"/case/{SECRET}", f"/case/{OWN}/do/verify")
OFFICERS = ("keeper", "lian", "chen", "none")
"""All roles everywhere; liaison of 0101; verifier named in a case elsewhere; nobody."""
CLI = Path(__file__).parents[1] / "cli.py"


@pytest.fixture(scope="module")
def ledger_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a rehearsal ledger with a lead of each kind."""
    file = str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("remembers") / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
        for unit, words in (("0101", "有人把持停车场"), ("0101", "内部人员通风报信"), ("0102", "倒卖号源")):
            register(ledger, unit=unit, summary=words)
        for number in (OWN, FOREIGN):
            named = {"responsible_leader": "liu", "handler": "chen"}
            advance(Acting(ledger, "zhou", START + DAY), number, "assign", named)
        restrict(Acting(ledger, "keeper", START + DAY), SECRET, ["bao"], reason="涉及内部人员")
        note(Acting(ledger, "keeper", START + DAY), FOREIGN, f"与{SECRET}为同一事")
    return file


def shown(browser: Browser, officer: str) -> dict[str, tuple[int, str]]:
    """Return what every page shows an officer, in either language, but for what is the session's own."""
    browser.come_in(officer)
    found = {}
    for language in ("zh", "en"):
        browser.client.cookies.set("qingling-language", language)
        for page in PAGES:
            answer = browser.client.get(page)
            found[f"{language} {page}"] = (answer.status_code, re.sub(r'"_token" value="\w+"', "", answer.text))
    return found


def test_what_is_kept_of_one_is_nobody_elses(ledger_file: str) -> None:
    """A thread that has served everybody shows each officer what one shows that has served nobody else."""
    with serving(ledger_file) as client:
        for officer in OFFICERS:
            shown(Browser(client), officer)
        after_all = {officer: shown(Browser(client), officer) for officer in OFFICERS}
    for officer in OFFICERS:
        with serving(ledger_file) as client:
            assert shown(Browser(client), officer) == after_all[officer], officer
        names = SECRET in after_all[officer][f"zh /case/{FOREIGN}"][1]
        assert names is (officer == "keeper"), f"{officer}: a journal names what is hidden"
    statuses = {officer: after_all[officer][f"zh /case/{SECRET}"][0] for officer in OFFICERS}
    assert statuses == {**dict.fromkeys(OFFICERS, 404), "keeper": 200}


def test_what_changes_beside_the_desk_is_seen_at_once(ledger_file: str, tmp_path: Path) -> None:
    """Rights, names, days, restrictions and cases are changed by others; the very next page has it."""
    file = str(shutil.copy(ledger_file, tmp_path / "ledger.db"))
    page = f"/case/{OWN}"

    def by_operation(change: Callable[[Ledger], object]) -> Callable[[], None]:
        def changed() -> None:
            with opened(file) as ledger:
                change(ledger)

        return changed

    def by_command(*words: str) -> Callable[[], None]:
        env = {**os.environ, "QINGLING_DATABASE": file, "QINGLING_OFFICER": "keeper", "QINGLING_LANG": "en"}

        def changed() -> None:
            done = subprocess.run([sys.executable, CLI, *words], env=env, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

        return changed

    later = START + 2 * DAY
    shelved = {"reason": "待查", "next_review_on": "2019-08-01", "signed_by": "zhao"}
    renamed = by_operation(lambda each: rename_officer(Acting(each, "keeper", later), "zhou", "周新名", reason="更名"))
    moved_in = by_operation(lambda each: rename_unit(Acting(each, "keeper", later), "0101", "新某医院", reason="更名"))
    revoked = by_command("officer", "revoke", "lian", "liaison", "--unit", "0101")
    set_aside = by_operation(lambda each: advance(Acting(each, "zhou", later), OWN, "shelve", shelved))
    hidden = by_operation(lambda each: restrict(Acting(each, "keeper", later), OWN, ["bao"], reason="涉及内部人员"))
    left = by_operation(lambda each: keeping.leave(Acting(each, "keeper", later), "chen"))
    rows: list[tuple[str, str, Callable[[], None], tuple[int, str], tuple[int, str]]] = [
        # who looks, at what, what happens beside, status and words before, status and words after
        ("tang", page, renamed, (200, "zhou某"), (200, "周新名")),
        ("tang", page, moved_in, (200, "某医院"), (200, "新某医院")),
        ("lian", page, revoked, (200, OWN), (404, "")),
        ("tang", page, set_aside, (200, "已交办</span>"), (200, "下次研判日期")),
        ("tang", page, hidden, (200, OWN), (404, "")),
        ("chen", "/", left, (200, FOREIGN), (303, "")),
    ]
    wrong: list[Any] = []
    with serving(file) as client:
        for officer, address, change, before, after in rows:
            Browser(client).come_in(officer)
            for expected in (before, after):
                if expected is after:
                    change()
                answer = client.get(address)
                if answer.status_code != expected[0] or expected[1] not in answer.text:
                    wrong.append(
                        (officer, address, expected, answer.status_code, re.sub(r"\s+", " ", answer.text)[-1500:])
                    )
    assert wrong == []
