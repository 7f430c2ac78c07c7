"""E-mail against a real SMTP server, and against servers that misbehave."""

import logging
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from notices import NOW, message
from servers import (
    HOST,
    Authority,
    MailServer,
    Manner,
    RudeServer,
    babbling,
    closing,
    dripping,
    hanging,
    mail_talk,
)

from notifications.channels import Secret, Timeouts
from notifications.mailing import MailChannel, Security
from notifications.messages import Attachment, Delivered, Delivery, Refused, RetryLater

PASSWORD = "s3cret/口令+word"
QUICK = Timeouts(connect=0.3, total=0.3)
CALM = Timeouts(connect=5, total=10)


def channel(
    port: int, security: Security = "none", *, login: bool = False, ca: Path | None = None, timeouts: Timeouts = CALM
) -> MailChannel:
    """Return the mail channel of these tests."""
    return MailChannel(
        name="mail",
        host=HOST,
        port=port,
        security=security,
        sender="清零 <ledger@bureau.invalid>",
        user="ledger" if login else None,
        password=Secret(PASSWORD) if login else None,
        ca=ca,
        timeouts=timeouts,
    )


def send(given: MailChannel) -> Delivery:
    """Send the message of these tests."""
    return given.deliver(message(), "officer@bureau.invalid", now=NOW)


@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
@pytest.mark.parametrize("login", [False, True], ids=["open", "login"])
def test_a_letter_arrives_whole(security: Security, login: bool, tmp_path: Path) -> None:
    """Plain, by STARTTLS or by SSL, with or without login: subject, text, HTML and paper arrive as sent."""
    authority = Authority()
    context = authority.context()
    paper = Attachment(name="催办单 甲.docx", media_type="application/msword", content=b"PK\x00paper")
    with MailServer(
        starttls=context if security == "starttls" else None,
        tls=context if security == "ssl" else None,
        login=("ledger", PASSWORD) if login else None,
    ) as server:
        outcome = channel(server.port, security, login=login, ca=authority.file(tmp_path)).deliver(
            message(attachments=(paper,)), "officer@bureau.invalid", now=NOW
        )
    assert isinstance(outcome, Delivered), outcome
    (letter,) = server.letters
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    (attached,) = letter.iter_attachments()

    assert text is not None
    assert html is not None
    assert letter["Subject"] == "【清零】1 个今天到期"
    assert letter["To"] == "甲某 <officer@bureau.invalid>"
    assert letter["From"] == "清零 <ledger@bureau.invalid>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == NOW
    assert text.get_content().replace("\r\n", "\n") == "XQ-XS-2019-0001 核查期限：今天到期。\n"
    assert "今天到期" in html.get_content()
    assert (attached.get_filename(), attached.get_content()) == ("催办单 甲.docx", b"PK\x00paper")


def test_the_message_id_is_the_same_at_every_resending() -> None:
    """Sent again hours later, a row goes out under the same Message-ID; another row does not."""
    with MailServer() as server:
        sender = channel(server.port)
        sender.deliver(message(), "officer@bureau.invalid", now=NOW)
        sender.deliver(message("anders\n"), "officer@bureau.invalid", now=NOW + timedelta(hours=5))
        sender.deliver(message(key="another"), "officer@bureau.invalid", now=NOW)
    first, again, other = (letter["Message-ID"] for letter in server.letters)

    assert first == again
    assert first != other
    assert first.endswith("@bureau.invalid>")


@pytest.mark.parametrize(
    ("replies", "kind", "down", "told"),
    [
        pytest.param({"rcpt": "550 no such user"}, Refused, None, "550 no such user", id="no such user"),
        pytest.param({"rcpt": "451 greylisted"}, RetryLater, False, "451 greylisted", id="greylisted"),
        pytest.param({"data": "554 spam"}, Refused, None, "554 spam", id="taken for spam"),
        pytest.param({"data": "452 disk full"}, RetryLater, False, "452 disk full", id="disk full"),
        pytest.param({"data": "421 closing"}, RetryLater, True, "421 closing", id="shutting down"),
    ],
)
def test_a_no_is_told_from_a_not_now(replies: dict[str, str], kind: type, down: bool | None, told: str) -> None:
    """5xx is a refusal for good, 4xx is tried again; the server's words are repeated on one line."""
    with MailServer(replies=replies) as server:
        outcome = send(channel(server.port))

    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Delivered)
    assert told in outcome.reason.zh
    assert getattr(outcome, "channel_down", None) is down


