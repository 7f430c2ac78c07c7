"""Who has stepped aside stays so: another recusal adds, and neither step nor correction takes anybody back."""

import pytest
from ledgers import DAY, START, Story, furnished, register
from paths import ASSIGN

from engine.errors import RefusedError
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend
from engine.operations.house import verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting


def test_a_second_recusal_adds_to_the_first(database_url: str) -> None:
    """Both stand on record, once each; the dry run says the same, and the journal tells it again."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        for officer, stand in (("chen", ["chen"]), ("sun", ["chen", "sun"]), ("chen", ["chen", "sun"])):
            brought = {"recused": [officer], "reason": "亲属"}
            trial = advance(Acting(ledger, "zhou", START), number, "recuse", brought, dry_run=True)
            taken = advance(Acting(ledger, "zhou", START), number, "recuse", brought)
            assert trial.case.fields["recused"] == taken.case.fields["recused"] == stand
        with pytest.raises(RefusedError) as refused:
            advance(Acting(ledger, "zhou", START), number, "assign", {**ASSIGN.values, "handler": "chen"})
        assert "stepped aside" in refused.value.sentence.en
        with pytest.raises(RefusedError) as refused:
            advance(Acting(ledger, "zhou", START), number, "recuse", {"recused": None, "reason": "误登"})
        assert "only grows" in refused.value.sentence.en
        assert verifying.verify(ledger)[1] == ()


def test_a_recusal_in_bulk_adds_to_what_each_case_has(database_url: str) -> None:
    """What is remembered of a case without a list does not take another's place in one that has it."""
    with furnished(database_url) as ledger:
        numbers = [register(ledger).number for _ in range(3)]
        advance(Acting(ledger, "zhou", START), numbers[1], "recuse", {"recused": ["chen"], "reason": "亲属"})
        chunks, brought = selection(Acting(ledger, "", START), "lead"), {"recused": ["sun"], "reason": "亲属"}
        said = list(advance_many(Acting(ledger, "zhou", START), chunks, "recuse", brought, apply=True))
        assert [each.refusal for each in said] == [None] * 3
        assert [ledger.case(each).fields["recused"] for each in numbers] == [["sun"], ["chen", "sun"], ["sun"]]
        assert verifying.verify(ledger)[1] == ()


@pytest.mark.parametrize(
    ("field", "officer"), [("handler", "sun"), ("responsible_leader", "liu"), ("case_leader", "liu")]
)
def test_a_correction_puts_nobody_back_in_charge(sqlite_url: str, field: str, officer: str) -> None:
    """Neither by hand nor by a ledger; what is not about them is corrected as before."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger, ledger_number="T-1").play([ASSIGN])
        aside = {"recused": ["sun", "liu"], "reason": "亲属"}
        advance(Acting(ledger, "zhou", story.now), story.number, "recuse", aside)
        amend(Acting(ledger, "zhou", story.now), story.number, {"remark": "已阅"}, reason="补记")
        if field == "responsible_leader":
            amend(Acting(ledger, "zhou", story.now), story.number, {field: "zhao"}, reason="改派")
        with pytest.raises(RefusedError) as refused:
            amend(Acting(ledger, "zhou", story.now), story.number, {field: officer}, reason="改派")
        assert "stepped aside" in refused.value.sentence.en
        values = {**story.lead.fields, field: officer}
        row = Row(at="A2", values=values, unit="0101")
        with ledger.store.begin():
            file = {"name": "台账.xlsx", "digest": "0"}
            (taken,) = take_in(Acting(ledger, "zhou", story.now + DAY), "lead", [row], file=file)
        assert (taken.outcome, "stepped aside" in str(taken.refusal and taken.refusal.en)) == ("refused", True)
