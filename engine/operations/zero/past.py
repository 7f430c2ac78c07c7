"""Cases as they stood at the end of a past day, rebuilt from the journal alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from engine.campaigns.campaign import LiveExtension
from engine.deadlines.acts import day_of, moment_of
from engine.deadlines.clock import Status
from engine.expressions.evaluate import compile_expression, names
from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    QuestionClosed,
    RowKept,
    StepTaken,
)
from engine.journal.events import legible_of_case
from engine.journal.journaled_deadline import JournaledDeadline
from engine.journal.ledger_row import STATE
from engine.journal.migration_events import CaseMigrated
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count, Family, doers_of
from engine.store import case_rows, history_rows, zero_rows
from engine.store import house_rows as house
from engine.store.past_columns import PastEntry
from engine.workflow.model import Workflow
from engine.working_days.instants import local_day

CHUNK = 500
"""Cases rebuilt together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDeadline:
    """A deadline as the journal last wrote of it."""

    name: str
    status: Status
    due_on: str
    original_due_on: str
    extended: int
    """How often."""
    noted_at: int
    """When the journal last wrote of it; of one that was met or ceased to be required, when."""
    due_at: int | None
    """Of a term in hours, the instant."""
    original_due_at: int | None
    """Of a term in hours, the instant that the original day stands for."""
    met_on: str | None
    """Local date or moment of the act that met it; None in rows of older versions: the row's own day stands for it."""
    theirs: bool = False
    """It is the other side's time: it never counts as kept or late here."""

    def was_kept(self, zone: str) -> bool:
        """Say whether it was met by its original day, or instant."""
        if self.original_due_at is not None:
            exact = None if self.met_on is None else moment_of(self.met_on, zone)
            return (self.noted_at if exact is None else exact) <= self.original_due_at
        return day_of(self.met_on or local_day(self.noted_at, zone).isoformat()) <= self.original_due_on

    def judged(self, *, day: date, zone: str, at: int | None = None) -> bool | None:
        """Say whether we kept it, as `held` does; None of the other side's time, which nobody here keeps."""
        return None if self.theirs else self.held(day=day, zone=zone, at=at)

    def held(self, *, day: date, zone: str, at: int | None = None) -> bool | None:
        """Say whether it was kept by its original day or instant, whosever it is; None while nothing can be said of it.

        What rests, runs or is lifted past that day without its act was not kept, whatever moved it since.

        Args:
            day: Local date as of which it is asked.
            at: The instant as of which a term in hours is asked; None to ask by its day.
        """
        if self.status is Status.MET:
            return self.was_kept(zone)
        if self.status is Status.LIFTED:
            return None if self.was_kept(zone) else False
        if self.status is Status.CANCELLED:
            return None
        if at is not None and self.original_due_at is not None:
            return False if self.original_due_at < at else None
        return False if self.original_due_on < day.isoformat() else None

    def is_overdue(self, *, day: date, at: int) -> bool:
        """Say whether it is late, and ours."""
        return not self.theirs and self.is_past(day=day, at=at)

    def is_past(self, *, day: date, at: int) -> bool:
        """Say whether it runs and is past its day on *day*, or past its instant at *at*, whosever it is."""
        if self.status is not Status.RUNNING:
            return False
        return self.due_at < at if self.due_at is not None else self.due_on < day.isoformat()


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """A case as it stood."""

    case: Case
    terms: tuple[PastDeadline, ...]
    doers: Mapping[str, frozenset[str]]
    moves: tuple[tuple[str, str], ...]
    """Trigger and officer of each step, in their order."""
    came_from: str | None
    """The state from which a step last led it into the one where it stood; None if none did."""
    was_counted: bool
    """It counted as cleared before, and counts as open now."""
    came_back: bool
    """It counted as cleared and then as open again (回流), whatever it counts as now."""
    asked: frozenset[str] = frozenset()
    """Fields, or `state`, on which a question was open."""
    noted: Mapping[str, int] = field(default_factory=dict)
    """When the journal first wrote of the values that stand in the fields, corrections apart."""

    @property
    def granted(self) -> tuple[LiveExtension, ...]:
        """The extensions of the newest round of each deadline, whether it was met since or not."""
        newest = {each.name: each for each in self.terms}
        return tuple(
            LiveExtension(deadline=each.name, due_on=each.due_on)
            for each in newest.values()
            if each.extended and each.status is not Status.CANCELLED
        )

    @property
    def extensions(self) -> tuple[LiveExtension, ...]:
        """The live deadlines that were extended."""
        return tuple(
            LiveExtension(deadline=each.name, due_on=each.due_on)
            for each in self.terms
            if each.extended and each.status in {Status.RUNNING, Status.PAUSED}
        )

    @property
    def due_on(self) -> str | None:
        """The earliest day on which something of ours that runs is due."""
        ours = (each.due_on for each in self.terms if each.status is Status.RUNNING and not each.theirs)
        return min(ours, default=None)


