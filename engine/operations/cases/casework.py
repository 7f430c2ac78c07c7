"""What officers do with one case: open, advance, amend, note, attach, void, link."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from engine.errors import BadValueError, RefusedError
from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseLinked,
    CaseRepeated,
    FileAttached,
    NoteWritten,
)
from engine.language import Text
from engine.operations.cases.amending import write_amendment
from engine.operations.cases.attachments import content_of, keeping
from engine.operations.cases.batch_errors import placed
from engine.operations.cases.cancelling import asked_ahead
from engine.operations.cases.commit import (
    Outcome,
    write_children,
    write_decision,
    write_openings,
)
from engine.operations.cases.deciding import decided
from engine.operations.cases.hands import refuse_strangers
from engine.operations.cases.numbering import hold_series
from engine.operations.cases.open_questions import asked_fields
from engine.operations.cases.opening import CaseOpening, first_event
from engine.operations.cases.preparing import begun_on_trial, opened_by_hand
from engine.operations.cases.repetition import correction_repeated, note_repeated, step_repeated
from engine.operations.cases.stepping import commit_step, on_trial
from engine.operations.cases.uniqueness import refuse_taken
from engine.operations.cases.value_checks import checked_values, objections
from engine.operations.cases.voiding import signed_voiding
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import refuse_words
from engine.operations.ledger.hand_clock import refuse_hand_clock
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.overtaken import overtaken
from engine.operations.ledger.reasons import reason_given, shown_as_typed
from engine.rules.amendments import amendment, may_amend
from engine.rules.case import Case, Count, Decision, as_it_is
from engine.rules.readers import is_blank
from engine.store import case_rows, clock_rows, signature_rows
from engine.workflow.deed_words import VOIDING
from engine.working_days.instants import microseconds

LONGEST_NOTE = 20_000
"""Characters."""


def open_case(
    acting: Acting,
    workflow: str,
    values: Mapping[str, object],
    *,
    unit: str,
    under: str | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Register a new case and give it its number (逐件编号登记, S2 二(一)).

    Args:
        values: As typed; they are checked. A sealed one is sealed before it is written.
        unit: Code of the unit that the case belongs to.
        under: Number of the case that it is opened under; None if it stands alone.

    Raises:
        BadValueError: If values are not what the fields hold; all are named.
        RefusedError: If the officer may not, or required values are missing.
        NotFoundError: If there is no such workflow or unit.
    """
    (outcome,) = open_cases(acting, workflow, [(unit, values)], under=under, dry_run=dry_run)
    return outcome


