"""The messages of one sweep: one for each officer and time of sending, the most urgent line first.

A reminder says its highest rung to everybody whom any of its rungs would have reached; for a rung that finds nobody,
to those who keep the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from json.encoder import encode_basestring
from typing import NamedTuple

from engine.deadlines.clock import Clock
from engine.deadlines.ladder import DueRung
from engine.deadlines.remaining import counted_in, left
from engine.errors import ConflictError
from engine.journal.canonical import canonical
from engine.language import Text
from engine.operations.deadlines.recipients import Recipients
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.store import digest_rows
from engine.store.connection import Store
from engine.store.digest_rows import DigestPart
from engine.store.outbox_columns import DigestLineRecord, ReminderRef
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.count import next_working_moment
from engine.working_days.instants import instant, local_day, microseconds

_MOST = 20_000
"""Deadlines that stand otherwise than all others, of which lines are remembered at a time."""
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
    opens: tuple[DueRung, ...] = ()
    """Which of the rungs propose a case."""


class _Line(NamedTuple):
    """One line of a message."""

    place: tuple[str, str]
    """The day it is due and the case's number: the most urgent goes first."""
    text: str
    """Canonical JSON."""
    ref: ReminderRef


class _Alike(NamedTuple):
    """What the lines of all whose deadlines stand alike have in common."""

    due: DueRungs
    """What has come due of them: kept, so that its id stays its own."""
    send_at: int
    day: str
    head: str
    """The canonical JSON that stands before what nobody hears, without its bracket."""
    middle: str
    """Up to the case's number."""
    tail: str
    """After the reference."""


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
        self._said: dict[tuple[str, int, str, str | None], tuple[str, str]] = {}
        self._left: dict[tuple[str, int | None, str, str, int], int] = {}
        self._known: dict[tuple[int, str | None], _Alike] = {}
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
        alike = self._alike(due, case, clock, calendar)
        provisional = '"provisional":true,' if clock.provisional else ""
        tail = (
            f"{alike.middle}{encode_basestring(case.number)},{provisional}"
            f'"ref":[{clock.id},{clock.arming},{position}],{alike.tail}'
        )
        assert clock.id is not None  # it was read
        ref = ReminderRef(clock.id, clock.arming, position)
        fact = f"{clock.id}.{clock.arming}.{position}"
        place = alike.day, case.number
        lacks = f'"lacking":{self._titles(due.workflow, lacking)},' if lacking else ""
        for code, absent in heard.items():
            acting = "" if absent is None else f'"acting_for":{encode_basestring(self._recipients.name(absent))},'
            line = _Line(place, f"{{{acting}{alike.head}{lacks if code in office else ''}{tail}", ref)
            post = code, alike.send_at
            if rung.night:
                self._night.add(post)
            self._keys.setdefault(post, f"digest/{code}/{fact}")
            self._fresh.setdefault(post, []).append(line)
        return Hearing(tuple(heard), tuple(unheard), tuple(lacking))

    @contextmanager
    def taken_back_if_lost(self) -> Iterator[None]:
        """Forget what is noted within the block if its commit comes to nothing, and go on with what stands."""
        keys, written, night = dict(self._keys), dict(self._written), set(self._night)
        try:
            yield
        except ConflictError:
            self._keys, self._written, self._night, self._fresh = keys, written, night, {}
            raise

    def write(self, store: Store) -> None:
        """Promise the messages, or add to those of this sweep that are not full and nobody has begun to send."""
        says: list[DigestLineRecord] = []
        while self._fresh:
            lines = {post: self._lines(post) for post in self._fresh}
            parts = {post: self._part(post, *each) for post, each in lines.items()}
            begun = [part for post, part in parts.items() if post in self._written]
            new = [part for post, part in parts.items() if post not in self._written]
            ids = digest_rows.add(store, begun)
            ids |= digest_rows.promise(store, new, at=self._now_at)
            ids |= digest_rows.add(store, [part for part in new if part.key not in ids])
            for post, part in parts.items():
                outbox_id = ids.get(part.key)
                if outbox_id is None:
                    self._begin_another(post)  # what it said before is on its way already
                    continue
                says += [DigestLineRecord(*ref, outbox_id) for ref in part.says]
                self._written[post] = lines[post][0]
                self._fresh[post] = self._fresh[post][len(part.says) :]
            self._fresh = {post: rest for post, rest in self._fresh.items() if rest}
        digest_rows.say(store, says)

    def _begin_another(self, post: _Post) -> None:
        """Let what comes go in a further message to that officer."""
        self._keys[post] = f"{self._keys[post]}+{len(self._written.pop(post, ()))}"

    def _lines(self, post: _Post) -> tuple[list["_Line"], list["_Line"]]:
        """Return all lines of the next message to that officer, the most urgent first, and those that are new in it."""
        if len(self._written.get(post, ())) >= LINES:
            self._begin_another(post)
        written = self._written.get(post, [])
        new = self._fresh[post][: LINES - len(written)]
        return sorted([*written, *new]), new

    def _part(self, post: _Post, lines: Sequence["_Line"], new: Sequence["_Line"]) -> DigestPart:
        """Return a message as it is written."""
        # Put together by hand: with every commit the message grows, and what it held would be written out again.
        code, send_at = post
        as_of = local_day(send_at, self._zone).isoformat()
        night = ',"night":true' if post in self._night else ""
        payload = f'{{"as_of":"{as_of}","entries":[{",".join([each.text for each in lines])}]{night}}}'
        return DigestPart(self._keys[post], code, payload, send_at, [each.ref for each in new])

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

    def _alike(self, due: DueRungs, case: Case, clock: Clock, calendar: Calendar) -> "_Alike":
        """Return what the lines say of all whose deadlines stand alike, and when they go out.

        Canonical JSON by hand, keys in their order: only a few of its values differ from line to line.
        """
        found = self._known.get((id(due), clock.term))
        if found is not None:
            return found
        rung = due.rungs[-1].rung
        send_at = self._now_at if rung.night else self._working_at(calendar)
        day = clock.due_on
        if clock.due_at is not None:
            day = instant(clock.due_at).astimezone(calendar.zone).isoformat()
        fixed, unit = self._fixed(due, clock)
        theirs = '"theirs":true,' if due.declared.is_theirs else ""
        found = _Alike(
            due,
            send_at,
            day,
            f'{fixed},"due":"{day}",',
            f'"left":{self._days_left(due.declared, clock, calendar, send_at, unit)},'
            f'"level":{encode_basestring(rung.level)},"number":',
            f'{theirs}"unit":{encode_basestring(self._recipients.unit(case.unit))}}}',
        )
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[id(due), clock.term] = found
        return found

    def _fixed(self, due: DueRungs, clock: Clock) -> tuple[str, str]:
        """Return what a line says of every case of that workflow and deadline, without its brackets, and its unit."""
        key = due.workflow.name, due.workflow.version, due.declared.name, clock.term
        found = self._said.get(key)
        if found is None:
            unit = counted_in(due.declared, clock)
            fixed = {
                "case": _both(due.workflow.title),
                "counted_in": unit,
                "deadline": _both(due.declared.title),
            }
            found = self._said[key] = canonical(fixed)[1:-1], unit
        return found

    def _days_left(self, declared: Deadline, clock: Clock, calendar: Calendar, send_at: int, unit: str) -> int:
        """Return how much is left in the deadline's own unit when the message goes out; negative when late."""
        key = (clock.due_on, clock.due_at, unit, calendar.label, send_at)
        found = self._left.get(key)
        if found is None:
            now, today = instant(send_at), local_day(send_at, self._zone)
            found = self._left[key] = left(declared, clock, now=now, today=today, calendar=calendar)
        return found


def _both(title: Text) -> dict[str, str]:
    """Return a title in both languages, as messages carry it."""
    return {"en": title.en, "zh": title.zh}