def day_bound(workflow: Workflow) -> frozenset[str]:
    """Return the states in which the passing of days alone may change how a case counts.

    A condition that looks at today is asked with nothing but the state: where the state alone decides,
    no day can change it. Where it is not sure of that, a state is among them: its cases are counted once more, alike.
    """
    found: set[str] = set()
    for rule in (workflow.cleared, workflow.fully_closed):
        for guard in rule.when:
            if "today" in guard.expression and "today" in names(guard.expression):
                expression = compile_expression(guard.expression)
                found |= {state for state in rule.states if not expression.is_settled_by({"state": state})}
    return frozenset(found)


def watched(ledger: Ledger, workflow: str) -> tuple[str, ...]:
    """Return the states of all versions in use in which days alone may change how a case counts."""
    found: set[str] = set()
    for version in zero_rows.versions(ledger.store, workflow):
        found |= day_bound(ledger.rules(workflow, version).workflow)
    return tuple(sorted(found))


def rebuilt(ledger: Ledger, case_ids: Sequence[int], *, end_at: int, day: date) -> Iterator[Past]:
    """Yield cases as they stood at the end of a local day, in the order of *case_ids*, counted as of that day.

    Args:
        end_at: The end of the day, in microseconds since 1970 UTC.
    """
    bound: dict[tuple[str, int], frozenset[str]] = {}
    for start in range(0, len(case_ids), CHUNK):
        replayed = _replayed(ledger, case_ids[start : start + CHUNK], end_at=end_at)
        stale: list[Past] = []
        for each in replayed.values():
            key = (each.case.workflow, each.case.version)
            if key not in bound:
                bound[key] = day_bound(ledger.rules(*key).workflow)
            if each.case.state in bound[key] and each.case.clearance <= Count.FULLY_CLOSED:
                stale.append(each)
        families = families_of(ledger, stale, end_at=end_at)
        for each in stale:
            case, rules = each.case, ledger.rules_of(each.case)
            scope = rules.scope(case, case.fields, families[case.id], by="", today=day)
            counted = case._replace(clearance=int(rules.count(case.state, scope)))
            lapsed = counted.clearance == Count.OPEN and case.clearance != Count.OPEN
            replayed[case.id] = replace(
                each,
                case=counted,
                was_counted=counted.clearance == Count.OPEN and (each.was_counted or lapsed),
                came_back=each.came_back or lapsed,
            )
        yield from (replayed[case_id] for case_id in case_ids[start : start + CHUNK] if case_id in replayed)


def families_of(ledger: Ledger, cases: Sequence[Past], *, end_at: int) -> dict[int, Family]:
    """Return children, parent and doers of cases as they stood at the end of the same day."""
    if not cases:
        return {}
    store = ledger.store
    children = zero_rows.children_of(store, [each.case.id for each in cases], end_at=end_at)
    parents = [each.case.parent_id for each in cases if each.case.parent_id is not None]
    wanted = sorted({*parents, *(child for found in children.values() for child in found)})
    known: dict[int, Past] = {}
    for start in range(0, len(wanted), CHUNK):
        known |= _replayed(ledger, wanted[start : start + CHUNK], end_at=end_at)
    found = {}
    for each in cases:
        parent = known.get(each.case.parent_id) if each.case.parent_id is not None else None
        found[each.case.id] = Family(
            children=tuple(known[child].case for child in children.get(each.case.id, ()) if child in known),
            parent=parent.case if parent else None,
            doers=each.doers,
            parent_doers=parent.doers if parent else {},
            moves=each.moves,
            parent_moves=parent.moves if parent else (),
            came_from=each.came_from,
            after=ledger.counting(each.case.unit_id),
        )
    return found


def change_values(fields: dict[str, object], event: CaseEvent) -> Iterable[str]:
    """Change the values of a case as one row of its journal says; return the fields that it brought values to."""
    for name in event.replaced:
        fields.pop(name, None)
    brought = {name: value for name, value in event.brought.items() if value is not None}
    fields.update(brought)
    return brought


def receipt_after(event: CaseEvent, dated_by: str) -> str | None:
    """Return the local date from which a case counts after a row; None if the row does not say.

    Args:
        dated_by: The field of receipt; corrections of it were once journaled without what the case counts from.
    """
    if event.receipt is None and isinstance(event, CaseAmended) and dated_by in event.set:
        return str(event.set[dated_by])
    return event.receipt


