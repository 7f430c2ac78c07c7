"""One decision becomes rows, in one commit; used by every verb that changes a case."""

from collections.abc import Mapping, Sequence

from engine.deadlines.change import after_change
from engine.deadlines.clock import Clock, Status, ended
from engine.deadlines.lateness import recorded
from engine.journal.case_events import ChangingEvent, ChildMoved, ChildrenOpened, StepTaken
from engine.journal.chain import START, JournalEntry, chained
from engine.journal.reading_events import CaseRestricted
from engine.operations.cases import born_restricted as few
from engine.operations.cases.cancelling import take_back
from engine.operations.cases.found_by import follow_one
from engine.operations.cases.given_days import refuse_more_time
from engine.operations.cases.journal_body import digests, journaled
from engine.operations.cases.numbering import ids_and_numbers
from engine.operations.cases.older_ends import as_lifted
from engine.operations.cases.opening import (
    Beginning,
    Beginnings,
    CaseOpening,
    Legacy,
    case_begun,
    first_event,
    own_key,
    questions_asked,
    refuse_earlier,
    refuse_future,
)
from engine.operations.cases.uniqueness import begin as begin_given
from engine.operations.cases.uniqueness import refuse_taken
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.overtaken import overtaken
from engine.rules.case import Case, Count, Decision, Family
from engine.rules.computed_values import as_stored
from engine.rules.gathered_values import gathered
from engine.rules.openings import born_with, opening
from engine.store import case_rows, clock_rows, named_rows, question_rows, sealed_rows, search_rows
from engine.store import house_rows as house
from engine.store.case_columns import QuestionRecord, SealedRecord
from engine.workflow.frozen_struct import FrozenStruct
from engine.working_days.calendars import Calendar


class Outcome(FrozenStruct, frozen=True, kw_only=True):
    """What a verb did, or with `--dry-run` would do."""

    case: Case
    """The case after it."""
    decision: Decision
    opened: tuple[Case, ...] = ()
    """Children that were opened; without numbers in a dry run."""
    moved: tuple["Outcome", ...] = ()
    """Children that took a step with it."""
    repeated: JournalEntry | None = None
    """The row by which the same officer had done the very same already; nothing was written."""


def write_decision(acting: Acting, case: Case, decision: Decision, *, opened: Sequence[Case] = ()) -> Case:
    """Write the case, its journal row, its deadlines and what its parent learns of it; inside `begin`.

    Raises:
        ConflictError: If someone else changed the case since it was read.
        RefusedError: If another case was given what is given once since it was judged, or a term more time than it
            may have.
    """
    ledger = acting.ledger
    store = ledger.store
    rules = ledger.rules_of(case)
    refuse_taken(ledger, rules, decision.fields, before=case)
    before: tuple[Clock, ...] = ()
    clocks: tuple[Clock, ...] = ()
    is_out = decision.clearance in {Count.VOID, Count.REPEATS}
    if is_out or decision.applies:
        before = clock_rows.of_case(store, case.id)
    if is_out:
        living = (each for each in before if each.ended_at is None)
        clocks = tuple(
            _cancelled(each, at=acting.stamp(case), calendar=ledger.calendar_of(case.unit_id)) for each in living
        )
    elif decision.applies:
        clocks = clocks_after(acting, case, decision, before)
    event, says = decision.event, dict[str, object]()
    if clocks:  # after what was done to deadlines before the rules were asked
        says["deadlines"] = {**event.deadlines, **journaled(clocks)}
    # Only a clock that was stored before can have promised messages that are now wrong.
    if any(each.id is not None for each in clocks):
        says["cancelled"] = take_back(ledger, before, clocks)
    if opened:
        says["opened"] = tuple(each.number for each in opened)
    sealed = sealed_for(ledger, case.number, decision.seals)
    if sealed:
        says |= {"sealed": digests(sealed), "sealed_to": ledger.custodian.id}
    if says:
        event = event.replace(**says)
    entry = acting.entry(
        case,
        event,
        to_state=decision.state,
        clearance=decision.clearance,
    )
    terms = rules.shapes.terms(before, clocks) if is_out or decision.applies else None
    after = write_entry(ledger, case, entry, fields=decision.fields, seals=sealed, terms=terms)
    follow_one(ledger, case, decision)
    clock_rows.write(store, clocks)
    moved = (decision.state, decision.clearance) != (case.state, case.clearance) or decision.parent is not None
    if case.parent_id is not None and (moved or decision.fields != case.fields):
        _tell_parent(acting, after, seen=decision.parent, moved=moved)
    return _read_by_newly_named(acting, case, after)


