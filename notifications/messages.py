"""What travels through this room: a row that was promised, its message, and how the delivery went."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import MappingProxyType

from engine.language import Language, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """The hours of the day in which a person wants no message; half-open, may pass midnight."""

    begins: time
    ends: time
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """The officer a row is promised to."""

    code: str
    name: str
    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Channel name to address there, the preferred channel first; "" where a channel needs none."""
    quiet: QuietHours | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxMessage:
    """One promise to one person, as the outbox hands it over."""

    id: int
    key: str
    """Unique and made of the facts that caused it: "digest:2019-07-04/officer:17"."""
    kind: str
    language: Language
    recipient: Recipient
    unit: str
    """The unit in whose name it is said, as people read it."""
    payload: Mapping[str, object]
    """Only what `payloads.KINDS` permits for its kind."""
    created_at: datetime
    attempts: int = 0
    """Counted attempts before this claim."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A paper that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeNotice:
    """What a program outside hears of a change of a case: that there was one, and where to look."""

    number: str
    trigger: str
    """The step as its workflow names it, or `opened`, `amended`, `handed_over`, `voided`."""
    revision: int
    """Counts the rows of the case's journal; a lower one that comes later is older."""
    at: str
    """When, as an instant with its zone."""
    rehearsal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A rendered row, ready for any channel."""

    key: str
    message_id: str
    """The part before the @ of every Message-ID it ever goes out under."""
    to: str
    """The recipient's name, as people read it."""
    language: Language
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    brief: str = ""
    """What a service outside the house may carry: numbers, terms and days, but no name of a person or a unit."""
    link: str | None = None
    """Where the desk shows it after log-in; None if no desk is declared."""
    change: ChangeNotice | None = None
    """What happened, in a message to a program."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """The other side has said yes."""

    receipt: str = ""
    """What it said, for the record; never a secret."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryLater:
    """Not taken now; nothing speaks against the message itself."""

    reason: Text
    channel_down: bool = False
    """True if the next message would meet the same fate: unreachable, silent, no login."""
    counted: bool = True
    """False if nothing was tried, so that the message has lost none of its attempts."""
    wait: timedelta | None = None
    """How long the other side asks us to wait at least."""
    blocked: bool = False
    """True if the channel takes no message at all until that wait is over; what is asked meanwhile may prolong it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The other side has said no for good; the same message would be refused again."""

    reason: Text
    status: int | None = None
    """Of the HTTP answer that said it, if one did."""
    gone: bool = False
    """True if it wants no message at all any more."""


Delivery = Delivered | RetryLater | Refused


def message_id_of(key: str) -> str:
    """Return the part before the @ of the Message-ID for *key*: the same one at every resending.

    A digest of the key, so that a mail header gives away nothing the key is made of.
    """
    return hashlib.sha256(key.encode()).hexdigest()[:40]