def open_cases(
    acting: Acting,
    workflow: str,
    wanted: Sequence[tuple[str, Mapping[str, object]]],
    *,
    under: str | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Register new cases in one commit: all of them or none.

    Args:
        wanted: Of each case, the code of its unit and its values as typed.
        under: Number of the case that all of them are opened under; its journal says so as well, so that what
            was judged on it is still true as they are written.

    Raises:
        QinglingError: As `open_case` does, with the place in the list if there are several.
        ConflictError: If someone else changed the case that they are opened under.
    """
    ledger = acting.ledger
    parent = None if under is None else ledger.case(under)
    rules = ledger.rules(workflow) if parent is None else ledger.rules_of_child(parent, workflow)
    prepared = []
    for place, (unit, values) in enumerate(wanted, start=1):
        with placed(place, len(wanted)):
            prepared.append(opened_by_hand(acting, rules, unit, values, parent=parent))
    if dry_run:
        cases = []
        for place, each in enumerate(prepared, start=1):
            with placed(place, len(wanted)):
                cases.append(begun_on_trial(acting, each, parent=parent))
    else:
        with ledger.store.begin():
            cases = _written(acting, prepared, parent=parent)
            if parent is not None:
                write_children(acting, parent, cases)
    return [_registered(case, each) for case, each in zip(cases, prepared, strict=True)]


def _written(acting: Acting, prepared: Sequence[CaseOpening], *, parent: Case | None) -> list[Case]:
    """Write new cases; return them as they were asked for; inside `begin`.

    Of two lists of the same units one waits for the other before it takes a number.
    """
    if len({each.unit.code for each in prepared}) > 1:
        once = any(each.rules.unique.intersection(each.values) for each in prepared)
        hold_series(acting.ledger.store, (each.rules.workflow for each in prepared), gives_once=once)
    opened: list[Case] = []
    for place, each in enumerate(prepared, start=1):
        with placed(place, len(prepared)):
            refuse_taken(acting.ledger, each.rules, each.values)
            opened += write_openings(acting, [each], parent=parent)
    return opened


def _registered(case: Case, prepared: CaseOpening) -> Outcome:
    """Return the outcome of a registration."""
    initial = prepared.rules.machine.initial
    decision = Decision(first_event(prepared), initial, prepared.values, case.clearance, seals=prepared.sealed)
    return Outcome(case=case, decision=decision)


def advance(
    acting: Acting,
    number: str,
    trigger: str,
    values: Mapping[str, object],
    *,
    given_at: datetime | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Take one step with one case, if its rules allow it.

    Args:
        values: What the step brings, as typed.
        given_at: When the command was given. If the step is refused and someone changed the case after
            that, the refusal says so as a conflict, because what the officer saw is no longer true.

    Raises:
        RefusedError: If the step may not happen; every reason is named, nothing is written.
        ConflictError: If someone else changed the case first; nothing is written. For `Acting.as_seen` it bears
            what they did.
        NotFoundError: If there is no such case or trigger.
        BadValueError: If values are not what the fields hold.
    """
    ledger = acting.ledger
    # What is read before the commit is guarded in it: whatever changes a deadline moves its case's revision on.
    asked = (clock_rows.OF_CASE, case_rows.LETTERS, *asked_ahead(ledger.store))
    with case_rows.foreseen(ledger.store, number, asked):
        case = ledger.case(number)
        done = step_repeated(acting, case, trigger, values)
        if done is not None:
            return done
        acting.refuse_overtaken(case)
        try:
            decision = decided(acting, case, trigger, values)
        except RefusedError as refused:
            if given_at is not None and case.changed_at > microseconds(given_at):
                raise overtaken(ledger, case) from refused
            raise
        if dry_run:
            return on_trial(acting, case, decision)
        return commit_step(acting, case, decision)


def amend(acting: Acting, number: str, values: Mapping[str, object], *, reason: str) -> Outcome:
    """Correct values outside a step; the old ones, who and why stay in the journal.

    Raises:
        RefusedError: If the officer may not, or a field is written by steps only.
        BadValueError: If there is no reason or a value is wrong.
    """
    values = acting.ledger.naming.unveiled(values, acting.ledger.case(number).fields)
    done = correction_repeated(acting, number, values, reason=reason)
    if done is not None:
        return done
    with acting.ledger.store.begin():
        return write_correction(acting, number, values, reason=reason)


def write_correction(acting: Acting, number: str, values: Mapping[str, object], *, reason: str) -> Outcome:
    """Correct values as `amend` does, inside `begin` of the caller.

    Raises:
        QinglingError: As for `amend`; nothing was written.
    """
    ledger = acting.ledger
    case = acting.case(number)
    rules = ledger.rules_of(case)
    today = acting.today
    values = ledger.naming.unveiled(values, case.fields)
    checked = checked_values(acting, rules, values, unit=case.unit, case=case)
    actor = acting.actor(case.unit_id)
    besides = objections(ledger, rules, checked, unit_id=case.unit_id, case_id=case.id)
    family = ledger.family(case, rules.asks_to_amend)
    asked = asked_fields(ledger, case)
    fields = amendment(rules, case, checked, actor=actor, family=family, today=today, besides=besides, asked=asked)
    event = CaseAmended(
        reason=reason_given(reason),
        set={k: v for k, v in fields.items() if case.fields.get(k) != v},
        was={k: v for k, v in case.fields.items() if fields.get(k) != v},
    )
    sealed = {k: str(v) for k, v in checked.items() if k in rules.sealed and v is not None}
    return write_amendment(acting, rules, case, fields, event, sealed=sealed)


def note(acting: Acting, number: str, words: str) -> Outcome:
    """Write a remark into the case's journal.

    Raises:
        RefusedError: If the officer has no role in the unit and is not named in the case.
        BadValueError: If there are no words, or too many.
    """
    done = note_repeated(acting, number, words)
    if done is not None:
        return done
    with acting.ledger.store.begin():
        return write_note(acting, number, words)


def write_note(acting: Acting, number: str, words: str) -> Outcome:
    """Write a remark as `note` does, inside `begin` of the caller.

    Raises:
        QinglingError: As for `note`; nothing was written.
    """
    case = acting.case(number)
    refuse_strangers(acting, case)
    if is_blank(words) or len(words) > LONGEST_NOTE:
        raise BadValueError(Text(f"a note has 1 to {LONGEST_NOTE} characters", f"备注须为 1 至 {LONGEST_NOTE} 个字符"))
    decision = as_it_is(case, NoteWritten(words=shown_as_typed(words)))
    return Outcome(case=write_decision(acting, case, decision), decision=decision)


def attach(acting: Acting, number: str, file: Path, *, folder: Path, title: str | None = None) -> Outcome:
    """Keep a file with a case, by the hash of its content; the same content is kept once.

    Args:
        folder: Where contents are kept.

    Raises:
        RefusedError: If the officer has no role in the unit and is not named in the case.
        BadFileError: If the file cannot be read, or not kept.
    """
    ledger = acting.ledger
    case = acting.case(number)
    refuse_strangers(acting, case)
    refuse_hand_clock(ledger, acting.now)  # before the content is kept
    refuse_words(FileAttached(name=title or file.name, digest="", size=0), acting.seen)
    content = content_of(file)
    name = title or file.name
    with keeping(ledger, folder, content) as digest:
        decision = as_it_is(case, FileAttached(name=name, digest=digest, size=len(content)))
        with ledger.store.begin():
            after = write_decision(acting, case, decision)
            case_rows.keep_attachment(ledger.store, case.id, after.revision, digest, name, len(content))
    return Outcome(case=after, decision=decision)


def void(acting: Acting, number: str, *, reason: str) -> Outcome:
    """Void a mistaken entry with who and why; it stays, with its number, and counts no more.

    Args:
        reason: Empty for what was signed.

    Raises:
        RefusedError: If the officer may not (after a step few may, and its workflow may demand a signature), or
            children or repeats of the case are not void.
        BadValueError: If there is no reason.
    """
    ledger = acting.ledger
    case = acting.case(number)
    event = signed_voiding(acting, case, reason)
    decision = Decision(event, case.state, case.fields, Count.VOID)
    with ledger.store.begin():
        after = write_decision(acting, case, decision)
        if event.signed is not None:
            signature_rows.end(ledger.store, case.id, [VOIDING])
    return Outcome(case=after, decision=decision)


def link(acting: Acting, number: str, first: str, *, reason: str) -> Outcome:
    """Say that a case repeats an earlier one; the earliest receipt decides the scope it counts in.

    Both arrivals stay on record (W15 第十四条); only the first is acted on and counted.

    Raises:
        RefusedError: If the officer may not in both units, either is void or repeats another, they are of
            different workflows, the case has taken a step of its own, or the first is cleared already.
        BadValueError: If there is no reason.
    """
    ledger = acting.ledger
    case, target = acting.case(number), ledger.case(first)
    may_amend(ledger.rules_of(case), case, actor=acting.actor(case.unit_id))
    reasons = _unlinkable(ledger, case, target)
    if reasons:
        raise RefusedError(Text(f"{number} cannot be linked to {first}", f"{number} 不能关联到 {first}"), reasons)
    own = ledger.rules_of(target)
    may_amend(own, target, actor=acting.actor(target.unit_id))
    dated = target._replace(dated_on=min(case.dated_on, target.dated_on))
    repeat = CaseRepeated(repeat=case.number)
    if dated.dated_on != target.dated_on:
        repeat = repeat.replace(dated_on=dated.dated_on, was_dated_on=target.dated_on)
    today = acting.today
    scope = own.scope(target, target.fields, ledger.family(target, own.counting), by=acting.by, today=today)
    repeated = Decision(repeat, target.state, target.fields, target.clearance, own.applies(scope))
    link = CaseLinked(first=target.number, reason=reason_given(reason))
    decision = Decision(link, case.state, case.fields, Count.REPEATS)
    with ledger.store.begin():
        after = write_decision(acting, case, decision)
        case_rows.mark_repeat(ledger.store, case.id, target.id)
        if dated.dated_on != target.dated_on:
            case_rows.date_back(ledger.store, target.id, dated.dated_on)
        write_decision(acting, dated, repeated)
    return Outcome(case=after, decision=decision)


def _unlinkable(ledger: Ledger, case: Case, target: Case) -> list[Text]:
    """Return why *case* cannot repeat *target*."""
    reasons, first = [], target.number
    if case.id == target.id:
        reasons.append(Text("it cannot repeat itself", "不能与自身重复"))
    if case.workflow != target.workflow:
        reasons.append(Text("they are of different workflows", "两者不属于同一流程"))
    if target.clearance in {Count.VOID, Count.REPEATS}:
        reasons.append(Text(f"{first} is void or repeats another itself", f"{first} 已作废或本身是重复件"))
    if case.clearance == Count.REPEATS:
        reasons.append(Text("it is linked already", "已关联"))
    if case_rows.repeats(ledger.store, case.id):
        reasons.append(Text("others repeat it", "已有其他事项关联到它"))
    if case_rows.children(ledger.store, case.id):
        reasons.append(Text("letters were sent for it", "已有移送件等下属事项"))
    if case_rows.has_moved(ledger.store, case.id):
        reasons.append(Text("it has taken a step of its own; close it by itself", "已单独办理，应单独办结"))
    if target.clearance in {Count.CLEARED, Count.FULLY_CLOSED}:
        reasons.append(
            Text(
                f"{first} is cleared already; the new one is answered by itself",
                f"{first} 已办结，新件应单独办理",
            )
        )
    return reasons


def _record(
    acting: Acting,
    case: Case,
    event: CaseEvent,
    *,
    clearance: int | None = None,
) -> Outcome:
    """Write one journal row that leaves the case's state and values as they are."""
    decision = Decision(event, case.state, case.fields, case.clearance if clearance is None else clearance)
    with acting.ledger.store.begin():
        after = write_decision(acting, case, decision)
    return Outcome(case=after, decision=decision)
