"""Invented rows and messages, and an outbox of a few lines, for the tests of notifications."""

# ruff: noqa: ARG002 - the outbox of the tests needs less than it is told

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType

from engine.language import Language
from notifications.messages import Attachment, Message, OutboxMessage, QuietHours, Recipient, message_id_of
from notifications.render import Templates
from workflows.loader import Declarations

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2019, 7, 4, 9, 0, tzinfo=BEIJING)

CASE = {"zh": "问题线索", "en": "Lead"}
TERM = {"zh": "核查期限", "en": "Verification"}
ACTION = {"zh": "核查并填写结论", "en": "Verify and enter the finding"}


def shipped_templates(own: Path | None = None) -> Templates:
    """Return the templates with the shipped levels of reminding, and files of the user's own before them."""
    return Templates(own, levels=Declarations().levels())


def entry(
    number: int, due: str, level: str, left: int | None, counted_in: str = "days", **more: object
) -> dict[str, object]:
    """Return one entry of a digest."""
    found: dict[str, object] = {
        "number": f"XQ-XS-2019-{number:04}",
        "case": CASE,
        "deadline": TERM,
        "level": level,
        "due": due,
        "action": ACTION,
        **more,
    }
    return found if left is None else {**found, "left": left, "counted_in": counted_in}


WEEKLY = {"zh": "线索周报", "en": "Weekly return"}

DIGEST: Mapping[str, object] = {
    "as_of": "2019-07-04",
    "entries": [
        entry(19, "2019-07-12", "remind", 6, "working_days", provisional=True),
        entry(15, "2019-07-04", "remind", 0),
        entry(12, "2019-06-04", "listed", -30),
        entry(14, "2019-07-03", "chase", -1, acting_for="乙某"),
        entry(13, "2019-06-27", "supervise", -7),
        entry(16, "2019-07-05", "remind", 1, "working_days"),
        entry(17, "2019-07-05T17:30+08:00", "remind", 32, "hours"),
        entry(18, "2019-07-07", "remind", None),
    ],
}

PAYLOADS: Mapping[str, Mapping[str, object]] = {
    "digest": DIGEST,
    "notice": {
        "event": "assigned",
        "number": "XQ-XS-2019-0001",
        "case": CASE,
        "deadline": TERM,
        "due": "2019-08-01",
        "action": ACTION,
        "by": "丙某",
        "acting_for": "乙某",
    },
    "test": {"by": "丙某", "sent_at": "2019-07-04T09:00+08:00"},
    "calendar_missing": {"year": 2020, "last_year": 2019, "provisional": 3},
    "key_replaced": {"key": "0f1e2d3c4b5a6978", "by": "丙某", "replaced_at": "2019-07-04T09:00+08:00"},
    "return_due": {
        "title": {"zh": "线索周报", "en": "Weekly return"},
        "period": "2019-W27",
        "number": "XQ-BB-2019-0027",
        "due": "2019-07-05T17:00+08:00",
        "left": -2,
        "counted_in": "hours",
    },
    "returns_due": {
        "returns": [
            {"title": WEEKLY, "period": "2019-W28", "number": "XQ-BB-2019-0029", "due": "2019-07-12"},
            {"title": WEEKLY, "period": "2019-W27", "number": "XQ-BB-2019-0027", "due": "2019-07-05"},
            {"title": {"zh": "线索月报", "en": "Monthly return"}, "period": "2019-06", "due": "2019-07-05"},
        ]
    },
    "to_sign": {
        "signatures": [
            {
                "number": "XQ-XS-2019-0007",
                "case": {"zh": "问题线索", "en": "Lead"},
                "signature": {"zh": "签批人", "en": "Signed by"},
                "step": {"zh": "改类", "en": "Reclassify"},
            },
            {"number": "XQ-XS-2019-0009", "case": {"zh": "问题线索", "en": "Lead"}},
        ]
    },
    "unsigned": {
        "signatures": [
            {
                "number": "XQ-XS-2019-0007",
                "case": {"zh": "问题线索", "en": "Lead"},
                "signature": {"zh": "签批人", "en": "Signed by"},
                "step": {"zh": "改类", "en": "Reclassify"},
                "of": "李某",
                "why": {"zh": "未予签字", "en": "declined"},
            }
        ]
    },
    "change": {"number": "XQ-XS-2019-0007", "trigger": "assign", "revision": 2, "at": "2019-07-04T09:00:00+08:00"},
    "undelivered": {
        "failures": [
            {"id": 7, "to": "王某", "why": "mail (mx.invalid): refused, 550 no such user"},
            {"id": 9, "to": "李某", "why": "被退回：无此信箱"},
        ]
    },
}


