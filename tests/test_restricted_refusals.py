"""Beside a restricted case that is hidden from an officer: no answer names it, and nothing changes it."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from desks import Browser, serving
from ledgers import DAY, START, furnished, opened, register
from test_operations_letters_gather import request

from documents.ledger_out.formats import seen_format
from engine.errors import QinglingError, RefusedError
from engine.journal.case_events import CaseAmended
from engine.journal.chain import HOUSE
from engine.language import Text, speaking
from engine.operations.cases import succession
from engine.operations.cases.casework import advance, attach, link, open_case, void
from engine.operations.cases.exporting import Scope
from engine.operations.cases.lookup import log
from engine.operations.cases.restricting import lift, restrict
from engine.operations.house import registration as keeping
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import reader_called
from engine.operations.letters.gather import gather
from engine.rules.reading_rights import mask
from engine.store import case_rows
from presentation.ledger_prepared import write_scope

OWN, SECRET, FIRST, REPEAT = (f"0101-XS-2019-000{place}" for place in range(1, 5))
"""One that names the hidden one everywhere, the hidden one, and one whose repetition is hidden."""
AMBULANCE = {"registered_on": "2019-06-28", "plate": "京A12345", "owner": "某公司", "next_check_on": "2019-09-20"}
LATER = START + 2 * DAY


@pytest.fixture(scope="module")
def ledger_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """Return a rehearsal ledger in which bao alone reads three cases."""
    folder = tmp_path_factory.mktemp("beside")
    file = str(shutil.copy(sqlite_template, folder / "ledger.db"))
    with furnished(file, rehearsal=True) as ledger:
        keeper, office = Acting(ledger, "keeper", START), Acting(ledger, "zhou", START + DAY)
        keeping.grant(keeper, "zhou", "office", None)
        for role in ("custodian", "auditor"):
            keeping.revoke(keeper, "keeper", role, None)
        register(ledger, summary=f"另见{SECRET}，同一车辆")
        for words in ("内部人员通风报信", "强揽护工生意", "强揽护工"):
            register(ledger, summary=words)
        open_case(keeper, "ambulance", AMBULANCE, unit="0101")
        advance(office, SECRET, "assign", {"responsible_leader": "liu", "handler": "chen"})
        link(office, REPEAT, FIRST, reason="相同")
        (folder / "page").write_text("x")
        attach(office, OWN, folder / "page", folder=folder / "files", title=f"{SECRET}照片.txt")
        for each in (SECRET, REPEAT, the_car(ledger)):
            restrict(Acting(ledger, "keeper", START + DAY), each, ["bao"], reason="涉及内部人员")
    return file


def the_car(ledger: Ledger) -> str:
    """Return the number of the only ambulance."""
    (case,) = case_rows.select(ledger.store, workflow="ambulance")
    return case.number


def taken(acting: Acting, workflow: str, row: Row, **more: bool) -> None:
    """Take one row of a ledger in, and raise what it says of it."""
    with acting.ledger.store.begin():
        (found,) = take_in(acting, workflow, [row], file={"name": "台账", "digest": "0" * 64}, **more)
        raise RefusedError(found.refusal or Text(str(found), str(found)))


def test_no_answer_names_it_and_nothing_changes_it(ledger_file: str) -> None:
    """Refusals beside a hidden case do not name it, and a row of an edited or an old ledger does not reach it."""
    wrong = []
    with opened(ledger_file) as ledger:
        hidden = (SECRET, REPEAT, the_car(ledger))
        before = [list(log(ledger, each)) for each in hidden]
        for officer in ("keeper", "zhou"):
            ledger.reader = reader_called(ledger, officer)
            acting = Acting(ledger, officer, LATER)
            edited = Row(at="1", values={"summary": "已改写"}, unit="0101", number=SECRET, revision=2)
            again = Row(at="1", values={**AMBULANCE, "owner": "另一公司"}, unit="0101")
            rows: list[tuple[str, Callable[[], object], str]] = [
                # what is tried, how, what the answer says in place of a number
                ("a value given once", partial(open_case, acting, "ambulance", AMBULANCE, unit="0102"), "另一事项"),
                ("void what it repeats", partial(void, acting, FIRST, reason="误登"), mask(4)),
                ("an edited export", partial(taken, acting, "lead", edited, exported=True), "没有编号为"),
                ("a row of its ledger", partial(taken, acting, "ambulance", again), "另一事项"),
            ]
            for name, tried, says in rows:
                with pytest.raises(QinglingError) as refused, speaking("zh"):
                    tried()
                said = f"{refused.value.sentence.zh} {refused.value.sentence.en}"
                bare = said.replace(f"编号为 {SECRET}", "").replace(f"number {SECRET}", "")  # as it was asked for
                if says not in said or any(each in bare for each in hidden):
                    wrong.append((officer, name, said))
        answers = set[str]()
        for number in (SECRET, "0101-XS-2019-0099"):
            with pytest.raises(QinglingError) as refused:
                lift(acting, number, reason=" ")
            answers.add(str(refused.value))
        assert len(answers) == 1, "what is refused anyway tells which number there is"
        ledger.reader = None
        after = [list(log(ledger, each)) for each in hidden]
    assert wrong == []
    assert after == before


def test_where_its_number_was_typed_a_mask_stands(ledger_file: str) -> None:
    """Forms, files, exports and letters mask it, and a value that comes back with the mask keeps the number."""
    folder = Path(ledger_file).parent
    with opened(ledger_file) as ledger:
        ledger.reader = reader_called(ledger, "zhou")
        acting, scope = Acting(ledger, "zhou", LATER), Scope(workflow="lead", unit=None)
        form = seen_format(ledger.workflows.latest("lead"), ["summary"])
        for file in (folder / "out.csv", folder / "out.json"):
            write_scope(acting, form, scope, file, folder, said=[], originals=False, one_more=lambda: None)
            assert f"另见{mask(2)}，" in file.read_text("utf-8")
        facts = gather(acting, ledger.case(OWN), request(places=("case.summary",)), {})
        assert facts.found == {"case.summary": (f"另见{mask(2)}，同一车辆",) * 2}
    with serving(ledger_file, files=folder / "files") as client:
        browser = Browser(client).come_in("zhou")
        pages = [browser.sees(f"/case/{OWN}{rest}") for rest in ("", "/amend", "/do/assign", "/link")]
        assert [each for each in pages if SECRET in each] == []
        assert f"另见{mask(2)}，同一车辆" in pages[1]
        for typed in (f"另见{mask(2)}，同一辆车", f"另见{mask(4)}，同一辆车"):
            sent = {"received_on": "2019-06-28", "source": "telephone", "summary": typed, "_reason": "更正"}
            answer = browser.sends(f"/case/{OWN}/amend", sent)
            assert answer.status_code == 303, answer.text
    with opened(ledger_file) as ledger:
        said = [
            CaseAmended.read(each.body).set["summary"] for each in log(ledger, OWN) if each.kind == CaseAmended.kind
        ]
        assert said == [f"另见{SECRET}，同一辆车", f"另见{mask(4)}，同一辆车"], "a mask that is guessed tells nothing"


def test_what_hands_on_hidden_cases_names_none(ledger_file: str, tmp_path: Path) -> None:
    """A hidden case that stands in the way of a successor is named by its mask; a merger takes it along unnamed."""
    file = str(shutil.copy(ledger_file, tmp_path / "ledger.db"))
    with opened(file) as ledger:
        ledger.reader = reader_called(ledger, "keeper")
        keeper = Acting(ledger, "keeper", LATER)
        with pytest.raises(RefusedError) as refused, speaking("zh"):
            succession.leave_to(keeper, "liu", "sun")
        said = f"{refused.value.sentence.zh} {refused.value.sentence.en}"
        assert (said.count(f"{mask(2)} "), SECRET in said, "不具备所需角色" in said) == (2, False, True), said
        assert succession.merge_unit(keeper, "0101", "0102", reason="机构改革") == 4
        rows = [str(each.body) for each in case_rows.entries(ledger.store, HOUSE)[-1:]]
        assert not [each for each in rows if SECRET in each]
        ledger.reader = None
        assert [ledger.case(each).unit for each in (OWN, SECRET)] == ["0102", "0102"]
