"""One step of one case, with all that follows from it: children opened or going along, another unit; or nothing."""

from collections.abc import Iterator

from engine.errors import QinglingError, RefusedError
from engine.journal.case_events import StepTaken
from engine.language import Text
from engine.operations.cases.commit import Outcome, births_of, clocks_after, write_decision, write_openings
from engine.operations.cases.deciding import decided
from engine.operations.cases.handing_over import destination, hand_by_step
from engine.operations.cases.numbering import hold_series, opened_by_steps
from engine.operations.cases.opening import CaseOpening
from engine.operations.cases.preparing import begun_on_trial
from engine.operations.cases.uniqueness import refuse_taken
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import seen_in
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import veiled_text
from engine.rules.case import Case, Count, Decision
from engine.rules.computed_values import as_stored, uses_of_values
from engine.rules.gathered_values import given
from engine.store import case_rows, clock_rows, signature_rows
from engine.workflow.model import Transition


def on_trial(acting: Acting, case: Case, decision: Decision) -> Outcome:
    """Return what a step would do, with all that would follow from it; nothing is written.

    Raises:
        QinglingError: If some of it may not be.
    """
    births = births_of(acting, case, decision)
    after = case._replace(state=decision.state, fields=decision.fields, clearance=decision.clearance)
    clocks_after(acting, case, decision, clock_rows.of_case(acting.ledger.store, case.id))
    opened = tuple(begun_on_trial(acting, each, parent=after) for each in births)
    moved: tuple[Outcome, ...] = ()
    if decision.further is not None:
        moved = _children_on_trial(acting, after, decision.further)
        unit = destination(acting, after, decision.further)
        if unit is not None:
            after = after._replace(unit_id=unit.id, unit=unit.code)
    return Outcome(case=after, decision=decision, opened=opened, moved=moved)


def commit_step(acting: Acting, case: Case, decision: Decision) -> Outcome:
    """Write what was decided about *case*: the case, its journal, its children, its parent; or nothing.

    Raises:
        ConflictError: If someone else changed the case since it was read.
        RefusedError: If a child that is to go along may not, or nobody in the other unit could go on.
    """
    births = births_of(acting, case, decision)
    with acting.ledger.store.begin():
        return write_step(acting, case, decision, births)


def write_step(acting: Acting, case: Case, decision: Decision, births: list[CaseOpening]) -> Outcome:
    """Write a step and what follows from it; inside `begin`.

    Raises:
        ConflictError: If someone else changed the case since it was read.
        RefusedError: As `commit_step` does.
    """
    ledger = acting.ledger
    if births:  # one who numbers first and looks then could wait for one who waits for the number
        refuse_taken(ledger, ledger.rules_of(case), decision.fields, before=case)
    for each in births:
        refuse_taken(ledger, each.rules, each.values)
    if decision.further is not None:  # each child may open cases in turn
        along = opened_by_steps(ledger, ledger.rules_of(case).workflow, decision.further.trigger)
        hold_series(ledger.store, along, gives_once=_gives_once(ledger, decision.further))
    opened = write_openings(acting, births, parent=case)
    after = write_decision(acting, case, decision, opened=opened)
    if isinstance(decision.event, StepTaken):
        signature_rows.end(ledger.store, case.id, decision.event.signed)
    step, moved = decision.further, tuple[Outcome, ...]()
    if step is not None:
        _children_on_trial(acting, after, step)  # so that every one of them that may not is named
        because = f"{case.number}#{after.revision}"
        moved = tuple(_write_child(acting, child, step, after, because) for child in _going_along(acting, after, step))
        # Each of them has left a row with its parent.
        after = hand_by_step(acting, case_rows.by_id(ledger.store, case.id) if moved else after, step)
    return Outcome(case=after, decision=decision, opened=opened, moved=moved)


def _gives_once(ledger: Ledger, step: Transition) -> bool:
    """Say whether a step brings its children a value that is given once."""
    return step.each is not None and bool(ledger.rules(step.each.children).unique.intersection(step.each.sets))


def _write_child(acting: Acting, child: Case, step: Transition, parent: Case, because: str) -> Outcome:
    """Let a child take the step that its parent's step declares of it; inside `begin`."""
    decision = _decided(acting, child, step, parent)
    assert isinstance(decision.event, StepTaken)
    marked = decision._replace(event=decision.event.replace(because=because))
    return write_step(acting, child, marked, births_of(acting, child, marked))


def _children_on_trial(acting: Acting, parent: Case, step: Transition) -> tuple[Outcome, ...]:
    """Return what the children that go along with a step would do.

    Args:
        parent: As the step leaves it.

    Raises:
        RefusedError: If any of them may not; each that may not is named, with all reasons.
    """
    outcomes, reasons = [], list[Text]()
    for child in _going_along(acting, parent, step):
        try:
            outcomes.append(on_trial(acting, child, _decided(acting, child, step, parent, seen=parent)))
        except QinglingError as refused:
            reasons.append(veiled_text(acting.ledger.reader, refused.sentence))
    if reasons:
        title = Text(
            f"{parent.number} does not take '{step.trigger}', since not all of its children can go along",
            f"{parent.number} 不能“{step.title.zh}”，下级事项未能一并办理",
        )
        raise RefusedError(title, reasons)
    return tuple(outcomes)


def _going_along(acting: Acting, parent: Case, step: Transition) -> Iterator[Case]:
    """Yield the children that are to take a step with this one; void ones never do."""
    along = step.each
    if along is None:
        return
    for child in case_rows.children(acting.ledger.store, parent.id):
        is_meant = child.workflow == along.children and child.state in along.states
        if is_meant and child.clearance <= Count.FULLY_CLOSED:
            yield child


def _decided(acting: Acting, child: Case, step: Transition, parent: Case, *, seen: Case | None = None) -> Decision:
    """Return what is decided of a child's step.

    Args:
        parent: The parent after its own step.
        seen: The same, if it is not written yet.

    Raises:
        QinglingError: If it may not be taken, or what it would bring cannot be worked out.
    """
    assert step.each is not None
    ledger, sets, today = acting.ledger, step.each.sets, acting.today
    wanted = frozenset[str]().union(*uses_of_values(sets))
    family = ledger.family(parent, wanted)
    scope = ledger.rules_of(parent).scope(parent, parent.fields, family, by=acting.by, today=today)
    values, worked, lacking = given(sets, parent.fields, scope)
    if lacking:
        reasons = [Text("'{name}': {why}", "“{name}”：{why}").format(name=n, why=why) for n, why in lacking.items()]
        raise RefusedError(Text(f"{child.number} cannot go along", f"{child.number} 不能一并办理"), reasons)
    workflow = ledger.rules_of(child).workflow
    brought = {name: as_stored(workflow, name, v, today=today) if name in worked else v for name, v in values.items()}
    copied = seen_in(workflow, (brought,), {})  # its writer was asked when it was typed, and nobody types it now
    return decided(acting.insisting(copied), child, step.each.step, brought, parent=seen)
