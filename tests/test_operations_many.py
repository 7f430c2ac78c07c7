"""One step for many cases, and many rows of a ledger: a verdict for each, and nothing past a guard."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from ledgers import DAY, LEAD, START, Story, dump, furnished, on, register
from msgspec.structs import replace
from paths import ASSIGN, CRIME

from engine.errors import BadValueError
from engine.operations.cases.bulk import BulkResult, advance_many, selection
from engine.operations.cases.casework import advance, link, void
from engine.operations.house import verifying
from engine.operations.imports.row import Row, Taken
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.store import case_rows, history_rows
from engine.workflow.deadline import StartsByField, Term, TermUnit, Within
from engine.workflow.model import Workflow
from workflows.loader import Declarations

TO_CHEN = {"handler": "chen", "responsible_leader": "liu"}


def many(ledger: Ledger, trigger: str = "assign", *, where: str | None = None, apply: bool = True) -> list[BulkResult]:
    """Take one step with all leads that match, two in a commit."""
    chunks = selection(Acting(ledger, "", START), "lead", where=where, chunk=2)
    values = TO_CHEN if trigger == "assign" else {}
    return list(advance_many(Acting(ledger, "zhou", START), chunks, trigger, values, apply=apply))


def test_each_case_gets_its_own_verdict(database_url: str) -> None:
    """Those that may move do, the others are told why, in any chunk; the journal marks each as one of many."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play([ASSIGN, CRIME])
        numbers = [register(ledger, summary=f"第{n}件").number for n in range(4)]
        found = many(ledger)
        assert [each.refusal is None for each in found] == [False, True, True, True, True]
        assert (found[0].number, found[0].state) == (story.number, "verified")
        for number in numbers:
            case = ledger.case(number)
            assert case.state == "assigned"
            assert '"bulk":true' in case_rows.entries(ledger.store, case.id)[-1].body
        assert verifying.verify(ledger)[1] == ()
        assert [each.refusal is None for each in many(ledger)] == [False] * 5


def test_bulk_decides_as_one_by_one_does(sqlite_url: str) -> None:
    """The decision for a case is the same on both roads, but for the mark."""
    with furnished(sqlite_url) as ledger:
        alone, together = register(ledger), register(ledger, summary="另一件")
        done = advance(Acting(ledger, "zhou", START), alone.number, "assign", TO_CHEN).case
        many(ledger, where="summary == '另一件'")
        other = ledger.case(together.number)
        assert (other.state, other.clearance, other.revision) == (done.state, done.clearance, done.revision)
        assert {**other.fields, "summary": ""} == {**done.fields, "summary": ""}
        assert len(ledger.store.query("SELECT 1 FROM deadlines WHERE case_id = ?", (other.id,))) == len(
            ledger.store.query("SELECT 1 FROM deadlines WHERE case_id = ?", (done.id,))
        )


def test_without_apply_nothing_is_written(sqlite_url: str) -> None:
    """The verdicts of a trial are those of the real run."""
    with furnished(sqlite_url) as ledger:
        for n in range(3):
            register(ledger, summary=f"第{n}件")
        before = dump(ledger.store)
        tried = many(ledger, apply=False)
        assert dump(ledger.store) == before
        assert many(ledger) == tried


@pytest.mark.parametrize("trigger", ["verify", "transfer_police", "reclassify", "shelve"])
def test_what_is_done_case_by_case_is_not_done_in_bulk(sqlite_url: str, trigger: str) -> None:
    """A step that is declared so is refused for each case, before anything else is asked."""
    with furnished(sqlite_url) as ledger:
        Story(ledger).play([ASSIGN])
        (found,) = many(ledger, trigger)
        assert found.refusal is not None
        assert found.refusal.en == f"'{trigger}' is done case by case, not in bulk"


def test_the_dead_are_not_selected(sqlite_url: str) -> None:
    """Void and repeated leads never match; an unsound condition is refused before anything is read."""
    with furnished(sqlite_url) as ledger:
        first, repeat, gone = (register(ledger, summary=f"第{n}件").number for n in range(3))
        link(Acting(ledger, "zhou", START), repeat, first, reason="重复")
        void(Acting(ledger, "zhou", START), gone, reason="误登")
        assert [each.number for each in many(ledger)] == [first]
        with pytest.raises(BadValueError, match="sumary"):
            many(ledger, where="sumary == '甲'")


def row(at: str = "A2", *, state: str | None = None, unit: str = "0101", **values: object) -> Row:
    """Return a row of a ledger."""
    return Row(at=at, values={**LEAD, "ledger_number": "台账-1", **values}, unit=unit, state=state, words=state)


def taken(ledger: Ledger, rows: Sequence[Row], *, by: str = "zhou") -> list[Taken]:
    """Take rows in, in one commit."""
    with ledger.store.begin():
        return list(take_in(Acting(ledger, by, START + DAY), "lead", rows, file={"name": "台账.xlsx", "digest": "0"}))