def row(
    kind: str = "test",
    *,
    language: Language = "zh",
    key: str = "digest:2019-07-04/officer:17",
    payload: Mapping[str, object] | None = None,
    addresses: Mapping[str, str] | None = None,
    quiet: QuietHours | None = None,
    attempts: int = 0,
    id: int = 1,  # noqa: A002 - the row's own name for it
) -> OutboxMessage:
    """Return one promised row."""
    name = "甲某" if language == "zh" else "Officer A"
    return OutboxMessage(
        id=id,
        key=key,
        kind=kind,
        language=language,
        recipient=Recipient(
            code="officer-a", name=name, addresses=MappingProxyType(dict(addresses or {})), quiet=quiet
        ),
        unit="某县卫生健康局" if language == "zh" else "County Health Bureau",
        payload=PAYLOADS[kind] if payload is None else payload,
        created_at=NOW,
        attempts=attempts,
    )


def message(
    text: str = "XQ-XS-2019-0001 核查期限：今天到期。\n",
    *,
    key: str = "digest:2019-07-04/officer:17",
    subject: str = "【清零】1 个今天到期",
    html: str | None = "<p>今天到期</p>",
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """Return one rendered message."""
    return Message(
        key=key,
        message_id=message_id_of(key),
        to="甲某",
        language="zh",
        subject=subject,
        text=text,
        html=html,
        attachments=attachments,
    )


@dataclass(slots=True)
class Shelf:
    """An outbox in memory: rows, when each is free, and what was recorded of each."""

    rows: dict[int, OutboxMessage]
    free_at: dict[int, datetime] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    retried: list[tuple[str, datetime, str, bool]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    blocks: dict[str, datetime] = field(default_factory=dict)
    switched: list[tuple[str, bool]] = field(default_factory=list)

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[OutboxMessage]:
        """Take rows that are free at *now*, in the order of their ids."""
        free = [r for i, r in sorted(self.rows.items()) if self.free_at.get(i, datetime.min.replace(tzinfo=UTC)) <= now]
        for found in free[:limit]:
            self.free_at[found.id] = now + lease
        return free[:limit]

    def mark_sent(self, row: OutboxMessage, at: datetime, channel: str, receipt: str) -> None:
        """Take the row off the shelf."""
        del self.rows[row.id]
        self.sent.append((row.key, channel))

    def mark_retry(
        self, row: OutboxMessage, at: datetime, next_try_at: datetime, reason: str, *, counted: bool
    ) -> None:
        """Put the row back."""
        self.rows[row.id] = replace(row, attempts=row.attempts + counted)
        self.free_at[row.id] = next_try_at
        self.retried.append((row.key, next_try_at, reason, counted))

    def mark_failed(self, row: OutboxMessage, at: datetime, reason: str) -> None:
        """Put the row with the failed ones."""
        del self.rows[row.id]
        self.failed.append((row.key, reason))

    def blocked(self) -> Mapping[str, datetime]:
        """Return until when channels take nothing."""
        return self.blocks

    def switch(self, channel: str, at: datetime, *, on: bool) -> None:
        """Remember whether a program wants changes."""
        self.switched.append((channel, on))

    def block(self, channel: str, until: datetime) -> None:
        """Remember it."""
        self.blocks[channel] = until


def shelf(*rows: OutboxMessage) -> Shelf:
    """Return a shelf with *rows* on it."""
    return Shelf(rows={found.id: found for found in rows})
