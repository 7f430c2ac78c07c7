"""In which ledger an operation acts, in whose name and at which instant; what it writes is signed with these."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from engine.errors import BadValueError
from engine.journal.case_events import CaseEvent
from engine.journal.chain import JournalEntry, chained
from engine.journal.event import Event
from engine.journal.house_head import HOUSE_HEAD
from engine.language import Text
from engine.operations.ledger.demands import EXEMPT, refuse_unproven
from engine.operations.ledger.free_text import Seen, refuse_house_words, refuse_words
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.ledger_naming import PROGRAM
from engine.operations.ledger.overtaken import overtaken
from engine.rules.case import Actor, Case
from engine.store import case_rows
from engine.store import house_rows as house
from engine.working_days.instants import microseconds

AnyEvent = TypeVar("AnyEvent", bound=Event)

FURTHEST_AHEAD = 366 * 86_400 * 1_000_000
"""How far ahead the clock may be set by hand, in microseconds: for plans, not for typing errors."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The context of one operation; every operation that an officer does takes it first.

    Pure rules take what they need of it, such as the day; a look that nobody signs takes a ledger and an instant.

    Raises:
        BadValueError: If the instant has no zone.
    """

    ledger: Ledger
    by: str
    """Code of the officer who acts; empty where nobody needs to be named."""
    now: datetime
    """Aware instant."""
    seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of identities by field that the text which is brought shows, and its writer insisted on."""
    as_seen: tuple[str, int] | None = None
    """Number and revision of the case as the officer saw it; None: as it is."""
    now_at: int = field(init=False, repr=False, compare=False)
    """The instant as it is stored: microseconds since 1970 UTC."""

    def __post_init__(self) -> None:
        """Convert the instant once: a run over thousands of cases asks for it as often."""
        object.__setattr__(self, "now_at", microseconds(self.now))

    @property
    def today(self) -> date:
        """The local date of the instant."""
        return self.ledger.today(self.now, self.now_at)

    @property
    def local_now(self) -> datetime:
        """The local time of the instant, without its zone: no moment that is brought lies after it."""
        return _local(self.now, self.ledger.zone)

    def actor(self, unit_id: int) -> Actor:
        """Return who acts and with which roles in the unit.

        Raises:
            NotFoundError: If no registered officer has that code.
            RefusedError: If the officer has left.
        """
        return self.ledger.actor(self.by, unit_id)

    def insisting(self, before: Seen) -> "Acting":
        """Return the same, with what the writer of a text insisted on *before*, where it is written again as it stands.

        Who does what was signed, or takes children along, types no text and can insist on nothing.
        """
        return replace(self, seen={**before, **self.seen}) if before else self

    def case(self, number: str) -> Case:
        """Return the case on which the officer acts.

        Raises:
            NotFoundError: If there is none, or none that the officer may read.
            OvertakenError: If it is no longer as they saw it.
        """
        found = self.ledger.case(number)
        self.refuse_overtaken(found)
        return found

    def refuse_overtaken(self, case: Case) -> None:
        """Refuse a case that is no longer as the officer saw it; what is written then follows what they saw.

        Raises:
            OvertakenError: If so.
        """
        if self.as_seen is not None and case.number == self.as_seen[0] and case.revision != self.as_seen[1]:
            raise overtaken(self.ledger, case, seen=self.as_seen[1])

    def clocked(self, event: AnyEvent) -> AnyEvent:
        """Return what a row says with what is said of all rows that are written now.

        That is how the house stood, what was seen in its text, how the officer is known, and the clock's own instant
        if it was set by hand.

        Raises:
            BadValueError: If it was set more than a year ahead: no later row could be dated before it.
            RefusedError: If the officer is known by less than is demanded.
        """
        ledger = self.ledger
        if self.by not in ledger.proven and event.kind not in EXEMPT:
            refuse_unproven(ledger, self.by)
            ledger.proven.add(self.by)
        more: dict[str, object] = {}
        evidence = ledger.evidence
        if evidence is not None and evidence.officer == self.by:
            more["proof"] = evidence.said
        if self.seen:
            more["seen"] = {**event.seen, **self.seen}
        if isinstance(event, CaseEvent):
            signed_as_of = None if evidence is None else evidence.house
            more["house"] = signed_as_of or ledger.house_stands
        real_at = ledger.real_at
        if real_at is None:
            return event.replace(**more) if more else event
        if self.now_at > real_at + FURTHEST_AHEAD:
            raise BadValueError(
                Text(
                    "the clock is set more than a year ahead (--now); what is written so could not be undone",
                    "时间（--now）设在一年以后；以该日期写入的内容无法撤回，请核对",
                )
            )
        return event.replace(real_at=real_at, **more)

    def stamp(self, case: Case) -> int:
        """Return when a new journal row of *case* is dated: never before the row it follows."""
        return max(self.now_at, case.changed_at)

    def dated(self, case: Case, event: CaseEvent) -> CaseEvent:
        """Return what a new journal row of *case* says, with the instants that differ from its own.

        Raises:
            BadValueError: As for `clocked`.
            IdentitySeenError: If its words show who somebody is, and its writer has not insisted.
        """
        if self.by != PROGRAM:  # which repeats words that were looked through before
            refuse_words(event, {**event.seen, **self.seen})
        if self.now_at < case.changed_at:
            event = event.replace(clock_at=self.now_at)
        return self.clocked(event)

    def entry(
        self,
        case: Case,
        event: CaseEvent,
        *,
        to_state: str | None = None,
        clearance: int | None = None,
    ) -> JournalEntry:
        """Return the journal row that follows the last one of *case*."""
        return chained(
            case.head,
            case_id=case.id,
            case=case.number,
            seq=case.revision + 1,
            at=self.stamp(case),
            by=self.by,
            kind=event.kind,
            from_state=case.state,
            to_state=case.state if to_state is None else to_state,
            clearance=case.clearance if clearance is None else clearance,
            body=self.dated(case, event).body(),
        )

    def note_in_house(self, event: Event) -> JournalEntry:
        """Write a row of the house's own chain; inside `begin`.

        Raises:
            RefusedError: If its reason shows who somebody is.
        """
        if self.by != PROGRAM:
            refuse_house_words(event)
        store = self.ledger.store
        house.lock_house(store)
        last = case_rows.last_entry(store, 0)
        if last is not None and last.at > self.now_at:
            event = event.replace(clock_at=self.now_at)
        row = chained(
            last.hash if last else "",
            case_id=0,
            case="",
            seq=last.seq + 1 if last else 1,
            at=max(self.now_at, last.at) if last else self.now_at,
            by=self.by,
            kind=event.kind,
            from_state=None,
            to_state=None,
            clearance=0,
            body=self.clocked(event).body(),
        )
        case_rows.append(store, [row])
        house.put_setting(store, HOUSE_HEAD, [row.seq, row.hash])
        self.ledger.house_stands_at(row)
        if self.ledger.evidence is not None:  # what follows is judged by this row
            self.ledger.evidence = self.ledger.evidence._replace(house=None)
        return row


@lru_cache(maxsize=4)
def _local(now: datetime, zone: str) -> datetime:
    """Return the local time of an instant, without its zone; computed once for all rows of a run."""
    return now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
