"""Which cases leave the house and by which deadline they are judged; on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from ledgers import DAY, START, furnished, register

from engine.errors import RefusedError
from engine.journal.chain import HOUSE
from engine.operations.cases.casework import advance, void
from engine.operations.cases.exporting import Scope, histories, may_export, note_export, standings
from engine.operations.deadlines.timing import pause
from engine.operations.imports.edited_export import bring_back
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, clock_rows

FILE = {"name": "back.xlsx", "digest": "0"}


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Lend a furnished ledger."""
    with furnished(database_url) as found:
        yield found


def assigned(ledger: Ledger, case: Case) -> Case:
    """Assign a lead."""
    values = {"handler": "chen", "responsible_leader": "liu", "category": "A6"}
    return advance(Acting(ledger, "zhou", START + timedelta(hours=1)), case.number, "assign", values).case


def returned(ledger: Ledger, case: Case, **values: object) -> tuple[str, ...]:
    """Bring back a row of *case* as it was exported, with other values."""
    with ledger.store.begin():
        return bring_back(
            Acting(ledger, "zhou", START + DAY), "lead", case.number, case.revision, values,
            unit="", state=None, file=FILE,
        )[1]  # fmt: skip


def test_each_case_has_its_most_urgent_deadline(ledger: Ledger) -> None:
    """Of the live deadlines the one due first counts; void entries are left out."""
    first = assigned(ledger, register(ledger, real_name=True))
    second = register(ledger, received_on="2019-05-20")
    void(Acting(ledger, "zhou", START), register(ledger).number, reason="误登")
    found = list(standings(Acting(ledger, "zhou", START), Scope(workflow="lead")))
    assert [each.case.number for each in found] == [first.number, second.number]
    dates = {clock.due_on for clock in clock_rows.of_case(ledger.store, first.id) if clock.status <= 1}
    assert len(dates) > 1
    assert found[0].due is not None
    assert found[0].due.due_on == min(dates)


def test_what_runs_is_more_urgent_than_what_stands_still(ledger: Ledger) -> None:
    """A paused deadline is shown only where nothing runs."""
    case = register(ledger)
    pause(Acting(ledger, "zhou", START), case.number, "disposal", reason="等待材料")
    due = next(standings(Acting(ledger, "zhou", START), Scope(workflow="lead"))).due
    assert due is not None
    assert (due.name, due.status.name) == ("disposal", "PAUSED")


def test_scattered_cases_are_found_as_neighbours_are(ledger: Ledger) -> None:
    """Deadlines are the same whether they are asked for by range or one by one."""
    ids = [register(ledger).id for _ in range(12)]
    together = clock_rows.urgent(ledger.store, ids)
    assert clock_rows.urgent(ledger.store, [ids[0], ids[-1]]) == {each: together[each] for each in (ids[0], ids[-1])}


def test_histories_hold_what_was_voided_too(ledger: Ledger) -> None:
    """What happened is in an event log, even to an entry that was a mistake."""
    case = register(ledger)
    void(Acting(ledger, "zhou", START), case.number, reason="误登")
    [(found, entries)] = histories(ledger, frozenset({"lead"}), unit="0101")
    assert (found.number, [each.kind for each in entries]) == (case.number, ["opened", "voided"])
    assert list(histories(ledger, None, unit="0102")) == []


@pytest.mark.parametrize(("by", "unit"), [("zhou", None), ("zhou", "0102"), ("none", "0101"), ("gone", "0101")])
def test_who_may_not_export(ledger: Ledger, by: str, unit: str | None) -> None:
    """Nobody exports where they have no role, nor after they have left."""
    with pytest.raises(RefusedError):
        may_export(Acting(ledger, by, START), unit=unit)


def test_an_export_stands_in_the_chain_of_the_house(ledger: Ledger) -> None:
    """It says what, how many, which scope, which file and why."""
    scope = Scope(workflow="lead", state="received", open_only=True).plain()
    row = note_export(Acting(ledger, "zhou", START), "x", count=2, scope=scope, digest="ab", reason="")
    assert row == case_rows.last_entry(ledger.store, HOUSE)
    assert row.body == '{"count":2,"digest":"ab","scope":{"open":true,"state":"received","workflow":"lead"},"what":"x"}'


def test_only_what_differs_from_the_export_changes(ledger: Ledger) -> None:
    """What the register learnt since stays, and a value that both changed is refused."""
    exported = register(ledger, remark="旧", amount=5)
    assigned(ledger, exported)
    assert returned(ledger, exported, remark="旧 ", amount=5, handler=None) == ()
    assert returned(ledger, exported, remark="新", amount=5) == ("remark",)
    with pytest.raises(RefusedError):
        returned(ledger, exported, remark="另一", amount=5)
    assert returned(ledger, exported, remark="新") == (), "both say the same by now"


def test_a_ledger_goes_round_no_step(ledger: Ledger) -> None:
    """What a step writes is refused even while the case has taken none."""
    with pytest.raises(RefusedError):
        returned(ledger, register(ledger), category="A1")
