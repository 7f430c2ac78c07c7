"""Reminders for which there was nobody: the office heard of them; who gets the role since hears of them too."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from engine.deadlines.clock import Clock, ladder
from engine.deadlines.ladder import DueRung
from engine.journal.canonical import canonical
from engine.journal.case_events import ReminderSent
from engine.journal.chain import chained
from engine.operations.deadlines.digests import Digests, DueRungs, Hearing
from engine.operations.deadlines.recipients import Recipients
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.outbox_columns import ReminderRef

CHUNK = 500
"""Deadlines per commit."""

_LOOKED = "unheard_looked"
"""Under which name the ledger keeps when this was last looked for: the local day, and which roles were filled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unheard:
    """A deadline that runs, of which a reminder found nobody."""

    number: str
    deadline: str
    lacking: tuple[str, ...]
    """The roles and officer fields that the rungs name."""


def repeat_unheard(acting: Acting, recipients: Recipients, digests: Digests) -> Iterator[Hearing]:
    """Say again, to those who have got the role since, what nobody could hear; yield who hears of each deadline.

    It is looked for when a role has become filled somewhere, and once a day, since a case may have got its officer.
    """
    ledger = acting.ledger
    filled = sha256(canonical({"filled": recipients.filled()}).encode()).hexdigest()
    looked = [acting.today.isoformat(), filled]
    if house.setting(ledger.store, _LOOKED) == looked:
        return
    waiting: dict[int, list[ReminderRef]] = {}
    for ref in outbox.unheard(ledger.store):
        waiting.setdefault(ref.deadline_id, []).append(ref)
    ids = list(waiting)
    for start in range(0, len(ids), CHUNK):
        yield from _repeat(acting, recipients, digests, {each: waiting[each] for each in ids[start : start + CHUNK]})
    with ledger.store.begin():
        house.put_setting(ledger.store, _LOOKED, looked)


def unheard(ledger: Ledger) -> tuple[Unheard, ...]:
    """Return the deadlines that run and of which a reminder has found nobody so far."""
    waiting: dict[int, list[ReminderRef]] = {}
    for ref in outbox.unheard(ledger.store):
        waiting.setdefault(ref.deadline_id, []).append(ref)
    found = []
    ids = list(waiting)
    for start in range(0, len(ids), CHUNK):
        clocks = clock_rows.running(ledger.store, ids[start : start + CHUNK])
        cases = case_rows.by_ids(ledger.store, [each.case_id for each in clocks])
        for clock in clocks:
            case = cases[clock.case_id]
            assert clock.id is not None  # it was read
            due = _due(ledger, case, clock, waiting[clock.id])
            lacking = tuple(dict.fromkeys(name for _, rung, _ in due.rungs for name in rung.to))
            found.append(Unheard(number=case.number, deadline=clock.name, lacking=lacking))
    return tuple(sorted(found, key=lambda each: (each.number, each.deadline)))


def _repeat(
    acting: Acting, recipients: Recipients, digests: Digests, waiting: dict[int, list[ReminderRef]]
) -> list[Hearing]:
    """Repeat what of some deadlines somebody can hear by now, in one commit."""
    ledger, store = acting.ledger, acting.ledger.store
    repeated, entries = [], []
    with store.begin():
        clocks = clock_rows.running(store, list(waiting))
        cases = case_rows.by_ids(store, [each.case_id for each in clocks])
        heard: list[tuple[Clock, DueRungs, tuple[DueRung, ...]]] = []
        for clock in clocks:
            assert clock.id is not None  # it was read
            due = _due(ledger, cases[clock.case_id], clock, waiting[clock.id])
            case = cases[clock.case_id]
            could = tuple(each for each in due.rungs if recipients.of(due.workflow, case, each.rung.to))
            heard.append((clock, due, could))
        claimed = outbox.heard(store, [_ref(clock, each) for clock, _, could in heard for each in could])
        for clock, due, could in heard:
            case = cases[clock.case_id]
            rungs = tuple(each for each in could if _ref(clock, each) in claimed)
            if not rungs:
                continue
            hear = digests.add(due._replace(rungs=rungs), case, clock, ledger.calendar_of(case.unit_id))
            position, rung, _ = rungs[-1]
            event = ReminderSent(
                deadline=clock.name, due_on=clock.due_on, level=rung.level, rung=position, to=hear.to, again=True
            )
            at, seq, state = acting.stamp(case), case.revision + 1, case.state
            text = acting.dated(case, event).body()
            entry = chained(
                case.head, case.id, case.number, seq, at, acting.by, event.kind, state, state, case.clearance, text
            )
            cases[clock.case_id] = case_rows.after(case, entry)
            entries.append(entry)
            repeated.append(hear)
        case_rows.append(store, entries)
        case_rows.advance_heads(store, [cases[each] for each in {entry.case_id for entry in entries}])
        digests.write(store)
    return repeated


def _ref(clock: Clock, rung: DueRung) -> ReminderRef:
    """Return which reminder a rung of a deadline is."""
    assert clock.id is not None  # it was read
    return ReminderRef(deadline_id=clock.id, arming=clock.arming, rung=rung.place)


def _due(ledger: Ledger, case: Case, clock: Clock, refs: list[ReminderRef]) -> DueRungs:
    """Return the rungs that nobody heard, as if they had come due now."""
    workflow = ledger.rules_of(case).workflow
    declared = workflow.deadlines[clock.name]
    steps = ladder(workflow, declared)
    rungs = tuple(DueRung(ref.rung, step.rung, 0) for ref in refs if (step := steps.step(ref.rung)) is not None)
    return DueRungs(workflow, declared, rungs, None, (clock.rung, clock.next_at))