TALK = ("220 hello", "250 test", "250 sender", "250 recipient", "354 go on")


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        pytest.param(hanging, "no answer within 0.3 s", id="hangs at the greeting"),
        pytest.param(mail_talk("220 hello", then=hanging), "no answer within", id="hangs at EHLO"),
        pytest.param(mail_talk(*TALK[:4], then=hanging), "no answer within", id="hangs at DATA"),
        pytest.param(dripping, "no answer within 0.3 s", id="drips for ever"),
        pytest.param(closing, "closed the connection midway", id="closes at once"),
        pytest.param(mail_talk(*TALK[:3]), "closed the connection midway", id="closes at RCPT"),
        pytest.param(babbling, "not SMTP", id="talks garbage"),
        pytest.param(mail_talk("421 too busy"), "421 too busy", id="too busy"),
    ],
)
def test_a_server_that_misbehaves_costs_a_wait(manner: Manner, told: str) -> None:
    """Whatever the server does short of a refusal: one line, tried again, and the channel counts as down."""
    with RudeServer(manner) as server:
        outcome = send(channel(server.port, timeouts=QUICK))

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
    assert told in outcome.reason.en
    assert "\n" not in outcome.reason.zh


@pytest.mark.parametrize("goodbye", [hanging, closing, babbling], ids=["hangs", "closes", "garbage"])
def test_a_letter_that_was_accepted_is_delivered_whatever_comes_after(goodbye: Manner) -> None:
    """Once the server has said yes to the letter, no trouble at the goodbye sends it again."""
    with RudeServer(mail_talk(*TALK, "250 taken", then=goodbye)) as server:
        outcome = send(channel(server.port, timeouts=Timeouts(connect=0.3, total=5)))

    assert isinstance(outcome, Delivered)


def test_nobody_listens() -> None:
    """A closed port is said to be one."""
    with MailServer() as server:
        port = server.port
    outcome = send(channel(port))

    assert isinstance(outcome, RetryLater)
    assert "no connection" in outcome.reason.en


@pytest.mark.parametrize("security", ["starttls", "ssl"])
@pytest.mark.parametrize("fault", ["unknown authority", "another name"])
def test_a_bad_certificate_stops_the_conversation(security: Security, fault: str, tmp_path: Path) -> None:
    """With a certificate of an unknown authority or another name nothing is sent, not even the login."""
    authority = Authority()
    context = authority.context("other.invalid" if fault == "another name" else HOST)
    ca = authority.file(tmp_path) if fault == "another name" else None
    with MailServer(
        starttls=context if security == "starttls" else None, tls=context if security == "ssl" else None
    ) as server:
        outcome = send(channel(server.port, security, login=True, ca=ca))

    assert isinstance(outcome, RetryLater)
    assert "certificate is not valid" in outcome.reason.en
    assert server.letters == []


def test_no_starttls_no_mail() -> None:
    """A server that does not offer STARTTLS gets nothing in clear text."""
    with MailServer() as server:
        outcome = send(channel(server.port, "starttls"))

    assert isinstance(outcome, RetryLater)
    assert "offers no STARTTLS" in outcome.reason.en
    assert server.letters == []


def test_a_wrong_password_is_not_repeated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A server that repeats the wrong password does not get it into reason, repr or log."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the test server's own
    authority = Authority()
    with MailServer(tls=authority.context(), login=("ledger", "other")) as server:
        given = channel(server.port, "ssl", login=True, ca=authority.file(tmp_path))
        outcome = send(given)

    assert isinstance(outcome, RetryLater)
    assert "login was refused" in outcome.reason.en
    assert PASSWORD not in repr(given) + repr(outcome) + caplog.text


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "a@b.invalid, c@d.invalid", "a@b.invalid\nBcc: c@d.invalid", "@b", "a@"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """No address is made of what is none, and none smuggles in a second one."""
    outcome = channel(1).deliver(message(), address, now=NOW)

    assert isinstance(outcome, Refused)


def test_certificates_are_always_checked() -> None:
    """No setting turns the check of certificates off."""
    from notifications.channels import trust

    context = trust(None)

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
