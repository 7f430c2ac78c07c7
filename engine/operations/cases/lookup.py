"""What is asked of the ledger: one case with its timeline, and lists; writes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from engine.deadlines.clock import Clock
from engine.errors import BadValueError
from engine.journal.chain import JournalEntry
from engine.language import Text
from engine.operations.cases.hands import with_hands
from engine.operations.cases.letter_values import letters_to_record
from engine.operations.cases.open_questions import OpenQuestion, open_questions, questions_of_workflow
from engine.operations.figures.prefilling import register_says
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count, Family, NextStep
from engine.rules.likely import lies_elsewhere, likely_first
from engine.rules.transitions import steps
from engine.store import case_rows, clock_rows, question_rows, signature_rows
from engine.store.case_columns import AskedSignatureRecord, AttachedFile
from engine.store.connection import Store
from engine.workflow.frozen_struct import FrozenStruct

Shown = TypeVar("Shown")
AT_ONCE = 100
"""Cases that a list reads at once: a page shows half as many, and asks for no more."""


class CaseView(FrozenStruct, frozen=True, kw_only=True):
    """All that is shown of one case."""

    case: Case
    deadlines: tuple[Clock, ...]
    timeline: tuple[JournalEntry, ...]
    """Oldest first."""
    steps: tuple[NextStep, ...]
    children: tuple[Case, ...]
    parent: Case | None
    goes_on_in: tuple[Case, ...]
    """Its open children, if the work lies in them and not in a step of its own."""
    first: Case | None
    """The case that this one repeats."""
    repeats: tuple[Case, ...]
    attachments: tuple[AttachedFile, ...]
    uncleared: tuple[Text, ...]
    """What keeps it from counting as cleared though its state would allow it."""
    questions: tuple[OpenQuestion, ...]
    """What ledgers left unclear, and nobody has answered yet."""
    register: Mapping[str, object]
    """What the register says today of the figures that its next step takes, by field."""
    asked: tuple[AskedSignatureRecord, ...]
    """The signatures that were asked for and stand."""


def view(ledger: Ledger, number: str, *, now: datetime) -> CaseView:
    """Return one case as nobody in particular sees it: what can be done next is the same for all.

    Raises:
        NotFoundError: If there is no such case.
    """
    return view_for(Acting(ledger, "", now), number)


def view_for(acting: Acting, number: str, *, found: Case | None = None) -> CaseView:
    """Return one case with all that happened to it and all that can be done next, the likely step first.

    Of each step it says whether the officer who acts may take it; that is how the likely one is found, too.

    Args:
        found: The case, if it was read just now; what is shown is read once more, all of one moment.

    Raises:
        NotFoundError: If there is no such case, or no such officer.
        RefusedError: If the officer has left.
    """
    ledger, by, now = acting.ledger, acting.by, acting.now
    store = ledger.store
    before = ledger.case(number) if found is None else found
    register = register_says(ledger, ledger.rules_of(before), before, now=now)
    with store.reading(), case_rows.foreseen(store, before.number, _asked_of_a_view(store)):
        case = ledger.case(before.number)
        rules = ledger.rules_of(case)
        wanted: set[str] = set(rules.counting)
        leaving = rules.machine.leaving(case.state)
        for each in leaving:
            wanted |= rules.asks_for(each.trigger)
        timeline = tuple(case_rows.entries(store, case.id))
        family = ledger.family(case, frozenset(wanted), timeline)
        today = acting.today
        scope = rules.scope(case, case.fields, family, by="", today=today)
        is_open = case.clearance == Count.OPEN and case.state in rules.counted
        deadlines = clock_rows.of_case(store, case.id)
        running = sorted(each.name for each in deadlines if each.ended_at is None)
        children = family.children if "children" in wanted else case_rows.children(store, case.id)
        kin = [each.head for each in (*children, *([] if family.parent is None else [family.parent]))]
        judged_by = " ".join(("steps", by, str(today), *running, *kin))
        possible = kept_of(ledger, case, judged_by, lambda: _possible(acting, case, family, timeline, running))
        seen = _seen(ledger, children)
        goes_on = lies_elsewhere(possible) and case.clearance not in {Count.VOID, Count.REPEATS}
        return CaseView(
            case=case,
            deadlines=deadlines,
            timeline=timeline,
            steps=possible,
            children=seen,
            goes_on_in=tuple(each for each in seen if goes_on and _is_open(ledger, each)),
            parent=next(iter(_seen(ledger, [case_rows.by_id(store, case.parent_id)] if case.parent_id else [])), None),
            first=next(iter(_seen(ledger, [case_rows.by_id(store, case.first_id)] if case.first_id else [])), None),
            repeats=_seen(ledger, case_rows.repeats(store, case.id)),
            attachments=tuple(
                each._replace(name=ledger.naming.veiled(each.name)) for each in case_rows.attachments(store, case.id)
            ),
            uncleared=rules.lacking(Count.CLEARED, scope) if is_open else (),
            questions=open_questions(ledger, case),
            register=register,
            asked=tuple(signature_rows.of_case(store, case.id)),
        )


def _is_open(ledger: Ledger, case: Case) -> bool:
    """Say whether a case still takes steps."""
    return case.clearance not in {Count.VOID, Count.REPEATS} and not ledger.rules_of(case).workflow.is_final(case.state)


def _possible(
    acting: Acting, case: Case, family: Family, timeline: Sequence[JournalEntry], running: Collection[str]
) -> tuple[NextStep, ...]:
    """Return all that can be done next, the likely step first.

    Args:
        running: Names of the deadlines that run.
    """
    ledger, by, rules = acting.ledger, acting.by, acting.ledger.rules_of(case)
    known = {name for each in letters_to_record(timeline)[-1:] for name in each.brings}
    possible = steps(rules, case, family, today=acting.today, by=by, known=known)
    if not possible:
        return possible
    ways = rules.machine.leading_on(case.state, family.came_from)
    possible = with_hands(ledger, case, family, ways, possible)
    actor = ledger.actor(by, case.unit_id) if by else None
    return likely_first(rules, case, family, possible, actor=actor, running=running)


def kept_of(ledger: Ledger, case: Case, what: str, make: Callable[[], Shown]) -> Shown:
    """Return what is shown of a case; what was made before, where that is kept and case and house stand as they did.

    Who may see it is for the caller to ask each time, of the case.

    Args:
        what: What it is, with all else that it depends on: the officer, the day, the language, other cases.
    """
    kept = ledger.store.cases
    return make() if kept is None or ledger.store.is_writing else kept.page(case, what, make)


def _asked_of_a_view(store: Store) -> list[str]:
    """Return what a view asks by the id of the case, so that a server answers all of it at once."""
    by_id = (
        case_rows.TIMELINE,
        clock_rows.OF_CASE,
        case_rows.CHILDREN,
        case_rows.REPEATS,
        case_rows.FILES,
        signature_rows.OF_CASE,
    )
    return [*by_id, question_rows.of_case_asks(store)]


def _seen(ledger: Ledger, cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return those of some related cases that the reader may read."""
    return tuple(filter(ledger.sees, cases))


