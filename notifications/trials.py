"""Channels that do not leave the machine: a folder and the screen for trials, and one that is not ready."""

import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, TextIO

from engine.errors import system_reason
from engine.language import Text
from notifications.mailing import letter_of
from notifications.messages import Delivered, Delivery, Message, RetryLater

Shape = Literal["eml", "json"]

_NOBODY = "trial@localhost.localdomain"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChannel:
    """A folder that receives one file per message; the same message again replaces its file."""

    name: str
    folder: Path
    shape: Shape = "eml"
    sender: str = "qingling@localhost.localdomain"

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Write *message*; the file is there whole or not at all."""
        path = self.folder / f"{message.message_id}.{self.shape}"
        fresh = path.with_suffix(".part")
        content = self._content(message, address, now)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
        except OSError as error:
            sentence = Text("{name}: cannot write to {folder} ({why})", "{name}：无法写入 {folder}（{why}）")
            reason = sentence.format(name=self.name, folder=self.folder, why=system_reason(error))
            return RetryLater(reason=reason, channel_down=True)
        return Delivered(receipt=path.name)

    def _content(self, message: Message, address: str, now: datetime) -> bytes:
        """Return the file's content in the declared shape."""
        if self.shape == "eml":
            return self._letter(message, address, now).as_bytes()
        fields = {
            "key": message.key,
            "message_id": message.message_id,
            "at": now.isoformat(),
            "to": {"name": message.to, "address": address},
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "attachments": [paper.name for paper in message.attachments],
        }
        return json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"

    def _letter(self, message: Message, address: str, now: datetime) -> EmailMessage:
        """Return the letter; an address that is none for mail stands in a line of its own."""
        try:
            return letter_of(message, sender=self.sender, address=address or _NOBODY, now=now)
        except ValueError:
            letter = letter_of(message, sender=self.sender, address=_NOBODY, now=now)
            letter["X-Qingling-Address"] = " ".join(address.split())
            return letter


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleChannel:
    """The screen."""

    name: str
    stream: TextIO | None = None
    """None: standard output, as it is when the message comes."""

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Print *message*."""
        to = f"{message.to} <{address}>" if address else message.to
        head = f"── {now.isoformat(timespec='minutes')} → {to}\n{message.subject}\n\n"
        try:
            print(head + message.text, file=self.stream or sys.stdout, flush=True)
        except BrokenPipeError:
            sentence = Text("{name}: nobody reads the screen any more", "{name}：输出已被关闭")
            return RetryLater(reason=sentence.format(name=self.name), channel_down=True, counted=False)
        return Delivered(receipt="console")


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsentChannel:
    """A channel that is declared but cannot work here: one of its secrets is not there."""

    name: str
    missing: Text
    """Which one, and what to do."""

    @property
    def reason(self) -> Text:
        """Return why nothing goes out this way, in one line."""
        sentence = Text("{name} is down: {missing}", "{name} 不可用：{missing}")
        return sentence.format(name=self.name, missing=self.missing)

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - the Protocol's signature
        """Leave *message* waiting."""
        return RetryLater(reason=self.reason, channel_down=True, counted=False)
