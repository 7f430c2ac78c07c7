"""Rows of ledgers taken into the register: new, updated, legacy entries, and never half of a row."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from ledgers import START, dump, furnished

from engine.errors import RefusedError
from engine.journal.event import SEALED
from engine.operations.cases.casework import advance, amend, void
from engine.operations.cases.handing_over import hand_over
from engine.operations.cases.succession import merge_unit
from engine.operations.cases.twins import Twins
from engine.operations.house import registration
from engine.operations.house.registration import close_unit
from engine.operations.imports.row import Row, Taken
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.likeness import pairs
from engine.store import case_rows, question_rows, sealed_rows
from presentation.json_view import entry_json

FILE = {"name": "台账.xlsx", "digest": "0" * 64}
LEAD = {"received_on": "2019-06-03", "source": "telephone", "summary": "反映强行推销", "ledger_number": "2019-001"}


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Lend a furnished ledger on each database."""
    with furnished(database_url) as found:
        yield found


def row(
    at: str = "台账!4", *, unit: str = "0101", state: str | None = None, words: str | None = None, **more: Any
) -> Row:
    """Return a row; a value of None takes the usual one away."""
    values = {k: v for k, v in {**LEAD, **more}.items() if v is not None}
    return Row(at=at, values=values, unit=unit, state=state, words=words)


def taken(ledger: Ledger, *rows: Row, by: str = "zhou", add_units: bool = False) -> list[Taken]:
    """Take rows in for good."""
    with all_or_nothing(ledger) as fate:
        found = list(take_in(Acting(ledger, by, START), "lead", rows, file=FILE, add_units=add_units))
        fate.keep()
    return found


