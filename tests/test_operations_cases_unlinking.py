"""A wrong link is undone: both cases stand as if it had never been, and the journal tells of both."""

import pytest
from ledgers import DAY, START, furnished, register

from engine.deadlines.clock import Status
from engine.errors import BadValueError, QinglingError, RefusedError
from engine.operations.cases.casework import advance, link, void
from engine.operations.cases.unlinking import unlink
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.store import case_rows, clock_rows


def linked(ledger: Ledger) -> tuple[str, str]:
    """Return a first case and one of an earlier receipt that was linked to it."""
    first, repeat = register(ledger).number, register(ledger, received_on="2019-06-20").number
    link(Acting(ledger, "zhou", START + DAY), repeat, first, reason="重复举报")
    return first, repeat


def test_the_case_counts_again_and_its_deadlines_run(database_url: str) -> None:
    """Open as before, linked to nothing, with the due days it had; and it can be advanced."""
    with furnished(database_url) as ledger:
        first, repeat = linked(ledger)
        before = {each.name: each.due_on for each in clock_rows.of_case(ledger.store, ledger.case(repeat).id)}
        after = unlink(Acting(ledger, "zhou", START + 2 * DAY), repeat, reason="并非同一事").case
        case = ledger.case(repeat)
        clocks = clock_rows.of_case(ledger.store, case.id)
        assert case.fields == after.fields
        assert (case.clearance, case.first_id, case.dated_on) == (Count.OPEN, None, "2019-06-20")
        assert {each.name: each.due_on for each in clocks} == before
        assert before
        assert {each.status for each in clocks} == {Status.RUNNING}
        assert all(each.next_at is not None and each.ended_at is None for each in clocks)
        assert [each.kind for each in case_rows.entries(ledger.store, case.id)] == ["opened", "linked", "unlinked"]
        assert case_rows.last_entry(ledger.store, ledger.case(first).id).kind == "unrepeated"  # type: ignore[union-attr]  # it has rows
        values = {"handler": "chen", "responsible_leader": "liu"}
        advance(Acting(ledger, "zhou", START + 3 * DAY), repeat, "assign", values)
        assert verify(ledger)[1] == ()


def test_the_first_is_dated_by_what_is_left_to_it(sqlite_url: str) -> None:
    """Its own receipt, or the earliest of the repeats that remain; its deadlines follow."""
    with furnished(sqlite_url) as ledger:
        first, repeat = linked(ledger)
        other = register(ledger, received_on="2019-06-25").number
        link(Acting(ledger, "zhou", START + DAY), other, first, reason="重复举报")
        due = [each.due_on for each in clock_rows.of_case(ledger.store, ledger.case(first).id)]
        assert ledger.case(first).dated_on == "2019-06-20"
        unlink(Acting(ledger, "zhou", START + 2 * DAY), repeat, reason="并非同一事")
        assert ledger.case(first).dated_on == "2019-06-25"
        unlink(Acting(ledger, "zhou", START + 2 * DAY), other, reason="并非同一事")
        assert ledger.case(first).dated_on == "2019-06-28"
        assert [each.due_on for each in clock_rows.of_case(ledger.store, ledger.case(first).id)] != due
        assert verify(ledger)[1] == ()


@pytest.mark.parametrize(
    ("which", "reason", "by", "kind"),
    [
        ("first", "x", "zhou", RefusedError),
        ("void", "x", "zhou", RefusedError),
        ("repeat", " ", "zhou", BadValueError),
        ("repeat", "x", "chen", RefusedError),
    ],
    ids=["not linked", "void meanwhile", "no reason", "not entitled"],
)
def test_what_cannot_be_undone_is_refused(
    sqlite_url: str, which: str, reason: str, by: str, kind: type[QinglingError]
) -> None:
    """Only a case that is linked is unlinked, by those who may link, with a reason; else nothing is written."""
    with furnished(sqlite_url) as ledger:
        first, repeat = linked(ledger)
        if which == "void":
            void(Acting(ledger, "zhou", START + DAY), repeat, reason="误登")
        before = (ledger.case(first), ledger.case(repeat))
        with pytest.raises(kind):
            unlink(Acting(ledger, by, START + 2 * DAY), first if which == "first" else repeat, reason=reason)
        assert (ledger.case(first), ledger.case(repeat)) == before


@pytest.mark.parametrize("typed", ["０１０１-ｘｓ-２０１９-０００１", "0101-xs-2019-0001", " 0101-XS-2019-0001 "])
def test_numbers_and_units_are_found_as_they_are_typed(sqlite_url: str, typed: str) -> None:
    """Full-width or small letters, as an input method leaves them, name the same case and unit."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        assert ledger.case(typed).number == number
        assert ledger.unit("０１０１").code == "0101"
