"""Deadlines that act once they have run out: the declared step, taken by the program, once, in a commit of its own.

The step happens when it is taken, never dated back; its journal row names the deadline and the day it was due.
"""

from dataclasses import dataclass

from engine.deadlines.clock import Clock, is_overdue
from engine.errors import ConflictError, RefusedError
from engine.journal.case_events import NoteWritten, StepTaken
from engine.language import Text
from engine.operations.cases.commit import write_decision
from engine.operations.ledger.acting import Acting
from engine.rules.case import Actor, Case, Count, as_it_is
from engine.rules.transitions import advance
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.workflow.powers import PROGRAM


@dataclass(slots=True)
class RunOut:
    """What was done about deadlines that had run out."""

    taken: int = 0
    """Steps that the program took."""
    refused: int = 0
    """Steps that the rules refused; the case says why, once, and each sweep tries again."""


def act_on_run_out(acting: Acting) -> RunOut:
    """Take the step of every deadline that declares one and has run out; a kill loses none and doubles none."""
    ledger, done = acting.ledger, RunOut()
    acts: dict[tuple[str, int], dict[str, str]] = {}
    for key in house.workflows_saying(ledger.store, "then"):
        declared = ledger.rules(*key).workflow.deadlines.values()
        acts[key] = {each.name: each.then for each in declared if each.then is not None}
    names = sorted({name for each in acts.values() for name in each})
    if not names:
        return done
    today = acting.today
    for found in clock_rows.run_out(ledger.store, names, today=today.isoformat()):
        if not is_overdue(found, now_at=acting.now_at, today=today):
            continue
        try:
            with ledger.store.begin():
                case = case_rows.by_id(ledger.store, found.case_id)
                then = acts.get((case.workflow, case.version), {}).get(found.name)
                is_same = found in clock_rows.of_case(ledger.store, case.id)  # else it was met or moved since
                if then is not None and is_same and case.clearance <= Count.FULLY_CLOSED:
                    _act(acting, case, found, then, done)
        except ConflictError:
            continue  # somebody was faster; the next sweep looks again
    return done


def _act(acting: Acting, case: Case, clock: Clock, then: str, done: RunOut) -> None:
    """Take one step, or write down once why it may not be taken; inside `begin`."""
    ledger = acting.ledger
    rules = ledger.rules_of(case)
    actor = Actor(code=acting.by, roles=frozenset({PROGRAM}))
    try:
        decision = advance(
            rules, case, then, {}, actor=actor, family=ledger.family(case, rules.asks_for(then)), today=acting.today
        )
    except RefusedError as refused:
        done.refused += 1
        said = Text("'{name}' ran out, but '{step}' is not taken: ", "“{name}”期满，但“{step}”未执行：").format(
            name=clock.name, step=then
        )
        words = f"{said.en}{refused.sentence.en}\n{said.zh}{refused.sentence.zh}"
        if not _is_written(acting, case, words):
            write_decision(acting, case, as_it_is(case, NoteWritten(words=words)))
        return
    assert isinstance(decision.event, StepTaken)
    event = decision.event.replace(ran_out=clock.name, ran_out_on=clock.due_on)
    write_decision(acting, case, decision._replace(event=event))
    done.taken += 1


def _is_written(acting: Acting, case: Case, words: str) -> bool:
    """Say whether the case says so already."""
    rows = (each for each in case_rows.entries(acting.ledger.store, case.id) if each.kind == NoteWritten.kind)
    return any(each.by == acting.by and NoteWritten.read(each.body).words == words for each in rows)