def _read_by_newly_named(acting: Acting, before: Case, after: Case) -> Case:
    """Let officers read a restricted case who have just been named in a field that its workflow says."""
    readers = few.newly_named(acting, acting.ledger.rules_of(before).workflow, before, after.fields)
    if not readers:
        return after
    entry = acting.entry(after, CaseRestricted(to=readers, reason=few.DECLARED), to_state=after.state)
    found = write_entry(acting.ledger, after, entry, fields=after.fields, seals={})
    few.keep_restricted(acting, {after.id: readers})
    return found


def clocks_after(acting: Acting, case: Case, decision: Decision, clocks: Sequence[Clock]) -> tuple[Clock, ...]:
    """Return the deadlines that a decision starts, ends, stops or moves, at the instant its journal row will bear.

    Raises:
        RefusedError: If it would give more time to a term than it may.
    """
    ledger = acting.ledger
    workflow = ledger.rules_of(case).workflow
    refuse_more_time(acting, workflow, case, decision, clocks)
    return after_change(
        workflow,
        decision.state,
        counts_from(ledger, case, decision.fields),
        decision.applies,
        as_lifted(ledger, workflow, case, decision, clocks),
        came_from=case.state,
        case_id=case.id,
        now_at=acting.stamp(case),
        calendar=ledger.calendar_of(case.unit_id),
        ran_out=decision.event.ran_out if isinstance(decision.event, StepTaken) else None,
    )


def _cancelled(clock: Clock, *, at: int, calendar: Calendar) -> Clock:
    """Return a clock of a case that is void or repeats another; its lateness stays on record."""
    return recorded(clock, ended(clock, Status.CANCELLED, at=at), now_at=at, calendar=calendar)