def test_a_row_is_taken_once_and_updates_its_case_afterwards(database_url: str) -> None:
    """New, unchanged, changed: the case stays one, and the journal says what the ledger changed."""
    with furnished(database_url) as ledger:
        said = [taken(ledger, [row(amount=amount)])[0] for amount in (1, 1, 2)]
        assert [each.outcome for each in said] == ["opened", "unchanged", "updated"]
        assert {each.number for each in said} == {"0101-XS-2019-0001"}
        case = ledger.case(said[0].number)
        assert [each.kind for each in case_rows.entries(ledger.store, case.id)] == ["opened", "amended"]
        assert '"was":{"amount":1}' in case_rows.entries(ledger.store, case.id)[-1].body


def test_a_state_of_a_ledger_is_a_legacy_entry_and_counts_as_its_rules_say(database_url: str) -> None:
    """No guard was asked, and the journal says so; a transfer without a letter on record does not count."""
    with furnished(database_url) as ledger:
        rows = [
            row(state="struck_off"),
            row("A3", state="transferred_police", ledger_number="台账-2"),
            row("A4", state="received", ledger_number="台账-3"),
        ]
        cases = [ledger.case(each.number) for each in taken(ledger, rows)]
        assert [(each.state, each.clearance) for each in cases] == [
            ("struck_off", Count.FULLY_CLOSED), ("transferred_police", Count.OPEN), ("received", Count.OPEN),
        ]  # fmt: skip
        assert [history_rows.came_from(ledger.store, each.id, each.state) for each in cases] == [None, None, None]
        kinds = [[row.kind for row in case_rows.entries(ledger.store, each.id)] for each in cases]
        assert kinds == [["opened", "legacy_entry"], ["opened", "legacy_entry"], ["opened"]]
        assert verifying.verify(ledger)[1] == ()


def test_a_ledger_does_not_move_what_has_moved_here(sqlite_url: str) -> None:
    """Once a step was taken in this program, a row's state is no longer heard."""
    with furnished(sqlite_url) as ledger:
        number = taken(ledger, [row()])[0].number
        advance(Acting(ledger, "zhou", START + DAY), number, "assign", TO_CHEN)
        said = taken(ledger, [row(state="struck_off")])[0]
        assert said.outcome == "unchanged"
        assert ledger.case(number).state == "assigned"


