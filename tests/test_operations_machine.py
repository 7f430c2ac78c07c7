"""No step leads past the machine: what it does not know cannot be done, and where it leads cases go, by every road."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import ClassVar

import pytest
from ledgers import LEAD, START, Story, furnished, register
from msgspec.structs import replace
from paths import BOTH, ROADS

from engine.errors import QinglingError, RefusedError
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, link, open_case, void
from engine.operations.cases.lookup import view
from engine.operations.deadlines.sweep import sweep
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.rules.machine import Applies, Machine, TakenStep
from engine.store import case_rows
from engine.workflow.model import Transition, Workflow

FILE = {"name": "台账.xlsx", "digest": "0" * 64}
TO_CHEN = {"handler": "chen", "responsible_leader": "liu"}

Changed = Callable[[Transition], Transition | None]


def with_machine(patch: pytest.MonkeyPatch, workflow: str, change: Changed, *, initial: str | None = None) -> None:
    """Give all rules of a workflow a machine with other steps than it declares; the declaration stays as it is."""

    def made(declared: Workflow) -> Machine:
        if declared.name != workflow:
            return Machine(declared)
        changed = tuple(each for each in map(change, declared.transitions) if each is not None)
        return Machine(replace(declared, transitions=changed, initial=initial or declared.initial))

    patch.setattr("engine.rules.transitions.Machine", made)


def alone(ledger: Ledger, number: str) -> str:
    """Assign one case and return its state."""
    return advance(Acting(ledger, "zhou", START), number, "assign", TO_CHEN).case.state


def on_trial(ledger: Ledger, number: str) -> str:
    """Return the state that assigning one case would lead to."""
    return advance(Acting(ledger, "zhou", START), number, "assign", TO_CHEN, dry_run=True).case.state


def in_bulk(ledger: Ledger, number: str) -> str:
    """Assign three cases at once, the one among them; return its state."""
    for word in ("甲", "乙"):
        register(ledger, summary=word)
    chunks = selection(Acting(ledger, "", START), "lead")
    found = list(advance_many(Acting(ledger, "zhou", START), chunks, "assign", TO_CHEN, apply=True))
    for each in found:
        if each.refusal is not None:
            raise RefusedError(each.refusal)
    assert len({each.state for each in found}) == 1
    return ledger.case(number).state


STEPS: Mapping[str, Callable[[Ledger, str], str]] = {"alone": alone, "on trial": on_trial, "in bulk": in_bulk}


def never(each: Transition) -> Transition | None:
    """Take the step away."""
    return None if each.trigger == "assign" else each


def not_from_here(each: Transition) -> Transition | None:
    """Take away that the step leaves the first state."""
    kept = tuple(state for state in each.sources if state != "received")
    return replace(each, sources=kept) if each.trigger == "assign" else each


def elsewhere(each: Transition) -> Transition | None:
    """Let the step lead to another state."""
    return replace(each, target="verified") if each.trigger == "assign" else each


@pytest.mark.parametrize("road", STEPS)
@pytest.mark.parametrize("change", [never, not_from_here])
def test_a_step_that_the_machine_lacks_is_possible_by_no_road(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, road: str, change: Changed
) -> None:
    """Though the workflow declares it, it is refused alone, on trial and in bulk, and is not offered."""
    with_machine(monkeypatch, "lead", change)
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        with pytest.raises(QinglingError):
            STEPS[road](ledger, number)

        assert {each.state for each in case_rows.select(ledger.store)} == {"received"}
        assert "assign" not in {each.trigger for each in view(ledger, number, now=START).steps}


@pytest.mark.parametrize("road", STEPS)
def test_a_step_leads_where_the_machine_says(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, road: str) -> None:
    """Whatever is declared, every road ends in the machine's state."""
    with_machine(monkeypatch, "lead", elsewhere)
    with furnished(sqlite_url) as ledger:
        assert STEPS[road](ledger, register(ledger).number) == "verified"


def by_hand(ledger: Ledger) -> None:
    """Register a lead."""
    open_case(Acting(ledger, "zhou", START), "lead", LEAD, unit="0101")


def from_a_ledger(ledger: Ledger, state: str | None = None) -> None:
    """Take a lead in from a ledger."""
    with all_or_nothing(ledger) as fate:
        values = {**LEAD, "ledger_number": "2019-001"}
        row = Row(at="1", values=values, unit="0101", state=state)
        (taken,) = take_in(Acting(ledger, "zhou", START), "lead", [row], file=FILE)
        if taken.refusal is not None:
            raise RefusedError(taken.refusal)
        fate.keep()


def by_a_step(ledger: Ledger) -> None:
    """Let a lead open its referral."""
    Story(ledger).play(BOTH[:3])


def by_the_calendar(ledger: Ledger) -> None:
    """Let returns open by themselves."""
    open_returns(ledger, now=START + timedelta(days=21))