def counts_from(ledger: Ledger, case: Case, fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return the values that deadlines count from: with the earlier receipt, if a repeat lent the case one."""
    dated_by = ledger.rules_of(case).workflow.dated_by
    if str(fields.get(dated_by, "")) <= case.dated_on:
        return fields
    return {**fields, dated_by: case.dated_on}


def sealed_for(ledger: Ledger, number: str, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return values sealed for the case of that number, as ciphertext; so that the journal can bear their digests."""
    if not values:
        return values
    from engine.operations.ledger.sealed_once import sealed

    key = ledger.custodian
    seals = None if ledger.evidence is None else ledger.evidence.seals
    return {name: sealed(seals, key, case=number, field=name, value=value) for name, value in values.items()}


def write_entry(
    ledger: Ledger,
    case: Case,
    entry: JournalEntry,
    *,
    fields: Mapping[str, object],
    seals: Mapping[str, str],
    terms: int | None = None,
) -> Case:
    """Write one journal row and the case as it leaves it; inside `begin`.

    Args:
        seals: The values that it seals, as ciphertext.
        terms: How the terms of the case stand then, as `Shapes.terms` says; None if no deadline changes with it.

    Raises:
        ConflictError: If someone else changed the case since it was read.
    """
    store = ledger.store
    state, clearance = entry.to_state or case.state, entry.clearance
    shapes = ledger.rules_of(case).shapes
    # The case goes first: of two writers the second finds its revision gone here, before a row of theirs is written.
    case_rows.update_one(
        store,
        case,
        state=state,
        clearance=clearance,
        fields=fields,
        entry=entry,
        shaping=shapes.change(
            None if fields is case.fields else fields, terms, was_counted=case.clearance, counted=clearance
        ),
        otherwise=lambda: overtaken(ledger, case),
    )
    case_rows.append(store, [entry])
    if seals:
        _keep_sealed(ledger, [(case.id, entry.seq, seals)])
    return case._replace(
        state=state,
        clearance=clearance,
        fields=fields,
        changed_at=entry.at,
        revision=entry.seq,
        head=entry.hash,
    )


def write_openings(
    acting: Acting,
    openings: Sequence[CaseOpening],
    *,
    parent: Case | None = None,
    file: Mapping[str, str] | None = None,
    beginnings: Beginnings | None = None,
) -> tuple[Case, ...]:
    """Number and write new cases with their first journal row; inside `begin`.

    Args:
        file: The ledger that they come from: name and digest.
        beginnings: What is remembered of cases opened before; for thousands of them.
    """
    if not openings:
        return ()
    ledger, now_at = acting.ledger, acting.now_at
    store = ledger.store
    begun = beginnings or Beginnings(acting, remembering=False)
    opened: list[Case] = []
    entries, sealed, restricted = [], [], dict[int, tuple[str, ...]]()
    shapes: list[int] = []
    asked, clocks = list[QuestionRecord](), list[Clock]()
    ids, numbers = ids_and_numbers(store, openings, acting.today)
    for workflow in {id(each.rules): each.rules.workflow for each in openings}.values():
        ledger.keep(workflow, now_at)
    for case_id, number, each in zip(ids, numbers, openings, strict=True):
        beginning = begun.of(each, case_id, number, parent=parent)
        secret = sealed_for(ledger, number, each.sealed) if each.sealed else each.sealed
        entry = _first_entry(acting, each, case_id, number, beginning, secret, parent, file=file)
        entries.append(entry)
        if each.legacy is not None:
            entry = _legacy_entry(acting, entry, each.legacy, beginning)
            entries.append(entry)
        if readers := few.readers_at_birth(acting, each):
            restricted[case_id] = readers
            entry = few.restricted_row(acting, entry, readers)
            entries.append(entry)
        opened.append(
            case_begun(each, case_id, number, parent=parent, now_at=now_at, clearance=beginning.clearance, last=entry)
        )
        clocks.extend(beginning.clocks)
        kinds = each.rules.shapes
        shapes.append(kinds.of(opened[-1].fields, kinds.terms((), beginning.clocks)))
        if each.questions:
            asked += questions_asked(case_id, 1, each.questions, state=each.rules.machine.initial)
        if secret:
            sealed.append((case_id, 1, secret))
    case_rows.insert(store, opened, shapes)
    case_rows.append(store, entries)
    named_rows.begin(
        store, ((case.id, each.rules.people(case.fields)) for case, each in zip(opened, openings, strict=True))
    )
    begin_given(ledger, zip(opened, (each.rules for each in openings), strict=True))
    search_rows.begin(store, opened)
    clock_rows.write(store, clocks)
    question_rows.ask(store, asked)
    _keep_sealed(ledger, sealed)
    few.keep_restricted(acting, restricted)
    return tuple(opened)


def births_of(acting: Acting, case: Case, decision: Decision) -> list[CaseOpening]:
    """Return the children that a decision opens, in the unit of their parent.

    Raises:
        RefusedError: If a child would lack a required value.
        BadValueError: If a child would be dated in the future, or before its parent, or a field of it cannot hold
            what an expression came to.
    """
    if not decision.births:
        return []
    unit = house.HouseUnit(id=case.unit_id, code=case.unit, name="", closed_at=None)
    today = acting.today
    # A ledger may have left the receipt open: then nothing says since when.
    since = str(case.fields.get(acting.ledger.rules_of(case).workflow.dated_by, ""))
    found = []
    after = case._replace(state=decision.state, fields=decision.fields)
    for each in decision.births:
        rules = acting.ledger.rules_of_child(case, each.workflow)
        dated_by = rules.workflow.dated_by
        worked = {name: as_stored(rules.workflow, name, each.values[name], today=today) for name in each.computed}
        own = {**each.values, **worked}
        family = Family(parent=after, after=acting.ledger.counting(case.unit_id))
        born, wrong = born_with(rules, own, family=family, by=acting.by, unit=case.unit, today=today)
        given = {dated_by: today.isoformat(), **born, **own}
        values = opening(rules, given, actor=None, unit=case.unit, besides=wrong)
        dated_on = str(values[dated_by])
        refuse_future(rules.workflow, dated_on, today=today)
        refuse_earlier(rules.workflow, dated_on, parent=case.number, since=since)
        found.append(CaseOpening(rules, unit, values, {}, dated_on, own_key(rules, values)))
    return found


def _tell_parent(acting: Acting, child: Case, *, seen: Case | None, moved: bool) -> None:
    """Journal a child's step on its parent too, and count the parent again.

    Values that are corrected are passed on only if the parent counts by its children.

    Args:
        seen: The parent as it was when the step was judged on it.
        moved: The child took a step, or counts otherwise; else only its values have changed.

    Raises:
        ConflictError: If someone else changed the parent since it was seen.
    """
    ledger = acting.ledger
    assert child.parent_id is not None
    parent = case_rows.by_id(ledger.store, child.parent_id)
    # The step was allowed by what its conditions saw of the parent; it stands only while that is so.
    if seen is not None and _differs(ledger, seen, parent):
        raise overtaken(ledger, parent)
    if moved or "children" in ledger.rules_of(parent).asked_of_children:
        _write_on_parent(acting, parent, ChildMoved(child=child.number, workflow=child.workflow, state=child.state))


def write_children(
    acting: Acting, parent: Case, opened: Sequence[Case], *, deadline: str | None = None, rung: int | None = None
) -> Case:
    """Journal on a case that others were opened under it, and count it again; inside `begin`.

    Args:
        deadline: The one whose ladder proposed them; None if officers opened them.
        rung: Of which rung.

    Raises:
        ConflictError: If someone else changed it since it was read.
    """
    numbers = tuple(each.number for each in opened)
    return _write_on_parent(
        acting, parent, ChildrenOpened(opened=numbers, workflow=opened[0].workflow, deadline=deadline, rung=rung)
    )


def _write_on_parent(acting: Acting, parent: Case, event: ChangingEvent) -> Case:
    """Journal on a case what became of its children; what it gathers of them, and how it counts, follows them."""
    ledger = acting.ledger
    rules = ledger.rules_of(parent)
    family = ledger.family(parent, rules.asked_of_children)
    collected = gathered(parent.fields, rules.gathering, family.children)
    fields = {k: v for k, v in {**parent.fields, **collected}.items() if v is not None}
    scope = rules.scope(parent, fields, family, by=acting.by, today=acting.today)
    clearance = parent.clearance if parent.clearance > Count.FULLY_CLOSED else int(rules.count(parent.state, scope))
    event = event.replace(
        set={k: v for k, v in collected.items() if v is not None},
        was={k: parent.fields[k] for k in collected if k in parent.fields},
    )
    decision = Decision(event, parent.state, fields, clearance, rules.applies(scope))
    return write_decision(acting, parent, decision)


def _differs(ledger: Ledger, seen: Case, now: Case) -> bool:
    """Say whether what a child's step may be judged on has changed; what other children passed on has not."""
    if seen.revision == now.revision:
        return False
    kept = (seen.state, seen.fields) == (now.state, now.fields)
    return not kept or case_rows.has_moved(ledger.store, now.id, after=seen.revision)


def _first_entry(
    acting: Acting,
    prepared: CaseOpening,
    case_id: int,
    number: str,
    beginning: Beginning,
    sealed: Mapping[str, str],
    parent: Case | None,
    *,
    file: Mapping[str, str] | None,
) -> JournalEntry:
    """Return the journal row that opens a case, in its initial state; a ledger's own state follows in another."""
    initial = prepared.rules.machine.initial
    begins_here = prepared.legacy is None
    deadlines = beginning.deadlines if begins_here else None
    event = first_event(
        prepared, parent=parent, file=file, deadlines=deadlines, sealed=digests(sealed) if sealed else None
    )
    if sealed:
        event = event.replace(sealed_to=acting.ledger.custodian.id)
    text = acting.clocked(event).body()
    clearance = beginning.clearance if begins_here else int(Count.OPEN)
    return chained(START, case_id, number, 1, acting.now_at, acting.by, event.kind, None, initial, clearance, text)


def _legacy_entry(acting: Acting, first: JournalEntry, legacy: Legacy, beginning: Beginning) -> JournalEntry:
    """Return the journal row of the state that a ledger says a new case had; it follows the first at once."""
    case_id, case, _, at, by = first[:5]
    event = legacy.event.replace(deadlines=beginning.deadlines)
    text = acting.clocked(event).body()
    clearance, before = beginning.clearance, first.to_state
    return chained(first.hash, case_id, case, 2, at, by, event.kind, before, legacy.state, clearance, text)


def _keep_sealed(ledger: Ledger, wanted: Sequence[tuple[int, int, Mapping[str, str]]]) -> None:
    """Write sealed values: (case id, journal seq, field -> ciphertext)."""
    if not wanted:
        return
    key = ledger.custodian
    sealed_rows.keep_sealed(
        ledger.store,
        [
            SealedRecord(case_id=case_id, field=name, seq=seq, key_id=key.id, ciphertext=text)
            for case_id, seq, sealed in wanted
            for name, text in sealed.items()
        ],
    )
