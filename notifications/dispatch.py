"""Delivery: claim promised rows, send them outside any lock, record how it went.

Whatever happens between claim and record, the row stays in the outbox: it is delivered at least
once, always under the same Message-ID. Each channel works through its own queue in its own
thread, so that a hanging one costs nobody else's time; the outbox is spoken to by one thread only.
"""

import threading
import time as clocks
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.errors import BadFileError, RefusedError
from engine.language import Text
from notifications.channels import Channel
from notifications.messages import (
    Attachment,
    Delivered,
    Delivery,
    Message,
    OutboxMessage,
    Refused,
    RetryLater,
)
from notifications.render import Templates
from notifications.waiting import GIVE_UP_AFTER, PUT_BACK, end_of_quiet, jitter_of, next_try

LEASE = timedelta(minutes=5)
"""How long a claim holds; after a crash the rows are free again then."""

DOWN_AFTER = 3
"""Channel faults in a row after which the rest of that channel's rows are put back untried."""

_OF_LEASE = 0.8  # beyond it no delivery is begun: the last one must end before others may claim its row

Attach = Callable[[OutboxMessage], Sequence[Attachment]]


class Outbox(Protocol):
    """Where promised messages wait; `Store` fits it without knowing it."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[OutboxMessage]:
        """Take up to *limit* rows due at *now*; nobody else gets them before *lease* is over."""

    def mark_sent(self, row: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
        """Record that *channel* has taken the row."""

    def mark_retry(
        self, row: OutboxMessage, at: datetime, next_try_at: datetime, reason: str, *, counted: bool
    ) -> None:
        """Put the row back until *next_try_at*; it has cost an attempt only if *counted*."""

    def mark_failed(self, row: OutboxMessage, at: datetime, reason: str) -> None:
        """Record that the row will not be tried again unless somebody asks."""

    def blocked(self) -> Mapping[str, datetime]:
        """Return until when channels take nothing, after too many messages; those whose time is over may be there."""

    def block(self, channel: str, until: datetime) -> None:
        """Remember, for later runs and other processes, that a channel takes nothing until then."""

    def switch(self, channel: str, at: datetime, *, on: bool) -> None:
        """Remember that a program wants no more changes, or that it has taken one; for people nothing changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undelivered:
    """One row that did not go out, and why."""

    key: str
    recipient: str
    reason: Text
    next_try_at: datetime | None = None
    """None if it will not be tried again by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchReport:
    """What one run of delivery did."""

    sent: tuple[tuple[str, str], ...] = ()
    """Key of the row, channel that took it."""
    waiting: tuple[Undelivered, ...] = ()
    """Put back: tried in vain, quiet hours, or behind a channel that is down."""
    failed: tuple[Undelivered, ...] = ()
    left: tuple[str, ...] = ()
    """Keys not come to before the claim ran out or the run was stopped; free again at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What would go out for one row."""

    row: OutboxMessage
    message: Message | None
    problem: Text | None = None


def preview(
    rows: Iterable[OutboxMessage], templates: Templates, *, attach: Attach | None = None
) -> tuple[Preview, ...]:
    """Return each of *rows* as it would be sent, or why it cannot be; nothing is sent."""
    shown = []
    for row in rows:
        try:
            shown.append(Preview(row=row, message=templates.render(row, attach(row) if attach else ())))
        except (BadFileError, RefusedError) as error:
            shown.append(Preview(row=row, message=None, problem=error.sentence))
    return tuple(shown)


def dispatch(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    templates: Templates,
    *,
    now: datetime,
    limit: int,
    lease: timedelta = LEASE,
    attach: Attach | None = None,
    stopping: threading.Event | None = None,
    clock: Callable[[], float] = clocks.monotonic,
) -> DispatchReport:
    """Deliver up to *limit* rows that are due at *now*, and return what became of them.

    A row goes to its recipient's channels in their order until one takes it. If none does and one
    may do so later, it waits longer each time and is given up after `GIVE_UP_AFTER` attempts; if
    all have refused, it has failed. Safe to be run by several at once.

    Args:
        attach: Returns the papers of a row.
        stopping: Once set, deliveries under way are finished and no new one is begun.
        clock: Seconds that pass while the run lasts.
    """
    run = _Run(
        outbox=outbox,
        channels=channels,
        now=now,
        clock=clock,
        lease=lease,
        stopping=stopping,
    )
    for row in outbox.claim(now, limit, lease):
        run.take(row, templates, attach)
    run.work()
    return run.report()


@dataclass(frozen=True, slots=True)
class _Untried:
    """A delivery that was not begun: the run ends (no reason), or the channel is down or takes nothing for a while."""

    reason: Text | None = None
    until: datetime | None = None
    """When the channel may be asked again, if it said so."""


_Outcome = Delivery | _Untried


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parcel:
    """A message on its way through its recipient's channels."""

    row: OutboxMessage
    message: Message
    route: tuple[str, ...]
    """Channels not yet tried, the next one first."""
    setbacks: tuple[RetryLater | Refused | _Untried, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Run:
    """One run: its queues, its circuit breakers and what has become of each row."""

    outbox: Outbox
    channels: Mapping[str, Channel]
    now: datetime
    clock: Callable[[], float]
    lease: timedelta
    stopping: threading.Event | None
    halted: threading.Event = field(default_factory=threading.Event)
    began: float = field(init=False)
    parcels: list[_Parcel] = field(default_factory=list)
    blocked: dict[str, datetime] = field(init=False)
    """Until when a channel takes nothing; each is written by its own channel's thread only."""
    faults: dict[str, int] = field(default_factory=dict)
    """Channel faults in a row; each is written by its own channel's thread only."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[Undelivered] = field(default_factory=list)
    failed: list[Undelivered] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.blocked = dict(self.outbox.blocked())

    def take(self, row: OutboxMessage, templates: Templates, attach: Attach | None) -> None:
        """Make a parcel of *row*, unless its recipient rests or nothing can be made of it."""
        quiet = row.recipient.quiet
        wakes_at = end_of_quiet(quiet, self.now) if quiet is not None and row.kind != "test" else None
        if wakes_at is not None:
            sentence = Text("quiet hours of {name}", "{name} 的免打扰时段").format(name=row.recipient.name)
            # Quiet hours are no failure: a row that waits for the morning is not given up for it.
            self._put_back(row, sentence, wakes_at, counted=False)
            return
        try:
            message = templates.render(row, attach(row) if attach else ())
        except RefusedError as error:
            self._give_up(row, error.sentence)
            return
        except BadFileError as error:
            # A broken template is mended by its owner; the row waits for that.
            self._try_later(row, (RetryLater(reason=error.sentence),))
            return
        route = tuple(name for name in row.recipient.addresses if name in self.channels)
        if not route:
            sentence = Text(
                "{name} has no address in any channel that is set up; enter one",
                "{name} 没有可用通道的地址；请补充",
            )
            self._try_later(row, (RetryLater(reason=sentence.format(name=row.recipient.name)),))
            return
        self.parcels.append(_Parcel(row=row, message=message, route=route))

    def work(self) -> None:
        """Send all parcels, each channel in its own thread, and record each outcome in this one."""
        with ExitStack() as stack:
            threads: dict[str, ThreadPoolExecutor] = {}
            under_way: dict[Future[_Outcome], _Parcel] = {}

            def send_off(parcel: _Parcel) -> None:
                name = parcel.route[0]
                if name not in threads:
                    # One thread each: a channel that hangs holds up no other, and its faults are counted without a
                    # lock.
                    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"deliver-{name}")
                    threads[name] = stack.enter_context(pool)
                under_way[threads[name].submit(self._deliver, parcel)] = parcel

            try:
                for parcel in self.parcels:
                    send_off(parcel)
                while under_way:
                    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    # In the order of the outbox, so that the same run tells the same story.
                    for future in [found for found in under_way if found in done]:
                        onward = self._record(under_way.pop(future), future.result())
                        if onward is not None:
                            send_off(onward)
            except BaseException:
                # What cannot be recorded must not be sent: the queues run dry without sending.
                self.halted.set()
                raise

    def report(self) -> DispatchReport:
        """Return what became of each row."""
        return DispatchReport(
            sent=tuple(self.sent),
            waiting=tuple(self.waiting),
            failed=tuple(self.failed),
            left=tuple(self.left),
        )

    def _deliver(self, parcel: _Parcel) -> _Outcome:
        """Try one parcel on its next channel; runs in that channel's thread."""
        name = parcel.route[0]
        stopped = self.halted.is_set() or (self.stopping is not None and self.stopping.is_set())
        if stopped or self._elapsed() > self.lease * _OF_LEASE:
            return _Untried()
        if self.faults.get(name, 0) >= DOWN_AFTER:
            return _Untried(Text("{name} is down, not tried", "{name} 不可用，未尝试").format(name=name))
        until = self.blocked.get(name)
        if until is not None and self._at() < until:
            sentence = Text(
                "{name} takes no more messages for a while, not tried", "{name} 发送过于频繁，暂停接收，未尝试"
            )
            return _Untried(sentence.format(name=name), until)
        address = parcel.row.recipient.addresses[name]
        outcome = _attempt(self.channels[name], parcel.message, address, now=self._at())
        down = isinstance(outcome, RetryLater) and outcome.channel_down
        self.faults[name] = self.faults.get(name, 0) + 1 if down else 0
        if isinstance(outcome, RetryLater) and outcome.blocked and outcome.wait is not None:
            self.blocked[name] = self._at() + outcome.wait
        return outcome

    def _record(self, parcel: _Parcel, outcome: _Outcome) -> _Parcel | None:
        """Record the *outcome* of one delivery; return the parcel if another channel is to try."""
        row = parcel.row
        match outcome:
            case Delivered():
                self.outbox.mark_sent(row, self._at(), parcel.route[0], outcome.receipt)
                if parcel.message.change is not None:
                    self.outbox.switch(parcel.route[0], self._at(), on=True)
                self.sent.append((row.key, parcel.route[0]))
                return None
            case _Untried(reason=None):
                sentence = Text("not come to in this run", "本轮未及发送")
                self.outbox.mark_retry(row, self._at(), self._at(), str(sentence), counted=False)
                self.left.append(row.key)
                return None
        if isinstance(outcome, RetryLater) and outcome.blocked:
            self.outbox.block(parcel.route[0], self.blocked[parcel.route[0]])
        if isinstance(outcome, Refused) and outcome.gone:
            self.outbox.switch(parcel.route[0], self._at(), on=False)
        setbacks = (*parcel.setbacks, outcome)
        if len(parcel.route) > 1:
            return replace(parcel, route=parcel.route[1:], setbacks=setbacks)
        if any(isinstance(setback, RetryLater) and setback.counted for setback in setbacks):
            self._try_later(row, setbacks)
        elif any(isinstance(setback, RetryLater | _Untried) for setback in setbacks):
            waits = [each.until for each in setbacks if isinstance(each, _Untried) and each.until is not None]
            self._put_back(row, _joined(setbacks), max([self._at() + PUT_BACK, *waits]), counted=False)
        else:
            self._give_up(row, _joined(setbacks))
        return None

    def _try_later(self, row: OutboxMessage, setbacks: Sequence[RetryLater | Refused | _Untried]) -> None:
        """Count the attempt; put the row back for longer than last time, or give it up."""
        attempts = row.attempts + 1
        if attempts >= GIVE_UP_AFTER:
            sentence = Text("given up after {n} attempts: {why}", "尝试 {n} 次后放弃：{why}")
            self._give_up(row, sentence.format(n=attempts, why=_joined(setbacks)))
            return
        again_at = next_try(attempts, self._at(), jitter_of(row.key, attempts))
        asked = [s.wait for s in setbacks if isinstance(s, RetryLater) and s.wait is not None]
        if asked:
            again_at = max(again_at, self._at() + max(asked))
        self._put_back(row, _joined(setbacks), again_at, counted=True)

    def _put_back(self, row: OutboxMessage, reason: Text, again_at: datetime, *, counted: bool) -> None:
        """Record that *row* waits until *again_at*."""
        self.outbox.mark_retry(row, self._at(), again_at, str(reason), counted=counted)
        self.waiting.append(_undelivered(row, reason, again_at))

    def _give_up(self, row: OutboxMessage, reason: Text) -> None:
        """Record that *row* has failed."""
        self.outbox.mark_failed(row, self._at(), str(reason))
        self.failed.append(_undelivered(row, reason, None))

    def _elapsed(self) -> timedelta:
        """Return how long the run has lasted."""
        return timedelta(seconds=self.clock() - self.began)

    def _at(self) -> datetime:
        """Return what time it is for this run."""
        return self.now + self._elapsed()


def _attempt(channel: Channel, message: Message, address: str, *, now: datetime) -> Delivery:
    """Deliver one message; what nobody foresaw costs this row an attempt and no other row anything."""
    try:
        return channel.deliver(message, address, now=now)
    except Exception as error:  # noqa: BLE001 - the one place: a single delivery must not end the run
        # Only the kind of the fault: its words may hold what must not be written down.
        sentence = Text("{name}: failed unexpectedly ({kind}); please report it", "{name}：意外错误（{kind}），请报告")
        return RetryLater(reason=sentence.format(name=channel.name, kind=type(error).__name__))


def _joined(setbacks: Sequence[RetryLater | Refused | _Untried]) -> Text:
    """Return all reasons as one sentence."""
    reasons = [setback.reason for setback in setbacks if setback.reason is not None]
    return Text("; ".join(r.en for r in reasons), "；".join(r.zh for r in reasons))


def _undelivered(row: OutboxMessage, reason: Text, again_at: datetime | None) -> Undelivered:
    """Return the line of the report for *row*."""
    return Undelivered(key=row.key, recipient=row.recipient.code, reason=reason, next_try_at=again_at)
