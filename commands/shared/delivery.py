"""Between the ledger's outbox and the room that sends: the only place that knows both."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from commands.console.context import beside
from commands.console.environment import CHANNELS, path_given, variable, variables
from engine.errors import BadFileError
from engine.language import Language, Text
from engine.operations.house.contacts import MAIL, SETTINGS
from engine.operations.house.directory import officers
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.ledger import Ledger
from engine.operations.outbox import changes, promises
from engine.operations.outbox.promises import Promise
from engine.operations.outbox.undelivered import FailureReports
from engine.working_days.instants import instant
from notifications.channels import Channel
from notifications.dispatch import DispatchReport, dispatch
from notifications.messages import OutboxMessage, QuietHours, Recipient
from notifications.render import Templates
from notifications.settings import Settings, read_settings
from notifications.trials import ConsoleChannel, FileChannel

ROUND: Final = 100
"""Messages claimed at a time."""


class Mailbag:
    """The outbox of a ledger as the room that sends wants it: rows with recipients, claims and records."""

    def __init__(self, ledger: Ledger, channels: Mapping[str, Channel]) -> None:
        """Read who is reached how."""
        self._ledger = ledger
        self._zone = ledger.zone
        self._reports = FailureReports(ledger)
        self._unit = str(ledger.settings.get("name") or "")
        self._language: Language = "en" if ledger.settings.get("language") == "en" else "zh"
        self._channels = channels
        self._officers = {each.code: each for each in officers(ledger)}

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[OutboxMessage]:
        """Take rows that are due, without what no longer holds; a row with nothing left is cancelled."""
        return tuple(self.row(*each) for each in promises.claim(self._ledger, now=now, limit=limit, lease=lease))

    def mark_sent(self, row: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
        """Record that a channel has taken the row."""
        promises.mark_sent(self._ledger, row.id, at=at, channel=channel, receipt=receipt)

    def mark_retry(
        self,
        row: OutboxMessage,
        at: datetime,  # noqa: ARG002 - the Protocol's signature
        next_try_at: datetime,
        reason: str,
        *,
        counted: bool,
    ) -> None:
        """Put the row back."""
        promises.mark_retry(self._ledger, row.id, next_try_at=next_try_at, reason=reason, counted=counted)

    def mark_failed(self, row: OutboxMessage, at: datetime, reason: str) -> None:
        """Record that the row is given up, and promise a report to those who keep the ledger."""
        self._reports.record_failed(row.id, row.kind, row.recipient.code, reason, at)

    def blocked(self) -> Mapping[str, datetime]:
        """Return until when channels take nothing."""
        return promises.blocked(self._ledger)

    def block(self, channel: str, until: datetime) -> None:
        """Remember that a channel takes nothing until then."""
        promises.block(self._ledger, channel, until)

    def switch(self, channel: str, at: datetime, *, on: bool) -> None:
        """Remember whether a program wants changes of cases."""
        changes.switch(self._ledger, channel, at=at, on=on)

    def waiting(self, promise_id: int | None = None) -> list[OutboxMessage]:
        """Return the rows that would go out, as they would."""
        return [self.row(*each) for each in promises.waiting(self._ledger, promise_id)]

    def row(self, promise: Promise, payload: Mapping[str, object]) -> OutboxMessage:
        """Return one promise as a row, with its recipient as reached now."""
        officer = self._officers.get(promise.recipient)
        contact = {} if officer is None else officer.contact
        language: Language = "en" if contact.get("language", self._language) == "en" else "zh"
        addresses = addresses_of(contact, self._channels)
        name = promise.recipient if officer is None else officer.name
        if promise.kind == changes.KIND:
            name = changes.channel_of(promise.recipient)
            addresses = {name: ""}
        return OutboxMessage(
            id=promise.id,
            key=promise.key,
            kind=promise.kind,
            language=language,
            recipient=Recipient(
                code=promise.recipient,
                name=name,
                addresses=MappingProxyType(addresses),
                quiet=quiet_of(contact, self._zone),
            ),
            unit=self._unit,
            payload=payload,
            created_at=instant(promise.created_at).astimezone(ZoneInfo(self._zone)),
            attempts=promise.attempts,
        )


class _OneMessage:
    """An outbox of one row that remembers nothing but which channels take no message for a while."""

    def __init__(self, row: OutboxMessage, bag: Mailbag) -> None:
        self._rows = [row]
        self.blocked, self.block, self.switch = bag.blocked, bag.block, bag.switch

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[OutboxMessage]:  # noqa: ARG002 - the Protocol's signature
        """Hand over the row, once."""
        return [self._rows.pop()] if self._rows else []

    def mark_sent(self, row: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
        """Leave it to the report."""

    def mark_retry(
        self, row: OutboxMessage, at: datetime, next_try_at: datetime, reason: str, *, counted: bool
    ) -> None:
        """Leave it to the report."""

    def mark_failed(self, row: OutboxMessage, at: datetime, reason: str) -> None:
        """Leave it to the report."""


def deliver(
    ledger: Ledger,
    settings: Settings,
    *,
    now: datetime,
    stopping: Event | None = None,
    stopwatch: Callable[[], float] = monotonic,
) -> DispatchReport:
    """Send all that is due, round by round, and return what became of it.

    Args:
        now: When the first round begins; a later one begins as much later as has passed since, so that
            what it claims stays claimed for a whole lease.
        stopwatch: Seconds that have passed since some moment.
    """
    begun, here = stopwatch(), now
    changes.promise(ledger, settings.changes, now=now)
    bag, templates = Mailbag(ledger, settings.channels), templates_of(ledger, settings)
    whole = DispatchReport()
    while True:
        report = dispatch(bag, settings.channels, templates, now=here, limit=ROUND, stopping=stopping)
        whole = DispatchReport(
            sent=whole.sent + report.sent,
            waiting=whole.waiting + report.waiting,
            failed=whole.failed + report.failed,
            left=whole.left + report.left,
        )
        done = len(report.sent) + len(report.waiting) + len(report.failed)
        if not done or report.left or (stopping is not None and stopping.is_set()):
            return whole
        here = now + timedelta(seconds=stopwatch() - begun)


def deliver_trial(ledger: Ledger, settings: Settings, to: str, *, now: datetime) -> DispatchReport:
    """Send a test message to an officer past the outbox, and return what became of it.

    Args:
        to: Code of the officer.
        now: Aware instant by which it is dated.
    """
    trial = promises.trial(ledger, to, now=now)
    bag = Mailbag(ledger, settings.channels)
    one = _OneMessage(bag.row(trial, trial.payload), bag)
    return dispatch(one, settings.channels, templates_of(ledger, settings), now=now, limit=1)


def templates_of(ledger: Ledger, settings: Settings) -> Templates:
    """Return the templates of messages; those of a rehearsal ledger mark each message."""
    return Templates(settings.templates, levels=ledger.workflows.levels(), mark=mark_of(ledger), desk=settings.desk)


def channels_file(ledger: Ledger, database: str) -> Path | None:
    """Return the file that declares the channels: QINGLING_CHANNELS, the setting, or the one beside the database."""
    named = variable(CHANNELS) or ledger.settings.get("channels")
    if named:
        return path_given(str(named))
    found = beside(database, "channels.yaml")
    return found if found is not None and found.exists() else None


def channels_of(ledger: Ledger, database: str) -> Settings:
    """Return the channels that are set up.

    Raises:
        BadFileError: If none are, or the file cannot be read.
        InvalidWorkflowError: If the file is not sound.
    """
    file = channels_file(ledger, database)
    if file is None:
        where = beside(database, "channels.yaml")
        place = f"{where}" if where is not None else CHANNELS
        raise BadFileError(
            Text(
                f"no channel is set up; declare them in a file: {place} (or {CHANNELS}); docs/deployment.md shows one",
                f"尚未配置发送通道；请写一个文件：{place}（或以 {CHANNELS} 指定），样例见 docs/zh/deployment.md",
            )
        )
    return read_settings(file, variables())


def declared_channels(ledger: Ledger, database: str) -> Mapping[str, bool] | None:
    """Return the channels that are set up, each with whether it is mail; None if no file declares any.

    Raises:
        BadFileError: If the file cannot be read.
        InvalidWorkflowError: If it is not sound.
    """
    from notifications.mailing import MailChannel

    if channels_file(ledger, database) is None:
        return None
    found = channels_of(ledger, database).channels
    return {name: isinstance(each, MailChannel) or name in MAIL for name, each in found.items()}


def addresses_of(contact: Mapping[str, object], channels: Mapping[str, Channel]) -> dict[str, str]:
    """Return an officer's channels with the addresses there, the preferred one first.

    Who has chosen nothing and has no address hears by channels that stay on this machine, if there are any.
    """
    given = {name: str(value) for name, value in contact.items() if name not in SETTINGS}
    wanted = contact.get("channels")
    order = [str(each) for each in wanted] if isinstance(wanted, list) else []
    found = {name: given.get(name, "") for name in order}
    found.update({name: given[name] for name in channels if name in given and name not in found})
    if not any(name in channels for name in found):
        found.update({name: "" for name, each in channels.items() if isinstance(each, FileChannel | ConsoleChannel)})
    return found


def quiet_of(contact: Mapping[str, object], zone: str) -> QuietHours | None:
    """Return the hours in which an officer wants no message."""
    words = contact.get("quiet")
    if not isinstance(words, str) or "-" not in words:
        return None
    begins, _, ends = words.partition("-")
    return QuietHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), zone=zone)
