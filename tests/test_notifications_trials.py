"""Channels that stay on the machine take whatever address there is, and mind a reader that goes away."""

import os
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from notices import NOW, message, row, shelf, shipped_templates

from notifications.dispatch import dispatch
from notifications.messages import Delivered, RetryLater
from notifications.trials import ConsoleChannel, FileChannel


@pytest.mark.parametrize(
    "address", ["li", "李某", "13900000000", "a b", "li@example.invalid", "a\nBcc: b@c.invalid", ""]
)
def test_a_folder_takes_any_address(tmp_path: Path, address: str) -> None:
    """A plain name is as good as a mail address, and stands in the letter; nothing is smuggled in."""
    outcome = FileChannel(name="trial", folder=tmp_path).deliver(message(), address, now=NOW)
    (path,) = tmp_path.glob("*.eml")
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)

    assert isinstance(outcome, Delivered)
    assert letter["Bcc"] is None
    assert " ".join(address.split()) in (letter["X-Qingling-Address"] or str(letter["To"]))


def test_a_screen_whose_reader_has_left() -> None:
    """A closed pipe costs the message no attempt: it waits, and no fault of the program is told."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    screen = ConsoleChannel(name="screen", stream=stream)
    outcome = screen.deliver(message(), "", now=NOW)
    outbox = shelf(row(addresses={"screen": ""}))
    report = dispatch(outbox, {"screen": screen}, shipped_templates(), now=NOW, limit=9)
    with suppress(BrokenPipeError):
        stream.close()

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
    assert [counted for *_, counted in outbox.retried] == [False]
    assert "unexpectedly" not in report.waiting[0].reason.en