def _replayed(ledger: Ledger, case_ids: Sequence[int], *, end_at: int) -> dict[int, Past]:
    """Return the cases that were there before *end_at*, as their journal tells."""
    rows = zero_rows.rows_of(ledger.store, case_ids, end_at=end_at)
    known = case_rows.by_ids(ledger.store, list(rows))
    return {case_id: replay(ledger, known[case_id], rows[case_id]) for case_id in rows}


def _held_by(ledger: Ledger, case: Case, unit: str) -> Case:
    """Return the case as one of the unit that held it then; it may have been handed over since."""
    found = None if unit == case.unit else house.unit(ledger.store, unit)
    return case if found is None else case._replace(unit_id=found.id, unit=found.code)


def replay(ledger: Ledger, case: Case, rows: Sequence[PastEntry]) -> Past:
    """Return a case as the rows of its journal leave it, taking nothing from it that changes."""
    fields: dict[str, object] = {}
    terms: dict[tuple[str, int], PastDeadline] = {}
    moves: list[tuple[str, str]] = []
    stood, came_from = None, None
    dated_on, version, was_counted, came_back = case.dated_on, case.version, False, False
    dated_by = ledger.rules_of(case).workflow.dated_by
    clearance, unit = int(Count.OPEN), case.unit
    asked: dict[str, str | None] = {}
    noted: dict[str, int] = {}
    for entry in rows:
        was_counted = was_counted or clearance in {Count.CLEARED, Count.FULLY_CLOSED}
        clearance = entry.clearance
        came_back = came_back or (was_counted and clearance == Count.OPEN)
        event = legible_of_case(entry.kind, entry.body)
        brought = dict.fromkeys(change_values(fields, event), entry.at)
        noted |= brought | noted if isinstance(event, CaseAmended) else brought
        dated_on = receipt_after(event, dated_by) or dated_on
        _note_questions(asked, event, entry.to_state)
        if isinstance(event, CaseOpened | CaseHandedOver):
            unit = event.unit
        if isinstance(event, CaseOpened):
            version = event.version
        elif isinstance(event, StepTaken):
            moves.append((event.trigger, entry.by))
        elif isinstance(event, CaseMigrated):
            version, moves = event.version, history_rows.renamed(moves, event.triggers)
            stood, came_from = entry.to_state, came_from and event.states.get(came_from, came_from)
        if entry.to_state != stood:
            stood, came_from = entry.to_state, stood if isinstance(event, StepTaken) else None
        for name, now in event.deadlines.items():
            terms[name, now.round] = _term(name, now, terms.get((name, now.round)), at=entry.at)
    last = rows[-1]
    return Past(
        case=_held_by(ledger, case, unit)._replace(
            state=last.to_state or "",  # every row of a case tells its state
            version=version,
            dated_on=dated_on,
            clearance=clearance,
            fields=fields,
            changed_at=last.at,
            revision=last.seq,
            head=last.hash,
        ),
        terms=_with_whose(ledger.rules(case.workflow, version).workflow, terms.values()),
        doers=doers_of(moves),
        moves=tuple(moves),
        came_from=came_from,
        was_counted=was_counted and clearance == Count.OPEN,
        came_back=came_back,
        asked=_still_asked(asked, last.to_state, fields),
        noted=noted,
    )


def _term(name: str, now: JournaledDeadline, before: PastDeadline | None, *, at: int) -> PastDeadline:
    """Return a deadline as a row leaves it; its first instant is that of its first day, as long as that stands."""
    first_at = now.due_at
    if before is not None and before.original_due_on == now.original_due_on:
        first_at = before.original_due_at
    return PastDeadline(
        name=name,
        status=Status(now.status),
        due_on=now.due_on,
        original_due_on=now.original_due_on,
        extended=now.extended,
        noted_at=now.ceased_at(at),
        due_at=now.due_at,
        original_due_at=first_at,
        met_on=now.met_on,
    )


def _with_whose(workflow: Workflow, terms: Iterable[PastDeadline]) -> tuple[PastDeadline, ...]:
    """Return deadlines with whose time each is, as their workflow's version declares."""
    theirs = {each.name for each in workflow.deadlines.values() if each.is_theirs}
    return tuple(replace(each, theirs=True) if each.name in theirs else each for each in terms)


def _still_asked(asked: Mapping[str, str | None], stands: str | None, fields: Mapping[str, object]) -> frozenset[str]:
    """Return on what a question is open: nothing that was answered since."""
    return frozenset(
        name for name, state in asked.items() if (state == stands if name == STATE else fields.get(name) is None)
    )


def _note_questions(asked: dict[str, str | None], event: CaseEvent, state: str | None) -> None:
    """Note what one row asks, with the state that it leaves the case in, or closes."""
    if isinstance(event, CaseOpened | RowKept):
        for each in event.questions:
            asked[each.field] = state
    elif isinstance(event, QuestionClosed):
        asked.pop(event.field, None)