OPENINGS: Mapping[str, tuple[Callable[[Ledger], None], str, str]] = {
    "by hand": (by_hand, "lead", "assigned"),
    "from a ledger": (from_a_ledger, "lead", "assigned"),
    "by a step of the parent": (by_a_step, "referral", "sent"),
    "by the calendar": (by_the_calendar, "return", "submitted"),
}


@pytest.mark.parametrize("road", OPENINGS)
def test_cases_begin_where_the_machine_says(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, road: str) -> None:
    """By hand, from a ledger, by a parent's step or by the calendar: a case begins in the machine's first state."""
    begin, workflow, first = OPENINGS[road]
    with_machine(monkeypatch, workflow, lambda each: each, initial=first)
    with furnished(sqlite_url) as ledger:
        begin(ledger)
        found = [each for each in case_rows.select(ledger.store) if each.workflow == workflow]

        assert found
        assert {each.state for each in found} == {first}
        assert {case_rows.entries(ledger.store, each.id)[0].to_state for each in found} == {first}


def test_a_ledger_cannot_name_a_state_that_the_machine_lacks(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A legacy entry is no step, but its state must be one of the machine's."""
    monkeypatch.setattr(
        "engine.rules.transitions.Machine",
        lambda declared: Machine(
            replace(
                declared,
                states={name: each for name, each in declared.states.items() if name != "shelved"},
                transitions=tuple(
                    each for each in declared.transitions if each.target != "shelved" and "shelved" not in each.sources
                ),
            )
        ),
    )
    with furnished(sqlite_url) as ledger:
        from_a_ledger(ledger, "assigned")
        with pytest.raises(RefusedError, match="shelved"):
            from_a_ledger(ledger, "shelved")


class _Asked(Machine):
    """Notes every answer that a change of state may rest on."""

    answers: ClassVar[set[tuple[str, str | None, str]]] = set()

    @property
    def initial(self) -> str:
        self.answers.add((self._workflow.name, None, super().initial))
        return super().initial

    def take(self, state: str, trigger: str, applies: Applies) -> TakenStep | None:
        step = super().take(state, trigger, applies)
        if step is not None:
            self.answers.add((self._workflow.name, state, step.state))
        return step

    def entered(self, state: str) -> str:
        self.answers.add((self._workflow.name, self._workflow.initial, super().entered(state)))
        return super().entered(state)


@pytest.fixture
def asked(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Lend a ledger whose machines note their answers."""
    monkeypatch.setattr(_Asked, "answers", set())
    monkeypatch.setattr("engine.rules.transitions.Machine", _Asked)
    with furnished(sqlite_url) as ledger:
        yield ledger


@pytest.mark.parametrize("road", ROADS)
def test_each_change_of_state_on_a_road_was_the_machines_answer(asked: Ledger, road: str) -> None:
    """What the journals of a lead and its children tell of states is what the machine said, no more."""
    Story(asked, real_name=False).play(ROADS[road])
    written = set(_changes(asked))

    assert written
    assert written - _Asked.answers == set()


def test_each_change_of_state_by_other_commands_was_the_machines_answer(asked: Ledger) -> None:
    """Bulk, a ledger, returns, corrections, links, voiding and a sweep move no case by themselves."""
    first, second, third = (register(asked, summary=word) for word in "丙丁戊")
    link(Acting(asked, "zhou", START), second.number, first.number, reason="同一件")
    void(Acting(asked, "zhou", START), third.number, reason="误登")
    amend(Acting(asked, "zhou", START), first.number, {"summary": "己"}, reason="笔误")
    from_a_ledger(asked, "closed")
    by_the_calendar(asked)
    _assign_all(asked)
    sweep(asked, now=START + timedelta(days=90))

    assert set(_changes(asked)) == {
        ("lead", None, "received"),
        ("lead", "received", "closed"),
        ("lead", "received", "assigned"),
        ("inspection", None, "planned"),
        ("return", None, "due"),
    }
    assert set(_changes(asked)) <= _Asked.answers


def _assign_all(ledger: Ledger) -> None:
    """Assign in bulk whatever may be assigned."""
    register(ledger, summary="庚", now=START + timedelta(days=50))
    chunks = selection(Acting(ledger, "", START + timedelta(days=60)), "lead", state="received")
    found = list(
        advance_many(Acting(ledger, "zhou", START + timedelta(days=60)), chunks, "assign", TO_CHEN, apply=True)
    )
    assert any(each.refusal is None for each in found)


def _changes(ledger: Ledger) -> Iterable[tuple[str, str | None, str]]:
    """Yield workflow, state before and state after of every journal row that tells of another state."""
    for case in case_rows.select(ledger.store):
        for entry in case_rows.entries(ledger.store, case.id):
            if entry.to_state is not None and entry.to_state != entry.from_state:
                yield case.workflow, entry.from_state, entry.to_state
