"""A rung that opens a case: once for each arming, under the late case, decided on by people; and what keeps it shut."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from language_examples import write_example
from ledgers import DAY, START, furnished

from engine.journal.case_events import ChildrenOpened
from engine.operations.cases.casework import open_case
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows
from engine.store import house_rows as house
from workflows.loader import Declarations


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger of meetings, whose lateness proposes a talk."""
    write_example(tmp_path, "children.md")
    with furnished(database_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))


def test_a_rung_proposes_once(ledger: Ledger) -> None:
    """The first coming of a rung opens one talk, its repetitions none; the row names deadline and rung; all verify."""
    values = {"called_on": "2019-07-01", "agenda": "停车场"}
    numbers = [open_case(Acting(ledger, "zhou", START), "briefing", values, unit="0101").case.number for _ in range(2)]
    late = START + timedelta(days=33)
    assert [sweep(ledger, now=late + each * DAY).opened for each in (0, 0, 1, 40, 80)] == [2, 0, 0, 0, 0]
    for number in numbers:
        case = ledger.case(number)
        (talk,) = case_rows.children(ledger.store, case.id)
        assert (talk.workflow, talk.state, talk.fields["reason"]) == ("talk", "proposed", number)
        rows = case_rows.entries(ledger.store, case.id)
        (row,) = [each for each in rows if each.kind == ChildrenOpened.kind]
        event = ChildrenOpened.read(row.body)
        assert (row.by, event.opened, event.deadline, event.rung) == ("qingling", (talk.number,), "ending", 0)
    assert verify(ledger)[1] == ()
