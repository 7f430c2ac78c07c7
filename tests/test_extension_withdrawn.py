"""An extension that is withdrawn: the day without it, what was late, who may, and what the journal says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from language_examples import shown_on
from ledgers import DAY, START, furnished

from engine.deadlines.clock import Clock
from engine.errors import QinglingError
from engine.journal.case_events import ExtensionWithdrawn
from engine.operations.cases.casework import open_case
from engine.operations.deadlines.extending import extend
from engine.operations.deadlines.withdrawing import withdraw
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.workflow.deadline import Term, TermUnit
from workflows.loader import Declarations


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger of orders whose term may be extended, and the extension withdrawn."""
    text = shown_on("handing_over.md")["order"]
    rule = "extend: {at_most: 1 month, by: [office], withdraw_by: [unit_head]}"
    (tmp_path / "order.yaml").write_text(text.replace("15 working_days,", f"15 days, {rule},"), "utf-8")
    with furnished(database_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))


def test_an_extension_is_withdrawn(ledger: Ledger) -> None:
    """Due as without it and late since that day; by its roles only, with a reason, and not where there is none."""
    values = {"called_on": "2019-07-01", "demand": "停车难"}
    number = open_case(Acting(ledger, "zhou", START), "order", values, unit="0101").case.number

    def stands() -> Clock:
        (clock,) = clock_rows.of_case(ledger.store, ledger.case(number).id)
        return clock

    head = Acting(ledger, "zhao", START + 20 * DAY)
    refused = {("zhao", "r"): "was not extended", ("zhou", "r"): "has none of the roles unit_head"}
    for (by, reason), words in refused.items():
        with pytest.raises(QinglingError) as said:
            withdraw(Acting(ledger, by, START), number, None, reason=reason)
        assert words in said.value.sentence.en
    extend(
        Acting(ledger, "zhou", START), number, None,
        length=Term(amount=10, unit=TermUnit.DAYS), reason="r", signed_by="", filed_on=None,
    )  # fmt: skip
    assert stands().due_on == "2019-07-26"
    with pytest.raises(QinglingError):
        withdraw(head, number, None, reason=" ")
    assert (withdraw(head, number, None, reason="撤回", dry_run=True).due_on, stands().due_on) == (
        "2019-07-16",
        "2019-07-26",
    )
    withdraw(head, number, "answer", reason="撤回")
    after = stands()
    assert (after.due_on, after.original_due_on, after.extensions) == ("2019-07-16", "2019-07-16", ())
    row = case_rows.entries(ledger.store, after.case_id)[-1]
    event = ExtensionWithdrawn.read(row.body)
    assert (row.kind, event.was_due_on, event.deadlines["answer"].extended) == ("extension_withdrawn", "2019-07-26", 0)
    assert date.fromisoformat(after.due_on) < head.today
    assert verify(ledger)[1] == ()
