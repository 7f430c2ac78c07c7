"""Corrections and notes of many cases: a verdict for each, a dry run first, and none stops the others."""

import json

import pytest
from houses import House, built_house, house
from ledgers import START, furnished, register

from engine.errors import BadValueError
from engine.operations.cases.bulk import selection
from engine.operations.cases.casework import advance, amend
from engine.operations.cases.many import amend_many, note_many
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.store import case_rows

__all__ = ["built_house", "house"]


def test_many_are_corrected_each_with_its_own_verdict(database_url: str) -> None:
    """Tried first, nothing is written; applied, who may not be named in one case is named in all the others."""
    with furnished(database_url) as ledger:
        zhou = Acting(ledger, "zhou", START)
        numbers = [register(ledger, handler="chen").number for _ in range(3)]
        advance(zhou, numbers[1], "recuse", {"recused": ["sun"], "reason": "亲属"})
        for apply in (False, True):
            chunks = selection(zhou, "lead", where="handler == 'chen'", chunk=2)
            said = list(amend_many(zhou, "lead", chunks, {"handler": "sun"}, reason="改派", apply=apply))
            assert [each.number for each in said] == numbers
            assert [each.refusal is None for each in said] == [True, False, True]
            assert "stepped aside" in str(said[1].refusal.en if said[1].refusal else "")
            stands = ["sun", "chen", "sun"] if apply else ["chen"] * 3
            assert [ledger.case(each).fields["handler"] for each in numbers] == stands
        assert verifying.verify(ledger)[1] == ()


def test_many_corrections_leave_what_single_ones_do(sqlite_url: str) -> None:
    """The journal row of a case that was one of many is that of a single correction."""
    with furnished(sqlite_url) as ledger:
        zhou = Acting(ledger, "zhou", START)
        one, other = register(ledger).number, register(ledger).number
        amend(zhou, one, {"remark": "已阅"}, reason="补记")
        chunks = selection(zhou, "lead", where="not remark")
        list(amend_many(zhou, "lead", chunks, {"remark": "已阅"}, reason="补记", apply=True))
        rows = [case_rows.entries(ledger.store, ledger.case(each).id)[-1] for each in (one, other)]
        assert (rows[0].kind, rows[0].body) == (rows[1].kind, rows[1].body)


def test_values_that_no_case_could_have_are_refused_at_once(sqlite_url: str) -> None:
    """A value that is none is no verdict of each case; nothing is tried."""
    with furnished(sqlite_url) as ledger:
        register(ledger)
        zhou = Acting(ledger, "zhou", START)
        with pytest.raises(BadValueError):
            list(amend_many(zhou, "lead", selection(zhou, "lead"), {"amount": "viel"}, reason="补"))


def test_a_remark_goes_to_many(database_url: str) -> None:
    """Tried, nothing is written; applied, each case has it in its journal."""
    with furnished(database_url) as ledger:
        zhou = Acting(ledger, "zhou", START)
        numbers = [register(ledger).number for _ in range(2)]
        for apply in (False, True):
            said = list(note_many(zhou, selection(zhou, "lead"), "会上已通报", apply=apply))
            assert [each.refusal for each in said] == [None, None]
            kinds = [case_rows.entries(ledger.store, ledger.case(each).id)[-1].kind for each in numbers]
            assert kinds == (["noted"] * 2 if apply else ["opened"] * 2)
        assert verifying.verify(ledger)[1] == ()


def test_the_commands_take_many_after_a_dry_run(house: House) -> None:
    """`amend --where` and `note --where` print a verdict for each and write with --apply only."""
    first, second = house.lead(), house.lead()
    asked = ("amend", "--where", "not remark", "--remark", "已阅", "--reason", "补记")
    assert house.done(*asked).splitlines() == [f"{first}  ✓", f"{second}  ✓"]
    assert "remark" not in house.found("show", first)["fields"]
    told = json.loads(house.done(*asked, "--apply", "--json"))
    assert (told["applied"], told["corrected"], told["refused"]) == (True, 2, 0)
    assert house.found("show", second)["fields"]["remark"] == "已阅"
    house.done("note", "--where", "remark", "会上已通报", "--apply")
    assert "会上已通报" in house.done("journal", "log", first)
    house.refused(2, "amend", first, "--where", "remark", "--remark", "x", "--reason", "y")
    house.refused(2, "amend", "--remark", "x", "--reason", "y")
    house.refused(2, "note", first)
    house.refused(2, "note", first, "words", "--where", "remark")
    assert house.done("journal", "verify") is not None
