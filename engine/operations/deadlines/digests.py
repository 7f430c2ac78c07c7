"""The messages of one sweep: one for each officer and time of sending, the most urgent line first.

A reminder says its highest rung to everybody whom any of its rungs would have reached; for a rung that finds nobody,
to those who keep the ledger.
"""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import NamedTuple

from engine.deadlines.clock import Clock
from engine.deadlines.ladder import DueRung
from engine.deadlines.remaining import counted_in, left
from engine.journal.canonical import canonical
from engine.language import Text
from engine.operations.deadlines.recipients import Recipients
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.store import outbox_rows as outbox
from engine.store.connection import Store
from engine.store.outbox_columns import ReminderRef
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import next_working_moment
from engine.working_days.instants import instant, local_day, microseconds

LINES = 2000
"""Of one message; what is more goes in another, so that neither message nor its writing grows without bound."""


class DueRungs(NamedTuple):
    """What has come due of one deadline; the same of all whose deadlines stand alike, so a named tuple as a case is."""

    workflow: Workflow
    declared: Deadline
    rungs: tuple[DueRung, ...]
    """The last is sent, those before it are skipped."""
    paper: str | None
    """The highest letter among the rungs: one that was skipped is to be written as well."""
    following: tuple[int, int | None]
    """The position of the next rung, and when it comes due."""


class _Line(NamedTuple):
    """One line of a message."""

    place: tuple[str, str]
    """The day it is due and the case's number: the most urgent goes first."""
    text: str
    """Canonical JSON."""
    ref: ReminderRef


class Hearing(NamedTuple):
    """Who hears of a reminder, and of which rungs nobody could."""

    to: tuple[str, ...]
    """Codes of officers."""
    unheard: tuple[int, ...] = ()
    """Positions of rungs for which there is nobody; the office hears of them."""
    lacking: tuple[str, ...] = ()
    """The roles and officer fields of those rungs."""


_Post = tuple[str, int]
"""Whose message, and when it goes out in microseconds since 1970 UTC."""