REFUSED = {
    "twice in one file": ([row(), row("A3")], "the same row stands at A2 already"),
    "no source": ([row(), row("A3", ledger_number="台账-2", source="")], "'Source' (--source) must be given"),
    "unknown unit": ([row(), row("A3", ledger_number="台账-2", unit="0999")], "no unit has the code '0999'"),
    "no role there": ([row(), row("A3", ledger_number="台账-2", unit="0102")], "zhou has none of the roles"),
    "in the future": ([row(), row("A3", ledger_number="台账-2", received_on="2030-01-01")], "lies in the future"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_taken_says_why_and_harms_no_other(sqlite_url: str, case: str) -> None:
    """The refusal names the row; the good row beside it is in."""
    rows, says = REFUSED[case]
    with furnished(sqlite_url) as ledger:
        good, bad = taken(ledger, rows)
        assert (good.at, good.outcome, bad.at, bad.outcome) == ("A2", "opened", "A3", "refused")
        assert bad.refusal is not None
        assert says in bad.refusal.en
        assert len(case_rows.select(ledger.store)) == 1


class Changed(Declarations):
    """The shipped declarations, the lead's changed as a house might."""

    change: Callable[[Workflow], Workflow]

    def latest(self, name: str) -> Workflow:
        """Return the declaration that new cases begin with."""
        return self.change(super().latest(name))

    def at(self, name: str, version: int) -> Workflow:  # noqa: ARG002 - the Protocol's signature
        """Return the declaration that a case began with."""
        return self.change(super().latest(name))


def undated(workflow: Workflow) -> Workflow:
    """Return the lead with a verification that refuses to be dated in a year without a calendar."""
    if workflow.name != "lead":
        return workflow
    verification = replace(
        workflow.deadlines["verification"],
        starts=StartsByField(field="received_on"),
        due=Within(term=Term(amount=20, unit=TermUnit.WORKING_DAYS)),
        unpublished="refuse",
    )
    return replace(workflow, deadlines={**workflow.deadlines, "verification": verification})


def test_a_case_that_cannot_be_dated_stops_none_of_the_others(database_url: str) -> None:
    """Trial and run say the same of it, one by one and in bulk: which year lacks its calendar; the rest move."""
    late = datetime(2026, 12, 31, 10, tzinfo=START.tzinfo)
    with furnished(database_url) as ledger:
        book = Changed()
        book.change = undated
        ledger.workflows = book
        good, bad = (register(ledger, received_on=day, now=late).number for day in ("2019-06-28", "2026-12-30"))
        for dry_run in (True, False):
            with pytest.raises(BadValueError, match="2027"):
                advance(Acting(ledger, "zhou", late), bad, "assign", TO_CHEN, dry_run=dry_run)
        for apply in (False, True):
            chunks = selection(Acting(ledger, "", late), "lead")
            found = list(advance_many(Acting(ledger, "zhou", late), chunks, "assign", TO_CHEN, apply=apply))
            assert [(each.number, each.state, each.refusal is None) for each in found] == [
                (good, "assigned", True),
                (bad, "received", False),
            ]
            assert "2027" in str(found[1].refusal)
        assert [ledger.case(each).state for each in (good, bad)] == ["assigned", "received"]


def test_a_version_without_the_step_is_told_case_by_case(sqlite_url: str) -> None:
    """Leads that began when there was no such step are refused each; those of the newer declaration move."""

    def without(workflow: Workflow) -> Workflow:
        if workflow.name != "lead":
            return workflow
        return replace(workflow, transitions=tuple(each for each in workflow.transitions if each.trigger != "assign"))

    def newer(workflow: Workflow) -> Workflow:
        return replace(workflow, version=workflow.version + 1) if workflow.name == "lead" else workflow

    class TwoVersions(Changed):
        def at(self, name: str, version: int) -> Workflow:
            found = Declarations.latest(self, name)
            return without(found) if version == found.version else newer(found)

    with furnished(sqlite_url) as ledger:
        old = register(ledger).number
        book = TwoVersions()
        book.change = newer
        again = on(ledger.store)
        again.workflows = book
        new = register(again, summary="另一件").number
        found = many(again)
        assert [(each.number, each.refusal is None) for each in found] == [(old, False), (new, True)]
        assert "has no step 'assign'" in str(found[0].refusal and found[0].refusal.en)


def test_a_list_is_registered_whole_or_not_at_all(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stops the second of two leaves nothing of the first, not even its number."""
    from engine.operations.cases.casework import open_cases
    from engine.operations.cases.commit import write_openings

    written: list[object] = []

    def stopped(*args: Any, **more: Any) -> Any:
        if written:
            raise KeyboardInterrupt
        written.append(write_openings(*args, **more))
        return written[-1]

    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        wanted = [("0101", LEAD), ("0101", LEAD)]
        with monkeypatch.context() as patched:
            patched.setattr("engine.operations.cases.casework.write_openings", stopped)
            with pytest.raises(KeyboardInterrupt):
                open_cases(Acting(ledger, "zhou", START), "lead", wanted)
        assert (len(written), dump(ledger.store)) == (1, before)
        outcomes = open_cases(Acting(ledger, "zhou", START), "lead", wanted)
        assert [each.case.number[-4:] for each in outcomes] == ["0001", "0002"]


def test_a_series_goes_on_without_a_gap(database_url: str) -> None:
    """Whether one is registered, a list of them or a ledger of them, each number follows the last of its unit."""
    from engine.operations.cases.casework import open_cases

    with furnished(database_url) as ledger:
        numbers = [register(ledger).number]
        numbers += [each.number for each in taken(ledger, [row(f"A{n}", ledger_number=f"台账-{n}") for n in range(3)])]
        listed = open_cases(Acting(ledger, "keeper", START), "lead", [("0101", LEAD), ("0102", LEAD), ("0101", LEAD)])
        numbers += [each.case.number for each in listed if each.case.unit == "0101"]
        numbers += [each.number for each in taken(ledger, [row("A9", ledger_number="台账-9")])]
        numbers.append(register(ledger).number)

        assert numbers == [f"0101-XS-2019-{serial:04}" for serial in range(1, len(numbers) + 1)]
        assert [each.case.number for each in listed if each.case.unit == "0102"] == ["0102-XS-2019-0001"]


def test_many_are_found_by_the_same_people_and_words_as_one(sqlite_url: str) -> None:
    """Whom a step in bulk takes out of one field may stand in another; all tables say what the values say."""
    with furnished(sqlite_url) as ledger:
        register(ledger)
        for handler in ("liu", "chen"):
            register(ledger, handler=handler)
        for handler in ("liu", "wang"):
            register(ledger, handler=handler, responsible_leader="liu")
        assert all(each.refusal is None for each in many(ledger))
        cases = case_rows.select(ledger.store, workflow="lead", limit=100)
        stands = {(code, each.id) for each in cases for code in ledger.rules_of(each).people(each.fields)}
        found = {tuple(row) for row in ledger.store.query("SELECT officer, case_id FROM named_officers")}
        assert found == stands
        assert len(stands) == 10
