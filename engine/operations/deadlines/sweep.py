"""Finds all that is due by now and not yet recorded, and records it: each reminder once, however late.

A chunk is one commit: the reminder's claim, the deadline's next rung, the journal and the message.
After a time without sweeps the highest rung missed is sent and the others are recorded as skipped.
What is found at night or on a day off is recorded at once and goes out on the next working morning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring
from typing import NamedTuple

from engine.deadlines.clock import Clock
from engine.deadlines.ladder import climbed, rungs_due
from engine.deadlines.remaining import counted_in, left
from engine.journal.canonical import canonical
from engine.journal.case_events import ReminderSent
from engine.journal.chain import JournalEntry, chained
from engine.language import Text
from engine.operations.deadlines.recipients import Recipients
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.store import outbox_rows as outbox
from engine.store.clock_columns import NextRung
from engine.store.connection import Store
from engine.store.outbox_columns import ReminderRecord
from engine.workflow.model import Deadline, Rung, Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import next_working_moment
from engine.working_days.instants import instant, local_day, microseconds

SWEEPER = "qingling"
"""Whom the journal names for what the program does by itself."""

SWEPT_AT = "swept_at"
"""Under which name the ledger keeps when it was last swept, by whatever: microseconds since 1970 UTC."""

CHUNK = 1000
"""Deadlines per commit."""

MOST = 20_000
"""Deadlines that stand otherwise than all others, remembered at a time."""

LINES = 2000
"""Of one message; what is more goes in another, so that neither message nor its writing grows without bound."""


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    reminded: int = 0
    skipped: int = 0
    chunks: int = 0
    papers: int = 0
    """Letters that are to be written: chases and supervision notices."""
    unheard: int = 0
    """Reminders for which the house has nobody in any of the roles."""
    to: set[str] = field(default_factory=set)
    """Codes of officers who will hear of it."""


class _Due(NamedTuple):
    """What has come due of one deadline; the same of all whose deadlines stand alike, so a named tuple as a case is."""

    workflow: Workflow
    declared: Deadline
    rungs: tuple[tuple[int, Rung, int], ...]
    """Position, rung, when it came due; the last is sent, those before it are skipped."""
    paper: str | None
    """The highest letter among the rungs: one that was skipped is to be written as well."""
    following: tuple[int, int | None]
    """The position of the next rung, and when it comes due."""


def sweep(ledger: Ledger, *, now: datetime, chunk: int = CHUNK, told: Callable[[Swept], None] | None = None) -> Swept:
    """Record every reminder that is due by *now*, and promise the messages.

    Running it again, late, or beside another changes nothing that was recorded.

    Args:
        now: Aware instant.
        told: Called after each commit, with what was done so far.
    """
    acting, swept = Acting(ledger, SWEEPER, now), Swept()
    digests = _Digests(Recipients(ledger, acting.today), acting)
    ladders = _Ladders(acting)
    while _sweep_chunk(acting, ladders, digests, swept, chunk=chunk):
        swept.chunks += 1
        if told is not None:
            told(swept)
    with ledger.store.begin():
        house.put_setting(ledger.store, SWEPT_AT, microseconds(now))
    return swept


def _sweep_chunk(acting: Acting, ladders: "_Ladders", digests: "_Digests", swept: Swept, *, chunk: int) -> bool:
    """Record one chunk in one commit; False if nothing was due."""
    ledger, now_at = acting.ledger, acting.now_at
    store = ledger.store
    with seldom_collected(), store.begin():
        found = clock_rows.due(store, now_at=now_at, limit=chunk)
        if not found:
            return False
        cases = case_rows.by_ids(store, [clock.case_id for clock in found])
        claims, climbs, entries = [], [], []
        for clock in found:
            case = cases[clock.case_id]
            calendar = ledger.calendar_of(case.unit_id)
            due = ladders.due(case, clock, calendar)
            assert clock.id is not None  # it was read
            rung, next_at = due.following
            climbs.append(NextRung(rung=rung, next_at=next_at, id=clock.id))
            if not due.rungs:
                continue  # The day it was set for is a day off by now: the rung waits for the next working morning.
            taken = due.rungs[-1][0]
            claims += [
                ReminderRecord(
                    deadline_id=clock.id,
                    rung=place,
                    arming=clock.arming,
                    level=each.level,
                    outcome="sent" if place == taken else "skipped",
                    due_at=at,
                    at=now_at,
                )
                for place, each, at in due.rungs
            ]
            hear = digests.add(due, case, clock, calendar)
            entry = ladders.entry(due, case, clock, hear)
            cases[clock.case_id] = case_rows.after(case, entry)
            entries.append(entry)
            swept.reminded += 1
            swept.skipped += len(due.rungs) - 1
            swept.papers += due.paper is not None
            swept.unheard += not hear
            swept.to.update(hear)
        outbox.remind(store, claims)
        clock_rows.climb(store, climbs)
        case_rows.append(store, entries)
        case_rows.advance_heads(store, [cases[each.case_id] for each in entries])
        digests.write(store)
    return True


class _Ladders:
    """The rungs of one sweep: what has come due of deadlines that stand alike is reckoned once."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._known: dict[tuple[object, ...], _Due] = {}
        self._said: dict[tuple[object, ...], str] = {}

    def due(self, case: Case, clock: Clock, calendar: Calendar) -> _Due:
        """Return what has come due of a deadline; no rungs if the calendar has changed since they were set."""
        key = case.workflow, case.version, case.unit_id, clock.name, clock.due_on, clock.due_at, clock.rung
        found = self._known.get(key)
        if found is None:
            workflow = self._acting.ledger.rules_of(case).workflow
            declared = workflow.deadlines[clock.name]
            rungs = rungs_due(workflow, declared, clock, now_at=self._acting.now_at, calendar=calendar)
            paper = next((rung.paper for _, rung, _ in reversed(rungs) if rung.paper is not None), None)
            taken = rungs[-1][0] if rungs else clock.rung - 1
            after = climbed(workflow, declared, clock, taken, calendar=calendar)
            if len(self._known) >= MOST:
                self._known.clear()
                self._said.clear()  # it goes by the ids of what was known
            found = self._known[key] = _Due(workflow, declared, rungs, paper, (after.rung, after.next_at))
        return found

    def entry(self, due: _Due, case: Case, clock: Clock, hear: tuple[str, ...]) -> JournalEntry:
        """Return what the journal says of a reminder."""
        acting, state = self._acting, case.state
        key = (id(due), hear) if case.changed_at <= acting.now_at else (case.id, case.revision)
        text = self._said.get(key)
        if text is None:
            if len(self._said) >= MOST:
                self._said.clear()
            text = self._said[key] = self._acting.dated(case, _told(due, clock, hear)).body()
        at, seq = self._acting.stamp(case), case.revision + 1
        return chained(
            case.head, case.id, case.number, seq, at, SWEEPER, ReminderSent.kind, state, state, case.clearance, text
        )