def number_meant(ledger: Ledger, typed: str) -> str:
    """Return the number of the one case that *typed* fits, with parts left out: 3, 2019-3, 0102-3; else *typed*.

    The last part must be there; leading zeros do not count.

    Raises:
        BadValueError: If it fits several; five of them are named.
    """
    wanted = _parts(typed)
    like = case_rows.numbers_like(ledger.store, wanted[-1])
    found = [each for each in like if _fits(wanted, _parts(each)) and ledger.sees_number(each)]
    if typed in found:
        return typed
    if len(found) > 1:
        raise BadValueError(
            Text(
                "{typed} fits {n} numbers; write more of it: {which}", "{typed} 对应 {n} 个编号，请多写几位：{which}"
            ).format(n=len(found), typed=typed, which=", ".join(found[:5]) + ("…" if len(found) > 5 else ""))
        )
    return found[0] if found else typed


def cases_numbered(ledger: Ledger, numbers: Iterable[str]) -> dict[str, Case]:
    """Return those of the cases with some numbers that there are, and that the reader may read; by number."""
    found = case_rows.by_numbers(ledger.store, list(dict.fromkeys(numbers)))
    return {number: case for number, case in found.items() if ledger.sees(case)}


def _parts(number: str) -> list[str]:
    """Return the parts of a number as they are compared."""
    return [each.lstrip("0") or "0" if each.isdecimal() else each.upper() for each in number.split("-")]


