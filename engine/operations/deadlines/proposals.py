"""Cases that a deadline opens under its own: what a ladder proposes, and what files an extension with others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.deadlines.clock import Clock, ladder
from engine.deadlines.ladder import DueRung
from engine.errors import BadValueError, RefusedError
from engine.expressions.evaluate import compile_expression
from engine.journal.case_events import ChildrenOpened, NoteWritten
from engine.language import Text
from engine.operations.cases.commit import births_of, write_children, write_decision, write_openings
from engine.operations.cases.numbering import hold_series
from engine.operations.cases.opening import CaseOpening
from engine.operations.cases.uniqueness import refuse_taken
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case, Decision, as_it_is
from engine.rules.computed_values import uses_of_values
from engine.rules.gathered_values import born_of
from engine.store import case_rows
from engine.workflow.children import ChildOpening, FilingOpening
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow


def proposing(workflow: Workflow, declared: Deadline, rungs: Sequence[DueRung]) -> tuple[DueRung, ...]:
    """Return which of the rungs that have come due open a case: each when it first comes, not as it is repeated."""
    if all(each.rung.opens is None for each in rungs):
        return ()
    steps = ladder(workflow, declared)
    firsts = ((each, steps.step(each.place)) for each in rungs if each.rung.opens is not None)
    return tuple(each for each, step in firsts if step is not None and not (step.turn or step.more))


class Proposal(NamedTuple):
    """A rung that has come due and opens a case."""

    case: Case
    """Under which it opens, as it stood before."""
    clock: Clock
    due: DueRung


def propose(acting: Acting, proposals: Sequence[Proposal]) -> int:
    """Open the cases that rungs propose, and say so on the case of each; return how many; inside `begin`.

    What cannot be opened, since a value is missing that it must have, is written down on the case instead: the next
    sweep would fare no better, and nobody would be reminded of anything.
    """
    ledger, count = acting.ledger, 0
    if len(proposals) > 1:
        born = [(ledger.rules(each.workflow), each.sets) for each in map(_opening, proposals)]
        once = any(rules.unique.intersection(sets) for rules, sets in born)
        hold_series(ledger.store, (rules.workflow for rules, _ in born), gives_once=once)
    for proposal in proposals:
        opened_under, clock, each = proposal
        case = case_rows.by_id(ledger.store, opened_under.id)
        try:
            openings = births_of(acting, case, decided(acting, case, _opening(proposal)))
            for opening in openings:
                refuse_taken(ledger, opening.rules, opening.values)
        except (BadValueError, RefusedError) as refused:
            said = Text("'{name}' proposes no case: ", "“{name}”未能提请生成事项：").format(name=clock.name)
            words = f"{said.en}{refused.sentence.en}\n{said.zh}{refused.sentence.zh}"
            write_decision(acting, case, as_it_is(case, NoteWritten(words=words)))
            continue
        opened = write_openings(acting, openings, parent=case)
        if opened:
            write_children(acting, case, opened, deadline=clock.name, rung=each.place)
        count += len(opened)
    return count


def _opening(proposal: Proposal) -> ChildOpening:
    """Return what the rung says of the case that it proposes."""
    opens = proposal.due.rung.opens
    assert opens is not None
    return opens


def filing(acting: Acting, case: Case, opens: FilingOpening, says: Mapping[str, object]) -> list[CaseOpening]:
    """Return the case that an extension opens.

    Args:
        says: What the extension says, as `writes` calls it.

    Raises:
        RefusedError: If it would lack a required value.
        BadValueError: If a value does not fit.
    """
    decision = decided(acting, case, opens)
    written = {str(name): says[key] for key, name in opens.writes.items() if says.get(key)}
    births = tuple(each.replace(values={**each.values, **written}) for each in decision.births)
    found = births_of(acting, case, decision._replace(births=births))
    for each in found:
        refuse_taken(acting.ledger, each.rules, each.values)
    return found


def decided(acting: Acting, case: Case, opens: ChildOpening) -> Decision:
    """Return what a rung or an extension decides that opens a case: nothing of its own case.

    Raises:
        RefusedError: If a value of the new case cannot be worked out.
    """
    rules = acting.ledger.rules_of(case)
    wanted = frozenset(_reads(opens))
    scope = rules.scope(case, case.fields, acting.ledger.family(case, wanted), by=acting.by, today=acting.today)
    event = ChildrenOpened(opened=(), workflow=opens.workflow)
    births, wrong = born_of((opens,), case.fields, scope)
    if wrong:
        raise RefusedError(Text("the new case cannot be opened", "不能生成新事项"), wrong)
    return Decision(event, case.state, case.fields, case.clearance, births=births)


def _reads(opens: ChildOpening) -> Iterator[str]:
    """Yield which of children, history, parent and calendar an opening looks at."""
    if opens.if_ is not None:
        yield from compile_expression(opens.if_).uses
    for uses in uses_of_values(opens.sets):
        yield from uses