def _told(due: _Due, clock: Clock, hear: tuple[str, ...]) -> ReminderSent:
    """Return what the journal says of a reminder."""
    position, rung, _ = due.rungs[-1]
    return ReminderSent(
        deadline=clock.name,
        due_on=clock.due_on,
        level=rung.level,
        rung=position,
        to=hear,
        skipped=tuple((place, each.level) for place, each, _ in due.rungs[:-1]),
        paper=due.paper,
    )


class _Line(NamedTuple):
    """One line of a message."""

    place: tuple[str, str]
    """The day it is due and the case's number: the most urgent goes first."""
    text: str
    """Canonical JSON."""


_Post = tuple[str, int]
"""Whose message, and when it goes out in microseconds since 1970 UTC."""


class _Digests:
    """The messages of one sweep: one for each officer and time of sending, the most urgent first."""

    def __init__(self, recipients: Recipients, acting: Acting) -> None:
        self._recipients = recipients
        self._zone = acting.ledger.zone
        self._now = acting.now
        self._now_at = acting.now_at
        self._keys: dict[_Post, str] = {}
        self._written: dict[_Post, list[_Line]] = {}
        self._fresh: dict[_Post, list[_Line]] = {}
        self._said: dict[tuple[str, int, str], str] = {}
        self._left: dict[tuple[str, int | None, str, str, int], int] = {}
        self._working: dict[int, tuple[Calendar, int]] = {}

    def add(self, due: _Due, case: Case, clock: Clock, calendar: Calendar) -> tuple[str, ...]:
        """Note a reminder for all who hear of it and return their codes."""
        position, rung, _ = due.rungs[-1]
        heard = self._recipients.of(due.workflow, case, rung.to)
        send_at = self._now_at if rung.night else self._working_at(calendar)
        day = clock.due_on
        if clock.due_at is not None:
            day = instant(clock.due_at).astimezone(calendar.zone).isoformat()
        provisional = '"provisional":true,' if clock.provisional else ""
        # Canonical JSON by hand, keys in their order: only a few of its values differ from line to line.
        text = (
            f'{self._fixed(due)},"due":"{day}","left":{self._days_left(due.declared, clock, calendar, send_at)},'
            f'"level":{encode_basestring(rung.level)},"number":{encode_basestring(case.number)},{provisional}'
            f'"ref":[{clock.id},{clock.arming},{position}]}}'
        )
        fact = f"{clock.id}.{clock.arming}.{position}"
        place = day, case.number
        for code, absent in heard:
            acting = "" if absent is None else f'"acting_for":{encode_basestring(self._recipients.name(absent))},'
            line = _Line(place, f"{{{acting}{text}")
            self._keys.setdefault((code, send_at), f"digest/{code}/{fact}")
            self._fresh.setdefault((code, send_at), []).append(line)
        return tuple(code for code, _ in heard)

    def write(self, store: Store) -> None:
        """Promise the messages, or add to those of this sweep that are not full and nobody has begun to send."""
        for post, fresh in self._fresh.items():
            rest = fresh
            while rest:
                if len(self._written.get(post, ())) >= LINES:
                    self._begin_another(post)
                room = LINES - len(self._written.get(post, ()))
                part, rest = rest[:room], rest[room:]
                lines = [*self._written.get(post, ()), *part]
                if not self._promised(store, post, lines):
                    # The first part is on its way already: what came since goes in a message of its own.
                    self._begin_another(post)
                    lines = part
                    self._promised(store, post, lines)
                self._written[post] = lines
        self._fresh = {}

    def _begin_another(self, post: _Post) -> None:
        """Let what comes go in a further message to that officer."""
        self._keys[post] = f"{self._keys[post]}+{len(self._written.pop(post, ()))}"

    def _promised(self, store: Store, post: _Post, lines: list["_Line"]) -> bool:
        """Promise one message with all its lines; False if it is too late to add to it."""
        lines.sort()
        # Put together by hand: with every commit the message grows, and what it held would be written out anew.
        code, send_at = post
        as_of = local_day(send_at, self._zone).isoformat()
        payload = f'{{"as_of":"{as_of}","entries":[{",".join([each.text for each in lines])}]}}'
        key = self._keys[post]
        if post in self._written and outbox.add_to_promise(store, key, payload, send_at=send_at):
            return True
        return outbox.promise(
            store, key, "digest", code, payload, self._now_at, send_at=send_at
        ) or outbox.add_to_promise(store, key, payload, send_at=send_at)

    def _working_at(self, calendar: Calendar) -> int:
        """Return when people under that calendar may be told: now, or on the next working morning."""
        known = self._working.get(id(calendar))
        if known is None:
            # The calendar is kept beside it so that its id stays its own.
            known = self._working[id(calendar)] = calendar, microseconds(next_working_moment(self._now, calendar))
        return known[1]

    def _fixed(self, due: _Due) -> str:
        """Return what a line says of every case of that workflow and deadline, without its brackets."""
        key = due.workflow.name, due.workflow.version, due.declared.name
        if key not in self._said:
            told = {
                "case": _both(due.workflow.title),
                "counted_in": counted_in(due.declared),
                "deadline": _both(due.declared.title),
            }
            self._said[key] = canonical(told)[1:-1]
        return self._said[key]

    def _days_left(self, declared: Deadline, clock: Clock, calendar: Calendar, send_at: int) -> int:
        """Return how much is left in the deadline's own unit when the message goes out; negative when late."""
        key = (clock.due_on, clock.due_at, counted_in(declared), calendar.label, send_at)
        if key not in self._left:
            now, today = instant(send_at), local_day(send_at, self._zone)
            self._left[key] = left(declared, clock, now=now, today=today, calendar=calendar)
        return self._left[key]


def _both(title: Text) -> dict[str, str]:
    """Return a title in both languages, as messages carry it."""
    return {"en": title.en, "zh": title.zh}