def _fits(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    """Say whether *wanted* is *parts* with some left out, though not the last."""
    rest = iter(parts)
    return wanted[-1] == parts[-1] and all(each in rest for each in wanted)


def list_cases(
    ledger: Ledger,
    workflow: str,
    *,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = False,
    where: str | None = None,
    words: str | None = None,
    after: str | None = None,
    now: datetime,
) -> Iterator[Case]:
    """Yield the cases of a workflow that match, in order of registration.

    Args:
        where: Expression over the fields, as in a declaration.
        words: Each of them must stand in a value that is not sealed.
        after: Only what follows the case with this number.

    Raises:
        BadValueError: If the expression is not sound, or the words hold no letter.
        NotFoundError: If there is no such workflow, unit, or case to follow.
    """
    from engine.operations.cases.bulk import selection

    ledger.rules(workflow)
    after_id = 0 if after is None else ledger.case(after).id
    chunks = selection(
        Acting(ledger, "", now), workflow, where=where, unit=unit, state=state, open_only=open_only, words=words,
        after_id=after_id, chunk=AT_ONCE,
    )  # fmt: skip
    for chunk in chunks:
        yield from chunk


def list_asked(
    ledger: Ledger,
    workflow: str,
    *,
    unit: str | None = None,
    state: str | None = None,
    open_only: bool = False,
    where: str | None = None,
    words: str | None = None,
    now: datetime,
) -> Iterator[tuple[Case, tuple[OpenQuestion, ...]]]:
    """Yield the cases of a workflow on which questions stand, with these; narrowed as by `list_cases`.

    Raises:
        RefusedError: If the expression is not sound.
        NotFoundError: If there is no such workflow or unit.
    """
    ledger.rules(workflow)
    asked = questions_of_workflow(ledger, workflow)
    if where is not None or words is not None:
        narrowed = list_cases(
            ledger, workflow, unit=unit, state=state, open_only=open_only, where=where, words=words, now=now
        )
        yield from ((each, asked[each.id]) for each in narrowed if each.id in asked)
        return
    unit_id = None if unit is None else ledger.unit(unit).id
    cases = case_rows.by_ids(ledger.store, sorted(asked))
    for case_id in sorted(asked):
        case = cases[case_id]
        fits = unit_id in {None, case.unit_id} and state in {None, case.state}
        if fits and not (open_only and case.clearance != Count.OPEN):
            yield case, asked[case_id]


def timeline_of(ledger: Ledger, case: Case) -> list[JournalEntry]:
    """Return the journal rows of a case that was read just now, oldest first."""
    return case_rows.entries(ledger.store, case.id)


def log(
    ledger: Ledger, number: str | None = None, *, since: datetime | None = None, kind: str | None = None
) -> Iterator[JournalEntry]:
    """Yield journal rows, oldest first: of one case, or of all cases and the house.

    Raises:
        NotFoundError: If there is no such case.
    """
    from engine.working_days.instants import microseconds

    since_at = 0 if since is None else microseconds(since)
    if number is None:
        yield from case_rows.all_entries(ledger.store, since=since_at, kind=kind)
        return
    for entry in case_rows.entries(ledger.store, ledger.case(number).id):
        if entry.at >= since_at and kind in {None, entry.kind}:
            yield entry