class Digests:
    """The messages of one sweep: one for each officer and time of sending, the most urgent first."""

    def __init__(self, recipients: Recipients, acting: Acting) -> None:
        self._recipients = recipients
        self._roles: Mapping[str, Text] = acting.ledger.workflows.roles()
        self._zone = acting.ledger.zone
        self._now = acting.now
        self._now_at = acting.now_at
        self._keys: dict[_Post, str] = {}
        self._written: dict[_Post, list[_Line]] = {}
        self._fresh: dict[_Post, list[_Line]] = {}
        self._night: set[_Post] = set()
        self._said: dict[tuple[str, int, str, str | None], str] = {}
        self._left: dict[tuple[str, int | None, str, str, int], int] = {}
        self._working: dict[int, tuple[Calendar, int]] = {}

    def add(self, due: DueRungs, case: Case, clock: Clock, calendar: Calendar) -> Hearing:
        """Note a reminder for all who hear of it and return them.

        After a time without sweeps that is everybody whom the skipped rungs would have reached, beside those of the
        one that is taken; for a rung that finds nobody, the office.
        """
        position, rung, _ = due.rungs[-1]
        heard: dict[str, str | None] = {}
        unheard: list[int] = []
        lacking: dict[str, None] = {}
        for at, each, _ in reversed(due.rungs):
            found = self._recipients.of(due.workflow, case, each.to)
            if not found:
                unheard.append(at)
                lacking.update(dict.fromkeys(each.to))
            for code, absent in found:
                heard.setdefault(code, absent)
        office = dict(self._recipients.office(case)) if unheard else {}
        for code, absent in office.items():
            heard.setdefault(code, absent)
        send_at = self._now_at if rung.night else self._working_at(calendar)
        day = clock.due_on
        if clock.due_at is not None:
            day = instant(clock.due_at).astimezone(calendar.zone).isoformat()
        provisional = '"provisional":true,' if clock.provisional else ""
        # Canonical JSON by hand, keys in their order: only a few of its values differ from line to line.
        head = f'{self._fixed(due, clock)},"due":"{day}",'
        theirs = '"theirs":true,' if due.declared.is_theirs else ""
        tail = (
            f'"left":{self._days_left(due.declared, clock, calendar, send_at)},'
            f'"level":{encode_basestring(rung.level)},"number":{encode_basestring(case.number)},{provisional}'
            f'"ref":[{clock.id},{clock.arming},{position}],{theirs}'
            f'"unit":{encode_basestring(self._recipients.unit(case.unit))}}}'
        )
        assert clock.id is not None  # it was read
        ref = ReminderRef(clock.id, clock.arming, position)
        fact = f"{clock.id}.{clock.arming}.{position}"
        place = day, case.number
        lacks = f'"lacking":{self._titles(due.workflow, lacking)},' if lacking else ""
        for code, absent in heard.items():
            acting = "" if absent is None else f'"acting_for":{encode_basestring(self._recipients.name(absent))},'
            line = _Line(place, f"{{{acting}{head}{lacks if code in office else ''}{tail}", ref)
            if rung.night:
                self._night.add((code, send_at))
            self._keys.setdefault((code, send_at), f"digest/{code}/{fact}")
            self._fresh.setdefault((code, send_at), []).append(line)
        return Hearing(tuple(heard), tuple(unheard), tuple(lacking))

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
                says = [each.ref for each in part]
                if not self._promised(store, post, lines, says):
                    # The first part is on its way already: what came since goes in a message of its own.
                    self._begin_another(post)
                    lines = part
                    self._promised(store, post, lines, says)
                self._written[post] = lines
        self._fresh = {}

    def _begin_another(self, post: _Post) -> None:
        """Let what comes go in a further message to that officer."""
        self._keys[post] = f"{self._keys[post]}+{len(self._written.pop(post, ()))}"

    def _promised(self, store: Store, post: _Post, lines: list["_Line"], says: Sequence[ReminderRef]) -> bool:
        """Promise one message with all its lines, of which some are new; False if it is too late to add to it."""
        lines.sort()
        # Put together by hand: with every commit the message grows, and what it held would be written out again.
        code, send_at = post
        as_of = local_day(send_at, self._zone).isoformat()
        night = ',"night":true' if post in self._night else ""
        payload = f'{{"as_of":"{as_of}","entries":[{",".join([each.text for each in lines])}]{night}}}'
        key = self._keys[post]
        if post in self._written and outbox.add_to_promise(store, key, payload, send_at=send_at, says=says):
            return True
        return outbox.promise(
            store, key, "digest", code, payload, self._now_at, send_at=send_at, says=says
        ) or outbox.add_to_promise(store, key, payload, send_at=send_at, says=says)

    def _working_at(self, calendar: Calendar) -> int:
        """Return when people under that calendar may be reminded: now, or on the next working morning."""
        known = self._working.get(id(calendar))
        if known is None:
            # The calendar is kept beside it so that its id stays its own.
            known = self._working[id(calendar)] = calendar, microseconds(next_working_moment(self._now, calendar))
        return known[1]

    def _titles(self, workflow: Workflow, names: Mapping[str, None]) -> str:
        """Return the titles of roles and officer fields, as canonical JSON."""
        titles = [
            workflow.fields[each].title if each in workflow.fields else self._roles.get(each) or Text(each, each)
            for each in names
        ]
        return canonical({"en": ", ".join(each.en for each in titles), "zh": "、".join(each.zh for each in titles)})

    def _fixed(self, due: DueRungs, clock: Clock) -> str:
        """Return what a line says of every case of that workflow and deadline, without its brackets."""
        key = due.workflow.name, due.workflow.version, due.declared.name, clock.term
        if key not in self._said:
            fixed = {
                "case": _both(due.workflow.title),
                "counted_in": counted_in(due.declared, clock),
                "deadline": _both(due.declared.title),
            }
            self._said[key] = canonical(fixed)[1:-1]
        return self._said[key]

    def _days_left(self, declared: Deadline, clock: Clock, calendar: Calendar, send_at: int) -> int:
        """Return how much is left in the deadline's own unit when the message goes out; negative when late."""
        key = (clock.due_on, clock.due_at, counted_in(declared, clock), calendar.label, send_at)
        if key not in self._left:
            now, today = instant(send_at), local_day(send_at, self._zone)
            self._left[key] = left(declared, clock, now=now, today=today, calendar=calendar)
        return self._left[key]


def _both(title: Text) -> dict[str, str]:
    """Return a title in both languages, as messages carry it."""
    return {"en": title.en, "zh": title.zh}