def journal(ledger: Ledger, number: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Return kind, state and body of each journal row of a case."""
    case = ledger.case(number)
    return [(e.kind, e.to_state, json.loads(e.body)) for e in case_rows.entries(ledger.store, case.id)]


def test_a_new_row_becomes_a_case(ledger: Ledger) -> None:
    """A row gets a number, its values, and the file in its first journal row."""
    (one,) = taken(ledger, row())
    case = ledger.case(one.number)
    assert (one.outcome, case.state, case.dated_on, case.import_key) == ("opened", "received", "2019-06-03", "2019-001")
    assert journal(ledger, one.number)[0][2]["file"] == {"name": "00000000.xlsx", "digest": FILE["digest"]}


def test_the_name_of_a_file_in_an_older_row_is_not_shown(ledger: Ledger) -> None:
    """A row of a version that kept the name shows the label that a row of today has; what is journaled stays."""
    (one,) = taken(ledger, row())
    newest = case_rows.entries(ledger.store, ledger.case(one.number).id)[0]
    older = newest._replace(body=newest.body.replace("00000000.xlsx", "赵六举报.xlsx"))
    assert "赵六" in older.body
    assert entry_json(ledger, older)["body"] == entry_json(ledger, newest)["body"]


def test_the_name_of_a_file_is_kept_nowhere(sqlite_url: str) -> None:
    """Whatever a ledger's file is called, its rows say its digest; an ending that is none of a ledger's goes too."""
    names = {"赵六举报的线索.xlsx": ".xlsx", "13900001111.XLS": ".xls", "台账.赵六": "", "赵六": "", "a.zhaoliu": ""}
    with furnished(sqlite_url) as ledger:
        for place, (name, ending) in enumerate(names.items()):
            digest = f"{place}" * 64
            with all_or_nothing(ledger) as fate:
                acting = Acting(ledger, "zhou", START)
                told = row(summary=f"反映{place}", ledger_number=f"{place}")
                (one,) = take_in(acting, "lead", [told], file={"name": name, "digest": digest})
                fate.keep()
            said = journal(ledger, one.number)[0][2]["file"]
            assert said == {"name": f"{place}" * 8 + ending, "digest": digest}, name
        kept = dump(ledger.store)
    assert "赵六" not in repr(kept), "no table holds it"


def test_a_text_that_shows_who_reports_is_masked_sealed_and_asked(ledger: Ledger) -> None:
    """The row comes in; neither journal nor register holds the reporter or the telephone in clear."""
    told = row(
        summary="赵六反映王五收红包，电话１３９００００１１１１",
        reporter="赵六；联系电话：13900001111",
        real_name="yes",
    )
    (one,) = taken(ledger, told)
    case = ledger.case(one.number)
    assert case.fields["summary"] == "〔已隐去〕反映王五收红包，电话〔已隐去〕"
    assert case.fields["reporter"] == SEALED
    assert [(each.field, each.stood) for each in one.questions] == [("summary", None)]
    written = str(dump(ledger.store))
    for sign in ("赵六", "1390000", "１３９"):
        assert sign not in written
    (again,) = taken(ledger, told)
    assert again.outcome in {"unchanged", "updated"}
    assert ledger.case(one.number).fields["summary"] == case.fields["summary"]


@pytest.mark.parametrize("words", ["匿名", "不详", "某先生"])
def test_who_names_nobody_is_sealed_and_under_no_real_name(ledger: Ledger, words: str) -> None:
    """匿名 is not a name: it is sealed as it stands, and the flag says no."""
    (one,) = taken(ledger, row(reporter=words))
    fields = ledger.case(one.number).fields
    assert (one.outcome, fields["reporter"], fields["real_name"]) == ("opened", SEALED, False)


def test_a_state_is_a_legacy_entry_of_its_own(ledger: Ledger) -> None:
    """The state that a ledger names is journaled with its words and what they imply; no step is pretended."""
    (one,) = taken(ledger, row(state="closed", words="已办结，不属实"))
    first, second = journal(ledger, one.number)
    assert (first[0], first[1], second[0], second[1]) == ("opened", "received", "legacy_entry", "closed")
    assert second[2]["ledger_says"] == "已办结，不属实"
    assert second[2]["set"] == {"finding": "unsubstantiated"}
    case = ledger.case(one.number)
    assert case.fields["finding"] == "unsubstantiated"
    assert case.clearance == 0


COUNTS_AS = {
    "transferred_police": 0, "transferred_both": 0, "declined": 0, "rectifying": 0, "closed": 1, "rectified": 2
}  # fmt: skip
"""What a ledger's word for the state comes to, where it says no more: 0 open, 1 cleared, 2 fully closed."""


def test_a_state_that_a_ledger_names_later_counts_as_one_named_at_once(ledger: Ledger) -> None:
    """A transfer without its letter, or a clean-up without its day, does not count, whichever row says it."""
    first = taken(ledger, *(row(state=state, words="在台账", ledger_number=state) for state in COUNTS_AS))
    begun = [row(state="assigned", words="在办", ledger_number=f"B{state}", summary=state) for state in COUNTS_AS]
    taken(ledger, *begun)
    later = [row(state=state, words="后来", ledger_number=f"B{state}", summary=state) for state in COUNTS_AS]
    for found in (first, taken(ledger, *later)):
        cases = [ledger.case(each.number) for each in found]
        assert {each.state: each.clearance for each in cases} == COUNTS_AS


def test_values_and_state_of_one_row_are_one_happening(ledger: Ledger) -> None:
    """A finding and a state that come together clear no lead for the moment between the two: it did not come back."""
    (one,) = taken(ledger, row(state="closed", words="已办结，不属实"))
    taken(ledger, row(state="handled_in_house", words="行业处置中", finding="substantiated"))
    entries = case_rows.entries(ledger.store, ledger.case(one.number).id)
    assert [(each.kind, each.clearance) for each in entries][2:] == [("amended", 0), ("legacy_entry", 0)]


def test_a_state_does_not_open_the_way_past_a_guard(ledger: Ledger) -> None:
    """What a legacy entry skipped is still asked for by the next step."""
    (one,) = taken(ledger, row(state="closed", words="已办结，不属实"))
    with pytest.raises(RefusedError):
        advance(Acting(ledger, "zhou", START), one.number, "waive_rectification", {})


def test_again_changes_nothing(ledger: Ledger) -> None:
    """The same row again is unchanged and writes no journal row."""
    taken(ledger, row(state="closed", words="已办结"))
    before = dump(ledger.store)
    (again,) = taken(ledger, row(state="closed", words="已办结"))
    assert again.outcome == "unchanged"
    assert dump(ledger.store) == before


def test_a_mended_row_updates(ledger: Ledger) -> None:
    """A changed row of the same number and unit updates its case, old and new value journaled, receipt included."""
    (one,) = taken(ledger, row())
    (again,) = taken(
        ledger, row(summary="反映长期强行推销", received_on="2019-06-02", state="assigned", words="正在核查")
    )
    assert (again.outcome, again.number, set(again.changed)) == (
        "updated",
        one.number,
        {"summary", "received_on", "state"},
    )
    case = ledger.case(one.number)
    assert (case.state, case.dated_on, case.fields["summary"]) == ("assigned", "2019-06-02", "反映长期强行推销")
    _, amended, legacy = journal(ledger, one.number)
    assert amended[2]["was"] == {"summary": "反映强行推销", "received_on": "2019-06-03"}
    assert amended[2]["set"]["received_on"] == "2019-06-02"
    assert (amended[2]["dated_on"], amended[2]["was_dated_on"]) == ("2019-06-02", "2019-06-03")
    assert legacy[0] == "legacy_entry"


def test_a_receipt_that_comes_tomorrow_is_not_taken(ledger: Ledger) -> None:
    """A ledger taken in again dates no case into the future; its row is refused and the case stays as it was."""
    (one,) = taken(ledger, row())
    before = ledger.case(one.number)
    (again,) = taken(ledger, row(received_on="2019-07-02"))
    said = f"收到时间：2019-07-02 晚于 {one.number} 的登记日期（2019-07-01）"
    assert (again.outcome, str(again.refusal)) == ("refused", said)
    assert ledger.case(one.number) == before


def test_what_stood_still_in_the_ledger_overwrites_nothing(ledger: Ledger) -> None:
    """A value that officers corrected here stays when the old ledger is imported again."""
    (one,) = taken(ledger, row())
    amend(Acting(ledger, "zhou", START), one.number, {"summary": "更正后的内容"}, reason="录入错误")
    (again,) = taken(ledger, row())
    assert again.outcome == "unchanged"
    assert ledger.case(one.number).fields["summary"] == "更正后的内容"


def test_a_case_that_moved_on_here_keeps_its_state(ledger: Ledger) -> None:
    """Once a step was taken here, the ledger's state is history; other values still update."""
    (one,) = taken(ledger, row())
    advance(Acting(ledger, "zhou", START), one.number, "assign", {"responsible_leader": "liu", "handler": "chen"})
    (again,) = taken(ledger, row(remark="补充", state="closed", words="已办结"))
    assert again.changed == ("remark",)
    assert ledger.case(one.number).state == "assigned"


def test_units_number_for_themselves(ledger: Ledger) -> None:
    """The same number in two units is two cases; twice in one unit is refused with the place of the first."""
    found = taken(ledger, row("台账!4"), row("台账!5"), row("台账!6", unit="0102"), by="keeper")
    assert [each.outcome for each in found] == ["opened", "refused", "opened"]
    assert "台账!4" in str(found[1].refusal)


def test_without_a_number_receipt_and_content_are_known(ledger: Ledger) -> None:
    """A row without number is known again by its receipt and its content."""
    (one,) = taken(ledger, row(ledger_number=None))
    (again,) = taken(ledger, row("表!9", ledger_number=None, remark="补充"))
    assert (again.number, again.outcome) == (one.number, "updated")


def test_good_rows_are_taken_beside_bad_ones(ledger: Ledger) -> None:
    """A wrong value, a missing one and an unknown unit refuse their own rows only."""
    found = taken(
        ledger,
        row("a!1", ledger_number="1"),
        row("a!2", ledger_number="2", source="nobody knows"),
        row("a!3", ledger_number="3", source=None),
        row("a!4", ledger_number="4", unit="0109"),
        row("a!5", ledger_number="5", received_on="2019-07-02"),
        row("a!6", ledger_number="6"),
    )
    assert [each.outcome for each in found] == ["opened", *["refused"] * 4, "opened"]
    assert [each.number[-4:] for each in found if each.number] == ["0001", "0002"]


def test_units_are_added_only_if_asked(ledger: Ledger) -> None:
    """An unknown unit is registered in the same commit and journaled, by officers who keep the house."""
    (one,) = taken(ledger, row(unit="甲镇卫生院"), by="keeper", add_units=True)
    assert one.number == "甲镇卫生院-XS-2019-0001"
    kinds = [(e.kind, json.loads(e.body).get("code")) for e in case_rows.entries(ledger.store, 0)]
    assert ("unit_added", "甲镇卫生院") in kinds
    with pytest.raises(RefusedError):
        taken(ledger, row(unit="乙镇卫生院"), by="zhou", add_units=True)


def test_nothing_is_kept_unless_that_is_said(ledger: Ledger) -> None:
    """A trial goes the whole road and leaves every table as it was, and the next import works."""
    before = dump(ledger.store)
    with all_or_nothing(ledger):
        found = list(take_in(Acting(ledger, "keeper", START), "lead", [row(unit="新院")], file=FILE, add_units=True))
    assert found[0].outcome == "opened"
    assert dump(ledger.store) == before
    assert taken(ledger, row())[0].outcome == "opened"


def test_sealed_values_are_sealed(ledger: Ledger) -> None:
    """The reporter is sealed as the row is written; neither case nor journal has the words."""
    (one,) = taken(ledger, row(reporter="Reporter Q-773"))
    case = ledger.case(one.number)
    assert case.fields["reporter"] == SEALED
    assert len(sealed_rows.sealed(ledger.store, case.id)) == 1
    assert "Q-773" not in repr(dump(ledger.store))


def test_without_a_custodian_only_rows_with_reporters_are_refused(database_url: str) -> None:
    """Nothing is written unsealed; numbers have no gap, also where the row was known before."""
    with furnished(database_url, custodian=None) as ledger:
        found = taken(
            ledger,
            row("a!1", ledger_number="1", reporter="Q"),
            row("a!2", ledger_number="2"),
            row("a!3", ledger_number="3", reporter="Q"),
        )
        assert [each.outcome for each in found] == ["refused", "opened", "refused"]
        assert found[1].number.endswith("0001")
        assert found[0].refusal is not None
        assert "reporter key" in found[0].refusal.en
        (again,) = taken(ledger, row("a!2", ledger_number="2", reporter="Q", remark="x"))
        assert again.outcome == "refused"
        assert "remark" not in ledger.case(found[1].number).fields


def test_children_are_not_imported(ledger: Ledger) -> None:
    """What only a step opens cannot come from a ledger."""
    with pytest.raises(RefusedError), all_or_nothing(ledger):
        list(take_in(Acting(ledger, "zhou", START), "referral", [row()], file=FILE))


def test_an_officer_without_the_role_takes_nothing(ledger: Ledger) -> None:
    """Every row is refused to one who may not open cases."""
    assert [each.outcome for each in taken(ledger, row(), by="qian")] == ["refused"]


def test_many_rows_are_as_one_by_one(ledger: Ledger) -> None:
    """What is remembered of rows before changes nothing: state, count and deadlines are those of a row alone."""
    many = [
        row(f"a!{n}", ledger_number=str(n), received_on=f"2019-06-{1 + n % 3:02}", state="assigned") for n in range(6)
    ]
    found = taken(ledger, *many)
    clocks = "SELECT name, due_on, next_at, status FROM deadlines WHERE case_id = ? ORDER BY name"
    together = [ledger.store.query(clocks, (ledger.case(each.number).id,)) for each in found]
    alone = []
    for each in many:
        (one,) = taken(
            ledger,
            Row(at=each.at, values={**each.values, "ledger_number": "x" + str(each.at)}, unit="0101", state="assigned"),
        )
        alone.append(ledger.store.query(clocks, (ledger.case(one.number).id,)))
    assert together == alone
    assert all(together)


def test_a_unit_that_cannot_be_added_refuses_its_own_rows(ledger: Ledger) -> None:
    """A closed unit, or a code that is none, costs its own rows and no others."""
    close_unit(Acting(ledger, "keeper", START), "0102", reason="撤并")
    rows = [row(unit=unit, at=f"A{n}", ledger_number=f"台账-{n}") for n, unit in enumerate(("0102", "甲 镇", "0101"))]

    assert [each.outcome for each in taken(ledger, *rows, by="keeper", add_units=True)] == [
        "refused",
        "refused",
        "opened",
    ]


def test_a_lead_that_was_handed_over_is_found_by_its_first_ledger(ledger: Ledger) -> None:
    """The old unit's ledger opens nothing twice; a row of that number in the other unit's ledger is another lead."""
    (first,) = taken(ledger, row())
    registration.add_officer(Acting(ledger, "keeper", START), "hu", "胡某", roles=["office"], unit="0102")
    registration.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
    hand_over(Acting(ledger, "zhou", START), first.number, "0102", {}, reason="发生地在该院")

    (again,) = taken(ledger, row(summary="改写"))
    assert (again.outcome, again.number, again.changed) == ("unchanged", first.number, ())
    assert again.left_out is not None
    assert "0102" in again.left_out.zh
    assert ledger.case(first.number).fields["summary"] == LEAD["summary"]

    (other,) = taken(ledger, row(unit="0102", summary="另一件"), by="hu")
    assert (other.outcome, other.number != first.number) == ("opened", True)
    (same,) = taken(ledger, row(unit="0102", summary="另一件，已补充"), by="hu")
    assert (same.outcome, same.number) == ("updated", other.number)


def test_the_ledger_of_a_merged_unit_goes_on_under_its_successor(ledger: Ledger) -> None:
    """What the merged unit's ledger brought is found by the successor's rows: the old code is used no more."""
    registration.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
    (first,) = taken(ledger, row(unit="0102"))
    merge_unit(Acting(ledger, "keeper", START), "0102", "0101", reason="机构合并")
    (again,) = taken(ledger, row())
    assert (again.outcome, again.number) == ("unchanged", first.number)


def test_a_row_that_came_again_after_its_case_was_voided_is_found_the_third_time(ledger: Ledger) -> None:
    """A void case stands for no row; the one that was opened since does, and is not opened once more."""
    (first,) = taken(ledger, row())
    void(Acting(ledger, "zhou", START), first.number, reason="误录")
    (second,) = taken(ledger, row())
    (third,) = taken(ledger, row())
    assert second.number != first.number
    assert (third.outcome, third.number) == ("unchanged", second.number)


def test_questions_stand_until_they_are_answered(ledger: Ledger) -> None:
    """On each database a question is open while its field is empty, and is found by case and by workflow."""
    acting = Acting(ledger, "zhou", START)
    with all_or_nothing(ledger) as fate:
        (one,) = take_in(acting, "lead", [row(source="nobody knows")], file=FILE, asking=True)
        fate.keep()
    case = ledger.case(one.number)
    assert (one.outcome, [each.field for each in one.questions]) == ("opened", ["source"])
    assert [each.field for each in question_rows.of_case(ledger.store, case.id)] == ["source"]
    assert list(question_rows.open_about(ledger.store, "lead")) == [case.id]
    amend(acting, one.number, {"source": "telephone"}, reason="查登记簿")
    assert question_rows.of_case(ledger.store, case.id) == []
    assert question_rows.open_about(ledger.store, "lead") == {}
    assert [each.name for each in Twins(ledger, "lead", many=True).of("表!2", "0101", LEAD)] == [one.number]


def test_a_ledger_in_no_order_of_days_is_compared_as_cheaply(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text is looked through once, however its days come; its like of the same day is told apart."""
    looked: list[str] = []

    def counted(text: str) -> frozenset[str]:
        looked.append(text)
        return pairs(text)

    monkeypatch.setattr("engine.operations.cases.twins.pairs", counted)
    days = [date(2018, 1, 1) + timedelta(days=each) for each in range(400)]
    found = Twins(ledger, "lead", many=True)
    told = [
        found.of(f"{turn}/{day}", "0101", {"received_on": day, "summary": "反映医院门诊楼内号贩子聚集揽客"})
        for turn in (1, 2)
        for day in days
    ]

    assert len(looked) == len(told)
    assert [[each.name for each in twin if not each.is_apart] for twin in told[400:]] == [[f"1/{day}"] for day in days]
