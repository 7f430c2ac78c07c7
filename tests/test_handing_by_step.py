"""A step that hands its case to another unit: who acts then, what stays, what is refused, and the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from language_examples import shown_on, write_example
from ledgers import DAY, START, furnished

from engine.errors import RefusedError
from engine.operations.cases.casework import advance, open_case
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from workflows.loader import Declarations


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger of orders, with somebody in the other unit who goes on with them."""
    write_example(tmp_path, "handing_over.md")
    with furnished(database_url, adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([tmp_path], stored=lambda n, v: house.kept_workflow(store, n, v)))


def received(ledger: Ledger, **more: object) -> str:
    """Register an order and return its number."""
    values = {"called_on": "2019-07-01", "demand": "停车难", **more}
    return open_case(Acting(ledger, "zhou", START), "order", values, unit=str(more.pop("unit", "0101"))).case.number


def kinds(ledger: Ledger, number: str) -> list[str]:
    """Return the kinds of the rows of a case."""
    return [each.kind for each in case_rows.entries(ledger.store, ledger.case(number).id)]


def test_a_step_hands_over_and_back(ledger: Ledger) -> None:
    """The other unit acts from then on, with the same number and due day; back it goes where it came from."""
    number, acting = received(ledger), Acting(ledger, "zhou", START)
    (due,) = clock_rows.of_case(ledger.store, ledger.case(number).id)
    with pytest.raises(RefusedError, match="无人可办理下一步"):
        advance(acting, number, "dispatch", {"assigned_unit": "0102"})
    assert kinds(ledger, number) == ["opened"]
    keeping.add_officer(Acting(ledger, "keeper", START), "hu", "胡某")
    keeping.grant(Acting(ledger, "keeper", START), "hu", "liaison", "0102")
    trial = advance(acting, number, "dispatch", {"assigned_unit": "0102"}, dry_run=True).case
    assert (trial.unit, ledger.case(number).unit) == ("0102", "0101")
    after = advance(acting, number, "dispatch", {"assigned_unit": "0102"}).case
    assert (after.unit, after.state, after.number, kinds(ledger, number)) == (
        *("0102", "dispatched", number),
        ["opened", "moved", "handed_over"],
    )
    (held,) = clock_rows.of_case(ledger.store, after.id)
    assert (held.due_on, held.calendar, held.status) == (due.due_on, due.calendar, due.status)
    with pytest.raises(RefusedError):
        advance(Acting(ledger, "lian", START + DAY), number, "send_back", {"reason": "r"})
    back = advance(Acting(ledger, "hu", START + DAY), number, "send_back", {"reason": "不属本单位"}).case
    assert (back.unit, back.state) == ("0101", "received")
    again = advance(Acting(ledger, "zhou", START + DAY), number, "dispatch", {"assigned_unit": "0101"}).case
    assert (again.unit, kinds(ledger, number)[-1]) == ("0101", "moved")
    assert verify(ledger)[1] == ()


def test_a_hand_over_that_no_step_declares_is_found(ledger: Ledger) -> None:
    """Who writes the hand-over of a step to another unit than the step names is found by judging the journal again."""
    number = received(ledger)
    keeping.grant(Acting(ledger, "keeper", START), "zhao", "liaison", "0102")
    advance(Acting(ledger, "zhou", START), number, "dispatch", {"assigned_unit": "0102"})
    (row,) = [each for each in case_rows.entries(ledger.store, ledger.case(number).id) if each.kind == "handed_over"]
    ledger.store.change("UPDATE journal SET body = replace(body, '0102', '0101') WHERE hash = ?", (row.hash,))
    assert {each.seq for each in verify(ledger)[1] if each.case == number} >= {row.seq}


MISTAKES = (
    ("hands_to: assigned_unit", "hands_to: asigned_unit", "transitions.dispatch.hands_to"),
    ("hands_to: assigned_unit", "hands_to: reason", "transitions.dispatch.hands_to"),
    ("    asks: [assigned_unit]\n", "    takes: [assigned_unit]\n", "transitions.dispatch.hands_to"),
    ("    clears: [handler]\n", "", "transitions.dispatch.hands_to"),
)


def test_mistakes_are_named(tmp_path: Path) -> None:
    """Each is found at its place; both pages show the same workflow."""
    missed = []
    for right, wrong, culprit in MISTAKES:
        text = shown_on("handing_over.md")["order"]
        assert right in text, right
        (tmp_path / "order.yaml").write_text(text.replace(right, wrong), "utf-8")
        _, problems = Declarations([tmp_path]).check((tmp_path / "order.yaml",))
        if culprit not in {each.culprit for each in problems}:
            missed.append((wrong, [each.text.en for each in problems]))
    assert missed == []
    assert shown_on("handing_over.md") == shown_on("handing_over.md", "zh")
