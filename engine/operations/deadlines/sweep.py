"""Finds all that is due by now and not yet recorded, and records it: each reminder once, however late.

What a deadline does by itself when it has run out is done first, so that nobody is reminded of it.

A chunk is one commit: the reminder's claim, the deadline's next rung, the journal and the message.
After a time without sweeps the highest rung missed is sent, to everybody whom any of them would have reached, and the
others are recorded as skipped. A rung that finds nobody goes to the office, and again to those who get the role.
What is found at night or on a day off is recorded at once and goes out on the next working morning.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.deadlines.clock import Clock, ladder, rung_at
from engine.deadlines.ladder import climbed, rungs_due
from engine.errors import ConflictError
from engine.journal.case_events import ReminderSent
from engine.journal.chain import JournalEntry, chained
from engine.language import t
from engine.operations.deadlines.digests import Digests, DueRungs, Hearing
from engine.operations.deadlines.proposals import Proposal, propose, proposing
from engine.operations.deadlines.recipients import Recipients
from engine.operations.deadlines.run_out import act_on_run_out
from engine.operations.deadlines.unheard import repeat_unheard
from engine.operations.deadlines.unsigned import remind_to_sign
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import refuse_unless_all_seen
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.clock_columns import NextRung
from engine.store.outbox_columns import ReminderRecord
from engine.working_days.calendars import Calendar
from engine.working_days.instants import microseconds

SWEEPER = "qingling"
"""Whom the journal names for what the program does by itself."""

SWEPT_AT = "swept_at"
"""Under which name the ledger keeps when it was last swept, by whatever: microseconds since 1970 UTC."""

_SWEPT_SINCE = "swept_since"
"""Under which name it keeps since when it has been swept regularly; microseconds since 1970 UTC."""

CHUNK = 1000
"""Deadlines per commit."""

UNCLAIMED = timedelta(days=90)
"""How long a digest waits for a channel that asks for it; what it said stands in `today` all the while."""

REGULARLY = timedelta(days=7)
"""A house in which no more than this lies between two sweeps is one in which the program runs."""

RACES = 3
"""How often a sweep that lost a race with others for the same rows begins its chunk again."""

MOST = 20_000
"""Deadlines that stand otherwise than all others, remembered at a time."""


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    reminded: int = 0
    skipped: int = 0
    papers: int = 0
    """Letters that are to be written: chases and supervision notices."""
    unheard: int = 0
    """Reminders of which a rung found nobody and went to the office."""
    repeated: int = 0
    """Earlier ones of that kind, said now to those who have got the role since."""
    acted: int = 0
    """Steps that the program took, of deadlines that had run out."""
    refused: int = 0
    """Such steps that the rules refuse."""
    to_sign: int = 0
    """Signatures of which those were reminded who have not given them."""
    opened: int = 0
    """Cases that ladders proposed."""
    to: set[str] = field(default_factory=set)
    """Codes of officers who will hear of it."""

    def add(self, chunk: "Swept") -> None:
        """Count what was done in a commit of which it is certain."""
        self.reminded += chunk.reminded
        self.skipped += chunk.skipped
        self.papers += chunk.papers
        self.unheard += chunk.unheard
        self.opened += chunk.opened
        self.to |= chunk.to


def sweep(ledger: Ledger, *, now: datetime, chunk: int = CHUNK) -> Swept:
    """Record every reminder that is due by *now*, and promise the messages.

    Running it again, late, or beside another changes nothing that was recorded.

    Args:
        now: Aware instant.

    Raises:
        RefusedError: If the database shows this log-in only some cases: of the others none would be found due.
    """
    refuse_unless_all_seen(ledger)
    acting, swept = Acting(ledger, SWEEPER, now), Swept()
    # First, so that nobody is reminded of a term that the program itself ends now.
    run_out = act_on_run_out(acting)
    swept.acted, swept.refused = run_out.taken, run_out.refused
    swept.to_sign = remind_to_sign(acting)
    recipients = Recipients(ledger, acting.today)
    digests = Digests(recipients, acting)
    for heard in repeat_unheard(acting, recipients, digests):
        swept.repeated += 1
        swept.to.update(heard.to)
    _arm(acting, chunk=chunk)
    _sweep_due(acting, digests, swept, chunk=chunk)
    with ledger.store.begin():
        _give_up_unclaimed(ledger, now)
        # Last: a sweep that was broken off is not one that the house may rely on.
        house.put_setting(ledger.store, SWEPT_AT, microseconds(now))
    return swept


def _give_up_unclaimed(ledger: Ledger, now: datetime) -> None:
    """Cancel digests that nobody ever asked for in a house that is swept and has no channels; inside `begin`.

    After a time in which nothing ran at all there may be channels, which come after the sweep, and not after every
    one: what waited through it is waited for as long once more.
    """
    store, now_at = ledger.store, microseconds(now)
    found = house.settings(store)
    swept_at, since = found.get(SWEPT_AT), found.get(_SWEPT_SINCE)
    stood_still = not isinstance(swept_at, int) or swept_at < microseconds(now - REGULARLY)
    if stood_still or not isinstance(since, int):
        house.put_setting(store, _SWEPT_SINCE, now_at)
    elif since <= microseconds(now - UNCLAIMED):
        remark = t("no channel asked for it in {days} days", "{days} 天内没有渠道取走", days=UNCLAIMED.days)
        outbox.give_up_unclaimed(store, due_before=microseconds(now - UNCLAIMED), remark=remark)


def _arm(acting: Acting, *, chunk: int) -> None:
    """Set the next rung of deadlines that an older program left without one, since their ladder has an end.

    Only those of ladders without any rung are left for the next sweep to look at again; `workflow check` refuses them.
    """
    store, ledger, last = acting.ledger.store, acting.ledger, 0
    while clock_rows.unarmed(store, after=last, limit=1):  # outside a transaction, which would be for nothing
        with store.begin():
            found = clock_rows.unarmed(store, after=last, limit=chunk)
            if not found:
                return
            cases = case_rows.by_ids(store, [clock.case_id for clock in found])
            climbs = []
            for clock in found:
                assert clock.id is not None  # it was read
                case, last = cases[clock.case_id], clock.id
                workflow = ledger.rules_of(case).workflow
                step = ladder(workflow, workflow.deadlines[clock.name]).step(clock.rung)
                if step is not None:
                    next_at = rung_at(step, clock, ledger.calendar_of(case.unit_id))
                    climbs.append(NextRung(rung=clock.rung, next_at=next_at, id=clock.id))
            clock_rows.climb(store, climbs)


def _sweep_due(acting: Acting, digests: Digests, swept: Swept, *, chunk: int) -> None:
    """Record all that is due, chunk by chunk.

    Who loses a race, since an officer opens cases of several units in another order, say, begins again: what was
    committed stands, and the rest is as due as before.

    Raises:
        ConflictError: If it is lost time and again.
    """
    ladders, lost, more = _Ladders(acting), 0, True
    while more:
        done = Swept()
        try:
            with digests.taken_back_if_lost():  # an officer's message goes on with what was committed before
                more = _sweep_chunk(acting, ladders, digests, done, chunk=chunk)
        except ConflictError:
            lost += 1
            if lost > RACES:
                raise
        else:
            swept.add(done)


def _sweep_chunk(acting: Acting, ladders: "_Ladders", digests: Digests, swept: Swept, *, chunk: int) -> bool:
    """Record one chunk in one commit; False if no more was due."""
    ledger, now_at = acting.ledger, acting.now_at
    store = ledger.store
    with seldom_collected(), store.begin():
        found = clock_rows.due(store, now_at=now_at, limit=chunk)
        if not found:
            return False
        cases = case_rows.by_ids(store, [clock.case_id for clock in found])
        claims, climbs, entries = [], [], []
        proposed: list[Proposal] = []
        for clock in found:
            case = cases[clock.case_id]
            calendar = ledger.calendar_of(case.unit_id)
            due = ladders.due(case, clock, calendar)
            assert clock.id is not None  # it was read
            rung, next_at = due.following
            climbs.append(NextRung(rung=rung, next_at=next_at, id=clock.id))
            if not due.rungs:
                continue  # The day it was set for is a day off by now: the rung waits for the next working morning.
            taken = due.rungs[-1].place
            hear = digests.add(due, case, clock, calendar)
            claims += [
                ReminderRecord(
                    deadline_id=clock.id,
                    rung=place,
                    arming=clock.arming,
                    level=each.level,
                    outcome="unheard" if place in hear.unheard else "sent" if place == taken else "skipped",
                    due_at=at,
                    at=now_at,
                )
                for place, each, at in due.rungs
            ]
            entry = ladders.entry(due, case, clock, hear)
            cases[clock.case_id] = case_rows.after(case, entry)
            entries.append(entry)
            swept.reminded += 1
            swept.skipped += len(due.rungs) - 1
            swept.papers += due.paper is not None
            swept.unheard += bool(hear.unheard)
            swept.to.update(hear.to)
            proposed += [Proposal(case, clock, each) for each in due.opens]
        outbox.remind(store, claims)
        clock_rows.climb(store, climbs)
        case_rows.append(store, entries)
        case_rows.advance_heads(store, [cases[each.case_id] for each in entries])
        swept.opened = propose(acting, proposed)  # after the rows above, whose heads it goes on from
        digests.write(store)
    return len(found) == chunk


class _Ladders:
    """The rungs of one sweep: what has come due of deadlines that stand alike is computed once."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._known: dict[tuple[object, ...], DueRungs] = {}
        self._said: dict[tuple[object, ...], str] = {}

    def due(self, case: Case, clock: Clock, calendar: Calendar) -> DueRungs:
        """Return what has come due of a deadline; no rungs if the calendar has changed since they were set."""
        key = case.workflow, case.version, case.unit_id, clock.name, clock.due_on, clock.due_at, clock.rung
        found = self._known.get(key)
        if found is None:
            workflow = self._acting.ledger.rules_of(case).workflow
            declared = workflow.deadlines[clock.name]
            rungs = rungs_due(workflow, declared, clock, now_at=self._acting.now_at, calendar=calendar)
            paper = next((rung.paper for _, rung, _ in reversed(rungs) if rung.paper is not None), None)
            taken = rungs[-1].place if rungs else clock.rung - 1
            after = climbed(workflow, declared, clock, taken, calendar=calendar)
            if len(self._known) >= MOST:
                self._known.clear()
                self._said.clear()  # it goes by the ids of what was known
            following, opens = (after.rung, after.next_at), proposing(workflow, declared, rungs)
            found = self._known[key] = DueRungs(workflow, declared, rungs, paper, following, opens)
        return found

    def entry(self, due: DueRungs, case: Case, clock: Clock, hear: Hearing) -> JournalEntry:
        """Return what the journal says of a reminder."""
        acting, state = self._acting, case.state
        key = (id(due), hear) if case.changed_at <= acting.now_at else (case.id, case.revision)
        text = self._said.get(key)
        if text is None:
            if len(self._said) >= MOST:
                self._said.clear()
            text = self._said[key] = self._acting.dated(case, _reminder_sent(due, clock, hear)).body()
        at, seq = self._acting.stamp(case), case.revision + 1
        return chained(
            case.head, case.id, case.number, seq, at, SWEEPER, ReminderSent.kind, state, state, case.clearance, text
        )


def _reminder_sent(due: DueRungs, clock: Clock, hear: Hearing) -> ReminderSent:
    """Return what the journal says of a reminder."""
    position, rung, _ = due.rungs[-1]
    return ReminderSent(
        deadline=clock.name,
        due_on=clock.due_on,
        level=rung.level,
        rung=position,
        to=hear.to,
        skipped=tuple((place, each.level) for place, each, _ in due.rungs[:-1]),
        lacking=hear.lacking,
        paper=due.paper,
    )
